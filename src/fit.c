/* The fit: starts, the EM loop with its stop rule, and the model that comes out. */
#include "baselines.h"
#include "em.h"
#include "par.h"
#include "rng.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What a fit keeps over its starts. */
typedef struct fit_state {
    const mixfill_ratings *ratings;
    const mixfill_options *options;
    mixfill_workspace ws;
    double *column_sum; /* (D) sum of x over the item's ratings */
    double squared_sum; /* of all ratings */
    int32_t *rows;      /* (K) users a start begins from */
    mixfill_params current, best;
    mixfill_iteration *history, *best_history; /* (max_iter) */
    mixfill_result result;                     /* of the best start; history is best_history */
    double init_sec, em_sec;
} fit_state;

static mixfill_status check_input(const mixfill_ratings *r, const mixfill_options *o,
                                  mixfill_error *err) {
    mixfill_status st = mixfill_options_validate(o, err);
    if (st != MIXFILL_OK)
        return st;
    if (r->nnz == 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0, "no ratings to fit, expected at least one");
    if (o->n_components > r->n_users)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "-k %" PRId32 ": more components than the %" PRId32
                            " users, expected at most as many",
                            o->n_components, r->n_users);
    return MIXFILL_OK;
}

static void sum_columns(fit_state *s) {
    const mixfill_ratings *r = s->ratings;
    for (int64_t e = 0; e < r->nnz; e++) {
        double x = mixfill_ratings_value(r, e);
        s->column_sum[r->col[e]] += x;
        s->squared_sum += x * x;
    }
}

static mixfill_status state_init(fit_state *s, const mixfill_ratings *ratings,
                                 const mixfill_options *options, mixfill_error *err) {
    mixfill_status st;
    size_t max_iter = (size_t)options->max_iter;
    *s = (fit_state){.ratings = ratings, .options = options};
    double start = mixfill_par_seconds();
    MIXFILL_TRY(mixfill_workspace_init(&s->ws, ratings, options, err));
    s->result.index_seconds = mixfill_par_seconds() - start;
    MIXFILL_TRY(mixfill_params_init(&s->current, ratings->n_items, options->n_components, err));
    MIXFILL_TRY(mixfill_params_init(&s->best, ratings->n_items, options->n_components, err));
    s->column_sum = mixfill_alloc_zero((size_t)ratings->n_items, sizeof *s->column_sum);
    s->rows = mixfill_alloc((size_t)options->n_components, sizeof *s->rows);
    s->history = mixfill_alloc(max_iter, sizeof *s->history);
    s->best_history = mixfill_alloc(max_iter, sizeof *s->best_history);
    if (s->column_sum == NULL || s->rows == NULL || s->history == NULL || s->best_history == NULL)
        st = mixfill_fail_nomem(err, "a fit");
    else
        sum_columns(s);
done:
    return st;
}

static void state_clear(fit_state *s) {
    mixfill_workspace_clear(&s->ws);
    mixfill_params_clear(&s->current);
    mixfill_params_clear(&s->best);
    mixfill_free(s->column_sum);
    mixfill_free(s->rows);
    mixfill_free(s->history);
    mixfill_free(s->best_history);
}

/* Component k starts at the ratings of user u, with the mean squared distance to all N*D cells,
 * missing ones as 0, as its variance (DESIGN 1.1). */
static void init_component(fit_state *s, size_t k, int32_t u) {
    const mixfill_ratings *r = s->ratings;
    mixfill_params *p = &s->current;
    double norm = 0, cross = 0;
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
        double x = mixfill_ratings_value(r, e);
        p->mu[(size_t)r->col[e] * p->kp + k] = x;
        norm += x * x;
        cross += x * s->column_sum[r->col[e]];
    }
    double n = (double)r->n_users, cells = n * (double)r->n_items;
    p->weight[k] = 1.0 / (double)p->n_components;
    p->var[k] = fmax(s->options->min_var, (n * norm - 2 * cross + s->squared_sum) / cells);
}

