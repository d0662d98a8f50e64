/* Body of the kernels of `factor`, included by kernel_body.inc.h once per instruction set.
 *
 * Systems of a few tens of unknowns are too small for a vector to run along their rows, and there
 * is one per user and item. So 8 of them are stored side by side, one in each lane, and solved a
 * register at a time in the plain order of a scalar program: every operation fills its vector, and
 * a row's result is the same whoever its neighbours are (docs/model.md 8.2). Vectors of 8 lanes,
 * where a register holds fewer, compilers take apart by way of memory, at twice the time. */
#include "kernel/kernel_factor.h"

/* A register of floats, and half of one, which widens to a register of doubles. */
typedef float floats __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef float narrow __attribute__((vector_size(VECTOR_BYTES / 2), may_alias));

/* One element of each of as many rows, of the 8 side by side, as a register holds. */
typedef vec lanes;

INLINE floats floats_at(const float *p) {
    return *(const floats *)(const void *)p;
}

INLINE lanes *lanes_at(double *p, size_t i) {
    return (lanes *)(void *)(p + i * MIXFILL_LANES);
}

INLINE lanes lane_row(const double *p, size_t i) {
    return *(const lanes *)(const void *)(p + i * MIXFILL_LANES);
}

INLINE size_t packed(size_t i, size_t j) {
    return i * (i + 1) / 2 + j;
}

/* The sum of four rows to sum, or in its place. Four at a time, since a load and a store of sum for
 * each row alone would take longer than the additions; as a tree, (a + b) + (c + d), whose errors
 * grow less than those of a chain. */
INLINE void sum_group(float *restrict sum, const mixfill_row_table *t, const int32_t *row,
                      const float *weight, int add) {
    const size_t step = VECTOR_BYTES / sizeof(float);
    const float *r0 = t->rows + (size_t)row[0] * t->stride;
    const float *r1 = t->rows + (size_t)row[1] * t->stride;
    const float *r2 = t->rows + (size_t)row[2] * t->stride;
    const float *r3 = t->rows + (size_t)row[3] * t->stride;
    size_t i = 0;
    for (; i < t->n_weighted; i += step) {
        floats four = (floats_at(r0 + i) * weight[0] + floats_at(r1 + i) * weight[1]) +
                      (floats_at(r2 + i) * weight[2] + floats_at(r3 + i) * weight[3]);
        floats *s = (floats *)(void *)(sum + i);
        if (add)
            four += *s;
        *s = four;
    }
    for (; i < t->stride; i += step) {
        floats four =
            (floats_at(r0 + i) + floats_at(r1 + i)) + (floats_at(r2 + i) + floats_at(r3 + i));
        floats *s = (floats *)(void *)(sum + i);
        if (add)
            four += *s;
        *s = four;
    }
}

INLINE void prefetch_group(const mixfill_row_table *t, const int32_t *row) {
    for (size_t i = 0; i < MIXFILL_SUM_GROUP; i++) {
        const char *p = (const char *)(t->rows + (size_t)row[i] * t->stride);
        for (size_t byte = 0; byte < t->stride * sizeof(float); byte += LINE_BYTES)
            __builtin_prefetch(p + byte);
    }
}

/* At most a few groups, in floats, then to out. */
INLINE void sum_groups(double *restrict out, const mixfill_row_table *t, const int32_t *row,
                       const float *weight, size_t n, size_t ahead) {
    float sum[MIXFILL_MAX_STRIDE] __attribute__((aligned(LINE_BYTES)));
    for (size_t e = 0; e < n; e += MIXFILL_SUM_GROUP) {
        if (e + MIXFILL_SUM_AHEAD < ahead)
            prefetch_group(t, row + e + MIXFILL_SUM_AHEAD);
        if (e == 0)
            sum_group(sum, t, row, weight, 0);
        else
            sum_group(sum, t, row + e, weight + e, 1);
    }
    for (size_t i = 0; i < t->stride; i += ONE)
        *(vec *)(void *)(out + i) +=
            __builtin_convertvector(*(const narrow *)(const void *)(sum + i), vec);
}

