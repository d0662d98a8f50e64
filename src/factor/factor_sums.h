/* Sums of rows of a table over the ratings of users and of items, of `factor`. */
#ifndef MIXFILL_FACTOR_SUMS_H
#define MIXFILL_FACTOR_SUMS_H

#include "kernel/kernel_factor.h"
#include "ratings/blocks.h"
#include "ratings/ratings.h"

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
    int32_t n;
    int32_t *first; /* (n + 1) */
} mixfill_factor_item_cut;

/* False when out of memory. */
bool mixfill_factor_item_cut_init(mixfill_factor_item_cut *item_cut, const mixfill_blocks *blocks,
                                  size_t stride, int32_t threads);
void mixfill_factor_item_cut_clear(mixfill_factor_item_cut *item_cut);

/* out (D,stride) = sums over the ratings of every item, in user order. Shared among the threads of
 * the parallel region it is called from, by all of them; they leave it together. */
void mixfill_factor_sum_items(double *out, const mixfill_factor_source *source,
                              const mixfill_factor_table *table,
                              const mixfill_factor_item_cut *item_cut);

#endif
