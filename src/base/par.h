/* The only file that may include <omp.h>: the thread count a call uses, thread ids and wall time,
 * with serial fallbacks so that a build without OpenMP runs the same code. */
#ifndef MIXFILL_PAR_H
#define MIXFILL_PAR_H

#include <stdint.h>

/* Threads for a request: the request itself; or for 0 OMP_NUM_THREADS, or else the processors of
 * the affinity mask, and no more than what a control group's quota comes to, rounded up. 1 in a
 * build without OpenMP, and in a child forked after a parallel region, where libgomp would hang.
 *
 * Rounded up: two threads on a quota of 1.2 take all of it, one would leave a sixth. */
int32_t mixfill_par_threads(int32_t requested);

/* Work that makes one more thread worth waking and waiting for, in multiply-adds, of which a core
 * does about one in a nanosecond: 50 us, where a barrier takes 1 to 5 us among threads that run,
 * and 50 to 100 where one has to be woken. */
enum { MIXFILL_WORK_PER_THREAD = 50000 };

/* The same for work of a known size: a request is taken literally, but for 0 there are no more
 * threads than each gets that much of it, and always one. work: between two barriers. No result
 * depends on it. */
int32_t mixfill_par_threads_for(int32_t requested, double work);

/* Calling thread's number inside a parallel region, from 0. */
int32_t mixfill_par_thread_id(void);

/* Monotonic wall time in seconds. */
double mixfill_par_seconds(void);

#endif
