/* Prediction, evaluation and completion on models small enough to work out by hand. */
#include "mixture/mixtures.h"
#include "model/model.h"
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(predict, .init = support_enter_folder, .fini = support_leave_folder);

static void put(const char *path, const char *content) {
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    fputs(content, f);
    fclose(f);
}

static mixfill_ratings *load(const char *content) {
    mixfill_ratings *r = NULL;
    mixfill_error err;
    put("ratings", content);
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "ratings", NULL, &err), MIXFILL_OK, "%s",
                 err.message);
    return r;
}

static mixfill_model *fit(const mixfill_ratings *r, int32_t k, bool keep_users) {
    mixfill_model *m = NULL;
    mixfill_options o;
    mixfill_error err;
    mixfill_options_init_model(&o, MIXFILL_MODEL_CLASSIC);
    o.min_var = 0.1;
    o.n_components = k;
    o.keep_users = keep_users;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, &err), MIXFILL_OK, "%s", err.message);
    return m;
}

/* With K = 1 the mean of x is 3, of y 4, and of z, rated out of line, 1.5. */
static const char TRAINING[] = "a,x,2\nb,x,4\nc,x,3\na,y,4\nb,y,4\na,z,1\nc,z,2\n";
static const double GLOBAL = 20.0 / 7;

static void expect(const mixfill_model *m, const char *user, const char *item, double rating,
                   double sd, bool known_user, bool known_item) {
    mixfill_prediction p;
    mixfill_predict(m, &p, user, item);
    support_close(item, p.rating, rating, 1e-14);
    support_close("sd", p.sd, sd, 1e-14);
    cr_expect_eq(p.known_user, known_user, "%s", user);
    cr_expect_eq(p.known_item, known_item, "%s", item);
    cr_expect_str_eq(p.user, user);
}

