/* Which format a file has, told from its first bytes. */
#include "base/number.h"
#include "formats/formats.h"

#include <string.h>
#include <strings.h>

enum { SAMPLE = 1 << 16 };

const char *mixfill_format_name(mixfill_format format) {
    switch (format) {
    case MIXFILL_FORMAT_AUTO:
        return "auto";
    case MIXFILL_FORMAT_CSV:
        return "csv";
    case MIXFILL_FORMAT_DAT:
        return "dat";
    case MIXFILL_FORMAT_TAB:
        return "tab";
    case MIXFILL_FORMAT_TRIPLETS:
        return "triplets";
    case MIXFILL_FORMAT_DENSE:
        return "dense";
    case MIXFILL_FORMAT_NPZ:
        return "npz";
    case MIXFILL_FORMAT_MTX:
        return "mtx";
    case MIXFILL_FORMAT_NPY:
        return "npy";
    case MIXFILL_FORMAT_NETFLIX:
        return "netflix";
    }
    return "unknown";
}

static bool starts_with(const char *data, size_t len, const char *magic, size_t magic_len) {
    return len >= magic_len && memcmp(data, magic, magic_len) == 0;
}

/* The formats whose first bytes say so. */
static bool is_told_by_magic(mixfill_format *format, const char *data, size_t len) {
    static const char market[] = "%%MatrixMarket";
    if (starts_with(data, len, "PK\x03\x04", 4) || starts_with(data, len, "PK\x05\x06", 4))
        *format = MIXFILL_FORMAT_NPZ;
    else if (starts_with(data, len, "\x93NUMPY", 6))
        *format = MIXFILL_FORMAT_NPY;
    else if (len >= sizeof market - 1 && strncasecmp(data, market, sizeof market - 1) == 0)
        *format = MIXFILL_FORMAT_MTX;
    else
        return false;
    return true;
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

static int count_char(mixfill_field line, char c) {
    int n = 0;
    for (size_t i = 0; i < line.len; i++)
        n += line.text[i] == c;
    return n;
}

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

static mixfill_format format_of_line(mixfill_field line, bool pairs) {
    size_t len = line.len - (line.text[line.len - 1] == '\r');
    if (mixfill_is_netflix_movie(line.text, len) && !pairs)
        return MIXFILL_FORMAT_NETFLIX;
    bool commas = memchr(line.text, ',', line.len) != NULL;
    int colons = count_double_colons(line);
    if (colons >= 2 || (colons == 1 && !commas))
        return MIXFILL_FORMAT_DAT;
    if (commas)
        return MIXFILL_FORMAT_CSV;
    int tabs = count_char(line, '\t');
    int words = count_words(line);
    if (tabs > 0 && (pairs || tabs == 2 || tabs == 3 || !starts_with_number(line)))
        return MIXFILL_FORMAT_TAB;
    if (pairs || words == 3 || words == 4)
        return MIXFILL_FORMAT_TRIPLETS;
    return MIXFILL_FORMAT_DENSE;
}

mixfill_status mixfill_detect_format(mixfill_format *format, mixfill_lines *lines, bool pairs,
                                     mixfill_error *err) {
    const char *data;
    size_t len;
    mixfill_status st = mixfill_lines_peek(lines, &data, &len, SAMPLE, err);
    if (st != MIXFILL_OK)
        return st;
    if (is_told_by_magic(format, data, len))
        return MIXFILL_OK;
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
    *format = format_of_line(line, pairs);
    return MIXFILL_OK;
}
