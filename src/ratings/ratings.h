/* The ratings object: observed entries in CSR with ids.
 *
 * Ratings never change once they are made, so many may read them at once. Items ascend within a
 * row, which makes a search a bisection and the order of every sum that of the items.
 *
 * Three users who rated (items 0 and 2), nothing, and (item 1), with values 4, 3.5 and 4:
 *
 *     row_ptr 0 2 2 3     col 0 2 1     code 0 1 0     level 4 3.5 */
#ifndef MIXFILL_RATINGS_H
#define MIXFILL_RATINGS_H

#include "base/base.h"
#include "ratings/ids.h"

enum { MIXFILL_MAX_LEVELS = 256 };

/* |x| above this is refused on reading: squares and sums of it must stay finite. */
#define MIXFILL_MAX_ABS_RATING 1e150

/* Ratings are stored as one byte each while there are at most 256 distinct values ("levels"), else
 * as doubles: exactly one of code and value is set. No result depends on which. */
struct mixfill_ratings {
    int32_t n_users, n_items;
    int64_t nnz;
    int64_t *row_ptr; /* (n_users + 1), row_ptr[0] = 0 */
    int32_t *col;     /* (nnz), ascending within a row, no duplicates */
    uint8_t *code;    /* (nnz) or NULL: index into level */
    double *value;    /* (nnz) or NULL */
    int64_t *time;    /* (nnz) or NULL: seconds since 1970, or whatever the file counts */
    double level[MIXFILL_MAX_LEVELS];
    int32_t n_levels;
    bool borrowed_rows;   /* row_ptr and col are not ours: neither freed nor written to */
    bool borrowed_values; /* the same of value */
    mixfill_ids user_ids, item_ids;
};

/* Rating number e of 0..nnz-1. */
static inline double mixfill_ratings_value(const mixfill_ratings *r, int64_t e) {
    return r->code != NULL ? r->level[r->code[e]] : r->value[e];
}

/* Check every invariant above; MIXFILL_ERR_PARSE with the reason and `path`. O(nnz). */
mixfill_status mixfill_ratings_validate(const mixfill_ratings *ratings, const char *path,
                                        mixfill_error *err);

/* Ratings per item, (n_items) counts owned by the caller; NULL when out of memory. */
int32_t *mixfill_ratings_item_counts(const mixfill_ratings *ratings);

/* Mean of all ratings, summed in CSR order and kept within their range; 0 where there are none. */
double mixfill_ratings_mean(const mixfill_ratings *ratings);

/* Mean squared distance from the mean; 0 where there are no ratings. */
double mixfill_ratings_variance(const mixfill_ratings *ratings);

/* Bytes of the CSR arrays and ids. */
size_t mixfill_ratings_bytes(const mixfill_ratings *ratings);

/* An object with its arrays allocated and ids by index, for callers that fill row_ptr, col and code
 * or value themselves; with_codes chooses which. NULL when out of memory. */
mixfill_ratings *mixfill_ratings_alloc(int32_t n_users, int32_t n_items, int64_t nnz,
                                       bool with_codes);

#endif
