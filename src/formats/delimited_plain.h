/* The fast way through plain lines of delimited text: user, item, rating and perhaps a timestamp
 * that is not kept, in this order, nothing quoted. */
#ifndef MIXFILL_DELIMITED_PLAIN_H
#define MIXFILL_DELIMITED_PLAIN_H

#include "formats/delimited.h"

enum {
    MIXFILL_SPAN = 64,       /* bytes looked at together, a bit each in a word */
    MIXFILL_WINDOW = 4096,   /* bytes whose stops are listed at a time; a multiple of a span */
    MIXFILL_SPELLINGS = 256, /* of ratings that are remembered */
};

/* A way to write a rating in up to 8 bytes, and its level; word 0 is free. */
typedef struct mixfill_spelling {
    uint64_t word;
    int32_t code;
} mixfill_spelling;

/* A chunk and what is made of it. */
typedef struct mixfill_piece {
    mixfill_chunk chunk;
    mixfill_delimited d;
    mixfill_builder *builder;   /* where the ratings go: that of the part, or the whole */
    mixfill_builder_part *part; /* of several, NULL where there is one */
    mixfill_read_report report; /* its skipped lines */
    mixfill_status status;
    mixfill_error error;
    bool plain;         /* the columns are those of a plain line */
    char quote;         /* what may not begin a plain field; NUL never does */
    char delimiter;     /* between fields */
    size_t width;       /* how often it stands there */
    bool blanks;        /* any run of delimiters is one */
    size_t line_stops;  /* of a plain line, its end included */
    int64_t run_offset; /* line minus entry while lines follow each other */
    mixfill_spelling spelling[MIXFILL_SPELLINGS];
    const char *window; /* the stops listed are offsets from here, of which [next, n) are left */
    size_t next_stop, n_stops;
    uint16_t stop[MIXFILL_WINDOW + MIXFILL_SPAN];
} mixfill_piece;

/* Numbers of a user and an item, added where they are new. MIXFILL_ERR_RANGE, _NOMEM. */
mixfill_status mixfill_piece_intern(mixfill_piece *p, int32_t index[2], mixfill_field user,
                                    mixfill_field item, int64_t line);

/* What a plain line looks like, once the columns are known; p->plain tells whether any can be. */
void mixfill_piece_set_plain(mixfill_piece *p);

/* Read the plain lines from `at` on, of which the first is number *line of the file. Returns the
 * line behind them, whose number is then in *line: it is not plain, or p->status says why not.
 * There must be room in the builder for all lines of the chunk. */
const char *mixfill_piece_read_plain(mixfill_piece *p, const char *at, const char *end,
                                     int64_t *line);

#endif
