/* Fields of a line, and columns by name.
 *
 * Nothing is copied: a field points into its line. Undoubling quotes makes a field shorter, so
 * it can be done in the line's own bytes. */
#include "formats/fields.h"

#include "base/number.h"

#include <string.h>
#include <strings.h>

/* Without blanks, '_' and '-', in lower case, as published sets have them. */
const char *const mixfill_user_columns[] = {"userid",     "user",       "uid",
                                            "customerid", "reviewerid", NULL};
const char *const mixfill_item_columns[] = {"movieid", "itemid",   "item",   "movie",
                                            "iid",     "bookid",   "isbn",   "productid",
                                            "animeid", "artistid", "songid", NULL};

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

/* The end of a field that starts at `at`: the next delimiter of `width` bytes, or the line's end.
 */
static char *find_delimiter(const char *delimiter, size_t width, char *at, char *end) {
    char *found = memchr(at, delimiter[0], (size_t)(end - at));
    while (found != NULL && width == 2 && (found + 1 == end || found[1] != delimiter[1]))
        found = memchr(found + 1, delimiter[0], (size_t)(end - found) - 1);
    return found != NULL ? found : end;
}

/* Words; blanks in front and behind are no fields. */
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
        if (n < MIXFILL_MAX_FIELDS)
            fields[n] = (mixfill_field){start, (size_t)(at - start)};
        n++;
    }
}

int mixfill_fields_split(const char *delimiter, char *at, char *end, mixfill_field *fields) {
    size_t width = strlen(delimiter);
    bool quotes = delimiter[0] == ',';
    if (width == 0)
        return split_blanks(at, end, fields);
    for (int n = 0;; n++) {
        mixfill_field field;
        char *stop;
        if (quotes && at < end && *at == '"') {
            stop = cut_quoted(at, end, &field);
            if (stop == NULL || (stop < end && *stop != ','))
                return -1;
        } else {
            stop = find_delimiter(delimiter, width, at, end);
            field = (mixfill_field){at, (size_t)(stop - at)};
        }
        if (n < MIXFILL_MAX_FIELDS)
            fields[n] = field;
        if (stop == end)
            return n + 1;
        at = stop + width;
    }
}

/* Blanks and tabs only; a CR is the line reader's business. */
mixfill_field mixfill_field_trimmed(mixfill_field f) {
    while (f.len > 0 && (f.text[0] == ' ' || f.text[0] == '\t')) {
        f.text++;
        f.len--;
    }
    while (f.len > 0 && (f.text[f.len - 1] == ' ' || f.text[f.len - 1] == '\t'))
        f.len--;
    return f;
}

bool mixfill_field_is_number(mixfill_field f) {
    double value;
    f = mixfill_field_trimmed(f);
    return mixfill_parse_double(f.text, f.len, &value);
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

int mixfill_fields_find(const mixfill_field *fields, int n, const char *const *names) {
    for (int c = 0; c < n && c < MIXFILL_MAX_FIELDS; c++)
        if (is_named(fields[c], names))
            return c;
    return -1;
}

bool mixfill_fields_blank(const char *text, size_t len) {
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    return len == 0;
}
