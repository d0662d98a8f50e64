/* M-step of `classic`: reduce the threads' accumulators and update means and variances. */
#include "em.h"

#include <math.h>
#include <string.h>

/* The sums of item j over the threads, added into the first thread's; exact, whatever their order.
 */
static void reduce_item(mixfill_workspace *ws, size_t j) {
    size_t n = 2 * ws->kp;
    double *s = ws->acc + j * n;
    for (size_t t = 1; t < (size_t)ws->threads; t++) {
        const double *other = ws->acc + (t * (size_t)ws->ratings->n_items + j) * n;
        for (size_t i = 0; i < n; i++)
            s[i] += other[i];
    }
}

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

/* Items of a chunk, ascending. */
static void update_chunk(mixfill_workspace *ws, mixfill_params *p, int32_t chunk) {
    size_t kp = ws->kp, first = (size_t)chunk * MIXFILL_ITEM_CHUNK;
    size_t left = (size_t)p->n_items - first;
    size_t n = left < MIXFILL_ITEM_CHUNK ? left : MIXFILL_ITEM_CHUNK;
    double *change = ws->chunk_sums + (size_t)chunk * kp;
    memset(change, 0, kp * sizeof *change);
    for (size_t j = first; j < first + n; j++) {
        reduce_item(ws, j);
        update_item(ws, p->mu + j * kp, change, ws->acc + j * 2 * kp);
    }
}

static void update_means(mixfill_workspace *ws, mixfill_params *p) {
#pragma omp parallel for schedule(static) num_threads(ws->threads) default(none) shared(ws, p)
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
