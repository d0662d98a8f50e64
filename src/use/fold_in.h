/* Fold-in: taking users into a finished model by their ratings, without fitting again. */
#ifndef MIXFILL_FOLD_IN_H
#define MIXFILL_FOLD_IN_H

#include "model/model.h"

/* What prediction needs to know of a user. */
typedef struct mixfill_person {
    const double *resp; /* (K) in the first mixture, then in steps of `stride`; NULL in `factor` */
    size_t stride;
    double offset;        /* b_u in `map`, else 0 */
    double count;         /* ratings behind it */
    const double *factor; /* (q) in `factor`, with its covariance and scale; else NULL */
    const double *cov;    /* (q(q+1)/2); NULL: the prior's */
    double scale;
} mixfill_person;

/* A user of the model, 0 <= u < N; the model must hold its users. */
mixfill_person mixfill_person_known(const mixfill_model *model, int32_t u);

/* A user of whom nothing is known: the mixtures' weights. */
mixfill_person mixfill_person_unknown(const mixfill_model *model);

/* Users folded in. */
typedef struct mixfill_fold {
    int32_t n_users, n_components, rank;
    double *resp;                 /* (n_mixtures,n_users,K), NULL in `factor` */
    double *offset;               /* (n_users) or NULL */
    int32_t *count;               /* (n_users) ratings of items the model knows */
    double *factor, *cov, *scale; /* as in mixfill_factor_users, else NULL */
    int64_t dropped; /* ratings of other items: left out, but by `factor`, which takes each as of an
                        item of which only the prior is known */
} mixfill_fold;

/* Every user of `ratings`: in `map` b_u by its formula, then one E-step on the model's parameters.
 * A user with the ratings of training gets the bits of training, but for `factor`, where training
 * went on to shift and relax what this step finds. MIXFILL_ERR_NOMEM, MIXFILL_ERR_ARG
 * (MIXFILL_ISA). O(nnz K). */
mixfill_status mixfill_fold_init(mixfill_fold *fold, const mixfill_model *model,
                                 const mixfill_ratings *ratings, int32_t threads,
                                 mixfill_error *err);
void mixfill_fold_clear(mixfill_fold *fold);

mixfill_person mixfill_fold_person(const mixfill_fold *fold, int32_t u);

#endif
