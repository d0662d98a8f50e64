/* Predicted cost of an iteration on more threads than this machine has: the cost of each block on
 * one thread, scheduled as OpenMP's dynamic does, and what grows with the threads added. */
#include "model.h"

#include "base/par.h"
#include "makespan.h"
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Assumptions, printed with the prediction. */
static const double MOST_BANDWIDTH = 200e9;  /* bytes/s of all threads together */
static const double LAST_LEVEL_CACHE = 64e6; /* bytes, of all threads together */

enum { MODEL_MIN_THREADS = 2, MODEL_MAX_THREADS = 128 };

/* Measured; seconds and bytes. */
typedef struct costs {
    int32_t n_blocks, n_parts;
    double *block;                     /* (n_blocks) medians */
    double *part;                      /* (n_parts) of the new means, medians */
    double *one;                       /* (n_blocks) of the thread number under prediction */
    double *samples;                   /* (n_blocks + n_parts,repetitions) */
    double zero, cold_pair, bandwidth; /* bandwidth: of a thread */
    double traffic;                    /* bytes an iteration takes from memory */
    double rare;                       /* ratings of rare items */
} costs;

typedef struct prediction {
    int32_t threads, n_hot;
    double blocks, even, locks; /* makespan; its lower bound; what locks add to that */
    double update, reduction, memory, total, efficiency;
    const char *limit; /* the largest loss */
} prediction;

/* ---- measurement ---- */

/* Wall time alone: blocks of small data take microseconds, and the processor's clock nearly one. */
static double seconds_since(double began) {
    return mixfill_par_seconds() - began;
}

static void medians(double *out, const double *samples, int32_t n, int32_t repetitions) {
    for (int32_t i = 0; i < n; i++)
        out[i] = bench_median(samples + i * repetitions, repetitions);
}

static void measure_blocks(costs *m, bench_case *c, int32_t repetitions) {
    double zero[BENCH_MAX_REPETITIONS];
    for (int32_t r = 0; r < repetitions; r++) {
        double *sample = m->samples + r;
        mixfill_estep_prepare(&c->ws.estep, c->params->weight, c->params->mu, c->params->var);
        double began = mixfill_par_seconds();
#pragma omp parallel num_threads(c->ws.threads) default(none) shared(c)
        mixfill_em_zero(&c->ws);
        zero[r] = seconds_since(began);
        for (int32_t i = 0; i < m->n_blocks; i++, sample += repetitions) {
            began = mixfill_par_seconds();
            mixfill_em_block(&c->ws, i, 0);
            *sample = seconds_since(began);
        }
        bench_update_begin(c);
        for (int32_t i = 0; i < m->n_parts; i++, sample += repetitions) {
            began = mixfill_par_seconds();
            mixfill_mstep_part(&c->ws, c->updated, i, 0);
            *sample = seconds_since(began);
        }
    }
    m->zero = bench_median(zero, repetitions);
    medians(m->block, m->samples, m->n_blocks, repetitions);
    medians(m->part, m->samples + m->n_blocks * repetitions, m->n_parts, repetitions);
}

static int64_t count_pairs(const bench_case *c) {
    int64_t pairs = 0;
    for (int32_t i = 0; i < c->ws.blocks->n_blocks; i++)
        pairs += c->ws.blocks->block[i].n_items;
    return pairs;
}

/* What passing a pair to a shared row under its lock costs more than adding to an own one, without
 * contention: the moments of all blocks, all pairs cold against all hot, in turns. */
static mixfill_status measure_cold_pair(costs *m, bench_case *c, int32_t repetitions,
                                        mixfill_error *err) {
    mixfill_accumulators cold;
    double extra[BENCH_MAX_REPETITIONS];
    if (!mixfill_accumulators_init(&cold, c->ws.blocks->n_common, 0, 1, c->ws.kp))
        return mixfill_fail_nomem(err, "accumulators");
    for (int32_t r = 0; r < repetitions; r++) {
        mixfill_em_zero(&c->ws);
        mixfill_accumulators_zero(&cold, 0);
        double began = mixfill_par_seconds();
        bench_moments(c, &c->ws.acc);
        double hot = seconds_since(began);
        began = mixfill_par_seconds();
        bench_moments(c, &cold);
        extra[r] = seconds_since(began) - hot;
    }
    mixfill_accumulators_clear(&cold);
    int64_t pairs = count_pairs(c);
    m->cold_pair = pairs > 0 ? fmax(0, bench_median(extra, repetitions) / (double)pairs) : 0;
    return MIXFILL_OK;
}

