/* The shift of the priors of `factor` by who rated what, from side s: y of the other side by two
 * steps of preconditioned conjugate gradients, warm from where the last iteration left it
 * (docs/model.md 5.4). H is the mask of ratings with each row divided by the square root of its
 * count; no product H'v is needed after the last step, whose curvature p' op(p) is summed on the
 * side of the rows. */
#include "factor/factor_shift.h"

#include "factor/factor_batch.h"

#include <math.h>
#include <string.h>

enum { STEPS = 2 };

static const double SMALL = 1e-12; /* r'z at which nothing is left to do */

/* The side whose shift a batch's rows serve: their own, or the other. */
static mixfill_factor_side *other_side(const mixfill_factor_batch *b) {
    return &b->ws->side[b->side == &b->ws->side[MIXFILL_USERS] ? MIXFILL_ITEMS : MIXFILL_USERS];
}

/* Vectors of lanes, divided by the roots of the rows' counts, as rows to be summed. */
static void write_thin(const mixfill_factor_batch *b, const double *x, size_t d, bool divided) {
    size_t thin = b->ws->layout.thin;
    for (size_t l = 0; l < (size_t)b->count; l++) {
        size_t row = (size_t)b->first + l;
        double count = b->side->count[row];
        double scale = !divided ? 1 : count > 0 ? 1 / sqrt(count) : 0;
        for (size_t i = 0; i < d; i++)
            b->side->thin[row * thin + i] = (float)(scale * x[i * MIXFILL_LANES + l]);
    }
}

/* H' of this is the gradient of y: t = cov^-1 (mean - centre - shift) / s. */
static void cg_gradient(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = s->d, at = (size_t)b->first * d;
    (void)unused;
    k->load(t->a, s->mean + at, d, d, b->count);
    k->load(t->b, s->shift + at, d, d, b->count);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++)
        t->a[i] -= t->b[i] + s->centre[i / MIXFILL_LANES];
    k->map(t->c, s->prior_precision, t->a, d);
    for (size_t i = 0; i < d; i++)
        for (size_t l = 0; l < (size_t)b->count && mixfill_factor_is_users(s); l++)
            t->c[i * MIXFILL_LANES + l] *= s->precision[(size_t)b->first + l];
    write_thin(b, t->c, d, true);
}

/* z = cov r / (lambda + reach), the preconditioned residual, in t->c from t->a. */
static void precondition(const mixfill_factor_batch *b, const mixfill_factor_side *owner) {
    const mixfill_factor_scratch *t = b->t;
    b->ws->source.kernels->map(t->c, owner->prior_cov, t->a, owner->d);
    for (size_t i = 0; i < owner->d; i++)
        for (size_t l = 0; l < (size_t)b->count; l++)
            t->c[i * MIXFILL_LANES + l] /= owner->lambda + owner->reach[(size_t)b->first + l];
}

/* The direction in t->c: kept, to be summed by the owner's rows, and its p' cov^-1 p in totals row
 * `total`. */
static void set_direction(const mixfill_factor_batch *b, const mixfill_factor_side *owner,
                          size_t total) {
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = owner->d;
    k->store(owner->direction + (size_t)b->first * d, t->c, d, d, b->count);
    write_thin(b, t->c, d, false);
    k->map(t->b, owner->prior_precision, t->c, d);
    k->dot(t->x, t->b, t->c, d);
    for (size_t l = 0; l < MIXFILL_LANES; l++)
        t->totals[total * MIXFILL_LANES + l] += t->x[l];
}

/* Add r'z to the first totals row. */
static void add_residual(const mixfill_factor_batch *b, size_t d) {
    const mixfill_factor_scratch *t = b->t;
    b->ws->source.kernels->dot(t->x, t->a, t->c, d);
    for (size_t l = 0; l < MIXFILL_LANES; l++)
        t->totals[l] += t->x[l];
}

/* r = H't - lambda y cov^-1, and the first direction z. */
static void cg_begin(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_side *owner = other_side(b);
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = owner->d, at = (size_t)b->first * d;
    (void)unused;
    k->load(t->a, b->sums, b->ws->layout.thin, d, b->count);
    k->load(t->b, owner->y + at, d, d, b->count);
    k->map(t->c, owner->prior_precision, t->b, d);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++)
        t->a[i] -= owner->lambda * t->c[i];
    k->store(owner->residual + at, t->a, d, d, b->count);
    precondition(b, owner);
    add_residual(b, d);
    set_direction(b, owner, 1);
}

/* image = H p; the rows of B H p to be summed; and p' H'B H p. The change so far takes in the step
 * before, alpha times its image. */
