/* Descriptions of ratings for people: how many each user and item has, how the values are spread,
 * and what the ids are. */
#include "ratings/ratings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- counts and values in one look ---- */

/* For qsort. */
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

/* Users or items without ratings, of their counts (n). */
static int32_t count_zeros(const int32_t *count, int32_t n) {
    int32_t zeros = 0;
    for (int32_t i = 0; i < n; i++)
        zeros += count[i] == 0;
    return zeros;
}

static void summarize_values(const mixfill_ratings *r, mixfill_ratings_summary *out) {
    if (r->nnz == 0)
        return;
    out->min = out->max = mixfill_ratings_value(r, 0);
    for (int64_t e = 0; e < r->nnz; e++) {
        double x = mixfill_ratings_value(r, e);
        out->min = fmin(out->min, x);
        out->max = fmax(out->max, x);
    }
    out->mean = mixfill_ratings_mean(r);
    out->sd = sqrt(mixfill_ratings_variance(r));
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

/* ---- how often each value occurs ---- */

/* Of the quantiles reported, in this order. */
static const int QUANTILE_PERCENT[MIXFILL_VALUE_QUANTILES] = {0, 1, 5, 25, 50, 75, 95, 99, 100};

/* Place of a quantile among n sorted values: the lower nearest rank, so that a quantile is always
 * one of the values, 3 or 3.5 and never 3.27. Divided first, so that n * percent cannot overflow.
 */
static int64_t rank_of(int64_t n, int q) {
    int64_t percent = QUANTILE_PERCENT[q];
    return (n - 1) / 100 * percent + (n - 1) % 100 * percent / 100;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Count the codes, and put the levels in ascending order. */
static void count_levels(mixfill_value_counts *out, const mixfill_ratings *r) {
    double sorted[MIXFILL_VALUE_LEVELS];
    int64_t count[MIXFILL_VALUE_LEVELS] = {0};
    size_t n = (size_t)r->n_levels;
    for (int64_t e = 0; e < r->nnz; e++)
        count[r->code[e]]++;
    memcpy(sorted, r->level, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_doubles);
    out->n_levels = r->n_levels;
    for (size_t i = 0; i < n; i++) {
        const double *at = bsearch(&r->level[i], sorted, n, sizeof *sorted, compare_doubles);
        out->level[at - sorted] = r->level[i];
        out->count[at - sorted] = count[i];
    }
    int32_t level = 0;
    int64_t below = 0; /* ratings of smaller levels */
    for (int q = 0; q < MIXFILL_VALUE_QUANTILES && n > 0; q++) {
        while (below + out->count[level] <= rank_of(r->nnz, q))
            below += out->count[level++];
        out->quantile[q] = out->level[level];
    }
}

/* With codes, counting is a pass over bytes; without, a sorted copy is the price. */
mixfill_status mixfill_ratings_count_values(const mixfill_ratings *ratings,
                                            mixfill_value_counts *out, mixfill_error *err) {
    mixfill_value_counts counts = {0};
    size_t n = (size_t)ratings->nnz;
    if (ratings->code != NULL) {
        count_levels(&counts, ratings);
    } else if (n > 0) {
        double *sorted = mixfill_alloc(n, sizeof *sorted);
        if (sorted == NULL)
            return mixfill_fail_nomem(err, "a sorted copy of the ratings");
        memcpy(sorted, ratings->value, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, compare_doubles);
        for (int q = 0; q < MIXFILL_VALUE_QUANTILES; q++)
            counts.quantile[q] = sorted[rank_of(ratings->nnz, q)];
        mixfill_free(sorted);
    }
    *out = counts;
    return MIXFILL_OK;
}

/* ---- ids ---- */

/* Whether all ids are whole numbers, and then their range and how many numbers in it are no id:
 * ids that count from 1 have no gaps, those of a sample of a larger set have many. */
static mixfill_id_summary summarize_ids(const mixfill_ids *ids) {
    char buffer[MIXFILL_ID_BUFFER];
    mixfill_id_summary s = {.by_index = ids->by_index, .integers = ids->n > 0};
    for (int32_t i = 0; i < ids->n && s.integers; i++) {
        int64_t value;
        s.integers = mixfill_id_to_int64(mixfill_ids_get(ids, i, buffer), &value);
        if (s.integers && (i == 0 || value < s.least))
            s.least = value;
        if (s.integers && (i == 0 || value > s.most))
            s.most = value;
    }
    if (!s.integers)
        return (mixfill_id_summary){.by_index = ids->by_index};
    s.gaps = (uint64_t)s.most - (uint64_t)s.least - ((uint64_t)ids->n - 1);
    return s;
}

void mixfill_ratings_summarize_ids(const mixfill_ratings *ratings, mixfill_id_summary *users,
                                   mixfill_id_summary *items) {
    *users = summarize_ids(&ratings->user_ids);
    *items = summarize_ids(&ratings->item_ids);
}
