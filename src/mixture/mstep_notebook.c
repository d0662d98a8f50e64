/* M-step of the notebook's published arithmetic, mask inverted (docs/model.md 3). Many of its
 * denominators lie within rounding of the threshold they are compared with, so they are summed in
 * double-double, one thread per item, users ascending. */
#include "mixture/mstep.h"

#include "base/par.h"

#include <math.h>
#include <string.h>

/* Sums of one chunk's items: s0 in double-double, and s1. */
typedef struct chunk_sums {
    double *high, *low, *s1; /* (items,kp) each */
} chunk_sums;

/* (high, low) += x (Knuth's TwoSum; Dekker 1971 for the renormalisation). */
static inline void add_double_double(double *high, double *low, double x) {
    double sum = *high + x;
    double part = sum - *high;
    double error = (*high - (sum - part)) + (x - part);
    double tail = *low + error;
    *high = sum + tail;
    *low = tail - (*high - sum);
}

/* Add the ratings of one (block, item) pair to row `at` of the sums; block_resp holds the
 * responsibilities of the block's users. */
static void add_pair(const chunk_sums *sums, size_t at, const mixfill_pairs *pairs, int32_t pair,
                     const double *block_resp, size_t kp) {
    uint32_t begin = pair > 0 ? pairs->end[pair - 1] : 0;
    double *high = sums->high + at * kp, *low = sums->low + at * kp, *s1 = sums->s1 + at * kp;
    for (uint32_t e = begin; e < pairs->end[pair]; e++) {
        double x = pairs->code != NULL ? pairs->level[pairs->code[e]] : pairs->value[e];
        size_t user = pairs->near != NULL ? pairs->near[e] : (size_t)pairs->far[e];
        const double *resp = block_resp + user * kp;
        for (size_t k = 0; k < kp; k++) {
            add_double_double(&high[k], &low[k], resp[k]);
            s1[k] += resp[k] * x;
        }
    }
}

/* Sums of the items of ranks [first, end), block by block, which is user by user. */
static void sum_chunk(const mixfill_workspace *ws, const chunk_sums *sums, int32_t first,
                      int32_t end) {
    const mixfill_blocks *b = ws->blocks;
    for (int32_t i = 0; i < b->n_blocks + b->n_rare_blocks; i++) {
        mixfill_pairs pairs = mixfill_blocks_pairs(b, ws->ratings, i);
        const double *resp = ws->resp + (size_t)b->block[i].first_user * ws->kp;
        for (int32_t p = mixfill_pairs_find(&pairs, first);
             p < pairs.n_items && pairs.item[p] < end; p++)
            add_pair(sums, (size_t)(pairs.item[p] - first), &pairs, p, resp, ws->kp);
    }
}

/* total (2,kp): double-double sum_u resp_uk. */
static void update_chunk(const mixfill_workspace *ws, mixfill_mixtures *p, int32_t chunk,
                         double *scratch, const double *total) {
    size_t kp = ws->kp, size = MIXFILL_ITEM_CHUNK * kp;
    int32_t first = chunk * MIXFILL_ITEM_CHUNK;
    int32_t left = p->n_items - first;
    int32_t n = left < MIXFILL_ITEM_CHUNK ? left : MIXFILL_ITEM_CHUNK;
    chunk_sums sums = {scratch, scratch + size, scratch + 2 * size};
    memset(scratch, 0, 3 * size * sizeof *scratch);
    sum_chunk(ws, &sums, first, first + n);
    for (size_t i = 0; i < (size_t)n; i++)
        for (size_t k = 0; k < (size_t)p->n_components; k++) {
            size_t at = i * kp + k;
            double high = total[k], low = total[kp + k];
            add_double_double(&high, &low, -sums.high[at]);
            add_double_double(&high, &low, -sums.low[at]);
            double denominator = high + low;
            size_t item = (size_t)ws->blocks->by_rank[(size_t)first + i];
            if (denominator >= ws->options->min_support)
                p->mu[item * kp + k] = sums.s1[at] / (denominator + 1e-10);
        }
}

/* sum_u resp_u into total (2,kp), and the variances. */
static void update_var(const mixfill_workspace *ws, const mixfill_mixtures *p, double *total) {
    size_t kp = ws->kp;
    const double *distance = ws->sums + kp, *cells = ws->sums + 2 * kp;
    memset(total, 0, 2 * kp * sizeof *total);
    for (size_t u = 0; u < (size_t)ws->ratings->n_users; u++)
        for (size_t k = 0; k < kp; k++)
            add_double_double(&total[k], &total[kp + k], ws->resp[u * kp + k]);
    for (size_t k = 0; k < (size_t)p->n_components; k++)
        if (cells[k] > 0)
            p->var[k] = fmax(ws->options->min_var, distance[k] / cells[k]);
}

void mixfill_mstep_notebook(mixfill_workspace *ws, mixfill_mixtures *p) {
    size_t kp = ws->kp;
    double *total = ws->strip; /* holds more than (2,kp), and is free here */
#pragma omp single
    update_var(ws, p, total);
#pragma omp for schedule(static)
    for (int32_t chunk = 0; chunk < ws->n_chunks; chunk++) {
        size_t t = (size_t)mixfill_par_thread_id();
        update_chunk(ws, p, chunk, ws->item_sums + t * MIXFILL_ITEM_CHUNK * 3 * kp, total);
    }
}
