/* mixfill complete: fill the missing cells of a ratings matrix. The output is the whole matrix,
 * users by rows and items by columns in the order of the data, observed cells as they were. With
 * --truth, a complete matrix, it is scored instead or besides: over all cells, and over those that
 * were missing. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/known.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What the command line gives; a path that was not given is NULL. */
typedef struct complete_arguments {
    const char *output, *truth; /* at least one of them is given */
    const char *sd;             /* with output only */
    int32_t digits;
    cli_use use;
} complete_arguments;

enum { KEY_TRUTH = 512, KEY_SD, KEY_DIGITS };

/* Whether text ends so. */
/* A filled matrix is dense: a format of triplets, by its name, would hold every cell as a line. */
static void check_dense(const struct argp_state *state, const char *option, const char *path) {
    if (path != NULL && (cli_ends_with(path, ".csv") || cli_ends_with(path, ".npz")))
        argp_error(state, "%s '%s': a filled matrix is dense, expected .txt or .npy", option, path);
}

/* The matrix of standard deviations stands beside the filled one. */
static void check_arguments(const struct argp_state *state, const complete_arguments *a) {
    cli_check_stdout(state, "-o", a->output, a->use.in.common.json);
    cli_check_stdout(state, "--sd", a->sd, a->use.in.common.json);
    if (a->output == NULL && a->truth == NULL)
        argp_error(state, "no -o OUT given, expected it or --truth");
    check_dense(state, "-o", a->output);
    check_dense(state, "--sd", a->sd);
    if (a->sd != NULL && a->output == NULL)
        argp_error(state, "--sd without -o, expected -o OUT for the matrix itself");
    if (a->sd != NULL &&
        ((cli_is_stdio(a->sd) && cli_is_stdio(a->output)) || cli_same_file(a->sd, a->output)))
        argp_error(state, "-o and --sd are both '%s', expected two outputs", a->sd);
}

/* MODEL and DATA are read by the child; here are only the two things that can come out. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    complete_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->use;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_TRUTH:
        a->truth = arg;
        return 0;
    case KEY_SD:
        a->sd = arg;
        return 0;
    case KEY_DIGITS:
        a->digits = cli_digits(state, "--digits", arg);
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* What was filled, and how far off it is where the truth is known. Twelve digits: published figures
 * are compared digit by digit. */
static int print_completion(const complete_arguments *a, const mixfill_completion *c) {
    if (a->use.in.common.json)
        return cli_print_json(
            json_pack("{s:o, s:o*, s:I, s:I, s:o, s:o, s:I, s:I}", "path", cli_text_json(a->output),
                      "sd_path", a->sd != NULL ? cli_text_json(a->sd) : NULL, "n_filled",
                      (json_int_t)c->n_filled, "unknown_items", (json_int_t)c->unknown_items,
                      "rmse_all", cli_real(c->rmse_all), "rmse_missing", cli_real(c->rmse_missing),
                      "n_all", (json_int_t)c->n_all, "n_missing", (json_int_t)c->n_missing));
    FILE *out = cli_table_stream(cli_is_stdio(a->sd) ? a->sd : a->output);
    cli_row(out, "filled cells", "%" PRId64, c->n_filled);
    if (a->truth != NULL) {
        cli_row(out, "RMSE, all cells", "%.12f over %" PRId64, c->rmse_all, c->n_all);
        cli_row(out, "RMSE, missing cells", "%.12f over %" PRId64, c->rmse_missing, c->n_missing);
    }
    if (a->output != NULL)
        cli_row(out, "saved to", "%s", a->output);
    if (a->sd != NULL)
        cli_row(out, "sd saved to", "%s", a->sd);
    return 0;
}

/* NULL where there is none. In a dense truth no cell is missing but nan: 0 counts. */
static int load_truth(mixfill_ratings **out, const complete_arguments *a) {
    mixfill_read_options read = a->use.in.read;
    read.missing = (double)NAN;
    return a->truth != NULL ? cli_load_beside(out, a->truth, &read) : 0;
}

/* Fill and, where there is an output, write: row by row, so that the matrix is never held. */
static int fill(mixfill_completion *out, const complete_arguments *a, const mixfill_model *model,
                const mixfill_ratings *data, const mixfill_ratings *truth) {
    mixfill_error err;
    cli_counting counting;
    cli_counting_init(&counting, "filling");
    mixfill_status st = mixfill_complete(
        model, out, data, truth,
        &(mixfill_filling){a->output, a->sd, a->digits != MIXFILL_DIGITS_FULL, a->digits},
        &(mixfill_run){a->use.in.common.threads, cli_users_show, &counting}, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* Everything loaded here is released here. Items unknown to the model are filled too, and said. */
static int run_complete(const complete_arguments *a) {
    mixfill_model *model = NULL;
    mixfill_ratings *data = NULL, *truth = NULL;
    mixfill_completion report;
    const char *const inputs[] = {a->use.model, a->use.data, a->truth};
    int status = cli_check_output(a->output, inputs, 3);
    if (status == 0)
        status = cli_check_output(a->sd, inputs, 3);
    if (status == 0)
        status = cli_load_model(&model, a->use.model, a->use.data);
    if (status == 0)
        status = cli_load_beside(&data, a->use.data, &a->use.in.read);
    if (status == 0)
        status = cli_check_ratings(a->use.data, data, model, true);
    if (status == 0)
        status = load_truth(&truth, a);
    if (status == 0)
        status = fill(&report, a, model, data, truth);
    if (status == 0 && report.unknown_items > 0)
        cli_note("%s: %" PRId64
                 " item%s unknown to the model: missing cells get what it predicts for such",
                 a->use.data, report.unknown_items, cli_s(report.unknown_items));
    if (status == 0)
        status = print_completion(a, &report);
    mixfill_ratings_free(truth);
    mixfill_ratings_free(data);
    mixfill_model_free(model);
    return status;
}

/* stdout: counts and errors, or with -o - the matrix, whose rows are written as they are filled. */
int cli_complete(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"output", 'o', "OUT", 0,
         "where to write the filled matrix: numpy's .npy, or dense text by the name .txt; - is "
         "standard output",
         CLI_HELP_OUTPUT},
        {"sd", KEY_SD, "OUT", 0,
         "where to write the standard deviation of every filled cell, 0 for an observed one; the "
         "name says the format as that of -o (default: nowhere)",
         CLI_HELP_OUTPUT},
        {"digits", KEY_DIGITS, "N", 0,
         "digits of text behind the point, also of observed cells, or full, which brings back "
         "every bit (default full)",
         CLI_HELP_OUTPUT},
        {"truth", KEY_TRUTH, "FILE", 0,
         "tell the RMSE against the complete matrix of FILE; -o may then be left out",
         CLI_HELP_HELD_OUT},
        {0},
    };
    static const struct argp argp = {.options = options,
                                     .parser = parse_option,
                                     .args_doc = "MODEL DATA -o OUT",
                                     .doc = "Fill the missing cells of a ratings matrix; observed "
                                            "cells keep their value.",
                                     .children = cli_use_children};
    complete_arguments a = {.digits = MIXFILL_DIGITS_FULL};
    cli_use_init(&a.use, "DATA");
    cli_parse(&argp, argc, argv, &a);
    return run_complete(&a);
}
