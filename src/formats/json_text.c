/* Ratings as JSON: objects one after the other, a line each as a rule (JSON Lines), or within one
 * array.
 *
 *     {"reviewerID": "A1", "asin": "B1", "overall": 5.0, "unixReviewTime": 1300000000}
 *
 * The text is cut into objects by their braces, and jansson reads each: of a file of any size one
 * object is in memory. Which key holds what the keys of the first object tell, as the names of a
 * header do. */
#include "formats/json_text.h"

#include "base/number.h"
#include "formats/delimited.h"
#include "formats/read_options.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Bytes read at a time, and of the largest object; bytes of a key. */
enum { PIECE = 1 << 16, LARGEST = 1 << 24, KEY = 256 };

typedef struct json_reader {
    mixfill_lines *lines;
    mixfill_delimited d;
    const mixfill_input *in;
    char key[MIXFILL_N_ROLES][KEY]; /* "" for a role that is not read */
    bool settled;
    bool in_array, closed; /* the array, where there is one */
    int depth;             /* of braces and brackets within the object */
    bool in_string, escaped;
    int64_t line; /* of the byte being read */
    char *object; /* (cap) the text of the object so far */
    size_t n, cap;
} json_reader;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What follows blanks and a byte order mark. */
static const char *skip_blanks(const char *at, const char *end) {
    if (end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* An object, or an array of them. A line of Python, whose quotes are single, is told too, for the
 * reader to refuse it. */
bool mixfill_json_begins(const char *data, size_t len) {
    const char *end = data + len, *at = skip_blanks(data, end);
    if (at < end && *at == '[')
        at = skip_blanks(at + 1, end);
    if (at == end || *at != '{')
        return false;
    at = skip_blanks(at + 1, end);
    return at < end && (*at == '"' || *at == '\'' || *at == '}');
}

static mixfill_status fail(const json_reader *r, int64_t line, const char *fault,
                           mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, line, "%s:%" PRId64 ": %s", r->lines->path, line,
                        fault);
}

/* ---- one object ---- */

/* The text of a value: a string's, or a number as it is printed; false for anything else. */
static bool value_text(char out[MIXFILL_ID_BUFFER], mixfill_field *text, const json_t *value) {
    if (json_is_string(value)) {
        *text = (mixfill_field){json_string_value(value), json_string_length(value)};
        return true;
    }
    int n = 0;
    if (json_is_integer(value))
        n = snprintf(out, MIXFILL_ID_BUFFER, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        n = (int)mixfill_format_double(out, json_real_value(value));
    *text = (mixfill_field){out, (size_t)n};
    return n > 0;
}

/* The keys of the first object are the names of the columns. */
static mixfill_status settle_keys(json_reader *r, json_t *object, mixfill_error *err) {
    mixfill_field names[MIXFILL_MAX_FIELDS];
    const char *key;
    json_t *value;
    int n = 0;
    json_object_foreach(object, key, value) {
        if (n < MIXFILL_MAX_FIELDS)
            names[n++] = (mixfill_field){key, strlen(key)};
    }
    mixfill_status st =
        mixfill_delimited_settle(&r->d, mixfill_columns_named(names, n), names, n, err);
    for (int role = 0; st == MIXFILL_OK && role < MIXFILL_N_ROLES; role++) {
        int column = r->d.columns.of[role];
        if (column < 0)
            continue;
        if (names[column].len >= KEY)
            return fail(r, r->d.line, "a key is longer than 255 bytes, expected less", err);
        memcpy(r->key[role], names[column].text, names[column].len);
    }
    r->settled = st == MIXFILL_OK;
    return st;
}

/* The values under the keys that count. */
static mixfill_status make_record(json_reader *r, mixfill_record *record, const json_t *object,
                                  char text[MIXFILL_N_ROLES][MIXFILL_ID_BUFFER],
                                  mixfill_error *err) {
    mixfill_field field[MIXFILL_N_ROLES] = {{NULL, 0}};
    char fault[KEY + 80];
    for (int role = 0; role < MIXFILL_N_ROLES; role++) {
        if (r->key[role][0] == '\0')
            continue;
        const json_t *value = json_object_get(object, r->key[role]);
        if (value_text(text[role], &field[role], value))
            continue;
        snprintf(fault, sizeof fault, "no %s under '%.200s', expected text or a number",
                 mixfill_role_name((mixfill_role)role), r->key[role]);
        return mixfill_fail_about(err, MIXFILL_ERR_PARSE, r->d.line, "skip_bad_lines",
                                  "%s:%" PRId64 ": %s", r->lines->path, r->d.line, fault);
    }
    return mixfill_delimited_check(&r->d, record, field, err);
}

/* jansson's message, or that it is a line of Python. */
static mixfill_status fail_json(const json_reader *r, const json_error_t *e, mixfill_error *err) {
    char fault[400];
    const char *at = skip_blanks(r->object + 1, r->object + r->n);
    if (!r->settled && *at == '\'')
        snprintf(fault, sizeof fault,
                 "a Python dict, not JSON; python3 -c 'import ast, json, sys; [print(json.dumps("
                 "ast.literal_eval(s))) for s in sys.stdin]' < FILE > ratings.jsonl makes it JSON");
    else
        snprintf(fault, sizeof fault, "not JSON (%s)", e->text);
    return fail(r, r->d.line, fault, err);
}

/* The object that was gathered; *fatal where no later one can be read either. */
static mixfill_status read_object(json_reader *r, bool *fatal, mixfill_error *err) {
    char text[MIXFILL_N_ROLES][MIXFILL_ID_BUFFER];
    mixfill_record record;
    json_error_t e;
    json_t *object = json_loadb(r->object, r->n, JSON_REJECT_DUPLICATES, &e);
    *fatal = !r->settled;
    if (object == NULL)
        return fail_json(r, &e, err);
    mixfill_status st = r->settled ? MIXFILL_OK : settle_keys(r, object, err);
    if (st == MIXFILL_OK) {
        *fatal = false;
        st = make_record(r, &record, object, text, err);
    }
    if (st == MIXFILL_OK) {
        *fatal = true;
        st = mixfill_delimited_add(&r->d, r->in->builder, &record, err);
    }
    json_decref(object);
    return st;
}

/* ---- the stream ---- */

static mixfill_status append(json_reader *r, char c, mixfill_error *err) {
    if (r->n == r->cap) {
        size_t cap = r->cap > 0 ? 2 * r->cap : 1024;
        if (cap > LARGEST)
            return fail(r, r->d.line, "an object of more than 16 MiB, expected less", err);
        char *grown = mixfill_realloc(r->object, cap, 1);
        if (grown == NULL)
            return mixfill_fail_nomem(err, "a JSON object");
        r->object = grown;
        r->cap = cap;
    }
    r->object[r->n++] = c;
    return MIXFILL_OK;
}

/* Between objects. */
static mixfill_status read_outside(json_reader *r, char c, mixfill_error *err) {
    if (is_blank(c) || (c == ',' && r->in_array && !r->closed))
        return MIXFILL_OK;
    if (c == '[' && !r->in_array && !r->settled) {
        r->in_array = true;
        return MIXFILL_OK;
    }
    if (c == ']' && r->in_array && !r->closed) {
        r->closed = true;
        return MIXFILL_OK;
    }
    if (c != '{' || r->closed)
        return fail(r, r->line, "not an object, expected one such as {\"user\": 1, ...}", err);
    r->n = 0;
    r->depth = 1;
    r->d.line = r->line;
    return append(r, c, err);
}

/* Within an object: only its braces and strings are looked at. */
static mixfill_status read_inside(json_reader *r, char c, mixfill_error *err) {
    mixfill_status st = append(r, c, err);
    if (st != MIXFILL_OK)
        return st;
    if (r->in_string) {
        r->in_string = r->escaped || c != '"';
        r->escaped = !r->escaped && c == '\\';
        return MIXFILL_OK;
    }
    r->in_string = c == '"';
    r->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    if (r->depth > 0)
        return MIXFILL_OK;
    mixfill_error bad = {0};
    bool fatal;
    st = read_object(r, &fatal, &bad);
    if (st == MIXFILL_ERR_PARSE && r->in->options->skip_bad_lines && !fatal) {
        mixfill_note_skipped(r->in->report, bad.message, bad.field);
        return MIXFILL_OK;
    }
    return st == MIXFILL_OK ? st : mixfill_fail_as(err, &bad);
}

static mixfill_status read_piece(json_reader *r, const char *text, size_t n, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    for (const char *at = text; at < text + n && st == MIXFILL_OK; at++) {
        st = r->depth > 0 ? read_inside(r, *at, err) : read_outside(r, *at, err);
        r->line += *at == '\n';
    }
    return st;
}

/* The end of the file: of the object, and of the array. */
static mixfill_status check_end(const json_reader *r, mixfill_error *err) {
    if (r->depth > 0)
        return fail(r, r->d.line, "an object that does not end, expected '}'", err);
    if (r->in_array && !r->closed)
        return fail(r, r->line, "the array does not end, expected ']'", err);
    return MIXFILL_OK;
}

mixfill_status mixfill_read_json(const mixfill_input *in, mixfill_error *err) {
    char *piece = mixfill_alloc(PIECE, 1);
    json_reader r = {.lines = in->lines, .in = in, .line = 1};
    size_t got = 0;
    mixfill_status st = piece != NULL ? MIXFILL_OK : mixfill_fail_nomem(err, "a read buffer");
    r.d = (mixfill_delimited){.path = in->lines->path, .options = in->options};
    in->builder->with_times = in->options->keep_times;
    for (bool first = true; st == MIXFILL_OK; first = false) {
        st = mixfill_lines_read(in->lines, piece, PIECE, &got, err);
        if (st != MIXFILL_OK || got == 0)
            break;
        size_t mark = first && got >= 3 && memcmp(piece, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        st = read_piece(&r, piece + mark, got - mark, err);
    }
    if (st == MIXFILL_OK)
        st = check_end(&r, err);
    in->report->lines = r.line - 1;
    in->report->ones = r.d.columns.ones;
    memcpy(in->report->columns, r.d.described, sizeof in->report->columns);
    if (st == MIXFILL_OK && (!r.settled || r.d.columns.of[MIXFILL_ROLE_TIME] < 0))
        mixfill_builder_drop_times(in->builder);
    mixfill_free(r.object);
    mixfill_free(piece);
    return st;
}
