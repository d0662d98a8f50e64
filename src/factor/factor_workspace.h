/* What the iteration of `factor` works on. Whatever is done to one side of the matrix, users or
 * items, is done to the other, so that most is written once, for a side. */
#ifndef MIXFILL_FACTOR_WORKSPACE_H
#define MIXFILL_FACTOR_WORKSPACE_H

#include "base/laps.h"
#include "factor/factor_sums.h"
#include "factor/factors.h"

/* Rows of a chunk, whose sums are added first. */
enum { MIXFILL_FACTOR_CHUNK = 32 };

static inline int32_t mixfill_factor_n_chunks(int32_t n) {
    return n / MIXFILL_FACTOR_CHUNK + (n % MIXFILL_FACTOR_CHUNK != 0);
}

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

/* Lane arrays of one thread: symmetric matrices, vectors and single numbers. */
typedef struct mixfill_factor_scratch {
    double *sums;                                 /* (8,stride) rows of sums, not lanes */
    double *gram, *second, *cov, *inverse, *work; /* Q(Q+1)/2 */
    double *rhs, *moment, *mean, *old, *prior, *prior_mean, *shift, *a, *b, *c;            /* Q */
    double *spread, *square, *log, *error, *log_det, *quadratic, *weight, *x, *z, *growth; /* 1 */
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

/* The steps of an iteration that are timed; priors count with the shifts. */
enum {
    MIXFILL_LAP_USER_STEP,
    MIXFILL_LAP_USER_SHIFT,
    MIXFILL_LAP_ITEM_STEP,
    MIXFILL_LAP_ITEM_SHIFT,
    MIXFILL_LAP_NOISE
};

typedef struct mixfill_factor_workspace {
    const mixfill_options *options; /* rank, implicit, implicit_strength, max_iter are heeded */
    int32_t threads;
    mixfill_factor_layout layout;
    mixfill_factor_source source;
    mixfill_factor_item_cut item_cut;
    const mixfill_factors *params;         /* that the sides point into */
    bool for_fold_in;                      /* for fold-in only */
    const mixfill_factor_unknown *unknown; /* (users) of fold-in */
    bool scales_are_due; /* the users' scales are still those of an iteration ago */
    mixfill_factor_side side[2];
    double *item_sums; /* (D,stride) of the item step, kept for the noise */
    double *by_item;   /* (D) sums of x at a start, errors at the end of an iteration */
    double *thin_sums; /* (D,thin) */
    double *partial;   /* (chunks of rows,totals) */
    double *totals;
    mixfill_factor_scratch *scratch; /* (threads) */
    mixfill_laps laps;               /* of the last iteration, by MIXFILL_LAP_ */
} mixfill_factor_workspace;

/* Everything an iteration needs. What the job points to is borrowed. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_factor_workspace_init(mixfill_factor_workspace *ws, const mixfill_job *job,
                                             mixfill_error *err);

/* What it takes to fold the users of rows, whose items are numbered as the model's, into it: no
 * buffers of the item side's steps. MIXFILL_ERR_NOMEM, MIXFILL_ERR_ARG (MIXFILL_ISA). */
mixfill_status mixfill_factor_workspace_init_fold_in(mixfill_factor_workspace *ws,
                                                     const mixfill_model *model,
                                                     const mixfill_ratings *rows, int32_t threads,
                                                     mixfill_error *err);
void mixfill_factor_workspace_clear(mixfill_factor_workspace *ws);

/* Bytes of the buffers of a fit's workspace, by the list that allocates them. */
size_t mixfill_factor_workspace_bytes(const mixfill_job *job);

/* The parameters that the sides point into from now on; in a workspace for fold-in its users' are
 * the caller's, see mixfill_factor_attach_users. */
void mixfill_factor_attach(mixfill_factor_workspace *ws, const mixfill_factors *params);

/* Where the posteriors of the users go: mean (n,q), cov (n,q(q+1)/2), spread (n). */
void mixfill_factor_attach_users(mixfill_factor_workspace *ws, double *mean, double *cov,
                                 double *spread);

#endif
