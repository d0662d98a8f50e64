/* Fold-in of `factor` (docs/model.md 5.9): one user step for every user on the model's parameters,
 * then four rounds of the user's scale. A rating of an item the model does not know, or that had
 * none in training, counts as of an item of which nothing but the prior is known: leaving it out
 * would lose what it tells of the user's level. */
#include "factor/factor_people.h"

#include "factor/factor_batch.h"
#include "factor/factor_shift.h"

#include <string.h>

enum { ROUNDS = 4 /* of a user's scale */ };

/* Add ratings of unknown items to the loaded sums: their moments are those of the items' prior. */
static void add_unknown(const mixfill_factor_batch *b) {
    const mixfill_factors *p = b->ws->params;
    const mixfill_factor_scratch *t = b->t;
    const mixfill_factor_unknown *given = b->ws->unknown + b->first;
    size_t moments = b->ws->layout.moments;
    double precision = 1 / p->scale[2];
    for (size_t l = 0; l < (size_t)b->count; l++) {
        t->square[l] += given[l].squares * precision;
        for (size_t i = 0; i < moments; i++) {
            t->rhs[i * MIXFILL_LANES + l] += given[l].sum * p->m[i] * precision;
            for (size_t k = 0; k <= i; k++) {
                double second = p->m[i] * p->m[k] + p->phi[i * moments + k];
                t->gram[(mixfill_packed(i) + k) * MIXFILL_LANES + l] +=
                    given[l].n * second * precision;
            }
        }
    }
}

/* Scales of a batch whose posteriors are in mean and inverse: what each round adds up is a constant
 * and a multiple of the scale. */
static void find_scales(const mixfill_factor_batch *b) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_scratch *t = b->t;
    double *fixed = t->error, *growing = t->growth;
    memset(t->cov, 0, mixfill_packed(s->d) * MIXFILL_LANES * sizeof *t->cov);
    mixfill_factor_errors(b, fixed, t->mean, t->cov);
    mixfill_factor_errors(b, growing, t->mean, t->inverse);
    mixfill_factor_prior_errors(b, t->mean, t->inverse);
    for (size_t l = 0; l < (size_t)b->count; l++) {
        double n = s->count[(size_t)b->first + l] + b->ws->unknown[(size_t)b->first + l].n,
               scale = 1;
        double strength = n + (double)s->d + MIXFILL_NOISE_STRENGTH;
        double slope = growing[l] - fixed[l] + t->z[l];
        for (int i = 0; i < ROUNDS && n > 0; i++)
            scale = (fixed[l] + t->x[l] + scale * slope + MIXFILL_NOISE_STRENGTH) / strength;
        s->spread[(size_t)b->first + l] = scale;
    }
}

/* Posteriors of a batch of users: mean, covariance and scale. */
static void fold_in_batch(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = s->d, size = mixfill_packed(d), at = (size_t)b->first;
    (void)unused;
    mixfill_factor_load_prior(b);
    mixfill_factor_load_sums(b, b->sums);
    add_unknown(b);
    mixfill_factor_solve(b);
    find_scales(b);
    for (size_t i = 0; i < size; i++)
        for (size_t l = 0; l < (size_t)b->count; l++)
            t->inverse[i * MIXFILL_LANES + l] *= s->spread[at + l];
    k->store(s->mean + at * d, t->mean, d, d, b->count);
    k->store(s->cov + at * size, t->inverse, size, size, b->count);
}

/* A rating of an item of which only the prior is known, in units of x. */
static void add_rating(mixfill_factor_unknown *u, const mixfill_factor_source *s, double rating) {
    double x = (rating - s->g) / s->sd;
    u->n++;
    u->sum += x;
    u->squares += x * x;
}

/* Ratings of items that are not in the model. MIXFILL_ERR_NOMEM. */
static mixfill_status add_unknown_items(mixfill_factor_unknown *unknown,
                                        const mixfill_factor_source *source, const mixfill_model *m,
                                        const mixfill_ratings *ratings, mixfill_error *err) {
    int32_t *item = mixfill_ids_map(&ratings->item_ids, &m->item_ids);
    if (item == NULL)
        return mixfill_fail_nomem(err, "fold-in");
    for (int32_t u = 0; u < ratings->n_users; u++)
        for (int64_t e = ratings->row_ptr[u]; e < ratings->row_ptr[u + 1]; e++)
            if (item[ratings->col[e]] < 0)
                add_rating(&unknown[u], source, mixfill_ratings_value(ratings, e));
    mixfill_free(item);
    return MIXFILL_OK;
}

