/* A look at the first lines of a text, before it is known what they are: what stands between their
 * fields, whether they are records or rows of a matrix, and what of a matrix are ids. */
#ifndef MIXFILL_SAMPLE_H
#define MIXFILL_SAMPLE_H

#include "formats/format.h"

/* How many lines are looked at: a matrix's rows may be long, but a few tell. */
enum { MIXFILL_SAMPLE_LINES = 100 };

typedef struct mixfill_sample {
    mixfill_field line[MIXFILL_SAMPLE_LINES]; /* without their ends, blank lines and comments */
    int n;
    const char *delimiter; /* as in mixfill_first_line */
    mixfill_quotes quotes;
} mixfill_sample;

/* Lines of a text, of which the last may be cut short unless at_end; delimiter as
 * mixfill_read_options has it, NULL: it is told by the lines. The sample points into the text. */
void mixfill_sample_take(mixfill_sample *sample, const char *text, size_t len, bool at_end,
                         const char *delimiter);

/* What the lines look like if they are a matrix. */
typedef struct mixfill_matrix_look {
    mixfill_matrix_layout layout;
    int fields;       /* of the first line */
    bool number;      /* and whether the first of them is a number */
    int columns;      /* fields of the first row */
    bool numbers;     /* every field but ids is a number or missing, and rows are equally long */
    bool alike;       /* the columns' largest magnitudes differ by a factor of 100 at most */
    bool holes;       /* a cell is missing, or zero */
    bool row_numbers; /* the first fields of the rows are 0, 1, 2, ... or 1, 2, 3, ... */
    bool times;       /* a column has nothing but numbers above 1e8 */
    bool small;       /* every number is one of 0, 1, ..., 20 */
    bool zero_third;  /* the third field of a row is 0 */
} mixfill_matrix_look;

/* Look at a sample of at least one line. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_sample_matrix(mixfill_matrix_look *look, const mixfill_sample *sample,
                                     mixfill_error *err);

#endif
