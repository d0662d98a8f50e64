/* mixfill cv: how accurate a model of these ratings is, and how sure that number is. A model is
 * fitted to all folds but one and scored on that one, for each; every fold's figures are shown,
 * then their mean and standard deviation. The folds are dealt at random by --seed, or given as
 * pairs of files, as published splits are (u1.base u1.test). A fold's model is gone before the next
 * is fitted, so that memory is that of one fit. */
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/known.h"
#include "cli/model_options.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/run.h"

#include <inttypes.h>
#include <math.h>

enum { MAX_FILES = 256, KEY_FOLDS = 512 };

/* What the command line gives: DATA and a number of folds, or pairs of files whose number is that
 * of the folds. */
typedef struct cv_arguments {
    const char *file[MAX_FILES]; /* DATA, or TRAIN TEST by turns */
    int32_t n_files, folds;
    bool with_folds; /* the option was given */
    cli_model_options model;
    mixfill_model_summary fitted; /* the last model */
} cv_arguments;

/* ---- command line ---- */

/* Folds are dealt from one file, or are as many as there are pairs. */
static void check_arguments(const struct argp_state *state, cv_arguments *a) {
    if (a->n_files == 0)
        argp_error(state, "no DATA given, expected a ratings file or - for standard input");
    if (a->n_files > 1 && a->n_files % 2 != 0)
        argp_error(state, "%d files, expected one DATA, or TRAIN TEST pairs", (int)a->n_files);
    if (a->n_files > 1 && a->with_folds)
        argp_error(state, "--folds with files of folds, expected one DATA to deal into folds");
    if (a->n_files > 1)
        a->folds = a->n_files / 2;
}

/* Both children write into one cli_model_options: -k is a child of its own because select, which
 * reads a list instead, must not have it. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    cv_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->child_inputs[1] = &a->model;
        return 0;
    case KEY_FOLDS:
        a->with_folds = true;
        a->folds = (int32_t)cli_integer(state, "--folds", arg, 2, 255);
        return 0;
    case ARGP_KEY_ARG:
        if (a->n_files == MAX_FILES)
            argp_error(state, "more than %d files", MAX_FILES);
        a->file[a->n_files++] = arg;
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- folds ---- */

/* Of fold i of a->folds: fit to train, score on test into fold[i], and free both, be it on
 * failure. */
static int score(mixfill_evaluation *fold, int32_t i, cv_arguments *a, mixfill_ratings *train,
                 mixfill_ratings *test) {
    char label[40];
    mixfill_model *model = NULL;
    snprintf(label, sizeof label, "fold %" PRId32 "/%" PRId32 "  ", i + 1, a->folds);
    int status = cli_fit_model(&model, NULL, train, &a->model, label);
    if (status == 0) {
        mixfill_model_summarize(model, &a->fitted);
        status = cli_evaluate_model(&fold[i], model, test, a->model.fit.threads);
    }
    mixfill_model_free(model);
    mixfill_ratings_free(train);
    mixfill_ratings_free(test);
    return status;
}

/* Fold i is the files 2 i and 2 i + 1. A pair is read when its turn comes. */
static int run_pairs(mixfill_evaluation *fold, cv_arguments *a) {
    int status = 0;
    for (int32_t i = 0; status == 0 && i < a->folds; i++) {
        mixfill_ratings *train = NULL, *test = NULL;
        status = cli_load(&train, a->file[2 * (size_t)i], &a->model.in.read);
        if (status == 0)
            status = cli_load_beside(&test, a->file[2 * (size_t)i + 1], &a->model.in.read);
        if (status == 0)
            status =
                cli_check_held_out(a->file[2 * (size_t)i + 1], test, a->file[2 * (size_t)i], train);
        if (status == 0)
            status = score(fold, i, a, train, test);
        else
            mixfill_ratings_free(train);
    }
    return status;
}

/* Every rating is in the test part of exactly one fold. The whole stays in memory beside both
 * parts. */
static int run_folds(mixfill_evaluation *fold, cv_arguments *a) {
    mixfill_error err;
    mixfill_ratings *data = NULL;
    int status = cli_load(&data, a->file[0], &a->model.in.read);
    for (int32_t i = 0; status == 0 && i < a->folds; i++) {
        mixfill_ratings *train, *test;
        mixfill_fold_of part = {a->folds, i, a->model.fit.seed};
        if (mixfill_ratings_fold(&train, &test, data, &part, &err) != MIXFILL_OK)
            status = cli_fail(&err);
        else
            status = score(fold, i, a, train, test);
    }
    mixfill_ratings_free(data);
    return status;
}

/* ---- output ---- */

/* The object of --json: the means of all figures under their keys, model, n_components, rank (of
 * factor), seed, sd: {figure: ...}, folds: [{figure: ..., n, n_unknown_user, n_unknown_item}]. */

/* A figure of a fold, by its place in the table. */
enum { RMSE, MAE, LOG_LIKELIHOOD, COVERAGE_50, COVERAGE_90, BIAS, N_FIGURES };
static const char *const keys[N_FIGURES] = {
    "rmse", "mae", "log_likelihood_per_rating", "coverage_50", "coverage_90", "rmse_bias"};

/* Out of the struct into an array, for mean and deviation to be taken alike. */
static void figures_of(double out[N_FIGURES], const mixfill_evaluation *e) {
    out[RMSE] = e->rmse;
    out[MAE] = e->mae;
    out[LOG_LIKELIHOOD] = e->log_likelihood_per_rating;
    out[COVERAGE_50] = e->coverage50;
    out[COVERAGE_90] = e->coverage90;
    out[BIAS] = e->rmse_bias;
}

