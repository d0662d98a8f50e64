/* Predicting ratings: one pair, a file of pairs, and of users folded into a finished model. */
#ifndef MIXFILL_PUBLIC_PREDICT_H
#define MIXFILL_PUBLIC_PREDICT_H

#include <mixfill/files.h>
#include <mixfill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mixfill_prediction {
    const char *user; /* ids as written; valid during the callback */
    const char *item;
    double rating;   /* clipped to the range of the training ratings */
    double sd;       /* in rating units */
    bool known_user; /* had a rating in training, or is folded in */
    bool known_item; /* had a rating in training */
} mixfill_prediction;

/* Digits behind the point of ratings as text: 0 to 15, or one of these. */
enum {
    MIXFILL_DIGITS_AUTO = -1, /* as few as keep rounding within 1 % of the standard deviation */
    MIXFILL_DIGITS_FULL = -2  /* as many as bring back the double */
};

/* Write a rating, or its standard deviation, as text, with a point whatever the locale.
 * out    [out] MIXFILL_RATING_TEXT bytes.
 * sd     [in]  of the rating, for AUTO; of several that are to be comparable, the least.
 * digits [in]  behind the point; larger ones are FULL.
 * Returns the length. */
enum { MIXFILL_RATING_TEXT = 32 };
MIXFILL_API size_t mixfill_format_rating(char out[MIXFILL_RATING_TEXT], double value, double sd,
                                         int32_t digits);

/* Predict one pair by ids.
 * out        [out] its strings are the arguments.
 * user, item [in]  what is unknown falls to its prior. A user: in CLASSIC and MAP to the weights of
 *                  the mixture, in MAP with an offset of 0; in FACTOR to the mean and covariance of
 *                  all users. An item: in CLASSIC to the global mean and sd, in MAP to an offset
 *                  and departures of 0 and the mean variance, in FACTOR to the mean and covariance
 *                  of all items.
 * Formulas: docs/model.md 2.6, 4.4, 4.5, 5.7 and 5.8. Cost: O(K) for each mixture, O(q^2) in
 * FACTOR. */
MIXFILL_API void mixfill_predict(const mixfill_model *model, mixfill_prediction *out,
                                 const char *user, const char *item);

/* Users taken into a finished model by their ratings, without fitting again: a folded-in user's
 * ratings replace whatever the model knows of that id. Immutable. */
typedef struct mixfill_folded mixfill_folded;

/* Fold in every user of `ratings` of whom these tell the model something: users with a rating of an
 * item that it knows, in FACTOR users with any rating.
 * out     [out] new object.
 * model   [in]  borrowed; must outlive the object. It need not hold its own users.
 * ratings [in]  matched by id; not needed afterwards.
 * In CLASSIC and MAP a user with the ratings of training gets the bits of training; in FACTOR,
 * whose users are left where the last iteration put them, nearly the same (docs/model.md 4.6
 * and 5.9). Returns MIXFILL_ERR_NOMEM, _ARG (MIXFILL_ISA). Cost: O(nnz K) for each mixture, O(nnz
 * q^2 + N q^3) in FACTOR, N the users folded in, and a copy of the ratings. */
MIXFILL_CHECK mixfill_status mixfill_folded_create(mixfill_folded **out, const mixfill_model *model,
                                                   const mixfill_ratings *ratings, int32_t threads,
                                                   mixfill_error *err);

/* Release what mixfill_folded_create gave, but not the model. NULL is allowed. */
MIXFILL_API void mixfill_folded_free(mixfill_folded *folded);

typedef struct mixfill_folded_summary {
    int32_t n_users;     /* folded in */
    int32_t n_replaced;  /* of them, had ratings in training */
    int32_t n_strangers; /* not folded in: they rated only items the model does not know; what the
                            model knows of them stands. Always 0 in FACTOR */
    int64_t n_ratings;   /* behind the users folded in */
    int64_t n_dropped;   /* ratings of items the model does not know: left out, but in FACTOR, to
                            which they tell of the users' level */
} mixfill_folded_summary;

/* How folding in went. out: [out]. O(1). */
MIXFILL_API void mixfill_folded_summarize(const mixfill_folded *folded,
                                          mixfill_folded_summary *out);

/* Predict one pair as mixfill_predict does, of a folded-in user (known_user is then true) or else
 * of one of the model. */
MIXFILL_API void mixfill_folded_predict(const mixfill_folded *folded, mixfill_prediction *out,
                                        const char *user, const char *item);

/* Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_prediction_fn)(const mixfill_prediction *prediction, void *data);

/* What was predicted from a file of pairs. */
typedef struct mixfill_prediction_report {
    int64_t n;              /* pairs */
    int64_t n_unknown_user; /* of them */
    int64_t n_unknown_item; /* of them */
    int64_t doubtful_line;  /* 0, or that of the first pair where neither id is known or a number:
                               it may have been meant as a header */
    mixfill_read_report read;
} mixfill_prediction_report;

/* Predict every user,item pair of a delimited text file, in file order.
 * out     [out] may be NULL.
 * path    [in]  a file, also packed as ratings may be, or "-" for standard input; columns beyond
 *               user and item are ignored.
 * folded  [in]  NULL, or users folded into this model.
 * options [in]  NULL means defaults.
 * fn      [in]  called for each pair by the calling thread; may be NULL.
 * data    [in]  handed to fn.
 * Returns MIXFILL_ERR_IO, _PARSE, _RANGE, _UNSUPPORTED (a file of no pairs), _ARG, _CANCELLED,
 * _NOMEM. Cost: O(file), and mixfill_predict for each pair. */
MIXFILL_CHECK mixfill_status mixfill_predict_file(const mixfill_model *model,
                                                  mixfill_prediction_report *out, const char *path,
                                                  const mixfill_folded *folded,
                                                  const mixfill_read_options *options,
                                                  mixfill_prediction_fn fn, void *data,
                                                  mixfill_error *err);

/* Predict a file of pairs as mixfill_predict_file does, and write the predictions, atomically, as
 * csv "user,item,rating,sd,known_user,known_item".
 * digits   [in] of rating and sd, see mixfill_format_rating.
 * csv_path [in] a file, or "-" for standard output.
 * Returns what mixfill_predict_file does, and MIXFILL_ERR_IO where the output cannot be written. */
MIXFILL_CHECK mixfill_status mixfill_predict_csv(const mixfill_model *model,
                                                 mixfill_prediction_report *out, const char *path,
                                                 const mixfill_folded *folded,
                                                 const mixfill_read_options *options,
                                                 int32_t digits, const char *csv_path,
                                                 mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
