/* `factor` against a dense reading of its equations (ref_factor.c), iteration by iteration; its
 * folding, prediction, files and limits; and its accuracy on MovieLens. */
#include "base/par.h"
#include "base/rng.h"
#include "factor/factor_batch.h"
#include "factor/factor_em.h"
#include "fit/memory.h"
#include "model/cell.h"
#include "ref_factor.h"
#include "support.h"
#include "use/fold_in.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { USERS, ITEMS, ITERATIONS = 9 };

/* Moments are summed from floats. */
static const double CLOSE = 2e-5;

/* Users 5 and 7 and items 3 and 4 have no rating and a single one. */
static support_matrix sparse_matrix(int levels) {
    support_random spec = {REF_USERS, REF_ITEMS, 0.45, levels, 0.5, 0.5, 11};
    support_matrix m = support_matrix_random(&spec);
    for (size_t j = 0; j < REF_ITEMS; j++)
        m.mask[5 * REF_ITEMS + j] = m.mask[7 * REF_ITEMS + j] = 0;
    for (size_t u = 0; u < REF_USERS; u++)
        m.mask[u * REF_ITEMS + 3] = m.mask[u * REF_ITEMS + 4] = 0;
    m.mask[7 * REF_ITEMS + 9] = m.mask[2 * REF_ITEMS + 4] = 1;
    m.x[7 * REF_ITEMS + 9] = m.x[2 * REF_ITEMS + 4] = 2;
    return m;
}

/* A fit that the tests drive iteration by iteration, beside its dense twin. */
typedef struct twins {
    support_matrix matrix;
    mixfill_ratings *ratings;
    mixfill_options options;
    mixfill_job job;
    mixfill_factor_workspace ws;
    mixfill_factors *params;
    ref_factor *ref;
} twins;

static void copy_start(ref_factor *f, const twins *t) {
    const mixfill_factors *p = t->params;
    double g = 0, squares = 0, n = 0;
    for (size_t i = 0; i < REF_USERS * REF_ITEMS; i++)
        if (t->matrix.mask[i]) {
            g += t->matrix.x[i];
            n++;
        }
    g /= n;
    for (size_t i = 0; i < REF_USERS * REF_ITEMS; i++)
        squares += t->matrix.mask[i] ? pow(t->matrix.x[i] - g, 2) : 0;
    for (size_t u = 0; u < REF_USERS; u++)
        for (size_t j = 0; j < REF_ITEMS; j++) {
            f->seen[u][j] = t->matrix.mask[u * REF_ITEMS + j];
            f->x[u][j] = (t->matrix.x[u * REF_ITEMS + j] - g) / sqrt(squares / n);
        }
    f->implicit = t->options.implicit;
    f->iterations = t->options.max_iter;
    f->side[USERS] = (ref_side){.n = REF_USERS, .d = REF_RANK};
    f->side[ITEMS] = (ref_side){.n = REF_ITEMS, .d = REF_Q};
    f->side[USERS].lambda = 1.5 / t->options.implicit_strength;
    f->side[ITEMS].lambda = 1 / t->options.implicit_strength;
    for (size_t i = 0; i < REF_RANK; i++)
        f->side[USERS].prior[i][i] = 1;
    for (size_t i = 0; i < REF_Q; i++)
        f->side[ITEMS].prior[i][i] = i == 0 ? 0.5 : 0.02;
    f->side[ITEMS].centre[1] = 0.4;
    for (size_t u = 0; u < REF_USERS; u++)
        f->s[u] = 1;
    for (size_t j = 0; j < REF_ITEMS; j++) {
        f->v[j] = 0.75;
        for (size_t i = 0; i < REF_Q; i++) {
            f->side[ITEMS].mean[j][i] = p->w[j * REF_Q + i];
            f->side[ITEMS].cov[j][i][i] = 0.01;
        }
    }
}

