/* E-step. Distances and responsibilities are the kernels', a strip of users at a time so that both
 * stay in the first cache; the notebook's arithmetic, whose published figures hang on the rounding
 * of its own formula, is here (docs/model.md 2.3, 3, 8.1). */
#include "mixture/estep.h"

#include "base/par.h"

#include <math.h>
#include <string.h>

static const double TWO_PI = 6.28318530717958647692;

mixfill_status mixfill_estep_init(mixfill_estep *e, const mixfill_kernels *kernels, bool notebook,
                                  int32_t n_items, int32_t n_components, mixfill_error *err) {
    size_t kp = mixfill_padded(n_components);
    *e = (mixfill_estep){.kernels = kernels,
                         .notebook = notebook,
                         .n_items = n_items,
                         .n_components = n_components,
                         .kp = kp};
    double *all = mixfill_alloc_zero(4 * kp, sizeof *all);
    if (all == NULL)
        return mixfill_fail_nomem(err, "the E-step");
    e->densities = (mixfill_densities){all, all + kp, all + 2 * kp};
    e->mu_norm = all + 3 * kp;
    for (size_t k = (size_t)n_components; k < kp; k++)
        e->densities.log_weight[k] = -(double)INFINITY;
    return MIXFILL_OK;
}

void mixfill_estep_clear(mixfill_estep *e) {
    mixfill_free(e->densities.log_weight);
    *e = (mixfill_estep){0};
}

void mixfill_estep_prepare(mixfill_estep *e, const double *weight, const double *mu,
                           const double *var) {
    e->mu = mu;
    for (int32_t k = 0; k < e->n_components; k++) {
        e->densities.log_weight[k] = log(weight[k]);
        e->densities.log_norm[k] = var != NULL ? 0.5 * log(TWO_PI * var[k]) : 0;
        e->densities.half_prec[k] = var != NULL ? 0.5 / var[k] : 0.5;
    }
    if (!e->notebook)
        return;
    memset(e->mu_norm, 0, e->kp * sizeof *e->mu_norm);
    for (size_t j = 0; j < (size_t)e->n_items; j++)
        for (size_t k = 0; k < e->kp; k++)
            e->mu_norm[k] += mu[j * e->kp + k] * mu[j * e->kp + k];
}

double mixfill_log_norms(const double *var, const int32_t *count, int32_t n) {
    double sum = 0;
    for (int32_t j = 0; j < n; j++)
        sum += 0.5 * count[j] * log(TWO_PI * var[j]);
    return sum;
}

/* sum x^2 over the ratings of row i. */
static double squared_sum(const mixfill_rows *rows, int32_t i) {
    double sum = 0;
    for (int64_t n = rows->row_ptr[i]; n < rows->row_ptr[i + 1]; n++) {
        double x = rows->code != NULL ? rows->level[rows->code[n]] : rows->value[n];
        sum += x * x;
    }
    return sum;
}

/* The notebook's distance (n_rows,kp): ||mu||^2 - sum over observed cells of mu^2 + sum of x^2
 * (docs/model.md 3). */
static void notebook_distances(const mixfill_estep *e, double *distance, const mixfill_rows *rows) {
    e->kernels->squared_norm(distance, rows, e->mu, e->kp);
    for (int32_t i = 0; i < rows->n_rows; i++) {
        double x2 = squared_sum(rows, i);
        double *d = distance + (size_t)i * e->kp;
        for (size_t k = 0; k < e->kp; k++)
            d[k] = e->mu_norm[k] - d[k] + x2;
    }
}

/* exp that skips what underflows to 0 anyway. */
static inline double exp_or_zero(double x) {
    return x < -746 ? 0 : exp(x);
}

/* One user in the notebook's arithmetic: resp (kp) from its distances (kp) and number of cells;
 * returns log sum_k exp L_k. Its figures hang on how resp rounds, hence exp(L - log sum) and not
 * the kernels' exp(L - max) / sum, which is more accurate and takes one exp. */
static double notebook_responsibilities(const mixfill_estep *e, double *resp,
                                        const double *distance, double cells) {
    const mixfill_densities *p = &e->densities;
    double max = -(double)INFINITY, sum = 0;
    for (size_t k = 0; k < e->kp; k++) {
        resp[k] = p->log_weight[k] - cells * p->log_norm[k] - distance[k] * p->half_prec[k];
        max = resp[k] > max ? resp[k] : max;
    }
    for (size_t k = 0; k < e->kp; k++)
        sum += exp_or_zero(resp[k] - max);
    double log_sum = max + log(sum);
    for (size_t k = 0; k < e->kp; k++)
        resp[k] = exp_or_zero(resp[k] - log_sum);
    return log_sum;
}

/* At most MIXFILL_STRIP rows in the notebook's arithmetic, whose cells are the missing ones. */
static double notebook_strip(const mixfill_estep *e, double *resp, double *sums,
                             const mixfill_rows *rows, double *strip) {
    size_t kp = e->kp;
    double log_likelihood = 0;
    notebook_distances(e, strip, rows);
    for (int32_t i = 0; i < rows->n_rows; i++) {
        double cells = (double)(e->n_items - (rows->row_ptr[i + 1] - rows->row_ptr[i]));
        const double *d = strip + (size_t)i * kp;
        double *r = resp + (size_t)i * kp;
        log_likelihood += notebook_responsibilities(e, r, d, cells);
        for (size_t k = 0; k < kp; k++) {
            sums[k] += r[k];
            sums[kp + k] += r[k] * d[k];
            sums[2 * kp + k] += r[k] * cells;
        }
    }
    return log_likelihood;
}

double mixfill_estep_rows(const mixfill_estep *e, double *resp, double *sums,
                          const mixfill_rows *rows, double *strip) {
    double log_likelihood = 0;
    memset(sums, 0, 3 * e->kp * sizeof *sums);
    for (int32_t first = 0; first < rows->n_rows; first += MIXFILL_STRIP) {
        mixfill_rows part = *rows;
        int32_t left = rows->n_rows - first;
        double *r = resp + (size_t)first * e->kp;
        part.row_ptr = rows->row_ptr + first;
        part.user = rows->user != NULL ? rows->user + first : NULL;
        part.n_rows = left < MIXFILL_STRIP ? left : MIXFILL_STRIP;
        if (e->notebook) {
            log_likelihood += notebook_strip(e, r, sums, &part, strip);
            continue;
        }
        e->kernels->squared_error(strip, &part, e->mu, e->kp);
        log_likelihood += e->kernels->responsibilities(r, sums, strip, &part, &e->densities, e->kp);
    }
    return log_likelihood;
}

mixfill_rows mixfill_rows_of(const mixfill_ratings *ratings, int32_t first, int32_t n) {
    return (mixfill_rows){.row_ptr = ratings->row_ptr + first,
                          .col = ratings->col,
                          .code = ratings->code,
                          .level = ratings->level,
                          .value = ratings->value,
                          .n_rows = n,
                          .n_ratings = ratings->nnz};
}
