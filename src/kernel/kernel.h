/* The kernels that fit this machine, and the grid that their sums are rounded to. */
#ifndef MIXFILL_KERNEL_H
#define MIXFILL_KERNEL_H

#include "kernel/kernel_table.h"

/* The kernels to use here: the best this machine has, or what MIXFILL_ISA (v1, v3, v4; generic off
 * x86-64) asks for. MIXFILL_ERR_ARG where that is not available. */
mixfill_status mixfill_kernels_choose(const mixfill_kernels **out, mixfill_error *err);

/* Blank-separated names mixfill_kernels_choose accepts here. */
const char *mixfill_kernels_available(void);

/* The constant b with which (p + b) - b rounds a sum p to the exact grid of a bound: 1.5 *
 * 2^(52-g), g the largest exponent with bound * 2^g < 2^51. Sums of so rounded terms, |sum| <=
 * bound, are exact in any order. bound 0 gives 0 (no rounding). docs/model.md 8.2. */
double mixfill_grid(double bound);

#endif
