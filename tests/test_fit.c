/* mixfill_fit against the plain dense reference over many shapes, on every instruction set there
 * is, and its properties: ascent, invariance, starts, cancelling and running out of memory. */
#include "base/base.h"
#include "base/rng.h"
#include "ref_em.h"
#include "support.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a fit and what to compare it with ---- */

typedef struct fit {
    mixfill_model *model;
    mixfill_result result;
    int32_t n, d, k;
} fit;

static fit fit_ratings(const mixfill_ratings *ratings, const mixfill_options *options) {
    fit f = {.n = mixfill_ratings_n_users(ratings),
             .d = mixfill_ratings_n_items(ratings),
             .k = options->n_components};
    mixfill_error err = {0};
    mixfill_status st = mixfill_fit(&f.model, &f.result, ratings, options, &err);
    cr_assert(st == MIXFILL_OK, "%s: %s", mixfill_status_string(st), err.message);
    return f;
}

static fit fit_matrix(const support_matrix *m, const mixfill_options *options) {
    mixfill_ratings *ratings = support_ratings(m);
    fit f = fit_ratings(ratings, options);
    mixfill_ratings_free(ratings);
    return f;
}

static void fit_clear(fit *f) {
    mixfill_model_free(f->model);
    mixfill_result_clear(&f->result);
}

/* tol 0; a threshold that no sum of saturated responsibilities can meet by rounding */
static mixfill_options some_options(int32_t k, int32_t iterations) {
    mixfill_options options;
    mixfill_options_init_model(&options, MIXFILL_MODEL_CLASSIC);
    options.min_var = 0.1;
    options.n_components = k;
    options.tol = 0;
    options.max_iter = iterations;
    options.min_support = 0.7;
    options.threads = 1;
    return options;
}

static ref_em *reference(const support_matrix *m, const mixfill_options *options) {
    size_t k = (size_t)options->n_components;
    ref_em *em = ref_em_create(m->x, m->mask, m->n, m->d, k);
    int32_t *drawn = malloc(k * sizeof *drawn);
    int *rows = malloc(k * sizeof *rows);
    cr_assert(drawn != NULL && rows != NULL);
    cr_assert(mixfill_numpy_choice(drawn, options->n_components, (int32_t)m->n, options->seed,
                                   NULL) == MIXFILL_OK);
    for (size_t i = 0; i < k; i++)
        rows[i] = drawn[i];
    em->notebook = options->notebook;
    em->min_var = options->min_var;
    em->min_support = options->min_support;
    ref_em_init(em, rows);
    free(drawn);
    free(rows);
    return em;
}

static double largest(const support_matrix *m) {
    double top = 1;
    for (size_t i = 0; i < m->n * m->d; i++)
        top = fmax(top, fabs(m->x[i]));
    return top;
}

/* 1e-8 in units of the ratings where those exceed 1; of the parameter itself in the notebook, whose
 * means and variances can grow without bound. */
static double tolerance(const ref_em *em, double unit, double want) {
    return 1e-8 * (em->notebook ? fmax(unit, fabs(want)) : unit);
}

static void compare_parameters(const fit *f, const ref_em *em, double unit) {
    for (int32_t k = 0; k < f->k; k++) {
        double var = em->var[k];
        support_close("weight", mixfill_model_weight(f->model, k), em->weight[k], 1e-8);
        support_close("var", mixfill_model_var(f->model, k), var, tolerance(em, unit * unit, var));
        for (int32_t j = 0; j < f->d; j++) {
            double mu = em->mu[(size_t)k * em->d + (size_t)j];
            support_close("mu", mixfill_model_mean(f->model, k, j), mu, tolerance(em, unit, mu));
        }
    }
}

static void compare_responsibilities(const fit *f, const ref_em *em) {
    for (int32_t u = 0; u < f->n; u++) {
        double sum = 0;
        for (int32_t k = 0; k < f->k; k++) {
            double resp = mixfill_model_responsibility(f->model, u, k);
            support_close("resp", resp, em->resp[(size_t)u * em->k + (size_t)k], 1e-8);
            sum += resp;
        }
        support_close("sum of a user's resp", sum, 1, 1e-12);
    }
}

