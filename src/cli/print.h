/* What the commands print. Results go to stdout as a table for people or as one JSON object for
 * programs, never both; messages go to stderr, so that a result can be piped. Labels of rows and
 * keys of objects are a promise: scripts read them. */
#ifndef MIXFILL_CLI_PRINT_H
#define MIXFILL_CLI_PRINT_H

#include <mixfill/mixfill.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* How text stands out on a terminal: only there, not where NO_COLOR is set or TERM is dumb. */
typedef enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_RED } cli_style;

/* What begins a style on the stream; CLI_PLAIN ends it. "" where text is not to stand out. */
const char *cli_styled(FILE *stream, cli_style style);

/* A line on stderr after the program's name: what went wrong, or what is worth knowing. */
__attribute__((format(printf, 1, 2))) void cli_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void cli_note(const char *format, ...);

/* Print err on stderr; returns EXIT_DATA. */
int cli_fail(const mixfill_error *err);

/* A JSON number, null for NaN and infinities, which JSON does not have. */
json_t *cli_real(double value);

/* A JSON string of an id, a title, a path or a message, null for NULL. Where it is no UTF-8, each
 * byte stands for the character of its number, as in Latin-1. NULL when out of memory. */
json_t *cli_text_json(const char *text);

/* Print a JSON object on stdout and release it; NULL (out of memory) is an error. Returns an exit
 * status. */
int cli_print_json(json_t *object);

/* A line "label  value" of a table, the value formatted by printf's rules. */
__attribute__((format(printf, 3, 4))) void cli_row(FILE *stream, const char *label,
                                                   const char *format, ...);

/* The parts of an evaluation that have ratings: [{known_user, known_item, n, rmse, baselines:
 * {global_mean, user_mean, item_mean, bias}}]. */
json_t *cli_parts_json(const mixfill_evaluation *evaluation);

/* The row of a table that says what model it is. */
void cli_row_model(FILE *stream, const mixfill_model_summary *model);

/* Whether a text, such as a path, ends in another. */
static inline bool cli_ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* What a noun of n things ends in: "1 user", "2 users". */
static inline const char *cli_s(int64_t n) {
    return n == 1 ? "" : "s";
}

/* "3 users x 4 items, 9 ratings" into out, which is returned. */
enum { CLI_SHAPE_TEXT = 80 };
const char *cli_shape(char out[CLI_SHAPE_TEXT], int32_t n_users, int32_t n_items,
                      int64_t n_ratings);

/* Range, mean and the values as rows of a table: how often each occurs where there are at most
 * `most` different ones, else quantiles. */
void cli_print_values(FILE *stream, const mixfill_value_counts *counts,
                      const mixfill_ratings_summary *summary, int32_t most);

/* An array of {value, count}, null where there are more than 256; and an object of quantiles whose
 * keys are percents. New references. */
json_t *cli_values_json(const mixfill_value_counts *counts);
json_t *cli_quantiles_json(const mixfill_value_counts *counts);

/* The memory of a fit as rows of a table on stdout and as JSON. read_peak: what reading the ratings
 * took at most, in bytes; the predicted peak of the whole process is the larger of the two. */
void cli_print_memory(const mixfill_memory *memory, double read_peak);
json_t *cli_memory_json(const mixfill_memory *memory, double read_peak);

/* Peak resident memory of this process in bytes so far; NaN where the system does not tell. */
double cli_peak_bytes(void);

/* Monotonic wall time in seconds since some moment. */
double cli_seconds(void);

#endif
