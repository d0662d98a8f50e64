/* Numbers as text, whatever the locale of the program. */
#ifndef MIXFILL_NUMBER_H
#define MIXFILL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { MIXFILL_NUMBER_BUFFER = 32 };

/* Parse all of text[0..len) as a decimal floating-point number ("nan" and "inf" too, in any case);
 * false where it is not one. Correctly rounded; plain short decimals take a fast path. */
bool mixfill_parse_double(const char *text, size_t len, double *value);

/* Write the shortest of %.15g, %.16g and %.17g that reads back as the same double; returns the
 * length. */
size_t mixfill_format_double(char out[MIXFILL_NUMBER_BUFFER], double value);

#endif