/* ---- agreement with the reference ---- */

enum { HOLES = 1, HEAVY = 2 };

typedef struct shape {
    const char *name;
    support_random data;
    int32_t k;
    int extra;
} shape;

static const shape shapes[] = {
    {"sparse", {120, 80, 0.1, 5, 1, 1, 1}, 6, 0},
    {"dense", {60, 40, 0.9, 9, 0.5, 0.5, 2}, 4, 0},
    {"empty users and items", {90, 70, 0.2, 5, 1, 1, 3}, 5, HOLES},
    {"one component", {70, 30, 0.3, 5, 1, 1, 4}, 1, 0},
    {"as many components as users", {12, 20, 0.4, 5, 1, 1, 5}, 12, 0},
    {"one user", {1, 15, 0.6, 5, 1, 1, 6}, 1, 0},
    {"one item", {40, 1, 0.7, 5, 1, 1, 7}, 3, 0},
    {"one cell", {1, 1, 1, 5, 1, 1, 8}, 1, 0},
    {"all ratings equal", {50, 30, 0.3, 1, 3, 1, 9}, 4, 0},
    {"one user rates everything", {150, 120, 0.05, 5, 1, 1, 10}, 5, HEAVY},
    {"more than 256 values", {80, 60, 0.3, 0, 1, 1, 11}, 5, 0},
    {"257 values", {60, 60, 0.5, 257, 0, 0.01, 12}, 4, 0},
    {"256 values", {60, 60, 0.5, 256, 0, 0.01, 13}, 4, 0},
    {"negative", {80, 60, 0.3, 0, -7, 2, 14}, 5, 0},
    {"large", {80, 60, 0.3, 0, -3e6, 1e6, 15}, 5, 0},
    {"small", {80, 60, 0.3, 7, 0, 1e-3, 16}, 3, 0},
    {"zeros are ratings", {80, 60, 0.2, 3, -1, 1, 17}, 4, 0},
    {"many users", {9000, 12, 0.3, 5, 1, 1, 18}, 3, 0},
    {"many items", {40, 2000, 0.05, 5, 0.02, 0.02, 19}, 3, 0},
    {"K = 5", {130, 50, 0.15, 5, 1, 1, 20}, 5, 0},
    {"K = 7", {130, 50, 0.15, 5, 1, 1, 20}, 7, 0},
    {"K = 8", {130, 50, 0.15, 5, 1, 1, 20}, 8, 0},
    {"K = 9", {130, 50, 0.15, 5, 1, 1, 20}, 9, 0},
    {"K = 12", {130, 50, 0.15, 5, 1, 1, 20}, 12, 0},
    {"K = 16", {130, 50, 0.15, 5, 1, 1, 20}, 16, 0},
    {"K = 33", {130, 50, 0.15, 5, 1, 1, 20}, 33, 0},
    {"K = 64", {130, 50, 0.15, 5, 1, 1, 20}, 64, 0},
    {"K = 100", {130, 50, 0.15, 5, 1, 1, 20}, 100, 0},
};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0], MAX_ITER = 6 };

static support_matrix make(const shape *s) {
    support_matrix m = support_matrix_random(&s->data);
    for (size_t u = 0; u < m.n; u++)
        for (size_t j = 0; j < m.d; j++) {
            if ((s->extra & HOLES) && (u % 7 == 0 || j % 5 == 0 || u + 1 == m.n || j + 1 == m.d)) {
                m.x[u * m.d + j] = 0;
                m.mask[u * m.d + j] = 0;
            }
            if ((s->extra & HEAVY) && u == 17)
                support_matrix_set(&m, u, j, 1 + (double)(j % 5));
        }
    return m;
}

/* Iterations, up to MAX_ITER, in which no mean is so near its threshold that rounding decides.
 * With one component every responsibility is exactly 1 and so is every decision. */
