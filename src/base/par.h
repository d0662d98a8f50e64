/* The only file that may include <omp.h>: the thread count a call uses, thread ids and wall time,
 * with serial fallbacks so that a build without OpenMP runs the same code. */
#ifndef MIXFILL_PAR_H
#define MIXFILL_PAR_H

#include <stdint.h>

/* Threads for a request: the request itself, or OMP_NUM_THREADS or the affinity mask for 0. 1 in a
 * build without OpenMP, and in a child forked after a parallel region, where libgomp would hang. */
int32_t mixfill_par_threads(int32_t requested);

/* Calling thread's number inside a parallel region, from 0. */
int32_t mixfill_par_thread_id(void);

/* Monotonic wall time in seconds. */
double mixfill_par_seconds(void);

#endif
