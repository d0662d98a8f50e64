/* The parts of an iteration and the machine's limits. */
#include "parts.h"

#include "base/par.h"
#include "base/rng.h"
#include "fit/options.h"

#include <string.h>

enum { WARM_UP = 3, TRIAD_PARTS = 1024, TRIAD_PART = BENCH_TRIAD / TRIAD_PARTS };

/* ---- a fit ---- */

static void draw_params(mixfill_mixtures *p) {
    mixfill_rng rng = mixfill_rng_stream(1, 0, 0);
    for (size_t k = 0; k < (size_t)p->n_components; k++) {
        p->weight[k] = 1 / (double)p->n_components;
        p->var[k] = 1;
        for (size_t j = 0; j < (size_t)p->n_items; j++)
            p->mu[j * p->kp + k] = 3.5 + 0.5 * mixfill_rng_normal(&rng);
    }
}

static void estep_block(bench_case *c, int32_t i, int32_t thread) {
    mixfill_workspace *ws = &c->ws;
    const mixfill_block *block = &ws->blocks->block[i];
    mixfill_rows rows = mixfill_rows_of(c->ratings, block->first_user, block->n_users);
    mixfill_estep_rows(&ws->estep, ws->resp + (size_t)block->first_user * ws->kp,
                       ws->block_sums + (size_t)i * 3 * ws->kp, &rows,
                       ws->strip + (size_t)thread * MIXFILL_STRIP * ws->kp);
}

mixfill_status bench_case_init(bench_case *c, const mixfill_ratings *ratings, int32_t k,
                               int32_t threads, mixfill_error *err) {
    mixfill_status st;
    *c = (bench_case){.ratings = ratings};
    mixfill_options_init_model(&c->options, MIXFILL_MODEL_CLASSIC);
    c->options.n_components = k;
    c->options.threads = threads;
    MIXFILL_TRY(mixfill_options_resolve(&c->options, &c->options, ratings, err));
    MIXFILL_TRY(mixfill_job_init(&c->job, ratings, &c->options, false, err));
    MIXFILL_TRY(mixfill_workspace_init(&c->ws, &c->job, err));
    c->params = (mixfill_mixtures *)mixfill_job_params(&c->job, false);
    c->updated = (mixfill_mixtures *)mixfill_job_params(&c->job, false);
    if (c->params == NULL || c->updated == NULL) {
        st = mixfill_fail_nomem(err, "the bench");
        goto done;
    }
    c->probes = bench_probes_for(c->ws.estep.kernels);
    draw_params(c->params);
    for (int i = 0; i < WARM_UP; i++)
        mixfill_em_iteration(&c->ws, c->params);
done:
    if (st != MIXFILL_OK)
        bench_case_clear(c);
    return st;
}

void bench_case_clear(bench_case *c) {
    mixfill_workspace_clear(&c->ws);
    mixfill_job_clear(&c->job);
    mixfill_params_free((mixfill_params *)c->params);
    mixfill_params_free((mixfill_params *)c->updated);
    *c = (bench_case){0};
}

/* ---- parts of an iteration ---- */

void bench_estep(bench_case *c) {
    mixfill_estep_prepare(&c->ws.estep, c->params->weight, c->params->mu, c->params->var);
#pragma omp parallel for schedule(dynamic) num_threads(c->ws.threads) default(none) shared(c)
    for (int32_t i = 0; i < c->ws.blocks->n_blocks; i++)
        estep_block(c, i, mixfill_par_thread_id());
}

void bench_moments(bench_case *c, mixfill_accumulators *acc) {
#pragma omp parallel for schedule(dynamic) num_threads(acc->threads) default(none) shared(c, acc)
    for (int32_t i = 0; i < c->ws.blocks->n_blocks; i++) {
        mixfill_pairs pairs = mixfill_blocks_pairs(c->ws.blocks, c->ratings, i);
        const double *resp = c->ws.resp + (size_t)c->ws.blocks->block[i].first_user * c->ws.kp;
        mixfill_accumulators_add(acc, c->ws.estep.kernels, &pairs, resp, c->ws.grid,
                                 mixfill_par_thread_id());
    }
}

