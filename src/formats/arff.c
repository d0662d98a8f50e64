/* Ratings as Weka's ARFF: attributes by name, then records between commas.
 *
 *     @relation ratings
 *     @attribute userId numeric
 *     @attribute 'movie id' {31,32}
 *     @attribute rating numeric
 *     @data
 *     1,31,4
 *
 * "%" begins a comment, and "?" stands for what is missing, which of a rating is a bad line. */
#include "formats/arff.h"

#include "formats/delimited.h"
#include "formats/read_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAMES = 1 << 13 }; /* bytes of all names */

typedef struct arff_reader {
    mixfill_delimited d;
    const mixfill_input *in;
    mixfill_field name[MIXFILL_MAX_FIELDS];
    int n;
    char names[NAMES];
    size_t used;
} arff_reader;

/* Whether a text begins with a keyword, in any case, and a blank or its end. */
static bool is_keyword(const char *text, size_t len, const char *word) {
    size_t n = strlen(word);
    return len >= n && strncasecmp(text, word, n) == 0 &&
           (len == n || text[n] == ' ' || text[n] == '\t');
}

bool mixfill_arff_claims(const mixfill_first_line *line) {
    mixfill_field text = mixfill_field_trimmed(line->text);
    return is_keyword(text.text, text.len, "@relation");
}

static mixfill_status fail(const arff_reader *r, const char *fault, mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, r->d.line, "%s:%" PRId64 ": %s", r->d.path,
                        r->d.line, fault);
}

/* The name behind "@attribute", quoted or not. */
static mixfill_status read_attribute(arff_reader *r, mixfill_field text, mixfill_error *err) {
    text.text += strlen("@attribute");
    text.len -= strlen("@attribute");
    text = mixfill_field_trimmed(text);
    char quote = text.len > 0 ? *text.text : '\0';
    bool quoted = quote == '"' || quote == '\'';
    size_t len = 0, begin = quoted;
    while (begin + len < text.len &&
           (quoted ? text.text[begin + len] != quote
                   : text.text[begin + len] != ' ' && text.text[begin + len] != '\t'))
        len++;
    if (len == 0 || begin + len >= text.len)
        return fail(r, "an attribute without a name and a type, expected both", err);
    if (r->n == MIXFILL_MAX_FIELDS || r->used + len > sizeof r->names)
        return fail(r, "too many attributes, expected at most 64", err);
    memcpy(r->names + r->used, text.text + begin, len);
    r->name[r->n++] = (mixfill_field){r->names + r->used, len};
    r->used += len;
    return MIXFILL_OK;
}

/* A line before the data. *data: it begins. */
static mixfill_status read_declaration(arff_reader *r, mixfill_field text, bool *data,
                                       mixfill_error *err) {
    if (is_keyword(text.text, text.len, "@attribute"))
        return read_attribute(r, text, err);
    *data = is_keyword(text.text, text.len, "@data");
    if (*data) {
        r->d.n_columns = r->n;
        r->d.first_line = r->d.line;
        return mixfill_delimited_settle(&r->d, mixfill_columns_named(r->name, r->n), r->name, r->n,
                                        err);
    }
    return is_keyword(text.text, text.len, "@relation")
               ? MIXFILL_OK
               : fail(r, "expected @relation, @attribute or @data", err);
}

/* Single quotes around a field become the double ones that are read. */
static void use_double_quotes(char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\'' && (i == 0 || text[i - 1] == ',' || i + 1 == len || text[i + 1] == ','))
            text[i] = '"';
}

/* A record of the data. */
static mixfill_status read_record(arff_reader *r, char *text, size_t len, mixfill_error *err) {
    mixfill_record record;
    mixfill_error bad = {0};
    bool found = false, fatal;
    mixfill_status st;
    if (*text == '{')
        return fail(r, "sparse ARFF is not read, expected a field for every attribute", err);
    use_double_quotes(text, len);
    st = mixfill_delimited_line(&r->d, &record, &found, &fatal, text, len, &bad);
    if (st == MIXFILL_OK && found)
        st = mixfill_delimited_add(&r->d, r->in->builder, &record, &bad);
    if (st == MIXFILL_ERR_PARSE && r->in->options->skip_bad_lines) {
        mixfill_note_skipped(r->in->report, bad.message, bad.field);
        return MIXFILL_OK;
    }
    return st == MIXFILL_OK ? st : mixfill_fail_as(err, &bad);
}

/* All lines; comments may stand anywhere. */
static mixfill_status read_lines(arff_reader *r, bool *data, mixfill_error *err) {
    for (;;) {
        char *text;
        size_t len;
        mixfill_status st = mixfill_lines_next(r->in->lines, &text, &len, err);
        if (st != MIXFILL_OK || text == NULL)
            return st;
        r->in->report->lines = r->d.line = r->in->lines->line;
        mixfill_field trimmed = mixfill_field_trimmed((mixfill_field){text, len});
        if (trimmed.len == 0 || *trimmed.text == '%')
            continue;
        text += trimmed.text - text;
        st = *data ? read_record(r, text, trimmed.len, err)
                   : read_declaration(r, trimmed, data, err);
        if (st != MIXFILL_OK)
            return st;
    }
}

mixfill_status mixfill_read_arff(const mixfill_input *in, mixfill_error *err) {
    static const mixfill_dialect commas = {.delimiter = ","};
    bool data = false;
    arff_reader r = {.in = in};
    r.d = (mixfill_delimited){.path = in->lines->path, .options = in->options, .dialect = &commas};
    in->builder->with_times = in->options->keep_times;
    mixfill_status st = read_lines(&r, &data, err);
    if (st == MIXFILL_OK && !data)
        st = mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: no @data, expected ratings behind it",
                          r.d.path);
    in->report->ones = r.d.columns.ones;
    memcpy(in->report->columns, r.d.described, sizeof in->report->columns);
    if (st == MIXFILL_OK && r.d.columns.of[MIXFILL_ROLE_TIME] < 0)
        mixfill_builder_drop_times(in->builder);
    return st;
}
