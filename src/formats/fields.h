/* Lines cut into fields, and columns found by their names: what every reader of delimited text
 * shares.
 *
 * Blanks are blanks and tabs throughout; other white space is text. */
#ifndef MIXFILL_FIELDS_H
#define MIXFILL_FIELDS_H

#include "file/lines.h"

enum { MIXFILL_MAX_FIELDS = 64 };

/* A piece of a line. */
typedef struct mixfill_field {
    const char *text;
    size_t len;
} mixfill_field;

/* Split a line at a delimiter of one byte, "," with fields that may be quoted, at "::", or at "" at
 * runs of blanks. Returns the number of its fields, of which the first MIXFILL_MAX_FIELDS are
 * stored; -1 where a quote is not closed or goes on behind its end. Doubled quotes become one in
 * place. */
int mixfill_fields_split(const char *delimiter, char *at, char *end, mixfill_field *fields);

/* Without the blanks around it. */
mixfill_field mixfill_field_trimmed(mixfill_field field);

/* Whether it is a number, blanks around it ignored: no name of a column is one. */
bool mixfill_field_is_number(mixfill_field field);

/* Whether there is nothing in a line but blanks. */
bool mixfill_fields_blank(const char *text, size_t len);

/* The first column whose name is one of `names` (ended by NULL), ignoring case, blanks, '_' and
 * '-'; -1 where none is. */
int mixfill_fields_find(const mixfill_field *fields, int n, const char *const *names);

/* What columns of user and item ids are called. */
extern const char *const mixfill_user_columns[], *const mixfill_item_columns[];

#endif
