/* The fit: starts, the loop with its stop rule (docs/model.md 2.5), and the model that comes out.
 * What a start, an iteration and the last touches are is the kind's (model/kind.h); no formula of a
 * model is here.
 *
 * All that iterations work on is made before the first start, so that want of memory shows at once
 * and not after an hour. In the loop only the history grows. */
#include "base/laps.h"
#include "fit/memory.h"
#include "fit/options.h"
#include "fit/validation.h"
#include "model/baselines.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The phases that a fit's seconds are told by. */
enum { INDEX, INIT, EM, FINISH };

/* What a fit keeps over its starts. The model is made first: all that it knows of its training data
 * is there when held-out ratings are predicted in the middle of the fit, and its parameters are
 * then those of the start under way. Parameters and histories of a start that wins change places
 * with those of the best before, whose memory the next start overwrites; nothing large is
 * copied. */
typedef struct fit_state {
    mixfill_job job;
    void *workspace; /* the kind's */
    mixfill_model *model;
    mixfill_params *current;    /* of the start under way */
    mixfill_params *best;       /* of the best start so far; with several */
    mixfill_params *least_rmse; /* of the start's least held-out RMSE; with patience */
    mixfill_params *average;    /* every start's, to be averaged; else NULL */
    mixfill_validation validation;
    mixfill_iteration *history, *best_history; /* (history_cap), (best_cap) */
    int32_t history_cap, best_cap;
    mixfill_result result; /* of the best start; history is best_history */
    mixfill_laps laps;     /* by phase, of the whole fit */
} fit_state;

/* The options that a model of this kind remembers: those it heeds, all others at the kind's
 * defaults, so that what has no effect on a model leaves no trace in its file. */
static mixfill_options remembered(const fit_state *s) {
    mixfill_options o;
    mixfill_options_init_kind(&o, s->job.kind);
    o.n_components = s->job.options->n_components;
    mixfill_options_copy_heeded(&o, s->job.options, s->job.kind->heeds);
    return o;
}

/* The model with its ids and what it knows of its training ratings, but no parameters. It has users
 * even where these are dropped in the end: validation asks for them, and baselines are found from
 * both sides. */
static mixfill_status make_model(fit_state *s, mixfill_error *err) {
    const mixfill_ratings *r = s->job.ratings;
    const mixfill_options o = remembered(s);
    mixfill_status st;
    s->model = mixfill_model_create(s->job.kind, &o, r->n_users, r->n_items, true);
    if (s->model == NULL || mixfill_ids_copy(&s->model->item_ids, &r->item_ids) != MIXFILL_OK ||
        mixfill_ids_copy(&s->model->user_ids, &r->user_ids) != MIXFILL_OK)
        return mixfill_fail_nomem(err, "the model");
    MIXFILL_TRY(mixfill_model_describe(s->model, r, err));
done:
    return st;
}

static mixfill_status make_params(const fit_state *s, mixfill_params **out, bool average,
                                  mixfill_error *err) {
    *out = mixfill_job_params(&s->job, average);
    return *out != NULL ? MIXFILL_OK : mixfill_fail_nomem(err, "the parameters");
}

/* What the starts share. Index and plan of memory come first, since they may refuse a fit that
 * max_memory does not hold. With a single start the current parameters are the best ones, and into
 * an average every start's go as it ends. Whatever fails, state_clear takes what there is. */
static mixfill_status state_init(fit_state *s, const mixfill_ratings *ratings,
                                 const mixfill_options *options, mixfill_error *err) {
    mixfill_status st;
    MIXFILL_TRY(mixfill_job_init(&s->job, ratings, options, false, err));
    s->workspace = mixfill_alloc_zero(1, s->job.kind->workspace_size);
    if (s->workspace == NULL)
        return mixfill_fail_nomem(err, "the workspace of a fit");
    MIXFILL_TRY(s->job.kind->open(s->workspace, &s->job, err));
    MIXFILL_TRY(make_model(s, err));
    MIXFILL_TRY(make_params(s, &s->current, false, err));
    const mixfill_fit_sets sets = mixfill_fit_sets_of(options);
    if (sets.average)
        MIXFILL_TRY(make_params(s, &s->average, true, err));
    if (sets.best)
        MIXFILL_TRY(make_params(s, &s->best, false, err));
    if (sets.least_rmse)
        MIXFILL_TRY(make_params(s, &s->least_rmse, false, err));
    if (options->valid != NULL)
        MIXFILL_TRY(mixfill_validation_init(&s->validation, options->valid, ratings,
                                            s->job.memory.threads, err));
done:
    return st;
}

