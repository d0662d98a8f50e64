/* Ratings in the item numbers of something else, such as a model.
 *
 * Ratings of a model's users come with ids of their own file; a model counts its items its way.
 * What matters to a fold-in, a ranking or an evaluation is the model's. */
#ifndef MIXFILL_ALIGN_H
#define MIXFILL_ALIGN_H

#include "ratings/ratings.h"

/* A copy of ratings whose items are numbered as in item_ids; ratings of items not in it are
 * left out and counted in *dropped. Users keep their number and ids. MIXFILL_ERR_NOMEM. O(nnz). */
mixfill_status mixfill_ratings_align(mixfill_ratings **out, int64_t *dropped,
                                     const mixfill_ratings *ratings, const mixfill_ids *item_ids,
                                     mixfill_error *err);

#endif