Test(predict, known_and_unknown) {
    mixfill_ratings *r = load(TRAINING);
    mixfill_model *m = fit(r, 1, true);
    double sd = sqrt((1 + 1 + 0 + 0 + 0 + 0.25 + 0.25) / 7.0);
    double squares = 0, values[] = {2, 4, 3, 4, 4, 1, 2};
    for (int i = 0; i < 7; i++)
        squares += (values[i] - GLOBAL) * (values[i] - GLOBAL) / 7;
    expect(m, "a", "x", 3, sd, true, true);
    expect(m, "c", "z", 1.5, sd, true, true);
    expect(m, "nobody", "y", 4, sd, false, true);
    expect(m, "a", "nothing", GLOBAL, sqrt(squares), true, false);
    expect(m, "nobody", "nothing", GLOBAL, sqrt(squares), false, false);
    expect(m, "", "", GLOBAL, sqrt(squares), false, false);
    mixfill_model_free(m);
    m = fit(r, 1, false);
    expect(m, "a", "x", 3, sd, false, true);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* mu 5 and 1 for two kinds of users; a user without ratings gets the weights. */
Test(predict, mixture_of_two) {
    const mixfill_rating t[] = {{0, 0, 5}, {0, 1, 5}, {1, 0, 5}, {1, 1, 5},
                                {2, 0, 5}, {2, 1, 5}, {3, 0, 1}, {3, 1, 1}};
    mixfill_ratings *r;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, t, 8, 5, 3, NULL), MIXFILL_OK);
    mixfill_options o;
    mixfill_model *m = NULL;
    for (uint32_t seed = 0; seed < 50; seed++) { /* a start with a user of each kind */
        mixfill_options_init_model(&o, MIXFILL_MODEL_CLASSIC);
        o.n_components = 2;
        o.min_var = 0.1;
        o.seed = seed;
        cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
        if (fabs(mixfill_model_mean(m, 0, 0) - mixfill_model_mean(m, 1, 0)) > 3.9)
            break;
        mixfill_model_free(m);
        m = NULL;
    }
    cr_assert_not_null(m);
    int32_t high = mixfill_model_mean(m, 1, 0) > 3;
    double w = mixfill_model_weight(m, high), var = 0.1;
    double mean = w * 5 + (1 - w) * 1;
    expect(m, "0", "1", 5, sqrt(var), true, true);
    expect(m, "3", "0", 1, sqrt(var), true, true);
    mixfill_mixtures_of(m)->resp[4 * 2 + high] = 1; /* the weights count, whatever stands here */
    mixfill_mixtures_of(m)->resp[4 * 2 + !high] = 0;
    expect(m, "4", "0", mean, sqrt(var + w * (1 - w) * 16), false, true);
    expect(m, "0", "2", 4, sqrt(3), true, false); /* an item nobody rated: global mean and sd */
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(predict, clipped_to_the_training_range) {
    mixfill_ratings *r = load(TRAINING);
    mixfill_model *m = fit(r, 1, true);
    mixfill_prediction p;
    mixfill_mixtures_of(m)->mu[0] = 40; /* item x */
    mixfill_predict(m, &p, "a", "x");
    cr_expect_eq(p.rating, 4);
    mixfill_mixtures_of(m)->mu[0] = -40;
    mixfill_predict(m, &p, "a", "x");
    cr_expect_eq(p.rating, 1);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(predict, evaluation_by_hand) {
    mixfill_ratings *r = load(TRAINING);
    mixfill_model *m = fit(r, 1, true);
    mixfill_evaluation e;
    /* predictions 3, 4, 1.5, 3, g with known sd; errors .3, 2, .4, 2, g - 4 */
    mixfill_ratings *test = load("a,x,3.3\nb,y,2\na,z,1.1\nnew,x,5\nc,unseen,4\n");
    cr_assert_eq(mixfill_evaluate(m, &e, test, NULL, NULL), MIXFILL_OK);
    double error[] = {0.3, 2, 0.4, 2, 4 - GLOBAL}, squares = 0, sum = 0, ll = 0;
    double sd = sqrt(2.5 / 7), sd_g = m->global_sd;
    for (int i = 0; i < 5; i++) {
        double s = i < 4 ? sd : sd_g;
        squares += error[i] * error[i];
        sum += error[i];
        ll += -0.5 * log(2 * 3.14159265358979323846 * s * s) - error[i] * error[i] / (2 * s * s);
    }
    support_close("rmse", e.rmse, sqrt(squares / 5), 1e-14);
    support_close("mae", e.mae, sum / 5, 1e-14);
    support_close("log-likelihood", e.log_likelihood_per_rating, ll / 5, 1e-13);
    support_close("rmse_known", e.part[1][1].rmse, sqrt((0.09 + 4 + 0.16) / 3), 1e-14);
    cr_expect_eq(e.n, 5);
    cr_expect_eq(e.part[1][1].n, 3);
    cr_expect_eq(e.part[0][1].n, 1);
    support_close("new user", e.part[0][1].rmse, 2, 1e-14);
    support_close("global mean of a new user", e.part[0][1].global_mean, 5 - GLOBAL, 1e-14);
    cr_expect_eq(e.part[1][0].n, 1);
    support_close("new item", e.part[1][0].rmse, 4 - GLOBAL, 1e-14);
    support_close("item mean of a new item", e.part[1][0].item_mean, 4 - GLOBAL, 1e-14);
    cr_expect_eq(e.part[0][0].n, 0);
    cr_expect(isnan(e.part[0][0].rmse) && isnan(e.part[0][0].bias));
    cr_expect_eq(e.n_unknown_user, 1);
    cr_expect_eq(e.n_unknown_item, 1);
    /* sd 0.598: 0.3 and 0.4 lie within 0.6745 sd = 0.403; sd_g 1.124: 1.143 within 1.6449 sd only
     */
    support_close("50 %", e.coverage50, 0.4, 0);
    support_close("90 %", e.coverage90, 0.6, 0);
    double global[] = {3.3, 2, 1.1, 5, 4}, g2 = 0;
    for (int i = 0; i < 5; i++)
        g2 += (global[i] - GLOBAL) * (global[i] - GLOBAL);
    support_close("global mean", e.rmse_global_mean, sqrt(g2 / 5), 1e-14);
    mixfill_ratings_free(test);
    mixfill_ratings *none;
    cr_assert_eq(mixfill_ratings_from_triplets(&none, NULL, 0, 1, 1, NULL), MIXFILL_OK);
    cr_expect_eq(mixfill_evaluate(m, &e, none, NULL, NULL), MIXFILL_ERR_DIM);
    mixfill_ratings_free(none);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(predict, evaluation_of_some_takes_every_so_manieth_user) {
    mixfill_ratings *r = load(TRAINING), *all = load("a,x,1\na,y,2\nb,x,3\nc,x,5\nc,z,1\n");
    mixfill_ratings *a_and_c = load("a,x,1\na,y,2\nc,x,5\nc,z,1\n");
    mixfill_model *m = fit(r, 1, true);
    mixfill_evaluation some, want;
    cr_assert_eq(mixfill_evaluate(m, &want, a_and_c, NULL, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_evaluate_some(m, &some, all, 3, NULL, NULL), MIXFILL_OK);
    cr_expect(some.n == 4 && some.rmse == want.rmse && some.rmse_bias == want.rmse_bias);
    cr_assert_eq(mixfill_evaluate_some(m, &some, all, 1, NULL, NULL), MIXFILL_OK);
    cr_expect_eq(some.n, 2);
    cr_assert_eq(mixfill_evaluate_some(m, &some, all, INT64_MAX / 2, NULL, NULL), MIXFILL_OK);
    cr_expect_eq(some.n, 5);
    for (int64_t n = -1; n < 1; n++)
        cr_expect_eq(mixfill_evaluate_some(m, &some, all, n, NULL, NULL), MIXFILL_ERR_ARG);
    mixfill_ratings_free(a_and_c);
    mixfill_ratings_free(all);
    mixfill_ratings_free(r);
    mixfill_model_free(m);
}

Test(predict, evaluation_uses_the_stored_baselines) {
    mixfill_ratings *r = load(TRAINING), *test = load("a,x,3\nnew,y,2\nb,unseen,4\n");
    mixfill_model *m = fit(r, 1, true);
    mixfill_evaluation e;
    double um = m->user_mean[0] = 2.5, im0 = m->item_mean[0] = 3.25, im1 = m->item_mean[1] = 3.75;
    double ub0 = m->user_bias[0] = 0.5, ub1 = m->user_bias[1] = -0.25;
    double ib0 = m->item_bias[0] = 0.125, ib1 = m->item_bias[1] = 30; /* clipped to 4 */
    m->user_mean[1] = 3;
    cr_assert_eq(mixfill_evaluate(m, &e, test, NULL, NULL), MIXFILL_OK);
    double g = GLOBAL;
    support_close("user mean", e.rmse_user_mean,
                  sqrt(((3 - um) * (3 - um) + (2 - g) * (2 - g) + 1) / 3), 1e-14);
    support_close("item mean", e.rmse_item_mean,
                  sqrt(((3 - im0) * (3 - im0) + (2 - im1) * (2 - im1) + (4 - g) * (4 - g)) / 3),
                  1e-14);
    double b0 = g + ub0 + ib0 - 3, b2 = g + ub1 - 4;
    cr_expect_gt(g + ib1, 4);
    support_close("bias", e.rmse_bias, sqrt((b0 * b0 + 4 + b2 * b2) / 3), 1e-14);
    mixfill_ratings_free(test);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* The likelihood is of the unclipped prediction, errors and coverage of the clipped one. */
Test(predict, evaluation_clips_all_but_the_likelihood) {
    mixfill_ratings *r = load(TRAINING), *test = load("a,x,4\n");
    mixfill_model *m = fit(r, 1, true);
    mixfill_evaluation e;
    mixfill_mixtures_of(m)->mu[0] = 5;
    cr_assert_eq(mixfill_evaluate(m, &e, test, NULL, NULL), MIXFILL_OK);
    double var = 2.5 / 7;
    cr_expect_eq(e.rmse, 0);
    cr_expect_eq(e.mae, 0);
    cr_expect_eq(e.coverage50, 1);
    support_close("log-likelihood", e.log_likelihood_per_rating,
                  -0.5 * log(2 * 3.14159265358979323846 * var) - 1 / (2 * var), 1e-14);
    mixfill_ratings_free(test);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* Everything is dyadic: means 2.5 and 3.25, sd 1/2; global mean 2.875 and sd 5/8. */
static const char DYADIC[] = "user,item,rating\na,\"x,\"\"1\"\"\",2\nb,\"x,\"\"1\"\"\",3\n"
                             "a,y,2.75\nb,y,3.75\n";

/* Intervals of sd 1/2 around 3.25, from both sides of their ends. */
Test(predict, coverage_by_hand) {
    mixfill_ratings *r = load(DYADIC);
    mixfill_model *m = fit(r, 1, true);
    mixfill_evaluation e;
    mixfill_ratings *test = load("1,y,3.58724\n2,y,2.91274\n3,y,4.07244\n4,y,2.42754\n");
    cr_assert_eq(mixfill_evaluate(m, &e, test, NULL, NULL), MIXFILL_OK);
    cr_expect_eq(e.coverage50, 0.25);
    cr_expect_eq(e.coverage90, 0.75);
    mixfill_ratings_free(test);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(predict, evaluation_without_users) {
    mixfill_ratings *r = load(TRAINING), *test = load("a,x,3.3\nb,y,2\nc,unseen,4\n");
    mixfill_model *m = fit(r, 1, false);
    mixfill_evaluation e;
    cr_assert_eq(mixfill_evaluate(m, &e, test, NULL, NULL), MIXFILL_OK);
    cr_expect_eq(e.n, 3);
    cr_expect_eq(e.part[1][1].n, 0);
    cr_expect_eq(e.n_unknown_user, 3);
    cr_expect_eq(e.n_unknown_item, 1);
    cr_expect(isnan(e.part[1][1].rmse));
    double g = 4 - GLOBAL;
    support_close("rmse", e.rmse, sqrt((0.09 + 4 + g * g) / 3), 1e-14);
    cr_expect_eq(e.rmse_user_mean, e.rmse_global_mean);
    mixfill_ratings_free(test);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

static double *read_npy(const char *path, size_t n) {
    double *x = malloc(n * sizeof *x);
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f);
    cr_assert_eq(fseek(f, -(long)(n * sizeof *x), SEEK_END), 0);
    cr_assert_eq(fread(x, sizeof *x, n, f), n);
    fclose(f);
    return x;
}

/* Fold-in is the E-step that the stored responsibilities came from: the same bits. */
Test(predict, completion_of_the_training_data_is_resp_times_mu) {
    support_random spec = {.n = 60, .d = 40, .density = 0.3, .levels = 10, .low = 0.5, .step = 0.5};
    support_matrix matrix = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&matrix);
    mixfill_model *m = fit(r, 3, true);
    mixfill_completion c;
    cr_assert_eq(mixfill_complete(m, &c, r, NULL, &(mixfill_filling){.path = "full.npy"},
                                  &(mixfill_run){.threads = 2}, NULL),
                 MIXFILL_OK);
    double *full = read_npy("full.npy", 60 * 40);
    for (int32_t u = 0; u < 60; u++)
        for (int32_t j = 0; j < 40; j++) {
            size_t at = (size_t)u * 40 + (size_t)j;
            double want = 0;
            for (int32_t k = 0; k < 3; k++)
                want += mixfill_model_responsibility(m, u, k) * mixfill_model_mean(m, k, j);
            cr_assert_eq(full[at], matrix.mask[at] ? matrix.x[at] : want);
        }
    cr_expect_eq(c.n_filled, 60 * 40 - r->nnz);
    cr_expect_eq(c.unknown_items, 0);
    cr_expect_eq(c.n_all, 0);
    cr_expect(isnan(c.rmse_all));
    free(full);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
    support_matrix_clear(&matrix);
}

Test(predict, completion_of_other_data_with_truth_by_id) {
    mixfill_ratings *r = load(TRAINING);
    mixfill_model *m = fit(r, 1, true);
    mixfill_completion c;
    mixfill_error err;
    /* columns z, new, x; cells: d: 1 g 3; e: 1.5 5 2 */
    mixfill_ratings *data = load("d,z,1\ne,new,5\ne,x,2\n");
    mixfill_ratings *truth = load("e,z,2\ne,x,2.5\nd,x,1\nstranger,x,1\nd,other,1\n");
    cr_assert_eq(mixfill_complete(m, &c, data, truth, &(mixfill_filling){.path = "out.txt"},
                                  &(mixfill_run){.threads = 1}, &err),
                 MIXFILL_OK, "%s", err.message);
    cr_expect_eq(c.n_filled, 3);
    cr_expect_eq(c.unknown_items, 1);
    cr_expect_eq(c.n_all, 3);
    cr_expect_eq(c.n_missing, 2);
    support_close("all", c.rmse_all, sqrt((0.25 + 0.25 + 4) / 3), 1e-14);
    support_close("missing", c.rmse_missing, sqrt((0.25 + 4) / 2), 1e-14);
    char text[128] = "", want[128];
    FILE *f = fopen("out.txt", "r");
    cr_assert_not_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    snprintf(want, sizeof want, "1 %.16g 3\n1.5 5 2\n", GLOBAL);
    cr_expect_str_eq(text, want);
    mixfill_ratings_free(truth);
    mixfill_ratings_free(data);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(predict, truth_of_another_shape_is_refused) {
    mixfill_ratings *r = load("1 2 3 4 5\n2 1 0 1 0\n"), *truth = load("1 2 3 4 5\n");
    mixfill_model *m = fit(r, 1, true);
    mixfill_completion c = {.n_all = -7};
    cr_expect_eq(mixfill_complete(m, &c, r, truth, &(mixfill_filling){.path = "out.txt"},
                                  &(mixfill_run){.threads = 1}, NULL),
                 MIXFILL_ERR_DIM);
    cr_expect_eq(c.n_all, -7);
    cr_expect_neq(access("out.txt", F_OK), 0);
    cr_expect_eq(mixfill_complete(m, &c, r, NULL, &(mixfill_filling){.path = "no/such/out.txt"},
                                  &(mixfill_run){.threads = 1}, NULL),
                 MIXFILL_ERR_IO);
    mixfill_model_free(m);
    mixfill_ratings_free(truth);
    mixfill_ratings_free(r);
}

static char *slurp(const char *path, size_t *len) {
    char *bytes = calloc(1, 1 << 16);
    FILE *f = fopen(path, "rb");
    cr_assert(bytes != NULL && f != NULL, "%s", path);
    *len = fread(bytes, 1, (1 << 16) - 1, f);
    fclose(f);
    return bytes;
}

/* By index where neither side has ids; items are 1.5 1.5 3 2.5 5 on average. */
Test(predict, truth_by_index) {
    mixfill_ratings *r = load("1 2 3 4 5\n2 1 0 1 0\n");
    mixfill_ratings *truth = load("1 2 3 4 5\n2 1 2 1 7\n");
    mixfill_model *m = fit(r, 1, true);
    mixfill_completion c;
    cr_assert_eq(mixfill_complete(m, &c, r, truth, NULL, &(mixfill_run){.threads = 1}, NULL),
                 MIXFILL_OK);
    cr_expect_eq(c.n_filled, 2);
    cr_expect_eq(c.n_all, 10);
    cr_expect_eq(c.n_missing, 2);
    support_close("all", c.rmse_all, sqrt(0.5), 1e-14);
    support_close("missing", c.rmse_missing, sqrt(2.5), 1e-14);
    mixfill_model_free(m);
    mixfill_ratings_free(truth);
    mixfill_ratings_free(r);
}

/* numpy.save's bytes, for any number of threads, with and without users in the model. */
Test(predict, completion_writes_the_same_npy) {
    support_random spec = {
        .n = 70, .d = 9, .density = 0.4, .levels = 10, .low = 0.5, .step = 0.5, .seed = 3};
    support_matrix matrix = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&matrix);
    mixfill_completion c;
    size_t len, first_len = 0;
    char *first = NULL;
    const int32_t threads[] = {1, 2, 3, 7};
    for (int i = 0; i < 8; i++) {
        mixfill_model *m = fit(r, 3, i < 4);
        cr_assert_eq(mixfill_complete(m, &c, r, NULL, &(mixfill_filling){.path = "o.npy"},
                                      &(mixfill_run){.threads = threads[i % 4]}, NULL),
                     MIXFILL_OK);
        char *bytes = slurp("o.npy", &len);
        if (first == NULL) {
            first = bytes;
            first_len = len;
        } else {
            cr_assert(len == first_len && memcmp(bytes, first, len) == 0, "run %d", i);
            free(bytes);
        }
        mixfill_model_free(m);
    }
    static const char HEADER[] = "\x93NUMPY\x01\0\x76\0{'descr': '<f8', 'fortran_order': False, "
                                 "'shape': (70, 9), }";
    cr_expect_eq(first_len, 128 + 70 * 9 * sizeof(double));
    cr_expect_eq(memcmp(first, HEADER, sizeof HEADER - 1), 0);
    cr_expect_eq(first[127], '\n');
    free(first);
    mixfill_ratings_free(r);
    support_matrix_clear(&matrix);
}

/* Users and items in the opposite order, under the same ids: the same bits, elsewhere. */
Test(predict, fold_in_does_not_depend_on_the_order_of_the_data) {
    enum { N = 30, D = 12, K = 3 };
    support_random spec = {
        .n = N, .d = D, .density = 0.5, .levels = 10, .low = 0.5, .step = 0.5, .seed = 4};
    support_matrix matrix = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&matrix), *back = NULL;
    mixfill_model *m = fit(r, K, true);
    mixfill_completion c;
    int32_t item[D] = {0}, n_items = 0;
    FILE *f = fopen("back.csv", "w");
    cr_assert_not_null(f);
    for (int u = N - 1; u >= 0; u--) {
        cr_assert_geq(r->row_ptr[u + 1] - r->row_ptr[u], 1, "every user is in the file");
        for (int j = D - 1; j >= 0; j--)
            if (matrix.mask[u * D + j])
                fprintf(f, "%d,%d,%g\n", u, j, matrix.x[u * D + j]);
    }
    fclose(f);
    cr_assert_eq(mixfill_ratings_load(&back, NULL, "back.csv", NULL, NULL), MIXFILL_OK);
    for (n_items = 0; n_items < mixfill_ratings_n_items(back); n_items++) {
        char buffer[MIXFILL_ID_BUFFER];
        item[n_items] = atoi(mixfill_ids_get(&back->item_ids, n_items, buffer));
    }
    cr_assert_eq(n_items, D);
    cr_assert_eq(mixfill_complete(m, &c, back, NULL, &(mixfill_filling){.path = "back.npy"},
                                  &(mixfill_run){.threads = 2}, NULL),
                 MIXFILL_OK);
    cr_expect_eq(c.unknown_items, 0);
    double *full = read_npy("back.npy", N * D);
    for (int32_t row = 0; row < N; row++)
        for (int32_t col = 0; col < D; col++) {
            int32_t u = N - 1 - row, j = item[col];
            double want = 0;
            for (int32_t k = 0; k < K; k++)
                want += mixfill_model_responsibility(m, u, k) * mixfill_model_mean(m, k, j);
            if (!matrix.mask[u * D + j])
                cr_assert_eq(full[row * D + col], want, "user %d, item %d", u, j);
        }
    free(full);
    mixfill_model_free(m);
    mixfill_ratings_free(back);
    mixfill_ratings_free(r);
    support_matrix_clear(&matrix);
}

Test(predict, csv_bytes) {
    mixfill_ratings *r = load(DYADIC);
    mixfill_model *m = fit(r, 1, true);
    mixfill_prediction_report report;
    mixfill_error err;
    size_t len;
    put("pairs", "nobody,y\na,\"x,\"\"1\"\"\"\nb,nothing\na,\"x,\"\"1\"\"\"\na,no\n\"\"\"\",?\n");
    cr_assert_eq(
        mixfill_predict_csv(m, &report, "pairs", NULL, NULL, MIXFILL_DIGITS_FULL, "out.csv", &err),
        MIXFILL_OK, "%s", err.message);
    char *text = slurp("out.csv", &len);
    cr_expect_str_eq(text, "user,item,rating,sd,known_user,known_item\n"
                           "nobody,y,3.25,0.5,0,1\n"
                           "a,\"x,\"\"1\"\"\",2.5,0.5,1,1\n"
                           "b,nothing,2.875,0.625,1,0\n"
                           "a,\"x,\"\"1\"\"\",2.5,0.5,1,1\n"
                           "a,no,2.875,0.625,1,0\n"
                           "\"\"\"\",?,2.875,0.625,0,0\n");
    cr_expect_eq(report.n, 6);
    cr_expect_eq(report.n_unknown_user, 2);
    cr_expect_eq(report.n_unknown_item, 3);
    cr_expect_eq(report.read.lines, 6);
    cr_expect_eq(report.read.format, MIXFILL_FORMAT_CSV);
    free(text);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* A bad line: the output that was there stays, nothing else is left; skipped where asked for. */
Test(predict, csv_of_a_bad_file) {
    mixfill_ratings *r = load(TRAINING);
    mixfill_model *m = fit(r, 1, true);
    mixfill_prediction_report report = {.n = -7};
    mixfill_error err = {.line = -7};
    mixfill_read_options o;
    size_t len;
    put("pairs", "a,x\nb\n,y\nc,z\n");
    put("out.csv", "before");
    cr_expect_eq(
        mixfill_predict_csv(m, &report, "pairs", NULL, NULL, MIXFILL_DIGITS_FULL, "out.csv", &err),
        MIXFILL_ERR_PARSE);
    cr_expect_eq(err.line, 2);
    cr_expect_eq(report.n, -7);
    char *text = slurp("out.csv", &len);
    cr_expect_str_eq(text, "before");
    free(text);
    cr_expect_eq(system("test $(ls -A | wc -l) = 3"), 0, "a temporary is left behind");
    mixfill_read_options_init(&o);
    o.skip_bad_lines = true;
    cr_expect_eq(
        mixfill_predict_csv(m, &report, "pairs", NULL, &o, MIXFILL_DIGITS_FULL, "out.csv", &err),
        MIXFILL_OK);
    cr_expect_eq(report.n, 2);
    cr_expect_eq(report.read.skipped, 2);
    cr_expect_eq(
        mixfill_predict_csv(m, &report, "absent", NULL, NULL, MIXFILL_DIGITS_FULL, "new.csv", &err),
        MIXFILL_ERR_IO);
    cr_expect_neq(access("new.csv", F_OK), 0);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

static int collect(const mixfill_prediction *p, void *data) {
    char *all = data;
    size_t len = strlen(all);
    snprintf(all + len, 64 - len, "%s-%s:%d%d ", p->user, p->item, p->known_user, p->known_item);
    return 0;
}

Test(predict, columns_of_pairs) {
    mixfill_ratings *r = load(TRAINING);
    mixfill_model *m = fit(r, 1, true);
    static const struct {
        const char *pairs;
        bool transpose;
    } cases[] = {
        {"a,y\nno,x\n", false},
        {"userId,movieId\na,y\nno,x\n", false},
        {"movieId,userId\ny,a\nx,no\n", false},
        {"timestamp,item,rating,USER_ID\n9,y,?,a\n8,x,,no\n", false},
        {"\"item\",\"user\"\r\n\"y\",\"a\"\r\nx,no\r\n", false},
        {"y,a\nx,no\n", true},
        {"userId,movieId\ny,a\nx,no\n", true},
        {"a::y::5\nno::x::5\n", false},
        {"a\ty\nno\tx\n", false},
        {"a y 1\nno x 2\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char all[64] = "";
        mixfill_error err;
        mixfill_read_options o;
        mixfill_read_options_init(&o);
        o.transpose = cases[i].transpose;
        put("pairs", cases[i].pairs);
        cr_expect_eq(mixfill_predict_file(m, NULL, "pairs", NULL, &o, collect, all, &err),
                     MIXFILL_OK, "case %zu: %s", i, err.message);
        cr_expect_str_eq(all, "a-y:11 no-x:01 ", "case %zu", i);
    }
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

static mixfill_status complete_and_evaluate(const mixfill_model *m, const mixfill_ratings *r,
                                            const mixfill_ratings *truth) {
    mixfill_completion c;
    mixfill_evaluation e;
    mixfill_status st = mixfill_complete(m, &c, r, truth, &(mixfill_filling){.path = "o.npy"},
                                         &(mixfill_run){.threads = 1}, NULL);
    if (st == MIXFILL_OK)
        st = mixfill_evaluate(m, &e, truth, NULL, NULL);
    if (st == MIXFILL_OK)
        st =
            mixfill_predict_csv(m, NULL, "ratings", NULL, NULL, MIXFILL_DIGITS_FULL, "o.csv", NULL);
    return st;
}

Test(predict, out_of_memory) {
    mixfill_ratings *r = load("d,z,1\ne,new,5\ne,x,2\n"), *truth = load("e,z,2\nd,x,1\n");
    mixfill_ratings *training = load(TRAINING);
    mixfill_model *m = fit(training, 2, true);
    int64_t live = mixfill_alloc_live;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    for (int64_t budget = 0; st != MIXFILL_OK; budget++) {
        mixfill_alloc_budget = budget;
        st = complete_and_evaluate(m, r, truth);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM, "%s", mixfill_status_string(st));
        cr_assert(st == MIXFILL_ERR_NOMEM || budget > 20);
        cr_assert_eq(mixfill_alloc_live, live, "budget %d", (int)budget);
        cr_assert_eq(access("o.csv", F_OK) == 0, st == MIXFILL_OK, "budget %d", (int)budget);
        cr_assert_eq(system("test -z \"$(ls -A | grep -v -x -e ratings -e o.npy -e o.csv)\""), 0,
                     "a temporary is left behind");
    }
    mixfill_model_free(m);
    mixfill_ratings_free(training);
    mixfill_ratings_free(truth);
    mixfill_ratings_free(r);
}

static int stop_at_once(const mixfill_prediction *p, void *data) {
    (void)p;
    ++*(int *)data;
    return 1;
}

Test(predict, a_callback_can_stop) {
    mixfill_ratings *r = load(TRAINING);
    mixfill_model *m = fit(r, 1, true);
    mixfill_prediction_report report = {.n = -7};
    int calls = 0;
    cr_expect_eq(
        mixfill_predict_file(m, &report, "ratings", NULL, NULL, stop_at_once, &calls, NULL),
        MIXFILL_ERR_CANCELLED);
    cr_expect_eq(calls, 1);
    cr_expect_eq(report.n, -7);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* Digits by the sd, as asked for, or all; never a zero with a sign; nothing cut from what is large.
 */
Test(predict, digits) {
    const int32_t automatic = MIXFILL_DIGITS_AUTO, full = MIXFILL_DIGITS_FULL;
    const struct {
        double value, sd;
        int32_t digits;
        const char *text;
    } cases[] = {
        {3.6249, 0.9, automatic, "3.62"},
        {3.6249, 0.5, automatic, "3.62"},
        {3.6249, 0.49, automatic, "3.625"},
        {3.6249, 50, automatic, "4"},
        {3.6249, 5, automatic, "3.6"},
        {1234.5, 70, automatic, "1234"},
        {1234567.5, 1e5, automatic, "1234568"},
        {-0.001, 0.9, automatic, "0.00"},
        {-0.2, 50, automatic, "0"},
        {-3.6249, 0.9, automatic, "-3.62"},
        {0.1, 1e-30, automatic, "0.1"},
        {0.1 + 0.2, 0, automatic, "0.30000000000000004"},
        {0.1 + 0.2, (double)NAN, automatic, "0.30000000000000004"},
        {0.1 + 0.2, 1, full, "0.30000000000000004"},
        {0.1 + 0.2, 1, 0, "0"},
        {0.1 + 0.2, 1, 3, "0.300"},
        {0.1 + 0.2, 1, 15, "0.300000000000000"},
        {0.1 + 0.2, 1, 16, "0.30000000000000004"},
        {-999999999, 1, 15, "-999999999.000000000000000"},
        {-1.5e150, 1, 2, "-1.5e+150"},
        {(double)NAN, 1, 2, "nan"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[MIXFILL_RATING_TEXT];
        size_t len = mixfill_format_rating(text, cases[i].value, cases[i].sd, cases[i].digits);
        cr_expect_str_eq(text, cases[i].text, "%zu", i);
        cr_expect_eq(len, strlen(text), "%zu", i);
    }
}