/* Also of a state that was made half way: what is not there is NULL. */
static void state_clear(fit_state *s) {
    if (s->workspace != NULL)
        s->job.kind->close(s->workspace);
    mixfill_free(s->workspace);
    mixfill_job_clear(&s->job);
    mixfill_model_free(s->model);
    mixfill_params_free(s->current);
    mixfill_params_free(s->best);
    mixfill_params_free(s->least_rmse);
    mixfill_params_free(s->average);
    mixfill_validation_clear(&s->validation);
    mixfill_free(s->history);
    mixfill_free(s->best_history);
}

/* Tell the caller of an iteration, from the calling thread while no other works;
 * MIXFILL_ERR_CANCELLED where it says so. */
static mixfill_status tell(const fit_state *s, int32_t start, int32_t iteration,
                           mixfill_error *err) {
    const mixfill_options *o = s->job.options;
    if (o->progress == NULL)
        return MIXFILL_OK;
    const mixfill_iteration *last = &s->history[iteration - 1];
    mixfill_progress progress = {
        .start = start,
        .n_starts = o->n_init,
        .iteration = iteration,
        .max_iter = o->max_iter,
        .all_run = o->patience == 0 && (o->tol == 0 || !s->job.kind->info.stops_by_itself),
        .log_likelihood = last->log_likelihood,
        .change = iteration > 1 ? last->log_likelihood - last[-1].log_likelihood : (double)NAN,
        .seconds = last->seconds,
        .rmse = last->rmse,
        .n_ratings = s->job.ratings->nnz,
    };
    if (o->progress(&progress, o->progress_data) == 0)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled after iteration %" PRId32,
                        iteration);
}

/* Room for iteration i in the history. It doubles, as max_iter may be far above what a fit takes
 * and a history of that length is not to be paid for beforehand. */
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

/* RMSE of the held-out ratings under the parameters that an iteration left. The model gives them
 * back at once, since state_clear frees the model and them. */
static double validate(fit_state *s) {
    s->model->params = s->current;
    double rmse = mixfill_validation_rmse(&s->validation, s->model, s->workspace);
    s->model->params = NULL;
    return rmse;
}

/* One iteration into the history; MIXFILL_ERR_NUMERIC where its log-likelihood is not finite. In
 * mixtures the log-likelihood is that of the parameters the iteration began with (docs/model.md
 * 2.5), the RMSE always that of those it left. */
static mixfill_status run_iteration(fit_state *s, int32_t i, mixfill_error *err) {
    if (!grow_history(s, i))
        return mixfill_fail_nomem(err, "the history of a fit");
    mixfill_iteration *now = &s->history[i - 1];
    *now = (mixfill_iteration){.rmse = (double)NAN};
    s->job.kind->iterate(s->workspace, s->current, i, now);
    now->seconds = now->clear_seconds + now->blocks_seconds + now->update_seconds;
    if (!isfinite(now->log_likelihood))
        return mixfill_fail(err, MIXFILL_ERR_NUMERIC, 0,
                            "iteration %" PRId32 ": log-likelihood is %g, expected a finite number",
                            i, now->log_likelihood);
    if (s->job.options->valid != NULL)
        now->rmse = validate(s);
    return MIXFILL_OK;
}

/* Note the parameters of the least held-out RMSE; whether patience has run out, that is whether as
 * many iterations have passed since. Without patience the last iteration is the one that is kept,
 * however its RMSE may look. */
