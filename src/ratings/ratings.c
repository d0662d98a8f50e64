/* The ratings object: allocation, what it holds, and the check of its invariants. What makes one is
 * elsewhere: the builder from triplets, from_arrays.c from a caller's arrays, the readers from
 * files. */
#include "ratings/ratings.h"

#include <math.h>
#include <string.h>

mixfill_ratings *mixfill_ratings_alloc(int32_t n_users, int32_t n_items, int64_t nnz,
                                       bool with_codes) {
    mixfill_ratings *r = mixfill_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->n_users = n_users;
    r->n_items = n_items;
    r->nnz = nnz;
    r->row_ptr = mixfill_alloc_zero((size_t)n_users + 1, sizeof *r->row_ptr);
    r->col = mixfill_alloc((size_t)nnz, sizeof *r->col);
    if (with_codes)
        r->code = mixfill_alloc((size_t)nnz, sizeof *r->code);
    else
        r->value = mixfill_alloc((size_t)nnz, sizeof *r->value);
    mixfill_ids_init_by_index(&r->user_ids, n_users, 0);
    mixfill_ids_init_by_index(&r->item_ids, n_items, 0);
    if (r->row_ptr == NULL || r->col == NULL || (r->code == NULL && r->value == NULL)) {
        mixfill_ratings_free(r);
        return NULL;
    }
    return r;
}

void mixfill_ratings_free(mixfill_ratings *ratings) {
    if (ratings == NULL)
        return;
    if (!ratings->borrowed_rows) {
        mixfill_free(ratings->row_ptr);
        mixfill_free(ratings->col);
    }
    if (!ratings->borrowed_values)
        mixfill_free(ratings->value);
    mixfill_free(ratings->code);
    mixfill_free(ratings->time);
    mixfill_ids_clear(&ratings->user_ids);
    mixfill_ids_clear(&ratings->item_ids);
    mixfill_free(ratings);
}

int32_t mixfill_ratings_n_users(const mixfill_ratings *ratings) {
    return ratings->n_users;
}

int32_t mixfill_ratings_n_items(const mixfill_ratings *ratings) {
    return ratings->n_items;
}

int64_t mixfill_ratings_count(const mixfill_ratings *ratings) {
    return ratings->nnz;
}

bool mixfill_ratings_by_index(const mixfill_ratings *ratings) {
    return ratings->user_ids.by_index && ratings->item_ids.by_index;
}

bool mixfill_ratings_has_times(const mixfill_ratings *ratings) {
    return ratings->time != NULL;
}

/* One pass over the columns; a CSC form is not kept. */
int32_t *mixfill_ratings_item_counts(const mixfill_ratings *ratings) {
    int32_t *count = mixfill_alloc_zero((size_t)ratings->n_items, sizeof *count);
    if (count != NULL)
        for (int64_t e = 0; e < ratings->nnz; e++)
            count[ratings->col[e]]++;
    return count;
}

size_t mixfill_ratings_bytes(const mixfill_ratings *ratings) {
    size_t per_rating = sizeof *ratings->col + (ratings->code != NULL ? 1 : sizeof(double)) +
                        (ratings->time != NULL ? sizeof *ratings->time : 0);
    return ((size_t)ratings->n_users + 1) * sizeof *ratings->row_ptr +
           (size_t)ratings->nnz * per_rating + mixfill_ids_bytes(&ratings->user_ids) +
           mixfill_ids_bytes(&ratings->item_ids);
}

/* Rounding may carry the quotient of a long sum past the largest rating, where all are nearly
 * equal; hence the clip. */
double mixfill_ratings_mean(const mixfill_ratings *r) {
    double sum = 0, min = (double)INFINITY, max = -(double)INFINITY;
    for (int64_t e = 0; e < r->nnz; e++) {
        double x = mixfill_ratings_value(r, e);
        sum += x;
        min = fmin(min, x);
        max = fmax(max, x);
    }
    return r->nnz > 0 ? fmin(fmax(sum / (double)r->nnz, min), max) : 0;
}

/* A second pass over what is left after the mean: a sum of squares less the square of a mean loses
 * all digits where the spread is small beside the mean. */
double mixfill_ratings_variance(const mixfill_ratings *r) {
    double mean = mixfill_ratings_mean(r), squares = 0;
    for (int64_t e = 0; e < r->nnz; e++) {
        double d = mixfill_ratings_value(r, e) - mean;
        squares += d * d;
    }
    return r->nnz > 0 ? squares / (double)r->nnz : 0;
}

/* NULL, or what is wrong with row u. */
static const char *row_fault(const mixfill_ratings *r, int32_t u) {
    if (r->row_ptr[u + 1] < r->row_ptr[u] || r->row_ptr[u + 1] > r->nnz)
        return "row offsets are not monotone";
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
        if (r->col[e] < 0 || r->col[e] >= r->n_items)
            return "an item index lies outside the shape";
        if (e > r->row_ptr[u] && r->col[e] <= r->col[e - 1])
            return "items of a row are not strictly ascending";
        if (r->code != NULL && r->code[e] >= r->n_levels)
            return "a rating code has no level";
        if (!(fabs(mixfill_ratings_value(r, e)) <= MIXFILL_MAX_ABS_RATING))
            return "a rating is not finite or above 1e150";
    }
    return NULL;
}

mixfill_status mixfill_ratings_validate(const mixfill_ratings *ratings, const char *path,
                                        mixfill_error *err) {
    const char *fault = NULL;
    if (ratings->row_ptr[0] != 0 || ratings->row_ptr[ratings->n_users] != ratings->nnz)
        fault = "row offsets do not span the ratings";
    if ((ratings->code != NULL) == (ratings->value != NULL))
        fault = "exactly one of codes and values is expected";
    for (int32_t u = 0; u < ratings->n_users && fault == NULL; u++)
        fault = row_fault(ratings, u);
    if (fault != NULL)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: invalid ratings: %s", path, fault);
    return MIXFILL_OK;
}