static void cg_apply(const mixfill_factor_batch *b, double alpha) {
    const mixfill_factor_side *s = b->side;
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = s->d, at = (size_t)b->first * d, size = mixfill_packed(d);
    k->load(t->a, s->change + at, d, d, b->count);
    k->load(t->b, s->image + at, d, d, b->count);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++)
        t->a[i] = alpha == 0 ? 0 : t->a[i] + alpha * t->b[i];
    k->store(s->change + at, t->a, d, d, b->count);
    k->load(t->a, b->sums, b->ws->layout.thin, d, b->count);
    for (size_t l = 0; l < (size_t)b->count; l++) {
        double count = s->count[(size_t)b->first + l];
        for (size_t i = 0; i < d && count > 0; i++)
            t->a[i * MIXFILL_LANES + l] /= sqrt(count);
    }
    k->store(s->image + at, t->a, d, d, b->count);
    k->load(t->cov, s->cov + (size_t)b->first * size, size, size, b->count);
    k->map(t->b, s->prior_precision, t->a, d);
    k->multiply(t->c, t->cov, t->b, d);
    for (size_t i = 0; i < d; i++)
        for (size_t l = 0; l < (size_t)b->count; l++) {
            size_t e = i * MIXFILL_LANES + l;
            double p = mixfill_factor_is_users(s) ? s->precision[(size_t)b->first + l] : 1;
            t->b[e] = (t->a[e] - t->c[e] * p) * p;
        }
    k->map(t->c, s->prior_precision, t->b, d);
    add_residual(b, d);
    write_thin(b, t->c, d, true);
}

/* y += alpha p. */
static void cg_move(const mixfill_factor_batch *b, double alpha) {
    const mixfill_factor_side *owner = other_side(b);
    size_t end = (size_t)(b->first + b->count) * owner->d;
    for (size_t i = (size_t)b->first * owner->d; i < end; i++)
        owner->y[i] += alpha * owner->direction[i];
}

/* y += alpha p and r -= alpha op(p), with the new r'z. */
static void cg_advance(const mixfill_factor_batch *b, double alpha) {
    const mixfill_factor_side *owner = other_side(b);
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = owner->d, at = (size_t)b->first * d;
    cg_move(b, alpha);
    k->load(t->prior, b->sums, b->ws->layout.thin, d, b->count);
    k->load(t->b, owner->direction + at, d, d, b->count);
    k->map(t->c, owner->prior_precision, t->b, d);
    k->load(t->a, owner->residual + at, d, d, b->count);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++)
        t->a[i] -= alpha * (t->prior[i] + owner->lambda * t->c[i]);
    k->store(owner->residual + at, t->a, d, d, b->count);
    precondition(b, owner);
    add_residual(b, d);
}

/* p = z + beta p. */
static void cg_turn(const mixfill_factor_batch *b, double beta) {
    const mixfill_factor_side *owner = other_side(b);
    const mixfill_factor_kernels *k = b->ws->source.kernels;
    const mixfill_factor_scratch *t = b->t;
    size_t d = owner->d, at = (size_t)b->first * d;
    k->load(t->a, owner->residual + at, d, d, b->count);
    k->load(t->b, owner->direction + at, d, d, b->count);
    precondition(b, owner);
    for (size_t i = 0; i < d * MIXFILL_LANES; i++)
        t->c[i] += beta * t->b[i];
    set_direction(b, owner, 0);
}

double mixfill_factor_shift(mixfill_factor_workspace *ws, int side) {
    int other = side == MIXFILL_USERS ? MIXFILL_ITEMS : MIXFILL_USERS;
    const mixfill_factor_side *s = &ws->side[side];
    const mixfill_factor_table rows = mixfill_factor_thin_of(ws, side),
                               columns = mixfill_factor_thin_of(ws, other);
    double alpha = (double)NAN;
    mixfill_factor_pass(ws, side, NULL, cg_gradient, 0, 0);
    mixfill_factor_pass(ws, other, &rows, cg_begin, 0, 2);
    double residual = ws->totals[0], direction = ws->totals[1];
    for (int i = 0; i < STEPS && residual > SMALL; i++) {
        mixfill_factor_pass(ws, side, &columns, cg_apply, i == 0 ? 0 : alpha, 1);
        alpha = residual / (ws->totals[0] + s->lambda * direction);
        if (i + 1 == STEPS) {
            mixfill_factor_pass(ws, other, NULL, cg_move, alpha, 0);
            break;
        }
        mixfill_factor_pass(ws, other, &rows, cg_advance, alpha, 1);
        double beta = ws->totals[0] / residual;
        residual = ws->totals[0];
        mixfill_factor_pass(ws, other, NULL, cg_turn, beta, 1);
        direction = ws->totals[0];
    }
    return alpha;
}

/* shift = H y */
static void sum_y(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_side *s = b->side;
    (void)unused;
    for (size_t l = 0; l < (size_t)b->count; l++) {
        size_t row = (size_t)b->first + l;
        double count = s->count[row];
        for (size_t i = 0; i < s->d; i++)
            s->shift[row * s->d + i] =
                count > 0 ? b->sums[l * b->ws->layout.thin + i] / sqrt(count) : 0;
    }
}

/* y as rows to be summed. */
static void spread_y(const mixfill_factor_batch *b, double unused) {
    const mixfill_factor_side *owner = other_side(b);
    (void)unused;
    b->ws->source.kernels->load(b->t->a, owner->y + (size_t)b->first * owner->d, owner->d, owner->d,
                                b->count);
    write_thin(b, b->t->a, owner->d, false);
}

void mixfill_factor_reshift(mixfill_factor_workspace *ws) {
    const mixfill_factor_table columns = mixfill_factor_thin_of(ws, MIXFILL_ITEMS);
    mixfill_factor_pass(ws, MIXFILL_ITEMS, NULL, spread_y, 0, 0);
    mixfill_factor_pass(ws, MIXFILL_USERS, &columns, sum_y, 0, 0);
}
