/* Status, errors, and how long operations are run: what every other part builds on. */
#ifndef MIXFILL_PUBLIC_BASE_H
#define MIXFILL_PUBLIC_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MIXFILL_API __attribute__((visibility("default")))
#define MIXFILL_CHECK __attribute__((visibility("default"), warn_unused_result))
#else
#define MIXFILL_API
#define MIXFILL_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mixfill_status {
    MIXFILL_OK = 0,
    MIXFILL_ERR_NOMEM,       /* out of memory */
    MIXFILL_ERR_ARG,         /* an argument or option outside its range */
    MIXFILL_ERR_IO,          /* open, read, write or rename failed */
    MIXFILL_ERR_PARSE,       /* a file's content is not what its format says */
    MIXFILL_ERR_RANGE,       /* a number outside what can be held */
    MIXFILL_ERR_DIM,         /* shapes that do not fit each other */
    MIXFILL_ERR_NUMERIC,     /* a log-likelihood that is not finite */
    MIXFILL_ERR_UNSUPPORTED, /* a file format or version that is not read */
    MIXFILL_ERR_CANCELLED    /* the progress callback asked to stop */
} mixfill_status;

/* Filled on failure only; the caller's, with nothing to release. */
typedef struct mixfill_error {
    mixfill_status status;
    int64_t line;      /* 1-based line of the input file, 0 where there is none */
    char message[512]; /* one line, no newline, cut where longer */
    char field[32];    /* "", or the field of an options struct that it is about: the message begins
                          with its name ("rank 99: ..."), or another value of the field would let
                          pass what is refused ("duplicates", of a pair given twice) */
} mixfill_error;

/* A short English name of a status, never NULL. */
MIXFILL_API const char *mixfill_status_string(mixfill_status status);

/* How much of something long is done; total is in the same unit, which the function that takes the
 * callback names. Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_done_fn)(int64_t done, int64_t total, void *data);

/* How something long is run; where a function takes one, NULL means all zero. */
typedef struct mixfill_run {
    int32_t threads;          /* 0 */
    mixfill_done_fn progress; /* NULL; called by the calling thread, as often as is cheap */
    void *progress_data;      /* NULL; handed to progress */
} mixfill_run;

#ifdef __cplusplus
}
#endif

#endif