/* Runs of MIXFILL_SUM_FLUSH rows are added as floats, few enough to lose little, and a double takes
 * each run (docs/model.md 8.1). Runs begin where the caller's list does, so a sum does not depend
 * on what else is summed. */
static void factor_sum_rows(double *restrict out, const mixfill_row_table *table,
                            const int32_t *restrict row, const float *restrict weight, size_t n) {
    const mixfill_row_table t = *table;
    for (size_t e = 0; e < n; e += MIXFILL_SUM_FLUSH) {
        size_t left = n - e;
        sum_groups(out, &t, row + e, weight + e,
                   left < MIXFILL_SUM_FLUSH ? left : MIXFILL_SUM_FLUSH, left);
    }
}

/* From rows to lanes. Lanes that no row fills are zeros, with which the algebra goes on as with
 * any others. */
static void factor_load(double *restrict out, const double *restrict rows, size_t stride, size_t n,
                        int32_t count) {
    if (count < MIXFILL_LANES)
        memset(out, 0, n * MIXFILL_LANES * sizeof *out);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < (size_t)count; l++)
            out[i * MIXFILL_LANES + l] = rows[l * stride + i];
}

static void factor_store(double *restrict rows, const double *restrict in, size_t stride, size_t n,
                         int32_t count) {
    for (size_t l = 0; l < (size_t)count; l++)
        for (size_t i = 0; i < n; i++)
            rows[l * stride + i] = in[i * MIXFILL_LANES + l];
}

/* A and, in mean, b of a system. */
INLINE void assemble(const mixfill_lane_system *s) {
    lanes weight = lane_row(s->weight, 0);
    for (size_t i = 0; i < s->d; i++) {
        size_t row = packed(i + s->first, 0);
        for (size_t j = 0; j <= i; j++)
            *lanes_at(s->work, packed(i, j)) =
                weight * lane_row(s->gram, row + j + s->first) + s->precision[i * s->d + j];
        lanes b = lane_row(s->rhs, i + s->first);
        if (s->first == 1)
            b -= lane_row(s->gram, row);
        *lanes_at(s->mean, i) = weight * b + lane_row(s->prior, i);
    }
}

/* pivot, or the diagonal element where too little is left of it to be more than rounding. */
INLINE lanes settle_pivot(lanes pivot, lanes diagonal, double least) {
    mask take = pivot > diagonal * least;
    return (lanes)(((mask)pivot & take) | ((mask)diagonal & ~take));
}

INLINE lanes root(lanes x) {
    double in[ONE], out[ONE];
    memcpy(in, &x, sizeof in);
    for (size_t l = 0; l < ONE; l++)
        out[l] = sqrt(in[l]);
    lanes result;
    memcpy(&result, out, sizeof result);
    return result;
}

INLINE void add_logs(double *sum, lanes x) {
    for (size_t l = 0; l < ONE; l++)
        sum[l] += log(x[l]);
}

/* L of work = L L' in its place, with the inverse of its diagonal, and log |A|. */
INLINE void factorise(const mixfill_lane_system *s) {
    enum { LOGS = 8 }; /* pivots multiplied before a logarithm is taken: far from overflow */
    lanes pivots = {0};
    pivots += 1;
    memset(s->log_det, 0, sizeof(lanes));
    for (size_t i = 0; i < s->d; i++) {
        double *row = s->work + packed(i, 0) * MIXFILL_LANES;
        for (size_t j = 0; j < i; j++) {
            const double *other = s->work + packed(j, 0) * MIXFILL_LANES;
            lanes sum = lane_row(row, j);
            for (size_t k = 0; k < j; k++)
                sum -= lane_row(row, k) * lane_row(other, k);
            *lanes_at(row, j) = sum * lane_row(other, j);
        }
        lanes pivot = lane_row(row, i);
        for (size_t k = 0; k < i; k++)
            pivot -= lane_row(row, k) * lane_row(row, k);
        pivot = settle_pivot(pivot, lane_row(row, i), s->least_pivot);
        pivots *= pivot;
        *lanes_at(row, i) = 1 / root(pivot);
        if (i % LOGS == LOGS - 1 || i + 1 == s->d) {
            add_logs(s->log_det, pivots);
            pivots = pivots * 0 + 1;
        }
    }
}

