/* mixfill recommend: the best unseen items of users, of some named, of those folded in, or of all
 * that the model knows. One user's list is a table; many are csv, a line per item, or JSON. All of
 * it is written as it is made, and so of any length. An unseen item is one that
 * --seen or --ratings do not name; the model does not say what its users rated. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/html.h"
#include "cli/json_stream.h"
#include "cli/known.h"
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
    int32_t digits;
    bool lines; /* an object a line */
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

enum {
    KEY_USER = 512,
    KEY_USERS,
    KEY_RATINGS,
    KEY_SEEN,
    KEY_TITLES,
    KEY_RISK,
    KEY_ITEMS,
    KEY_DIGITS,
    KEY_LINES
};

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
    {"output", 'o', "OUT", 0,
     "where to write the lists: csv, or JSON by the name (.json, .jsonl) (default standard output, "
     "as a table for one user, else as csv)",
     CLI_HELP_OUTPUT},
    {"digits", KEY_DIGITS, "N", 0,
     "digits of ratings behind the point, or full, which brings back every bit (default: rounded "
     "within 1 % of the list's least sd)",
     CLI_HELP_OUTPUT},
    {"jsonl", KEY_LINES, NULL, 0,
     "write a JSON object for every user, one a line (default: a table or csv)", CLI_HELP_OUTPUT},
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
    case KEY_DIGITS:
        a->digits = cli_digits(state, "--digits", arg);
        return 0;
    case KEY_LINES:
        a->lines = true;
        return 0;
    case ARGP_KEY_ARG:
        return cli_take_argument(state, &a->model, arg, "MODEL only");
    case ARGP_KEY_END:
        if (a->model == NULL)
            argp_error(state, "no MODEL given, expected it");
        cli_check_stdout(state, "-o", a->output, a->in.common.json);
        cli_check_lines(state, a->lines, a->output, a->in.common.json);
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
        return a->users != NULL ? cli_fail_input(a->users, "users", &err) : cli_fail(&err);
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
    int status = cli_load_model(&in->model, a->model, a->ratings);
    if (status == 0)
        status = check_users(in, a);
    if (status == 0)
        status = load_users(&in->users, a);
    if (status == 0 && a->users != NULL && a->ratings == NULL)
        status = cli_check_users(a->users, in->users, in->model);
    if (status == 0 && a->titles != NULL)
        status = cli_load_titles(&in->titles, a->titles, &a->in.read);
    if (status == 0 && in->titles != NULL)
        status = cli_check_titles(a->titles, in->titles, in->model);
    if (status == 0 && in->titles != NULL)
        cli_note("%s: %" PRId32 " title%s", a->titles, mixfill_titles_count(in->titles),
                 cli_s(mixfill_titles_count(in->titles)));
    if (status == 0 && a->ratings != NULL)
        status = cli_fold(&in->folded, in->model, a->ratings, &a->in.read, a->in.common.threads);
    if (status == 0 && a->seen != NULL)
        status = cli_load_beside(&in->seen, a->seen, &a->in.read);
    if (status == 0 && a->seen != NULL)
        status = cli_check_seen(a->seen, in->seen, in->model);
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

/* The object of --json: model, path, n, users: [{user, known_user, items: [{item, rating, sd,
 * score, title}]}], n_users, n_unknown_user; best items first, title where one is known. score is
 * what they are sorted by: rating - risk * sd, rating not clipped. Where -o took the lists, it is
 * in the file if that is named so, and what is printed has no key users. */

static json_t *head_json(const recommend_arguments *a) {
    return json_pack("{s:o, s:o, s:i}", "model", cli_text_json(a->model), "path",
                     cli_text_json(a->output), "n", a->n);
}

static json_t *tail_json(const mixfill_recommend_report *r) {
    return json_pack("{s:I, s:I}", "n_users", (json_int_t)r->n_users, "n_unknown_user",
                     (json_int_t)r->n_unknown_user);
}

/* A figure of an item, behind others. */
static void write_figure(cli_json_stream *s, const char *key, double value, double least_sd) {
    fprintf(s->out, ", \"%s\": ", key);
    cli_json_stream_number(s, value, least_sd);
}

/* mixfill_recommendation_fn: an entry of the stream. Ids are shown as they are, so they must be
 * text; not 0 where they are not, or cannot be written. */
static int write_entry(const mixfill_recommendation *r, void *data) {
    cli_json_stream *s = data;
    cli_json_stream_begin(s);
    fputs("{\"user\": ", s->out);
    cli_json_stream_text(s, r->user);
    fprintf(s->out, ", \"known_user\": %s, \"items\": [", r->known_user ? "true" : "false");
    for (int32_t i = 0; i < r->n; i++) {
        const mixfill_recommended *item = &r->list[i];
        fputs(i > 0 ? ", {\"item\": " : "{\"item\": ", s->out);
        cli_json_stream_text(s, item->item);
        write_figure(s, "rating", item->rating, r->least_sd);
        write_figure(s, "sd", item->sd, r->least_sd);
        write_figure(s, "score", item->score, r->least_sd);
        if (item->title != NULL) {
            fputs(", \"title\": ", s->out);
            cli_json_stream_text(s, item->title);
        }
        fputc('}', s->out);
    }
    fputs("]}", s->out);
    return cli_json_stream_end(s);
}

