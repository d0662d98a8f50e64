/* The parts of an iteration and the machine's limits, each to be timed alone. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include "fit/memory.h"
#include "mixture/em.h"
#include "mixture/mstep.h"
#include "probes.h"

/* A fit of one K on some threads, past its first iterations. */
typedef struct bench_case {
    const mixfill_ratings *ratings;
    const bench_probes *probes;
    mixfill_options options;
    mixfill_job job;
    mixfill_workspace ws;
    mixfill_mixtures *params;
    mixfill_mixtures *updated; /* what bench_update writes */
} bench_case;

/* From means drawn around the ratings' with a fixed seed; ratings are borrowed. The struct must
 * stay where it is. */
mixfill_status bench_case_init(bench_case *c, const mixfill_ratings *ratings, int32_t k,
                               int32_t threads, mixfill_error *err);
void bench_case_clear(bench_case *c);

/* E-step of every block alone. */
void bench_estep(bench_case *c);

/* Moments of the common items of every block from the responsibilities into acc. */
void bench_moments(bench_case *c, mixfill_accumulators *acc);

/* Reduction of the accumulators, moments of the rare items, and new means and variances, into
 * c->updated. bench_update_begin is not part of it. */
void bench_update_begin(bench_case *c);
void bench_update(bench_case *c);

/* The reads of the E-step alone. */
void bench_gather(bench_case *c);

/* The obvious iteration: user by user, E-step, then moments straight into acc (D,2,kp), which it
 * clears first; without the update of the means. In plain loops, and with the library's E-step, so
 * that only the moments differ. One thread. */
void bench_naive(bench_case *c, double *acc);
void bench_scatter(bench_case *c, double *acc);

/* STREAM's triad on arrays that outgrow the caches. */
enum { BENCH_TRIAD = 1 << 24 }; /* doubles an array */
typedef struct bench_arrays {
    double *a, *b, *c;
} bench_arrays;

/* Touched first by OMP_NUM_THREADS threads, as as many will use them. */
bool bench_arrays_init(bench_arrays *x);
void bench_arrays_clear(bench_arrays *x);
void bench_triad(const bench_arrays *x, const bench_probes *probes, int32_t threads);

#endif
