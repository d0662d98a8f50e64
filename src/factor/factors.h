/* Parameters of the `factor` model (docs/model.md 5), as a fit moves them and a model keeps them.
 * q is the rank, Q = q + 1; ratings are x = (r - g) / sd. Symmetric matrices of users and items are
 * packed lower triangles by rows. */
#ifndef MIXFILL_FACTORS_H
#define MIXFILL_FACTORS_H

#include "model/model.h"

/* Elements of a packed symmetric matrix. */
static inline size_t mixfill_packed(size_t n) {
    return n * (n + 1) / 2;
}

typedef struct mixfill_factors {
    mixfill_params head;
    int32_t n_items, rank;
    double scale[3];     /* g, sd (1 where all ratings are equal) and ebar */
    double *w;           /* (D,Q) */
    double *w_cov;       /* (D,Q(Q+1)/2) */
    double *v;           /* (D), > 0 */
    double *y;           /* (D,q) what rating an item tells of a user */
    double *xi;          /* (q) */
    double *omega;       /* (q,q) */
    double *m;           /* (Q) */
    double *phi;         /* (Q,Q) */
    double *user_factor; /* (N,q); this and the next two NULL without users */
    double *user_cov;    /* (N,q(q+1)/2) */
    double *user_scale;  /* (N), > 0 */
} mixfill_factors;

/* A model's parameters, which must be factors. */
static inline mixfill_factors *mixfill_factors_of(const mixfill_model *model) {
    return (mixfill_factors *)model->params;
}

/* For the kind's table. */
void mixfill_factors_list(mixfill_array_list *out, mixfill_params *params);
int64_t mixfill_factors_n_parameters(const mixfill_model *model);

/* NULL, or what is wrong: a scale or strength out of range, a prior that is not positive definite,
 * a variance that is not above 0. */
const char *mixfill_factors_fault(const mixfill_model *model);

/* The lower triangle of a symmetric matrix a (n,n) becomes its Cholesky factor; false where it is
 * not positive definite, and then pivots that should be above 0 are 0. */
bool mixfill_cholesky(double *a, size_t n);

#endif
