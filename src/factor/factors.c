/* Parameters of `factor`: their list, and what must hold of them together, since a file may come
 * from anywhere. */
#include "factor/factors.h"

#include <math.h>
#include <string.h>

/* In file order; those of users are parameters of a fit too. */
void mixfill_factors_list(mixfill_array_list *out, mixfill_params *params) {
    mixfill_factors *f = (mixfill_factors *)params;
    const mixfill_shape *s = &params->shape;
    const mixfill_npy_type f8 = MIXFILL_NPY_FLOAT64;
    const int64_t users = s->n_users, items = s->n_items, q = s->rank, moments = q + 1;
    const int64_t item_cov = (int64_t)mixfill_packed((size_t)moments),
                  user_cov = item_cov - moments;
    const char *const fault = "a factor or covariance is not finite";
    const char *const spread = "a v or user_scale is not positive and finite";
    const char *const scale = "scale is not a mean and two positive numbers";
    f->n_items = s->n_items;
    f->rank = s->rank;
    const mixfill_array_place last = MIXFILL_AFTER_BASELINES;
    const mixfill_array all[] = {
        {"scale", f8, MIXFILL_FINITE, mixfill_vector(3), f->scale, scale, last, .in_place = true},
        {"w", f8, MIXFILL_FINITE, mixfill_matrix(items, moments), &f->w, fault, .place = last},
        {"w_cov", f8, MIXFILL_FINITE, mixfill_matrix(items, item_cov), &f->w_cov, fault,
         .place = last},
        {"v", f8, MIXFILL_POSITIVE, mixfill_vector(items), &f->v, spread, .place = last},
        {"y", f8, MIXFILL_FINITE, mixfill_matrix(items, q), &f->y, fault, .place = last},
        {"xi", f8, MIXFILL_FINITE, mixfill_vector(q), &f->xi, fault, .place = last},
        {"omega", f8, MIXFILL_FINITE, mixfill_matrix(q, q), &f->omega, fault, .place = last},
        {"m", f8, MIXFILL_FINITE, mixfill_vector(moments), &f->m, fault, .place = last},
        {"phi", f8, MIXFILL_FINITE, mixfill_matrix(moments, moments), &f->phi, fault,
         .place = last},
        {"user_factor", f8, MIXFILL_FINITE, mixfill_matrix(users, q), &f->user_factor, fault, last,
         .per_user = true},
        {"user_cov", f8, MIXFILL_FINITE, mixfill_matrix(users, user_cov), &f->user_cov, fault, last,
         .per_user = true},
        {"user_scale", f8, MIXFILL_POSITIVE, mixfill_vector(users), &f->user_scale, spread, last,
         .per_user = true},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        mixfill_arrays_add(out, all[i]);
}

int64_t mixfill_factors_n_parameters(const mixfill_model *model) {
    const mixfill_factors *f = mixfill_factors_of(model);
    int64_t q = f->rank, d = f->n_items;
    return d * (q + 2) + (model->options.implicit ? d * q : 0) + q + q * (q + 1) / 2;
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

const char *mixfill_factors_fault(const mixfill_model *model) {
    const mixfill_factors *f = mixfill_factors_of(model);
    size_t q = (size_t)f->rank;
    if (!(f->scale[1] > 0 && f->scale[2] > 0))
        return "scale is not a mean and two positive numbers";
    if (!is_definite(f->omega, q) || !is_definite(f->phi, q + 1))
        return "omega or phi is not symmetric and positive definite";
    if (!has_variances(f->w_cov, (size_t)f->n_items, q + 1) ||
        !has_variances(f->user_cov, (size_t)model->n_users, q))
        return "a variance of w_cov or user_cov is not above 0";
    return NULL;
}
