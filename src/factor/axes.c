/* Principal axes of factors: a Cholesky factor of their covariance, the weighted covariance of
 * what they add to items, and Jacobi's rotations (Golub and Van Loan, section 8.5), plain and slow
 * beside LAPACK's but of no weight at 63 by 63 (docs/model.md 5.12). */
#include "factor/axes.h"

#include <math.h>
#include <string.h>

/* Jacobi's rotation: rows and columns p and r of a (n,n), and columns of v, so that a_pr is 0. */
static void rotate(double *a, double *v, size_t n, size_t p, size_t r) {
    double off = a[p * n + r];
    if (off == 0)
        return;
    double theta = (a[r * n + r] - a[p * n + p]) / (2 * off);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t i = 0; i < n; i++) {
        double x = a[i * n + p], y = a[i * n + r];
        a[i * n + p] = c * x - s * y;
        a[i * n + r] = s * x + c * y;
    }
    for (size_t i = 0; i < n; i++) {
        double x = a[p * n + i], y = a[r * n + i];
        a[p * n + i] = c * x - s * y;
        a[r * n + i] = s * x + c * y;
        x = v[i * n + p];
        y = v[i * n + r];
        v[i * n + p] = c * x - s * y;
        v[i * n + r] = s * x + c * y;
    }
}

/* Eigenvalues onto the diagonal of a, eigenvectors into the columns of v. */
static void diagonalise(double *a, double *v, size_t n) {
    enum { SWEEPS = 30 };
    for (size_t i = 0; i < n * n; i++)
        v[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t p = 0; p < n; p++)
            for (size_t r = p + 1; r < n; r++)
                rotate(a, v, n, p, r);
}

/* Scratch, one after the other: three (q,q) and a (q). */
typedef struct turning {
    double *root, *cov, *vectors, *mean;
} turning;

/* sd L'w_f of every item. */
static void scale_loadings(double *loading, const mixfill_factors *f, const double *root) {
    size_t q = (size_t)f->rank;
    for (size_t j = 0; j < (size_t)f->n_items; j++)
        for (size_t i = 0; i < q; i++) {
            double sum = 0;
            for (size_t k = i; k < q; k++)
                sum += root[k * q + i] * f->w[j * (q + 1) + k + 1];
            loading[j * q + i] = f->scale[1] * sum;
        }
}

/* Mean of the loadings (D,q), each item counted by its ratings, into mean (q), and off them. */
static void centre_loadings(double *loading, double *mean, const mixfill_model *m) {
    size_t q = (size_t)mixfill_factors_of(m)->rank;
    for (size_t j = 0; j < (size_t)m->n_items; j++)
        for (size_t i = 0; i < q; i++)
            mean[i] += m->item_count[j] * loading[j * q + i] / (double)m->n_ratings;
    for (size_t j = 0; j < (size_t)m->n_items; j++)
        for (size_t i = 0; i < q; i++)
            loading[j * q + i] -= mean[i];
}

/* Weighted covariance (q,q) of the centred loadings. */
static void sum_cov(double *cov, const double *loading, const mixfill_model *m) {
    size_t q = (size_t)mixfill_factors_of(m)->rank;
    for (size_t j = 0; j < (size_t)m->n_items; j++)
        for (size_t i = 0; i < q; i++)
            for (size_t k = 0; k < q; k++)
                cov[i * q + k] += m->item_count[j] * loading[j * q + i] * loading[j * q + k] /
                                  (double)m->n_ratings;
}

/* Columns of v by falling eigenvalue, their roots into sd. */
static void sort_axes(double *sd, double *v, double *values, size_t q) {
    for (size_t i = 0; i < q; i++) {
        size_t best = i;
        for (size_t k = i + 1; k < q; k++)
            if (values[k * (q + 1)] > values[best * (q + 1)])
                best = k;
        double value = values[best * (q + 1)];
        values[best * (q + 1)] = values[i * (q + 1)];
        sd[i] = sqrt(fmax(value, 0));
        for (size_t k = 0; k < q; k++) {
            double x = v[k * q + i];
            v[k * q + i] = v[k * q + best];
            v[k * q + best] = x;
        }
    }
}

/* loading = loading v, row by row. */
static void turn_loadings(double *loading, const double *v, double *row, size_t n, size_t q) {
    for (size_t j = 0; j < n; j++) {
        memcpy(row, loading + j * q, q * sizeof *row);
        for (size_t i = 0; i < q; i++) {
            double sum = 0;
            for (size_t k = 0; k < q; k++)
                sum += row[k] * v[k * q + i];
            loading[j * q + i] = sum;
        }
    }
}

/* Each axis so that its largest loading is positive: signs are arbitrary otherwise. */
static void fix_signs(double *loading, size_t n, size_t q) {
    for (size_t i = 0; i < q; i++) {
        double most = 0;
        for (size_t j = 0; j < n; j++)
            if (fabs(loading[j * q + i]) > fabs(most))
                most = loading[j * q + i];
        for (size_t j = 0; j < n && most < 0; j++)
            loading[j * q + i] = -loading[j * q + i];
    }
}

mixfill_status mixfill_axes_init(mixfill_axes *axes, const mixfill_model *model,
                                 mixfill_error *err) {
    const mixfill_factors *f = mixfill_factors_of(model);
    size_t q = (size_t)f->rank, d = (size_t)f->n_items;
    double *block = mixfill_alloc_zero(3 * q + 1, q * sizeof *block);
    *axes = (mixfill_axes){.n = f->rank,
                           .sd = mixfill_alloc(q, sizeof *axes->sd),
                           .loading = mixfill_alloc(d, q * sizeof *axes->loading)};
    if (block == NULL || axes->sd == NULL || axes->loading == NULL) {
        mixfill_free(block);
        mixfill_axes_clear(axes);
        return mixfill_fail_nomem(err, "principal axes");
    }
    turning t = {block, block + q * q, block + 2 * q * q, block + 3 * q * q};
    memcpy(t.root, f->omega, q * q * sizeof *t.root);
    mixfill_cholesky(t.root, q); /* pivots that rounding took below 0 count as 0 */
    scale_loadings(axes->loading, f, t.root);
    centre_loadings(axes->loading, t.mean, model);
    sum_cov(t.cov, axes->loading, model);
    diagonalise(t.cov, t.vectors, q);
    sort_axes(axes->sd, t.vectors, t.cov, q);
    turn_loadings(axes->loading, t.vectors, t.mean, d, q);
    fix_signs(axes->loading, d, q);
    mixfill_free(block);
    return MIXFILL_OK;
}

void mixfill_axes_clear(mixfill_axes *axes) {
    mixfill_free(axes->sd);
    mixfill_free(axes->loading);
    *axes = (mixfill_axes){0};
}