static void twins_init(twins *t, int levels, bool implicit, double strength) {
    *t = (twins){.matrix = sparse_matrix(levels)};
    t->ratings = support_ratings(&t->matrix);
    mixfill_options_init_model(&t->options, MIXFILL_MODEL_FACTOR);
    t->options.rank = REF_RANK;
    t->options.max_iter = ITERATIONS;
    t->options.implicit = implicit;
    t->options.implicit_strength = strength;
    t->options.threads = 2;
    cr_assert_eq(mixfill_job_init(&t->job, t->ratings, &t->options, false, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_factor_workspace_init(&t->ws, &t->job, NULL), MIXFILL_OK);
    t->params = (mixfill_factors *)mixfill_job_params(&t->job, false);
    cr_assert_not_null(t->params);
    mixfill_factor_start(&t->ws, t->params, 3);
    t->ref = calloc(1, sizeof *t->ref);
    copy_start(t->ref, t);
}

static void twins_clear(twins *t) {
    mixfill_factor_workspace_clear(&t->ws);
    mixfill_params_free((mixfill_params *)t->params);
    mixfill_job_clear(&t->job);
    mixfill_ratings_free(t->ratings);
    support_matrix_clear(&t->matrix);
    free(t->ref);
}

static void compare_rows(const char *what, const double *mean, const double *cov,
                         const ref_side *ref) {
    size_t d = (size_t)ref->d;
    for (size_t r = 0; r < (size_t)ref->n; r++)
        for (size_t i = 0; i < d; i++) {
            support_close(what, mean[r * d + i], ref->mean[r][i], CLOSE);
            for (size_t k = 0; k <= i; k++)
                support_close(what, cov[r * mixfill_packed(d) + mixfill_packed(i) + k],
                              ref->cov[r][i][k], CLOSE);
        }
}

static void compare_prior(const char *what, const double *centre, const double *cov,
                          const ref_side *ref) {
    size_t d = (size_t)ref->d;
    for (size_t i = 0; i < d; i++) {
        support_close(what, centre[i], ref->centre[i], CLOSE);
        for (size_t k = 0; k < d; k++)
            support_close(what, cov[i * d + k], ref->prior[i][k], CLOSE);
    }
}

static void compare(const twins *t) {
    const mixfill_factors *p = t->params;
    const ref_factor *f = t->ref;
    compare_rows("users", p->user_factor, p->user_cov, &f->side[USERS]);
    compare_rows("items", p->w, p->w_cov, &f->side[ITEMS]);
    compare_prior("users' prior", p->xi, p->omega, &f->side[USERS]);
    compare_prior("items' prior", p->m, p->phi, &f->side[ITEMS]);
    support_close("ebar", p->scale[2], f->mean_error, CLOSE);
    for (size_t j = 0; j < REF_ITEMS; j++) {
        support_close("v", p->v[j], f->v[j], CLOSE);
        for (size_t i = 0; i < REF_RANK; i++)
            support_close("y", p->y[j * REF_RANK + i], f->side[USERS].y[j][i], CLOSE);
    }
    for (size_t u = 0; u < REF_USERS; u++)
        support_close("s", p->user_scale[u], f->s[u], CLOSE);
}

static void run_twins(int levels, bool implicit, double strength) {
    twins t;
    twins_init(&t, levels, implicit, strength);
    for (int32_t it = 0; it < ITERATIONS; it++) {
        double want = ref_factor_iteration(t.ref, it);
        double got = mixfill_factor_iteration(&t.ws, t.params, it);
        support_close("log-likelihood", got, want, CLOSE * fabs(want));
        double last = mixfill_factor_finish(&t.ws, t.params);
        want = ref_factor_log_likelihood(t.ref);
        support_close("final log-likelihood", last, want, CLOSE * fabs(want));
        compare(&t);
    }
    twins_clear(&t);
}

Test(factor, iterations_with_implicit_terms) {
    run_twins(9, true, 1);
}

Test(factor, iterations_with_a_stronger_shift_and_uncoded_ratings) {
    run_twins(0, true, 3);
}

Test(factor, iterations_of_ratings_only) {
    run_twins(9, false, 1);
    run_twins(0, false, 1);
}

/* But for the shift, which it sums anew from floats. */
Test(factor, finish_changes_nothing_but_the_scales) {
    twins a, b;
    twins_init(&a, 9, true, 1);
    twins_init(&b, 9, true, 1);
    for (int32_t it = 0; it < ITERATIONS; it++) {
        mixfill_factor_iteration(&a.ws, a.params, it);
        mixfill_factor_finish(&a.ws, a.params);
        mixfill_factor_iteration(&b.ws, b.params, it);
    }
    const mixfill_factors *f = a.params, *g = b.params;
    for (size_t i = 0; i < (size_t)REF_ITEMS * REF_Q; i++)
        support_close("w", f->w[i], g->w[i], 1e-7);
    for (size_t i = 0; i < (size_t)REF_ITEMS * mixfill_packed(REF_Q); i++)
        support_close("w_cov", f->w_cov[i], g->w_cov[i], 1e-7);
    for (size_t i = 0; i < (size_t)REF_USERS * REF_RANK; i++)
        support_close("users", f->user_factor[i], g->user_factor[i], 1e-7);
    for (size_t i = 0; i < (size_t)REF_RANK * REF_RANK; i++)
        support_close("omega", f->omega[i], g->omega[i], 1e-7);
    for (size_t i = 0; i < REF_ITEMS; i++)
        support_close("v", f->v[i], g->v[i], 1e-7);
    twins_clear(&a);
    twins_clear(&b);
}

Test(factor, every_instruction_set) {
    char names[64];
    snprintf(names, sizeof names, "%s", mixfill_kernels_available());
    char *rest = names;
    for (char *name = strtok_r(rest, " ", &rest); name != NULL; name = strtok_r(rest, " ", &rest)) {
        setenv("MIXFILL_ISA", name, 1);
        run_twins(9, true, 1);
    }
}

Test(factor, start) {
    twins t;
    twins_init(&t, 9, true, 1);
    const mixfill_factors *p = t.params;
    for (size_t j = 0; j < REF_ITEMS; j++) {
        double sum = 0, n = 0;
        mixfill_rng rng = mixfill_rng_stream(3, 0x666163, j);
        for (size_t u = 0; u < REF_USERS; u++) {
            sum += t.ref->seen[u][j] ? t.ref->x[u][j] : 0;
            n += t.ref->seen[u][j];
        }
        support_close("level", p->w[j * REF_Q], sum / (n + 5), 1e-12);
        for (size_t i = 1; i < REF_Q; i++)
            support_close("loading", p->w[j * REF_Q + i],
                          (i == 1 ? 0.4 : 0) + 0.1 * mixfill_rng_normal(&rng), 1e-15);
    }
    twins_clear(&t);
}

/* ---- fits ---- */

static mixfill_model *fit(const mixfill_ratings *ratings, const mixfill_options *options,
                          mixfill_result *result) {
    mixfill_model *m = NULL;
    mixfill_error err = {0};
    mixfill_status st = mixfill_fit(&m, result, ratings, options, &err);
    cr_assert_eq(st, MIXFILL_OK, "%s", err.message);
    return m;
}

static mixfill_options small_options(void) {
    mixfill_options o;
    mixfill_options_init_model(&o, MIXFILL_MODEL_FACTOR);
    o.rank = REF_RANK;
    o.max_iter = ITERATIONS;
    return o;
}

/* The same ratings with item 3, which had none in training, under an id that no item has. */
static mixfill_ratings *renamed(const support_matrix *given) {
    mixfill_ratings *r = NULL;
    FILE *f = fopen("renamed.csv", "w");
    for (size_t u = 0; u < REF_USERS; u++)
        for (size_t j = 0; j < REF_ITEMS; j++)
            if (given->mask[u * REF_ITEMS + j]) {
                char item[24] = "stranger";
                if (j != 3)
                    snprintf(item, sizeof item, "%zu", j);
                fprintf(f, "%zu,%s,%.17g\n", u, item, given->x[u * REF_ITEMS + j]);
            }
    fclose(f);
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "renamed.csv", NULL, NULL), MIXFILL_OK);
    return r;
}