static int32_t safe_iterations(const support_matrix *m, const mixfill_options *options) {
    ref_em *em = reference(m, options);
    int32_t safe = 0;
    while (safe < MAX_ITER) {
        ref_em_estep(em);
        ref_em_mstep(em);
        if (em->k > 1 && em->margin < 1e-9)
            break;
        safe++;
    }
    ref_em_free(em);
    return safe;
}

static void compare(const support_matrix *m, const mixfill_options *options) {
    fit f = fit_matrix(m, options);
    ref_em *em = reference(m, options);
    double trace[MAX_ITER];
    cr_assert(f.result.iterations == options->max_iter);
    ref_em_run(em, trace, (size_t)options->max_iter, 0);
    for (int32_t i = 0; i < options->max_iter; i++) {
        double got = f.result.history[i].log_likelihood;
        support_close("log-likelihood", got, trace[i], 1e-9 * fabs(trace[i]));
        cr_assert(mixfill_model_log_likelihood(f.model, i) == got);
    }
    compare_parameters(&f, em, largest(m));
    double last = ref_em_estep(em);
    support_close("final log-likelihood", f.result.final_log_likelihood, last, 1e-9 * fabs(last));
    compare_responsibilities(&f, em);
    ref_em_free(em);
    fit_clear(&f);
}

/* Each instruction set named in `isa_available` in turn; false after the last. */
static bool next_isa(const char **rest, char name[16]) {
    size_t skip = strspn(*rest, " "), len = strcspn(*rest + skip, " ");
    if (len == 0 || len >= 16)
        return false;
    memcpy(name, *rest + skip, len);
    name[len] = '\0';
    *rest += skip + len;
    return true;
}

static void compare_on_every_isa(const support_matrix *m, const mixfill_options *options) {
    mixfill_build_info info;
    char name[16];
    int n = 0;
    mixfill_build_info_get(&info);
    for (const char *rest = info.isa_available; next_isa(&rest, name); n++) {
        cr_assert(setenv("MIXFILL_ISA", name, 1) == 0);
        compare(m, options);
    }
    unsetenv("MIXFILL_ISA");
    cr_assert(n > 0, "no instruction set");
}

static void agree(bool notebook) {
    for (size_t i = 0; i < N_SHAPES; i++) {
        support_matrix m = make(&shapes[i]);
        mixfill_options options = some_options(shapes[i].k, MAX_ITER);
        options.notebook = notebook;
        options.min_support = notebook ? 1 : options.min_support;
        options.max_iter = safe_iterations(&m, &options);
        cr_log_info("%s: %d iterations", shapes[i].name, (int)options.max_iter);
        cr_assert(options.max_iter >= 2, "%s: rounding decides", shapes[i].name);
        compare_on_every_isa(&m, &options);
        support_matrix_clear(&m);
    }
}

Test(reference, classic) {
    agree(false);
}

Test(reference, notebook) {
    agree(true);
}

/* Ratings {1, 3} and {missing, 5}: mu_denom is 1 for item 0 and 0 for item 1. */
Test(reference, notebook_adds_its_constant_to_the_denominator) {
    support_matrix m = support_matrix_create(2, 2);
    mixfill_options options = some_options(1, 1);
    options.notebook = true;
    options.min_support = 1;
    options.seed = 1; /* draws user 0 */
    support_matrix_set(&m, 0, 0, 1);
    support_matrix_set(&m, 0, 1, 3);
    support_matrix_set(&m, 1, 1, 5);
    fit f = fit_matrix(&m, &options);
    support_close("mu_0", mixfill_model_mean(f.model, 0, 0), 1 / (1 + 1e-10), 1e-15);
    cr_assert(mixfill_model_mean(f.model, 0, 1) == 3);
    support_close("var", mixfill_model_var(f.model, 0), 36, 1e-13);
    fit_clear(&f);
    support_matrix_clear(&m);
}

