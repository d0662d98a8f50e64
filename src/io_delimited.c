/* Delimited records: user, item, rating, and a timestamp that is left alone. One loop for csv, dat,
 * tab and blank-separated triplets; they differ in the split and in quotes only. */
#include "io_text.h"
#include "number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MAX_FIELDS = 64, WHERE = 300 };

typedef struct reader {
    mixfill_lines *lines;
    const mixfill_read_options *options;
    mixfill_format format;
    bool pairs;             /* records need no rating */
    int n_columns;          /* of the first line; every line has as many */
    int64_t first_line;     /* its number */
    int user, item, rating; /* columns */
} reader;

/* "PATH:LINE" of the current line. */
static const char *where(const reader *r, char out[WHERE]) {
    snprintf(out, WHERE, "%s:%" PRId64, r->lines->path, r->lines->line);
    return out;
}

/* Cut a quoted field, undoubling its quotes in place; the byte behind it, or NULL where the closing
 * quote is missing. */
static char *cut_quoted(char *at, char *end, mixfill_field *field) {
    char *write = ++at;
    field->text = write;
    for (; at < end; at++) {
        if (*at == '"' && at + 1 < end && at[1] == '"')
            at++;
        else if (*at == '"')
            break;
        *write++ = *at;
    }
    if (at == end)
        return NULL;
    field->len = (size_t)(write - field->text);
    return at + 1;
}

/* The end of a field that starts at `at`, and in *width the length of the delimiter behind it. */
static char *find_delimiter(mixfill_format format, char *at, char *end, size_t *width) {
    *width = 1;
    size_t left = (size_t)(end - at);
    char *found;
    if (format == MIXFILL_FORMAT_DAT) {
        *width = 2;
        found = memchr(at, ':', left);
        while (found != NULL && (found + 1 == end || found[1] != ':'))
            found = memchr(found + 1, ':', (size_t)(end - found) - 1);
    } else {
        found = memchr(at, format == MIXFILL_FORMAT_CSV ? ',' : '\t', left);
    }
    return found != NULL ? found : end;
}

static int split_blanks(char *at, const char *end, mixfill_field *fields) {
    int n = 0;
    for (;;) {
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        if (at == end)
            return n;
        char *start = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        if (n < MAX_FIELDS)
            fields[n] = (mixfill_field){start, (size_t)(at - start)};
        n++;
    }
}

/* Split a line; the number of its fields, of which the first MAX_FIELDS are stored; -1 where a
 * quote is not closed or goes on behind its end. */
static int split(mixfill_format format, char *at, char *end, mixfill_field *fields) {
    if (format == MIXFILL_FORMAT_TRIPLETS)
        return split_blanks(at, end, fields);
    for (int n = 0;; n++) {
        mixfill_field field;
        size_t width = 1;
        char *stop;
        if (format == MIXFILL_FORMAT_CSV && at < end && *at == '"') {
            stop = cut_quoted(at, end, &field);
            if (stop == NULL || (stop < end && *stop != ','))
                return -1;
        } else {
            stop = find_delimiter(format, at, end, &width);
            field = (mixfill_field){at, (size_t)(stop - at)};
        }
        if (n < MAX_FIELDS)
            fields[n] = field;
        if (stop == end)
            return n + 1;
        at = stop + width;
    }
}

static mixfill_field trimmed(mixfill_field f) {
    while (f.len > 0 && (f.text[0] == ' ' || f.text[0] == '\t')) {
        f.text++;
        f.len--;
    }
    while (f.len > 0 && (f.text[f.len - 1] == ' ' || f.text[f.len - 1] == '\t'))
        f.len--;
    return f;
}

/* Whether a header field is one of the names, ignoring case, blanks, '_' and '-'. */
static bool is_named(mixfill_field field, const char *const *names) {
    char plain[32];
    size_t n = 0;
    for (size_t i = 0; i < field.len && n + 1 < sizeof plain; i++)
        if (strchr(" _-", field.text[i]) == NULL)
            plain[n++] = field.text[i];
    plain[n] = '\0';
    for (; *names != NULL; names++)
        if (strcasecmp(plain, *names) == 0)
            return true;
    return false;
}

