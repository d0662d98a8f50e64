/* M-step of `classic`: reduce the threads' accumulators of common items, sum the moments of rare
 * ones, and update means and variances. */
#include "em.h"

#include "par.h"

#include <math.h>
#include <string.h>

static void update_item(const mixfill_workspace *ws, mixfill_params *p, int32_t rank,
                        double *change, const double *sums) {
    double *mu = p->mu + (size_t)ws->blocks->by_rank[rank] * ws->kp;
    ws->estep.kernels->update_means(mu, change, sums, ws->options->min_support, ws->kp);
}

/* Common items of a chunk, by rank. */
static void update_chunk(mixfill_workspace *ws, mixfill_params *p, int32_t chunk, double *change) {
    int32_t first = chunk * MIXFILL_ITEM_CHUNK, left = ws->blocks->n_common - first;
    int32_t end = first + (left < MIXFILL_ITEM_CHUNK ? left : MIXFILL_ITEM_CHUNK);
    for (int32_t rank = first; rank < end; rank++)
        update_item(ws, p, rank, change, mixfill_accumulators_reduce(&ws->acc, rank));
}

/* Items of a rare block, whose moments are summed here. */
static void update_rare(mixfill_workspace *ws, mixfill_params *p, int32_t block, double *change) {
    size_t width = 2 * ws->kp, t = (size_t)mixfill_par_thread_id();
    double *sums = ws->item_sums + t * MIXFILL_RARE_ITEMS * width;
    mixfill_pairs pairs = mixfill_blocks_pairs(ws->blocks, ws->ratings, block);
    pairs.packed = true;
    memset(sums, 0, (size_t)pairs.n_items * width * sizeof *sums);
    ws->estep.kernels->add_moments(sums, &pairs, ws->resp, ws->grid, ws->kp);
    for (size_t i = 0; i < (size_t)pairs.n_items; i++)
        update_item(ws, p, pairs.item[i], change, sums + i * width);
}

/* Rare blocks take longest and come first. */
static void update_means(mixfill_workspace *ws, mixfill_params *p) {
    int32_t rare = ws->blocks->n_rare_blocks, n = rare + ws->n_chunks;
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none)                  \
    shared(ws, p, rare, n)
    for (int32_t i = 0; i < n; i++) {
        double *change = ws->changes + (size_t)i * ws->kp;
        memset(change, 0, ws->kp * sizeof *change);
        if (i < rare)
            update_rare(ws, p, ws->blocks->n_blocks + i, change);
        else
            update_chunk(ws, p, i - rare, change);
    }
}

void mixfill_mstep_classic(mixfill_workspace *ws, mixfill_params *p) {
    size_t kp = ws->kp;
    const double *distance = ws->sums + kp, *cells = ws->sums + 2 * kp;
    update_means(ws, p);
    size_t n = (size_t)ws->blocks->n_rare_blocks + (size_t)ws->n_chunks;
    for (size_t k = 0; k < (size_t)p->n_components; k++) {
        double change = 0;
        for (size_t i = 0; i < n; i++)
            change += ws->changes[i * kp + k];
        if (cells[k] > 0)
            p->var[k] = fmax(ws->options->min_var, (distance[k] + change) / cells[k]);
    }
}
