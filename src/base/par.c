/* OpenMP shim. */
#include "base/par.h"

#include "base/quota.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

enum { MAX_THREADS = 4096 };

#ifdef _OPENMP
/* The process that first asked for threads. libgomp's pool does not survive fork, and nothing but
 * the process id tells a child from its parent, hence the one mutable static. */
static _Atomic long first_process = 0;

static int forked(void) {
    long self = (long)getpid();
    long expected = 0;
    return !atomic_compare_exchange_strong_explicit(&first_process, &expected, self,
                                                    memory_order_relaxed, memory_order_relaxed) &&
           expected != self;
}

/* A quota bounds what nobody asked for. */
static int32_t default_threads(void) {
    int32_t threads = omp_get_max_threads();
    if (getenv("OMP_NUM_THREADS") != NULL)
        return threads;
    return (int32_t)fmin(threads, fmax(1, ceil(mixfill_quota_cpus(""))));
}
#endif

int32_t mixfill_par_threads(int32_t requested) {
#ifdef _OPENMP
    if (forked())
        return 1;
    int32_t threads = requested > 0 ? requested : default_threads();
    return threads < MAX_THREADS ? threads : MAX_THREADS;
#else
    (void)requested;
    return 1;
#endif
}

int32_t mixfill_par_threads_for(int32_t requested, double work) {
    double most = requested > 0 ? requested : work / MIXFILL_WORK_PER_THREAD;
    if (!(most >= 2)) /* before any file is read for the quota */
        return mixfill_par_threads(1);
    int32_t threads = mixfill_par_threads(requested);
    return most < threads ? (int32_t)most : threads;
}

int32_t mixfill_par_thread_id(void) {
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

double mixfill_par_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
