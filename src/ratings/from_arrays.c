/* Ratings from a caller's arrays: triplets, or CSR that is copied, borrowed or taken over. Nothing
 * else of the library knows whose arrays they are but mixfill_ratings_free and
 * mixfill_ratings_encode.
 *
 * Arrays are a caller's and may hold anything: all of them are checked before one is used, and
 * messages say at which entry. Borrowed values are encoded where they are few, and then not
 * needed any more. */
#include "base/pages.h"
#include "ratings/builder.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Through the builder, one triplet after the other: order and repeats are its business. */
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
    mixfill_ids_init_by_index(&b.users, n_users, 0);
    mixfill_ids_init_by_index(&b.items, n_items, 0);
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

/* ---- CSR: checks ---- */

/* Where in the arrays something is wrong. */
typedef struct place {
    int32_t user;
    int64_t entry;
} place;

/* Offsets (N + 1) that start at 0 and never fall, and arrays where there is something in them. */
static mixfill_status check_shape(const mixfill_csr *csr, mixfill_error *err) {
    if (csr->n_users < 0 || csr->n_items < 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "csr: shape %" PRId32 " x %" PRId32 " is negative", csr->n_users,
                            csr->n_items);
    if (csr->row_ptr == NULL)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "csr: row_ptr is NULL");
    if (csr->row_ptr[0] != 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0, "csr: row_ptr[0] is %" PRId64 ", expected 0",
                            csr->row_ptr[0]);
    for (int32_t u = 0; u < csr->n_users; u++)
        if (csr->row_ptr[u + 1] < csr->row_ptr[u])
            return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                                "csr: row_ptr[%" PRId64 "] is %" PRId64
                                ", expected at least %" PRId64 " as before it",
                                (int64_t)u + 1, csr->row_ptr[u + 1], csr->row_ptr[u]);
    bool empty = csr->row_ptr[csr->n_users] == 0;
    if (!empty && (csr->col == NULL || csr->value == NULL))
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "csr: %s is NULL",
                            csr->col == NULL ? "col" : "value");
    return MIXFILL_OK;
}

/* An item that is not above the one before it in its row: twice the same is wrong in any case,
 * out of order only where the array is used as it is. */
static mixfill_status fail_order(const mixfill_csr *csr, place at, mixfill_error *err) {
    int32_t item = csr->col[at.entry], before = csr->col[at.entry - 1];
    if (item == before)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                            "csr: entry %" PRId64 " of row %" PRId32 " is item %" PRId32
                            " again, expected each item once",
                            at.entry, at.user, item);
    return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                        "csr: entry %" PRId64 " of row %" PRId32 " is item %" PRId32
                        " after item %" PRId32
                        ", expected ascending items in arrays that are borrowed or taken",
                        at.entry, at.user, item, before);
}

/* An index within the shape, a value that can be a rating; first: of its row, or no order is
 * asked for. */
static mixfill_status check_entry(const mixfill_csr *csr, place at, bool first,
                                  mixfill_error *err) {
    int32_t item = csr->col[at.entry];
    double value = csr->value[at.entry];
    if (item < 0 || item >= csr->n_items)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "csr: entry %" PRId64 " of row %" PRId32 " is item %" PRId32
                            ", expected an index below %" PRId32,
                            at.entry, at.user, item, csr->n_items);
    if (!(fabs(value) <= MIXFILL_MAX_ABS_RATING))
        return mixfill_fail(err, MIXFILL_ERR_RANGE, 0,
                            "csr: entry %" PRId64 " of row %" PRId32
                            " has value %g, expected a finite number of magnitude at most 1e150",
                            at.entry, at.user, value);
    return !first && item <= csr->col[at.entry - 1] ? fail_order(csr, at, err) : MIXFILL_OK;
}

/* The first entry at fault, in CSR order. */
static mixfill_status check_entries(const mixfill_csr *csr, bool any_order, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    place at = {0};
    for (; at.user < csr->n_users; at.user++)
        for (at.entry = csr->row_ptr[at.user]; at.entry < csr->row_ptr[at.user + 1]; at.entry++) {
            bool first = any_order || at.entry == csr->row_ptr[at.user];
            MIXFILL_TRY(check_entry(csr, at, first, err));
        }
done:
    return st;
}

/* Replace the ids of `ids`, n by index, by the given strings; NULL leaves them. */
static mixfill_status set_ids(mixfill_ids *ids, const char *const *text, int32_t n,
                              const char *what, mixfill_error *err) {
    if (text == NULL)
        return MIXFILL_OK;
    mixfill_ids_clear(ids);
    for (int32_t i = 0; i < n; i++) {
        char quoted[MIXFILL_QUOTE_BUFFER];
        int32_t index = 0;
        size_t len = text[i] != NULL ? strlen(text[i]) : 0;
        if (len == 0 || len > MIXFILL_ID_MAX)
            return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                                "csr: id of %s %" PRId32 " has %zu bytes, expected 1 to %d", what,
                                i, len, MIXFILL_ID_MAX);
        if (mixfill_ids_intern(ids, &index, text[i], len) != MIXFILL_OK)
            return mixfill_fail_nomem(err, "ids");
        if (index != i)
            return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                                "csr: id '%s' of %s %" PRId32 " is that of %s %" PRId32
                                ", expected another",
                                mixfill_quote(quoted, text[i], len), what, i, what, index);
    }
    return MIXFILL_OK;
}

