/* Splitting ratings into those of training and those of a test: what is held out is chosen in the
 * order of the rows, from streams of its own, so that neither threads nor the machine can change
 * it.
 *
 * A mark per rating says whether it is held out; what is and what is not are then copied, in CSR
 * order and with all users and items, so that their numbers agree. A mark is a byte, which bounds
 * the folds of a cross-validation by 255. */
#include "base/rng.h"
#include "ratings/builder.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Purposes of random streams; those of other modules are smaller. */
enum { STREAM_RANDOM = 64, STREAM_USER = 65, STREAM_FOLDS = 66 };

void mixfill_split_options_init(mixfill_split_options *options) {
    *options = (mixfill_split_options){.struct_size = sizeof *options,
                                       .method = MIXFILL_SPLIT_RANDOM,
                                       .fraction = 0.1,
                                       .seed = 1,
                                       .per_user = 1};
}

mixfill_status mixfill_split_options_validate(const mixfill_split_options *options,
                                              mixfill_error *err) {
    if (options->struct_size != sizeof *options)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "split options: struct_size is %zu, expected %zu as set by "
                            "mixfill_split_options_init",
                            options->struct_size, sizeof *options);
    if ((int)options->method < MIXFILL_SPLIT_RANDOM || options->method > MIXFILL_SPLIT_BEFORE)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "method",
                                  " %d: expected random, user, time, last or before",
                                  (int)options->method);
    if (options->per_user < 1)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "per_user",
                                  " %" PRId32 ": expected at least 1", options->per_user);
    if (!(options->fraction > 0 && options->fraction < 1))
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "fraction",
                                  " %g: expected a number between 0 and 1, without these",
                                  options->fraction);
    return MIXFILL_OK;
}

/* Mark m of n entries, every choice being as likely (Knuth, TAOCP 3.4.2, algorithm S). */
static void mark_some(uint8_t *held_out, int64_t n, int64_t m, mixfill_rng *rng) {
    for (int64_t e = 0; e < n; e++) {
        held_out[e] = mixfill_rng_below(rng, (uint64_t)(n - e)) < (uint64_t)m;
        m -= held_out[e];
    }
}

/* Exactly m of all ratings. */
static void mark_random(uint8_t *held_out, const mixfill_ratings *r, uint32_t seed, int64_t m) {
    mixfill_rng rng = mixfill_rng_stream(seed, STREAM_RANDOM, 0);
    mark_some(held_out, r->nnz, m, &rng);
}

/* The fraction of a row is rounded up or down at random, so that it holds on average, and leaves at
 * least one rating of it. */
static void mark_by_user(uint8_t *held_out, const mixfill_ratings *r, uint32_t seed,
                         double fraction) {
    for (int32_t u = 0; u < r->n_users; u++) {
        int64_t n = r->row_ptr[u + 1] - r->row_ptr[u];
        mixfill_rng rng = mixfill_rng_stream(seed, STREAM_USER, (uint64_t)u);
        int64_t m = (int64_t)floor(fraction * (double)n + mixfill_rng_uniform(&rng));
        if (m >= n)
            m = n > 0 ? n - 1 : 0;
        mark_some(held_out + r->row_ptr[u], n, m, &rng);
    }
}

/* Ratings of this time or later. */
static int64_t count_from(const mixfill_ratings *r, int64_t time) {
    int64_t n = 0;
    for (int64_t e = 0; e < r->nnz; e++)
        n += r->time[e] >= time;
    return n;
}

/* The latest time that at least m ratings reach, 1 <= m <= nnz: by halving, a pass for each bit of
 * the range of the times. */
