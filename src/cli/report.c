/* mixfill report */
#include "cli/report.h"
#include "cli/cli.h"
#include "cli/html.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct report_arguments {
    const char *model, *ratings, *titles, *output;
    mixfill_read_options read;
    cli_common common;
} report_arguments;

/* What a report is drawn from. */
typedef struct report_inputs {
    mixfill_model *model;
    mixfill_ratings *ratings; /* NULL */
    mixfill_titles *titles;   /* NULL */
} report_inputs;

enum { KEY_RATINGS = 512, KEY_TITLES };

static bool is_stdio(const char *path) {
    return path != NULL && strcmp(path, "-") == 0;
}

static void check_arguments(const struct argp_state *state, const report_arguments *a) {
    if (a->model == NULL)
        argp_error(state, "no MODEL given, expected a file that mixfill fit saved");
    if (a->output == NULL && !a->common.json)
        argp_error(state, "no -o REPORT.html given, expected it or --json");
    cli_check_stdout(state, "-o", a->output, a->common.json);
    if (is_stdio(a->ratings) && is_stdio(a->titles))
        argp_error(state, "--ratings - and --titles - both read standard input, expected one of "
                          "them");
}

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    report_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->read;
        state->child_inputs[1] = &a->common;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_RATINGS:
        a->ratings = arg;
        return 0;
    case KEY_TITLES:
        a->titles = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (a->model != NULL)
            argp_error(state, "unexpected argument '%s', expected one MODEL", arg);
        a->model = arg;
        return 0;
    case ARGP_KEY_END:
        a->read.threads = a->common.threads;
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- JSON ---- */

/* A string of any bytes; NULL when out of memory. */
static json_t *text_json(const char *text) {
    char *clean = NULL;
    size_t len;
    FILE *stream = open_memstream(&clean, &len);
    if (stream == NULL)
        return NULL;
    html_clean(stream, text);
    json_t *string = fclose(stream) == 0 ? json_stringn(clean, len) : NULL;
    free(clean);
    return string;
}

static json_t *items_json(const report_page *page, const mixfill_report_item *items, int32_t n) {
    json_t *list = json_array();
    for (int32_t i = 0; i < n; i++) {
        const char *title =
            page->titles != NULL ? mixfill_titles_find(page->titles, items[i].id) : NULL;
        json_array_append_new(
            list, json_pack("{s:o, s:o*, s:o, s:o, s:i}", "item", text_json(items[i].id), "title",
                            title != NULL ? text_json(title) : NULL, "departure",
                            cli_real(items[i].departure), "support", cli_real(items[i].support),
                            "n_ratings", items[i].count));
    }
    return list;
}

static json_t *components_json(const report_page *page) {
    const mixfill_report *r = page->report;
    if (r->n_components == 0)
        return json_null();
    json_t *list = json_array();
    for (int32_t k = 0; k < r->n_components; k++) {
        const mixfill_report_component *c = &r->components[k];
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o, s:o, s:o}", "weight", cli_real(c->weight),
                                        "var", cli_real(c->var), "n_users",
                                        r->model.has_users ? json_integer(c->n_users) : json_null(),
                                        "up", items_json(page, c->up, c->n_up), "down",
                                        items_json(page, c->down, c->n_down)));
    }
    return list;
}

static json_t *axes_json(const report_page *page) {
    const mixfill_report *r = page->report;
    if (r->n_axes == 0)
        return json_null();
    json_t *list = json_array();
    for (int32_t k = 0; k < r->n_axes; k++) {
        const mixfill_report_axis *a = &r->axes[k];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "sd", cli_real(a->sd), "up",
                                              items_json(page, a->up, a->n_up), "down",
                                              items_json(page, a->down, a->n_down)));
    }
    return list;
}

static json_t *responsibilities_json(const mixfill_report *r) {
    if (r->n_components == 0 || !r->model.has_users)
        return json_null();
    json_t *bins = json_array();
    for (int i = 0; i < MIXFILL_REPORT_SHARES; i++)
        json_array_append_new(bins, json_pack("{s:o, s:o, s:I}", "above",
                                              cli_real((double)i / MIXFILL_REPORT_SHARES), "to",
                                              cli_real((i + 1.0) / MIXFILL_REPORT_SHARES),
                                              "n_users", (json_int_t)r->largest[i]));
    return json_pack("{s:I, s:o, s:o}", "n_users", (json_int_t)r->n_rated_users, "mean_largest",
                     cli_real(r->mean_largest), "largest", bins);
}

