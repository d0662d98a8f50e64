/* Timestamps of ratings as text. */
#ifndef MIXFILL_TIMESTAMP_H
#define MIXFILL_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parse all of text[0..len): a whole number as it is; another number without its fraction; or
 * YYYY-MM-DD or YYYY/MM/DD, alone or followed by a blank or 'T', HH:MM or HH:MM:SS with or without
 * a fraction, and Z or an offset such as +02:00 (none: UTC), as seconds since 1970. False where it
 * is none of them. */
bool mixfill_parse_timestamp(const char *text, size_t len, int64_t *value);

/* Times of one file, of which the largest tells the unit: from 1e11 on milliseconds since 1970,
 * from 1e14 on microseconds, from 1e17 on nanoseconds. Make them seconds, rounded down; returns the
 * name of the unit they had, NULL where they were seconds. O(n). */
const char *mixfill_times_to_seconds(int64_t *time, int64_t n);

/* Whether all are days written as numbers, such as 20110601; n = 0: no. O(n). */
bool mixfill_times_are_days(const int64_t *time, int64_t n);

#endif