/* L^-1 in the place of L. */
INLINE void invert_triangle(double *a, size_t d) {
    for (size_t i = 1; i < d; i++) {
        double *row = a + packed(i, 0) * MIXFILL_LANES;
        for (size_t j = 0; j < i; j++) {
            lanes sum = {0};
            for (size_t k = j; k < i; k++)
                sum += lane_row(row, k) * lane_row(a, packed(k, j));
            *lanes_at(row, j) = -sum * lane_row(row, i);
        }
    }
}

/* A^-1 = L^-T L^-1, and with y = L^-1 b: b' A^-1 b = y'y, mean = L^-T y. */
INLINE void solve_factored(const mixfill_lane_system *s) {
    const double *inverse = s->work;
    lanes quadratic = {0};
    for (size_t i = s->d; i-- > 0;) {
        lanes y = {0};
        for (size_t k = 0; k <= i; k++)
            y += lane_row(inverse, packed(i, k)) * lane_row(s->mean, k);
        quadratic += y * y;
        *lanes_at(s->mean, i) = y;
    }
    *lanes_at(s->quadratic, 0) = quadratic;
    for (size_t i = 0; i < s->d; i++) {
        lanes sum = {0};
        for (size_t k = i; k < s->d; k++)
            sum += lane_row(inverse, packed(k, i)) * lane_row(s->mean, k);
        *lanes_at(s->mean, i) = sum;
        for (size_t j = 0; j <= i; j++) {
            lanes element = {0};
            for (size_t k = i; k < s->d; k++)
                element += lane_row(inverse, packed(k, i)) * lane_row(inverse, packed(k, j));
            *lanes_at(s->inverse, packed(i, j)) = element;
        }
    }
}

/* Register by register; the prior's precision is the same for all rows. */
static void factor_solve(const mixfill_lane_system *system) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE) {
        mixfill_lane_system s = *system;
        s.gram += at;
        s.rhs += at;
        s.weight += at;
        s.prior += at;
        s.mean += at;
        s.inverse += at;
        s.log_det += at;
        s.quadratic += at;
        s.work += at;
        assemble(&s);
        factorise(&s);
        invert_triangle(s.work, s.d);
        solve_factored(&s);
    }
}

INLINE void map_register(double *restrict out, const double *restrict matrix,
                         const double *restrict in, size_t d) {
    for (size_t i = 0; i < d; i++) {
        lanes sum = {0};
        for (size_t j = 0; j < d; j++)
            sum += matrix[i * d + j] * lane_row(in, j);
        *lanes_at(out, i) = sum;
    }
}

static void factor_map(double *restrict out, const double *restrict matrix,
                       const double *restrict in, size_t d) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE)
        map_register(out + at, matrix, in + at, d);
}

INLINE void multiply_register(double *restrict out, const double *restrict a,
                              const double *restrict in, size_t d) {
    for (size_t i = 0; i < d; i++) {
        lanes sum = {0};
        for (size_t j = 0; j <= i; j++)
            sum += lane_row(a, packed(i, j)) * lane_row(in, j);
        for (size_t j = i + 1; j < d; j++)
            sum += lane_row(a, packed(j, i)) * lane_row(in, j);
        *lanes_at(out, i) = sum;
    }
}

static void factor_multiply(double *restrict out, const double *restrict a,
                            const double *restrict in, size_t d) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE)
        multiply_register(out + at, a + at, in + at, d);
}

INLINE void inner_register(double *restrict out, const double *restrict a, const double *restrict b,
                           size_t d) {
    lanes diagonal = {0}, rest = {0};
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < i; j++)
            rest += lane_row(a, packed(i, j)) * lane_row(b, packed(i, j));
        diagonal += lane_row(a, packed(i, i)) * lane_row(b, packed(i, i));
    }
    *lanes_at(out, 0) = diagonal + 2 * rest;
}

static void factor_inner(double *restrict out, const double *restrict a, const double *restrict b,
                         size_t d) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE)
        inner_register(out + at, a + at, b + at, d);
}