/* Fold the rows of a matrix in, and compare with the dense reading. */
static void compare_fold(const twins *t, const mixfill_model *m, const support_matrix *given,
                         const mixfill_ratings *ratings) {
    mixfill_people fold;
    int32_t n = 0;
    cr_assert_eq(mixfill_fold_in(&fold, m, ratings, 2, NULL), MIXFILL_OK);
    for (size_t u = 0; u < REF_USERS; u++) {
        double mean[REF_RANK], cov[REF_RANK][REF_RANK], scale, x[REF_ITEMS];
        bool seen[REF_ITEMS];
        char id[24];
        snprintf(id, sizeof id, "%zu", u);
        int32_t row = mixfill_ids_find(&ratings->user_ids, id, strlen(id));
        if (row < 0)
            continue;
        n++;
        for (size_t j = 0; j < REF_ITEMS; j++) {
            seen[j] = given->mask[u * REF_ITEMS + j];
            x[j] = (given->x[u * REF_ITEMS + j] - mixfill_factors_of(m)->scale[0]) /
                   mixfill_factors_of(m)->scale[1];
        }
        ref_factor_fold(t->ref, seen, x, mean, cov, &scale);
        mixfill_person person = mixfill_people_at(&fold, row);
        support_close("scale", person.scale, scale, CLOSE);
        for (size_t i = 0; i < REF_RANK; i++) {
            support_close("folded", person.latent[i], mean[i], CLOSE);
            for (size_t k = 0; k <= i; k++)
                support_close("covariance", person.cov[mixfill_packed(i) + k], cov[i][k], CLOSE);
        }
    }
    cr_assert_eq(n, ratings->n_users);
    mixfill_people_clear(&fold);
}

/* The model that a fit makes is the twins' last iteration, and folds and predicts as the dense
 * reading does. */
Test(factor, fold_in) {
    twins t;
    support_enter_folder();
    twins_init(&t, 9, true, 1);
    mixfill_options o = t.options;
    o.seed = 3;
    mixfill_result r;
    mixfill_model *m = fit(t.ratings, &o, &r);
    for (int32_t it = 0; it < ITERATIONS; it++)
        support_close("history", r.history[it].log_likelihood, ref_factor_iteration(t.ref, it),
                      1e-2);
    cr_assert(r.converged);
    cr_assert_eq(r.stop_reason, MIXFILL_STOP_MAX_ITER);
    compare_fold(&t, m, &t.matrix, t.ratings);
    for (size_t u = 0; u < REF_USERS; u += 2) { /* of items with none and with one in training */
        support_matrix_set(&t.matrix, u, 3, 4.5);
        support_matrix_set(&t.matrix, u, 4, 1.5);
    }
    mixfill_ratings *more = support_ratings(&t.matrix), *strangers = renamed(&t.matrix);
    compare_fold(&t, m, &t.matrix, more);
    compare_fold(&t, m, &t.matrix, strangers);
    mixfill_ratings_free(more);
    mixfill_ratings_free(strangers);
    mixfill_result_clear(&r);
    mixfill_model_free(m);
    twins_clear(&t);
    support_leave_folder();
}