/* Items without ratings in training: their rows stay 0, and they do not count as known. */
static void prepare(mixfill_factor_workspace *ws, mixfill_factor_unknown *unknown,
                    const mixfill_model *m, const mixfill_ratings *rows) {
    mixfill_factor_side *users = &ws->side[MIXFILL_USERS], *items = &ws->side[MIXFILL_ITEMS];
    for (int32_t j = 0; j < m->n_items; j++)
        items->precision[j] = m->item_count[j] > 0 ? 1 / mixfill_factors_of(m)->v[j] : 0;
    for (int32_t u = 0; u < rows->n_users; u++)
        for (int64_t e = rows->row_ptr[u]; e < rows->row_ptr[u + 1]; e++)
            if (m->item_count[rows->col[e]] > 0)
                users->count[u]++;
            else
                add_rating(&unknown[u], &ws->source, mixfill_ratings_value(rows, e));
    mixfill_factor_invert_prior(ws, users);
}

/* One user step of every user on the model's items, into `out`. */
static void run(mixfill_factor_workspace *ws, mixfill_factor_unknown *unknown,
                const mixfill_model *m, mixfill_people *out, const mixfill_ratings *rows) {
    mixfill_factor_attach(ws, mixfill_factors_of(m));
    mixfill_factor_attach_users(ws, out->latent, out->cov, out->scale);
    prepare(ws, unknown, m, rows);
    mixfill_factor_table table = mixfill_factor_moments_of(ws, MIXFILL_ITEMS);
#pragma omp parallel num_threads(ws->threads) default(none) shared(ws, m, table)
    {
        mixfill_factor_pass(ws, MIXFILL_ITEMS, NULL, mixfill_factor_write_moments, 0, 0);
        if (m->options.implicit)
            mixfill_factor_reshift(ws);
        mixfill_factor_pass(ws, MIXFILL_USERS, &table, fold_in_batch, 0, 0);
    }
    memcpy(out->count, ws->side[MIXFILL_USERS].count, (size_t)rows->n_users * sizeof *out->count);
}

/* Arrays of the people: means (n,q), covariances (n,q(q+1)/2), scales and counts (n). */
static mixfill_status alloc(mixfill_people *f, const mixfill_factors *p, mixfill_error *err) {
    size_t n = (size_t)f->n_users;
    f->width = (size_t)p->rank;
    f->cov_width = mixfill_packed(f->width);
    f->latent = mixfill_alloc(n, f->width * sizeof *f->latent);
    f->cov = mixfill_alloc(n, f->cov_width * sizeof *f->cov);
    f->scale = mixfill_alloc(n, sizeof *f->scale);
    f->count = mixfill_alloc(n, sizeof *f->count);
    if (f->latent == NULL || f->cov == NULL || f->scale == NULL || f->count == NULL)
        return mixfill_fail_nomem(err, "fold-in");
    return MIXFILL_OK;
}

mixfill_status mixfill_factor_fold_in(mixfill_people *out, const mixfill_model *model,
                                      const mixfill_ratings *ratings, const mixfill_ratings *rows,
                                      int32_t threads, mixfill_error *err) {
    mixfill_factor_workspace ws = {0};
    mixfill_factor_unknown *unknown = NULL;
    mixfill_status st;
    MIXFILL_TRY(alloc(out, mixfill_factors_of(model), err));
    MIXFILL_TRY(mixfill_factor_workspace_init_fold_in(&ws, model, rows, threads, err));
    unknown = mixfill_alloc_zero((size_t)rows->n_users, sizeof *unknown);
    ws.unknown = unknown;
    if (unknown == NULL) {
        st = mixfill_fail_nomem(err, "fold-in");
        goto done;
    }
    if (ratings != rows)
        MIXFILL_TRY(add_unknown_items(unknown, &ws.source, model, ratings, err));
    run(&ws, unknown, model, out, rows);
done:
    mixfill_factor_workspace_clear(&ws);
    mixfill_free(unknown);
    return st;
}
