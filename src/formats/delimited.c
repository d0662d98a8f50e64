/* Delimited records: user, item, rating, and a timestamp that is left alone
 * unless it is asked for. One loop for csv, dat,
 * tab and blank-separated triplets; they differ in the split and in quotes only.
 *
 * This is the one place that knows what a line means and what is wrong with it. The fast way of
 * delimited_plain.c handles only what needs no judgement and leaves the rest to here. */
#include "formats/delimited.h"

#include "base/number.h"
#include "base/timestamp.h"
#include "formats/read_options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_FIELDS = MIXFILL_MAX_FIELDS, WHERE = 300 };

/* ---- telling them apart ---- */

bool mixfill_csv_claims(const mixfill_first_line *line) {
    return line->commas > 0 && line->colons < 2;
}

/* "::" may stand in a title or an address that a csv line holds, but hardly twice. */
bool mixfill_dat_claims(const mixfill_first_line *line) {
    return line->colons >= 2 || (line->colons == 1 && line->commas == 0);
}

/* Numbers between tabs are a matrix where there are not three or four of them. */
bool mixfill_tab_claims(const mixfill_first_line *line) {
    return line->commas == 0 && line->colons == 0 && line->tabs > 0 &&
           (line->pairs || line->tabs == 2 || line->tabs == 3 || !line->number);
}

bool mixfill_triplets_claims(const mixfill_first_line *line) {
    return line->commas == 0 && line->colons == 0 &&
           (line->pairs || line->words == 3 || line->words == 4);
}

/* ---- columns ---- */

/* "PATH:LINE" of the current line. */
static const char *where(const mixfill_delimited *d, char out[WHERE]) {
    snprintf(out, WHERE, "%s:%" PRId64, d->path, d->line);
    return out;
}

/* A line that is neither a rating nor a header with all names is refused: to skip it would be to
 * read the wrong columns without a word. */
static mixfill_status check_header(const mixfill_delimited *d, mixfill_error *err) {
    char at[WHERE];
    const char *missing = d->user < 0 ? "user" : d->item < 0 ? "item" : NULL;
    if (missing == NULL && !d->pairs && d->rating < 0)
        missing = "rating";
    if (missing == NULL)
        return MIXFILL_OK;
    return mixfill_fail(
        err, MIXFILL_ERR_PARSE, d->line,
        "%s: not a %s and not a header with a column for the %s, expected names such as userId, "
        "movieId%s",
        where(d, at), d->pairs ? "pair" : "rating", missing, d->pairs ? "" : ", rating");
}

/* Timestamps are parsed only where someone wants them; elsewhere a bad one is no fault. */
static bool keep_times(const mixfill_delimited *d) {
    return d->options->keep_times && !d->pairs;
}

/* Whether the first line holds names rather than data. A rating is a number, so its column tells;
 * of pairs, whose ids may be any text, a name that columns have, on a line without numbers. */
static bool is_header_line(const mixfill_delimited *d, const mixfill_field *fields, int n) {
    if (d->user >= 0 && d->item >= 0)
        return true;
    if (!d->pairs)
        return !mixfill_field_is_number(fields[2]);
    for (int i = 0; i < n; i++)
        if (mixfill_field_is_number(fields[i]))
            return false;
    return d->user >= 0 || d->item >= 0 || d->rating >= 0;
}

/* Find the columns from the first line; *is_header tells whether it holds names rather than data.
 */
