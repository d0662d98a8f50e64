/* A user as prediction sees one, whether a model's, folded in, or nobody it knows; and many of
 * them. Plain structs, whose meaning for a kind of model is said by it. */
#ifndef MIXFILL_PERSON_H
#define MIXFILL_PERSON_H

#include <stddef.h>
#include <stdint.h>

/* What prediction needs of a person. */
typedef struct mixfill_person {
    const double *latent; /* responsibilities (K), or factors (q); of the first mixture, then in
                             steps of `stride` */
    size_t stride;
    const double *cov; /* of factors, packed; NULL: of the prior, or there is none */
    double offset;     /* b_u, or 0 */
    double scale;      /* s_u, or 0 */
    double count;      /* ratings behind it */
} mixfill_person;

/* Users folded in: persons whose arrays it holds. */
typedef struct mixfill_people {
    int32_t n_users;
    size_t width, cov_width; /* of a person's latent under one mixture, and cov */
    double *latent;          /* (n_mixtures,n_users,width), or NULL where width is 0 */
    double *cov;             /* (n_users,cov_width) or NULL */
    double *offset, *scale;  /* (n_users) or NULL */
    int32_t *count;          /* (n_users) ratings of items the model knows */
    int64_t dropped;         /* ratings of other items */
} mixfill_people;

#endif
