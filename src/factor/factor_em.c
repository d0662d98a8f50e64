/* The iteration of `factor`: user and item steps, priors and noise (docs/model.md 5). The shift is
 * in factor_shift.c, what is done row by row in factor_batch.c. A dense reading of the equations,
 * which the tests hold this against, is tests/ref_factor.c. */
#include "factor/factor_em.h"

#include "base/rng.h"
#include "factor/factor_batch.h"
#include "factor/factor_shift.h"

#include <math.h>
#include <string.h>

static const double LEAST_NOISE = 1e-4, PRIOR_JITTER = 1e-6; /* docs/model.md 5.5, 5.6 */
static const double FIRST_NOISE = 0.75;                      /* v of a start */
static const double FIRST_LOADING = 0.4; /* of a start, and its prior's centre */
static const double LOG_TWO_PI = 1.83787706640934548356;
/* Over-relaxation, in the iterations between the first few and the last few. */
static const double RELAXATION = 0.8;
enum { RELAX_FROM = 3, RELAX_NOT_LAST = 3, SHIFT_FROM = 2 };

/* Scales of users from their posteriors as they stand at the end of an iteration
 * (docs/model.md 5.6). */
static void rescale(const mixfill_factor_batch *b) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_scratch *t = b->t;
    mixfill_factor_errors(b, t->error, t->old, t->cov);
    mixfill_factor_prior_errors(b, t->old, t->cov);
    for (size_t l = 0; l < (size_t)b->count; l++) {
        double n = s->count[(size_t)b->first + l];
        double strength = n + (double)s->d + MIXFILL_NOISE_STRENGTH;
        if (n > 0)
            t->spread[l] = (t->error[l] + t->x[l] + t->z[l] + MIXFILL_NOISE_STRENGTH) / strength;
        s->spread[(size_t)b->first + l] = t->spread[l];
        s->precision[(size_t)b->first + l] = 1 / t->spread[l];
    }
}

/* Posteriors of a batch, into t->mean and t->inverse: given what the other side is, of ratings and
 * prior. */
static void solve(const mixfill_factor_batch *b) {
    mixfill_factor_load_posterior(b);
    mixfill_factor_load_prior(b);
    mixfill_factor_load_sums(b, b->sums);
    if (mixfill_factor_is_users(b->side) && b->ws->scales_are_due)
        rescale(b);
    mixfill_factor_solve(b);
}

/* Expected log-likelihood of the users of a batch that was solved (docs/model.md 5.10). */
static void add_log_likelihood(const mixfill_factor_batch *b) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_scratch *t = b->t;
    b->ws->source.kernels->dot(t->x, t->prior_mean, t->prior, s->d);
    for (size_t l = 0; l < (size_t)b->count; l++) {
        double n = s->count[(size_t)b->first + l], spread = t->spread[l];
        double squares = t->square[l] - 2 * t->rhs[l] + t->gram[l] + t->x[l] - t->quadratic[l];
        if (n > 0)
            t->totals[l] -= 0.5 * (n * (LOG_TWO_PI + log(spread)) + t->log[l] + squares / spread +
                                   t->log_det[l] + s->prior_log_det);
    }
}

/* Posteriors of a batch: means, relaxed, and covariances; users with the log-likelihood they add.
 */
static void step(const mixfill_factor_batch *b, double relaxation) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = s->d, at = (size_t)b->first, size = mixfill_packed(d);
    bool users = mixfill_factor_is_users(s);
    solve(b);
    if (users)
        add_log_likelihood(b);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++)
        t->mean[i] += relaxation * (t->mean[i] - t->old[i]);
    for (size_t i = 0; i < size && users; i++)
        for (size_t l = 0; l < MIXFILL_LANES; l++)
            t->inverse[i * MIXFILL_LANES + l] *= t->spread[l];
    k->store(s->mean + at * d, t->mean, d, d, b->count);
    k->store(s->cov + at * size, t->inverse, size, size, b->count);
}

/* A user step that moves nothing but the scales. */
static void last_step(const mixfill_factor_batch *b, double unused) {
    (void)unused;
    solve(b);
    add_log_likelihood(b);
}

/* ---- priors, tables and noise ---- */

/* Means follow the shift: old += A^-1 cov^-1 change, the change made up with the last step's share
 * of it, alpha image. */
