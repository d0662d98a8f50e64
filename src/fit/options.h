/* The options of a fit once its ratings are known. */
#ifndef MIXFILL_FIT_OPTIONS_H
#define MIXFILL_FIT_OPTIONS_H

#include "model/kind.h"

/* Every field at its default, for this kind. */
void mixfill_options_init_kind(mixfill_options *options, const mixfill_kind *kind);

/* The options, NULL for the defaults, with what their zeros stand for: a number of components, of
 * iterations, a floor of variances. MIXFILL_ERR_ARG as mixfill_options_validate, MIXFILL_ERR_DIM
 * of what no kind can fit: no ratings, or more components than users. O(nnz). */
mixfill_status mixfill_options_resolve(mixfill_options *out, const mixfill_options *options,
                                       const mixfill_ratings *ratings, mixfill_error *err);

#endif
