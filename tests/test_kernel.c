/* Kernels of every instruction set against plain loops, the exact grid, and the accumulators. */
#include "kinds.h"
#include "mixture/accumulators.h"
#include "mixture/estep.h"
#include "model/params.h"
#include "support.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { USERS = 50, ITEMS = 30, MAX_KP = 200 };

/* Call fn for each instruction set of this machine. */
static void for_each_isa(void (*fn)(const mixfill_kernels *kernels)) {
    char names[64];
    snprintf(names, sizeof names, "%s", mixfill_kernels_available());
    int n = 0;
    for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " "), n++) {
        const mixfill_kernels *kernels;
        cr_assert_eq(setenv("MIXFILL_ISA", name, 1), 0);
        cr_assert_eq(mixfill_kernels_choose(&kernels, NULL), MIXFILL_OK);
        cr_assert_str_eq(kernels->name, name);
        fn(kernels);
    }
    cr_assert_gt(n, 0);
}

static mixfill_ratings *make_ratings(int levels) {
    support_random spec = {.n = USERS,
                           .d = ITEMS,
                           .density = 0.4,
                           .levels = levels,
                           .low = -1.5,
                           .step = 0.5,
                           .seed = 5};
    support_matrix m = support_matrix_random(&spec);
    for (size_t j = 0; j < ITEMS; j++)
        m.mask[7 * ITEMS + j] = 0; /* an empty row */
    mixfill_ratings *r = support_ratings(&m);
    support_matrix_clear(&m);
    return r;
}

static double *random_doubles(size_t n, uint64_t seed) {
    double *x = mixfill_alloc(n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = support_uniform(&seed);
    return x;
}

static const size_t widths[] = {8, 16, 24, 32, 40, 64, MAX_KP};
enum { N_WIDTHS = sizeof widths / sizeof widths[0] };

static void check_rows(const mixfill_kernels *kernels, const mixfill_ratings *r, size_t kp) {
    static double sse[USERS * MAX_KP], norm[USERS * MAX_KP];
    double *mu = random_doubles(ITEMS * kp, 3);
    mixfill_rows rows = mixfill_rows_of(r, 0, r->n_users);
    kernels->squared_error(sse, &rows, mu, kp);
    kernels->squared_norm(norm, &rows, mu, kp);
    for (size_t u = 0; u < USERS; u++)
        for (size_t k = 0; k < kp; k++) {
            double want = 0, square = 0;
            for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
                double m = mu[(size_t)r->col[e] * kp + k], x = mixfill_ratings_value(r, e);
                want += (x - m) * (x - m);
                square += m * m;
            }
            support_close("squared error", sse[u * kp + k], want, 1e-13 * (1 + want));
            support_close("squared norm", norm[u * kp + k], square, 1e-13 * (1 + square));
        }
    mixfill_free(mu);
}

static void check_estep(const mixfill_kernels *kernels) {
    for (int levels = 0; levels <= 8; levels += 8) {
        mixfill_ratings *r = make_ratings(levels);
        cr_assert_eq(r->code != NULL, levels > 0);
        for (size_t w = 0; w < N_WIDTHS; w++)
            check_rows(kernels, r, widths[w]);
        mixfill_ratings_free(r);
    }
}

Test(kernel, estep) {
    for_each_isa(check_estep);
}

enum { POSTERIOR_ROWS = 40, COMPONENTS = 13, POSTERIOR_KP = 16 };

/* Densities of COMPONENTS components, the last of weight 0, and padding. */
static mixfill_densities make_densities(double *room) {
    mixfill_densities p = {room, room + POSTERIOR_KP, room + 2 * POSTERIOR_KP};
    uint64_t seed = 17;
    for (int k = 0; k < POSTERIOR_KP; k++) {
        bool used = k < COMPONENTS;
        p.log_weight[k] = k < COMPONENTS - 1 ? log(support_uniform(&seed)) : -(double)INFINITY;
        p.log_norm[k] = used ? support_uniform(&seed) - 0.5 : 0;
        p.half_prec[k] = used ? 0.1 + support_uniform(&seed) : 0;
    }
    return p;
}

