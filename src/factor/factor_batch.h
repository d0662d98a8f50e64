/* What the parts of the `factor` model have in common: passes over the rows of a side, 8 at a time
 * in lanes. Rows are independent of each other; sums over them are made chunk by chunk and added in
 * chunk order, so that nothing depends on the threads. */
#ifndef MIXFILL_FACTOR_BATCH_H
#define MIXFILL_FACTOR_BATCH_H

#include "factor/factor_workspace.h"

/* Pseudo-observations of the priors of s and v (docs/model.md 5.6). */
enum { MIXFILL_NOISE_STRENGTH = 30 };

static inline bool mixfill_factor_is_users(const mixfill_factor_side *side) {
    return side->first == 1;
}

/* Up to 8 rows of a side, first .. first + count - 1, each in a lane of the scratch t, where most
 * of a batch function takes place: an array of d numbers a row is d lane rows there. sums:
 * (count,stride) of these rows over the table the pass was given, or NULL. */
typedef struct mixfill_factor_batch {
    mixfill_factor_workspace *ws;
    mixfill_factor_side *side;
    const mixfill_factor_scratch *t;
    const double *sums;
    int32_t first, count;
} mixfill_factor_batch;

/* What is done to a batch; may add to t->totals. The functions below and in the files named, what
 * they read and what they write ("side" means the arrays of its rows, all else is scratch):
 *
 *   function          file     reads                               writes
 *   load_posterior             side mean, cov, spread              old, cov, spread
 *   load_shift                 side shift                          shift
 *   load_prior                 side shift, centre                  shift, prior_mean
 *   load_sums                  sums                                rhs, gram, square, log
 *   errors                     rhs, gram, square, mean and cov     moment, second, x, z, its out
 *   prior_errors               prior_mean, mean and cov            a, b, x, z
 *   solve                      rhs, gram, prior_mean               prior, weight, mean, inverse,
 *                                                                  log_det, quadratic, work
 *   write_moments              side mean, cov, precision, spread   side table
 *   step              em       sums, side                          side mean, cov; users' scales
 *   last_step         em       sums, side                          users' scales, totals
 *   settle            em       side; change, image after a shift   side mean, shift; totals of the
 *                                                                  prior; users' table
 *   item_errors       em       item_sums, side                     by_item, totals
 *   item_noise        em       by_item, side count                 side spread, precision, table
 *   cg_gradient       shift    side mean, shift, precision         side thin
 *   cg_begin          shift    sums, owner y                       owner residual, direction; thin,
 *                                                                  totals
 *   cg_apply          shift    sums, side change, image, cov       side change, image, thin; totals
 *   cg_move           shift    owner direction                     owner y
 *   cg_advance        shift    sums, owner direction, residual     owner y, residual; totals
 *   cg_turn           shift    owner residual, direction           owner direction; thin, totals
 *   fold_in_batch     fold_in  sums, ws->unknown                   side mean, cov, spread
 *
 * where the owner of a shift is the side whose rows it moves, though its y has a row for each of
 * the other's. */
typedef void (*mixfill_factor_batch_fn)(const mixfill_factor_batch *batch, double parameter);

/* A pass over the rows of a side, n_totals sums of which come into ws->totals. table: whose rows
 * are summed over each row's ratings, or NULL. Every thread of the parallel region that it is
 * called from calls it, with the same arguments; they share the rows and leave it together. So an
 * iteration is one region, in which all threads walk through its passes. What stands between
 * these is done by each of them for itself, or by one (omp single). */
void mixfill_factor_pass(mixfill_factor_workspace *ws, int side, const mixfill_factor_table *table,
                         mixfill_factor_batch_fn fn, double parameter, size_t n_totals);

/* A batch's rows into the lanes of its scratch: posteriors (old, cov, spread); the shift and, with
 * it, the mean of the prior (shift, prior_mean); sums over their ratings (rhs, gram, square, log).
 */
void mixfill_factor_load_posterior(const mixfill_factor_batch *b);
void mixfill_factor_load_shift(const mixfill_factor_batch *b);
void mixfill_factor_load_prior(const mixfill_factor_batch *b);
void mixfill_factor_load_sums(const mixfill_factor_batch *b, const double *sums);

/* Into out, one lane row: the sum over each row's ratings of their squared error over the other
 * side's spread, with what is unsure of both sides: sum x^2 - 2 x first + <second, gram>, from the
 * sums that are loaded and the mean and covariance of the free coordinates. */
void mixfill_factor_errors(const mixfill_factor_batch *b, double *out, const double *mean,
                           const double *cov);

/* Squared errors of the prior, from its loaded mean: into x (mean - prior_mean)' precision (mean -
 * prior_mean), into z tr precision cov. */
void mixfill_factor_prior_errors(const mixfill_factor_batch *b, const double *mean,
                                 const double *cov);

/* The rows' posteriors, given the loaded sums and the prior: mean, inverse (A^-1), log_det,
 * quadratic, and in prior precision times prior_mean. */
void mixfill_factor_solve(const mixfill_factor_batch *b);

/* A batch function: the rows' moments over their spread, for the other side to sum. */
void mixfill_factor_write_moments(const mixfill_factor_batch *b, double unused);

/* Inverse and log determinant of a side's prior covariance. */
void mixfill_factor_invert_prior(mixfill_factor_workspace *ws, mixfill_factor_side *s);

/* A side's moments as a table; rows of the shift as one. */
mixfill_factor_table mixfill_factor_moments_of(const mixfill_factor_workspace *ws, int side);
mixfill_factor_table mixfill_factor_thin_of(const mixfill_factor_workspace *ws, int side);

#endif
