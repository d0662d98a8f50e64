/* mixfill predict: the rating of every user,item pair of a file, or of one pair, with its standard
 * deviation and whether both were known. Pairs are read, predicted and written one after the other,
 * so that their number does not matter. Users may be folded in from --ratings; what they rated
 * there stands for what the model knows of them. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/html.h"
#include "cli/json_stream.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <string.h>

/* What the command line gives. */
typedef struct predict_arguments {
    const char *output;  /* NULL: standard output */
    const char *ratings; /* NULL: nobody is folded in */
    char *user, *item;   /* the one pair; NULL: those of use.data */
    int32_t digits;
    bool lines; /* an object a line */
    cli_use use;
} predict_arguments;

/* What predictions are made from. */
typedef struct predict_inputs {
    mixfill_model *model;
    mixfill_folded *folded; /* NULL where nobody is folded in */
} predict_inputs;

enum { KEY_RATINGS = 512, KEY_USER, KEY_ITEM, KEY_DIGITS, KEY_LINES };

/* A usage error where an id could not stand in a file of pairs; with --ids int it is left without
 * leading zeros, as there. */
static void check_id(const struct argp_state *state, const char *option, char **id, bool int_ids) {
    const int most = 255;
    size_t len = strlen(*id);
    if (int_ids && (len == 0 || strspn(*id, "0123456789") < len))
        argp_error(state, "%s '%s': expected a whole number (--ids int)", option, *id);
    if (len < 1 || len > (size_t)most)
        argp_error(state, "%s '%s': expected an id of 1 to %d bytes", option, *id, most);
    while (int_ids && **id == '0' && (*id)[1] != '\0')
        ++*id;
}

/* Either a file of pairs or one pair, whose two ids belong together. */
static void check_arguments(const struct argp_state *state, predict_arguments *a) {
    bool int_ids = a->use.in.read.int_ids;
    if ((a->user != NULL) != (a->item != NULL))
        argp_error(state, "%s without %s, expected both", a->user != NULL ? "--user" : "--item",
                   a->user != NULL ? "--item" : "--user");
    if (a->user == NULL && a->use.data == NULL)
        argp_error(state, "no PAIRS given, expected MODEL and PAIRS, or --user and --item");
    if (a->user != NULL && a->use.data != NULL)
        argp_error(state, "both PAIRS and --user with --item given, expected one of them");
    if (a->user != NULL && a->output != NULL)
        argp_error(state, "-o with --user and --item: one pair goes to standard output");
    if (a->user != NULL) {
        check_id(state, "--user", &a->user, int_ids);
        check_id(state, "--item", &a->item, int_ids);
    }
    cli_check_stdout(state, "-o", a->output, a->use.in.common.json);
    cli_check_lines(state, a->lines, a->output, a->use.in.common.json);
}

/* -o is optional here, since what is predicted is what the command prints. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    predict_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->use;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_RATINGS:
        a->ratings = arg;
        return 0;
    case KEY_USER:
        a->user = arg;
        return 0;
    case KEY_ITEM:
        a->item = arg;
        return 0;
    case KEY_DIGITS:
        a->digits = cli_digits(state, "--digits", arg);
        return 0;
    case KEY_LINES:
        a->lines = true;
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- what is predicted ---- */

/* Hand one pair, or those of a file, to fn. A pair of the command line makes a report as a file
 * would. */
static mixfill_status predict(const predict_arguments *a, const predict_inputs *in,
                              mixfill_prediction_report *report, mixfill_prediction_fn fn,
                              void *data, mixfill_error *err) {
    mixfill_prediction p;
    if (a->user == NULL)
        return mixfill_predict_file(in->model, report, a->use.data, in->folded, &a->use.in.read, fn,
                                    data, err);
    if (in->folded != NULL)
        mixfill_folded_predict(in->folded, &p, a->user, a->item);
    else
        mixfill_predict(in->model, &p, a->user, a->item);
    *report = (mixfill_prediction_report){
        .n = 1, .n_unknown_user = !p.known_user, .n_unknown_item = !p.known_item};
    *err = (mixfill_error){.status = MIXFILL_ERR_CANCELLED};
    return fn(&p, data) == 0 ? MIXFILL_OK : MIXFILL_ERR_CANCELLED;
}

