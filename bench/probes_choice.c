/* Which probes go with which kernels. */
#include "probes.h"

#include <string.h>

#if defined(__x86_64__)
const bench_probes *bench_probes_for(const mixfill_kernels *kernels) {
    return strcmp(kernels->name, "v4") == 0   ? &bench_probes_v4
           : strcmp(kernels->name, "v3") == 0 ? &bench_probes_v3
                                              : &bench_probes_v1;
}
#else
const bench_probes *bench_probes_for(const mixfill_kernels *kernels) {
    (void)kernels;
    return &bench_probes_generic;
}
#endif
