/* Kernels of `factor`, of every instruction set, against plain loops. */
#include "factor/factors.h"
#include "kernel/kernel.h"
#include "kernel/kernel_factor.h"
#include "model/model.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { L = MIXFILL_LANES, MOST = 64, SIZE = MOST * (MOST + 1) / 2 };

/* One lane row on the stack. */
typedef double lane_row[L] __attribute__((aligned(64)));

static const size_t sizes[] = {1, 2, 5, 12, 13, 33, 64};

static void for_each(void (*fn)(const mixfill_factor_kernels *k, size_t d)) {
    char names[64];
    snprintf(names, sizeof names, "%s", mixfill_kernels_available());
    for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " ")) {
        const mixfill_kernels *kernels;
        setenv("MIXFILL_ISA", name, 1);
        cr_assert_eq(mixfill_kernels_choose(&kernels, NULL), MIXFILL_OK);
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            fn(kernels->factor, sizes[i]);
    }
}

/* n lane rows between -1 and 1. */
static double *lanes(size_t n, uint64_t seed) {
    double *x = mixfill_alloc(n * L, sizeof *x);
    for (size_t i = 0; i < n * L; i++)
        x[i] = 2 * support_uniform(&seed) - 1;
    return x;
}

static size_t at(size_t i, size_t j) {
    return i > j ? mixfill_packed(i) + j : mixfill_packed(j) + i;
}

/* Lanes of a well-conditioned positive definite matrix. */
static double *definite(size_t d, uint64_t seed) {
    double *x = lanes(mixfill_packed(d), seed);
    for (size_t i = 0; i < d; i++)
        for (size_t l = 0; l < L; l++)
            x[at(i, i) * L + l] += (double)d + 1;
    return x;
}

static void check_sums(const mixfill_factor_kernels *k, size_t d) {
    enum { ROWS = 9, N = 76 };
    size_t weighted = (d + 15) / 16 * 16, stride = (weighted + mixfill_packed(d) + 15) / 16 * 16;
    float *rows = mixfill_alloc(ROWS * stride, sizeof *rows), weight[N];
    double *out = mixfill_alloc_zero(stride, sizeof *out);
    int32_t row[N];
    uint64_t seed = d;
    for (size_t i = 0; i < ROWS * stride; i++)
        rows[i] = (float)(support_uniform(&seed) - 0.3);
    for (size_t e = 0; e < N; e++) {
        row[e] = (int32_t)(support_next(&seed) % ROWS);
        weight[e] = (float)(support_uniform(&seed) - 0.5);
    }
    mixfill_row_table table = {rows, stride, weighted};
    for (size_t i = 0; i < stride; i++)
        out[i] = 1;
    k->sum_rows(out, &table, row, weight, N);
    for (size_t i = 0; i < stride; i++) {
        double want = 1;
        for (size_t e = 0; e < N; e++)
            want +=
                (i < weighted ? (double)weight[e] : 1) * (double)rows[(size_t)row[e] * stride + i];
        support_close("sum", out[i], want, 1e-5);
    }
    mixfill_free(rows);
    mixfill_free(out);
}

Test(kernel_factor, sums) {
    for_each(check_sums);
}

