/* Lists of arrays. */
#include "model/arrays.h"

#include "base/buffers.h"

#include <assert.h>
#include <math.h>
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

size_t mixfill_array_size(const mixfill_array *array) {
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
        void *block = mixfill_alloc_zero(mixfill_array_count(f), mixfill_array_size(f));
        mixfill_pointer_set(f->where, block);
        if (block == NULL)
            return false;
    }
    return true;
}

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
            memcpy(target, source, mixfill_array_count(f) * mixfill_array_size(f));
    }
}

size_t mixfill_arrays_bytes(const mixfill_array_list *list, mixfill_scope scope) {
    size_t bytes = 0;
    for (size_t i = 0; i < list->n; i++) {
        const mixfill_array *f = &list->array[i];
        if (!f->in_place && mixfill_array_in(f, scope))
            bytes += mixfill_array_count(f) * mixfill_array_size(f);
    }
    return bytes;
}

static bool numbers_pass(const mixfill_array *f, const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || (f->check == MIXFILL_POSITIVE && !(x[i] > 0)) ||
            (f->check == MIXFILL_NOT_NEGATIVE && !(x[i] >= 0)))
            return false;
    return true;
}

/* Rows of n numbers >= 0, each with the sum 1 up to the rounding of a sum. */
static bool rows_sum_to_1(const double *x, size_t rows, size_t n) {
    for (size_t r = 0; r < rows; r++) {
        double sum = 0;
        for (size_t k = 0; k < n; k++) {
            if (!(x[r * n + k] >= 0))
                return false;
            sum += x[r * n + k];
        }
        if (!(fabs(sum - 1) <= 1e-9))
            return false;
    }
    return true;
}

/* Whether an array that is there passes its check. */
static bool passes(const mixfill_array *f) {
    const void *data = mixfill_array_data(f);
    size_t n = mixfill_array_count(f);
    if (f->type == MIXFILL_NPY_INT32) {
        const int32_t *count = data;
        for (size_t i = 0; i < n; i++)
            if (count[i] < 0)
                return false;
        return true;
    }
    if (f->check == MIXFILL_DISTRIBUTIONS) {
        size_t row = (size_t)f->shape.dim[f->shape.n_dims - 1];
        return rows_sum_to_1(data, n / row, row);
    }
    return numbers_pass(f, data, n);
}

const char *mixfill_arrays_fault(const mixfill_array_list *list) {
    for (size_t i = 0; i < list->n; i++)
        if (mixfill_array_data(&list->array[i]) != NULL && !passes(&list->array[i]))
            return list->array[i].fault;
    return NULL;
}
