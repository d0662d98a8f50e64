/* A stopwatch for the steps of something that repeats: each step ends its own lap, so that the code
 * that calls the steps shows them and nothing else. */
#ifndef MIXFILL_LAPS_H
#define MIXFILL_LAPS_H

#include "base/par.h"

enum { MIXFILL_MAX_LAPS = 8 };

typedef struct mixfill_laps {
    double since;                     /* when the last lap ended */
    double seconds[MIXFILL_MAX_LAPS]; /* of each step, since the start */
} mixfill_laps;

static inline void mixfill_laps_start(mixfill_laps *laps) {
    *laps = (mixfill_laps){.since = mixfill_par_seconds()};
}

/* What has passed since the last lap belongs to `step`. */
static inline void mixfill_lap(mixfill_laps *laps, int step) {
    double now = mixfill_par_seconds();
    laps->seconds[step] += now - laps->since;
    laps->since = now;
}

/* The same in a parallel region, of whose threads one keeps the laps. */
static inline void mixfill_lap_of_region(mixfill_laps *laps, int step) {
    (void)laps;
    (void)step;
#pragma omp master
    mixfill_lap(laps, step);
}

#endif
