/* Reports: figures worked out by hand, agreement with evaluate, threads, running out of memory. */
#include "factor/axes.h"
#include "factor/factors.h"
#include "mixture/mixtures.h"
#include "model/model.h"
#include "ratings/ratings.h"
#include "support.h"
#include "use/evaluate.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

TestSuite(report, .init = support_enter_folder, .fini = support_leave_folder);

static mixfill_ratings *from(const mixfill_rating *cells, size_t n, int32_t users, int32_t items) {
    mixfill_ratings *r = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, cells, n, users, items, NULL), MIXFILL_OK);
    return r;
}

static mixfill_ratings *generated(int32_t users, int32_t items, int64_t n, uint32_t seed) {
    mixfill_generate_options o;
    mixfill_ratings *r = NULL;
    mixfill_generate_options_init(&o);
    o.n_users = users;
    o.n_items = items;
    o.n_ratings = n;
    o.n_components = 3;
    o.seed = seed;
    cr_assert_eq(mixfill_generate(&r, &o, NULL), MIXFILL_OK);
    return r;
}

static mixfill_model *fit(const mixfill_ratings *r, mixfill_model_kind kind, int32_t k) {
    mixfill_options o;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, kind);
    if (kind != MIXFILL_MODEL_FACTOR)
        o.n_components = k;
    o.rank = 5;
    o.max_iter = 6;
    o.seed = 3;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
    return m;
}

static mixfill_report *report(const mixfill_model *m, const mixfill_ratings *r, int32_t threads) {
    mixfill_report *out = NULL;
    mixfill_error err;
    cr_assert_eq(mixfill_report_create(&out, m, r, &(mixfill_run){.threads = threads}, &err),
                 MIXFILL_OK, "%s", err.message);
    return out;
}

/* Three items whose means and support are set by hand. */
Test(report, departures_in_map_are_weighed_by_support) {
    const mixfill_rating cells[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}, {1, 2, 4}, {1, 3, 5}};
    mixfill_ratings *r = from(cells, 5, 2, 5);
    mixfill_model *m = fit(r, MIXFILL_MODEL_MAP, 2);
    /* scores 1 * 30/40, 2 * 1/11, 0.5 * 90/100, -1 * 10/20, and a tie of nothing */
    const double mu[] = {1, 2, 0.5, -1, 0}, support[] = {30, 1, 90, 10, 40};
    for (size_t j = 0; j < 5; j++) {
        mixfill_mixtures_of(m)->mu[j * mixfill_mixtures_of(m)->kp + 1] = mu[j];
        mixfill_mixtures_of(m)->s0[j * mixfill_mixtures_of(m)->kp + 1] = support[j];
        m->item_count[j] = (int32_t)(100 + j);
    }
    mixfill_report *out = report(m, NULL, 1);
    const mixfill_report_component *c = &out->components[1];
    cr_expect_eq(out->n_components, 2);
    cr_assert_eq(c->n_up, 3);
    cr_assert_eq(c->n_down, 1);
    cr_expect_str_eq(c->up[0].id, "0");
    cr_expect_str_eq(c->up[1].id, "2");
    cr_expect_str_eq(c->up[2].id, "1");
    cr_expect_str_eq(c->down[0].id, "3");
    cr_expect_eq(c->down[0].departure, -1);
    cr_expect_eq(c->down[0].support, 10);
    cr_expect_eq(c->down[0].count, 103);
    cr_expect_eq(c->weight, mixfill_mixtures_of(m)->weight[1]);
    cr_expect(isnan(c->var));
    cr_expect_not(out->has_accuracy);
    mixfill_report_free(out);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* classic: departures from the weighted mean of what moved, with enough expected ratings. */
