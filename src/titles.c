/* Titles of items, by id: MovieLens movies.csv, movies.dat and u.item, and tables like them. */
#include "titles.h"

#include "fields.h"
#include "io_delimited.h"

#include <inttypes.h>
#include <string.h>

struct mixfill_titles {
    mixfill_ids items;
    char *text; /* all titles, each ended by a NUL */
    size_t text_len, text_cap;
    size_t *start; /* (start_cap), of which items.n used: offset into text */
    size_t start_cap;
};

/* A file being read. */
typedef struct title_reader {
    mixfill_titles *titles;
    mixfill_lines lines;
    bool int_ids;
    const char *delimiter; /* "," and the like; NULL before the first line */
    int n_columns;         /* of the first line, which every line has */
    int64_t first_line;    /* its number */
    int item, title;       /* columns */
} title_reader;

/* ---- text ---- */

/* Length of the UTF-8 sequence at the front of len > 0 bytes, 0 where there is none. */
static size_t utf8_length(const unsigned char *s, size_t len) {
    size_t n = s[0] < 0x80                    ? 1
               : s[0] >= 0xc2 && s[0] <= 0xdf ? 2
               : (s[0] & 0xf0) == 0xe0        ? 3
               : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                              : 0;
    if (n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] >= 0xa0;
    bool too_large = s[0] == 0xf4 && s[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : n;
}

static bool is_utf8(const unsigned char *s, size_t len) {
    while (len > 0) {
        size_t n = utf8_length(s, len);
        if (n == 0)
            return false;
        s += n;
        len -= n;
    }
    return true;
}

/* Both ranges of control characters, which a terminal would obey. */
static bool is_control(unsigned code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

size_t mixfill_text_to_utf8(char *out, const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    bool utf8 = is_utf8(s, len);
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        size_t n = utf8 ? utf8_length(s + i, len - i) : 1;
        unsigned code = n == 2 ? (s[i] & 0x1fu) << 6 | (s[i + 1] & 0x3fu) : s[i];
        if (is_control(code)) {
            out[used++] = '?';
        } else if (!utf8 && code >= 0x80) {
            out[used++] = (char)(0xc0 | code >> 6);
            out[used++] = (char)(0x80 | (code & 0x3f));
        } else {
            memcpy(out + used, text + i, n);
            used += n;
        }
        i += n;
    }
    return used;
}

/* ---- the table ---- */

static bool grow(void **block, size_t *cap, size_t need, size_t size) {
    if (need <= *cap)
        return true;
    size_t wanted = need > SIZE_MAX / 2 ? need : need + need / 2 + 64;
    void *grown = mixfill_realloc(*block, wanted, size);
    if (grown == NULL)
        return false;
    *block = grown;
    *cap = wanted;
    return true;
}

static mixfill_status add_title(mixfill_titles *t, mixfill_field title, mixfill_error *err) {
    void *text = t->text, *start = t->start;
    size_t most = 2 * title.len + 1;
    bool ok = grow(&text, &t->text_cap, t->text_len + most, 1);
    t->text = text;
    ok = ok && grow(&start, &t->start_cap, (size_t)t->items.n, sizeof *t->start);
    t->start = start;
    if (!ok)
        return mixfill_fail_nomem(err, "titles");
    t->start[t->items.n - 1] = t->text_len;
    t->text_len += mixfill_text_to_utf8(t->text + t->text_len, title.text, title.len);
    t->text[t->text_len++] = '\0';
    return MIXFILL_OK;
}

void mixfill_titles_free(mixfill_titles *titles) {
    if (titles == NULL)
        return;
    mixfill_ids_clear(&titles->items);
    mixfill_free(titles->text);
    mixfill_free(titles->start);
    mixfill_free(titles);
}

int32_t mixfill_titles_count(const mixfill_titles *titles) {
    return titles->items.n;
}

const char *mixfill_titles_find(const mixfill_titles *titles, const char *item) {
    int32_t i = mixfill_ids_find(&titles->items, item, strlen(item));
    return i >= 0 ? titles->text + titles->start[i] : NULL;
}

/* ---- lines ---- */

/* What stands first between two fields; a quote in front begins a csv field. */
static const char *guess_delimiter(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ',' || (i == 0 && text[i] == '"'))
            return ",";
        if (text[i] == '|')
            return "|";
        if (text[i] == '\t')
            return "\t";
        if (text[i] == ':' && i + 1 < len && text[i + 1] == ':')
            return "::";
    }
    return ",";
}

