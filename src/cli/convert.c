/* mixfill convert: ratings from one format to another. */
#include "cli/cli.h"

#include <inttypes.h>
#include <string.h>

typedef struct convert_arguments {
    const char *path, *output, *to;
    mixfill_read_options read;
    mixfill_save_options save;
    cli_common common;
} convert_arguments;

enum { KEY_TO = 512, KEY_NO_TIMESTAMPS };

static void settle_convert(const struct argp_state *state, convert_arguments *a) {
    if (a->path == NULL)
        argp_error(state, "no DATA given, expected ratings");
    if (a->output == NULL)
        argp_error(state, "no -o OUT given, expected where to write the ratings");
    cli_check_stdout(state, "-o", a->output, a->common.json);
    a->save.format = cli_format_of(state, "-o", a->output, a->to);
    a->save.nan_is_missing = a->read.nan_is_missing;
}

static error_t parse_convert(int key, char *arg, struct argp_state *state) {
    convert_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->read;
        state->child_inputs[1] = &a->common;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case KEY_TO:
        a->to = arg;
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
        settle_convert(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int print_converted(const convert_arguments *a, const mixfill_ratings *r) {
    int32_t n = mixfill_ratings_n_users(r), d = mixfill_ratings_n_items(r);
    int64_t nnz = mixfill_ratings_count(r);
    const char *format = mixfill_format_name(a->save.format);
    if (a->common.json)
        return cli_print_json(json_pack("{s:s, s:s, s:s, s:i, s:i, s:I}", "input", a->path, "path",
                                        a->output, "format", format, "n_users", n, "n_items", d,
                                        "n_ratings", (json_int_t)nnz));
    FILE *out = strcmp(a->output, "-") == 0 ? stderr : stdout;
    cli_row(out, "converted", "%" PRId32 " users x %" PRId32 " items, %" PRId64 " ratings", n, d,
            nnz);
    cli_row(out, "saved to", "%s (%s)", a->output, format);
    return 0;
}

int cli_convert(int argc, char **argv) {
    static const struct argp_child children[] = {
        {&cli_data_argp, 0, "Reading:", 10}, {&cli_common_argp, 0, NULL, 0}, {0}};
    static const struct argp_option options[] = {
        {"output", 'o', "OUT", 0, "the format is that of the extension; - is standard output", 1},
        {"to", KEY_TO, "FORMAT", 0,
         "csv, dat, tab, triplets, dense, npz, mtx or npy, whatever the name", 1},
        {"no-timestamps", KEY_NO_TIMESTAMPS, NULL, 0, "leave timestamps out", 1},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_convert,
        .args_doc = "DATA -o OUT",
        .doc =
            "Write ratings in another format: user by user, each user's items in the order of "
            "their first appearance. Ids and timestamps are kept where the format has them. In a "
            "dense output --missing says what stands for no rating.",
        .children = children};
    convert_arguments a = {0};
    mixfill_ratings *ratings = NULL;
    mixfill_read_options_init(&a.read);
    a.read.keep_times = true;
    mixfill_save_options_init(&a.save);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    const char *const inputs[] = {a.path, NULL};
    int status = cli_check_output(a.output, inputs);
    if (status == 0)
        status = cli_load(&ratings, a.path, &a.read);
    if (status == 0)
        status = cli_save(ratings, a.output, &a.save);
    if (status == 0)
        status = print_converted(&a, ratings);
    mixfill_ratings_free(ratings);
    return status;
}
