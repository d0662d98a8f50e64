/* E-step: responsibilities and log-likelihood of users given the parameters. */
#ifndef MIXFILL_ESTEP_H
#define MIXFILL_ESTEP_H

#include "kernel/kernel.h"
#include "ratings/ratings.h"

enum { MIXFILL_STRIP = 32 }; /* users whose distances are held at once */

/* What the E-step needs of the parameters, prepared once per iteration. */
typedef struct mixfill_estep {
    const mixfill_kernels *kernels;
    bool notebook;
    int32_t n_items, n_components;
    size_t kp;
    const double *mu; /* (D,kp), borrowed */
    mixfill_densities densities;
    double *mu_norm; /* (kp) ||mu_k||^2, notebook only */
} mixfill_estep;

/* Allocate for a shape; MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_estep_init(mixfill_estep *e, const mixfill_kernels *kernels, bool notebook,
                                  int32_t n_items, int32_t n_components, mixfill_error *err);
void mixfill_estep_clear(mixfill_estep *e);

/* Take over the parameters: weight (K), mu (D,kp), borrowed, var (K), or NULL in `map`, whose
 * variances are in the rows: L_uk is then log weight_k - d_uk/2, without the term of the variances'
 * logarithms, which mixfill_log_norms has. O(K), notebook O(D K). */
void mixfill_estep_prepare(mixfill_estep *e, const double *weight, const double *mu,
                           const double *var);

/* What mixfill_estep_prepare leaves out of a log-likelihood in map, for n items in this order:
 * sum_j count_j log(2 pi v_j) / 2. */
double mixfill_log_norms(const double *var, const int32_t *count, int32_t n);

/* resp (n_rows,kp) [out], padding 0, of the rows, and sums (3,kp) [out]: sum_u resp_uk, resp_uk
 * d_uk and resp_uk c_u in user order, d the squared distance and c the number of cells in L_uk =
 * log weight_k - c_u log(2 pi var_k)/2 - d_uk/(2 var_k); resp = softmax_k L (docs/model.md 2.3, 3).
 * Returns sum_u log sum_k exp L_uk. strip (MIXFILL_STRIP,kp) is scratch; all 64-byte aligned. */
double mixfill_estep_rows(const mixfill_estep *e, double *resp, double *sums,
                          const mixfill_rows *rows, double *strip);

/* Users [first, first + n) of ratings as kernel rows. */
mixfill_rows mixfill_rows_of(const mixfill_ratings *ratings, int32_t first, int32_t n);

#endif