Test(reference, stops_in_the_same_iteration) {
    support_matrix m = make(&shapes[0]);
    double tols[] = {1e-2, 1e-3, 1e-4, 1e-6};
    double trace[200];
    for (size_t i = 0; i < sizeof tols / sizeof tols[0]; i++) {
        mixfill_options options = some_options(shapes[0].k, 200);
        options.tol = tols[i];
        fit f = fit_matrix(&m, &options);
        ref_em *em = reference(&m, &options);
        size_t want = ref_em_run(em, trace, 200, tols[i]);
        cr_assert(f.result.iterations == (int32_t)want, "tol %g: %d iterations, expected %zu",
                  tols[i], (int)f.result.iterations, want);
        cr_assert(want < 200 && f.result.converged && f.result.stop_reason == MIXFILL_STOP_TOL);
        cr_assert(f.result.log_likelihood == f.result.history[want - 1].log_likelihood);
        ref_em_free(em);
        fit_clear(&f);
    }
    support_matrix_clear(&m);
}

Test(reference, tol_0_runs_every_iteration) {
    support_matrix m = make(&shapes[3]); /* one component: nothing changes after the second */
    mixfill_options options = some_options(1, 9);
    fit f = fit_matrix(&m, &options);
    cr_assert(f.result.iterations == 9 && f.result.stop_reason == MIXFILL_STOP_MAX_ITER);
    cr_assert_not(f.result.converged);
    fit_clear(&f);
    support_matrix_clear(&m);
}

/* ---- properties ---- */

/* Each of weight, mu and var is the best there is given the others or stays as it is, and a floored
 * variance is the best above the floor, so classic EM never falls whatever the floor and the
 * threshold are; only rounding is allowed for. */
static void never_falls(uint32_t seed, double min_var, double min_support) {
    support_random spec = {100, 60, 0.12, 5, 1, 1, 1000 + seed % 7};
    support_matrix m = support_matrix_random(&spec);
    mixfill_options options = some_options(1 + (int32_t)(seed % 10), 40);
    options.seed = seed;
    options.min_var = min_var;
    options.min_support = min_support;
    fit f = fit_matrix(&m, &options);
    for (int32_t i = 0; i < f.result.iterations; i++) {
        double before = f.result.history[i].log_likelihood;
        double now = i + 1 < f.result.iterations ? f.result.history[i + 1].log_likelihood
                                                 : f.result.final_log_likelihood;
        cr_assert(now >= before - 1e-10 * fabs(before),
                  "seed %u, floor %g, support %g, iteration %d: %.17g after %.17g", (unsigned)seed,
                  min_var, min_support, (int)i + 2, now, before);
    }
    fit_clear(&f);
    support_matrix_clear(&m);
}

Test(property, log_likelihood_never_falls) {
    const double floors[] = {1e-6, 0.1, 0.8};
    const double supports[] = {0, 1e-3, 1, 5};
    for (uint32_t seed = 0; seed < 25; seed++)
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 4; j++)
                never_falls(seed, floors[i], supports[j]);
}

/* A permutation of 0..n-1 that keeps the places of `fixed`. */
static void shuffle_others(size_t *perm, size_t n, const int32_t *fixed, size_t n_fixed) {
    unsigned char *keep = calloc(n, 1);
    uint64_t state = 7;
    cr_assert(keep != NULL);
    for (size_t i = 0; i < n_fixed; i++)
        keep[fixed[i]] = 1;
    for (size_t i = 0; i < n; i++)
        perm[i] = i;
    for (size_t i = 0; i < n; i++) {
        size_t other = (size_t)(support_next(&state) % n), swap = perm[i];
        if (keep[i] || keep[other])
            continue;
        perm[i] = perm[other];
        perm[other] = swap;
    }
    free(keep);
}

static support_matrix permuted(const support_matrix *m, const size_t *user, const size_t *item) {
    support_matrix out = support_matrix_create(m->n, m->d);
    for (size_t u = 0; u < m->n; u++)
        for (size_t j = 0; j < m->d; j++)
            if (m->mask[user[u] * m->d + item[j]])
                support_matrix_set(&out, u, j, m->x[user[u] * m->d + item[j]]);
    return out;
}

