/* Streams that unpack: one file each (source_gzip.c, source_zstd.c, source_bzip2.c, source_xz.c,
 * source_zip.c, source_tar.c). */
#ifndef MIXFILL_SOURCE_PACKED_H
#define MIXFILL_SOURCE_PACKED_H

#include "file/source.h"

/* Packed bytes from below, some at a time. */
enum { MIXFILL_PACKED = 1 << 17 };
typedef struct mixfill_packed_input {
    mixfill_source *source;
    bool end;
    int64_t n; /* bytes so far */
    unsigned char bytes[MIXFILL_PACKED];
} mixfill_packed_input;

/* Replace the bytes by those that come next, *got of them, 0 at the end or with a fault. */
mixfill_status mixfill_packed_more(mixfill_packed_input *in, size_t *got, mixfill_error *err);

/* Decoders over another source, which they own once they are there. */
mixfill_status mixfill_source_gzip(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err);
mixfill_status mixfill_source_zstd(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err);

mixfill_status mixfill_source_bzip2(mixfill_source **out, mixfill_source *packed,
                                    mixfill_error *err);
mixfill_status mixfill_source_xz(mixfill_source **out, mixfill_source *packed, mixfill_error *err);

/* The ratings of a zip, or its named member; *out stays NULL where it is to be read as it is. */
mixfill_status mixfill_source_zip(mixfill_source **out, const char *path, const char *member,
                                  mixfill_error *err);

/* The ratings of a tar archive, or its named member. Where it holds one file only, of another name,
 * *out stays NULL and *only is the name of it, to be asked for; the caller frees it. */
mixfill_status mixfill_source_tar(mixfill_source **out, char **only, mixfill_source *archive,
                                  const char *member, mixfill_error *err);

/* Whether an archive begins so: its first 512 bytes tell. */
bool mixfill_is_tar(const char *data, size_t len);

#endif
