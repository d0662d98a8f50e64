/* mixfill split: a training and a test file from one. Every rating goes to exactly one of them.
 * Which one depends on the ratings, the method and the seed, not on threads or the formats of the
 * files, so that a split can be made again. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One of the outputs. */
typedef struct split_part {
    const char *option, *label, *path; /* path NULL: not asked for */
    mixfill_save_options save;
    mixfill_ratings *ratings;
    mixfill_ratings_summary summary;
} split_part;

enum { TRAIN, VALID, TEST, N_PARTS };

/* What the command line gives. The parts are described before they are there, and filled by
 * run_split. What is not given is -1, or false. */
typedef struct split_arguments {
    split_part part[N_PARTS];
    mixfill_split_options split;
    int32_t min_ratings; /* 0: all stay */
    bool has_method, has_fraction, has_seed, has_per_user, has_before, has_valid_from;
    int64_t valid_from; /* the first time of the validation part, of BEFORE */
    cli_rewrite rewrite;
} split_arguments;

enum {
    KEY_TRAIN = 512,
    KEY_VALID,
    KEY_TEST,
    KEY_METHOD,
    KEY_FRACTION,
    KEY_SEED,
    KEY_PER_USER,
    KEY_BEFORE,
    KEY_VALID_FROM,
    KEY_MIN_RATINGS
};

/* In the order of mixfill_split_method; a cutoff is by time too. */
static const char *const methods[] = {"random", "user", "time", "last", NULL};

static const char *method_name(const split_arguments *a) {
    return methods[a->split.method == MIXFILL_SPLIT_BEFORE ? MIXFILL_SPLIT_TIME : a->split.method];
}

/* A usage error where an option was given that the method does without. */
static void refuse_idle(const struct argp_state *state, const split_arguments *a) {
    mixfill_split_method m = a->split.method;
    bool drawn = m == MIXFILL_SPLIT_RANDOM || m == MIXFILL_SPLIT_USER;
    if (a->has_before && a->has_method && m != MIXFILL_SPLIT_BEFORE)
        argp_error(state, "--before with --method %s, expected --method time", methods[m]);
    if (a->has_fraction && (m == MIXFILL_SPLIT_BEFORE || m == MIXFILL_SPLIT_LAST))
        argp_error(state, "--fraction with %s, expected one of them",
                   m == MIXFILL_SPLIT_LAST ? "--method last" : "--before");
    if (a->has_seed && !drawn)
        argp_error(state, "--seed with --method %s, which draws nothing, expected random or user",
                   method_name(a));
    if (a->has_per_user && m != MIXFILL_SPLIT_LAST)
        argp_error(state, "--per-user with --method %s, expected --method last", method_name(a));
    if (a->has_valid_from && (m != MIXFILL_SPLIT_BEFORE || a->part[VALID].path == NULL))
        argp_error(state, "--valid-from without --before and --valid, expected all three");
    if (m == MIXFILL_SPLIT_BEFORE && a->part[VALID].path != NULL && !a->has_valid_from)
        argp_error(state, "--valid with --before, expected --valid-from too");
    if (a->has_valid_from && a->valid_from >= a->split.before)
        argp_error(state, "--valid-from is not earlier than --before, expected it to be");
    if (a->part[VALID].path != NULL && a->split.fraction >= 0.5 && m <= MIXFILL_SPLIT_TIME)
        argp_error(state,
                   "--fraction %g with --valid, expected less than 0.5, for both parts have "
                   "it",
                   a->split.fraction);
}

/* All outputs must be there, of a known format, and no two of them one file: the second would
 * replace the first without a word. */
static void settle(const struct argp_state *state, split_arguments *a) {
    mixfill_error err;
    if (a->has_before && (!a->has_method || a->split.method == MIXFILL_SPLIT_TIME))
        a->split.method = MIXFILL_SPLIT_BEFORE;
    for (int i = 0; i < N_PARTS; i++) {
        split_part *p = &a->part[i];
        if (p->path == NULL && i != VALID)
            argp_error(state, "no %s OUT given, expected --train and --test", p->option);
        if (p->path != NULL)
            cli_settle_output(state, p->option, p->path, &a->rewrite, &p->save);
        for (int j = 0; j < i && p->path != NULL; j++) {
            const split_part *q = &a->part[j];
            if (q->path != NULL &&
                (strcmp(p->path, q->path) == 0 || cli_same_file(p->path, q->path)))
                argp_error(state, "%s '%s' and %s '%s' are one file, expected two", q->option,
                           q->path, p->option, p->path);
        }
    }
    if (mixfill_split_options_validate(&a->split, &err) != MIXFILL_OK)
        cli_refuse(state, &err);
    refuse_idle(state, a);
}

