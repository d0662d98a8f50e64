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
#include <strings.h>

enum { MAX_FIELDS = MIXFILL_MAX_FIELDS, WHERE = 300 };

/* ---- telling them apart ---- */

bool mixfill_csv_claims(const mixfill_first_line *line) {
    return strchr("\t :", *line->delimiter) == NULL || strcmp(line->delimiter, ":") == 0;
}

bool mixfill_dat_claims(const mixfill_first_line *line) {
    return strcmp(line->delimiter, "::") == 0;
}

/* Numbers between tabs are a matrix where there are not three or four of them. */
bool mixfill_tab_claims(const mixfill_first_line *line) {
    return *line->delimiter == '\t' &&
           (line->pairs || line->fields == 3 || line->fields == 4 || !line->number || line->table);
}

bool mixfill_triplets_claims(const mixfill_first_line *line) {
    return *line->delimiter == ' ' && (line->pairs || line->fields == 3 || line->fields == 4 ||
                                       (line->fields > 1 && !line->number) || line->table);
}

/* ---- columns ---- */

/* "PATH:LINE" of the current line. */
static const char *where(const mixfill_delimited *d, char out[WHERE]) {
    snprintf(out, WHERE, "%s:%" PRId64, d->path, d->line);
    return out;
}

/* Timestamps are parsed only where someone wants them; elsewhere a bad one is no fault. */
static bool keep_times(const mixfill_delimited *d) {
    return d->options->keep_times && !d->pairs;
}

static bool parse_number(mixfill_delimited *d, mixfill_field text, double *value);

static bool is_number(mixfill_delimited *d, mixfill_field text) {
    double value;
    return parse_number(d, mixfill_field_trimmed(text), &value);
}

/* Where columns stand that have no names; which they have not all where there are not three or
 * four. */
static mixfill_columns columns_by_place(const mixfill_delimited *d, int n) {
    bool told = d->pairs ? n >= 2 : n == 3 || n == 4;
    if (!told || d->options->columns != NULL)
        return (mixfill_columns){{-1, -1, -1, -1}, false};
    return (mixfill_columns){{0, 1, d->pairs ? -1 : 2, n == 4 && !d->pairs ? 3 : -1}, false};
}

/* The field that is a number unless the line is a header; -1 where none has to be. */
static int rating_field(const mixfill_delimited *d, int n) {
    mixfill_columns c = columns_by_place(d, n);
    mixfill_field absent;
    if (!mixfill_columns_give(&c, d->options->columns, NULL, n, d->pairs, &absent))
        return -1;
    return c.of[MIXFILL_ROLE_RATING];
}

/* Whether the first line holds names rather than data: both a user and an item are named, or the
 * rating is no number and nothing on the line is, or a column is named. Of pairs, and where every
 * rating is 1, no field need be a number: there a name on a line without numbers tells. */
static bool is_header_line(mixfill_delimited *d, const mixfill_columns *named,
                           const mixfill_field *fields, int n) {
    bool any = mixfill_columns_by_name(d->options->columns), numbers = false;
    int rating = rating_field(d, n);
    if (any || (named->of[MIXFILL_ROLE_USER] >= 0 && named->of[MIXFILL_ROLE_ITEM] >= 0))
        return true;
    for (int r = 0; r < MIXFILL_N_ROLES; r++)
        any |= named->of[r] >= 0;
    for (int i = 0; i < n && i < MAX_FIELDS; i++)
        numbers |= is_number(d, fields[i]);
    if (rating < 0)
        return !numbers && (any || !d->pairs);
    return !is_number(d, fields[rating]) && (any || !numbers);
}

/* The columns that are wanted must all be there: to go on without would be to read the wrong ones
 * without a word. */
mixfill_status mixfill_delimited_settle(mixfill_delimited *d, mixfill_columns c,
                                        const mixfill_field *names, int n, mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    mixfill_field absent;
    if (!mixfill_columns_give(&c, d->options->columns, names, n, d->pairs, &absent))
        return mixfill_fail_about(err, MIXFILL_ERR_PARSE, d->line, "columns",
                                  "%s: no column '%s' among the %d of this line", where(d, at),
                                  mixfill_quote(quoted, absent.text, absent.len), n);
    if (c.of[MIXFILL_ROLE_USER] < 0 || c.of[MIXFILL_ROLE_ITEM] < 0 ||
        (c.of[MIXFILL_ROLE_RATING] < 0 && !c.ones && !d->pairs))
        return mixfill_fail_columns(err, where(d, at), d->line, &c, names, n, d->pairs,
                                    d->row_numbers, d->numbers && n > 4);
    if (!keep_times(d))
        c.of[MIXFILL_ROLE_TIME] = -1;
    if (d->pairs)
        c.of[MIXFILL_ROLE_RATING] = -1;
    d->columns = c;
    mixfill_columns_describe(d->described, sizeof d->described, &c, names, n, d->pairs);
    return MIXFILL_OK;
}

