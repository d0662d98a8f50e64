/* Timings of one run, as a table or as Google Benchmark's JSON. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "kernel/kernel.h"
#include "ratings/ratings.h"

#include <jansson.h>

enum { BENCH_MAX_REPETITIONS = 100 };

/* One thing measured, once per repetition. */
typedef struct bench_series {
    const char *what;
    int32_t k, threads, n; /* k 0: of no K; n repetitions so far */
    double ratings, bytes; /* handled in a repetition, or 0 */
    double real[BENCH_MAX_REPETITIONS], cpu[BENCH_MAX_REPETITIONS]; /* seconds */
    /* Of the same repetitions, or NULL: the reads alone on as many threads, the obvious loop on
     * one thread, and the same on one thread. */
    const struct bench_series *gather, *naive, *one_thread;
} bench_series;

/* Begin and end of a repetition. */
typedef struct bench_clock {
    double real, cpu;
} bench_clock;

bench_clock bench_start(void);
void bench_stop(bench_series *s, bench_clock began);

double bench_median(const double *x, int32_t n);

/* The run's context: machine, build, data. NULL when out of memory. */
json_t *bench_context(const mixfill_ratings *ratings, const mixfill_kernels *kernels,
                      const int32_t *threads, int32_t n_threads);

/* Append the repetitions of s and their median, minimum and maximum to a JSON array. */
void bench_append_json(json_t *benchmarks, const bench_series *s);

void bench_print_head(void);
void bench_print(const bench_series *s);

#endif
