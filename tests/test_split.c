/* Splits: proportions, parts that are disjoint and complete, times, and what is refused. */
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(split, .init = support_enter_folder, .fini = support_leave_folder);

/* A file whose users come in turn, with times out of order and many alike. */
static void write_ratings(int n_users, int n_items) {
    FILE *f = fopen("f.csv", "w");
    cr_assert_not_null(f);
    for (int j = 0; j < n_items; j++)
        for (int u = 0; u < n_users; u++)
            if ((u * 7 + j * 3) % 5 != 0)
                fprintf(f, "u%d,i%d,%d,%d\n", u, j, (u + j) % 9 - 4, (u * 31 + j * 17) % 100 - 50);
    fclose(f);
}

static mixfill_ratings *load(int32_t threads, bool keep_times) {
    mixfill_ratings *r = NULL;
    mixfill_error err;
    mixfill_read_options o;
    mixfill_read_options_init(&o);
    o.threads = threads;
    o.keep_times = keep_times;
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "f.csv", &o, &err), MIXFILL_OK, "%s", err.message);
    return r;
}

static mixfill_split_options options(mixfill_split_method method, double fraction) {
    mixfill_split_options o;
    mixfill_split_options_init(&o);
    o.method = method;
    o.fraction = fraction;
    return o;
}

/* The two parts of a split. */
typedef struct parts {
    mixfill_ratings *train, *test;
} parts;

static parts split(const mixfill_ratings *r, mixfill_split_options o) {
    parts p = {NULL, NULL};
    mixfill_error err;
    cr_assert_eq(mixfill_ratings_split(&p.train, &p.test, r, &o, &err), MIXFILL_OK, "%s",
                 err.message);
    cr_assert_eq(mixfill_ratings_validate(p.train, "train", &err), MIXFILL_OK, "%s", err.message);
    cr_assert_eq(mixfill_ratings_validate(p.test, "test", &err), MIXFILL_OK, "%s", err.message);
    return p;
}

static void parts_free(parts p) {
    mixfill_ratings_free(p.train);
    mixfill_ratings_free(p.test);
}

/* Whether entry at[part] of a part is entry e of r, which is then passed. */
static bool passes(const mixfill_ratings *part, int64_t *at, const mixfill_ratings *r, int32_t u,
                   int64_t e) {
    if (*at == part->row_ptr[u + 1] || part->col[*at] != r->col[e])
        return false;
    cr_expect_eq(mixfill_ratings_value(part, *at), mixfill_ratings_value(r, e));
    cr_expect_eq(part->time == NULL, r->time == NULL);
    if (r->time != NULL)
        cr_expect_eq(part->time[*at], r->time[e]);
    ++*at;
    return true;
}

static void expect_partition(parts p, const mixfill_ratings *r) {
    int64_t train = 0, test = 0;
    cr_assert_eq(p.train->nnz + p.test->nnz, r->nnz);
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            cr_assert_neq(passes(p.train, &train, r, u, e), passes(p.test, &test, r, u, e));
    cr_expect_eq(p.train->n_items, r->n_items);
    cr_expect_eq(p.test->n_users, r->n_users);
    char a[MIXFILL_ID_BUFFER], b[MIXFILL_ID_BUFFER];
    for (int32_t j = 0; j < r->n_items; j++)
        cr_expect_str_eq(mixfill_ids_get(&p.test->item_ids, j, a),
                         mixfill_ids_get(&r->item_ids, j, b));
}

static bool same_ratings(const mixfill_ratings *a, const mixfill_ratings *b) {
    return a->nnz == b->nnz && a->n_users == b->n_users &&
           memcmp(a->row_ptr, b->row_ptr, ((size_t)a->n_users + 1) * sizeof *a->row_ptr) == 0 &&
           memcmp(a->col, b->col, (size_t)a->nnz * sizeof *a->col) == 0;
}

