/* Values of options and the options that several commands share. Every fault found here is a usage
 * error: argp_error names the command and the fault, and ends the program with EXIT_USAGE, so that
 * the functions below return only what is right. */
#include "cli/arguments.h"

#include "cli/option_names.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

/* Decimal; no part of the text may be left over, so that 8x or 1e3 is refused rather than cut. */
int64_t cli_integer(const struct argp_state *state, const char *option, const char *text,
                    int64_t least, int64_t most) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < least || value > most)
        argp_error(state, "%s '%s': expected a whole number from %" PRId64 " to %" PRId64, option,
                   text, least, most);
    return value;
}

/* As strtod reads it in the C locale, which the program never leaves. */
double cli_number(const struct argp_state *state, const char *option, const char *text) {
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        argp_error(state, "%s '%s': expected a finite number", option, text);
    return value;
}

double cli_fraction(const struct argp_state *state, const char *option, const char *text) {
    double fraction = cli_number(state, option, text);
    if (!(fraction > 0 && fraction < 1))
        argp_error(state, "%s '%s': expected a number between 0 and 1", option, text);
    return fraction;
}

/* Up to 9e18, the largest round number that a size_t of 64 bits holds. */
size_t cli_size(const struct argp_state *state, const char *option, const char *text) {
    static const char units[] = "kMGT";
    char *end;
    double value = strtod(text, &end);
    const char *unit = *end != '\0' ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
    if (unit != NULL) {
        value *= pow(1000, (double)(unit - units + 1));
        end++;
    }
    if (*end == 'B')
        end++;
    if (end == text || *end != '\0' || !(value >= 1 && value < 9e18))
        argp_error(state, "%s '%s': expected a number of bytes such as 500M or 2G", option, text);
    return (size_t)value;
}

/* The whole list is in the message: it is short, and saves a look at --help. */
int cli_choice(const struct argp_state *state, const char *option, const char *text,
               const char *const *names) {
    char expected[256] = "";
    size_t used = 0;
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(text, names[i]) == 0)
            return i;
        int n =
            snprintf(expected + used, sizeof expected - used, "%s%s", i > 0 ? ", " : "", names[i]);
        used += (size_t)n;
    }
    argp_error(state, "%s '%s': expected one of %s", option, text, expected);
    return -1;
}

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

/* ---- formats ---- */

/* In the order of mixfill_format; the last is only read. */
static const char *const formats[] = {"auto", "csv", "dat", "tab",     "triplets", "dense",
                                      "npz",  "mtx", "npy", "netflix", NULL};

/* Those that --to names: the same from csv on, hence one less than the number of the
 * enumeration. */
static const char *const written_formats[] = {"csv", "dat", "tab", "triplets", "dense",
                                              "npz", "mtx", "npy", NULL};

/* By the last extension of the path, in lower case. That of an unknown name is not guessed: a file
 * in the wrong format is found out late. */
mixfill_format cli_format_of(const struct argp_state *state, const char *option, const char *path,
                             const char *to) {
    static const struct {
        const char *extension;
        mixfill_format format;
    } known[] = {{".csv", MIXFILL_FORMAT_CSV},  {".npz", MIXFILL_FORMAT_NPZ},
                 {".dat", MIXFILL_FORMAT_DAT},  {".tsv", MIXFILL_FORMAT_TAB},
                 {".data", MIXFILL_FORMAT_TAB}, {".txt", MIXFILL_FORMAT_TRIPLETS},
                 {".mtx", MIXFILL_FORMAT_MTX},  {".npy", MIXFILL_FORMAT_NPY},
                 {"-", MIXFILL_FORMAT_CSV}};
    if (to != NULL)
        return (mixfill_format)(cli_choice(state, "--to", to, written_formats) + 1);
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(dot != NULL ? dot : path, known[i].extension) == 0)
            return known[i].format;
    argp_error(
        state,
        "%s '%s': expected a name that ends in .csv, .npz, .mtx, .npy, .dat, .tsv, .data or .txt",
        option, path);
    return MIXFILL_FORMAT_AUTO;
}

/* ---- --json and --threads ---- */

/* Keys of one program-wide range each, since argp looks a key up in all parsers of a command: those
 * of commands begin at 512, those of model_options.c at 1024. None is a character. */
