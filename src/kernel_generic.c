#define KERNELS mixfill_kernels_generic
#define KERNELS_NAME "generic"
#include "kernel_body.inc.h"
