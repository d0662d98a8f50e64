/* mixfill evaluate: accuracy of a model on held-out ratings, beside what baselines made of its
 * training ratings would score. Every pair counts, so that models can be compared: what is unknown
 * falls to its prior. With --seen also how well the ten best unseen items are ranked, of users with
 * a test rating of 4 or more, the ones who liked anything that could be ranked. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/known.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/run.h"

#include <inttypes.h>

/* What the command line gives. */
typedef struct evaluate_arguments {
    const char *seen; /* NULL: no ranking */
    cli_use use;
} evaluate_arguments;

enum { KEY_SEEN = 512 };

/* MODEL and TEST are read by the child. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    evaluate_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->use;
        return 0;
    case KEY_SEEN:
        a->seen = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The object of --json: model, path, n, rmse, mae, log_likelihood_per_rating, rmse_known, n_known,
 * n_unknown_user, n_unknown_item, coverage: {"50", "90"}, baselines: {global_mean, user_mean,
 * item_mean, bias}, parts: [{known_user, known_item, n, rmse, baselines}] and, with --seen,
 * ranking: {n_users, ndcg_10, precision_10, recall_10, hit_rate_10}. Here the ranking, NULL where
 * none was asked for. */
static json_t *ranking_json(const mixfill_ranking *r) {
    if (r == NULL)
        return NULL;
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "n_users", (json_int_t)r->n_users, "ndcg_10",
                     cli_real(r->ndcg), "precision_10", cli_real(r->precision), "recall_10",
                     cli_real(r->recall), "hit_rate_10", cli_real(r->hit_rate));
}

/* Keys as the table has rows; r, the ranking, may be NULL and is then left out. */
static json_t *evaluation_json(const evaluate_arguments *a, const mixfill_evaluation *e,
                               const mixfill_ranking *r) {
    return json_pack(
        "{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:{s:o, s:o}, s:{s:o, s:o, s:o, s:o}, "
        "s:o, s:o*}",
        "model", cli_text_json(a->use.model), "path", cli_text_json(a->use.data), "n",
        (json_int_t)e->n, "rmse", cli_real(e->rmse), "mae", cli_real(e->mae),
        "log_likelihood_per_rating", cli_real(e->log_likelihood_per_rating), "rmse_known",
        cli_real(e->part[1][1].rmse), "n_known", (json_int_t)e->part[1][1].n, "n_unknown_user",
        (json_int_t)e->n_unknown_user, "n_unknown_item", (json_int_t)e->n_unknown_item, "coverage",
        "50", cli_real(e->coverage50), "90", cli_real(e->coverage90), "baselines", "global_mean",
        cli_real(e->rmse_global_mean), "user_mean", cli_real(e->rmse_user_mean), "item_mean",
        cli_real(e->rmse_item_mean), "bias", cli_real(e->rmse_bias), "parts", cli_parts_json(e),
        "ranking", ranking_json(r));
}

/* RMSE by what of a pair is known, where not all is: that of known pairs is what other programs,
 * which leave the unknown out, report, and the others say how good the priors are. */
static void print_parts(const mixfill_evaluation *e) {
    static const char *const labels[2][2] = {{"  new user and item", "  new user"},
                                             {"  new item", "  known pairs"}};
    if (e->part[1][1].n == e->n)
        return;
    cli_row(stdout, "RMSE by what is known", "   model    bias    item    user  global  ratings");
    for (int user = 1; user >= 0; user--)
        for (int item = 1; item >= 0; item--) {
            const mixfill_evaluation_part *p = &e->part[user][item];
            if (p->n > 0)
                cli_row(stdout, labels[user][item], "%8.4f%8.4f%8.4f%8.4f%8.4f%9" PRId64, p->rmse,
                        p->bias, p->item_mean, p->user_mean, p->global_mean, p->n);
        }
}