static bool out_of_patience(fit_state *s, mixfill_result *r, int32_t i) {
    if (s->job.options->patience == 0) {
        r->best_iteration = i;
        return false;
    }
    if (i == 1 || s->history[i - 1].rmse < s->history[r->best_iteration - 1].rmse) {
        mixfill_params_copy(s->least_rmse, s->current);
        r->best_iteration = i;
    }
    return i - r->best_iteration >= s->job.options->patience;
}

/* Iterate from s->current until the gain is at most tol |new|, patience ends, or max_iter is
 * reached (docs/model.md 2.5). The test follows the M-step, so the parameters returned include it,
 * and a fall of the log-likelihood stops a start like a small gain. Kinds that do not stop by
 * themselves run to max_iter and have converged by that (5.10). */
static mixfill_status run_start(fit_state *s, int32_t start, mixfill_result *r,
                                mixfill_error *err) {
    const mixfill_options *o = s->job.options;
    bool fixed = !s->job.kind->info.stops_by_itself;
    *r = (mixfill_result){.best_start = start, .stop_reason = MIXFILL_STOP_MAX_ITER};
    for (int32_t i = 1; i <= o->max_iter && !r->converged; i++) {
        mixfill_status st = run_iteration(s, i, err);
        if (st == MIXFILL_OK)
            st = tell(s, start, i, err);
        if (st != MIXFILL_OK)
            return st;
        double new = s->history[i - 1].log_likelihood;
        r->iterations = i;
        r->log_likelihood = new;
        bool level = !fixed && o->tol > 0 && i > 1 &&
                     new - s->history[i - 2].log_likelihood <= o->tol *fabs(new);
        if (out_of_patience(s, r, i))
            r->stop_reason = MIXFILL_STOP_PATIENCE;
        else if (level)
            r->stop_reason = MIXFILL_STOP_TOL;
        r->converged = r->stop_reason != MIXFILL_STOP_MAX_ITER;
    }
    r->converged = r->converged || fixed;
    if (o->patience > 0) {
        mixfill_params_copy(s->current, s->least_rmse);
        r->log_likelihood = s->history[r->best_iteration - 1].log_likelihood;
    }
    return MIXFILL_OK;
}

/* Whether a start that has just ended is better than the best before: by its held-out RMSE where
 * that chose its parameters, else by its log-likelihood. Of equals the earlier one stays. */
static bool is_better(const fit_state *s, const mixfill_result *r) {
    if (s->job.options->patience == 0)
        return r->log_likelihood > s->result.log_likelihood;
    return s->history[r->best_iteration - 1].rmse <
           s->best_history[s->result.best_iteration - 1].rmse;
}

/* The current start becomes the best one; in an average its parameters are kept anyway. */
static void keep_current(fit_state *s, const mixfill_result *r) {
    mixfill_iteration *history = s->best_history;
    int32_t cap = s->best_cap;
    if (s->average == NULL && s->best != NULL) {
        mixfill_params *params = s->best;
        s->best = s->current;
        s->current = params;
    }
    s->best_history = s->history;
    s->best_cap = s->history_cap;
    s->history = history;
    s->history_cap = cap;
    s->result = *r;
}

/* All starts, one after the other, with seed, seed + 1 and so on, which the check of options keeps
 * within 32 bits. They are not run side by side: threads share the work within an iteration, and
 * one workspace is all the memory it takes. */
static mixfill_status run_starts(fit_state *s, mixfill_error *err) {
    for (int32_t start = 0; start < s->job.options->n_init; start++) {
        mixfill_result r;
        uint32_t seed = s->job.options->seed + (uint32_t)start;
        mixfill_status st = s->job.kind->start(s->workspace, s->current, seed, err);
        mixfill_lap(&s->laps, INIT);
        if (st == MIXFILL_OK)
            st = run_start(s, start, &r, err);
        mixfill_lap(&s->laps, EM);
        if (st != MIXFILL_OK)
            return st;
        if (s->average != NULL)
            s->job.kind->keep(s->average, s->current, start);
        if (start == 0 || is_better(s, &r))
            keep_current(s, &r);
    }
    return MIXFILL_OK;
}

