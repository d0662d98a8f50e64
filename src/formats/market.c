/* Matrix Market: coordinate and array, real, integer and pattern (each entry a rating of 1),
 * general, symmetric and skew-symmetric. Indices in the file begin at 1.
 *
 *     %%MatrixMarket matrix coordinate real general      array: values alone, column by column
 *     % comments
 *     6040 3706 1000209                                  rows columns [entries]
 *     1 1193 5                                           row column [value]
 *
 * Of a symmetric matrix the file has the lower triangle, of a skew-symmetric one that without
 * the diagonal; the other triangle is added here. (Boisvert, Pozo and Remington 1996.) */
#include "formats/market.h"

#include "base/number.h"
#include "formats/delimited.h"
#include "formats/read_options.h"
#include "formats/write_rows.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORDS = 5, FAULT = 300 }; /* words of the banner, the longest line; bytes of a message */

typedef enum symmetry { GENERAL, SYMMETRIC, SKEW } symmetry;

typedef struct market {
    mixfill_lines *lines;
    mixfill_read_report *report;
    const mixfill_read_options *options;
    mixfill_builder *builder;
    bool array, pattern;
    symmetry symmetry;
    int64_t rows, cols, entries; /* as the header has them */
    int64_t size_line;           /* where it has them */
    int64_t n;                   /* entries met */
    int64_t row, col;            /* 0-based place of the next value of an array */
} market;

/* "PATH:LINE: ..." of the current line. */
__attribute__((format(printf, 4, 5))) static mixfill_status
fail(const market *m, mixfill_error *err, mixfill_status status, const char *format, ...) {
    char fault[FAULT];
    va_list args;
    va_start(args, format);
    vsnprintf(fault, sizeof fault, format, args);
    va_end(args);
    return mixfill_fail(err, status, m->lines->line, "%s:%" PRId64 ": %s", m->lines->path,
                        m->lines->line, fault);
}

/* ---- lines ---- */

/* Blank-separated words of a line; their number, of which the first WORDS are stored. */
static int split(const char *at, const char *end, mixfill_field word[WORDS]) {
    int n = 0;
    for (;;) {
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        if (at == end)
            return n;
        const char *start = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        if (n < WORDS)
            word[n] = (mixfill_field){start, (size_t)(at - start)};
        n++;
    }
}

/* The next line with words in it that is no comment; *text is NULL at the end. */
static mixfill_status next_line(market *m, char **text, size_t *len, mixfill_error *err) {
    mixfill_field word[WORDS];
    mixfill_status st;
    do {
        st = mixfill_lines_next(m->lines, text, len, err);
        m->report->lines = m->lines->line;
    } while (st == MIXFILL_OK && *text != NULL &&
             (**text == '%' || split(*text, *text + *len, word) == 0));
    return st;
}

/* Words of the banner are the same in any case. */
static bool is_word(mixfill_field f, const char *word) {
    return f.len == strlen(word) && strncasecmp(f.text, word, f.len) == 0;
}

/* A decimal without sign; false where it is none or beyond an int64. */
static bool parse_count(mixfill_field f, int64_t *value) {
    enum { DIGITS = 18 };
    *value = 0;
    for (size_t i = 0; i < f.len; i++) {
        if (f.text[i] < '0' || f.text[i] > '9' || i == DIGITS)
            return false;
        *value = 10 * *value + (f.text[i] - '0');
    }
    return f.len > 0;
}

/* ---- header ---- */

static const char BANNER[] = "%%MatrixMarket";

/* In any case, as some writers have it. */
bool mixfill_market_begins(const char *data, size_t len) {
    return len >= sizeof BANNER - 1 && strncasecmp(data, BANNER, sizeof BANNER - 1) == 0;
}

/* The first line. Complex matrices are no ratings; hermitian ones are complex. */
static mixfill_status read_banner(market *m, mixfill_error *err) {
    char *text, quoted[MIXFILL_QUOTE_BUFFER];
    size_t len;
    mixfill_field w[WORDS];
    mixfill_status st = mixfill_lines_next(m->lines, &text, &len, err);
    if (st != MIXFILL_OK)
        return st;
    int n = text != NULL ? split(text, text + len, w) : 0;
    if (n != WORDS || !is_word(w[0], BANNER) || !is_word(w[1], "matrix"))
        return fail(m, err, MIXFILL_ERR_PARSE,
                    "not a Matrix Market header, expected '%%%%MatrixMarket matrix coordinate real "
                    "general' or the like");
    m->array = is_word(w[2], "array");
    m->pattern = is_word(w[3], "pattern") && !m->array;
    m->symmetry = is_word(w[4], "symmetric")        ? SYMMETRIC
                  : is_word(w[4], "skew-symmetric") ? SKEW
                                                    : GENERAL;
    if (!m->array && !is_word(w[2], "coordinate"))
        return fail(m, err, MIXFILL_ERR_UNSUPPORTED,
                    "Matrix Market format '%s', expected coordinate or array",
                    mixfill_quote(quoted, w[2].text, w[2].len));
    if (!m->pattern && !is_word(w[3], "real") && !is_word(w[3], "integer") &&
        !is_word(w[3], "double"))
        return fail(m, err, MIXFILL_ERR_UNSUPPORTED, "Matrix Market field '%s', expected real%s",
                    mixfill_quote(quoted, w[3].text, w[3].len),
                    m->array ? " or integer" : ", integer or pattern");
    if (m->symmetry == GENERAL && !is_word(w[4], "general"))
        return fail(m, err, MIXFILL_ERR_UNSUPPORTED,
                    "Matrix Market symmetry '%s', expected general, symmetric or skew-symmetric",
                    mixfill_quote(quoted, w[4].text, w[4].len));
    return MIXFILL_OK;
}

