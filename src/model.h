/* The model: parameters, what a fit remembers of its training data, and their checks. */
#ifndef MIXFILL_MODEL_H
#define MIXFILL_MODEL_H

#include "base.h"
#include "ids.h"
#include "ratings.h"

/* mu is kept item-major and padded, as the kernels read it; files hold it as (K,D). */
struct mixfill_model {
    mixfill_model_kind kind;
    bool notebook;
    int32_t n_users, n_items, n_components;
    size_t kp;      /* K rounded up to a multiple of MIXFILL_LANES */
    double *weight; /* (K), sums to 1 */
    double *mu;     /* (D,kp), padding 0 */
    double *var;    /* (K), > 0 */
    double *resp;   /* (N,K), rows sum to 1; NULL without users */

    /* baselines of the training ratings */
    double global_mean, global_sd;
    double rating_min, rating_max;
    double *user_mean, *user_bias; /* (N); NULL without users */
    double *item_mean, *item_bias; /* (D) */
    int32_t *user_count;           /* (N) ratings in training; NULL without users */
    int32_t *item_count;           /* (D) */
    int64_t n_ratings;

    mixfill_ids user_ids, item_ids; /* user_ids empty without users */

    /* what meta.json holds */
    uint32_t seed;
    int32_t n_init;
    double tol;
    int32_t max_iter;
    double min_var, min_support;
    int32_t iterations;
    double *log_likelihood; /* (iterations) */
};

enum { MIXFILL_LANES = 8 };

/* K rounded up to whole vectors of MIXFILL_LANES doubles. */
static inline size_t mixfill_padded(int32_t n_components) {
    return ((size_t)n_components + MIXFILL_LANES - 1) / MIXFILL_LANES * MIXFILL_LANES;
}

static inline bool mixfill_model_has_users(const mixfill_model *m) {
    return m->resp != NULL;
}

/* A model of the shape with every array allocated and zeroed but log_likelihood, which is NULL.
 * NULL when out of memory. */
mixfill_model *mixfill_model_alloc(int32_t n_users, int32_t n_items, int32_t n_components,
                                   bool with_users);

/* Check parameters, baselines and ids: finite, in range, weights and responsibilities summing to 1.
 * MIXFILL_ERR_PARSE with the reason and `path`. */
mixfill_status mixfill_model_validate(const mixfill_model *model, const char *path,
                                      mixfill_error *err);

/* Bytes of a model of this shape, ids apart. */
size_t mixfill_model_bytes_of_shape(int32_t n_users, int32_t n_items, int32_t n_components,
                                    bool with_users);

/* Bytes held. */
size_t mixfill_model_bytes(const mixfill_model *model);

#endif
