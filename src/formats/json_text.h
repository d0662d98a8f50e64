/* Ratings as JSON: an object a line, or one array of objects. */
#ifndef MIXFILL_JSON_TEXT_H
#define MIXFILL_JSON_TEXT_H

#include "formats/format.h"

bool mixfill_json_begins(const char *data, size_t len);
mixfill_status mixfill_read_json(const mixfill_input *in, mixfill_error *err);

#endif
