/* mixfill complete, predict, evaluate: what is done with a model. */
#include "cli/cli.h"

#include <inttypes.h>
#include <string.h>

/* What the three commands take; each refuses what is not its own by not listing the option. */
typedef struct use_arguments {
    const char *model, *data; /* the two arguments */
    const char *output, *truth, *seen, *ratings;
    mixfill_read_options read;
    cli_common common;
    const char *data_name; /* of the second argument, for messages */
} use_arguments;

enum { KEY_TRUTH = 512, KEY_SEEN, KEY_RATINGS };

static error_t parse_argument(char *arg, const struct argp_state *state, use_arguments *a) {
    if (a->model == NULL)
        a->model = arg;
    else if (a->data == NULL)
        a->data = arg;
    else
        argp_error(state, "unexpected argument '%s', expected MODEL and %s", arg, a->data_name);
    return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    use_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->read;
        state->child_inputs[1] = &a->common;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_TRUTH:
        a->truth = arg;
        return 0;
    case KEY_SEEN:
        a->seen = arg;
        return 0;
    case KEY_RATINGS:
        a->ratings = arg;
        return 0;
    case ARGP_KEY_ARG:
        return parse_argument(arg, state, a);
    case ARGP_KEY_END:
        a->read.threads = a->common.threads;
        if (a->data == NULL)
            argp_error(state, "no %s given, expected MODEL and %s",
                       a->model == NULL ? "MODEL" : a->data_name, a->data_name);
        cli_check_stdout(state, "-o", a->output, a->common.json);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&cli_data_argp, 0, "Reading:", 10}, {&cli_common_argp, 0, NULL, 0}, {0}};

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* ---- complete ---- */

static int print_completion(const use_arguments *a, const mixfill_completion *c) {
    if (a->common.json)
        return cli_print_json(
            json_pack("{s:s?, s:I, s:I, s:o, s:o, s:I, s:I}", "path", a->output, "n_filled",
                      (json_int_t)c->n_filled, "unknown_items", (json_int_t)c->unknown_items,
                      "rmse_all", cli_real(c->rmse_all), "rmse_missing", cli_real(c->rmse_missing),
                      "n_all", (json_int_t)c->n_all, "n_missing", (json_int_t)c->n_missing));
    FILE *out = a->output != NULL && strcmp(a->output, "-") == 0 ? stderr : stdout;
    cli_row(out, "filled cells", "%" PRId64, c->n_filled);
    if (a->truth != NULL) {
        cli_row(out, "RMSE, all cells", "%.12f over %" PRId64, c->rmse_all, c->n_all);
        cli_row(out, "RMSE, missing cells", "%.12f over %" PRId64, c->rmse_missing, c->n_missing);
    }
    if (a->output != NULL)
        cli_row(out, "saved to", "%s", a->output);
    return 0;
}

/* In a dense truth no cell is missing but nan: 0 counts. */
static int load_truth(mixfill_ratings **out, const use_arguments *a) {
    mixfill_read_options read = a->read;
    read.nan_is_missing = true;
    return a->truth != NULL ? cli_load(out, a->truth, &read) : 0;
}