static mixfill_status init_start(fit_state *s, int32_t start, mixfill_error *err) {
    mixfill_params *p = &s->current;
    uint32_t seed = s->options->seed + (uint32_t)start;
    mixfill_status st =
        mixfill_numpy_choice(s->rows, p->n_components, s->ratings->n_users, seed, err);
    if (st != MIXFILL_OK)
        return st;
    memset(p->mu, 0, (size_t)p->n_items * p->kp * sizeof *p->mu);
    for (size_t k = 0; k < (size_t)p->n_components; k++)
        init_component(s, k, s->rows[k]);
    return MIXFILL_OK;
}

/* Tell the caller of an iteration; MIXFILL_ERR_CANCELLED where it says so. */
static mixfill_status report(const fit_state *s, int32_t start, int32_t iteration,
                             mixfill_error *err) {
    const mixfill_options *o = s->options;
    if (o->progress == NULL)
        return MIXFILL_OK;
    const mixfill_iteration *last = &s->history[iteration - 1];
    mixfill_progress progress = {
        .start = start,
        .n_starts = o->n_init,
        .iteration = iteration,
        .max_iter = o->max_iter,
        .log_likelihood = last->log_likelihood,
        .change = iteration > 1 ? last->log_likelihood - last[-1].log_likelihood : (double)NAN,
        .seconds = last->seconds,
        .n_ratings = s->ratings->nnz,
    };
    if (o->progress(&progress, o->progress_data) == 0)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled after iteration %" PRId32,
                        iteration);
}

static mixfill_iteration iteration_of(double log_likelihood, const mixfill_em_seconds *t) {
    return (mixfill_iteration){.log_likelihood = log_likelihood,
                               .seconds = t->clear + t->blocks + t->update,
                               .clear_seconds = t->clear,
                               .blocks_seconds = t->blocks,
                               .update_seconds = t->update};
}

/* Iterate from s->current until the gain is at most tol |new| or max_iter is reached. */
static mixfill_status run_start(fit_state *s, int32_t start, mixfill_result *r,
                                mixfill_error *err) {
    const mixfill_options *o = s->options;
    double old = 0;
    *r = (mixfill_result){.best_start = start, .stop_reason = MIXFILL_STOP_MAX_ITER};
    for (int32_t i = 1; i <= o->max_iter; i++) {
        double new = mixfill_em_iteration(&s->ws, &s->current);
        s->history[i - 1] = iteration_of(new, &s->ws.seconds);
        if (!isfinite(new))
            return mixfill_fail(
                err, MIXFILL_ERR_NUMERIC, 0,
                "iteration %" PRId32 ": log-likelihood is %g, expected a finite number", i, new);
        r->iterations = i;
        r->log_likelihood = new;
        mixfill_status st = report(s, start, i, err);
        if (st != MIXFILL_OK)
            return st;
        if (o->tol > 0 && i > 1 && new - old <= o->tol * fabs(new)) {
            r->stop_reason = MIXFILL_STOP_TOL;
            r->converged = true;
            break;
        }
        old = new;
    }
    return MIXFILL_OK;
}

/* The current start becomes the best one. */
static void keep_current(fit_state *s, const mixfill_result *r) {
    mixfill_params params = s->best;
    mixfill_iteration *history = s->best_history;
    double index_sec = s->result.index_seconds;
    s->best = s->current;
    s->current = params;
    s->best_history = s->history;
    s->history = history;
    s->result = *r;
    s->result.index_seconds = index_sec;
}

static mixfill_status run_starts(fit_state *s, mixfill_error *err) {
    for (int32_t start = 0; start < s->options->n_init; start++) {
        mixfill_result r;
        double begin = mixfill_par_seconds();
        mixfill_status st = init_start(s, start, err);
        double initialised = mixfill_par_seconds();
        s->init_sec += initialised - begin;
        if (st == MIXFILL_OK)
            st = run_start(s, start, &r, err);
        s->em_sec += mixfill_par_seconds() - initialised;
        if (st != MIXFILL_OK)
            return st;
        if (start == 0 || r.log_likelihood > s->result.log_likelihood)
            keep_current(s, &r);
    }
    return MIXFILL_OK;
}

