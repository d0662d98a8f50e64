/* The options that several commands share. Every fault found here is a usage error: argp_error
 * names the command and the fault, and ends the program with EXIT_USAGE, so that what a command is
 * handed is right. */
#include "cli/arguments.h"

#include "cli/format_options.h"
#include "cli/help.h"
#include "cli/option_names.h"
#include "cli/option_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is wrong with a command line ---- */

error_t cli_take_argument(const struct argp_state *state, const char **path, const char *text,
                          const char *expected) {
    if (*path != NULL)
        argp_error(state, "unexpected argument '%s', expected %s", text, expected);
    *path = text;
    return 0;
}

void cli_refuse(const struct argp_state *state, const mixfill_error *err) {
    char message[CLI_MESSAGE_BUFFER];
    argp_error(state, "%s", cli_message(message, err));
}

void cli_check_stdout(const struct argp_state *state, const char *option, const char *path,
                      bool json) {
    if (json && path != NULL && strcmp(path, "-") == 0)
        argp_error(state, "%s - and --json both write to standard output, expected one of them",
                   option);
}

void cli_check_lines(const struct argp_state *state, bool lines, const char *output, bool json) {
    if (lines && json && output == NULL)
        argp_error(state, "--jsonl and --json both write to standard output, expected one of them");
}

/* Keys of one program-wide range each, since argp looks a key up in all parsers of a command: those
 * of commands begin at 512, those of model_options.c at 1024. None is a character. */
enum {
    KEY_THREADS = 2048,
    KEY_JSON,
    KEY_MISSING,
    KEY_IDS,
    KEY_DUPLICATES,
    KEY_BAD_LINE,
    KEY_RANGE,
    KEY_TRANSPOSE,
    KEY_MEMBER,
    KEY_COLUMNS,
    KEY_DELIMITER,
    KEY_DECIMAL_COMMA,
    KEY_STRICT_INPUT,
    KEY_NO_TIMESTAMPS
};

/* ---- --json and --threads ---- */

/* Its input is the flag itself, so that a command that takes nothing else needs no struct. */
static error_t parse_json(int key, char *arg, struct argp_state *state) {
    (void)arg;
    if (key != KEY_JSON)
        return ARGP_ERR_UNKNOWN;
    *(bool *)state->input = true;
    return 0;
}

static const struct argp_option json_options[] = {
    {"json", KEY_JSON, NULL, 0, "print one JSON object instead of a table or csv", CLI_HELP_OUTPUT},
    {0}};

const struct argp cli_json_argp = {.options = json_options, .parser = parse_json};

