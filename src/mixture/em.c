/* The workspace of a fit and one EM iteration. */
#include "mixture/em.h"

#include "base/par.h"
#include "model/offsets.h"

#include <math.h>
#include <string.h>

mixfill_status mixfill_params_init(mixfill_params *p, const mixfill_ratings *ratings,
                                   const mixfill_options *options, mixfill_error *err) {
    *p = (mixfill_params){.kind = options->model,
                          .n_items = ratings->n_items,
                          .n_components = options->n_components,
                          .kp = mixfill_padded(options->n_components)};
    bool map = p->kind == MIXFILL_MODEL_MAP, factor = p->kind == MIXFILL_MODEL_FACTOR;
    size_t d = (size_t)p->n_items;
    if (factor)
        p->factors =
            mixfill_factors_create(ratings->n_users, ratings->n_items, options->rank, true);
    p->weight = factor ? NULL : mixfill_alloc_zero(p->kp, sizeof *p->weight);
    p->mu = factor ? NULL : mixfill_alloc_zero(d, p->kp * sizeof *p->mu);
    p->var = factor ? NULL : mixfill_alloc_zero(map ? d : p->kp, sizeof *p->var);
    p->s0 = map ? mixfill_alloc_zero(d, p->kp * sizeof *p->s0) : NULL;
    if (factor ? p->factors != NULL
               : p->weight != NULL && p->mu != NULL && p->var != NULL && (!map || p->s0 != NULL))
        return MIXFILL_OK;
    mixfill_params_clear(p);
    return mixfill_fail_nomem(err, "the parameters");
}

void mixfill_params_clear(mixfill_params *p) {
    mixfill_free(p->weight);
    mixfill_free(p->mu);
    mixfill_free(p->var);
    mixfill_free(p->s0);
    mixfill_factors_free(p->factors);
    *p = (mixfill_params){0};
}

void mixfill_params_copy(mixfill_params *to, const mixfill_params *from) {
    if (from->kind == MIXFILL_MODEL_FACTOR) {
        mixfill_factors_copy(to->factors, from->factors);
        return;
    }
    bool map = from->kind == MIXFILL_MODEL_MAP;
    size_t means = (size_t)from->n_items * from->kp;
    size_t n_var = map ? (size_t)from->n_items : from->kp;
    memcpy(to->weight, from->weight, from->kp * sizeof *to->weight);
    memcpy(to->mu, from->mu, means * sizeof *to->mu);
    memcpy(to->var, from->var, n_var * sizeof *to->var);
    if (map)
        memcpy(to->s0, from->s0, means * sizeof *to->s0);
    to->noise_mean = from->noise_mean;
    to->log_scale = from->log_scale;
}

size_t mixfill_params_bytes(const mixfill_ratings *ratings, const mixfill_options *options) {
    size_t d = (size_t)ratings->n_items;
    size_t row = mixfill_padded(options->n_components) * sizeof(double);
    if (options->model == MIXFILL_MODEL_FACTOR)
        return mixfill_factors_bytes(ratings->n_users, ratings->n_items, options->rank, true);
    return d * (options->model == MIXFILL_MODEL_MAP ? 2 * row + sizeof(double) : row);
}

/* Largest |x| of each rank: in `map` known from the centring. NULL when out of memory; *owned is
 * the caller's to free. */
static const double *largest_values(const mixfill_workspace *ws, double **owned) {
    const mixfill_ratings *r = ws->ratings;
    *owned = NULL;
    if (ws->centre.largest != NULL)
        return ws->centre.largest;
    double *by_item = mixfill_alloc_zero((size_t)r->n_items, sizeof *by_item);
    double *by_rank = mixfill_alloc_zero((size_t)r->n_items, sizeof *by_rank);
    *owned = by_rank;
    for (int64_t e = 0; by_item != NULL && e < r->nnz; e++)
        by_item[r->col[e]] = fmax(by_item[r->col[e]], fabs(mixfill_ratings_value(r, e)));
    for (int32_t rank = 0; by_item != NULL && by_rank != NULL && rank < r->n_items; rank++)
        by_rank[rank] = by_item[ws->blocks->by_rank[rank]];
    bool ok = by_item != NULL;
    mixfill_free(by_item);
    return ok ? by_rank : NULL;
}

