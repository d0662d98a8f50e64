/* Dense matrices in .npy files.
 *
 * An array is told by the magic string of its header, also within gzip or zstd data. */
#ifndef MIXFILL_DENSE_NPY_H
#define MIXFILL_DENSE_NPY_H

#include "formats/format.h"

bool mixfill_npy_begins(const char *data, size_t len);

/* Read a 2-D array, whose rows and columns become the ids. MIXFILL_ERR_PARSE, _UNSUPPORTED (text),
 * _DIM (not 2-D), _RANGE, _ARG (bad lines cannot be skipped), _IO, _NOMEM. */
mixfill_status mixfill_read_npy(const mixfill_input *in, mixfill_error *err);

/* Write an array of doubles (N, D) in C order. MIXFILL_ERR_ARG (a rating of 0), _IO, _CANCELLED,
 * _NOMEM. O(N D). */
mixfill_status mixfill_write_npy(const mixfill_output *out, mixfill_error *err);

#endif