static int64_t parse_time(const struct argp_state *state, const char *option, const char *text) {
    int64_t time = 0;
    if (!mixfill_parse_time(&time, text))
        argp_error(state,
                   "%s '%s': expected a date such as 2005-09-06 or 2005-09-06T12:30:00Z, or "
                   "seconds since 1970",
                   option, text);
    return time;
}

/* Outputs take their format, where --to does not name one, from their own extension. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    split_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->rewrite;
        return 0;
    case KEY_TRAIN:
        a->part[TRAIN].path = arg;
        return 0;
    case KEY_VALID:
        a->part[VALID].path = arg;
        return 0;
    case KEY_TEST:
        a->part[TEST].path = arg;
        return 0;
    case KEY_METHOD:
        a->split.method = (mixfill_split_method)cli_choice(state, "--method", arg, methods);
        a->has_method = true;
        return 0;
    case KEY_FRACTION:
        a->split.fraction = cli_number(state, "--fraction", arg);
        a->has_fraction = true;
        return 0;
    case KEY_SEED:
        a->split.seed = (uint32_t)cli_integer(state, "--seed", arg, 0, UINT32_MAX);
        a->has_seed = true;
        return 0;
    case KEY_PER_USER:
        a->split.per_user = (int32_t)cli_integer(state, "--per-user", arg, 1, INT32_MAX);
        a->has_per_user = true;
        return 0;
    case KEY_BEFORE:
        a->split.before = parse_time(state, "--before", arg);
        a->has_before = true;
        return 0;
    case KEY_VALID_FROM:
        a->valid_from = parse_time(state, "--valid-from", arg);
        a->has_valid_from = true;
        return 0;
    case KEY_MIN_RATINGS:
        a->min_ratings = (int32_t)cli_integer(state, "--min-ratings", arg, 1, INT32_MAX);
        return 0;
    case ARGP_KEY_END:
        settle(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Save all parts or none: where one fails, those before it go unless they were there before. Only a
 * regular file is taken back; a device or a pipe has nothing to take. */
static int save_parts(const split_arguments *a) {
    struct stat status;
    bool is_new[N_PARTS] = {false};
    int saved = 0;
    for (int i = N_PARTS - 1; i >= 0; i--, saved++) {
        const split_part *p = &a->part[i];
        if (p->path == NULL)
            continue;
        is_new[i] = stat(p->path, &status) != 0;
        int exit_status = cli_save(p->ratings, p->path, &p->save);
        if (exit_status == 0)
            continue;
        for (int j = i + 1; j < N_PARTS; j++)
            if (is_new[j] && stat(a->part[j].path, &status) == 0 && S_ISREG(status.st_mode))
                unlink(a->part[j].path);
        return exit_status;
    }
    return 0;
}

/* Users with a rating in this part: both parts have all users of the whole, so that one and the
 * same index means one and the same user. */
static int32_t users_of(const split_part *p) {
    return mixfill_ratings_n_users(p->ratings) - p->summary.empty_users;
}

/* Items with a rating in this part: both parts have all items of the whole. */
static int32_t items_of(const split_part *p) {
    return mixfill_ratings_n_items(p->ratings) - p->summary.empty_items;
}

/* One part of the result. */
static json_t *part_json(const split_part *p) {
    return json_pack("{s:o, s:s, s:i, s:i, s:I}", "path", cli_text_json(p->path), "format",
                     mixfill_format_name(p->save.format), "n_users", users_of(p), "n_items",
                     items_of(p), "n_ratings", (json_int_t)mixfill_ratings_count(p->ratings));
}

/* The path stands last, where it may be long. */
static void part_row(FILE *out, const char *label, const split_part *p) {
    int64_t n = mixfill_ratings_count(p->ratings);
    cli_row(out, label,
            "%" PRId64 " rating%s of %" PRId32 " user%s and %" PRId32 " item%s, %s (%s)", n,
            cli_s(n), users_of(p), cli_s(users_of(p)), items_of(p), cli_s(items_of(p)), p->path,
            mixfill_format_name(p->save.format));
}