Test(split, every_rating_is_in_one_part) {
    static const double fractions[] = {0.001, 0.1, 0.5, 0.9, 0.999};
    write_ratings(60, 40);
    mixfill_ratings *r = load(2, true);
    for (int method = MIXFILL_SPLIT_RANDOM; method <= MIXFILL_SPLIT_TIME; method++)
        for (int i = 0; i < 5; i++) {
            parts p = split(r, options((mixfill_split_method)method, fractions[i]));
            expect_partition(p, r);
            if (method != MIXFILL_SPLIT_USER)
                cr_expect_eq(p.test->nnz, llround(fractions[i] * (double)r->nnz));
            parts_free(p);
        }
    mixfill_ratings_free(r);
}

Test(split, random_holds_out_everywhere_alike) {
    write_ratings(200, 50);
    mixfill_ratings *r = load(1, false);
    parts p = split(r, options(MIXFILL_SPLIT_RANDOM, 0.25));
    int64_t third = r->n_users / 4, of_part = p.test->row_ptr[third], of_all = r->row_ptr[third];
    double expected = 0.25 * (double)of_all;
    cr_expect_lt(fabs((double)of_part - expected), 5 * sqrt(expected), "%lld of %lld",
                 (long long)of_part, (long long)of_all);
    parts_free(p);
    mixfill_ratings_free(r);
}

Test(split, user_holds_out_of_each) {
    write_ratings(300, 25);
    mixfill_ratings *r = load(1, false);
    parts p = split(r, options(MIXFILL_SPLIT_USER, 0.33));
    for (int32_t u = 0; u < r->n_users; u++) {
        double want = 0.33 * (double)(r->row_ptr[u + 1] - r->row_ptr[u]);
        int64_t got = p.test->row_ptr[u + 1] - p.test->row_ptr[u];
        cr_expect(got == (int64_t)floor(want) || got == (int64_t)ceil(want), "%lld for %g",
                  (long long)got, want);
    }
    double want = 0.33 * (double)r->nnz;
    cr_expect_lt(fabs((double)p.test->nnz - want), 5 * sqrt(0.25 * 300), "%lld for %g",
                 (long long)p.test->nnz, want);
    parts_free(p);
    p = split(r, options(MIXFILL_SPLIT_USER, 0.9999));
    for (int32_t u = 0; u < r->n_users; u++)
        cr_expect_geq(p.train->row_ptr[u + 1] - p.train->row_ptr[u], 1, "one is left");
    parts_free(p);
    mixfill_ratings_free(r);
}

Test(split, time_holds_out_the_latest) {
    static const double fractions[] = {0.003, 0.1, 0.37, 0.5, 0.99};
    write_ratings(60, 40);
    mixfill_ratings *r = load(1, true);
    for (int i = 0; i < 5; i++) {
        parts p = split(r, options(MIXFILL_SPLIT_TIME, fractions[i]));
        int64_t latest = INT64_MIN, earliest = INT64_MAX;
        for (int64_t e = 0; e < p.train->nnz; e++)
            latest = p.train->time[e] > latest ? p.train->time[e] : latest;
        for (int64_t e = 0; e < p.test->nnz; e++)
            earliest = p.test->time[e] < earliest ? p.test->time[e] : earliest;
        cr_expect_geq(earliest, latest);
        parts_free(p);
    }
    static const int64_t extremes[] = {INT64_MIN, INT64_MAX, 0};
    for (int64_t e = 0; e < r->nnz; e++)
        r->time[e] = extremes[e % 3];
    parts p = split(r, options(MIXFILL_SPLIT_TIME, 0.2));
    expect_partition(p, r);
    for (int64_t e = 0; e < p.test->nnz; e++)
        cr_expect_eq(p.test->time[e], INT64_MAX);
    parts_free(p);
    mixfill_ratings_free(r);
}

Test(split, seeds_and_threads) {
    static const int32_t threads[] = {1, 2, 3, 7};
    write_ratings(300, 100);
    for (int method = MIXFILL_SPLIT_RANDOM; method <= MIXFILL_SPLIT_TIME; method++) {
        parts first = {NULL, NULL};
        mixfill_split_options o = options((mixfill_split_method)method, 0.2);
        for (int i = 0; i < 4; i++) {
            mixfill_ratings *r = load(threads[i], true);
            parts p = split(r, o);
            if (i > 0) {
                cr_expect(same_ratings(first.train, p.train), "%d threads", (int)threads[i]);
                cr_expect(same_ratings(first.test, p.test), "%d threads", (int)threads[i]);
                parts_free(p);
            } else {
                first = p;
            }
            mixfill_ratings_free(r);
        }
        mixfill_ratings *r = load(1, true);
        o.seed = 2;
        parts other = split(r, o);
        cr_expect_eq(same_ratings(first.test, other.test), method == MIXFILL_SPLIT_TIME);
        parts_free(other);
        parts_free(first);
        mixfill_ratings_free(r);
    }
}

