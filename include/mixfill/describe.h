/* Describing ratings: their summary, how often each value occurs, and what their ids are. */
#ifndef MIXFILL_PUBLIC_DESCRIBE_H
#define MIXFILL_PUBLIC_DESCRIBE_H

#include <mixfill/ratings.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Figures of the ratings, and of how many a user and an item have. */
typedef struct mixfill_ratings_summary {
    double mean, sd;        /* sd of the population; both 0 where there are no ratings */
    double min, max;        /* 0 where there are no ratings */
    int32_t n_levels;       /* distinct values; 0: more than 256 */
    int32_t empty_users;    /* without a rating */
    int32_t empty_items;    /* without a rating */
    int64_t user_counts[5]; /* ratings per user: minimum, lower quartile, median, upper quartile,
                               maximum */
    int64_t item_counts[5]; /* ratings per item: minimum, quartiles and maximum likewise */
    size_t bytes;           /* memory held by the object */
} mixfill_ratings_summary;

/* Summarize ratings.
 * out [out] figures, in rating units where they are of values.
 * Returns MIXFILL_ERR_NOMEM. Cost: O(nnz + N log N + D log D), and a count per user and item. */
MIXFILL_CHECK mixfill_status mixfill_ratings_summarize(const mixfill_ratings *ratings,
                                                       mixfill_ratings_summary *out,
                                                       mixfill_error *err);

enum { MIXFILL_VALUE_LEVELS = 256, MIXFILL_VALUE_QUANTILES = 9 };

/* How often each value occurs. */
typedef struct mixfill_value_counts {
    int32_t n_levels;                         /* distinct values; 0: more than 256, or no ratings */
    double level[MIXFILL_VALUE_LEVELS];       /* (n_levels), ascending */
    int64_t count[MIXFILL_VALUE_LEVELS];      /* (n_levels), ratings of each */
    double quantile[MIXFILL_VALUE_QUANTILES]; /* at 0, 1, 5, 25, 50, 75, 95, 99 and 100 %, lower
                                                 nearest rank; 0 where there are no ratings */
} mixfill_value_counts;

/* Count the values.
 * out [out] counts and quantiles.
 * Returns MIXFILL_ERR_NOMEM. Cost: O(nnz); with more than 256 values O(nnz log nnz), and a copy of
 * them. */
MIXFILL_CHECK mixfill_status mixfill_ratings_count_values(const mixfill_ratings *ratings,
                                                          mixfill_value_counts *out,
                                                          mixfill_error *err);

/* What the ids of the users, or of the items, are. */
typedef struct mixfill_id_summary {
    bool by_index;       /* those of an index format, 0 to n - 1 */
    bool integers;       /* every id is a whole number without leading zeros */
    int64_t least, most; /* 0 unless integers */
    uint64_t gaps;       /* whole numbers between them that are no id */
} mixfill_id_summary;

/* Describe the ids. users, items: [out]. O(N + D). */
MIXFILL_API void mixfill_ratings_summarize_ids(const mixfill_ratings *ratings,
                                               mixfill_id_summary *users,
                                               mixfill_id_summary *items);

#ifdef __cplusplus
}
#endif

#endif
