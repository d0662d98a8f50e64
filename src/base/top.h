/* The best n of items that come with a score each. */
#ifndef MIXFILL_TOP_H
#define MIXFILL_TOP_H

#include "base/base.h"

#include <math.h>

/* Larger scores are better, of equal ones the smaller item. A heap with the worst in front while
 * items are offered. */
typedef struct mixfill_top {
    int32_t n, cap; /* n <= cap, cap > 0 */
    int32_t *item;  /* (cap) of the caller */
    double *score;  /* (cap) of the caller */
} mixfill_top;

/* What a score must exceed to get in, of items offered in ascending order: -inf while there is
 * room. */
static inline double mixfill_top_bound(const mixfill_top *top) {
    return top->n < top->cap ? -(double)INFINITY : top->score[0];
}

/* Take an item in if it is among the best so far. O(log cap). */
void mixfill_top_offer(mixfill_top *top, int32_t item, double score);

/* Put the best first; nothing may be offered any more. O(n log n). */
void mixfill_top_sort(mixfill_top *top);

#endif