Test(split, levels_are_those_that_occur) {
    const mixfill_rating t[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}, {1, 1, 4}};
    mixfill_ratings *r = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 4, 2, 2, NULL), MIXFILL_OK);
    parts p = split(r, options(MIXFILL_SPLIT_RANDOM, 0.25));
    cr_expect_eq(p.train->n_levels, 3);
    cr_expect_eq(p.test->n_levels, 1);
    cr_expect(mixfill_ratings_by_index(p.test));
    parts_free(p);
    mixfill_ratings_free(r);
}

static void expect_refused(const mixfill_ratings *r, mixfill_split_options o, mixfill_status status,
                           const char *message) {
    mixfill_error err = {0};
    parts p = {NULL, NULL};
    cr_expect_eq(mixfill_ratings_split(&p.train, &p.test, r, &o, &err), status);
    cr_expect_not_null(strstr(err.message, message), "%s", err.message);
    cr_expect(p.train == NULL && p.test == NULL);
}

Test(split, refused) {
    static const double fractions[] = {0, 1, -0.1, 1.5, (double)NAN, (double)INFINITY};
    write_ratings(3, 3);
    mixfill_ratings *r = load(1, false);
    for (int i = 0; i < 6; i++)
        expect_refused(r, options(MIXFILL_SPLIT_RANDOM, fractions[i]), MIXFILL_ERR_ARG, "fraction");
    expect_refused(r, options(MIXFILL_SPLIT_TIME, 0.5), MIXFILL_ERR_DIM, "have no timestamps");
    expect_refused(r, options(MIXFILL_SPLIT_RANDOM, 0.01), MIXFILL_ERR_DIM, "leaves no test part");
    expect_refused(r, options(MIXFILL_SPLIT_RANDOM, 0.99), MIXFILL_ERR_DIM, "no training part");
    expect_refused(r, options((mixfill_split_method)9, 0.5), MIXFILL_ERR_ARG, "method 9");
    mixfill_split_options o = options(MIXFILL_SPLIT_RANDOM, 0.5);
    o.struct_size = 1;
    expect_refused(r, o, MIXFILL_ERR_ARG, "struct_size");
    mixfill_ratings_free(r);
}

Test(split, out_of_memory) {
    write_ratings(20, 20);
    mixfill_ratings *r = load(1, true);
    const mixfill_split_options o = options(MIXFILL_SPLIT_TIME, 0.5);
    int64_t live = mixfill_alloc_live, budget = 0;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    for (; st != MIXFILL_OK; budget++) {
        parts p = {NULL, NULL};
        mixfill_alloc_budget = budget;
        st = mixfill_ratings_split(&p.train, &p.test, r, &o, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM);
        cr_assert_eq(p.test != NULL, st == MIXFILL_OK);
        parts_free(p);
        cr_assert_eq(mixfill_alloc_live, live, "budget %d", (int)budget);
    }
    cr_expect_gt(budget, 10);
    mixfill_ratings_free(r);
}

Test(split, out_of_memory_while_loading_times) {
    write_ratings(20, 20);
    FILE *f = fopen("f.csv", "a");
    fputs("u3,i3,4,7\nu3,i3,3,8\n", f);
    fclose(f);
    int64_t live = mixfill_alloc_live, budget = 0;
    mixfill_read_options o;
    mixfill_read_options_init(&o);
    o.keep_times = true;
    o.duplicates = MIXFILL_DUPLICATES_MEAN;
    o.threads = 1;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    for (; st != MIXFILL_OK; budget++) {
        mixfill_ratings *r = NULL;
        mixfill_alloc_budget = budget;
        st = mixfill_ratings_load(&r, NULL, "f.csv", &o, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM);
        cr_assert_eq(r != NULL, st == MIXFILL_OK);
        mixfill_ratings_free(r);
        cr_assert_eq(mixfill_alloc_live, live, "budget %d", (int)budget);
    }
    cr_expect_gt(budget, 15);
}

