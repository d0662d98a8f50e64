/* mixfill recommend: the best unseen items of users, of some named, of those folded in, or of all
 * that the model knows. One user's list is a table; many are csv, a line per item, which is written
 * as it is made and so of any length; --json gathers all in one object. An unseen item is one that
 * --seen or --ratings do not name; the model does not say what its users rated. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the command line gives; a path that was not given is NULL. */
typedef struct recommend_arguments {
    const char *model, *users, *ratings, *seen, *titles, *output;
    const char **user; /* (n_user), their texts borrowed from argv */
    size_t n_user;
    int32_t n;
    double risk; /* standard deviations */
    cli_input in;
} recommend_arguments;

/* What the lists are made from. */
typedef struct recommend_inputs {
    mixfill_model *model;
    mixfill_users *users;  /* NULL: all */
    mixfill_ratings *seen; /* NULL where not asked for, as the rest */
    mixfill_folded *folded;
    mixfill_titles *titles;
} recommend_inputs;

enum { KEY_USER = 512, KEY_USERS, KEY_RATINGS, KEY_SEEN, KEY_TITLES, KEY_RISK, KEY_ITEMS };

/* --ratings and --seen both name what users rated: the first to fold them in, the second to leave
 * it out. */
static const struct argp_option options[] = {
    {"user", KEY_USER, "ID", 0,
     "list items for this user; may be given several times (default: for all users of the model)",
     CLI_HELP_USERS},
    {"users", KEY_USERS, "FILE", 0,
     "list items for the users of this file: one a line, or of its column userId, or of its first "
     "(default: for all users of the model)",
     CLI_HELP_USERS},
    {"ratings", KEY_RATINGS, "NEW", 0,
     "list items for the users of this file by their ratings in it, be they new to the model or "
     "not",
     CLI_HELP_USERS},
    {"top", 'n', "N", 0, "list the N best items of a user (default 10)", CLI_HELP_LISTS},
    {"items", KEY_ITEMS, NULL, OPTION_ALIAS | OPTION_HIDDEN, NULL, 0},
    {"seen", KEY_SEEN, "DATA", 0,
     "leave out the items that a user has rated in this file, besides those of --ratings (default "
     "none)",
     CLI_HELP_LISTS},
    {"titles", KEY_TITLES, "FILE", 0,
     "show titles of items, from movies.csv, movies.dat or u.item (default their ids only)",
     CLI_HELP_OUTPUT},
    {"risk", KEY_RISK, "X", 0,
     "sort by prediction - X standard deviations, so that sure items come first (default 0)",
     CLI_HELP_LISTS},
    {"output", 'o', "OUT.csv", 0,
     "write the lists as csv to this file (default standard output, as a table for one user, else "
     "as csv)",
     CLI_HELP_OUTPUT},
    {0}};

/* ---- command line ---- */

/* --user may be given any number of times. */
static void add_user(const struct argp_state *state, recommend_arguments *a, const char *id) {
    /* One by one: users named on a command line are few. */
    const char **grown = realloc(a->user, (a->n_user + 1) * sizeof *grown);
    if (grown == NULL)
        argp_failure(state, EXIT_DATA, 0, "out of memory");
    a->user = grown;
    a->user[a->n_user++] = id;
}

/* Whom the lists are for, what they leave out, and how they are shown. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    recommend_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->in;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_USER:
        add_user(state, a, arg);
        return 0;
    case KEY_USERS:
        a->users = arg;
        return 0;
    case KEY_RATINGS:
        a->ratings = arg;
        return 0;
    case KEY_SEEN:
        a->seen = arg;
        return 0;
    case KEY_TITLES:
        a->titles = arg;
        return 0;
    case KEY_ITEMS:
        cli_note("warning: --items is deprecated, expected --top");
        /* fall through */
    case 'n':
        a->n = (int32_t)cli_integer(state, "--top", arg, 1, INT32_MAX);
        return 0;
    case KEY_RISK:
        a->risk = cli_number(state, "--risk", arg);
        if (!(a->risk >= 0))
            argp_error(state, "--risk '%s': expected a number of at least 0", arg);
        return 0;
    case ARGP_KEY_ARG:
        return cli_take_argument(state, &a->model, arg, "MODEL only");
    case ARGP_KEY_END:
        if (a->model == NULL)
            argp_error(state, "no MODEL given, expected it");
        cli_check_stdout(state, "-o", a->output, a->in.common.json);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- inputs ---- */

/* The users named by --user and --users, each once, in the order named; NULL where none is. */
static int load_users(mixfill_users **out, const recommend_arguments *a) {
    mixfill_error err;
    if (a->n_user == 0 && a->users == NULL)
        return 0;
    mixfill_status st = mixfill_users_create(out, &err);
    for (size_t i = 0; st == MIXFILL_OK && i < a->n_user; i++)
        st = mixfill_users_add(*out, a->user[i], a->in.read.int_ids, &err);
    if (st == MIXFILL_OK && a->users != NULL)
        st = mixfill_users_load(*out, a->users, a->in.read.int_ids, &err);
    if (st != MIXFILL_OK)
        return cli_fail(&err);
    int64_t repeated = mixfill_users_repeated(*out);
    if (repeated > 0)
        cli_note("ids of users given again and left out: %" PRId64, repeated);
    return 0;
}

