/* Builder and ratings object. */
#include "ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

typedef struct triplet {
    int32_t user, item;
    double value;
} triplet;

/* A builder of n triplets on lines 10, 11, ... and by-index ids of the given shape. */
static mixfill_builder build(const triplet *t, size_t n, int32_t n_users, int32_t n_items) {
    mixfill_builder b;
    mixfill_builder_init(&b);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(mixfill_builder_add(&b, t[i].user, t[i].item, t[i].value, 10 + (int64_t)i),
                     MIXFILL_OK);
    mixfill_ids_init_by_index(&b.users, n_users);
    mixfill_ids_init_by_index(&b.items, n_items);
    return b;
}

static mixfill_ratings *finish(mixfill_builder *b, mixfill_duplicates policy, int64_t *duplicates) {
    mixfill_ratings *r = NULL;
    mixfill_error err;
    cr_assert_eq(mixfill_builder_finish(b, &r, duplicates, policy, "f", &err), MIXFILL_OK, "%s",
                 err.message);
    cr_assert_eq(mixfill_ratings_validate(r, "f", &err), MIXFILL_OK, "%s", err.message);
    return r;
}

Test(ratings, rows_come_out_sorted_with_empty_ones_kept) {
    const triplet t[] = {{3, 2, 5}, {0, 1, 1}, {3, 0, 2}, {0, 0, 4}};
    mixfill_builder b = build(t, 4, 5, 4);
    int64_t duplicates = -1;
    mixfill_ratings *r = finish(&b, MIXFILL_DUPLICATES_ERROR, &duplicates);
    const int64_t row_ptr[] = {0, 2, 2, 2, 4, 4};
    const int32_t col[] = {0, 1, 0, 2};
    const double value[] = {4, 1, 2, 5};
    cr_expect_eq(duplicates, 0);
    cr_expect_arr_eq(r->row_ptr, row_ptr, sizeof row_ptr);
    cr_expect_arr_eq(r->col, col, sizeof col);
    for (int e = 0; e < 4; e++)
        cr_expect_eq(mixfill_ratings_value(r, e), value[e]);
    cr_expect_eq(r->n_levels, 4);
    cr_expect_eq(b.n, 0, "the builder is empty again");
    mixfill_ratings_free(r);
}

static const triplet repeated[] = {{1, 1, 2}, {0, 0, 3}, {1, 1, 5}, {1, 0, 1}, {1, 1, 3}};

static double value_of_repeated(mixfill_duplicates policy) {
    mixfill_builder b = build(repeated, 5, 2, 2);
    int64_t duplicates;
    mixfill_ratings *r = finish(&b, policy, &duplicates);
    cr_expect_eq(duplicates, 2);
    cr_expect_eq(r->nnz, 3);
    cr_expect_eq(mixfill_ratings_value(r, 0), 3);
    cr_expect_eq(mixfill_ratings_value(r, 1), 1);
    double value = mixfill_ratings_value(r, 2);
    mixfill_ratings_free(r);
    return value;
}

Test(ratings, duplicates) {
    cr_expect_eq(value_of_repeated(MIXFILL_DUPLICATES_FIRST), 2);
    cr_expect_eq(value_of_repeated(MIXFILL_DUPLICATES_LAST), 3);
    cr_expect_eq(value_of_repeated(MIXFILL_DUPLICATES_MEAN), 10.0 / 3);
    mixfill_builder b = build(repeated, 5, 2, 2);
    mixfill_ratings *r = NULL;
    mixfill_error err;
    int64_t duplicates;
    cr_expect_eq(mixfill_builder_finish(&b, &r, &duplicates, MIXFILL_DUPLICATES_ERROR, "f", &err),
                 MIXFILL_ERR_PARSE);
    cr_expect_null(r);
    cr_expect_eq(err.line, 12);
    cr_expect_not_null(
        strstr(err.message, "f:12: duplicate rating of user '1' and item '1', first on line 10"),
        "%s", err.message);
}

