/* Telling formats apart by their content. */
#ifndef MIXFILL_DETECT_H
#define MIXFILL_DETECT_H

#include "formats/format.h"

/* What the first bytes of a file say. */
typedef struct mixfill_detected {
    mixfill_format detected,
        format;              /* by the content; and as it is to be read, which may be asked for */
    mixfill_dialect dialect; /* of delimited text */
    mixfill_matrix_layout matrix; /* of text that is read as a matrix */
    bool row_numbers;             /* the first column counts the lines */
    bool numbers;                 /* nothing but numbers, whatever they are */
    bool small; /* few lines of three or four small numbers, which could be a matrix as well */
} mixfill_detected;

/* Look at what lines show of their begin, and consume a byte order mark. pairs: user and item are
 * enough. MIXFILL_ERR_PARSE (nothing there), _UNSUPPORTED (what is known and not read), _IO,
 * _NOMEM. */
mixfill_status mixfill_detect_format(mixfill_detected *out, mixfill_lines *lines, bool pairs,
                                     const mixfill_read_options *options, mixfill_error *err);

#endif
