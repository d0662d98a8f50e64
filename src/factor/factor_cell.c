/* What `factor` predicts: the mean and variance of a cell, and the same mean as a product, for
 * lists. An item without a training rating is as its prior has it, and so is a person of whom
 * nothing is known (docs/model.md 5.7, 5.8). */
#include "factor/factor_people.h"

#include <math.h>
#include <string.h>

mixfill_person mixfill_factor_known(const mixfill_model *m, int32_t u) {
    const mixfill_factors *f = mixfill_factors_of(m);
    size_t q = (size_t)f->rank, at = (size_t)u;
    return (mixfill_person){.latent = f->user_factor + at * q,
                            .cov = f->user_cov + at * mixfill_packed(q),
                            .scale = f->user_scale[u],
                            .count = m->user_count[u]};
}

mixfill_person mixfill_factor_person_unknown(const mixfill_model *m) {
    return (mixfill_person){.latent = mixfill_factors_of(m)->xi, .scale = 1};
}

/* What the model knows of item j: its prior where it was not rated. */
typedef struct item_factors {
    const double *w, *cov; /* (Q), packed; cov NULL: phi */
    double v;
} item_factors;

/* Item j, -1 where it is not in the model. */
static item_factors item_factors_of(const mixfill_model *m, int32_t j) {
    const mixfill_factors *f = mixfill_factors_of(m);
    size_t moments = (size_t)f->rank + 1, at = (size_t)(j < 0 ? 0 : j);
    if (!mixfill_model_rated(m, j))
        return (item_factors){f->m, NULL, f->scale[2]};
    return (item_factors){f->w + at * moments, f->w_cov + at * mixfill_packed(moments), f->v[j]};
}

/* g + sd w . (1, e) */
double mixfill_factor_mean(const mixfill_model *m, int32_t i, const mixfill_person *person,
                           int32_t j) {
    const mixfill_factors *f = mixfill_factors_of(m);
    const double *w = item_factors_of(m, j).w;
    double sum = w[0];
    (void)i;
    for (size_t l = 0; l < (size_t)f->rank; l++)
        sum += w[l + 1] * person->latent[l];
    return f->scale[0] + f->scale[1] * sum;
}

/* Element of a packed symmetric matrix, or where that is NULL of a full one (n,n). */
static double element(const double *packed, const double *full, size_t n, size_t i, size_t j) {
    if (packed == NULL)
        return full[i * n + j];
    return i > j ? packed[mixfill_packed(i) + j] : packed[mixfill_packed(j) + i];
}

/* sd^2 (s v + 2 (what is unsure of w and e)), the latter (1,e)' Cov (1,e) + w_f' C w_f + <Cov_ff,
 * C>; the 2 is a measured recalibration (docs/model.md 5.7). */
double mixfill_factor_variance(const mixfill_model *m, int32_t i, const mixfill_person *person,
                               int32_t j) {
    const mixfill_factors *f = mixfill_factors_of(m);
    item_factors item = item_factors_of(m, j);
    size_t q = (size_t)f->rank;
    double unsure = 0;
    (void)i;
    for (size_t a = 0; a <= q; a++)
        for (size_t b = 0; b <= q; b++) {
            double cov = element(item.cov, f->phi, q + 1, a, b);
            double e_a = a > 0 ? person->latent[a - 1] : 1;
            double e_b = b > 0 ? person->latent[b - 1] : 1;
            unsure += e_a * e_b * cov;
            if (a > 0 && b > 0)
                unsure +=
                    element(person->cov, f->omega, q, a - 1, b - 1) * (item.w[a] * item.w[b] + cov);
        }
    double sd = f->scale[1];
    return sd * sd * (person->scale * item.v + 2 * fmax(0, unsure));
}

/* ---- lists ---- */

size_t mixfill_factor_row_width(const mixfill_model *m) {
    return (size_t)mixfill_factors_of(m)->rank;
}

/* The loadings in ratings; the level is the base. */
double mixfill_factor_item_row(const mixfill_model *m, double *column, size_t step, int32_t j) {
    const mixfill_factors *f = mixfill_factors_of(m);
    const double *w = item_factors_of(m, j).w;
    for (size_t i = 0; i < (size_t)f->rank; i++)
        column[i * step] = f->scale[1] * w[i + 1];
    return f->scale[0] + f->scale[1] * w[0];
}

double mixfill_factor_person_row(const mixfill_model *m, double *row,
                                 const mixfill_person *person) {
    memcpy(row, person->latent, (size_t)mixfill_factors_of(m)->rank * sizeof *row);
    return 0;
}