/* How many values an array lists. */
static int64_t array_entries(const market *m) {
    return m->symmetry == GENERAL     ? m->rows * m->cols
           : m->symmetry == SYMMETRIC ? m->rows * (m->rows + 1) / 2
                                      : m->rows * (m->rows - 1) / 2;
}

/* The first line that is no comment. A claim, which is held to once the entries have been
 * counted. */
static mixfill_status read_size(market *m, mixfill_error *err) {
    char *text;
    size_t len;
    mixfill_field w[WORDS];
    mixfill_status st = next_line(m, &text, &len, err);
    if (st != MIXFILL_OK)
        return st;
    int n = text != NULL ? split(text, text + len, w) : 0;
    m->size_line = m->lines->line;
    if (n != (m->array ? 2 : 3) || !parse_count(w[0], &m->rows) || !parse_count(w[1], &m->cols) ||
        (!m->array && !parse_count(w[2], &m->entries)))
        return fail(m, err, MIXFILL_ERR_PARSE, "not the size of a matrix, expected rows columns%s",
                    m->array ? "" : " entries");
    if (m->rows > INT32_MAX || m->cols > INT32_MAX)
        return fail(m, err, MIXFILL_ERR_RANGE,
                    "shape %" PRId64 " x %" PRId64 ", expected at most 2147483647 each", m->rows,
                    m->cols);
    if (m->symmetry != GENERAL && m->rows != m->cols)
        return fail(m, err, MIXFILL_ERR_PARSE,
                    "shape %" PRId64 " x %" PRId64 ", expected a square for a symmetric matrix",
                    m->rows, m->cols);
    if (m->array)
        m->entries = array_entries(m);
    m->row = m->symmetry == SKEW;
    return MIXFILL_OK;
}

/* ---- entries ---- */

/* A rating at a 0-based place of the matrix. */
static mixfill_status add(const market *m, int64_t row, int64_t col, double value,
                          mixfill_error *err) {
    bool swap = m->options->transpose;
    mixfill_status st = mixfill_builder_add(m->builder, (int32_t)(swap ? col : row),
                                            (int32_t)(swap ? row : col), value, m->lines->line);
    return st == MIXFILL_ERR_NOMEM ? mixfill_fail_nomem(err, "ratings") : st;
}

/* An entry and, in a symmetric matrix, its mirror image. */
static mixfill_status add_both(const market *m, int64_t row, int64_t col, double value,
                               mixfill_error *err) {
    mixfill_status st = add(m, row, col, value, err);
    if (st == MIXFILL_OK && m->symmetry != GENERAL && row != col)
        st = add(m, col, row, m->symmetry == SKEW ? -value : value, err);
    return st;
}

/* With the messages of delimited text. */
static mixfill_status parse_value(const market *m, mixfill_field word, double *value,
                                  mixfill_error *err) {
    mixfill_delimited d = {.path = m->lines->path, .options = m->options, .line = m->lines->line};
    return mixfill_delimited_rating(&d, value, word, err);
}

/* A 1-based index up to count becomes a 0-based one. */
static mixfill_status parse_index(const market *m, mixfill_field word, const char *what,
                                  int64_t count, int64_t *index, mixfill_error *err) {
    char quoted[MIXFILL_QUOTE_BUFFER];
    if (!parse_count(word, index) || *index < 1 || *index > count)
        return fail(m, err, MIXFILL_ERR_PARSE,
                    "%s '%s' is outside the shape on line %" PRId64 ", expected 1 to %" PRId64,
                    what, mixfill_quote(quoted, word.text, word.len), m->size_line, count);
    --*index;
    return MIXFILL_OK;
}

/* "row column value", or "row column" of a pattern, whose entries are ratings of 1. */
static mixfill_status read_entry(const market *m, const char *text, size_t len,
                                 mixfill_error *err) {
    mixfill_field w[WORDS];
    int64_t row, col;
    double value = 1;
    mixfill_status st;
    int n = split(text, text + len, w), expected = m->pattern ? 2 : 3;
    if (n != expected)
        return fail(m, err, MIXFILL_ERR_PARSE, "%d field%s, expected row column%s", n, mixfill_s(n),
                    m->pattern ? "" : " value");
    MIXFILL_TRY(parse_index(m, w[0], "row", m->rows, &row, err));
    MIXFILL_TRY(parse_index(m, w[1], "column", m->cols, &col, err));
    if (!m->pattern)
        MIXFILL_TRY(parse_value(m, w[2], &value, err));
    if (m->symmetry == SKEW && row == col)
        return fail(m, err, MIXFILL_ERR_PARSE,
                    "an entry on the diagonal, expected none in a skew-symmetric matrix");
    st = add_both(m, row, col, value, err);
done:
    return st;
}

