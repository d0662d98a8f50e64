/* Timestamps of ratings as text. */
#ifndef MIXFILL_TIMESTAMP_H
#define MIXFILL_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parse all of text[0..len): a whole number as it is, or YYYY-MM-DD, alone or followed by a blank
 * or 'T' and HH:MM:SS, as seconds since 1970 in UTC; false where it is neither. */
bool mixfill_parse_timestamp(const char *text, size_t len, int64_t *value);

#endif
