/* Cost of an EM iteration and of its parts over K, beside the machine's own limits and the obvious
 * loop, all in turns in one run; with --model, what more threads would make of it. */
#include "list.h"
#include "model.h"
#include "report.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY_MODEL = 512, KEY_JSON, KEY_ISA, KEY_SHAPE, KEY_FILE, KEY_THREADS, KEY_LIMITS };

typedef struct arguments {
    const char *shape, *file;
    bench_list k, threads;
    int32_t repetitions;
    bool model, limits, json;
} arguments;

/* Measured of each number of threads, in this order: the triad empties the caches, and what is
 * compared with the gather runs beside it. */
enum { TRIAD, NAIVE, SCATTER, MOMENTS, UPDATE, ESTEP, GATHER, ITERATION, N_PARTS };
static const char *const part_names[N_PARTS] = {"triad",  "naive",  "E+scatter", "moments",
                                                "update", "E-step", "gather",    "iteration"};

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    char *end;
    switch (key) {
    case KEY_SHAPE:
        a->shape = arg;
        return 0;
    case KEY_FILE:
        a->file = arg;
        return 0;
    case 'k':
        a->k = bench_integers(state, arg, 1 << 20);
        return 0;
    case KEY_THREADS:
        a->threads = bench_integers(state, arg, 1024);
        return 0;
    case 'r':
        a->repetitions = bench_integer(state, arg, &end, BENCH_MAX_REPETITIONS);
        return 0;
    case KEY_ISA:
        return setenv("MIXFILL_ISA", arg, 1) == 0 ? 0 : errno;
    case KEY_MODEL:
        a->model = true;
        return 0;
    case KEY_LIMITS:
        a->limits = true;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option argp_options[] = {
    {"shape", KEY_SHAPE, "NAME", 0, "generated ratings, ml-100k to ml-32m (ml-10m)", 0},
    {"file", KEY_FILE, "FILE", 0, "ratings of a file instead", 0},
    {"components", 'k', "K,...", 0, "numbers of components (8,12,16,32,64)", 0},
    {"threads", KEY_THREADS, "T,...", 0, "numbers of threads (1,2)", 0},
    {"repetitions", 'r', "N", 0, "of everything, in turns, after a warm-up (7)", 0},
    {"isa", KEY_ISA, "NAME", 0, "kernels, as MIXFILL_ISA", 0},
    {"model", KEY_MODEL, NULL, 0, "predict 2 to 128 threads from one", 0},
    {"limits", KEY_LIMITS, NULL, 0, "the triad and the gather alone", 0},
    {"json", KEY_JSON, NULL, 0, "Google Benchmark's JSON instead of a table", 0},
    {0}};

/* ---- measurement ---- */

typedef struct bench {
    const arguments *arguments;
    const mixfill_ratings *ratings;
    bench_arrays arrays;
    json_t *benchmarks; /* NULL: a table */
} bench;

static void run_part(const bench *b, bench_case *c, double *naive, int part) {
    switch (part) {
    case ITERATION:
        mixfill_em_iteration(&c->ws, c->params);
        break;
    case ESTEP:
        bench_estep(c);
        break;
    case MOMENTS:
        bench_moments(c, &c->ws.acc);
        break;
    case UPDATE:
        bench_update(c);
        break;
    case NAIVE:
        bench_naive(c, naive);
        break;
    case SCATTER:
        bench_scatter(c, naive);
        break;
    case GATHER:
        bench_gather(c);
        break;
    default:
        bench_triad(&b->arrays, c->probes, c->ws.threads);
    }
}

/* The obvious loops run on one thread, in the first case only. */
static bool is_naive(int part) {
    return part == NAIVE || part == SCATTER;
}

static bool is_limit(int part) {
    return part == TRIAD || part == GATHER;
}

/* The triad wakes the threads, and the rest comes after work of theirs; the gather follows the
 * E-step, which leaves its rows in cache, unless the limits run alone. */
static bool wants_company(const bench *b, int part) {
    return part == TRIAD || (part == GATHER && b->arguments->limits);
}

/* Every part once; naive: accumulators of the obvious loops, or NULL to leave them out. */
static void repeat(const bench *b, bench_case *c, double *naive, bench_series *s) {
    for (int part = 0; part < N_PARTS; part++) {
        if (is_naive(part) ? naive == NULL : b->arguments->limits && !is_limit(part))
            continue;
        if (part == MOMENTS) {
#pragma omp parallel num_threads(c->ws.threads) default(none) shared(c)
            mixfill_em_zero(&c->ws);
            bench_update_begin(c);
        }
        if (wants_company(b, part))
            run_part(b, c, naive, part);
        bench_clock began = bench_start();
        run_part(b, c, naive, part);
        bench_stop(&s[part], began);
    }
}

static void name_series(const bench *b, bench_series s[][N_PARTS], int32_t k) {
    const bench_list *threads = &b->arguments->threads;
    for (int32_t i = 0; i < threads->n; i++)
        for (int part = 0; part < N_PARTS; part++) {
            bool memory = part == TRIAD, alone = is_naive(part);
            s[i][part] = (bench_series){
                .what = part_names[part],
                .k = memory ? 0 : k,
                .threads = alone ? 1 : threads->at[i],
                .ratings = memory ? 0 : (double)b->ratings->nnz,
                .bytes = memory ? 24.0 * BENCH_TRIAD : 0,
                .gather = memory || alone ? NULL : &s[i][GATHER],
                .naive = memory || b->arguments->limits ? NULL : &s[0][NAIVE],
                .one_thread = threads->at[0] == 1 && !alone && !memory ? &s[0][part] : NULL};
        }
}

static void report(const bench *b, bench_series s[][N_PARTS]) {
    for (int32_t i = 0; i < b->arguments->threads.n; i++)
        for (int part = 0; part < N_PARTS; part++) {
            if (s[i][part].n == 0)
                continue;
            if (b->benchmarks != NULL)
                bench_append_json(b->benchmarks, &s[i][part]);
            else
                bench_print(&s[i][part]);
        }
    fflush(stdout);
}

static mixfill_status measure(bench *b, int32_t k, mixfill_error *err) {
    const bench_list *threads = &b->arguments->threads;
    bench_case cases[BENCH_MAX_LIST] = {{0}};
    bench_series(*series)[N_PARTS] = mixfill_alloc(BENCH_MAX_LIST, sizeof *series);
    size_t row = 2 * mixfill_padded(k) * sizeof(double);
    double *naive = mixfill_alloc((size_t)b->ratings->n_items, row);
    mixfill_status st = MIXFILL_OK;
    if (series == NULL || naive == NULL) {
        st = mixfill_fail_nomem(err, "the naive loop");
        goto done;
    }
    for (int32_t i = 0; i < threads->n; i++)
        MIXFILL_TRY(bench_case_init(&cases[i], b->ratings, k, threads->at[i], err));
    /* The first round warms up: its samples are dropped. */
    for (int32_t r = -1; r < b->arguments->repetitions; r++) {
        if (r <= 0)
            name_series(b, series, k);
        for (int32_t i = 0; i < threads->n; i++)
            repeat(b, &cases[i], i == 0 && !b->arguments->limits ? naive : NULL, series[i]);
    }
    report(b, series);
done:
    for (int32_t i = 0; i < threads->n; i++)
        bench_case_clear(&cases[i]);
    mixfill_free(series);
    mixfill_free(naive);
    return st;
}

static mixfill_status predict(bench *b, int32_t k, mixfill_error *err) {
    bench_case c;
    mixfill_status st = bench_case_init(&c, b->ratings, k, 1, err);
    if (st != MIXFILL_OK)
        return st;
    st = bench_model(&c, &b->arrays, b->arguments->repetitions, b->benchmarks, err);
    bench_case_clear(&c);
    return st;
}

static mixfill_status run(bench *b, mixfill_error *err) {
    const arguments *a = b->arguments;
    const mixfill_kernels *kernels;
    json_t *root = NULL;
    mixfill_status st;
    MIXFILL_TRY(mixfill_kernels_choose(&kernels, err));
    if (a->json) {
        b->benchmarks = json_array();
        root = json_pack("{s:o, s:o}", "context",
                         bench_context(b->ratings, kernels, a->threads.at, a->threads.n),
                         "benchmarks", b->benchmarks);
    } else {
        printf("%s: %" PRId32 " users x %" PRId32 " items, %" PRId64 " ratings; kernels %s\n",
               a->file != NULL ? a->file : a->shape, b->ratings->n_users, b->ratings->n_items,
               b->ratings->nnz, kernels->name);
        if (!a->model)
            bench_print_head();
    }
    for (int32_t i = 0; i < a->k.n; i++)
        MIXFILL_TRY(a->model ? predict(b, a->k.at[i], err) : measure(b, a->k.at[i], err));
    if (root != NULL && json_dumpf(root, stdout, JSON_INDENT(2)) == 0)
        putchar('\n');
done:
    json_decref(root);
    return st;
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        argp_options, parse_option,
        NULL,         "Cost of an EM iteration and its parts, beside the machine's limits.",
        NULL,         NULL,
        NULL};
    arguments a = {
        .shape = "ml-10m", .k = {5, {8, 12, 16, 32, 64}}, .threads = {2, {1, 2}}, .repetitions = 7};
    mixfill_ratings *ratings = NULL;
    bench b = {.arguments = &a};
    mixfill_error err = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    mixfill_status st = bench_ratings(&ratings, a.file, a.shape, &err);
    b.ratings = ratings;
    if (st == MIXFILL_OK)
        st = bench_arrays_init(&b.arrays) ? run(&b, &err)
                                          : mixfill_fail_nomem(&err, "the triad's arrays");
    if (st != MIXFILL_OK)
        fprintf(stderr, "bench_fit: %s\n", err.message);
    bench_arrays_clear(&b.arrays);
    mixfill_ratings_free(ratings);
    return st == MIXFILL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
