/* Cost of an iteration of `factor` over the rank, step by step, beside what reading and what
 * arithmetic alone would take, all in turns in one run; or, with --valid, the time to an RMSE. */
#include "base/par.h"
#include "factor/factor_batch.h"
#include "factor/factor_em.h"
#include "fit/memory.h"
#include "fit/options.h"
#include "list.h"
#include "mixture/estep.h"
#include "probes.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REPETITIONS = 64, WARM_UP = 3 /* iterations: the third is the first with a shift */ };
enum { KEY_SHAPE = 512, KEY_FILE, KEY_THREADS, KEY_ISA, KEY_VALID };

typedef struct arguments {
    const char *shape, *file, *valid;
    bench_list ranks, threads;
    int32_t repetitions;
} arguments;

/* Steps of an iteration, its sums alone, and their limits. */
enum {
    USER_STEP,
    USER_SHIFT,
    ITEM_STEP,
    ITEM_SHIFT,
    NOISE,
    TOTAL,
    USER_SUMS,
    ITEM_SUMS,
    USER_THIN,
    ITEM_THIN,
    GATHER,
    ARITHMETIC,
    N_PARTS
};

static const char *const part_names[N_PARTS] = {
    "user step", "user shift", "item step", "item shift", "noise",  "iteration",
    "user sums", "item sums",  "user thin", "item thin",  "gather", "arithmetic"};

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
    case KEY_VALID:
        a->valid = arg;
        return 0;
    case 'q':
        a->ranks = bench_integers(state, arg, MIXFILL_MAX_RANK);
        return 0;
    case KEY_THREADS:
        a->threads = bench_integers(state, arg, 1024);
        return 0;
    case 'r':
        a->repetitions = bench_integer(state, arg, &end, MOST_REPETITIONS);
        return 0;
    case KEY_ISA:
        return setenv("MIXFILL_ISA", arg, 1) == 0 ? 0 : ENOMEM;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option argp_options[] = {
    {"shape", KEY_SHAPE, "NAME", 0, "generated ratings, ml-100k to ml-32m (ml-10m)", 0},
    {"file", KEY_FILE, "FILE", 0, "ratings of a file instead", 0},
    {"valid", KEY_VALID, "FILE", 0, "time to each RMSE of these ratings, for map and factor", 0},
    {"rank", 'q', "Q,...", 0, "ranks (4,8,12,16,24,32)", 0},
    {"threads", KEY_THREADS, "T,...", 0, "numbers of threads (1,2)", 0},
    {"repetitions", 'r', "N", 0, "of everything, in turns, after a warm-up (5)", 0},
    {"isa", KEY_ISA, "NAME", 0, "kernels, as MIXFILL_ISA", 0},
    {0}};

/* One rank on one number of threads. */
typedef struct bench_case {
    mixfill_options options;
    mixfill_job job;
    mixfill_factor_workspace ws;
    mixfill_factors *params;
    int32_t iteration;
    double *sums; /* (64,stride) of the bare gather */
    double seconds[N_PARTS][MOST_REPETITIONS];
} bench_case;

static mixfill_status case_init(bench_case *c, const mixfill_ratings *ratings, int32_t rank,
                                int32_t threads, mixfill_error *err) {
    mixfill_status st;
    mixfill_options_init_model(&c->options, MIXFILL_MODEL_FACTOR);
    c->options.rank = rank;
    c->options.threads = threads;
    c->options.max_iter = 4 * MOST_REPETITIONS;
    MIXFILL_TRY(mixfill_options_resolve(&c->options, &c->options, ratings, err));
    MIXFILL_TRY(mixfill_job_init(&c->job, ratings, &c->options, false, err));
    MIXFILL_TRY(mixfill_factor_workspace_init(&c->ws, &c->job, err));
    c->params = (mixfill_factors *)mixfill_job_params(&c->job, false);
    c->sums = mixfill_alloc((size_t)ratings->n_users, c->ws.layout.stride * sizeof(double));
    if (c->sums == NULL || c->params == NULL)
        return mixfill_fail_nomem(err, "the bench");
    mixfill_factor_start(&c->ws, c->params, 1);
done:
    return st;
}

static void case_clear(bench_case *c) {
    mixfill_factor_workspace_clear(&c->ws);
    mixfill_params_free((mixfill_params *)c->params);
    mixfill_job_clear(&c->job);
    mixfill_free(c->sums);
}

