/* What the first lines of a text are.
 *
 * One line does not tell a semicolon from part of a title, nor a row of a matrix from a record with
 * many columns; a hundred do. What is counted is what stands outside of quotes. */
#include "formats/sample.h"

#include "base/number.h"
#include "formats/roles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines ---- */

/* The lines, cut at their newlines: quoted ones are cut again once the delimiter is known. */
static void take_lines(mixfill_sample *s, const char *text, size_t len, bool at_end,
                       char delimiter) {
    s->n = 0;
    while (len > 0 && s->n < MIXFILL_SAMPLE_LINES) {
        size_t n = mixfill_line_length(text, len, delimiter, at_end);
        if (n == 0 && s->n == 0)
            n = len; /* a line longer than the sample: its begin has to do */
        if (n == 0)
            return;
        size_t end = n - (text[n - 1] == '\n');
        end -= end > 0 && text[end - 1] == '\r';
        mixfill_field line = {text, end}, words = mixfill_field_trimmed(line);
        if (words.len > 0 && mixfill_comment_mark(words.text, words.len) == 0)
            s->line[s->n++] = line;
        text += n;
        len -= n;
    }
}

/* How often a delimiter stands in a line outside of quotes; "::" that do not overlap: ":::" is
 * one. */
static int count_delimiters(mixfill_field line, const char *delimiter) {
    size_t width = strlen(delimiter);
    bool quoted = false;
    int n = 0;
    for (size_t i = 0; i + width <= line.len; i++) {
        quoted ^= line.text[i] == '"';
        if (quoted || memcmp(line.text + i, delimiter, width) != 0)
            continue;
        n++;
        i += width - 1;
    }
    return n;
}

/* How often a delimiter stands in every line; 0 where that differs. */
static int count_in_each(const mixfill_sample *s, const char *delimiter) {
    int n = count_delimiters(s->line[0], delimiter);
    for (int i = 1; i < s->n; i++)
        if (count_delimiters(s->line[i], delimiter) != n)
            return 0;
    return n;
}

/* "::" may stand in a title or an address that a csv line holds, but hardly twice. Commas and
 * semicolons are told apart by which stands equally often in every line: a comma may be a decimal
 * one, a semicolon part of a list. */
static const char *tell_delimiter(const mixfill_sample *s) {
    static const char *const by_worth[] = {",", "\t", ";", "|"};
    int commas = count_delimiters(s->line[0], ","), colons = count_delimiters(s->line[0], "::");
    if (colons >= 2 || (colons == 1 && commas == 0))
        return "::";
    if (count_in_each(s, "\t") >= 2)
        return "\t";
    if (count_in_each(s, ";") >= 2)
        return ";";
    for (size_t i = 0; i < sizeof by_worth / sizeof by_worth[0]; i++)
        if (count_delimiters(s->line[0], by_worth[i]) > 0)
            return by_worth[i];
    return " ";
}

void mixfill_sample_take(mixfill_sample *s, const char *text, size_t len, bool at_end,
                         const char *delimiter) {
    take_lines(s, text, len, at_end, '\0');
    if (s->n == 0)
        return;
    s->delimiter = delimiter == NULL                 ? tell_delimiter(s)
                   : strcmp(delimiter, "tab") == 0   ? "\t"
                   : strcmp(delimiter, "blank") == 0 ? " "
                                                     : delimiter;
    s->quotes = mixfill_quotes_of(s->delimiter);
    if (s->quotes == MIXFILL_QUOTES_STRICT)
        take_lines(s, text, len, at_end, *s->delimiter);
}

/* ---- a matrix ---- */

/* What is gathered column by column. */
typedef struct column_look {
    double most, least; /* of the magnitudes of its numbers that are not 0 */
    int64_t numbers;
} column_look;

/* The rows of a sample as they are gone through. */
typedef struct matrix_reader {
    const mixfill_sample *sample;
    mixfill_matrix_look *look;
    column_look *column; /* (cap) */
    size_t cap;
    int rows;
    double first; /* field of the first row */
} matrix_reader;

/* The next field of a line from *at on, trimmed; false behind the last. */
static bool next_field(const mixfill_sample *s, const char **at, const char *end,
                       mixfill_field *field) {
    size_t width = strlen(s->delimiter);
    bool blanks = *s->delimiter == ' ', quoted = false;
    while (blanks && *at < end && (**at == ' ' || **at == '\t'))
        ++*at;
    if (*at > end || (blanks && *at == end))
        return false;
    const char *begin = *at;
    for (; *at < end; ++*at) {
        quoted ^= s->quotes == MIXFILL_QUOTES_STRICT && **at == '"';
        bool stops = blanks ? **at == ' ' || **at == '\t'
                            : (size_t)(end - *at) >= width && memcmp(*at, s->delimiter, width) == 0;
        if (!quoted && stops)
            break;
    }
    *field = mixfill_field_trimmed((mixfill_field){begin, (size_t)(*at - begin)});
    if (field->len > 1 && *field->text == '"' && field->text[field->len - 1] == '"')
        *field = (mixfill_field){field->text + 1, field->len - 2};
    *at += blanks ? 0 : width;
    return true;
}

static int count_fields(const mixfill_sample *s, int i) {
    const char *at = s->line[i].text, *end = at + s->line[i].len;
    mixfill_field field;
    int n = 0;
    while (next_field(s, &at, end, &field))
        n++;
    return n;
}

