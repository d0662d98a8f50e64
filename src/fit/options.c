/* Defaults and checks of the fit options. Ranges of single ones are in model/option_table.c, what a
 * kind of model makes of them is in its own table. A fault names the option, its value and what was
 * expected of it. */
#include "kinds.h"

#include <inttypes.h>
#include <math.h>

void mixfill_options_init(mixfill_options *options) {
    *options = (mixfill_options){.struct_size = sizeof *options,
                                 .model = mixfill_kinds[0]->id,
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

void mixfill_options_init_model(mixfill_options *options, mixfill_model_kind id) {
    mixfill_options_init(options);
    options->model = id;
    const mixfill_kind *kind = mixfill_kind_of(options);
    if (kind != NULL)
        kind->defaults(options);
}

/* An option of the table against its range; NaN and infinity are in none. */
static mixfill_status check_range(const mixfill_option *option, const mixfill_options *options,
                                  mixfill_error *err) {
    double value = mixfill_option_get(option, options);
    if (mixfill_option_in_range(option, value))
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
    MIXFILL_TRY(mixfill_require_at_least("n_components", o->n_components, 1, err));
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
