/* Fields of a line.
 *
 * Nothing is copied: a field points into its line. Undoubling quotes makes a field shorter, so
 * it can be done in the line's own bytes. */
#include "formats/fields.h"

#include "base/number.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* The quote that closes the field which begins at `at`, or NULL. */
static char *closing_quote(char *at, const char *end) {
    for (at++; at < end; at++) {
        if (*at == '"' && at + 1 < end && at[1] == '"')
            at++;
        else if (*at == '"')
            return at;
    }
    return NULL;
}

/* Between the quotes, with doubled ones made one in place. */
static mixfill_field undoubled(char *open, const char *close) {
    char *write = open + 1;
    for (const char *at = open + 1; at < close; at++) {
        at += *at == '"';
        *write++ = *at;
    }
    return (mixfill_field){open + 1, (size_t)(write - open - 1)};
}

mixfill_quotes mixfill_quotes_of(const char *delimiter) {
    if (strcmp(delimiter, "::") == 0)
        return MIXFILL_QUOTES_NONE;
    return *delimiter == ',' || *delimiter == ';' ? MIXFILL_QUOTES_STRICT : MIXFILL_QUOTES_LOOSE;
}

/* The end of a field that starts at `at`: the next delimiter of `width` bytes, or the line's end.
 */
static char *find_delimiter(const char *delimiter, size_t width, char *at, char *end) {
    char *found = memchr(at, delimiter[0], (size_t)(end - at));
    while (found != NULL && width == 2 && (found + 1 == end || found[1] != delimiter[1]))
        found = memchr(found + 1, delimiter[0], (size_t)(end - found) - 1);
    return found != NULL ? found : end;
}

char *mixfill_field_cut(const char *delimiter, mixfill_quotes quotes, char *at, char *end,
                        mixfill_field *field) {
    size_t width = strlen(delimiter);
    if (quotes != MIXFILL_QUOTES_NONE && at < end && *at == '"') {
        char *close = closing_quote(at, end);
        bool ends = close != NULL && (close + 1 == end ||
                                      (width == 0 ? is_blank(close[1]) : close[1] == *delimiter));
        if (ends) {
            *field = undoubled(at, close);
            return close + 1;
        }
        if (quotes == MIXFILL_QUOTES_STRICT)
            return NULL;
    }
    char *stop = at;
    if (width == 0)
        while (stop < end && !is_blank(*stop))
            stop++;
    else
        stop = find_delimiter(delimiter, width, at, end);
    *field = (mixfill_field){at, (size_t)(stop - at)};
    return stop;
}

/* Runs of blanks in front and behind are no fields; between two delimiters is always one. */
int mixfill_fields_split(const char *delimiter, mixfill_quotes quotes, char *at, char *end,
                         mixfill_field *fields) {
    size_t width = strlen(delimiter);
    for (int n = 0;; n++) {
        mixfill_field field;
        while (width == 0 && at < end && is_blank(*at))
            at++;
        if (width == 0 && at == end)
            return n;
        char *stop = mixfill_field_cut(delimiter, quotes, at, end, &field);
        if (stop == NULL)
            return -1;
        if (n < MIXFILL_MAX_FIELDS)
            fields[n] = field;
        if (width > 0 && stop == end)
            return n + 1;
        at = stop + width;
    }
}

bool mixfill_is_hole(mixfill_field field) {
    return field.len == 0 || (field.len == 2 && memcmp(field.text, "NA", 2) == 0);
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

bool mixfill_fields_blank(const char *text, size_t len) {
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    return len == 0;
}

size_t mixfill_comment_mark(const char *text, size_t len) {
    if (len > 0 && (text[0] == '#' || text[0] == '%'))
        return 1;
    if (len > 1 && text[0] == '/' && text[1] == '/')
        return 2;
    return len == 5 && strncasecmp(text, "sep=", 4) == 0 ? len : 0;
}
