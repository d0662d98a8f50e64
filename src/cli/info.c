/* mixfill info: describe a file, be it ratings or a model, told apart by content. Of ratings: how
 * many, how they are spread over values, users and items, and what memory a fit would take. Of a
 * model: what it is, what it was trained on, and its parameters that are few enough to read. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"

#include <inttypes.h>
#include <math.h>

/* What the command line gives. Which of it counts depends on what the file turns out to be. */
typedef struct info_arguments {
    const char *path;
    mixfill_options fit; /* for the memory estimate */
    cli_input in;
} info_arguments;

/* -k and --threads are heeded for ratings only: they shape a fit, and a model has been fitted. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    info_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->in;
        return 0;
    case 'k':
        mixfill_options_init_model(&a->fit, MIXFILL_MODEL_MAP);
        a->fit.n_components = (int32_t)cli_integer(state, "-k", arg, 1, INT32_MAX);
        return 0;
    case ARGP_KEY_ARG:
        return cli_take_argument(state, &a->path, arg, "one FILE");
    case ARGP_KEY_END:
        a->fit.threads = a->in.common.threads;
        if (a->path == NULL)
            argp_error(state, "no FILE given, expected ratings or a model");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- a model ---- */

/* The object of --json: kind "model", path, what mixfill_model_summary holds, and
 * components: [{weight, var}], axes: [{sd}]; var of classic, axes of factor only. */

/* The standard deviation of what each axis adds to a rating. */
static json_t *axes_json(const mixfill_report *r) {
    json_t *axes = json_array();
    for (int32_t i = 0; i < r->n_axes; i++)
        json_array_append_new(axes, json_pack("{s:o}", "sd", cli_real(r->axes[i].sd)));
    return axes;
}

/* Where components have no variance of their own, items have, and those are too many to list. */
static json_t *components_json(const mixfill_report *r) {
    json_t *components = json_array();
    for (int32_t k = 0; k < r->n_components; k++) {
        const mixfill_report_component *c = &r->components[k];
        json_t *component = json_pack("{s:o}", "weight", cli_real(c->weight));
        if (!isnan(c->var))
            json_object_set_new(component, "var", cli_real(c->var));
        json_array_append_new(components, component);
    }
    return components;
}

/* One axis a row, largest first. */
static void print_axes(const mixfill_report *r) {
    for (int32_t i = 0; i < r->n_axes; i++)
        cli_row(stdout, i == 0 ? "axes of users" : "", "%2" PRId32 " adds %.4f to ratings (sd)",
                i + 1, r->axes[i].sd);
}

/* One component a row: its weight, and its variance where it has one of its own. */
static void print_components(const mixfill_report *r) {
    for (int32_t k = 0; k < r->n_components; k++) {
        const char *label = k == 0 ? "components" : "";
        const mixfill_report_component *c = &r->components[k];
        if (!isnan(c->var))
            cli_row(stdout, label, "weight %.4f  variance %.4f", c->weight, c->var);
        else
            cli_row(stdout, label, "weight %.4f", c->weight);
    }
    if (r->model.n_mixtures > 1)
        cli_row(stdout, "averaged starts", "%" PRId32 ", the first is shown", r->model.n_mixtures);
}

/* What a kind of model has is there even where it is empty, as the axes of constant ratings are;
 * what it does not have is left out, but for components. */
static json_t *model_json(const info_arguments *a, const mixfill_report *r) {
    const mixfill_model_summary *m = &r->model;
    bool axes = mixfill_model_kind_info(m->kind).has_axes;
    return json_pack(
        "{s:s, s:o, s:s, s:s?, s:i, s:i, s:i, s:I, s:b, s:I, s:i, s:o, s:o, s:o, "
        "s:[o, o], s:I, s:o, s:i, s:o*, s:o*}",
        "kind", "model", "path", cli_text_json(a->path), "model", mixfill_model_kind_name(m->kind),
        "compat", m->compat, "n_users", m->n_users, "n_items", m->n_items, "n_components",
        m->n_components, "n_ratings", (json_int_t)m->n_ratings, "has_users", m->has_users, "seed",
        (json_int_t)m->seed, "iterations", m->iterations, "log_likelihood",
        cli_real(m->log_likelihood), "global_mean", cli_real(m->global_mean), "global_sd",
        cli_real(m->global_sd), "rating_range", cli_real(m->rating_min), cli_real(m->rating_max),
        "bytes", (json_int_t)m->bytes, "components", components_json(r), "n_mixtures",
        m->n_mixtures, "axes", axes ? axes_json(r) : NULL, "implicit",
        axes ? json_boolean(m->implicit) : NULL);
}