/* resp of one row by the definition, in long double; returns log sum exp L. */
static long double naive_posterior(long double *resp, const double *distance, double cells,
                                   const mixfill_densities *p) {
    long double max = -(long double)INFINITY, sum = 0;
    for (int k = 0; k < POSTERIOR_KP; k++) {
        resp[k] = (long double)p->log_weight[k] - (long double)cells * (long double)p->log_norm[k] -
                  (long double)distance[k] * (long double)p->half_prec[k];
        max = resp[k] > max ? resp[k] : max;
    }
    for (int k = 0; k < POSTERIOR_KP; k++)
        sum += resp[k] = expl(resp[k] - max);
    for (int k = 0; k < POSTERIOR_KP; k++)
        resp[k] /= sum;
    return max + logl(sum);
}

/* Size of the terms of L_k: what its rounding errors, and so resp's relative ones, are fractions
 * of.
 */
static double magnitude(const mixfill_densities *p, int k, double distance, double cells) {
    double weight = isfinite(p->log_weight[k]) ? fabs(p->log_weight[k]) : 0;
    return 1 + weight + fabs(cells * p->log_norm[k]) + distance * p->half_prec[k];
}

static int likeliest(const long double *resp) {
    int best = 0;
    for (int k = 1; k < POSTERIOR_KP; k++)
        best = resp[k] > resp[best] ? k : best;
    return best;
}

/* Rows from all but equal distances to ones so far apart that exp underflows. */
static void check_responsibilities(const mixfill_kernels *kernels) {
    enum { KP = POSTERIOR_KP };
    double *room = random_doubles(3 * KP, 1), *resp = random_doubles(POSTERIOR_ROWS * KP, 2);
    double *distance = random_doubles(POSTERIOR_ROWS * KP, 3), *sums = random_doubles(3 * KP, 4);
    long double want[KP], total[3 * KP], log_likelihood = 0;
    int64_t row_ptr[POSTERIOR_ROWS + 1] = {5};
    mixfill_densities p = make_densities(room);
    for (int l = 0; l < 3 * KP; l++)
        total[l] = (long double)sums[l];
    for (int i = 0; i < POSTERIOR_ROWS; i++) {
        row_ptr[i + 1] = row_ptr[i] + i;
        for (int k = 0; k < KP; k++)
            distance[i * KP + k] *= ldexp(1, i - 20);
    }
    mixfill_rows rows = {.row_ptr = row_ptr, .n_rows = POSTERIOR_ROWS};
    double got = kernels->responsibilities(resp, sums, distance, &rows, &p, KP);
    for (int i = 0; i < POSTERIOR_ROWS; i++) {
        const double *d = distance + (size_t)i * KP, *r = resp + (size_t)i * KP;
        log_likelihood += naive_posterior(want, d, i, &p);
        int best = likeliest(want);
        for (int k = 0; k < KP; k++) {
            double size = magnitude(&p, k, d[k], i) + magnitude(&p, best, d[best], i);
            support_close("resp", r[k], (double)want[k],
                          3 * DBL_EPSILON * size * (double)want[k] + DBL_MIN);
            total[k] += (long double)r[k];
            total[KP + k] += (long double)r[k] * (long double)d[k];
            total[2 * KP + k] += (long double)r[k] * i;
        }
    }
    support_close("log-likelihood", got, (double)log_likelihood, 1e-14 * fabs(got));
    for (int l = 0; l < 3 * KP; l++)
        support_close("sum", sums[l], (double)total[l], 1e-14 * (1 + (double)total[l]));
    distance[3 * KP + 2] = (double)NAN;
    cr_expect(isnan(kernels->responsibilities(resp, sums, distance, &rows, &p, KP)));
    mixfill_free(room);
    mixfill_free(resp);
    mixfill_free(distance);
    mixfill_free(sums);
}

Test(kernel, responsibilities) {
    for_each_isa(check_responsibilities);
}

/* What add_moments adds for one pair, by the definition. */
static void naive_pair(double *out, const mixfill_pairs *p, int32_t i, const double *resp,
                       const double *grid, size_t kp) {
    uint32_t begin = i > 0 ? p->end[i - 1] : p->begin;
    for (size_t k = 0; k < kp; k++) {
        double s0 = 0, s1 = 0;
        for (uint32_t e = begin; e < p->end[i]; e++) {
            double x = p->code != NULL ? p->level[p->code[e]] : p->value[e];
            size_t u = p->near != NULL ? p->near[e] : (size_t)p->far[e];
            s0 += resp[u * kp + k];
            s1 += resp[u * kp + k] * x;
        }
        volatile double r0 = s0 + grid[2 * p->item[i]], r1 = s1 + grid[2 * p->item[i] + 1];
        out[k] = r0 - grid[2 * p->item[i]];
        out[kp + k] = r1 - grid[2 * p->item[i] + 1];
    }
}

