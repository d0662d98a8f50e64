/* One EM iteration of a mixture. */
#ifndef MIXFILL_EM_H
#define MIXFILL_EM_H

#include "mixture/workspace.h"

/* The parameters of a start, from users drawn as NumPy draws them (docs/model.md 2.2, 4.2, 8.4).
 * MIXFILL_ERR_NOMEM. O(N + D K + nnz of the K users). */
mixfill_status mixfill_em_start(mixfill_workspace *ws, mixfill_mixtures *p, uint32_t seed,
                                mixfill_error *err);

/* E-step, then M-step, in place; returns the E-step's log-likelihood and leaves the times in
 * ws->laps. Allocates nothing. O(nnz K + D K). */
double mixfill_em_iteration(mixfill_workspace *ws, mixfill_mixtures *p);

/* Responsibilities of all users under p into ws->resp. O(nnz K). */
void mixfill_em_posteriors(mixfill_workspace *ws, const mixfill_mixtures *p);

/* The parts of the E-step, for the benches: clear the accumulators, shared among the threads of the
 * parallel region it is called from; E-step of a user block and, unless in the notebook's
 * arithmetic, the moments of its common items into them, as thread `thread`. */
void mixfill_em_zero(mixfill_workspace *ws);
void mixfill_em_block(mixfill_workspace *ws, int32_t block, int32_t thread);

#endif