/* Mean and variance of a pair, either of which may be unknown (-1), as the equations have them. */
static void dense_prediction(const mixfill_model *m, int32_t u, int32_t j, double *mean,
                             double *variance) {
    const mixfill_factors *f = mixfill_factors_of(m);
    double e[REF_Q] = {1}, c[REF_Q][REF_Q] = {{0}}, w[REF_Q], cov[REF_Q][REF_Q];
    double s = u < 0 ? 1 : f->user_scale[u], v = j < 0 ? f->scale[2] : f->v[j];
    for (size_t i = 0; i < REF_RANK; i++) {
        e[i + 1] = u < 0 ? f->xi[i] : f->user_factor[(size_t)u * REF_RANK + i];
        for (size_t k = 0; k <= i; k++)
            c[i + 1][k + 1] = c[k + 1][i + 1] =
                u < 0 ? f->omega[i * REF_RANK + k]
                      : f->user_cov[(size_t)u * mixfill_packed(REF_RANK) + mixfill_packed(i) + k];
    }
    for (size_t i = 0; i < REF_Q; i++) {
        w[i] = j < 0 ? f->m[i] : f->w[(size_t)j * REF_Q + i];
        for (size_t k = 0; k <= i; k++)
            cov[i][k] = cov[k][i] =
                j < 0 ? f->phi[i * REF_Q + k]
                      : f->w_cov[(size_t)j * mixfill_packed(REF_Q) + mixfill_packed(i) + k];
    }
    double y = 0, second = 0;
    for (size_t i = 0; i < REF_Q; i++) {
        y += w[i] * e[i];
        for (size_t k = 0; k < REF_Q; k++)
            second += (w[i] * w[k] + cov[i][k]) * (e[i] * e[k] + c[i][k]);
    }
    *mean = f->scale[0] + f->scale[1] * y;
    *variance = f->scale[1] * f->scale[1] * (s * v + 2 * (second - y * y));
}

Test(factor, prediction) {
    support_matrix matrix = sparse_matrix(9);
    mixfill_ratings *ratings = support_ratings(&matrix);
    mixfill_options o = small_options();
    mixfill_model *m = fit(ratings, &o, NULL);
    for (int32_t u = -1; u < REF_USERS; u++)
        for (int32_t j = -1; j < REF_ITEMS; j++) {
            mixfill_found side = {u, u >= 0 && m->user_count[u] > 0};
            mixfill_person person = mixfill_person_of(m, side);
            mixfill_cell cell = mixfill_predict_cell(m, &person, j);
            double mean, variance;
            dense_prediction(m, side.known ? u : -1, j >= 0 && m->item_count[j] > 0 ? j : -1, &mean,
                             &variance);
            support_close("mean", cell.mean, mean, 1e-12);
            support_close("clipped", cell.clipped,
                          fmin(fmax(mean, m->rating_range[0]), m->rating_range[1]), 1e-12);
            support_close("sd", cell.sd, sqrt(variance), 1e-9);
        }
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&matrix);
}

/* Parameters of two models that must be the same bits. */
static void assert_same(const mixfill_model *a, const mixfill_model *b) {
    const mixfill_factors *f = mixfill_factors_of(a), *g = mixfill_factors_of(b);
    size_t users = (size_t)a->n_users, items = (size_t)f->n_items, q = (size_t)f->rank;
    size_t size = mixfill_packed(q);
    cr_assert_arr_eq(f->w, g->w, items * (q + 1) * sizeof *f->w);
    cr_assert_arr_eq(f->w_cov, g->w_cov, items * mixfill_packed(q + 1) * sizeof *f->w_cov);
    cr_assert_arr_eq(f->v, g->v, items * sizeof *f->v);
    cr_assert_arr_eq(f->y, g->y, items * q * sizeof *f->y);
    cr_assert_arr_eq(f->omega, g->omega, q * q * sizeof *f->omega);
    cr_assert_arr_eq(f->user_factor, g->user_factor, users * q * sizeof *f->user_factor);
    cr_assert_arr_eq(f->user_cov, g->user_cov, users * size * sizeof *f->user_cov);
    cr_assert_arr_eq(f->user_scale, g->user_scale, users * sizeof *f->user_scale);
}

static mixfill_ratings *generated(int32_t users, int32_t items, int64_t n) {
    mixfill_generate_options o;
    mixfill_ratings *r = NULL;
    mixfill_generate_options_init(&o);
    o.n_users = users;
    o.n_items = items;
    o.n_ratings = n;
    cr_assert_eq(mixfill_generate(&r, &o, NULL), MIXFILL_OK);
    return r;
}

