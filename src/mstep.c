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
static void update_rare(mixfill_workspace *ws, mixfill_params *p, int32_t block, double *change,
                        int32_t thread) {
    size_t width = 2 * ws->kp;
    double *sums = ws->item_sums + (size_t)thread * MIXFILL_RARE_ITEMS * width;
    mixfill_pairs pairs = mixfill_blocks_pairs(ws->blocks, ws->ratings, block);
    pairs.packed = true;
    memset(sums, 0, (size_t)pairs.n_items * width * sizeof *sums);
    ws->estep.kernels->add_moments(sums, &pairs, ws->resp, ws->grid, ws->kp);
    for (size_t i = 0; i < (size_t)pairs.n_items; i++)
        update_item(ws, p, pairs.item[i], change, sums + i * width);
}

/* Rare blocks take longest and come first. */
void mixfill_mstep_part(mixfill_workspace *ws, mixfill_params *p, int32_t part, int32_t thread) {
    int32_t rare = ws->blocks->n_rare_blocks;
    double *change = ws->changes + (size_t)part * ws->kp;
    memset(change, 0, ws->kp * sizeof *change);
    if (part < rare)
        update_rare(ws, p, ws->blocks->n_blocks + part, change, thread);
    else
        update_chunk(ws, p, part - rare, change);
}

static void update_means(mixfill_workspace *ws, mixfill_params *p) {
    int32_t n = ws->blocks->n_rare_blocks + ws->n_chunks;
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none) shared(ws, p, n)
    for (int32_t i = 0; i < n; i++)
        mixfill_mstep_part(ws, p, i, mixfill_par_thread_id());
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
