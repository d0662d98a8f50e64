/* Prediction of single cells from a model, by index. */
#ifndef MIXFILL_PREDICT_H
#define MIXFILL_PREDICT_H

#include "model.h"

/* A user as prediction sees it: an index, and whether it had a rating in training. */
typedef struct mixfill_side {
    int32_t index; /* -1: not in the model */
    bool known;
} mixfill_side;

mixfill_side mixfill_find_user(const mixfill_model *model, const char *id, size_t len);
mixfill_side mixfill_find_item(const mixfill_model *model, const char *id, size_t len);

/* Mean and sd of a cell, unclipped: sum_k resp_k mu_kj and the mixture's variance; the global mean
 * and sd for an unknown item, resp = weight for an unknown user (DESIGN 1.1). O(K). */
void mixfill_predict_cell(const mixfill_model *model, double *mean, double *sd, mixfill_side user,
                          mixfill_side item);

/* Clipped to the range of the training ratings. */
double mixfill_clip(const mixfill_model *model, double rating);

/* sum_k resp_k mu_kj of item j. O(K). */
double mixfill_mixture_mean(const mixfill_model *model, const double *resp, int32_t j);

#endif
