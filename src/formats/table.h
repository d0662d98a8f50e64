/* Small tables of text, row by row: titles, lists of users.
 *
 * A table has any columns, found by their names or their places; every row has as many as the
 * first. */
#ifndef MIXFILL_TABLE_H
#define MIXFILL_TABLE_H

#include "formats/fields.h"
#include "ratings/ids.h"

typedef struct mixfill_table {
    mixfill_lines lines;
    const char *delimiter; /* as mixfill_fields_split takes it; NULL before it is told */
    int n_columns;         /* of the first row, which every row has; 0 before it */
    int64_t first_line;    /* its number */
} mixfill_table;

/* delimiter NULL: ",", ";", "::", "|" or a tab, whichever comes first in the first row. The
 * statuses of mixfill_source_open. All-zero can be closed. */
mixfill_status mixfill_table_open(mixfill_table *table, const char *path, const char *delimiter,
                                  mixfill_error *err);
void mixfill_table_close(mixfill_table *table);

/* Fields of the next row that is not blank, valid until the next call; *n is 0 at the end. Its line
 * is table->lines.line. MIXFILL_ERR_PARSE (another number of columns, more than
 * MIXFILL_MAX_FIELDS), MIXFILL_ERR_IO, MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_table_next(mixfill_table *table, mixfill_field fields[MIXFILL_MAX_FIELDS],
                                  int *n, mixfill_error *err);

/* MIXFILL_ERR_PARSE "FILE:LINE: what" of the row read last. */
mixfill_status mixfill_table_fail(const mixfill_table *table, mixfill_error *err, const char *what);

/* Put an id of that row into ids, new or not. MIXFILL_ERR_PARSE, _RANGE, _NOMEM. */
mixfill_status mixfill_table_intern(const mixfill_table *table, mixfill_ids *ids, int32_t *index,
                                    mixfill_field id, const char *what, bool int_ids,
                                    mixfill_error *err);

#endif
