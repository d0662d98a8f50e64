/* Numbers as text, whatever the locale of the program. */
#ifndef MIXFILL_NUMBER_H
#define MIXFILL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MIXFILL_NUMBER_BUFFER = 32 };

/* Parse all of text[0..len) as a decimal floating-point number ("nan" and "inf" too, in any case);
 * false where it is not one. Correctly rounded; plain short decimals take a fast path. */
bool mixfill_parse_double(const char *text, size_t len, double *value);

/* The same with a comma for the point, of which there must be one: "3,5" and not "3.5". */
bool mixfill_parse_comma(const char *text, size_t len, double *value);

/* Write the shortest of %.15g, %.16g and %.17g that reads back as the same double; returns the
 * length. */
size_t mixfill_format_double(char out[MIXFILL_NUMBER_BUFFER], double value);

/* Write a number with so many digits behind the point, 0 to MIXFILL_MAX_DECIMALS, never "-0.00"; as
 * mixfill_format_double does where there are more, or where it is too large for them to matter.
 * Returns the length. */
enum { MIXFILL_MAX_DECIMALS = 15 };
size_t mixfill_format_decimals(char out[MIXFILL_NUMBER_BUFFER], double value, int32_t decimals);

#endif
