/* What all readers share: their options, the report of what they met, and how large a shape they
 * believe. */
#ifndef MIXFILL_READ_OPTIONS_H
#define MIXFILL_READ_OPTIONS_H

#include "base/base.h"

/* Whether a cell of a matrix stands for no rating. */
bool mixfill_is_missing(const mixfill_read_options *options, double value);

/* Keep a warning, if there is room for it: what is odd about a file that can be read, and the field
 * of the read options that would read it otherwise, or "". */
__attribute__((format(printf, 3, 4))) void
mixfill_note_warning(mixfill_read_report *report, const char *field, const char *format, ...);

/* Count a bad line, keeping the message of the first few. */
void mixfill_note_skipped(mixfill_read_report *report, const char *message, const char *field);

/* Nothing in a sparse file stands for a row or column but the header's claim, and memory follows
 * it: MIXFILL_ERR_RANGE where there are far more of them than ratings. line: of the claim, or 0. */
mixfill_status mixfill_check_claimed_shape(int64_t rows, int64_t cols, int64_t n_ratings,
                                           const char *path, int64_t line, mixfill_error *err);

#endif