/* The report is made without ratings, for the axes and for the summary it holds. */
static int info_model(const info_arguments *a) {
    mixfill_error err;
    mixfill_model *model;
    mixfill_report *report;
    if (mixfill_model_load(&model, a->path, &err) != MIXFILL_OK)
        return cli_fail(&err);
    if (mixfill_report_create(&report, model, NULL, NULL, &err) != MIXFILL_OK) {
        mixfill_model_free(model);
        return cli_fail(&err);
    }
    const mixfill_model_summary m = report->model;
    int status = 0;
    if (a->in.common.json) {
        status = cli_print_json(model_json(a, report));
    } else {
        char bytes[MIXFILL_BYTES_TEXT], shape[CLI_SHAPE_TEXT];
        cli_row_model(stdout, &m);
        cli_row(stdout, "trained on", "%s", cli_shape(shape, m.n_users, m.n_items, m.n_ratings));
        cli_row(stdout, "users in the model", "%s", m.has_users ? "yes" : "no: fold-in only");
        cli_row(stdout, "iterations", "%" PRId32 ", log-likelihood %.6f", m.iterations,
                m.log_likelihood);
        cli_row(stdout, "ratings", "%g to %g, mean %.4f, sd %.4f", m.rating_min, m.rating_max,
                m.global_mean, m.global_sd);
        cli_row(stdout, "memory", "%s", mixfill_format_bytes(bytes, (double)m.bytes));
        print_axes(report);
        print_components(report);
    }
    mixfill_report_free(report);
    mixfill_model_free(model);
    return status;
}

/* ---- ratings ---- */

/* The object of --json: kind "ratings", path, counts, mean and spread, ratings_per_user and
 * ratings_per_item: [least, quartiles, most], fit_bytes as cli_memory_json for n_components,
 * values: [{value, count}] and quantiles. */

/* Least, quartiles and most. */
static json_t *counts_json(const int64_t counts[5]) {
    return json_pack("[I, I, I, I, I]", (json_int_t)counts[0], (json_int_t)counts[1],
                     (json_int_t)counts[2], (json_int_t)counts[3], (json_int_t)counts[4]);
}

/* What is known about a ratings file. */
typedef struct description {
    mixfill_ratings *ratings;
    mixfill_ratings_summary summary;
    mixfill_value_counts values;
    mixfill_memory memory;
    double read_peak;
} description;

/* n, d and nnz: users, items and ratings, those without any counted. */
static json_t *ratings_json(const info_arguments *a, const description *x) {
    const mixfill_ratings *r = x->ratings;
    const mixfill_ratings_summary *s = &x->summary;
    double n = mixfill_ratings_n_users(r), d = mixfill_ratings_n_items(r);
    double nnz = (double)mixfill_ratings_count(r);
    return json_pack(
        "{s:s, s:o, s:i, s:i, s:I, s:o, s:o, s:o, s:[o, o], s:i, s:i, s:i, s:o, s:o, s:i, s:o, "
        "s:o, s:o, s:o, s:o}",
        "kind", "ratings", "path", cli_text_json(a->path), "n_users", mixfill_ratings_n_users(r),
        "n_items", mixfill_ratings_n_items(r), "n_ratings", (json_int_t)mixfill_ratings_count(r),
        "density", cli_real(nnz / n / d), "mean", cli_real(s->mean), "sd", cli_real(s->sd),
        "rating_range", cli_real(s->min), cli_real(s->max), "n_values", s->n_levels, "empty_users",
        s->empty_users, "empty_items", s->empty_items, "ratings_per_user",
        counts_json(s->user_counts), "ratings_per_item", counts_json(s->item_counts),
        "n_components", a->fit.n_components > 0 ? a->fit.n_components : 1, "fit_bytes",
        cli_memory_json(&x->memory, x->read_peak), "mean_per_user", cli_real(nnz / n),
        "mean_per_item", cli_real(nnz / d), "values", cli_values_json(&x->values), "quantiles",
        cli_quantiles_json(&x->values));
}

