/* The fit: starts, the EM loop with its stop rule, and the model that comes out. */
#include "base/par.h"
#include "base/rng.h"
#include "fit/validation.h"
#include "mixture/em.h"
#include "model/baselines.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What a fit keeps over its starts. */
typedef struct fit_state {
    const mixfill_ratings *ratings;
    const mixfill_options *options;
    mixfill_workspace ws;
    double *column_sum; /* `classic`: (D) sum of x over the item's ratings */
    double squared_sum; /* of all ratings */
    int32_t *rows;      /* (K) users a start begins from */
    mixfill_params current, best;
    mixfill_params lowest; /* of the start's least held-out RMSE; with patience */
    mixfill_validation validation;
    mixfill_params *kept; /* (n_init) every start's, to be averaged; else NULL */
    mixfill_iteration *history, *best_history; /* (history_cap), (best_cap) */
    int32_t history_cap, best_cap;
    mixfill_result result; /* of the best start; history is best_history */
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

static mixfill_status init_params(const fit_state *s, mixfill_params *p, mixfill_error *err) {
    return mixfill_params_init(p, s->ratings, s->options, err);
}

static mixfill_status state_init(fit_state *s, const mixfill_ratings *ratings,
                                 const mixfill_options *options, mixfill_error *err) {
    mixfill_status st;
    *s = (fit_state){.ratings = ratings, .options = options};
    double start = mixfill_par_seconds();
    MIXFILL_TRY(mixfill_workspace_init(&s->ws, ratings, options, err));
    s->result.index_seconds = mixfill_par_seconds() - start;
    MIXFILL_TRY(init_params(s, &s->current, err));
    if (options->n_init > 1)
        MIXFILL_TRY(init_params(s, &s->best, err));
    if (options->patience > 0)
        MIXFILL_TRY(init_params(s, &s->lowest, err));
    if (options->valid != NULL)
        MIXFILL_TRY(mixfill_validation_init(&s->validation, options->valid, &s->ws, err));
    if (options->average) {
        s->kept = mixfill_alloc_zero((size_t)options->n_init, sizeof *s->kept);
        if (s->kept == NULL)
            return mixfill_fail_nomem(err, "a fit");
    }
    bool classic = options->model == MIXFILL_MODEL_CLASSIC;
    size_t n_sums = classic ? (size_t)ratings->n_items : 0;
    s->column_sum = mixfill_alloc_zero(n_sums, sizeof *s->column_sum);
    s->rows = mixfill_alloc((size_t)options->n_components, sizeof *s->rows);
    if (s->column_sum == NULL || s->rows == NULL)
        st = mixfill_fail_nomem(err, "a fit");
    else if (classic)
        sum_columns(s);
done:
    return st;
}

static void state_clear(fit_state *s) {
    mixfill_workspace_clear(&s->ws);
    mixfill_params_clear(&s->current);
    mixfill_params_clear(&s->best);
    mixfill_params_clear(&s->lowest);
    mixfill_validation_clear(&s->validation);
    for (int32_t i = 0; s->kept != NULL && i < s->options->n_init; i++)
        mixfill_params_clear(&s->kept[i]);
    mixfill_free(s->kept);
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
    if (p->kind == MIXFILL_MODEL_FACTOR) {
        mixfill_factor_start(&s->ws.factor, p->factors, seed);
        return MIXFILL_OK;
    }
    mixfill_status st =
        mixfill_numpy_choice(s->rows, p->n_components, s->ratings->n_users, seed, err);
    if (st != MIXFILL_OK)
        return st;
    if (p->kind == MIXFILL_MODEL_MAP) {
        mixfill_map_start(&s->ws, p, s->rows);
        return MIXFILL_OK;
    }
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
        .rmse = last->rmse,
        .n_ratings = s->ratings->nnz,
    };
    if (o->progress(&progress, o->progress_data) == 0)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled after iteration %" PRId32,
                        iteration);
}

/* Room for iteration i in the history. */
static bool grow_history(fit_state *s, int32_t i) {
    enum { FIRST = 64 };
    if (i <= s->history_cap)
        return true;
    int32_t cap = s->history_cap > INT32_MAX / 2 ? INT32_MAX : 2 * s->history_cap;
    cap = cap < FIRST ? FIRST : cap;
    mixfill_iteration *grown = mixfill_realloc(s->history, (size_t)cap, sizeof *grown);
    if (grown == NULL)
        return false;
    s->history = grown;
    s->history_cap = cap;
    return true;
}

