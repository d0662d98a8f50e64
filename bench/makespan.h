/* Simulated dynamic scheduling of blocks. */
#ifndef BENCH_MAKESPAN_H
#define BENCH_MAKESPAN_H

#include <stdint.h>

enum { BENCH_MAX_THREADS = 1024 };

/* When the last of n blocks is done, if each in turn goes to the thread that is free first. cost
 * (n) >= 0; 1 <= threads <= BENCH_MAX_THREADS. O(n threads). */
double bench_makespan(const double *cost, int32_t n, int32_t threads);

#endif