enum {
    KEY_THREADS = 2048,
    KEY_JSON,
    KEY_FORMAT,
    KEY_MISSING,
    KEY_IDS,
    KEY_DUPLICATES,
    KEY_BAD_LINE,
    KEY_RANGE,
    KEY_TRANSPOSE,
    KEY_MEMBER,
    KEY_TO,
    KEY_NO_TIMESTAMPS
};

/* Its input is the flag itself, so that a command that takes nothing else needs no struct. */
static error_t parse_json(int key, char *arg, struct argp_state *state) {
    (void)arg;
    if (key != KEY_JSON)
        return ARGP_ERR_UNKNOWN;
    *(bool *)state->input = true;
    return 0;
}

static const struct argp_option json_options[] = {
    {"json", KEY_JSON, NULL, 0, "one JSON object on standard output instead of the table", 1}, {0}};

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
    {"threads", KEY_THREADS, "T", 0, "(default OMP_NUM_THREADS, else the affinity mask)", 1}, {0}};

static const struct argp_child common_children[] = {{&cli_json_argp, 0, NULL, 0}, {0}};

const struct argp cli_common_argp = {
    .options = common_options, .parser = parse_common, .children = common_children};

/* ---- how ratings are read ---- */

/* Group 10: they come after a command's own, under a heading. How they are read is described by
 * mixfill_read_options, field by field. */
static const struct argp_option data_options[] = {
    {"format", KEY_FORMAT, "FORMAT", 0,
     "auto (default), csv, dat, tab, triplets, dense, npz, mtx, npy or netflix", 10},
    {"missing", KEY_MISSING, "0|nan", 0, "what is missing in a dense matrix (default 0)", 10},
    {"ids", KEY_IDS, "string|int", 0, "whether 007 and 7 differ (default string: they do)", 10},
    {"duplicates", KEY_DUPLICATES, "POLICY", 0,
     "a pair given twice: error (default), first, last or mean", 10},
    {"on-bad-line", KEY_BAD_LINE, "error|skip", 0, "skip counts them and shows the first five", 10},
    {"rating-range", KEY_RANGE, "LO:HI", 0, "a rating outside is a bad line", 10},
    {"transpose", KEY_TRANSPOSE, NULL, 0, "rows, or first columns, are items", 10},
    {"member", KEY_MEMBER, "NAME", 0, "which member of a zip to read", 10},
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

/* The options of reading, straight into mixfill_read_options; names of choices are in the order of
 * their enumeration, or of false and true. */
static error_t parse_data_option(int key, char *arg, struct argp_state *state) {
    static const char *const missing[] = {"0", "nan", NULL};
    static const char *const ids[] = {"string", "int", NULL};
    static const char *const duplicates[] = {"error", "first", "last", "mean", NULL};
    static const char *const bad_lines[] = {"error", "skip", NULL};
    mixfill_read_options *o = state->input;
    switch (key) {
    case KEY_FORMAT:
        o->format = (mixfill_format)cli_choice(state, "--format", arg, formats);
        return 0;
    case KEY_MISSING:
        o->nan_is_missing = cli_choice(state, "--missing", arg, missing) == 1;
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
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp data_argp = {.options = data_options, .parser = parse_data_option};

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
    {&data_argp, 0, "Reading:", 10}, {&cli_common_argp, 0, NULL, 0}, {0}};

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
        if (use->data == NULL)
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
    case KEY_TO:
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
    {"to", KEY_TO, "FORMAT", 0,
     "csv, dat, tab, triplets, dense, npz, mtx or npy, whatever the name of an output", 1},
    {"no-timestamps", KEY_NO_TIMESTAMPS, NULL, 0, "take no notice of timestamps", 1},
    {0},
};

static const struct argp rewrite_argp = {
    .options = rewrite_options, .parser = parse_rewrite, .children = cli_input_children};
const struct argp_child cli_rewrite_children[] = {{&rewrite_argp, 0, NULL, 0}, {0}};

/* In a dense output what is missing is written as it would have been read. */
void cli_settle_output(const struct argp_state *state, const char *option, const char *path,
                       const cli_rewrite *rewrite, mixfill_save_options *save) {
    mixfill_save_options_init(save);
    cli_check_stdout(state, option, path, rewrite->in.common.json);
    save->format = cli_format_of(state, option, path, rewrite->to);
    save->nan_is_missing = rewrite->in.read.nan_is_missing;
}