static mixfill_status learn_columns(title_reader *r, const mixfill_field *fields, int n,
                                    bool *is_header, mixfill_error *err) {
    static const char *const titles[] = {"title", "movietitle", "booktitle", "name", NULL};
    int64_t line = r->lines.line;
    r->n_columns = n;
    r->first_line = line;
    r->item = mixfill_fields_find(fields, n, mixfill_item_columns);
    r->title = mixfill_fields_find(fields, n, titles);
    *is_header = r->item >= 0 && r->title >= 0;
    if (*is_header)
        return MIXFILL_OK;
    if (r->item >= 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, line,
                            "%s:%" PRId64 ": a header without a column for the title, expected "
                            "names such as movieId, title",
                            r->lines.path, line);
    r->item = 0;
    r->title = 1;
    if (n >= 2 && n <= MIXFILL_MAX_FIELDS)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_PARSE, line,
                        "%s:%" PRId64 ": %d column%s, expected item and title, as movies.csv has",
                        r->lines.path, line, n, n == 1 ? "" : "s");
}

static mixfill_status add_line(title_reader *r, const mixfill_field *fields, int n,
                               mixfill_error *err) {
    const mixfill_read_options options = {.int_ids = r->int_ids};
    const mixfill_delimited at = {
        .path = r->lines.path, .options = &options, .line = r->lines.line};
    char quoted[MIXFILL_QUOTE_BUFFER], number[24];
    int32_t index, before = r->titles->items.n;
    if (n != r->n_columns)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, at.line,
                            "%s:%" PRId64 ": %d field%s, expected %d as on line %" PRId64, at.path,
                            at.line, n, n == 1 ? "" : "s", r->n_columns, r->first_line);
    mixfill_field item = fields[r->item];
    mixfill_status st = mixfill_delimited_id(&at, &item, "item", number, err);
    if (st != MIXFILL_OK)
        return st;
    st = mixfill_ids_intern(&r->titles->items, &index, item.text, item.len);
    if (st != MIXFILL_OK)
        return mixfill_fail(err, st, at.line, "%s:%" PRId64 ": %s", at.path, at.line,
                            mixfill_status_string(st));
    if (index < before)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, at.line,
                            "%s:%" PRId64 ": second title of item '%s', expected one per item",
                            at.path, at.line, mixfill_quote(quoted, item.text, item.len));
    return add_title(r->titles, fields[r->title], err);
}

static mixfill_status read_line(title_reader *r, char *text, size_t len, mixfill_error *err) {
    mixfill_field fields[MIXFILL_MAX_FIELDS];
    bool is_header = false;
    if (mixfill_fields_blank(text, len))
        return MIXFILL_OK;
    if (r->delimiter == NULL)
        r->delimiter = guess_delimiter(text, len);
    int n = mixfill_fields_split(r->delimiter, text, text + len, fields);
    if (n < 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines.line,
                            "%s:%" PRId64 ": a quoted field does not end with '\"' and a comma",
                            r->lines.path, r->lines.line);
    mixfill_status st = MIXFILL_OK;
    if (r->n_columns == 0)
        st = learn_columns(r, fields, n, &is_header, err);
    return st == MIXFILL_OK && !is_header ? add_line(r, fields, n, err) : st;
}

static mixfill_status read_lines(title_reader *r, mixfill_error *err) {
    enum { MARK = 3 };
    const char *data;
    char *text;
    size_t len;
    mixfill_status st = mixfill_lines_peek(&r->lines, &data, &len, MARK, err);
    if (st != MIXFILL_OK)
        return st;
    (void)mixfill_lines_skip_mark(&r->lines, data, len);
    for (;;) {
        st = mixfill_lines_next(&r->lines, &text, &len, err);
        if (st == MIXFILL_OK && text != NULL)
            st = read_line(r, text, len, err);
        if (st != MIXFILL_OK || text == NULL)
            return st;
    }
}

mixfill_status mixfill_titles_load(mixfill_titles **out, const char *path, bool int_ids,
                                   mixfill_error *err) {
    title_reader r = {.titles = mixfill_alloc_zero(1, sizeof *r.titles), .int_ids = int_ids};
    mixfill_status st;
    if (r.titles == NULL) {
        st = mixfill_fail_nomem(err, "titles");
        goto done;
    }
    mixfill_ids_init(&r.titles->items);
    MIXFILL_TRY(mixfill_lines_open(&r.lines, path, NULL, err));
    MIXFILL_TRY(read_lines(&r, err));
    if (r.titles->items.n == 0) {
        st = mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                          "%s: no titles found, expected columns item and title, as movies.csv has",
                          path);
        goto done;
    }
    *out = r.titles;
    r.titles = NULL;
done:
    mixfill_lines_close(&r.lines);
    mixfill_titles_free(r.titles);
    return st;
}
