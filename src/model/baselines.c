/* Baselines. Each shrinkage is chosen among ten by the squared error on a tenth of the ratings of
 * some users, enough for the choice and few enough that tuning costs about as much as a few EM
 * iterations; the chosen ones are then fitted on everything. The held-out tenth is told by a hash
 * of the pair, so that it needs no copy of the ratings and is the same for any order of theirs
 * (docs/model.md 6). */
#include "model/baselines.h"

#include "model/offsets.h"

#include <math.h>
#include <string.h>

enum { TUNING_SWEEPS = 5, TUNING_RATINGS = 200000, HELD_OUT_OF = 10 };

/* Candidates, in ratings: from no shrinkage to that of a user with very few. */
static const double LAMBDAS[] = {0, 1, 2, 3, 5, 8, 12, 20, 35, 60};
enum { N_LAMBDAS = sizeof LAMBDAS / sizeof LAMBDAS[0] };

/* A view of the ratings: every `stride`-th user, with or without the held-out tenth. */
typedef struct part {
    const mixfill_ratings *ratings;
    int32_t stride;
    bool training_only;
} part;

/* Buffers of a bias or mean fit. */
typedef struct effects {
    double *user;  /* (N) */
    double *item;  /* (D) */
    double *sum;   /* (D) */
    double *count; /* (D) */
} effects;

/* Shrinkage of users and of items. */
typedef struct tuned {
    double mean[2], bias[2];
} tuned;

/* A tenth of the pairs, scattered by a hash of their indices. */
static bool held_out(int32_t u, int32_t j) {
    uint64_t h = ((uint64_t)(uint32_t)u << 32 | (uint32_t)j) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ h >> 29) * UINT64_C(0xBF58476D1CE4E5B9);
    return (h >> 33) % HELD_OUT_OF == 0;
}

/* Whether rating (u, j) is one to fit rather than to validate with. */
static inline bool trains(const part *p, int32_t u, int32_t j) {
    return !p->training_only || !held_out(u, j);
}

/* Ratings to fit of each item into count (D). */
static void count_items(const part *p, double *count) {
    const mixfill_ratings *r = p->ratings;
    memset(count, 0, (size_t)r->n_items * sizeof *count);
    for (int64_t u = 0; u < r->n_users; u += p->stride)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            count[r->col[e]] += trains(p, (int32_t)u, r->col[e]);
}

/* b_u of one user given the items' biases. */
static double user_effect(const part *p, const effects *b, int32_t u, double g, double lambda) {
    const mixfill_ratings *r = p->ratings;
    double sum = 0, n = 0;
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
        if (trains(p, u, r->col[e])) {
            sum += mixfill_ratings_value(r, e) - g - b->item[r->col[e]];
            n += 1;
        }
    return n > 0 ? sum / (lambda + n) : 0;
}

/* Add the ratings of a user, less its own effect, to the items' sums. */
static void add_to_items(const part *p, const effects *b, int32_t u, double g) {
    const mixfill_ratings *r = p->ratings;
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
        if (trains(p, u, r->col[e]))
            b->sum[r->col[e]] += mixfill_ratings_value(r, e) - g - b->user[u];
}

/* Bias model; b->count is filled. */
static void fit_bias(const part *p, effects *b, double g, const double lambda[2], int sweeps) {
    const mixfill_ratings *r = p->ratings;
    memset(b->user, 0, (size_t)r->n_users * sizeof *b->user);
    memset(b->item, 0, (size_t)r->n_items * sizeof *b->item);
    for (int sweep = 0; sweep <= sweeps; sweep++) {
        memset(b->sum, 0, (size_t)r->n_items * sizeof *b->sum);
        for (int64_t u = 0; u < r->n_users; u += p->stride) {
            if (sweep > 0)
                b->user[u] = user_effect(p, b, (int32_t)u, g, lambda[0]);
            if (sweep < sweeps)
                add_to_items(p, b, (int32_t)u, g);
        }
        for (int32_t j = 0; j < r->n_items && sweep < sweeps; j++)
            b->item[j] = b->count[j] > 0 ? b->sum[j] / (lambda[1] + b->count[j]) : 0;
    }
}

/* Mean squared error of g + b_u + b_j over the held-out part. */
static double validate(const part *p, const effects *b, double g) {
    const mixfill_ratings *r = p->ratings;
    double sum = 0;
    for (int64_t u = 0; u < r->n_users; u += p->stride)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            if (held_out((int32_t)u, r->col[e])) {
                double d = mixfill_ratings_value(r, e) - g - b->user[u] - b->item[r->col[e]];
                sum += d * d;
            }
    return sum;
}

