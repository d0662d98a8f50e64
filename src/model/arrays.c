/* Lists of arrays: each function is one loop over a list, so that what is done with an array
 * follows from its row alone. */
#include "model/arrays.h"

#include "base/buffers.h"
#include "base/checks.h"

#include <assert.h>
#include <string.h>

void mixfill_arrays_add(mixfill_array_list *list, mixfill_array array) {
    assert(list->n < MIXFILL_MAX_ARRAYS);
    list->array[list->n++] = array;
}

bool mixfill_array_in(const mixfill_array *array, mixfill_scope scope) {
    return (scope.users || !array->per_user) && (scope.finished || !array->finished);
}

void *mixfill_array_data(const mixfill_array *array) {
    return array->in_place ? array->where : mixfill_pointer_get(array->where);
}

size_t mixfill_array_item_bytes(const mixfill_array *array) {
    return mixfill_npy_item_bytes(array->type, 0);
}

size_t mixfill_array_count(const mixfill_array *array) {
    const mixfill_npy_shape *s = &array->shape;
    size_t n = 1;
    for (int32_t i = 0; i < s->n_dims; i++)
        n *= (size_t)s->dim[i];
    if (array->padded == 0)
        return n;
    return n / (size_t)s->dim[s->n_dims - 2] * array->padded; /* (K,D) becomes (D,padded) */
}

bool mixfill_arrays_alloc(const mixfill_array_list *list, mixfill_scope scope) {
    for (size_t i = 0; i < list->n; i++) {
        const mixfill_array *f = &list->array[i];
        if (f->in_place || !mixfill_array_in(f, scope) || mixfill_array_data(f) != NULL)
            continue;
        void *block = mixfill_alloc_zero(mixfill_array_count(f), mixfill_array_item_bytes(f));
        mixfill_pointer_set(f->where, block);
        if (block == NULL)
            return false;
    }
    return true;
}

/* All, or those of users alone. */
static void free_arrays(const mixfill_array_list *list, bool users_only) {
    for (size_t i = 0; i < list->n; i++) {
        const mixfill_array *f = &list->array[i];
        if (f->in_place || (users_only && !f->per_user))
            continue;
        mixfill_free(mixfill_pointer_get(f->where));
        mixfill_pointer_set(f->where, NULL);
    }
}

void mixfill_arrays_free(const mixfill_array_list *list) {
    free_arrays(list, false);
}

void mixfill_arrays_free_users(const mixfill_array_list *list) {
    free_arrays(list, true);
}

void mixfill_arrays_copy(const mixfill_array_list *to, const mixfill_array_list *from) {
    for (size_t i = 0; i < to->n; i++) {
        const mixfill_array *f = &to->array[i];
        void *target = mixfill_array_data(f);
        const void *source = mixfill_array_data(&from->array[i]);
        if (target != NULL && source != NULL)
            memcpy(target, source, mixfill_array_count(f) * mixfill_array_item_bytes(f));
    }
}

size_t mixfill_arrays_bytes(const mixfill_array_list *list, mixfill_scope scope) {
    size_t bytes = 0;
    for (size_t i = 0; i < list->n; i++) {
        const mixfill_array *f = &list->array[i];
        if (!f->in_place && mixfill_array_in(f, scope))
            bytes += mixfill_array_count(f) * mixfill_array_item_bytes(f);
    }
    return bytes;
}

/* Whether an array that is there passes its check. */
static bool passes(const mixfill_array *a) {
    const void *data = mixfill_array_data(a);
    size_t n = mixfill_array_count(a);
    if (a->type == MIXFILL_NPY_INT32) /* counts: any is finite */
        return a->check != MIXFILL_NOT_NEGATIVE || !mixfill_any_negative(data, n);
    switch (a->check) {
    case MIXFILL_FINITE:
        return mixfill_all_finite(data, n);
    case MIXFILL_POSITIVE:
        return mixfill_all_positive(data, n);
    case MIXFILL_NOT_NEGATIVE:
        return mixfill_none_negative(data, n);
    case MIXFILL_DISTRIBUTIONS:
        break;
    }
    size_t row = (size_t)a->shape.dim[a->shape.n_dims - 1];
    return mixfill_rows_are_distributions(data, n / row, row);
}

const char *mixfill_arrays_fault(const mixfill_array_list *list) {
    for (size_t i = 0; i < list->n; i++)
        if (mixfill_array_data(&list->array[i]) != NULL && !passes(&list->array[i]))
            return list->array[i].fault;
    return NULL;
}