static mixfill_status learn_columns(mixfill_delimited *d, const mixfill_field *fields, int n,
                                    bool *is_header, mixfill_error *err) {
    static const char *const ratings[] = {"rating",     "score",   "stars",
                                          "bookrating", "overall", NULL};
    static const char *const times[] = {"timestamp", "time", "ts", "unixreviewtime", "date", NULL};
    int needed = d->pairs ? 2 : 3;
    char at[WHERE];
    d->n_columns = n;
    d->first_line = d->line;
    if (n < needed || n > MAX_FIELDS)
        return mixfill_fail_about(err, MIXFILL_ERR_PARSE, d->line, "format",
                                  "%s: %d column%s, expected user, item%s", where(d, at), n,
                                  mixfill_s(n), d->pairs ? "" : ", rating");
    d->user = mixfill_fields_find(fields, n, mixfill_user_columns);
    d->item = mixfill_fields_find(fields, n, mixfill_item_columns);
    d->rating = mixfill_fields_find(fields, n, ratings);
    d->time = keep_times(d) ? mixfill_fields_find(fields, n, times) : -1;
    *is_header = is_header_line(d, fields, n);
    if (*is_header)
        return check_header(d, err);
    if (!d->pairs && n > 4)
        return mixfill_fail(
            err, MIXFILL_ERR_PARSE, d->line,
            "%s: %d columns and no header, expected user, item, rating[, timestamp]", where(d, at),
            n);
    d->user = 0;
    d->item = 1;
    d->rating = 2;
    d->time = keep_times(d) && n == 4 ? 3 : -1;
    return MIXFILL_OK;
}

/* With int_ids leading zeros are dropped, so that "007" and "7" are one id and both come out as
 * "7". */
mixfill_status mixfill_delimited_id(const mixfill_delimited *d, mixfill_field *id, const char *what,
                                    char number[24], mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    const char *fault = NULL, *field = "";
    if (id->len == 0)
        fault = "is empty, expected an id";
    else if (id->len > MIXFILL_ID_MAX)
        fault = "is longer than 255 bytes";
    else if (memchr(id->text, '\0', id->len) != NULL)
        fault = "holds a NUL byte, expected text";
    if (fault == NULL && d->options->int_ids) {
        size_t zeros = 0;
        while (zeros + 1 < id->len && id->text[zeros] == '0')
            zeros++;
        size_t len = id->len - zeros;
        int64_t value = -1;
        memcpy(number, id->text + zeros, len < 23 ? len : 23);
        number[len < 23 ? len : 23] = '\0';
        if (len < 23 && mixfill_id_to_int64(number, &value) && value >= 0)
            *id = (mixfill_field){number, len};
        else {
            fault = "is not a whole number from 0 to 9223372036854775807";
            field = "int_ids";
        }
    }
    if (fault == NULL)
        return MIXFILL_OK;
    return mixfill_fail_about(err, MIXFILL_ERR_PARSE, d->line, field, "%s: %s id '%s' %s",
                              where(d, at), what, mixfill_quote(quoted, id->text, id->len), fault);
}

/* NaN and infinity are numbers to the parser and no ratings. */
mixfill_status mixfill_delimited_rating(const mixfill_delimited *d, double *value,
                                        mixfill_field text, mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    const mixfill_read_options *o = d->options;
    text = mixfill_field_trimmed(text);
    const char *fault = NULL;
    if (!mixfill_parse_double(text.text, text.len, value))
        fault = "is not a number";
    else if (!isfinite(*value))
        fault = "is not finite, expected a number";
    else if (fabs(*value) > MIXFILL_MAX_ABS_RATING)
        fault = "is out of range, expected a magnitude of at most 1e150";
    if (fault != NULL)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, d->line, "%s: rating '%s' %s", where(d, at),
                            mixfill_quote(quoted, text.text, text.len), fault);
    if (*value < o->rating_min || *value > o->rating_max)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, d->line,
                            "%s: rating '%s' is outside the range, expected %g to %g", where(d, at),
                            mixfill_quote(quoted, text.text, text.len), o->rating_min,
                            o->rating_max);
    return MIXFILL_OK;
}

/* A timestamp field, blanks around it ignored. */
static mixfill_status read_time(const mixfill_delimited *d, int64_t *time, mixfill_field text,
                                mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    text = mixfill_field_trimmed(text);
    if (mixfill_parse_timestamp(text.text, text.len, time))
        return MIXFILL_OK;
    return mixfill_fail_about(err, MIXFILL_ERR_PARSE, d->line, "keep_times",
                              "%s: timestamp '%s' is neither a whole number nor a date such as "
                              "2005-09-06",
                              where(d, at), mixfill_quote(quoted, text.text, text.len));
}

