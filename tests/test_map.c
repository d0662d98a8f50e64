/* `map` against a plain dense reading of its equations: centring, start, iterations, prediction. */
#include "base/rng.h"
#include "mixture/mixtures.h"
#include "model/cell.h"
#include "model/model.h"
#include "ratings/ratings.h"
#include "ref_map.h"
#include "support.h"
#include "use/fold_in.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One case: shape, density, whether values are few, K, tau, seed. */
typedef struct spec {
    size_t n, d;
    double density;
    int levels;
    int32_t k;
    double tau;
    uint32_t seed;
} spec;

static const spec specs[] = {{60, 12, 0.5, 9, 3, 10, 1},   {60, 12, 0.5, 0, 3, 10, 2},
                             {300, 40, 0.1, 9, 8, 10, 3},  {40, 7, 0.3, 5, 1, 10, 4},
                             {300, 9, 0.9, 9, 17, 2.5, 5}, {50, 30, 0.06, 3, 2, 100, 6}};
enum { N_SPECS = sizeof specs / sizeof specs[0], ITERATIONS = 7 };

static support_matrix matrix_of(const spec *s) {
    support_random random = {.n = s->n,
                             .d = s->d,
                             .density = s->density,
                             .levels = s->levels,
                             .low = 1,
                             .step = 0.5,
                             .seed = s->seed};
    return support_matrix_random(&random);
}

static mixfill_options options_of(const spec *s) {
    mixfill_options o;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = s->k;
    o.prior_strength = s->tau;
    o.seed = s->seed;
    o.tol = 0;
    o.max_iter = ITERATIONS;
    return o;
}

/* History, parameters and responsibilities. */
static void compare(const mixfill_model *m, const ref_map *f, double final) {
    for (size_t k = 0; k < f->k; k++) {
        support_close("weight", mixfill_mixtures_of(m)->weight[k], f->weight[k], 1e-9);
        for (size_t j = 0; j < f->d; j++) {
            support_close("mu", mixfill_mixtures_of(m)->mu[j * mixfill_mixtures_of(m)->kp + k],
                          f->mu[k][j], 1e-9);
            support_close("s0", mixfill_mixtures_of(m)->s0[j * mixfill_mixtures_of(m)->kp + k],
                          f->s0[k][j], 1e-8);
        }
        for (size_t u = 0; u < f->n; u++)
            support_close("resp", mixfill_mixtures_of(m)->resp[u * f->k + k], f->resp[u][k], 1e-8);
    }
    for (size_t j = 0; j < f->d; j++) {
        support_close("var", mixfill_mixtures_of(m)->var[j], f->v[j], 1e-9);
        support_close("offset", mixfill_mixtures_of(m)->offset_item[j], f->item[j], 1e-12);
    }
    support_close("noise", mixfill_mixtures_of(m)->noise_mean[0], f->noise_mean, 1e-9);
    cr_expect(isfinite(final));
}

/* A few cells, of all users. */
static void compare_predictions(const mixfill_model *m, const ref_map *f) {
    for (size_t u = 0; u < f->n; u++) {
        size_t j = u % f->d;
        double mean, sd;
        mixfill_person person = mixfill_person_known(m, (int32_t)u);
        mixfill_cell cell = mixfill_predict_cell(m, &person, (int32_t)j);
        ref_map_predict(f, u, j, &mean, &sd);
        support_close("mean", cell.mean, mean, 1e-8);
        support_close("sd", cell.sd, sd, 1e-8);
        support_close("clipped", cell.clipped,
                      fmin(fmax(mean, m->rating_range[0]), m->rating_range[1]), 1e-8);
    }
}

Test(map, is_the_dense_one) {
    static ref_map f;
    for (size_t i = 0; i < N_SPECS; i++) {
        support_matrix r = matrix_of(&specs[i]);
        mixfill_ratings *ratings = support_ratings(&r);
        mixfill_options o = options_of(&specs[i]);
        mixfill_result result = {0};
        mixfill_model *m = NULL;
        mixfill_error err;
        cr_assert_eq(mixfill_fit(&m, &result, ratings, &o, &err), MIXFILL_OK, "%s", err.message);
        memset(&f, 0, sizeof f);
        f.n = specs[i].n;
        f.d = specs[i].d;
        f.k = (size_t)specs[i].k;
        f.r = r.x;
        f.mask = r.mask;
        f.tau = specs[i].tau;
        f.min_var = o.min_var;
        int32_t rows[REF_MAP_MAX_K];
        cr_assert_eq(mixfill_numpy_choice(rows, specs[i].k, (int32_t)f.n, o.seed, NULL),
                     MIXFILL_OK);
        ref_map_centre(&f);
        ref_map_start(&f, rows);
        for (int t = 0; t < ITERATIONS; t++) {
            double want = ref_map_estep(&f);
            support_close("log-likelihood", result.history[t].log_likelihood, want,
                          1e-9 * fabs(want));
            ref_map_mstep(&f);
        }
        double final = ref_map_estep(&f);
        support_close("final", result.final_log_likelihood, final, 1e-9 * fabs(final));
        compare(m, &f, final);
        compare_predictions(m, &f);
        mixfill_result_clear(&result);
        mixfill_model_free(m);
        mixfill_ratings_free(ratings);
        support_matrix_clear(&r);
    }
}