/* Before anything is written: a model saved without its users can only serve those folded in. */
static int check_users(const recommend_inputs *in, const recommend_arguments *a) {
    mixfill_model_summary m;
    mixfill_model_summarize(in->model, &m);
    if (m.has_users || a->ratings != NULL)
        return 0;
    cli_error("%s: the model holds no users (--no-users), expected --ratings of users to fold in",
              a->model);
    return EXIT_DATA;
}

/* Everything the lists are made from; what was not asked for stays NULL. On failure the caller
 * releases what there is. */
static int load_inputs(recommend_inputs *in, const recommend_arguments *a) {
    int status = cli_load_model(&in->model, a->model);
    if (status == 0)
        status = check_users(in, a);
    if (status == 0)
        status = load_users(&in->users, a);
    if (status == 0 && a->titles != NULL)
        status = cli_load_titles(&in->titles, a->titles, &a->in.read);
    if (in->titles != NULL)
        cli_note("%s: %" PRId32 " titles", a->titles, mixfill_titles_count(in->titles));
    if (status == 0 && a->ratings != NULL)
        status = cli_fold(&in->folded, in->model, a->ratings, &a->in.read, a->in.common.threads);
    if (status == 0 && a->seen != NULL)
        status = cli_load(&in->seen, a->seen, &a->in.read);
    if (status == 0 && a->seen == NULL && a->ratings == NULL)
        cli_note(
            "warning: neither --seen nor --ratings given: the lists hold items that users have "
            "rated already");
    return status;
}

/* Any of them may be NULL. */
static void free_inputs(recommend_inputs *in) {
    mixfill_titles_free(in->titles);
    mixfill_folded_free(in->folded);
    mixfill_ratings_free(in->seen);
    mixfill_users_free(in->users);
    mixfill_model_free(in->model);
}

/* ---- output ---- */

/* The object of --json: model, path, n, n_users, n_unknown_user and, unless -o took them,
 * users: [{user, known_user, items: [{item, rating, sd, score, title}]}], best items first, title
 * where one is known. score is what they are sorted by: rating - risk * sd. */

/* mixfill_recommendation_fn: append a user to a JSON array, which is `data`. Ids are shown as they
 * are, so they must be text; not 0 where they are not. */
static int append_list(const mixfill_recommendation *r, void *data) {
    json_t *list = json_array();
    for (int32_t i = 0; i < r->n; i++) {
        const mixfill_recommended *item = &r->list[i];
        json_t *entry =
            json_pack("{s:s, s:o, s:o, s:o}", "item", item->item, "rating", cli_real(item->rating),
                      "sd", cli_real(item->sd), "score", cli_real(item->score));
        if (item->title != NULL && entry != NULL)
            json_object_set_new(entry, "title", json_string(item->title));
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return -1;
        }
    }
    return json_array_append_new(data, json_pack("{s:s, s:b, s:o}", "user", r->user, "known_user",
                                                 r->known_user, "items", list));
}

/* The tables of users, one below the other. */
typedef struct table {
    bool risk, titles; /* the columns score and title are there */
    bool many;         /* users, so that each table has a heading */
    int64_t shown;     /* so far */
} table;

/* mixfill_recommendation_fn whose data is a table: print the list of a user, titles aligned by the
 * longest item id of this list. */
static int print_list(const mixfill_recommendation *r, void *data) {
    table *t = data;
    int width = 4; /* of "item", the heading */
    for (int32_t i = 0; i < r->n; i++)
        width = (int)strlen(r->list[i].item) > width ? (int)strlen(r->list[i].item) : width;
    if (t->many)
        printf("%suser %s%s\n", t->shown > 0 ? "\n" : "", r->user,
               r->known_user ? "" : " (unknown)");
    t->shown++;
    printf("%4s  %6s  %5s  %s%-*s%s\n", "rank", "rating", "sd", t->risk ? " score  " : "",
           t->titles ? width : 0, "item", t->titles ? "  title" : "");
    for (int32_t i = 0; i < r->n; i++) {
        const mixfill_recommended *item = &r->list[i];
        printf("%4" PRId32 "  %6.2f  %5.2f  ", i + 1, item->rating, item->sd);
        if (t->risk)
            printf("%6.2f  ", item->score);
        if (item->title != NULL)
            printf("%-*s  %s\n", width, item->item, item->title);
        else
            printf("%s\n", item->item);
    }
    return 0;
}

/* lists: NULL where they went to a file. Takes the reference. */
static json_t *lists_json(const recommend_arguments *a, const mixfill_recommend_report *r,
                          json_t *lists) {
    return json_pack("{s:s, s:s?, s:i, s:I, s:I, s:o*}", "model", a->model, "path", a->output, "n",
                     a->n, "n_users", (json_int_t)r->n_users, "n_unknown_user",
                     (json_int_t)r->n_unknown_user, "users", lists);
}

