/* Atomic outputs: bytes go to a temporary in the target's folder and replace the target on commit.
 * A target that exists and is not a regular file, and "-" (standard output), is written to
 * directly. Opening, the stream, committing and giving up are public (mixfill/system.h). */
#ifndef MIXFILL_OUTFILE_H
#define MIXFILL_OUTFILE_H

#include "base/base.h"

#include <mixfill/system.h>

/* Commit n outputs together: none replaces its target before the bytes of all are on disk. Some may
 * be NULL; all are freed in any case. MIXFILL_ERR_IO. */
mixfill_status mixfill_outfile_commit_all(mixfill_outfile *const *files, int n, mixfill_error *err);

#endif
