/* mixfill split: a training and a test file from one. */
#include "cli/cli.h"

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

typedef struct split_arguments {
    const char *path, *to;
    split_part train, test;
    mixfill_read_options read;
    mixfill_split_options split;
    cli_common common;
} split_arguments;

enum { KEY_TRAIN = 512, KEY_TEST, KEY_METHOD, KEY_FRACTION, KEY_SEED, KEY_TO, KEY_NO_TIMESTAMPS };

/* In the order of mixfill_split_method. */
static const char *const methods[] = {"random", "user", "time", NULL};

static void settle_part(const struct argp_state *state, split_part *p, const split_arguments *a) {
    if (p->path == NULL)
        argp_error(state, "no %s OUT given, expected --train and --test", p->option);
    cli_check_stdout(state, p->option, p->path, a->common.json);
    p->save.format = cli_format_of(state, p->option, p->path, a->to);
    p->save.nan_is_missing = a->read.nan_is_missing;
}

static void settle_split(const struct argp_state *state, split_arguments *a) {
    mixfill_error err;
    if (a->path == NULL)
        argp_error(state, "no DATA given, expected ratings");
    settle_part(state, &a->train, a);
    settle_part(state, &a->test, a);
    if (strcmp(a->train.path, a->test.path) == 0 || cli_same_file(a->train.path, a->test.path))
        argp_error(state, "--train '%s' and --test '%s' are one file, expected two", a->train.path,
                   a->test.path);
    if (mixfill_split_options_validate(&a->split, &err) != MIXFILL_OK)
        argp_error(state, "%s", err.message);
}

static error_t parse_split_option(int key, char *arg, struct argp_state *state) {
    split_arguments *a = state->input;
    switch (key) {
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
    case KEY_TO:
        a->to = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_split(int key, char *arg, struct argp_state *state) {
    split_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->read;
        state->child_inputs[1] = &a->common;
        return 0;
    case KEY_NO_TIMESTAMPS:
        a->read.keep_times = false;
        return 0;
    case ARGP_KEY_ARG:
        if (a->path != NULL)
            argp_error(state, "unexpected argument '%s', expected one DATA", arg);
        a->path = arg;
        return 0;
    case ARGP_KEY_END:
        a->read.threads = a->common.threads;
        settle_split(state, a);
        return 0;
    default:
        return parse_split_option(key, arg, state);
    }
}

/* Save both parts or neither: where the second fails, the first goes unless it was there before. */
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

static int32_t users_of(const split_part *p) {
    return mixfill_ratings_n_users(p->ratings) - p->summary.empty_users;
}

static int32_t items_of(const split_part *p) {
    return mixfill_ratings_n_items(p->ratings) - p->summary.empty_items;
}

static json_t *part_json(const split_part *p) {
    return json_pack("{s:s, s:s, s:i, s:i, s:I}", "path", p->path, "format",
                     mixfill_format_name(p->save.format), "n_users", users_of(p), "n_items",
                     items_of(p), "n_ratings", (json_int_t)mixfill_ratings_count(p->ratings));
}

static void part_row(FILE *out, const char *label, const split_part *p) {
    cli_row(out, label, "%" PRId64 " ratings of %" PRId32 " users and %" PRId32 " items, %s (%s)",
            mixfill_ratings_count(p->ratings), users_of(p), items_of(p), p->path,
            mixfill_format_name(p->save.format));
}

static int print_parts(const split_arguments *a) {
    const char *method = methods[a->split.method];
    if (a->common.json)
        return cli_print_json(json_pack("{s:s, s:s, s:f, s:I, s:o, s:o}", "input", a->path,
                                        "method", method, "fraction", a->split.fraction, "seed",
                                        (json_int_t)a->split.seed, "train", part_json(&a->train),
                                        "test", part_json(&a->test)));
    bool taken = strcmp(a->train.path, "-") == 0 || strcmp(a->test.path, "-") == 0;
    FILE *out = taken ? stderr : stdout;
    cli_row(out, "split", "%s, fraction %g, seed %" PRIu32, method, a->split.fraction,
            a->split.seed);
    part_row(out, "training part", &a->train);
    part_row(out, "test part", &a->test);
    return 0;
}

static int run_split(split_arguments *a) {
    mixfill_error err;
    mixfill_ratings *ratings = NULL;
    const char *const inputs[] = {a->path, NULL};
    int status = cli_check_output(a->train.path, inputs);
    if (status == 0)
        status = cli_check_output(a->test.path, inputs);
    if (status == 0)
        status = cli_load(&ratings, a->path, &a->read);
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

int cli_split(int argc, char **argv) {
    static const struct argp_child children[] = {
        {&cli_data_argp, 0, "Reading:", 10}, {&cli_common_argp, 0, NULL, 0}, {0}};
    static const struct argp_option options[] = {
        {"train", KEY_TRAIN, "OUT", 0, "the format is that of the extension; - is standard output",
         1},
        {"test", KEY_TEST, "OUT", 0, "the same", 1},
        {"method", KEY_METHOD, "METHOD", 0,
         "random (default), user: a fraction of each user's ratings, or time: the latest of all",
         1},
        {"fraction", KEY_FRACTION, "X", 0, "of the ratings for the test (default 0.1)", 1},
        {"seed", KEY_SEED, "S", 0, "0 to 4294967295 (default 1)", 1},
        {"to", KEY_TO, "FORMAT", 0,
         "csv, dat, tab, triplets, dense, npz, mtx or npy, whatever the names", 1},
        {"no-timestamps", KEY_NO_TIMESTAMPS, NULL, 0, "leave timestamps out", 1},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_split,
        .args_doc = "DATA --train OUT --test OUT",
        .doc = "Hold out ratings for a test. Every rating goes to one of both files, with its ids "
               "and timestamp where the format has them; the same files for any number of threads.",
        .children = children};
    split_arguments a = {.train = {.option = "--train"}, .test = {.option = "--test"}};
    mixfill_read_options_init(&a.read);
    a.read.keep_times = true;
    mixfill_split_options_init(&a.split);
    mixfill_save_options_init(&a.train.save);
    mixfill_save_options_init(&a.test.save);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return run_split(&a);
}
