/* Baselines against a plain dense reimplementation: some shrinkage of the grid must give each
 * exactly. */
#include "kinds.h"
#include "model/baselines.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>

static mixfill_model *alloc_model(int32_t n_users, int32_t n_items, bool with_users) {
    mixfill_options o;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    return mixfill_model_create(mixfill_kind_of(&o), &o, n_users, n_items, with_users);
}

static mixfill_status fit_baselines(mixfill_model *m, const mixfill_ratings *r,
                                    mixfill_error *err) {
    mixfill_blocks *blocks = NULL;
    mixfill_status st = mixfill_blocks_create(&blocks, r, 2, err);
    if (st == MIXFILL_OK)
        st = mixfill_model_describe(m, r, err);
    if (st == MIXFILL_OK)
        st = mixfill_baselines_fit(m, r, blocks, 3, err);
    mixfill_blocks_free(blocks);
    return st;
}

enum { N = 30, D = 12, SWEEPS = 20, N_LAMBDAS = 10 };

static const double lambdas[N_LAMBDAS] = {0, 1, 2, 3, 5, 8, 12, 20, 35, 60};

static mixfill_model *fit(const mixfill_ratings *r) {
    mixfill_model *m = alloc_model(r->n_users, r->n_items, true);
    mixfill_error err;
    cr_assert_not_null(m);
    cr_assert_eq(fit_baselines(m, r, &err), MIXFILL_OK, "%s", err.message);
    return m;
}

static double mean_of(const support_matrix *m) {
    double sum = 0, n = 0;
    for (size_t i = 0; i < m->n * m->d; i++) {
        sum += m->mask[i] * m->x[i];
        n += m->mask[i];
    }
    return sum / n;
}

/* (sum over the row's or column's cells of x - g - other effect) / (n + lambda) */
static double effect(const support_matrix *m, bool users, size_t i, double g, const double *other,
                     double lambda) {
    double sum = 0, n = 0;
    for (size_t o = 0; o < (users ? m->d : m->n); o++) {
        size_t at = users ? i * m->d + o : o * m->d + i;
        if (m->mask[at]) {
            sum += m->x[at] - g - other[o];
            n += 1;
        }
    }
    return n > 0 ? sum / (n + lambda) : 0;
}

static bool close_to(const double *a, const double *b, size_t n, double plus) {
    for (size_t i = 0; i < n; i++)
        if (!(fabs(a[i] - (b[i] + plus)) < 1e-12))
            return false;
    return true;
}

/* How many shrinkages of the grid explain the means of one side. */
static int explained_means(const support_matrix *m, bool users, const double *got, double g) {
    static const double none[N > D ? N : D];
    int explained = 0;
    for (int l = 0; l < N_LAMBDAS; l++) {
        double want[N > D ? N : D];
        size_t n = users ? m->n : m->d;
        for (size_t i = 0; i < n; i++)
            want[i] = effect(m, users, i, g, none, lambdas[l]);
        explained += close_to(got, want, n, g);
    }
    return explained;
}

static int explained_bias(const support_matrix *m, const mixfill_model *model, double g) {
    int explained = 0;
    for (int lu = 0; lu < N_LAMBDAS; lu++)
        for (int li = 0; li < N_LAMBDAS; li++) {
            double user[N] = {0}, item[D] = {0};
            for (int sweep = 0; sweep < SWEEPS; sweep++) {
                for (size_t j = 0; j < m->d; j++)
                    item[j] = effect(m, false, j, g, user, lambdas[li]);
                for (size_t u = 0; u < m->n; u++)
                    user[u] = effect(m, true, u, g, item, lambdas[lu]);
            }
            explained += close_to(model->user_bias, user, m->n, 0) &&
                         close_to(model->item_bias, item, m->d, 0);
        }
    return explained;
}

Test(baselines, follow_their_formulas) {
    for (uint64_t seed = 1; seed <= 8; seed++) {
        support_random spec = {
            .n = N, .d = D, .density = 0.4, .levels = 10, .low = 0.5, .step = 0.5, .seed = seed};
        support_matrix m = support_matrix_random(&spec);
        for (size_t j = 0; j < D; j++)
            m.mask[3 * D + j] = 0; /* a user without ratings */
        for (size_t u = 0; u < N; u++)
            m.mask[u * D + 5] = 0; /* an item without any */
        mixfill_ratings *r = support_ratings(&m);
        mixfill_model *model = fit(r);
        double g = mean_of(&m);
        support_close("global mean", model->global_mean, g, 1e-14);
        cr_expect_eq(explained_means(&m, true, model->user_mean, g), 1);
        cr_expect_eq(explained_means(&m, false, model->item_mean, g), 1);
        cr_expect_eq(explained_bias(&m, model, g), 1);
        cr_expect_eq(model->user_mean[3], model->global_mean);
        cr_expect_eq(model->item_bias[5], 0);
        cr_expect_eq(model->user_count[3], 0);
        cr_expect_eq(model->item_count[5], 0);
        cr_expect_eq(model->n_ratings, r->nnz);
        mixfill_model_free(model);
        mixfill_ratings_free(r);
        support_matrix_clear(&m);
    }
}

