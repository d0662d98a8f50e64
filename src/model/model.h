/* A model: the parameters of its kind, and what a fit remembers of its training data. */
#ifndef MIXFILL_MODEL_STRUCT_H
#define MIXFILL_MODEL_STRUCT_H

#include "model/params.h"
#include "ratings/ids.h"
#include "ratings/ratings.h"

struct mixfill_model {
    const mixfill_kind *kind;
    mixfill_options options; /* of the fit: those that the kind heeds, others as its defaults */
    mixfill_params *params;  /* the kind's */
    int32_t n_users, n_items;

    /* the training ratings and their baselines (docs/model.md 6) */
    double global_mean, global_sd;
    double rating_range[2];        /* least and largest */
    double *user_mean, *user_bias; /* (N); NULL without users */
    double *item_mean, *item_bias; /* (D) */
    int32_t *user_count;           /* (N) ratings in training; NULL without users */
    int32_t *item_count;           /* (D) */
    int64_t n_ratings;
    mixfill_ids user_ids, item_ids; /* user_ids empty without users */

    int32_t iterations;
    double *log_likelihood; /* (iterations) */
    double *rmse;           /* (iterations) of held-out ratings; NULL where there were none */
};

static inline bool mixfill_model_has_users(const mixfill_model *m) {
    return m->user_mean != NULL;
}

/* Whether item j, -1 where it is not in the model, had a rating in training. */
static inline bool mixfill_model_rated(const mixfill_model *m, int32_t j) {
    return j >= 0 && m->item_count[j] > 0;
}

/* A model of N x D with the arrays that every kind has, zeroed, and options; it has no parameters
 * yet, no ids and no history. NULL when out of memory. */
mixfill_model *mixfill_model_create(const mixfill_kind *kind, const mixfill_options *options,
                                    int32_t n_users, int32_t n_items, bool with_users);

/* The arrays that every kind has, in file order. */
void mixfill_model_list(mixfill_array_list *out, mixfill_model *model);

/* Free what belongs to users. */
void mixfill_model_drop_users(mixfill_model *model);

/* Check parameters, baselines and ids: finite, in range, weights and responsibilities summing to 1.
 * MIXFILL_ERR_PARSE with the reason and `path`. */
mixfill_status mixfill_model_validate(const mixfill_model *model, const char *path,
                                      mixfill_error *err);

/* Bytes of what every kind has in a model of this shape, ids apart. */
size_t mixfill_model_bytes_of_shape(int32_t n_users, int32_t n_items);

/* Bytes held. */
size_t mixfill_model_bytes(const mixfill_model *model);

#endif