static int64_t find_cut(const mixfill_ratings *r, int64_t m) {
    int64_t lo = r->time[0], hi = r->time[0];
    for (int64_t e = 1; e < r->nnz; e++) {
        lo = r->time[e] < lo ? r->time[e] : lo;
        hi = r->time[e] > hi ? r->time[e] : hi;
    }
    while (lo < hi) {
        uint64_t half = ((uint64_t)hi - (uint64_t)lo + 1) / 2;
        int64_t mid = (int64_t)((uint64_t)lo + (half > 0 ? half : UINT64_C(1) << 63));
        if (count_from(r, mid) >= m)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

/* The m latest; of those at the time of the cut, the last in row order: exactly m are held out,
 * also where many have one timestamp, as dates give it. */
static void mark_latest(uint8_t *held_out, const mixfill_ratings *r, int64_t m) {
    int64_t cut = find_cut(r, m);
    int64_t at_cut = cut < INT64_MAX ? m - count_from(r, cut + 1) : m;
    for (int64_t e = r->nnz - 1; e >= 0; e--) {
        bool tie = r->time[e] == cut && at_cut > 0;
        at_cut -= tie;
        held_out[e] = r->time[e] > cut || tie;
    }
}

/* Of two entries of a row the later; of one time, the one behind. */
typedef struct dated {
    int64_t time, entry;
} dated;

static int compare_dated(const void *a, const void *b) {
    const dated *x = a, *y = b;
    int by_time = (x->time > y->time) - (x->time < y->time);
    return by_time != 0 ? by_time : (x->entry > y->entry) - (x->entry < y->entry);
}

/* The m latest of each row that has more. MIXFILL_ERR_NOMEM. */
static mixfill_status mark_last(uint8_t *held_out, const mixfill_ratings *r, int32_t m) {
    int64_t most = 0;
    for (int32_t u = 0; u < r->n_users; u++)
        most = r->row_ptr[u + 1] - r->row_ptr[u] > most ? r->row_ptr[u + 1] - r->row_ptr[u] : most;
    dated *row = mixfill_alloc((size_t)most, sizeof *row);
    if (row == NULL)
        return MIXFILL_ERR_NOMEM;
    memset(held_out, 0, (size_t)r->nnz);
    for (int32_t u = 0; u < r->n_users; u++) {
        int64_t n = r->row_ptr[u + 1] - r->row_ptr[u];
        for (int64_t e = 0; e < n; e++)
            row[e] = (dated){r->time[r->row_ptr[u] + e], r->row_ptr[u] + e};
        qsort(row, (size_t)n, sizeof *row, compare_dated);
        for (int64_t e = n - m; n > m && e < n; e++)
            held_out[row[e].entry] = 1;
    }
    mixfill_free(row);
    return MIXFILL_OK;
}

static void mark_from(uint8_t *held_out, const mixfill_ratings *r, int64_t time) {
    for (int64_t e = 0; e < r->nnz; e++)
        held_out[e] = r->time[e] >= time;
}

/* Mark a fraction, which may come to none or all of the ratings. */
static void mark_fraction(uint8_t *held_out, const mixfill_ratings *r,
                          const mixfill_split_options *o) {
    int64_t m = llround(o->fraction * (double)r->nnz);
    if (o->method == MIXFILL_SPLIT_USER)
        mark_by_user(held_out, r, o->seed, o->fraction);
    else if (m == 0 || m == r->nnz)
        memset(held_out, m > 0, (size_t)r->nnz);
    else if (o->method == MIXFILL_SPLIT_RANDOM)
        mark_random(held_out, r, o->seed, m);
    else
        mark_latest(held_out, r, m);
}

/* Mark what is held out; *count: how many ratings that is. MIXFILL_ERR_NOMEM. */
static mixfill_status mark(int64_t *count, uint8_t *held_out, const mixfill_ratings *r,
                           const mixfill_split_options *o) {
    mixfill_status st = MIXFILL_OK;
    int64_t n = 0;
    if (o->method == MIXFILL_SPLIT_LAST)
        st = mark_last(held_out, r, o->per_user);
    else if (o->method == MIXFILL_SPLIT_BEFORE)
        mark_from(held_out, r, o->before);
    else
        mark_fraction(held_out, r, o);
    for (int64_t e = 0; e < r->nnz; e++)
        n += held_out[e];
    *count = n;
    return st;
}

/* What leaves one part empty, in words. */
static mixfill_status fail_empty(const mixfill_ratings *r, const mixfill_split_options *o,
                                 bool no_test, mixfill_error *err) {
    const char *part = no_test ? "test" : "training";
    if (o->method == MIXFILL_SPLIT_LAST)
        return mixfill_fail_field(err, MIXFILL_ERR_DIM, "per_user",
                                  " %" PRId32 ": no user has more ratings, expected fewer",
                                  o->per_user);
    if (o->method == MIXFILL_SPLIT_BEFORE)
        return mixfill_fail_field(err, MIXFILL_ERR_DIM, "before",
                                  " %" PRId64
                                  ": leaves no %s part, expected a time within those of "
                                  "the ratings",
                                  o->before, part);
    return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                        "a fraction of %g of %" PRId64 " rating%s leaves no %s part, expected more "
                        "ratings or another fraction",
                        o->fraction, r->nnz, mixfill_s(r->nnz), part);
}

/* Copy the n ratings that are marked as `which`; rows stay rows, also those that become empty. */
static void copy_marked(mixfill_ratings *out, const mixfill_ratings *r, const uint8_t *held_out,
                        uint8_t which) {
    int64_t n = 0;
    for (int32_t u = 0; u < r->n_users; u++) {
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            if (held_out[e] != which)
                continue;
            out->col[n] = r->col[e];
            if (r->code != NULL)
                out->code[n] = r->code[e];
            else
                out->value[n] = r->value[e];
            if (r->time != NULL)
                out->time[n] = r->time[e];
            n++;
        }
        out->row_ptr[u + 1] = n;
    }
    memcpy(out->level, r->level, sizeof out->level);
    out->n_levels = r->n_levels;
}

