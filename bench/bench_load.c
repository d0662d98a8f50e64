/* How long loading a ratings file takes: bench_load FILE [REPETITIONS] [THREADS] prints JSON as
 * Google Benchmark does. Uses the public API only. */
#include <mixfill/mixfill.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MIN_REPETITIONS = 5, MAX_REPETITIONS = 1000 };

typedef struct timing {
    double real, cpu; /* ns */
} timing;

typedef struct bench {
    const char *path;
    int32_t threads;
    int64_t ratings, bytes;
    int repetitions;
    timing time[MAX_REPETITIONS];
} bench;

static double now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* One load; false after a message on stderr. */
static bool load_once(bench *b, timing *t) {
    mixfill_read_options options;
    mixfill_error err;
    mixfill_ratings *ratings = NULL;
    mixfill_read_options_init(&options);
    options.threads = b->threads;
    timing begin = {now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_PROCESS_CPUTIME_ID)};
    mixfill_status st = mixfill_ratings_load(&ratings, NULL, b->path, &options, &err);
    t->real = now_ns(CLOCK_MONOTONIC) - begin.real;
    t->cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin.cpu;
    if (st != MIXFILL_OK) {
        fprintf(stderr, "bench_load: %s\n", err.message);
        return false;
    }
    b->ratings = mixfill_ratings_count(ratings);
    mixfill_ratings_free(ratings);
    return true;
}

static int by_real(const void *a, const void *b) {
    const timing *x = a, *y = b;
    return (x->real > y->real) - (x->real < y->real);
}

static void print_context(const bench *b) {
    char date[64];
    time_t now = time(NULL);
    struct tm parts;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
#ifdef NDEBUG
    const char *build = "release";
#else
    const char *build = "debug";
#endif
    printf("{\n  \"context\": {\"date\": \"%s\", \"num_cpus\": %ld, \"library_version\": \"%s\", "
           "\"library_build_type\": \"%s\", \"ratings\": %" PRId64 ", \"bytes\": %" PRId64
           "},\n  \"benchmarks\": [",
           date, sysconf(_SC_NPROCESSORS_ONLN), mixfill_version(), build, b->ratings, b->bytes);
}

/* One entry; aggregate is NULL for a repetition, whose number is `index`. */
static void print_entry(const bench *b, timing t, const char *aggregate, int index) {
    printf("%s\n    {\"name\": \"load/threads:%" PRId32
           "%s%s\", \"run_name\": \"load/threads:%" PRId32 "\", \"run_type\": \"%s\", ",
           index > 0 || aggregate != NULL ? "," : "", b->threads, aggregate != NULL ? "_" : "",
           aggregate != NULL ? aggregate : "", b->threads,
           aggregate != NULL ? "aggregate" : "iteration");
    if (aggregate != NULL)
        printf("\"aggregate_name\": \"%s\", ", aggregate);
    else
        printf("\"repetition_index\": %d, ", index);
    printf("\"repetitions\": %d, \"threads\": %" PRId32
           ", \"iterations\": %d, \"real_time\": %.0f, "
           "\"cpu_time\": %.0f, \"time_unit\": \"ns\", \"items_per_second\": %.0f, "
           "\"bytes_per_second\": %.0f}",
           b->repetitions, b->threads, aggregate != NULL ? b->repetitions : 1, t.real, t.cpu,
           1e9 * (double)b->ratings / t.real, 1e9 * (double)b->bytes / t.real);
}

static void print_results(bench *b) {
    int n = b->repetitions;
    print_context(b);
    for (int i = 0; i < n; i++)
        print_entry(b, b->time[i], NULL, i);
    qsort(b->time, (size_t)n, sizeof *b->time, by_real);
    timing low = b->time[(n - 1) / 2], high = b->time[n / 2];
    timing median = {(low.real + high.real) / 2, (low.cpu + high.cpu) / 2};
    print_entry(b, median, "median", n);
    print_entry(b, b->time[0], "min", n);
    print_entry(b, b->time[n - 1], "max", n);
    printf("\n  ]\n}\n");
}

/* argument: its text, or NULL for the default; 0 where it is not a number in range. */
static int read_count(const char *argument, int otherwise, int least, int most) {
    char *end;
    if (argument == NULL)
        return otherwise;
    long value = strtol(argument, &end, 10);
    return *argument != '\0' && *end == '\0' && value >= least && value <= most ? (int)value : 0;
}

int main(int argc, char **argv) {
    static bench b;
    struct stat status;
    timing warm_up;
    b.repetitions = argc > 1 ? read_count(argc > 2 ? argv[2] : NULL, MIN_REPETITIONS,
                                          MIN_REPETITIONS, MAX_REPETITIONS)
                             : 0;
    b.threads = argc > 1 ? read_count(argc > 3 ? argv[3] : NULL, 1, 1, 4096) : 0;
    if (argc > 4 || b.repetitions == 0 || b.threads == 0) {
        fprintf(stderr, "usage: bench_load FILE [REPETITIONS, 5 to 1000] [THREADS]\n");
        return 2;
    }
    b.path = argv[1];
    if (stat(b.path, &status) == 0)
        b.bytes = (int64_t)status.st_size;
    if (!load_once(&b, &warm_up))
        return 1;
    for (int i = 0; i < b.repetitions; i++)
        if (!load_once(&b, &b.time[i]))
            return 1;
    print_results(&b);
    return 0;
}
