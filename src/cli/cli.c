/* Shared helpers of the commands. */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

double cli_number(const struct argp_state *state, const char *option, const char *text) {
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        argp_error(state, "%s '%s': expected a finite number", option, text);
    return value;
}

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

/* ---- formats ---- */

/* In the order of mixfill_format; the last is only read. */
static const char *const formats[] = {"auto", "csv", "dat", "tab",     "triplets", "dense",
                                      "npz",  "mtx", "npy", "netflix", NULL};
static const char *const written_formats[] = {"csv", "dat", "tab", "triplets", "dense",
                                              "npz", "mtx", "npy", NULL};

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

/* ---- data options ---- */

enum {
    KEY_FORMAT = 256,
    KEY_MISSING,
    KEY_IDS,
    KEY_DUPLICATES,
    KEY_BAD_LINE,
    KEY_RANGE,
    KEY_TRANSPOSE,
    KEY_MEMBER
};

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

static void parse_range(struct argp_state *state, mixfill_read_options *o, const char *text) {
    char *middle, *end;
    double lo = strtod(text, &middle);
    double hi = *middle == ':' ? strtod(middle + 1, &end) : (double)NAN;
    if (middle == text || *middle != ':' || end == middle + 1 || *end != '\0' || !(lo <= hi))
        argp_error(state, "--rating-range '%s': expected LO:HI with LO at most HI", text);
    o->rating_min = lo;
    o->rating_max = hi;
}

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

const struct argp cli_data_argp = {.options = data_options, .parser = parse_data_option};

void cli_check_stdout(const struct argp_state *state, const char *option, const char *path,
                      bool json) {
    if (json && path != NULL && strcmp(path, "-") == 0)
        argp_error(state, "%s - and --json both write to standard output, expected one of them",
                   option);
}

enum { KEY_THREADS = 2048, KEY_JSON };