static void check_pairs(const mixfill_kernels *kernels, const mixfill_pairs *p, const double *resp,
                        const double *grid, size_t kp) {
    double *acc = random_doubles(ITEMS * 2 * kp, 11), *before = random_doubles(ITEMS * 2 * kp, 11);
    double want[2 * MAX_KP];
    kernels->add_moments(acc, p, resp, grid, kp);
    for (int32_t i = 0; i < p->n_items; i++) {
        size_t row = (size_t)(p->packed ? i : p->item[i]) * 2 * kp;
        naive_pair(want, p, i, resp, grid, kp);
        for (size_t l = 0; l < 2 * kp; l++) {
            support_close("moment", acc[row + l], before[row + l] + want[l], 1e-9);
            before[row + l] = acc[row + l];
        }
    }
    cr_expect_arr_eq(acc, before, ITEMS * 2 * kp * sizeof *acc, "a row without a pair changed");
    mixfill_free(acc);
    mixfill_free(before);
}

static void check_mstep(const mixfill_kernels *kernels) {
    static const int32_t item[] = {0, 3, 4, 29};
    static const uint32_t end[] = {2, 3, 9, 12};
    static const uint16_t user[] = {0, 49, 3, 1, 2, 3, 4, 5, 6, 10, 20, 30};
    static const uint8_t code[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    static const double level[256] = {0.5, -3, 4.25};
    int32_t far[12];
    double value[12], grid[2 * ITEMS];
    for (int e = 0; e < 12; e++)
        value[e] = level[code[e]];
    for (int e = 0; e < 12; e++)
        far[e] = user[e];
    for (int j = 0; j < ITEMS; j++) {
        grid[2 * j] = mixfill_grid(USERS);
        grid[2 * j + 1] = mixfill_grid(USERS * 4.25);
    }
    for (size_t w = 0; w < N_WIDTHS; w++) {
        double *resp = random_doubles(USERS * widths[w], 7);
        mixfill_pairs p = {
            .item = item, .end = end, .near = user, .code = code, .level = level, .n_items = 4};
        check_pairs(kernels, &p, resp, grid, widths[w]);
        p.code = NULL;
        p.value = value;
        check_pairs(kernels, &p, resp, grid, widths[w]);
        p.near = NULL;
        p.far = far;
        check_pairs(kernels, &p, resp, grid, widths[w]);
        p.code = code;
        p.value = NULL;
        check_pairs(kernels, &p, resp, grid, widths[w]);
        p.packed = true;
        p.item++;
        p.end++;
        p.begin = 2;
        p.n_items = 3;
        check_pairs(kernels, &p, resp, grid, widths[w]);
        mixfill_free(resp);
    }
}

/* Supports below, at and above the least, and 0. */
static void check_update(const mixfill_kernels *kernels) {
    static const double support[] = {0, 0.5, 1, 1.5, 0, 1e-16, 7, 0.999999};
    for (size_t w = 0; w < N_WIDTHS; w++)
        for (double least = 0; least < 2; least++) {
            size_t kp = widths[w];
            double *mu = random_doubles(kp, 1), *old = random_doubles(kp, 1);
            double *change = random_doubles(kp, 2), *before = random_doubles(kp, 2);
            double *sums = random_doubles(2 * kp, 3);
            for (size_t k = 0; k < kp; k++) {
                sums[k] = support[k % 8];
                sums[kp + k] *= sums[k];
            }
            kernels->update_means(mu, change, sums, least, kp);
            for (size_t k = 0; k < kp; k++) {
                double s0 = sums[k], s1 = sums[kp + k], delta = s1 / s0 - old[k];
                bool moves = s0 > 0 && s0 >= least;
                double want = delta * delta * s0 - 2 * delta * (s1 - old[k] * s0);
                cr_expect_eq(mu[k], moves ? s1 / s0 : old[k]);
                support_close("change", change[k], before[k] + (moves ? want : 0), 1e-14);
            }
            mixfill_free(mu);
            mixfill_free(old);
            mixfill_free(change);
            mixfill_free(before);
            mixfill_free(sums);
        }
}

Test(kernel, update) {
    for_each_isa(check_update);
}

Test(kernel, mstep) {
    for_each_isa(check_mstep);
}

Test(kernel, unknown_isa_is_refused) {
    const mixfill_kernels *kernels = NULL;
    mixfill_error err = {0};
    cr_assert_eq(setenv("MIXFILL_ISA", "v9", 1), 0);
    cr_expect_eq(mixfill_kernels_choose(&kernels, &err), MIXFILL_ERR_ARG);
    cr_expect_null(kernels);
    cr_expect_not_null(strstr(err.message, "MIXFILL_ISA: 'v9'"));
}

/* b = 1.5 * 2^(52-g) for the largest g with bound * 2^g < 2^51. */
Test(grid, is_as_fine_as_the_bound_allows) {
    static const double bounds[] = {1, 2, 3, 4, 5, 1023, 1024, 1025, 0.5, 1e150, 1e-150, 262144};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        double b = mixfill_grid(bounds[i]);
        int e;
        cr_expect_eq(frexp(b, &e), 0.75);
        int g = 52 - (e - 1);
        cr_expect_lt(bounds[i], ldexp(1, 51 - g), "bound %g", bounds[i]);
        cr_expect_geq(bounds[i], ldexp(1, 51 - g - 1), "bound %g: a finer grid fits", bounds[i]);
    }
    cr_expect_eq(mixfill_grid(0), 0);
    cr_expect(mixfill_grid(DBL_TRUE_MIN) > 0);
}

