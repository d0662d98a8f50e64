/* mixfill report: draw a model on one HTML page that needs nothing else, or tell what would be
 * drawn as JSON, or both. The page is made by report_html.c and the files it calls, the JSON by
 * report_json.c, from one and the same mixfill_report, so that they cannot disagree. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/known.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/report_html.h"
#include "cli/report_json.h"

#include <stdlib.h>
#include <string.h>

/* What the command line gives; output or in.common.json, at least, is set. */
typedef struct report_arguments {
    const char *model;
    const char *output;           /* NULL: JSON only */
    const char *ratings, *titles; /* NULL: none */
    cli_input in;
} report_arguments;

/* What a report is drawn from. */
typedef struct report_inputs {
    mixfill_model *model;
    mixfill_ratings *ratings; /* NULL */
    mixfill_titles *titles;   /* NULL */
} report_inputs;

enum { KEY_RATINGS = 512, KEY_TITLES };

/* ---- command line ---- */

/* A page, JSON or both must be asked for, and standard input and output each be used once. */
static void check_arguments(const struct argp_state *state, const report_arguments *a) {
    if (a->model == NULL)
        argp_error(state, "no MODEL given, expected a file that mixfill fit saved");
    if (a->output == NULL && !a->in.common.json)
        argp_error(state, "no -o REPORT.html given, expected it or --json");
    cli_check_stdout(state, "-o", a->output, a->in.common.json);
    if (cli_is_stdio(a->ratings) && cli_is_stdio(a->titles))
        argp_error(state, "--ratings - and --titles - both read standard input, expected one of "
                          "them");
}

/* The inputs beside the model are optional; each adds to the page. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    report_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->in;
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
        return cli_take_argument(state, &a->model, arg, "one MODEL");
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- the report ---- */

/* What a page calls a file: paths may tell more of a machine than a page that is passed on
 * should. */
static const char *file_name(const char *path) {
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    return cli_is_stdio(path) ? "standard input" : slash != NULL ? slash + 1 : path;
}

/* Through memory, so that nothing is written where it cannot be made, and an old page stays where a
 * new one fails. */
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

/* On failure the caller releases what there is. */
static int load_inputs(report_inputs *in, const report_arguments *a) {
    int status = cli_load_model(&in->model, a->model, a->ratings);
    if (status == 0 && a->ratings != NULL)
        status = cli_load_beside(&in->ratings, a->ratings, &a->in.read);
    if (status == 0 && a->ratings != NULL)
        status = cli_check_ratings(a->ratings, in->ratings, in->model, false);
    if (status == 0 && a->titles != NULL)
        status = cli_load_titles(&in->titles, a->titles, &a->in.read);
    if (status == 0 && a->titles != NULL)
        status = cli_check_titles(a->titles, in->titles, in->model);
    return status;
}

/* Scoring is what takes its time, where there are ratings. */
static int create_report(mixfill_report **out, const report_inputs *in, int32_t threads) {
    mixfill_error err;
    cli_counting counting;
    cli_counting_init(&counting, "scoring");
    mixfill_status st = mixfill_report_create(
        out, in->model, in->ratings, &(mixfill_run){threads, cli_ratings_show, &counting}, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* The page first: where it cannot be saved, nothing is said to be. */
static int write_report(const report_arguments *a, const report_page *page) {
    int status = a->output != NULL ? save_page(page, a->output) : 0;
    if (status == 0 && a->in.common.json)
        return cli_print_json(report_json(page, a->model, a->output, a->ratings));
    if (status == 0)
        cli_row(cli_table_stream(a->output), "saved to", "%s", a->output);
    return status;
}

/* Load, report, write; the page borrows from all three inputs until the end. */
static int run(const report_arguments *a) {
    report_inputs in = {0};
    mixfill_report *report = NULL;
    const char *const inputs[] = {a->model, a->ratings, a->titles};
    int status = cli_check_output(a->output, inputs, 3);
    if (status == 0)
        status = load_inputs(&in, a);
    if (status == 0)
        status = create_report(&report, &in, a->in.read.threads);
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

/* stdout: where the page was saved, or with --json the numbers, or with -o - the page. */
int cli_report(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"output", 'o', "REPORT.html", 0,
         "where to write the page; - is standard output; may be left out with --json",
         CLI_HELP_OUTPUT},
        {"ratings", KEY_RATINGS, "DATA", 0,
         "score the model on these ratings, which it should not have seen, and draw how accurate "
         "it is (default: it is not scored)",
         CLI_HELP_HELD_OUT},
        {"titles", KEY_TITLES, "FILE", 0,
         "show titles of items, from movies.csv, movies.dat or u.item (default their ids)",
         CLI_HELP_OUTPUT},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL -o REPORT.html",
        .doc = "Draw a model on one HTML page that needs nothing else: what it is, how it "
               "converged, what sets its components apart, and with --ratings how accurate and "
               "how well calibrated it is.",
        .children = cli_input_children};
    report_arguments a = {0};
    cli_input_init(&a.in);
    cli_parse(&argp, argc, argv, &a);
    return run(&a);
}
