/* mixfill predict: the rating of every user,item pair of a file, with its standard deviation and
 * whether both were known. Pairs are read, predicted and written one after the other, so that their
 * number does not matter; with --json and no -o they are gathered in one object instead. Users may
 * be folded in from --ratings; what they rated there stands for what the model knows of them. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/progress.h"

#include <inttypes.h>

/* What the command line gives. */
typedef struct predict_arguments {
    const char *output;  /* NULL: standard output */
    const char *ratings; /* NULL: nobody is folded in */
    cli_use use;
} predict_arguments;

enum { KEY_RATINGS = 512 };

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
    case ARGP_KEY_END:
        cli_check_stdout(state, "-o", a->output, a->use.in.common.json);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* mixfill_prediction_fn: append to a JSON array, which is `data`. Not 0, and so an end of the
 * predicting, where an id is no text that JSON could hold. */
static int append_prediction(const mixfill_prediction *p, void *data) {
    json_t *entry = json_pack("{s:s, s:s, s:o, s:o, s:b, s:b}", "user", p->user, "item", p->item,
                              "rating", cli_real(p->rating), "sd", cli_real(p->sd), "known_user",
                              p->known_user, "known_item", p->known_item);
    return json_array_append_new(data, entry);
}

/* The object of --json: model, path, n, n_unknown_user, n_unknown_item,
 * predictions: [{user, item, rating, sd, known_user, known_item}]. The array's reference is taken;
 * it is NULL where the predictions went to a file, and then the key is left out. */
static json_t *predictions_json(const predict_arguments *a, const mixfill_prediction_report *r,
                                json_t *predictions) {
    return json_pack("{s:s, s:s?, s:I, s:I, s:I, s:o*}", "model", a->use.model, "path", a->output,
                     "n", (json_int_t)r->n, "n_unknown_user", (json_int_t)r->n_unknown_user,
                     "n_unknown_item", (json_int_t)r->n_unknown_item, "predictions", predictions);
}

/* Predict into one JSON object on stdout. Ids are shown as they are, so they must be UTF-8; the
 * library can only say that the callback stopped it, hence a message of our own. */
static int predict_json(const predict_arguments *a, const mixfill_model *model,
                        const mixfill_folded *folded, mixfill_prediction_report *report) {
    mixfill_error err;
    json_t *predictions = json_array();
    if (mixfill_predict_file(model, report, a->use.data, folded, &a->use.in.read, append_prediction,
                             predictions, &err) != MIXFILL_OK) {
        json_decref(predictions);
        /* Nothing but append_prediction can have stopped it. */
        if (err.status == MIXFILL_ERR_CANCELLED)
            snprintf(err.message, sizeof err.message,
                     "%s:%" PRId64 ": an id is not UTF-8, expected text for --json", a->use.data,
                     err.line);
        return cli_fail(&err);
    }
    return cli_print_json(predictions_json(a, report, predictions));
}

/* Predict into a file or stdout, as csv. */
static int predict_csv(const predict_arguments *a, const mixfill_model *model,
                       const mixfill_folded *folded, mixfill_prediction_report *report) {
    mixfill_error err;
    const char *output = a->output != NULL ? a->output : "-";
    cli_counting counting;
    mixfill_read_options read = a->use.in.read;
    cli_counting_init(&counting, "predicting");
    if (!cli_is_stdio(output)) { /* whose lines may be on the same terminal */
        read.progress = cli_reading_show;
        read.progress_data = &counting;
    }
    mixfill_status st =
        mixfill_predict_csv(model, report, a->use.data, folded, &read, output, &err);
    cli_counting_finish(&counting);
    if (st != MIXFILL_OK)
        return cli_fail(&err);
    return a->use.in.common.json ? cli_print_json(predictions_json(a, report, NULL)) : 0;
}

/* Load, fold in where asked for, predict. How many pairs were of unknown users or items goes to
 * stderr: it tells a mix-up of ids from predictions that are merely bad. */
static int run_predict(const predict_arguments *a) {
    mixfill_model *model = NULL;
    mixfill_folded *folded = NULL;
    mixfill_prediction_report report;
    const char *const inputs[] = {a->use.model, a->use.data, a->ratings};
    int status = cli_check_output(a->output, inputs, 3);
    if (status == 0)
        status = cli_load_model(&model, a->use.model);
    if (status == 0 && a->ratings != NULL)
        status = cli_fold(&folded, model, a->ratings, &a->use.in.read, a->use.in.common.threads);
    if (status == 0)
        status = a->use.in.common.json && a->output == NULL
                     ? predict_json(a, model, folded, &report)
                     : predict_csv(a, model, folded, &report);
    if (status == 0) {
        cli_report_skipped(a->use.data, &report.read);
        cli_note("%s: %s, %" PRId64 " pairs, %" PRId64 " of unknown users, %" PRId64
                 " of unknown items",
                 a->use.data, mixfill_format_name(report.read.format), report.n,
                 report.n_unknown_user, report.n_unknown_item);
    }
    mixfill_folded_free(folded);
    mixfill_model_free(model);
    return status;
}

/* stdout: the predictions in the order of the pairs, unless -o names a file. */
int cli_predict(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"output", 'o', "OUT.csv", 0, "where to write the predictions (default standard output)",
         CLI_HELP_OUTPUT},
        {"ratings", KEY_RATINGS, "NEW", 0,
         "predict the users of this file from their ratings in it, be they new to the model or not "
         "(default: all as the model knows them)",
         CLI_HELP_USERS},
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
        .children = cli_use_children};
    predict_arguments a = {0};
    cli_use_init(&a.use, "PAIRS");
    cli_parse(&argp, argc, argv, &a);
    return run_predict(&a);
}
