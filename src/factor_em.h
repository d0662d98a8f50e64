/* The iteration of the `factor` model (DESIGN 1.4): variational Bayes that takes users and items in
 * turns. What is done to one side is done to the other, so most of it is written once, for a side.
 * Rows of a side are independent of each other; sums over rows are made chunk by chunk and added in
 * chunk order, so that nothing depends on the threads. */
#ifndef MIXFILL_FACTOR_EM_H
#define MIXFILL_FACTOR_EM_H

#include "blocks.h"
#include "factors.h"
#include "kernel_factor.h"
#include "ratings.h"

enum { MIXFILL_USERS = 0, MIXFILL_ITEMS = 1 };

/* Where the parts of a table's row, and of the sum of such rows, stand. Weighted: the first moment
 * (Q), then in sums the sum of x^2; from `second` on: the packed second moment, then in sums over
 * items that of log v. */
typedef struct mixfill_factor_layout {
    size_t q, moments, second_size; /* q, Q, Q(Q+1)/2 */
    size_t square, second, log;
    size_t stride;
    size_t thin; /* stride of the rows of the shift */
} mixfill_factor_layout;

/* Ratings as x, and how their rows are summed. */
typedef struct mixfill_factor_source {
    const mixfill_ratings *ratings; /* items numbered as the table's */
    const mixfill_factor_kernels *kernels;
    double g, sd;
    double level[256]; /* x of each code */
} mixfill_factor_source;

void mixfill_factor_source_init(mixfill_factor_source *source, const mixfill_ratings *ratings,
                                const mixfill_factor_kernels *kernels, double g, double sd);

/* A table whose row number `empty` is all 0; precision of each row, or NULL where no x is asked
 * for. */
typedef struct mixfill_factor_table {
    mixfill_row_table rows;
    int32_t empty;
    const double *precision; /* 1/v or 1/s */
    size_t square;           /* where sum precision x^2 goes */
} mixfill_factor_table;

/* out (count,stride) = sums over the ratings of users first .. first + count - 1. */
void mixfill_factor_sum_users(double *out, const mixfill_factor_source *source,
                              const mixfill_factor_table *table, int32_t first, int32_t count);

/* Common items in chunks of ranks first[i] .. first[i + 1] - 1, each summed by one thread. Sums do
 * not depend on the cut. */
typedef struct mixfill_factor_item_cut {
    const mixfill_blocks *blocks;
    int32_t n, threads;
    int32_t *first; /* (n + 1) */
} mixfill_factor_item_cut;

/* False when out of memory. */
bool mixfill_factor_item_cut_init(mixfill_factor_item_cut *item_cut, const mixfill_blocks *blocks,
                                  size_t stride, int32_t threads);
void mixfill_factor_item_cut_clear(mixfill_factor_item_cut *item_cut);

/* out (D,stride) = sums over the ratings of every item, in user order. */
void mixfill_factor_sum_items(double *out, const mixfill_factor_source *source,
                              const mixfill_factor_table *table,
                              const mixfill_factor_item_cut *item_cut);

/* Lane arrays of one thread: symmetric matrices, vectors and single numbers. */
typedef struct mixfill_factor_scratch {
    double *sums;                                 /* (8,stride) rows of sums, not lanes */
    double *gram, *second, *cov, *inverse, *work; /* Q(Q+1)/2 */
    double *rhs, *moment, *mean, *old, *prior, *prior_mean, *shift, *a, *b, *c;            /* Q */
    double *spread, *square, *log, *error, *log_det, *quadratic, *factor, *x, *z, *growth; /* 1 */
    double *totals; /* what a chunk adds up */
    double *block;  /* all of these */
} mixfill_factor_scratch;

/* A side's rows have the prior Normal(centre + shift, s cov). */
typedef struct mixfill_factor_side {
    int32_t n, n_rated;
    size_t d, first; /* free coordinates, and of which on: q and 1 of users, Q and 0 of items */
    double lambda;   /* ridge of y; 0: no implicit terms, and no arrays for them */
    int32_t *count;  /* (n) ratings */
    double *mean, *cov, *centre,
        *prior_cov;          /* of the parameters: (n,d), (n,d(d+1)/2), (d), (d,d) */
    double *spread;          /* (n), of the parameters: s of users, v of items */
    double *precision;       /* (n) 1 / spread */
    double *prior_precision; /* (d,d) */
    double prior_log_det;    /* of prior_cov */
    float *table;            /* (n + 1,stride) moments over spread */
    double *shift;           /* (n,d) */
    double *y;      /* (other n,d), whose sums the shift is; of items' ids, that is of users'
                       shift, it belongs to the parameters */
    double *reach;  /* (other n) sum of 1 / count over the rows that hold it */
    double *change; /* (n,d) of the shift, as far as it has come */
    double *image;  /* (n,d) H p of the last step */
    double *residual, *direction; /* (other n,d) */
    float *thin;                  /* (n + 1,thin) */
} mixfill_factor_side;

/* A user's ratings of items of which only the prior is known. */
typedef struct mixfill_factor_unknown {
    double n, sum, squares; /* of x */
} mixfill_factor_unknown;

/* Wall time of the steps of an iteration. */
typedef struct mixfill_factor_seconds {
    double user_step, user_shift, item_step, item_shift, noise; /* priors with the shifts */
} mixfill_factor_seconds;

