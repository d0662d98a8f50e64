/* Helpers shared by tests: reference data, random sparse matrices, comparisons. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <mixfill/mixfill.h>

#include <jansson.h>

/* A matrix with holes: x is 0 where mask is 0. */
typedef struct support_matrix {
    size_t n, d;
    double *x;           /* (n,d) */
    unsigned char *mask; /* (n,d) */
} support_matrix;

/* Nothing observed. */
support_matrix support_matrix_create(size_t n, size_t d);
void support_matrix_clear(support_matrix *m);
void support_matrix_set(support_matrix *m, size_t u, size_t j, double value);

/* Cells observed with probability `density`, values low + step * {0..levels-1}, or continuous in
 * low + step * [0,5) where levels is 0. The same matrix for the same seed. */
typedef struct support_random {
    size_t n, d;
    double density;
    int levels;
    double low, step;
    uint64_t seed;
} support_random;
support_matrix support_matrix_random(const support_random *spec);

/* Make an empty folder of the test's own and work in it; leave it, remove it and all that is in it.
 * Leaving fails the test where a block of the library is still held. */
void support_enter_folder(void);
void support_leave_folder(void);

/* SplitMix64, and uniform in [0,1). */
uint64_t support_next(uint64_t *state);
double support_uniform(uint64_t *state);

/* The observed cells as a ratings object, ids by index. */
mixfill_ratings *support_ratings(const support_matrix *m);

/* $MIXFILL_TEST_DATA/name in path (cap bytes), or false where the variable is not set. */
bool support_data_path(char *path, size_t cap, const char *name);

/* Blank-separated numbers; zero_is_missing decides what a 0 is. Fails the test where it cannot. */
support_matrix support_read_dense(const char *path, size_t n, size_t d, bool zero_is_missing);

/* Parsed $MIXFILL_TEST_DATA/golden/netflix.json, or the test is skipped. Free with json_decref. */
json_t *support_golden(void);

/* Numbers of a JSON array, nested ones in order, into out (n); fails the test on another count. */
void support_golden_numbers(double *out, size_t n, const json_t *array);

/* Fail the test where |got - want| > tol, or either is NaN. */
void support_close(const char *what, double got, double want, double tol);

#endif