/* A cell's number; false where it is none. Between semicolons 3,5 is one. */
static bool parse_cell(const mixfill_sample *s, mixfill_field f, double *value) {
    return mixfill_parse_double(f.text, f.len, value) ||
           (*s->delimiter == ';' && mixfill_parse_comma(f.text, f.len, value));
}

/* What the first line says of the columns: whether it names them and the rows have ids. A header's
 * first field is text or empty, and the others are all text or all numbers; where it has one field
 * less than the rows, or the first is empty, called as users or items are, or the only one that is
 * no number, rows begin with an id. */
static void look_at_header(mixfill_matrix_look *look, const mixfill_sample *s) {
    static const char *const ids[] = {
        "index", "id",     "unnamed:0", "row",  "rowname", "rownames", "itemid", "movieid", "isbn",
        "asin",  "bookid", "productid", "item", "movie",   "title",    "book",   "product", NULL};
    const char *at = s->line[0].text, *end = at + s->line[0].len;
    mixfill_field first = {"", 0}, field;
    int n = 0, numbers = 0;
    double value;
    for (; next_field(s, &at, end, &field); n++) {
        if (n == 0)
            first = field;
        else
            numbers += parse_cell(s, field, &value);
    }
    bool text = first.len == 0 || !parse_cell(s, first, &value);
    look->fields = n;
    look->number = !text;
    look->layout.header = text && n > 1 && s->n > 1 && (numbers == 0 || numbers == n - 1);
    if (s->n < 2)
        return;
    at = s->line[1].text;
    bool id = next_field(s, &at, at + s->line[1].len, &field) && !mixfill_is_hole(field) &&
              !parse_cell(s, field, &value);
    look->layout.row_ids = id || (look->layout.header &&
                                  (count_fields(s, 1) == n + 1 || first.len == 0 || numbers > 0 ||
                                   mixfill_columns_named(&first, 1).of[MIXFILL_ROLE_USER] == 0 ||
                                   mixfill_column_named(&first, 1, ids) == 0));
    look->layout.corner =
        look->layout.header && look->layout.row_ids && count_fields(s, 1) != n + 1;
}

/* Take a number into its column. */
static void look_at_cell(matrix_reader *m, size_t column, double value) {
    column_look *c = &m->column[column];
    double magnitude = fabs(value);
    m->look->small &= value >= 0 && value <= 20 && value == floor(value);
    m->look->holes |= value == 0;
    if (!(magnitude > 0))
        return;
    c->least = c->numbers == 0 || magnitude < c->least ? magnitude : c->least;
    c->most = magnitude > c->most ? magnitude : c->most;
    c->numbers++;
}

/* All cells of a row; the widths of rows are compared with that of the first. */
static void look_at_row(matrix_reader *m, mixfill_field line) {
    const char *at = line.text, *end = at + line.len;
    mixfill_field field;
    int n = 0;
    for (; next_field(m->sample, &at, end, &field); n++) {
        double value = 0;
        bool id = n == 0 && m->look->layout.row_ids;
        if ((size_t)n >= m->cap ||
            (!id && !mixfill_is_hole(field) && !parse_cell(m->sample, field, &value)))
            m->look->numbers = false;
        if (n == 0 && m->rows == 0)
            m->first = value;
        if (n == 0)
            m->look->row_numbers &= !id && value == m->first + m->rows;
        m->look->zero_third |= n == 2 && value == 0;
        if (id || (size_t)n >= m->cap)
            continue;
        if (mixfill_is_hole(field))
            m->look->holes = true;
        else
            look_at_cell(m, (size_t)n, value);
    }
    if (m->rows++ == 0)
        m->look->columns = n;
    m->look->numbers &= n == m->look->columns;
}

/* Whether all columns' largest magnitudes are of one order, and one has nothing but times. */
static void compare_columns(const matrix_reader *m) {
    const double like = 100, times = 1e8;
    double least = (double)INFINITY, most = 0;
    for (size_t i = 0; i < m->cap; i++) {
        const column_look *c = &m->column[i];
        if (c->numbers == 0)
            continue;
        least = fmin(least, c->most);
        most = fmax(most, c->most);
        m->look->times |= c->least > times;
    }
    m->look->alike = most <= like * least;
}

mixfill_status mixfill_sample_matrix(mixfill_matrix_look *look, const mixfill_sample *sample,
                                     mixfill_error *err) {
    *look = (mixfill_matrix_look){.layout.delimiter = *sample->delimiter,
                                  .numbers = true,
                                  .small = true,
                                  .row_numbers = true};
    look_at_header(look, sample);
    int first = look->layout.header;
    size_t cap = (size_t)count_fields(sample, first);
    matrix_reader m = {.sample = sample, .look = look, .cap = cap};
    m.column = mixfill_alloc_zero(cap, sizeof *m.column);
    if (m.column == NULL)
        return mixfill_fail_nomem(err, "a look at the first lines");
    for (int i = first; i < sample->n; i++)
        look_at_row(&m, sample->line[i]);
    look->row_numbers &= (m.first == 0 || m.first == 1) && m.rows > 2 && look->columns > 2;
    compare_columns(&m);
    mixfill_free(m.column);
    return MIXFILL_OK;
}