static void follow_shift(const mixfill_factor_batch *b, double alpha) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = s->d, at = (size_t)b->first * d;
    k->load(t->a, s->change + at, d, d, b->count);
    k->load(t->b, s->image + at, d, d, b->count);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++)
        t->a[i] += alpha * t->b[i];
    k->map(t->b, s->prior_precision, t->a, d);
    k->multiply(t->c, t->cov, t->b, d);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++) {
        double scale = mixfill_factor_is_users(s) ? t->spread[i % MIXFILL_LANES] : 1;
        t->old[i] += t->c[i] / scale;
        t->shift[i] += t->a[i];
    }
    k->store(s->mean + at, t->old, d, d, b->count);
    k->store(s->shift + at, t->shift, d, d, b->count);
}

/* What the prior is made of, after the shift if there was one. */
static void settle(const mixfill_factor_batch *b, double alpha) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_scratch *t = b->t;
    mixfill_factor_load_posterior(b);
    mixfill_factor_load_shift(b);
    if (!isnan(alpha))
        follow_shift(b, alpha);
    for (size_t i = 0; i < s->d * MIXFILL_LANES; i++)
        t->a[i] = t->old[i] - t->shift[i];
    for (size_t l = 0; l < MIXFILL_LANES; l++) {
        bool rated = l < (size_t)b->count && s->count[(size_t)b->first + l] > 0;
        double scale = mixfill_factor_is_users(s) ? t->spread[l] : 1;
        t->x[l] = rated ? 1 / scale : 0;
    }
    b->ws->source.kernels->add_prior(t->totals, t->a, t->cov, t->x, s->d);
    if (mixfill_factor_is_users(s))
        mixfill_factor_write_moments(b, 0);
}

/* Centre and covariance of a side's prior from the sums of its rated rows. */
static void update_prior(mixfill_factor_workspace *ws, mixfill_factor_side *s) {
    const double *first = ws->totals + 1, *second = first + s->d;
    double weight = ws->totals[0];
    for (size_t i = 0; i < s->d; i++) {
        s->centre[i] = first[i] / weight;
        for (size_t j = 0; j <= i; j++) {
            double sum = second[mixfill_packed(i) + j] - first[i] * first[j] / weight;
            s->prior_cov[i * s->d + j] = s->prior_cov[j * s->d + i] =
                sum / s->n_rated + (i == j ? PRIOR_JITTER : 0);
        }
    }
    mixfill_factor_invert_prior(ws, s);
}

/* Shift, where there is one, and prior of a side (docs/model.md 5.4, 5.5). */
static void shift_and_prior(mixfill_factor_workspace *ws, int side, bool shifted) {
    mixfill_factor_side *s = &ws->side[side];
    double alpha = shifted ? mixfill_factor_shift(ws, side) : (double)NAN;
    mixfill_factor_pass(ws, side, NULL, settle, alpha, 1 + s->d + mixfill_packed(s->d));
#pragma omp single
    update_prior(ws, s);
    mixfill_lap_of_region(&ws->laps,
                          side == MIXFILL_USERS ? MIXFILL_LAP_USER_SHIFT : MIXFILL_LAP_ITEM_SHIFT);
}

/* Errors of a batch of items over their users' scales. */
static void item_errors(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_scratch *t = b->t;
    (void)unused;
    mixfill_factor_load_posterior(b);
    mixfill_factor_load_sums(b, b->ws->item_sums + (size_t)b->first * b->ws->layout.stride);
    mixfill_factor_errors(b, t->error, t->old, t->cov);
    for (size_t l = 0; l < (size_t)b->count; l++) {
        b->ws->by_item[(size_t)b->first + l] = t->error[l];
        t->totals[l] += t->error[l];
    }
}

/* v of a batch of items, and their moments over it for the users to sum. */
static void item_noise(const mixfill_factor_batch *b, double mean_error) {
    const mixfill_factor_side *s = b->side;
    size_t first = (size_t)b->first, end = first + (size_t)b->count;
    for (size_t j = first; j < end; j++) {
        double sum = b->ws->by_item[j] + MIXFILL_NOISE_STRENGTH * mean_error;
        s->spread[j] = fmax(LEAST_NOISE, sum / (s->count[j] + MIXFILL_NOISE_STRENGTH));
        s->precision[j] = 1 / s->spread[j];
    }
    mixfill_factor_write_moments(b, 0);
}

/* Variances of the items, and their mean ebar into the parameters (docs/model.md 5.6). */
static void update_noise(mixfill_factor_workspace *ws, mixfill_factors *p) {
    mixfill_factor_pass(ws, MIXFILL_ITEMS, NULL, item_errors, 0, 1);
    double mean = ws->totals[0] / (double)ws->source.ratings->nnz;
#pragma omp single nowait
    p->scale[2] = fmax(LEAST_NOISE, mean); /* of an unknown item, whose v has that floor */
    mixfill_factor_pass(ws, MIXFILL_ITEMS, NULL, item_noise, mean, 0);
    mixfill_lap_of_region(&ws->laps, MIXFILL_LAP_NOISE);
}

