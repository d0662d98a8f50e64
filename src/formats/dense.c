/* Matrices as text: rows of numbers between blanks as np.loadtxt reads them, where '#' starts a
 * comment, or between commas, semicolons and other delimiters, with or without a header of item ids
 * and a first column of user ids, as pandas and R write tables.
 *
 * Rows are users and may be millions of numbers long, so a row is parsed as it comes and only
 * what is observed is kept. There is no way to leave out a bad row: the rows below it would be
 * other users. */
#include "formats/dense.h"

#include "base/number.h"
#include "formats/delimited.h"
#include "formats/read_options.h"
#include "formats/roles.h"
#include "formats/write_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where the reader is. */
typedef struct dense_reader {
    mixfill_lines *lines;
    const mixfill_read_options *options;
    const mixfill_matrix_layout *layout;
    mixfill_builder *builder;
    mixfill_read_report *report;
    int32_t row;        /* of the line being read */
    int32_t n_columns;  /* of cells, in the first row or as many as the header has; 0 before it */
    int64_t first_line; /* its line */
} dense_reader;

/* A line as it is gone through, field by field. */
typedef struct cursor {
    char *at, *end;
    const char *delimiter; /* "": blanks */
    bool done;             /* the last field was cut */
    bool fault;            /* a quoted field that is none */
} cursor;

/* The next field, without its quotes and the blanks around it; false behind the last, or with
 * c->fault. Between delimiters is always a field. */
static bool next_field(cursor *c, mixfill_field *field) {
    bool blanks = *c->delimiter == '\0';
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t') && *c->at != *c->delimiter)
        c->at++;
    if (c->done || (blanks && c->at == c->end))
        return false;
    char *stop =
        mixfill_field_cut(c->delimiter, mixfill_quotes_of(c->delimiter), c->at, c->end, field);
    c->fault = stop == NULL;
    if (c->fault)
        return false;
    *field = mixfill_field_trimmed(*field);
    c->done = !blanks && stop == c->end;
    c->at = stop + (!blanks && !c->done);
    return true;
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
    bool comma = o->decimal_comma || r->layout->delimiter == ';';
    *observed = false;
    if (mixfill_is_hole(word))
        return MIXFILL_OK;
    if (!mixfill_parse_double(word.text, word.len, value) &&
        !(comma && mixfill_parse_comma(word.text, word.len, value)))
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

/* The header, or else the first row, says how wide all are. */
static mixfill_status check_width(dense_reader *r, int32_t width, mixfill_error *err) {
    if (r->n_columns == 0) {
        r->n_columns = width;
        r->first_line = r->lines->line;
    }
    if (width == r->n_columns)
        return MIXFILL_OK;
    return mixfill_fail(
        err, MIXFILL_ERR_PARSE, r->lines->line,
        "%s:%" PRId64 ": row has %" PRId32 " number%s, expected %" PRId32 " as on line %" PRId64,
        r->lines->path, r->lines->line, width, mixfill_s(width), r->n_columns, r->first_line);
}

static mixfill_status fail_quote(const dense_reader *r, mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, r->lines->line,
                        "%s:%" PRId64 ": a quoted field does not end with '\"' and a delimiter",
                        r->lines->path, r->lines->line);
}

/* An id of a row or a column, which no other may have. */
static mixfill_status add_id(const dense_reader *r, mixfill_field id, bool of_row,
                             mixfill_error *err) {
    bool user = of_row != r->options->transpose;
    const char *what = user ? "user" : "item";
    mixfill_ids *ids = user ? &r->builder->users : &r->builder->items;
    const mixfill_delimited at = {
        .path = r->lines->path, .options = r->options, .line = r->lines->line};
    char number[24], quoted[MIXFILL_QUOTE_BUFFER];
    int32_t index, before = ids->n;
    mixfill_status st = mixfill_delimited_id(&at, &id, what, number, err);
    if (st != MIXFILL_OK)
        return st;
    st = mixfill_ids_intern(ids, &index, id.text, id.len);
    if (st == MIXFILL_ERR_RANGE)
        return mixfill_fail_many_ids(at.path, at.line, what, err);
    if (st != MIXFILL_OK)
        return mixfill_fail_nomem(err, "ids");
    if (index == before)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_PARSE, at.line,
                        "%s:%" PRId64 ": %s '%s' for the second time, expected one %s of it",
                        at.path, at.line, what, mixfill_quote(quoted, id.text, id.len),
                        of_row ? "row" : "column");
}

