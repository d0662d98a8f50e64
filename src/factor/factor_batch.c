/* What the parts of the `factor` model have in common: passes over the rows of a side, batches of
 * 8 rows in lanes, and the system they solve. Eight small systems side by side keep a register
 * full where one of rank 12 cannot; the last batch of a side is made up with rows of zeros. */
#include "factor/factor_batch.h"

#include "base/par.h"

#include <math.h>
#include <string.h>

/* Least pivot of what is summed from floats, and of a matrix of doubles. */
static const double FLOAT_PIVOT = 1e-6, DOUBLE_PIVOT = 1e-13;

/* Sums over the lanes of n totals, in lane order, into a chunk's own slots. */
static void add_chunk_totals(double *partial, const double *lanes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        partial[i] = 0;
        for (size_t l = 0; l < MIXFILL_LANES; l++)
            partial[i] += lanes[i * MIXFILL_LANES + l];
    }
}

/* Rows first .. of a batch's sums: users' are made here, items' already stand in an array. */
static const double *batch_sums(const mixfill_factor_batch *b, const mixfill_factor_table *table) {
    mixfill_factor_workspace *ws = b->ws;
    if (table == NULL)
        return NULL;
    if (b->side == &ws->side[MIXFILL_USERS]) {
        mixfill_factor_sum_users(b->t->sums, &ws->source, table, b->first, b->count);
        return b->t->sums;
    }
    bool thin = table->precision == NULL;
    return (thin ? ws->thin_sums : ws->item_sums) + (size_t)b->first * table->rows.stride;
}

/* The batches of one chunk of rows. */
static void run_chunk(mixfill_factor_batch *b, const mixfill_factor_table *table,
                      mixfill_factor_batch_fn fn, double parameter, int32_t chunk) {
    int32_t n = b->side->n, first = chunk * MIXFILL_FACTOR_CHUNK;
    int32_t end = n - first < MIXFILL_FACTOR_CHUNK ? n : first + MIXFILL_FACTOR_CHUNK;
    for (b->first = first; b->first < end; b->first += MIXFILL_LANES) {
        b->count = end - b->first < MIXFILL_LANES ? end - b->first : MIXFILL_LANES;
        b->sums = batch_sums(b, table);
        fn(b, parameter);
    }
}

/* Sums over the chunks' slots, in chunk order. */
static void add_totals(const mixfill_factor_workspace *ws, int32_t n_chunks, size_t n_totals) {
    memset(ws->totals, 0, n_totals * sizeof *ws->totals);
    for (int32_t i = 0; i < n_chunks; i++)
        for (size_t s = 0; s < n_totals; s++)
            ws->totals[s] += ws->partial[(size_t)i * n_totals + s];
}

void mixfill_factor_pass(mixfill_factor_workspace *ws, int side, const mixfill_factor_table *table,
                         mixfill_factor_batch_fn fn, double parameter, size_t n_totals) {
    mixfill_factor_side *rows = &ws->side[side];
    int32_t n_chunks = mixfill_factor_n_chunks(rows->n);
    if (table != NULL && side == MIXFILL_ITEMS)
        mixfill_factor_sum_items(table->precision == NULL ? ws->thin_sums : ws->item_sums,
                                 &ws->source, table, &ws->item_cut);
#pragma omp for schedule(dynamic)
    for (int32_t i = 0; i < n_chunks; i++) {
        mixfill_factor_batch b = {
            .ws = ws, .side = rows, .t = &ws->scratch[mixfill_par_thread_id()]};
        memset(b.t->totals, 0, n_totals * MIXFILL_LANES * sizeof(double));
        run_chunk(&b, table, fn, parameter, i);
        add_chunk_totals(ws->partial + (size_t)i * n_totals, b.t->totals, n_totals);
    }
    if (n_totals == 0)
        return;
#pragma omp single
    add_totals(ws, n_chunks, n_totals);
}

mixfill_factor_table mixfill_factor_moments_of(const mixfill_factor_workspace *ws, int side) {
    const mixfill_factor_layout *l = &ws->layout;
    const mixfill_factor_side *s = &ws->side[side];
    return (mixfill_factor_table){{s->table, l->stride, l->second}, s->n, s->precision, l->square};
}

mixfill_factor_table mixfill_factor_thin_of(const mixfill_factor_workspace *ws, int side) {
    const mixfill_factor_side *s = &ws->side[side];
    return (mixfill_factor_table){{s->thin, ws->layout.thin, 0}, s->n, NULL, 0};
}

/* The system of a batch's rows, which stands in the scratch. */
static mixfill_lane_system system_of(const mixfill_factor_scratch *t, const mixfill_factor_side *s,
                                     size_t first, double least_pivot) {
    return (mixfill_lane_system){.d = s->d,
                                 .first = first,
                                 .least_pivot = least_pivot,
                                 .gram = t->gram,
                                 .rhs = t->rhs,
                                 .weight = t->weight,
                                 .precision = s->prior_precision,
                                 .prior = t->prior,
                                 .mean = t->mean,
                                 .inverse = t->inverse,
                                 .log_det = t->log_det,
                                 .quadratic = t->quadratic,
                                 .work = t->work};
}

