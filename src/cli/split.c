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

/* One of the two outputs. */
typedef struct split_part {
    const char *option, *path;
    mixfill_save_options save;
    mixfill_ratings *ratings;
    mixfill_ratings_summary summary;
} split_part;

/* What the command line gives. Both parts are described before they are there, and filled by
 * run_split. */
typedef struct split_arguments {
    split_part train, test;
    mixfill_split_options split;
    cli_rewrite rewrite;
} split_arguments;

enum { KEY_TRAIN = 512, KEY_TEST, KEY_METHOD, KEY_FRACTION, KEY_SEED };

/* In the order of mixfill_split_method. */
static const char *const methods[] = {"random", "user", "time", NULL};

/* Both outputs must be there, of a known format, and not one file: the second would replace the
 * first without a word. The fraction is checked by the library. */
static void settle(const struct argp_state *state, split_arguments *a) {
    mixfill_error err;
    split_part *parts[] = {&a->train, &a->test};
    for (int i = 0; i < 2; i++) {
        if (parts[i]->path == NULL)
            argp_error(state, "no %s OUT given, expected --train and --test", parts[i]->option);
        cli_settle_output(state, parts[i]->option, parts[i]->path, &a->rewrite, &parts[i]->save);
    }
    if (strcmp(a->train.path, a->test.path) == 0 || cli_same_file(a->train.path, a->test.path))
        argp_error(state, "--train '%s' and --test '%s' are one file, expected two", a->train.path,
                   a->test.path);
    if (mixfill_split_options_validate(&a->split, &err) != MIXFILL_OK)
        cli_refuse(state, &err);
}

/* Both outputs take their format, where --to does not name one, from their own extension. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    split_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->rewrite;
        return 0;
    case KEY_TRAIN:
        a->train.path = arg;
        return 0;
    case KEY_TEST:
        a->test.path = arg;
        return 0;
    case KEY_METHOD:
        a->split.method = (mixfill_split_method)cli_choice(state, "--method", arg, methods);
        return 0;
    case KEY_FRACTION:
        a->split.fraction = cli_number(state, "--fraction", arg);
        return 0;
    case KEY_SEED:
        a->split.seed = (uint32_t)cli_integer(state, "--seed", arg, 0, UINT32_MAX);
        return 0;
    case ARGP_KEY_END:
        settle(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Save both parts or neither: where the second fails, the first goes unless it was there before.
 * Only a regular file is taken back; a device or a pipe has nothing to take. */
static int save_parts(const split_arguments *a) {
    struct stat before, after;
    bool is_new = stat(a->test.path, &before) != 0;
    int status = cli_save(a->test.ratings, a->test.path, &a->test.save);
    if (status != 0)
        return status;
    status = cli_save(a->train.ratings, a->train.path, &a->train.save);
    if (status != 0 && is_new && stat(a->test.path, &after) == 0 && S_ISREG(after.st_mode))
        unlink(a->test.path);
    return status;
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
    return json_pack("{s:s, s:s, s:i, s:i, s:I}", "path", p->path, "format",
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

/* What went where. One of the outputs may be standard output, which then belongs to it. */
static int print_parts(const split_arguments *a) {
    const char *method = methods[a->split.method];
    if (a->rewrite.in.common.json)
        return cli_print_json(json_pack("{s:s, s:s, s:f, s:I, s:o, s:o}", "input", a->rewrite.path,
                                        "method", method, "fraction", a->split.fraction, "seed",
                                        (json_int_t)a->split.seed, "train", part_json(&a->train),
                                        "test", part_json(&a->test)));
    FILE *out = cli_table_stream(cli_is_stdio(a->train.path) ? a->train.path : a->test.path);
    cli_row(out, "split", "%s, fraction %g, seed %" PRIu32, method, a->split.fraction,
            a->split.seed);
    part_row(out, "training part", &a->train);
    part_row(out, "test part", &a->test);
    return 0;
}

/* Both outputs are checked before the ratings are read, which may take minutes. */
static int run_split(split_arguments *a) {
    mixfill_error err;
    mixfill_ratings *ratings = NULL;
    int status = cli_check_output(a->train.path, &a->rewrite.path, 1);
    if (status == 0)
        status = cli_check_output(a->test.path, &a->rewrite.path, 1);
    if (status == 0)
        status = cli_load(&ratings, a->rewrite.path, &a->rewrite.in.read);
    if (status == 0 && mixfill_ratings_split(&a->train.ratings, &a->test.ratings, ratings,
                                             &a->split, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    mixfill_ratings_free(ratings);
    split_part *parts[] = {&a->train, &a->test};
    for (int i = 0; i < 2 && status == 0; i++)
        if (mixfill_ratings_summarize(parts[i]->ratings, &parts[i]->summary, &err) != MIXFILL_OK)
            status = cli_fail(&err);
    if (status == 0)
        status = save_parts(a);
    if (status == 0)
        status = print_parts(a);
    mixfill_ratings_free(a->train.ratings);
    mixfill_ratings_free(a->test.ratings);
    return status;
}

/* stdout: what went where, or with - the ratings of one part. New files are there afterwards both
 * or not at all. */
int cli_split(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"train", KEY_TRAIN, "OUT", 0,
         "where to write the ratings to fit, in the format of the extension or of --to; - is "
         "standard output",
         CLI_HELP_OUTPUT},
        {"test", KEY_TEST, "OUT", 0, "where to write the held-out ratings, as with --train",
         CLI_HELP_OUTPUT},
        {"method", KEY_METHOD, "METHOD", 0,
         "which ratings are held out: random (default), user (a random fraction of each user's) or "
         "time (the latest of all)",
         CLI_HELP_HELD_OUT},
        {"fraction", KEY_FRACTION, "X", 0, "fraction of the ratings that is held out (default 0.1)",
         CLI_HELP_HELD_OUT},
        {"seed", KEY_SEED, "S", 0, "seed of the random numbers, 0 to 4294967295 (default 1)",
         CLI_HELP_HELD_OUT},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "DATA --train OUT --test OUT",
        .doc = "Hold out ratings for a test. Every rating goes to one of both files, with its ids "
               "and timestamp where the format has them; the same files for any number of threads.",
        .children = cli_rewrite_children};
    split_arguments a = {.train = {.option = "--train"}, .test = {.option = "--test"}};
    cli_rewrite_init(&a.rewrite);
    mixfill_split_options_init(&a.split);
    cli_parse(&argp, argc, argv, &a);
    return run_split(&a);
}
