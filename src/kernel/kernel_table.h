/* Leaf kernels of the E- and M-step on plain arrays: no allocation, no threads, no globals. One
 * body (kernel_body.inc.h) compiled per instruction set; the set is chosen once and its table kept.
 */
#ifndef MIXFILL_KERNEL_TABLE_H
#define MIXFILL_KERNEL_TABLE_H

#include "base/base.h"

enum { MIXFILL_LANES = 8 /* doubles of a cache line, and of the widest vector */ };

/* K rounded up to whole vectors of MIXFILL_LANES doubles. */
static inline size_t mixfill_padded(int32_t n_components) {
    return ((size_t)n_components + MIXFILL_LANES - 1) / MIXFILL_LANES * MIXFILL_LANES;
}

/* Rows of CSR: user i of 0..n_rows-1 has ratings row_ptr[i] .. row_ptr[i + 1] of col and the
 * values. */
typedef struct mixfill_rows {
    const int64_t *row_ptr; /* (n_rows + 1) */
    const int32_t *col;
    const uint8_t *code; /* indices into level, or NULL and value set */
    const double *level; /* (256) */
    const double *value;
    int32_t n_rows;
    int64_t n_ratings;  /* of col and the values, at least row_ptr[n_rows] */
    const double *user; /* (n_rows) offsets b_u, or NULL: x is the rating as it is */
    const double *item; /* (D,2) offset o_j and precision 1 / v_j; set with user */
} mixfill_rows;

/* Pairs of (block, item) with their ratings, as in mixfill_blocks; offsets are relative to the
 * block. */
typedef struct mixfill_pairs {
    const int32_t *item;  /* (n_items) rows of grid, and of acc unless packed */
    const uint32_t *end;  /* (n_items) */
    uint32_t begin;       /* of the first pair's ratings */
    bool packed;          /* pair i goes to row i of acc */
    const uint16_t *near; /* users, or NULL and far set */
    const int32_t *far;
    const uint8_t *code;
    const double *level;
    const double *value;
    int32_t n_items;
    const double *user_offset; /* by user, or NULL: x is the rating as it is */
    const double *item_offset; /* by item, set with user_offset */
} mixfill_pairs;

/* A rating less the offsets of its user and its item (docs/model.md 4.1): the one place that says
 * in which order. */
static inline double mixfill_centred(double rating, double user, double item) {
    return rating - user - item;
}

/* The first pair whose item is at least `item`. */
static inline int32_t mixfill_pairs_find(const mixfill_pairs *pairs, int32_t item) {
    int32_t lo = 0, hi = pairs->n_items;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (pairs->item[mid] < item)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* What L_uk = log weight_k - c_u log(2 pi var_k)/2 - d_uk/(2 var_k) needs of the parameters, (kp)
 * each, 64-byte aligned; padding -inf, 0 and 0, so that its exp is 0. */
typedef struct mixfill_densities {
    double *log_weight; /* log weight_k, -inf for a weight of 0 */
    double *log_norm;   /* log(2 pi var_k) / 2 */
    double *half_prec;  /* 1 / (2 var_k) */
} mixfill_densities;

/* Items to be scored, in panels of MIXFILL_PANEL whose numbers lie side by side. */
enum { MIXFILL_PANEL = 32 };
typedef struct mixfill_panels {
    const double *table; /* (n_panels,width,MIXFILL_PANEL), 64-byte aligned */
    const double *base;  /* (n_panels,MIXFILL_PANEL), aligned alike; may be -inf */
    size_t width;        /* of a person's coefficients */
    int32_t n_panels;
} mixfill_panels;

typedef struct mixfill_kernels {
    const char *name;
    const struct mixfill_factor_kernels *factor; /* of the model `factor` */

    /* sse (n_rows,kp) = sum over the row's ratings of (x - mu_jk)^2, each times its item's
     * precision where the rows have offsets; x is the rating less these. mu (D,kp), 64-byte
     * aligned; kp a multiple of MIXFILL_LANES. A row's sum depends on nothing but the row. */
    void (*squared_error)(double *restrict sse, const mixfill_rows *rows, const double *restrict mu,
                          size_t kp);

    /* sums (n_rows,kp) = sum over the row's ratings of mu_jk^2. */
    void (*squared_norm)(double *restrict sums, const mixfill_rows *rows, const double *restrict mu,
                         size_t kp);

    /* resp (n_rows,kp) = softmax_k L_uk with c_u the number of ratings of the row and d_uk =
     * distance (n_rows,kp); to sums (3,kp) are added, row by row, resp, resp d and resp c. Returns
     * sum_u log sum_k exp L_uk. All aligned as mu. */
    double (*responsibilities)(double *restrict resp, double *restrict sums,
                               const double *restrict distance, const mixfill_rows *rows,
                               const mixfill_densities *p, size_t kp);

    /* For each pair: s0 = sum of resp_uk, s1 = sum of resp_uk x, x the rating less its offsets
     * where the pairs have any, the users in a fixed order; each is rounded to its grid, (s + b) -
     * b with grid (D,2), where b is 0 not at all, and added to acc (D,2,kp), or (n_items,2,kp) when
     * packed. resp (users,kp). */
    void (*add_moments)(double *restrict acc, const mixfill_pairs *pairs,
                        const double *restrict resp, const double *restrict grid, size_t kp);

    /* New means of an item, mu (kp) = s1 / s0 where s0 >= min_support and > 0, from its sums
     * (2,kp); and to change (kp) is added what that changes in sum_u resp_uk d_uk: -2 dmu (s1 -
     * mu_old s0) + dmu^2 s0 (docs/model.md 2.4). */
    void (*update_means)(double *restrict mu, double *restrict change, const double *restrict sums,
                         double min_support, size_t kp);

    /* New means of an item under a prior: mu = s1 / (s0 + strength), 0 where that divides by 0;
     * returns sum_k (mu_k^2 s0_k - 2 mu_k s1_k), which with sum x^2 is the item's squared error
     * (docs/model.md 4.3). */
    double (*shrink_means)(double *restrict mu, const double *restrict sums, double strength,
                           size_t kp);

    /* scores (n,n_panels * MIXFILL_PANEL) of n people = person's base + item's base + sum of
     * coefficients (n,width) times the item's numbers, added in this order. A score depends on
     * nothing but its person and item. scores is aligned as the panels. */
    void (*scores)(double *restrict scores, const mixfill_panels *panels,
                   const double *restrict coefficients, const double *restrict base, int32_t n);

    /* The first of scores from .. n-1 above a bound, n where none is. */
    int32_t (*find_above)(const double *restrict scores, int32_t from, int32_t n, double bound);
} mixfill_kernels;

extern const mixfill_kernels mixfill_kernels_generic, mixfill_kernels_v1, mixfill_kernels_v3,
    mixfill_kernels_v4;

#endif
