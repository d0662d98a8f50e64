/* What is odd about ratings that could be read: signs that the file was meant otherwise. */
#ifndef MIXFILL_SUSPECT_H
#define MIXFILL_SUSPECT_H

#include "formats/read_options.h"
#include "ratings/ratings.h"

/* Add warnings to a report whose format, columns and ones say how the ratings were read with these
 * options. MIXFILL_ERR_NOMEM. O(levels) for text of at most 256 values with few zeros, else O(nnz),
 * and O(D) memory for a matrix. */
mixfill_status mixfill_suspect(mixfill_read_report *report, const mixfill_ratings *ratings,
                               const mixfill_read_options *options, mixfill_error *err);

#endif