/* Every rating is tested in one fold and trained on in all others, in parts of equal size. */
Test(split, folds_partition_the_ratings) {
    support_random spec = {.n = 40, .d = 30, .density = 0.3, .levels = 9, .low = 1, .step = 0.5};
    support_matrix m = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&m);
    for (int32_t n = 2; n <= 7; n++) {
        int *tested = calloc(m.n * m.d, sizeof *tested);
        for (int32_t i = 0; i < n; i++) {
            mixfill_ratings *train, *test;
            mixfill_fold_of fold = {n, i, 9};
            cr_assert_eq(mixfill_ratings_fold(&train, &test, r, &fold, NULL), MIXFILL_OK);
            cr_expect_eq(train->nnz + test->nnz, r->nnz);
            cr_expect_leq(llabs(test->nnz - r->nnz / n), 1);
            cr_assert(train->n_users == r->n_users && test->n_items == r->n_items);
            for (int32_t u = 0; u < test->n_users; u++)
                for (int64_t e = test->row_ptr[u]; e < test->row_ptr[u + 1]; e++) {
                    size_t at = (size_t)u * m.d + (size_t)test->col[e];
                    tested[at]++;
                    cr_expect_eq(mixfill_ratings_value(test, e), m.x[at]);
                }
            mixfill_ratings_free(train);
            mixfill_ratings_free(test);
        }
        for (size_t at = 0; at < m.n * m.d; at++)
            cr_expect_eq(tested[at], m.mask[at]);
        free(tested);
    }
    mixfill_ratings_free(r);
    support_matrix_clear(&m);
}

Test(split, folds_that_cannot_be) {
    mixfill_rating cells[] = {{0, 0, 1}, {1, 1, 2}, {2, 0, 3}};
    mixfill_ratings *r = NULL, *train = NULL, *test = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, cells, 3, 3, 2, NULL), MIXFILL_OK);
    static const struct {
        mixfill_fold_of fold;
        mixfill_status status;
    } bad[] = {{{1, 0, 1}, MIXFILL_ERR_ARG},
               {{256, 0, 1}, MIXFILL_ERR_ARG},
               {{3, 3, 1}, MIXFILL_ERR_ARG},
               {{3, -1, 1}, MIXFILL_ERR_ARG},
               {{4, 0, 1}, MIXFILL_ERR_DIM}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        mixfill_error err = {0};
        cr_expect_eq(mixfill_ratings_fold(&train, &test, r, &bad[i].fold, &err), bad[i].status);
        cr_expect(err.status == bad[i].status && train == NULL && test == NULL);
    }
    mixfill_ratings_free(r);
}

static mixfill_ratings *load_text(const char *content) {
    FILE *f = fopen("f.csv", "w");
    cr_assert_not_null(f);
    cr_assert_geq(fputs(content, f), 0);
    fclose(f);
    return load(1, true);
}

/* "user item;..." of all ratings, users in their order. */
static const char *pairs_of(const mixfill_ratings *r, char out[256]) {
    char user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER];
    size_t n = 0;
    out[0] = '\0';
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            n +=
                (size_t)snprintf(out + n, 256 - n, "%s %s;", mixfill_ids_get(&r->user_ids, u, user),
                                 mixfill_ids_get(&r->item_ids, r->col[e], item));
    return out;
}

/* Users with one to four ratings; of bob two are of one time. */
static const char TIMED[] = "ann,p,1,50\n"
                            "bob,p,1,20\nbob,q,2,30\nbob,r,3,30\n"
                            "eve,p,1,40\neve,q,1,10\neve,r,2,60\neve,s,3,-5\n";