typedef struct mixfill_factor_workspace {
    const mixfill_options *options;
    int32_t threads;
    mixfill_factor_layout layout;
    mixfill_factor_source source;
    mixfill_factor_item_cut item_cut;
    mixfill_factors *params;               /* that the sides point into */
    bool fold;                             /* for fold-in only */
    const mixfill_factor_unknown *unknown; /* (users) of fold-in */
    bool scales_are_due; /* the users' scales are still those of an iteration ago */
    mixfill_factor_side side[2];
    double first_noise; /* v of a start */
    double *item_sums;  /* (D,stride) of the item step, kept for the noise */
    double *by_item;    /* (D) sums of x at a start, errors at the end of an iteration */
    double *thin_sums;  /* (D,thin) */
    double *partial;    /* (chunks of rows,totals) */
    double *totals;
    mixfill_factor_scratch *scratch; /* (threads) */
    mixfill_factor_seconds seconds;
} mixfill_factor_workspace;

/* Everything an iteration needs for these ratings; all borrowed. MIXFILL_ERR_NOMEM,
 * MIXFILL_ERR_ARG (MIXFILL_ISA). */
mixfill_status mixfill_factor_workspace_init(mixfill_factor_workspace *ws,
                                             const mixfill_ratings *ratings,
                                             const mixfill_blocks *blocks,
                                             const mixfill_options *options, mixfill_error *err);

/* What it takes to fold the users of rows, whose items are numbered as those of factors, into
 * these; of the options rank, implicit, its strength and threads are heeded. No buffers of the item
 * side's steps. MIXFILL_ERR_NOMEM, MIXFILL_ERR_ARG. */
mixfill_status mixfill_factor_workspace_init_fold(mixfill_factor_workspace *ws,
                                                  const mixfill_ratings *rows,
                                                  const mixfill_options *options,
                                                  const mixfill_factors *factors,
                                                  mixfill_error *err);
void mixfill_factor_workspace_clear(mixfill_factor_workspace *ws);

/* Bytes of a workspace. */
size_t mixfill_factor_workspace_bytes(const mixfill_ratings *ratings,
                                      const mixfill_options *options, int32_t threads);

/* The parameters that the sides point into from now on. */
void mixfill_factor_attach(mixfill_factor_workspace *ws, mixfill_factors *params);

/* The start of a seed, into params and the workspace. */
void mixfill_factor_start(mixfill_factor_workspace *ws, mixfill_factors *params, uint32_t seed);

/* Iteration number it (from 0) of the start that ws and params are in; returns the log-likelihood
 * of its user step. Allocates nothing. */
double mixfill_factor_iteration(mixfill_factor_workspace *ws, mixfill_factors *params, int32_t it);

/* The users' scales that belong to the end of an iteration that left these params; returns the
 * log-likelihood of one more user step, which changes nothing. */
double mixfill_factor_finish(mixfill_factor_workspace *ws, mixfill_factors *params);

/* ---- parts of it, for files beside this one ---- */

/* What is done to up to 8 rows of a side, first .. first + count - 1; may add to t->totals. sums:
 * (count,stride) of these rows over the table the pass was given, or NULL. */
typedef struct mixfill_factor_batch {
    mixfill_factor_workspace *ws;
    mixfill_factor_side *side;
    const mixfill_factor_scratch *t;
    const double *sums;
    int32_t first, count;
} mixfill_factor_batch;

typedef void (*mixfill_factor_batch_fn)(const mixfill_factor_batch *batch, double parameter);

/* A pass over the rows of a side, n_totals sums of which come into ws->totals. table: whose rows
 * are summed over each row's ratings, or NULL. */
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

/* The rows' posteriors, given the loaded sums and the prior: mean, inverse (A^-1), log_det,
 * quadratic, and in prior precision times prior_mean. */
void mixfill_factor_solve(const mixfill_factor_batch *b);

/* A mixfill_factor_batch_fn: the rows' moments over their spread, for the other side to sum. */
void mixfill_factor_write_moments(const mixfill_factor_batch *b, double unused);

/* Inverse and log determinant of a side's prior covariance. */
void mixfill_factor_invert_prior(mixfill_factor_workspace *ws, mixfill_factor_side *s);

/* A side's moments as a table; rows of the shift as one. */
mixfill_factor_table mixfill_factor_moments_of(const mixfill_factor_workspace *ws, int side);
mixfill_factor_table mixfill_factor_thin_of(const mixfill_factor_workspace *ws, int side);

/* Move y of a side's shift by two steps of conjugate gradients (DESIGN 1.4), with change, image and
 * the number a returned such that the shift of its rows changes by change + a image; NaN where
 * nothing moved. */
double mixfill_factor_shift(mixfill_factor_workspace *ws, int side);

/* The users' shift from y alone. */
void mixfill_factor_reshift(mixfill_factor_workspace *ws);

/* Pseudo-observations of the priors of s and v (DESIGN 1.4). */
enum { MIXFILL_NOISE_STRENGTH = 30 };

/* Rows of a chunk, whose sums are added first. */
enum { MIXFILL_FACTOR_CHUNK = 32 };

static inline int32_t mixfill_factor_n_chunks(int32_t n) {
    return n / MIXFILL_FACTOR_CHUNK + (n % MIXFILL_FACTOR_CHUNK != 0);
}

static inline bool mixfill_factor_is_users(const mixfill_factor_side *side) {
    return side->first == 1;
}

#endif