/* How lists are shown: a line per item, a table per user, or one object. */
typedef enum style { AS_CSV, AS_TABLE, AS_JSON } style;

/* Users named, or else folded in, or else all of the model: many. */
static int32_t count_users(const recommend_inputs *in) {
    mixfill_folded_summary folded = {.n_users = INT32_MAX};
    if (in->users != NULL)
        return mixfill_users_count(in->users);
    if (in->folded != NULL)
        mixfill_folded_summarize(in->folded, &folded);
    return folded.n_users;
}

/* A table where it can be looked at: for one user, or for a few on a terminal; csv for what a
 * program reads. */
static style choose_style(const recommend_arguments *a, int32_t n) {
    enum { FEW = 20 };
    if (a->output != NULL)
        return AS_CSV;
    if (a->in.common.json)
        return AS_JSON;
    return n == 1 || (n <= FEW && isatty(STDOUT_FILENO) == 1) ? AS_TABLE : AS_CSV;
}

/* The callback stopped the library, which cannot know why. */
static void explain_json(mixfill_error *err) {
    if (err->status == MIXFILL_ERR_CANCELLED)
        snprintf(err->message, sizeof err->message,
                 "an id of a user or item is not UTF-8, expected text for --json");
}

/* Make the lists in the style asked for; lists: the JSON array to fill, NULL for the other
 * styles. */
static mixfill_status make_lists(const recommend_arguments *a, const recommend_inputs *in,
                                 mixfill_recommend_report *report, json_t *lists,
                                 mixfill_error *err) {
    cli_counting counting;
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.n = a->n;
    o.risk = a->risk;
    o.seen = in->seen;
    o.folded = in->folded;
    o.titles = in->titles;
    o.threads = a->in.common.threads;
    o.progress = cli_users_show;
    o.progress_data = &counting;
    cli_counting_init(&counting, "recommending");
    const mixfill_users *users = in->users;
    int32_t n_users = count_users(in);
    table t = {a->risk > 0, in->titles != NULL, n_users > 1, 0};
    const char *output = a->output != NULL ? a->output : "-";
    mixfill_status st;
    /* In every style a list leaves as it is made; only the object must wait for the last. */
    if (lists != NULL)
        st = mixfill_recommend(in->model, report, users, &o, append_list, lists, err);
    else if (choose_style(a, n_users) == AS_TABLE)
        st = mixfill_recommend(in->model, report, users, &o, print_list, &t, err);
    else
        st = mixfill_recommend_csv(in->model, report, users, &o, output, err);
    cli_counting_finish(&counting);
    if (st != MIXFILL_OK && lists != NULL)
        explain_json(err);
    return st;
}

/* What a reader of the lists should know, on stderr: whose are no better than a guess, and whose
 * are short. */
static void report_lists(const recommend_arguments *a, const mixfill_recommend_report *r) {
    if (r->n_unknown_user > 0)
        cli_note("warning: unknown to the model, so listed by its prior: %" PRId64 " of %" PRId64
                 " user%s",
                 r->n_unknown_user, r->n_users, r->n_users == 1 ? "" : "s");
    if (r->n_short > 0)
        cli_note("fewer than %" PRId32 " items left for %" PRId64 " user%s", a->n, r->n_short,
                 r->n_short == 1 ? "" : "s");
    cli_note("%s: %" PRId64 " items for %" PRId64 " user%s", a->model, r->n_items, r->n_users,
             r->n_users == 1 ? "" : "s");
}

/* lists is filled while the library runs; the object that is printed takes a reference of its
 * own. */
static int run_recommend(const recommend_arguments *a) {
    mixfill_error err;
    recommend_inputs in = {0};
    mixfill_recommend_report report;
    json_t *lists = a->in.common.json && a->output == NULL ? json_array() : NULL;
    const char *const inputs[] = {a->model, a->users, a->ratings, a->seen, a->titles};
    int status = cli_check_output(a->output, inputs, sizeof inputs / sizeof inputs[0]);
    if (status == 0)
        status = load_inputs(&in, a);
    if (status == 0 && make_lists(a, &in, &report, lists, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    if (status == 0)
        report_lists(a, &report);
    if (status == 0 && a->in.common.json)
        status = cli_print_json(lists_json(a, &report, json_incref(lists)));
    json_decref(lists);
    free_inputs(&in);
    return status;
}

/* stdout: the lists, unless -o names a file; users in the order named, or in that of the model. */
int cli_recommend(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL",
        .doc = "The best items for users: of all items the model knows those not seen yet, the "
               "highest prediction first. csv has the columns user, rank, item, rating, sd[, "
               "title], known_user; a user unknown to the model gets the list of its prior and is "
               "marked.",
        .children = cli_input_children};
    recommend_arguments a = {.n = 10};
    cli_input_init(&a.in);
    cli_parse(&argp, argc, argv, &a);
    int status = run_recommend(&a);
    free(a.user);
    return status;
}
