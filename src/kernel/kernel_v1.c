/* Every x86-64: SSE2. */
#define KERNELS mixfill_kernels_v1
#define KERNELS_NAME "v1"
#define VECTOR_BYTES 16
#include "kernel/kernel_body.inc.h"
