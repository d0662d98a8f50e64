/* M-step of `classic`: reduce the threads' accumulators and update means and variances. */
#include "em.h"

#include <math.h>
#include <string.h>

/* New means of item j, and into change (kp) what they change in sum_u resp_uk SSE_uk:
 * -2 dmu (s1 - mu_old s0) + dmu^2 s0. */
static void update_item(const mixfill_workspace *ws, double *mu, double *change, const double *s) {
    const double *s0 = s, *s1 = s + ws->kp;
    double min_support = ws->options->min_support;
    for (size_t k = 0; k < (size_t)ws->options->n_components; k++) {
        if (!(s0[k] >= min_support && s0[k] > 0))
            continue;
        double updated = s1[k] / s0[k];
        double dmu = updated - mu[k];
        change[k] += dmu * dmu * s0[k] - 2 * dmu * (s1[k] - mu[k] * s0[k]);
        mu[k] = updated;
    }
}

/* Items of a chunk, by rank. */
static void update_chunk(mixfill_workspace *ws, mixfill_params *p, int32_t chunk) {
    size_t kp = ws->kp;
    int32_t first = chunk * MIXFILL_ITEM_CHUNK, left = p->n_items - first;
    int32_t end = first + (left < MIXFILL_ITEM_CHUNK ? left : MIXFILL_ITEM_CHUNK);
    double *change = ws->chunk_sums + (size_t)chunk * kp;
    memset(change, 0, kp * sizeof *change);
    for (int32_t rank = first; rank < end; rank++) {
        const double *sums = mixfill_accumulators_reduce(&ws->acc, rank);
        update_item(ws, p->mu + (size_t)ws->blocks->by_rank[rank] * kp, change, sums);
    }
}

/* The hot items, which have more to reduce, stand in the first chunks, hence dynamic. */
static void update_means(mixfill_workspace *ws, mixfill_params *p) {
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none) shared(ws, p)
    for (int32_t chunk = 0; chunk < ws->n_chunks; chunk++)
        update_chunk(ws, p, chunk);
}

void mixfill_mstep_classic(mixfill_workspace *ws, mixfill_params *p) {
    size_t kp = ws->kp;
    const double *distance = ws->sums + kp, *cells = ws->sums + 2 * kp;
    update_means(ws, p);
    for (size_t k = 0; k < (size_t)p->n_components; k++) {
        double change = 0;
        for (size_t c = 0; c < (size_t)ws->n_chunks; c++)
            change += ws->chunk_sums[c * kp + k];
        if (cells[k] > 0)
            p->var[k] = fmax(ws->options->min_var, (distance[k] + change) / cells[k]);
    }
}
