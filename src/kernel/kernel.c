/* Choice of the kernels, and the grid they round to.
 *
 * The choice is made while the program runs: one build serves every machine. The levels are those
 * of the x86-64 psABI (v3: AVX2 and FMA, v4: AVX-512). Since fused operations round once where two
 * round twice, results are the same on all machines of one level, not across levels. */
#include "kernel/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
static bool has_v3(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

static bool has_v4(void) {
    return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

const char *mixfill_kernels_available(void) {
    return has_v4() ? "v1 v3 v4" : has_v3() ? "v1 v3" : "v1";
}

static const mixfill_kernels *find(const char *name) {
    if (strcmp(name, "v4") == 0 && has_v4())
        return &mixfill_kernels_v4;
    if (strcmp(name, "v3") == 0 && has_v3())
        return &mixfill_kernels_v3;
    return strcmp(name, "v1") == 0 ? &mixfill_kernels_v1 : NULL;
}

static const char *best(void) {
    return has_v4() ? "v4" : has_v3() ? "v3" : "v1";
}
#else
const char *mixfill_kernels_available(void) {
    return "generic";
}

static const mixfill_kernels *find(const char *name) {
    return strcmp(name, "generic") == 0 ? &mixfill_kernels_generic : NULL;
}

static const char *best(void) {
    return "generic";
}
#endif

mixfill_status mixfill_kernels_choose(const mixfill_kernels **out, mixfill_error *err) {
    const char *asked = getenv("MIXFILL_ISA");
    const mixfill_kernels *kernels = find(asked != NULL && asked[0] != '\0' ? asked : best());
    if (kernels == NULL)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "MIXFILL_ISA: '%.20s', expected one of: %s",
                            asked, mixfill_kernels_available());
    *out = kernels;
    return MIXFILL_OK;
}

/* Adding b = 1.5 * 2^(52 - g) pushes what lies below 2^-g out of the mantissa; subtracting it
 * leaves p rounded to a multiple of 2^-g. With the 1.5, p + b stays between 2^(52 - g) and 2^(53 -
 * g), where doubles are 2^-g apart, for p of either sign and up to 2^(51 - g), hence SUM_BITS
 * (docs/model.md 8.2). */
double mixfill_grid(double bound) {
    enum { SUM_BITS = 51, MANTISSA_BITS = 52 };
    if (bound == 0)
        return 0;
    int exponent;
    frexp(bound, &exponent); /* bound < 2^exponent */
    return ldexp(1.5, MANTISSA_BITS - (SUM_BITS - exponent));
}
