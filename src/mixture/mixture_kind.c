/* The tables of classic, map and the notebook's arithmetic, which share all but their E- and
 * M-step and what they make of a cell; and the public accessors of mixtures. Functions here only
 * pass on, with the types that a table cannot know. */
#include "mixture/mixture_kind.h"

#include "mixture/components.h"
#include "mixture/em.h"
#include "mixture/mixture_people.h"
#include "mixture/posterior.h"

#include <math.h>

/* ---- options ---- */

/* The notebook's constant, which suits ratings of one to five stars. */
static const double NOTEBOOK_MIN_VAR = 0.1;

static double notebook_min_var(double variance) {
    (void)variance;
    return NOTEBOOK_MIN_VAR;
}

/* The same for ratings in any unit: times the variance, rounded to a power of 4 so that it is the
 * notebook's for all ratings of about five stars (docs/model.md 2.2). */
static double relative_min_var(double variance) {
    return NOTEBOOK_MIN_VAR * exp2(2 * round(log2(variance) / 2));
}

/* ---- a fit ---- */

/* Distances and moments are two multiply-adds for each rating and component, between the 8 barriers
 * of an iteration. */
static double work(const mixfill_ratings *r, const mixfill_options *o) {
    return (double)r->nnz * o->n_components / 4;
}

/* Copies per thread of the accumulators of the most rated items, as far as the budget goes; the
 * notebook's arithmetic has none. */
static void plan(const mixfill_job *job, mixfill_memory *m, size_t budget) {
    const mixfill_blocks *b = job->blocks;
    size_t kp = mixfill_padded(job->options->n_components);
    m->n_hot =
        mixfill_accumulators_n_hot(b->count, b->n_common, b->n_blocks, m->threads, kp, budget);
    m->accumulators = mixfill_accumulators_bytes(b->n_common, m->n_hot, m->threads, kp);
}

static mixfill_status open_fit(void *workspace, const mixfill_job *job, mixfill_error *err) {
    return mixfill_workspace_init(workspace, job, err);
}

static void close_fit(void *workspace) {
    mixfill_workspace_clear(workspace);
}

static mixfill_status start(void *workspace, mixfill_params *params, uint32_t seed,
                            mixfill_error *err) {
    return mixfill_em_start(workspace, (mixfill_mixtures *)params, seed, err);
}

static void iterate(void *workspace, mixfill_params *params, int32_t i, mixfill_iteration *out) {
    mixfill_workspace *ws = workspace;
    (void)i;
    out->log_likelihood = mixfill_em_iteration(ws, (mixfill_mixtures *)params);
    out->clear_seconds = ws->laps.seconds[MIXFILL_LAP_CLEAR];
    out->blocks_seconds = ws->laps.seconds[MIXFILL_LAP_BLOCKS];
    out->update_seconds = ws->laps.seconds[MIXFILL_LAP_UPDATE];
}

static void update_users(void *workspace, const mixfill_params *params) {
    mixfill_em_posteriors(workspace, (const mixfill_mixtures *)params);
}

/* By the last E-step, whose responsibilities are padded; the offset is that of every start. */
static mixfill_person user_in_fit(const void *workspace, const mixfill_model *m, int32_t u) {
    const mixfill_workspace *ws = workspace;
    return (mixfill_person){.latent = ws->resp + (size_t)u * ws->kp,
                            .offset = ws->centre.user != NULL ? ws->centre.user[u] : 0,
                            .count = m->user_count[u]};
}

/* Responsibilities of every mixture by one more E-step. */
static mixfill_status finish(void *workspace, mixfill_model *m, int32_t best,
                             double *log_likelihood, mixfill_error *err) {
    const mixfill_workspace *ws = workspace;
    mixfill_mixtures *p = mixfill_mixtures_of(m);
    mixfill_posterior_rows rows = {ws->ratings, p->offset_user};
    size_t size = (size_t)m->n_users * (size_t)p->n_components;
    for (int32_t i = 0; i < p->head.shape.n_mixtures; i++) {
        double found;
        mixfill_status st =
            mixfill_posterior(m, i, p->resp + (size_t)i * size, &found, &rows, ws->threads, err);
        if (st != MIXFILL_OK)
            return st;
        if (i == best)
            *log_likelihood = found;
    }
    return MIXFILL_OK;
}

