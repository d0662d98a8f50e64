/* mixfill cv and select: models fitted to parts of the ratings and scored on the rest. */
#include "cli/cli.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 256, MAX_K = 64, KEY_FOLDS = 512, KEY_JSON, KEY_FRACTION };

typedef struct cv_arguments {
    const char *file[MAX_FILES];
    int32_t n_files, folds;
    int32_t k[MAX_K];
    int32_t n_k;
    double fraction;
    bool with_folds; /* the option was given */
    mixfill_read_options read;
    cli_model_options model;
    bool json;
} cv_arguments;

/* ---- command line ---- */

static void refuse_list(const struct argp_state *state, const char *text) {
    argp_error(state, "-k '%s': expected numbers of components such as 2,4,8 or 1:16:3", text);
}

/* text: the whole list, for the message. */
static int32_t take_number(const struct argp_state *state, const char *text, const char *at,
                           char **end) {
    long value = strtol(at, end, 10);
    if (*end == at || value < 1 || value > INT32_MAX)
        refuse_list(state, text);
    return (int32_t)value;
}

static void add_k(const struct argp_state *state, cv_arguments *a, int64_t k) {
    if (a->n_k == MAX_K)
        argp_error(state, "-k: expected at most %d numbers of components", MAX_K);
    a->k[a->n_k++] = (int32_t)k;
}

/* K,K,... where each may be FROM:TO or FROM:TO:STEP. */
static void parse_list(const struct argp_state *state, cv_arguments *a, const char *text) {
    a->n_k = 0;
    for (const char *at = text;; at++) {
        char *end;
        int32_t from = take_number(state, text, at, &end), to = from, step = 1;
        if (*end == ':')
            to = take_number(state, text, end + 1, &end);
        if (*end == ':')
            step = take_number(state, text, end + 1, &end);
        if (to < from || (*end != '\0' && *end != ','))
            refuse_list(state, text);
        for (int64_t k = from; k <= to; k += step)
            add_k(state, a, k);
        if (*end == '\0')
            return;
        at = end;
    }
}

static error_t parse_common(int key, char *arg, struct argp_state *state) {
    cv_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->model;
        state->child_inputs[1] = &a->read;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->n_files == MAX_FILES)
            argp_error(state, "more than %d files", MAX_FILES);
        a->file[a->n_files++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->n_files == 0)
            argp_error(state, "no DATA given, expected a ratings file or - for standard input");
        a->read.threads = a->model.fit.threads;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_cv(int key, char *arg, struct argp_state *state) {
    cv_arguments *a = state->input;
    if (key == ARGP_KEY_INIT)
        state->child_inputs[2] = &a->model;
    if (key == KEY_FOLDS) {
        a->with_folds = true;
        a->folds = (int32_t)cli_integer(state, "--folds", arg, 2, 255);
        return 0;
    }
    if (key == ARGP_KEY_END && a->n_files > 1 && a->n_files % 2 != 0)
        argp_error(state, "%d files, expected one DATA, or TRAIN TEST pairs", (int)a->n_files);
    if (key == ARGP_KEY_END && a->n_files > 1 && a->with_folds)
        argp_error(state, "--folds with files of folds, expected one DATA to deal into folds");
    return parse_common(key, arg, state);
}

static error_t parse_select(int key, char *arg, struct argp_state *state) {
    cv_arguments *a = state->input;
    if (key == 'k') {
        parse_list(state, a, arg);
        return 0;
    }
    if (key == KEY_FRACTION) {
        a->fraction = cli_number(state, "--holdout", arg);
        if (!(a->fraction > 0 && a->fraction < 1))
            argp_error(state, "--holdout '%s': expected a number between 0 and 1", arg);
        return 0;
    }
    if (key == ARGP_KEY_END && a->model.fit.model == MIXFILL_MODEL_FACTOR)
        argp_error(state, "--model factor has no components to choose, expected map or classic");
    if (key == ARGP_KEY_END && a->n_files > 1)
        argp_error(state, "unexpected argument '%s', expected one DATA", a->file[1]);
    return parse_common(key, arg, state);
}

static const struct argp_child cv_children[] = {{&cli_model_argp, 0, NULL, 0},
                                                {&cli_data_argp, 0, "Reading:", 10},
                                                {&cli_components_argp, 0, NULL, 0},
                                                {0}};
static const struct argp_child select_children[] = {
    {&cli_model_argp, 0, NULL, 0}, {&cli_data_argp, 0, "Reading:", 10}, {0}};

enum { LABEL = 40 };

/* ---- cv ---- */

/* Of fold i: fit to train, score on test, free both. */
static int score(mixfill_evaluation *fold, int32_t i, const cv_arguments *a, mixfill_ratings *train,
                 mixfill_ratings *test) {
    char label[LABEL];
    mixfill_model *model = NULL;
    cli_model_options options = a->model;
    snprintf(label, sizeof label, "fold %" PRId32 "/%" PRId32 "  ", i + 1, a->folds);
    options.label = label;
    int status = cli_fit_model(&model, NULL, train, &options);
    if (status == 0)
        status = cli_evaluate_model(&fold[i], model, test, a->model.fit.threads);
    mixfill_model_free(model);
    mixfill_ratings_free(train);
    mixfill_ratings_free(test);
    return status;
}

