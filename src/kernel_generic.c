#define KERNELS mixfill_kernels_generic
#define KERNELS_NAME "generic"
#define VECTOR_BYTES 16
#include "kernel_body.inc.h"