/* The best of the repetitions, as STREAM has it. */
static void measure_bandwidth(costs *m, const bench_case *c, const bench_arrays *arrays,
                              int32_t repetitions) {
    double least = (double)INFINITY;
    for (int32_t r = 0; r < repetitions; r++) {
        double began = mixfill_par_seconds();
        bench_triad(arrays, c->probes, 2);
        least = fmin(least, seconds_since(began));
    }
    m->bandwidth = 24.0 * BENCH_TRIAD / least / 2;
}

/* Pairs of a block whose rank is at least `rank`. */
static int32_t pairs_from(const bench_case *c, int32_t block, int32_t rank) {
    mixfill_pairs pairs = mixfill_blocks_pairs(c->ws.blocks, c->ratings, block);
    int32_t n = pairs.n_items;
    while (n > 0 && pairs.item[n - 1] >= rank)
        n--;
    return pairs.n_items - n;
}

/* Ratings and index once. Means and responsibilities stay in the last-level cache where they fit;
 * else each rating of a rare item takes a row of either from memory. */
static void count_traffic(costs *m, const bench_case *c) {
    double row = (double)c->ws.kp * sizeof(double);
    double tables = ((double)c->ratings->n_items + (double)c->ratings->n_users) * row;
    m->rare = (double)(c->ratings->nnz - c->ws.blocks->n_near);
    m->traffic = (double)c->job.memory.ratings + (double)c->job.memory.index;
    if (tables > LAST_LEVEL_CACHE)
        m->traffic += 2 * m->rare * row + (double)c->ratings->n_users * row;
}

/* ---- prediction ---- */

static double total_of(const double *cost, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += cost[i];
    return sum;
}

/* What keeps p most from the even share of the time on one thread. */
static const char *largest_loss(const prediction *p, double update) {
    const struct {
        const char *name;
        double loss;
    } losses[] = {{"few blocks", p->blocks - p->even},
                  {"locks", p->locks},
                  {"memory", p->memory - p->blocks},
                  {"update", p->update - update / p->threads},
                  {"reduction", p->reduction}};
    size_t worst = 0;
    for (size_t i = 1; i < sizeof losses / sizeof losses[0]; i++)
        worst = losses[i].loss > losses[worst].loss ? i : worst;
    return losses[worst].name;
}

/* Costs of the blocks with the locks that `threads` threads need; the time in locks per thread. */
static double add_locks(costs *m, const bench_case *c, int32_t n_hot, int32_t threads) {
    double cold_pairs = 0;
    for (int32_t i = 0; i < m->n_blocks; i++) {
        double cold = pairs_from(c, i, n_hot);
        m->one[i] = m->block[i] + cold * m->cold_pair;
        cold_pairs += cold;
    }
    return cold_pairs * m->cold_pair / threads;
}

static prediction predict(costs *m, const bench_case *c, int32_t threads) {
    const mixfill_workspace *ws = &c->ws;
    int32_t common = ws->blocks->n_common;
    double bandwidth = fmin(threads * m->bandwidth, MOST_BANDWIDTH);
    prediction p = {.threads = threads};
    p.n_hot = mixfill_accumulators_n_hot(ws->blocks->count, common, m->n_blocks, threads, ws->kp,
                                         mixfill_memory_budget(c->ratings));
    p.locks = add_locks(m, c, p.n_hot, threads);
    p.blocks = bench_makespan(m->one, m->n_blocks, threads);
    p.even = total_of(m->one, m->n_blocks) / threads;
    p.memory = m->traffic / bandwidth;
    /* Every thread clears its copies as fast as one thread does here; each copy is read once. */
    double copies = (double)mixfill_accumulators_bytes(common, p.n_hot, threads, ws->kp);
    if (copies > 0) /* without common items there are none */
        p.reduction = m->zero * copies / (double)ws->acc.bytes / threads + copies / bandwidth;
    p.update = bench_makespan(m->part, m->n_parts, threads);
    p.total = fmax(p.blocks, p.memory) + p.reduction + p.update;
    double update = total_of(m->part, m->n_parts);
    p.efficiency = (m->zero + update + total_of(m->block, m->n_blocks)) / threads / p.total;
    p.limit = largest_loss(&p, update);
    return p;
}