/* ---- copying ---- */

/* All entries, row by row; the only fault is memory. */
static mixfill_status add_entries(mixfill_builder *b, const mixfill_csr *csr) {
    mixfill_status st = mixfill_builder_reserve(b, csr->row_ptr[csr->n_users]);
    for (int32_t u = 0; u < csr->n_users && st == MIXFILL_OK; u++)
        for (int64_t e = csr->row_ptr[u]; e < csr->row_ptr[u + 1] && st == MIXFILL_OK; e++)
            st = mixfill_builder_add(b, u, csr->col[e], csr->value[e], 0);
    return st;
}

/* Through the builder, which sorts rows and finds pairs that stand twice. */
static mixfill_status copy(mixfill_ratings **out, const mixfill_csr *csr, mixfill_error *err) {
    mixfill_status st;
    int64_t duplicates;
    mixfill_builder b;
    mixfill_builder_init(&b);
    mixfill_ids_init_by_index(&b.users, csr->n_users, 0);
    mixfill_ids_init_by_index(&b.items, csr->n_items, 0);
    MIXFILL_TRY(set_ids(&b.users, csr->user_ids, csr->n_users, "user", err));
    MIXFILL_TRY(set_ids(&b.items, csr->item_ids, csr->n_items, "item", err));
    if (add_entries(&b, csr) != MIXFILL_OK) {
        st = mixfill_fail_nomem(err, "ratings");
        goto done;
    }
    st = mixfill_builder_finish(&b, out, &duplicates, MIXFILL_DUPLICATES_ERROR, "csr", err);
done:
    mixfill_builder_clear(&b);
    return st;
}

/* ---- borrowing and taking ---- */

/* An array of the caller's as the ratings hold it: they never write to it. */
static void *borrowed(const void *array) {
    void *out;
    memcpy(&out, &array, sizeof array);
    return out;
}

/* Looked for alone: most arrays have none, and are then left where they are. */
static bool has_negative_zero(const mixfill_ratings *r) {
    for (int64_t e = 0; e < r->nnz; e++)
        if (r->value[e] == 0 && signbit(r->value[e]))
            return true;
    return false;
}

/* -0 and 0 are one rating everywhere, but would differ in the bits of sums: such values are copied.
 * False when out of memory. */
static bool own_values(mixfill_ratings *r) {
    size_t n = (size_t)r->nnz;
    double *value = mixfill_alloc(n, sizeof *value);
    if (value == NULL)
        return false;
    mixfill_want_large_pages(value, n * sizeof *value);
    for (size_t e = 0; e < n; e++)
        value[e] = r->value[e] + 0.0;
    r->value = value;
    r->borrowed_values = false;
    return true;
}

/* Ratings whose row_ptr, col and perhaps value are the caller's. */
static mixfill_status borrow(mixfill_ratings **out, const mixfill_csr *csr, mixfill_error *err) {
    mixfill_status st;
    mixfill_ratings *r = mixfill_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return mixfill_fail_nomem(err, "ratings");
    *r = (mixfill_ratings){.n_users = csr->n_users,
                           .n_items = csr->n_items,
                           .nnz = csr->row_ptr[csr->n_users],
                           .row_ptr = borrowed(csr->row_ptr),
                           .col = borrowed(csr->col),
                           .value = borrowed(csr->value),
                           .borrowed_rows = true,
                           .borrowed_values = true};
    mixfill_ids_init_by_index(&r->user_ids, csr->n_users, 0);
    mixfill_ids_init_by_index(&r->item_ids, csr->n_items, 0);
    MIXFILL_TRY(set_ids(&r->user_ids, csr->user_ids, csr->n_users, "user", err));
    MIXFILL_TRY(set_ids(&r->item_ids, csr->item_ids, csr->n_items, "item", err));
    if (!mixfill_ratings_encode(r) || (r->code == NULL && has_negative_zero(r) && !own_values(r))) {
        st = mixfill_fail_nomem(err, "ratings");
        goto done;
    }
    *out = r;
    r = NULL;
done:
    mixfill_ratings_free(r);
    return st;
}

/* Make borrowed arrays the ratings' own; values that were encoded or copied are not needed. This is
 * the last step of taking: a call that fails has taken nothing, and the caller still frees. */
static void take(mixfill_ratings *r, const mixfill_csr *csr) {
    mixfill_adopt(r->row_ptr);
    mixfill_adopt(r->col);
    r->borrowed_rows = false;
    if (r->borrowed_values)
        mixfill_adopt(r->value);
    else
        free(borrowed(csr->value));
    r->borrowed_values = false;
}

mixfill_status mixfill_ratings_from_csr(mixfill_ratings **out, const mixfill_csr *csr,
                                        mixfill_own own, mixfill_error *err) {
    mixfill_status st;
    if (own != MIXFILL_COPY && own != MIXFILL_BORROW && own != MIXFILL_TAKE)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "csr: own %d: expected copy, borrow or take",
                            (int)own);
    MIXFILL_TRY(check_shape(csr, err));
    MIXFILL_TRY(check_entries(csr, own == MIXFILL_COPY, err));
    if (own == MIXFILL_COPY)
        return copy(out, csr, err);
    MIXFILL_TRY(borrow(out, csr, err));
    if (own == MIXFILL_TAKE)
        take(*out, csr);
done:
    return st;
}