Test(report, departures_in_classic) {
    const mixfill_rating cells[] = {{0, 0, 1}, {0, 1, 2}, {1, 0, 3}, {1, 2, 4}, {1, 3, 5}};
    mixfill_ratings *r = from(cells, 5, 2, 4);
    mixfill_model *m = fit(r, MIXFILL_MODEL_CLASSIC, 2);
    const double mu[][2] = {{2, 4}, {0, 4}, {5, 0}, {1, 5}};
    const int32_t count[] = {40, 40, 40, 19};
    mixfill_mixtures_of(m)->weight[0] = 0.25;
    mixfill_mixtures_of(m)->weight[1] = 0.75;
    mixfill_mixtures_of(m)->var[1] = 0.5;
    for (size_t j = 0; j < 4; j++) {
        memcpy(mixfill_mixtures_of(m)->mu + j * mixfill_mixtures_of(m)->kp, mu[j], sizeof mu[j]);
        m->item_count[j] = count[j];
    }
    mixfill_report *out = report(m, NULL, 1);
    const mixfill_report_component *c = out->components;
    /* Item 0 has mean 3.5. Item 1 never moved in component 0, item 2 in component 1: what moved
     * alone is the mean. Item 3 has an expected 4.75 ratings in component 0. */
    cr_assert_eq(c[0].n_down, 1);
    cr_expect_eq(c[0].n_up, 0);
    cr_expect_eq(c[0].down[0].departure, -1.5);
    cr_expect_eq(c[0].down[0].support, 10);
    cr_assert_eq(c[1].n_up, 2);
    cr_expect_eq(c[1].n_down, 0);
    cr_expect_str_eq(c[1].up[0].id, "3");
    cr_expect_eq(c[1].up[0].departure, 1);
    cr_expect_eq(c[1].up[1].departure, 0.5);
    cr_expect_eq(c[1].var, 0.5);
    mixfill_report_free(out);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* More items than a list holds: the ten largest, in order, equal ones by item. */
Test(report, lists_hold_the_ten_largest) {
    mixfill_ratings *r = generated(50, 40, 600, 1);
    mixfill_model *m = fit(r, MIXFILL_MODEL_MAP, 1);
    for (size_t j = 0; j < 40; j++) {
        mixfill_mixtures_of(m)->mu[j * mixfill_mixtures_of(m)->kp] =
            (double)(j * 7 % 20) - 9.5; /* each value twice */
        mixfill_mixtures_of(m)->s0[j * mixfill_mixtures_of(m)->kp] = 5;
    }
    mixfill_report *out = report(m, NULL, 1);
    const mixfill_report_component *c = out->components;
    cr_assert_eq(c->n_up, MIXFILL_REPORT_ITEMS);
    cr_assert_eq(c->n_down, MIXFILL_REPORT_ITEMS);
    char id[16], buffer[MIXFILL_ID_BUFFER];
    for (int i = 0; i < MIXFILL_REPORT_ITEMS; i++) {
        const int pair = i / 2;
        cr_expect_eq(c->up[i].departure, 9.5 - pair, "%d", i);
        cr_expect_eq(c->down[i].departure, pair - 9.5, "%d", i);
    }
    snprintf(id, sizeof id, "%s", mixfill_ids_get(&m->item_ids, 17, buffer));
    cr_expect_str_eq(c->up[0].id, id); /* 17 * 7 % 20 = 19, and again at 37 */
    mixfill_report_free(out);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(report, users_are_counted_where_they_belong) {
    const mixfill_rating cells[] = {{0, 0, 1}, {1, 1, 2}, {2, 0, 3}, {3, 1, 4}};
    const double resp[] = {0.5, 0.5, 0.05, 0.95, 0.02, 0.98, 0.9, 0.1, 1, 0};
    mixfill_ratings *r = from(cells, 4, 5, 2); /* the last has no rating, and does not count */
    mixfill_model *m = fit(r, MIXFILL_MODEL_CLASSIC, 2);
    memcpy(mixfill_mixtures_of(m)->resp, resp, sizeof resp);
    mixfill_report *out = report(m, NULL, 1);
    cr_expect_eq(out->n_rated_users, 4);
    cr_expect_eq(out->components[0].n_users, 2);
    cr_expect_eq(out->components[1].n_users, 2);
    const int bins[] = {9, 17, 18, 19}; /* ]0.45, 0.5], ]0.85, 0.9], ]0.9, 0.95], ]0.95, 1] */
    for (int i = 0; i < 4; i++)
        cr_expect_eq(out->largest[bins[i]], 1, "%d", bins[i]);
    support_close("mean", out->mean_largest, (0.5 + 0.95 + 0.98 + 0.9) / 4, 1e-15);
    mixfill_report_free(out);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* Every figure once more, rating by rating, from public functions. */
static void check_accuracy(const mixfill_report *out, const mixfill_model *m,
                           const mixfill_ratings *test) {
    const mixfill_report_accuracy *a = &out->accuracy;
    double squared[MIXFILL_REPORT_COUNTS] = {0}, n[MIXFILL_REPORT_COUNTS] = {0}, within = 0;
    double observed[MIXFILL_REPORT_RATINGS] = {0}, predicted[MIXFILL_REPORT_RATINGS] = {0};
    char user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER];
    for (int32_t u = 0; u < test->n_users; u++)
        for (int64_t e = test->row_ptr[u]; e < test->row_ptr[u + 1]; e++) {
            mixfill_prediction p;
            mixfill_predict(m, &p, mixfill_ids_get(&test->user_ids, u, user),
                            mixfill_ids_get(&test->item_ids, test->col[e], item));
            double value = mixfill_ratings_value(test, e), error = value - p.rating;
            int32_t j = mixfill_ids_find(&m->item_ids, p.item, strlen(p.item));
            int32_t count = j < 0 ? 0 : m->item_count[j];
            for (int i = 0; i < MIXFILL_REPORT_COUNTS; i++)
                if (count >= a->by_item[i].least && count <= a->by_item[i].most) {
                    squared[i] += error * error;
                    n[i]++;
                }
            within += fabs(error) < 1.2815515655446004 * p.sd;
            for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++)
                if (p.rating >= a->by_rating[i].low &&
                    (p.rating < a->by_rating[i].high || i == MIXFILL_REPORT_RATINGS - 1)) {
                    predicted[i] += p.rating;
                    observed[i] += value;
                }
        }
    for (int i = 0; i < MIXFILL_REPORT_COUNTS; i++) {
        cr_expect_eq((double)a->by_item[i].n, n[i], "%d", i);
        if (n[i] > 0)
            support_close("rmse", a->by_item[i].rmse, sqrt(squared[i] / n[i]), 1e-12);
    }
    support_close("80 %", a->coverage[7], within / (double)test->nnz, 1e-12);
    for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++)
        if (a->by_rating[i].n > 0) {
            double b = (double)a->by_rating[i].n;
            support_close("predicted", a->by_rating[i].predicted, predicted[i] / b, 1e-12);
            support_close("observed", a->by_rating[i].observed, observed[i] / b, 1e-12);
        }
}

