/* Writing delimited text. */
#ifndef MIXFILL_DELIMITED_WRITE_H
#define MIXFILL_DELIMITED_WRITE_H

#include "formats/format.h"

#include <stdio.h>

/* Write csv, dat, tab or triplets. MIXFILL_ERR_ARG (an id that would read back as another, or as
 * none), _IO, _CANCELLED. */
mixfill_status mixfill_write_delimited(const mixfill_output *out, mixfill_error *err);

/* Write text as one csv field, quoted where it must be. */
void mixfill_write_csv_field(FILE *stream, const char *text);

#endif