static int find_column(const mixfill_field *fields, int n, const char *const *names) {
    for (int c = 0; c < n && c < MAX_FIELDS; c++)
        if (is_named(fields[c], names))
            return c;
    return -1;
}

static mixfill_status check_header(const reader *r, mixfill_error *err) {
    char at[WHERE];
    const char *missing = r->user < 0 ? "user" : r->item < 0 ? "item" : NULL;
    if (missing == NULL && !r->pairs && r->rating < 0)
        missing = "rating";
    if (missing == NULL)
        return MIXFILL_OK;
    return mixfill_fail(
        err, MIXFILL_ERR_PARSE, r->lines->line,
        "%s: not a rating and not a header with a column for the %s, expected names "
        "such as userId, movieId, rating",
        where(r, at), missing);
}

/* Find the columns from the first line; *is_header tells whether it holds names rather than data.
 */
static mixfill_status learn_columns(reader *r, const mixfill_field *fields, int n, bool *is_header,
                                    mixfill_error *err) {
    static const char *const users[] = {"userid", "user", "uid", "customerid", "reviewerid", NULL};
    static const char *const items[] = {"movieid", "itemid",   "item",   "movie",
                                        "iid",     "bookid",   "isbn",   "productid",
                                        "animeid", "artistid", "songid", NULL};
    static const char *const ratings[] = {"rating",     "score",   "stars",
                                          "bookrating", "overall", NULL};
    double value;
    int needed = r->pairs ? 2 : 3;
    char at[WHERE];
    r->n_columns = n;
    r->first_line = r->lines->line;
    if (n < needed || n > MAX_FIELDS)
        return mixfill_fail(
            err, MIXFILL_ERR_PARSE, r->lines->line,
            "%s: %d column%s, expected user, item%s (--format to force another format)",
            where(r, at), n, n == 1 ? "" : "s", r->pairs ? "" : ", rating");
    r->user = find_column(fields, n, users);
    r->item = find_column(fields, n, items);
    r->rating = find_column(fields, n, ratings);
    mixfill_field third = n >= 3 ? trimmed(fields[2]) : (mixfill_field){"", 0};
    *is_header = (r->user >= 0 && r->item >= 0) ||
                 (!r->pairs && !mixfill_parse_double(third.text, third.len, &value));
    if (*is_header)
        return check_header(r, err);
    if (!r->pairs && n > 4)
        return mixfill_fail(
            err, MIXFILL_ERR_PARSE, r->lines->line,
            "%s: %d columns and no header, expected user, item, rating[, timestamp]", where(r, at),
            n);
    r->user = 0;
    r->item = 1;
    r->rating = 2;
    return MIXFILL_OK;
}

static mixfill_status check_id(const reader *r, mixfill_field *id, const char *what,
                               char number[24], mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    const char *fault = NULL;
    if (id->len == 0)
        fault = "is empty, expected an id";
    else if (id->len > MIXFILL_ID_MAX)
        fault = "is longer than 255 bytes";
    else if (memchr(id->text, '\0', id->len) != NULL)
        fault = "holds a NUL byte, expected text";
    if (fault == NULL && r->options->int_ids) {
        size_t zeros = 0;
        while (zeros + 1 < id->len && id->text[zeros] == '0')
            zeros++;
        size_t len = id->len - zeros;
        int64_t value = -1;
        memcpy(number, id->text + zeros, len < 23 ? len : 23);
        number[len < 23 ? len : 23] = '\0';
        if (len < 23 && mixfill_id_to_int64(number, &value) && value >= 0)
            *id = (mixfill_field){number, len};
        else
            fault = "is not a whole number from 0 to 9223372036854775807 (--ids int)";
    }
    if (fault == NULL)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines->line, "%s: %s id '%s' %s", where(r, at),
                        what, mixfill_quote(quoted, id->text, id->len), fault);
}

