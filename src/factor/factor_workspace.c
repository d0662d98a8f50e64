/* Buffers of the iterations of `factor`, as one list from which they are allocated, freed and
 * counted, and the counts of ratings that both sides need. What a side's rows are summed over is
 * kept as floats: those tables are what an iteration reads most, and half the bytes are nearly
 * half the time (docs/model.md 8.1). */
#include "factor/factor_workspace.h"

#include "base/buffers.h"
#include "base/par.h"

#include <string.h>

static size_t up_to(size_t n, size_t multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

/* Rows are padded to whole cache lines of floats, and the second moments begin at one, so that a
 * sum reads whole lines. */
static mixfill_factor_layout layout_of(int32_t rank) {
    size_t q = (size_t)rank, moments = q + 1, size = mixfill_packed(moments);
    size_t second = up_to(moments + 1, 16);
    return (mixfill_factor_layout){.q = q,
                                   .moments = moments,
                                   .second_size = size,
                                   .square = moments,
                                   .second = second,
                                   .log = second + size,
                                   .stride = up_to(second + size + 1, 16),
                                   .thin = up_to(moments, 16)};
}

/* What a pass adds up: at most what a prior is made of. */
static size_t most_totals(const mixfill_factor_layout *l) {
    return 1 + l->moments + l->second_size;
}

enum { MATRICES = 5, VECTORS = 10, NUMBERS = 10 /* of a scratch */ };

/* Lane rows of a scratch. */
static size_t scratch_rows(const mixfill_factor_layout *l) {
    return MATRICES * l->second_size + VECTORS * l->moments + NUMBERS + most_totals(l) + l->stride;
}

/* Give the arrays of a scratch their places in its block, MIXFILL_LANES doubles for each of their
 * rows. */
static void place(mixfill_factor_scratch *t, const mixfill_factor_layout *l) {
    double **const matrices[MATRICES] = {&t->gram, &t->second, &t->cov, &t->inverse, &t->work};
    double **const vectors[VECTORS] = {&t->rhs,        &t->moment, &t->mean, &t->old, &t->prior,
                                       &t->prior_mean, &t->shift,  &t->a,    &t->b,   &t->c};
    double **const numbers[NUMBERS] = {&t->spread,    &t->square, &t->log, &t->error, &t->log_det,
                                       &t->quadratic, &t->weight, &t->x,   &t->z,     &t->growth};
    double *at = t->block;
    for (size_t i = 0; i < MATRICES; i++, at += l->second_size * MIXFILL_LANES)
        *matrices[i] = at;
    for (size_t i = 0; i < VECTORS; i++, at += l->moments * MIXFILL_LANES)
        *vectors[i] = at;
    for (size_t i = 0; i < NUMBERS; i++, at += MIXFILL_LANES)
        *numbers[i] = at;
    t->totals = at;
    t->sums = at + most_totals(l) * MIXFILL_LANES;
}

/* ---- buffers ---- */

enum { SIDE_BUFFERS = 11, OWN_BUFFERS = 7, BUFFERS = 2 * SIDE_BUFFERS + OWN_BUFFERS };

/* Buffers of a side into out; returns how many. Users' y belongs to the parameters. Where nothing
 * is implicit there is no shift and none of its buffers; fold-in does without the item side's. */
static size_t list_side(mixfill_buffer *out, mixfill_factor_workspace *ws, int side) {
    mixfill_factor_side *s = &ws->side[side];
    const mixfill_factor_layout *l = &ws->layout;
    size_t n = (size_t)s->n, n_other = (size_t)ws->side[1 - side].n;
    size_t d = s->d, real = sizeof(double);
    bool implicit = s->lambda > 0, folded = ws->for_fold_in && side == MIXFILL_USERS;
    size_t rows = implicit ? n : 0, moved = ws->for_fold_in ? 0 : rows;
    size_t columns = implicit && !ws->for_fold_in ? n_other : 0;
    const mixfill_buffer all[SIDE_BUFFERS] = {
        {&s->count, n, sizeof *s->count},
        {&s->precision, n, real},
        {&s->prior_precision, d * d, real},
        {&s->table, ((folded ? 0 : n) + 1) * l->stride, sizeof *s->table},
        {&s->thin, (rows + 1) * l->thin, sizeof *s->thin},
        {&s->shift, rows * d, real},
        {&s->change, moved * d, real},
        {&s->image, moved * d, real},
        {&s->reach, columns, real},
        {&s->residual, columns * d, real},
        {&s->direction, columns * d, real}};
    memcpy(out, all, sizeof all);
    return SIDE_BUFFERS;
}

/* All buffers but the chunks of items and the threads' scratch blocks; returns how many. */
static size_t list_buffers(mixfill_buffer out[BUFFERS], mixfill_factor_workspace *ws) {
    const mixfill_factor_layout *l = &ws->layout;
    mixfill_factor_side *users = &ws->side[MIXFILL_USERS], *items = &ws->side[MIXFILL_ITEMS];
    size_t users_n = (size_t)users->n, items_n = (size_t)items->n;
    size_t chunks = (size_t)mixfill_factor_n_chunks(users->n > items->n ? users->n : items->n);
    bool implicit = users->lambda > 0;
    const mixfill_buffer own[OWN_BUFFERS] = {
        {&items->y, implicit && !ws->for_fold_in ? users_n * items->d : 0, sizeof(double)},
        {&ws->item_sums, ws->for_fold_in ? 0 : items_n * l->stride, sizeof(double)},
        {&ws->by_item, ws->for_fold_in ? 0 : items_n, sizeof(double)},
        {&ws->thin_sums, implicit && !ws->for_fold_in ? items_n * l->thin : 0, sizeof(double)},
        {&ws->partial, chunks * most_totals(l), sizeof(double)},
        {&ws->totals, most_totals(l), sizeof(double)},
        {&ws->scratch, (size_t)ws->threads, sizeof *ws->scratch}};
    memcpy(out, own, sizeof own);
    size_t n = OWN_BUFFERS;
    n += list_side(out + n, ws, MIXFILL_USERS);
    n += list_side(out + n, ws, MIXFILL_ITEMS);
    return n;
}

/* Sizes that the buffers follow from. */
static void set_shape(mixfill_factor_workspace *ws, const mixfill_ratings *ratings,
                      const mixfill_options *options, int32_t threads) {
    double strength = options->implicit_strength;
    bool implicit = options->implicit;
    *ws = (mixfill_factor_workspace){
        .options = options, .threads = threads, .layout = layout_of(options->rank)};
    size_t q = ws->layout.q;
    ws->side[MIXFILL_USERS] = (mixfill_factor_side){
        .n = ratings->n_users, .d = q, .first = 1, .lambda = implicit ? 1.5 / strength : 0};
    ws->side[MIXFILL_ITEMS] = (mixfill_factor_side){
        .n = ratings->n_items, .d = q + 1, .first = 0, .lambda = implicit ? 1 / strength : 0};
}

size_t mixfill_factor_workspace_bytes(const mixfill_job *job) {
    mixfill_factor_workspace ws;
    mixfill_buffer buffers[BUFFERS];
    set_shape(&ws, job->ratings, job->options, job->memory.threads);
    size_t n = list_buffers(buffers, &ws);
    return mixfill_buffers_bytes(buffers, n) +
           (size_t)ws.threads * scratch_rows(&ws.layout) * MIXFILL_LANES * sizeof(double);
}

/* Every buffer, and each thread's scratch, which is one block; false when out of memory. */
static bool alloc_buffers(mixfill_factor_workspace *ws) {
    mixfill_buffer buffers[BUFFERS];
    size_t n = list_buffers(buffers, ws), rows = scratch_rows(&ws->layout);
    if (!mixfill_buffers_alloc_zero(buffers, n))
        return false;
    for (int32_t t = 0; t < ws->threads; t++) {
        ws->scratch[t].block = mixfill_alloc_zero(rows, MIXFILL_LANES * sizeof(double));
        if (ws->scratch[t].block == NULL)
            return false;
        place(&ws->scratch[t], &ws->layout);
    }
    return true;
}

/* Ratings of each row, and how far it reaches: sum over its ratings of 1 / the other's count. */
static void count_ratings(mixfill_factor_workspace *ws, const mixfill_ratings *r) {
    mixfill_factor_side *users = &ws->side[MIXFILL_USERS], *items = &ws->side[MIXFILL_ITEMS];
    for (int64_t e = 0; e < r->nnz; e++)
        items->count[r->col[e]]++;
    for (int32_t u = 0; u < r->n_users; u++) {
        users->count[u] = (int32_t)(r->row_ptr[u + 1] - r->row_ptr[u]);
        users->n_rated += users->count[u] > 0;
    }
    for (int32_t j = 0; j < r->n_items; j++)
        items->n_rated += items->count[j] > 0;
    for (int32_t u = 0; u < r->n_users && users->lambda > 0; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            users->reach[r->col[e]] += 1.0 / users->count[u];
            items->reach[u] += 1.0 / items->count[r->col[e]];
        }
}

mixfill_status mixfill_factor_workspace_init_fold_in(mixfill_factor_workspace *ws,
                                                     const mixfill_model *model,
                                                     const mixfill_ratings *rows, int32_t threads,
                                                     mixfill_error *err) {
    const mixfill_kernels *kernels;
    const mixfill_factors *factors = mixfill_factors_of(model);
    double q = model->options.rank + 1.0, work = (double)rows->nnz * q * q / 2;
    set_shape(ws, rows, &model->options, mixfill_par_threads_for(threads, work));
    ws->for_fold_in = true;
    mixfill_status st = mixfill_kernels_choose(&kernels, err);
    if (st != MIXFILL_OK)
        return st;
    mixfill_factor_source_init(&ws->source, rows, kernels->factor, factors->scale[0],
                               factors->scale[1]);
    if (alloc_buffers(ws))
        return MIXFILL_OK;
    mixfill_factor_workspace_clear(ws);
    return mixfill_fail_nomem(err, "fold-in");
}

mixfill_status mixfill_factor_workspace_init(mixfill_factor_workspace *ws, const mixfill_job *job,
                                             mixfill_error *err) {
    mixfill_ratings_summary summary;
    mixfill_status st;
    set_shape(ws, job->ratings, job->options, job->memory.threads);
    MIXFILL_TRY(mixfill_ratings_summarize(job->ratings, &summary, err));
    double sd = summary.sd > 0 ? summary.sd : 1;
    mixfill_factor_source_init(&ws->source, job->ratings, job->kernels->factor,
                               mixfill_ratings_mean(job->ratings), sd);
    if (!mixfill_factor_item_cut_init(&ws->item_cut, job->blocks, ws->layout.stride, ws->threads) ||
        !alloc_buffers(ws)) {
        st = mixfill_fail_nomem(err, "the workspace of a fit");
        goto done;
    }
    count_ratings(ws, job->ratings);
done:
    if (st != MIXFILL_OK)
        mixfill_factor_workspace_clear(ws);
    return st;
}

void mixfill_factor_workspace_clear(mixfill_factor_workspace *ws) {
    mixfill_buffer buffers[BUFFERS];
    for (int32_t t = 0; ws->scratch != NULL && t < ws->threads; t++)
        mixfill_free(ws->scratch[t].block);
    size_t n = list_buffers(buffers, ws);
    mixfill_buffers_free(buffers, n);
    mixfill_factor_item_cut_clear(&ws->item_cut);
    *ws = (mixfill_factor_workspace){0};
}

void mixfill_factor_attach_users(mixfill_factor_workspace *ws, double *mean, double *cov,
                                 double *spread) {
    mixfill_factor_side *users = &ws->side[MIXFILL_USERS];
    users->mean = mean;
    users->cov = cov;
    users->spread = spread;
}

void mixfill_factor_attach(mixfill_factor_workspace *ws, const mixfill_factors *p) {
    mixfill_factor_side *users = &ws->side[MIXFILL_USERS], *items = &ws->side[MIXFILL_ITEMS];
    ws->params = p;
    if (!ws->for_fold_in)
        mixfill_factor_attach_users(ws, p->user_factor, p->user_cov, p->user_scale);
    users->centre = p->xi;
    users->prior_cov = p->omega;
    users->y = p->y;
    items->mean = p->w;
    items->cov = p->w_cov;
    items->spread = p->v;
    items->centre = p->m;
    items->prior_cov = p->phi;
}