/* What went where. null: what a split does not have. */
static json_t *split_json(const split_arguments *a) {
    mixfill_split_method m = a->split.method;
    bool drawn = m == MIXFILL_SPLIT_RANDOM || m == MIXFILL_SPLIT_USER;
    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o}", "input",
                     cli_text_json(a->rewrite.path), "method", method_name(a), "fraction",
                     m <= MIXFILL_SPLIT_TIME ? json_real(a->split.fraction) : json_null(), "seed",
                     drawn ? json_integer(a->split.seed) : json_null(), "per_user",
                     m == MIXFILL_SPLIT_LAST ? json_integer(a->split.per_user) : json_null(),
                     "before",
                     m == MIXFILL_SPLIT_BEFORE ? json_integer(a->split.before) : json_null(),
                     "valid_from", a->has_valid_from ? json_integer(a->valid_from) : json_null(),
                     "min_ratings", a->min_ratings, "train", part_json(&a->part[TRAIN]), "valid",
                     a->part[VALID].path != NULL ? part_json(&a->part[VALID]) : json_null(), "test",
                     part_json(&a->part[TEST]));
}

/* One of the outputs may be standard output, which then belongs to it. */
static int print_parts(const split_arguments *a) {
    FILE *out = stdout;
    if (a->rewrite.in.common.json)
        return cli_print_json(split_json(a));
    for (int i = 0; i < N_PARTS; i++)
        if (cli_is_stdio(a->part[i].path))
            out = cli_table_stream(a->part[i].path);
    if (a->split.method == MIXFILL_SPLIT_LAST)
        cli_row(out, "split", "last, %" PRId32 " of each user", a->split.per_user);
    else if (a->split.method == MIXFILL_SPLIT_BEFORE)
        cli_row(out, "split", "time, test from %" PRId64 " on", a->split.before);
    else if (a->split.method == MIXFILL_SPLIT_TIME)
        cli_row(out, "split", "time, fraction %g", a->split.fraction);
    else
        cli_row(out, "split", "%s, fraction %g, seed %" PRIu32, method_name(a), a->split.fraction,
                a->split.seed);
    for (int i = 0; i < N_PARTS; i++)
        if (a->part[i].path != NULL)
            part_row(out, a->part[i].label, &a->part[i]);
    return 0;
}

/* ---- splitting ---- */

/* What the second split, which makes the validation part of the rest, does: the same share of the
 * whole, from a stream of its own, or what comes next by time. */
static mixfill_split_options second_split(const split_arguments *a) {
    const uint32_t other = 0x9e3779b9;
    mixfill_split_options o = a->split;
    o.fraction = a->split.fraction / (1 - a->split.fraction);
    o.seed = a->split.seed ^ other;
    o.before = a->valid_from;
    if (o.method > MIXFILL_SPLIT_TIME)
        o.fraction = a->split.fraction;
    return o;
}

/* Leave out users and items of too few ratings, and say how many. */
static int take_core(mixfill_ratings **ratings, const split_arguments *a) {
    mixfill_error err;
    mixfill_ratings *core;
    int64_t before = mixfill_ratings_count(*ratings);
    if (a->min_ratings == 0)
        return 0;
    if (mixfill_ratings_core(&core, *ratings, a->min_ratings, &err) != MIXFILL_OK)
        return cli_fail(&err);
    int64_t left = before - mixfill_ratings_count(core);
    if (left > 0)
        cli_note("%" PRId64 " rating%s of users or items with fewer than %" PRId32 " left out",
                 left, cli_s(left), a->min_ratings);
    mixfill_ratings_free(*ratings);
    *ratings = core;
    return 0;
}

/* A split by time meets users and items of the future; more than half of them is a test of what
 * nothing was learned of. */
static int note_new(const split_arguments *a) {
    mixfill_error err;
    int64_t users, items;
    const split_part *test = &a->part[TEST];
    if (a->split.method < MIXFILL_SPLIT_TIME)
        return 0;
    if (mixfill_split_count_new(&users, &items, a->part[TRAIN].ratings, test->ratings, &err) !=
        MIXFILL_OK)
        return cli_fail(&err);
    int64_t n = mixfill_ratings_count(test->ratings);
    if (users > 0 || items > 0)
        cli_note("%s%" PRId64 " of %" PRId64 " test ratings are of users without training ratings, "
                 "%" PRId64 " of such items%s",
                 2 * users > n || 2 * items > n ? "warning: " : "", users, n, items,
                 2 * users > n ? " (--method last leaves every user some)" : "");
    if (a->split.method == MIXFILL_SPLIT_LAST && test->summary.empty_users > 0)
        cli_note("%" PRId32 " user%s with at most %" PRId32 " rating%s %s all in training",
                 test->summary.empty_users, cli_s(test->summary.empty_users), a->split.per_user,
                 cli_s(a->split.per_user), test->summary.empty_users == 1 ? "is" : "are");
    return 0;
}