/* Whether a value of an array stands for none. */
static bool is_missing(const market *m, mixfill_field word) {
    double value;
    if (!mixfill_parse_double(word.text, word.len, &value))
        return false;
    return mixfill_is_missing(m->options, value);
}

/* The values on a line of an array, column by column. */
static mixfill_status read_values(market *m, const char *text, size_t len, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    const char *at = text, *end = text + len;
    mixfill_field w[WORDS];
    while (st == MIXFILL_OK && split(at, end, w) > 0) {
        double value;
        at = w[0].text + w[0].len;
        if (m->n++ == m->entries)
            return fail(m, err, MIXFILL_ERR_PARSE,
                        "value %" PRId64 ", expected %" PRId64 " by the shape on line %" PRId64,
                        m->n, m->entries, m->size_line);
        if (!is_missing(m, w[0])) {
            st = parse_value(m, w[0], &value, err);
            if (st == MIXFILL_OK)
                st = add_both(m, m->row, m->col, value, err);
        }
        if (++m->row == m->rows) {
            m->col++;
            m->row = m->symmetry == GENERAL ? 0 : m->col + (m->symmetry == SKEW);
        }
    }
    return st;
}

/* A line of entries or values; bad entries are skipped where that is asked for, bad values
 * never, for each stands for the place it has in the order. */
static mixfill_status read_line(market *m, const char *text, size_t len, mixfill_error *err) {
    mixfill_error bad = {0};
    if (m->array)
        return read_values(m, text, len, err);
    if (m->n++ == m->entries)
        return fail(m, err, MIXFILL_ERR_PARSE,
                    "entry %" PRId64 ", expected %" PRId64 " as on line %" PRId64, m->n, m->entries,
                    m->size_line);
    mixfill_status st = read_entry(m, text, len, &bad);
    if (st == MIXFILL_ERR_PARSE && m->options->skip_bad_lines && !m->array) {
        mixfill_note_skipped(m->report, bad.message, bad.field);
        return MIXFILL_OK;
    }
    return st == MIXFILL_OK ? st : mixfill_fail_as(err, &bad);
}

/* All lines; at the end as many entries as were claimed. */
static mixfill_status read_entries(market *m, mixfill_error *err) {
    char *text;
    size_t len;
    for (;;) {
        mixfill_status st = next_line(m, &text, &len, err);
        if (st == MIXFILL_OK && text != NULL)
            st = read_line(m, text, len, err);
        if (st != MIXFILL_OK)
            return st;
        if (text == NULL)
            break;
    }
    if (m->n == m->entries)
        return MIXFILL_OK;
    return fail(m, err, MIXFILL_ERR_PARSE,
                "the file ends after %" PRId64 " %s, expected %" PRId64 " as on line %" PRId64,
                m->n, m->array ? "values" : "entries", m->entries, m->size_line);
}

mixfill_status mixfill_read_market(const mixfill_input *in, mixfill_error *err) {
    mixfill_lines *lines = in->lines;
    const mixfill_read_options *options = in->options;
    mixfill_builder *builder = in->builder;
    market m = {.lines = lines, .report = in->report, .options = options, .builder = builder};
    mixfill_status st;
    MIXFILL_TRY(read_banner(&m, err));
    MIXFILL_TRY(read_size(&m, err));
    MIXFILL_TRY(read_entries(&m, err));
    MIXFILL_TRY(
        mixfill_check_claimed_shape(m.rows, m.cols, builder->n, lines->path, m.size_line, err));
    mixfill_ids_init_by_index(options->transpose ? &builder->items : &builder->users,
                              (int32_t)m.rows, 1);
    mixfill_ids_init_by_index(options->transpose ? &builder->users : &builder->items,
                              (int32_t)m.cols, 1);
done:
    return st;
}

/* ---- writing ---- */

/* Row by row, which the format leaves open. */
mixfill_status mixfill_write_market(const mixfill_output *out, mixfill_error *err) {
    char number[MIXFILL_NUMBER_BUFFER];
    const mixfill_ratings *r = out->ratings;
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    mixfill_status st = mixfill_outfile_open(&file, out->path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    fprintf(stream, "%s matrix coordinate real general\n%" PRId32 " %" PRId32 " %" PRId64 "\n",
            BANNER, r->n_users, r->n_items, r->nnz);
    for (; u < r->n_users && mixfill_write_goes_on(stream, out, u); u++) {
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            mixfill_format_double(number, mixfill_ratings_value(r, e));
            fprintf(stream, "%" PRId32 " %" PRId32 " %s\n", u + 1, r->col[e] + 1, number);
        }
    }
    return mixfill_write_end(file, out, u, err);
}