/* ---- the tables ---- */

#define MIXTURE                                                                                    \
    .n_components = 8, .max_iter = 200, .params_size = sizeof(mixfill_mixtures),                   \
    .list = mixfill_mixtures_list, .n_parameters = mixfill_mixtures_n_parameters, .work = work,    \
    .workspace_bytes = mixfill_workspace_bytes, .workspace_size = sizeof(mixfill_workspace),       \
    .open = open_fit, .close = close_fit, .start = start, .iterate = iterate,                      \
    .update_users = update_users, .user_in_fit = user_in_fit, .finish = finish,                    \
    .known = mixfill_mixture_known, .unknown = mixfill_mixture_unknown,                            \
    .fold_in = mixfill_mixture_fold_in, .row_width = mixfill_mixture_row_width,                    \
    .item_row = mixfill_mixture_item_row, .person_row = mixfill_mixture_person_row,                \
    .describe = mixfill_components_describe

const mixfill_kind mixfill_kind_classic = {
    MIXTURE,
    .id = MIXFILL_MODEL_CLASSIC,
    .name = "classic",
    .info = {.has_components = true, .has_component_variances = true, .stops_by_itself = true},
    .heeds = MIXFILL_HEEDS_TOL | MIXFILL_HEEDS_MIN_VAR | MIXFILL_HEEDS_MIN_SUPPORT,
    .min_var = relative_min_var,
    .plan = plan,
    .mean = mixfill_classic_mean,
    .variance = mixfill_classic_variance,
};

const mixfill_kind mixfill_kind_notebook = {
    MIXTURE,
    .id = MIXFILL_MODEL_CLASSIC,
    .name = "classic",
    .compat = "notebook",
    .info = {.has_components = true, .has_component_variances = true, .stops_by_itself = true},
    .heeds = MIXFILL_HEEDS_TOL | MIXFILL_HEEDS_MIN_VAR | MIXFILL_HEEDS_MIN_SUPPORT,
    .min_var = notebook_min_var,
    .mean = mixfill_classic_mean,
    .variance = mixfill_classic_variance,
};

const mixfill_kind mixfill_kind_map = {
    MIXTURE,
    .id = MIXFILL_MODEL_MAP,
    .name = "map",
    .info = {.has_components = true, .stops_by_itself = true},
    .heeds = MIXFILL_HEEDS_TOL | MIXFILL_HEEDS_MIN_VAR | MIXFILL_HEEDS_PRIOR_STRENGTH |
             MIXFILL_HEEDS_AVERAGE,
    .clips = true,
    .min_var = relative_min_var,
    .plan = plan,
    .keep = mixfill_mixtures_keep,
    .mean = mixfill_map_mean,
    .variance = mixfill_map_variance,
};

/* ---- accessors, of the first mixture ---- */

double mixfill_model_weight(const mixfill_model *model, int32_t k) {
    return mixfill_mixtures_of(model)->weight[k];
}

double mixfill_model_var(const mixfill_model *model, int32_t k) {
    return mixfill_mixtures_of(model)->var[k];
}

double mixfill_model_mean(const mixfill_model *model, int32_t k, int32_t j) {
    const mixfill_mixtures *p = mixfill_mixtures_of(model);
    return p->mu[(size_t)j * p->kp + (size_t)k];
}

double mixfill_model_responsibility(const mixfill_model *model, int32_t u, int32_t k) {
    const mixfill_mixtures *p = mixfill_mixtures_of(model);
    return p->resp[(size_t)u * (size_t)p->n_components + (size_t)k];
}
