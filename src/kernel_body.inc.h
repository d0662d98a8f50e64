/* Body of the kernels, included once per instruction set with KERNELS (the table's name),
 * KERNELS_NAME (its text) and VECTOR_BYTES (a register's width) defined. Vectors are GCC's generic
 * ones, which every target lowers to what it has; a group of them stays in registers while a row or
 * a pair is summed. */
#include "kernel.h"
#include "model.h"

#include <string.h>

typedef double vec __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* Lanes of a register, of the widest group of registers summed at once, and of a half of it.
 * MIXFILL_LANES is a multiple of the quarter, so groups of 4, 2 and 1 registers cover every kp. */
enum { GROUP = 4, PREFETCH_AHEAD = 16 };
#define ONE (VECTOR_BYTES / sizeof(double))
#define HALF (2 * ONE)
#define WIDE (GROUP * ONE)

#define INLINE static inline __attribute__((always_inline))

/* Ratings as codes or as values; the compiler drops the branch, which is constant in each instance.
 */
INLINE double rating(const uint8_t *code, const double *level, const double *value, int64_t e) {
    return code != NULL ? level[code[e]] : value[e];
}

/* Vectors of mu start at multiples of 64 bytes: kp is a multiple of MIXFILL_LANES. */
INLINE const vec *vectors(const double *p) {
    return (const vec *)(const void *)p;
}

/* One row, n vectors of lanes from `lane` on. with_x: subtract mu from x before squaring. */
INLINE void sum_row(double *restrict out, const mixfill_rows *rows, int64_t begin, int64_t end,
                    const double *restrict mu, size_t kp, int n, int with_x, int coded) {
    vec sum[GROUP];
    for (int v = 0; v < n; v++)
        sum[v] = (vec){0};
    for (int64_t e = begin; e < end; e++) {
        if (e + PREFETCH_AHEAD < end)
            __builtin_prefetch(mu + (size_t)rows->col[e + PREFETCH_AHEAD] * kp);
        const vec *m = vectors(mu + (size_t)rows->col[e] * kp);
        double x = with_x ? rating(coded ? rows->code : NULL, rows->level, rows->value, e) : 0;
        for (int v = 0; v < n; v++) {
            vec d = m[v];
            if (with_x)
                d = x - d;
            sum[v] += d * d;
        }
    }
    memcpy(out, sum, (size_t)n * sizeof sum[0]);
}

INLINE void sum_rows(double *restrict out, const mixfill_rows *rows, const double *restrict mu,
                     size_t kp, int with_x, int coded) {
    for (int32_t i = 0; i < rows->n_rows; i++) {
        int64_t begin = rows->row_ptr[i], end = rows->row_ptr[i + 1];
        double *row = out + (size_t)i * kp;
        size_t lane = 0;
        for (; lane + WIDE <= kp; lane += WIDE)
            sum_row(row + lane, rows, begin, end, mu + lane, kp, GROUP, with_x, coded);
        for (; lane + HALF <= kp; lane += HALF)
            sum_row(row + lane, rows, begin, end, mu + lane, kp, GROUP / 2, with_x, coded);
        for (; lane < kp; lane += ONE)
            sum_row(row + lane, rows, begin, end, mu + lane, kp, 1, with_x, coded);
    }
}

static void squared_error(double *restrict sse, const mixfill_rows *rows, const double *restrict mu,
                          size_t kp) {
    if (rows->code != NULL)
        sum_rows(sse, rows, mu, kp, 1, 1);
    else
        sum_rows(sse, rows, mu, kp, 1, 0);
}

static void squared_norm(double *restrict sums, const mixfill_rows *rows, const double *restrict mu,
                         size_t kp) {
    sum_rows(sums, rows, mu, kp, 0, 0);
}

/* One pair, n vectors of lanes: sums in registers, then one rounded read-modify-write. */
INLINE void add_pair(double *restrict acc, const mixfill_pairs *pairs, uint32_t begin, uint32_t end,
                     const double *restrict resp, const double *restrict grid, size_t kp, int n,
                     int coded) {
    vec s0[GROUP], s1[GROUP];
    for (int v = 0; v < n; v++)
        s0[v] = s1[v] = (vec){0};
    for (uint32_t e = begin; e < end; e++) {
        const vec *r = vectors(resp + (size_t)pairs->user[e] * kp);
        double x = rating(coded ? pairs->code : NULL, pairs->level, pairs->value, e);
        for (int v = 0; v < n; v++) {
            s0[v] += r[v];
            s1[v] += r[v] * x;
        }
    }
    vec *a0 = (vec *)(void *)acc, *a1 = (vec *)(void *)(acc + kp);
    for (int v = 0; v < n; v++) {
        a0[v] += (s0[v] + grid[0]) - grid[0];
        a1[v] += (s1[v] + grid[1]) - grid[1];
    }
}

INLINE void add_pairs(double *restrict acc, const mixfill_pairs *pairs, const double *restrict resp,
                      const double *restrict grid, size_t kp, int coded) {
    uint32_t begin = pairs->begin;
    for (int32_t i = 0; i < pairs->n_items; i++) {
        size_t j = (size_t)pairs->item[i];
        uint32_t end = pairs->end[i];
        double *a = acc + (pairs->packed ? (size_t)i : j) * 2 * kp;
        const double *g = grid + j * 2;
        size_t lane = 0;
        for (; lane + WIDE <= kp; lane += WIDE)
            add_pair(a + lane, pairs, begin, end, resp + lane, g, kp, GROUP, coded);
        for (; lane + HALF <= kp; lane += HALF)
            add_pair(a + lane, pairs, begin, end, resp + lane, g, kp, GROUP / 2, coded);
        for (; lane < kp; lane += ONE)
            add_pair(a + lane, pairs, begin, end, resp + lane, g, kp, 1, coded);
        begin = end;
    }
}

static void add_moments(double *restrict acc, const mixfill_pairs *pairs,
                        const double *restrict resp, const double *restrict grid, size_t kp) {
    if (pairs->code != NULL)
        add_pairs(acc, pairs, resp, grid, kp, 1);
    else
        add_pairs(acc, pairs, resp, grid, kp, 0);
}

const mixfill_kernels KERNELS = {
    .name = KERNELS_NAME,
    .squared_error = squared_error,
    .squared_norm = squared_norm,
    .add_moments = add_moments,
};
