/* Parameters of mixtures of Gaussians, as a fit moves them and a model keeps them; what varies
 * between classic, map and the notebook's arithmetic is which arrays there are. */
#ifndef MIXFILL_MIXTURES_H
#define MIXFILL_MIXTURES_H

#include "model/model.h"

typedef enum mixfill_variant {
    MIXFILL_CLASSIC,  /* docs/model.md 2: a variance for each component */
    MIXFILL_NOTEBOOK, /* 3: the published arithmetic, mask inverted */
    MIXFILL_MAP       /* 4: on what is left after offsets; a variance for each item */
} mixfill_variant;

/* n mixtures, one behind the other: 1, or with `average` one per start. mu and s0 are held item by
 * item and padded, as the kernels read them; files have them as (K,D). V is K, or D in map. */
typedef struct mixfill_mixtures {
    mixfill_params head;
    mixfill_variant variant;
    int32_t n_items, n_components;
    size_t kp;           /* K rounded up to a multiple of MIXFILL_LANES */
    double *weight;      /* (n,K), rows sum to 1 */
    double *mu;          /* (n,D,kp), padding 0; in map what is left after the offsets */
    double *var;         /* (n,V), > 0 */
    double *s0;          /* (n,D,kp) map: total responsibility behind each mean, padding 0 */
    double *noise_mean;  /* (n) map: v, variance of an item without ratings */
    double *offset_user; /* (N) map: b_u; NULL without users */
    double *offset_item; /* (D) map: b_j */
    double *resp;        /* (n,N,K), rows sum to 1; a finished model's, NULL without users */
} mixfill_mixtures;

/* A model's parameters, which must be mixtures. */
static inline mixfill_mixtures *mixfill_mixtures_of(const mixfill_model *model) {
    return (mixfill_mixtures *)model->params;
}

/* The variant that a kind of these is. */
mixfill_variant mixfill_variant_of(const mixfill_kind *kind);

/* Variances of a mixture. */
static inline size_t mixfill_mixture_n_var(const mixfill_mixtures *p) {
    return (size_t)(p->variant == MIXFILL_MAP ? p->n_items : p->n_components);
}

/* Mixture i alone, borrowed from all. */
mixfill_mixtures mixfill_mixture_at(const mixfill_mixtures *all, int32_t i);

/* For the kinds' tables. */
void mixfill_mixtures_list(mixfill_array_list *out, mixfill_params *params);
int64_t mixfill_mixtures_n_parameters(const mixfill_model *model);
void mixfill_mixtures_keep(mixfill_params *average, const mixfill_params *params, int32_t start);

#endif
