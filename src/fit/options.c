/* Defaults and checks of the fit options. Ranges of single ones are in model/option_table.c, what a
 * kind of model makes of them is in its own table. A fault names the option, its value and what was
 * expected of it. */
#include "fit/options.h"

#include "kinds.h"

#include <inttypes.h>
#include <math.h>

void mixfill_options_init(mixfill_options *options) {
    *options = (mixfill_options){.struct_size = sizeof *options,
                                 .model = mixfill_kinds[0]->id,
                                 .seed = 1,
                                 .n_init = 1,
                                 .tol = 1e-6,
                                 .min_support = 1,
                                 .prior_strength = 10,
                                 .rank = 12,
                                 .implicit = true,
                                 .implicit_strength = 1,
                                 .keep_users = true};
}

void mixfill_options_init_model(mixfill_options *options, mixfill_model_kind id) {
    mixfill_options_init(options);
    options->model = id;
}

void mixfill_options_init_kind(mixfill_options *options, const mixfill_kind *kind) {
    mixfill_options_init_model(options, kind->id);
    options->notebook = mixfill_kind_of(options) != kind;
}

/* An option of the table against its range; NaN and infinity are in none. */
static mixfill_status check_range(const mixfill_option *option, const mixfill_options *options,
                                  mixfill_error *err) {
    double value = mixfill_option_get(option, options);
    if (mixfill_option_in_range(option, value) || (option->has_auto && value == 0))
        return MIXFILL_OK;
    if (option->type == MIXFILL_OPTION_REAL)
        return mixfill_fail_field(
            err, MIXFILL_ERR_ARG, option->name, " %g: expected a finite number %s 0",
            isnan(value) ? (double)NAN : value, option->above ? "above" : "of at least");
    bool small = value < option->least;
    return mixfill_fail_field(err, MIXFILL_ERR_ARG, option->name, " %.0f: expected at %s %.0f",
                              value, small ? "least" : "most",
                              small ? option->least : option->most);
}

/* What goes together with the kind of model. The switch of a variant (compat) chooses its kind
 * whatever model is named beside it, so the two may contradict each other. */
static mixfill_status check_kind(const mixfill_options *o, mixfill_error *err) {
    char names[MIXFILL_KIND_NAMES];
    const mixfill_kind *kind = mixfill_kind_of(o);
    if (kind == NULL)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "model", " %d: expected one of %s",
                                  (int)o->model, mixfill_kind_names(names, 0));
    if (kind->id != o->model)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, kind->compat, " with model %s: expected %s",
                                  mixfill_model_kind_name(o->model), kind->name);
    if (o->average && !(kind->heeds & MIXFILL_HEEDS_AVERAGE))
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "average", " with model %s: expected %s",
                                  kind->name, mixfill_kind_names(names, MIXFILL_HEEDS_AVERAGE));
    return kind->check != NULL ? kind->check(o, err) : MIXFILL_OK;
}

mixfill_status mixfill_options_validate(const mixfill_options *options, mixfill_error *err) {
    const mixfill_options *o = options;
    mixfill_status st;
    /* Options that were never initialised, or those of a program compiled for another version. */
    if (o->struct_size != sizeof *o)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "options: struct_size is %zu, expected %zu as set by "
                            "mixfill_options_init",
                            o->struct_size, sizeof *o);
    MIXFILL_TRY(check_kind(o, err));
    MIXFILL_TRY(mixfill_require_at_least("n_components", o->n_components, 0, err));
    MIXFILL_TRY(mixfill_require_at_least("threads", o->threads, 0, err));
    MIXFILL_TRY(mixfill_require_at_least("patience", o->patience, 0, err));
    for (size_t i = 0; i < mixfill_option_table_size; i++)
        MIXFILL_TRY(check_range(&mixfill_option_table[i], o, err));
    if (o->patience > 0 && o->valid == NULL)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "patience",
                                  " %" PRId32 ": no held-out ratings, expected valid", o->patience);
    /* Start r draws by seed + r, and NumPy's generator takes 32 bits of seed (docs/model.md
     * 8.4). */
    if ((uint64_t)o->seed + (uint64_t)o->n_init - 1 > UINT32_MAX)
        st =
            mixfill_fail_field(err, MIXFILL_ERR_ARG, "seed",
                               " %" PRIu32 " with n_init %" PRId32
                               ": the last start's seed exceeds 4294967295, expected a smaller one",
                               o->seed, o->n_init);
done:
    return st;
}

/* Of K components each starts from a user of its own (docs/model.md 2.2), so there must be K users.
 * Ratings that are all equal have no variance to be relative to: then it is as if it were 1. */
mixfill_status mixfill_options_resolve(mixfill_options *out, const mixfill_options *options,
                                       const mixfill_ratings *r, mixfill_error *err) {
    if (options != NULL)
        *out = *options;
    else
        mixfill_options_init(out);
    mixfill_status st = mixfill_options_validate(out, err);
    if (st != MIXFILL_OK)
        return st;
    if (r->nnz == 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0, "no ratings to fit, expected at least one");
    const mixfill_kind *kind = mixfill_kind_of(out);
    if (out->n_components == 0)
        out->n_components = r->n_users < kind->n_components ? r->n_users : kind->n_components;
    if (out->n_components > r->n_users)
        return mixfill_fail_field(err, MIXFILL_ERR_DIM, "n_components",
                                  " %" PRId32 ": more components than the %" PRId32
                                  " user%s, expected at most as many",
                                  out->n_components, r->n_users, mixfill_s(r->n_users));
    if (out->max_iter == 0)
        out->max_iter = kind->max_iter;
    if (out->min_var == 0 && kind->min_var != NULL) {
        double variance = mixfill_ratings_variance(r);
        out->min_var = kind->min_var(variance > 0 ? variance : 1);
    }
    return MIXFILL_OK;
}
