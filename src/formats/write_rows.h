/* Writing user by user: what the writers of all formats but npz share.
 *
 * npz does without: its arrays are those of the ratings, and are written as they are. */
#ifndef MIXFILL_WRITE_ROWS_H
#define MIXFILL_WRITE_ROWS_H

#include "file/outfile.h"
#include "formats/format.h"

/* MIXFILL_ERR_ARG for a rating of 0 where 0 is to stand for what is missing. O(nnz). */
mixfill_status mixfill_check_none_missing(const mixfill_output *out, mixfill_error *err);

/* Whether user u is to be written next: tells how many are, once for many, and is false where
 * writing has failed or is to stop. */
bool mixfill_write_goes_on(FILE *stream, const mixfill_output *out, int32_t u);

/* Commit a file whose first `written` users are in it, or failed on the way, of which committing
 * tells. MIXFILL_ERR_CANCELLED where users are missing, MIXFILL_ERR_IO. */
mixfill_status mixfill_write_end(mixfill_outfile *file, const mixfill_output *out, int32_t written,
                                 mixfill_error *err);

#endif