/* One iteration into the history; MIXFILL_ERR_NUMERIC where its log-likelihood is not finite. */
static mixfill_status run_iteration(fit_state *s, int32_t i, mixfill_error *err) {
    if (!grow_history(s, i))
        return mixfill_fail_nomem(err, "the history of a fit");
    double log_likelihood = mixfill_em_iteration(&s->ws, &s->current, i);
    const mixfill_em_seconds *t = &s->ws.seconds;
    s->history[i - 1] = (mixfill_iteration){.log_likelihood = log_likelihood,
                                            .seconds = t->clear + t->blocks + t->update,
                                            .clear_seconds = t->clear,
                                            .blocks_seconds = t->blocks,
                                            .update_seconds = t->update,
                                            .rmse = (double)NAN};
    if (!isfinite(log_likelihood))
        return mixfill_fail(err, MIXFILL_ERR_NUMERIC, 0,
                            "iteration %" PRId32 ": log-likelihood is %g, expected a finite number",
                            i, log_likelihood);
    if (s->options->valid != NULL)
        s->history[i - 1].rmse = mixfill_validation_rmse(&s->validation, &s->ws, &s->current);
    return MIXFILL_OK;
}

/* Note the parameters of the least held-out RMSE; whether patience has run out. */
static bool watch(fit_state *s, mixfill_result *r, int32_t i) {
    if (s->options->patience == 0) {
        r->best_iteration = i;
        return false;
    }
    if (i == 1 || s->history[i - 1].rmse < s->history[r->best_iteration - 1].rmse) {
        mixfill_params_copy(&s->lowest, &s->current);
        r->best_iteration = i;
    }
    return i - r->best_iteration >= s->options->patience;
}

/* Iterate from s->current until the gain is at most tol |new|, patience ends, or max_iter is
 * reached.
 */
static mixfill_status run_start(fit_state *s, int32_t start, mixfill_result *r,
                                mixfill_error *err) {
    const mixfill_options *o = s->options;
    bool factor = o->model == MIXFILL_MODEL_FACTOR;
    *r = (mixfill_result){.best_start = start, .stop_reason = MIXFILL_STOP_MAX_ITER};
    for (int32_t i = 1; i <= o->max_iter && !r->converged; i++) {
        mixfill_status st = run_iteration(s, i, err);
        if (st == MIXFILL_OK)
            st = report(s, start, i, err);
        if (st != MIXFILL_OK)
            return st;
        double new = s->history[i - 1].log_likelihood;
        r->iterations = i;
        r->log_likelihood = new;
        bool level = !factor && o->tol > 0 && i > 1 &&
                     new - s->history[i - 2].log_likelihood <= o->tol *fabs(new);
        if (watch(s, r, i))
            r->stop_reason = MIXFILL_STOP_PATIENCE;
        else if (level)
            r->stop_reason = MIXFILL_STOP_TOL;
        r->converged = r->stop_reason != MIXFILL_STOP_MAX_ITER;
    }
    r->converged = r->converged || factor;
    if (o->patience > 0) {
        mixfill_params_copy(&s->current, &s->lowest);
        r->log_likelihood = s->history[r->best_iteration - 1].log_likelihood;
    }
    return MIXFILL_OK;
}

/* Keep a copy of the current start, to be averaged. */
static mixfill_status keep_start(fit_state *s, int32_t start, mixfill_error *err) {
    mixfill_status st = init_params(s, &s->kept[start], err);
    if (st == MIXFILL_OK)
        mixfill_params_copy(&s->kept[start], &s->current);
    return st;
}

/* Whether a start that has just ended is better than the best before: by its held-out RMSE where
 * that chose its parameters, else by its log-likelihood. */
static bool is_better(const fit_state *s, const mixfill_result *r) {
    if (s->options->patience == 0)
        return r->log_likelihood > s->result.log_likelihood;
    return s->history[r->best_iteration - 1].rmse <
           s->best_history[s->result.best_iteration - 1].rmse;
}

/* The current start becomes the best one. */
static void keep_current(fit_state *s, const mixfill_result *r) {
    mixfill_params params = s->best;
    mixfill_iteration *history = s->best_history;
    double index_sec = s->result.index_seconds;
    s->best = s->current;
    s->current = params;
    int32_t cap = s->best_cap;
    s->best_history = s->history;
    s->best_cap = s->history_cap;
    s->history = history;
    s->history_cap = cap;
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
        if (st == MIXFILL_OK && s->kept != NULL)
            st = keep_start(s, start, err);
        if (st != MIXFILL_OK)
            return st;
        if (start == 0 || is_better(s, &r))
            keep_current(s, &r);
    }
    return MIXFILL_OK;
}

