/* Responsibilities under the parameters of a finished model: of the users of its training, and of
 * those folded in. */
#ifndef MIXFILL_POSTERIOR_H
#define MIXFILL_POSTERIOR_H

#include "mixture/mixtures.h"

/* Users to take into a model: ratings whose items are numbered as the model's, and in map their
 * offsets (n_users), as mixfill_user_offset gives them; else NULL. */
typedef struct mixfill_posterior_rows {
    const mixfill_ratings *ratings;
    const double *user_offset;
} mixfill_posterior_rows;

/* Responsibilities of every row under mixture number `mixture` of a model of mixtures: resp
 * (n_users,K). *log_likelihood may be NULL. Independent of threads; a row's result depends on
 * nothing but the row, which is why fold-in repeats training to the bit. MIXFILL_ERR_NOMEM,
 * MIXFILL_ERR_ARG (MIXFILL_ISA). O(nnz K). */
mixfill_status mixfill_posterior(const mixfill_model *model, int32_t mixture, double *resp,
                                 double *log_likelihood, const mixfill_posterior_rows *rows,
                                 int32_t threads, mixfill_error *err);

#endif