void bench_update_begin(bench_case *c) {
    size_t kp = c->ws.kp;
    memcpy(c->updated->mu, c->params->mu, (size_t)c->params->n_items * kp * sizeof(double));
    memcpy(c->updated->var, c->params->var, kp * sizeof(double));
}

void bench_update(bench_case *c) {
#pragma omp parallel num_threads(c->ws.threads) default(none) shared(c)
    mixfill_mstep_classic(&c->ws, c->updated);
}

/* ---- limits ---- */

void bench_gather(bench_case *c) {
#pragma omp parallel for schedule(dynamic) num_threads(c->ws.threads) default(none) shared(c)
    for (int32_t i = 0; i < c->ws.blocks->n_blocks; i++) {
        const mixfill_block *block = &c->ws.blocks->block[i];
        mixfill_rows rows = mixfill_rows_of(c->ratings, block->first_user, block->n_users);
        c->probes->gather(c->ws.resp + (size_t)block->first_user * c->ws.kp, &rows, c->params->mu,
                          c->ws.kp);
    }
}

static void begin_naive(bench_case *c, double *acc) {
    mixfill_estep_prepare(&c->ws.estep, c->params->weight, c->params->mu, c->params->var);
    memset(acc, 0, (size_t)c->ratings->n_items * 2 * c->ws.kp * sizeof *acc);
}

void bench_naive(bench_case *c, double *acc) {
    begin_naive(c, acc);
    mixfill_rows rows = mixfill_rows_of(c->ratings, 0, c->ratings->n_users);
    c->ws.block_ll[0] = c->probes->naive(&c->ws.estep, acc, c->ws.strip, &rows);
}

void bench_scatter(bench_case *c, double *acc) {
    size_t kp = c->ws.kp;
    begin_naive(c, acc);
    for (int32_t u = 0; u < c->ratings->n_users; u++) {
        double *resp = c->ws.resp + (size_t)u * kp;
        mixfill_rows rows = mixfill_rows_of(c->ratings, u, 1);
        mixfill_estep_rows(&c->ws.estep, resp, c->ws.block_sums, &rows, c->ws.strip);
        c->probes->scatter(acc, &rows, resp, kp);
    }
}

bool bench_arrays_init(bench_arrays *x) {
    size_t n = BENCH_TRIAD, size = sizeof *x->a;
    *x = (bench_arrays){mixfill_alloc(n, size), mixfill_alloc(n, size), mixfill_alloc(n, size)};
    if (x->a == NULL || x->b == NULL || x->c == NULL)
        return false;
    int32_t threads = mixfill_par_threads(0);
    (void)threads;
#pragma omp parallel for schedule(static) num_threads(threads) default(none) shared(x)
    for (int32_t i = 0; i < TRIAD_PARTS; i++)
        for (size_t j = (size_t)i * TRIAD_PART; j < ((size_t)i + 1) * TRIAD_PART; j++) {
            x->a[j] = 0;
            x->b[j] = x->c[j] = 1;
        }
    return true;
}

void bench_arrays_clear(bench_arrays *x) {
    mixfill_free(x->a);
    mixfill_free(x->b);
    mixfill_free(x->c);
    *x = (bench_arrays){0};
}

void bench_triad(const bench_arrays *x, const bench_probes *probes, int32_t threads) {
    (void)threads;
#pragma omp parallel for schedule(static) num_threads(threads) default(none) shared(x, probes)
    for (int32_t i = 0; i < TRIAD_PARTS; i++) {
        size_t first = (size_t)i * TRIAD_PART;
        probes->triad(x->a + first, x->b + first, x->c + first, TRIAD_PART);
    }
}