static void sum_users(bench_case *c, bool thin) {
    const mixfill_factor_workspace *ws = &c->ws;
    mixfill_factor_table table = thin ? mixfill_factor_thin_of(ws, MIXFILL_ITEMS)
                                      : mixfill_factor_moments_of(ws, MIXFILL_ITEMS);
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none)                  \
    shared(c, ws, table)
    for (int32_t i = 0; i < mixfill_factor_n_chunks(ws->side[MIXFILL_USERS].n); i++) {
        int32_t first = i * MIXFILL_FACTOR_CHUNK, n = ws->side[MIXFILL_USERS].n - first;
        mixfill_factor_sum_users(c->sums + (size_t)first * table.rows.stride, &ws->source, &table,
                                 first, n < MIXFILL_FACTOR_CHUNK ? n : MIXFILL_FACTOR_CHUNK);
    }
}

static void sum_items(bench_case *c, bool thin) {
    mixfill_factor_workspace *ws = &c->ws;
    mixfill_factor_table table = thin ? mixfill_factor_thin_of(ws, MIXFILL_USERS)
                                      : mixfill_factor_moments_of(ws, MIXFILL_USERS);
#pragma omp parallel num_threads(ws->threads) default(none) shared(ws, table, thin)
    mixfill_factor_sum_items(thin ? ws->thin_sums : ws->item_sums, &ws->source, &table,
                             &ws->item_cut);
}

/* The bytes that the users' sums read, with an addition for each 8 of them. */
static void gather(bench_case *c) {
    const mixfill_factor_workspace *ws = &c->ws;
    const mixfill_ratings *r = ws->source.ratings;
    const double *table = (const double *)(const void *)ws->side[MIXFILL_ITEMS].table;
    size_t kp = ws->layout.stride / 2;
    const bench_probes *probes = bench_probes_for(c->job.kernels);
#pragma omp parallel for schedule(dynamic) num_threads(ws->threads) default(none)                  \
    shared(c, ws, r, table, kp, probes)
    for (int32_t i = 0; i < mixfill_factor_n_chunks(r->n_users); i++) {
        int32_t first = i * MIXFILL_FACTOR_CHUNK, n = r->n_users - first;
        mixfill_rows rows =
            mixfill_rows_of(r, first, n < MIXFILL_FACTOR_CHUNK ? n : MIXFILL_FACTOR_CHUNK);
        probes->gather(c->sums + (size_t)first * kp, &rows, table, kp);
    }
}

/* As many sums of rows that are in the first cache. */
static void arithmetic(bench_case *c) {
    const mixfill_factor_workspace *ws = &c->ws;
    mixfill_factor_table table = mixfill_factor_moments_of(ws, MIXFILL_ITEMS);
    enum { RUN = 256 };
#pragma omp parallel num_threads(ws->threads) default(none) shared(c, ws, table)
    {
        int32_t row[RUN];
        float weight[RUN];
        for (int32_t i = 0; i < RUN; i++) {
            row[i] = i % MIXFILL_SUM_GROUP;
            weight[i] = 1;
        }
        double *out = c->sums + (size_t)mixfill_par_thread_id() * table.rows.stride;
#pragma omp for schedule(static)
        for (int64_t e = 0; e < ws->source.ratings->nnz / RUN; e++)
            ws->source.kernels->sum_rows(out, &table.rows, row, weight, RUN);
    }
}

static double timed(bench_case *c, int part) {
    double begin = mixfill_par_seconds();
    switch (part) {
    case USER_SUMS:
        sum_users(c, false);
        break;
    case ITEM_SUMS:
        sum_items(c, false);
        break;
    case USER_THIN:
        sum_users(c, true);
        break;
    case ITEM_THIN:
        sum_items(c, true);
        break;
    case GATHER:
        gather(c);
        break;
    default:
        arithmetic(c);
        break;
    }
    return mixfill_par_seconds() - begin;
}

