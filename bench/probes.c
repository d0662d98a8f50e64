/* The probes; BENCH_PROBES names the table. The loops over a row are shaped as in
 * src/kernel/kernel_body.inc.h, so that the difference is the arithmetic. */
#include "probes.h"

#include <math.h>
#include <string.h>

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif

typedef double vec __attribute__((vector_size(VECTOR_BYTES), may_alias));

enum { GROUP = 4, PREFETCH_AHEAD = 16 };
#define ONE (VECTOR_BYTES / sizeof(double))
#define INLINE static inline __attribute__((always_inline))

static void triad(double *restrict a, const double *restrict b, const double *restrict c,
                  size_t n) {
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + 3 * c[i];
}

/* n vectors of lanes of one row. */
INLINE void gather_row(double *restrict out, const mixfill_rows *rows, int32_t i,
                       const double *restrict mu, size_t kp, int n) {
    vec sum[GROUP];
    int64_t end = rows->row_ptr[i + 1];
    for (int v = 0; v < n; v++)
        sum[v] = (vec){0};
    for (int64_t e = rows->row_ptr[i]; e < end; e++) {
        if (e + PREFETCH_AHEAD < end)
            __builtin_prefetch(mu + (size_t)rows->col[e + PREFETCH_AHEAD] * kp);
        const vec *m = (const vec *)(const void *)(mu + (size_t)rows->col[e] * kp);
        for (int v = 0; v < n; v++)
            sum[v] += m[v];
    }
    memcpy(out, sum, (size_t)n * sizeof sum[0]);
}

static void gather(double *restrict sums, const mixfill_rows *rows, const double *restrict mu,
                   size_t kp) {
    for (int32_t i = 0; i < rows->n_rows; i++) {
        double *out = sums + (size_t)i * kp;
        size_t lane = 0;
        for (; lane + GROUP * ONE <= kp; lane += GROUP * ONE)
            gather_row(out + lane, rows, i, mu + lane, kp, GROUP);
        for (; lane + GROUP / 2 * ONE <= kp; lane += GROUP / 2 * ONE)
            gather_row(out + lane, rows, i, mu + lane, kp, GROUP / 2);
        for (; lane < kp; lane += ONE)
            gather_row(out + lane, rows, i, mu + lane, kp, 1);
    }
}

static double rating(const mixfill_rows *rows, int64_t e) {
    return rows->code != NULL ? rows->level[rows->code[e]] : rows->value[e];
}

static void scatter(double *restrict acc, const mixfill_rows *rows, const double *restrict resp,
                    size_t kp) {
    size_t n = kp / ONE;
    for (int32_t i = 0; i < rows->n_rows; i++) {
        const vec *r = (const vec *)(const void *)(resp + (size_t)i * kp);
        for (int64_t e = rows->row_ptr[i]; e < rows->row_ptr[i + 1]; e++) {
            vec *a = (vec *)(void *)(acc + (size_t)rows->col[e] * 2 * kp);
            double x = rating(rows, e);
            for (size_t v = 0; v < n; v++) {
                a[v] += r[v];
                a[n + v] += r[v] * x;
            }
        }
    }
}

/* resp (K) from a row's squared distances in it; returns log sum_k exp L_k. */
static double softmax(const mixfill_estep *e, double *resp, double rated) {
    const mixfill_densities *p = &e->densities;
    size_t n = (size_t)e->n_components;
    double max = -(double)INFINITY, sum = 0;
    for (size_t k = 0; k < n; k++) {
        resp[k] = p->log_weight[k] - rated * p->log_norm[k] - resp[k] * p->half_prec[k];
        max = resp[k] > max ? resp[k] : max;
    }
    for (size_t k = 0; k < n; k++) {
        resp[k] = exp(resp[k] - max);
        sum += resp[k];
    }
    for (size_t k = 0; k < n; k++)
        resp[k] /= sum;
    return max + log(sum);
}

static double naive(const mixfill_estep *e, double *restrict acc, double *restrict resp,
                    const mixfill_rows *rows) {
    size_t n = (size_t)e->n_components;
    double log_likelihood = 0;
    for (int32_t i = 0; i < rows->n_rows; i++) {
        int64_t begin = rows->row_ptr[i], end = rows->row_ptr[i + 1];
        memset(resp, 0, n * sizeof *resp);
        for (int64_t r = begin; r < end; r++) {
            const double *m = e->mu + (size_t)rows->col[r] * e->kp;
            double x = rating(rows, r);
            for (size_t k = 0; k < n; k++)
                resp[k] += (x - m[k]) * (x - m[k]);
        }
        log_likelihood += softmax(e, resp, (double)(end - begin));
        for (int64_t r = begin; r < end; r++) {
            double *s0 = acc + (size_t)rows->col[r] * 2 * e->kp, *s1 = s0 + e->kp;
            double x = rating(rows, r);
            for (size_t k = 0; k < n; k++) {
                s0[k] += resp[k];
                s1[k] += resp[k] * x;
            }
        }
    }
    return log_likelihood;
}

extern const bench_probes BENCH_PROBES;
const bench_probes BENCH_PROBES = {
    .triad = triad, .gather = gather, .scatter = scatter, .naive = naive};