Test(map, fold_in_of_training_is_training) {
    for (int average = 0; average < 2; average++) {
        support_matrix r = matrix_of(&specs[2]);
        mixfill_ratings *ratings = support_ratings(&r);
        mixfill_options o = options_of(&specs[2]);
        mixfill_model *m = NULL;
        mixfill_people fold;
        o.n_init = average ? 3 : 1;
        o.average = average;
        cr_assert_eq(mixfill_fit(&m, NULL, ratings, &o, NULL), MIXFILL_OK);
        cr_assert_eq(m->params->shape.n_mixtures, o.n_init);
        cr_assert_eq(mixfill_fold_in(&fold, m, ratings, 3, NULL), MIXFILL_OK);
        size_t size = (size_t)m->params->shape.n_mixtures * r.n * (size_t)m->options.n_components;
        cr_expect_arr_eq(fold.latent, mixfill_mixtures_of(m)->resp,
                         size * sizeof *mixfill_mixtures_of(m)->resp);
        cr_expect_arr_eq(fold.offset, mixfill_mixtures_of(m)->offset_user,
                         r.n * sizeof *mixfill_mixtures_of(m)->offset_user);
        cr_expect_arr_eq(fold.count, m->user_count, r.n * sizeof *m->user_count);
        cr_expect_eq(fold.dropped, 0);
        mixfill_people_clear(&fold);
        mixfill_model_free(m);
        mixfill_ratings_free(ratings);
        support_matrix_clear(&r);
    }
}

/* An average's cell is the mean of its mixtures', each fitted alone. */
Test(map, averages_predictions) {
    support_matrix r = matrix_of(&specs[0]);
    mixfill_ratings *ratings = support_ratings(&r);
    mixfill_options o = options_of(&specs[0]);
    mixfill_model *all = NULL, *one[3];
    o.n_init = 3;
    o.average = true;
    cr_assert_eq(mixfill_fit(&all, NULL, ratings, &o, NULL), MIXFILL_OK);
    o.n_init = 1;
    o.average = false;
    for (uint32_t i = 0; i < 3; i++) {
        o.seed = specs[0].seed + i;
        cr_assert_eq(mixfill_fit(&one[i], NULL, ratings, &o, NULL), MIXFILL_OK);
    }
    for (int32_t u = 0; u < 60; u++) {
        int32_t j = u % 12;
        double mean = 0, clipped = 0, variance = 0;
        for (int i = 0; i < 3; i++) {
            mixfill_person person = mixfill_person_known(one[i], u);
            mixfill_cell cell = mixfill_predict_cell(one[i], &person, j);
            mean += cell.mean / 3;
            clipped += cell.clipped / 3;
            variance += cell.sd * cell.sd / 3;
        }
        mixfill_person person = mixfill_person_known(all, u);
        mixfill_cell cell = mixfill_predict_cell(all, &person, j);
        support_close("mean", cell.mean, mean, 1e-12);
        support_close("clipped", cell.clipped, clipped, 1e-12);
        support_close("sd", cell.sd, sqrt(variance), 1e-12);
    }
    for (int i = 0; i < 3; i++)
        mixfill_model_free(one[i]);
    mixfill_model_free(all);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&r);
}

