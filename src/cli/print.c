/* Messages, tables, JSON, and the numbers in them: sizes, the memory of a fit, the time. Knows of
 * no command and of no option; formats nothing that only one command shows. */
#include "cli/print.h"

#include "cli/cli.h"
#include "cli/option_names.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* ---- messages ---- */

/* Both kinds of messages begin alike, so that they can be told from the system's in a log; that
 * something failed shows in the exit status, not in the wording. */

/* Whether an environment variable holds anything: as no-color.org has it, empty is not set. */
static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value != NULL && *value != '\0';
}

/* no-color.org; a terminal that is not named is taken for a dumb one. */
static bool stands_out(FILE *stream) {
    return isatty(fileno(stream)) == 1 && !is_set("NO_COLOR") && is_set("TERM") &&
           strcmp(getenv("TERM"), "dumb") != 0;
}

/* ANSI escapes; "\033[m" sets all back. */
const char *cli_styled(FILE *stream, cli_style style) {
    static const char *const begin[] = {[CLI_PLAIN] = "\033[m",
                                        [CLI_BOLD] = "\033[1m",
                                        [CLI_DIM] = "\033[2m",
                                        [CLI_RED] = "\033[1;31m"};
    return stands_out(stream) ? begin[style] : "";
}

/* A whole line; the program's name is all that stands out, so that a message can be copied without
 * escapes. */
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

/* The library's message, in the command line's words; one status for everything that is not the
 * command line's fault. */
int cli_fail(const mixfill_error *err) {
    char message[CLI_MESSAGE_BUFFER];
    cli_error("%s", cli_message(message, err));
    return EXIT_DATA;
}

/* ---- JSON and tables ---- */

/* json_real itself would refuse such a number, and the whole object would be lost with it. */
json_t *cli_real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

/* 17 digits, so that a number read back is the number that was computed, bit for bit. */
/* Of bytes that are no UTF-8 each stands for the character of its number, as in Latin-1; NULL when
 * out of memory. */
static json_t *latin1_string(const char *text) {
    size_t n = 0;
    char *utf8 = malloc(2 * strlen(text) + 1);
    if (utf8 == NULL)
        return NULL;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c >= 0x80)
            utf8[n++] = (char)(0xc0 | *c >> 6);
        utf8[n++] = (char)(*c < 0x80 ? *c : 0x80 | (*c & 0x3f));
    }
    json_t *string = json_stringn(utf8, n);
    free(utf8);
    return string;
}

json_t *cli_text_json(const char *text) {
    if (text == NULL)
        return json_null();
    json_t *string = json_string(text);
    return string != NULL ? string : latin1_string(text);
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

/* Labels take 22 columns. A value is bold, so that an eye that runs down a table meets values. */
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

/* One row for every kind: what tells one model from another of the same ratings. */
void cli_row_model(FILE *stream, const mixfill_model_summary *m) {
    char name[64], size[64] = "";
    snprintf(name, sizeof name, "%s%s%s%s", mixfill_model_kind_name(m->kind),
             m->compat != NULL ? " (" : "", m->compat != NULL ? m->compat : "",
             m->compat != NULL ? "'s arithmetic)" : "");
    if (mixfill_model_kind_info(m->kind).has_components)
        snprintf(size, sizeof size, ", K = %" PRId32, m->n_components);
    else if (m->rank > 0)
        snprintf(size, sizeof size, ", rank %" PRId32 "%s", m->rank,
                 m->implicit ? "" : ", ratings only");
    cli_row(stream, "model", "%s%s, seed %" PRIu32, name, size, m->seed);
}

const char *cli_shape(char out[CLI_SHAPE_TEXT], int32_t n_users, int32_t n_items,
                      int64_t n_ratings) {
    snprintf(out, CLI_SHAPE_TEXT, "%" PRId32 " user%s x %" PRId32 " item%s, %" PRId64 " rating%s",
             n_users, cli_s(n_users), n_items, cli_s(n_items), n_ratings, cli_s(n_ratings));
    return out;
}

/* ---- values ---- */

/* Of the quantiles of mixfill_value_counts. */
static const char *const percents[MIXFILL_VALUE_QUANTILES] = {"0",  "1",  "5",  "25", "50",
                                                              "75", "95", "99", "100"};

/* Few values are best told one by one, half stars for instance; of many, such as counts or seconds,
 * quantiles tell more. */
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

/* In ascending order, as the library counts them. */
json_t *cli_values_json(const mixfill_value_counts *counts) {
    if (counts->n_levels == 0)
        return json_null();
    json_t *values = json_array();
    for (int32_t i = 0; i < counts->n_levels; i++)
        json_array_append_new(values, json_pack("{s:o, s:I}", "value", cli_real(counts->level[i]),
                                                "count", (json_int_t)counts->count[i]));
    return values;
}

/* Keys are "0" to "100", as text, in ascending order. */
json_t *cli_quantiles_json(const mixfill_value_counts *counts) {
    json_t *quantiles = json_object();
    for (int q = 0; q < MIXFILL_VALUE_QUANTILES; q++)
        json_object_set_new(quantiles, percents[q], cli_real(counts->quantile[q]));
    return quantiles;
}

/* ---- memory and time ---- */

/* Code, libraries and stacks of the program itself, as measured on an empty run. */
static const double PROGRAM_BYTES = 4e6;

/* In bytes: reading and fitting follow one another, so that the larger counts, not their sum. What
 * reading took holds the program already. */
static double predicted_peak(const mixfill_memory *m, double read_peak) {
    return fmax(read_peak, PROGRAM_BYTES + (double)m->total);
}

/* A row of the table on stdout whose value is a size. */
static void memory_row(const char *label, double bytes) {
    char text[MIXFILL_BYTES_TEXT];
    cli_row(stdout, label, "%s", mixfill_format_bytes(text, bytes));
}

/* Indented are parts of the row above; the workspace is what is left of the total. */
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
        cli_row(stdout, "own accumulators", "for the %" PRId32 " most rated item%s in each thread",
                memory->n_hot, cli_s(memory->n_hot));
}

/* All in bytes but hot_items and threads; total and what follows it are of the fit alone. */
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

/* The larger of what the two sources know is not taken: the second overstates. */
double cli_peak_bytes(void) {
    struct rusage usage;
    double bytes = high_water_bytes();
    if (!isnan(bytes))
        return bytes;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? 1024.0 * (double)usage.ru_maxrss : (double)NAN;
}

/* Not the time of day, which may be set back in a long run. */
double cli_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

json_t *cli_parts_json(const mixfill_evaluation *evaluation) {
    json_t *parts = json_array();
    for (int user = 1; user >= 0; user--)
        for (int item = 1; item >= 0; item--) {
            const mixfill_evaluation_part *p = &evaluation->part[user][item];
            if (p->n > 0)
                json_array_append_new(
                    parts,
                    json_pack("{s:b, s:b, s:I, s:o, s:{s:o, s:o, s:o, s:o}}", "known_user", user,
                              "known_item", item, "n", (json_int_t)p->n, "rmse", cli_real(p->rmse),
                              "baselines", "global_mean", cli_real(p->global_mean), "user_mean",
                              cli_real(p->user_mean), "item_mean", cli_real(p->item_mean), "bias",
                              cli_real(p->bias)));
        }
    return parts;
}
