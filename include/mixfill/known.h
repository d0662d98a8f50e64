/* Which ids of one side another knows: files that belong together and do not fit show here. */
#ifndef MIXFILL_PUBLIC_KNOWN_H
#define MIXFILL_PUBLIC_KNOWN_H

#include <mixfill/model.h>
#include <mixfill/recommend.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MIXFILL_KNOWN_TEXT = 512 };

/* Ids of which some are known to another side. Of the two that are told, bytes that are no UTF-8
 * are shown as Latin-1, and control characters as '?'. */
typedef struct mixfill_known {
    int32_t n, n_known;
    char unknown[MIXFILL_KNOWN_TEXT]; /* the first that is not known; "" where all are */
    char similar[MIXFILL_KNOWN_TEXT]; /* what the other side has that is most like it: the same
                          number ("7" for "7.0"), the same but for case, else its first id; "" where
                          it has none */
    bool same_number; /* similar is the same number, so that int_ids would make them one */
    int32_t shift;    /* 1 or -1: both sides are as many whole numbers in a row, which begin that
                         much later or earlier here; else 0 */
} mixfill_known;

typedef struct mixfill_known_ids {
    mixfill_known users, items;
} mixfill_known_ids;

/* The ids of `ratings` that a model has. out: [out]. A model without users knows none.
 * Cost: O(N + D), ids counted on both sides. */
MIXFILL_API void mixfill_known_to_model(mixfill_known_ids *out, const mixfill_ratings *ratings,
                                        const mixfill_model *model);

/* The ids of `ratings` that other ratings have. out: [out]. O(N + D) of both. */
MIXFILL_API void mixfill_known_to_ratings(mixfill_known_ids *out, const mixfill_ratings *ratings,
                                          const mixfill_ratings *other);

/* The items of a model that have a title. items: [out]. O(D) of both. */
MIXFILL_API void mixfill_known_titles(mixfill_known *items, const mixfill_model *model,
                                      const mixfill_titles *titles);

/* The users of a list that a model has. users: [out]. O(N) of both. */
MIXFILL_API void mixfill_known_users(mixfill_known *out, const mixfill_users *users,
                                     const mixfill_model *model);

/* The pairs of user and item that both have, by id.
 * n [out] how many.
 * Returns MIXFILL_ERR_NOMEM. Cost: O(nnz) of `a`, and a search in the row of `b` for each. */
MIXFILL_CHECK mixfill_status mixfill_ratings_count_common(int64_t *n, const mixfill_ratings *a,
                                                          const mixfill_ratings *b,
                                                          mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
