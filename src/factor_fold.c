/* Fold-in of `factor`. */
#include "factor_fold.h"

#include "factor_em.h"

#include <string.h>

enum { ROUNDS = 4 /* of a user's scale */ };

/* Scales of a batch whose posteriors are in mean and inverse: what each round adds up is a constant
 * and a multiple of the scale. */
static void find_scales(const mixfill_factor_batch *b) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    double *fixed = t->error, *growing = t->spread;
    memset(t->cov, 0, mixfill_packed(s->d) * MIXFILL_LANES * sizeof *t->cov);
    mixfill_factor_errors(b, fixed, t->mean, t->cov);
    mixfill_factor_errors(b, growing, t->mean, t->inverse);
    for (size_t i = 0; i < s->d * MIXFILL_LANES; i++)
        t->a[i] = t->mean[i] - t->prior_mean[i];
    k->map(t->b, s->prior_precision, t->a, s->d);
    k->dot(t->x, t->a, t->b, s->d);
    k->trace(t->z, s->prior_precision, t->inverse, s->d);
    for (size_t l = 0; l < (size_t)b->count; l++) {
        double n = s->count[(size_t)b->first + l], scale = 1;
        double strength = n + (double)s->d + MIXFILL_NOISE_STRENGTH;
        double slope = growing[l] - fixed[l] + t->z[l];
        for (int i = 0; i < ROUNDS && n > 0; i++)
            scale = (fixed[l] + t->x[l] + scale * slope + MIXFILL_NOISE_STRENGTH) / strength;
        s->spread[(size_t)b->first + l] = scale;
    }
}

static void fold(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = s->d, size = mixfill_packed(d), at = (size_t)b->first;
    (void)unused;
    mixfill_factor_load_prior(b);
    mixfill_factor_load_sums(b, b->sums);
    mixfill_factor_solve(b);
    find_scales(b);
    for (size_t i = 0; i < size; i++)
        for (size_t l = 0; l < (size_t)b->count; l++)
            t->inverse[i * MIXFILL_LANES + l] *= s->spread[at + l];
    k->store(s->mean + at * d, t->mean, d, d, b->count);
    k->store(s->cov + at * size, t->inverse, size, size, b->count);
}

/* Items that were not rated in training tell nothing: their rows stay 0, and do not count. */
static void prepare(mixfill_factor_workspace *ws, const mixfill_model *m,
                    const mixfill_ratings *rows) {
    mixfill_factor_side *users = &ws->side[MIXFILL_USERS], *items = &ws->side[MIXFILL_ITEMS];
    for (int32_t j = 0; j < m->n_items; j++)
        items->precision[j] = m->item_count[j] > 0 ? 1 / m->factors->v[j] : 0;
    for (int32_t u = 0; u < rows->n_users; u++)
        for (int64_t e = rows->row_ptr[u]; e < rows->row_ptr[u + 1]; e++)
            users->count[u] += m->item_count[rows->col[e]] > 0;
    mixfill_factor_invert_prior(ws, users);
    mixfill_factor_pass(ws, MIXFILL_ITEMS, NULL, mixfill_factor_write_moments, 0, 0);
}

mixfill_status mixfill_factor_fold(const mixfill_model *model, mixfill_factor_users *out,
                                   const mixfill_ratings *rows, int32_t threads,
                                   mixfill_error *err) {
    mixfill_factor_workspace ws;
    mixfill_options options;
    mixfill_options_init_model(&options, MIXFILL_MODEL_FACTOR);
    options.rank = model->factors->rank;
    options.implicit = model->implicit;
    options.implicit_strength = model->implicit_strength;
    options.threads = threads;
    mixfill_status st =
        mixfill_factor_workspace_init_fold(&ws, rows, &options, model->factors, err);
    if (st != MIXFILL_OK)
        return st;
    mixfill_factors users = *model->factors; /* the model's items, the caller's users */
    users.n_users = rows->n_users;
    users.user_factor = out->factor;
    users.user_cov = out->cov;
    users.user_scale = out->scale;
    mixfill_factor_attach(&ws, &users);
    prepare(&ws, model, rows);
    if (model->implicit)
        mixfill_factor_reshift(&ws);
    mixfill_factor_table table = mixfill_factor_moments_of(&ws, MIXFILL_ITEMS);
    mixfill_factor_pass(&ws, MIXFILL_USERS, &table, fold, 0, 0);
    memcpy(out->count, ws.side[MIXFILL_USERS].count, (size_t)rows->n_users * sizeof *out->count);
    mixfill_factor_workspace_clear(&ws);
    return MIXFILL_OK;
}
