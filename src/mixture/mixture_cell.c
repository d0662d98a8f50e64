/* What mixtures predict: the mean and variance of a cell, and the same mean as a product, for
 * lists. An item without a training rating has no means of its own: classic gives it the mean and
 * variance of all ratings, map an offset of 0, no departure, and the variance of an item without
 * ratings (docs/model.md 2.6, 4.4, 4.5). */
#include "mixture/mixture_people.h"

#include "model/offsets.h"

#include <math.h>

/* sum_k resp_k mu_kj */
static double expected_mu(const mixfill_mixtures *p, const double *resp, int32_t j) {
    const double *mu = p->mu + (size_t)j * p->kp;
    double mean = 0;
    for (size_t k = 0; k < (size_t)p->n_components; k++)
        mean += resp[k] * mu[k];
    return mean;
}

/* Under mixture i, whose rows are `stride` apart. */
static const double *resp_of(const mixfill_person *person, int32_t i) {
    return person->latent + (size_t)i * person->stride;
}

double mixfill_classic_mean(const mixfill_model *m, int32_t i, const mixfill_person *person,
                            int32_t j) {
    mixfill_mixtures p = mixfill_mixture_at(mixfill_mixtures_of(m), i);
    return mixfill_model_rated(m, j) ? expected_mu(&p, resp_of(person, i), j) : m->global_mean;
}

/* sum_k resp_k (var_k + mu_kj^2) - (sum_k resp_k mu_kj)^2, written so that nothing cancels. */
double mixfill_classic_variance(const mixfill_model *m, int32_t i, const mixfill_person *person,
                                int32_t j) {
    if (!mixfill_model_rated(m, j))
        return m->global_sd * m->global_sd;
    mixfill_mixtures p = mixfill_mixture_at(mixfill_mixtures_of(m), i);
    const double *mu = p.mu + (size_t)j * p.kp, *resp = resp_of(person, i);
    double mean = expected_mu(&p, resp, j), variance = 0;
    for (size_t k = 0; k < (size_t)p.n_components; k++)
        variance += resp[k] * (p.var[k] + (mu[k] - mean) * (mu[k] - mean));
    return variance;
}

double mixfill_map_mean(const mixfill_model *m, int32_t i, const mixfill_person *person,
                        int32_t j) {
    mixfill_mixtures p = mixfill_mixture_at(mixfill_mixtures_of(m), i);
    double departure = mixfill_model_rated(m, j) ? expected_mu(&p, resp_of(person, i), j) : 0;
    double offset = j >= 0 ? p.offset_item[j] : 0;
    return m->global_mean + person->offset + offset + departure;
}

/* sum_k resp_k (v_j + mu_kj^2) - (sum_k resp_k mu_kj)^2, and then what is unsure of mu, b_u and b_j
 * themselves: sum_k resp_k^2 v_j / (s0_kj + tau) + v / (8 + |O_u|) + v_j / (3 + |U_j|). Where
 * nothing at all stands behind a mean (tau = 0, s0 = 0), it is as unsure as a rating
 * (docs/model.md 4.4). */
double mixfill_map_variance(const mixfill_model *m, int32_t i, const mixfill_person *person,
                            int32_t j) {
    mixfill_mixtures p = mixfill_mixture_at(mixfill_mixtures_of(m), i);
    const double *resp = resp_of(person, i);
    bool rated = mixfill_model_rated(m, j);
    size_t row = (size_t)(j < 0 ? 0 : j) * p.kp;
    double v = rated ? p.var[j] : fmax(m->options.min_var, p.noise_mean[0]);
    double mean = rated ? expected_mu(&p, resp, j) : 0, variance = v;
    for (size_t k = 0; k < (size_t)p.n_components; k++) {
        double deviation = (rated ? p.mu[row + k] : 0) - mean;
        double support = (rated ? p.s0[row + k] : 0) + m->options.prior_strength;
        variance +=
            resp[k] * deviation * deviation + resp[k] * resp[k] * (support > 0 ? v / support : v);
    }
    return variance + p.noise_mean[0] / (mixfill_offset_shrinkage.user + person->count) +
           v / (mixfill_offset_shrinkage.item + (j < 0 ? 0 : m->item_count[j]));
}

/* ---- lists ---- */

size_t mixfill_mixture_row_width(const mixfill_model *m) {
    const mixfill_mixtures *p = mixfill_mixtures_of(m);
    return (size_t)p->head.shape.n_mixtures * (size_t)p->n_components;
}

/* The mixtures' means one behind the other: an average of mixtures is a product with their
 * responsibilities, each divided by their number. */
double mixfill_mixture_item_row(const mixfill_model *m, double *column, size_t step, int32_t j) {
    const mixfill_mixtures *all = mixfill_mixtures_of(m);
    size_t n = (size_t)all->n_components;
    bool rated = mixfill_model_rated(m, j);
    for (int32_t i = 0; i < all->head.shape.n_mixtures && rated; i++) {
        mixfill_mixtures p = mixfill_mixture_at(all, i);
        for (size_t k = 0; k < n; k++)
            column[((size_t)i * n + k) * step] = p.mu[(size_t)j * p.kp + k];
    }
    if (all->variant == MIXFILL_MAP)
        return m->global_mean + all->offset_item[j];
    return rated ? 0 : m->global_mean;
}

double mixfill_mixture_person_row(const mixfill_model *m, double *row,
                                  const mixfill_person *person) {
    const mixfill_mixtures *p = mixfill_mixtures_of(m);
    size_t n = (size_t)p->n_components;
    for (int32_t i = 0; i < p->head.shape.n_mixtures; i++)
        for (size_t k = 0; k < n; k++)
            row[(size_t)i * n + k] = resp_of(person, i)[k] / p->head.shape.n_mixtures;
    return person->offset;
}
