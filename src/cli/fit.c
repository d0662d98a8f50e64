/* mixfill fit: fit a model to ratings and save it. What came of it is printed once the model is
 * saved: log-likelihood, held-out RMSE where there are held-out ratings, time, memory. A fit that
 * ends at --max-iter is a result, not a failure, unless --strict; --dry-run reads and tells what
 * the fit would take, without one. */
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/format_options.h"
#include "cli/help.h"
#include "cli/known.h"
#include "cli/model_options.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/run.h"

#include <inttypes.h>
#include <math.h>

/* What the command line gives. output is NULL only with dry_run; valid and holdout exclude each
 * other. */
typedef struct fit_arguments {
    const char *data, *output;
    const char *valid; /* NULL: none, or a part of data */
    double holdout;    /* fraction of data to validate with; 0: none */
    bool strict, dry_run;
    cli_model_options model;
} fit_arguments;

/* What is fitted, and what is only watched; valid is NULL where there is none. */
typedef struct fit_data {
    mixfill_ratings *ratings, *valid;
} fit_data;

/* Seconds of the phases the program itself runs. */
typedef struct phases {
    double load, check, save, total;
} phases;

/* The model beside the simplest that is any good; n 0 where there was nothing to compare on. */
typedef struct bias_check {
    bool held_out; /* else training ratings */
    int64_t n;
    double rmse, rmse_bias;
} bias_check;

enum { KEY_VALID = 512, KEY_HOLDOUT, KEY_PATIENCE, KEY_DRY_RUN, KEY_NO_USERS, KEY_STRICT };

/* ---- command line ---- */

/* Everything given: what no single option can tell. Patience is checked here, since only here it is
 * known that held-out ratings will be there. */
static void check_arguments(const struct argp_state *state, const fit_arguments *a) {
    if (a->data == NULL)
        argp_error(state, "no DATA given, expected a ratings file or - for standard input");
    if (a->output == NULL && !a->dry_run)
        argp_error(state, "no -o MODEL.npz given, expected where to save the model");
    cli_check_stdout(state, "-o", a->output, a->model.in.common.json);
    if (a->valid != NULL && a->holdout > 0)
        argp_error(state, "--valid and --holdout both name held-out ratings, expected one of them");
    if (a->model.fit.patience > 0 && a->valid == NULL && a->holdout == 0)
        argp_error(state, "--patience without held-out ratings, expected --valid or --holdout");
}

/* Beside what shapes the model (model_options.c): where it goes, what it is watched by, and how
 * much is done and said. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    fit_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->child_inputs[1] = &a->model;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_VALID:
        a->valid = arg;
        return 0;
    case KEY_HOLDOUT:
        a->holdout = cli_fraction(state, "--holdout", arg);
        return 0;
    case KEY_PATIENCE:
        a->model.fit.patience = (int32_t)cli_integer(state, "--patience", arg, 1, INT32_MAX);
        return 0;
    case KEY_NO_USERS:
        a->model.fit.keep_users = false;
        return 0;
    case KEY_DRY_RUN:
        a->dry_run = true;
        return 0;
    case KEY_STRICT:
        a->strict = true;
        return 0;
    case ARGP_KEY_ARG:
        return cli_take_argument(state, &a->data, arg, "one DATA");
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Beside those that shape the model. */
static const struct argp_option fit_options[] = {
    {"output", 'o', "MODEL.npz", 0, "where to save the model; - is standard output",
     CLI_HELP_OUTPUT},
    {"valid", KEY_VALID, "FILE", 0,
     "watch the RMSE on the held-out ratings of FILE, iteration by iteration (default none)",
     CLI_HELP_HELD_OUT},
    {"holdout", KEY_HOLDOUT, "X", 0,
     "hold out a random fraction X of DATA, which is not fitted, and watch the RMSE on it, "
     "iteration by iteration (default none)",
     CLI_HELP_HELD_OUT},
    {"patience", KEY_PATIENCE, "n", 0,
     "stop when the RMSE on the held-out ratings (--valid, --holdout) has not improved for n "
     "iterations, and keep the best parameters (default: it does not stop the fit)",
     CLI_HELP_HELD_OUT},
    {"dry-run", KEY_DRY_RUN, NULL, 0,
     "only read DATA and tell the memory that the fit would take; -o is not needed",
     CLI_HELP_OUTPUT},
    {"no-users", KEY_NO_USERS, NULL, 0,
     "leave users out of the model file, which then predicts only for users given with --ratings, "
     "and is not compared with user + item bias (default: they are in it)",
     CLI_HELP_OUTPUT},
    {"strict", KEY_STRICT, NULL, 0,
     "exit with status 3 where the fit ended at --max-iter before it converged (default: with 0)",
     CLI_HELP_OUTPUT},
    {0},
};