/* ---- a start, an iteration, the end ---- */

/* Item j of a start: sum of x over its ratings (docs/model.md 5.11). */
static void init_item(const mixfill_factor_workspace *ws, size_t j, double sum, uint32_t seed) {
    enum { PURPOSE = 0x666163 };
    const mixfill_factors *p = ws->params;
    const mixfill_factor_side *items = &ws->side[MIXFILL_ITEMS];
    const mixfill_ids *ids = &ws->source.ratings->item_ids;
    mixfill_rng rng = mixfill_rng_stream(seed, PURPOSE, mixfill_ids_number(ids, (int32_t)j));
    double *w = p->w + j * items->d, *cov = p->w_cov + j * mixfill_packed(items->d);
    w[0] = sum / (items->count[j] + 5.0);
    for (size_t i = 1; i < items->d; i++)
        w[i] = (i == 1 ? FIRST_LOADING : 0) + 0.1 * mixfill_rng_normal(&rng);
    memset(cov, 0, mixfill_packed(items->d) * sizeof *cov);
    for (size_t i = 0; i < items->d; i++)
        cov[mixfill_packed(i) + i] = 0.01;
    p->v[j] = FIRST_NOISE;
    items->precision[j] = 1 / p->v[j];
}

/* Sum of x over each item's ratings, into by_item. */
static void sum_items(const mixfill_factor_workspace *ws) {
    const mixfill_factor_source *s = &ws->source;
    const mixfill_ratings *r = s->ratings;
    double *sum = ws->by_item;
    memset(sum, 0, (size_t)r->n_items * sizeof *sum);
    for (int64_t e = 0; e < r->nnz; e++)
        sum[r->col[e]] += (mixfill_ratings_value(r, e) - s->g) / s->sd;
}

/* Priors of a start: users standard normal; items with some level of their own, and a first
 * loading that most share, since users differ most in how high they rate. */
static void init_priors(const mixfill_factors *p) {
    size_t q = (size_t)p->rank, n = q + 1;
    memset(p->xi, 0, q * sizeof *p->xi);
    memset(p->m, 0, n * sizeof *p->m);
    memset(p->omega, 0, q * q * sizeof *p->omega);
    memset(p->phi, 0, n * n * sizeof *p->phi);
    p->m[1] = FIRST_LOADING;
    for (size_t i = 0; i < q; i++)
        p->omega[i * q + i] = 1;
    for (size_t i = 0; i < n; i++)
        p->phi[i * n + i] = i == 0 ? 0.5 : 0.02;
}

/* No shift yet, where the side has one. */
static void clear_shift(mixfill_factor_side *s, int32_t n_other) {
    if (s->shift == NULL)
        return;
    memset(s->shift, 0, (size_t)s->n * s->d * sizeof *s->shift);
    memset(s->y, 0, (size_t)n_other * s->d * sizeof *s->y);
}

void mixfill_factor_start(mixfill_factor_workspace *ws, mixfill_factors *p, uint32_t seed) {
    mixfill_factor_side *users = &ws->side[MIXFILL_USERS], *items = &ws->side[MIXFILL_ITEMS];
    mixfill_factor_attach(ws, p);
    p->scale[0] = ws->source.g;
    p->scale[1] = ws->source.sd;
    sum_items(ws);
    for (size_t j = 0; j < (size_t)items->n; j++)
        init_item(ws, j, ws->by_item[j], seed);
    for (size_t u = 0; u < (size_t)users->n; u++)
        users->spread[u] = users->precision[u] = 1;
    memset(p->user_factor, 0, (size_t)users->n * users->d * sizeof *p->user_factor);
    memset(p->user_cov, 0, (size_t)users->n * mixfill_packed(users->d) * sizeof *p->user_cov);
    clear_shift(users, items->n);
    clear_shift(items, users->n);
    init_priors(p);
    mixfill_factor_invert_prior(ws, users);
    mixfill_factor_invert_prior(ws, items);
#pragma omp parallel num_threads(ws->threads) default(none) shared(ws)
    mixfill_factor_pass(ws, MIXFILL_ITEMS, NULL, mixfill_factor_write_moments, 0, 0);
}

/* Posteriors of every user or item from the other side's moments; what users add to the
 * log-likelihood comes into ws->totals. */
