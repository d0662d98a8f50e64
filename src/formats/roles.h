/* Which column of a table holds what: told by its name, or given by --columns. Readers of text with
 * a header and of objects with keys share this; the names that are known are one table each. */
#ifndef MIXFILL_ROLES_H
#define MIXFILL_ROLES_H

#include "formats/fields.h"

typedef enum mixfill_role {
    MIXFILL_ROLE_USER,
    MIXFILL_ROLE_ITEM,
    MIXFILL_ROLE_RATING,
    MIXFILL_ROLE_TIME,
    MIXFILL_N_ROLES
} mixfill_role;

/* Columns from 0 by role, -1 for a role that none has. */
typedef struct mixfill_columns {
    int of[MIXFILL_N_ROLES];
    bool ones; /* no column has the rating: every rating is 1 */
} mixfill_columns;

/* "user", "item", "rating", "time". */
const char *mixfill_role_name(mixfill_role role);

/* What the names of a header say, of which the first n of MIXFILL_MAX_FIELDS count; case, blanks,
 * '_', '-', '.' and a RecBole type behind ':' do not matter. Of several names of a role the one of
 * most worth has it, wherever it stands: "rating" before "score", "movieId" before "movie". */
mixfill_columns mixfill_columns_named(const mixfill_field *names, int n);

/* The column whose name is of most worth among `known`, plain names in its order ended by NULL; -1
 * where none has one. */
int mixfill_column_named(const mixfill_field *names, int n, const char *const *known);

/* MIXFILL_ERR_ARG where a text is not as mixfill_read_options.columns says; NULL is right. */
mixfill_status mixfill_columns_check(const char *columns, mixfill_error *err);

/* Put what mixfill_read_options.columns gives over what is in *out. names: of the n columns, or
 * NULL where they have none and only numbers can be given. Returns false, with the first name or
 * number that no column has in *absent. pairs: only users and items count. `columns` is right by
 * mixfill_columns_check. */
bool mixfill_columns_give(mixfill_columns *out, const char *columns, const mixfill_field *names,
                          int n, bool pairs, mixfill_field *absent);

/* Whether `columns` gives one of them by name, so that there must be a header. */
bool mixfill_columns_by_name(const char *columns);

/* MIXFILL_ERR_PARSE "WHERE: no column for ...": with what was understood of each name, and a value
 * of mixfill_read_options.columns that would do. names NULL: there is no header, and the first
 * column of all that is not given is taken for the users', or the second with row_numbers. matrix:
 * the message says how to read it as one. */
mixfill_status mixfill_fail_columns(mixfill_error *err, const char *where, int64_t line,
                                    const mixfill_columns *columns, const mixfill_field *names,
                                    int n, bool pairs, bool row_numbers, bool matrix);

/* Write which columns were read, such as "userId, movieId, rating; timestamp unread", into
 * out[size]. names NULL: "columns 1, 2, 3". */
void mixfill_columns_describe(char *out, size_t size, const mixfill_columns *columns,
                              const mixfill_field *names, int n, bool pairs);

#endif