/* Bins without ratings are left out. */
static json_t *counts_json(const mixfill_report_count_bin *bins) {
    json_t *list = json_array();
    for (int i = 0; i < MIXFILL_REPORT_COUNTS; i++)
        if (bins[i].n > 0)
            json_array_append_new(
                list, json_pack("{s:i, s:o, s:I, s:o, s:o}", "least", bins[i].least, "most",
                                bins[i].most < INT32_MAX ? json_integer(bins[i].most) : json_null(),
                                "n", (json_int_t)bins[i].n, "rmse", cli_real(bins[i].rmse),
                                "rmse_bias", cli_real(bins[i].rmse_bias)));
    return list;
}

static json_t *calibration_json(const mixfill_report_accuracy *a) {
    json_t *coverage = json_array(), *ratings = json_array();
    for (int i = 0; i < MIXFILL_REPORT_LEVELS; i++)
        json_array_append_new(coverage, json_pack("{s:o, s:o}", "nominal", cli_real(a->nominal[i]),
                                                  "observed", cli_real(a->coverage[i])));
    for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++) {
        const mixfill_report_rating_bin *bin = &a->by_rating[i];
        if (bin->n > 0)
            json_array_append_new(
                ratings, json_pack("{s:o, s:o, s:I, s:o, s:o}", "low", cli_real(bin->low), "high",
                                   cli_real(bin->high), "n", (json_int_t)bin->n, "predicted",
                                   cli_real(bin->predicted), "observed", cli_real(bin->observed)));
    }
    return json_pack("{s:o, s:o}", "coverage", coverage, "by_rating", ratings);
}

static json_t *accuracy_json(const report_arguments *a, const mixfill_report *r) {
    if (!r->has_accuracy)
        return json_null();
    const mixfill_evaluation *e = &r->accuracy.all;
    return json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:o, s:o, s:o}",
        "path", text_json(a->ratings), "n", (json_int_t)e->n, "n_known", (json_int_t)e->n_known,
        "n_unknown_user", (json_int_t)e->n_unknown_user, "n_unknown_item",
        (json_int_t)e->n_unknown_item, "rmse", cli_real(e->rmse), "mae", cli_real(e->mae),
        "rmse_known", cli_real(e->rmse_known), "log_likelihood_per_rating",
        cli_real(e->log_likelihood_per_rating), "baselines", "global_mean",
        cli_real(e->rmse_global_mean), "user_mean", cli_real(e->rmse_user_mean), "item_mean",
        cli_real(e->rmse_item_mean), "bias", cli_real(e->rmse_bias), "by_user_count",
        counts_json(r->accuracy.by_user), "by_item_count", counts_json(r->accuracy.by_item),
        "calibration", calibration_json(&r->accuracy));
}

static json_t *history_json(const mixfill_report *r) {
    json_t *history = json_array();
    for (int32_t i = 0; i < r->model.iterations; i++)
        json_array_append_new(history, json_pack("{s:i, s:o}", "iteration", i + 1, "log_likelihood",
                                                 cli_real(r->log_likelihood[i])));
    return history;
}

/* What belongs to the other kinds of model is left out. */
static json_t *settings_json(const mixfill_options *o) {
    bool map = o->model == MIXFILL_MODEL_MAP, classic = o->model == MIXFILL_MODEL_CLASSIC;
    bool factor = o->model == MIXFILL_MODEL_FACTOR;
    return json_pack("{s:i, s:o*, s:i, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "n_init",
                     o->n_init, "tol", factor ? NULL : cli_real(o->tol), "max_iter", o->max_iter,
                     "min_var", factor ? NULL : cli_real(o->min_var), "min_support",
                     classic ? cli_real(o->min_support) : NULL, "prior_strength",
                     map ? cli_real(o->prior_strength) : NULL, "average",
                     factor ? NULL : json_boolean(o->average), "rank",
                     factor ? json_integer(o->rank) : NULL, "implicit",
                     factor ? json_boolean(o->implicit) : NULL, "implicit_strength",
                     factor ? cli_real(o->implicit_strength) : NULL);
}

