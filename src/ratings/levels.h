/* Levels: the distinct values of ratings, which one byte each can stand for while there are few.
 *
 * A file of half stars has ten. Where a 257th value turns up, values are kept as doubles. */
#ifndef MIXFILL_LEVELS_H
#define MIXFILL_LEVELS_H

#include "ratings/ratings.h"

/* Distinct values met so far. All-zero is empty. */
typedef struct mixfill_levels {
    double level[MIXFILL_MAX_LEVELS];
    int32_t n;
    uint16_t bucket[1024]; /* open addressing by bit pattern: level + 1, 0 free */
} mixfill_levels;

/* Code of a value, added if new; -1 where all 256 levels are taken by others. -0 and 0 are one. */
int mixfill_levels_code(mixfill_levels *levels, double value);

/* Store the values as codes of exactly the levels that occur, where there are at most 256; else
 * they stay doubles. False when out of memory, with r unchanged. */
bool mixfill_ratings_encode(mixfill_ratings *r);

#endif