/* c: least, quartiles and most; how many have none is told apart, since a mean hides it. */
static void counts_row(const char *label, const int64_t c[5], double mean, int32_t empty) {
    cli_row(stdout, label,
            "%" PRId64 " min, %" PRId64 " / %" PRId64 " / %" PRId64 " quartiles, %" PRId64
            " max, mean %.1f; %" PRId32 " without any",
            c[0], c[1], c[2], c[3], c[4], mean, empty);
}

/* Up to twenty different values are listed with their counts; more are summed up by quantiles. */
static void print_ratings(const info_arguments *a, const description *x) {
    enum { SHOWN_VALUES = 20 }; /* what fits on a screen beside the rest */
    const mixfill_ratings_summary *s = &x->summary;
    double n = mixfill_ratings_n_users(x->ratings), d = mixfill_ratings_n_items(x->ratings);
    double nnz = (double)mixfill_ratings_count(x->ratings);
    cli_row(stdout, "users x items", "%.0f x %.0f", n, d);
    cli_row(stdout, "ratings", "%.0f (%.4g %% of the cells)", nnz, 100 * nnz / n / d);
    cli_print_values(stdout, &x->values, s, SHOWN_VALUES);
    counts_row("ratings per user", s->user_counts, nnz / n, s->empty_users);
    counts_row("ratings per item", s->item_counts, nnz / d, s->empty_items);
    if (a->fit.n_components > 0)
        cli_row(stdout, "memory of a fit", "%s, K = %" PRId32,
                mixfill_model_kind_name(a->fit.model), a->fit.n_components);
    else
        cli_row(stdout, "memory of a fit", "%s", mixfill_model_kind_name(a->fit.model));
    cli_print_memory(&x->memory, x->read_peak);
}

/* The memory of a fit is that of a fit with these ratings, -k and --threads, on top of what reading
 * took, which this process has just done and can ask the system for. */
static int info_ratings(const info_arguments *a) {
    mixfill_error err = {0};
    description x = {0};
    int status = cli_load(&x.ratings, a->path, &a->in.read);
    x.read_peak = cli_peak_bytes(); /* before anything else can raise it */
    if (status == 0 && (mixfill_ratings_summarize(x.ratings, &x.summary, &err) != MIXFILL_OK ||
                        mixfill_ratings_count_values(x.ratings, &x.values, &err) != MIXFILL_OK ||
                        mixfill_fit_memory(&x.memory, x.ratings, &a->fit, &err) != MIXFILL_OK))
        status = cli_fail(&err);
    if (status == 0 && a->in.common.json)
        status = cli_print_json(ratings_json(a, &x));
    else if (status == 0)
        print_ratings(a, &x);
    mixfill_ratings_free(x.ratings);
    return status;
}

/* stdout: the table or one object, whose kind is "ratings" or "model". What is no model is read as
 * ratings, so that a file that is neither is told what ratings look like. */
int cli_info(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"components", 'k', "K", 0,
         "tell the memory of a fit of a mixture of K components (default: of the default model)",
         CLI_HELP_OUTPUT},
        {0},
    };
    static const struct argp argp = {.options = options,
                                     .parser = parse_option,
                                     .args_doc = "FILE",
                                     .doc = "Describe a ratings file or a model.",
                                     .children = cli_input_children};
    info_arguments a = {0};
    cli_input_init(&a.in);
    mixfill_options_init(&a.fit);
    cli_parse(&argp, argc, argv, &a);
    return mixfill_model_probe(a.path) ? info_model(&a) : info_ratings(&a);
}
