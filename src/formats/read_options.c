/* What all readers share. */
#include "formats/read_options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

void mixfill_read_options_init(mixfill_read_options *options) {
    *options = (mixfill_read_options){.struct_size = sizeof *options,
                                      .format = MIXFILL_FORMAT_AUTO,
                                      .duplicates = MIXFILL_DUPLICATES_ERROR,
                                      .rating_min = -(double)INFINITY,
                                      .rating_max = (double)INFINITY};
}

mixfill_status mixfill_read_options_check(const mixfill_read_options *o, mixfill_error *err) {
    if (o->struct_size != sizeof *o)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "read options: struct_size is %zu, expected %zu as set by "
                            "mixfill_read_options_init",
                            o->struct_size, sizeof *o);
    if (!(o->rating_min <= o->rating_max))
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "rating_min",
                                  " %g: expected at most rating_max, %g", o->rating_min,
                                  o->rating_max);
    return MIXFILL_OK;
}

/* A file of a million bad lines must not make a report of as many. */
void mixfill_note_skipped(mixfill_read_report *report, const char *message, const char *field) {
    if (report->n_messages < MIXFILL_REPORTED_LINES) {
        int32_t i = report->n_messages++;
        snprintf(report->messages[i], sizeof report->messages[i], "%.255s", message);
        snprintf(report->fields[i], sizeof report->fields[i], "%.31s", field);
    }
    report->skipped++;
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
