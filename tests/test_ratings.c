/* Builder and ratings object. */
#include "ratings/align.h"
#include "ratings/builder.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
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
    mixfill_ids_init_by_index(&b.users, n_users, 0);
    mixfill_ids_init_by_index(&b.items, n_items, 0);
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

/* Lines of a builder are runs: comments and blank lines lie between them. */
Test(ratings, duplicates_are_reported_with_their_lines_across_gaps) {
    const triplet t[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}, {1, 1, 4}, {2, 0, 5}, {2, 1, 6}};
    const int64_t line[] = {2, 3, 7, 8, 9, 40};
    for (int first = 0; first < 6; first++)
        for (int extra = 41; extra <= 60; extra += 19) {
            char want[64];
            int64_t duplicates;
            mixfill_ratings *r = NULL;
            mixfill_error err = {.line = -7};
            mixfill_builder b;
            mixfill_builder_init(&b);
            for (int i = 0; i < 6; i++)
                cr_assert_eq(mixfill_builder_add(&b, t[i].user, t[i].item, t[i].value, line[i]),
                             MIXFILL_OK);
            cr_assert_eq(mixfill_builder_add(&b, t[first].user, t[first].item, 9, extra),
                         MIXFILL_OK);
            mixfill_ids_init_by_index(&b.users, 3, 0);
            mixfill_ids_init_by_index(&b.items, 2, 0);
            cr_expect_eq(
                mixfill_builder_finish(&b, &r, &duplicates, MIXFILL_DUPLICATES_ERROR, "f", &err),
                MIXFILL_ERR_PARSE);
            cr_expect_eq(err.line, extra);
            snprintf(want, sizeof want, "first on line %d,", (int)line[first]);
            cr_expect_not_null(strstr(err.message, want), "%s", err.message);
        }
}

enum { N = 23, D = 17, ENTRIES = 900 };

/* What the policy makes of the entries for one cell, in file order; NaN where there is none. */
static double merged(const triplet *t, int user, int item, mixfill_duplicates policy) {
    double first = (double)NAN, last = (double)NAN, sum = 0;
    int n = 0;
    for (int i = 0; i < ENTRIES; i++)
        if (t[i].user == user && t[i].item == item) {
            first = n == 0 ? t[i].value : first;
            last = t[i].value;
            sum += t[i].value;
            n++;
        }
    if (policy == MIXFILL_DUPLICATES_MEAN && n > 1)
        return sum / n;
    return policy == MIXFILL_DUPLICATES_LAST ? last : first;
}

static int count_distinct(const mixfill_ratings *r) {
    int distinct = 0;
    for (int64_t e = 0; e < r->nnz; e++) {
        int64_t before = 0;
        while (before < e && mixfill_ratings_value(r, before) != mixfill_ratings_value(r, e))
            before++;
        distinct += before == e;
    }
    return distinct;
}

/* Entries in random order; with 10 levels they are codes, with 1000 doubles. */
static void expect_merged(int levels, mixfill_duplicates policy) {
    triplet t[ENTRIES];
    uint64_t state = 5;
    for (int i = 0; i < ENTRIES; i++)
        t[i] = (triplet){(int32_t)(support_next(&state) % N), (int32_t)(support_next(&state) % D),
                         (double)(support_next(&state) % (uint64_t)levels) / 8};
    mixfill_builder b = build(t, ENTRIES, N, D);
    int64_t duplicates, cells = 0;
    mixfill_ratings *r = finish(&b, policy, &duplicates);
    for (int32_t u = 0; u < N; u++) {
        int64_t e = r->row_ptr[u];
        for (int32_t j = 0; j < D; j++) {
            double want = merged(t, u, j, policy);
            if (isnan(want))
                continue;
            cr_assert(e < r->row_ptr[u + 1] && r->col[e] == j, "user %d, item %d", u, j);
            cr_assert_eq(mixfill_ratings_value(r, e++), want);
            cells++;
        }
        cr_assert_eq(e, r->row_ptr[u + 1]);
    }
    cr_expect_eq(duplicates, ENTRIES - cells);
    int distinct = count_distinct(r); /* of what is left, not of what was read */
    cr_expect_eq(r->n_levels, distinct <= 256 ? distinct : 0);
    cr_expect_eq(r->code != NULL, distinct <= 256);
    mixfill_ratings_free(r);
}

