/* Splitting ratings into a training and a test part: held out at random, by user or by time, or
 * dealt into parts for cross-validation. */
#ifndef MIXFILL_PUBLIC_SPLIT_H
#define MIXFILL_PUBLIC_SPLIT_H

#include <mixfill/ratings.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mixfill_split_method {
    MIXFILL_SPLIT_RANDOM = 0, /* a fraction of all ratings */
    MIXFILL_SPLIT_USER,       /* a fraction of each user's ratings */
    MIXFILL_SPLIT_TIME,       /* the latest of all ratings by timestamp */
    MIXFILL_SPLIT_LAST,       /* the latest of each user's ratings */
    MIXFILL_SPLIT_BEFORE      /* those at a time or later */
} mixfill_split_method;

/* What to hold out; each field's comment begins with its default. */
typedef struct mixfill_split_options {
    size_t struct_size;          /* set by mixfill_split_options_init */
    mixfill_split_method method; /* RANDOM */
    double fraction;  /* 0.1; of the ratings that go to the test part, 0 < fraction < 1; of RANDOM,
                         USER and TIME */
    uint32_t seed;    /* 1; of RANDOM and USER */
    int32_t per_user; /* 1; of LAST: so many of each user who has more, at least 1 */
    int64_t before;   /* 0; of BEFORE: the first time that is held out, in seconds since 1970 */
} mixfill_split_options;

/* Write the defaults of mixfill_split_options into every field. */
MIXFILL_API void mixfill_split_options_init(mixfill_split_options *options);

/* Check every field's range (NaN fails). Returns MIXFILL_ERR_ARG and names the option. */
MIXFILL_CHECK mixfill_status mixfill_split_options_validate(const mixfill_split_options *options,
                                                            mixfill_error *err);

/* Split ratings so that each lies in exactly one of two parts.
 * train   [out] new object.
 * test    [out] new object.
 * ratings [in]  with timestamps for TIME, LAST and BEFORE; not needed afterwards.
 * options [in]  NULL means defaults.
 * Both parts have the users and items of `ratings`, numbered alike, even where one has no rating of
 * theirs, and its ids and timestamps. RANDOM and TIME hold out the nearest whole number of ratings;
 * ratings of one time are cut by their order in the rows. USER rounds the number of each user up or
 * down at random, so that the fraction holds on average, and leaves every user a training rating.
 * LAST leaves all ratings of a user who has no more than per_user in training; ratings of one time
 * are cut by their order in the row.
 * The parts depend on the ratings and the options alone.
 * Returns MIXFILL_ERR_ARG, _DIM (a part without ratings, no timestamps), _NOMEM.
 * Cost: O(nnz), for TIME times the bits of the range of timestamps; a byte per rating besides the
 * parts. */
MIXFILL_CHECK mixfill_status mixfill_ratings_split(mixfill_ratings **train, mixfill_ratings **test,
                                                   const mixfill_ratings *ratings,
                                                   const mixfill_split_options *options,
                                                   mixfill_error *err);

/* Ratings of test whose user, or item, has no rating in train: what was learned says nothing of
 * them. n_users, n_items: [out]. Both parts are of one split. Returns MIXFILL_ERR_NOMEM.
 * Cost: O(nnz + N + D). */
MIXFILL_CHECK mixfill_status mixfill_split_count_new(int64_t *n_users, int64_t *n_items,
                                                     const mixfill_ratings *train,
                                                     const mixfill_ratings *test,
                                                     mixfill_error *err);

/* The ratings of users and items that have at least so many of them in what is left: those with
 * fewer are left out, again and again until none has (the k-core).
 * out     [out] new object with all users and items, of which those left out have no rating.
 * ratings [in]  not needed afterwards.
 * least   [in]  at least 1.
 * Returns MIXFILL_ERR_ARG, _DIM (nothing is left), _NOMEM. Cost: O(nnz) a round. */
MIXFILL_CHECK mixfill_status mixfill_ratings_core(mixfill_ratings **out,
                                                  const mixfill_ratings *ratings, int32_t least,
                                                  mixfill_error *err);

/* One of n parts of about equal size that ratings are dealt into at random. */
typedef struct mixfill_fold_of {
    int32_t n;     /* 2 to 255 */
    int32_t index; /* 0 to n - 1 */
    uint32_t seed; /* of the deal; one seed for all parts of it */
} mixfill_fold_of;

/* Take one part of a cross-validation as `test` and all other ratings as `train`.
 * train   [out] new object.
 * test    [out] new object.
 * ratings [in]  not needed afterwards. Both parts have its users, items, ids and timestamps.
 * fold    [in]  which part of which deal.
 * Returns MIXFILL_ERR_ARG, _DIM (fewer ratings than folds), _NOMEM. Cost: O(nnz), a byte per rating
 * besides the parts. */
MIXFILL_CHECK mixfill_status mixfill_ratings_fold(mixfill_ratings **train, mixfill_ratings **test,
                                                  const mixfill_ratings *ratings,
                                                  const mixfill_fold_of *fold, mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