/* The test part first, then the validation part from what is left. */
static int make_parts(split_arguments *a, const mixfill_ratings *ratings) {
    mixfill_error err;
    split_part *train = &a->part[TRAIN];
    if (mixfill_ratings_split(&train->ratings, &a->part[TEST].ratings, ratings, &a->split, &err) !=
        MIXFILL_OK)
        return cli_fail(&err);
    if (a->part[VALID].path != NULL) {
        const mixfill_split_options second = second_split(a);
        mixfill_ratings *rest = train->ratings;
        train->ratings = NULL;
        mixfill_status st =
            mixfill_ratings_split(&train->ratings, &a->part[VALID].ratings, rest, &second, &err);
        mixfill_ratings_free(rest);
        if (st != MIXFILL_OK)
            return cli_fail(&err);
    }
    for (int i = 0; i < N_PARTS; i++)
        if (a->part[i].ratings != NULL &&
            mixfill_ratings_summarize(a->part[i].ratings, &a->part[i].summary, &err) != MIXFILL_OK)
            return cli_fail(&err);
    return note_new(a);
}

/* All outputs are checked before the ratings are read, which may take minutes. */
static int run_split(split_arguments *a) {
    mixfill_ratings *ratings = NULL;
    int status = 0;
    for (int i = 0; i < N_PARTS && status == 0; i++)
        status = cli_check_output(a->part[i].path, &a->rewrite.path, 1);
    if (status == 0)
        status = cli_load(&ratings, a->rewrite.path, &a->rewrite.in.read);
    if (status == 0)
        status = take_core(&ratings, a);
    if (status == 0)
        status = make_parts(a, ratings);
    mixfill_ratings_free(ratings);
    if (status == 0)
        status = save_parts(a);
    if (status == 0)
        status = print_parts(a);
    for (int i = 0; i < N_PARTS; i++)
        mixfill_ratings_free(a->part[i].ratings);
    return status;
}

/* stdout: what went where, or with - the ratings of one part. New files are there afterwards all
 * or not at all. */
int cli_split(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"train", KEY_TRAIN, "OUT", 0,
         "where to write the ratings to fit, in the format of the extension or of --to; - is "
         "standard output",
         CLI_HELP_OUTPUT},
        {"test", KEY_TEST, "OUT", 0, "where to write the held-out ratings, as with --train",
         CLI_HELP_OUTPUT},
        {"valid", KEY_VALID, "OUT", 0,
         "where to write a third part, to stop by or to choose with: held out of the training part "
         "as the test part was, as large (default: no such part)",
         CLI_HELP_OUTPUT},
        {"method", KEY_METHOD, "METHOD", 0,
         "which ratings are held out: random (default), user (a random fraction of each user's), "
         "time (the latest of all) or last (the latest of each user's)",
         CLI_HELP_HELD_OUT},
        {"fraction", KEY_FRACTION, "X", 0, "fraction of the ratings that is held out (default 0.1)",
         CLI_HELP_HELD_OUT},
        {"seed", KEY_SEED, "S", 0, "seed of the random numbers, 0 to 4294967295 (default 1)",
         CLI_HELP_HELD_OUT},
        {"per-user", KEY_PER_USER, "N", 0,
         "with last, how many of each user who has more (default 1)", CLI_HELP_HELD_OUT},
        {"before", KEY_BEFORE, "TIME", 0,
         "hold out what was rated at TIME or later, a date or seconds since 1970 (default: a "
         "fraction)",
         CLI_HELP_HELD_OUT},
        {"valid-from", KEY_VALID_FROM, "TIME", 0,
         "with --before, where the third part begins (default: there is none)", CLI_HELP_HELD_OUT},
        {"min-ratings", KEY_MIN_RATINGS, "N", 0,
         "first leave out users and items with fewer than N ratings, until none is left (default: "
         "all stay)",
         CLI_HELP_HELD_OUT},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "DATA --train OUT [--valid OUT] --test OUT",
        .doc = "Hold out ratings for a test. Every rating goes to one of the files, with its ids "
               "and timestamp where the format has them; the same files for any number of threads.",
        .children = cli_rewrite_children};
    split_arguments a = {.part = {{.option = "--train", .label = "training part"},
                                  {.option = "--valid", .label = "validation part"},
                                  {.option = "--test", .label = "test part"}}};
    cli_rewrite_init(&a.rewrite);
    mixfill_split_options_init(&a.split);
    cli_parse(&argp, argc, argv, &a);
    return run_split(&a);
}
