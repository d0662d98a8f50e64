/* Leaf kernels of the `factor` model (docs/model.md 5): sums of table rows over a user's or an
 * item's ratings, and algebra on the small symmetric matrices of MIXFILL_LANES rows at a time. A
 * lane array (n,8) holds element i of row l at [i * 8 + l]; symmetric matrices are packed lower
 * triangles by rows, (0,0), (1,0), (1,1), ... No lane depends on another: a row's result is the
 * same in any company. */
#ifndef MIXFILL_KERNEL_FACTOR_H
#define MIXFILL_KERNEL_FACTOR_H

#include <stddef.h>
#include <stdint.h>

/* Ratings that are summed at once: their number is a multiple of it, made up with an empty row. */
enum { MIXFILL_SUM_GROUP = 4 };

/* Of the sums: ratings that are added as floats before the double takes them, how far ahead rows
 * are prefetched, and the longest row. */
enum { MIXFILL_SUM_FLUSH = 32, MIXFILL_SUM_AHEAD = 8, MIXFILL_MAX_STRIDE = 2176 };

/* Rows of floats to be summed: the first n_weighted of a row times a weight, the others as they
 * are. */
typedef struct mixfill_row_table {
    const float *rows; /* 64-byte aligned */
    size_t stride;     /* floats of a row, a multiple of 16 */
    size_t n_weighted; /* a multiple of 16 */
} mixfill_row_table;

/* A = weight gram_ff + precision, with gram (Q,Q) and its free coordinates f, first..Q-1, d of
 * them; b = weight (rhs_f - gram_f0) + prior, the gram_f0 only where coordinate 0 is not free. */
typedef struct mixfill_lane_system {
    size_t d;
    size_t first;            /* 0 or 1: coordinate 0 is held at 1 */
    double least_pivot;      /* times its diagonal element: a lesser pivot is rounding, and the
                                diagonal element stands for it, which keeps all that follows small */
    const double *gram;      /* lanes of Q(Q+1)/2 */
    const double *rhs;       /* lanes of Q */
    const double *weight;    /* one lane row */
    const double *precision; /* (d,d) of the prior, the same in every lane */
    const double *prior;     /* lanes of d: precision times the prior's mean */
    double *mean;            /* [out] lanes of d: A^-1 b */
    double *inverse;         /* [out] lanes of d(d+1)/2: A^-1 */
    double *log_det;         /* [out] one lane row: log |A| */
    double *quadratic;       /* [out] one lane row: b' A^-1 b */
    double *work;            /* lanes of d(d+1)/2 */
} mixfill_lane_system;

typedef struct mixfill_factor_kernels {
    /* out (stride) += the rows `row` (n) of a table, n a multiple of MIXFILL_SUM_GROUP. weight (n)
     * is not read where n_weighted is 0. Up to MIXFILL_SUM_FLUSH rows are added as floats. */
    void (*sum_rows)(double *restrict out, const mixfill_row_table *table,
                     const int32_t *restrict row, const float *restrict weight, size_t n);

    /* Between `count` <= 8 rows of n doubles, `stride` apart, and lanes; absent rows are 0. */
    void (*load)(double *restrict lanes, const double *restrict rows, size_t stride, size_t n,
                 int32_t count);
    void (*store)(double *restrict rows, const double *restrict lanes, size_t stride, size_t n,
                  int32_t count);

    /* Cholesky factor, inverse and solution. */
    void (*solve)(const mixfill_lane_system *system);

    /* out = matrix (d,d) in, for lanes of d; out is not in. */
    void (*map)(double *restrict out, const double *restrict matrix, const double *restrict in,
                size_t d);
    /* out = A in, A lanes of d(d+1)/2. */
    void (*multiply)(double *restrict out, const double *restrict a, const double *restrict in,
                     size_t d);
    /* out, one lane row: <a, b> of two symmetric matrices of lanes; of two vectors. */
    void (*inner)(double *restrict out, const double *restrict a, const double *restrict b,
                  size_t d);
    void (*dot)(double *restrict out, const double *restrict a, const double *restrict b, size_t d);

    /* out, one lane row: the trace of matrix (d,d) A. */
    void (*trace)(double *restrict out, const double *restrict matrix, const double *restrict a,
                  size_t d);
    /* First (Q) and packed second moments of f, whose coordinate 0 is 1 where first is 1, from the
     * mean (d) and covariance of the others; shape is {d, first}. All lanes. */
    void (*expand)(double *restrict mean_out, double *restrict second, const double *restrict mean,
                   const double *restrict cov, const size_t shape[2]);

    /* sums, lanes of 1 + d + d(d+1)/2: weight, weight a and weight (cov + a a') are added. */
    void (*add_prior)(double *restrict sums, const double *restrict a, const double *restrict cov,
                      const double *restrict weight, size_t d);

    /* First and packed second moment of one row, not in lanes, times scale. */
    void (*moments)(float *restrict row, float *restrict second, const double *restrict mean,
                    const double *restrict cov, double scale, const size_t shape[2]);
} mixfill_factor_kernels;

#endif