/* What stands over the ids of the rows may say that they are not what they are taken for. */
static void look_at_corner(const dense_reader *r, mixfill_field name) {
    char quoted[MIXFILL_QUOTE_BUFFER];
    const mixfill_columns named = mixfill_columns_named(&name, 1);
    bool items = r->options->transpose;
    if (named.of[items ? MIXFILL_ROLE_USER : MIXFILL_ROLE_ITEM] == 0)
        mixfill_note_warning(r->report, "transpose",
                             "rows are taken for %ss, '%s' stands over their ids",
                             items ? "item" : "user", mixfill_quote(quoted, name.text, name.len));
}

/* The ids of the columns. */
static mixfill_status read_header(dense_reader *r, cursor *c, mixfill_error *err) {
    mixfill_field id;
    int32_t column = 0;
    mixfill_status st = MIXFILL_OK;
    if (r->layout->corner && next_field(c, &id))
        look_at_corner(r, id);
    for (; st == MIXFILL_OK && next_field(c, &id); column++)
        st = add_id(r, id, false, err);
    if (st == MIXFILL_OK && c->fault)
        st = fail_quote(r, err);
    return st == MIXFILL_OK ? check_width(r, column, err) : st;
}

/* One line that holds at least one field. */
static mixfill_status read_row(dense_reader *r, cursor *c, mixfill_error *err) {
    mixfill_field word;
    int32_t column = 0;
    mixfill_status st = MIXFILL_OK;
    if (r->row == INT32_MAX)
        return mixfill_fail(err, MIXFILL_ERR_RANGE, r->lines->line,
                            "%s:%" PRId64 ": row 2147483648, expected at most 2147483647 rows",
                            r->lines->path, r->lines->line);
    if (r->layout->row_ids && next_field(c, &word))
        st = add_id(r, word, true, err);
    for (; st == MIXFILL_OK && next_field(c, &word); column++) {
        double value;
        bool observed;
        st = read_cell(r, word, column + r->layout->row_ids, &value, &observed, err);
        if (st == MIXFILL_OK && observed)
            st = add_cell(r, column, value, err);
    }
    if (st == MIXFILL_OK && c->fault)
        st = fail_quote(r, err);
    if (st == MIXFILL_OK)
        st = check_width(r, column, err);
    r->row++;
    return st;
}

/* What is to be read of a line: nothing of a comment, which between blanks may begin anywhere. */
static size_t without_comment(const dense_reader *r, const char *text, size_t len) {
    if (r->layout->delimiter == ' ') {
        const char *comment = memchr(text, '#', len);
        len = comment != NULL ? (size_t)(comment - text) : len;
    }
    return r->row == 0 && mixfill_comment_mark(text, len) > 0 ? 0 : len;
}

/* Which ids the file has, for people. */
static void describe_ids(mixfill_read_report *report, const mixfill_matrix_layout *layout) {
    static const char *const ids[2][2] = {
        {"", "users in the first column"},
        {"items in the first line", "users in the first column, items in the first line"}};
    snprintf(report->columns, sizeof report->columns, "%s", ids[layout->header][layout->row_ids]);
}

/* Numbers are ids where the file has none. */
static void number_ids(dense_reader *r) {
    bool swap = r->options->transpose;
    mixfill_builder *b = r->builder;
    if (!r->layout->row_ids)
        mixfill_ids_init_by_index(swap ? &b->items : &b->users, r->row, 0);
    if (!r->layout->header)
        mixfill_ids_init_by_index(swap ? &b->users : &b->items, r->n_columns, 0);
}

/* Rows and columns without ratings stay users and items. */
mixfill_status mixfill_read_dense(const mixfill_input *in, mixfill_error *err) {
    mixfill_lines *lines = in->lines;
    const mixfill_matrix_layout *layout = in->matrix;
    const char delimiter[2] = {layout->delimiter == ' ' ? '\0' : layout->delimiter, '\0'};
    dense_reader r = {.lines = lines,
                      .options = in->options,
                      .layout = layout,
                      .builder = in->builder,
                      .report = in->report};
    bool header = layout->header;
    if (mixfill_quotes_of(delimiter) == MIXFILL_QUOTES_STRICT)
        lines->delimiter = *delimiter;
    for (;;) {
        char *text;
        size_t len;
        mixfill_status st = mixfill_lines_next(lines, &text, &len, err);
        if (st != MIXFILL_OK)
            return st;
        in->report->lines = lines->line;
        if (text == NULL)
            break;
        len = without_comment(&r, text, len);
        if (mixfill_fields_blank(text, len))
            continue;
        cursor c = {.at = text, .end = text + len, .delimiter = delimiter};
        st = header ? read_header(&r, &c, err) : read_row(&r, &c, err);
        if (st != MIXFILL_OK)
            return st;
        header = false;
    }
    number_ids(&r);
    describe_ids(in->report, layout);
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
