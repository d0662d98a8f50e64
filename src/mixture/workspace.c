/* The workspace of a fit of a mixture: one list of buffers, sized from the job, and what is filled
 * in before the first start, the same for every start: offsets in map, sums of columns in the
 * others, and the rounding grid. */
#include "mixture/workspace.h"

#include "base/buffers.h"
#include "model/offsets.h"

#include <math.h>
#include <string.h>

enum { MAX_BUFFERS = 18 };

/* What the sizes of buffers follow from; the buffers are not there yet. */
static mixfill_workspace outline(const mixfill_job *job) {
    const mixfill_blocks *b = job->blocks;
    mixfill_variant variant = mixfill_variant_of(job->kind);
    bool notebook = variant == MIXFILL_NOTEBOOK;
    int32_t chunked = notebook ? job->ratings->n_items : b->n_common;
    return (mixfill_workspace){
        .ratings = job->ratings,
        .options = job->options,
        .blocks = b,
        .variant = variant,
        .threads = job->memory.threads,
        .n_chunks = chunked / MIXFILL_ITEM_CHUNK + (chunked % MIXFILL_ITEM_CHUNK != 0),
        .kp = mixfill_padded(job->options->n_components),
    };
}

/* Every buffer but those of the accumulators and of the E-step; returns how many. */
static size_t list(mixfill_buffer out[MAX_BUFFERS], mixfill_workspace *ws) {
    const mixfill_blocks *b = ws->blocks;
    mixfill_centring *c = &ws->centre;
    bool notebook = ws->variant == MIXFILL_NOTEBOOK, map = ws->variant == MIXFILL_MAP;
    bool classic = !map; /* and the notebook, which starts alike */
    size_t t = (size_t)ws->threads, row = ws->kp * sizeof(double), real = sizeof(double);
    size_t users = (size_t)ws->ratings->n_users, items = (size_t)ws->ratings->n_items;
    size_t blocks = (size_t)b->n_blocks;
    size_t parts = (size_t)ws->n_chunks + (size_t)b->n_rare_blocks;
    size_t own = notebook ? MIXFILL_ITEM_CHUNK * 3 : MIXFILL_RARE_ITEMS * 2;
    const mixfill_buffer all[] = {
        {&ws->grid, items, 2 * real},
        {&ws->resp, users, row},
        {&ws->strip, t * MIXFILL_STRIP, row},
        {&ws->block_sums, blocks * 3, row},
        {&ws->block_ll, blocks, real},
        {&ws->changes, parts, row},
        {&ws->item_sums, t * own, row},
        {&ws->sums, 3, row},
        {&ws->column_sum, classic ? items : 0, real},
        {&ws->rows, (size_t)ws->options->n_components, sizeof *ws->rows},
        {&c->user, map ? users : 0, real},
        {&c->item, map ? items : 0, real},
        {&c->by_rank, map ? items : 0, real},
        {&c->squares, map ? items : 0, real},
        {&c->largest, map ? items : 0, real},
        {&c->terms, map ? items : 0, 2 * real},
        {&c->norms, map ? items / MIXFILL_VAR_CHUNK + 1 : 0, real},
    };
    memcpy(out, all, sizeof all);
    return sizeof all / sizeof all[0];
}

size_t mixfill_workspace_bytes(const mixfill_job *job) {
    mixfill_buffer buffers[MAX_BUFFERS];
    mixfill_workspace ws = outline(job);
    size_t n = list(buffers, &ws);
    return mixfill_buffers_bytes(buffers, n);
}

/* Largest |x| of each rank, known from the centring in map, else into `scratch` (D); by_item (D) is
 * scratch too. */
static const double *largest_values(const mixfill_workspace *ws, double *scratch, double *by_item) {
    const mixfill_ratings *r = ws->ratings;
    if (ws->centre.largest != NULL)
        return ws->centre.largest;
    memset(by_item, 0, (size_t)r->n_items * sizeof *by_item);
    for (int64_t e = 0; e < r->nnz; e++)
        by_item[r->col[e]] = fmax(by_item[r->col[e]], fabs(mixfill_ratings_value(r, e)));
    for (int32_t rank = 0; rank < r->n_items; rank++)
        scratch[rank] = by_item[ws->blocks->by_rank[rank]];
    return scratch;
}

