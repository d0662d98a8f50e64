/* Shared helpers of the commands. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

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

/* ---- data options ---- */

enum {
    KEY_FORMAT = 256,
    KEY_MISSING,
    KEY_IDS,
    KEY_DUPLICATES,
    KEY_BAD_LINE,
    KEY_RANGE,
    KEY_TRANSPOSE
};

static const struct argp_option data_options[] = {
    {"format", KEY_FORMAT, "FORMAT", 0, "auto (default), csv, dat, tab, triplets, dense or npz",
     10},
    {"missing", KEY_MISSING, "0|nan", 0, "what is missing in a dense matrix (default 0)", 10},
    {"ids", KEY_IDS, "string|int", 0, "whether 007 and 7 differ (default string: they do)", 10},
    {"duplicates", KEY_DUPLICATES, "POLICY", 0,
     "a pair given twice: error (default), first, last or mean", 10},
    {"on-bad-line", KEY_BAD_LINE, "error|skip", 0, "skip counts them and shows the first five", 10},
    {"rating-range", KEY_RANGE, "LO:HI", 0, "a rating outside is a bad line", 10},
    {"transpose", KEY_TRANSPOSE, NULL, 0, "rows, or first columns, are items", 10},
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
    static const char *const formats[] = {"auto",     "csv",   "dat", "tab",
                                          "triplets", "dense", "npz", NULL};
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
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_data_argp = {.options = data_options, .parser = parse_data_option};

/* ---- messages ---- */

int cli_fail(const mixfill_error *err) {
    fprintf(stderr, "mixfill: %s\n", err->message);
    return EXIT_DATA;
}

void cli_report_skipped(const char *path, const mixfill_read_report *report) {
    for (int i = 0; i < report->n_messages; i++)
        fprintf(stderr, "mixfill: skipped: %s\n", report->messages[i]);
    if (report->skipped > 0)
        fprintf(stderr, "mixfill: %s: %" PRId64 " bad lines skipped\n", path, report->skipped);
    if (report->duplicates > 0)
        fprintf(stderr, "mixfill: %s: %" PRId64 " duplicate ratings merged\n", path,
                report->duplicates);
}

int cli_load(mixfill_ratings **out, const char *path, const mixfill_read_options *options) {
    mixfill_error err;
    mixfill_read_report report;
    if (mixfill_ratings_load(out, &report, path, options, &err) != MIXFILL_OK)
        return cli_fail(&err);
    fprintf(stderr, "mixfill: %s: %s, %" PRId32 " users x %" PRId32 " items, %" PRId64 " ratings\n",
            path, mixfill_format_name(report.format), mixfill_ratings_n_users(*out),
            mixfill_ratings_n_items(*out), mixfill_ratings_count(*out));
    cli_report_skipped(path, &report);
    return 0;
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

int cli_check_output(const char *output, const char *const *inputs) {
    mixfill_error err;
    if (output == NULL)
        return 0;
    for (; *inputs != NULL; inputs++)
        if (same_file(output, *inputs)) {
            fprintf(stderr, "mixfill: -o '%s' is the input '%s', expected another file\n", output,
                    *inputs);
            return EXIT_USAGE;
        }
    return mixfill_output_check(output, &err) == MIXFILL_OK ? 0 : cli_fail(&err);
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
        fputs("mixfill: out of memory for JSON\n", stderr);
        return EXIT_DATA;
    }
    puts(text);
    free(text);
    return 0;
}

void cli_row(FILE *stream, const char *label, const char *format, ...) {
    va_list args;
    fprintf(stream, "%-22s ", label);
    va_start(args, format);
    vfprintf(stream, format, args);
    va_end(args);
    fputc('\n', stream);
}

const char *cli_bytes(char out[CLI_BYTES_BUFFER], double bytes) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    for (; bytes >= 1000 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        bytes /= 1000;
    snprintf(out, CLI_BYTES_BUFFER, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
    return out;
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
    cli_row(stdout, "threads", "%" PRId32 ", own accumulators for the %" PRId32 " most rated items",
            memory->threads, memory->n_hot);
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
