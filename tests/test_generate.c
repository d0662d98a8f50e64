/* Synthetic ratings: exact shape, valid rows, the same bytes for every thread count. */
#include "ratings/ratings.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static mixfill_generate_options options_of(int32_t n_users, int32_t n_items, int64_t n_ratings) {
    mixfill_generate_options options;
    mixfill_generate_options_init(&options);
    options.n_users = n_users;
    options.n_items = n_items;
    options.n_ratings = n_ratings;
    return options;
}

static mixfill_ratings *generate(const mixfill_generate_options *options) {
    mixfill_ratings *r = NULL;
    mixfill_error err = {0};
    cr_assert_eq(mixfill_generate(&r, options, &err), MIXFILL_OK, "%s", err.message);
    return r;
}

static int64_t user_count(const mixfill_ratings *r, int32_t u) {
    return r->row_ptr[u + 1] - r->row_ptr[u];
}

static void check_row(const mixfill_ratings *r, int32_t u) {
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
        double half_stars = 2 * mixfill_ratings_value(r, e);
        cr_assert(half_stars >= 1 && half_stars <= 10 && half_stars == floor(half_stars));
        cr_assert(r->col[e] >= 0 && r->col[e] < r->n_items);
        if (e > r->row_ptr[u])
            cr_assert_lt(r->col[e - 1], r->col[e], "user %d", (int)u);
    }
}

/* Every level occurs. */
static void check_levels(const mixfill_ratings *r) {
    bool used[10] = {false};
    for (int64_t e = 0; e < r->nnz; e++)
        used[r->code[e]] = true;
    cr_assert(r->n_levels >= 1 && r->n_levels <= 10);
    for (int32_t i = 0; i < r->n_levels; i++)
        cr_assert(used[i], "level %g", r->level[i]);
}

static void check_ids(const mixfill_ids *ids, int32_t n) {
    char expected[16], buffer[MIXFILL_ID_BUFFER];
    cr_assert_eq(ids->n, n);
    cr_assert_not(ids->by_index);
    for (int32_t i = 0; i < n; i++) {
        snprintf(expected, sizeof expected, "%d", (int)i + 1);
        cr_assert_str_eq(mixfill_ids_get(ids, i, buffer), expected);
    }
}

static void check(const mixfill_ratings *r, const mixfill_generate_options *options) {
    cr_assert_eq(r->n_users, options->n_users);
    cr_assert_eq(r->n_items, options->n_items);
    cr_assert_eq(r->nnz, options->n_ratings);
    cr_assert_eq(r->row_ptr[0], 0);
    cr_assert_eq(r->row_ptr[r->n_users], options->n_ratings);
    int64_t average = options->n_ratings / options->n_users;
    for (int32_t u = 0; u < r->n_users; u++) {
        cr_assert_geq(user_count(r, u), average < 20 ? average : 20);
        check_row(r, u);
    }
    cr_assert_eq(mixfill_ratings_validate(r, "generated", NULL), MIXFILL_OK);
    check_levels(r);
    check_ids(&r->user_ids, r->n_users);
    check_ids(&r->item_ids, r->n_items);
}

Test(generate, makes_exactly_the_shape_asked_for) {
    static const struct {
        int32_t n_users, n_items;
        int64_t n_ratings;
    } shapes[] = {
        {943, 1682, 100000},                 /* MovieLens-like */
        {300, 200, 30000},                   /* exactly half of all cells */
        {50, 400, 1001},                     /* the least, and one over */
        {50, 400, 49},                       /* fewer ratings than users */
        {1, 2, 1},           {1, 1000, 500}, /* one user */
        {30, 2, 30},                         /* two items, half of all cells */
        {5, 64, 160},                        /* items fill their last word of bits */
        {7, 3, 10},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        mixfill_generate_options options =
            options_of(shapes[i].n_users, shapes[i].n_items, shapes[i].n_ratings);
        mixfill_ratings *r = generate(&options);
        check(r, &options);
        mixfill_ratings_free(r);
    }
    cr_assert_eq(mixfill_alloc_live, 0);
}

