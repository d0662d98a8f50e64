/* What the fuzz targets share: bytes as a file with a path, and what must hold after every read. */
#ifndef FUZZ_H
#define FUZZ_H

#define _GNU_SOURCE /* memfd_create */

#include "ratings/ratings.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Replace the content of the file at *path, which is made by the first call. */
static inline void fuzz_write(const char **path, const uint8_t *data, size_t size) {
    static int fd = -1; /* one process, one file */
    static char name[64];
    if (fd < 0) {
        fd = memfd_create("input", 0);
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    *path = name;
}

static inline void fuzz_require(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "fuzz: %s\n", what);
        abort();
    }
}

/* One line, whatever was in the file. */
static inline void fuzz_check_error(mixfill_status st, const mixfill_error *err) {
    fuzz_require(err->status == st, "the error's status is not the one returned");
    fuzz_require(err->message[0] != '\0' && strchr(err->message, '\n') == NULL, "not one line");
}

/* Load ratings, which must be valid, or fail with a message; nothing may be left behind. */
static inline void fuzz_load(const char *path, const mixfill_read_options *options) {
    mixfill_error err = {0};
    mixfill_ratings *ratings = NULL;
    mixfill_status st = mixfill_ratings_load(&ratings, NULL, path, options, &err);
    if (st == MIXFILL_OK)
        fuzz_require(mixfill_ratings_validate(ratings, path, &err) == MIXFILL_OK, err.message);
    else
        fuzz_check_error(st, &err);
    mixfill_ratings_free(ratings);
    fuzz_require(mixfill_alloc_live == 0, "memory is left behind");
}

#endif
