/* mixfill generate: synthetic ratings with a planted mixture, for tests and measurements. The same
 * options give the same bytes, on any number of threads and any machine. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/format_options.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/progress.h"

#include <inttypes.h>

/* What the command line gives; settle_options puts it together in generate and format. */
typedef struct generate_arguments {
    const char *output, *shape;
    mixfill_generate_options generate;
    mixfill_format format;
    int64_t users, items, ratings; /* 0: not given */
    cli_common common;
} generate_arguments;

enum { KEY_USERS = 512, KEY_ITEMS, KEY_RATINGS, KEY_SHAPE, KEY_SEED, KEY_POPULARITY };

/* In the order of mixfill_popularity. */
static const char *const popularity_names[] = {"movielens", "uniform", NULL};

/* The shape first, then what was given one by one, whatever their order. */
static void settle_options(const struct argp_state *state, generate_arguments *a) {
    mixfill_error err;
    mixfill_generate_options *g = &a->generate;
    if (a->output == NULL)
        argp_error(state, "no -o FILE given, expected where to write the ratings");
    cli_check_stdout(state, "-o", a->output, a->common.json);
    a->format = cli_format_of(state, "-o", a->output, NULL);
    if (a->shape != NULL && mixfill_generate_options_shape(g, a->shape, &err) != MIXFILL_OK)
        cli_refuse(state, &err);
    if (a->users > 0)
        g->n_users = (int32_t)a->users;
    if (a->items > 0)
        g->n_items = (int32_t)a->items;
    if (a->ratings > 0)
        g->n_ratings = a->ratings;
}

/* How many users, items and ratings are kept apart from the options of the library: they override
 * --shape even where they stand before it. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    generate_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->common;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case 'k':
        a->generate.n_components = (int32_t)cli_integer(state, "-k", arg, 1, INT32_MAX);
        return 0;
    case KEY_USERS:
        a->users = cli_integer(state, "--users", arg, 1, INT32_MAX);
        return 0;
    case KEY_ITEMS:
        a->items = cli_integer(state, "--items", arg, 1, INT32_MAX);
        return 0;
    case KEY_RATINGS:
        a->ratings = cli_integer(state, "--ratings", arg, 1, INT64_MAX);
        return 0;
    case KEY_SHAPE:
        a->shape = arg;
        return 0;
    case KEY_POPULARITY:
        a->generate.popularity =
            (mixfill_popularity)cli_choice(state, "--popularity", arg, popularity_names);
        return 0;
    case KEY_SEED:
        a->generate.seed = (uint32_t)cli_integer(state, "--seed", arg, 0, UINT32_MAX);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s', expected options only", arg);
        return 0;
    case ARGP_KEY_END:
        a->generate.threads = a->common.threads;
        settle_options(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The result: what was made, and where it is. */
static int print_generated(const generate_arguments *a, const mixfill_ratings *r) {
    int32_t n = mixfill_ratings_n_users(r), d = mixfill_ratings_n_items(r);
    int64_t nnz = mixfill_ratings_count(r);
    if (a->common.json)
        return cli_print_json(json_pack(
            "{s:o, s:s, s:i, s:i, s:I, s:i, s:I, s:s}", "path", cli_text_json(a->output), "format",
            mixfill_format_name(a->format), "n_users", n, "n_items", d, "n_ratings",
            (json_int_t)nnz, "n_components", a->generate.n_components, "seed",
            (json_int_t)a->generate.seed, "popularity", popularity_names[a->generate.popularity]));
    FILE *out = cli_table_stream(a->output);
    char shape[CLI_SHAPE_TEXT];
    cli_row(out, "generated", "%s", cli_shape(shape, n, d, nnz));
    cli_row(out, "saved to", "%s (%s)", a->output, mixfill_format_name(a->format));
    return 0;
}

/* Make, save, print. */
static int run_generate(generate_arguments *a) {
    mixfill_error err;
    mixfill_ratings *ratings = NULL;
    mixfill_save_options save;
    cli_counting counting;
    mixfill_save_options_init(&save);
    save.format = a->format;
    cli_counting_init(&counting, "generating");
    a->generate.progress = cli_users_show;
    a->generate.progress_data = &counting;
    mixfill_status st = mixfill_generate(&ratings, &a->generate, &err);
    cli_counting_finish(&counting);
    int status = st == MIXFILL_OK ? 0 : cli_fail(&err);
    if (status == 0)
        status = cli_save(ratings, a->output, &save);
    if (status == 0)
        status = print_generated(a, ratings);
    mixfill_ratings_free(ratings);
    return status;
}

/* stdout: what was made, or with -o - the ratings as csv. */
int cli_generate(int argc, char **argv) {
    static const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    static const struct argp_option options[] = {
        {"output", 'o', "FILE", 0,
         "where to write the ratings, in the format of the extension; - is csv on standard output",
         CLI_HELP_OUTPUT},
        {"users", KEY_USERS, "N", 0, "number of users (default 943)", CLI_HELP_DRAW},
        {"items", KEY_ITEMS, "D", 0, "number of items (default 1682)", CLI_HELP_DRAW},
        {"ratings", KEY_RATINGS, "n", 0,
         "number of ratings, at most half of users times items (default 100000)", CLI_HELP_DRAW},
        {"components", 'k', "K", 0, "components of the planted mixture (default 8)", CLI_HELP_DRAW},
        {"shape", KEY_SHAPE, "SHAPE", 0,
         "ml-100k, ml-1m, ml-10m, ml-25m or ml-32m: as many users, items and ratings as that set "
         "(default ml-100k)",
         CLI_HELP_DRAW},
        {"popularity", KEY_POPULARITY, "movielens|uniform", 0,
         "how often items are rated: as in MovieLens (the default), or all equally often (uniform)",
         CLI_HELP_DRAW},
        {"seed", KEY_SEED, "S", 0, "seed of the random numbers, 0 to 4294967295 (default 1)",
         CLI_HELP_DRAW},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "-o FILE",
        .doc = "Make synthetic half-star ratings with a planted mixture, popularity and activity "
               "shaped like MovieLens; the same bytes for any number of threads.",
        .children = children};
    generate_arguments a = {0};
    mixfill_generate_options_init(&a.generate);
    cli_parse(&argp, argc, argv, &a);
    return run_generate(&a);
}
