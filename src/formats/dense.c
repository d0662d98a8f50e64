/* Dense text matrices as np.loadtxt reads them: rows of blank-separated numbers, '#' starts a
 * comment.
 *
 * Rows are users and may be millions of numbers long, so a row is parsed as it comes and only
 * what is observed is kept. There is no way to leave out a bad row: the rows below it would be
 * other users. */
#include "formats/dense.h"

#include "base/number.h"
#include "formats/read_options.h"
#include "formats/write_rows.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Where the reader is. */
typedef struct dense_reader {
    mixfill_lines *lines;
    const mixfill_read_options *options;
    mixfill_builder *builder;
    int32_t row;        /* of the line being read */
    int32_t n_columns;  /* of the first row; 0 before it */
    int64_t first_line; /* its line */
} dense_reader;

/* Next blank-separated word at or after *at; false at the end. */
static bool next_word(const char **at, const char *end, mixfill_field *word) {
    while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r'))
        ++*at;
    const char *start = *at;
    while (*at < end && **at != ' ' && **at != '\t' && **at != '\r')
        ++*at;
    *word = (mixfill_field){start, (size_t)(*at - start)};
    return word->len > 0;
}

/* Columns in messages count from 1, as an editor's do. */
static mixfill_status bad_cell(const dense_reader *r, mixfill_field word, int32_t column,
                               const char *field, const char *fault, mixfill_error *err) {
    char quoted[MIXFILL_QUOTE_BUFFER];
    return mixfill_fail_about(err, MIXFILL_ERR_PARSE, r->lines->line, field,
                              "%s:%" PRId64 ": '%s' in column %" PRId32 " %s", r->lines->path,
                              r->lines->line, mixfill_quote(quoted, word.text, word.len),
                              column + 1, fault);
}

/* Parse one cell; *observed is false for a missing one. */
static mixfill_status read_cell(const dense_reader *r, mixfill_field word, int32_t column,
                                double *value, bool *observed, mixfill_error *err) {
    const mixfill_read_options *o = r->options;
    if (!mixfill_parse_double(word.text, word.len, value))
        return bad_cell(r, word, column, "", "is not a number", err);
    *observed = !mixfill_is_missing(o, *value);
    if (!*observed)
        return MIXFILL_OK;
    if (isnan(*value))
        return bad_cell(r, word, column, "missing", "is not a number to fit", err);
    if (!(fabs(*value) <= MIXFILL_MAX_ABS_RATING))
        return bad_cell(r, word, column, "",
                        "is out of range, expected a magnitude of at most 1e150", err);
    if (*value < o->rating_min || *value > o->rating_max)
        return bad_cell(r, word, column, "rating_min", "is outside the rating range", err);
    return MIXFILL_OK;
}

/* An observed cell of the row being read. */
static mixfill_status add_cell(dense_reader *r, int32_t column, double value, mixfill_error *err) {
    bool swap = r->options->transpose;
    mixfill_status st = mixfill_builder_add(r->builder, swap ? column : r->row,
                                            swap ? r->row : column, value, r->lines->line);
    return st == MIXFILL_ERR_NOMEM ? mixfill_fail_nomem(err, "ratings") : st;
}

/* The first row says how wide all are. */
static mixfill_status check_width(dense_reader *r, int32_t width, mixfill_error *err) {
    if (r->n_columns == 0) {
        r->n_columns = width;
        r->first_line = r->lines->line;
    }
    if (width == r->n_columns)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines->line,
                        "%s:%" PRId64 ": row has %" PRId32 " numbers, expected %" PRId32
                        " as on line %" PRId64,
                        r->lines->path, r->lines->line, width, r->n_columns, r->first_line);
}

/* One line that holds at least one word. */
static mixfill_status read_row(dense_reader *r, const char *at, const char *end,
                               mixfill_error *err) {
    mixfill_field word;
    int32_t column = 0;
    if (r->row == INT32_MAX)
        return mixfill_fail(err, MIXFILL_ERR_RANGE, r->lines->line,
                            "%s:%" PRId64 ": row 2147483648, expected at most 2147483647 rows",
                            r->lines->path, r->lines->line);
    for (; next_word(&at, end, &word); column++) {
        double value;
        bool observed;
        mixfill_status st = read_cell(r, word, column, &value, &observed, err);
        if (st == MIXFILL_OK && observed)
            st = add_cell(r, column, value, err);
        if (st != MIXFILL_OK)
            return st;
    }
    mixfill_status st = check_width(r, column, err);
    r->row++;
    return st;
}

/* A line that is a comment from its first word is no row of the matrix. Rows and columns without
 * ratings stay users and items, whose ids are their numbers. */
mixfill_status mixfill_read_dense(const mixfill_input *in, mixfill_error *err) {
    mixfill_lines *lines = in->lines;
    const mixfill_read_options *options = in->options;
    mixfill_builder *builder = in->builder;
    dense_reader r = {.lines = lines, .options = options, .builder = builder};
    for (;;) {
        char *text;
        size_t len;
        mixfill_status st = mixfill_lines_next(lines, &text, &len, err);
        if (st != MIXFILL_OK)
            return st;
        in->report->lines = lines->line;
        if (text == NULL)
            break;
        const char *comment = memchr(text, '#', len);
        const char *end = comment != NULL ? comment : text + len;
        const char *at = text;
        mixfill_field word;
        if (!next_word(&at, end, &word))
            continue;
        st = read_row(&r, text, end, err);
        if (st != MIXFILL_OK)
            return st;
    }
    mixfill_ids_init_by_index(options->transpose ? &builder->items : &builder->users, r.row);
    mixfill_ids_init_by_index(options->transpose ? &builder->users : &builder->items, r.n_columns);
    return MIXFILL_OK;
}

/* ---- writing ---- */

/* All D numbers of user u, `missing` where there is no rating. */
static void write_dense_row(FILE *stream, const mixfill_ratings *r, int32_t u, double missing) {
    char number[MIXFILL_NUMBER_BUFFER];
    int64_t e = r->row_ptr[u];
    for (int32_t j = 0; j < r->n_items; j++) {
        bool observed = e < r->row_ptr[u + 1] && r->col[e] == j;
        mixfill_format_double(number, observed ? mixfill_ratings_value(r, e++) : missing);
        fputs(number, stream);
        fputc(j + 1 < r->n_items ? ' ' : '\n', stream);
    }
}

mixfill_status mixfill_write_dense(const mixfill_output *out, mixfill_error *err) {
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    mixfill_status st = mixfill_check_none_missing(out, err);
    if (st == MIXFILL_OK)
        st = mixfill_outfile_open(&file, out->path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    for (; u < out->ratings->n_users && mixfill_write_goes_on(stream, out, u); u++)
        write_dense_row(stream, out->ratings, u, out->options->missing);
    return mixfill_write_end(file, out, u, err);
}