/* Rounding constants of each common item from its number of ratings and largest |x| (DESIGN 2.2).
 * The sums of a rare one are made by one thread in a fixed order, and need none. */
static bool make_grid(mixfill_workspace *ws) {
    size_t n = (size_t)ws->ratings->n_items;
    double *owned;
    const double *largest = largest_values(ws, &owned);
    ws->grid = mixfill_alloc_zero(n, 2 * sizeof *ws->grid);
    for (size_t rank = 0;
         largest != NULL && ws->grid != NULL && rank < (size_t)ws->blocks->n_common; rank++) {
        double count = ws->blocks->count[rank];
        ws->grid[2 * rank] = mixfill_grid(count);
        ws->grid[2 * rank + 1] = mixfill_grid(count * largest[rank]);
    }
    mixfill_free(owned);
    return largest != NULL && ws->grid != NULL;
}

static bool alloc_centring(mixfill_centring *c, const mixfill_ratings *r) {
    size_t d = (size_t)r->n_items;
    c->user = mixfill_alloc((size_t)r->n_users, sizeof *c->user);
    c->item = mixfill_alloc(d, sizeof *c->item);
    c->by_rank = mixfill_alloc(d, sizeof *c->by_rank);
    c->squares = mixfill_alloc(d, sizeof *c->squares);
    c->largest = mixfill_alloc(d, sizeof *c->largest);
    c->terms = mixfill_alloc(d, 2 * sizeof *c->terms);
    c->scales = mixfill_alloc(d / MIXFILL_VAR_CHUNK + 1, sizeof *c->scales);
    return c->user != NULL && c->item != NULL && c->by_rank != NULL && c->squares != NULL &&
           c->largest != NULL && c->terms != NULL && c->scales != NULL;
}

/* Offsets, and what is left of the ratings. */
static bool centre(mixfill_workspace *ws) {
    const mixfill_ratings *r = ws->ratings;
    const mixfill_blocks *b = ws->blocks;
    mixfill_centring *c = &ws->centre;
    if (!alloc_centring(c, r))
        return false;
    mixfill_offsets o = {
        .g = mixfill_ratings_mean(r), .user = c->user, .item = c->item, .sum = c->squares};
    mixfill_offsets_fit(&o, r, b, &mixfill_map_shrinkage, ws->threads);
    for (size_t j = 0; j < (size_t)r->n_items; j++)
        c->terms[2 * j] = o.g + c->item[j];
    for (size_t rank = 0; rank < (size_t)r->n_items; rank++)
        c->by_rank[rank] = c->terms[2 * (size_t)b->by_rank[rank]];
    mixfill_squares squares = {c->squares, c->largest};
    mixfill_squares_sum(&squares, r, b, c->user, c->by_rank, ws->threads);
    return true;
}

static void clear_centring(mixfill_centring *c) {
    mixfill_free(c->user);
    mixfill_free(c->item);
    mixfill_free(c->by_rank);
    mixfill_free(c->squares);
    mixfill_free(c->largest);
    mixfill_free(c->terms);
    mixfill_free(c->scales);
}

mixfill_pairs mixfill_em_pairs(const mixfill_workspace *ws, int32_t block) {
    mixfill_pairs pairs = mixfill_blocks_pairs(ws->blocks, ws->ratings, block);
    if (ws->centre.user != NULL) {
        pairs.user_offset = ws->centre.user + ws->blocks->block[block].first_user;
        pairs.item_offset = ws->centre.by_rank;
    }
    return pairs;
}

