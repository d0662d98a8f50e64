#define KERNELS mixfill_kernels_v1
#define KERNELS_NAME "v1"
#include "kernel_body.inc.h"
