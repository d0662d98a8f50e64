/* AVX-512, in registers of 64 bytes. */
#define KERNELS mixfill_kernels_v4
#define KERNELS_NAME "v4"
#define VECTOR_BYTES 64
#include "kernel/kernel_body.inc.h"
