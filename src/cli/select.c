/* mixfill select: the number of components. Each is fitted to one and the same part of the ratings
 * and scored on the rest. What it picks is the best held-out log-likelihood per rating, which
 * judges a predicted spread as well as a mean; BIC and AIC of the training part are shown beside
 * it, as are the picks of BIC and of held-out RMSE, since they often differ. */
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/model_options.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_K = 64, KEY_FRACTION = 512 };

/* What the command line gives. model.fit.n_components is not used: k takes its place. */
typedef struct select_arguments {
    const char *data;
    int32_t k[MAX_K]; /* in the order given, n_k of them */
    int32_t n_k;
    double fraction; /* of the ratings to score on */
    cli_model_options model;
} select_arguments;

/* One number of components. */
typedef struct candidate {
    int32_t k, iterations;
    double log_likelihood, bic, aic; /* of the training part, in nats */
    mixfill_evaluation held_out;
} candidate;

/* ---- command line ---- */

/* Does not return, as argp_error does not. */
static void refuse_list(const struct argp_state *state, const char *text) {
    argp_error(state, "-k '%s': expected numbers of components such as 2,4,8 or 1:16:3", text);
}

/* The number that begins at `at`; *end: what follows it. text: the whole list, for the message. */
static int32_t take_number(const struct argp_state *state, const char *text, const char *at,
                           char **end) {
    long value = strtol(at, end, 10);
    if (*end == at || value < 1 || value > INT32_MAX)
        refuse_list(state, text);
    return (int32_t)value;
}

/* 64 candidates, so that 1:1000 is asked about and not begun. */
static void add_k(const struct argp_state *state, select_arguments *a, int64_t k) {
    if (a->n_k == MAX_K)
        argp_error(state, "-k: expected at most %d numbers of components", MAX_K);
    a->k[a->n_k++] = (int32_t)k;
}

/* K,K,... where each may be FROM:TO or FROM:TO:STEP, both ends included. */
static void parse_list(const struct argp_state *state, select_arguments *a, const char *text) {
    a->n_k = 0;
    /* at: the begin of a number or range, one past the comma before it. */
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

/* -k is read here as a list. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    select_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->model;
        return 0;
    case 'k':
        parse_list(state, a, arg);
        return 0;
    case KEY_FRACTION:
        a->fraction = cli_fraction(state, "--holdout", arg);
        return 0;
    case ARGP_KEY_ARG:
        return cli_take_argument(state, &a->data, arg, "one DATA");
    case ARGP_KEY_END:
        if (a->data == NULL)
            argp_error(state, "no DATA given, expected a ratings file or - for standard input");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- candidates ---- */

/* Fit c->k components and fill the rest of c. With p parameters and N users, the observations of a
 * mixture, BIC is p log N - 2 log L and AIC 2 p - 2 log L; less is better. */
static int try_k(candidate *c, const select_arguments *a, const mixfill_ratings *train,
                 const mixfill_ratings *test) {
    char label[40];
    mixfill_model *model = NULL;
    mixfill_result result = {0};
    cli_model_options options = a->model;
    options.fit.n_components = c->k;
    snprintf(label, sizeof label, "K = %" PRId32 "  ", c->k);
    int status = cli_fit_model(&model, &result, train, &options, label);
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

/* The first wins a tie, the smallest where the list ascends. */
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

/* A component without a user of its own to explain has nothing to be fitted to. */
static int check_k(int32_t k, int32_t n_users) {
    if (k <= n_users)
        return 0;
    cli_error("-k %" PRId32 ": more components than the %" PRId32
              " user%s, expected at most as many",
              k, n_users, cli_s(n_users));
    return EXIT_DATA;
}

/* ---- output ---- */

/* The object of --json: pick, pick_bic, pick_rmse: numbers of components,
 * candidates: [{n_components, iterations, log_likelihood, bic, aic,
 *               held_out_log_likelihood_per_rating, held_out_rmse}] in the order given. */

/* The picks first, then every candidate. */
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

/* A row per number of components, the pick marked and bold, then the picks in words. */
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

/* ---- command ---- */

/* The part to score on is held out by --seed, as mixfill split would with --method random. */
static int run_select(const select_arguments *a) {
    mixfill_error err;
    mixfill_ratings *data = NULL, *train = NULL, *test = NULL;
    candidate c[MAX_K] = {{0}};
    mixfill_split_options split;
    mixfill_split_options_init(&split);
    split.fraction = a->fraction;
    split.seed = a->model.fit.seed;
    int status = cli_load(&data, a->data, &a->model.in.read);
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
    if (status == 0 && a->model.in.common.json)
        return print_select_json(c, a->n_k);
    if (status == 0)
        print_select(c, a->n_k);
    return status;
}

/* stdout: the table or one object. The pick is printed, not fitted again to all ratings: that is
 * for mixfill fit to do. */
int cli_select(int argc, char **argv) {
    static const struct argp_child children[] = {{&cli_model_argp, 0, NULL, 0}, {0}};
    static const struct argp_option options[] = {
        {"components", 'k', "LIST", 0,
         "numbers of components to try, such as 2,4,8 or 1:16:3 (from 1 to 16 in steps of 3; "
         "default 1,2,4,8,16)",
         CLI_HELP_PARAMETERS},
        {"holdout", KEY_FRACTION, "X", 0,
         "hold out a random fraction X of DATA to score on (default 0.1)", CLI_HELP_HELD_OUT},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "DATA",
        .doc =
            "Choose the number of components: fit each to a part of the ratings, and compare BIC "
            "and AIC of that part, and log-likelihood and RMSE of the rest.",
        .children = children};
    static select_arguments a;
    a = (select_arguments){.fraction = 0.1, .k = {1, 2, 4, 8, 16}, .n_k = 5};
    cli_model_options_init(&a.model);
    a.model.chooses_components = true;
    cli_parse(&argp, argc, argv, &a);
    return run_select(&a);
}
