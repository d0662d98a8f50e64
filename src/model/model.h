/* The model: parameters, what a fit remembers of its training data, and their checks. */
#ifndef MIXFILL_MODEL_H
#define MIXFILL_MODEL_H

#include "base/base.h"
#include "factor/factors.h"
#include "ratings/ids.h"
#include "ratings/ratings.h"

/* mu and s0 are kept item-major and padded, as the kernels read them; files hold them as (K,D). n
 * is n_mixtures: 1, or with `average` one per start, whose predictions are averaged. V is K, or D
 * in `map`, whose variances are those of the items. */
struct mixfill_model {
    mixfill_model_kind kind;
    bool notebook, average;
    int32_t n_users, n_items, n_components, n_mixtures;
    size_t kp;      /* K rounded up to a multiple of MIXFILL_LANES */
    double *weight; /* (n,K), rows sum to 1 */
    double *mu;     /* (n,D,kp), padding 0; in `map` what is left after the offsets */
    double *var;    /* (n,V), > 0 */
    double *resp;   /* (n,N,K), rows sum to 1; NULL without users */

    /* `map` only, else NULL */
    double *s0;          /* (n,D,kp) total responsibility behind each mean, padding 0 */
    double *noise_mean;  /* (n) variance of an item without ratings */
    double *offset_user; /* (N) b_u; NULL without users */
    double *offset_item; /* (D) b_j */

    mixfill_factors *factors; /* `factor` only, which has none of the above; else NULL */

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
    double min_var, min_support, prior_strength, implicit_strength;
    bool implicit;
    int32_t iterations;
    double *log_likelihood; /* (iterations) */
};

enum { MIXFILL_LANES = 8 };

/* K rounded up to whole vectors of MIXFILL_LANES doubles. */
static inline size_t mixfill_padded(int32_t n_components) {
    return ((size_t)n_components + MIXFILL_LANES - 1) / MIXFILL_LANES * MIXFILL_LANES;
}

static inline bool mixfill_model_has_users(const mixfill_model *m) {
    return m->user_mean != NULL;
}

typedef struct mixfill_model_shape {
    mixfill_model_kind kind;
    int32_t n_users, n_items, n_components, n_mixtures;
    bool with_users;
    int32_t rank; /* of `factor` */
} mixfill_model_shape;

/* A model of the shape with every array allocated and zeroed but log_likelihood and factors, which
 * are NULL. NULL when out of memory. */
mixfill_model *mixfill_model_alloc(const mixfill_model_shape *shape);

/* Variances of a mixture: K, or D in `map`. */
static inline size_t mixfill_model_n_var(const mixfill_model *m) {
    return (size_t)(m->kind == MIXFILL_MODEL_MAP ? m->n_items : m->n_components);
}

/* One of a model's mixtures, borrowed from it. */
typedef struct mixfill_mixture {
    const double *weight; /* (K) */
    const double *mu;     /* (D,kp) */
    const double *var;    /* (V) */
    const double *resp;   /* (N,K) or NULL */
    const double *s0;     /* (D,kp) or NULL */
    double noise_mean;
} mixfill_mixture;

mixfill_mixture mixfill_model_mixture(const mixfill_model *model, int32_t i);

/* Check parameters, baselines and ids: finite, in range, weights and responsibilities summing to 1.
 * MIXFILL_ERR_PARSE with the reason and `path`. */
mixfill_status mixfill_model_validate(const mixfill_model *model, const char *path,
                                      mixfill_error *err);

/* Bytes of a model of this shape, ids apart. */
size_t mixfill_model_bytes_of_shape(const mixfill_model_shape *shape);

/* Bytes held. */
size_t mixfill_model_bytes(const mixfill_model *model);

#endif
