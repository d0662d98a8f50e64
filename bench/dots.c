/* The loops, compiled as the kernels: once per instruction set, under the name BENCH_DOTS. */
#include "dots.h"

static void by_rows(double *restrict out, const double *restrict items, const double *restrict user,
                    size_t n_items, size_t k) {
    for (size_t j = 0; j < n_items; j++) {
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t c = 0; c < k; c++)
            sum += items[j * k + c] * user[c];
        out[j] = sum;
    }
}

static void by_columns(double *restrict out, const double *restrict items,
                       const double *restrict user, size_t n_items, size_t k) {
    enum { BLOCK = 32 };
    size_t j = 0;
    for (; j + BLOCK <= n_items; j += BLOCK) {
        double sum[BLOCK] = {0};
        for (size_t c = 0; c < k; c++)
            for (size_t i = 0; i < BLOCK; i++)
                sum[i] += items[c * n_items + j + i] * user[c];
        for (size_t i = 0; i < BLOCK; i++)
            out[j + i] = sum[i];
    }
    for (; j < n_items; j++) {
        out[j] = 0;
        for (size_t c = 0; c < k; c++)
            out[j] += items[c * n_items + j] * user[c];
    }
}

const bench_dots BENCH_DOTS = {by_rows, by_columns};