Test(grid, sums_are_exact_in_any_order) {
    enum { TERMS = 3000 };
    static double term[TERMS];
    uint64_t seed = 99;
    for (int trial = 0; trial < 20; trial++) {
        double b = mixfill_grid(TERMS * 5.0), forward = 0, backward = 0, shuffled = 0;
        for (int i = 0; i < TERMS; i++) {
            volatile double sum = (support_uniform(&seed) * 10 - 5) + b;
            term[i] = sum - b;
            forward += term[i];
        }
        for (int i = TERMS - 1; i >= 0; i--)
            backward += term[i];
        for (int i = 0; i < TERMS; i++)
            shuffled += term[(i * 1009) % TERMS];
        cr_expect_eq(forward, backward);
        cr_expect_eq(forward, shuffled);
    }
}

/* The reduced rows of 40 blocks, added as threads 0, 1, ... in turn, into out (ITEMS,2,16). */
static void sums_of_blocks(double *out, const mixfill_kernels *kernels, int32_t threads,
                           int32_t n_hot) {
    static const int32_t item[] = {0, 1, 2, 5, 17, 18, 28, 29};
    static const uint32_t end[] = {3, 4, 6, 7, 9, 10, 11, 12};
    static const uint16_t user[] = {0, 7, 9, 3, 1, 2, 4, 5, 6, 10, 20, 30};
    static const uint8_t code[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    static const double level[256] = {0.3, -3.1, 4.7};
    mixfill_pairs p = {
        .item = item, .end = end, .near = user, .code = code, .level = level, .n_items = 8};
    double *resp = random_doubles(USERS * 16, 7), grid[2 * ITEMS];
    mixfill_accumulators a;
    for (int j = 0; j < 2 * ITEMS; j++)
        grid[j] = mixfill_grid(1000 * 4.7);
    cr_assert(mixfill_accumulators_init(&a, ITEMS, n_hot, threads, 16));
    cr_expect_eq(a.bytes, mixfill_accumulators_bytes(ITEMS, n_hot, threads, 16));
    for (int32_t t = 0; t < threads; t++)
        mixfill_accumulators_zero(&a, t);
    for (int32_t i = 0; i < 40; i++) {
        resp[i % 7] += 0.001 * i;
        mixfill_accumulators_add(&a, kernels, &p, resp, grid, i % threads);
    }
    for (int32_t j = 0; j < ITEMS; j++)
        memcpy(out + j * 32, mixfill_accumulators_reduce(&a, j), 32 * sizeof *out);
    mixfill_accumulators_clear(&a);
    mixfill_free(resp);
}

static void check_splits(const mixfill_kernels *kernels) {
    static double one[ITEMS * 32], other[ITEMS * 32];
    sums_of_blocks(one, kernels, 1, ITEMS);
    double total = 0;
    for (int i = 0; i < ITEMS * 32; i++)
        total += fabs(one[i]);
    cr_assert_gt(total, 100);
    for (int32_t threads = 1; threads <= 7; threads += 3)
        for (int32_t n_hot = 0; n_hot <= ITEMS; n_hot += 6) {
            sums_of_blocks(other, kernels, threads, n_hot);
            cr_expect_arr_eq(one, other, sizeof one, "%d threads, %d hot", threads, n_hot);
        }
}

Test(accumulators, the_split_changes_no_bit) {
    for_each_isa(check_splits);
}

Test(accumulators, hot_items_are_worth_a_copy_and_fit_the_budget) {
    static const int32_t count[] = {900, 50, 10, 9, 8, 3, 1, 0};
    const size_t row = 2 * 16 * sizeof(double), plenty = 1 << 30;
    cr_expect_eq(mixfill_accumulators_n_hot(count, 8, 64, 1, 16, 0), 8, "one thread: one copy");
    cr_expect_eq(mixfill_accumulators_n_hot(count, 8, 64, 8, 16, plenty), 4);
    cr_expect_eq(mixfill_accumulators_n_hot(count, 8, 8, 8, 16, plenty), 0, "as many blocks");
    size_t shared = mixfill_accumulators_bytes(8, 0, 8, 16);
    const size_t locks = MIXFILL_STRIPES * sizeof(atomic_flag);
    cr_expect_eq(shared, (8 + 8 * MIXFILL_PACKED) * row + locks);
    cr_expect_eq(mixfill_accumulators_n_hot(count, 8, 64, 8, 16, 0), 0);
    cr_expect_eq(mixfill_accumulators_n_hot(count, 8, 64, 8, 16, shared + 14 * row), 2);
    cr_expect_eq(mixfill_accumulators_bytes(8, 2, 8, 16), shared + 14 * row);
}

static mixfill_model *fit_within(const mixfill_ratings *r, size_t max_memory) {
    mixfill_options o;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, MIXFILL_MODEL_CLASSIC);
    o.n_components = 5;
    o.max_iter = 4;
    o.tol = 0;
    o.threads = 4;
    o.max_memory = max_memory;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
    return m;
}

