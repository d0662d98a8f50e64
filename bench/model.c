/* Predicted cost of an iteration on more threads than this machine has: the cost of each block on
 * one thread, scheduled as OpenMP's dynamic does, and what grows with the threads added. */
#include "model.h"

#include "makespan.h"
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Assumptions, printed with the prediction. */
static const double MOST_BANDWIDTH = 200e9; /* bytes/s of all threads together */
static const double CACHE = 4e6;            /* bytes a thread keeps of means and accumulators */

enum { MODEL_MIN_THREADS = 4, MODEL_MAX_THREADS = 128 };

/* Measured; seconds and bytes. */
typedef struct costs {
    int32_t n_blocks, n_cached; /* n_cached: ranks below stay in a thread's cache */
    double *block;              /* (n_blocks) medians */
    double *one;                /* (n_blocks) of the thread number under prediction */
    double *samples;            /* (n_blocks,repetitions) */
    double zero, update, cold_pair, bandwidth; /* bandwidth: of a thread */
    double traffic;                            /* bytes an iteration moves past the caches */
} costs;

typedef struct prediction {
    int32_t threads, n_hot;
    double blocks, even, locks; /* makespan; its lower bound; what locks add to that */
    double reduction, memory, total, efficiency;
    const char *limit; /* the largest loss */
} prediction;

/* ---- measurement ---- */

static double seconds_since(bench_clock began) {
    bench_series s = {0};
    bench_stop(&s, began);
    return s.real[0];
}

static void measure_blocks(costs *m, bench_case *c, int32_t repetitions) {
    double zero[BENCH_MAX_REPETITIONS], update[BENCH_MAX_REPETITIONS];
    for (int32_t r = 0; r < repetitions; r++) {
        mixfill_estep_prepare(&c->ws.estep, c->params.weight, c->params.mu, c->params.var);
        bench_clock began = bench_start();
        mixfill_em_zero(&c->ws);
        zero[r] = seconds_since(began);
        for (int32_t i = 0; i < m->n_blocks; i++) {
            began = bench_start();
            mixfill_em_block(&c->ws, i, 0);
            m->samples[i * repetitions + r] = seconds_since(began);
        }
        bench_update_begin(c);
        began = bench_start();
        bench_update(c);
        update[r] = seconds_since(began);
    }
    m->zero = bench_median(zero, repetitions);
    m->update = bench_median(update, repetitions);
    for (int32_t i = 0; i < m->n_blocks; i++)
        m->block[i] = bench_median(m->samples + i * repetitions, repetitions);
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
    if (!mixfill_accumulators_init(&cold, c->ratings->n_items, 0, 1, c->ws.kp))
        return mixfill_fail_nomem(err, "accumulators");
    for (int32_t r = 0; r < repetitions; r++) {
        mixfill_em_zero(&c->ws);
        mixfill_accumulators_zero(&cold, 0);
        bench_clock began = bench_start();
        bench_moments(c, &c->ws.acc);
        double hot = seconds_since(began);
        began = bench_start();
        bench_moments(c, &cold);
        extra[r] = seconds_since(began) - hot;
    }
    mixfill_accumulators_clear(&cold);
    m->cold_pair = fmax(0, bench_median(extra, repetitions) / (double)count_pairs(c));
    return MIXFILL_OK;
}

