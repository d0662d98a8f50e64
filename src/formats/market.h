/* Matrix Market files.
 *
 * Users and items are numbered by row and column; the file counts from 1, everyone else from 0. */
#ifndef MIXFILL_MARKET_H
#define MIXFILL_MARKET_H

#include "formats/format.h"

bool mixfill_market_begins(const char *data, size_t len);

/* Read a matrix, whose rows and columns become the ids. MIXFILL_ERR_PARSE, _UNSUPPORTED (a complex
 * or hermitian one), _RANGE, _ARG (an array's bad lines cannot be skipped), _IO, _NOMEM. */
mixfill_status mixfill_read_market(const mixfill_input *in, mixfill_error *err);

/* Write "coordinate real general", row by row. MIXFILL_ERR_IO, _CANCELLED. */
mixfill_status mixfill_write_market(const mixfill_output *out, mixfill_error *err);

#endif
