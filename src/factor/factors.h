/* Parameters of the `factor` model (DESIGN 1.4), as a fit moves them and a model keeps them.
 * q is the rank, Q = q + 1; ratings are x = (r - g) / sd. Symmetric matrices of users and items are
 * packed lower triangles by rows. */
#ifndef MIXFILL_FACTORS_H
#define MIXFILL_FACTORS_H

#include "base/base.h"

enum { MIXFILL_MAX_RANK = 63 };

/* Elements of a packed symmetric matrix. */
static inline size_t mixfill_packed(size_t n) {
    return n * (n + 1) / 2;
}

typedef struct mixfill_factors {
    int32_t n_users, n_items, rank;
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

/* Zeroed; NULL when out of memory. */
mixfill_factors *mixfill_factors_create(int32_t n_users, int32_t n_items, int32_t rank,
                                        bool with_users);
void mixfill_factors_free(mixfill_factors *factors);

/* Same shape, both with users. */
void mixfill_factors_copy(mixfill_factors *to, const mixfill_factors *from);

/* Free what belongs to users. */
void mixfill_factors_drop_users(mixfill_factors *factors);

size_t mixfill_factors_bytes(int32_t n_users, int32_t n_items, int32_t rank, bool with_users);

/* The lower triangle of a symmetric matrix a (n,n) becomes its Cholesky factor; false where it is
 * not positive definite, and then pivots that should be above 0 are 0. */
bool mixfill_cholesky(double *a, size_t n);

/* NULL, or what is wrong: not finite, a variance or scale not above 0, a prior that is not positive
 * definite. */
const char *mixfill_factors_fault(const mixfill_factors *factors);

#endif
