/* Dense matrices as text.
 *
 * What no other format claims is taken for one, so its reader is who tells of garbage. */
#ifndef MIXFILL_DENSE_H
#define MIXFILL_DENSE_H

#include "formats/format.h"

/* Read a matrix, whose rows and columns become the ids. MIXFILL_ERR_PARSE (a cell that is no
 * rating, a row of another width), _RANGE, _IO, _NOMEM. */
mixfill_status mixfill_read_dense(const mixfill_input *in, mixfill_error *err);

/* Write every cell. MIXFILL_ERR_ARG (a rating of 0), _IO, _CANCELLED. O(N D). */
mixfill_status mixfill_write_dense(const mixfill_output *out, mixfill_error *err);

#endif