/* The best of the repetitions, as STREAM has it. */
static void measure_bandwidth(costs *m, const bench_case *c, const bench_arrays *arrays,
                              int32_t repetitions) {
    double least = (double)INFINITY;
    for (int32_t r = 0; r < repetitions; r++) {
        bench_clock began = bench_start();
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

/* Ratings and index once; of each pair beyond the cache the means once, and the accumulators read
 * and written. */
static void count_traffic(costs *m, const bench_case *c) {
    double row = (double)c->ws.kp * sizeof(double);
    double pairs = 0;
    m->n_cached = (int32_t)fmin(CACHE / (3 * row), c->ratings->n_items);
    for (int32_t i = 0; i < m->n_blocks; i++)
        pairs += pairs_from(c, i, m->n_cached);
    m->traffic = (double)c->ws.memory.ratings + (double)c->ws.memory.index + pairs * 5 * row;
}

/* ---- prediction ---- */

static double even_share(const costs *m, int32_t threads) {
    double sum = 0;
    for (int32_t i = 0; i < m->n_blocks; i++)
        sum += m->one[i];
    return sum / threads;
}

/* What keeps p most from the even share of the time on one thread; serial: clearing and update on
 * one thread. */
static const char *largest_loss(const prediction *p, double serial) {
    const struct {
        const char *name;
        double loss;
    } losses[] = {{"few blocks", p->blocks - p->even},
                  {"locks", p->locks},
                  {"memory", p->memory - p->blocks},
                  {"reduction", p->reduction - serial / p->threads}};
    size_t worst = 0;
    for (size_t i = 1; i < sizeof losses / sizeof losses[0]; i++)
        worst = losses[i].loss > losses[worst].loss ? i : worst;
    return losses[worst].name;
}

static prediction predict(costs *m, const bench_case *c, int32_t threads) {
    const mixfill_workspace *ws = &c->ws;
    size_t budget = ws->memory.ratings;
    int32_t d = c->ratings->n_items;
    double bandwidth = fmin(threads * m->bandwidth, MOST_BANDWIDTH);
    prediction p = {.threads = threads};
    p.n_hot =
        mixfill_accumulators_n_hot(ws->blocks->count, d, m->n_blocks, threads, ws->kp, budget);
    double cold_pairs = 0;
    for (int32_t i = 0; i < m->n_blocks; i++) {
        double cold = pairs_from(c, i, p.n_hot);
        m->one[i] = m->block[i] + cold * m->cold_pair;
        cold_pairs += cold;
    }
    p.blocks = bench_makespan(m->one, m->n_blocks, threads);
    p.even = even_share(m, threads);
    p.locks = cold_pairs * m->cold_pair / threads;
    p.memory = m->traffic / bandwidth;
    /* Every thread clears its copies as fast as one thread does here; each copy is read once; the
     * means are as on one thread, in chunks of items. */
    double copies = (double)mixfill_accumulators_bytes(d, p.n_hot, threads, ws->kp);
    int32_t chunks = threads < ws->n_chunks ? threads : ws->n_chunks;
    double clear = m->zero * copies / (double)ws->acc.bytes / threads;
    p.reduction = clear + copies / bandwidth + m->update / chunks;
    p.total = fmax(p.blocks, p.memory) + p.reduction;
    double serial = m->zero + m->update, alone = serial;
    for (int32_t i = 0; i < m->n_blocks; i++)
        alone += m->block[i];
    p.efficiency = alone / threads / p.total;
    p.limit = largest_loss(&p, serial);
    return p;
}

static void print_assumptions(const costs *m, const bench_case *c) {
    printf("\nK = %" PRId32 ", predicted from one thread: %" PRId32 " blocks, %" PRId64 " pairs\n",
           c->options.n_components, m->n_blocks, count_pairs(c));
    printf("assumed: blocks cost what they cost alone; memory gives each thread %.1f GB/s, half of "
           "2 threads' triad, and %.0f GB/s to all;\n",
           1e-9 * m->bandwidth, 1e-9 * MOST_BANDWIDTH);
    printf("a shared row costs %.0f ns more than an own one, its cost without contention; a thread "
           "keeps the %" PRId32
           " most rated items (%.0f MB) in its cache,\nand %.0f MB an iteration "
           "come from memory; the reduction reads every copy once\n",
           1e9 * m->cold_pair, m->n_cached, 1e-6 * CACHE, 1e-6 * m->traffic);
    printf("%7s %8s %10s %10s %10s %10s %10s %10s  %s\n", "threads", "copied", "blocks ms",
           "of it lock", "memory ms", "reduce ms", "total ms", "efficiency", "largest loss");
}

static void print_prediction(const prediction *p) {
    printf("%7" PRId32 " %8" PRId32 " %10.3f %10.3f %10.3f %10.3f %10.3f %10.3f  %s\n", p->threads,
           p->n_hot, 1e3 * p->blocks, 1e3 * p->locks, 1e3 * p->memory, 1e3 * p->reduction,
           1e3 * p->total, p->efficiency, p->limit);
}

static void append_prediction(json_t *benchmarks, const bench_case *c, const prediction *p) {
    char name[96];
    int32_t k = c->options.n_components;
    snprintf(name, sizeof name, "model/K:%" PRId32 "/threads:%" PRId32, k, p->threads);
    double ns = 1e9 * p->total / (double)c->ratings->nnz;
    json_array_append_new(
        benchmarks,
        json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:f, s:f, s:s, s:f, s:f, s:f, s:f, s:f, s:f, "
                  "s:i}",
                  "name", name, "run_name", name, "run_type", "iteration", "repetitions", 1,
                  "iterations", 1, "threads", (int)p->threads, "real_time", 1e3 * p->total,
                  "cpu_time", 1e3 * p->total * p->threads, "time_unit", "ms", "ns_per_rating", ns,
                  "predicted_efficiency", p->efficiency, "blocks_ms", 1e3 * p->blocks, "locks_ms",
                  1e3 * p->locks, "memory_ms", 1e3 * p->memory, "reduction_ms", 1e3 * p->reduction,
                  "copied_items", (int)p->n_hot));
}

mixfill_status bench_model(bench_case *c, const bench_arrays *arrays, int32_t repetitions,
                           json_t *benchmarks, mixfill_error *err) {
    size_t n = (size_t)c->ws.blocks->n_blocks;
    costs m = {.n_blocks = c->ws.blocks->n_blocks};
    mixfill_status st = MIXFILL_OK;
    m.block = mixfill_alloc(n, sizeof *m.block);
    m.one = mixfill_alloc(n, sizeof *m.one);
    m.samples = mixfill_alloc(n * (size_t)repetitions, sizeof *m.samples);
    if (m.block == NULL || m.one == NULL || m.samples == NULL) {
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
            append_prediction(benchmarks, c, &p);
    }
done:
    mixfill_free(m.block);
    mixfill_free(m.one);
    mixfill_free(m.samples);
    return st;
}
