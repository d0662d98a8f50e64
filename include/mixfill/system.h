/* This build, and output files that are whole or not there. */
#ifndef MIXFILL_PUBLIC_SYSTEM_H
#define MIXFILL_PUBLIC_SYSTEM_H

#include <mixfill/base.h>

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

/* Remove the temporary files of all outputs that this process is writing, in any thread; those
 * outputs then fail. Async-signal-safe: for a handler that ends the process. */
MIXFILL_API void mixfill_abandon_outputs(void);

#ifdef __cplusplus
}
#endif

#endif
