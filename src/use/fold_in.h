/* Fold-in: taking users into a finished model by their ratings, without fitting again. */
#ifndef MIXFILL_FOLD_IN_H
#define MIXFILL_FOLD_IN_H

#include "model/people.h"

/* Every user of `ratings`, matched by the ids of items. A user with the ratings of training gets
 * the bits of training from a mixture; from `factor` nearly, where training went on to shift and
 * relax what this step finds (docs/model.md 2.6, 4.6, 5.9). MIXFILL_ERR_NOMEM, MIXFILL_ERR_ARG
 * (MIXFILL_ISA). O(nnz K), or O(nnz q^2 + N q^3). */
mixfill_status mixfill_fold_in(mixfill_people *fold, const mixfill_model *model,
                               const mixfill_ratings *ratings, int32_t threads, mixfill_error *err);

#endif
