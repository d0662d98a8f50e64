/* Telling the format of a file from its content. */
#ifndef MIXFILL_DETECT_H
#define MIXFILL_DETECT_H

#include "file/lines.h"

/* Tell the format of what comes next; pairs: records need no rating, so nothing is dense.
 * MIXFILL_ERR_PARSE (empty), MIXFILL_ERR_UNSUPPORTED (compressed and other files not read), with a
 * message that says what to do. A byte order mark is consumed. */
mixfill_status mixfill_detect_format(mixfill_format *format, mixfill_lines *lines, bool pairs,
                                     mixfill_error *err);

#endif
