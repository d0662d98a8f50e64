/* Titles of items, and texts from outside that are to be shown. */
#ifndef MIXFILL_TITLES_H
#define MIXFILL_TITLES_H

#include "ratings/ids.h"

/* A text as it can be shown and put into JSON: UTF-8 as it is, anything else taken as Latin-1;
 * control characters become '?'. Writes at most 2 len bytes to out; returns how many. */
size_t mixfill_text_to_utf8(char *out, const char *text, size_t len);

/* The ids of the items that have a title. */
const mixfill_ids *mixfill_titles_items(const mixfill_titles *titles);

#endif
