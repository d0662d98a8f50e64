/* Rows of a small table.
 *
 * For files a person writes or downloads beside the ratings: titles of items, users to recommend
 * to. Read line by line, and a bad row always ends it; ids are those of ratings, checked the
 * same way. */
#include "formats/table.h"

#include "formats/delimited.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

mixfill_status mixfill_table_open(mixfill_table *table, const char *path, const char *delimiter,
                                  mixfill_error *err) {
    const char *data;
    size_t len;
    *table = (mixfill_table){.delimiter = delimiter};
    mixfill_status st = mixfill_lines_open(&table->lines, path, NULL, err);
    if (st == MIXFILL_OK)
        st = mixfill_lines_peek(&table->lines, &data, &len, MIXFILL_TEXT_SAMPLE, err);
    if (st == MIXFILL_OK)
        (void)mixfill_lines_begin_text(&table->lines, data, len);
    return st;
}

void mixfill_table_close(mixfill_table *table) {
    mixfill_lines_close(&table->lines);
}

mixfill_status mixfill_table_fail(const mixfill_table *table, mixfill_error *err,
                                  const char *what) {
    int64_t line = table->lines.line;
    return mixfill_fail(err, MIXFILL_ERR_PARSE, line, "%s:%" PRId64 ": %s", table->lines.path, line,
                        what);
}

/* What stands first between two fields; what a quoted field holds does not count. */
static const char *guess_delimiter(const char *text, size_t len) {
    static const char *const known[] = {",", "|", ";", "\t", "::"};
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        quoted ^= text[i] == '"' && (quoted || i == 0);
        for (size_t k = 0; k < sizeof known / sizeof known[0] && !quoted; k++)
            if (strncmp(text + i, known[k], len - i < strlen(known[k]) ? 0 : strlen(known[k])) == 0)
                return known[k];
    }
    return ",";
}

/* The first row says how many columns all have. */
static mixfill_status check_columns(mixfill_table *t, int n, mixfill_error *err) {
    char message[128];
    if (n < 0)
        return mixfill_table_fail(t, err, "a quoted field does not end with '\"' and a delimiter");
    if (t->n_columns == 0) {
        t->n_columns = n;
        t->first_line = t->lines.line;
    }
    if (n == t->n_columns && n <= MIXFILL_MAX_FIELDS)
        return MIXFILL_OK;
    if (n == t->n_columns)
        snprintf(message, sizeof message, "%d columns, expected at most %d", n, MIXFILL_MAX_FIELDS);
    else
        snprintf(message, sizeof message, "%d field%s, expected %d as on line %" PRId64, n,
                 mixfill_s(n), t->n_columns, t->first_line);
    return mixfill_table_fail(t, err, message);
}

/* The delimiter is guessed from the first row that is not blank. */
mixfill_status mixfill_table_next(mixfill_table *table, mixfill_field fields[MIXFILL_MAX_FIELDS],
                                  int *n, mixfill_error *err) {
    char *text;
    size_t len;
    do {
        mixfill_status st = mixfill_lines_next(&table->lines, &text, &len, err);
        *n = 0;
        if (st != MIXFILL_OK || text == NULL)
            return st;
    } while (mixfill_fields_blank(text, len));
    if (table->delimiter == NULL)
        table->delimiter = guess_delimiter(text, len);
    mixfill_quotes quotes = mixfill_quotes_of(table->delimiter);
    *n = mixfill_fields_split(table->delimiter, quotes, text, text + len, fields);
    table->lines.delimiter = quotes == MIXFILL_QUOTES_STRICT ? *table->delimiter : '\0';
    return check_columns(table, *n, err);
}

mixfill_status mixfill_table_intern(const mixfill_table *table, mixfill_ids *ids, int32_t *index,
                                    mixfill_field id, const char *what, bool int_ids,
                                    mixfill_error *err) {
    const mixfill_read_options options = {.int_ids = int_ids};
    const mixfill_delimited at = {
        .path = table->lines.path, .options = &options, .line = table->lines.line};
    char number[24];
    mixfill_status st = mixfill_delimited_id(&at, &id, what, number, err);
    if (st != MIXFILL_OK)
        return st;
    st = mixfill_ids_intern(ids, index, id.text, id.len);
    if (st == MIXFILL_ERR_RANGE)
        return mixfill_fail_many_ids(at.path, at.line, what, err);
    return st == MIXFILL_OK ? st : mixfill_fail_nomem(err, "ids");
}
