/* mixfill fit */
#include "cli.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct fit_arguments {
    const char *data, *output;
    mixfill_read_options read;
    mixfill_options fit;
    cli_progress_mode progress;
    bool json, strict, dry_run;
} fit_arguments;

/* Times of the phases the program itself runs. */
typedef struct phases {
    double load, save, total;
} phases;

enum {
    KEY_MODEL = 512,
    KEY_COMPAT,
    KEY_SEED,
    KEY_N_INIT,
    KEY_TOL,
    KEY_MAX_ITER,
    KEY_MIN_VAR,
    KEY_MIN_SUPPORT,
    KEY_THREADS,
    KEY_MAX_MEMORY,
    KEY_DRY_RUN,
    KEY_NO_USERS,
    KEY_PROGRESS,
    KEY_JSON,
    KEY_STRICT
};

static error_t parse_number(int key, char *arg, const struct argp_state *state,
                            mixfill_options *o) {
    switch (key) {
    case 'k':
        o->n_components = (int32_t)cli_integer(state, "-k", arg, 1, INT32_MAX);
        return 0;
    case KEY_SEED:
        o->seed = (uint32_t)cli_integer(state, "--seed", arg, 0, UINT32_MAX);
        return 0;
    case KEY_N_INIT:
        o->n_init = (int32_t)cli_integer(state, "--n-init", arg, 1, INT32_MAX);
        return 0;
    case KEY_MAX_ITER:
        o->max_iter = (int32_t)cli_integer(state, "--max-iter", arg, 1, INT32_MAX);
        return 0;
    case KEY_THREADS:
        o->threads = (int32_t)cli_integer(state, "--threads", arg, 1, 4096);
        return 0;
    case KEY_MAX_MEMORY:
        o->max_memory = cli_size(state, "--max-memory", arg);
        return 0;
    case KEY_TOL:
        o->tol = cli_number(state, "--tol", arg);
        return 0;
    case KEY_MIN_VAR:
        o->min_var = cli_number(state, "--min-var", arg);
        return 0;
    case KEY_MIN_SUPPORT:
        o->min_support = cli_number(state, "--min-support", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Everything given: what no single option can tell. */
static void check_arguments(const struct argp_state *state, const fit_arguments *a) {
    mixfill_error err;
    if (a->data == NULL)
        argp_error(state, "no DATA given, expected a ratings file or - for standard input");
    if (a->output == NULL && !a->dry_run)
        argp_error(state, "no -o MODEL.npz given, expected where to save the model");
    if (a->json && a->output != NULL && strcmp(a->output, "-") == 0)
        argp_error(state, "-o - and --json both write to standard output, expected one of them");
    if (mixfill_options_validate(&a->fit, &err) != MIXFILL_OK)
        argp_error(state, "%s", err.message);
}

static error_t parse_choice(int key, char *arg, const struct argp_state *state, fit_arguments *a) {
    static const char *const models[] = {"classic", NULL};
    static const char *const compats[] = {"notebook", NULL};
    static const char *const modes[] = {"auto", "always", "never", NULL};
    switch (key) {
    case KEY_MODEL:
        a->fit.model = (mixfill_model_kind)cli_choice(state, "--model", arg, models);
        return 0;
    case KEY_COMPAT:
        a->fit.notebook = cli_choice(state, "--compat", arg, compats) == 0;
        return 0;
    case KEY_PROGRESS:
        a->progress = (cli_progress_mode)cli_choice(state, "--progress", arg, modes);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    fit_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->read;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_NO_USERS:
        a->fit.keep_users = false;
        return 0;
    case KEY_DRY_RUN:
        a->dry_run = true;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case KEY_STRICT:
        a->strict = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->data != NULL)
            argp_error(state, "unexpected argument '%s', expected one DATA", arg);
        a->data = arg;
        return 0;
    case ARGP_KEY_END:
        a->read.threads = a->fit.threads;
        check_arguments(state, a);
        return 0;
    default:
        break;
    }
    error_t known = parse_number(key, arg, state, &a->fit);
    return known == 0 ? 0 : parse_choice(key, arg, state, a);
}

static const struct argp_option fit_options[] = {
    {"output", 'o', "MODEL.npz", 0, "where to save the model; - is standard output", 1},
    {"components", 'k', "K", 0, "components (default 8)", 1},
    {"model", KEY_MODEL, "MODEL", 0, "classic (default)", 1},
    {"compat", KEY_COMPAT, "notebook", 0,
     "the published notebook's arithmetic, its mask inverted, to the letter", 1},
    {"seed", KEY_SEED, "S", 0, "0 to 4294967295 (default 1)", 1},
    {"n-init", KEY_N_INIT, "n", 0,
     "starts, with seeds S, S+1, ...; the best log-likelihood wins (default 1)", 1},
    {"tol", KEY_TOL, "X", 0,
     "stop when an iteration gains at most X |log-likelihood|; 0 never (default 1e-6)", 1},
    {"max-iter", KEY_MAX_ITER, "n", 0, "(default 200)", 1},
    {"min-var", KEY_MIN_VAR, "X", 0, "floor of a variance (default 0.1)", 1},
    {"min-support", KEY_MIN_SUPPORT, "X", 0,
     "a mean moves where its total responsibility is at least X (default 1)", 1},
    {"threads", KEY_THREADS, "T", 0, "(default OMP_NUM_THREADS, else the affinity mask)", 1},
    {"max-memory", KEY_MAX_MEMORY, "SIZE", 0,
     "bound on what the fit holds, such as 500M or 2G (default none)", 1},
    {"dry-run", KEY_DRY_RUN, NULL, 0,
     "read DATA and tell what the fit would take; -o is not needed", 1},
    {"no-users", KEY_NO_USERS, NULL, 0, "leave users out of the model", 1},
    {"progress", KEY_PROGRESS, "auto|always|never", 0,
     "on a terminal, always (a line per iteration elsewhere), or never", 1},
    {"json", KEY_JSON, NULL, 0, "one JSON object instead of the table", 1},
    {"strict", KEY_STRICT, NULL, 0, "exit status 3 when not converged", 1},
    {0},
};

static const char *stop_name(mixfill_stop_reason reason) {
    switch (reason) {
    case MIXFILL_STOP_TOL:
        return "tol";
    case MIXFILL_STOP_MAX_ITER:
        return "max_iter";
    }
    return "unknown";
}

static json_t *iteration_json(int32_t i, const mixfill_iteration *it) {
    return json_pack("{s:i, s:o, s:f, s:{s:f, s:f, s:f}}", "iteration", i + 1, "log_likelihood",
                     cli_real(it->log_likelihood), "seconds", it->seconds, "phases", "clear",
                     it->clear_seconds, "blocks", it->blocks_seconds, "update", it->update_seconds);
}

static json_t *history_json(const mixfill_result *r) {
    json_t *history = json_array();
    for (int32_t i = 0; i < r->iterations; i++)
        json_array_append_new(history, iteration_json(i, &r->history[i]));
    return history;
}

static json_t *seconds_json(const mixfill_result *r, const phases *t) {
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "load", t->load, "index", r->index_seconds,
                     "init", r->init_seconds, "em", r->em_seconds, "save", t->save, "total",
                     t->total);
}

static json_t *bytes_json(const mixfill_result *r) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "ratings", (json_int_t)r->ratings_bytes, "index",
                     (json_int_t)r->index_bytes, "model", (json_int_t)r->model_bytes,
                     "accumulators", (json_int_t)r->accumulator_bytes, "peak",
                     (json_int_t)cli_peak_bytes());
}

