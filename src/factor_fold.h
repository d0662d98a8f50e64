/* Fold-in of `factor`: posteriors of users that were not in the fit. */
#ifndef MIXFILL_FACTOR_FOLD_H
#define MIXFILL_FACTOR_FOLD_H

#include "model.h"

/* Posteriors of users, as in mixfill_factors. */
typedef struct mixfill_factor_users {
    double *factor, *cov, *scale; /* (n,q), (n,q(q+1)/2), (n) */
    int32_t *count;               /* (n) ratings of items that were rated in training */
} mixfill_factor_users;

/* One user step for every row of `rows`, whose items are numbered as the model's, on the model's
 * parameters; then four rounds of the user's scale (DESIGN 1.4). out is filled. Independent of
 * threads. MIXFILL_ERR_NOMEM, MIXFILL_ERR_ARG (MIXFILL_ISA). O(nnz q^2 + N q^3). */
mixfill_status mixfill_factor_fold(const mixfill_model *model, mixfill_factor_users *out,
                                   const mixfill_ratings *rows, int32_t threads,
                                   mixfill_error *err);

#endif