static int run_pairs(mixfill_evaluation *fold, const cv_arguments *a) {
    int status = 0;
    for (int32_t i = 0; status == 0 && i < a->folds; i++) {
        mixfill_ratings *train = NULL, *test = NULL;
        status = cli_load(&train, a->file[2 * (size_t)i], &a->read);
        if (status == 0)
            status = cli_load(&test, a->file[2 * (size_t)i + 1], &a->read);
        if (status == 0)
            status = score(fold, i, a, train, test);
        else
            mixfill_ratings_free(train);
    }
    return status;
}

static int run_folds(mixfill_evaluation *fold, const cv_arguments *a) {
    mixfill_error err;
    mixfill_ratings *data = NULL;
    int status = cli_load(&data, a->file[0], &a->read);
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

/* A figure of a fold, by its place in the table. */
enum { RMSE, MAE, LOG_LIKELIHOOD, COVERAGE_50, COVERAGE_90, BIAS, N_FIGURES };
static const char *const keys[N_FIGURES] = {
    "rmse", "mae", "log_likelihood_per_rating", "coverage_50", "coverage_90", "rmse_bias"};

static void figures_of(double out[N_FIGURES], const mixfill_evaluation *e) {
    out[RMSE] = e->rmse;
    out[MAE] = e->mae;
    out[LOG_LIKELIHOOD] = e->log_likelihood_per_rating;
    out[COVERAGE_50] = e->coverage50;
    out[COVERAGE_90] = e->coverage90;
    out[BIAS] = e->rmse_bias;
}

/* Mean and standard deviation (n - 1) over the folds. */
static void summarize(double mean[N_FIGURES], double sd[N_FIGURES], const mixfill_evaluation *fold,
                      int32_t n) {
    double x[N_FIGURES];
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

static json_t *figures_json(const double x[N_FIGURES]) {
    json_t *object = json_object();
    for (int f = 0; f < N_FIGURES; f++)
        json_object_set_new(object, keys[f], cli_real(x[f]));
    return object;
}

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
    json_object_set_new(root, "n_components", json_integer(a->model.fit.n_components));
    json_object_set_new(root, "sd", figures_json(sd));
    json_object_set_new(root, "folds", folds);
    return cli_print_json(root);
}

static void print_row(const char *name, int64_t n, const double x[N_FIGURES]) {
    char count[24] = "";
    if (n > 0)
        snprintf(count, sizeof count, "%" PRId64, n);
    printf("%-6s %10s %8.4f %8.4f %10.4f %7.1f %% %7.1f %% %10.4f\n", name, count, x[RMSE], x[MAE],
           x[LOG_LIKELIHOOD], 100 * x[COVERAGE_50], 100 * x[COVERAGE_90], x[BIAS]);
}

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

int cli_cv(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"folds", KEY_FOLDS, "n", 0, "random folds of DATA (default 5)", 1},
        {"json", KEY_JSON, NULL, 0, "one JSON object instead of the table", 1},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_cv,
        .args_doc = "DATA\nTRAIN TEST [TRAIN TEST ...]",
        .doc = "Cross-validate: fit to all folds but one, score on that one, for each; or the same "
               "with the given pairs of files, such as u1.base u1.test.",
        .children = cv_children};
    static cv_arguments a;
    mixfill_evaluation fold[MAX_FILES];
    a = (cv_arguments){.folds = 5};
    mixfill_read_options_init(&a.read);
    cli_model_options_init(&a.model);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.n_files > 1)
        a.folds = a.n_files / 2;
    int status = a.n_files > 1 ? run_pairs(fold, &a) : run_folds(fold, &a);
    if (status == 0 && a.json)
        return print_cv_json(&a, fold);
    if (status == 0)
        print_cv(&a, fold);
    return status;
}

/* ---- select ---- */

/* One number of components. */
typedef struct candidate {
    int32_t k, iterations;
    double log_likelihood, bic, aic; /* of the training part */
    mixfill_evaluation held_out;
} candidate;

static int try_k(candidate *c, const cv_arguments *a, const mixfill_ratings *train,
                 const mixfill_ratings *test) {
    char label[LABEL];
    mixfill_model *model = NULL;
    mixfill_result result = {0};
    cli_model_options options = a->model;
    options.fit.n_components = c->k;
    snprintf(label, sizeof label, "K = %" PRId32 "  ", c->k);
    options.label = label;
    int status = cli_fit_model(&model, &result, train, &options);
    if (status == 0)
        status = cli_evaluate_model(&c->held_out, model, test, a->model.fit.threads);
    if (status == 0) {
        double p = (double)mixfill_model_n_parameters(model);
        c->iterations = result.iterations;
        c->log_likelihood = result.final_log_likelihood;
        c->bic = p * log(mixfill_ratings_n_users(train)) - 2 * c->log_likelihood;
        c->aic = 2 * p - 2 * c->log_likelihood;
    }
    mixfill_result_clear(&result);
    mixfill_model_free(model);
    return status;
}