Test(baselines, all_ratings_equal) {
    const mixfill_rating t[] = {{0, 0, 3.7}, {0, 1, 3.7}, {1, 1, 3.7}, {2, 0, 3.7}};
    mixfill_ratings *r;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 4, 3, 2, NULL), MIXFILL_OK);
    mixfill_model *m = fit(r);
    cr_expect_eq(m->global_mean, 3.7, "the mean of equal ratings is that rating");
    support_close("sd", m->global_sd, 0, 1e-15);
    for (int u = 0; u < 3; u++) {
        support_close("user", m->user_mean[u], 3.7, 1e-14);
        support_close("bias", m->user_bias[u], 0, 1e-14);
    }
    cr_expect_eq(m->rating_range[0], 3.7);
    cr_expect_eq(m->rating_range[1], 3.7);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* 0.1 + 0.1 + 0.1 over 3 is not 0.1 but the next double. */
Test(baselines, the_global_mean_stays_in_the_range) {
    const mixfill_rating t[] = {{0, 0, 0.1}, {1, 0, 0.1}, {2, 0, 0.1}};
    mixfill_ratings *r;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 3, 3, 1, NULL), MIXFILL_OK);
    mixfill_model *m = fit(r);
    cr_expect_eq(m->global_mean, 0.1);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(baselines, one_rating) {
    const mixfill_rating t[] = {{1, 1, 2}};
    mixfill_ratings *r;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 1, 3, 2, NULL), MIXFILL_OK);
    mixfill_model *m = fit(r);
    cr_expect_eq(m->global_mean, 2);
    cr_expect_eq(m->user_mean[0], 2);
    cr_expect_eq(m->item_mean[1], 2);
    cr_expect_eq(m->user_count[1], 1);
    cr_expect_eq(m->item_count[0], 0);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* Users differ and never waver, items do not differ: what is noise for items is shrunk, what users
 * show is not. */
Test(baselines, shrinkage_follows_the_data) {
    for (uint64_t seed = 1; seed <= 4; seed++) {
        support_random spec = {.n = N, .d = D, .density = 0.7, .levels = 1, .seed = seed};
        static const double none[N];
        support_matrix m = support_matrix_random(&spec);
        for (size_t u = 0; u < N; u++)
            for (size_t j = 0; j < D; j++)
                m.x[u * D + j] = m.mask[u * D + j] * (u % 2 == 0 ? 5.0 : 1.0);
        mixfill_ratings *r = support_ratings(&m);
        mixfill_model *model = fit(r);
        double g = mean_of(&m);
        for (size_t u = 0; u < N; u++)
            support_close("user", model->user_mean[u], u % 2 == 0 ? 5 : 1, 1e-13);
        for (size_t u = 0; u < N; u++)
            support_close("bias", model->user_bias[u], effect(&m, true, u, g, model->item_bias, 0),
                          1e-13);
        for (size_t j = 0; j < D; j++)
            cr_expect_leq(fabs(model->item_mean[j] - g),
                          fabs(effect(&m, false, j, g, none, 12)) + 1e-13, "seed %d, item %zu",
                          (int)seed, j);
        mixfill_model_free(model);
        mixfill_ratings_free(r);
        support_matrix_clear(&m);
    }
}

Test(baselines, the_items_side_does_not_need_users_in_the_model) {
    support_random spec = {
        .n = N, .d = D, .density = 0.4, .levels = 10, .low = 0.5, .step = 0.5, .seed = 9};
    support_matrix m = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&m);
    mixfill_model *with = fit(r), *without = alloc_model(N, D, false);
    cr_assert_eq(fit_baselines(without, r, NULL), MIXFILL_OK);
    cr_expect_null(without->user_mean);
    cr_expect_arr_eq(without->item_mean, with->item_mean, D * sizeof(double));
    cr_expect_arr_eq(without->item_bias, with->item_bias, D * sizeof(double));
    cr_expect_arr_eq(without->item_count, with->item_count, D * sizeof(int32_t));
    cr_expect_eq(without->global_mean, with->global_mean);
    cr_expect_eq(without->global_sd, with->global_sd);
    mixfill_model_free(without);
    mixfill_model_free(with);
    mixfill_ratings_free(r);
    support_matrix_clear(&m);
}

Test(baselines, out_of_memory) {
    const mixfill_rating t[] = {{0, 0, 2}, {1, 1, 3}};
    mixfill_ratings *r;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 2, 3, 2, NULL), MIXFILL_OK);
    mixfill_model *m = alloc_model(3, 2, true);
    int64_t live = mixfill_alloc_live;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    int64_t budget = 0;
    for (; st != MIXFILL_OK; budget++) {
        mixfill_alloc_budget = budget;
        st = fit_baselines(m, r, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM);
        cr_assert_eq(mixfill_alloc_live, live);
    }
    cr_expect_gt(budget, 3);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}