INLINE void dot_register(double *restrict out, const double *restrict a, const double *restrict b,
                         size_t d) {
    lanes sum = {0};
    for (size_t i = 0; i < d; i++)
        sum += lane_row(a, i) * lane_row(b, i);
    *lanes_at(out, 0) = sum;
}

static void factor_dot(double *restrict out, const double *restrict a, const double *restrict b,
                       size_t d) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE)
        dot_register(out + at, a + at, b + at, d);
}

INLINE void trace_register(double *restrict out, const double *restrict matrix,
                           const double *restrict a, size_t d) {
    lanes diagonal = {0}, rest = {0};
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < i; j++)
            rest += matrix[i * d + j] * lane_row(a, packed(i, j));
        diagonal += matrix[i * d + i] * lane_row(a, packed(i, i));
    }
    *lanes_at(out, 0) = diagonal + 2 * rest;
}

static void factor_trace(double *restrict out, const double *restrict matrix,
                         const double *restrict a, size_t d) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE)
        trace_register(out + at, matrix, a + at, d);
}

/* f~ = (1, f) where first is 1: E f~ to mean_out, E f~ f~' = m m' + cov to second, the row of
 * the 1 in front. */
INLINE void expand_register(double *restrict mean_out, double *restrict second,
                            const double *restrict mean, const double *restrict cov,
                            const size_t shape[2]) {
    size_t d = shape[0], first = shape[1];
    if (first == 1)
        *lanes_at(mean_out, 0) = *lanes_at(second, 0) = (lanes){0} + 1;
    for (size_t i = 0; i < d; i++) {
        size_t row = packed(i + first, 0);
        lanes m = lane_row(mean, i);
        *lanes_at(mean_out, i + first) = m;
        if (first == 1)
            *lanes_at(second, row) = m;
        for (size_t j = 0; j <= i; j++)
            *lanes_at(second, row + first + j) =
                m * lane_row(mean, j) + lane_row(cov, packed(i, j));
    }
}

static void factor_expand(double *restrict mean_out, double *restrict second,
                          const double *restrict mean, const double *restrict cov,
                          const size_t shape[2]) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE)
        expand_register(mean_out + at, second + at, mean + at, cov + at, shape);
}

INLINE void add_prior_register(double *restrict sums, const double *restrict a,
                               const double *restrict cov, const double *restrict weight,
                               size_t d) {
    lanes w = lane_row(weight, 0);
    *lanes_at(sums, 0) += w;
    for (size_t i = 0; i < d; i++) {
        lanes scaled = w * lane_row(a, i);
        *lanes_at(sums, 1 + i) += scaled;
        for (size_t j = 0; j <= i; j++)
            *lanes_at(sums, 1 + d + packed(i, j)) +=
                scaled * lane_row(a, j) + w * lane_row(cov, packed(i, j));
    }
}

static void factor_add_prior(double *restrict sums, const double *restrict a,
                             const double *restrict cov, const double *restrict weight, size_t d) {
    for (size_t at = 0; at < MIXFILL_LANES; at += ONE)
        add_prior_register(sums + at, a + at, cov + at, weight + at, d);
}

/* As floats, scaled: they are the rows that the other side's sums read, and half the bytes are
 * half the time there. */
static void factor_moments(float *restrict row, float *restrict second, const double *restrict mean,
                           const double *restrict cov, double scale, const size_t shape[2]) {
    size_t d = shape[0], first = shape[1];
    if (first == 1)
        row[0] = second[0] = (float)scale;
    for (size_t i = 0; i < d; i++) {
        double scaled = scale * mean[i];
        float *out = second + packed(i + first, 0);
        row[i + first] = (float)scaled;
        if (first == 1)
            *out++ = (float)scaled;
        for (size_t j = 0; j <= i; j++)
            out[j] = (float)(scaled * mean[j] + scale * cov[packed(i, j)]);
    }
}

static const mixfill_factor_kernels factor_kernels = {
    .sum_rows = factor_sum_rows,
    .load = factor_load,
    .store = factor_store,
    .solve = factor_solve,
    .map = factor_map,
    .multiply = factor_multiply,
    .inner = factor_inner,
    .dot = factor_dot,
    .trace = factor_trace,
    .expand = factor_expand,
    .add_prior = factor_add_prior,
    .moments = factor_moments,
};