/* Sums over items, common and rare ones, against a plain loop over all ratings. */
static void check_item_sums(const mixfill_ratings *r, const mixfill_options *o) {
    mixfill_job job;
    mixfill_factor_workspace ws;
    cr_assert_eq(mixfill_job_init(&job, r, o, false, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_factor_workspace_init(&ws, &job, NULL), MIXFILL_OK);
    mixfill_factors *params = (mixfill_factors *)mixfill_job_params(&job, false);
    cr_assert_not_null(params);
    cr_assert(job.blocks->n_common > 0 && job.blocks->n_rare_blocks > 0);
    cr_assert_gt(ws.item_cut.n, 1);
    mixfill_factor_start(&ws, params, 1);
    mixfill_factor_iteration(&ws, params, 0);
    const mixfill_factor_layout *l = &ws.layout;
    mixfill_factor_table table = mixfill_factor_moments_of(&ws, MIXFILL_USERS);
#pragma omp parallel num_threads(3) default(none) shared(ws, table)
    mixfill_factor_sum_items(ws.item_sums, &ws.source, &table, &ws.item_cut);
    double *want = calloc((size_t)r->n_items * l->stride, sizeof *want);
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            const float *row = table.rows.rows + (size_t)u * l->stride;
            double *sum = want + (size_t)r->col[e] * l->stride;
            double x = (mixfill_ratings_value(r, e) - ws.source.g) / ws.source.sd;
            for (size_t i = 0; i < l->stride; i++)
                sum[i] += (i < l->second ? x : 1) * (double)row[i];
            sum[l->square] += x * x * table.precision[u];
        }
    for (size_t i = 0; i < (size_t)r->n_items * l->stride; i++)
        support_close("sum", ws.item_sums[i], want[i], 1e-5 * (1 + fabs(want[i])));
    free(want);
    mixfill_params_free((mixfill_params *)params);
    mixfill_factor_workspace_clear(&ws);
    mixfill_job_clear(&job);
}

/* Enough ratings for common items, rare ones and several parts of each. */
Test(factor, same_bits_for_any_threads) {
    mixfill_ratings *ratings = generated(3000, 200, 150000);
    mixfill_options o = small_options();
    check_item_sums(ratings, &o);
    o.rank = 5;
    o.max_iter = 5;
    o.threads = 1;
    mixfill_result want, r;
    mixfill_model *one = fit(ratings, &o, &want);
    static const int32_t threads[] = {2, 3, 7, 16};
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        o.threads = threads[i];
        mixfill_model *m = fit(ratings, &o, &r);
        assert_same(one, m);
        cr_assert_eq(r.final_log_likelihood, want.final_log_likelihood);
        mixfill_people a, b;
        cr_assert_eq(mixfill_fold_in(&a, m, ratings, 1, NULL), MIXFILL_OK);
        cr_assert_eq(mixfill_fold_in(&b, m, ratings, threads[i], NULL), MIXFILL_OK);
        cr_assert_arr_eq(a.latent, b.latent, 3000 * 5 * sizeof *a.latent);
        cr_assert_arr_eq(a.cov, b.cov, 3000 * 15 * sizeof *a.cov);
        mixfill_people_clear(&a);
        mixfill_people_clear(&b);
        mixfill_result_clear(&r);
        mixfill_model_free(m);
    }
    mixfill_result_clear(&want);
    mixfill_model_free(one);
    mixfill_ratings_free(ratings);
}

Test(factor, ranks) {
    static const int32_t ranks[] = {1, 2, 7, 15, 16, 31, 32, 33, 63};
    mixfill_ratings *ratings = generated(120, 60, 2500);
    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
        mixfill_options o = small_options();
        mixfill_result r;
        o.rank = ranks[i];
        o.max_iter = 6;
        mixfill_model *m = fit(ratings, &o, &r);
        mixfill_evaluation e;
        cr_assert_eq(mixfill_evaluate(m, &e, ratings, NULL, NULL), MIXFILL_OK);
        cr_assert(e.rmse < 0.95 * e.rmse_global_mean, "rank %d: %g", (int)ranks[i], e.rmse);
        mixfill_result_clear(&r);
        mixfill_model_free(m);
    }
    mixfill_ratings_free(ratings);
}

/* Everybody rates everything alike: nothing to learn, nothing to fail. */
Test(factor, constant_ratings) {
    support_matrix matrix = sparse_matrix(9);
    for (size_t i = 0; i < REF_USERS * REF_ITEMS; i++)
        matrix.x[i] = 4;
    mixfill_ratings *ratings = support_ratings(&matrix);
    mixfill_options o = small_options();
    mixfill_result r;
    mixfill_model *m = fit(ratings, &o, &r);
    cr_assert(isfinite(r.final_log_likelihood));
    mixfill_prediction p;
    mixfill_predict(m, &p, "0", "1");
    cr_assert_eq(p.rating, 4);
    cr_assert(p.sd > 0 && p.sd < 1, "%g", p.sd);
    mixfill_result_clear(&r);
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&matrix);
}

/* A matrix of rank 1 without noise: the variances fall to their floor, where floats are coarse. */
Test(factor, ratings_without_noise) {
    support_matrix matrix = support_matrix_create(200, 40);
    for (size_t u = 0; u < 200; u++)
        for (size_t j = 0; j < 40; j++)
            if ((u * 7 + j * 3) % 4 != 0) {
                double x = sin((double)u) * cos((double)j);
                support_matrix_set(&matrix, u, j, x);
            }
    mixfill_ratings *ratings = support_ratings(&matrix);
    mixfill_options o = small_options();
    mixfill_result r;
    o.max_iter = 60;
    mixfill_model *m = fit(ratings, &o, &r);
    mixfill_evaluation e;
    cr_assert_eq(mixfill_evaluate(m, &e, ratings, NULL, NULL), MIXFILL_OK);
    cr_assert(isfinite(r.final_log_likelihood));
    cr_assert(e.rmse < 0.02, "%g", e.rmse);
    double least = mixfill_factors_of(m)->v[0];
    for (int32_t j = 1; j < m->n_items; j++)
        least = fmin(least, mixfill_factors_of(m)->v[j]);
    cr_assert_eq(least, 1e-4);
    mixfill_result_clear(&r);
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&matrix);
}

