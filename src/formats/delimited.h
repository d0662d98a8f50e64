/* Delimited records, line by line: what the serial reader of pairs and the chunked reader of
 * ratings share.
 *
 * Grammar of a file:
 *
 *     file     { blank | comment } [ header ] { record | blank }
 *     comment  "#", "%" or "//" and the rest of the line
 *     record   user DELIMITER item [ DELIMITER rating [ DELIMITER timestamp ] ]
 *     header   names in any order, among them one for user, item and rating; others are passed over
 *
 * A header is known by its names, or by a rating that is no number on a line without numbers; of
 * pairs, which have no number to tell by, by one of its names. With --columns, and with a header or
 * a comment that names them, the fields of a record stand in any order. */
#ifndef MIXFILL_DELIMITED_H
#define MIXFILL_DELIMITED_H

#include "formats/format.h"
#include "formats/roles.h"

/* A record of a delimited file; ids are checked (1..MIXFILL_ID_MAX bytes, no
 * NUL, canonical with int_ids), the value is finite and in range, or NaN when reading pairs. */
typedef struct mixfill_record {
    mixfill_field user, item;
    double value;
    int64_t time; /* 0 where it is not asked for or not there */
    int64_t line;
} mixfill_record;

typedef mixfill_status (*mixfill_record_fn)(void *data, const mixfill_record *record,
                                            mixfill_error *err);

/* Whether the first line looks like one of csv, and so on. */
bool mixfill_csv_claims(const mixfill_first_line *line);
bool mixfill_dat_claims(const mixfill_first_line *line);
bool mixfill_tab_claims(const mixfill_first_line *line);
bool mixfill_triplets_claims(const mixfill_first_line *line);

/* Read a csv, dat, tab or triplets file, on in->builder->threads threads. MIXFILL_ERR_PARSE, _RANGE
 * (more than 2^31-1 users or items), _CANCELLED, _IO, _NOMEM. */
mixfill_status mixfill_read_delimited(const mixfill_input *in, mixfill_error *err);

/* Hand on the user,item pairs of such a file in file order; in->builder is not used. */
mixfill_status mixfill_read_delimited_pairs(const mixfill_input *in, mixfill_record_fn fn,
                                            void *data, mixfill_error *err);

/* Decimal commas with three digits behind them, as thousands have, and others. */
enum { MIXFILL_COMMAS_OF_THREE = 1, MIXFILL_COMMAS_OTHER = 2 };

/* What mixfill_lines.delimiter is for a dialect. */
char mixfill_breaks_at(const mixfill_dialect *dialect);

/* How the lines of a file are read. Copied to read several pieces at a time once the columns are
 * known. */
typedef struct mixfill_delimited {
    const char *path;
    const mixfill_read_options *options;
    const mixfill_dialect *dialect;
    bool pairs;              /* records need no rating */
    int n_columns;           /* of the first line, which every line has; 0 before it */
    int64_t first_line;      /* its number */
    mixfill_columns columns; /* -1 too for what is not to be read */
    char described[256];     /* which they are, for people */
    int n_commented;         /* columns of a comment that names them, 0 where there is none */
    mixfill_columns commented;
    bool row_numbers;   /* the first column counts the lines */
    bool numbers;       /* there are only numbers, as in a matrix */
    int64_t line;       /* number of the line being read */
    unsigned commas;    /* MIXFILL_COMMAS_...: how ratings with a decimal comma look */
    char number[2][24]; /* canonical ids of the record read last */
} mixfill_delimited;

/* Read one line of len bytes, whose text may be changed; text[len] can be read.
 * *found is false for blank lines, leading comments and the header. The record's ids point into the
 * text or into d. MIXFILL_ERR_PARSE; *fatal tells that the file is not what it should be, so that
 * no later line can be read either. */
mixfill_status mixfill_delimited_line(mixfill_delimited *d, mixfill_record *record, bool *found,
                                      bool *fatal, char *text, size_t len, mixfill_error *err);

/* Take columns for those of the records to come, with what the options give in their place. names:
 * of the n columns, or NULL. MIXFILL_ERR_PARSE where one is missing. */
mixfill_status mixfill_delimited_settle(mixfill_delimited *d, mixfill_columns columns,
                                        const mixfill_field *names, int n, mixfill_error *err);

/* A record of fields that were cut elsewhere, by role; which of them count d->columns says. The
 * record's ids point into them or into d. MIXFILL_ERR_PARSE. */
mixfill_status mixfill_delimited_check(mixfill_delimited *d, mixfill_record *record,
                                       const mixfill_field field[MIXFILL_N_ROLES],
                                       mixfill_error *err);

/* Put a record into a builder, with its time where that keeps any. MIXFILL_ERR_RANGE, _NOMEM. */
mixfill_status mixfill_delimited_add(const mixfill_delimited *d, mixfill_builder *builder,
                                     const mixfill_record *record, mixfill_error *err);

/* Check an id ("user" or "item"), which with int_ids then points into number. MIXFILL_ERR_PARSE. */
mixfill_status mixfill_delimited_id(const mixfill_delimited *d, mixfill_field *id, const char *what,
                                    char number[24], mixfill_error *err);

/* A rating field, blanks around it ignored. MIXFILL_ERR_PARSE. */
mixfill_status mixfill_delimited_rating(mixfill_delimited *d, double *value, mixfill_field text,
                                        mixfill_error *err);

#endif
