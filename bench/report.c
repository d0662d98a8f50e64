/* Timings of one run, as a table or as Google Benchmark's JSON. */
#include "report.h"

#include "base/par.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bench_clock bench_start(void) {
    return (bench_clock){.cpu = cpu_seconds(), .real = mixfill_par_seconds()};
}

void bench_stop(bench_series *s, bench_clock began) {
    s->real[s->n] = mixfill_par_seconds() - began.real;
    s->cpu[s->n++] = cpu_seconds() - began.cpu;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(const double *x, int32_t n) {
    double sorted[BENCH_MAX_REPETITIONS];
    memcpy(sorted, x, (size_t)n * sizeof *x);
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static double minimum(const double *x, int32_t n) {
    double least = x[0];
    for (int32_t i = 1; i < n; i++)
        least = fmin(least, x[i]);
    return least;
}

static double maximum(const double *x, int32_t n) {
    double most = x[0];
    for (int32_t i = 1; i < n; i++)
        most = fmax(most, x[i]);
    return most;
}

/* Quotients to another series, repetition by repetition: what disturbs the machine for a while
 * disturbs both. */
static void quotients(double *out, const bench_series *s, const bench_series *to) {
    for (int32_t i = 0; i < s->n; i++)
        out[i] = s->real[i] / to->real[i];
}

/* ---- table ---- */

void bench_print_head(void) {
    printf("%4s %7s  %-13s %10s %10s %10s %10s %8s %8s %9s\n", "K", "threads", "what", "median ms",
           "min", "max", "ns/rating", "x gather", "x naive", "x 1 thr.");
}

static void print_quotient(const bench_series *s, const bench_series *to, int width) {
    double q[BENCH_MAX_REPETITIONS];
    if (to == NULL) {
        printf(" %*s", width, "");
        return;
    }
    quotients(q, s, to);
    printf(" %*.3f", width, bench_median(q, s->n));
}

void bench_print(const bench_series *s) {
    double median = bench_median(s->real, s->n);
    char k[16] = "";
    if (s->k > 0)
        snprintf(k, sizeof k, "%" PRId32, s->k);
    printf("%4s %7" PRId32 "  %-13s %10.2f %10.2f %10.2f", k, s->threads, s->what, 1e3 * median,
           1e3 * minimum(s->real, s->n), 1e3 * maximum(s->real, s->n));
    if (s->bytes > 0) {
        printf("  %.1f GB/s\n", 1e-9 * s->bytes / median);
        return;
    }
    printf(" %10.3f", 1e9 * median / s->ratings);
    print_quotient(s, s->gather, 8);
    print_quotient(s, s->naive, 8);
    print_quotient(s, s->one_thread, 9);
    putchar('\n');
}

/* ---- JSON ---- */

json_t *bench_context(const mixfill_ratings *ratings, const mixfill_kernels *kernels,
                      const int32_t *threads, int32_t n_threads) {
    char date[64];
    time_t now = time(NULL);
    struct tm local;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S%z", localtime_r(&now, &local));
    mixfill_build_info build;
    mixfill_build_info_get(&build);
#if defined(NDEBUG)
    const char *type = "release";
#else
    const char *type = "debug";
#endif
    json_t *list = json_array();
    for (int32_t i = 0; i < n_threads; i++)
        json_array_append_new(list, json_integer(threads[i]));
    return json_pack("{s:s, s:i, s:s, s:o, s:s, s:s, s:s, s:i, s:i, s:I}", "date", date, "num_cpus",
                     (int)sysconf(_SC_NPROCESSORS_ONLN), "library_build_type", type, "threads",
                     list, "isa", kernels->name, "compiler", build.compiler, "version",
                     build.version, "n_users", ratings->n_users, "n_items", ratings->n_items,
                     "n_ratings", (json_int_t)ratings->nnz);
}

static void set_real(json_t *object, const char *key, double value) {
    json_object_set_new(object, key, json_real(value));
}

/* An entry with the given seconds and quotients, 0 where there is none. */
static json_t *entry(const bench_series *s, const char *suffix, double real, double cpu,
                     const double quotient[3]) {
    char run[96], name[128];
    if (s->k > 0)
        snprintf(run, sizeof run, "%s/K:%" PRId32 "/threads:%" PRId32, s->what, s->k, s->threads);
    else
        snprintf(run, sizeof run, "%s/threads:%" PRId32, s->what, s->threads);
    snprintf(name, sizeof name, "%s%s", run, suffix);
    json_t *o = json_pack("{s:s, s:s, s:i, s:i, s:i, s:f, s:f, s:s}", "name", name, "run_name", run,
                          "repetitions", (int)s->n, "iterations", 1, "threads", (int)s->threads,
                          "real_time", 1e3 * real, "cpu_time", 1e3 * cpu, "time_unit", "ms");
    if (s->bytes > 0)
        set_real(o, "bytes_per_second", s->bytes / real);
    if (s->ratings > 0) {
        set_real(o, "items_per_second", s->ratings / real);
        set_real(o, "ns_per_rating", 1e9 * real / s->ratings);
    }
    static const char *const keys[] = {"times_gather", "times_naive", "times_one_thread"};
    for (int i = 0; i < 3; i++)
        if (quotient[i] > 0)
            set_real(o, keys[i], quotient[i]);
    return o;
}

static void append_aggregate(json_t *benchmarks, const bench_series *s, const char *name,
                             double (*of)(const double *, int32_t),
                             double q[3][BENCH_MAX_REPETITIONS]) {
    char suffix[16];
    snprintf(suffix, sizeof suffix, "_%s", name);
    double quotient[3];
    for (int i = 0; i < 3; i++)
        quotient[i] = of(q[i], s->n);
    json_t *o = entry(s, suffix, of(s->real, s->n), of(s->cpu, s->n), quotient);
    json_object_set_new(o, "run_type", json_string("aggregate"));
    json_object_set_new(o, "aggregate_name", json_string(name));
    json_array_append_new(benchmarks, o);
}

void bench_append_json(json_t *benchmarks, const bench_series *s) {
    const bench_series *to[] = {s->gather, s->naive, s->one_thread};
    double q[3][BENCH_MAX_REPETITIONS] = {{0}};
    for (int i = 0; i < 3; i++)
        if (to[i] != NULL)
            quotients(q[i], s, to[i]);
    for (int32_t i = 0; i < s->n; i++) {
        json_t *o = entry(s, "", s->real[i], s->cpu[i], (double[]){q[0][i], q[1][i], q[2][i]});
        json_object_set_new(o, "run_type", json_string("iteration"));
        json_object_set_new(o, "repetition_index", json_integer(i));
        json_array_append_new(benchmarks, o);
    }
    append_aggregate(benchmarks, s, "median", bench_median, q);
    append_aggregate(benchmarks, s, "min", minimum, q);
    append_aggregate(benchmarks, s, "max", maximum, q);
}
