/* Offsets of users and items, g + b_u + b_j with shrinkage: what `map` takes from the ratings
 * before it fits a mixture, and the strongest of the baselines. */
#ifndef MIXFILL_OFFSETS_H
#define MIXFILL_OFFSETS_H

#include "ratings/blocks.h"

/* How strongly offsets are drawn to 0, as if by that many ratings of 0; and how often both sides
 * are fitted in turn. */
typedef struct mixfill_shrinkage {
    double user, item;
    int32_t sweeps;
} mixfill_shrinkage;

/* Those of the offsets of map; the baselines take only the number of sweeps (docs/model.md 4.1, 6).
 */
extern const mixfill_shrinkage mixfill_offset_shrinkage;

typedef struct mixfill_offsets {
    double g;     /* mean of the ratings */
    double *user; /* (N) b_u */
    double *item; /* (D) b_j */
    double *sum;  /* (D) scratch */
} mixfill_offsets;

/* Fit b_u and b_j, whose arrays the caller has allocated, from 0 by alternating sweeps
 *   b_j = sum(r - g - b_u) / (shrinkage.item + |U_j|)
 *   b_u = sum(r - g - b_j) / (shrinkage.user + |O_u|)
 * and 0 where there are no ratings. blocks: the index of the ratings. Sums run in the order of the
 * users, or of a row; no bit depends on threads. Cost: O(nnz sweeps). */
void mixfill_offsets_fit(mixfill_offsets *o, const mixfill_ratings *ratings,
                         const mixfill_blocks *blocks, const mixfill_shrinkage *shrinkage,
                         int32_t threads);

/* b_u of the ratings of row u, given the offsets of the items (D). */
double mixfill_user_offset(const mixfill_ratings *ratings, int32_t u, double g, const double *item,
                           double shrinkage);

/* sum x^2 of the item of each rank, and the largest |x|, both (D), x = r - b_u - (g + b_j) as
 * mixfill_centred has it; user (N) is b_u and by_rank (D) is g + b_j of each rank. */
typedef struct mixfill_squares {
    double *sum, *largest;
} mixfill_squares;

void mixfill_squares_sum(mixfill_squares *out, const mixfill_ratings *ratings,
                         const mixfill_blocks *blocks, const double *user, const double *by_rank,
                         int32_t threads);

#endif