/* Parameters, options and history into a new model. */
static void fill_model(mixfill_model *m, const fit_state *s) {
    const mixfill_options *o = s->options;
    size_t k = (size_t)m->n_components;
    m->kind = o->model;
    m->notebook = o->notebook;
    memcpy(m->weight, s->best.weight, k * sizeof *m->weight);
    memcpy(m->var, s->best.var, k * sizeof *m->var);
    memcpy(m->mu, s->best.mu, (size_t)m->n_items * m->kp * sizeof *m->mu);
    m->seed = o->seed;
    m->n_init = o->n_init;
    m->tol = o->tol;
    m->max_iter = o->max_iter;
    m->min_var = o->min_var;
    m->min_support = o->min_support;
    m->iterations = s->result.iterations;
    for (int32_t i = 0; i < m->iterations; i++)
        m->log_likelihood[i] = s->best_history[i].log_likelihood;
}

/* The model with everything but its responsibilities. */
static mixfill_status make_model(mixfill_model **out, fit_state *s, mixfill_error *err) {
    const mixfill_ratings *r = s->ratings;
    mixfill_model *m = mixfill_model_alloc(r->n_users, r->n_items, s->options->n_components, true);
    mixfill_status st = MIXFILL_ERR_NOMEM;
    if (m == NULL)
        goto done;
    m->log_likelihood = mixfill_alloc((size_t)s->result.iterations, sizeof *m->log_likelihood);
    if (m->log_likelihood == NULL)
        goto done;
    fill_model(m, s);
    MIXFILL_TRY(mixfill_ids_copy(&m->item_ids, &r->item_ids));
    MIXFILL_TRY(mixfill_ids_copy(&m->user_ids, &r->user_ids));
    *out = m;
    m = NULL;
done:
    mixfill_model_free(m);
    return st == MIXFILL_OK ? st : mixfill_fail_nomem(err, "the model");
}

static void drop_users(mixfill_model *m) {
    mixfill_free(m->resp);
    mixfill_free(m->user_mean);
    mixfill_free(m->user_bias);
    mixfill_free(m->user_count);
    m->resp = m->user_mean = m->user_bias = NULL;
    m->user_count = NULL;
    mixfill_ids_clear(&m->user_ids);
}

/* Sizes, times and history of a fit that went well; takes over the history. */
static void fill_result(mixfill_result *out, fit_state *s, const mixfill_model *m) {
    *out = s->result;
    out->history = s->best_history;
    s->best_history = NULL;
    out->threads = s->ws.threads;
    out->isa = s->ws.estep.kernels->name;
    out->init_seconds = s->init_sec;
    out->em_seconds = s->em_sec;
    out->ratings_bytes = mixfill_ratings_bytes(s->ratings);
    out->index_bytes = s->ws.blocks->bytes;
    out->model_bytes = mixfill_model_bytes(m);
    out->accumulator_bytes = s->ws.acc.bytes;
}

void mixfill_result_clear(mixfill_result *result) {
    mixfill_free(result->history);
    *result = (mixfill_result){0};
}

mixfill_status mixfill_fit(mixfill_model **out, mixfill_result *result,
                           const mixfill_ratings *ratings, const mixfill_options *options,
                           mixfill_error *err) {
    mixfill_status st;
    mixfill_options defaults;
    mixfill_model *model = NULL;
    fit_state s = {0};
    mixfill_options_init(&defaults);
    const mixfill_options *o = options != NULL ? options : &defaults;
    st = check_input(ratings, o, err);
    if (st != MIXFILL_OK)
        return st;
    MIXFILL_TRY(state_init(&s, ratings, o, err));
    MIXFILL_TRY(run_starts(&s, err));
    MIXFILL_TRY(make_model(&model, &s, err));
    double begin = mixfill_par_seconds();
    MIXFILL_TRY(mixfill_baselines_fit(model, ratings, err));
    s.init_sec += mixfill_par_seconds() - begin;
    MIXFILL_TRY(mixfill_posterior(model, model->resp, &s.result.final_log_likelihood, ratings,
                                  o->threads, err));
    if (!o->keep_users)
        drop_users(model);
    if (result != NULL)
        fill_result(result, &s, model);
    *out = model;
    model = NULL;
done:
    mixfill_model_free(model);
    state_clear(&s);
    return st;
}
