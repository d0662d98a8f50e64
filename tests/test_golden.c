/* The published figures of the Netflix matrix through the library: traces, parameters, completion,
 * and the same bits for every thread count. */
#include "support.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

enum {
    SIDE = 1200,
    CELLS = SIDE * SIDE,
    N_MISSING = 328232,
    MAX_K = 12,
    MAX_ITER = 200,
    FIRST = 5
};

static double number(const json_t *entry, const char *key) {
    return json_number_value(json_object_get(entry, key));
}

static mixfill_ratings *load(const char *name, bool nan_is_missing) {
    char path[4096];
    mixfill_read_options options;
    mixfill_ratings *ratings = NULL;
    mixfill_error err = {0};
    mixfill_read_options_init(&options);
    options.missing = nan_is_missing ? (double)NAN : 0;
    cr_assert(support_data_path(path, sizeof path, name));
    cr_assert(mixfill_ratings_load(&ratings, NULL, path, &options, &err) == MIXFILL_OK, "%s",
              err.message);
    return ratings;
}

static mixfill_options options_of(const json_t *entry) {
    mixfill_options options;
    mixfill_options_init(&options);
    options.model = MIXFILL_MODEL_CLASSIC;
    options.n_components = (int32_t)number(entry, "K");
    options.seed = (uint32_t)number(entry, "seed");
    options.min_var = number(entry, "min_var");
    options.notebook =
        strcmp(json_string_value(json_object_get(entry, "variant")), "notebook") == 0;
    return options;
}

static void check_list(const json_t *entry, const char *key, const double *got, size_t n,
                       double absolute) {
    double want[MAX_ITER];
    cr_assert(n <= MAX_ITER);
    support_golden_numbers(want, n, json_object_get(entry, key));
    for (size_t i = 0; i < n; i++)
        support_close(key, got[i], want[i], fmax(absolute, 1e-9 * fabs(want[i])));
}

static void check_trace(const json_t *entry, const mixfill_result *result) {
    double trace[MAX_ITER];
    cr_assert(result->iterations == (int32_t)number(entry, "iterations"), "%d iterations",
              (int)result->iterations);
    cr_assert(result->converged && result->stop_reason == MIXFILL_STOP_TOL);
    for (int32_t i = 0; i < result->iterations; i++)
        trace[i] = result->history[i].log_likelihood;
    check_list(entry, "log_likelihood", trace, (size_t)result->iterations, 0);
    check_list(entry, "final_log_likelihood", &result->final_log_likelihood, 1, 0);
}

static void check_parameters(const json_t *entry, const mixfill_model *model) {
    double var[MAX_K], weight[MAX_K], sum[MAX_K], first[MAX_K * FIRST];
    size_t k = (size_t)number(entry, "K");
    for (size_t i = 0; i < k; i++) {
        var[i] = mixfill_model_var(model, (int32_t)i);
        weight[i] = mixfill_model_weight(model, (int32_t)i);
        sum[i] = 0;
        for (int32_t j = 0; j < SIDE; j++)
            sum[i] += mixfill_model_mean(model, (int32_t)i, j);
        for (int32_t j = 0; j < FIRST; j++)
            first[i * FIRST + (size_t)j] = mixfill_model_mean(model, (int32_t)i, j);
    }
    check_list(entry, "var", var, k, 1e-8);
    check_list(entry, "p", weight, k, 1e-8);
    check_list(entry, "mu_sum", sum, k, SIDE * 1e-8);
    check_list(entry, "mu_first", first, k * FIRST, 1e-8);
}

static void check_completion(const json_t *entry, const mixfill_model *model,
                             const mixfill_ratings *data) {
    mixfill_ratings *truth = load("data/netflix/netflix_complete.txt", true);
    mixfill_completion c;
    mixfill_error err = {0};
    cr_assert(mixfill_complete(model, &c, data, truth, NULL, &(mixfill_run){.threads = 2}, &err) ==
                  MIXFILL_OK,
              "%s", err.message);
    cr_assert(c.n_filled == N_MISSING && c.n_missing == N_MISSING && c.n_all == CELLS);
    cr_assert(c.unknown_items == 0);
    check_list(entry, "rmse_all", &c.rmse_all, 1, 0);
    check_list(entry, "rmse_missing", &c.rmse_missing, 1, 0);
    mixfill_ratings_free(truth);
}

static void check_same_bits(const mixfill_model *a, const mixfill_model *b, int32_t n_components) {
    for (int32_t k = 0; k < n_components; k++) {
        cr_assert(mixfill_model_weight(a, k) == mixfill_model_weight(b, k), "weight %d", (int)k);
        cr_assert(mixfill_model_var(a, k) == mixfill_model_var(b, k), "var %d", (int)k);
        for (int32_t j = 0; j < SIDE; j++)
            cr_assert(mixfill_model_mean(a, k, j) == mixfill_model_mean(b, k, j), "mu %d %d",
                      (int)k, (int)j);
        for (int32_t u = 0; u < SIDE; u++)
            cr_assert(mixfill_model_responsibility(a, u, k) ==
                          mixfill_model_responsibility(b, u, k),
                      "resp %d %d", (int)u, (int)k);
    }
}

static void check_entry(size_t index) {
    json_t *golden = support_golden();
    const json_t *entry = json_array_get(json_object_get(golden, "netflix"), index);
    cr_assert(entry != NULL, "no entry %zu", index);
    mixfill_ratings *data = load("data/netflix/netflix_incomplete.txt", false);
    cr_assert(mixfill_ratings_count(data) == CELLS - N_MISSING);
    mixfill_options options = options_of(entry);
    mixfill_model *one = NULL, *three = NULL;
    mixfill_result result = {0}, again = {0};
    mixfill_error err = {0};

    options.threads = 1;
    cr_assert(mixfill_fit(&one, &result, data, &options, &err) == MIXFILL_OK, "%s", err.message);
    check_trace(entry, &result);
    check_parameters(entry, one);
    check_completion(entry, one, data);

    options.threads = 3;
    cr_assert(mixfill_fit(&three, &again, data, &options, &err) == MIXFILL_OK, "%s", err.message);
    cr_assert(again.iterations == result.iterations);
    for (int32_t i = 0; i < result.iterations; i++)
        cr_assert(again.history[i].log_likelihood == result.history[i].log_likelihood);
    cr_assert(again.final_log_likelihood == result.final_log_likelihood);
    check_same_bits(one, three, options.n_components);

    mixfill_model_free(one);
    mixfill_model_free(three);
    mixfill_result_clear(&result);
    mixfill_result_clear(&again);
    mixfill_ratings_free(data);
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
