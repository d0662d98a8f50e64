/* M-step: new means and variances of a mixture from the responsibilities. */
#ifndef MIXFILL_MSTEP_H
#define MIXFILL_MSTEP_H

#include "mixture/workspace.h"

/* Each is called by every thread of a parallel region, who share the work and leave it together;
 * but for mixfill_mstep_part. */

/* M-step of classic from the accumulators, the responsibilities and ws->sums (docs/model.md 2.4).
 */
void mixfill_mstep_classic(mixfill_workspace *ws, mixfill_mixtures *p);

/* M-step of map, with the items' sums of squares besides (docs/model.md 4.3). */
void mixfill_mstep_map(mixfill_workspace *ws, mixfill_mixtures *p);

/* M-step of the notebook's arithmetic from all responsibilities and ws->sums (docs/model.md 3). */
void mixfill_mstep_notebook(mixfill_workspace *ws, mixfill_mixtures *p);

/* One of the n_rare_blocks + n_chunks parts of the new means, as thread `thread`; for the benches.
 */
void mixfill_mstep_part(mixfill_workspace *ws, mixfill_mixtures *p, int32_t part, int32_t thread);

/* Variances of all items from the squared errors that stand in p->var, and log_norms; p->noise_mean
 * is set. Map. */
void mixfill_mstep_vars(mixfill_workspace *ws, mixfill_mixtures *p);

#endif
