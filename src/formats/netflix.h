/* Files of the Netflix Prize.
 *
 * The one format that comes in folders. */
#ifndef MIXFILL_NETFLIX_H
#define MIXFILL_NETFLIX_H

#include "formats/format.h"

bool mixfill_netflix_claims(const mixfill_first_line *line);

/* Read one file, or without lines a folder of mv_*.txt or combined_data_*.txt in the order of their
 * names. The dates are left alone. MIXFILL_ERR_PARSE, _RANGE, _IO, _NOMEM. */
mixfill_status mixfill_read_netflix(const mixfill_input *in, mixfill_error *err);

#endif
