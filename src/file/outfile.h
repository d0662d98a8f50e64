/* Atomic outputs: bytes go to a temporary in the target's folder and replace the target on commit.
 * A target that exists and is not a regular file, and "-" (standard output), is written to
 * directly.
 *
 * One output is written by one thread; several may be open at a time. */
#ifndef MIXFILL_OUTFILE_H
#define MIXFILL_OUTFILE_H

#include "base/base.h"

#include <stdio.h>

typedef struct mixfill_outfile mixfill_outfile;

/* Start an output. Stale temporaries of the same target, left by processes that are gone, are
 * removed. seekable: the caller will seek; a target written to directly then gets its bytes at
 * commit, from an unnamed temporary. MIXFILL_ERR_IO, MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_outfile_open(mixfill_outfile **out, const char *path, bool seekable,
                                    mixfill_error *err);

/* Stream to write to, opened "w+b", fully buffered. */
FILE *mixfill_outfile_stream(mixfill_outfile *file);

/* Flush, fsync, rename over the target, fsync the folder; frees `file` in any case, and on failure
 * (disk full, a write that failed earlier) removes the temporary and leaves the target as it was.
 */
mixfill_status mixfill_outfile_commit(mixfill_outfile *file, mixfill_error *err);

/* Give up: remove the temporary, free. NULL is allowed, so that it can follow a commit under
 * `done:`. */
void mixfill_outfile_abandon(mixfill_outfile *file);

#endif
