/* The reference itself: two users and two items worked out by hand, and the published figures of
 * the Netflix matrix, trace by trace. */
#include "ref_em.h"
#include "support.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* One component started from user 0, ratings {1, 3} and {missing, 5}. */
static const double one_x[] = {1, 3, 0, 5};
static const unsigned char one_mask[] = {1, 1, 0, 1};

/* Two components, ratings {2, 4} and {4, missing}. */
static const double two_x[] = {2, 4, 4, 0};
static const unsigned char two_mask[] = {1, 1, 1, 0};

static void near(const char *what, double got, double want) {
    support_close(what, got, want, 1e-14 * fmax(1, fabs(want)));
}

Test(ref_em, classic_one_component_by_hand) {
    ref_em *em = ref_em_create(one_x, one_mask, 2, 2, 1);
    double trace[2], filled[4];
    ref_em_init(em, (const int[]){0});
    near("initial var", em->var[0], 1.25); /* (0 + 0 + 1 + 4)/4, a missing cell being 0 */
    cr_assert(ref_em_run(em, trace, 1, 0) == 1);
    near("first", trace[0], -1.5 * log(2 * pi * 1.25) - 4 / 2.5);
    near("mu_0", em->mu[0], 1);
    near("mu_1", em->mu[1], 4);
    near("var", em->var[0], 2.0 / 3);
    near("weight", em->weight[0], 1);
    near("second", ref_em_estep(em), -1.5 * log(2 * pi * 2 / 3) - 2 / (2 * 2.0 / 3));
    ref_em_complete(em, filled);
    cr_assert(filled[0] == 1 && filled[1] == 3 && filled[3] == 5);
    near("missing cell", filled[2], 1);
    ref_em_free(em);
}

Test(ref_em, classic_two_components_by_hand) {
    ref_em *em = ref_em_create(two_x, two_mask, 2, 2, 2);
    double a = 1 / (1 + exp(-2)), b = 1 / (1 + exp(0.4)); /* resp of component 0 */
    double moved = (2 * a + 4 * b) / (a + b);
    ref_em_init(em, (const int[]){0, 1});
    near("initial var", em->var[0], 5); /* (0 + 0 + 4 + 16)/4 */
    near("initial var", em->var[1], 5);
    near("first", ref_em_estep(em),
         2 * log(0.5) - 1.5 * log(10 * pi) + log(1 + exp(-2)) + log(1 + exp(-0.4)));
    near("resp of user 0", em->resp[0], a);
    near("resp of user 1", em->resp[2], b);
    ref_em_mstep(em);
    near("mu_00 moves, s0 = 1.28", em->mu[0], moved);
    near("mu_01 stays, s0 = 0.88", em->mu[1], 4);
    near("mu_10 stays, s0 = 0.72", em->mu[2], 4);
    near("mu_11 stays, s0 = 0.12", em->mu[3], 0);
    near("margin", em->margin, 1 - a);
    near("var_0", em->var[0],
         (a * (2 - moved) * (2 - moved) + b * (4 - moved) * (4 - moved)) / (2 * a + b));
    near("var_1", em->var[1], 20 * (1 - a) / (2 * (1 - a) + 1 - b));
    near("weight_0", em->weight[0], (a + b) / 2);
    near("weight_1", em->weight[1], 1 - (a + b) / 2);
    ref_em_free(em);
}

Test(ref_em, notebook_one_component_by_hand) {
    ref_em *em = ref_em_create(one_x, one_mask, 2, 2, 1);
    em->notebook = true;
    ref_em_init(em, (const int[]){0});
    near("first", ref_em_estep(em), -10 / 2.5 - 0.5 * log(2 * pi * 1.25) - (25 + 1) / 2.5);
    ref_em_mstep(em);
    near("mu_0, denom 2 - 1", em->mu[0], 1 / (1 + 1e-10));
    near("mu_1 stays, denom 2 - 2", em->mu[1], 3);
    near("var", em->var[0], 10 + 26);
    near("weight", em->weight[0], 1);
    ref_em_free(em);
}

Test(ref_em, notebook_two_components_by_hand) {
    ref_em *em = ref_em_create(two_x, two_mask, 2, 2, 2);
    /* norms: user 0: 4 + 16 in both, C = 0; user 1: 16 + 16 and 16 + 0, C = 1 */
    double b = 1 / (1 + exp(1.6)); /* resp of component 0 for user 1: 3.2 against 1.6 */
    em->notebook = true;
    ref_em_init(em, (const int[]){0, 1});
    near("first", ref_em_estep(em),
         -2 + log(0.5) - 0.5 * log(10 * pi) + log(exp(-3.2) + exp(-1.6)));
    near("resp of user 0", em->resp[0], 0.5);
    near("resp of user 1", em->resp[2], b);
    ref_em_mstep(em);
    for (size_t i = 0; i < 4; i++) /* every denom is 0, b or 1 - b */
        near("mu stays", em->mu[i], i == 0 ? 2 : i == 3 ? 0 : 4);
    near("var_0", em->var[0], (10 + 32 * b) / b);
    near("var_1", em->var[1], (10 + 16 * (1 - b)) / (1 - b));
    near("weight_0", em->weight[0], (0.5 + b) / 2);
    ref_em_free(em);
}