/* (w_i - c)' Omega (w_j - c) of two items' factors, c their mean over the ratings, in rating
 * units. */
static double product_of(const mixfill_model *m, const double *centre, int32_t i, int32_t j) {
    const mixfill_factors *f = mixfill_factors_of(m);
    double sum = 0;
    for (int32_t a = 0; a < f->rank; a++)
        for (int32_t b = 0; b < f->rank; b++)
            sum += (mixfill_model_loading(m, i, a + 1) - centre[a]) * f->omega[a * f->rank + b] *
                   (mixfill_model_loading(m, j, b + 1) - centre[b]);
    return f->scale[1] * f->scale[1] * sum;
}

/* Turning changes no product, makes axes independent, and their variances fall. */
Test(report, axes) {
    mixfill_ratings *r = generated(200, 50, 4000, 2);
    mixfill_model *m = fit(r, MIXFILL_MODEL_FACTOR, 1);
    mixfill_axes axes;
    cr_assert_eq(mixfill_axes_init(&axes, m, NULL), MIXFILL_OK);
    int32_t q = axes.n;
    double centre[8] = {0};
    cr_assert_eq(q, 5);
    for (int32_t j = 0; j < m->n_items; j++)
        for (int32_t a = 0; a < q; a++)
            centre[a] += m->item_count[j] * mixfill_model_loading(m, j, a + 1) / 4000.0;
    for (int32_t i = 0; i < m->n_items; i++)
        for (int32_t j = 0; j < m->n_items; j++) {
            double product = 0;
            for (int32_t a = 0; a < q; a++)
                product += axes.loading[i * q + a] * axes.loading[j * q + a];
            support_close("product", product, product_of(m, centre, i, j), 1e-12);
        }
    for (int32_t a = 0; a < q; a++)
        for (int32_t b = 0; b < q; b++) {
            double sum = 0;
            for (int32_t j = 0; j < m->n_items; j++)
                sum +=
                    m->item_count[j] * axes.loading[j * q + a] * axes.loading[j * q + b] / 4000.0;
            support_close("covariance of axes", sum, a == b ? axes.sd[a] * axes.sd[a] : 0, 1e-12);
        }
    mixfill_report *out = report(m, NULL, 1);
    cr_expect(out->n_components == 0 && out->components == NULL);
    cr_assert_eq(out->n_axes, q);
    for (int32_t a = 0; a < q; a++) {
        const mixfill_report_axis *axis = &out->axes[a];
        cr_expect(axis->sd == axes.sd[a] && (a == 0 || axis->sd <= axes.sd[a - 1]));
        cr_expect(axis->n_up > 0 && axis->up[0].departure > 0);
        int32_t j = mixfill_ids_find(&m->item_ids, axis->up[0].id, strlen(axis->up[0].id));
        cr_expect_eq(axis->up[0].departure, axes.loading[j * q + a]);
        cr_expect_eq(axis->up[0].count, m->item_count[j]);
        for (int32_t i = 0; i < m->n_items; i++) {
            double n = m->item_count[i], best = axis->up[0].count;
            cr_expect_leq(axes.loading[i * q + a] * n / (n + 10),
                          axis->up[0].departure * best / (best + 10));
        }
    }
    mixfill_report_free(out);
    mixfill_axes_clear(&axes);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(report, accuracy) {
    mixfill_ratings *all = generated(400, 200, 9000, 5), *train = NULL, *test = NULL;
    mixfill_evaluation e;
    cr_assert_eq(mixfill_ratings_split(&train, &test, all, NULL, NULL), MIXFILL_OK);
    mixfill_model *m = fit(train, MIXFILL_MODEL_MAP, 3);
    mixfill_report *out = report(m, test, 2);
    cr_assert(out->has_accuracy);
    cr_assert_eq(mixfill_evaluate(m, &e, test, NULL, NULL), MIXFILL_OK);
    cr_expect_eq(memcmp(&e, &out->accuracy.all, sizeof e), 0);
    check_accuracy(out, m, test);
    int64_t n = 0;
    for (int i = 0; i < MIXFILL_REPORT_COUNTS; i++)
        n += out->accuracy.by_user[i].n;
    cr_expect_eq(n, test->nnz);
    cr_expect_eq(out->accuracy.by_user[3].least, 5);
    cr_expect_eq(out->accuracy.by_user[3].most, 9);
    cr_expect_eq(out->accuracy.by_user[MIXFILL_REPORT_COUNTS - 1].most, INT32_MAX);
    mixfill_report_free(out);
    mixfill_model_free(m);
    mixfill_ratings_free(all);
    mixfill_ratings_free(train);
    mixfill_ratings_free(test);
}

/* Several blocks of users. */
Test(report, same_bits_for_any_threads) {
    mixfill_ratings *r = generated(3000, 400, 200000, 2);
    mixfill_model *m = fit(r, MIXFILL_MODEL_MAP, 2);
    mixfill_report *one = report(m, r, 1);
    for (int32_t threads = 2; threads <= 7; threads += 5) {
        mixfill_report *many = report(m, r, threads);
        cr_expect_eq(memcmp(&one->accuracy, &many->accuracy, sizeof one->accuracy), 0);
        mixfill_report_free(many);
    }
    int64_t n = 0;
    for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++)
        n += one->accuracy.by_rating[i].n;
    cr_expect_eq(n, 200000);
    mixfill_report_free(one);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(report, of_next_to_nothing) {
    const mixfill_rating cell = {0, 0, 3};
    mixfill_ratings *r = from(&cell, 1, 1, 1), *none = from(NULL, 0, 1, 1);
    mixfill_report *out = NULL;
    for (int kind = 0; kind < 2; kind++) {
        mixfill_model *m = fit(r, (mixfill_model_kind)kind, 1);
        cr_expect_eq(mixfill_report_create(&out, m, none, &(mixfill_run){.threads = 1}, NULL),
                     MIXFILL_ERR_DIM);
        cr_expect_null(out);
        out = report(m, r, 1);
        cr_expect_eq(out->n_rated_users, 1);
        cr_expect_eq(out->accuracy.all.rmse, 0);
        cr_expect_eq(out->components[0].n_up + out->components[0].n_down, 0);
        cr_expect_eq(out->accuracy.by_rating[MIXFILL_REPORT_RATINGS - 1].observed, 3);
        mixfill_report_free(out);
        out = NULL;
        mixfill_model_free(m);
    }
    mixfill_ratings_free(none);
    mixfill_ratings_free(r);
}

static void exhaust(mixfill_model_kind kind) {
    mixfill_ratings *r = generated(30, 20, 200, 1);
    mixfill_model *m = fit(r, kind, 2);
    mixfill_report *out = NULL;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    int64_t before = mixfill_alloc_live, budget = 0;
    for (; st != MIXFILL_OK && budget < 100; budget++) {
        mixfill_alloc_budget = budget;
        st = mixfill_report_create(&out, m, r, &(mixfill_run){.threads = 1}, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || (st == MIXFILL_ERR_NOMEM && out == NULL));
        cr_assert(st == MIXFILL_OK || mixfill_alloc_live == before);
    }
    cr_expect_gt(budget, 5);
    mixfill_report_free(out);
    mixfill_report_free(NULL);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(report, out_of_memory) {
    exhaust(MIXFILL_MODEL_MAP);
    exhaust(MIXFILL_MODEL_FACTOR);
}

Test(report, output_write) {
    char text[8] = "";
    mixfill_error err;
    cr_assert_eq(mixfill_output_write("page", "a\0b", 3, &err), MIXFILL_OK);
    FILE *f = fopen("page", "rb");
    cr_expect_eq(fread(text, 1, sizeof text, f), 3);
    fclose(f);
    cr_expect_eq(memcmp(text, "a\0b", 3), 0);
    cr_expect_eq(mixfill_output_write("no/such/page", "a", 1, &err), MIXFILL_ERR_IO);
    cr_expect_eq(mixfill_output_write("/dev/full", "a", 1, &err), MIXFILL_ERR_IO);
}
