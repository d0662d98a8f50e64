/* M-step of classic and map. The moments of common items stand in the threads' accumulators,
 * reduced as they are read; those of rare ones are summed here, each item by one thread over all
 * its users in order. Means come first, and what they change in the squared distances is summed
 * beside them, so that variances need no second pass over the ratings (docs/model.md 2.4, 4.3). */
#include "mixture/mstep.h"

#include "base/par.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* New means of the item of a rank. change (kp): in classic what they change in the distances; in
 * map its first is the squared error of the items, this one's being left in var
 * (docs/model.md 2.4, 4.3). */
static void update_item(const mixfill_workspace *ws, mixfill_mixtures *p, int32_t rank,
                        double *change, const double *sums) {
    size_t kp = ws->kp, j = (size_t)ws->blocks->by_rank[rank];
    double *mu = p->mu + j * kp;
    if (ws->variant != MIXFILL_MAP) {
        ws->estep.kernels->update_means(mu, change, sums, ws->options->min_support, kp);
        return;
    }
    double rest = ws->estep.kernels->shrink_means(mu, sums, ws->options->prior_strength, kp);
    p->var[j] = fmax(0, ws->centre.squares[rank] + rest);
    change[0] += p->var[j];
    memcpy(p->s0 + j * kp, sums, kp * sizeof *p->s0);
}

/* Common items of a chunk, by rank. */
static void update_chunk(mixfill_workspace *ws, mixfill_mixtures *p, int32_t chunk,
                         double *change) {
    int32_t first = chunk * MIXFILL_ITEM_CHUNK, left = ws->blocks->n_common - first;
    int32_t end = first + (left < MIXFILL_ITEM_CHUNK ? left : MIXFILL_ITEM_CHUNK);
    for (int32_t rank = first; rank < end; rank++)
        update_item(ws, p, rank, change, mixfill_accumulators_reduce(&ws->acc, rank));
}

/* Items of a rare block, whose moments are summed here. */
static void update_rare(mixfill_workspace *ws, mixfill_mixtures *p, int32_t block, double *change,
                        int32_t thread) {
    size_t width = 2 * ws->kp;
    double *sums = ws->item_sums + (size_t)thread * MIXFILL_RARE_ITEMS * width;
    mixfill_pairs pairs = mixfill_em_pairs(ws, block);
    pairs.packed = true;
    memset(sums, 0, (size_t)pairs.n_items * width * sizeof *sums);
    ws->estep.kernels->add_moments(sums, &pairs, ws->resp, ws->grid, ws->kp);
    for (size_t i = 0; i < (size_t)pairs.n_items; i++)
        update_item(ws, p, pairs.item[i], change, sums + i * width);
}

/* Rare blocks take longest and come first. */
void mixfill_mstep_part(mixfill_workspace *ws, mixfill_mixtures *p, int32_t part, int32_t thread) {
    int32_t rare = ws->blocks->n_rare_blocks;
    double *change = ws->changes + (size_t)part * ws->kp;
    memset(change, 0, ws->kp * sizeof *change);
    if (part < rare)
        update_rare(ws, p, ws->blocks->n_blocks + part, change, thread);
    else
        update_chunk(ws, p, part - rare, change);
}

/* New means of all items: the accumulators are reduced where they are read, so that no pass over
 * them is needed before. */
static void update_means(mixfill_workspace *ws, mixfill_mixtures *p) {
    int32_t n = ws->blocks->n_rare_blocks + ws->n_chunks;
#pragma omp for schedule(dynamic)
    for (int32_t i = 0; i < n; i++)
        mixfill_mstep_part(ws, p, i, mixfill_par_thread_id());
}

/* sum_k of the parts' changes, in their order. */
static double total_change(const mixfill_workspace *ws, size_t k) {
    double change = 0;
    size_t n = (size_t)ws->blocks->n_rare_blocks + (size_t)ws->n_chunks;
    for (size_t i = 0; i < n; i++)
        change += ws->changes[i * ws->kp + k];
    return change;
}

/* The component's variances in classic. */
static void update_var(mixfill_workspace *ws, mixfill_mixtures *p) {
    size_t kp = ws->kp;
    const double *distance = ws->sums + kp, *cells = ws->sums + 2 * kp;
    for (size_t k = 0; k < (size_t)p->n_components; k++) {
        double change = total_change(ws, k);
        if (cells[k] > 0)
            p->var[k] = fmax(ws->options->min_var, (distance[k] + change) / cells[k]);
    }
}

void mixfill_mstep_classic(mixfill_workspace *ws, mixfill_mixtures *p) {
    update_means(ws, p);
#pragma omp single
    update_var(ws, p);
}

/* ---- map ---- */

enum { VAR_PRIOR = 10 /* ratings that draw an item's variance to the mean one */ };

/* Variances of the items of ranks [first, end) from their squared errors; returns what they add to
 * the log-likelihood's scale. */
static double update_vars(mixfill_workspace *ws, mixfill_mixtures *p, int32_t first, int32_t end) {
    double scale = 0;
    for (int32_t rank = first; rank < end; rank++) {
        size_t j = (size_t)ws->blocks->by_rank[rank];
        int32_t count = ws->blocks->count[rank];
        double error = count > 0 ? p->var[j] : 0;
        p->var[j] = fmax(ws->options->min_var,
                         (error + VAR_PRIOR * p->noise_mean[0]) / (count + VAR_PRIOR));
        ws->centre.terms[2 * j + 1] = 1 / p->var[j];
        scale += mixfill_log_norms(&p->var[j], &count, 1);
    }
    return scale;
}

/* In their order. */
static double sum_of(const double *x, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

void mixfill_mstep_vars(mixfill_workspace *ws, mixfill_mixtures *p) {
    int32_t d = p->n_items, n = d / MIXFILL_VAR_CHUNK + 1;
#pragma omp for schedule(static)
    for (int32_t i = 0; i < n; i++) {
        int32_t first = i * MIXFILL_VAR_CHUNK, left = d - first;
        int32_t end = first + (left < MIXFILL_VAR_CHUNK ? left : MIXFILL_VAR_CHUNK);
        ws->centre.norms[i] = update_vars(ws, p, first, end);
    }
#pragma omp single
    ws->log_norms = sum_of(ws->centre.norms, n);
}

void mixfill_mstep_map(mixfill_workspace *ws, mixfill_mixtures *p) {
    update_means(ws, p);
#pragma omp single
    p->noise_mean[0] = fmax(DBL_MIN, total_change(ws, 0) / (double)ws->ratings->nnz);
    mixfill_mstep_vars(ws, p);
}
