/* Fold-in of `factor`: posteriors of users that were not in the fit. */
#ifndef MIXFILL_FACTOR_FOLD_H
#define MIXFILL_FACTOR_FOLD_H

#include "model/model.h"

/* Posteriors of users, as in mixfill_factors. */
typedef struct mixfill_factor_users {
    double *factor, *cov, *scale; /* (n,q), (n,q(q+1)/2), (n) */
    int32_t *count;               /* (n) ratings of items that were rated in training */
} mixfill_factor_users;

/* One user step for every user of `ratings` on the model's parameters; then four rounds of the
 * user's scale (DESIGN 1.4). A rating of an item the model does not know, or that had none in
 * training, counts as of an item of which nothing but the prior is known: leaving it out would lose
 * what it tells of the user's level. rows: the same ratings with items numbered as the model's, and
 * without those of others. out is filled. Independent of threads. MIXFILL_ERR_NOMEM,
 * MIXFILL_ERR_ARG (MIXFILL_ISA). O(nnz q^2 + N q^3). */
mixfill_status mixfill_factor_fold(const mixfill_model *model, mixfill_factor_users *out,
                                   const mixfill_ratings *ratings, const mixfill_ratings *rows,
                                   int32_t threads, mixfill_error *err);

#endif
