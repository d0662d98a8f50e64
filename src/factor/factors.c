/* Parameters of `factor`: one list of arrays for all that is done with each of them. */
#include "factor/factors.h"

#include <math.h>
#include <string.h>

enum { N_ARRAYS = 11, FIRST_OF_USERS = 8 };

typedef struct array {
    double **data;
    size_t n;
    bool positive;
} array;

/* Those of users come last. */
static void list_arrays(array out[N_ARRAYS], mixfill_factors *f) {
    size_t users = (size_t)f->n_users, items = (size_t)f->n_items;
    size_t q = (size_t)f->rank, moments = q + 1;
    const array all[N_ARRAYS] = {{&f->w, items * moments, false},
                                 {&f->w_cov, items * mixfill_packed(moments), false},
                                 {&f->v, items, true},
                                 {&f->y, items * q, false},
                                 {&f->xi, q, false},
                                 {&f->omega, q * q, false},
                                 {&f->m, moments, false},
                                 {&f->phi, moments * moments, false},
                                 {&f->user_factor, users * q, false},
                                 {&f->user_cov, users * mixfill_packed(q), false},
                                 {&f->user_scale, users, true}};
    memcpy(out, all, sizeof all);
}

mixfill_factors *mixfill_factors_create(int32_t n_users, int32_t n_items, int32_t rank,
                                        bool with_users) {
    array arrays[N_ARRAYS];
    mixfill_factors *f = mixfill_alloc_zero(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->n_users = n_users;
    f->n_items = n_items;
    f->rank = rank;
    list_arrays(arrays, f);
    for (size_t i = 0; i < (with_users ? N_ARRAYS : FIRST_OF_USERS); i++) {
        *arrays[i].data = mixfill_alloc_zero(arrays[i].n, sizeof(double));
        if (*arrays[i].data == NULL) {
            mixfill_factors_free(f);
            return NULL;
        }
    }
    return f;
}

static void free_arrays(mixfill_factors *f, size_t first) {
    array arrays[N_ARRAYS];
    list_arrays(arrays, f);
    for (size_t i = first; i < N_ARRAYS; i++) {
        mixfill_free(*arrays[i].data);
        *arrays[i].data = NULL;
    }
}

void mixfill_factors_free(mixfill_factors *factors) {
    if (factors == NULL)
        return;
    free_arrays(factors, 0);
    mixfill_free(factors);
}

void mixfill_factors_drop_users(mixfill_factors *factors) {
    free_arrays(factors, FIRST_OF_USERS);
}

void mixfill_factors_copy(mixfill_factors *to, const mixfill_factors *from) {
    array target[N_ARRAYS], source[N_ARRAYS];
    mixfill_factors shallow = *from;
    list_arrays(target, to);
    list_arrays(source, &shallow);
    memcpy(to->scale, from->scale, sizeof to->scale);
    for (size_t i = 0; i < N_ARRAYS; i++)
        memcpy(*target[i].data, *source[i].data, target[i].n * sizeof(double));
}

size_t mixfill_factors_bytes(int32_t n_users, int32_t n_items, int32_t rank, bool with_users) {
    array arrays[N_ARRAYS];
    mixfill_factors f = {.n_users = n_users, .n_items = n_items, .rank = rank};
    size_t n = 0;
    list_arrays(arrays, &f);
    for (size_t i = 0; i < (with_users ? N_ARRAYS : FIRST_OF_USERS); i++)
        n += arrays[i].n;
    return sizeof f + n * sizeof(double);
}

bool mixfill_cholesky(double *a, size_t n) {
    bool definite = true;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            if (i == j) {
                definite = definite && sum > 0;
                a[i * n + i] = sqrt(fmax(sum, 0));
            } else {
                a[i * n + j] = a[j * n + j] > 0 ? sum / a[j * n + j] : 0;
            }
        }
    return definite;
}

/* Whether a (n,n), n <= MIXFILL_MAX_RANK + 1, is symmetric and positive definite. */
static bool is_definite(const double *a, size_t n) {
    double factor[(MIXFILL_MAX_RANK + 1) * (MIXFILL_MAX_RANK + 1)];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (a[i * n + j] != a[j * n + i])
                return false;
    memcpy(factor, a, n * n * sizeof *a);
    return mixfill_cholesky(factor, n);
}

/* Packed matrices (rows,n(n+1)/2) whose diagonals are variances; NULL has none. */
static bool has_variances(const double *cov, size_t rows, size_t n) {
    for (size_t r = 0; r < rows && cov != NULL; r++)
        for (size_t i = 0; i < n; i++)
            if (!(cov[r * mixfill_packed(n) + mixfill_packed(i) + i] > 0))
                return false;
    return true;
}

const char *mixfill_factors_fault(const mixfill_factors *factors) {
    array arrays[N_ARRAYS];
    mixfill_factors shallow = *factors;
    list_arrays(arrays, &shallow);
    for (size_t i = 0; i < N_ARRAYS; i++) {
        const double *x = *arrays[i].data;
        for (size_t e = 0; x != NULL && e < arrays[i].n; e++)
            if (!isfinite(x[e]) || (arrays[i].positive && !(x[e] > 0)))
                return arrays[i].positive ? "a v or user_scale is not positive and finite"
                                          : "a factor or covariance is not finite";
    }
    if (!isfinite(factors->scale[0]) || !(factors->scale[1] > 0 && isfinite(factors->scale[1])) ||
        !(factors->scale[2] > 0 && isfinite(factors->scale[2])))
        return "scale is not a mean and two positive numbers";
    size_t q = (size_t)factors->rank;
    if (!is_definite(factors->omega, q) || !is_definite(factors->phi, q + 1))
        return "omega or phi is not symmetric and positive definite";
    if (!has_variances(factors->w_cov, (size_t)factors->n_items, q + 1) ||
        !has_variances(factors->user_cov, (size_t)factors->n_users, q))
        return "a variance of w_cov or user_cov is not above 0";
    return NULL;
}