static int fill(mixfill_completion *out, const use_arguments *a, const mixfill_model *model,
                const mixfill_ratings *data, const mixfill_ratings *truth) {
    mixfill_error err;
    cli_counting counting;
    cli_counting_init(&counting, "filling");
    mixfill_status st =
        mixfill_complete(model, out, data, truth, a->output,
                         &(mixfill_run){a->common.threads, cli_users_show, &counting}, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

static int run_complete(const use_arguments *a) {
    mixfill_model *model = NULL;
    mixfill_ratings *data = NULL, *truth = NULL;
    mixfill_completion report;
    const char *const inputs[] = {a->model, a->data, a->truth, NULL};
    int status = cli_check_output(a->output, inputs);
    if (status == 0)
        status = cli_load_model(&model, a->model);
    if (status == 0)
        status = cli_load(&data, a->data, &a->read);
    if (status == 0)
        status = load_truth(&truth, a);
    if (status == 0)
        status = fill(&report, a, model, data, truth);
    if (status == 0 && report.unknown_items > 0)
        cli_note("%s: %" PRId64
                 " items are unknown to the model; their missing cells get its global mean",
                 a->data, report.unknown_items);
    if (status == 0)
        status = print_completion(a, &report);
    mixfill_ratings_free(truth);
    mixfill_ratings_free(data);
    mixfill_model_free(model);
    return status;
}

int cli_complete(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"output", 'o', "OUT", 0, "dense text, or .npy by its name; - is standard output", 1},
        {"truth", KEY_TRUTH, "FILE", 0,
         "report RMSE against the complete matrix; -o may then be left out", 1},
        {0},
    };
    static const struct argp argp = {.options = options,
                                     .parser = parse_option,
                                     .args_doc = "MODEL DATA -o OUT",
                                     .doc = "Fill the missing cells of a ratings matrix; observed "
                                            "cells keep their value.",
                                     .children = children};
    use_arguments a = {.data_name = "DATA"};
    mixfill_read_options_init(&a.read);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.output == NULL && a.truth == NULL) {
        fputs("mixfill complete: no -o OUT given, expected it or --truth\n", stderr);
        return EXIT_USAGE;
    }
    if (a.output != NULL && (ends_with(a.output, ".csv") || ends_with(a.output, ".npz"))) {
        fprintf(stderr,
                "mixfill complete: -o '%s': a filled matrix is dense, expected .txt or .npy\n",
                a.output);
        return EXIT_USAGE;
    }
    return run_complete(&a);
}

/* ---- evaluate ---- */

/* NULL where no ranking was asked for. */
static json_t *ranking_json(const mixfill_ranking *r) {
    if (r == NULL)
        return NULL;
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "n_users", (json_int_t)r->n_users, "ndcg_10",
                     cli_real(r->ndcg), "precision_10", cli_real(r->precision), "recall_10",
                     cli_real(r->recall), "hit_rate_10", cli_real(r->hit_rate));
}

static json_t *evaluation_json(const use_arguments *a, const mixfill_evaluation *e,
                               const mixfill_ranking *r) {
    return json_pack(
        "{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:{s:o, s:o}, s:{s:o, s:o, s:o, s:o}, "
        "s:o*}",
        "model", a->model, "path", a->data, "n", (json_int_t)e->n, "rmse", cli_real(e->rmse), "mae",
        cli_real(e->mae), "log_likelihood_per_rating", cli_real(e->log_likelihood_per_rating),
        "rmse_known", cli_real(e->rmse_known), "n_known", (json_int_t)e->n_known, "n_unknown_user",
        (json_int_t)e->n_unknown_user, "n_unknown_item", (json_int_t)e->n_unknown_item, "coverage",
        "50", cli_real(e->coverage50), "90", cli_real(e->coverage90), "baselines", "global_mean",
        cli_real(e->rmse_global_mean), "user_mean", cli_real(e->rmse_user_mean), "item_mean",
        cli_real(e->rmse_item_mean), "bias", cli_real(e->rmse_bias), "ranking", ranking_json(r));
}