static void assert_same(const mixfill_ratings *a, const mixfill_ratings *b) {
    cr_assert_eq(a->nnz, b->nnz);
    cr_assert_arr_eq(a->row_ptr, b->row_ptr, ((size_t)a->n_users + 1) * sizeof *a->row_ptr);
    cr_assert_arr_eq(a->col, b->col, (size_t)a->nnz * sizeof *a->col);
    cr_assert_arr_eq(a->code, b->code, (size_t)a->nnz);
}

Test(generate, does_not_depend_on_threads) {
    static const int32_t threads[] = {2, 3, 7, 0};
    mixfill_generate_options options = options_of(400, 900, 40000);
    options.threads = 1;
    mixfill_ratings *serial = generate(&options);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        options.threads = threads[i];
        mixfill_ratings *r = generate(&options);
        assert_same(serial, r);
        mixfill_ratings_free(r);
    }
    mixfill_ratings_free(serial);
}

Test(generate, depends_on_seed_and_components) {
    mixfill_generate_options options = options_of(100, 300, 4000);
    mixfill_ratings *first = generate(&options);
    options.seed = 2;
    mixfill_ratings *seeded = generate(&options);
    options.seed = 1;
    options.n_components = 1;
    mixfill_ratings *single = generate(&options);
    cr_assert_arr_neq(first->col, seeded->col, 4000 * sizeof *first->col);
    cr_assert_arr_eq(first->col, single->col, 4000 * sizeof *first->col);
    cr_assert_arr_neq(first->code, single->code, 4000);
    mixfill_ratings_free(first);
    mixfill_ratings_free(seeded);
    mixfill_ratings_free(single);
}

static int descending(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x < y) - (x > y);
}

Test(generate, items_are_as_uneven_as_in_movielens) {
    mixfill_generate_options options = options_of(3000, 5000, 300000);
    mixfill_ratings *r = generate(&options);
    int32_t *count = mixfill_ratings_item_counts(r);
    int64_t first_ids = 0, most_popular = 0;
    for (int i = 0; i < 500; i++)
        first_ids += count[i];
    qsort(count, 5000, sizeof *count, descending);
    for (int i = 0; i < 500; i++)
        most_popular += count[i];
    cr_assert_gt(most_popular, 150000);
    cr_assert_lt(first_ids, 60000, "ids are in order of popularity");
    cr_assert(count[0] > 1000 && count[0] < 1800, "most popular item: %d", (int)count[0]);
    cr_assert_lt(count[2500], 20, "median item: %d", (int)count[2500]);
    mixfill_free(count);
    mixfill_ratings_free(r);
}

Test(generate, uniform_items_are_alike_and_users_are_not) {
    mixfill_generate_options options = options_of(3000, 5000, 300000);
    options.popularity = MIXFILL_POPULARITY_UNIFORM;
    mixfill_ratings *r = generate(&options);
    int32_t *count = mixfill_ratings_item_counts(r);
    qsort(count, 5000, sizeof *count, descending);
    check(r, &options);
    cr_assert(count[0] < 100 && count[4999] > 25, "%d to %d", (int)count[4999], (int)count[0]);
    int64_t most = 0;
    for (int32_t u = 0; u < 3000; u++)
        most = user_count(r, u) > most ? user_count(r, u) : most;
    cr_assert_gt(most, 1000);
    mixfill_free(count);
    mixfill_ratings_free(r);
}

Test(generate, users_are_as_uneven_as_in_movielens) {
    mixfill_generate_options options = options_of(3000, 5000, 300000);
    mixfill_ratings *r = generate(&options);
    int below_mean = 0;
    int64_t most = 0;
    for (int32_t u = 0; u < 3000; u++) {
        below_mean += user_count(r, u) < 100;
        most = user_count(r, u) > most ? user_count(r, u) : most;
    }
    cr_assert(below_mean > 1900 && below_mean < 2300, "%d", below_mean);
    cr_assert(most > 1000 && most <= 3750, "%d", (int)most);
    mixfill_ratings_free(r);
}

