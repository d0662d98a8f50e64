/* Large pages for large arrays. */
#ifndef MIXFILL_PAGES_H
#define MIXFILL_PAGES_H

#include <stddef.h>

/* Ask that an array about to be filled comes in large pages, which are faster to get (by an order
 * of magnitude in some virtual machines) and to find. A hint: small arrays and systems without
 * large pages are left alone. */
void mixfill_want_large_pages(void *memory, size_t bytes);

#endif