/* 4096 threads are more than any machine this was run on; larger numbers are slips. */
static error_t parse_common(int key, char *arg, struct argp_state *state) {
    cli_common *common = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &common->json;
        return 0;
    case KEY_THREADS:
        common->threads = (int32_t)cli_integer(state, "--threads", arg, 1, 4096);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option common_options[] = {
    {"threads", KEY_THREADS, "T", 0,
     "run on T threads (default OMP_NUM_THREADS, else as many as affinity mask and CPU quota "
     "leave; "
     "fewer for small work)",
     CLI_HELP_MACHINE},
    {0}};

static const struct argp_child common_children[] = {{&cli_json_argp, 0, NULL, 0}, {0}};

const struct argp cli_common_argp = {
    .options = common_options, .parser = parse_common, .children = common_children};

/* ---- how ratings are read ---- */

/* How they are read is described by mixfill_read_options, field by field. Two defaults differ in
 * check. */
static const struct argp_option data_options[] = {
    {"format", CLI_KEY_FORMAT, "FORMAT", 0,
     "format of the ratings: auto (default: told by the content), %s", CLI_HELP_READING},
    {"columns", KEY_COLUMNS, "ROLES", 0,
     "user=U,item=I,rating=R[,time=T]: which columns of text to read, by name or number from 1; "
     "rating=1 where a rating is not there: every rating is 1 (default: told by the header, else "
     "the first ones)",
     CLI_HELP_READING},
    {"delimiter", KEY_DELIMITER, "CHAR|tab|blank", 0,
     "what stands between the fields of text (default: told by the content)", CLI_HELP_READING},
    {"decimal-comma", KEY_DECIMAL_COMMA, NULL, 0,
     "take 3,5 for a number (default: only between semicolons)", CLI_HELP_READING},
    {"missing", KEY_MISSING, "NUMBER|nan", 0,
     "what stands for no rating in a dense matrix (default 0)", CLI_HELP_READING},
    {"ids", KEY_IDS, "string|int", 0,
     "string (default): the ids 7, 007 and 7.0 are three; int: they are one", CLI_HELP_READING},
    {"duplicates", KEY_DUPLICATES, "POLICY", 0,
     "what becomes of a pair of user and item that is given twice: error (default: the file is "
     "refused), first, last (the default of check) or mean",
     CLI_HELP_READING},
    {"on-bad-line", KEY_BAD_LINE, "error|skip", 0,
     "error (default): end at a line that cannot be read; skip (the default of check): leave such "
     "lines out, count them, and show the first five",
     CLI_HELP_READING},
    {"rating-range", KEY_RANGE, "LO:HI", 0,
     "take a rating outside LO to HI for a bad line (default: none is)", CLI_HELP_READING},
    {"transpose", KEY_TRANSPOSE, NULL, 0,
     "take rows, or what comes first on a line, for items (default: for users)", CLI_HELP_READING},
    {"member", KEY_MEMBER, "NAME", 0,
     "which file inside a zip or tar archive to read (default its ratings.csv, ratings.dat, u.data "
     "or out.*)",
     CLI_HELP_READING},
    {"strict-input", KEY_STRICT_INPUT, NULL, 0,
     "refuse a file that is warned of, one that may have been meant otherwise (default: warn)",
     CLI_HELP_READING},
    {0},
};

/* LO:HI, both included; LO = HI is fine. */
static void parse_range(struct argp_state *state, mixfill_read_options *o, const char *text) {
    char *middle, *end;
    double lo = strtod(text, &middle);
    double hi = *middle == ':' ? strtod(middle + 1, &end) : (double)NAN;
    if (middle == text || *middle != ':' || end == middle + 1 || *end != '\0' || !(lo <= hi))
        argp_error(state, "--rating-range '%s': expected LO:HI with LO at most HI", text);
    o->rating_min = lo;
    o->rating_max = hi;
}

/* What stands for no rating: a number, or no number. */
static double parse_missing(const struct argp_state *state, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || isinf(value))
        argp_error(state, "--missing '%s': expected a number or nan", text);
    return value;
}

/* The options of reading, straight into mixfill_read_options; names of choices are in the order of
 * their enumeration, or of false and true. */