/* Find the columns from the first line that is no comment; *is_header tells whether it holds names
 * rather than data. */
static mixfill_status learn_columns(mixfill_delimited *d, const mixfill_field *fields, int n,
                                    bool *is_header, mixfill_error *err) {
    char at[WHERE];
    d->n_columns = n;
    d->first_line = d->line;
    if (n > MAX_FIELDS)
        return mixfill_fail_about(err, MIXFILL_ERR_PARSE, d->line, "format",
                                  "%s: %d columns, expected user, item%s", where(d, at), n,
                                  d->pairs ? "" : ", rating");
    const mixfill_columns named = mixfill_columns_named(fields, n);
    *is_header = is_header_line(d, &named, fields, n);
    if (*is_header)
        return mixfill_delimited_settle(d, named, fields, n, err);
    return mixfill_delimited_settle(d, n == d->n_commented ? d->commented : columns_by_place(d, n),
                                    NULL, n, err);
}

/* A comment may be a header: one that names a user and an item tells the columns of lines that have
 * as many. */
static void learn_comment(mixfill_delimited *d, char *text, size_t len, size_t mark) {
    mixfill_field fields[MAX_FIELDS];
    while (mark < len && (text[mark] == ' ' || text[mark] == text[0]))
        mark++;
    int n = mixfill_fields_split(d->dialect->blanks ? "" : d->dialect->delimiter,
                                 mixfill_quotes_of(d->dialect->delimiter), text + mark, text + len,
                                 fields);
    if (n < 2 || n > MAX_FIELDS)
        return;
    const mixfill_columns named = mixfill_columns_named(fields, n);
    if (named.of[MIXFILL_ROLE_USER] < 0 || named.of[MIXFILL_ROLE_ITEM] < 0)
        return;
    d->commented = named;
    d->n_commented = n;
}

/* ---- fields ---- */

/* With int_ids "007", "7" and "7.0" are one id, and all come out as "7". */
mixfill_status mixfill_delimited_id(const mixfill_delimited *d, mixfill_field *id, const char *what,
                                    char number[24], mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    const char *fault = NULL, *field = "";
    *id = mixfill_field_trimmed(*id);
    if (id->len == 0)
        fault = "is empty, expected an id";
    else if (id->len > MIXFILL_ID_MAX)
        fault = "is longer than 255 bytes";
    else if (memchr(id->text, '\0', id->len) != NULL)
        fault = "holds a NUL byte, expected text";
    if (fault == NULL && d->options->int_ids) {
        size_t len = mixfill_id_to_whole(id->text, id->len, number);
        if (len > 0)
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

/* Between semicolons the comma is free to be the point; whether all of them look like thousands is
 * kept. */
static bool parse_number(mixfill_delimited *d, mixfill_field text, double *value) {
    enum { THOUSANDS = 4 }; /* a comma and three digits */
    bool comma = d->options->decimal_comma || (d->dialect != NULL && *d->dialect->delimiter == ';');
    if (mixfill_parse_double(text.text, text.len, value))
        return true;
    if (!comma || !mixfill_parse_comma(text.text, text.len, value))
        return false;
    bool three = text.len > THOUSANDS && text.text[text.len - THOUSANDS] == ',';
    d->commas |= three ? MIXFILL_COMMAS_OF_THREE : MIXFILL_COMMAS_OTHER;
    return true;
}

/* What files have where a rating is missing. */
static bool is_no_rating(mixfill_field text) {
    static const char *const words[] = {"", "na", "n/a", "nan", "null", "none", "?", "-", "\\n"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text.len == strlen(words[i]) && strncasecmp(text.text, words[i], text.len) == 0)
            return true;
    return false;
}

/* NaN and infinity are numbers to the parser and no ratings. */
mixfill_status mixfill_delimited_rating(mixfill_delimited *d, double *value, mixfill_field text,
                                        mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    const mixfill_read_options *o = d->options;
    text = mixfill_field_trimmed(text);
    const char *fault = NULL;
    bool is_number = parse_number(d, text, value);
    if (!is_number)
        fault = "is not a number";
    else if (!isfinite(*value))
        fault = "is not finite, expected a number";
    else if (fabs(*value) > MIXFILL_MAX_ABS_RATING)
        fault = "is out of range, expected a magnitude of at most 1e150";
    if (fault != NULL) {
        bool comma = !is_number && mixfill_parse_comma(text.text, text.len, value);
        const char *field = is_no_rating(text) ? "skip_bad_lines" : comma ? "decimal_comma" : "";
        return mixfill_fail_about(err, MIXFILL_ERR_PARSE, d->line, field, "%s: rating '%s' %s",
                                  where(d, at), mixfill_quote(quoted, text.text, text.len), fault);
    }
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
                              "%s: timestamp '%s' is neither a number nor a date such as "
                              "2005-09-06 or 2005-09-06T12:30:00Z",
                              where(d, at), mixfill_quote(quoted, text.text, text.len));
}

mixfill_status mixfill_delimited_check(mixfill_delimited *d, mixfill_record *record,
                                       const mixfill_field field[MIXFILL_N_ROLES],
                                       mixfill_error *err) {
    const int *of = d->columns.of;
    mixfill_field user = field[MIXFILL_ROLE_USER], item = field[MIXFILL_ROLE_ITEM];
    double value = d->columns.ones ? 1 : (double)NAN;
    int64_t time = 0;
    mixfill_status st = mixfill_delimited_id(d, &user, "user", d->number[0], err);
    if (st == MIXFILL_OK)
        st = mixfill_delimited_id(d, &item, "item", d->number[1], err);
    if (st == MIXFILL_OK && of[MIXFILL_ROLE_RATING] >= 0)
        st = mixfill_delimited_rating(d, &value, field[MIXFILL_ROLE_RATING], err);
    if (st == MIXFILL_OK && of[MIXFILL_ROLE_TIME] >= 0)
        st = read_time(d, &time, field[MIXFILL_ROLE_TIME], err);
    if (st != MIXFILL_OK)
        return st;
    bool swap = d->options->transpose;
    *record = (mixfill_record){swap ? item : user, swap ? user : item, value, time, d->line};
    return MIXFILL_OK;
}

/* Check one split line. */
static mixfill_status make_record(mixfill_delimited *d, mixfill_record *record,
                                  const mixfill_field *fields, int n, mixfill_error *err) {
    char at[WHERE];
    mixfill_field field[MIXFILL_N_ROLES] = {{NULL, 0}};
    if (n < 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, d->line,
                            "%s: a quoted field does not end with '\"' and a delimiter",
                            where(d, at));
    if (n != d->n_columns)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, d->line,
                            "%s: %d field%s, expected %d as on line %" PRId64, where(d, at), n,
                            mixfill_s(n), d->n_columns, d->first_line);
    for (int r = 0; r < MIXFILL_N_ROLES; r++)
        if (d->columns.of[r] >= 0)
            field[r] = fields[d->columns.of[r]];
    return mixfill_delimited_check(d, record, field, err);
}