static void compare_permuted(const fit *f, const fit *of, const size_t *user, const size_t *item) {
    support_close("log-likelihood", f->result.log_likelihood, of->result.log_likelihood,
                  1e-9 * fabs(of->result.log_likelihood));
    for (int32_t k = 0; k < f->k; k++) {
        support_close("weight", mixfill_model_weight(f->model, k),
                      mixfill_model_weight(of->model, k), 1e-8);
        support_close("var", mixfill_model_var(f->model, k), mixfill_model_var(of->model, k), 1e-8);
        for (int32_t j = 0; j < f->d; j++)
            support_close("mu", mixfill_model_mean(f->model, k, j),
                          mixfill_model_mean(of->model, k, (int32_t)item[j]), 1e-8);
        for (int32_t u = 0; u < f->n; u++)
            support_close("resp", mixfill_model_responsibility(f->model, u, k),
                          mixfill_model_responsibility(of->model, (int32_t)user[u], k), 1e-8);
    }
}

/* The users of the start keep their numbers, so that both fits start from the same rows. */
Test(property, permuting_users_and_items_permutes_the_result) {
    support_random spec = {150, 80, 0.12, 5, 1, 1, 77};
    support_matrix m = support_matrix_random(&spec);
    size_t user[150], item[80];
    int32_t rows[6];
    mixfill_options options = some_options(6, 8);
    cr_assert(mixfill_numpy_choice(rows, 6, 150, options.seed, NULL) == MIXFILL_OK);
    shuffle_others(user, 150, rows, 6);
    shuffle_others(item, 80, NULL, 0);
    support_matrix p = permuted(&m, user, item);
    fit straight = fit_matrix(&m, &options), crossed = fit_matrix(&p, &options);
    compare_permuted(&crossed, &straight, user, item);
    fit_clear(&straight);
    fit_clear(&crossed);
    support_matrix_clear(&m);
    support_matrix_clear(&p);
}

static bool same_double(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Bit by bit: trace and parameters, and responsibilities where both have them. */
static void same_bits(const char *what, const fit *a, const fit *b, bool users) {
    cr_assert(a->result.iterations == b->result.iterations, "%s: iterations", what);
    for (int32_t i = 0; i < a->result.iterations; i++)
        cr_assert(
            same_double(a->result.history[i].log_likelihood, b->result.history[i].log_likelihood),
            "%s: log-likelihood of iteration %d", what, (int)i + 1);
    cr_assert(same_double(a->result.final_log_likelihood, b->result.final_log_likelihood),
              "%s: final log-likelihood", what);
    for (int32_t k = 0; k < a->k; k++) {
        cr_assert(same_double(mixfill_model_weight(a->model, k), mixfill_model_weight(b->model, k)),
                  "%s: weight %d", what, (int)k);
        cr_assert(same_double(mixfill_model_var(a->model, k), mixfill_model_var(b->model, k)),
                  "%s: var %d", what, (int)k);
        for (int32_t j = 0; j < a->d; j++)
            cr_assert(
                same_double(mixfill_model_mean(a->model, k, j), mixfill_model_mean(b->model, k, j)),
                "%s: mu %d %d", what, (int)k, (int)j);
        for (int32_t u = 0; users && u < a->n; u++)
            cr_assert(same_double(mixfill_model_responsibility(a->model, u, k),
                                  mixfill_model_responsibility(b->model, u, k)),
                      "%s: resp %d %d", what, (int)u, (int)k);
    }
}

static void same_for_every_thread_count(const support_random *spec, mixfill_options options) {
    const int32_t threads[] = {2, 3, 7, 16};
    support_matrix m = support_matrix_random(spec);
    for (size_t j = 0; j < m.d; j++) /* one user and one item with everything */
        support_matrix_set(&m, m.n / 2, j, 1 + (double)(j % 5));
    for (size_t u = 0; u < m.n; u++)
        support_matrix_set(&m, u, m.d / 2, 1 + (double)(u % 5));
    options.threads = 1;
    fit one = fit_matrix(&m, &options);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        char what[32];
        options.threads = threads[i];
        fit many = fit_matrix(&m, &options);
        snprintf(what, sizeof what, "%d threads", (int)threads[i]);
        same_bits(what, &one, &many, true);
        fit_clear(&many);
    }
    fit_clear(&one);
    support_matrix_clear(&m);
}