/* n distinct values, one user each. */
static mixfill_ratings *distinct(int n) {
    mixfill_builder b;
    int64_t duplicates;
    mixfill_builder_init(&b);
    for (int i = 0; i < n; i++)
        cr_assert_eq(mixfill_builder_add(&b, i, 0, i * 0.5 - 7, 1), MIXFILL_OK);
    mixfill_ids_init_by_index(&b.users, n);
    mixfill_ids_init_by_index(&b.items, 1);
    return finish(&b, MIXFILL_DUPLICATES_ERROR, &duplicates);
}

Test(ratings, the_257th_value_changes_the_storage_and_nothing_else) {
    for (int n = 255; n <= 258; n++) {
        mixfill_ratings *r = distinct(n);
        cr_expect_eq(r->code != NULL, n <= 256);
        cr_expect_eq(r->n_levels, n <= 256 ? n : 0);
        for (int i = 0; i < n; i++)
            cr_expect_eq(mixfill_ratings_value(r, i), i * 0.5 - 7);
        mixfill_ratings_free(r);
    }
}

Test(ratings, minus_zero_is_zero) {
    const triplet t[] = {{0, 0, 0.0}, {1, 0, -0.0}};
    mixfill_builder b = build(t, 2, 2, 1);
    int64_t duplicates;
    mixfill_ratings *r = finish(&b, MIXFILL_DUPLICATES_ERROR, &duplicates);
    cr_expect_eq(r->n_levels, 1);
    cr_expect_not(signbit(mixfill_ratings_value(r, 1)));
    mixfill_ratings_free(r);
}

Test(ratings, from_triplets_refuses) {
    static const struct {
        mixfill_rating rating;
        mixfill_status status;
    } cases[] = {{{2, 0, 1}, MIXFILL_ERR_DIM},
                 {{-1, 0, 1}, MIXFILL_ERR_DIM},
                 {{0, 3, 1}, MIXFILL_ERR_DIM},
                 {{0, -1, 1}, MIXFILL_ERR_DIM},
                 {{0, 0, (double)NAN}, MIXFILL_ERR_RANGE},
                 {{0, 0, (double)INFINITY}, MIXFILL_ERR_RANGE},
                 {{0, 0, 2e150}, MIXFILL_ERR_RANGE},
                 {{1, 2, 1}, MIXFILL_ERR_PARSE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mixfill_rating both[] = {{1, 2, 4}, cases[i].rating};
        mixfill_ratings *r = NULL;
        mixfill_error err;
        cr_expect_eq(mixfill_ratings_from_triplets(&r, both, 2, 2, 3, &err), cases[i].status,
                     "case %zu", i);
        cr_expect_null(r);
    }
}

Test(ratings, align_renumbers_and_drops) {
    const mixfill_rating t[] = {{0, 0, 1}, {0, 2, 3}, {1, 1, 2}, {1, 2, 4}};
    mixfill_ratings *r, *aligned;
    mixfill_error err;
    mixfill_ids ids;
    int32_t index;
    int64_t dropped;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 4, 2, 3, &err), MIXFILL_OK);
    mixfill_ids_init(&ids);
    cr_assert_eq(mixfill_ids_intern(&ids, &index, "2", 1), MIXFILL_OK);
    cr_assert_eq(mixfill_ids_intern(&ids, &index, "x", 1), MIXFILL_OK);
    cr_assert_eq(mixfill_ids_intern(&ids, &index, "0", 1), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_align(&aligned, &dropped, r, &ids, &err), MIXFILL_OK);
    cr_expect_eq(dropped, 1);
    cr_expect_eq(aligned->n_items, 3);
    cr_expect_eq(aligned->n_users, 2);
    const int32_t col[] = {0, 2, 0};
    const double value[] = {3, 1, 4};
    cr_assert_eq(aligned->nnz, 3);
    cr_expect_arr_eq(aligned->col, col, sizeof col);
    for (int e = 0; e < 3; e++)
        cr_expect_eq(mixfill_ratings_value(aligned, e), value[e]);
    mixfill_ratings_free(aligned);
    mixfill_ratings_free(r);
    mixfill_ids_clear(&ids);
}

