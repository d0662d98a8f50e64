/* AVX2 with fused multiplication and addition. */
#define KERNELS mixfill_kernels_v3
#define KERNELS_NAME "v3"
#define VECTOR_BYTES 32
#include "kernel/kernel_body.inc.h"