Test(ref_em, a_component_without_ratings_stays) {
    const double x[] = {2, 0};
    const unsigned char mask[] = {1, 0};
    ref_em *em = ref_em_create(x, mask, 2, 1, 2);
    em->min_support = 0;
    ref_em_init(em, (const int[]){0, 1});
    em->resp[0] = 1; /* user 1, who rated nothing, is all that component 1 has */
    em->resp[1] = 0;
    em->resp[2] = 0;
    em->resp[3] = 1;
    em->var[1] = 7;
    ref_em_mstep(em);
    cr_assert(em->mu[0] == 2 && em->var[0] == em->min_var);
    cr_assert(em->mu[1] == 0 && em->var[1] == 7 && em->weight[1] == 0.5);
    ref_em_free(em);
}

Test(ref_em, stop_rule) {
    cr_assert(ref_em_stops(-10, -9, 0.2));
    cr_assert_not(ref_em_stops(-10, -9, 0.1));
    cr_assert(ref_em_stops(-9, -10, 1e-6), "a fall ends the iterations");
    cr_assert(ref_em_stops(-9, -9, 1e-6));
    cr_assert_not(ref_em_stops(-9, -9, 0));
}

/* ---- the published figures ---- */

enum { N = 1200, D = 1200, CELLS = N * D, MAX_K = 12, MAX_ITER = 200, FIRST = 5 };

static double number(const json_t *entry, const char *key) {
    return json_number_value(json_object_get(entry, key));
}

static void check_list(const json_t *entry, const char *key, const double *got, size_t n) {
    double want[MAX_ITER];
    cr_assert(n <= MAX_ITER);
    support_golden_numbers(want, n, json_object_get(entry, key));
    for (size_t i = 0; i < n; i++)
        support_close(key, got[i], want[i], 1e-9 * fabs(want[i]));
}

static void check_means(const json_t *entry, const ref_em *em) {
    double sum[MAX_K], first[MAX_K * FIRST];
    for (size_t k = 0; k < em->k; k++) {
        sum[k] = 0;
        for (size_t j = 0; j < em->d; j++)
            sum[k] += em->mu[k * em->d + j];
        memcpy(first + k * FIRST, em->mu + k * em->d, FIRST * sizeof *first);
    }
    check_list(entry, "mu_sum", sum, em->k);
    check_list(entry, "mu_first", first, em->k * FIRST);
}

static void check_completion(const json_t *entry, ref_em *em) {
    char path[4096];
    cr_assert(support_data_path(path, sizeof path, "data/netflix/netflix_complete.txt"));
    support_matrix truth = support_read_dense(path, N, D, false);
    double *filled = malloc(CELLS * sizeof *filled), sum = 0;
    size_t missing = 0;
    cr_assert(filled != NULL);
    ref_em_complete(em, filled);
    for (size_t i = 0; i < CELLS; i++) {
        sum += (filled[i] - truth.x[i]) * (filled[i] - truth.x[i]);
        missing += !em->mask[i];
    }
    double all = sqrt(sum / CELLS), part = sqrt(sum / (double)missing);
    check_list(entry, "rmse_all", &all, 1);
    check_list(entry, "rmse_missing", &part, 1); /* observed cells keep their true value */
    free(filled);
    support_matrix_clear(&truth);
}

static void check_entry(size_t index) {
    char path[4096];
    json_t *golden = support_golden();
    const json_t *entry = json_array_get(json_object_get(golden, "netflix"), index);
    cr_assert(entry != NULL, "no entry %zu", index);
    cr_assert(support_data_path(path, sizeof path, "data/netflix/netflix_incomplete.txt"));
    support_matrix m = support_read_dense(path, N, D, true);
    size_t k = (size_t)number(entry, "K");
    ref_em *em = ref_em_create(m.x, m.mask, N, D, k);
    double drawn[MAX_K], trace[MAX_ITER];
    int rows[MAX_K];
    support_golden_numbers(drawn, k, json_object_get(entry, "rows"));
    for (size_t i = 0; i < k; i++)
        rows[i] = (int)drawn[i];
    em->notebook = strcmp(json_string_value(json_object_get(entry, "variant")), "notebook") == 0;
    em->min_var = number(entry, "min_var");

    ref_em_init(em, rows);
    check_list(entry, "initial_var", em->var, k);
    size_t iterations = ref_em_run(em, trace, MAX_ITER, 1e-6);
    cr_assert(iterations == (size_t)number(entry, "iterations"), "%zu iterations", iterations);
    check_list(entry, "log_likelihood", trace, iterations);
    check_list(entry, "var", em->var, k);
    check_list(entry, "p", em->weight, k);
    check_means(entry, em);
    double final = ref_em_estep(em);
    check_list(entry, "final_log_likelihood", &final, 1);
    check_completion(entry, em);
    ref_em_free(em);
    support_matrix_clear(&m);
    json_decref(golden);
}

/* One test per entry, so that they run side by side. */
Test(golden, notebook) {
    check_entry(0);
}

Test(golden, classic_12) {
    check_entry(1);
}

Test(golden, classic_12_higher_floor) {
    check_entry(2);
}

Test(golden, item_means) {
    check_entry(3);
}

Test(golden, classic_4) {
    check_entry(4);
}

Test(golden, has_no_other_entries) {
    json_t *golden = support_golden();
    cr_assert(json_array_size(json_object_get(golden, "netflix")) == 5);
    json_decref(golden);
}
