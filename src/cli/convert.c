/* mixfill convert: ratings from one format to another, whole: ids and timestamps go along where the
 * format has them, and what it cannot hold is said on stderr before it is lost. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/print.h"

#include <inttypes.h>

/* What the command line gives; save holds what the output's name and --to amount to. */
typedef struct convert_arguments {
    const char *output;
    mixfill_save_options save;
    cli_rewrite rewrite;
} convert_arguments;

/* The output is settled at the end, when --to and --missing are known wherever they stood. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    convert_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->rewrite;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->output == NULL)
            argp_error(state, "no -o OUT given, expected where to write the ratings");
        cli_settle_output(state, "-o", a->output, &a->rewrite, &a->save);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The result: how much there was, and where it is now. */
static int print_converted(const convert_arguments *a, const mixfill_ratings *r) {
    int32_t n = mixfill_ratings_n_users(r), d = mixfill_ratings_n_items(r);
    int64_t nnz = mixfill_ratings_count(r);
    const char *format = mixfill_format_name(a->save.format);
    if (a->rewrite.in.common.json)
        return cli_print_json(json_pack("{s:o, s:o, s:s, s:i, s:i, s:I}", "input",
                                        cli_text_json(a->rewrite.path), "path",
                                        cli_text_json(a->output), "format", format, "n_users", n,
                                        "n_items", d, "n_ratings", (json_int_t)nnz));
    FILE *out = cli_table_stream(a->output);
    char shape[CLI_SHAPE_TEXT];
    cli_row(out, "converted", "%s", cli_shape(shape, n, d, nnz));
    cli_row(out, "saved to", "%s (%s)", a->output, format);
    return 0;
}

/* stdout: a table or an object of what was converted, or with -o - the ratings. An output that
 * exists is replaced once the new one is whole. */
int cli_convert(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"output", 'o', "OUT", 0,
         "where to write the ratings, in the format of the extension or of --to; - is standard "
         "output",
         CLI_HELP_OUTPUT},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "DATA -o OUT",
        .doc =
            "Write ratings in another format: user by user, each user's items in the order of "
            "their first appearance. Ids and timestamps are kept where the format has them. In a "
            "dense output --missing says what stands for no rating.",
        .children = cli_rewrite_children};
    convert_arguments a = {0};
    mixfill_ratings *ratings = NULL;
    cli_rewrite_init(&a.rewrite);
    cli_parse(&argp, argc, argv, &a);
    int status = cli_check_output(a.output, &a.rewrite.path, 1);
    if (status == 0)
        status = cli_load(&ratings, a.rewrite.path, &a.rewrite.in.read);
    if (status == 0)
        status = cli_save(ratings, a.output, &a.save);
    if (status == 0)
        status = print_converted(&a, ratings);
    mixfill_ratings_free(ratings);
    return status;
}
