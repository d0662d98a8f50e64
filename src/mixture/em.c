/* One EM iteration of a mixture (docs/model.md 2.3, 2.4, 3, 4.3). The equations as a few plain
 * loops over a dense matrix, which the tests hold this against, are tests/ref_em.c and
 * tests/ref_map.c. */
#include "mixture/em.h"

#include "base/par.h"
#include "mixture/mstep.h"

#include <string.h>

/* E-step of a user block; returns its responsibilities. */
static const double *estep_block(mixfill_workspace *ws, int32_t i, int32_t thread) {
    size_t kp = ws->kp;
    double *resp = ws->resp + (size_t)ws->blocks->block[i].first_user * kp;
    mixfill_rows rows = mixfill_em_rows(ws, i);
    ws->block_ll[i] = mixfill_estep_rows(&ws->estep, resp, ws->block_sums + (size_t)i * 3 * kp,
                                         &rows, ws->strip + (size_t)thread * MIXFILL_STRIP * kp);
    return resp;
}

void mixfill_em_block(mixfill_workspace *ws, int32_t i, int32_t thread) {
    const double *resp = estep_block(ws, i, thread);
    if (ws->variant == MIXFILL_NOTEBOOK)
        return;
    /* while the block's responsibilities are in cache */
    mixfill_pairs pairs = mixfill_em_pairs(ws, i);
    mixfill_accumulators_add(&ws->acc, ws->estep.kernels, &pairs, resp, ws->grid, thread);
}

void mixfill_em_zero(mixfill_workspace *ws) {
#pragma omp for schedule(static, 1)
    for (int32_t t = 0; t < ws->threads; t++)
        mixfill_accumulators_zero(&ws->acc, t);
}

/* ws->sums and the log-likelihood from the blocks' partials, in block order. */
static double add_partials(mixfill_workspace *ws) {
    size_t n = 3 * ws->kp;
    double log_likelihood = 0;
    memset(ws->sums, 0, n * sizeof *ws->sums);
    for (size_t i = 0; i < (size_t)ws->blocks->n_blocks; i++) {
        log_likelihood += ws->block_ll[i];
        for (size_t s = 0; s < n; s++)
            ws->sums[s] += ws->block_sums[i * n + s];
    }
    return log_likelihood;
}

/* The parameters as the E-step reads them; in map an item's variance is in the rows. */
static void prepare(mixfill_workspace *ws, const mixfill_mixtures *p) {
    const double *var = ws->variant == MIXFILL_MAP ? NULL : p->var;
    mixfill_estep_prepare(&ws->estep, p->weight, p->mu, var);
}

void mixfill_em_posteriors(mixfill_workspace *ws, const mixfill_mixtures *p) {
    prepare(ws, p);
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none) shared(ws)
    for (int32_t i = 0; i < ws->blocks->n_blocks; i++)
        estep_block(ws, i, mixfill_par_thread_id());
}

/* Responsibilities of all users into ws->resp, block by block, and while those of a block are in
 * cache the moments of its common items into the accumulators; then *log_likelihood. Blocks
 * come in any order by any thread: what they add lies on the grid, and what does not has a slot of
 * its own per block (docs/model.md 8.2). */
static void estep(mixfill_workspace *ws, const mixfill_mixtures *p, double *log_likelihood) {
#pragma omp single
    prepare(ws, p);
    if (ws->variant != MIXFILL_NOTEBOOK)
        mixfill_em_zero(ws);
    mixfill_lap_of_region(&ws->laps, MIXFILL_LAP_CLEAR);
#pragma omp for schedule(dynamic)
    for (int32_t i = 0; i < ws->blocks->n_blocks; i++)
        mixfill_em_block(ws, i, mixfill_par_thread_id());
#pragma omp single
    *log_likelihood = add_partials(ws) - ws->log_norms; /* 0 but in map */
    mixfill_lap_of_region(&ws->laps, MIXFILL_LAP_BLOCKS);
}

/* Means and variances from the moments that the E-step left, and those of rare items. */
static void mstep(mixfill_workspace *ws, mixfill_mixtures *p) {
    switch (ws->variant) {
    case MIXFILL_CLASSIC:
        mixfill_mstep_classic(ws, p);
        break;
    case MIXFILL_NOTEBOOK:
        mixfill_mstep_notebook(ws, p);
        break;
    case MIXFILL_MAP:
        mixfill_mstep_map(ws, p);
        break;
    }
}

/* From N_k = sum_u resp_uk; in map as if each component had one more user. By one thread. */
static void weights(mixfill_workspace *ws, mixfill_mixtures *p) {
    double n = ws->ratings->n_users, more = ws->variant == MIXFILL_MAP ? 1 : 0;
    for (int32_t k = 0; k < p->n_components; k++)
        p->weight[k] = (ws->sums[k] + more) / (n + more * p->n_components);
}

/* The steps of an iteration, by every thread of a region. */
static void iterate(mixfill_workspace *ws, mixfill_mixtures *p, double *log_likelihood) {
    /* L_uk = log weight_k - sum_{j in O_u} [log(2 pi v) + (x_uj - mu_kj)^2 / v] / 2
     * resp_uk = exp L_uk / sum_l exp L_ul
     * log-likelihood = sum_u log sum_k exp L_uk
     * where v is var_k, or var_j in map, whose term in log v is the same for all k and therefore
     * subtracted once at the end. In the notebook's arithmetic the sum is over what was not rated,
     * and x is 0 there (docs/model.md 2.3, 3, 4.3) */
    estep(ws, p, log_likelihood);

    /* s0_kj = sum_{u in U_j} resp_uk;  s1_kj = sum_{u in U_j} resp_uk x_uj
     * classic   mu_kj = s1_kj / s0_kj where s0_kj >= min_support, else as it was
     *           var_k = sum_u resp_uk sum_{j in O_u} (x_uj - mu_kj)^2 / sum_u resp_uk |O_u|
     * map       mu_kj = s1_kj / (s0_kj + tau)
     *           SSE_j = sum_{u in U_j} sum_k resp_uk (x_uj - mu_kj)^2;  v = sum_j SSE_j / nnz
     *           var_j = (SSE_j + 10 v) / (|U_j| + 10)
     * notebook  mu_kj = s1_kj / (sum_u resp_uk - s0_kj) where that is >= min_support
     *           var_k as in classic, of the cells and distances of its E-step
     * each variance at least min_var (docs/model.md 2.4, 4.3, 3) */
    mstep(ws, p);

    /* weight_k = N_k / N, in map (N_k + 1) / (N + K) */
#pragma omp single
    weights(ws, p);
    mixfill_lap_of_region(&ws->laps, MIXFILL_LAP_UPDATE);
}

double mixfill_em_iteration(mixfill_workspace *ws, mixfill_mixtures *p) {
    double log_likelihood = 0;
    mixfill_laps_start(&ws->laps);
#pragma omp parallel num_threads(ws->threads) default(none) shared(ws, p, log_likelihood)
    iterate(ws, p, &log_likelihood);
    return log_likelihood;
}
