/* Streams of bytes beneath the readers: a file or standard input, what gzip or zstd data holds, or
 * a member of a zip. Told apart by their first bytes; nothing is held but a buffer. */
#ifndef MIXFILL_SOURCE_H
#define MIXFILL_SOURCE_H

#include "base/base.h"

typedef struct mixfill_source mixfill_source;

/* What every kind of stream begins with. */
struct mixfill_source {
    /* Up to n > 0 bytes, *got of them, 0 at the end. err is not NULL; where the status is
     * MIXFILL_ERR_PARSE its message says what is wrong with the stream but not where. */
    mixfill_status (*read)(mixfill_source *source, void *to, size_t n, size_t *got,
                           mixfill_error *err);
    void (*close)(mixfill_source *source); /* frees the source too */
    char *name;                            /* for messages: the path, "(stdin)", or "PATH:MEMBER" */
    const char *packing; /* "gzip", "zstd", "zip"; NULL: bytes as the file has them */
    int64_t size;        /* of a regular file read as it is, 0 for others */
    bool is_stdin;
};

/* Open a file, "-" being standard input, and what it packs. A zip that holds .npy arrays, or that
 * cannot be opened, is given as it is, unless a member is named.
 * member: NULL, or the member of a zip to read, by its name with or without folders.
 * MIXFILL_ERR_IO, MIXFILL_ERR_PARSE (zip without a member to read, or with several),
 * MIXFILL_ERR_UNSUPPORTED (zstd not built in), MIXFILL_ERR_ARG (member of what is no zip),
 * MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_source_open(mixfill_source **out, const char *path, const char *member,
                                   mixfill_error *err);

/* NULL is allowed. */
void mixfill_source_close(mixfill_source *source);

/* Decoders over another source, which they own once they are there. */
mixfill_status mixfill_source_gzip(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err);
mixfill_status mixfill_source_zstd(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err);

/* The ratings of a zip, or its named member; *out stays NULL where it is to be read as it is. */
mixfill_status mixfill_source_zip(mixfill_source **out, const char *path, const char *member,
                                  mixfill_error *err);

/* Most bytes that so many packed ones may unpack to: text and arrays of ratings stay far below,
 * what is made to fill memory does not. */
int64_t mixfill_unpacked_limit(int64_t packed);

/* MIXFILL_ERR_PARSE for a stream beyond it. */
mixfill_status mixfill_fail_bomb(mixfill_error *err);

/* A copy of a string, NULL when out of memory. */
char *mixfill_copy_string(const char *text);

#endif
