/* Streams of bytes beneath the readers: a file or standard input, what packed data holds, or a
 * member of an archive. Told apart by their first bytes; nothing is held but a buffer.
 *
 * Streams stand on each other: a decoder reads from the source beneath it and is read like any
 * other. All of them are read from front to back, once, by one thread.
 *
 *     ratings.csv        file
 *     ratings.csv.gz     gzip over file
 *     ml-latest.zip      member, which opens the archive by its path
 *     ml-latest.tar.gz   member over gzip over file
 *     - (a pipe)         file over descriptor 0, and all that stands on it but a zip */
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
    const char *packing; /* "gzip", "zip", "tar" and so on; NULL: bytes as the file has them */
    int64_t size;        /* of a regular file read as it is, 0 for others */
    bool is_stdin;
};

/* NULL is allowed. */
void mixfill_source_close(mixfill_source *source);

/* Most bytes that so many packed ones may unpack to: text and arrays of ratings stay far below,
 * what is made to fill memory does not. */
int64_t mixfill_unpacked_limit(int64_t packed);

/* MIXFILL_ERR_PARSE for a stream beyond it. */
mixfill_status mixfill_fail_bomb(mixfill_error *err);

/* A copy of a string, NULL when out of memory. */
char *mixfill_copy_string(const char *text);

#endif
