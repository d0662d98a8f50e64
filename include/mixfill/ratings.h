/* Ratings in memory: the object that everything else takes, and making it from arrays. From files:
 * files.h; invented: generate.h. */
#ifndef MIXFILL_PUBLIC_RATINGS_H
#define MIXFILL_PUBLIC_RATINGS_H

#include <mixfill/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Observed entries of an N x D matrix in CSR, with the ids of its users and items. Immutable. */
typedef struct mixfill_ratings mixfill_ratings;

/* One rating for mixfill_ratings_from_triplets: 0-based indices and a finite value, |value| <=
 * 1e150. */
typedef struct mixfill_rating {
    int32_t user;
    int32_t item;
    double value;
} mixfill_rating;

/* Make ratings from triplets in any order. The ids of users and items are their indices.
 * out              [out] new object.
 * triplets, n      [in]  copied; may be NULL where n is 0.
 * n_users, n_items [in]  N and D, each larger than every index. A pair may be given once only.
 * Returns MIXFILL_ERR_DIM (index outside the shape, negative shape), _RANGE (value), _PARSE (pair
 * given twice), _NOMEM. Cost: O(n log n), and a sorted copy of the triplets. */
MIXFILL_CHECK mixfill_status mixfill_ratings_from_triplets(mixfill_ratings **out,
                                                           const mixfill_rating *triplets, size_t n,
                                                           int32_t n_users, int32_t n_items,
                                                           mixfill_error *err);

/* What becomes of the arrays that ratings are made from. */
typedef enum mixfill_own {
    MIXFILL_COPY = 0, /* they are copied, and may go at once */
    MIXFILL_BORROW, /* they stay the caller's, who neither changes nor frees them while the ratings
                       live */
    MIXFILL_TAKE    /* on success, and only then, they belong to the ratings, which free() them:
                       each a block of its own from malloc */
} mixfill_own;

/* A matrix in CSR, as scipy.sparse holds it (indptr, indices, data). */
typedef struct mixfill_csr {
    int32_t n_users, n_items;    /* N, D */
    const int64_t *row_ptr;      /* (N+1), from 0 and never falling: the entries of user u are
                                    row_ptr[u] to row_ptr[u+1] - 1; row_ptr[N] is nnz */
    const int32_t *col;          /* (nnz) 0-based items, each once in a row */
    const double *value;         /* (nnz) finite, |value| <= 1e150; 0 is a rating too */
    const char *const *user_ids; /* (N), or NULL: indices are the ids. 1 to 255 bytes each, all
                                    different; copied whatever the ownership of the arrays */
    const char *const *item_ids; /* (D), or NULL: indices are the ids. Otherwise as user_ids */
} mixfill_csr;

/* Make ratings from the arrays of a CSR matrix.
 * out [out] new object.
 * csr [in]  items of a row may come in any order with MIXFILL_COPY; else they must ascend.
 * own [in]  what becomes of row_ptr, col and value; the ids are copied always.
 * How ratings were made, and with which ownership, changes no bit of any result.
 * Returns MIXFILL_ERR_DIM (row_ptr, item outside the shape), _RANGE (value), _PARSE (pair or id
 * given twice), _ARG (order, length of an id, NULL), _NOMEM, without having touched the arrays.
 * Cost: O(nnz). COPY takes 9 bytes per rating at its peak, 16 with more than 256 distinct values;
 * BORROW and TAKE one, for a code, where there are at most 256 distinct values, and then have no
 * further use for `value`; else 8 where a value is -0, or none. */
MIXFILL_CHECK mixfill_status mixfill_ratings_from_csr(mixfill_ratings **out, const mixfill_csr *csr,
                                                      mixfill_own own, mixfill_error *err);

/* Release ratings. NULL is allowed. */
MIXFILL_API void mixfill_ratings_free(mixfill_ratings *ratings);

/* N, D and nnz. O(1). */
MIXFILL_API int32_t mixfill_ratings_n_users(const mixfill_ratings *ratings);
MIXFILL_API int32_t mixfill_ratings_n_items(const mixfill_ratings *ratings);
MIXFILL_API int64_t mixfill_ratings_count(const mixfill_ratings *ratings);

/* Whether the ratings hold a timestamp each: keep_times was set and the file has them. */
MIXFILL_API bool mixfill_ratings_has_times(const mixfill_ratings *ratings);

/* Whether users and items are known by their index rather than by ids of a file. */
MIXFILL_API bool mixfill_ratings_by_index(const mixfill_ratings *ratings);

#ifdef __cplusplus
}
#endif

#endif
