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

/* Rounding constants of each item from its number of ratings and largest |x| (DESIGN 2.2). */
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
    for (size_t rank = 0; rank < n; rank++) {
        double count = b->count[rank];
        ws->grid[2 * rank] = mixfill_grid(count);
        ws->grid[2 * rank + 1] = mixfill_grid(count * largest[b->by_rank[rank]]);
    }
    mixfill_free(largest);
    return true;
}

static bool alloc_buffers(mixfill_workspace *ws) {
    const mixfill_ratings *r = ws->ratings;
    bool notebook = ws->options->notebook;
    size_t t = (size_t)ws->threads, row = ws->kp * sizeof(double);
    size_t blocks = (size_t)ws->blocks->n_blocks;
    size_t users = notebook ? (size_t)r->n_users : t * (size_t)ws->max_block_users;
    ws->resp = mixfill_alloc(users, row);
    ws->strip = mixfill_alloc(t * MIXFILL_STRIP, row);
    ws->block_sums = mixfill_alloc(blocks * 3, row);
    ws->block_ll = mixfill_alloc(blocks, sizeof *ws->block_ll);
    ws->chunk_sums = mixfill_alloc(ws->n_chunks > 2 ? (size_t)ws->n_chunks : 2, row);
    ws->sums = mixfill_alloc(3, row);
    bool ok = ws->resp != NULL && ws->strip != NULL && ws->block_sums != NULL &&
              ws->block_ll != NULL && ws->chunk_sums != NULL && ws->sums != NULL;
    if (notebook) {
        ws->chunk_scratch = mixfill_alloc(t * MIXFILL_ITEM_CHUNK * 3, row);
        return ok && ws->chunk_scratch != NULL;
    }
    return ok &&
           mixfill_accumulators_init(&ws->acc, r->n_items, ws->memory.n_hot, ws->threads, ws->kp);
}

mixfill_status mixfill_workspace_init(mixfill_workspace *ws, const mixfill_ratings *ratings,
                                      const mixfill_options *options, mixfill_error *err) {
    mixfill_status st;
    const mixfill_kernels *kernels;
    *ws = (mixfill_workspace){.ratings = ratings,
                              .options = options,
                              .threads = mixfill_par_threads(options->threads),
                              .kp = mixfill_padded(options->n_components)};
    ws->n_chunks =
        ratings->n_items / MIXFILL_ITEM_CHUNK + (ratings->n_items % MIXFILL_ITEM_CHUNK != 0);
    MIXFILL_TRY(mixfill_kernels_choose(&kernels, err));
    MIXFILL_TRY(mixfill_estep_init(&ws->estep, kernels, options->notebook, ratings->n_items,
                                   options->n_components, err));
    MIXFILL_TRY(mixfill_blocks_create(&ws->blocks, ratings, ws->threads, err));
    MIXFILL_TRY(mixfill_memory_plan(&ws->memory, ratings, ws->blocks, options, err));
    ws->max_block_users = mixfill_blocks_max_users(ws->blocks);
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
    mixfill_free(ws->chunk_sums);
    mixfill_free(ws->chunk_scratch);
    mixfill_free(ws->sums);
    *ws = (mixfill_workspace){0};
}

/* The moments of a block's users into the accumulators while their responsibilities are in cache.
 */
static void add_block(mixfill_workspace *ws, const mixfill_block *block, const double *resp,
                      int32_t thread) {
    const mixfill_blocks *b = ws->blocks;
    int64_t first = block->first_rating;
    mixfill_pairs pairs = {.item = b->item + block->first_item,
                           .end = b->end + block->first_item,
                           .user = b->user + first,
                           .code = b->code != NULL ? b->code + first : NULL,
                           .level = ws->ratings->level,
                           .value = b->value != NULL ? b->value + first : NULL,
                           .n_items = block->n_items};
    mixfill_accumulators_add(&ws->acc, ws->estep.kernels, &pairs, resp, ws->grid, thread);
}

void mixfill_em_block(mixfill_workspace *ws, int32_t i, int32_t thread) {
    const mixfill_block *block = &ws->blocks->block[i];
    size_t kp = ws->kp, t = (size_t)thread;
    bool notebook = ws->options->notebook;
    size_t first = notebook ? (size_t)block->first_user : t * (size_t)ws->max_block_users;
    double *resp = ws->resp + first * kp;
    mixfill_rows rows = mixfill_rows_of(ws->ratings, block->first_user, block->n_users);
    ws->block_ll[i] = mixfill_estep_rows(&ws->estep, resp, ws->block_sums + (size_t)i * 3 * kp,
                                         &rows, ws->strip + t * MIXFILL_STRIP * kp);
    if (!notebook)
        add_block(ws, block, resp, thread);
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
    mixfill_estep_prepare(&ws->estep, p->weight, p->mu, p->var);
    if (!ws->options->notebook)
        mixfill_em_zero(ws);
    run_blocks(ws);
    double log_likelihood = add_partials(ws);
    if (ws->options->notebook)
        mixfill_mstep_notebook(ws, p);
    else
        mixfill_mstep_classic(ws, p);
    for (int32_t k = 0; k < p->n_components; k++)
        p->weight[k] = ws->sums[k] / (double)ws->ratings->n_users;
    return log_likelihood;
}