static json_t *result_json(const fit_arguments *a, const mixfill_model *model,
                           const mixfill_result *r, const phases *t) {
    mixfill_model_summary m;
    mixfill_model_summarize(model, &m);
    return json_pack("{s:s, s:s?, s:s, s:i, s:i, s:I, s:i, s:I, s:i, s:s, s:i, s:b, s:s, s:o, s:o, "
                     "s:o, s:o, s:o}",
                     "model", "classic", "compat", m.notebook ? "notebook" : NULL, "path",
                     a->output, "n_users", m.n_users, "n_items", m.n_items, "n_ratings",
                     (json_int_t)m.n_ratings, "n_components", m.n_components, "seed",
                     (json_int_t)m.seed, "threads", r->threads, "isa", r->isa, "iterations",
                     r->iterations, "converged", r->converged, "stop_reason",
                     stop_name(r->stop_reason), "log_likelihood", cli_real(r->log_likelihood),
                     "final_log_likelihood", cli_real(r->final_log_likelihood), "history",
                     history_json(r), "seconds", seconds_json(r, t), "bytes", bytes_json(r));
}

static void print_table(FILE *out, const fit_arguments *a, const mixfill_model *model,
                        const mixfill_result *r, const phases *t) {
    mixfill_model_summary m;
    char bytes[CLI_BYTES_BUFFER];
    double per_iteration = 0;
    for (int32_t i = 0; i < r->iterations; i++)
        per_iteration += r->history[i].seconds / r->iterations;
    mixfill_model_summarize(model, &m);
    cli_row(out, "model", "classic%s, K = %" PRId32 ", seed %" PRIu32,
            m.notebook ? " (notebook's arithmetic)" : "", m.n_components, m.seed);
    cli_row(out, "iterations", "%" PRId32 " (%s)", r->iterations,
            r->converged ? "converged" : "stopped at --max-iter");
    cli_row(out, "log-likelihood", "%.6f", r->log_likelihood);
    cli_row(out, "on final parameters", "%.6f", r->final_log_likelihood);
    cli_row(out, "time", "%.2f s (load %.2f, fit %.2f, %.1f M ratings/s)", t->total, t->load,
            r->em_seconds, 1e-6 * (double)m.n_ratings / per_iteration);
    cli_row(out, "threads, kernels", "%" PRId32 ", %s", r->threads, r->isa);
    cli_row(out, "peak memory", "%s", cli_bytes(bytes, cli_peak_bytes()));
    cli_row(out, "saved to", "%s", a->output);
}

