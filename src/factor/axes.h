/* Principal axes of the `factor` model: its factors turned so that they add to ratings
 * independently of each other, largest first, which makes them comparable between fits. */
#ifndef MIXFILL_AXES_H
#define MIXFILL_AXES_H

#include "factor/factors.h"

typedef struct mixfill_axes {
    int32_t n;       /* q */
    double *sd;      /* (q), falling: standard deviation, in ratings, of what an axis adds to the
                        ratings of training, beyond what it adds to all items alike */
    double *loading; /* (D,q) what one standard deviation of users along the axis adds to an item */
} mixfill_axes;

/* Of a `factor` model. With a_j = sd L'w_f of item j, L L' = Omega, these are the principal axes of
 * the a_j about their mean, each item counted by its training ratings; the largest loading is
 * positive. MIXFILL_ERR_NOMEM. O(D q^2 + q^3). */
mixfill_status mixfill_axes_init(mixfill_axes *axes, const mixfill_model *model,
                                 mixfill_error *err);
void mixfill_axes_clear(mixfill_axes *axes);

#endif