/* Rounding constants of each common item from its number of ratings and largest |x|
 * (docs/model.md 8.2). The sums of a rare one are made by one thread in a fixed order, and need
 * none. False when out of memory. */
static bool make_grid(mixfill_workspace *ws) {
    size_t n = (size_t)ws->ratings->n_items;
    double *scratch = mixfill_alloc(n, 2 * sizeof *scratch);
    if (scratch == NULL)
        return false;
    const double *largest = largest_values(ws, scratch, scratch + n);
    memset(ws->grid, 0, n * 2 * sizeof *ws->grid);
    for (size_t rank = 0; rank < (size_t)ws->blocks->n_common; rank++) {
        double count = ws->blocks->count[rank];
        ws->grid[2 * rank] = mixfill_grid(count);
        ws->grid[2 * rank + 1] = mixfill_grid(count * largest[rank]);
    }
    mixfill_free(scratch);
    return true;
}

/* Offsets, and the squares of what they leave of the ratings (docs/model.md 4.1). */
static void centre(mixfill_workspace *ws) {
    const mixfill_ratings *r = ws->ratings;
    const mixfill_blocks *b = ws->blocks;
    mixfill_centring *c = &ws->centre;
    mixfill_offsets o = {
        .g = mixfill_ratings_mean(r), .user = c->user, .item = c->item, .sum = c->squares};
    mixfill_offsets_fit(&o, r, b, &mixfill_offset_shrinkage, ws->threads);
    for (size_t j = 0; j < (size_t)r->n_items; j++)
        c->terms[2 * j] = o.g + c->item[j];
    for (size_t rank = 0; rank < (size_t)r->n_items; rank++)
        c->by_rank[rank] = c->terms[2 * (size_t)b->by_rank[rank]];
    mixfill_squares squares = {c->squares, c->largest};
    mixfill_squares_sum(&squares, r, b, c->user, c->by_rank, ws->threads);
}

/* Sums of x by item and of x^2 in all, for the first variances of classic (docs/model.md 2.2). */
static void sum_columns(mixfill_workspace *ws) {
    const mixfill_ratings *r = ws->ratings;
    memset(ws->column_sum, 0, (size_t)r->n_items * sizeof *ws->column_sum);
    for (int64_t e = 0; e < r->nnz; e++) {
        double x = mixfill_ratings_value(r, e);
        ws->column_sum[r->col[e]] += x;
        ws->squared_sum += x * x;
    }
}

mixfill_status mixfill_workspace_init(mixfill_workspace *ws, const mixfill_job *job,
                                      mixfill_error *err) {
    mixfill_buffer buffers[MAX_BUFFERS];
    mixfill_status st;
    *ws = outline(job);
    size_t n = list(buffers, ws);
    MIXFILL_TRY(mixfill_estep_init(&ws->estep, job->kernels, ws->variant == MIXFILL_NOTEBOOK,
                                   job->ratings->n_items, job->options->n_components, err));
    bool made = mixfill_buffers_alloc(buffers, n);
    if (made && ws->variant == MIXFILL_MAP)
        centre(ws);
    else if (made)
        sum_columns(ws);
    made = made && make_grid(ws);
    if (made && ws->variant != MIXFILL_NOTEBOOK)
        made = mixfill_accumulators_init(&ws->acc, job->blocks->n_common, job->memory.n_hot,
                                         ws->threads, ws->kp);
    if (!made)
        st = mixfill_fail_nomem(err, "the workspace of a fit");
done:
    if (st != MIXFILL_OK)
        mixfill_workspace_clear(ws);
    return st;
}

void mixfill_workspace_clear(mixfill_workspace *ws) {
    mixfill_buffer buffers[MAX_BUFFERS];
    if (ws->blocks != NULL) {
        size_t n = list(buffers, ws);
        mixfill_buffers_free(buffers, n);
    }
    mixfill_estep_clear(&ws->estep);
    mixfill_accumulators_clear(&ws->acc);
    *ws = (mixfill_workspace){0};
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
