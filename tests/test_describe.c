/* Counts of values, quantiles, and what ids are. */
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(describe, .init = support_enter_folder, .fini = support_leave_folder);

/* One user's ratings, n of them in the order of value[i % cycle]. */
static mixfill_ratings *make(const double *value, size_t cycle, size_t n) {
    mixfill_rating *t = calloc(n + 1, sizeof *t);
    mixfill_ratings *r = NULL;
    for (size_t i = 0; i < n; i++)
        t[i] = (mixfill_rating){0, (int32_t)i, value[i % cycle]};
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, n, 1, (int32_t)n, NULL), MIXFILL_OK);
    free(t);
    return r;
}

Test(describe, levels_ascend_with_their_counts) {
    const double value[] = {4, -1, 2.5, 4, 0};
    const double level[] = {-1, 0, 2.5, 4};
    const int64_t count[] = {2, 1, 2, 4};
    mixfill_value_counts c;
    mixfill_ratings *r = make(value, 5, 9);
    cr_assert_eq(mixfill_ratings_count_values(r, &c, NULL), MIXFILL_OK);
    cr_assert_eq(c.n_levels, 4);
    cr_expect_arr_eq(c.level, level, sizeof level);
    cr_expect_arr_eq(c.count, count, sizeof count);
    cr_expect_eq(c.quantile[0], -1);
    cr_expect_eq(c.quantile[4], 2.5);
    cr_expect_eq(c.quantile[8], 4);
    mixfill_ratings_free(r);
}

Test(describe, quantiles_are_those_of_the_sorted_values) {
    static const int percent[MIXFILL_VALUE_QUANTILES] = {0, 1, 5, 25, 50, 75, 95, 99, 100};
    static const size_t counts[] = {1, 2, 99, 100, 101, 256, 257, 1000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t n = counts[i];
        double shuffled[1000];
        for (size_t e = 0; e < n; e++)
            shuffled[e] = (double)(e * 7919 % n) / 8; /* 7919 is a prime: 0 to n - 1, shuffled */
        mixfill_ratings *r = make(shuffled, n, n);
        mixfill_value_counts c;
        cr_assert_eq(mixfill_ratings_count_values(r, &c, NULL), MIXFILL_OK);
        cr_expect_eq(c.n_levels, n <= 256 ? (int32_t)n : 0);
        for (int q = 0; q < MIXFILL_VALUE_QUANTILES; q++) {
            size_t rank = (n - 1) * (size_t)percent[q] / 100;
            cr_expect_eq(c.quantile[q], (double)rank / 8, "%d %% of %zu: %g", percent[q], n,
                         c.quantile[q]);
        }
        mixfill_ratings_free(r);
    }
}

Test(describe, no_ratings) {
    mixfill_value_counts c = {.n_levels = 7};
    mixfill_ratings *r = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, NULL, 0, 2, 2, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_count_values(r, &c, NULL), MIXFILL_OK);
    cr_expect_eq(c.n_levels, 0);
    mixfill_ratings_free(r);
}

Test(describe, out_of_memory) {
    double value[300];
    for (size_t i = 0; i < 300; i++)
        value[i] = (double)i;
    mixfill_ratings *r = make(value, 300, 300);
    mixfill_value_counts c = {.n_levels = 7};
    mixfill_alloc_budget = 0;
    mixfill_status st = mixfill_ratings_count_values(r, &c, NULL);
    mixfill_alloc_budget = -1;
    cr_expect_eq(st, MIXFILL_ERR_NOMEM);
    cr_expect_eq(c.n_levels, 7, "written on success only");
    mixfill_ratings_free(r);
}

static mixfill_ratings *load(const char *content, bool int_ids, mixfill_read_report *report) {
    FILE *f = fopen("f", "w");
    cr_assert_not_null(f);
    fputs(content, f);
    fclose(f);
    mixfill_read_options o;
    mixfill_error err;
    mixfill_ratings *r = NULL;
    mixfill_read_options_init(&o);
    o.int_ids = int_ids;
    o.duplicates = MIXFILL_DUPLICATES_LAST;
    o.skip_bad_lines = true;
    cr_assert_eq(mixfill_ratings_load(&r, report, "f", &o, &err), MIXFILL_OK, "%s", err.message);
    return r;
}

Test(describe, ids) {
    static const struct {
        const char *content;
        bool int_ids;
        mixfill_id_summary users, items;
    } cases[] = {
        {"3,a,1\n9,b,1\n4,a,1\n", false, {false, true, 3, 9, 4}, {false, false, 0, 0, 0}},
        {"-5,007,1\n", false, {false, true, -5, -5, 0}, {false, false, 0, 0, 0}},
        {"5,007,1\n", true, {false, true, 5, 5, 0}, {false, true, 7, 7, 0}},
        {"-9223372036854775808,1,1\n9223372036854775807,2,1\n",
         false,
         {false, true, INT64_MIN, INT64_MAX, UINT64_MAX - 1},
         {false, true, 1, 2, 0}},
        {"1 0 0 2 0\n0 0 0 0 0\n", false, {true, true, 0, 1, 0}, {true, true, 0, 4, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mixfill_id_summary got[2];
        const mixfill_id_summary want[2] = {cases[i].users, cases[i].items};
        mixfill_ratings *r = load(cases[i].content, cases[i].int_ids, NULL);
        mixfill_ratings_summarize_ids(r, &got[0], &got[1]);
        for (int s = 0; s < 2; s++) {
            cr_expect_eq(got[s].by_index, want[s].by_index, "%zu", i);
            cr_expect_eq(got[s].integers, want[s].integers, "%zu", i);
            cr_expect_eq(got[s].least, want[s].least, "%zu", i);
            cr_expect_eq(got[s].most, want[s].most, "%zu", i);
            cr_expect_eq(got[s].gaps, want[s].gaps, "%zu", i);
        }
        mixfill_ratings_free(r);
    }
}

Test(describe, the_first_duplicate) {
    mixfill_read_report report;
    mixfill_ratings_free(load("1,1,3\n2,1,4\n2,2,9\n1,1,5\n2,2,4\n1,1,4\n", false, &report));
    cr_expect_eq(report.duplicates, 3);
    cr_expect_str_eq(report.duplicate,
                     "f:4: duplicate rating of user '1' and item '1', first on line 1");
    mixfill_ratings_free(load("1,1,3\n2,1,4\n", false, &report));
    cr_expect_str_eq(report.duplicate, "");
}

Test(describe, nothing_but_bad_lines) {
    mixfill_read_options o;
    mixfill_error err;
    mixfill_ratings *r = NULL;
    FILE *f = fopen("f", "w");
    fputs("userId,movieId,rating\n1,1,x\n1,2,y\n", f);
    fclose(f);
    mixfill_read_options_init(&o);
    o.skip_bad_lines = true;
    cr_expect_eq(mixfill_ratings_load(&r, NULL, "f", &o, &err), MIXFILL_ERR_PARSE);
    cr_expect_str_eq(err.message, "f: no ratings found, 2 bad lines, the first: f:2: rating 'x' is "
                                  "not a number");
}