Test(memory, a_bound_is_kept_or_refused_and_changes_no_bit) {
    support_random spec = {.n = 2500, .d = 100, .density = 0.5, .levels = 9, .low = 1, .step = 0.5};
    support_matrix matrix = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&matrix);
    mixfill_options o;
    mixfill_memory free_choice, least;
    mixfill_error err;
    mixfill_options_init_model(&o, MIXFILL_MODEL_CLASSIC);
    o.n_components = 5;
    o.threads = 4;
    cr_assert_eq(mixfill_fit_memory(&free_choice, r, &o, &err), MIXFILL_OK);
    cr_expect_gt(free_choice.n_hot, 0);
    o.max_memory = 1;
    cr_expect_eq(mixfill_fit_memory(&least, r, &o, &err), MIXFILL_ERR_RANGE);
    bool parallel = free_choice.threads > 1; /* else one copy is all there is */
    size_t copies = (size_t)free_choice.threads - 1;
    size_t extra = (size_t)free_choice.n_hot * copies * 2 * 8 * sizeof(double);
    o.max_memory = free_choice.total - extra;
    cr_assert_eq(mixfill_fit_memory(&least, r, &o, &err), MIXFILL_OK, "%s", err.message);
    cr_expect_eq(least.n_hot, parallel ? 0 : 100);
    cr_expect_eq(least.total, o.max_memory);
    o.max_memory--;
    cr_expect_eq(mixfill_fit_memory(&least, r, &o, &err), MIXFILL_ERR_RANGE);
    mixfill_model *a = fit_within(r, 0), *b = fit_within(r, free_choice.total - extra);
    for (int32_t k = 0; k < 5; k++) {
        double va = mixfill_model_var(a, k), vb = mixfill_model_var(b, k);
        cr_expect_arr_eq(&va, &vb, sizeof va);
        for (int32_t j = 0; j < 100; j++)
            cr_expect_eq(mixfill_model_mean(a, k, j), mixfill_model_mean(b, k, j));
    }
    mixfill_model_free(a);
    mixfill_model_free(b);
    mixfill_ratings_free(r);
    support_matrix_clear(&matrix);
}