/* Means and covariances of the rows as they are. */
void mixfill_factor_load_posterior(const mixfill_factor_batch *b) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = s->d, at = (size_t)b->first;
    k->load(t->old, s->mean + at * d, d, d, b->count);
    k->load(t->cov, s->cov + at * mixfill_packed(d), mixfill_packed(d), mixfill_packed(d),
            b->count);
    k->load(t->spread, s->spread + at, 1, 1, b->count);
    for (size_t l = (size_t)b->count; l < MIXFILL_LANES; l++)
        t->spread[l] = 1; /* of no row, but divided by */
}

void mixfill_factor_load_shift(const mixfill_factor_batch *b) {
    const mixfill_factor_side *s = b->side;
    if (s->shift != NULL)
        b->ws->source.kernels->load(b->t->shift, s->shift + (size_t)b->first * s->d, s->d, s->d,
                                    b->count);
    else
        memset(b->t->shift, 0, s->d * MIXFILL_LANES * sizeof(double));
}

void mixfill_factor_load_prior(const mixfill_factor_batch *b) {
    const mixfill_factor_scratch *t = b->t;
    mixfill_factor_load_shift(b);
    for (size_t i = 0; i < b->side->d * MIXFILL_LANES; i++)
        t->prior_mean[i] = t->shift[i] + b->side->centre[i / MIXFILL_LANES];
}

/* Sums of the rows' ratings. */
void mixfill_factor_load_sums(const mixfill_factor_batch *b, const double *sums) {
    const mixfill_factor_layout *l = &b->ws->layout;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    k->load(b->t->rhs, sums, l->stride, l->moments, b->count);
    k->load(b->t->gram, sums + l->second, l->stride, l->second_size, b->count);
    k->load(b->t->square, sums + l->square, l->stride, 1, b->count);
    k->load(b->t->log, sums + l->log, l->stride, 1, b->count);
}

void mixfill_factor_errors(const mixfill_factor_batch *b, double *out, const double *mean,
                           const double *cov) {
    const mixfill_factor_layout *l = &b->ws->layout;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    const size_t shape[2] = {b->side->d, b->side->first};
    k->expand(t->moment, t->second, mean, cov, shape);
    k->dot(t->x, t->moment, t->rhs, l->moments);
    k->inner(t->z, t->second, t->gram, l->moments);
    for (size_t i = 0; i < MIXFILL_LANES; i++)
        out[i] = fmax(0, t->square[i] - 2 * t->x[i] + t->z[i]);
}

/* Rows of a batch for the other side to sum. */
void mixfill_factor_write_moments(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_layout *l = &b->ws->layout;
    const mixfill_factor_side *s = b->side;
    const size_t shape[2] = {s->d, s->first};
    (void)unused;
    size_t first = (size_t)b->first, end = first + (size_t)b->count;
    for (size_t i = first; i < end; i++) {
        float *row = s->table + i * l->stride;
        b->ws->source.kernels->moments(row, row + l->second, s->mean + i * s->d,
                                       s->cov + i * mixfill_packed(s->d), s->precision[i], shape);
        row[l->log] = s->first == 0 ? (float)log(s->spread[i]) : 0;
    }
}

void mixfill_factor_prior_errors(const mixfill_factor_batch *b, const double *mean,
                                 const double *cov) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    for (size_t i = 0; i < s->d * MIXFILL_LANES; i++)
        t->a[i] = mean[i] - t->prior_mean[i];
    k->map(t->b, s->prior_precision, t->a, s->d);
    k->dot(t->x, t->a, t->b, s->d);
    k->trace(t->z, s->prior_precision, cov, s->d);
}

void mixfill_factor_solve(const mixfill_factor_batch *b) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_scratch *t = b->t;
    for (size_t l = 0; l < MIXFILL_LANES; l++) {
        bool spread = !mixfill_factor_is_users(s) && l < (size_t)b->count;
        t->weight[l] = spread ? s->precision[(size_t)b->first + l] : 1;
    }
    b->ws->source.kernels->map(t->prior, s->prior_precision, t->prior_mean, s->d);
    const mixfill_lane_system system = system_of(t, s, s->first, FLOAT_PIVOT);
    b->ws->source.kernels->solve(&system);
}

/* Inverse and log determinant of a side's prior covariance. */
void mixfill_factor_invert_prior(mixfill_factor_workspace *ws, mixfill_factor_side *s) {
    const mixfill_factor_kernels *k = ws->source.kernels;
    const mixfill_factor_scratch *t = &ws->scratch[0];
    size_t d = s->d, row = MIXFILL_LANES * sizeof(double);
    memset(t->rhs, 0, d * row);
    memset(t->prior, 0, d * row);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++)
            for (size_t l = 0; l < MIXFILL_LANES; l++)
                t->gram[(mixfill_packed(i) + j) * MIXFILL_LANES + l] = s->prior_cov[i * d + j];
    for (size_t l = 0; l < MIXFILL_LANES; l++)
        t->weight[l] = 1;
    memset(s->prior_precision, 0, d * d * sizeof *s->prior_precision);
    const mixfill_lane_system system = system_of(t, s, 0, DOUBLE_PIVOT);
    k->solve(&system);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            size_t at = i > j ? mixfill_packed(i) + j : mixfill_packed(j) + i;
            s->prior_precision[i * d + j] = t->inverse[at * MIXFILL_LANES];
        }
    s->prior_log_det = t->log_det[0];
}