static void repeat(bench_case *c, int32_t r) {
    double begin = mixfill_par_seconds();
    mixfill_factor_iteration(&c->ws, c->params, c->iteration++);
    double total = mixfill_par_seconds() - begin;
    if (r < 0)
        return;
    const double *t = c->ws.laps.seconds;
    const double steps[] = {t[MIXFILL_LAP_USER_STEP], t[MIXFILL_LAP_USER_SHIFT],
                            t[MIXFILL_LAP_ITEM_STEP], t[MIXFILL_LAP_ITEM_SHIFT],
                            t[MIXFILL_LAP_NOISE],     total};
    for (int i = 0; i <= TOTAL; i++)
        c->seconds[i][r] = steps[i];
    for (int i = TOTAL + 1; i < N_PARTS; i++)
        c->seconds[i][r] = timed(c, i);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(bench_case *c, const bench_case *one, int32_t repetitions) {
    double nnz = (double)c->job.ratings->nnz;
    for (int i = 0; i < N_PARTS; i++) {
        double *s = c->seconds[i];
        qsort(s, (size_t)repetitions, sizeof *s, ascending);
        double median = s[repetitions / 2], first = one->seconds[i][repetitions / 2];
        printf("%4" PRId32 " %7" PRId32 "  %-11s %10.2f %9.2f %9.2f", c->options.rank,
               c->ws.threads, part_names[i], 1e9 * median / nnz, 1e9 * s[0] / nnz,
               1e9 * s[repetitions - 1] / nnz);
        if (c != one)
            printf(" %9.2f", median / first);
        putchar('\n');
    }
}

static mixfill_status measure(const arguments *a, const mixfill_ratings *ratings, int32_t rank,
                              mixfill_error *err) {
    bench_case *cases = mixfill_alloc_zero((size_t)a->threads.n, sizeof *cases);
    mixfill_status st = MIXFILL_OK;
    if (cases == NULL)
        return mixfill_fail_nomem(err, "the bench");
    for (int32_t i = 0; i < a->threads.n; i++)
        MIXFILL_TRY(case_init(&cases[i], ratings, rank, a->threads.at[i], err));
    for (int32_t r = -WARM_UP; r < a->repetitions; r++)
        for (int32_t i = 0; i < a->threads.n; i++)
            repeat(&cases[i], r);
    for (int32_t i = 0; i < a->threads.n; i++)
        print(&cases[i], &cases[0], a->repetitions);
    fflush(stdout);
done:
    for (int32_t i = 0; i < a->threads.n; i++)
        case_clear(&cases[i]);
    mixfill_free(cases);
    return st;
}

/* RMSE of held-out ratings after each iteration, with the time of the fit until then. */
static mixfill_status race(const arguments *a, const mixfill_ratings *ratings, mixfill_error *err) {
    static const mixfill_model_kind kinds[] = {MIXFILL_MODEL_MAP, MIXFILL_MODEL_FACTOR};
    mixfill_ratings *valid = NULL;
    mixfill_status st = mixfill_ratings_load(&valid, NULL, a->valid, NULL, err);
    printf("model   iteration   seconds      RMSE\n");
    for (size_t i = 0; st == MIXFILL_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
        mixfill_options options;
        mixfill_model *model = NULL;
        mixfill_result result = {0};
        mixfill_options_init_model(&options, kinds[i]);
        options.valid = valid;
        options.threads = a->threads.at[0];
        st = mixfill_fit(&model, &result, ratings, &options, err);
        double seconds = result.index_seconds;
        for (int32_t n = 0; n < result.iterations; n++) {
            seconds += result.history[n].seconds;
            printf("%-7s %9" PRId32 " %9.4f %9.4f\n", mixfill_model_kind_name(kinds[i]), n + 1,
                   seconds, result.history[n].rmse);
        }
        mixfill_result_clear(&result);
        mixfill_model_free(model);
    }
    mixfill_ratings_free(valid);
    return st;
}

static mixfill_status run(const arguments *a, mixfill_error *err) {
    const mixfill_kernels *kernels;
    mixfill_ratings *ratings = NULL;
    mixfill_status st;
    MIXFILL_TRY(mixfill_kernels_choose(&kernels, err));
    MIXFILL_TRY(bench_ratings(&ratings, a->file, a->shape, err));
    printf("%s: %" PRId32 " users x %" PRId32 " items, %" PRId64 " ratings; kernels %s\n",
           a->file != NULL ? a->file : a->shape, ratings->n_users, ratings->n_items, ratings->nnz,
           kernels->name);
    if (a->valid != NULL) {
        st = race(a, ratings, err);
        goto done;
    }
    printf("rank threads  part         ns/rating       min       max x 1 thr.\n");
    for (int32_t i = 0; i < a->ranks.n; i++)
        MIXFILL_TRY(measure(a, ratings, a->ranks.at[i], err));
done:
    mixfill_ratings_free(ratings);
    return st;
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        argp_options, parse_option,
        NULL,         "Cost of an iteration of `factor`, step by step, beside its limits.",
        NULL,         NULL,
        NULL};
    arguments a = {.shape = "ml-10m",
                   .ranks = {6, {4, 8, 12, 16, 24, 32}},
                   .threads = {2, {1, 2}},
                   .repetitions = 5};
    mixfill_error err = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (run(&a, &err) == MIXFILL_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "bench_factor: %s\n", err.message);
    return EXIT_FAILURE;
}