Test(property, threads_change_no_bit) {
    const support_random specs[] = {{500, 300, 0.05, 10, 0.5, 0.5, 31},
                                    {500, 300, 0.05, 0, -20, 9, 32},
                                    {9000, 15, 0.2, 5, 1, 1, 33},
                                    {30, 2000, 0.05, 5, 1, 1, 34},
                                    {2000, 1500, 0.01, 10, 0.5, 0.5, 35}};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
        for (int notebook = 0; notebook < 2; notebook++) {
            mixfill_options options = some_options(7, 5);
            options.notebook = notebook;
            options.min_support = 1;
            same_for_every_thread_count(&specs[i], options);
        }
}

Test(property, the_best_of_several_starts_is_kept) {
    enum { STARTS = 6 };
    support_matrix m = make(&shapes[0]);
    mixfill_options options = some_options(5, 15);
    options.seed = 100;
    options.n_init = STARTS;
    fit best = fit_matrix(&m, &options);
    int32_t winner = 0;
    double top = -HUGE_VAL;
    options.n_init = 1;
    for (int32_t r = 0; r < STARTS; r++) {
        options.seed = 100 + (uint32_t)r;
        fit one = fit_matrix(&m, &options);
        if (one.result.log_likelihood > top) {
            top = one.result.log_likelihood;
            winner = r;
        }
        cr_assert(one.result.best_start == 0);
        if (r == best.result.best_start)
            same_bits("the start kept", &one, &best, true);
        fit_clear(&one);
    }
    cr_assert(best.result.best_start == winner, "start %d kept, expected %d",
              (int)best.result.best_start, (int)winner);
    cr_assert(same_double(best.result.log_likelihood, top));
    fit_clear(&best);
    support_matrix_clear(&m);
}

Test(property, leaving_the_users_out_changes_no_parameter) {
    support_matrix m = make(&shapes[2]);
    mixfill_options options = some_options(5, 6);
    mixfill_model_summary summary;
    fit with = fit_matrix(&m, &options);
    options.keep_users = false;
    fit without = fit_matrix(&m, &options);
    same_bits("without users", &with, &without, false);
    mixfill_model_summarize(with.model, &summary);
    cr_assert(summary.has_users);
    mixfill_model_summarize(without.model, &summary);
    cr_assert_not(summary.has_users);
    fit_clear(&with);
    fit_clear(&without);
    support_matrix_clear(&m);
}

/* ---- failures ---- */

static const char untouched_model;

/* mixfill_fit fails with `status` and leaves its outputs alone. */
static mixfill_error refused(const support_matrix *m, const mixfill_options *options,
                             mixfill_status status) {
    mixfill_model *const sentinel = (mixfill_model *)(uintptr_t)&untouched_model;
    mixfill_model *model = sentinel;
    mixfill_result result, before;
    mixfill_error err;
    mixfill_ratings *ratings = support_ratings(m);
    int64_t live = mixfill_alloc_live;
    memset(&result, 0xa5, sizeof result);
    memset(&err, 0xa5, sizeof err);
    memcpy(&before, &result, sizeof result);
    mixfill_status st = mixfill_fit(&model, &result, ratings, options, &err);
    cr_assert(st == status && err.status == status, "%s, expected %s", mixfill_status_string(st),
              mixfill_status_string(status));
    cr_assert(model == sentinel && memcmp(&before, &result, sizeof result) == 0, "outputs");
    cr_assert(mixfill_alloc_live == live, "%d blocks leaked", (int)(mixfill_alloc_live - live));
    cr_assert(memchr(err.message, '\0', sizeof err.message) != NULL && err.message[0] != '\0');
    mixfill_ratings_free(ratings);
    return err;
}

Test(failure, an_option_out_of_range) {
    support_matrix m = make(&shapes[0]);
    mixfill_options options = some_options(4, 3);
    options.min_var = (double)NAN;
    refused(&m, &options, MIXFILL_ERR_ARG);
    support_matrix_clear(&m);
}

Test(failure, more_components_than_users) {
    support_matrix m = make(&shapes[4]);
    mixfill_options options = some_options(13, 3);
    refused(&m, &options, MIXFILL_ERR_DIM);
    support_matrix_clear(&m);
}

