/* The workspace of a fit and one EM iteration. */
#include "em.h"

#include "par.h"

#include <math.h>
#include <string.h>

mixfill_status mixfill_params_init(mixfill_params *p, int32_t n_items, int32_t n_components,
                                   mixfill_error *err) {
    *p = (mixfill_params){
        .n_items = n_items, .n_components = n_components, .kp = mixfill_padded(n_components)};
    p->weight = mixfill_alloc_zero(p->kp, sizeof *p->weight);
    p->mu = mixfill_alloc_zero((size_t)n_items, p->kp * sizeof *p->mu);
    p->var = mixfill_alloc_zero(p->kp, sizeof *p->var);
    if (p->weight != NULL && p->mu != NULL && p->var != NULL)
        return MIXFILL_OK;
    mixfill_params_clear(p);
    return mixfill_fail_nomem(err, "the parameters");
}

void mixfill_params_clear(mixfill_params *p) {
    mixfill_free(p->weight);
    mixfill_free(p->mu);
    mixfill_free(p->var);
    *p = (mixfill_params){0};
}

/* Rounding constants of each common item from its number of ratings and largest |x| (DESIGN 2.2).
 * The sums of a rare one are made by one thread in a fixed order, and need none. */
static bool make_grid(mixfill_workspace *ws) {
    const mixfill_ratings *r = ws->ratings;
    const mixfill_blocks *b = ws->blocks;
    size_t n = (size_t)r->n_items;
    double *largest = mixfill_alloc_zero(n, sizeof *largest);
    ws->grid = mixfill_alloc(n, 2 * sizeof *ws->grid);
    if (largest == NULL || ws->grid == NULL) {
        mixfill_free(largest);
        return false;
    }
    for (int64_t e = 0; e < r->nnz; e++)
        largest[r->col[e]] = fmax(largest[r->col[e]], fabs(mixfill_ratings_value(r, e)));
    memset(ws->grid, 0, n * 2 * sizeof *ws->grid);
    for (size_t rank = 0; rank < (size_t)b->n_common; rank++) {
        double count = b->count[rank];
        ws->grid[2 * rank] = mixfill_grid(count);
        ws->grid[2 * rank + 1] = mixfill_grid(count * largest[b->by_rank[rank]]);
    }
    mixfill_free(largest);
    return true;
}

static bool alloc_buffers(mixfill_workspace *ws) {
    const mixfill_blocks *b = ws->blocks;
    bool notebook = ws->options->notebook;
    size_t t = (size_t)ws->threads, row = ws->kp * sizeof(double);
    size_t blocks = (size_t)b->n_blocks;
    size_t own = notebook ? MIXFILL_ITEM_CHUNK * 3 : MIXFILL_RARE_ITEMS * 2;
    ws->resp = mixfill_alloc((size_t)ws->ratings->n_users, row);
    ws->strip = mixfill_alloc(t * MIXFILL_STRIP, row);
    ws->block_sums = mixfill_alloc(blocks * 3, row);
    ws->block_ll = mixfill_alloc(blocks, sizeof *ws->block_ll);
    ws->changes = mixfill_alloc((size_t)ws->n_chunks + (size_t)b->n_rare_blocks, row);
    ws->item_sums = mixfill_alloc(t * own, row);
    ws->sums = mixfill_alloc(3, row);
    bool ok = ws->resp != NULL && ws->strip != NULL && ws->block_sums != NULL &&
              ws->block_ll != NULL && ws->changes != NULL && ws->item_sums != NULL &&
              ws->sums != NULL;
    return ok && (notebook || mixfill_accumulators_init(&ws->acc, b->n_common, ws->memory.n_hot,
                                                        ws->threads, ws->kp));
}