static json_t *report_json(const report_arguments *a, const report_page *page) {
    const mixfill_report *r = page->report;
    const mixfill_model_summary *m = &r->model;
    return json_pack(
        "{s:o, s:o, s:s, s:s?, s:i, s:i, s:I, s:i, s:i, s:b, s:I, s:[o, o], s:o, s:o, s:o, s:i, "
        "s:o, s:o, s:o, s:o, s:o, s:o}",
        "path", text_json(a->model), "output",
        a->output != NULL ? text_json(a->output) : json_null(), "model",
        mixfill_model_kind_name(m->kind), "compat", m->compat, "n_users", m->n_users, "n_items",
        m->n_items, "n_ratings", (json_int_t)m->n_ratings, "n_components", m->n_components,
        "n_mixtures", m->n_mixtures, "has_users", m->has_users, "seed", (json_int_t)m->seed,
        "rating_range", cli_real(m->rating_min), cli_real(m->rating_max), "global_mean",
        cli_real(m->global_mean), "global_sd", cli_real(m->global_sd), "settings",
        settings_json(&r->options), "iterations", m->iterations, "log_likelihood",
        cli_real(m->log_likelihood), "history", history_json(r), "components",
        components_json(page), "axes", axes_json(page), "responsibilities",
        responsibilities_json(r), "ratings", accuracy_json(a, r));
}

/* ---- the page ---- */

static const char *file_name(const char *path) {
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    return is_stdio(path) ? "standard input" : slash != NULL ? slash + 1 : path;
}

/* Through memory, so that nothing is written where it cannot be made. */
static int save_page(const report_page *page, const char *path) {
    mixfill_error err;
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    bool ok = stream != NULL;
    if (ok) {
        report_write_html(stream, page);
        ok = !ferror(stream);
        ok = fclose(stream) == 0 && ok;
    }
    int status = 0;
    if (!ok) {
        cli_error("out of memory for a page");
        status = EXIT_DATA;
    } else if (mixfill_output_write(path, text, len, &err) != MIXFILL_OK) {
        status = cli_fail(&err);
    }
    free(text);
    return status;
}

/* ---- the command ---- */

static int load_inputs(report_inputs *in, const report_arguments *a) {
    mixfill_error err;
    int status = 0;
    if (mixfill_model_load(&in->model, a->model, &err) != MIXFILL_OK)
        return cli_fail(&err);
    if (a->ratings != NULL)
        status = cli_load(&in->ratings, a->ratings, &a->read);
    if (status == 0 && a->titles != NULL &&
        mixfill_titles_load(&in->titles, a->titles, a->read.int_ids, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    return status;
}

static int create_report(mixfill_report **out, const report_inputs *in, int32_t threads) {
    mixfill_error err;
    cli_counting counting;
    cli_counting_init(&counting, "scoring");
    mixfill_status st = mixfill_report_create(
        out, in->model, in->ratings, &(mixfill_run){threads, cli_ratings_show, &counting}, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

static int write_report(const report_arguments *a, const report_page *page) {
    int status = a->output != NULL ? save_page(page, a->output) : 0;
    if (status == 0 && a->common.json)
        return cli_print_json(report_json(a, page));
    if (status == 0)
        cli_row(is_stdio(a->output) ? stderr : stdout, "saved to", "%s", a->output);
    return status;
}

static int run(const report_arguments *a) {
    report_inputs in = {0};
    mixfill_report *report = NULL;
    const char *inputs[4] = {a->model};
    int n = 1;
    if (a->ratings != NULL)
        inputs[n++] = a->ratings;
    if (a->titles != NULL)
        inputs[n] = a->titles;
    int status = cli_check_output(a->output, inputs);
    if (status == 0)
        status = load_inputs(&in, a);
    if (status == 0)
        status = create_report(&report, &in, a->read.threads);
    const report_page page = {.report = report,
                              .titles = in.titles,
                              .model = file_name(a->model),
                              .ratings = file_name(a->ratings)};
    if (status == 0)
        status = write_report(a, &page);
    mixfill_report_free(report);
    mixfill_titles_free(in.titles);
    mixfill_ratings_free(in.ratings);
    mixfill_model_free(in.model);
    return status;
}

int cli_report(int argc, char **argv) {
    static const struct argp_child children[] = {
        {&cli_data_argp, 0, "Reading:", 10}, {&cli_common_argp, 0, NULL, 0}, {0}};
    static const struct argp_option options[] = {
        {"output", 'o', "REPORT.html", 0,
         "where to write the page; - is standard output; may be left out with --json", 1},
        {"ratings", KEY_RATINGS, "DATA", 0, "ratings to score the model on, best held-out ones", 1},
        {"titles", KEY_TITLES, "FILE", 0, "titles of items: movies.csv, movies.dat, u.item", 1},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL -o REPORT.html",
        .doc = "Draw a model on one HTML page that needs nothing else: what it is, how it "
               "converged, what sets its components apart, and with --ratings how accurate and "
               "how well calibrated it is.",
        .children = children};
    report_arguments a = {0};
    mixfill_read_options_init(&a.read);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return run(&a);
}
