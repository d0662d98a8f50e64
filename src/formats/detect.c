/* Which format a file has, told from its first bytes.
 *
 * The name of a file is not asked: u.data, ratings.txt and (stdin) tell nothing. Signatures come
 * first. Then what is known and cannot be read, so that a spreadsheet in UTF-16 or a Parquet
 * file ends in one line with the way out and not in a complaint about its first number. Then the
 * first line with something on it, in a sample of 64 KB, which is enough for a long comment. */
#include "formats/detect.h"

#include "base/number.h"
#include "formats/formats.h"

#include <string.h>

/* Bytes looked at. */
enum { SAMPLE = 1 << 16 };

/* Signatures may hold a NUL, hence their length. */
static bool starts_with(const char *data, size_t len, const char *magic, size_t magic_len) {
    return len >= magic_len && memcmp(data, magic, magic_len) == 0;
}

/* The format whose reader knows the first bytes; NULL where none does. */
static const mixfill_format_row *told_by_bytes(const char *data, size_t len) {
    const mixfill_format_row *row;
    for (size_t i = 0; (row = mixfill_format_row_at(i)) != NULL; i++)
        if (row->begins != NULL && row->begins(data, len))
            return row;
    return NULL;
}

/* What is known but not read, with the way out. */
static mixfill_status refuse_known(const char *path, const char *data, size_t len,
                                   mixfill_error *err) {
    static const struct {
        const char *magic;
        size_t len;
        const char *what;
    } known[] = {
        {"\x1f\x8b", 2, "gzip data in packed data is not read, expected text in it"},
        {"\x28\xb5\x2f\xfd", 4, "zstd data in packed data is not read, expected text in it"},
        {"\xff\xfe", 2, "UTF-16 text is not read, expected UTF-8"},
        {"\xfe\xff", 2, "UTF-16 text is not read, expected UTF-8"},
        {"\x89HDF", 4, "HDF5 is not read, expected text or scipy .npz"},
        {"PAR1", 4, "Parquet is not read, expected text or scipy .npz"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (starts_with(data, len, known[i].magic, known[i].len))
            return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0, "%s: %s", path, known[i].what);
    return MIXFILL_OK;
}

/* The first line of the sample that is neither blank nor a comment; empty where there is none. */
static mixfill_field first_line(const char *data, size_t len) {
    while (len > 0) {
        const char *newline = memchr(data, '\n', len);
        size_t n = newline != NULL ? (size_t)(newline - data) : len;
        size_t blank = 0;
        while (blank < n && (data[blank] == ' ' || data[blank] == '\t' || data[blank] == '\r'))
            blank++;
        if (blank < n && data[blank] != '#')
            return (mixfill_field){data, n};
        size_t step = n + (newline != NULL);
        data += step;
        len -= step;
    }
    return (mixfill_field){NULL, 0};
}

/* Blank-separated words of a line. */
static int count_words(mixfill_field line) {
    int words = 0;
    bool inside = false;
    for (size_t i = 0; i < line.len; i++) {
        bool blank = line.text[i] == ' ' || line.text[i] == '\t' || line.text[i] == '\r';
        words += !blank && !inside;
        inside = !blank;
    }
    return words;
}

/* How often a byte stands in a line. */
static int count_char(mixfill_field line, char c) {
    int n = 0;
    for (size_t i = 0; i < line.len; i++)
        n += line.text[i] == c;
    return n;
}

/* "::" that do not overlap: ":::" is one. */
static int count_double_colons(mixfill_field line) {
    int n = 0;
    for (size_t i = 0; i + 1 < line.len; i++)
        if (line.text[i] == ':' && line.text[i + 1] == ':') {
            n++;
            i++;
        }
    return n;
}

/* Whether the first blank-separated word is a number, as it must be in a dense matrix. */
static bool starts_with_number(mixfill_field line) {
    size_t begin = 0;
    while (begin < line.len && (line.text[begin] == ' ' || line.text[begin] == '\t'))
        begin++;
    size_t end = begin;
    while (end < line.len && strchr(" \t\r", line.text[end]) == NULL)
        end++;
    double value;
    return mixfill_parse_double(line.text + begin, end - begin, &value);
}

/* What the formats look at in a line, which holds at least one word. */
static mixfill_first_line look_at(mixfill_field text, bool pairs) {
    text.len -= text.text[text.len - 1] == '\r';
    return (mixfill_first_line){.text = text,
                                .pairs = pairs,
                                .number = starts_with_number(text),
                                .words = count_words(text),
                                .commas = count_char(text, ','),
                                .tabs = count_char(text, '\t'),
                                .colons = count_double_colons(text)};
}

/* The format that claims a line; dense where none does. */
static mixfill_format told_by_line(const mixfill_first_line *line) {
    const mixfill_format_row *row;
    for (size_t i = 0; (row = mixfill_format_row_at(i)) != NULL; i++)
        if (row->claims != NULL && row->claims(line))
            return row->info.format;
    return MIXFILL_FORMAT_DENSE;
}

mixfill_status mixfill_detect_format(mixfill_format *format, mixfill_lines *lines, bool pairs,
                                     mixfill_error *err) {
    const char *data;
    size_t len;
    mixfill_status st = mixfill_lines_peek(lines, &data, &len, SAMPLE, err);
    if (st != MIXFILL_OK)
        return st;
    const mixfill_format_row *row = told_by_bytes(data, len);
    if (row != NULL) {
        *format = row->info.format;
        return MIXFILL_OK;
    }
    st = refuse_known(lines->path, data, len, err);
    if (st != MIXFILL_OK)
        return st;
    size_t mark = mixfill_lines_skip_mark(lines, data, len);
    data += mark;
    len -= mark;
    mixfill_field line = first_line(data, len);
    if (line.len == 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: %s, expected ratings", lines->path,
                            len == 0 ? "empty file" : "nothing but blank or comment lines");
    const mixfill_first_line look = look_at(line, pairs);
    *format = told_by_line(&look);
    return MIXFILL_OK;
}
