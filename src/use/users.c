/* Lists of users.
 *
 * In the order in which they were asked for, each once: who is named twice gets one list, and
 * how many were is told. */
#include "use/users.h"

#include "formats/roles.h"
#include "formats/table.h"

#include <string.h>

/* Empty; filled from the command line, a file, or both. */
mixfill_status mixfill_users_create(mixfill_users **out, mixfill_error *err) {
    mixfill_users *users = mixfill_alloc_zero(1, sizeof *users);
    if (users == NULL)
        return mixfill_fail_nomem(err, "a list of users");
    mixfill_ids_init(&users->ids);
    *out = users;
    return MIXFILL_OK;
}

void mixfill_users_free(mixfill_users *users) {
    if (users == NULL)
        return;
    mixfill_ids_clear(&users->ids);
    mixfill_free(users);
}

int32_t mixfill_users_count(const mixfill_users *users) {
    return users->ids.n;
}

/* How often a user was named who had been named before. */
int64_t mixfill_users_repeated(const mixfill_users *users) {
    return users->repeated;
}

/* A row's user, by the rules for ids of ratings; table is where messages say it stood. */
static mixfill_status add(mixfill_users *users, const mixfill_table *table, mixfill_field id,
                          bool int_ids, mixfill_error *err) {
    int32_t index = 0, before = users->ids.n;
    mixfill_status st = mixfill_table_intern(table, &users->ids, &index, id, "user", int_ids, err);
    users->repeated += st == MIXFILL_OK && index < before;
    if (users->first_line == 0 && table->lines.line > 0) {
        users->first_line = table->lines.line;
        users->first = index;
    }
    return st;
}

/* A user of the command line, so a fault is an argument's and has no line. */
mixfill_status mixfill_users_add(mixfill_users *users, const char *id, bool int_ids,
                                 mixfill_error *err) {
    char quoted[MIXFILL_QUOTE_BUFFER];
    const mixfill_table none = {.lines.path = ""};
    mixfill_status st = add(users, &none, (mixfill_field){id, strlen(id)}, int_ids, err);
    if (st != MIXFILL_ERR_PARSE)
        return st;
    return mixfill_fail_about(err, MIXFILL_ERR_ARG, 0, int_ids ? "int_ids" : "",
                              "user '%s': expected an id of 1 to %d bytes%s",
                              mixfill_quote(quoted, id, strlen(id)), MIXFILL_ID_MAX,
                              int_ids ? ", a whole number" : "");
}

/* The column is that of the users by name where the first row has one, which is then a header;
 * else the first, so that a plain list of ids will do. */
static mixfill_status read_rows(mixfill_users *users, mixfill_table *table, bool int_ids,
                                mixfill_error *err) {
    mixfill_field fields[MIXFILL_MAX_FIELDS];
    int n, column = 0;
    int64_t rows = 0;
    mixfill_status st;
    while ((st = mixfill_table_next(table, fields, &n, err)) == MIXFILL_OK && n > 0) {
        bool first = table->lines.line == table->first_line;
        int named = first ? mixfill_columns_named(fields, n).of[MIXFILL_ROLE_USER] : -1;
        if (named >= 0) {
            column = named;
            continue;
        }
        st = add(users, table, fields[column], int_ids, err);
        if (st != MIXFILL_OK)
            return st;
        rows++;
    }
    if (st == MIXFILL_OK && rows == 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: no users found, expected an id a line",
                            table->lines.path);
    return st;
}

/* Adds to the list, so that files and single users can be mixed. */
mixfill_status mixfill_users_load(mixfill_users *users, const char *path, bool int_ids,
                                  mixfill_error *err) {
    mixfill_table table = {0};
    /* Not guessed: a list of ids has no delimiter to guess by. */
    mixfill_status st = mixfill_table_open(&table, path, ",", err);
    if (st == MIXFILL_OK)
        st = read_rows(users, &table, int_ids, err);
    mixfill_table_close(&table);
    return st;
}
