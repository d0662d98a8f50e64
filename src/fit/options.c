/* Defaults and checks of the fit options: the one place that holds either. */
#include "factor/factors.h"

#include <inttypes.h>
#include <math.h>

const char *mixfill_model_kind_name(mixfill_model_kind kind) {
    switch (kind) {
    case MIXFILL_MODEL_CLASSIC:
        return "classic";
    case MIXFILL_MODEL_MAP:
        return "map";
    case MIXFILL_MODEL_FACTOR:
        return "factor";
    }
    return "unknown";
}

void mixfill_options_init(mixfill_options *options) {
    *options = (mixfill_options){.struct_size = sizeof *options,
                                 .model = MIXFILL_MODEL_MAP,
                                 .n_components = 8,
                                 .seed = 1,
                                 .n_init = 1,
                                 .tol = 1e-6,
                                 .max_iter = 200,
                                 .min_var = 0.1,
                                 .min_support = 1,
                                 .prior_strength = 10,
                                 .rank = 12,
                                 .implicit = true,
                                 .implicit_strength = 1,
                                 .keep_users = true};
}

void mixfill_options_init_model(mixfill_options *options, mixfill_model_kind kind) {
    mixfill_options_init(options);
    options->model = kind;
    if (kind != MIXFILL_MODEL_FACTOR)
        return;
    options->n_components = 1;
    options->max_iter = 20;
}

/* What only goes together with some kind of model. */
static mixfill_status check_kind(const mixfill_options *o, mixfill_error *err) {
    const char *kind = mixfill_model_kind_name(o->model);
    if (o->model != MIXFILL_MODEL_CLASSIC && o->model != MIXFILL_MODEL_MAP &&
        o->model != MIXFILL_MODEL_FACTOR)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "--model %d: expected map, classic or factor",
                            (int)o->model);
    if (o->notebook && o->model != MIXFILL_MODEL_CLASSIC)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "--compat notebook with --model %s: expected classic", kind);
    if (o->average && o->model != MIXFILL_MODEL_MAP)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "--average with --model %s: expected map",
                            kind);
    if (o->model == MIXFILL_MODEL_FACTOR && o->n_components != 1)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "-k %" PRId32 " with --model factor: expected 1", o->n_components);
    return MIXFILL_OK;
}

/* NaN fails, as does infinity. */
static mixfill_status check_double(const char *name, double value, bool zero_allowed,
                                   mixfill_error *err) {
    if (isfinite(value) && (value > 0 || (zero_allowed && value == 0)))
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "%s %g: expected a finite number %s 0", name,
                        value, zero_allowed ? "of at least" : "above");
}

mixfill_status mixfill_options_validate(const mixfill_options *options, mixfill_error *err) {
    const mixfill_options *o = options;
    mixfill_status st;
    if (o->struct_size != sizeof *o)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "options: struct_size is %zu, expected %zu as set by "
                            "mixfill_options_init",
                            o->struct_size, sizeof *o);
    MIXFILL_TRY(check_kind(o, err));
    MIXFILL_TRY(mixfill_require_at_least("-k", o->n_components, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("--n-init", o->n_init, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("--max-iter", o->max_iter, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("--threads", o->threads, 0, err));
    MIXFILL_TRY(mixfill_require_at_least("--patience", o->patience, 0, err));
    if (o->patience > 0 && o->valid == NULL)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "--patience %" PRId32 ": no held-out ratings, expected --valid or "
                            "--holdout",
                            o->patience);
    MIXFILL_TRY(check_double("--tol", o->tol, true, err));
    MIXFILL_TRY(check_double("--min-var", o->min_var, false, err));
    MIXFILL_TRY(check_double("--min-support", o->min_support, true, err));
    MIXFILL_TRY(check_double("--prior-strength", o->prior_strength, true, err));
    MIXFILL_TRY(mixfill_require_at_least("--rank", o->rank, 1, err));
    if (o->rank > MIXFILL_MAX_RANK)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "--rank %" PRId32 ": expected at most %d",
                            o->rank, MIXFILL_MAX_RANK);
    MIXFILL_TRY(check_double("--implicit-strength", o->implicit_strength, false, err));
    if ((uint64_t)o->seed + (uint64_t)o->n_init - 1 > UINT32_MAX)
        st = mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                          "--seed %" PRIu32 " with --n-init %" PRId32
                          ": the last start's seed exceeds 4294967295, expected a smaller one",
                          o->seed, o->n_init);
done:
    return st;
}