/* ---- output ---- */

/* The object of --json: model, path, predictions: [{user, item, rating, sd, known_user,
 * known_item}], n, n_unknown_user, n_unknown_item. Where -o took the predictions, it is in the file
 * if that is named so, and what is printed has no key predictions. */

static json_t *head_json(const predict_arguments *a) {
    return json_pack("{s:o, s:o}", "model", cli_text_json(a->use.model), "path",
                     cli_text_json(a->output));
}

static json_t *tail_json(const mixfill_prediction_report *r) {
    return json_pack("{s:I, s:I, s:I}", "n", (json_int_t)r->n, "n_unknown_user",
                     (json_int_t)r->n_unknown_user, "n_unknown_item",
                     (json_int_t)r->n_unknown_item);
}

/* mixfill_prediction_fn: an entry of the stream. Not 0, and so an end of the predicting, where it
 * cannot be written. */
static int write_entry(const mixfill_prediction *p, void *data) {
    cli_json_stream *s = data;
    cli_json_stream_begin(s);
    fputs("{\"user\": ", s->out);
    cli_json_stream_text(s, p->user);
    fputs(", \"item\": ", s->out);
    cli_json_stream_text(s, p->item);
    fputs(", \"rating\": ", s->out);
    cli_json_stream_number(s, p->rating, p->sd);
    fputs(", \"sd\": ", s->out);
    cli_json_stream_number(s, p->sd, p->sd);
    fprintf(s->out, ", \"known_user\": %s, \"known_item\": %s}", p->known_user ? "true" : "false",
            p->known_item ? "true" : "false");
    return cli_json_stream_end(s);
}

/* Predict into one JSON object, or an object a line. */
static int predict_json(const predict_arguments *a, const predict_inputs *in,
                        mixfill_prediction_report *report, bool lines) {
    mixfill_error err;
    cli_json_stream stream;
    mixfill_status st = cli_json_stream_open(&stream, a->output != NULL ? a->output : "-", lines,
                                             a->digits, head_json(a), "predictions", &err);
    if (st != MIXFILL_OK)
        return cli_fail(&err);
    st = predict(a, in, report, write_entry, &stream, &err);
    st = cli_json_stream_close(&stream, st, st == MIXFILL_OK ? tail_json(report) : NULL, &err);
    if (st == MIXFILL_OK)
        return 0;
    return a->user == NULL ? cli_fail_input(a->use.data, "pairs", &err) : cli_fail(&err);
}

