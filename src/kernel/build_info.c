/* What this build is and what it would use here. */
#include "base/par.h"
#include "base/quota.h"
#include "kernel/kernel.h"

#include <zip.h>

double mixfill_cpu_quota(void) {
    return mixfill_quota_cpus("");
}

void mixfill_build_info_get(mixfill_build_info *out) {
    const mixfill_kernels *kernels = NULL;
    if (mixfill_kernels_choose(&kernels, NULL) != MIXFILL_OK)
        kernels = NULL;
    *out = (mixfill_build_info){
        .version = mixfill_version(),
#ifdef __clang__
        .compiler = __VERSION__,
#else
        .compiler = "gcc " __VERSION__,
#endif
#ifdef _OPENMP
        .openmp = true,
#endif
        .default_threads = mixfill_par_threads(0),
        .isa = kernels != NULL ? kernels->name : NULL,
        .isa_available = mixfill_kernels_available(),
        .libzip_version = zip_libzip_version(),
    };
}
