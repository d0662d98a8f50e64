/* The iteration of `factor` (docs/model.md 5): variational Bayes that takes users and items in
 * turns. factor_workspace.c has the buffers, factor_em.c the steps, factor_shift.c the shift by who
 * rated what, factor_batch.c what they have in common, factor_sums.c the sums over ratings, and
 * factor_fold_in.c takes users into a finished model. */
#ifndef MIXFILL_FACTOR_EM_H
#define MIXFILL_FACTOR_EM_H

#include "factor/factor_workspace.h"

/* The start of a seed, into params and the workspace (docs/model.md 5.11). */
void mixfill_factor_start(mixfill_factor_workspace *ws, mixfill_factors *params, uint32_t seed);

/* Iteration number it (from 0) of the start that ws and params are in; returns the log-likelihood
 * of its user step. Allocates nothing. */
double mixfill_factor_iteration(mixfill_factor_workspace *ws, mixfill_factors *params, int32_t it);

/* The users' scales that belong to the end of an iteration that left these params; returns the
 * log-likelihood of one more user step, which changes nothing. */
double mixfill_factor_finish(mixfill_factor_workspace *ws, mixfill_factors *params);

#endif
