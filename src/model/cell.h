/* A predicted cell of the matrix: what any kind of model says of a person and an item. */
#ifndef MIXFILL_CELL_H
#define MIXFILL_CELL_H

#include "model/model.h"

/* Of an average, each figure is the mean of those of its mixtures (docs/model.md 4.7). */
typedef struct mixfill_cell {
    double mean;    /* not clipped */
    double clipped; /* to the range of the training ratings, as each mixture's is */
    double sd;
} mixfill_cell;

/* Of item j of the model, -1 where it is not in it: then, and where it had no rating in training,
 * of what the kind takes for unknown items. Cost: O(K n_mixtures), or O(q^2). */
mixfill_cell mixfill_predict_cell(const mixfill_model *model, const mixfill_person *person,
                                  int32_t j);

/* Its mean or clipped alone. O(K n_mixtures), or O(q). */
double mixfill_predict_mean(const mixfill_model *model, const mixfill_person *person, int32_t j,
                            bool clip);

/* Clipped to the range of the training ratings. */
double mixfill_clip(const mixfill_model *model, double rating);

#endif
