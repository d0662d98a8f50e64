/* Judging a model on held-out ratings: errors, likelihood and coverage, and the ranking of items.
 */
#ifndef MIXFILL_PUBLIC_EVALUATE_H
#define MIXFILL_PUBLIC_EVALUATE_H

#include <mixfill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of some of the held-out ratings the number, and the RMSE of the model and of the baselines; all
 * but n are NaN where there are none. */
typedef struct mixfill_evaluation_part {
    int64_t n;
    double rmse, global_mean, user_mean, item_mean, bias;
} mixfill_evaluation_part;

/* Accuracy on held-out ratings; every pair counts, what is unknown falls to its prior. */
typedef struct mixfill_evaluation {
    int64_t n, n_unknown_user, n_unknown_item; /* pairs */
    double rmse, mae;                          /* of clipped predictions */
    mixfill_evaluation_part part[2][2];        /* [user known][item known] */
    double log_likelihood_per_rating; /* mean of log Normal(r; unclipped prediction, sd^2) */
    double coverage50, coverage90;    /* fraction within 0.6745 and 1.6449 sd of the clipped one */
    double rmse_global_mean, rmse_user_mean, rmse_item_mean, rmse_bias; /* baselines, clipped */
} mixfill_evaluation;

/* Compare a model and its baselines with held-out ratings.
 * out  [out] figures; errors in rating units (docs/model.md 6, 7.1 and 7.2).
 * test [in]  at least one rating; matched by id.
 * run  [in]  progress counts ratings; NULL means all zero.
 * Returns MIXFILL_ERR_DIM where `test` holds no rating, _CANCELLED, _NOMEM. Cost: of each rating
 * that of mixfill_predict: O(K) for each mixture, O(q^2) in FACTOR. */
MIXFILL_CHECK mixfill_status mixfill_evaluate(const mixfill_model *model, mixfill_evaluation *out,
                                              const mixfill_ratings *test, const mixfill_run *run,
                                              mixfill_error *err);

/* The same for some of the ratings: of every so manieth user, as comes nearest to n ratings where
 * users have equally many. Which they are depends on test and n alone.
 * out  [out] as of mixfill_evaluate; its n says how many there were.
 * test [in]  at least one rating.
 * n    [in]  at least 1.
 * Returns MIXFILL_ERR_ARG (n), and what mixfill_evaluate does. Cost: of these ratings, and O(D). */
MIXFILL_CHECK mixfill_status mixfill_evaluate_some(const mixfill_model *model,
                                                   mixfill_evaluation *out,
                                                   const mixfill_ratings *test, int64_t n,
                                                   const mixfill_run *run, mixfill_error *err);

/* How well the ten best unseen items of each user match what the user rated in held-out data. */
typedef struct mixfill_ranking {
    int64_t
        n_users; /* of `test` with a relevant rating, one of at least 4; the others do not count */
    double ndcg; /* at 10; gain 2^r - 1 of a held-out rating, 0 of other items; log2 discount */
    double precision,
        recall;      /* at 10, of relevant items; those unknown to the model count as missed */
    double hit_rate; /* users with a relevant item among their ten; all NaN without users */
} mixfill_ranking;

/* Rank for each user of `test` all items of the model that the user has no rating of in `seen`, by
 * unclipped prediction, ties by item, and compare the ten best with the held-out ratings.
 * out  [out] means over the users (docs/model.md 7.3).
 * test [in]  held-out ratings, matched by id. Users unknown to the model get its prior's list.
 * seen [in]  ratings whose items are left out of the lists, matched by id; not NULL.
 * run  [in]  progress counts users; NULL means all zero.
 * Returns MIXFILL_ERR_NOMEM, _ARG (MIXFILL_ISA), _CANCELLED. Cost: O(users D W) time and 8 D W
 * bytes, W the numbers behind a score: K of each mixture, or the rank of FACTOR; 8 D bytes per
 * thread, and a copy of `seen` where its items are numbered otherwise than the model's. */
MIXFILL_CHECK mixfill_status mixfill_evaluate_ranking(const mixfill_model *model,
                                                      mixfill_ranking *out,
                                                      const mixfill_ratings *test,
                                                      const mixfill_ratings *seen,
                                                      const mixfill_run *run, mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
