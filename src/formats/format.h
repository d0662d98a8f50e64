/* What a format of ratings files is: a row of the table in formats.c, and what its reader and its
 * writer are given. A new format is a file with those two, or for delimited text a dialect, and its
 * row and public enumerator (docs/architecture.md, "How to add a format"). */
#ifndef MIXFILL_FORMAT_H
#define MIXFILL_FORMAT_H

#include "file/lines.h"
#include "formats/fields.h"
#include "ratings/builder.h"

/* How delimited text is laid out: all that csv, dat, tab and triplets differ in. */
typedef struct mixfill_dialect {
    const char *delimiter; /* one byte, or the same byte twice; of csv the usual one */
    bool blanks;           /* any run of blanks is read as the delimiter, which is one blank */
    bool quotes;        /* what needs it is written in quotes; how it is read the delimiter tells */
    const char *header; /* first line of what is written, without the timestamp's; "": none */
} mixfill_dialect;

/* How a matrix is laid out in text. */
typedef struct mixfill_matrix_layout {
    char delimiter; /* ' ': any run of blanks */
    bool header;    /* the first line holds the ids of the columns */
    bool row_ids;   /* the first field of a row is its id */
    bool corner;    /* the header has a field over these ids, which says nothing */
} mixfill_matrix_layout;

/* What a reader is given. */
typedef struct mixfill_input {
    const char *path;               /* for messages, and of a folder to be opened */
    mixfill_lines *lines;           /* at the first byte of the text, or NULL: path is a folder */
    const mixfill_dialect *dialect; /* of delimited text as it is: with the delimiter of the file */
    const mixfill_matrix_layout *matrix; /* of a matrix as text */
    bool row_numbers;                    /* the first column of the lines looked at counts them */
    bool numbers;                        /* all their fields are numbers */
    const mixfill_read_options *options;
    mixfill_read_report *report; /* all-zero but for format and packing */
    mixfill_builder *builder;    /* gets the ids and ratings */
} mixfill_input;

/* What a writer is given. */
typedef struct mixfill_output {
    const mixfill_ratings *ratings;
    const char *path;
    const mixfill_dialect *dialect;
    const mixfill_save_options *options;
} mixfill_output;

/* What the first lines look like that are neither blank nor comments: text without signature is
 * told apart by them. */
typedef struct mixfill_first_line {
    mixfill_field text;    /* the first of them, without its end */
    bool pairs;            /* user and item are enough: no rating is expected */
    const char *delimiter; /* what stands between its fields: ",", ";", "|", "\t", "::", or " " */
    int fields;            /* of the first line */
    bool number;           /* its first field is a number */
    bool table;            /* records, not a matrix: its columns are of different kinds */
} mixfill_first_line;

/* A reader fills in->builder; one that opens its file itself makes the ratings; a writer writes
 * all. */
typedef mixfill_status (*mixfill_read_fn)(const mixfill_input *in, mixfill_error *err);
typedef mixfill_status (*mixfill_load_fn)(mixfill_ratings **out, mixfill_read_report *report,
                                          const char *path, const mixfill_read_options *options,
                                          mixfill_error *err);
typedef mixfill_status (*mixfill_write_fn)(const mixfill_output *out, mixfill_error *err);

/* A format. Files are told by their first bytes where one of the formats knows them, else by their
 * first line; a line that no format claims is a dense matrix's, or garbage, of which the dense
 * reader tells. */
typedef struct mixfill_format_row {
    mixfill_format_info info;
    const mixfill_dialect *dialect;               /* of delimited text, else NULL */
    bool (*begins)(const char *data, size_t len); /* whether a file's first bytes say so, or NULL */
    bool (*claims)(const mixfill_first_line *line); /* whether the first line says so, or NULL */
    bool folders;                                   /* read can do without lines */
    mixfill_read_fn read;                           /* from a stream, or NULL */
    mixfill_load_fn load;   /* of a file that has to be opened by its name, else NULL */
    mixfill_write_fn write; /* or NULL */
} mixfill_format_row;

#endif