/* ---- output ---- */

/* The object of --json, seconds and bytes as numbers:
 *
 *     model, compat, path, n_users, n_items, n_ratings, n_components, seed, threads, isa,
 *     iterations, converged, stop_reason, log_likelihood, final_log_likelihood,
 *     history: [{iteration, log_likelihood, seconds, phases: {clear, blocks, update}, rmse}],
 *     seconds: {load, index, init, em, finish, save, total},
 *     bytes: {ratings, index, model, accumulators, peak},
 *     best_iteration, best_start, n_mixtures, rank, implicit,
 *     check: {ratings, n, rmse, rmse_bias}
 *
 * compat is null without --compat; rmse is there with held-out ratings only, rank and implicit of a
 * factor model only; check is null with --no-users, its ratings "held-out" or "training". With
 * --dry-run it is the object of cli_memory_json. */

/* As the JSON says it. */
static const char *stop_name(mixfill_stop_reason reason) {
    switch (reason) {
    case MIXFILL_STOP_TOL:
        return "tol";
    case MIXFILL_STOP_MAX_ITER:
        return "max_iter";
    case MIXFILL_STOP_PATIENCE:
        return "patience";
    }
    return "unknown";
}

/* Seconds of the whole and of its phases; what they add up to is less where something else ran. */
static json_t *iteration_json(int32_t i, const mixfill_iteration *it) {
    return json_pack("{s:i, s:o, s:f, s:{s:f, s:f, s:f}}", "iteration", i + 1, "log_likelihood",
                     cli_real(it->log_likelihood), "seconds", it->seconds, "phases", "clear",
                     it->clear_seconds, "blocks", it->blocks_seconds, "update", it->update_seconds);
}

/* rmse is there where held-out ratings are. */
static json_t *history_json(const mixfill_result *r) {
    json_t *history = json_array();
    for (int32_t i = 0; i < r->iterations; i++) {
        json_t *entry = iteration_json(i, &r->history[i]);
        if (!isnan(r->history[i].rmse))
            json_object_set_new(entry, "rmse", cli_real(r->history[i].rmse));
        json_array_append_new(history, entry);
    }
    return history;
}

/* load and save are those of the files, progress included, all between is the library's, but that
 * finish has the check too; they add up to the total but for what lies between two clocks. */
static json_t *seconds_json(const mixfill_result *r, const phases *t) {
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "load", t->load, "index",
                     r->index_seconds, "init", r->init_seconds, "em", r->em_seconds, "finish",
                     r->finish_seconds + t->check, "save", t->save, "total", t->total);
}

/* What the fit held at its end, and the peak of the whole process. */
static json_t *bytes_json(const mixfill_result *r) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "ratings", (json_int_t)r->ratings_bytes, "index",
                     (json_int_t)r->index_bytes, "model", (json_int_t)r->model_bytes,
                     "accumulators", (json_int_t)r->accumulator_bytes, "peak",
                     (json_int_t)cli_peak_bytes());
}

/* What the model was compared on, and how it fared. */
static json_t *check_json(const bias_check *c) {
    if (c->n == 0)
        return json_null();
    return json_pack("{s:s, s:I, s:o, s:o}", "ratings", c->held_out ? "held-out" : "training", "n",
                     (json_int_t)c->n, "rmse", cli_real(c->rmse), "rmse_bias",
                     cli_real(c->rmse_bias));
}

/* log_likelihood is that of the last iteration, on the parameters it began with;
 * final_log_likelihood is on those that are saved. Starts count from 1. */
static json_t *result_json(const fit_arguments *a, const mixfill_model *model,
                           const mixfill_result *r, const phases *t, const bias_check *check) {
    mixfill_model_summary m;
    mixfill_model_summarize(model, &m);
    return json_pack(
        "{s:s, s:s?, s:o, s:i, s:i, s:I, s:i, s:I, s:i, s:s, s:i, s:b, s:s, s:o, s:o, "
        "s:o, s:o, s:o, s:i, s:i, s:i, s:o*, s:o*, s:o}",
        "model", mixfill_model_kind_name(m.kind), "compat", m.compat, "path",
        cli_text_json(a->output), "n_users", m.n_users, "n_items", m.n_items, "n_ratings",
        (json_int_t)m.n_ratings, "n_components", m.n_components, "seed", (json_int_t)m.seed,
        "threads", r->threads, "isa", r->isa, "iterations", r->iterations, "converged",
        r->converged, "stop_reason", stop_name(r->stop_reason), "log_likelihood",
        cli_real(r->log_likelihood), "final_log_likelihood", cli_real(r->final_log_likelihood),
        "history", history_json(r), "seconds", seconds_json(r, t), "bytes", bytes_json(r),
        "best_iteration", r->best_iteration, "best_start", r->best_start + 1, "n_mixtures",
        m.n_mixtures, "rank", m.rank > 0 ? json_integer(m.rank) : NULL, "implicit",
        m.rank > 0 ? json_boolean(m.implicit) : NULL, "check", check_json(check));
}

