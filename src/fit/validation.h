/* Held-out ratings that a fit is watched with: their RMSE after each iteration. */
#ifndef MIXFILL_VALIDATION_H
#define MIXFILL_VALIDATION_H

#include "model/model.h"

/* Held-out pairs in the numbers of the training ratings, row by row. */
typedef struct mixfill_validation {
    int64_t n;
    int32_t threads;
    int32_t *user, *item; /* (n) numbers in the training ratings, -1 where they have none */
    double *rating;       /* (n) */
    double *partial;      /* squared errors of each chunk */
} mixfill_validation;

/* Match held-out ratings by id with those of training. Both are borrowed.
 * MIXFILL_ERR_DIM (no ratings), MIXFILL_ERR_NOMEM. O(n + N + D). */
mixfill_status mixfill_validation_init(mixfill_validation *v, const mixfill_ratings *held_out,
                                       const mixfill_ratings *training, int32_t threads,
                                       mixfill_error *err);
void mixfill_validation_clear(mixfill_validation *v);

/* RMSE of the clipped predictions of a model in the middle of its fit: its parameters are those of
 * the fit, its users those of the kind's workspace, which are updated. Independent of threads.
 * O(n K) and what updating the users takes, an E-step in a mixture. */
double mixfill_validation_rmse(mixfill_validation *v, const mixfill_model *model, void *workspace);

#endif