static void print_assumptions(const costs *m, const bench_case *c) {
    printf("\nK = %" PRId32 ", predicted from one thread: %" PRId32 " blocks with %" PRId64
           " pairs of %" PRId32 " common items, %" PRId32 " parts of the update\n",
           c->options.n_components, m->n_blocks, count_pairs(c), c->ws.blocks->n_common,
           m->n_parts);
    printf(
        "assumed: blocks and parts cost what they cost alone; memory gives each thread %.1f GB/s, "
        "half of 2 threads' triad, and %.0f GB/s to all;\n",
        1e-9 * m->bandwidth, 1e-9 * MOST_BANDWIDTH);
    printf(
        "a shared row costs %.0f ns more than an own one, its cost without contention; the threads "
        "share %.0f MB of cache, and %.0f MB an iteration\ncome from memory; the reduction reads "
        "every copy once\n",
        1e9 * m->cold_pair, 1e-6 * LAST_LEVEL_CACHE, 1e-6 * m->traffic);
    printf("%7s %8s %10s %10s %10s %10s %10s %10s %10s  %s\n", "threads", "copied", "blocks ms",
           "of it lock", "memory ms", "reduce ms", "update ms", "total ms", "efficiency",
           "largest loss");
}

static void print_prediction(const prediction *p) {
    printf("%7" PRId32 " %8" PRId32 " %10.3f %10.3f %10.3f %10.3f %10.3f %10.3f %10.3f  %s\n",
           p->threads, p->n_hot, 1e3 * p->blocks, 1e3 * p->locks, 1e3 * p->memory,
           1e3 * p->reduction, 1e3 * p->update, 1e3 * p->total, p->efficiency, p->limit);
}

static json_t *assumptions_json(const costs *m, const bench_case *c) {
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "thread_bytes_per_second", m->bandwidth,
                     "all_threads_bytes_per_second", MOST_BANDWIDTH, "shared_row_ns",
                     1e9 * m->cold_pair, "last_level_cache_bytes", LAST_LEVEL_CACHE,
                     "traffic_bytes", m->traffic, "rare_share", m->rare / (double)c->ratings->nnz);
}

static void append_prediction(json_t *benchmarks, const bench_case *c, const costs *m,
                              const prediction *p) {
    char name[96];
    int32_t k = c->options.n_components;
    snprintf(name, sizeof name, "model/K:%" PRId32 "/threads:%" PRId32, k, p->threads);
    double ns = 1e9 * p->total / (double)c->ratings->nnz;
    json_array_append_new(
        benchmarks,
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:f, s:f, s:s, s:f, s:f, s:f, s:f, s:f, s:f, "
                  "s:f, s:i, s:s, s:o}",
                  "name", name, "run_name", name, "run_type", "iteration", "repetitions", 1,
                  "iterations", 1, "threads", (int)p->threads, "real_time", 1e3 * p->total,
                  "cpu_time", 1e3 * p->total * p->threads, "time_unit", "ms", "ns_per_rating", ns,
                  "predicted_efficiency", p->efficiency, "blocks_ms", 1e3 * p->blocks, "locks_ms",
                  1e3 * p->locks, "memory_ms", 1e3 * p->memory, "reduction_ms", 1e3 * p->reduction,
                  "update_ms", 1e3 * p->update, "copied_items", (int)p->n_hot, "largest_loss",
                  p->limit, "assumptions", assumptions_json(m, c)));
}

mixfill_status bench_model(bench_case *c, const bench_arrays *arrays, int32_t repetitions,
                           json_t *benchmarks, mixfill_error *err) {
    costs m = {.n_blocks = c->ws.blocks->n_blocks,
               .n_parts = c->ws.blocks->n_rare_blocks + c->ws.n_chunks};
    size_t n = (size_t)m.n_blocks, n_parts = (size_t)m.n_parts;
    mixfill_status st = MIXFILL_OK;
    m.block = mixfill_alloc(n, sizeof *m.block);
    m.one = mixfill_alloc(n, sizeof *m.one);
    m.part = mixfill_alloc(n_parts, sizeof *m.part);
    m.samples = mixfill_alloc((n + n_parts) * (size_t)repetitions, sizeof *m.samples);
    if (m.block == NULL || m.part == NULL || m.one == NULL || m.samples == NULL) {
        st = mixfill_fail_nomem(err, "the costs of blocks");
        goto done;
    }
    measure_blocks(&m, c, repetitions);
    MIXFILL_TRY(measure_cold_pair(&m, c, repetitions, err));
    measure_bandwidth(&m, c, arrays, repetitions);
    count_traffic(&m, c);
    if (benchmarks == NULL)
        print_assumptions(&m, c);
    for (int32_t t = MODEL_MIN_THREADS; t <= MODEL_MAX_THREADS; t *= 2) {
        prediction p = predict(&m, c, t);
        if (benchmarks == NULL)
            print_prediction(&p);
        else
            append_prediction(benchmarks, c, &m, &p);
    }
done:
    mixfill_free(m.block);
    mixfill_free(m.one);
    mixfill_free(m.part);
    mixfill_free(m.samples);
    return st;
}