static void print_evaluation(const mixfill_evaluation *e) {
    cli_row(stdout, "test ratings", "%" PRId64, e->n);
    cli_row(stdout, "  of unknown users", "%" PRId64, e->n_unknown_user);
    cli_row(stdout, "  of unknown items", "%" PRId64, e->n_unknown_item);
    cli_row(stdout, "log-likelihood/rating", "%.4f", e->log_likelihood_per_rating);
    cli_row(stdout, "50 % interval covers", "%.1f %%", 100 * e->coverage50);
    cli_row(stdout, "90 % interval covers", "%.1f %%", 100 * e->coverage90);
    cli_row(stdout, "MAE of the model", "%.4f", e->mae);
    cli_row(stdout, "RMSE of the model", "%.4f", e->rmse);
    if (e->n_known < e->n && e->n_known > 0)
        cli_row(stdout, "  known pairs only", "%.4f over %" PRId64, e->rmse_known, e->n_known);
    cli_row(stdout, "RMSE of baselines", "%s", "");
    cli_row(stdout, "  global mean", "%.4f", e->rmse_global_mean);
    cli_row(stdout, "  user mean", "%.4f", e->rmse_user_mean);
    cli_row(stdout, "  item mean", "%.4f", e->rmse_item_mean);
    cli_row(stdout, "  user + item bias", "%.4f", e->rmse_bias);
}

static void print_ranking(const mixfill_ranking *r) {
    cli_row(stdout, "ten best unseen items", "of %" PRId64 " users with a test rating of 4 or more",
            r->n_users);
    if (r->n_users == 0)
        return;
    cli_row(stdout, "  NDCG@10", "%.4f", r->ndcg);
    cli_row(stdout, "  precision@10", "%.4f", r->precision);
    cli_row(stdout, "  recall@10", "%.4f", r->recall);
    cli_row(stdout, "  hit rate", "%.4f", r->hit_rate);
}

/* Ranking against what `seen` leaves. */
static int rank(mixfill_ranking *out, const use_arguments *a, const mixfill_model *model,
                const mixfill_ratings *test) {
    mixfill_error err;
    mixfill_ratings *seen = NULL;
    cli_counting counting;
    int status = cli_load(&seen, a->seen, &a->read);
    cli_counting_init(&counting, "ranking");
    const mixfill_run run = {a->common.threads, cli_users_show, &counting};
    mixfill_status st = MIXFILL_OK;
    if (status == 0)
        st = mixfill_evaluate_ranking(model, out, test, seen, &run, &err);
    cli_counting_finish(&counting);
    if (st != MIXFILL_OK)
        status = cli_fail(&err);
    mixfill_ratings_free(seen);
    return status;
}

static int run_evaluate(const use_arguments *a) {
    mixfill_model *model = NULL;
    mixfill_ratings *test = NULL;
    mixfill_evaluation e;
    mixfill_ranking r;
    int status = cli_load_model(&model, a->model);
    if (status == 0)
        status = cli_load(&test, a->data, &a->read);
    if (status == 0)
        status = cli_evaluate_model(&e, model, test, a->common.threads);
    if (status == 0 && a->seen != NULL)
        status = rank(&r, a, model, test);
    if (status == 0 && a->common.json)
        status = cli_print_json(evaluation_json(a, &e, a->seen != NULL ? &r : NULL));
    else if (status == 0)
        print_evaluation(&e);
    if (status == 0 && !a->common.json && a->seen != NULL)
        print_ranking(&r);
    mixfill_ratings_free(test);
    mixfill_model_free(model);
    return status;
}

int cli_evaluate(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"seen", KEY_SEEN, "TRAIN", 0,
         "rank the items that a user has not rated in it, and score the ten best", 1},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL TEST",
        .doc = "Accuracy of a model on held-out ratings, beside the baselines of its training "
               "ratings. Every pair counts: an unknown user or item falls to its prior.",
        .children = children};
    use_arguments a = {.data_name = "TEST"};
    mixfill_read_options_init(&a.read);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return run_evaluate(&a);
}

/* ---- predict ---- */

/* mixfill_prediction_fn: append to a JSON array. */
static int append_prediction(const mixfill_prediction *p, void *data) {
    json_t *entry = json_pack("{s:s, s:s, s:o, s:o, s:b, s:b}", "user", p->user, "item", p->item,
                              "rating", cli_real(p->rating), "sd", cli_real(p->sd), "known_user",
                              p->known_user, "known_item", p->known_item);
    return json_array_append_new(data, entry);
}

