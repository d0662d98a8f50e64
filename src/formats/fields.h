/* Lines cut into fields: what every reader of delimited text shares.
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

/* Whether a field may stand in quotes, where doubled quotes become one. */
typedef enum mixfill_quotes {
    MIXFILL_QUOTES_NONE,
    MIXFILL_QUOTES_LOOSE, /* a field that only begins with a quote is what it is */
    MIXFILL_QUOTES_STRICT /* such a field is a fault; line ends may stand within quotes */
} mixfill_quotes;

/* How text with this delimiter is quoted: strictly between commas and semicolons, which come from
 * spreadsheets; loosely elsewhere, where a review may begin with a quote that means nothing; not at
 * all between "::". */
mixfill_quotes mixfill_quotes_of(const char *delimiter);

/* Split a line at a delimiter of one byte, at "::", or at "" at runs of blanks. quotes: fields may
 * be quoted, and doubled quotes in them become one in place. Returns the number of its fields, of
 * which the first MIXFILL_MAX_FIELDS are stored; -1 where a quote is not closed or goes on behind
 * its end. */
int mixfill_fields_split(const char *delimiter, mixfill_quotes quotes, char *at, char *end,
                         mixfill_field *fields);

/* The next field from `at` on and the byte behind it, its delimiter or `end`; NULL where
 * MIXFILL_QUOTES_STRICT finds a fault. Blanks in front of it are not passed over. */
char *mixfill_field_cut(const char *delimiter, mixfill_quotes quotes, char *at, char *end,
                        mixfill_field *field);

/* Whether a cell of a table is empty or "NA", as R writes it: nothing is known of it. */
bool mixfill_is_hole(mixfill_field field);

/* Without the blanks around it. */
mixfill_field mixfill_field_trimmed(mixfill_field field);

/* Whether it is a number, blanks around it ignored: no name of a column is one. */
bool mixfill_field_is_number(mixfill_field field);

/* The length of what begins a comment, "#", "%" or "//", at the front of a text; 0 where nothing
 * does. A line "sep=;", by which Excel knows the delimiter, is one. */
size_t mixfill_comment_mark(const char *text, size_t len);

/* Whether there is nothing in a line but blanks. */
bool mixfill_fields_blank(const char *text, size_t len);

#endif
