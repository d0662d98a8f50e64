/* The arrays of a model as one list: name, type, shape, where it is held, whether it belongs to
 * users, what must hold of it. Allocation, freeing, bytes, copies, checks, saving, loading and
 * dropping the users all go through it, so an array is named once. */
#ifndef MIXFILL_ARRAYS_H
#define MIXFILL_ARRAYS_H

#include "file/npy.h"

/* Where an array stands in a file: the order of members is part of "the same bytes". */
typedef enum mixfill_array_place {
    MIXFILL_BEFORE_IDS,     /* what is largest and of most interest */
    MIXFILL_AFTER_IDS,      /* the kind's, before the baselines */
    MIXFILL_OF_EVERY_KIND,  /* the baselines */
    MIXFILL_AFTER_BASELINES /* the kind's others */
} mixfill_array_place;

typedef enum mixfill_array_check {
    MIXFILL_FINITE,
    MIXFILL_POSITIVE,     /* finite and above 0 */
    MIXFILL_NOT_NEGATIVE, /* finite and at least 0; counts */
    MIXFILL_DISTRIBUTIONS /* rows of the last dimension that sum to 1 */
} mixfill_array_check;

typedef struct mixfill_array {
    const char *name;      /* of the member */
    mixfill_npy_type type; /* FLOAT64 or INT32 */
    mixfill_array_check check;
    mixfill_npy_shape shape; /* in a file */
    void *where;             /* of the pointer to the array; where in_place, of the numbers */
    const char *fault;       /* what to say where the check fails */
    mixfill_array_place place;
    bool in_place; /* a few numbers that lie in the struct itself */
    bool per_user; /* goes with the users */
    bool finished; /* only a finished model has it, not a fit's parameters */
    size_t padded; /* 0; else the last two dimensions (K,D) are held as (D,padded), padding 0 */
} mixfill_array;

enum { MIXFILL_MAX_ARRAYS = 24 };

typedef struct mixfill_array_list {
    mixfill_array array[MIXFILL_MAX_ARRAYS];
    size_t n;
} mixfill_array_list;

void mixfill_arrays_add(mixfill_array_list *list, mixfill_array array);

/* Shapes. */
static inline mixfill_npy_shape mixfill_vector(int64_t n) {
    return (mixfill_npy_shape){1, {n}};
}
static inline mixfill_npy_shape mixfill_matrix(int64_t rows, int64_t cols) {
    return (mixfill_npy_shape){2, {rows, cols}};
}

/* Which arrays something has: those of users, and those of a finished model. */
typedef struct mixfill_scope {
    bool users, finished;
} mixfill_scope;

bool mixfill_array_in(const mixfill_array *array, mixfill_scope scope);

/* The array or numbers; NULL where it is not there. */
void *mixfill_array_data(const mixfill_array *array);

/* Elements as held in memory, padding included; bytes of one. */
size_t mixfill_array_count(const mixfill_array *array);
size_t mixfill_array_item_bytes(const mixfill_array *array);

/* Allocate, zeroed, every array of the scope that is not there yet; false when out of memory, and
 * then what was made is for mixfill_arrays_free. */
bool mixfill_arrays_alloc(const mixfill_array_list *list, mixfill_scope scope);

/* Free the arrays, or those of users alone, and leave NULL behind. */
void mixfill_arrays_free(const mixfill_array_list *list);
void mixfill_arrays_free_users(const mixfill_array_list *list);

/* Copy what both have; lists of one kind and shape. */
void mixfill_arrays_copy(const mixfill_array_list *to, const mixfill_array_list *from);

/* Bytes of the arrays of the scope, there or not. */
size_t mixfill_arrays_bytes(const mixfill_array_list *list, mixfill_scope scope);

/* The fault of the first array that is there and fails its check, or NULL. */
const char *mixfill_arrays_fault(const mixfill_array_list *list);

#endif