static void step_side(mixfill_factor_workspace *ws, int side, double relaxation) {
    int other = side == MIXFILL_USERS ? MIXFILL_ITEMS : MIXFILL_USERS;
    mixfill_factor_table table = mixfill_factor_moments_of(ws, other);
    mixfill_factor_pass(ws, side, &table, step, relaxation, 1);
    mixfill_lap_of_region(&ws->laps,
                          side == MIXFILL_USERS ? MIXFILL_LAP_USER_STEP : MIXFILL_LAP_ITEM_STEP);
}

/* The steps of an iteration, by every thread of a region. */
static void iterate(mixfill_factor_workspace *ws, mixfill_factors *p, double relaxation,
                    bool shifted, double *log_likelihood) {
    /* s_u = (sum_j err_uj / v_j + tr Omega^-1 (C_u + (e_u - p_u)(e_u - p_u)') + 30)
     *       / (|O_u| + q + 30), of the last iteration, since its sums are made here anyway   (5.6)
     * p_u = xi + d_u;  A_u = sum_j (E_j)_ff / v_j + Omega^-1
     * e_u = A_u^-1 (sum_j (x_uj w_jf - (E_j)_f0) / v_j + Omega^-1 p_u);  C_u = s_u A_u^-1    (5.2)
     * relaxed, e_u += 0.8 (e_u - e_u of the last iteration)                                  (5.3)
     */
    step_side(ws, MIXFILL_USERS, relaxation);
#pragma omp single nowait
    *log_likelihood = ws->totals[0];

    /* Y += dY by conjugate gradients;  d_u = sum_{j in O_u} y_j / sqrt |O_u|;  e_u follows   (5.4)
     * a_u = e_u - d_u;  xi = sum_u (a_u / s_u) / sum_u (1 / s_u)
     * Omega = mean of A_u^-1 + (a_u - xi)(a_u - xi)' / s_u                                   (5.5)
     */
    shift_and_prior(ws, MIXFILL_USERS, shifted);

    /* A_j = sum_u F_u / (s_u v_j) + Phi^-1;  Cov_j = A_j^-1
     * w_j = A_j^-1 (sum_u x_uj (1, e_u) / (s_u v_j) + Phi^-1 (m + c_j)), relaxed alike  (5.2, 5.3)
     */
    step_side(ws, MIXFILL_ITEMS, relaxation);

    /* c_j, m and Phi as d_u, xi and Omega, with s = 1                                   (5.4, 5.5)
     */
    shift_and_prior(ws, MIXFILL_ITEMS, shifted);

    /* ebar = mean over ratings of err_uj / s_u
     * v_j = max(1e-4, (sum_u err_uj / s_u + 30 ebar) / (|U_j| + 30))                         (5.6)
     */
    update_noise(ws, p);
}

double mixfill_factor_iteration(mixfill_factor_workspace *ws, mixfill_factors *p, int32_t it) {
    bool relaxed = it >= RELAX_FROM && it < ws->options->max_iter - RELAX_NOT_LAST;
    bool shifted = ws->options->implicit && it >= SHIFT_FROM;
    double relaxation = relaxed ? RELAXATION : 0, log_likelihood = 0;
    mixfill_factor_attach(ws, p);
    ws->scales_are_due = it > 0;
    mixfill_laps_start(&ws->laps);
#pragma omp parallel num_threads(ws->threads) default(none)                                        \
    shared(ws, p, relaxation, shifted, log_likelihood)
    iterate(ws, p, relaxation, shifted, &log_likelihood);
    return log_likelihood;
}

double mixfill_factor_finish(mixfill_factor_workspace *ws, mixfill_factors *p) {
    mixfill_factor_attach(ws, p);
    mixfill_factor_invert_prior(ws, &ws->side[MIXFILL_USERS]);
    for (size_t j = 0; j < (size_t)p->n_items; j++)
        ws->side[MIXFILL_ITEMS].precision[j] = 1 / p->v[j];
    ws->scales_are_due = true;
    mixfill_factor_table table = mixfill_factor_moments_of(ws, MIXFILL_ITEMS);
#pragma omp parallel num_threads(ws->threads) default(none) shared(ws, table)
    {
        if (ws->options->implicit)
            mixfill_factor_reshift(ws);
        mixfill_factor_pass(ws, MIXFILL_ITEMS, NULL, mixfill_factor_write_moments, 0, 0);
        mixfill_factor_pass(ws, MIXFILL_USERS, &table, last_step, 0, 1);
    }
    return ws->totals[0];
}