Test(ratings, duplicates_follow_the_policy_in_file_order) {
    for (int levels = 10; levels <= 1000; levels += 990) {
        expect_merged(levels, MIXFILL_DUPLICATES_FIRST);
        expect_merged(levels, MIXFILL_DUPLICATES_LAST);
        expect_merged(levels, MIXFILL_DUPLICATES_MEAN);
    }
}

/* n distinct values, one user each. */
static mixfill_ratings *distinct(int n) {
    mixfill_builder b;
    int64_t duplicates;
    mixfill_builder_init(&b);
    for (int i = 0; i < n; i++)
        cr_assert_eq(mixfill_builder_add(&b, i, 0, i * 0.5 - 7, 1), MIXFILL_OK);
    mixfill_ids_init_by_index(&b.users, n, 0);
    mixfill_ids_init_by_index(&b.items, 1, 0);
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

Test(ratings, minus_zero_is_zero_among_many_values) {
    mixfill_builder b;
    int64_t duplicates;
    mixfill_builder_init(&b);
    for (int i = 0; i < 300; i++)
        cr_assert_eq(mixfill_builder_add(&b, i, 0, i < 299 ? i + 1 : -0.0, 1), MIXFILL_OK);
    mixfill_ids_init_by_index(&b.users, 300, 0);
    mixfill_ids_init_by_index(&b.items, 1, 0);
    mixfill_ratings *r = finish(&b, MIXFILL_DUPLICATES_ERROR, &duplicates);
    cr_expect_null(r->code);
    cr_expect_eq(mixfill_ratings_value(r, 299), 0);
    cr_expect_not(signbit(mixfill_ratings_value(r, 299)));
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

Test(ratings, align_keeps_users_and_may_drop_everything) {
    static const char *const names[] = {"ann", "007", "7"};
    mixfill_builder b;
    mixfill_ids none;
    mixfill_ratings *aligned;
    mixfill_error err;
    int64_t duplicates, dropped;
    mixfill_builder_init(&b);
    for (int32_t u = 0; u < 3; u++) {
        int32_t index;
        cr_assert_eq(mixfill_ids_intern(&b.users, &index, names[u], strlen(names[u])), MIXFILL_OK);
        cr_assert_eq(mixfill_builder_add(&b, index, u % 2, u, 0), MIXFILL_OK);
    }
    mixfill_ids_init_by_index(&b.items, 2, 0);
    mixfill_ratings *r = finish(&b, MIXFILL_DUPLICATES_ERROR, &duplicates);
    mixfill_ids_init(&none);
    cr_assert_eq(mixfill_ratings_align(&aligned, &dropped, r, &none, &err), MIXFILL_OK);
    cr_expect_eq(dropped, 3);
    cr_expect_eq(aligned->nnz, 0);
    cr_expect_eq(aligned->n_items, 0);
    cr_expect_eq(aligned->n_users, 3);
    for (int32_t u = 0; u < 3; u++) {
        char buffer[MIXFILL_ID_BUFFER];
        cr_expect_str_eq(mixfill_ids_get(&aligned->user_ids, u, buffer), names[u]);
        cr_expect_eq(aligned->row_ptr[u + 1], 0);
    }
    cr_expect_eq(mixfill_ratings_validate(aligned, "f", NULL), MIXFILL_OK);
    mixfill_ratings_free(aligned);
    mixfill_ratings_free(r);
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

Test(ratings, summary_without_ratings_and_with_many_values) {
    mixfill_ratings *r = distinct(257);
    mixfill_ratings_summary s;
    cr_assert_eq(mixfill_ratings_summarize(r, &s, NULL), MIXFILL_OK);
    cr_expect_eq(s.n_levels, 0, "more than 256");
    cr_expect_eq(s.min, -7);
    cr_expect_eq(s.max, 121);
    cr_expect_eq(s.mean, 57);
    mixfill_ratings_free(r);
    cr_assert_eq(mixfill_ratings_from_triplets(&r, NULL, 0, 2, 3, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_summarize(r, &s, NULL), MIXFILL_OK);
    cr_expect(s.mean == 0 && s.sd == 0 && s.min == 0 && s.max == 0);
    cr_expect_eq(s.empty_users, 2);
    cr_expect_eq(s.empty_items, 3);
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
    r->code[0] = (uint8_t)r->n_levels;
    expect_invalid(r, "no level");
    r->code[0] = 0;
    r->row_ptr[0] = 1;
    expect_invalid(r, "span");
    r->row_ptr[0] = 0;
    r->row_ptr[1] = -1;
    expect_invalid(r, "monotone");
    r->row_ptr[1] = 2;
    uint8_t *code = r->code;
    r->code = NULL;
    expect_invalid(r, "exactly one");
    double value[] = {1, 3, 2, 4};
    r->value = value;
    cr_expect_eq(mixfill_ratings_validate(r, "f", NULL), MIXFILL_OK);
    const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1.1e150, -1.1e150};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        value[3] = bad[i];
        expect_invalid(r, "not finite");
    }
    value[3] = -MIXFILL_MAX_ABS_RATING;
    cr_expect_eq(mixfill_ratings_validate(r, "f", NULL), MIXFILL_OK);
    r->code = code;
    expect_invalid(r, "exactly one");
    r->value = NULL;
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

/* Named users, gaps between lines, a duplicate and 300 values, so that every array grows. */
static mixfill_status build_much(mixfill_ratings **out, mixfill_duplicates policy) {
    mixfill_builder b;
    int64_t duplicates;
    mixfill_status st = MIXFILL_OK;
    mixfill_builder_init(&b);
    mixfill_ids_init_by_index(&b.items, 2, 0);
    for (int32_t i = 0; i < 5000 && st == MIXFILL_OK; i++) {
        char id[16];
        int32_t user;
        int len = snprintf(id, sizeof id, "user%d", i);
        st = mixfill_ids_intern(&b.users, &user, id, (size_t)len);
        if (st == MIXFILL_OK)
            st = mixfill_builder_add(&b, user, 1, i % 300, 2 * i + 1);
        if (st == MIXFILL_OK && i == 7)
            st = mixfill_builder_add(&b, user, 1, 8, 2 * i + 2);
    }
    if (st == MIXFILL_OK)
        st = mixfill_builder_finish(&b, out, &duplicates, policy, "f", NULL);
    mixfill_builder_clear(&b);
    return st;
}

Test(ratings, out_of_memory_while_building) {
    int64_t live = mixfill_alloc_live;
    for (int policy = MIXFILL_DUPLICATES_ERROR; policy <= MIXFILL_DUPLICATES_MEAN; policy++) {
        mixfill_status st = MIXFILL_ERR_NOMEM, end = MIXFILL_OK;
        if (policy == MIXFILL_DUPLICATES_ERROR)
            end = MIXFILL_ERR_PARSE;
        for (int64_t budget = 0; st != end; budget++) {
            mixfill_ratings *r = NULL;
            mixfill_alloc_budget = budget;
            st = build_much(&r, (mixfill_duplicates)policy);
            mixfill_alloc_budget = -1;
            cr_assert(st == end || st == MIXFILL_ERR_NOMEM, "budget %d", (int)budget);
            cr_assert_eq(r != NULL, st == MIXFILL_OK);
            cr_assert(st == MIXFILL_ERR_NOMEM || budget > 20);
            mixfill_ratings_free(r);
            cr_assert_eq(mixfill_alloc_live, live, "budget %d", (int)budget);
        }
    }
}

Test(ratings, out_of_memory_in_align_and_summary) {
    mixfill_ratings *r = NULL;
    mixfill_ids ids;
    cr_assert_eq(build_much(&r, MIXFILL_DUPLICATES_MEAN), MIXFILL_OK);
    mixfill_ids_init_by_index(&ids, 5, 0);
    int64_t live = mixfill_alloc_live;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    for (int64_t budget = 0; st != MIXFILL_OK; budget++) {
        mixfill_ratings *aligned = NULL;
        int64_t dropped;
        mixfill_alloc_budget = budget;
        st = mixfill_ratings_align(&aligned, &dropped, r, &ids, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM);
        cr_assert(st == MIXFILL_ERR_NOMEM || budget > 8);
        cr_assert_eq(aligned != NULL, st == MIXFILL_OK);
        mixfill_ratings_free(aligned);
        cr_assert_eq(mixfill_alloc_live, live, "budget %d", (int)budget);
    }
    for (int64_t budget = 0; budget <= 2; budget++) {
        mixfill_ratings_summary s = {.mean = -7};
        mixfill_alloc_budget = budget;
        st = mixfill_ratings_summarize(r, &s, NULL);
        mixfill_alloc_budget = -1;
        cr_expect_eq(st, budget < 2 ? MIXFILL_ERR_NOMEM : MIXFILL_OK);
        cr_expect_eq(s.mean == -7, budget < 2, "written on success only");
        cr_expect_eq(mixfill_alloc_live, live);
    }
    mixfill_ratings_free(r);
}
