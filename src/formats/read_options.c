/* What all readers share. */
#include "formats/read_options.h"

#include "base/timestamp.h"
#include "formats/roles.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void mixfill_read_options_init(mixfill_read_options *options) {
    *options = (mixfill_read_options){.struct_size = sizeof *options,
                                      .format = MIXFILL_FORMAT_AUTO,
                                      .duplicates = MIXFILL_DUPLICATES_ERROR,
                                      .rating_min = -(double)INFINITY,
                                      .rating_max = (double)INFINITY};
}

/* One byte that is part of no number, no quote and no line end, or a word for one. */
static bool is_delimiter(const char *text) {
    if (strcmp(text, "tab") == 0 || strcmp(text, "blank") == 0 || strcmp(text, "::") == 0)
        return true;
    return text[0] != '\0' && text[1] == '\0' && (text[0] > ' ' || text[0] == '\t') &&
           text[0] != 0x7f && !isalnum((unsigned char)text[0]) &&
           strchr("\"'.+-#%", text[0]) == NULL;
}

mixfill_status mixfill_read_options_validate(const mixfill_read_options *o, mixfill_error *err) {
    if (o->struct_size != sizeof *o)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "read options: struct_size is %zu, expected %zu as set by "
                            "mixfill_read_options_init",
                            o->struct_size, sizeof *o);
    if (!(o->rating_min <= o->rating_max))
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "rating_min",
                                  " %g: expected at most rating_max, %g", o->rating_min,
                                  o->rating_max);
    if (o->delimiter != NULL && !is_delimiter(o->delimiter))
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "delimiter",
                                  " '%s': expected one character that no number has, tab, blank "
                                  "or ::",
                                  o->delimiter);
    return mixfill_columns_check(o->columns, err);
}

bool mixfill_parse_time(int64_t *seconds, const char *text) {
    int64_t time;
    if (!mixfill_parse_timestamp(text, strlen(text), &time) || mixfill_times_are_days(&time, 1))
        return false;
    (void)mixfill_times_to_seconds(&time, 1);
    *seconds = time;
    return true;
}

bool mixfill_is_missing(const mixfill_read_options *options, double value) {
    return value == options->missing || (isnan(value) && isnan(options->missing));
}

void mixfill_note_warning(mixfill_read_report *report, const char *field, const char *format, ...) {
    if (report->n_warnings == MIXFILL_REPORTED_WARNINGS)
        return;
    int32_t i = report->n_warnings++;
    va_list args;
    va_start(args, format);
    vsnprintf(report->warnings[i], sizeof report->warnings[i], format, args);
    va_end(args);
    snprintf(report->warning_fields[i], sizeof report->warning_fields[i], "%.31s", field);
}

/* A file of a million bad lines must not make a report of as many. */
void mixfill_note_skipped(mixfill_read_report *report, const char *message, const char *field) {
    if (report->n_messages < MIXFILL_REPORTED_LINES) {
        int32_t i = report->n_messages++;
        snprintf(report->messages[i], sizeof report->messages[i], "%.255s", message);
        /* that such lines can be skipped is known */
        bool known = strcmp(field, "skip_bad_lines") == 0;
        snprintf(report->fields[i], sizeof report->fields[i], "%.31s", known ? "" : field);
    }
    report->skipped++;
    report->bad_times += strcmp(field, "keep_times") == 0;
}

mixfill_status mixfill_check_claimed_shape(int64_t rows, int64_t cols, int64_t n_ratings,
                                           const char *path, int64_t line, mixfill_error *err) {
    /* A million of either costs some tens of MB, whatever is in them. Beyond it, a file in which
     * not one row in sixteen has a rating is taken for a slip or an attack. */
    const int64_t plain = 1 << 20, per_rating = 16;
    int64_t most = plain + per_rating * (n_ratings < INT32_MAX ? n_ratings : INT32_MAX);
    char where[32] = "";
    if (rows <= most && cols <= most)
        return MIXFILL_OK;
    if (line > 0)
        snprintf(where, sizeof where, ":%" PRId64, line);
    return mixfill_fail(err, MIXFILL_ERR_RANGE, line,
                        "%s%s: %" PRId64 " %s for %" PRId64 " rating%s, expected at most %" PRId64
                        " (drop the empty ones)",
                        path, where, rows > most ? rows : cols, rows > most ? "rows" : "columns",
                        n_ratings, mixfill_s(n_ratings), most);
}