Test(split, last_of_each_user) {
    static const struct {
        int32_t per_user;
        const char *test;
    } cases[] = {{1, "bob r;eve r;"}, {2, "bob q;bob r;eve p;eve r;"}, {3, "eve p;eve q;eve r;"}};
    mixfill_ratings *r = load_text(TIMED), *train, *test;
    mixfill_error err;
    char text[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mixfill_split_options o = options(MIXFILL_SPLIT_LAST, 0.1);
        o.per_user = cases[i].per_user;
        cr_assert_eq(mixfill_ratings_split(&train, &test, r, &o, &err), MIXFILL_OK);
        cr_expect_str_eq(pairs_of(test, text), cases[i].test);
        cr_expect_eq(train->nnz + test->nnz, r->nnz);
        mixfill_ratings_free(train);
        mixfill_ratings_free(test);
    }
    mixfill_split_options o = options(MIXFILL_SPLIT_LAST, 0.1);
    o.per_user = 4;
    cr_expect_eq(mixfill_ratings_split(&train, &test, r, &o, &err), MIXFILL_ERR_DIM);
    cr_expect_str_eq(err.field, "per_user");
    o.per_user = 0;
    cr_expect_eq(mixfill_ratings_split(&train, &test, r, &o, &err), MIXFILL_ERR_ARG);
    mixfill_ratings_free(r);
    r = load(1, false);
    o.per_user = 1;
    cr_expect_eq(mixfill_ratings_split(&train, &test, r, &o, &err), MIXFILL_ERR_DIM);
    cr_expect_str_eq(err.message, "method last: the ratings have no timestamps, expected a column "
                                  "named timestamp, or a fourth one where there is no header");
    mixfill_ratings_free(r);
}

Test(split, before_a_time) {
    mixfill_ratings *r = load_text(TIMED), *train, *test;
    mixfill_error err;
    mixfill_split_options o = options(MIXFILL_SPLIT_BEFORE, 0.1);
    char text[256];
    int64_t users, items;
    o.before = 30;
    cr_assert_eq(mixfill_ratings_split(&train, &test, r, &o, &err), MIXFILL_OK);
    cr_expect_str_eq(pairs_of(train, text), "bob p;eve q;eve s;");
    cr_expect_str_eq(pairs_of(test, text), "ann p;bob q;bob r;eve p;eve r;");
    cr_assert_eq(mixfill_split_count_new(&users, &items, train, test, &err), MIXFILL_OK);
    cr_expect_eq(users, 1, "ann");
    cr_expect_eq(items, 2, "r twice");
    mixfill_ratings_free(train);
    mixfill_ratings_free(test);
    o.before = 61;
    cr_expect_eq(mixfill_ratings_split(&train, &test, r, &o, &err), MIXFILL_ERR_DIM);
    cr_expect_str_eq(err.message, "before 61: leaves no test part, expected a time within those of "
                                  "the ratings");
    o.before = -5;
    cr_expect_eq(mixfill_ratings_split(&train, &test, r, &o, &err), MIXFILL_ERR_DIM);
    cr_expect(strstr(err.message, "leaves no training part") != NULL);
    mixfill_ratings_free(r);
}

/* Item s goes at 2 for its one rating, which takes none of eve's four below 2; at 3 bob and the
 * items go round by round until nothing is left. */
Test(split, core) {
    mixfill_ratings *r = load_text(TIMED), *core;
    mixfill_error err;
    char text[256];
    cr_assert_eq(mixfill_ratings_core(&core, r, 1, &err), MIXFILL_OK);
    cr_expect_eq(core->nnz, r->nnz);
    mixfill_ratings_free(core);
    cr_assert_eq(mixfill_ratings_core(&core, r, 2, &err), MIXFILL_OK);
    cr_expect_str_eq(pairs_of(core, text), "bob p;bob q;bob r;eve p;eve q;eve r;");
    mixfill_ratings_free(core);
    cr_expect_eq(mixfill_ratings_core(&core, r, 3, &err), MIXFILL_ERR_DIM);
    cr_expect_str_eq(err.message, "least 3: no ratings are left, expected fewer");
    cr_expect_eq(mixfill_ratings_core(&core, r, 0, &err), MIXFILL_ERR_ARG);
    mixfill_ratings_free(r);
}