/* The parameters of a start as mixture i of the model. */
static void fill_mixture(mixfill_model *m, const mixfill_params *p, size_t i) {
    size_t k = (size_t)m->n_components, n_var = mixfill_model_n_var(m);
    size_t means = (size_t)m->n_items * m->kp;
    memcpy(m->weight + i * k, p->weight, k * sizeof *m->weight);
    memcpy(m->var + i * n_var, p->var, n_var * sizeof *m->var);
    memcpy(m->mu + i * means, p->mu, means * sizeof *m->mu);
    if (m->kind != MIXFILL_MODEL_MAP)
        return;
    memcpy(m->s0 + i * means, p->s0, means * sizeof *m->s0);
    m->noise_mean[i] = p->noise_mean;
}

/* Parameters, options and history into a new model. */
static void fill_model(mixfill_model *m, fit_state *s) {
    const mixfill_options *o = s->options;
    m->notebook = o->notebook;
    m->average = o->average;
    if (m->kind == MIXFILL_MODEL_FACTOR) {
        m->factors = s->best.factors;
        s->best.factors = NULL;
    }
    for (int32_t i = 0; i < m->n_mixtures && m->factors == NULL; i++)
        fill_mixture(m, s->kept != NULL ? &s->kept[i] : &s->best, (size_t)i);
    if (m->kind == MIXFILL_MODEL_MAP) {
        memcpy(m->offset_user, s->ws.centre.user, (size_t)m->n_users * sizeof *m->offset_user);
        memcpy(m->offset_item, s->ws.centre.item, (size_t)m->n_items * sizeof *m->offset_item);
    }
    m->seed = o->seed;
    m->n_init = o->n_init;
    m->tol = o->tol;
    m->max_iter = o->max_iter;
    m->min_var = o->min_var;
    m->min_support = o->min_support;
    m->prior_strength = o->prior_strength;
    m->implicit = o->implicit;
    m->implicit_strength = o->implicit_strength;
    m->iterations = s->result.best_iteration;
    for (int32_t i = 0; i < m->iterations; i++)
        m->log_likelihood[i] = s->best_history[i].log_likelihood;
}

/* The model with everything but its responsibilities. */
static mixfill_status make_model(mixfill_model **out, fit_state *s, mixfill_error *err) {
    const mixfill_ratings *r = s->ratings;
    mixfill_model_shape shape = mixfill_fit_shape(r, s->options);
    mixfill_model *m = mixfill_model_alloc(&shape);
    mixfill_status st = MIXFILL_ERR_NOMEM;
    if (m == NULL)
        goto done;
    m->log_likelihood = mixfill_alloc((size_t)s->result.best_iteration, sizeof *m->log_likelihood);
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

/* Of every mixture, and the best start's log-likelihood on its final parameters. */
static mixfill_status fill_responsibilities(mixfill_model *m, fit_state *s, mixfill_error *err) {
    if (m->factors != NULL) {
        s->result.final_log_likelihood = mixfill_factor_finish(&s->ws.factor, m->factors);
        return MIXFILL_OK;
    }
    mixfill_fold_rows rows = {s->ratings, m->offset_user};
    size_t size = (size_t)m->n_users * (size_t)m->n_components;
    mixfill_status st = MIXFILL_OK;
    for (int32_t i = 0; st == MIXFILL_OK && i < m->n_mixtures; i++) {
        double log_likelihood;
        st = mixfill_posterior(m, i, m->resp + (size_t)i * size, &log_likelihood, &rows,
                               s->options->threads, err);
        if (s->kept == NULL || i == s->result.best_start)
            s->result.final_log_likelihood = log_likelihood;
    }
    return st;
}

static void drop_users(mixfill_model *m) {
    mixfill_free(m->resp);
    mixfill_free(m->user_mean);
    mixfill_free(m->user_bias);
    mixfill_free(m->user_count);
    mixfill_free(m->offset_user);
    m->resp = m->user_mean = m->user_bias = m->offset_user = NULL;
    m->user_count = NULL;
    mixfill_ids_clear(&m->user_ids);
    if (m->factors != NULL)
        mixfill_factors_drop_users(m->factors);
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
    MIXFILL_TRY(mixfill_baselines_fit(model, ratings, s.ws.blocks, s.ws.threads, err));
    s.init_sec += mixfill_par_seconds() - begin;
    MIXFILL_TRY(fill_responsibilities(model, &s, err));
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
