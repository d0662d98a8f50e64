/* Ratings as scipy.sparse.save_npz writes them.
 *
 * A file of this kind is a zip archive and has to be opened by its name. */
#ifndef MIXFILL_SCIPY_NPZ_H
#define MIXFILL_SCIPY_NPZ_H

#include "formats/format.h"

/* Whether the bytes are those of a zip archive, which may turn out to hold something else. */
bool mixfill_npz_begins(const char *data, size_t len);

/* Read a csr, csc or coo matrix; entries that are stored are ratings, also zeros. Rows are users,
 * or items with options->transpose. options: NULL means defaults; rating_min, rating_max and
 * duplicates are honoured; in *report the duplicates are counted.
 * MIXFILL_ERR_IO, _PARSE, _RANGE (more than 2^31-1 rows or columns), _UNSUPPORTED (other layouts),
 * _NOMEM. */
mixfill_status mixfill_load_npz(mixfill_ratings **out, mixfill_read_report *report,
                                const char *path, const mixfill_read_options *options,
                                mixfill_error *err);

/* Write a csr matrix, float64, that scipy.sparse.load_npz opens; ids are not kept.
 * MIXFILL_ERR_IO, _NOMEM. */
mixfill_status mixfill_write_npz(const mixfill_output *out, mixfill_error *err);

#endif
