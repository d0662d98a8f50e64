/* Titles of items, by id: MovieLens movies.csv, movies.dat and u.item, and tables like them.
 *
 * Titles are shown on terminals and put into JSON and HTML, so what is kept of them is clean
 * UTF-8: the older files of MovieLens are Latin-1, and a title may hold anything. */
#include "use/titles.h"

#include "formats/roles.h"
#include "formats/table.h"

#include <stdio.h>
#include <string.h>

/* Titles in the order of the items' numbers in a table of their own; a model's items are looked
 * up by id, as text. */
struct mixfill_titles {
    mixfill_ids items;
    char *text; /* all titles, each ended by a NUL */
    size_t text_len, text_cap;
    size_t *start; /* (start_cap), of which items.n used: offset into text */
    size_t start_cap;
};

/* ---- text ---- */

/* Length of the UTF-8 sequence at the front of len > 0 bytes, 0 where there is none: as Unicode's
 * table 3-7 has them, so neither overlong forms, which could hide a control character, nor
 * surrogates. */
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

/* One bad byte makes all of a text Latin-1: no file mixes the two within a title. */
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

/* Byte by byte or sequence by sequence; a Latin-1 letter becomes two bytes, a control character
 * one, so that nothing shown can move a cursor or end a line. */
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

/* Room for `need` elements, half as much again to spare; what is there stays where it fails. */
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

/* The title of the item numbered last. In UTF-8 a text takes at most twice its bytes. */
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

/* Of all items in the file, whether a model has them or not. */
int32_t mixfill_titles_count(const mixfill_titles *titles) {
    return titles->items.n;
}

const mixfill_ids *mixfill_titles_items(const mixfill_titles *titles) {
    return &titles->items;
}

/* Items are compared as text: "007" has not the title of "7" unless both were read as numbers. */
const char *mixfill_titles_find(const mixfill_titles *titles, const char *item) {
    int32_t i = mixfill_ids_find(&titles->items, item, strlen(item));
    return i >= 0 ? titles->text + titles->start[i] : NULL;
}

/* ---- reading ---- */

/* Columns of a file. */
typedef struct columns {
    int item, title;
} columns;

/* The columns by the names in the first row, which is then a header, else the first two; u.item
 * and movies.dat have no header. */
static mixfill_status learn_columns(const mixfill_table *table, columns *c,
                                    const mixfill_field *fields, int n, bool *is_header,
                                    mixfill_error *err) {
    static const char *const titles[] = {"title", "movietitle", "booktitle", "name", NULL};
    bool numbers = false;
    for (int i = 0; i < n && i < MIXFILL_MAX_FIELDS; i++)
        numbers |= mixfill_field_is_number(fields[i]);
    *c = (columns){mixfill_columns_named(fields, n).of[MIXFILL_ROLE_ITEM],
                   mixfill_column_named(fields, n, titles)};
    *is_header = c->item >= 0 && c->title >= 0 && c->item != c->title;
    if (*is_header)
        return MIXFILL_OK;
    if (c->item >= 0 && !numbers) /* a title may be called as a column is */
        return mixfill_table_fail(table, err,
                                  "a header without a column for the title, expected names such "
                                  "as movieId, title");
    *c = (columns){0, 1};
    if (n >= 2)
        return MIXFILL_OK;
    return mixfill_table_fail(table, err, "1 column, expected item and title, as movies.csv has");
}

/* One row: an item that is new, and its title. Two titles of one item are an error, for one of
 * them would be shown and nobody would know which. */
static mixfill_status add_row(mixfill_titles *titles, const mixfill_table *table, columns at,
                              const mixfill_field *fields, bool int_ids, mixfill_error *err) {
    char quoted[MIXFILL_QUOTE_BUFFER], message[128];
    mixfill_field item = fields[at.item];
    int32_t index, before = titles->items.n;
    mixfill_status st =
        mixfill_table_intern(table, &titles->items, &index, item, "item", int_ids, err);
    if (st != MIXFILL_OK)
        return st;
    if (index == before)
        return add_title(titles, fields[at.title], err);
    snprintf(message, sizeof message, "second title of item '%s', expected one per item",
             mixfill_quote(quoted, item.text, item.len));
    return mixfill_table_fail(table, err, message);
}

/* All rows, the first perhaps a header. */
static mixfill_status read_rows(mixfill_titles *titles, mixfill_table *table, bool int_ids,
                                mixfill_error *err) {
    mixfill_field fields[MIXFILL_MAX_FIELDS];
    columns at = {0};
    for (int n, rows = 0;; rows = 1) {
        bool is_header = false;
        mixfill_status st = mixfill_table_next(table, fields, &n, err);
        if (st == MIXFILL_OK && n == 0)
            return MIXFILL_OK;
        if (st == MIXFILL_OK && rows == 0)
            st = learn_columns(table, &at, fields, n, &is_header, err);
        if (st == MIXFILL_OK && !is_header)
            st = add_row(titles, table, at, fields, int_ids, err);
        if (st != MIXFILL_OK)
            return st;
    }
}

/* A file in which nothing is a title is refused: more likely it is another file. */
mixfill_status mixfill_titles_load(mixfill_titles **out, const char *path, bool int_ids,
                                   mixfill_error *err) {
    mixfill_table table = {0};
    mixfill_titles *titles = mixfill_alloc_zero(1, sizeof *titles);
    mixfill_status st;
    if (titles == NULL)
        return mixfill_fail_nomem(err, "titles");
    mixfill_ids_init(&titles->items);
    MIXFILL_TRY(mixfill_table_open(&table, path, NULL, err));
    MIXFILL_TRY(read_rows(titles, &table, int_ids, err));
    if (titles->items.n == 0) {
        st = mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                          "%s: no titles found, expected columns item and title, as movies.csv has",
                          table.lines.path);
        goto done;
    }
    *out = titles;
    titles = NULL;
done:
    mixfill_table_close(&table);
    mixfill_titles_free(titles);
    return st;
}