static mixfill_status check_rating(const reader *r, mixfill_field text, double *value,
                                   mixfill_error *err) {
    char at[WHERE], quoted[MIXFILL_QUOTE_BUFFER];
    const mixfill_read_options *o = r->options;
    text = trimmed(text);
    const char *fault = NULL;
    if (!mixfill_parse_double(text.text, text.len, value))
        fault = "is not a number";
    else if (!isfinite(*value))
        fault = "is not finite, expected a number";
    else if (fabs(*value) > MIXFILL_MAX_ABS_RATING)
        fault = "is out of range, expected a magnitude of at most 1e150";
    if (fault != NULL)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines->line, "%s: rating '%s' %s",
                            where(r, at), mixfill_quote(quoted, text.text, text.len), fault);
    if (*value < o->rating_min || *value > o->rating_max)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines->line,
                            "%s: rating '%s' is outside the range, expected %g to %g", where(r, at),
                            mixfill_quote(quoted, text.text, text.len), o->rating_min,
                            o->rating_max);
    return MIXFILL_OK;
}

/* Check one split line and hand it on. */
static mixfill_status emit(const reader *r, const mixfill_field *fields, int n,
                           mixfill_record_fn fn, void *data, mixfill_error *err) {
    char at[WHERE], user_number[24], item_number[24];
    if (n < 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines->line,
                            "%s: a quoted field does not end with '\"' and a comma", where(r, at));
    if (n != r->n_columns)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines->line,
                            "%s: %d field%s, expected %d as on line %" PRId64, where(r, at), n,
                            n == 1 ? "" : "s", r->n_columns, r->first_line);
    mixfill_record record = {fields[r->user], fields[r->item], (double)NAN, r->lines->line};
    mixfill_status st = check_id(r, &record.user, "user", user_number, err);
    if (st == MIXFILL_OK)
        st = check_id(r, &record.item, "item", item_number, err);
    if (st == MIXFILL_OK && !r->pairs)
        st = check_rating(r, fields[r->rating], &record.value, err);
    if (st != MIXFILL_OK)
        return st;
    if (r->options->transpose) {
        mixfill_field user = record.user;
        record.user = record.item;
        record.item = user;
    }
    return fn(data, &record, err);
}

/* Count a bad line, keeping the message of the first few. */
static void note_skipped(mixfill_read_report *report, const mixfill_error *err) {
    if (report->n_messages < MIXFILL_REPORTED_LINES)
        snprintf(report->messages[report->n_messages++], sizeof report->messages[0], "%.255s",
                 err->message);
    report->skipped++;
}

static bool is_blank(const char *text, size_t len) {
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    return len == 0;
}

mixfill_status mixfill_read_delimited(mixfill_lines *lines, mixfill_read_report *report,
                                      const mixfill_read_options *options, bool pairs,
                                      mixfill_record_fn fn, void *data, mixfill_error *err) {
    reader r = {.lines = lines, .options = options, .format = report->format, .pairs = pairs};
    mixfill_field fields[MAX_FIELDS];
    mixfill_error bad;
    for (;;) {
        char *text;
        size_t len;
        mixfill_status st = mixfill_lines_next(lines, &text, &len, err);
        if (st != MIXFILL_OK)
            return st;
        report->lines = lines->line;
        if (text == NULL)
            return MIXFILL_OK;
        bool comment = text[0] == '#' && r.n_columns == 0;
        if (is_blank(text, len) || comment)
            continue;
        int n = split(r.format, text, text + len, fields);
        if (r.n_columns == 0 && n >= 0) {
            bool is_header = false;
            st = learn_columns(&r, fields, n, &is_header, err);
            if (st != MIXFILL_OK)
                return st;
            if (is_header)
                continue;
        }
        bad = (mixfill_error){0};
        st = emit(&r, fields, n, fn, data, &bad);
        if (st == MIXFILL_ERR_PARSE && options->skip_bad_lines)
            note_skipped(report, &bad);
        else if (st != MIXFILL_OK)
            return mixfill_fail(err, st, bad.line, "%s", bad.message);
    }
}