static error_t parse_common(int key, char *arg, struct argp_state *state) {
    cli_common *common = state->input;
    switch (key) {
    case KEY_THREADS:
        common->threads = (int32_t)cli_integer(state, "--threads", arg, 1, 4096);
        return 0;
    case KEY_JSON:
        common->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option common_options[] = {
    {"threads", KEY_THREADS, "T", 0, "(default OMP_NUM_THREADS, else the affinity mask)", 1},
    {"json", KEY_JSON, NULL, 0, "one JSON object on standard output", 1},
    {0},
};

const struct argp cli_common_argp = {.options = common_options, .parser = parse_common};

/* ---- messages ---- */

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value != NULL && *value != '\0';
}

/* no-color.org; a terminal that is not named is taken for a dumb one. */
static bool stands_out(FILE *stream) {
    return isatty(fileno(stream)) == 1 && !is_set("NO_COLOR") && is_set("TERM") &&
           strcmp(getenv("TERM"), "dumb") != 0;
}

const char *cli_styled(FILE *stream, cli_style style) {
    static const char *const begin[] = {[CLI_PLAIN] = "\033[m",
                                        [CLI_BOLD] = "\033[1m",
                                        [CLI_DIM] = "\033[2m",
                                        [CLI_RED] = "\033[1;31m"};
    return stands_out(stream) ? begin[style] : "";
}

static void say(cli_style style, const char *format, va_list args) {
    fprintf(stderr, "%smixfill:%s ", cli_styled(stderr, style), cli_styled(stderr, CLI_PLAIN));
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void cli_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(CLI_RED, format, args);
    va_end(args);
}

void cli_note(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(CLI_DIM, format, args);
    va_end(args);
}

int cli_fail(const mixfill_error *err) {
    cli_error("%s", err->message);
    return EXIT_DATA;
}

void cli_report_skipped(const char *path, const mixfill_read_report *report) {
    for (int i = 0; i < report->n_messages; i++)
        cli_note("skipped: %s", report->messages[i]);
    if (report->skipped > 0)
        cli_note("%s: %" PRId64 " bad lines skipped", path, report->skipped);
    if (report->duplicates > 0)
        cli_note("%s: %" PRId64 " duplicate ratings merged", path, report->duplicates);
}

int cli_load(mixfill_ratings **out, const char *path, const mixfill_read_options *options) {
    mixfill_error err;
    mixfill_read_report report;
    cli_counting reading;
    char what[256];
    mixfill_read_options watched = *options;
    snprintf(what, sizeof what, "reading %.240s", path);
    cli_counting_init(&reading, what);
    watched.progress = cli_reading_show;
    watched.progress_data = &reading;
    mixfill_status st = mixfill_ratings_load(out, &report, path, &watched, &err);
    cli_counting_finish(&reading);
    if (st != MIXFILL_OK)
        return cli_fail(&err);
    cli_note("%s: %s%s%s%s%s, %" PRId32 " users x %" PRId32 " items, %" PRId64 " ratings", path,
             mixfill_format_name(report.format), report.packing != NULL ? " in " : "",
             report.packing != NULL ? report.packing : "",
             report.member[0] != '\0' ? " member " : "", report.member,
             mixfill_ratings_n_users(*out), mixfill_ratings_n_items(*out),
             mixfill_ratings_count(*out));
    cli_report_skipped(path, &report);
    return 0;
}

int cli_load_model(mixfill_model **out, const char *path) {
    mixfill_error err;
    return mixfill_model_load(out, path, &err) == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* Someone who rates on another scale is better told than predicted for. */
static int check_scale(const mixfill_ratings *ratings, const mixfill_model_summary *m,
                       const char *path) {
    mixfill_error err;
    mixfill_ratings_summary s;
    if (mixfill_ratings_summarize(ratings, &s, &err) != MIXFILL_OK)
        return cli_fail(&err);
    if (s.min < m->rating_min || s.max > m->rating_max)
        cli_note("warning: %s: ratings from %g to %g, the model was trained on %g to %g", path,
                 s.min, s.max, m->rating_min, m->rating_max);
    return 0;
}

int cli_fold(mixfill_folded **out, const mixfill_model *model, const char *path,
             const mixfill_read_options *options, int32_t threads) {
    mixfill_error err;
    mixfill_model_summary m;
    mixfill_folded_summary s;
    mixfill_ratings *ratings = NULL;
    int status = cli_load(&ratings, path, options);
    mixfill_model_summarize(model, &m);
    if (status == 0)
        status = check_scale(ratings, &m, path);
    if (status == 0 && mixfill_folded_create(out, model, ratings, threads, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    mixfill_ratings_free(ratings);
    if (status != 0)
        return status;
    mixfill_folded_summarize(*out, &s);
    cli_note("%s: %" PRId32 " users folded in by %" PRId64 " ratings", path, s.n_users,
             s.n_ratings);
    if (s.n_replaced > 0)
        cli_note("%s: the model knew %" PRId32
                 " of them, whose ratings here replace those of training",
                 path, s.n_replaced);
    if (s.n_strangers > 0)
        cli_note("warning: %s: %" PRId32
                 " users rated only items unknown to the model and are not folded in",
                 path, s.n_strangers);
    if (s.n_dropped > 0)
        cli_note(
            "warning: %s: %" PRId64 " ratings of items unknown to the model %s", path, s.n_dropped,
            m.kind == MIXFILL_MODEL_FACTOR ? "tell of their users' level only" : "are left out");
    return 0;
}

/* Of the folder a path lies in. */
static bool stat_folder(const char *path, struct stat *out) {
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    int n = slash != NULL ? snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path)
                          : snprintf(folder, sizeof folder, ".");
    return n < PATH_MAX && stat(folder, out) == 0;
}

static const char *name_in_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

bool cli_same_file(const char *a, const char *b) {
    struct stat x, y;
    if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0)
        return false;
    bool is_file = stat(a, &x) == 0;
    if (is_file != (stat(b, &y) == 0) || (is_file && !S_ISREG(x.st_mode)))
        return false;
    if (!is_file && (strcmp(name_in_folder(a), name_in_folder(b)) != 0 || !stat_folder(a, &x) ||
                     !stat_folder(b, &y)))
        return false;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int cli_check_output(const char *output, const char *const *inputs) {
    mixfill_error err;
    if (output == NULL)
        return 0;
    for (; *inputs != NULL; inputs++)
        if (cli_same_file(output, *inputs)) {
            cli_error("output '%s' is the input '%s', expected another file", output, *inputs);
            return EXIT_USAGE;
        }
    return mixfill_output_check(output, &err) == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* ---- saving ---- */

static void note_losses(const mixfill_ratings *r, const char *path, mixfill_format format,
                        const mixfill_ratings_summary *s) {
    const char *name = mixfill_format_name(format);
    bool by_index = format == MIXFILL_FORMAT_DENSE || format == MIXFILL_FORMAT_NPZ ||
                    format == MIXFILL_FORMAT_MTX || format == MIXFILL_FORMAT_NPY;
    if (by_index && !mixfill_ratings_by_index(r))
        cli_note("%s: %s holds no ids, users and items are numbered by appearance", path, name);
    if (by_index && mixfill_ratings_has_times(r))
        cli_note("%s: %s holds no timestamps, they are left out", path, name);
    int32_t width = mixfill_ratings_n_items(r);
    if (format == MIXFILL_FORMAT_DENSE && (width == 3 || width == 4))
        cli_note("%s: rows of %" PRId32 " numbers read as triplets but for --format dense", path,
                 width);
    if (!by_index && mixfill_ratings_by_index(r) && s->empty_users + s->empty_items > 0)
        cli_note("%s: %s has ratings only, %" PRId32 " users and %" PRId32
                 " items without any are left out",
                 path, name, s->empty_users, s->empty_items);
}

int cli_save(const mixfill_ratings *ratings, const char *path,
             const mixfill_save_options *options) {
    mixfill_error err;
    mixfill_ratings_summary summary;
    if (mixfill_ratings_summarize(ratings, &summary, &err) != MIXFILL_OK)
        return cli_fail(&err);
    note_losses(ratings, path, options->format, &summary);
    cli_counting counting;
    char what[256];
    mixfill_save_options watched = *options;
    snprintf(what, sizeof what, "writing %.240s", path);
    cli_counting_init(&counting, what);
    watched.progress = cli_users_show;
    watched.progress_data = &counting;
    mixfill_status st = mixfill_ratings_save_as(ratings, path, &watched, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* ---- output ---- */

json_t *cli_real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

int cli_print_json(json_t *object) {
    char *text =
        object != NULL ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    if (text == NULL) {
        cli_error("out of memory for JSON");
        return EXIT_DATA;
    }
    puts(text);
    free(text);
    return 0;
}

void cli_row(FILE *stream, const char *label, const char *format, ...) {
    va_list args;
    const char *plain = cli_styled(stream, CLI_PLAIN);
    fprintf(stream, "%s%-22s%s %s", cli_styled(stream, CLI_DIM), label, plain,
            cli_styled(stream, CLI_BOLD));
    va_start(args, format);
    vfprintf(stream, format, args);
    va_end(args);
    fprintf(stream, "%s\n", plain);
}

void cli_row_model(FILE *stream, const mixfill_model_summary *m) {
    if (m->kind == MIXFILL_MODEL_FACTOR)
        cli_row(stream, "model", "factor, rank %" PRId32 "%s, seed %" PRIu32, m->rank,
                m->implicit ? "" : ", ratings only", m->seed);
    else
        cli_row(stream, "model", "%s%s, K = %" PRId32 ", seed %" PRIu32,
                mixfill_model_kind_name(m->kind),
                m->compat != NULL ? " (notebook's arithmetic)" : "", m->n_components, m->seed);
}

const char *cli_bytes(char out[CLI_BYTES_BUFFER], double bytes) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    for (; bytes >= 1000 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        bytes /= 1000;
    snprintf(out, CLI_BYTES_BUFFER, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return out;
}

/* Of the quantiles of mixfill_value_counts. */
static const char *const percents[MIXFILL_VALUE_QUANTILES] = {"0",  "1",  "5",  "25", "50",
                                                              "75", "95", "99", "100"};

void cli_print_values(FILE *stream, const mixfill_value_counts *counts,
                      const mixfill_ratings_summary *summary, int32_t most) {
    int64_t n = 0;
    cli_row(stream, "values", "%g to %g, mean %.4f, sd %.4f", summary->min, summary->max,
            summary->mean, summary->sd);
    if (counts->n_levels > 0)
        cli_row(stream, "different values", "%" PRId32, counts->n_levels);
    else
        cli_row(stream, "different values", "more than %d", MIXFILL_VALUE_LEVELS);
    for (int32_t i = 0; i < counts->n_levels; i++)
        n += counts->count[i];
    char label[32];
    if (counts->n_levels == 0 || counts->n_levels > most)
        for (int q = 0; q < MIXFILL_VALUE_QUANTILES; q++) {
            snprintf(label, sizeof label, "  at %s %%", percents[q]);
            cli_row(stream, label, "%g", counts->quantile[q]);
        }
    else
        for (int32_t i = 0; i < counts->n_levels; i++) {
            snprintf(label, sizeof label, "  %g", counts->level[i]);
            cli_row(stream, label, "%" PRId64 " (%.2f %%)", counts->count[i],
                    100 * (double)counts->count[i] / (double)n);
        }
}

json_t *cli_values_json(const mixfill_value_counts *counts) {
    if (counts->n_levels == 0)
        return json_null();
    json_t *values = json_array();
    for (int32_t i = 0; i < counts->n_levels; i++)
        json_array_append_new(values, json_pack("{s:o, s:I}", "value", cli_real(counts->level[i]),
                                                "count", (json_int_t)counts->count[i]));
    return values;
}

json_t *cli_quantiles_json(const mixfill_value_counts *counts) {
    json_t *quantiles = json_object();
    for (int q = 0; q < MIXFILL_VALUE_QUANTILES; q++)
        json_object_set_new(quantiles, percents[q], cli_real(counts->quantile[q]));
    return quantiles;
}

/* Code, libraries and stacks of the program itself, as measured on an empty run. */
static const double PROGRAM_BYTES = 4e6;

static double predicted_peak(const mixfill_memory *m, double read_peak) {
    return fmax(read_peak, PROGRAM_BYTES + (double)m->total);
}

static void memory_row(const char *label, double bytes) {
    char text[CLI_BYTES_BUFFER];
    cli_row(stdout, label, "%s", cli_bytes(text, bytes));
}

void cli_print_memory(const mixfill_memory *memory, double read_peak) {
    memory_row("predicted peak", predicted_peak(memory, read_peak));
    memory_row("  while reading", read_peak);
    memory_row("  while fitting", PROGRAM_BYTES + (double)memory->total);
    memory_row("    ratings", (double)memory->ratings);
    memory_row("    index", (double)memory->index);
    memory_row("    model", (double)memory->model);
    memory_row("    accumulators", (double)memory->accumulators);
    memory_row("    workspace", (double)(memory->total - memory->ratings - memory->index -
                                         memory->model - memory->accumulators));
    cli_row(stdout, "threads", "%" PRId32, memory->threads);
    if (memory->n_hot > 0)
        cli_row(stdout, "own accumulators", "for the %" PRId32 " most rated items in each thread",
                memory->n_hot);
}

json_t *cli_memory_json(const mixfill_memory *memory, double read_peak) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i}", "peak",
                     (json_int_t)predicted_peak(memory, read_peak), "reading",
                     (json_int_t)read_peak, "total", (json_int_t)memory->total, "ratings",
                     (json_int_t)memory->ratings, "index", (json_int_t)memory->index, "model",
                     (json_int_t)memory->model, "accumulators", (json_int_t)memory->accumulators,
                     "hot_items", memory->n_hot, "threads", memory->threads);
}

/* The kernel's own count; getrusage's begins with what the parent held when it forked. */
static double high_water_bytes(void) {
    char line[256];
    double kilobytes = (double)NAN;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL)
        return kilobytes;
    while (isnan(kilobytes) && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtod(line + 6, NULL);
    fclose(status);
    return 1024 * kilobytes;
}

double cli_peak_bytes(void) {
    struct rusage usage;
    double bytes = high_water_bytes();
    if (!isnan(bytes))
        return bytes;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? 1024.0 * (double)usage.ru_maxrss : (double)NAN;
}

double cli_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