/* Speed is that of an average iteration, in ratings of the training part. */
static void print_table(FILE *out, const fit_arguments *a, const mixfill_model *model,
                        const mixfill_result *r, const phases *t, const bias_check *check) {
    mixfill_model_summary m;
    char bytes[MIXFILL_BYTES_TEXT];
    double per_iteration = 0;
    /* Mean seconds of an iteration. */
    for (int32_t i = 0; i < r->iterations; i++)
        per_iteration += r->history[i].seconds / r->iterations;
    mixfill_model_summarize(model, &m);
    cli_row_model(out, &m);
    if (m.n_mixtures > 1)
        cli_row(out, "averaged starts", "%" PRId32, m.n_mixtures);
    cli_row(out, "iterations", "%" PRId32 " (%s)", r->iterations,
            r->stop_reason == MIXFILL_STOP_PATIENCE            ? "out of patience"
            : !mixfill_model_kind_info(m.kind).stops_by_itself ? "as many as asked for"
            : r->converged                                     ? "converged"
                                                               : "stopped at --max-iter");
    cli_row(out, "log-likelihood", "%.6f", r->log_likelihood);
    if (a->valid != NULL || a->holdout > 0)
        cli_row(out, "held-out RMSE", "%.4f after iteration %" PRId32,
                r->history[r->best_iteration - 1].rmse, r->best_iteration);
    if (check->held_out)
        cli_row(out, "  user + item bias", "%.4f", check->rmse_bias);
    cli_row(out, "on final parameters", "%.6f", r->final_log_likelihood);
    int p = t->total < 10 ? 3 : 2; /* digits: the parts must still add up */
    cli_row(out, "time",
            "%.*f s: load %.*f, index %.*f, init %.*f, EM %.*f, finish %.*f, save %.*f", p,
            t->total, p, t->load, p, r->index_seconds, p, r->init_seconds, p, r->em_seconds, p,
            r->finish_seconds + t->check, p, t->save);
    cli_row(out, "speed", "%.1f M ratings/s in an iteration",
            1e-6 * (double)m.n_ratings / per_iteration);
    cli_row(out, "threads, kernels", "%" PRId32 ", %s", r->threads, r->isa);
    cli_row(out, "peak memory", "%s", mixfill_format_bytes(bytes, cli_peak_bytes()));
    cli_row(out, "saved to", "%s", a->output);
}

/* ---- command ---- */

/* Compare the model with user + item bias: on the held-out ratings where there are any, else on
 * some of those it was fitted to, where it can only look better than it is. A model without its
 * users predicts none of them as it would. */
static void check_model(bias_check *check, const mixfill_model *model, const fit_arguments *a,
                        const fit_data *data) {
    enum { SOME = 50000 };
    mixfill_error err;
    mixfill_evaluation e = {0};
    const mixfill_run run = {.threads = a->model.fit.threads};
    mixfill_status st = MIXFILL_OK;
    if (a->model.fit.keep_users)
        st = data->valid != NULL
                 ? mixfill_evaluate(model, &e, data->valid, &run, &err)
                 : mixfill_evaluate_some(model, &e, data->ratings, SOME, &run, &err);
    if (st != MIXFILL_OK)
        cli_note("warning: not compared with user + item bias: %s", err.message);
    else
        *check = (bias_check){data->valid != NULL && e.n > 0, e.n, e.rmse, e.rmse_bias};
}

/* In words, where the model lost. Training ratings are judged with a margin, and a few not at all:
 * there the one that shrinks less wins, whatever it is worth. */
static void warn_of_check(const bias_check *c) {
    enum { FEW = 1000 };
    const double margin = 1.02;
    bool lost =
        c->held_out ? c->rmse > c->rmse_bias : c->n >= FEW && c->rmse > margin * c->rmse_bias;
    if (lost)
        cli_note("warning: %s the RMSE of this model, %.4f, is above that of user + item bias "
                 "alone, %.4f: it predicts worse than they do (see --model; mixfill cv compares)",
                 c->held_out ? "on the held-out ratings" : "even on ratings it was fitted to",
                 c->rmse, c->rmse_bias);
}

/* Fit, save and check, in this order, since a fit is not to be lost by a check; the model and the
 * result are the caller's to release, on failure too. */