/* Users of a large share of the items are drawn by another method than the rest. */
Test(generate, heavy_users_prefer_popular_items) {
    mixfill_generate_options options = options_of(3000, 5000, 300000);
    mixfill_ratings *r = generate(&options);
    int32_t *count = mixfill_ratings_item_counts(r);
    int64_t heavy_users = 0, popular_items = 0, popular = 0, unpopular = 0;
    for (int j = 0; j < 5000; j++)
        popular_items += count[j] >= 100;
    for (int32_t u = 0; u < 3000; u++) {
        if (user_count(r, u) < 1200 || user_count(r, u) > 2500)
            continue;
        heavy_users++;
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            (*(count[r->col[e]] >= 100 ? &popular : &unpopular))++;
    }
    cr_assert_gt(heavy_users, 0);
    cr_assert_gt((double)popular, 0.8 * (double)(heavy_users * popular_items));
    cr_assert_lt((double)unpopular, 0.4 * (double)(heavy_users * (5000 - popular_items)));
    mixfill_free(count);
    mixfill_ratings_free(r);
}

Test(generate, stars_look_like_movielens) {
    mixfill_generate_options options = options_of(3000, 5000, 300000);
    mixfill_ratings *r = generate(&options);
    double sum = 0, squares = 0;
    int half_stars[11] = {0};
    for (int64_t e = 0; e < r->nnz; e++) {
        double x = mixfill_ratings_value(r, e);
        sum += x;
        squares += x * x;
        half_stars[(int)(2 * x)]++;
    }
    double mean = sum / 300000;
    cr_assert_float_eq(mean, 3.5, 0.1);
    cr_assert_float_eq(sqrt(squares / 300000 - mean * mean), 1.05, 0.05);
    for (int i = 1; i <= 10; i++)
        cr_assert_gt(half_stars[i], 0);
    for (int i = 3; i <= 9; i += 2)
        cr_assert(half_stars[i] < half_stars[i - 1] || half_stars[i] < half_stars[i + 1]);
    mixfill_ratings_free(r);
}

/* Users of one planted component agree: with many components and few, the part of the variance
 * that component and item explain together must differ from that of the item alone. */
Test(generate, one_component_leaves_less_variance_within_items) {
    double within[2];
    for (int i = 0; i < 2; i++) {
        mixfill_generate_options options = options_of(4000, 20, 40000);
        options.n_components = i == 0 ? 1 : 1000;
        mixfill_ratings *r = generate(&options);
        double sum[20] = {0}, squares = 0;
        int32_t *count = mixfill_ratings_item_counts(r);
        for (int64_t e = 0; e < r->nnz; e++) {
            double x = mixfill_ratings_value(r, e);
            sum[r->col[e]] += x;
            squares += x * x;
        }
        for (int j = 0; j < 20; j++)
            squares -= sum[j] * sum[j] / count[j];
        within[i] = squares / 40000;
        mixfill_free(count);
        mixfill_ratings_free(r);
    }
    cr_assert_lt(within[0] + 0.05, within[1]);
}

Test(generate, shapes_are_those_of_movielens) {
    static const struct {
        const char *name;
        int32_t n_users, n_items;
        int64_t n_ratings;
    } shapes[] = {
        {"ml-100k", 943, 1682, 100000},      {"ml-1m", 6040, 3706, 1000209},
        {"ml-10m", 69878, 10677, 10000054},  {"ml-25m", 162541, 59047, 25000095},
        {"ml-32m", 200948, 87585, 32000204},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        mixfill_generate_options options;
        mixfill_generate_options_init(&options);
        options.seed = 5;
        cr_assert_eq(mixfill_generate_options_shape(&options, shapes[i].name, NULL), MIXFILL_OK);
        cr_assert_eq(options.n_users, shapes[i].n_users);
        cr_assert_eq(options.n_items, shapes[i].n_items);
        cr_assert_eq(options.n_ratings, shapes[i].n_ratings);
        cr_assert_eq(options.seed, 5);
        cr_assert_eq(options.n_components, 8);
    }
}

