/* Held-out ratings that a fit is watched with: their RMSE after each iteration. */
#ifndef MIXFILL_VALIDATION_H
#define MIXFILL_VALIDATION_H

#include "mixture/em.h"

typedef struct mixfill_validation {
    int64_t n;
    int32_t *user, *item; /* (n) numbers in the training ratings, -1 where they have none */
    double *rating;       /* (n) */
    double *partial;      /* squared errors of each chunk */
    mixfill_model view;   /* what prediction needs of a model, borrowed from the fit */
} mixfill_validation;

/* Match held-out ratings by id with the training ratings of ws. Both are borrowed.
 * MIXFILL_ERR_DIM (no ratings), MIXFILL_ERR_NOMEM. O(n + N + D). */
mixfill_status mixfill_validation_init(mixfill_validation *v, const mixfill_ratings *held_out,
                                       const mixfill_workspace *ws, mixfill_error *err);
void mixfill_validation_clear(mixfill_validation *v);

/* RMSE of the clipped predictions under these parameters, which takes an E-step but for `factor`,
 * whose parameters hold the users. The responsibilities of ws are then those of p. Independent of
 * threads. */
double mixfill_validation_rmse(mixfill_validation *v, mixfill_workspace *ws,
                               const mixfill_params *p);

#endif