static error_t parse_data_option(int key, char *arg, struct argp_state *state) {
    static const char *const ids[] = {"string", "int", NULL};
    static const char *const duplicates[] = {"error", "first", "last", "mean", NULL};
    static const char *const bad_lines[] = {"error", "skip", NULL};
    mixfill_read_options *o = state->input;
    mixfill_error err;
    switch (key) {
    case CLI_KEY_FORMAT:
        o->format = cli_read_format(state, "--format", arg);
        return 0;
    case KEY_MISSING:
        o->missing = parse_missing(state, arg);
        return 0;
    case KEY_IDS:
        o->int_ids = cli_choice(state, "--ids", arg, ids) == 1;
        return 0;
    case KEY_DUPLICATES:
        o->duplicates = (mixfill_duplicates)cli_choice(state, "--duplicates", arg, duplicates);
        return 0;
    case KEY_BAD_LINE:
        o->skip_bad_lines = cli_choice(state, "--on-bad-line", arg, bad_lines) == 1;
        return 0;
    case KEY_RANGE:
        parse_range(state, o, arg);
        return 0;
    case KEY_TRANSPOSE:
        o->transpose = true;
        return 0;
    case KEY_MEMBER:
        o->member = arg;
        return 0;
    case KEY_COLUMNS:
        o->columns = arg;
        return 0;
    case KEY_DELIMITER:
        o->delimiter = arg;
        return 0;
    case KEY_DECIMAL_COMMA:
        o->decimal_comma = true;
        return 0;
    case KEY_STRICT_INPUT:
        o->strict = true;
        return 0;
    case ARGP_KEY_END:
        if (mixfill_read_options_validate(o, &err) != MIXFILL_OK)
            cli_refuse(state, &err);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp data_argp = {
    .options = data_options, .parser = parse_data_option, .help_filter = cli_list_formats};

void cli_input_init(cli_input *in) {
    *in = (cli_input){0};
    mixfill_read_options_init(&in->read);
}

/* No option of its own: it joins the two below, and hands --threads to the reading. */
static error_t parse_input(int key, char *arg, struct argp_state *state) {
    cli_input *in = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &in->read;
        state->child_inputs[1] = &in->common;
        return 0;
    case ARGP_KEY_END:
        in->read.threads = in->common.threads;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* In this order as in child_inputs above. */
static const struct argp_child input_parts[] = {
    {&data_argp, 0, NULL, 0}, {&cli_common_argp, 0, NULL, 0}, {0}};

const struct argp cli_input_argp = {.parser = parse_input, .children = input_parts};
const struct argp_child cli_input_children[] = {{&cli_input_argp, 0, NULL, 0}, {0}};

/* ---- a model and a file ---- */

void cli_use_init(cli_use *use, const char *data_name) {
    *use = (cli_use){.data_name = data_name};
    cli_input_init(&use->in);
}

/* The arguments in their order; at the end both must be there. */
static error_t parse_use(int key, char *arg, struct argp_state *state) {
    cli_use *use = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &use->in;
        return 0;
    case ARGP_KEY_ARG:
        if (use->data != NULL)
            argp_error(state, "unexpected argument '%s', expected MODEL and %s", arg,
                       use->data_name);
        *(use->model == NULL ? &use->model : &use->data) = arg;
        return 0;
    case ARGP_KEY_END:
        if (use->model == NULL || (use->data == NULL && !use->without_data))
            argp_error(state, "no %s given, expected MODEL and %s",
                       use->model == NULL ? "MODEL" : use->data_name, use->data_name);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp use_argp = {.parser = parse_use, .children = cli_input_children};
const struct argp_child cli_use_children[] = {{&use_argp, 0, NULL, 0}, {0}};

/* ---- ratings that are written again ---- */

/* Timestamps are kept here, unlike elsewhere: nothing that is computed heeds them, and they take
 * memory. */
void cli_rewrite_init(cli_rewrite *rewrite) {
    *rewrite = (cli_rewrite){0};
    cli_input_init(&rewrite->in);
    rewrite->in.read.keep_times = true;
}

/* The one argument DATA and the options of what is written. */
static error_t parse_rewrite(int key, char *arg, struct argp_state *state) {
    cli_rewrite *rewrite = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &rewrite->in;
        return 0;
    case CLI_KEY_TO:
        rewrite->to = arg;
        return 0;
    case KEY_NO_TIMESTAMPS:
        rewrite->in.read.keep_times = false;
        return 0;
    case ARGP_KEY_ARG:
        return cli_take_argument(state, &rewrite->path, arg, "one DATA");
    case ARGP_KEY_END:
        if (rewrite->path == NULL)
            argp_error(state, "no DATA given, expected ratings");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* One text each for three commands: an output is -o, --fix, or --train and --test. */
static const struct argp_option rewrite_options[] = {
    {"to", CLI_KEY_TO, "FORMAT", 0,
     "%s: the format to write (default that of the output's extension)", CLI_HELP_OUTPUT},
    {"no-timestamps", KEY_NO_TIMESTAMPS, NULL, 0,
     "write no timestamps (default those of DATA, where the format has them)", CLI_HELP_OUTPUT},
    {0},
};

static const struct argp rewrite_argp = {.options = rewrite_options,
                                         .parser = parse_rewrite,
                                         .children = cli_input_children,
                                         .help_filter = cli_list_formats};
const struct argp_child cli_rewrite_children[] = {{&rewrite_argp, 0, NULL, 0}, {0}};

/* In a dense output what is missing is written as it would have been read. */
void cli_settle_output(const struct argp_state *state, const char *option, const char *path,
                       const cli_rewrite *rewrite, mixfill_save_options *save) {
    mixfill_save_options_init(save);
    cli_check_stdout(state, option, path, rewrite->in.common.json);
    save->format = cli_format_of(state, option, path, rewrite->to);
    save->missing = rewrite->in.read.missing;
}