Test(generate, unknown_shape_is_refused_and_changes_nothing) {
    mixfill_generate_options before, options;
    mixfill_error err = {0};
    memset(&before, 0, sizeof before);
    mixfill_generate_options_init(&before);
    memcpy(&options, &before, sizeof options);
    cr_assert_eq(mixfill_generate_options_shape(&options, "ml-2m", &err), MIXFILL_ERR_ARG);
    cr_assert_str_eq(err.message,
                     "shape 'ml-2m': expected ml-100k, ml-1m, ml-10m, ml-25m or ml-32m");
    cr_assert_arr_eq(&options, &before, sizeof options);
}

Test(generate, bad_options_are_named) {
    static const struct {
        int32_t n_users, n_items;
        int64_t n_ratings;
        int32_t n_components, threads;
        const char *message;
    } cases[] = {
        {0, 10, 5, 1, 1, "n_users 0: expected at least 1"},
        {-3, 10, 5, 1, 1, "n_users -3: expected at least 1"},
        {10, 0, 5, 1, 1, "n_items 0: expected at least 1"},
        {10, 10, 0, 1, 1, "n_ratings 0: expected at least 1"},
        {10, 10, -1, 1, 1, "n_ratings -1: expected at least 1"},
        {10, 10, 51, 1, 1,
         "n_ratings 51: expected at most 50, half of n_users 10 times n_items 10"},
        {3, 3, 5, 1, 1, "n_ratings 5: expected at most 4, half of n_users 3 times n_items 3"},
        {1, 1, 1, 1, 1, "n_ratings 1: expected at most 0, half of n_users 1 times n_items 1"},
        {10, 10, 5, 0, 1, "n_components 0: expected at least 1"},
        {10, 10, 5, 1, -1, "threads -1: expected at least 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mixfill_generate_options options =
            options_of(cases[i].n_users, cases[i].n_items, cases[i].n_ratings);
        options.n_components = cases[i].n_components;
        options.threads = cases[i].threads;
        mixfill_ratings *r = NULL;
        mixfill_error err = {.status = MIXFILL_ERR_IO, .message = "unset"};
        cr_assert_eq(mixfill_generate(&r, &options, &err), MIXFILL_ERR_ARG);
        cr_assert_eq(err.status, MIXFILL_ERR_ARG);
        cr_assert_str_eq(err.message, cases[i].message);
        cr_assert_null(r);
    }
}

Test(generate, unknown_popularity_is_refused) {
    mixfill_generate_options options = options_of(10, 10, 20);
    mixfill_ratings *r = NULL;
    mixfill_error err = {0};
    options.popularity = (mixfill_popularity)7;
    cr_assert_eq(mixfill_generate(&r, &options, &err), MIXFILL_ERR_ARG);
    cr_assert_str_eq(err.message, "popularity 7: expected movielens or uniform");
}

Test(generate, struct_of_another_size_is_refused) {
    mixfill_generate_options options = options_of(10, 10, 20);
    mixfill_ratings *r = NULL;
    mixfill_error err = {0};
    options.struct_size--;
    cr_assert_eq(mixfill_generate(&r, &options, &err), MIXFILL_ERR_ARG);
    cr_assert_not_null(strstr(err.message, "struct_size"));
    cr_assert_null(r);
}

Test(generate, out_of_memory_leaves_nothing_behind) {
    mixfill_generate_options options = options_of(40, 60, 1000);
    mixfill_ratings *r = NULL;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    int64_t budget = 0;
    for (; st != MIXFILL_OK && budget < 200; budget++) {
        mixfill_error err = {0};
        mixfill_alloc_budget = budget;
        st = mixfill_generate(&r, &options, &err);
        mixfill_alloc_budget = -1;
        if (st != MIXFILL_OK) {
            cr_assert_eq(err.status, MIXFILL_ERR_NOMEM);
            cr_assert_null(r);
            cr_assert_eq(mixfill_alloc_live, 0);
        }
    }
    cr_assert(st == MIXFILL_OK && budget > 5);
    check(r, &options);
    mixfill_ratings_free(r);
    cr_assert_eq(mixfill_alloc_live, 0);
}
