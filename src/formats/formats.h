/* The table of formats.
 *
 * Tests go through the rows and hold each to what it says (tests/test_format_table.c). */
#ifndef MIXFILL_FORMATS_H
#define MIXFILL_FORMATS_H

#include "formats/format.h"

/* Row i of the table, in the order in which lines are claimed; NULL behind the last. */
const mixfill_format_row *mixfill_format_row_at(size_t i);

/* The row of a format; NULL for MIXFILL_FORMAT_AUTO and for what is none. */
const mixfill_format_row *mixfill_format_row_of(mixfill_format format);

#endif