/* Fit and save; the model and the result are the caller's to release, on failure too. */
static int fit_and_save(mixfill_model **model, mixfill_result *result, phases *t,
                        const fit_arguments *a, const mixfill_ratings *ratings) {
    mixfill_error err;
    cli_progress progress;
    mixfill_options options = a->fit;
    cli_progress_init(&progress, a->progress);
    options.progress = cli_progress_show;
    options.progress_data = &progress;
    mixfill_status st = mixfill_fit(model, result, ratings, &options, &err);
    cli_progress_finish(&progress);
    if (st != MIXFILL_OK)
        return cli_fail(&err);
    double begin = cli_seconds();
    st = mixfill_model_save(*model, a->output, &err);
    t->save = cli_seconds() - begin;
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* What a fit would take. Reading has its own peak, which this run has just reached. */
static int dry_run(const fit_arguments *a, const mixfill_ratings *ratings) {
    mixfill_error err;
    mixfill_memory m;
    double read_peak = cli_peak_bytes();
    if (mixfill_fit_memory(&m, ratings, &a->fit, &err) != MIXFILL_OK)
        return cli_fail(&err);
    if (a->json)
        return cli_print_json(cli_memory_json(&m, read_peak));
    cli_print_memory(&m, read_peak);
    return 0;
}

static int run(const fit_arguments *a) {
    mixfill_ratings *ratings = NULL;
    mixfill_model *model = NULL;
    mixfill_result result = {0};
    phases t = {0};
    const char *const inputs[] = {a->data, NULL};
    double begin = cli_seconds();
    int status = cli_check_output(a->output, inputs);
    if (status == 0)
        status = cli_load(&ratings, a->data, &a->read);
    t.load = cli_seconds() - begin;
    if (a->dry_run) {
        status = status == 0 ? dry_run(a, ratings) : status;
        mixfill_ratings_free(ratings);
        return status;
    }
    if (status == 0)
        status = fit_and_save(&model, &result, &t, a, ratings);
    t.total = cli_seconds() - begin;
    if (status == 0 && a->json)
        status = cli_print_json(result_json(a, model, &result, &t));
    else if (status == 0)
        print_table(strcmp(a->output, "-") == 0 ? stderr : stdout, a, model, &result, &t);
    if (status == 0 && a->strict && !result.converged) {
        fputs("mixfill: not converged: stopped at --max-iter\n", stderr);
        status = EXIT_NOT_CONVERGED;
    }
    mixfill_result_clear(&result);
    mixfill_model_free(model);
    mixfill_ratings_free(ratings);
    return status;
}

int cli_fit(int argc, char **argv) {
    static const struct argp_child children[] = {{&cli_data_argp, 0, "Reading:", 10}, {0}};
    static const struct argp argp = {
        .options = fit_options,
        .parser = parse_option,
        .args_doc = "DATA -o MODEL.npz",
        .doc = "Fit a Gaussian mixture to observed ratings by EM and save it.\v"
               "DATA is csv, dat (::), tab, blank-separated triplets, a dense text matrix or a "
               "scipy .npz, told apart by content; - is standard input.",
        .children = children};
    fit_arguments a = {0};
    mixfill_read_options_init(&a.read);
    mixfill_options_init(&a.fit);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return run(&a);
}
