/* Ranking metrics: a case worked out by hand, and a second, sorting implementation. */
#include "model/cell.h"
#include "model/people.h"
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static mixfill_ratings *from(const mixfill_rating *cells, size_t n, int32_t users, int32_t items) {
    mixfill_ratings *r = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, cells, n, users, items, NULL), MIXFILL_OK);
    return r;
}

static mixfill_model *fit(const mixfill_ratings *r, int32_t k) {
    mixfill_options o;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = k;
    o.max_iter = 5;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
    return m;
}

/* One component and a means' prior of nothing: items score by how much they are liked. */
Test(ranking, by_hand) {
    const mixfill_rating train[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 1}, {1, 1, 2}, {1, 2, 5},
                                    {1, 3, 4}, {2, 2, 5}, {2, 3, 4}, {2, 0, 1}, {2, 1, 2}};
    /* user 0 is shown 2, then 3, and rates 3 with 5, 2 with 3; user 1 has seen all; user 2 rates
     * nothing highly, so does not count; user 3 is new, and likes item 1, the third of her list */
    const mixfill_rating held[] = {{0, 3, 5}, {0, 2, 3}, {1, 0, 4}, {2, 1, 2}, {3, 1, 4}};
    mixfill_ratings *seen = from(train, 10, 4, 4), *test = from(held, 5, 4, 4);
    mixfill_model *m = fit(seen, 1);
    mixfill_ranking r;
    cr_assert_eq(mixfill_evaluate_ranking(m, &r, test, seen, &(mixfill_run){.threads = 2}, NULL),
                 MIXFILL_OK);
    double dcg0 = 7 + 31 / log2(3), ideal0 = 31 + 7 / log2(3);
    double dcg3 = 15 / log2(4), ideal3 = 15;
    cr_expect_eq(r.n_users, 3);
    support_close("NDCG", r.ndcg, (dcg0 / ideal0 + 0 + dcg3 / ideal3) / 3, 1e-14);
    support_close("precision", r.precision, (0.1 + 0 + 0.1) / 3, 1e-15);
    support_close("recall", r.recall, 2.0 / 3, 1e-15);
    support_close("hit rate", r.hit_rate, 2.0 / 3, 1e-15);
    mixfill_model_free(m);
    mixfill_ratings_free(seen);
    mixfill_ratings_free(test);
}

/* ---- the same by sorting every user's candidates ---- */

typedef struct scored {
    int32_t item;
    double score;
} scored;

static int best_first(const void *a, const void *b) {
    const scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->item > y->item) - (x->item < y->item);
}

static int largest_first(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Adds a user's four figures to out; whether the user counts. Matrices hold 0 where unrated. */
static bool by_sorting(double out[4], const mixfill_model *m, const support_matrix *seen,
                       const support_matrix *test, size_t u) {
    size_t d = test->d, n = 0, rated = 0, relevant = 0, hits = 0;
    scored *list = malloc(d * sizeof *list);
    double *gains = malloc(d * sizeof *gains), dcg = 0, ideal = 0;
    mixfill_person person = mixfill_person_known(m, (int32_t)u);
    for (size_t j = 0; j < d; j++) {
        if (!seen->mask[u * d + j])
            list[n++] = (scored){(int32_t)j, mixfill_predict_mean(m, &person, (int32_t)j, false)};
        if (test->mask[u * d + j]) {
            gains[rated++] = pow(2, test->x[u * d + j]) - 1;
            relevant += test->x[u * d + j] >= 4;
        }
    }
    qsort(list, n, sizeof *list, best_first);
    qsort(gains, rated, sizeof *gains, largest_first);
    for (size_t i = 0; i < 10 && i < n; i++) {
        size_t at = u * d + (size_t)list[i].item;
        double x = test->mask[at] ? test->x[at] : 0;
        dcg += test->mask[at] ? (pow(2, x) - 1) * log(2) / log((double)i + 2) : 0;
        hits += x >= 4;
    }
    for (size_t i = 0; i < 10 && i < rated; i++)
        ideal += gains[i] * log(2) / log((double)i + 2);
    if (relevant > 0) {
        out[0] += dcg / ideal;
        out[1] += (double)hits / 10;
        out[2] += (double)hits / (double)relevant;
        out[3] += hits > 0;
    }
    free(list);
    free(gains);
    return relevant > 0;
}

Test(ranking, agrees_with_sorting) {
    enum { N = 80, D = 60 };
    for (uint64_t seed = 1; seed <= 4; seed++) {
        support_random spec = {
            .n = N, .d = D, .density = 0.4, .levels = 9, .low = 1, .step = 0.5, .seed = seed};
        support_matrix seen = support_matrix_random(&spec), test = support_matrix_create(N, D);
        for (size_t at = 0; at < N * D; at += 3)
            if (seen.mask[at]) {
                support_matrix_set(&test, at / D, at % D, seen.x[at]);
                seen.mask[at] = 0;
            }
        mixfill_ratings *train = support_ratings(&seen), *held = support_ratings(&test);
        mixfill_model *m = fit(train, 3);
        double want[4] = {0}, users = 0;
        mixfill_ranking one, three;
        for (size_t u = 0; u < N; u++)
            users += by_sorting(want, m, &seen, &test, u);
        cr_assert_eq(
            mixfill_evaluate_ranking(m, &one, held, train, &(mixfill_run){.threads = 1}, NULL),
            MIXFILL_OK);
        cr_assert_eq(
            mixfill_evaluate_ranking(m, &three, held, train, &(mixfill_run){.threads = 3}, NULL),
            MIXFILL_OK);
        cr_expect_eq(memcmp(&one, &three, sizeof one), 0);
        cr_assert_gt(users, 40);
        cr_expect_eq((double)one.n_users, users);
        support_close("NDCG", one.ndcg, want[0] / users, 1e-12);
        support_close("precision", one.precision, want[1] / users, 1e-12);
        support_close("recall", one.recall, want[2] / users, 1e-12);
        support_close("hit rate", one.hit_rate, want[3] / users, 1e-12);
        mixfill_model_free(m);
        mixfill_ratings_free(train);
        mixfill_ratings_free(held);
        support_matrix_clear(&seen);
        support_matrix_clear(&test);
    }
}

Test(ranking, nobody_counts) {
    const mixfill_rating train[] = {{0, 0, 1}, {1, 1, 2}}, held[] = {{0, 1, 3}};
    mixfill_ratings *seen = from(train, 2, 2, 2), *test = from(held, 1, 2, 2);
    mixfill_model *m = fit(seen, 1);
    mixfill_ranking r;
    cr_assert_eq(mixfill_evaluate_ranking(m, &r, test, seen, &(mixfill_run){.threads = 1}, NULL),
                 MIXFILL_OK);
    cr_expect_eq(r.n_users, 0);
    cr_expect(isnan(r.ndcg) && isnan(r.precision) && isnan(r.recall) && isnan(r.hit_rate));
    mixfill_model_free(m);
    mixfill_ratings_free(seen);
    mixfill_ratings_free(test);
}
