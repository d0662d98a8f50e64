/* The table of `factor`, and its public accessors. Functions here only pass on, with the types
 * that a table cannot know. */
#include "factor/factor_kind.h"

#include "factor/factor_axes.h"
#include "factor/factor_em.h"
#include "factor/factor_people.h"

#include <inttypes.h>

/* ---- options ---- */

/* A Gaussian with factors is one component: more were tried and gained nothing. */
static mixfill_status check(const mixfill_options *o, mixfill_error *err) {
    if (o->n_components <= 1)
        return MIXFILL_OK;
    return mixfill_fail_field(err, MIXFILL_ERR_ARG, "n_components",
                              " %" PRId32 " with model factor: expected 1", o->n_components);
}

/* ---- a fit ---- */

/* Of both sides: second moments of Q numbers for each rating, and a system of Q equations for each
 * row, between some 45 barriers. */
static double work(const mixfill_ratings *r, const mixfill_options *o) {
    enum { BARRIERS = 45 };
    double q = o->rank + 1.0, rows = (double)r->n_users + r->n_items;
    return ((double)r->nnz * q * q + rows * q * q * q / 3) / BARRIERS;
}

static mixfill_status open_fit(void *workspace, const mixfill_job *job, mixfill_error *err) {
    return mixfill_factor_workspace_init(workspace, job, err);
}

static void close_fit(void *workspace) {
    mixfill_factor_workspace_clear(workspace);
}

static mixfill_status start(void *workspace, mixfill_params *params, uint32_t seed,
                            mixfill_error *err) {
    (void)err;
    mixfill_factor_start(workspace, (mixfill_factors *)params, seed);
    return MIXFILL_OK;
}

static void iterate(void *workspace, mixfill_params *params, int32_t i, mixfill_iteration *out) {
    mixfill_factor_workspace *ws = workspace;
    out->log_likelihood = mixfill_factor_iteration(ws, (mixfill_factors *)params, i - 1);
    const double *t = ws->laps.seconds;
    out->blocks_seconds = t[MIXFILL_LAP_USER_STEP] + t[MIXFILL_LAP_USER_SHIFT];
    out->update_seconds =
        t[MIXFILL_LAP_ITEM_STEP] + t[MIXFILL_LAP_ITEM_SHIFT] + t[MIXFILL_LAP_NOISE];
}

/* The parameters hold the users. */
static void update_users(void *workspace, const mixfill_params *params) {
    (void)workspace;
    (void)params;
}

static mixfill_person user_in_fit(const void *workspace, const mixfill_model *m, int32_t u) {
    (void)workspace;
    return mixfill_factor_known(m, u);
}

static mixfill_status finish(void *workspace, mixfill_model *m, int32_t best,
                             double *log_likelihood, mixfill_error *err) {
    (void)best;
    (void)err;
    *log_likelihood = mixfill_factor_finish(workspace, mixfill_factors_of(m));
    return MIXFILL_OK;
}

static void summarize(const mixfill_model *m, mixfill_model_summary *out) {
    out->rank = mixfill_factors_of(m)->rank;
    out->implicit = m->options.implicit;
}

const mixfill_kind mixfill_kind_factor = {
    .id = MIXFILL_MODEL_FACTOR,
    .name = "factor",
    .info = {.has_axes = true, .hears_unknown_items = true},
    .heeds = MIXFILL_HEEDS_RANK | MIXFILL_HEEDS_IMPLICIT | MIXFILL_HEEDS_IMPLICIT_STRENGTH,
    .clips = true,
    .n_components = 1,
    .max_iter = 20,
    .check = check,
    .params_size = sizeof(mixfill_factors),
    .list = mixfill_factors_list,
    .fault = mixfill_factors_fault,
    .n_parameters = mixfill_factors_n_parameters,
    .work = work,
    .workspace_bytes = mixfill_factor_workspace_bytes,
    .workspace_size = sizeof(mixfill_factor_workspace),
    .open = open_fit,
    .close = close_fit,
    .start = start,
    .iterate = iterate,
    .update_users = update_users,
    .user_in_fit = user_in_fit,
    .finish = finish,
    .known = mixfill_factor_known,
    .unknown = mixfill_factor_person_unknown,
    .fold_in = mixfill_factor_fold_in,
    .mean = mixfill_factor_mean,
    .variance = mixfill_factor_variance,
    .row_width = mixfill_factor_row_width,
    .item_row = mixfill_factor_item_row,
    .person_row = mixfill_factor_person_row,
    .summarize = summarize,
    .describe = mixfill_factor_describe,
};

/* ---- accessors ---- */

double mixfill_model_loading(const mixfill_model *model, int32_t j, int32_t i) {
    const mixfill_factors *f = mixfill_factors_of(model);
    return f->w[(size_t)j * ((size_t)f->rank + 1) + (size_t)i];
}

double mixfill_model_factor(const mixfill_model *model, int32_t u, int32_t i) {
    const mixfill_factors *f = mixfill_factors_of(model);
    return f->user_factor[(size_t)u * (size_t)f->rank + (size_t)i];
}
