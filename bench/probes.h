/* What an iteration is measured against: memory's bandwidth, the E-step's reads alone, and the
 * scatter of the obvious loop. Compiled once per instruction set, as the kernels are. */
#ifndef BENCH_PROBES_H
#define BENCH_PROBES_H

#include "mixture/estep.h"

typedef struct bench_probes {
    /* a (n) = b + 3 c, as STREAM's triad. */
    void (*triad)(double *restrict a, const double *restrict b, const double *restrict c, size_t n);

    /* The reads of squared_error with an addition each: sums (n_rows,kp) = sum over the row's
     * ratings of mu_jk. mu (D,kp), 64-byte aligned. */
    void (*gather)(double *restrict sums, const mixfill_rows *rows, const double *restrict mu,
                   size_t kp);

    /* The moments of rows straight to their items: acc (D,2,kp) += resp_uk, resp_uk x. resp
     * (n_rows,kp), both 64-byte aligned. */
    void (*scatter)(double *restrict acc, const mixfill_rows *rows, const double *restrict resp,
                    size_t kp);

    /* The obvious loop: for each row the E-step, then its moments into acc (D,2,kp), as plain loops
     * over K. resp (kp) is scratch; returns the log-likelihood. Not for the notebook's arithmetic.
     */
    double (*naive)(const mixfill_estep *e, double *restrict acc, double *restrict resp,
                    const mixfill_rows *rows);
} bench_probes;

/* The probes compiled for the instruction set of these kernels. */
const bench_probes *bench_probes_for(const mixfill_kernels *kernels);

extern const bench_probes bench_probes_generic, bench_probes_v1, bench_probes_v3, bench_probes_v4;

#endif
