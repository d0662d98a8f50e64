/* Streams that unpack: one file each (source_gzip.c, source_zstd.c, source_zip.c). */
#ifndef MIXFILL_SOURCE_PACKED_H
#define MIXFILL_SOURCE_PACKED_H

#include "file/source.h"

/* Decoders over another source, which they own once they are there. */
mixfill_status mixfill_source_gzip(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err);
mixfill_status mixfill_source_zstd(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err);

/* The ratings of a zip, or its named member; *out stays NULL where it is to be read as it is. */
mixfill_status mixfill_source_zip(mixfill_source **out, const char *path, const char *member,
                                  mixfill_error *err);

#endif
