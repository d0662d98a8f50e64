/* Where the threads of an M-step add the moments of items: a copy per thread for the most rated
 * items, reduced at the end, and one shared copy, under locks, for the rest. What is added lies on
 * the exact grid, so neither the order nor the split changes a bit. */
#ifndef MIXFILL_ACCUMULATORS_H
#define MIXFILL_ACCUMULATORS_H

#include "kernel/kernel.h"
#include "ratings/blocks.h"

enum { MIXFILL_STRIPES = 4096 };

/* Rows are (2,kp): s0 and s1 of the item of a rank. */
typedef struct mixfill_accumulators {
    int32_t threads, n_items, n_hot;
    size_t kp;
    double *hot;       /* (T,n_hot,2,kp) */
    double *cold;      /* (n_items - n_hot,2,kp) */
    double *packed;    /* (T,MIXFILL_PACKED,2,kp) sums of cold pairs on their way */
    atomic_flag *lock; /* (MIXFILL_STRIPES) of cold rows, by rank modulo their number */
    size_t bytes;
} mixfill_accumulators;

enum { MIXFILL_PACKED = 16 };

/* How many of the most rated items get a copy per thread: all with one thread; else those with more
 * (block, item) pairs than threads, of which a copy is cheaper than passing the row around, as far
 * as the budget goes. count (n_items) as in mixfill_blocks; budget in bytes for all accumulators.
 */
int32_t mixfill_accumulators_n_hot(const int32_t *count, int32_t n_items, int32_t n_blocks,
                                   int32_t threads, size_t kp, size_t budget);

/* Bytes that n_hot leads to. */
size_t mixfill_accumulators_bytes(int32_t n_items, int32_t n_hot, int32_t threads, size_t kp);

/* False when out of memory. */
bool mixfill_accumulators_init(mixfill_accumulators *a, int32_t n_items, int32_t n_hot,
                               int32_t threads, size_t kp);
void mixfill_accumulators_clear(mixfill_accumulators *a);

/* Zero the thread's copies and its share of the shared rows. Every thread number must be called. */
void mixfill_accumulators_zero(mixfill_accumulators *a, int32_t thread);

/* Add the moments of a block's pairs, as `thread`; safe for different threads at once. */
void mixfill_accumulators_add(mixfill_accumulators *a, const mixfill_kernels *kernels,
                              const mixfill_pairs *pairs, const double *resp, const double *grid,
                              int32_t thread);

/* The (2,kp) sums of the item of a rank, over all threads; valid until zeroed. Different ranks may
 * be asked for at once, each once. */
const double *mixfill_accumulators_reduce(mixfill_accumulators *a, int32_t rank);

#endif