/* One side alone: the other's effects are zero. Means are effects on top of g with one sweep. */
static void fit_means(const part *p, effects *b, double g, bool users, double lambda) {
    const mixfill_ratings *r = p->ratings;
    memset(b->user, 0, (size_t)r->n_users * sizeof *b->user);
    memset(b->item, 0, (size_t)r->n_items * sizeof *b->item);
    memset(b->sum, 0, (size_t)r->n_items * sizeof *b->sum);
    for (int64_t u = 0; u < r->n_users; u += p->stride)
        if (users)
            b->user[u] = user_effect(p, b, (int32_t)u, g, lambda);
        else
            add_to_items(p, b, (int32_t)u, g);
    for (int32_t j = 0; j < r->n_items && !users; j++)
        b->item[j] = b->count[j] > 0 ? b->sum[j] / (lambda + b->count[j]) : 0;
}

/* The lambda of the least validation error, for the means of users or of items. */
static double tune_means(const part *p, effects *b, double g, bool users) {
    double best = (double)INFINITY, chosen = LAMBDAS[0];
    for (int i = 0; i < N_LAMBDAS; i++) {
        fit_means(p, b, g, users, LAMBDAS[i]);
        double error = validate(p, b, g);
        if (error < best) {
            best = error;
            chosen = LAMBDAS[i];
        }
    }
    return chosen;
}

/* Coordinate search from (8, 3): the item's lambda first, then the user's. */
static void tune_bias(const part *p, effects *b, double g, double lambda[2]) {
    lambda[0] = 8;
    lambda[1] = 3;
    for (int side = 1; side >= 0; side--) {
        double best = (double)INFINITY, chosen = lambda[side];
        for (int i = 0; i < N_LAMBDAS; i++) {
            lambda[side] = LAMBDAS[i];
            fit_bias(p, b, g, lambda, TUNING_SWEEPS);
            double error = validate(p, b, g);
            if (error < best) {
                best = error;
                chosen = LAMBDAS[i];
            }
        }
        lambda[side] = chosen;
    }
}

mixfill_status mixfill_model_describe(mixfill_model *m, const mixfill_ratings *r,
                                      mixfill_error *err) {
    mixfill_ratings_summary s;
    mixfill_status st = mixfill_ratings_summarize(r, &s, err);
    if (st != MIXFILL_OK)
        return st;
    m->global_mean = mixfill_ratings_mean(r);
    m->global_sd = s.sd;
    m->rating_range[0] = s.min;
    m->rating_range[1] = s.max;
    m->n_ratings = r->nnz;
    for (int64_t e = 0; e < r->nnz; e++)
        m->item_count[r->col[e]]++;
    for (int32_t u = 0; u < r->n_users && mixfill_model_has_users(m); u++)
        m->user_count[u] = (int32_t)(r->row_ptr[u + 1] - r->row_ptr[u]);
    return MIXFILL_OK;
}

/* Fit on everything with the tuned shrinkage and store. */
static void store(mixfill_model *m, const part *all, const mixfill_blocks *blocks, effects *b,
                  const tuned *lambda, int32_t threads) {
    const mixfill_ratings *r = all->ratings;
    double g = m->global_mean;
    bool with_users = mixfill_model_has_users(m);
    count_items(all, b->count);
    fit_means(all, b, g, true, lambda->mean[0]);
    for (int32_t u = 0; u < r->n_users && with_users; u++)
        m->user_mean[u] = g + b->user[u];
    fit_means(all, b, g, false, lambda->mean[1]);
    for (int32_t j = 0; j < r->n_items; j++)
        m->item_mean[j] = g + b->item[j];
    mixfill_offsets o = {.g = g, .user = b->user, .item = b->item, .sum = b->sum};
    mixfill_shrinkage shrinkage = {lambda->bias[0], lambda->bias[1],
                                   mixfill_offset_shrinkage.sweeps};
    mixfill_offsets_fit(&o, r, blocks, &shrinkage, threads);
    memcpy(m->item_bias, b->item, (size_t)r->n_items * sizeof *b->item);
    if (with_users)
        memcpy(m->user_bias, b->user, (size_t)r->n_users * sizeof *b->user);
}

mixfill_status mixfill_baselines_fit(mixfill_model *model, const mixfill_ratings *ratings,
                                     const mixfill_blocks *blocks, int32_t threads,
                                     mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    size_t n = (size_t)ratings->n_users, d = (size_t)ratings->n_items;
    int64_t stride = ratings->nnz / TUNING_RATINGS + 1;
    part tuning = {ratings, stride < INT32_MAX ? (int32_t)stride : INT32_MAX, true};
    part all = {ratings, 1, false};
    tuned lambda;
    double *buffer = mixfill_alloc_zero(n + 3 * d, sizeof *buffer);
    if (buffer == NULL)
        st = mixfill_fail_nomem(err, "the baselines");
    if (st == MIXFILL_OK) {
        effects b = {buffer, buffer + n, buffer + n + d, buffer + n + 2 * d};
        count_items(&tuning, b.count);
        lambda.mean[0] = tune_means(&tuning, &b, model->global_mean, true);
        lambda.mean[1] = tune_means(&tuning, &b, model->global_mean, false);
        tune_bias(&tuning, &b, model->global_mean, lambda.bias);
        store(model, &all, blocks, &b, &lambda, threads);
    }
    mixfill_free(buffer);
    return st;
}