mixfill_status mixfill_delimited_add(const mixfill_delimited *d, mixfill_builder *b,
                                     const mixfill_record *record, mixfill_error *err) {
    int32_t user, item;
    const char *what = "users";
    mixfill_status st = mixfill_ids_intern(&b->users, &user, record->user.text, record->user.len);
    if (st == MIXFILL_OK) {
        what = "items";
        st = mixfill_ids_intern(&b->items, &item, record->item.text, record->item.len);
    }
    if (st == MIXFILL_ERR_RANGE)
        return mixfill_fail_many_ids(d->path, record->line, what, err);
    if (st == MIXFILL_OK)
        st = mixfill_builder_add(b, user, item, record->value, record->line);
    if (st != MIXFILL_OK)
        return mixfill_fail_nomem(err, "ratings");
    if (b->with_times)
        b->time[b->n - 1] = record->time;
    return MIXFILL_OK;
}

/* A comment is one only before the first record: an id may begin as comments do. */
mixfill_status mixfill_delimited_line(mixfill_delimited *d, mixfill_record *record, bool *found,
                                      bool *fatal, char *text, size_t len, mixfill_error *err) {
    mixfill_field fields[MAX_FIELDS];
    size_t mark = d->n_columns == 0 ? mixfill_comment_mark(text, len) : 0;
    *found = *fatal = false;
    if (mark > 0)
        learn_comment(d, text, len, mark);
    if (mixfill_fields_blank(text, len) || mark > 0)
        return MIXFILL_OK;
    int n =
        mixfill_fields_split(d->dialect->blanks ? "" : d->dialect->delimiter,
                             mixfill_quotes_of(d->dialect->delimiter), text, text + len, fields);
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

char mixfill_breaks_at(const mixfill_dialect *dialect) {
    return mixfill_quotes_of(dialect->delimiter) == MIXFILL_QUOTES_STRICT ? *dialect->delimiter
                                                                          : '\0';
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
    lines->delimiter = mixfill_breaks_at(in->dialect);
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
        if (text == NULL) {
            memcpy(report->columns, d.described, sizeof report->columns);
            return MIXFILL_OK;
        }
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