/* Predict into a file or stdout, as csv. */
static int predict_csv(const predict_arguments *a, const predict_inputs *in,
                       mixfill_prediction_report *report) {
    mixfill_error err;
    const char *output = a->output != NULL ? a->output : "-";
    cli_counting counting;
    mixfill_read_options read = a->use.in.read;
    cli_counting_init(&counting, "predicting");
    if (!cli_is_stdio(output)) { /* whose lines may be on the same terminal */
        read.progress = cli_reading_show;
        read.progress_data = &counting;
    }
    mixfill_status st = mixfill_predict_csv(in->model, report, a->use.data, in->folded, &read,
                                            a->digits, output, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail_input(a->use.data, "pairs", &err);
}

/* mixfill_prediction_fn whose data is the digits: one pair as a table. */
static int print_pair(const mixfill_prediction *p, void *data) {
    const int32_t *digits = data;
    char rating[MIXFILL_RATING_TEXT], sd[MIXFILL_RATING_TEXT];
    mixfill_format_rating(rating, p->rating, p->sd, *digits);
    mixfill_format_rating(sd, p->sd, p->sd, *digits);
    cli_row(stdout, "user", "%s%s", p->user, p->known_user ? "" : " (unknown to the model)");
    cli_row(stdout, "item", "%s%s", p->item, p->known_item ? "" : " (unknown to the model)");
    cli_row(stdout, "rating", "%s", rating);
    cli_row(stdout, "standard deviation", "%s", sd);
    return 0;
}

/* In the style that was asked for, and with --json what was predicted where -o took it. */
static int write_predictions(const predict_arguments *a, const predict_inputs *in,
                             mixfill_prediction_report *report) {
    mixfill_error err;
    int32_t digits = a->digits;
    bool json = a->use.in.common.json;
    cli_output_style style = cli_choose_style(a->output, json, a->lines);
    int status = 0;
    if (style != CLI_AS_CSV)
        status = predict_json(a, in, report, style == CLI_AS_LINES);
    else if (a->user == NULL)
        status = predict_csv(a, in, report);
    else if (predict(a, in, report, print_pair, &digits, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    if (status != 0 || a->output == NULL || !json)
        return status;
    return cli_print_summary(head_json(a), tail_json(report));
}

/* What a reader should know, on stderr. How many pairs were of unknown users or items tells a
 * mix-up of ids from predictions that are merely bad. */
static void report_pairs(const predict_arguments *a, const mixfill_prediction_report *r) {
    if (a->user != NULL) {
        if (r->n_unknown_user > 0)
            cli_note("warning: user '%s' is unknown to the model and falls to its prior", a->user);
        if (r->n_unknown_item > 0)
            cli_note("warning: item '%s' is unknown to the model and falls to its prior", a->item);
        return;
    }
    cli_report_skipped(a->use.data, &r->read);
    cli_warn_of_header(a->use.data, r->doubtful_line, "userId, movieId");
    cli_note("%s: %s (%s), %" PRId64 " pair%s, %" PRId64 " of unknown users, %" PRId64
             " of unknown items",
             a->use.data, mixfill_format_name(r->read.format), r->read.columns, r->n, cli_s(r->n),
             r->n_unknown_user, r->n_unknown_item);
}

/* Load, fold in where asked for, predict. */
static int run_predict(const predict_arguments *a) {
    predict_inputs in = {0};
    mixfill_prediction_report report;
    const char *const inputs[] = {a->use.model, a->use.data, a->ratings};
    int status = cli_check_output(a->output, inputs, 3);
    if (status == 0)
        status = cli_load_model(&in.model, a->use.model, a->use.data);
    if (status == 0 && a->ratings != NULL)
        status =
            cli_fold(&in.folded, in.model, a->ratings, &a->use.in.read, a->use.in.common.threads);
    if (status == 0)
        status = write_predictions(a, &in, &report);
    if (status == 0)
        report_pairs(a, &report);
    mixfill_folded_free(in.folded);
    mixfill_model_free(in.model);
    return status;
}

/* stdout: the predictions in the order of the pairs, unless -o names a file. */
int cli_predict(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"output", 'o', "OUT", 0,
         "where to write the predictions: csv, or JSON by the name (.json, .jsonl) (default "
         "standard "
         "output)",
         CLI_HELP_OUTPUT},
        {"ratings", KEY_RATINGS, "NEW", 0,
         "predict the users of this file from their ratings in it, be they new to the model or not "
         "(default: all as the model knows them)",
         CLI_HELP_USERS},
        {"user", KEY_USER, "ID", 0,
         "predict one pair: this user and the item of --item (default: the pairs of PAIRS)",
         CLI_HELP_USERS},
        {"item", KEY_ITEM, "ID", 0,
         "predict one pair: this item and the user of --user (default: the pairs of PAIRS)",
         CLI_HELP_USERS},
        {"digits", KEY_DIGITS, "N", 0,
         "digits of ratings behind the point, or full, which brings back every bit (default: "
         "rounded within 1 % of their sd)",
         CLI_HELP_OUTPUT},
        {"jsonl", KEY_LINES, NULL, 0,
         "write a JSON object for every pair, one a line (default: csv)", CLI_HELP_OUTPUT},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL [PAIRS]",
        .doc =
            "Predict the rating of every user,item pair of a file, or of the one that --user and "
            "--item name: csv with columns user, item, rating, sd, known_user, known_item. What is "
            "unknown falls to its prior and is marked. "
            "With --ratings users are folded in: what they rated there replaces what the model "
            "knows of them.",
        .children = cli_use_children};
    predict_arguments a = {.digits = MIXFILL_DIGITS_AUTO};
    cli_use_init(&a.use, "PAIRS");
    a.use.without_data = true;
    cli_parse(&argp, argc, argv, &a);
    return run_predict(&a);
}