/* The n ratings that are marked as `which`, users and items as in r. NULL when out of memory. */
static mixfill_ratings *select_marked(const mixfill_ratings *r, const uint8_t *held_out,
                                      uint8_t which, int64_t n) {
    mixfill_ratings *out = mixfill_ratings_alloc(r->n_users, r->n_items, n, r->code != NULL);
    if (out == NULL)
        return NULL;
    if (r->time != NULL)
        out->time = mixfill_alloc((size_t)n, sizeof *out->time);
    bool ok = (r->time == NULL || out->time != NULL) &&
              mixfill_ids_copy(&out->user_ids, &r->user_ids) == MIXFILL_OK &&
              mixfill_ids_copy(&out->item_ids, &r->item_ids) == MIXFILL_OK;
    if (ok) {
        copy_marked(out, r, held_out, which);
        ok = mixfill_ratings_encode(out); /* to the levels that are left */
    }
    if (ok)
        return out;
    mixfill_ratings_free(out);
    return NULL;
}

/* Both, of ratings of which n are marked with 1, the others with 0; frees the marks. */
static mixfill_status take_both(mixfill_ratings **train, mixfill_ratings **test,
                                const mixfill_ratings *ratings, uint8_t *held_out, int64_t n,
                                mixfill_error *err) {
    mixfill_ratings *rest = select_marked(ratings, held_out, 0, ratings->nnz - n);
    mixfill_ratings *held = rest != NULL ? select_marked(ratings, held_out, 1, n) : NULL;
    mixfill_free(held_out);
    if (held == NULL) {
        mixfill_ratings_free(rest);
        return mixfill_fail_nomem(err, "a split");
    }
    *train = rest;
    *test = held;
    return MIXFILL_OK;
}

/* A split that leaves either empty is refused: it is of no use to a fit, nor to a test. */
mixfill_status mixfill_ratings_split(mixfill_ratings **train, mixfill_ratings **test,
                                     const mixfill_ratings *ratings,
                                     const mixfill_split_options *options, mixfill_error *err) {
    mixfill_split_options defaults;
    mixfill_split_options_init(&defaults);
    const mixfill_split_options *o = options != NULL ? options : &defaults;
    mixfill_status st = mixfill_split_options_validate(o, err);
    if (st != MIXFILL_OK)
        return st;
    if (o->method >= MIXFILL_SPLIT_TIME && ratings->time == NULL)
        return mixfill_fail_field(err, MIXFILL_ERR_DIM, "method",
                                  " %s: the ratings have no timestamps, expected a column named "
                                  "timestamp, or a fourth one where there is no header",
                                  o->method == MIXFILL_SPLIT_LAST ? "last" : "time");
    uint8_t *held_out = mixfill_alloc((size_t)ratings->nnz, sizeof *held_out);
    if (held_out == NULL)
        return mixfill_fail_nomem(err, "a split");
    int64_t n = 0;
    st = mark(&n, held_out, ratings, o);
    if (st != MIXFILL_OK || n == 0 || n == ratings->nnz) {
        mixfill_free(held_out);
        return st != MIXFILL_OK ? mixfill_fail_nomem(err, "a split")
                                : fail_empty(ratings, o, n == 0, err);
    }
    return take_both(train, test, ratings, held_out, n, err);
}

/* Entries are dealt to the folds in turn and shuffled by one stream, so that folds differ by one
 * rating at most, and fold i of n is the same whichever of them is asked for. */
