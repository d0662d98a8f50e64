/* Simulated dynamic scheduling of blocks. */
#include "makespan.h"

double bench_makespan(const double *cost, int32_t n, int32_t threads) {
    double busy[BENCH_MAX_THREADS] = {0}, last = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t first = 0;
        for (int32_t t = 1; t < threads; t++)
            if (busy[t] < busy[first])
                first = t;
        busy[first] += cost[i];
        last = busy[first] > last ? busy[first] : last;
    }
    return last;
}