/* Counts, and the predictions themselves unless they went to a file. */
static json_t *predictions_json(const use_arguments *a, const mixfill_prediction_report *r,
                                json_t *predictions) {
    return json_pack("{s:s, s:s?, s:I, s:I, s:I, s:o*}", "model", a->model, "path", a->output, "n",
                     (json_int_t)r->n, "n_unknown_user", (json_int_t)r->n_unknown_user,
                     "n_unknown_item", (json_int_t)r->n_unknown_item, "predictions", predictions);
}

/* Ids are shown as they are in JSON, so they must be text. */
static int predict_json(const use_arguments *a, const mixfill_model *model,
                        const mixfill_folded *folded, mixfill_prediction_report *report) {
    mixfill_error err;
    json_t *predictions = json_array();
    if (mixfill_predict_file(model, report, a->data, folded, &a->read, append_prediction,
                             predictions, &err) != MIXFILL_OK) {
        json_decref(predictions);
        if (err.status == MIXFILL_ERR_CANCELLED)
            snprintf(err.message, sizeof err.message,
                     "%s:%" PRId64 ": an id is not UTF-8, expected text for --json", a->data,
                     err.line);
        return cli_fail(&err);
    }
    return cli_print_json(predictions_json(a, report, predictions));
}

static int predict_csv(const use_arguments *a, const mixfill_model *model,
                       const mixfill_folded *folded, mixfill_prediction_report *report) {
    mixfill_error err;
    const char *output = a->output != NULL ? a->output : "-";
    cli_counting counting;
    mixfill_read_options read = a->read;
    cli_counting_init(&counting, "predicting");
    if (strcmp(output, "-") != 0) { /* whose lines may be on the same terminal */
        read.progress = cli_reading_show;
        read.progress_data = &counting;
    }
    mixfill_status st = mixfill_predict_csv(model, report, a->data, folded, &read, output, &err);
    cli_counting_finish(&counting);
    if (st != MIXFILL_OK)
        return cli_fail(&err);
    return a->common.json ? cli_print_json(predictions_json(a, report, NULL)) : 0;
}

static int run_predict(const use_arguments *a) {
    mixfill_model *model = NULL;
    mixfill_folded *folded = NULL;
    mixfill_prediction_report report;
    const char *const inputs[] = {a->model, a->data, a->ratings, NULL};
    int status = cli_check_output(a->output, inputs);
    if (status == 0)
        status = cli_load_model(&model, a->model);
    if (status == 0 && a->ratings != NULL)
        status = cli_fold(&folded, model, a->ratings, &a->read, a->common.threads);
    if (status == 0)
        status = a->common.json && a->output == NULL ? predict_json(a, model, folded, &report)
                                                     : predict_csv(a, model, folded, &report);
    if (status == 0) {
        cli_report_skipped(a->data, &report.read);
        cli_note("%s: %s, %" PRId64 " pairs, %" PRId64 " of unknown users, %" PRId64
                 " of unknown items",
                 a->data, mixfill_format_name(report.read.format), report.n, report.n_unknown_user,
                 report.n_unknown_item);
    }
    mixfill_folded_free(folded);
    mixfill_model_free(model);
    return status;
}

int cli_predict(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"output", 'o', "OUT.csv", 0, "where to write (default standard output)", 1},
        {"ratings", KEY_RATINGS, "NEW", 0,
         "predict its users from these ratings, which the model need not have seen", 1},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL PAIRS",
        .doc =
            "Predict the rating of every user,item pair of a file: csv with columns user, item, "
            "rating, sd, known_user, known_item. What is unknown falls to its prior and is marked. "
            "With --ratings users are folded in: what they rated there replaces what the model "
            "knows of them.",
        .children = children};
    use_arguments a = {.data_name = "PAIRS"};
    mixfill_read_options_init(&a.read);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return run_predict(&a);
}