/* Whose mean, summed and divided, is not quite the rating. */
Test(factor, constant_fractions) {
    static const double values[] = {0.1, 3.3, 1e20};
    for (size_t i = 0; i < 3; i++) {
        support_matrix matrix = sparse_matrix(9);
        for (size_t e = 0; e < REF_USERS * REF_ITEMS; e++)
            matrix.x[e] = values[i];
        mixfill_ratings *ratings = support_ratings(&matrix);
        mixfill_options o = small_options();
        mixfill_model *m = fit(ratings, &o, NULL);
        cr_assert_eq(m->global_sd, 0);
        cr_assert_eq(mixfill_factors_of(m)->scale[1], 1);
        mixfill_prediction p;
        mixfill_predict(m, &p, "0", "1");
        cr_assert_eq(p.rating, values[i]);
        mixfill_model_free(m);
        mixfill_ratings_free(ratings);
        support_matrix_clear(&matrix);
    }
}

/* Stars, hundredths of them, and 1e150 of them: the same fit in other units. */
Test(factor, units) {
    static const double units[] = {1, 0.01, 1e150, 1e-100};
    double first = 0;
    for (size_t i = 0; i < 4; i++) {
        support_matrix matrix = sparse_matrix(9);
        for (size_t e = 0; e < REF_USERS * REF_ITEMS; e++)
            matrix.x[e] *= units[i] / 5;
        mixfill_ratings *ratings = support_ratings(&matrix);
        mixfill_options o = small_options();
        mixfill_evaluation e;
        mixfill_model *m = fit(ratings, &o, NULL);
        cr_assert_eq(mixfill_evaluate(m, &e, ratings, NULL, NULL), MIXFILL_OK);
        first = i == 0 ? e.rmse : first;
        support_close("rmse", e.rmse / units[i], first, 0.02 * first);
        mixfill_model_free(m);
        mixfill_ratings_free(ratings);
        support_matrix_clear(&matrix);
    }
}

Test(factor, one_rating) {
    mixfill_rating only = {0, 0, 3.5};
    mixfill_ratings *ratings = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&ratings, &only, 1, 1, 1, NULL), MIXFILL_OK);
    mixfill_options o = small_options();
    mixfill_model *m = fit(ratings, &o, NULL);
    mixfill_prediction p;
    mixfill_predict(m, &p, "0", "0");
    cr_assert_eq(p.rating, 3.5);
    cr_assert(isfinite(p.sd));
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
}

Test(factor, patience_keeps_the_best_iteration) {
    mixfill_ratings *all = generated(400, 150, 12000), *train = NULL, *valid = NULL;
    cr_assert_eq(mixfill_ratings_split(&train, &valid, all, NULL, NULL), MIXFILL_OK);
    mixfill_options o = small_options();
    mixfill_result r;
    o.rank = 20; /* overfits */
    o.max_iter = 40;
    o.valid = valid;
    o.patience = 2;
    mixfill_model *m = fit(train, &o, &r);
    cr_assert_eq(r.stop_reason, MIXFILL_STOP_PATIENCE);
    cr_assert_eq(r.best_iteration, r.iterations - 2);
    mixfill_evaluation e;
    cr_assert_eq(mixfill_evaluate(m, &e, valid, NULL, NULL), MIXFILL_OK);
    support_close("rmse", e.rmse, r.history[r.best_iteration - 1].rmse, 1e-12);
    mixfill_result_clear(&r);
    mixfill_model_free(m);
    mixfill_ratings_free(all);
    mixfill_ratings_free(train);
    mixfill_ratings_free(valid);
}

Test(factor, best_of_several_starts) {
    mixfill_ratings *ratings = generated(120, 60, 2500);
    mixfill_options o = small_options();
    mixfill_result one[3], r;
    mixfill_model *single[3];
    int32_t best = 0;
    for (uint32_t i = 0; i < 3; i++) {
        o.seed = 5 + i;
        single[i] = fit(ratings, &o, &one[i]);
        if (one[i].log_likelihood > one[best].log_likelihood)
            best = (int32_t)i;
    }
    o.seed = 5;
    o.n_init = 3;
    mixfill_model *m = fit(ratings, &o, &r);
    cr_assert_eq(r.best_start, best);
    cr_assert_eq(r.final_log_likelihood, one[best].final_log_likelihood);
    assert_same(m, single[best]);
    for (size_t i = 0; i < 3; i++) {
        mixfill_result_clear(&one[i]);
        mixfill_model_free(single[i]);
    }
    mixfill_result_clear(&r);
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
}

