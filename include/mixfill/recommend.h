/* Recommending: titles of items, lists of users, and the best items for each of them. */
#ifndef MIXFILL_PUBLIC_RECOMMEND_H
#define MIXFILL_PUBLIC_RECOMMEND_H

#include <mixfill/predict.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Titles of items by id. Immutable. */
typedef struct mixfill_titles mixfill_titles;

/* Read MovieLens movies.csv, movies.dat or u.item, or a table like them: an item and its title a
 * line, in columns of these names or the first two, delimited by commas (with quotes), "::", '|' or
 * tabs, whichever comes first in the file.
 * out     [out] new object.
 * path    [in]  a file, also packed as ratings may be, or "-" for standard input.
 * int_ids [in]  false: "007" and "7" differ; true: ids are int64 >= 0.
 * Titles are UTF-8; one that is not is taken as Latin-1. Control characters become '?'.
 * Returns MIXFILL_ERR_IO, _PARSE (also an item given twice, no titles at all), _RANGE, _NOMEM.
 * Cost: O(file). */
MIXFILL_CHECK mixfill_status mixfill_titles_load(mixfill_titles **out, const char *path,
                                                 bool int_ids, mixfill_error *err);

/* Release titles. NULL is allowed. */
MIXFILL_API void mixfill_titles_free(mixfill_titles *titles);

/* How many items have a title. O(1). */
MIXFILL_API int32_t mixfill_titles_count(const mixfill_titles *titles);

/* The title of an item; NULL where there is none. O(length of the id). */
MIXFILL_API const char *mixfill_titles_find(const mixfill_titles *titles, const char *item);

/* Users by id, each once, in the order given. */
typedef struct mixfill_users mixfill_users;

/* An empty list. out: [out] new object. Returns MIXFILL_ERR_NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_users_create(mixfill_users **out, mixfill_error *err);

/* Release a list of users. NULL is allowed. */
MIXFILL_API void mixfill_users_free(mixfill_users *users);

/* Add a user, unless in the list already. int_ids: "007" is "7". Returns MIXFILL_ERR_ARG (no id),
 * _NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_users_add(mixfill_users *users, const char *id, bool int_ids,
                                               mixfill_error *err);

/* Add the users of a csv file, from a column named userId, user or the like, or the first. path: a
 * file, also packed as ratings may be, or "-". int_ids: "007" is "7". Returns MIXFILL_ERR_IO,
 * _PARSE (also no rows), _RANGE, _NOMEM; the users before a bad line then stay. */
MIXFILL_CHECK mixfill_status mixfill_users_load(mixfill_users *users, const char *path,
                                                bool int_ids, mixfill_error *err);

/* How many users are in the list. O(1). */
MIXFILL_API int32_t mixfill_users_count(const mixfill_users *users);

/* How many were added that were there already. O(1). */
MIXFILL_API int64_t mixfill_users_repeated(const mixfill_users *users);

/* What to list; each field's comment begins with its default. */
typedef struct mixfill_recommend_options {
    size_t struct_size; /* set by mixfill_recommend_options_init */
    int32_t n;          /* 10; items for each user, at least 1 */
    double risk; /* 0; sort by prediction - risk sd, a lower bound; 0: by the prediction. >= 0 */
    const mixfill_ratings *seen; /* NULL; else what a user rated in it, by id, is left out; borrowed
                                  */
    const mixfill_folded *folded; /* NULL; else users folded into this model; what they rated is
                                     left out; borrowed */
    const mixfill_titles *titles; /* NULL; else titles to show; borrowed */
    int32_t digits;  /* MIXFILL_DIGITS_AUTO; of csv, see mixfill_format_rating: of a list, by its
                        least sd */
    int32_t threads; /* 0 */
    mixfill_done_fn progress; /* NULL; called with users, by the calling thread */
    void *progress_data;      /* NULL; handed to progress */
} mixfill_recommend_options;

/* Write the defaults of mixfill_recommend_options into every field. */
MIXFILL_API void mixfill_recommend_options_init(mixfill_recommend_options *options);

/* Check every field's range (NaN fails). Returns MIXFILL_ERR_ARG and names the option. */
MIXFILL_CHECK mixfill_status
mixfill_recommend_options_validate(const mixfill_recommend_options *options, mixfill_error *err);

/* An item of a list. */
typedef struct mixfill_recommended {
    const char *item;
    const char *title; /* NULL without titles, and for an item that has none */
    double rating;     /* clipped to the range of the training ratings */
    double sd;         /* in rating units */
    double score;      /* what the list is sorted by; not clipped */
} mixfill_recommended;

/* A user's list; all of it is valid during the callback. */
typedef struct mixfill_recommendation {
    const char *user;
    bool known_user;                 /* had a rating in training, or is folded in */
    int32_t n;                       /* items; fewer than asked for where there are no more */
    double least_sd;                 /* of them, NaN where there are none */
    const mixfill_recommended *list; /* (n), best first */
} mixfill_recommendation;

/* Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_recommendation_fn)(const mixfill_recommendation *recommendation, void *data);

/* What was recommended. */
typedef struct mixfill_recommend_report {
    int64_t n_users;
    int64_t n_unknown_user; /* of them, who get the list of the model's prior */
    int64_t n_short;        /* of them, whose list has fewer items than asked for */
    int64_t n_items;        /* of all lists */
    int64_t doubtful_line; /* 0, or the first line of a file of users, where its id is neither known
                              nor a number: it may have been meant as a header */
} mixfill_recommend_report;

/* List the best items for each of some users: of all items with a rating in training those that the
 * user has not rated in `seen` or when folded in, by unclipped prediction, or by its lower bound,
 * ties by item.
 * out     [out] may be NULL.
 * users   [in]  NULL: all users whose ratings were given to fold in, or without these all that the
 *               model knows.
 * options [in]  NULL means defaults.
 * fn      [in]  called for each user in the order of users, by the calling thread; may be NULL.
 * data    [in]  handed to fn.
 * Returns MIXFILL_ERR_ARG (options; MIXFILL_ISA; users folded into another model), _DIM (a model
 * without users and no users folded in), _CANCELLED, _NOMEM. Lists are made in parallel and are the
 * same for any number of threads. Cost: O(users D W) products and D W doubles, W the numbers behind
 * a score: K of each mixture, or the rank of FACTOR; a copy of `seen` where its items are numbered
 * otherwise than the model's. With risk also the sd of every candidate that is predicted above the
 * list's worst, which takes many times as long. */
MIXFILL_CHECK mixfill_status mixfill_recommend(const mixfill_model *model,
                                               mixfill_recommend_report *out,
                                               const mixfill_users *users,
                                               const mixfill_recommend_options *options,
                                               mixfill_recommendation_fn fn, void *data,
                                               mixfill_error *err);

/* List the best items as mixfill_recommend does, and write the lists, atomically, as csv
 * "user,rank,item,rating,sd,score,known_user", with titles "user,rank,item,rating,sd,score,title,
 * known_user".
 * csv_path [in] a file, or "-" for standard output.
 * Returns what mixfill_recommend does, and MIXFILL_ERR_IO. */
MIXFILL_CHECK mixfill_status mixfill_recommend_csv(const mixfill_model *model,
                                                   mixfill_recommend_report *out,
                                                   const mixfill_users *users,
                                                   const mixfill_recommend_options *options,
                                                   const char *csv_path, mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