/* Check one split line. */
static mixfill_status make_record(mixfill_delimited *d, mixfill_record *record,
                                  const mixfill_field *fields, int n, mixfill_error *err) {
    char at[WHERE];
    if (n < 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, d->line,
                            "%s: a quoted field does not end with '\"' and a comma", where(d, at));
    if (n != d->n_columns)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, d->line,
                            "%s: %d field%s, expected %d as on line %" PRId64, where(d, at), n,
                            mixfill_s(n), d->n_columns, d->first_line);
    mixfill_field user = fields[d->user], item = fields[d->item];
    double value = (double)NAN;
    int64_t time = 0;
    mixfill_status st = mixfill_delimited_id(d, &user, "user", d->number[0], err);
    if (st == MIXFILL_OK)
        st = mixfill_delimited_id(d, &item, "item", d->number[1], err);
    if (st == MIXFILL_OK && !d->pairs)
        st = mixfill_delimited_rating(d, &value, fields[d->rating], err);
    if (st == MIXFILL_OK && d->time >= 0)
        st = read_time(d, &time, fields[d->time], err);
    if (st != MIXFILL_OK)
        return st;
    bool swap = d->options->transpose;
    *record = (mixfill_record){swap ? item : user, swap ? user : item, value, time, d->line};
    return MIXFILL_OK;
}

/* A "#" begins a comment only before the first record: an id may begin with one. */
mixfill_status mixfill_delimited_line(mixfill_delimited *d, mixfill_record *record, bool *found,
                                      bool *fatal, char *text, size_t len, mixfill_error *err) {
    mixfill_field fields[MAX_FIELDS];
    bool comment = text[0] == '#' && d->n_columns == 0;
    *found = *fatal = false;
    if (mixfill_fields_blank(text, len) || comment)
        return MIXFILL_OK;
    int n = mixfill_fields_split(d->dialect->blanks ? "" : d->dialect->delimiter, text, text + len,
                                 fields);
    if (d->n_columns == 0 && n >= 0) {
        bool is_header = false;
        mixfill_status st = learn_columns(d, fields, n, &is_header, err);
        *fatal = st != MIXFILL_OK;
        if (st != MIXFILL_OK || is_header)
            return st;
    }
    mixfill_status st = make_record(d, record, fields, n, err);
    *found = st == MIXFILL_OK;
    return st;
}

/* After each line of a file of pairs, of len bytes; tells once for many. */
static mixfill_status tell_line(const mixfill_lines *lines, int64_t *bytes, size_t len,
                                const mixfill_read_options *options, mixfill_error *err) {
    enum { LINES_AT_ONCE = 1 << 14 };
    *bytes += (int64_t)len + 1;
    if (options->progress == NULL || lines->line % LINES_AT_ONCE != 0 ||
        options->progress(*bytes, lines->size, options->progress_data) == 0)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_CANCELLED, lines->line, "%s:%" PRId64 ": cancelled",
                        lines->path, lines->line);
}

/* Line by line and by one thread: what is asked for is answered in the order of the file, and a
 * prediction costs more than reading its line. */
mixfill_status mixfill_read_delimited_pairs(const mixfill_input *in, mixfill_record_fn fn,
                                            void *data, mixfill_error *err) {
    mixfill_lines *lines = in->lines;
    mixfill_read_report *report = in->report;
    const mixfill_read_options *options = in->options;
    mixfill_delimited d = {
        .path = lines->path, .options = options, .dialect = in->dialect, .pairs = true};
    mixfill_error bad;
    int64_t bytes = 0;
    for (;;) {
        mixfill_record record;
        bool found, fatal;
        char *text;
        size_t len;
        mixfill_status st = mixfill_lines_next(lines, &text, &len, err);
        if (st != MIXFILL_OK)
            return st;
        report->lines = d.line = lines->line;
        if (text == NULL)
            return MIXFILL_OK;
        st = tell_line(lines, &bytes, len, options, err);
        if (st != MIXFILL_OK)
            return st;
        bad = (mixfill_error){0};
        st = mixfill_delimited_line(&d, &record, &found, &fatal, text, len, &bad);
        if (st == MIXFILL_OK && found)
            st = fn(data, &record, &bad);
        if (st == MIXFILL_ERR_PARSE && options->skip_bad_lines && !fatal)
            mixfill_note_skipped(report, bad.message, bad.field);
        else if (st != MIXFILL_OK)
            return mixfill_fail_as(err, &bad);
    }
}