Test(ratings, summary_by_hand) {
    /* users rate 3, 0, 1 items; items are rated by 2, 1, 1, 0 users; values 1 2 3 6 */
    const mixfill_rating t[] = {{0, 0, 1}, {0, 1, 2}, {0, 2, 3}, {2, 0, 6}};
    mixfill_ratings *r;
    mixfill_ratings_summary s;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 4, 3, 4, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_summarize(r, &s, NULL), MIXFILL_OK);
    cr_expect_eq(s.mean, 3);
    cr_expect_eq(s.sd, sqrt((4.0 + 1 + 0 + 9) / 4));
    cr_expect_eq(s.min, 1);
    cr_expect_eq(s.max, 6);
    cr_expect_eq(s.n_levels, 4);
    cr_expect_eq(s.empty_users, 1);
    cr_expect_eq(s.empty_items, 1);
    const int64_t users[] = {0, 0, 1, 1, 3}, items[] = {0, 0, 1, 1, 2};
    cr_expect_arr_eq(s.user_counts, users, sizeof users);
    cr_expect_arr_eq(s.item_counts, items, sizeof items);
    mixfill_ratings_free(r);
}

static void expect_invalid(const mixfill_ratings *r, const char *reason) {
    mixfill_error err = {0};
    cr_expect_eq(mixfill_ratings_validate(r, "f", &err), MIXFILL_ERR_PARSE, "%s", reason);
    cr_expect_not_null(strstr(err.message, reason), "%s", err.message);
}

Test(ratings, validate_finds_what_is_broken) {
    const mixfill_rating t[] = {{0, 0, 1}, {0, 2, 3}, {1, 1, 2}, {1, 2, 4}};
    mixfill_ratings *r;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 4, 2, 3, NULL), MIXFILL_OK);
    r->col[1] = 0;
    expect_invalid(r, "strictly ascending");
    r->col[1] = 3;
    expect_invalid(r, "outside the shape");
    r->col[1] = -1;
    expect_invalid(r, "outside the shape");
    r->col[1] = 2;
    r->row_ptr[1] = 5;
    expect_invalid(r, "monotone");
    r->row_ptr[1] = 2;
    r->row_ptr[2] = 3;
    expect_invalid(r, "span");
    r->row_ptr[2] = 4;
    r->code[0] = 200;
    expect_invalid(r, "no level");
    r->code[0] = 0;
    r->level[0] = (double)NAN;
    expect_invalid(r, "not finite");
    r->level[0] = 1;
    cr_expect_eq(mixfill_ratings_validate(r, "f", NULL), MIXFILL_OK);
    mixfill_ratings_free(r);
}

Test(ratings, out_of_memory) {
    const mixfill_rating t[] = {{0, 0, 1}, {0, 2, 3}, {1, 1, 2}, {1, 2, 4}};
    int64_t live = mixfill_alloc_live;
    for (int64_t budget = 0;; budget++) {
        mixfill_ratings *r = NULL;
        mixfill_alloc_budget = budget;
        mixfill_status st = mixfill_ratings_from_triplets(&r, t, 4, 2, 3, NULL);
        mixfill_alloc_budget = -1;
        if (st == MIXFILL_OK) {
            cr_expect_gt(budget, 6);
            mixfill_ratings_free(r);
            cr_expect_eq(mixfill_alloc_live, live);
            return;
        }
        cr_expect_eq(st, MIXFILL_ERR_NOMEM);
        cr_expect_null(r);
        cr_expect_eq(mixfill_alloc_live, live, "budget %d", (int)budget);
    }
}
