/* Ratings as libFM and libsvm have them. */
#ifndef MIXFILL_LIBFM_H
#define MIXFILL_LIBFM_H

#include "formats/format.h"

bool mixfill_libfm_claims(const mixfill_first_line *line);
mixfill_status mixfill_read_libfm(const mixfill_input *in, mixfill_error *err);

#endif
