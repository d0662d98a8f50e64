#define KERNELS mixfill_kernels_generic
#define KERNELS_NAME "generic"
#define VECTOR_BYTES 16
#include "kernel/kernel_body.inc.h"