static void check_solve(const mixfill_factor_kernels *k, size_t q) {
    for (size_t first = 0; first < 2 && q > first; first++) {
        size_t d = q - first;
        double *gram = definite(q, 3), *rhs = lanes(q, 4), *prior = lanes(d, 5);
        double *mean = lanes(d, 0), *inverse = lanes(mixfill_packed(d), 0);
        double *work = lanes(mixfill_packed(d), 0);
        lane_row factor, log_det, quadratic;
        double precision[MOST * MOST] = {0};
        for (size_t i = 0; i < d; i++)
            precision[i * d + i] = 1 + (double)i;
        for (size_t l = 0; l < L; l++)
            factor[l] = 0.5 + (double)l;
        const mixfill_lane_system s = {.d = d,
                                       .first = first,
                                       .least_pivot = 1e-12,
                                       .gram = gram,
                                       .rhs = rhs,
                                       .weight = factor,
                                       .precision = precision,
                                       .prior = prior,
                                       .mean = mean,
                                       .inverse = inverse,
                                       .log_det = log_det,
                                       .quadratic = quadratic,
                                       .work = work};
        k->solve(&s);
        for (size_t l = 0; l < L; l++) {
            double a[MOST][MOST], b[MOST], square = 0, logs = 0;
            for (size_t i = 0; i < d; i++) {
                b[i] = rhs[(i + first) * L + l];
                b[i] -= first ? gram[at(i + 1, 0) * L + l] : 0;
                b[i] = factor[l] * b[i] + prior[i * L + l];
                for (size_t j = 0; j < d; j++)
                    a[i][j] =
                        factor[l] * gram[at(i + first, j + first) * L + l] + precision[i * d + j];
            }
            for (size_t i = 0; i < d; i++) {
                double solution = 0;
                for (size_t j = 0; j < d; j++) {
                    double product = 0;
                    solution += inverse[at(i, j) * L + l] * b[j];
                    for (size_t p = 0; p < d; p++)
                        product += a[i][p] * inverse[at(p, j) * L + l];
                    support_close("A times its inverse", product, i == j, 1e-12);
                }
                support_close("mean", mean[i * L + l], solution, 1e-12);
                square += b[i] * solution;
            }
            support_close("quadratic", quadratic[l], square, 1e-11);
            for (size_t p = 0; p < d; p++) { /* elimination */
                logs += log(a[p][p]);
                for (size_t i = p + 1; i < d; i++)
                    for (size_t j = d; j-- > p;)
                        a[i][j] -= a[i][p] / a[p][p] * a[p][j];
            }
            support_close("log determinant", log_det[l], logs, 1e-10);
        }
        double *const all[] = {gram, rhs, prior, mean, inverse, work};
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            mixfill_free(all[i]);
    }
}

Test(kernel_factor, solve) {
    for_each(check_solve);
}

/* A matrix that rounding has made indefinite still gives finite numbers. */
static void check_singular(const mixfill_factor_kernels *k, size_t d) {
    double *gram = lanes(mixfill_packed(d), 3), *rhs = lanes(d, 4), *prior = lanes(d, 5);
    double *mean = lanes(d, 0), *inverse = lanes(mixfill_packed(d), 0);
    double *work = lanes(mixfill_packed(d), 0);
    lane_row factor, log_det, quadratic;
    double precision[MOST * MOST] = {0};
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++)
            for (size_t l = 0; l < L; l++)
                gram[at(i, j) * L + l] = i == j ? 1e6 : 1e6 + 0.05; /* a float of 1e6 */
    for (size_t l = 0; l < L; l++)
        factor[l] = 1;
    const mixfill_lane_system s = {d,     0,    1e-6,    gram,    rhs,       factor, precision,
                                   prior, mean, inverse, log_det, quadratic, work};
    k->solve(&s);
    for (size_t i = 0; i < d * L; i++)
        cr_assert(isfinite(mean[i]), "%zu %zu %g %g %g", d, i, mean[i], work[0], inverse[0]);
    for (size_t l = 0; l < L; l++)
        cr_assert(isfinite(log_det[l]) && quadratic[l] >= 0);
    double *const all[] = {gram, rhs, prior, mean, inverse, work};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        mixfill_free(all[i]);
}

Test(kernel_factor, singular) {
    for_each(check_singular);
}

static void check_algebra(const mixfill_factor_kernels *k, size_t d) {
    double *a = definite(d, 1), *b = lanes(mixfill_packed(d), 2), *x = lanes(d, 3);
    double *y = lanes(d, 4), *m = lanes(d * d, 5), *out = lanes(d, 0);
    lane_row trace, inner, dot;
    for (size_t i = 0; i < d; i++) /* trace is of a symmetric matrix */
        for (size_t j = 0; j < i; j++)
            m[i * d + j] = m[j * d + i];
    k->trace(trace, m, a, d);
    k->inner(inner, a, b, d);
    k->dot(dot, x, y, d);
    for (size_t l = 0; l < L; l++) {
        double t = 0, n = 0, p = 0;
        for (size_t i = 0; i < d; i++) {
            p += x[i * L + l] * y[i * L + l];
            for (size_t j = 0; j < d; j++) {
                t += m[i * d + j] * a[at(i, j) * L + l];
                n += a[at(i, j) * L + l] * b[at(i, j) * L + l];
            }
        }
        support_close("trace", trace[l], t, 1e-10);
        support_close("inner", inner[l], n, 1e-10);
        support_close("dot", dot[l], p, 1e-12);
    }
    for (int packed = 0; packed < 2; packed++) {
        if (packed)
            k->multiply(out, a, x, d);
        else
            k->map(out, m, x, d);
        for (size_t l = 0; l < L; l++)
            for (size_t i = 0; i < d; i++) {
                double sum = 0;
                for (size_t j = 0; j < d; j++)
                    sum += (packed ? a[at(i, j) * L + l] : m[i * d + j]) * x[j * L + l];
                support_close("product", out[i * L + l], sum, 1e-11);
            }
    }
    double *const all[] = {a, b, x, y, m, out};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        mixfill_free(all[i]);
}

