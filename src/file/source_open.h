/* Opening a file with whatever unpacks it. */
#ifndef MIXFILL_SOURCE_OPEN_H
#define MIXFILL_SOURCE_OPEN_H

#include "file/source.h"

/* Open a file, "-" being standard input, and what it packs. A zip that holds .npy arrays, or that
 * cannot be opened, is given as it is, unless a member is named.
 * member: NULL, or the member of an archive to read, by its name with or without folders.
 * MIXFILL_ERR_IO, MIXFILL_ERR_PARSE (an archive without a member to read, or with several),
 * MIXFILL_ERR_UNSUPPORTED (a decoder not built in), MIXFILL_ERR_ARG (member of what is no archive),
 * MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_source_open(mixfill_source **out, const char *path, const char *member,
                                   mixfill_error *err);

#endif
