/* The ratings object: allocation, checks, summary, renumbering of items. */
#include "ratings/ratings.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
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
    mixfill_ids_init_by_index(&r->user_ids, n_users);
    mixfill_ids_init_by_index(&r->item_ids, n_items);
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

mixfill_status mixfill_ratings_from_triplets(mixfill_ratings **out, const mixfill_rating *triplets,
                                             size_t n, int32_t n_users, int32_t n_items,
                                             mixfill_error *err) {
    if (n_users < 0 || n_items < 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "triplets: shape %" PRId32 " x %" PRId32 " is negative", n_users,
                            n_items);
    mixfill_status st = MIXFILL_OK;
    int64_t duplicates;
    mixfill_builder b;
    mixfill_builder_init(&b);
    mixfill_ids_init_by_index(&b.users, n_users);
    mixfill_ids_init_by_index(&b.items, n_items);
    for (size_t i = 0; i < n && st == MIXFILL_OK; i++) {
        mixfill_rating t = triplets[i];
        if (t.user < 0 || t.user >= n_users || t.item < 0 || t.item >= n_items)
            st = mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                              "triplets: entry %zu is (%" PRId32 ", %" PRId32
                              "), expected indices inside %" PRId32 " x %" PRId32,
                              i, t.user, t.item, n_users, n_items);
        else if (!(fabs(t.value) <= MIXFILL_MAX_ABS_RATING))
            st = mixfill_fail(err, MIXFILL_ERR_RANGE, 0,
                              "triplets: entry %zu has value %g, expected a finite number of "
                              "magnitude at most 1e150",
                              i, t.value);
        else if (mixfill_builder_add(&b, t.user, t.item, t.value, 0) != MIXFILL_OK)
            st = mixfill_fail_nomem(err, "ratings");
    }
    if (st == MIXFILL_OK)
        st =
            mixfill_builder_finish(&b, out, &duplicates, MIXFILL_DUPLICATES_ERROR, "triplets", err);
    mixfill_builder_clear(&b);
    return st;
}

/* Feed the ratings whose items are mapped to the builder. */
static mixfill_status add_mapped(mixfill_builder *b, const mixfill_ratings *r, const int32_t *map) {
    mixfill_status st = MIXFILL_OK;
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1] && st == MIXFILL_OK; e++)
            if (map[r->col[e]] >= 0)
                st = mixfill_builder_add(b, u, map[r->col[e]], mixfill_ratings_value(r, e), 0);
    return st;
}

mixfill_status mixfill_ratings_align(mixfill_ratings **out, int64_t *dropped,
                                     const mixfill_ratings *ratings, const mixfill_ids *item_ids,
                                     mixfill_error *err) {
    mixfill_status st = MIXFILL_ERR_NOMEM;
    int64_t duplicates;
    mixfill_ratings *aligned = NULL;
    mixfill_builder b;
    mixfill_builder_init(&b);
    int32_t *map = mixfill_ids_map(&ratings->item_ids, item_ids);
    if (map == NULL)
        goto done;
    MIXFILL_TRY(mixfill_ids_copy(&b.users, &ratings->user_ids));
    mixfill_ids_init_by_index(&b.items, item_ids->n);
    MIXFILL_TRY(add_mapped(&b, ratings, map));
    *dropped = ratings->nnz - b.n;
    MIXFILL_TRY(mixfill_builder_finish(&b, &aligned, &duplicates, MIXFILL_DUPLICATES_ERROR,
                                       "ratings", err));
    *out = aligned;
done:
    mixfill_builder_clear(&b);
    mixfill_free(map);
    return st == MIXFILL_ERR_NOMEM ? mixfill_fail_nomem(err, "ratings") : st;
}

static int compare_counts(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Minimum, quartiles (lower nearest rank), maximum; sorts count. */
static void five_numbers(int64_t out[5], int32_t *count, int32_t n) {
    memset(out, 0, 5 * sizeof *out);
    if (n == 0)
        return;
    qsort(count, (size_t)n, sizeof *count, compare_counts);
    for (int q = 0; q < 5; q++)
        out[q] = count[(int64_t)(n - 1) * q / 4];
}

static int32_t count_zeros(const int32_t *count, int32_t n) {
    int32_t zeros = 0;
    for (int32_t i = 0; i < n; i++)
        zeros += count[i] == 0;
    return zeros;
}

static void summarize_values(const mixfill_ratings *r, mixfill_ratings_summary *out) {
    if (r->nnz == 0)
        return;
    double sum = 0, squares = 0;
    out->min = out->max = mixfill_ratings_value(r, 0);
    for (int64_t e = 0; e < r->nnz; e++) {
        double x = mixfill_ratings_value(r, e);
        sum += x;
        out->min = fmin(out->min, x);
        out->max = fmax(out->max, x);
    }
    out->mean = fmin(fmax(sum / (double)r->nnz, out->min), out->max);
    for (int64_t e = 0; e < r->nnz; e++) {
        double d = mixfill_ratings_value(r, e) - out->mean;
        squares += d * d;
    }
    out->sd = sqrt(squares / (double)r->nnz);
}

mixfill_status mixfill_ratings_summarize(const mixfill_ratings *ratings,
                                         mixfill_ratings_summary *out, mixfill_error *err) {
    mixfill_ratings_summary s = {.n_levels = ratings->n_levels,
                                 .bytes = mixfill_ratings_bytes(ratings)};
    int32_t *users = mixfill_alloc((size_t)ratings->n_users, sizeof *users);
    int32_t *items = mixfill_ratings_item_counts(ratings);
    if (users == NULL || items == NULL) {
        mixfill_free(users);
        mixfill_free(items);
        return mixfill_fail_nomem(err, "a summary of ratings");
    }
    for (int32_t u = 0; u < ratings->n_users; u++)
        users[u] = (int32_t)(ratings->row_ptr[u + 1] - ratings->row_ptr[u]);
    s.empty_users = count_zeros(users, ratings->n_users);
    s.empty_items = count_zeros(items, ratings->n_items);
    five_numbers(s.user_counts, users, ratings->n_users);
    five_numbers(s.item_counts, items, ratings->n_items);
    summarize_values(ratings, &s);
    mixfill_free(users);
    mixfill_free(items);
    *out = s;
    return MIXFILL_OK;
}

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