/* The best by each criterion: least BIC and RMSE, largest held-out log-likelihood. */
typedef struct picks {
    int32_t bic, held_out, rmse;
} picks;

static picks pick(const candidate *c, int32_t n) {
    picks best = {0};
    for (int32_t i = 1; i < n; i++) {
        if (c[i].bic < c[best.bic].bic)
            best.bic = i;
        if (c[i].held_out.log_likelihood_per_rating >
            c[best.held_out].held_out.log_likelihood_per_rating)
            best.held_out = i;
        if (c[i].held_out.rmse < c[best.rmse].held_out.rmse)
            best.rmse = i;
    }
    return best;
}

static int print_select_json(const candidate *c, int32_t n) {
    picks best = pick(c, n);
    json_t *list = json_array();
    for (int32_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "n_components",
                                              c[i].k, "iterations", c[i].iterations,
                                              "log_likelihood", cli_real(c[i].log_likelihood),
                                              "bic", cli_real(c[i].bic), "aic", cli_real(c[i].aic),
                                              "held_out_log_likelihood_per_rating",
                                              cli_real(c[i].held_out.log_likelihood_per_rating),
                                              "held_out_rmse", cli_real(c[i].held_out.rmse)));
    return cli_print_json(json_pack("{s:i, s:i, s:i, s:o}", "pick", c[best.held_out].k, "pick_bic",
                                    c[best.bic].k, "pick_rmse", c[best.rmse].k, "candidates",
                                    list));
}

static void print_select(const candidate *c, int32_t n) {
    picks best = pick(c, n);
    const char *plain = cli_styled(stdout, CLI_PLAIN);
    printf("%s%6s %10s %16s %16s %16s %12s %10s%s\n", cli_styled(stdout, CLI_DIM), "K",
           "iterations", "log-likelihood", "BIC", "AIC", "held-out l.", "RMSE", plain);
    for (int32_t i = 0; i < n; i++) {
        bool picked = i == best.held_out;
        printf("%s%6" PRId32 " %10" PRId32 " %16.2f %16.2f %16.2f %12.4f %10.4f%s%s\n",
               picked ? cli_styled(stdout, CLI_BOLD) : "", c[i].k, c[i].iterations,
               c[i].log_likelihood, c[i].bic, c[i].aic, c[i].held_out.log_likelihood_per_rating,
               c[i].held_out.rmse, picked ? "  <-" : "", picked ? plain : "");
    }
    printf("pick: K = %" PRId32 " by held-out log-likelihood per rating; BIC would take %" PRId32
           ", held-out RMSE %" PRId32 "\n",
           c[best.held_out].k, c[best.bic].k, c[best.rmse].k);
}

static int check_k(int32_t k, int32_t n_users) {
    if (k <= n_users)
        return 0;
    cli_error("-k %" PRId32 ": more components than the %" PRId32
              " users, expected at most as many",
              k, n_users);
    return EXIT_DATA;
}

static int run_select(const cv_arguments *a) {
    mixfill_error err;
    mixfill_ratings *data = NULL, *train = NULL, *test = NULL;
    candidate c[MAX_K] = {{0}};
    mixfill_split_options split;
    mixfill_split_options_init(&split);
    split.fraction = a->fraction;
    split.seed = a->model.fit.seed;
    int status = cli_load(&data, a->file[0], &a->read);
    if (status == 0 && mixfill_ratings_split(&train, &test, data, &split, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    mixfill_ratings_free(data);
    for (int32_t i = 0; status == 0 && i < a->n_k; i++) /* before the first takes its time */
        status = check_k(a->k[i], mixfill_ratings_n_users(train));
    for (int32_t i = 0; status == 0 && i < a->n_k; i++) {
        c[i].k = a->k[i];
        status = try_k(&c[i], a, train, test);
    }
    mixfill_ratings_free(train);
    mixfill_ratings_free(test);
    if (status == 0 && a->json)
        return print_select_json(c, a->n_k);
    if (status == 0)
        print_select(c, a->n_k);
    return status;
}

int cli_select(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"components", 'k', "LIST", 0,
         "numbers of components, such as 2,4,8 or 1:16:3 (default 1,2,4,8,16)", 1},
        {"holdout", KEY_FRACTION, "X", 0, "fraction of the ratings to score on (default 0.1)", 1},
        {"json", KEY_JSON, NULL, 0, "one JSON object instead of the table", 1},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_select,
        .args_doc = "DATA",
        .doc =
            "Choose the number of components: fit each to a part of the ratings, and compare BIC "
            "and AIC of that part, and log-likelihood and RMSE of the rest.",
        .children = select_children};
    static cv_arguments a;
    a = (cv_arguments){.fraction = 0.1, .k = {1, 2, 4, 8, 16}, .n_k = 5};
    mixfill_read_options_init(&a.read);
    cli_model_options_init(&a.model);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return run_select(&a);
}