Test(factor, options) {
    mixfill_options o;
    mixfill_options_init_model(&o, MIXFILL_MODEL_FACTOR);
    cr_assert_eq(mixfill_options_validate(&o, NULL), MIXFILL_OK);
    o.n_components = 1;
    cr_assert_eq(mixfill_options_validate(&o, NULL), MIXFILL_OK);
    static const int32_t bad_ranks[] = {-1, 0, 64};
    for (size_t i = 0; i < 3; i++) {
        o.rank = bad_ranks[i];
        cr_assert_eq(mixfill_options_validate(&o, NULL), MIXFILL_ERR_ARG);
    }
    o.rank = 63;
    o.implicit_strength = (double)NAN;
    cr_assert_eq(mixfill_options_validate(&o, NULL), MIXFILL_ERR_ARG);
    o.implicit_strength = 0;
    cr_assert_eq(mixfill_options_validate(&o, NULL), MIXFILL_ERR_ARG);
    o.implicit_strength = 1;
    o.n_components = 2;
    mixfill_error err;
    cr_assert_eq(mixfill_options_validate(&o, &err), MIXFILL_ERR_ARG);
    cr_assert_str_eq(err.message, "n_components 2 with model factor: expected 1");
}

/* ---- files and memory ---- */

Test(factor, files) {
    support_matrix matrix = sparse_matrix(9);
    mixfill_ratings *ratings = support_ratings(&matrix);
    support_enter_folder();
    for (int with_users = 0; with_users < 2; with_users++) {
        mixfill_options o = small_options();
        o.keep_users = with_users != 0;
        mixfill_model *m = fit(ratings, &o, NULL), *read = NULL;
        cr_assert_eq(mixfill_model_save(m, "m.npz", NULL), MIXFILL_OK);
        mixfill_error err = {0};
        cr_assert_eq(mixfill_model_load(&read, "m.npz", &err), MIXFILL_OK, "%s", err.message);
        mixfill_model_summary summary;
        mixfill_model_summarize(read, &summary);
        cr_assert_eq(summary.rank, REF_RANK);
        cr_assert_eq(summary.has_users, with_users != 0);
        cr_assert(summary.implicit);
        if (with_users)
            assert_same(m, read);
        mixfill_prediction a, b;
        mixfill_predict(m, &a, "0", "1");
        mixfill_predict(read, &b, "0", "1");
        cr_assert_eq(a.rating, b.rating);
        cr_assert_eq(a.sd, b.sd);
        mixfill_model_free(m);
        mixfill_model_free(read);
    }
    mixfill_ratings_free(ratings);
    support_matrix_clear(&matrix);
    support_leave_folder();
}

Test(factor, invalid_parameters) {
    support_matrix matrix = sparse_matrix(9);
    mixfill_ratings *ratings = support_ratings(&matrix);
    mixfill_options o = small_options();
    mixfill_model *m = fit(ratings, &o, NULL);
    mixfill_error err;
    double *const wrong[] = {&mixfill_factors_of(m)->w[2], &mixfill_factors_of(m)->v[1],
                             &mixfill_factors_of(m)->user_scale[0],
                             &mixfill_factors_of(m)->scale[1], &mixfill_factors_of(m)->user_cov[4]};
    static const double values[] = {(double)NAN, 0, -1, 0, (double)INFINITY};
    for (size_t i = 0; i < 5; i++) {
        double right = *wrong[i];
        *wrong[i] = values[i];
        cr_assert_eq(mixfill_model_validate(m, "m.npz", &err), MIXFILL_ERR_PARSE, "%zu", i);
        *wrong[i] = right;
    }
    cr_assert_eq(mixfill_model_validate(m, "m.npz", &err), MIXFILL_OK);
    mixfill_model_free(m);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&matrix);
}

/* Everything a user does with a model, with ever more memory. */
static mixfill_status use_all(const mixfill_ratings *ratings, const mixfill_options *o) {
    mixfill_model *m = NULL, *read = NULL;
    mixfill_people fold = {0};
    mixfill_status st;
    MIXFILL_TRY(mixfill_fit(&m, NULL, ratings, o, NULL));
    MIXFILL_TRY(mixfill_model_save(m, "m.npz", NULL));
    MIXFILL_TRY(mixfill_model_load(&read, "m.npz", NULL));
    MIXFILL_TRY(mixfill_fold_in(&fold, read, ratings, 1, NULL));
done:
    mixfill_people_clear(&fold);
    mixfill_model_free(m);
    mixfill_model_free(read);
    return st;
}

Test(factor, out_of_memory) {
    support_matrix matrix = sparse_matrix(9);
    mixfill_ratings *ratings = support_ratings(&matrix);
    support_enter_folder();
    mixfill_options o = small_options();
    o.max_iter = 2;
    o.n_init = 2;
    o.threads = 1;
    int64_t live = mixfill_alloc_live, budget = 0;
    mixfill_status st;
    do {
        mixfill_alloc_budget = budget++;
        st = use_all(ratings, &o);
        mixfill_alloc_budget = -1;
        cr_assert_eq(mixfill_alloc_live, live);
        cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM || st == MIXFILL_ERR_IO, "%d",
                  (int)st);
    } while (st != MIXFILL_OK);
    cr_assert(budget > 60, "%d", (int)budget);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&matrix);
    support_leave_folder();
}