mixfill_status mixfill_ratings_fold(mixfill_ratings **train, mixfill_ratings **test,
                                    const mixfill_ratings *ratings, const mixfill_fold_of *fold,
                                    mixfill_error *err) {
    enum { MOST = UINT8_MAX };
    if (fold->n < 2 || fold->n > MOST || fold->index < 0 || fold->index >= fold->n)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "fold %" PRId32 " of %" PRId32 ": expected 2 to %d folds", fold->index,
                            fold->n, MOST);
    if (ratings->nnz < fold->n)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "%" PRId32 " folds of %" PRId64 " rating%s, expected at most as many",
                            fold->n, ratings->nnz, mixfill_s(ratings->nnz));
    uint8_t *held_out = mixfill_alloc((size_t)ratings->nnz, sizeof *held_out);
    if (held_out == NULL)
        return mixfill_fail_nomem(err, "a fold");
    mixfill_rng rng = mixfill_rng_stream(fold->seed, STREAM_FOLDS, 0);
    int64_t n = 0;
    for (int64_t e = 0; e < ratings->nnz; e++) { /* inside-out shuffle of 0, 1, ..., n-1, 0, ... */
        int64_t at = (int64_t)mixfill_rng_below(&rng, (uint64_t)e + 1);
        held_out[e] = held_out[at];
        held_out[at] = (uint8_t)(e % fold->n);
    }
    for (int64_t e = 0; e < ratings->nnz; e++) {
        held_out[e] = held_out[e] == fold->index;
        n += held_out[e];
    }
    return take_both(train, test, ratings, held_out, n, err);
}

mixfill_status mixfill_split_count_new(int64_t *n_users, int64_t *n_items,
                                       const mixfill_ratings *train, const mixfill_ratings *test,
                                       mixfill_error *err) {
    int32_t *known = mixfill_ratings_item_counts(train);
    if (known == NULL)
        return mixfill_fail_nomem(err, "a count of items");
    *n_users = *n_items = 0;
    for (int32_t u = 0; u < test->n_users; u++) {
        bool is_new = train->row_ptr[u + 1] == train->row_ptr[u];
        *n_users += is_new ? test->row_ptr[u + 1] - test->row_ptr[u] : 0;
        for (int64_t e = test->row_ptr[u]; e < test->row_ptr[u + 1]; e++)
            *n_items += known[test->col[e]] == 0;
    }
    mixfill_free(known);
    return MIXFILL_OK;
}

/* One round: mark with 0 what is of a user or an item with fewer than `least` marked ratings, and
 * count anew. user, item: (N), (D) counts of what is marked with 1. Returns how many were left. */
static int64_t prune(uint8_t *kept, const mixfill_ratings *r, int32_t *user, int32_t *item,
                     int32_t least) {
    int64_t n = 0;
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            kept[e] = kept[e] && user[u] >= least && item[r->col[e]] >= least;
    memset(user, 0, (size_t)r->n_users * sizeof *user);
    memset(item, 0, (size_t)r->n_items * sizeof *item);
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            user[u] += kept[e];
            item[r->col[e]] += kept[e];
            n += kept[e];
        }
    return n;
}

mixfill_status mixfill_ratings_core(mixfill_ratings **out, const mixfill_ratings *ratings,
                                    int32_t least, mixfill_error *err) {
    if (least < 1)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "least",
                                  " %" PRId32 ": expected at least 1", least);
    uint8_t *kept = mixfill_alloc((size_t)ratings->nnz, sizeof *kept);
    int32_t *user = mixfill_alloc_zero((size_t)ratings->n_users, sizeof *user);
    int32_t *item = mixfill_alloc_zero((size_t)ratings->n_items, sizeof *item);
    bool ok = kept != NULL && user != NULL && item != NULL;
    int64_t n = 0, before = -1;
    if (ok) {
        memset(kept, 1, (size_t)ratings->nnz);
        n = prune(kept, ratings, user, item, 0);
    }
    while (ok && n != before) {
        before = n;
        n = prune(kept, ratings, user, item, least);
    }
    mixfill_ratings *core = ok && n > 0 ? select_marked(ratings, kept, 1, n) : NULL;
    mixfill_free(kept);
    mixfill_free(user);
    mixfill_free(item);
    if (ok && n == 0)
        return mixfill_fail_field(err, MIXFILL_ERR_DIM, "least",
                                  " %" PRId32 ": no ratings are left, expected fewer", least);
    if (core == NULL)
        return mixfill_fail_nomem(err, "a part of the ratings");
    *out = core;
    return MIXFILL_OK;
}
