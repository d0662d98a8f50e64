/* For machines other than x86-64: 16 bytes are what NEON, VSX and most others have. */
#define KERNELS mixfill_kernels_generic
#define KERNELS_NAME "generic"
#define VECTOR_BYTES 16
#include "kernel/kernel_body.inc.h"