/* The parameters of the best start, or of all that are averaged, and the history become the
 * model's. The history ends with the iteration whose parameters were kept. */
static mixfill_status hand_over(fit_state *s, mixfill_error *err) {
    mixfill_array_list list;
    mixfill_model *m = s->model;
    int32_t n = s->result.best_iteration;
    mixfill_params **from = s->average != NULL ? &s->average
                            : s->best != NULL  ? &s->best
                                               : &s->current;
    m->params = *from;
    *from = NULL;
    mixfill_params_list(&list, m->params);
    m->log_likelihood = mixfill_alloc((size_t)n, sizeof *m->log_likelihood);
    if (m->log_likelihood == NULL || !mixfill_arrays_alloc(&list, (mixfill_scope){true, true}))
        return mixfill_fail_nomem(err, "the model");
    if (s->job.options->valid != NULL &&
        (m->rmse = mixfill_alloc((size_t)n, sizeof *m->rmse)) == NULL)
        return mixfill_fail_nomem(err, "the model");
    m->iterations = n;
    for (int32_t i = 0; i < n; i++) {
        m->log_likelihood[i] = s->best_history[i].log_likelihood;
        if (m->rmse != NULL)
            m->rmse[i] = s->best_history[i].rmse;
    }
    return MIXFILL_OK;
}

static void fill_seconds(mixfill_result *out, const mixfill_laps *laps) {
    out->index_seconds = laps->seconds[INDEX];
    out->init_seconds = laps->seconds[INIT];
    out->em_seconds = laps->seconds[EM];
    out->finish_seconds = laps->seconds[FINISH];
}

/* Sizes and history of a fit that went well; takes over the history. */
static void fill_result(mixfill_result *out, fit_state *s, const mixfill_model *m) {
    *out = s->result;
    out->history = s->best_history;
    s->best_history = NULL;
    out->threads = s->job.memory.threads;
    out->isa = s->job.kernels->name;
    out->ratings_bytes = mixfill_ratings_bytes(s->job.ratings);
    out->index_bytes = s->job.blocks->bytes;
    out->model_bytes = mixfill_model_bytes(m);
    out->accumulator_bytes = s->job.memory.accumulators;
}

void mixfill_result_clear(mixfill_result *result) {
    mixfill_free(result->history);
    *result = (mixfill_result){0};
}

mixfill_status mixfill_fit(mixfill_model **out, mixfill_result *result,
                           const mixfill_ratings *ratings, const mixfill_options *options,
                           mixfill_error *err) {
    mixfill_options o; /* borrowed by the state */
    fit_state s = {0};
    mixfill_status st;
    mixfill_laps_start(&s.laps);
    MIXFILL_TRY(mixfill_options_resolve(&o, options, ratings, err));
    MIXFILL_TRY(state_init(&s, ratings, &o, err));
    mixfill_lap(&s.laps, INDEX);
    MIXFILL_TRY(run_starts(&s, err));
    MIXFILL_TRY(hand_over(&s, err));
    MIXFILL_TRY(mixfill_baselines_fit(s.model, ratings, s.job.blocks, s.job.memory.threads, err));
    /* An average has a mixture for each start, in their order; any other model has one. */
    int32_t best = o.average ? s.result.best_start : 0;
    MIXFILL_TRY(
        s.job.kind->finish(s.workspace, s.model, best, &s.result.final_log_likelihood, err));
    if (!o.keep_users)
        mixfill_model_drop_users(s.model);
    if (result != NULL)
        fill_result(result, &s, s.model);
    *out = s.model;
    s.model = NULL;
done:
    /* Giving memory back takes its time too, and belongs to what the fit took. */
    state_clear(&s);
    mixfill_lap(&s.laps, FINISH);
    if (st == MIXFILL_OK && result != NULL)
        fill_seconds(result, &s.laps);
    return st;
}
