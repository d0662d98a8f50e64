/* Synthetic ratings, shaped like MovieLens, for trials and tests. */
#ifndef MIXFILL_PUBLIC_GENERATE_H
#define MIXFILL_PUBLIC_GENERATE_H

#include <mixfill/ratings.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mixfill_popularity {
    MIXFILL_POPULARITY_MOVIELENS = 0, /* a few items have most of the ratings */
    MIXFILL_POPULARITY_UNIFORM        /* every item is as likely as any other */
} mixfill_popularity;

/* What to generate; each field's comment begins with its default. */
typedef struct mixfill_generate_options {
    size_t struct_size;            /* set by mixfill_generate_options_init */
    int32_t n_users;               /* 943 */
    int32_t n_items;               /* 1682 */
    int64_t n_ratings;             /* 100000; at most half of n_users * n_items */
    int32_t n_components;          /* 8; planted */
    uint32_t seed;                 /* 1 */
    int32_t threads;               /* 0 */
    mixfill_popularity popularity; /* MOVIELENS */
    mixfill_done_fn progress;      /* NULL; called with users, by the calling thread */
    void *progress_data;           /* NULL; handed to progress */
} mixfill_generate_options;

/* Write the defaults of mixfill_generate_options into every field. */
MIXFILL_API void mixfill_generate_options_init(mixfill_generate_options *options);

/* Set users, items and ratings to the shape of a MovieLens set: "ml-100k", "ml-1m", "ml-10m",
 * "ml-25m" or "ml-32m". Returns MIXFILL_ERR_ARG for another name. */
MIXFILL_CHECK mixfill_status mixfill_generate_options_shape(mixfill_generate_options *options,
                                                            const char *shape, mixfill_error *err);

/* Draw half-star ratings (0.5 to 5) from a planted mixture, with activity and, unless asked
 * otherwise, popularity shaped like MovieLens.
 * out     [out] new object; ids are 1-based numbers.
 * options [in]  not NULL. The ratings depend on these alone, not on the threads.
 * Returns MIXFILL_ERR_ARG, _CANCELLED, _NOMEM. Cost: O(nnz) on average, 5 bytes per rating. */
MIXFILL_CHECK mixfill_status mixfill_generate(mixfill_ratings **out,
                                              const mixfill_generate_options *options,
                                              mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