/* What a plan says is what the workspace takes. */
Test(factor, max_memory) {
    mixfill_ratings *ratings = generated(400, 150, 12000);
    mixfill_options o = small_options();
    mixfill_memory memory;
    cr_assert_eq(mixfill_fit_memory(&memory, ratings, &o, NULL), MIXFILL_OK);
    o.max_memory = memory.total;
    mixfill_model_free(fit(ratings, &o, NULL));
    o.max_memory = memory.total - 1;
    mixfill_model *m = NULL;
    cr_assert_eq(mixfill_fit(&m, NULL, ratings, &o, NULL), MIXFILL_ERR_RANGE);
    mixfill_ratings_free(ratings);
}

/* ---- MovieLens ---- */

/* Rows 7 modulo 10 of ml-latest-small's ratings.csv are the test part. */
typedef struct movielens {
    mixfill_ratings *train, *test;
} movielens;

/* Of which users: hidden ones (as the prototype's hide=20 draws them) or not, or of all. */
typedef enum choice { ALL, SEEN, HIDDEN } choice;

static bool is_hidden(uint32_t u) {
    uint32_t x = u * 2654435761u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return x % 100 < 20;
}

static void write_part(const char *from, const char *to, bool test, choice users) {
    char line[256];
    FILE *in = fopen(from, "r"), *out = fopen(to, "w");
    cr_assert_not_null(in);
    cr_assert_not_null(fgets(line, sizeof line, in));
    fputs(line, out);
    for (int row = 0; fgets(line, sizeof line, in) != NULL; row++) {
        uint32_t user = (uint32_t)strtol(line, NULL, 10) - 1;
        bool chosen = users == ALL || is_hidden(user) == (users == HIDDEN);
        if ((row % 10 == 7) == test && chosen)
            fputs(line, out);
    }
    fclose(in);
    fclose(out);
}

static mixfill_ratings *movielens_part(bool test, choice users) {
    char path[512];
    mixfill_ratings *r = NULL;
    mixfill_error err;
    if (!support_data_path(path, sizeof path, "data/ml-latest-small/ratings.csv"))
        cr_skip_test("MIXFILL_TEST_DATA is not set");
    write_part(path, "part.csv", test, users);
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "part.csv", NULL, &err), MIXFILL_OK, "%s",
                 err.message);
    return r;
}

static mixfill_evaluation score(bool implicit) {
    mixfill_ratings *train = movielens_part(false, ALL), *test = movielens_part(true, ALL);
    mixfill_options o;
    mixfill_evaluation e;
    mixfill_options_init_model(&o, MIXFILL_MODEL_FACTOR);
    o.implicit = implicit;
    mixfill_model *m = fit(train, &o, NULL);
    cr_assert_eq(mixfill_evaluate(m, &e, test, NULL, NULL), MIXFILL_OK);
    mixfill_model_free(m);
    mixfill_ratings_free(train);
    mixfill_ratings_free(test);
    return e;
}

Test(factor, movielens) {
    support_enter_folder();
    mixfill_evaluation e = score(true);
    cr_assert(e.rmse <= 0.8075, "%g", e.rmse);
    cr_assert(e.coverage90 >= 0.88 && e.coverage90 <= 0.93, "%g", e.coverage90);
    support_leave_folder();
}

Test(factor, movielens_ratings_only) {
    support_enter_folder();
    mixfill_evaluation e = score(false);
    cr_assert(e.rmse <= 0.8315, "%g", e.rmse);
    cr_assert(e.coverage90 >= 0.88 && e.coverage90 <= 0.93, "%g", e.coverage90);
    support_leave_folder();
}

/* The prototype has 0.8659 on the test ratings of the users it hides and folds in. */
Test(factor, movielens_fold_in) {
    support_enter_folder();
    mixfill_ratings *train = movielens_part(false, SEEN), *given = movielens_part(false, HIDDEN),
                    *test = movielens_part(true, HIDDEN);
    mixfill_options o;
    mixfill_people fold;
    double squares = 0;
    mixfill_options_init_model(&o, MIXFILL_MODEL_FACTOR);
    mixfill_model *m = fit(train, &o, NULL);
    cr_assert_eq(mixfill_fold_in(&fold, m, given, 2, NULL), MIXFILL_OK);
    int32_t *user = mixfill_ids_map(&test->user_ids, &given->user_ids);
    int32_t *item = mixfill_ids_map(&test->item_ids, &m->item_ids);
    for (int32_t u = 0; u < test->n_users; u++)
        for (int64_t e = test->row_ptr[u]; e < test->row_ptr[u + 1]; e++) {
            mixfill_person person = mixfill_people_at(&fold, user[u]);
            double p = mixfill_predict_mean(m, &person, item[test->col[e]], true);
            squares += pow(p - mixfill_ratings_value(test, e), 2);
        }
    double rmse = sqrt(squares / (double)test->nnz);
    cr_assert(fabs(rmse - 0.8659) <= 0.002, "%g over %ld", rmse, (long)test->nnz);
    mixfill_free(user);
    mixfill_free(item);
    mixfill_people_clear(&fold);
    mixfill_model_free(m);
    mixfill_ratings_free(train);
    mixfill_ratings_free(given);
    mixfill_ratings_free(test);
    support_leave_folder();
}