Test(failure, no_ratings) {
    support_matrix m = support_matrix_create(4, 3);
    mixfill_options options = some_options(2, 3);
    refused(&m, &options, MIXFILL_ERR_DIM);
    support_matrix_clear(&m);
}

typedef struct watch {
    int32_t calls, cancel_at; /* 0: never */
    mixfill_progress seen[32];
} watch;

static int on_progress(const mixfill_progress *progress, void *data) {
    watch *w = data;
    if (w->calls < 32)
        w->seen[w->calls] = *progress;
    w->calls++;
    return w->calls == w->cancel_at;
}

Test(failure, cancelling_leaves_the_outputs_alone) {
    support_matrix m = make(&shapes[0]);
    for (int32_t at = 1; at <= 12; at++) { /* in the first start, then in the second */
        watch w = {.cancel_at = at};
        mixfill_options options = some_options(4, 6);
        options.n_init = 2;
        options.progress = on_progress;
        options.progress_data = &w;
        refused(&m, &options, MIXFILL_ERR_CANCELLED);
        cr_assert(w.calls == at);
    }
    support_matrix_clear(&m);
}

Test(property, progress_tells_every_iteration) {
    support_matrix m = make(&shapes[0]);
    watch w = {0};
    mixfill_options options = some_options(4, 6);
    options.n_init = 2;
    options.progress = on_progress;
    options.progress_data = &w;
    mixfill_ratings *ratings = support_ratings(&m);
    fit f = fit_ratings(ratings, &options);
    cr_assert(w.calls == 12, "%d calls", (int)w.calls);
    for (int32_t i = 0; i < 12; i++) {
        const mixfill_progress *p = &w.seen[i];
        cr_assert(p->start == i / 6 && p->n_starts == 2 && p->iteration == i % 6 + 1);
        cr_assert(p->max_iter == 6 && p->n_ratings == mixfill_ratings_count(ratings));
        cr_assert(i % 6 == 0 ? isnan(p->change)
                             : p->change == p->log_likelihood - w.seen[i - 1].log_likelihood);
        if (p->start == f.result.best_start)
            cr_assert(p->log_likelihood == f.result.history[i % 6].log_likelihood);
    }
    fit_clear(&f);
    mixfill_ratings_free(ratings);
    support_matrix_clear(&m);
}

static void out_of_memory_sweep(bool notebook, bool keep_users, bool average) {
    support_random spec = {40, 30, 0.3, 5, 1, 1, 41};
    support_matrix m = support_matrix_random(&spec);
    mixfill_ratings *ratings = support_ratings(&m);
    mixfill_options options = some_options(3, 3);
    int64_t before = mixfill_alloc_live, budget = 0;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    options.notebook = notebook;
    options.keep_users = keep_users;
    if (average) {
        options.model = MIXFILL_MODEL_MAP;
        options.average = true;
        options.valid = ratings;
        options.patience = 2;
    }
    options.n_init = 2;
    options.threads = 2;
    for (; st != MIXFILL_OK && budget < 1000; budget++) {
        mixfill_model *model = NULL;
        mixfill_result result = {0};
        mixfill_alloc_budget = budget;
        st = mixfill_fit(&model, &result, ratings, &options, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM, "budget %d: %s", (int)budget,
                  mixfill_status_string(st));
        cr_assert((st == MIXFILL_OK) == (model != NULL), "budget %d", (int)budget);
        mixfill_model_free(model);
        mixfill_result_clear(&result);
        cr_assert(mixfill_alloc_live == before, "budget %d: %d blocks leaked", (int)budget,
                  (int)(mixfill_alloc_live - before));
    }
    cr_assert(st == MIXFILL_OK && budget > 3, "no success, or nothing was allocated");
    mixfill_ratings_free(ratings);
    support_matrix_clear(&m);
}

Test(failure, out_of_memory_anywhere) {
    for (int i = 0; i < 4; i++)
        out_of_memory_sweep(i & 1, i & 2, false);
    out_of_memory_sweep(false, true, true);
}
