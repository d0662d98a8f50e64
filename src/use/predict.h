/* Prediction of single cells from a model, by index. */
#ifndef MIXFILL_PREDICT_H
#define MIXFILL_PREDICT_H

#include "use/fold_in.h"

/* A user as prediction sees it: an index, and whether it had a rating in training. */
typedef struct mixfill_side {
    int32_t index; /* -1: not in the model */
    bool known;
} mixfill_side;

mixfill_side mixfill_find_user(const mixfill_model *model, const char *id, size_t len);
mixfill_side mixfill_find_item(const mixfill_model *model, const char *id, size_t len);

/* A predicted cell. With several mixtures each figure is the mean of theirs. */
typedef struct mixfill_cell {
    double mean;    /* not clipped */
    double clipped; /* to the range of the training ratings, as each mixture's is */
    double sd;
} mixfill_cell;

/* Of item j of the model, -1 where it is not in it. classic: mean sum_k resp_k mu_kj and the
 * mixture's variance, for an item without training ratings the global mean and sd (DESIGN 1.1).
 * map: the offsets and sum_k resp_k mu_kj; the variance is that of the mixture and of its
 * parameters (DESIGN 1.3). O(K n_mixtures). */
mixfill_cell mixfill_predict_cell(const mixfill_model *model, const mixfill_person *user,
                                  int32_t j);

/* Its mean or clipped alone. */
double mixfill_predict_mean(const mixfill_model *model, const mixfill_person *user, int32_t j,
                            bool clip);

/* The person behind an index that was found, or not. */
mixfill_person mixfill_person_of(const mixfill_model *model, mixfill_side user);

/* Clipped to the range of the training ratings. */
double mixfill_clip(const mixfill_model *model, double rating);

#endif