/* Also of an average of one start, beside which the start under way is a set of its own. */
Test(memory, the_plan_has_every_set_of_parameters) {
    support_random spec = {.n = 50, .d = 40, .density = 0.3, .levels = 9, .low = 1, .step = 0.5};
    support_matrix matrix = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&matrix);
    mixfill_options o;
    mixfill_memory m;
    size_t set = 0, total[2][3], model[2][3];
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = 5;
    for (int average = 0; average < 2; average++)
        for (int n = 1; n < 3; n++) {
            o.average = average;
            o.n_init = n;
            cr_assert_eq(mixfill_fit_memory(&m, r, &o, NULL), MIXFILL_OK);
            total[average][n] = m.total;
            model[average][n] = m.model;
        }
    o.average = false;
    mixfill_shape one = mixfill_shape_of(mixfill_kind_of(&o), &o, r->n_users, r->n_items);
    cr_assert_eq(mixfill_params_bytes(&set, &one, (mixfill_scope){.users = true}, NULL),
                 MIXFILL_OK);
    cr_expect_eq(total[0][2] - total[0][1], set, "the best start's");
    for (int n = 1; n < 3; n++)
        cr_expect_eq(total[1][n] - model[1][n], total[0][1] - model[0][1] + set, "%d starts", n);
    mixfill_ratings_free(r);
    support_matrix_clear(&matrix);
}

enum { SCORED_PEOPLE = 11, PANELS = 3, SCORED_ITEMS = PANELS * MIXFILL_PANEL };

/* Every person's scores against plain sums, and the same bits for a person scored alone. */
static void check_scores_of(const mixfill_kernels *kernels, size_t width) {
    double *table = random_doubles(SCORED_ITEMS * width, 21),
           *item_base = random_doubles(SCORED_ITEMS, 22);
    double *coefficients = random_doubles(SCORED_PEOPLE * width, 23);
    double *base = random_doubles(SCORED_PEOPLE, 24);
    double *got = random_doubles(SCORED_PEOPLE * SCORED_ITEMS, 25);
    double *alone = random_doubles(SCORED_ITEMS, 26);
    item_base[5] = -(double)INFINITY;
    mixfill_panels panels = {table, item_base, width, PANELS};
    kernels->scores(got, &panels, coefficients, base, SCORED_PEOPLE);
    for (size_t p = 0; p < SCORED_PEOPLE; p++) {
        kernels->scores(alone, &panels, coefficients + p * width, base + p, 1);
        cr_expect_arr_eq(alone, got + p * SCORED_ITEMS, SCORED_ITEMS * sizeof *got);
        for (size_t j = 0; j < SCORED_ITEMS; j++) {
            const double *column =
                table + j / MIXFILL_PANEL * width * MIXFILL_PANEL + j % MIXFILL_PANEL;
            double want = base[p] + item_base[j];
            for (size_t k = 0; k < width; k++)
                want += coefficients[p * width + k] * column[k * MIXFILL_PANEL];
            if (j == 5)
                cr_expect(isinf(alone[j]) && alone[j] < 0);
            else
                support_close("score", got[p * SCORED_ITEMS + j], want,
                              1e-14 * (2 + (double)width));
        }
    }
    mixfill_free(table);
    mixfill_free(item_base);
    mixfill_free(coefficients);
    mixfill_free(base);
    mixfill_free(got);
    mixfill_free(alone);
}

static void check_scores(const mixfill_kernels *kernels) {
    static const size_t scored_widths[] = {1, 2, 7, 8, 13, 40};
    for (size_t w = 0; w < sizeof scored_widths / sizeof scored_widths[0]; w++)
        check_scores_of(kernels, scored_widths[w]);
}

Test(kernel, scores) {
    for_each_isa(check_scores);
}

/* From every place, for bounds among, above and below the values, equal ones and infinities. */
static void check_find_above(const mixfill_kernels *kernels) {
    enum { N = 300 };
    double *x = random_doubles(N, 31);
    for (int i = 0; i < N; i++)
        x[i] = i % 3 == 0 ? -(double)INFINITY : floor(8 * x[i]);
    static const double bounds[] = {-(double)INFINITY, 0, 3, 6, 7};
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++)
        for (int32_t n = 0; n <= N; n += 37)
            for (int32_t from = 0; from <= n; from++) {
                int32_t want = from;
                while (want < n && !(x[want] > bounds[b]))
                    want++;
                cr_assert_eq(kernels->find_above(x, from, n, bounds[b]), want);
            }
    cr_expect_eq(kernels->find_above(x, 0, N, 7), N);
    mixfill_free(x);
}

Test(kernel, find_above) {
    for_each_isa(check_find_above);
}