/* What is unknown falls to its prior, and is less sure. */
Test(map, unknown_users_and_items) {
    support_matrix r = matrix_of(&specs[0]);
    mixfill_ratings *ratings = support_ratings(&r);
    mixfill_options o = options_of(&specs[0]);
    mixfill_model *m = NULL;
    cr_assert_eq(mixfill_fit(&m, NULL, ratings, &o, NULL), MIXFILL_OK);
    mixfill_person nobody = mixfill_person_unknown(m), someone = mixfill_person_known(m, 0);
    mixfill_cell both = mixfill_predict_cell(m, &nobody, -1);
    double resp2 = 0, v = mixfill_mixtures_of(m)->noise_mean[0];
    for (size_t k = 0; k < 3; k++)
        resp2 += mixfill_mixtures_of(m)->weight[k] * mixfill_mixtures_of(m)->weight[k];
    support_close("mean", both.mean, m->global_mean, 1e-12);
    support_close("variance", both.sd * both.sd, v * (1 + resp2 / 10 + 1.0 / 8 + 1.0 / 3), 1e-12);
    mixfill_cell item = mixfill_predict_cell(m, &someone, -1);
    support_close("mean", item.mean, m->global_mean + mixfill_mixtures_of(m)->offset_user[0],
                  1e-12);
    double mixed = m->global_mean + mixfill_mixtures_of(m)->offset_item[4];
    for (size_t k = 0; k < 3; k++)
        mixed += mixfill_mixtures_of(m)->weight[k] *
                 mixfill_mixtures_of(m)->mu[4 * mixfill_mixtures_of(m)->kp + k];
    support_close("mean", mixfill_predict_cell(m, &nobody, 4).mean, mixed, 1e-12);
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&r);
}

/* No item is surer than --min-var, an unknown one neither. */
Test(map, variances_have_a_floor) {
    mixfill_rating cells[] = {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 2, 1}, {2, 1, 1}};
    mixfill_ratings *ratings = NULL;
    mixfill_options o;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = 1;
    cr_assert_eq(mixfill_ratings_from_triplets(&ratings, cells, 5, 3, 3, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_fit(&m, NULL, ratings, &o, NULL), MIXFILL_OK);
    mixfill_person nobody = mixfill_person_unknown(m), someone = mixfill_person_known(m, 0);
    cr_expect_geq(mixfill_predict_cell(m, &nobody, -1).sd, sqrt(0.1));
    cr_expect_geq(mixfill_predict_cell(m, &someone, -1).sd,
                  mixfill_predict_cell(m, &someone, 0).sd);
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
}

/* Equal ratings leave nothing to fit; tau = 0 leaves means without support at 0. */
Test(map, degenerate_data_stays_finite) {
    for (double tau = 0; tau <= 10; tau += 10) {
        mixfill_rating cells[] = {{0, 0, 3}, {1, 0, 3}, {1, 2, 3}, {3, 1, 3}};
        mixfill_ratings *ratings = NULL;
        mixfill_options o;
        mixfill_model *m = NULL;
        mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
        o.n_components = 2;
        o.prior_strength = tau;
        cr_assert_eq(mixfill_ratings_from_triplets(&ratings, cells, 4, 5, 4, NULL), MIXFILL_OK);
        cr_assert_eq(mixfill_fit(&m, NULL, ratings, &o, NULL), MIXFILL_OK);
        for (int32_t u = -1; u < 5; u++)
            for (int32_t j = -1; j < 4; j++) {
                mixfill_person person =
                    u < 0 ? mixfill_person_unknown(m) : mixfill_person_known(m, u);
                mixfill_cell cell = mixfill_predict_cell(m, &person, j);
                support_close("mean", cell.clipped, 3, 1e-12);
                cr_expect(isfinite(cell.sd) && cell.sd > 0);
            }
        mixfill_model_free(m);
        mixfill_ratings_free(ratings);
    }
}

/* Blocks of more users than the E-step takes at once: each user has its own offset, so that the
 * iteration's log-likelihood at its end is that of the model. */
Test(map, blocks_of_many_users) {
    mixfill_generate_options g;
    mixfill_ratings *r = NULL;
    mixfill_model *m = NULL;
    mixfill_result result;
    mixfill_options o;
    mixfill_generate_options_init(&g);
    g.n_users = 20000;
    g.n_items = 60;
    g.n_ratings = 200000;
    cr_assert_eq(mixfill_generate(&r, &g, NULL), MIXFILL_OK);
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.tol = 0;
    for (int32_t k = 1; k < 4; k++) {
        o.n_components = k;
        o.max_iter = k == 1 ? 3 : 60;
        cr_assert_eq(mixfill_fit(&m, &result, r, &o, NULL), MIXFILL_OK);
        support_close("log-likelihood", result.log_likelihood, result.final_log_likelihood,
                      (k == 1 ? 1e-9 : 1e-4) * fabs(result.final_log_likelihood));
        mixfill_result_clear(&result);
        mixfill_model_free(m);
    }
    mixfill_ratings_free(r);
}