/* The figures of all pairs, then those of the parts. */
static void print_evaluation(const mixfill_evaluation *e) {
    cli_row(stdout, "test ratings", "%" PRId64, e->n);
    cli_row(stdout, "  of unknown users", "%" PRId64, e->n_unknown_user);
    cli_row(stdout, "  of unknown items", "%" PRId64, e->n_unknown_item);
    cli_row(stdout, "log-likelihood/rating", "%.4f", e->log_likelihood_per_rating);
    cli_row(stdout, "50 % interval covers", "%.1f %%", 100 * e->coverage50);
    cli_row(stdout, "90 % interval covers", "%.1f %%", 100 * e->coverage90);
    cli_row(stdout, "MAE of the model", "%.4f", e->mae);
    cli_row(stdout, "RMSE of the model", "%.4f", e->rmse);
    cli_row(stdout, "RMSE of baselines", "%s", "");
    cli_row(stdout, "  global mean", "%.4f", e->rmse_global_mean);
    cli_row(stdout, "  user mean", "%.4f", e->rmse_user_mean);
    cli_row(stdout, "  item mean", "%.4f", e->rmse_item_mean);
    cli_row(stdout, "  user + item bias", "%.4f", e->rmse_bias);
    print_parts(e);
}

/* A ranking of nobody has no figures. */
static void print_ranking(const mixfill_ranking *r) {
    cli_row(stdout, "ten best unseen items",
            "of %" PRId64 " user%s with a test rating of 4 or more", r->n_users, cli_s(r->n_users));
    if (r->n_users == 0)
        return;
    cli_row(stdout, "  NDCG@10", "%.4f", r->ndcg);
    cli_row(stdout, "  precision@10", "%.4f", r->precision);
    cli_row(stdout, "  recall@10", "%.4f", r->recall);
    cli_row(stdout, "  hit rate", "%.4f", r->hit_rate);
}

/* Rank for each user what `seen` leaves. */
static int rank(mixfill_ranking *out, const evaluate_arguments *a, const mixfill_model *model,
                const mixfill_ratings *test) {
    mixfill_error err;
    mixfill_ratings *seen = NULL;
    cli_counting counting;
    int status = cli_load_beside(&seen, a->seen, &a->use.in.read);
    if (status == 0)
        status = cli_check_seen(a->seen, seen, model);
    if (status == 0)
        status = cli_check_held_out(a->use.data, test, a->seen, seen);
    cli_counting_init(&counting, "ranking");
    const mixfill_run run = {a->use.in.common.threads, cli_users_show, &counting};
    mixfill_status st = MIXFILL_OK;
    if (status == 0)
        st = mixfill_evaluate_ranking(model, out, test, seen, &run, &err);
    cli_counting_finish(&counting);
    if (st != MIXFILL_OK)
        status = cli_fail(&err);
    mixfill_ratings_free(seen);
    return status;
}

/* Load, score, rank where asked for, print. */
static int run_evaluate(const evaluate_arguments *a) {
    mixfill_model *model = NULL;
    mixfill_ratings *test = NULL;
    mixfill_evaluation e;
    mixfill_ranking r;
    int status = cli_load_model(&model, a->use.model, a->use.data);
    if (status == 0)
        status = cli_load_beside(&test, a->use.data, &a->use.in.read);
    if (status == 0)
        status = cli_check_ratings(a->use.data, test, model, false);
    if (status == 0)
        status = cli_evaluate_model(&e, model, test, a->use.in.common.threads);
    if (status == 0 && a->seen != NULL)
        status = rank(&r, a, model, test);
    if (status == 0 && a->use.in.common.json)
        status = cli_print_json(evaluation_json(a, &e, a->seen != NULL ? &r : NULL));
    else if (status == 0)
        print_evaluation(&e);
    if (status == 0 && !a->use.in.common.json && a->seen != NULL)
        print_ranking(&r);
    mixfill_ratings_free(test);
    mixfill_model_free(model);
    return status;
}

/* stdout: the table or one object. Nothing is saved. */
int cli_evaluate(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"seen", KEY_SEEN, "TRAIN", 0,
         "score also the ten best items of each user, of those without a rating of the user in "
         "TRAIN; relevant is a test rating of at least 4 (default: no ranking)",
         CLI_HELP_LISTS},
        {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL TEST",
        .doc = "Accuracy of a model on held-out ratings, beside the baselines of its training "
               "ratings. Every pair counts: an unknown user or item falls to its prior.",
        .children = cli_use_children};
    evaluate_arguments a = {0};
    cli_use_init(&a.use, "TEST");
    cli_parse(&argp, argc, argv, &a);
    return run_evaluate(&a);
}