static int fit_and_save(mixfill_model **model, mixfill_result *result, phases *t, bias_check *check,
                        const fit_arguments *a, const fit_data *data) {
    mixfill_error err;
    cli_model_options options = a->model;
    options.fit.valid = data->valid;
    int status = cli_fit_model(model, result, data->ratings, &options, NULL);
    if (status != 0)
        return status;
    double begin = cli_seconds();
    mixfill_status st = mixfill_model_save(*model, a->output, &err);
    double saved = cli_seconds();
    t->save = saved - begin;
    if (st != MIXFILL_OK)
        return cli_fail(&err);
    check_model(check, *model, a, data);
    t->check = cli_seconds() - saved;
    return 0;
}

/* What a fit would take. Reading has its own peak, which this run has just reached. */
static int dry_run(const fit_arguments *a, const mixfill_ratings *ratings) {
    mixfill_error err;
    mixfill_memory m;
    double read_peak = cli_peak_bytes();
    if (mixfill_fit_memory(&m, ratings, &a->model.fit, &err) != MIXFILL_OK)
        return cli_fail(&err);
    if (a->model.in.common.json)
        return cli_print_json(cli_memory_json(&m, read_peak));
    cli_print_memory(&m, read_peak);
    return 0;
}

/* Ratings, and those to validate with, from a file of their own or dealt out of the ratings. */
static int load_data(fit_data *data, const fit_arguments *a) {
    mixfill_error err;
    mixfill_ratings *all = NULL;
    mixfill_split_options split;
    int status = cli_load(&data->ratings, a->data, &a->model.in.read);
    if (status == 0 && a->valid != NULL)
        status = cli_load_beside(&data->valid, a->valid, &a->model.in.read);
    if (status == 0 && a->valid != NULL)
        return cli_check_held_out(a->valid, data->valid, a->data, data->ratings);
    if (status != 0 || a->holdout == 0)
        return status;
    mixfill_split_options_init(&split);
    split.fraction = a->holdout;
    split.seed = a->model.fit.seed;
    /* The whole is let go as soon as it is dealt, before the fit takes its memory. */
    all = data->ratings;
    data->ratings = NULL;
    mixfill_status st = mixfill_ratings_split(&data->ratings, &data->valid, all, &split, &err);
    mixfill_ratings_free(all);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* From loading to the last line; the clock starts before the first file is opened. */
static int run(const fit_arguments *a) {
    fit_data data = {0};
    mixfill_model *model = NULL;
    mixfill_result result = {0};
    phases t = {0};
    bias_check check = {0};
    const char *const inputs[] = {a->data, a->valid};
    double begin = cli_seconds();
    int status = cli_check_output(a->output, inputs, 2);
    if (status == 0)
        status = load_data(&data, a);
    t.load = cli_seconds() - begin;
    /* The peak of reading has just been reached, and nothing else has been allocated. */
    if (a->dry_run) {
        status = status == 0 ? dry_run(a, data.ratings) : status;
        mixfill_ratings_free(data.ratings);
        mixfill_ratings_free(data.valid);
        return status;
    }
    if (status == 0)
        status = fit_and_save(&model, &result, &t, &check, a, &data);
    t.total = cli_seconds() - begin;
    if (status == 0 && a->model.in.common.json)
        status = cli_print_json(result_json(a, model, &result, &t, &check));
    else if (status == 0)
        print_table(cli_table_stream(a->output), a, model, &result, &t, &check);
    if (status == 0)
        warn_of_check(&check);
    if (status == 0 && a->strict && !result.converged) {
        cli_error("not converged: stopped at --max-iter");
        status = EXIT_NOT_CONVERGED;
    }
    mixfill_result_clear(&result);
    mixfill_model_free(model);
    mixfill_ratings_free(data.ratings);
    mixfill_ratings_free(data.valid);
    return status;
}

/* stdout: the table or one object, or with -o - the model itself, then the table goes to stderr.
 * Exit status 3 only with --strict, after the model was saved; a run that is interrupted leaves no
 * part of a model behind. */
int cli_fit(int argc, char **argv) {
    static const struct argp_child children[] = {
        {&cli_components_argp, 0, NULL, 0}, {&cli_model_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        .options = fit_options,
        .parser = parse_option,
        .args_doc = "DATA -o MODEL.npz",
        .doc = "Fit a model to observed ratings and save it.\n\n"
               "DATA is in a format that is told by its content: %s; also packed (.gz, .zst, a "
               ".zip). - is standard input.",
        .children = children,
        .help_filter = cli_list_formats};
    fit_arguments a = {0};
    cli_model_options_init(&a.model);
    cli_parse(&argp, argc, argv, &a);
    return run(&a);
}