/* The tables of users, one below the other. */
typedef struct table {
    bool risk, titles; /* the columns score and title are there */
    bool many;         /* users, so that each table has a heading */
    int32_t digits;
    int64_t shown; /* so far */
} table;

/* A number of a table, in its column. */
static void print_figure(const table *t, const mixfill_recommendation *r, double value, int width) {
    char number[MIXFILL_RATING_TEXT];
    mixfill_format_rating(number, value, r->least_sd, t->digits);
    printf("  %*s", width, number);
}

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
        printf("%4" PRId32, i + 1);
        print_figure(t, r, item->rating, 6);
        print_figure(t, r, item->sd, 5);
        if (t->risk)
            print_figure(t, r, item->score, 6);
        fputs("  ", stdout);
        if (item->title != NULL)
            printf("%-*s  %s\n", width, item->item, item->title);
        else
            printf("%s\n", item->item);
    }
    return 0;
}

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
static bool as_table(const recommend_arguments *a, int32_t n) {
    enum { FEW = 20 };
    return a->output == NULL && (n == 1 || (n <= FEW && isatty(STDOUT_FILENO) == 1));
}

/* Lists as one object, or as an object a line. */
static mixfill_status make_json(const recommend_arguments *a, const recommend_inputs *in,
                                const mixfill_recommend_options *o, bool lines,
                                mixfill_recommend_report *report, mixfill_error *err) {
    cli_json_stream stream;
    mixfill_status st = cli_json_stream_open(&stream, a->output != NULL ? a->output : "-", lines,
                                             a->digits, head_json(a), "users", err);
    if (st != MIXFILL_OK)
        return st;
    st = mixfill_recommend(in->model, report, in->users, o, write_entry, &stream, err);
    return cli_json_stream_close(&stream, st, st == MIXFILL_OK ? tail_json(report) : NULL, err);
}

/* Make the lists in the style asked for; in every style a list leaves as it is made. */
static mixfill_status make_lists(const recommend_arguments *a, const recommend_inputs *in,
                                 mixfill_recommend_report *report, mixfill_error *err) {
    cli_counting counting;
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.n = a->n;
    o.risk = a->risk;
    o.seen = in->seen;
    o.folded = in->folded;
    o.titles = in->titles;
    o.digits = a->digits;
    o.threads = a->in.common.threads;
    o.progress = cli_users_show;
    o.progress_data = &counting;
    cli_counting_init(&counting, "recommending");
    const mixfill_users *users = in->users;
    int32_t n_users = count_users(in);
    cli_output_style style = cli_choose_style(a->output, a->in.common.json, a->lines);
    table t = {a->risk > 0, in->titles != NULL, n_users > 1, a->digits, 0};
    mixfill_status st;
    if (style != CLI_AS_CSV)
        st = make_json(a, in, &o, style == CLI_AS_LINES, report, err);
    else if (as_table(a, n_users))
        st = mixfill_recommend(in->model, report, users, &o, print_list, &t, err);
    else
        st = mixfill_recommend_csv(in->model, report, users, &o,
                                   a->output != NULL ? a->output : "-", err);
    cli_counting_finish(&counting);
    return st;
}

/* What a reader of the lists should know, on stderr: whose are no better than a guess, and whose
 * are short. */
static void report_lists(const recommend_arguments *a, const mixfill_recommend_report *r) {
    cli_warn_of_header(a->users, r->doubtful_line, "userId");
    if (r->n_unknown_user > 0)
        cli_note("warning: unknown to the model, so listed by its prior: %" PRId64 " of %" PRId64
                 " user%s",
                 r->n_unknown_user, r->n_users, cli_s(r->n_users));
    if (r->n_short > 0)
        cli_note("fewer than %" PRId32 " item%s left for %" PRId64 " user%s", a->n, cli_s(a->n),
                 r->n_short, cli_s(r->n_short));
    cli_note("%s: %" PRId64 " item%s for %" PRId64 " user%s", a->model, r->n_items,
             cli_s(r->n_items), r->n_users, cli_s(r->n_users));
}

/* Load, list, and say what came of it. */
static int run_recommend(const recommend_arguments *a) {
    mixfill_error err;
    recommend_inputs in = {0};
    mixfill_recommend_report report;
    const char *const inputs[] = {a->model, a->users, a->ratings, a->seen, a->titles};
    int status = cli_check_output(a->output, inputs, sizeof inputs / sizeof inputs[0]);
    if (status == 0)
        status = load_inputs(&in, a);
    if (status == 0 && make_lists(a, &in, &report, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    if (status == 0)
        report_lists(a, &report);
    if (status == 0 && a->in.common.json && a->output != NULL)
        status = cli_print_summary(head_json(a), tail_json(&report));
    free_inputs(&in);
    return status;
}

/* stdout: the lists, unless -o names a file; users in the order named, or in that of the model. */
int cli_recommend(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "MODEL",
        .doc =
            "The best items for users: of all items the model knows those not seen yet, the "
            "highest prediction first. csv has the columns user, rank, item, rating, sd, "
            "score[, title], known_user; score is what sorts them: the prediction before it is cut "
            "to the scale, less --risk standard deviations; a user unknown to the model gets the "
            "list of its prior and is "
            "marked.",
        .children = cli_input_children};
    recommend_arguments a = {.n = 10, .digits = MIXFILL_DIGITS_AUTO};
    cli_input_init(&a.in);
    cli_parse(&argp, argc, argv, &a);
    int status = run_recommend(&a);
    free(a.user);
    return status;
}
