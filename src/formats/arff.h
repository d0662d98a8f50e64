/* Ratings as Weka's ARFF. */
#ifndef MIXFILL_ARFF_H
#define MIXFILL_ARFF_H

#include "formats/format.h"

bool mixfill_arff_claims(const mixfill_first_line *line);
mixfill_status mixfill_read_arff(const mixfill_input *in, mixfill_error *err);

#endif
