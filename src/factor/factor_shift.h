/* The shift of the priors of `factor` by who rated what. */
#ifndef MIXFILL_FACTOR_SHIFT_H
#define MIXFILL_FACTOR_SHIFT_H

#include "factor/factor_workspace.h"

/* Move y of a side's shift by two steps of conjugate gradients (docs/model.md 5.4), with change,
 * image and the number a returned such that the shift of its rows changes by change + a image; NaN
 * where nothing moved. Called, as the other is, by every thread of a parallel region. */
double mixfill_factor_shift(mixfill_factor_workspace *ws, int side);

/* The users' shift from y alone. */
void mixfill_factor_reshift(mixfill_factor_workspace *ws);

#endif