/* Mean and standard deviation (n - 1) over the n folds, a fold counting as much as another whatever
 * its size; no deviation of one fold: NaN. */
static void summarize(double mean[N_FIGURES], double sd[N_FIGURES], const mixfill_evaluation *fold,
                      int32_t n) {
    double x[N_FIGURES];
    /* Two passes: the mean first, then squares of what differs from it, which cancel nothing. */
    for (int f = 0; f < N_FIGURES; f++)
        mean[f] = sd[f] = 0;
    for (int32_t i = 0; i < n; i++) {
        figures_of(x, &fold[i]);
        for (int f = 0; f < N_FIGURES; f++)
            mean[f] += x[f] / n;
    }
    for (int32_t i = 0; i < n; i++) {
        figures_of(x, &fold[i]);
        for (int f = 0; f < N_FIGURES; f++)
            sd[f] += (x[f] - mean[f]) * (x[f] - mean[f]);
    }
    for (int f = 0; f < N_FIGURES; f++)
        sd[f] = n > 1 ? sqrt(sd[f] / (n - 1)) : (double)NAN;
}

/* A new object with every figure under its key. */
static json_t *figures_json(const double x[N_FIGURES]) {
    json_t *object = json_object();
    for (int f = 0; f < N_FIGURES; f++)
        json_object_set_new(object, keys[f], cli_real(x[f]));
    return object;
}

/* The means at the top, under the keys that mixfill evaluate has too; then sd and folds. */
static int print_cv_json(const cv_arguments *a, const mixfill_evaluation *fold) {
    double x[N_FIGURES], mean[N_FIGURES], sd[N_FIGURES];
    json_t *folds = json_array();
    for (int32_t i = 0; i < a->folds; i++) {
        figures_of(x, &fold[i]);
        json_t *entry = figures_json(x);
        json_object_set_new(entry, "n", json_integer(fold[i].n));
        json_object_set_new(entry, "n_unknown_user", json_integer(fold[i].n_unknown_user));
        json_object_set_new(entry, "n_unknown_item", json_integer(fold[i].n_unknown_item));
        json_array_append_new(folds, entry);
    }
    summarize(mean, sd, fold, a->folds);
    json_t *root = figures_json(mean);
    json_object_set_new(root, "model", json_string(mixfill_model_kind_name(a->model.fit.model)));
    json_object_set_new(root, "n_components", json_integer(a->fitted.n_components));
    if (a->fitted.rank > 0)
        json_object_set_new(root, "rank", json_integer(a->fitted.rank));
    json_object_set_new(root, "seed", json_integer(a->model.fit.seed));
    json_object_set_new(root, "sd", figures_json(sd));
    json_object_set_new(root, "folds", folds);
    return cli_print_json(root);
}

/* A row of the table; n: ratings scored, 0 where the row is not of a fold. */
static void print_row(const char *name, int64_t n, const double x[N_FIGURES]) {
    char count[24] = "";
    if (n > 0)
        snprintf(count, sizeof count, "%" PRId64, n);
    printf("%-6s %10s %8.4f %8.4f %10.4f %7.1f %% %7.1f %% %10.4f\n", name, count, x[RMSE], x[MAE],
           x[LOG_LIKELIHOOD], 100 * x[COVERAGE_50], 100 * x[COVERAGE_90], x[BIAS]);
}

/* A row per fold, then the mean, which is what is looked for, and how far the folds differ. */
static void print_cv(const cv_arguments *a, const mixfill_evaluation *fold) {
    double x[N_FIGURES], mean[N_FIGURES], sd[N_FIGURES];
    printf("%s%-6s %10s %8s %8s %10s %9s %9s %10s%s\n", cli_styled(stdout, CLI_DIM), "fold",
           "ratings", "RMSE", "MAE", "log-lik.", "in 50 %", "in 90 %", "RMSE, bias",
           cli_styled(stdout, CLI_PLAIN));
    for (int32_t i = 0; i < a->folds; i++) {
        char name[16];
        snprintf(name, sizeof name, "%" PRId32, i + 1);
        figures_of(x, &fold[i]);
        print_row(name, fold[i].n, x);
    }
    summarize(mean, sd, fold, a->folds);
    fputs(cli_styled(stdout, CLI_BOLD), stdout);
    print_row("mean", 0, mean);
    fputs(cli_styled(stdout, CLI_PLAIN), stdout);
    if (a->folds > 1)
        print_row("sd", 0, sd);
}

/* stdout: the table or one object, once all folds are scored; a fold that cannot be read or fitted
 * ends the run with its status. */
int cli_cv(int argc, char **argv) {
    static const struct argp_child children[] = {
        {&cli_components_argp, 0, NULL, 0}, {&cli_model_argp, 0, NULL, 0}, {0}};
    static const struct argp_option options[] = {
        {"folds", KEY_FOLDS, "n", 0,
         "deal DATA into n random folds, each held out in turn (default 5)", CLI_HELP_HELD_OUT},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "DATA\nTRAIN TEST [TRAIN TEST ...]",
        .doc = "Cross-validate: fit to all folds but one, score on that one, for each; or the same "
               "with the given pairs of files, such as u1.base u1.test.",
        .children = children};
    static cv_arguments a;
    mixfill_evaluation fold[MAX_FILES];
    a = (cv_arguments){.folds = 5};
    cli_model_options_init(&a.model);
    cli_parse(&argp, argc, argv, &a);
    int status = a.n_files > 1 ? run_pairs(fold, &a) : run_folds(fold, &a);
    if (status == 0 && a.model.in.common.json)
        return print_cv_json(&a, fold);
    if (status == 0)
        print_cv(&a, fold);
    return status;
}
