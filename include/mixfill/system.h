/* This build, and output files that are whole or not there. */
#ifndef MIXFILL_PUBLIC_SYSTEM_H
#define MIXFILL_PUBLIC_SYSTEM_H

#include <mixfill/base.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "major.minor.patch" of the library that is running. */
MIXFILL_API const char *mixfill_version(void);

/* What this build is, and what it would use here. The strings are static. */
typedef struct mixfill_build_info {
    const char *version;
    const char *compiler;
    bool openmp;
    int32_t default_threads; /* what threads = 0 means now, of work that is not small */
    const char *isa; /* kernels that a fit would use now; NULL where MIXFILL_ISA asks for what is
                        not there */
    const char *isa_available; /* blank-separated names MIXFILL_ISA accepts here */
    const char *libzip_version;
} mixfill_build_info;

/* Describe this build. out: [out]. */
MIXFILL_API void mixfill_build_info_get(mixfill_build_info *out);

/* A number of bytes with a unit, powers of 1000, such as "12.3 MB": rounded up to a tenth of it, so
 * that room for so much is enough. out: [out] MIXFILL_BYTES_TEXT bytes; it is returned. */
enum { MIXFILL_BYTES_TEXT = 32 };
MIXFILL_API const char *mixfill_format_bytes(char out[MIXFILL_BYTES_TEXT], double bytes);

/* Processors' worth of time that the quotas of this process' control groups leave it, of version 1
 * or 2; INFINITY where there is none. Rounded up it bounds what threads = 0 means, unless
 * OMP_NUM_THREADS is set. Reads a few files below /proc and /sys. */
MIXFILL_API double mixfill_cpu_quota(void);

/* Whether an output could be created at path now, without touching it: ask before a long fit.
 * Returns MIXFILL_ERR_IO. */
MIXFILL_CHECK mixfill_status mixfill_output_check(const char *path, mixfill_error *err);

/* Write bytes to a file, atomically: under a temporary name in the same folder, then renamed.
 * path       [in] a file, or "-" for standard output.
 * bytes, len [in] what to write.
 * Returns MIXFILL_ERR_IO, MIXFILL_ERR_NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_output_write(const char *path, const void *bytes, size_t len,
                                                  mixfill_error *err);

/* An output that is written piece by piece, atomically as above. One thread writes it; several may
 * be open at a time. */
typedef struct mixfill_outfile mixfill_outfile;

/* Start an output; what was at `path` stays as it is until it is committed. Temporary files of the
 * same path left by processes that are gone are removed.
 * out      [out] to be committed or abandoned.
 * path     [in]  a file, or "-" for standard output, which like all that is no regular file is
 *                written to directly.
 * seekable [in]  the caller will seek; what is written to directly then gets its bytes at commit.
 * Returns MIXFILL_ERR_IO, _NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_outfile_open(mixfill_outfile **out, const char *path,
                                                  bool seekable, mixfill_error *err);

/* The stream to write to, fully buffered; not to be closed. */
MIXFILL_API FILE *mixfill_outfile_stream(mixfill_outfile *file);

/* Flush, sync and rename over the path; frees `file` in any case. On failure, also where an earlier
 * write failed (disk full), what was at the path stays. Returns MIXFILL_ERR_IO. */
MIXFILL_CHECK mixfill_status mixfill_outfile_commit(mixfill_outfile *file, mixfill_error *err);

/* Give up: remove what was written, free. NULL is allowed. */
MIXFILL_API void mixfill_outfile_abandon(mixfill_outfile *file);

/* Remove the temporary files of all outputs that this process is writing, in any thread; those
 * outputs then fail. Async-signal-safe: for a handler that ends the process. */
MIXFILL_API void mixfill_abandon_outputs(void);

#ifdef __cplusplus
}
#endif

#endif