Test(kernel_factor, algebra) {
    for_each(check_algebra);
}

static void check_moments(const mixfill_factor_kernels *k, size_t q) {
    for (size_t first = 0; first < 2 && q > first; first++) {
        size_t d = q - first, size = mixfill_packed(d);
        const size_t shape[2] = {d, first};
        double *mean = lanes(d, 1), *cov = lanes(size, 2), *moment = lanes(q, 0);
        double *second = lanes(mixfill_packed(q), 0), *sums = lanes(1 + d + size, 0);
        double *before = lanes(1 + d + size, 0), *weight = lanes(1, 9);
        float row[MOST], packed[SIZE];
        k->expand(moment, second, mean, cov, shape);
        k->add_prior(sums, mean, cov, weight, d);
        for (size_t l = 0; l < L; l++) {
            double one[MOST], own[SIZE], f[MOST] = {1};
            k->store(one, mean, d, d, 1);
            for (size_t i = 0; i < d; i++)
                one[i] = f[i + first] = mean[i * L + l];
            for (size_t i = 0; i < size; i++)
                own[i] = cov[i * L + l];
            k->moments(row, packed, one, own, 0.5, shape);
            for (size_t i = 0; i < q; i++) {
                support_close("first", moment[i * L + l], f[i], 0);
                support_close("row", (double)row[i], 0.5 * f[i], 1e-7);
                for (size_t j = 0; j <= i; j++) {
                    double c = j < first ? 0 : own[at(i - first, j - first)];
                    support_close("second", second[at(i, j) * L + l], f[i] * f[j] + c, 1e-14);
                    support_close("packed", (double)packed[at(i, j)], 0.5 * (f[i] * f[j] + c),
                                  1e-6);
                }
            }
            support_close("weight", sums[l], before[l] + weight[l], 0);
            for (size_t i = 0; i < d; i++) {
                size_t e = (1 + i) * L + l;
                support_close("s1", sums[e], before[e] + weight[l] * one[i], 1e-14);
                for (size_t j = 0; j <= i; j++) {
                    e = (1 + d + at(i, j)) * L + l;
                    double want = before[e] + weight[l] * (own[at(i, j)] + one[i] * one[j]);
                    support_close("s2", sums[e], want, 1e-14);
                }
            }
        }
        double *const all[] = {mean, cov, moment, second, sums, before, weight};
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            mixfill_free(all[i]);
    }
}

Test(kernel_factor, moments) {
    for_each(check_moments);
}

static void check_lanes(const mixfill_factor_kernels *k, size_t d) {
    for (int32_t count = 1; count <= L; count++) {
        size_t stride = d + 3;
        double *rows = lanes(stride, 7), *in = lanes(d, 8), *back = lanes(stride, 9);
        k->load(in, rows, stride, d, count);
        for (size_t i = 0; i < d; i++)
            for (size_t l = 0; l < L; l++)
                cr_assert_eq(in[i * L + l], l < (size_t)count ? rows[l * stride + i] : 0);
        double after = back[(size_t)count * stride - 1];
        k->store(back, in, stride, d, count);
        for (size_t l = 0; l < (size_t)count; l++)
            cr_assert_arr_eq(back + l * stride, rows + l * stride, d * sizeof *rows);
        cr_assert_eq(back[(size_t)count * stride - 1], after);
        mixfill_free(rows);
        mixfill_free(in);
        mixfill_free(back);
    }
}

Test(kernel_factor, lanes) {
    for_each(check_lanes);
}
