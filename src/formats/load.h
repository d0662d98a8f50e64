/* Reading pairs of users and items, as predictions are asked for. Ratings are loaded by
 * mixfill_ratings_load.
 *
 * Who asks for predictions need not know in which format the pairs come. */
#ifndef MIXFILL_LOAD_H
#define MIXFILL_LOAD_H

#include "formats/delimited.h"

/* Open a file and read its user,item pairs in file order. *report is all-zero on entry. */
mixfill_status mixfill_read_pairs(mixfill_read_report *report, const char *path,
                                  const mixfill_read_options *options, mixfill_record_fn fn,
                                  void *data, mixfill_error *err);

#endif