mixfill_status mixfill_workspace_init(mixfill_workspace *ws, const mixfill_ratings *ratings,
                                      const mixfill_options *options, mixfill_error *err) {
    mixfill_status st;
    const mixfill_kernels *kernels;
    *ws = (mixfill_workspace){.ratings = ratings,
                              .options = options,
                              .threads = mixfill_par_threads(options->threads),
                              .kp = mixfill_padded(options->n_components)};
    MIXFILL_TRY(mixfill_kernels_choose(&kernels, err));
    MIXFILL_TRY(mixfill_estep_init(&ws->estep, kernels, options->notebook, ratings->n_items,
                                   options->n_components, err));
    MIXFILL_TRY(mixfill_blocks_create(&ws->blocks, ratings, ws->threads, err));
    MIXFILL_TRY(mixfill_memory_plan(&ws->memory, ratings, ws->blocks, options, err));
    int32_t chunked = options->notebook ? ratings->n_items : ws->blocks->n_common;
    ws->n_chunks = chunked / MIXFILL_ITEM_CHUNK + (chunked % MIXFILL_ITEM_CHUNK != 0);
    if (!make_grid(ws) || !alloc_buffers(ws))
        st = mixfill_fail_nomem(err, "the workspace of a fit");
done:
    if (st != MIXFILL_OK)
        mixfill_workspace_clear(ws);
    return st;
}

void mixfill_workspace_clear(mixfill_workspace *ws) {
    mixfill_blocks_free(ws->blocks);
    mixfill_estep_clear(&ws->estep);
    mixfill_free(ws->grid);
    mixfill_accumulators_clear(&ws->acc);
    mixfill_free(ws->resp);
    mixfill_free(ws->strip);
    mixfill_free(ws->block_sums);
    mixfill_free(ws->block_ll);
    mixfill_free(ws->changes);
    mixfill_free(ws->item_sums);
    mixfill_free(ws->sums);
    *ws = (mixfill_workspace){0};
}

void mixfill_em_block(mixfill_workspace *ws, int32_t i, int32_t thread) {
    const mixfill_block *block = &ws->blocks->block[i];
    size_t kp = ws->kp;
    double *resp = ws->resp + (size_t)block->first_user * kp;
    mixfill_rows rows = mixfill_rows_of(ws->ratings, block->first_user, block->n_users);
    ws->block_ll[i] = mixfill_estep_rows(&ws->estep, resp, ws->block_sums + (size_t)i * 3 * kp,
                                         &rows, ws->strip + (size_t)thread * MIXFILL_STRIP * kp);
    if (ws->options->notebook)
        return;
    /* while the block's responsibilities are in cache */
    mixfill_pairs pairs = mixfill_blocks_pairs(ws->blocks, ws->ratings, i);
    mixfill_accumulators_add(&ws->acc, ws->estep.kernels, &pairs, resp, ws->grid, thread);
}

void mixfill_em_zero(mixfill_workspace *ws) {
#pragma omp parallel for schedule(static, 1) num_threads(ws->threads) default(none) shared(ws)
    for (int32_t t = 0; t < ws->threads; t++)
        mixfill_accumulators_zero(&ws->acc, t);
}

/* Every block once, in any order by any thread: what they add lies on the grid, and what does not
 * has a slot of its own per block. */
static void run_blocks(mixfill_workspace *ws) {
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none) shared(ws)
    for (int32_t i = 0; i < ws->blocks->n_blocks; i++)
        mixfill_em_block(ws, i, mixfill_par_thread_id());
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

double mixfill_em_iteration(mixfill_workspace *ws, mixfill_params *p) {
    double begin = mixfill_par_seconds();
    mixfill_estep_prepare(&ws->estep, p->weight, p->mu, p->var);
    if (!ws->options->notebook)
        mixfill_em_zero(ws);
    double cleared = mixfill_par_seconds();
    run_blocks(ws);
    double log_likelihood = add_partials(ws);
    double added = mixfill_par_seconds();
    if (ws->options->notebook)
        mixfill_mstep_notebook(ws, p);
    else
        mixfill_mstep_classic(ws, p);
    for (int32_t k = 0; k < p->n_components; k++)
        p->weight[k] = ws->sums[k] / (double)ws->ratings->n_users;
    ws->seconds =
        (mixfill_em_seconds){cleared - begin, added - cleared, mixfill_par_seconds() - added};
    return log_likelihood;
}