mixfill_rows mixfill_em_rows(const mixfill_workspace *ws, int32_t block) {
    const mixfill_block *b = &ws->blocks->block[block];
    mixfill_rows rows = mixfill_rows_of(ws->ratings, b->first_user, b->n_users);
    if (ws->centre.user != NULL) {
        rows.user = ws->centre.user + b->first_user;
        rows.item = ws->centre.terms;
    }
    return rows;
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
    if (options->model == MIXFILL_MODEL_FACTOR) {
        MIXFILL_TRY(mixfill_factor_workspace_init(&ws->factor, ratings, ws->blocks, options, err));
        goto done;
    }
    int32_t chunked = options->notebook ? ratings->n_items : ws->blocks->n_common;
    ws->n_chunks = chunked / MIXFILL_ITEM_CHUNK + (chunked % MIXFILL_ITEM_CHUNK != 0);
    bool map = options->model == MIXFILL_MODEL_MAP;
    if ((map && !centre(ws)) || !make_grid(ws) || !alloc_buffers(ws))
        st = mixfill_fail_nomem(err, "the workspace of a fit");
done:
    if (st != MIXFILL_OK)
        mixfill_workspace_clear(ws);
    return st;
}

void mixfill_workspace_clear(mixfill_workspace *ws) {
    mixfill_blocks_free(ws->blocks);
    mixfill_estep_clear(&ws->estep);
    clear_centring(&ws->centre);
    mixfill_free(ws->grid);
    mixfill_accumulators_clear(&ws->acc);
    mixfill_free(ws->resp);
    mixfill_free(ws->strip);
    mixfill_free(ws->block_sums);
    mixfill_free(ws->block_ll);
    mixfill_free(ws->changes);
    mixfill_free(ws->item_sums);
    mixfill_free(ws->sums);
    mixfill_factor_workspace_clear(&ws->factor);
    *ws = (mixfill_workspace){0};
}

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
    if (ws->options->notebook)
        return;
    /* while the block's responsibilities are in cache */
    mixfill_pairs pairs = mixfill_em_pairs(ws, i);
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

static void prepare(mixfill_workspace *ws, const mixfill_params *p) {
    const double *var = p->kind == MIXFILL_MODEL_MAP ? NULL : p->var;
    mixfill_estep_prepare(&ws->estep, p->weight, p->mu, var);
}

void mixfill_em_posteriors(mixfill_workspace *ws, const mixfill_params *p) {
    prepare(ws, p);
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none) shared(ws)
    for (int32_t i = 0; i < ws->blocks->n_blocks; i++)
        estep_block(ws, i, mixfill_par_thread_id());
}

static double factor_iteration(mixfill_workspace *ws, mixfill_params *p, int32_t i) {
    double log_likelihood = mixfill_factor_iteration(&ws->factor, p->factors, i - 1);
    const mixfill_factor_seconds *t = &ws->factor.seconds;
    ws->seconds = (mixfill_em_seconds){.blocks = t->user_step + t->user_shift,
                                       .update = t->item_step + t->item_shift + t->noise};
    return log_likelihood;
}

double mixfill_em_iteration(mixfill_workspace *ws, mixfill_params *p, int32_t i) {
    if (p->kind == MIXFILL_MODEL_FACTOR)
        return factor_iteration(ws, p, i);
    double begin = mixfill_par_seconds();
    bool map = p->kind == MIXFILL_MODEL_MAP;
    prepare(ws, p);
    if (!ws->options->notebook)
        mixfill_em_zero(ws);
    double cleared = mixfill_par_seconds();
    run_blocks(ws);
    double log_likelihood = add_partials(ws) - p->log_scale;
    double added = mixfill_par_seconds();
    if (ws->options->notebook)
        mixfill_mstep_notebook(ws, p);
    else if (map)
        mixfill_mstep_map(ws, p);
    else
        mixfill_mstep_classic(ws, p);
    /* one more user of each component's, in `map` */
    double n = ws->ratings->n_users, more = map ? 1 : 0;
    for (int32_t k = 0; k < p->n_components; k++)
        p->weight[k] = (ws->sums[k] + more) / (n + more * p->n_components);
    ws->seconds =
        (mixfill_em_seconds){cleared - begin, added - cleared, mixfill_par_seconds() - added};
    return log_likelihood;
}
