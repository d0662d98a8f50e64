/* NumPy's draw against NumPy's own results, and the properties of the streams. */
#include "base/rng.h"

#include <criterion/criterion.h>
#include <math.h>

typedef struct draw {
    int32_t n, k;
    uint32_t seed;
    int32_t rows[16];
} draw;

Test(rng, numpy_choice_draws_what_numpy_draws) {
    static const draw draws[] = {
        {1, 1, 9, {0}},
        {5, 3, 0, {2, 0, 1}},
        {7, 7, 3, {4, 6, 5, 3, 1, 0, 2}},
        {1000, 10, 42, {521, 737, 740, 660, 411, 678, 626, 513, 859, 136}},
        {1200, 12, 0, {198, 328, 45, 263, 621, 520, 186, 987, 1107, 1052, 311, 1090}},
        {1200, 12, 1, {636, 683, 1033, 190, 1083, 283, 817, 314, 537, 664, 239, 135}},
        {65537, 8, 12345, {48786, 20689, 38602, 27136, 33781, 60225, 16272, 2740}},
        {200948,
         16,
         7,
         {54318, 120875, 5588, 119547, 194096, 54260, 138199, 162024, 59253, 50048, 70162, 15874,
          97119, 54566, 78893, 200272}},
    };
    for (size_t i = 0; i < sizeof draws / sizeof draws[0]; i++) {
        const draw *d = &draws[i];
        int32_t rows[16];
        cr_assert_eq(mixfill_numpy_choice(rows, d->k, d->n, d->seed, NULL), MIXFILL_OK);
        cr_assert_arr_eq(rows, d->rows, (size_t)d->k * sizeof *rows, "n %d, seed %u", (int)d->n,
                         (unsigned)d->seed);
    }
}

Test(rng, numpy_choice_of_all_is_a_permutation) {
    enum { N = 3000 };
    static int32_t rows[N];
    bool seen[N] = {false};
    cr_assert_eq(mixfill_numpy_choice(rows, N, N, UINT32_MAX, NULL), MIXFILL_OK);
    for (int i = 0; i < N; i++) {
        cr_assert(rows[i] >= 0 && rows[i] < N && !seen[rows[i]]);
        seen[rows[i]] = true;
    }
}

Test(rng, numpy_choice_reports_no_memory) {
    int32_t row = -1;
    mixfill_error err = {0};
    mixfill_alloc_budget = 0;
    mixfill_status st = mixfill_numpy_choice(&row, 1, 10, 1, &err);
    mixfill_alloc_budget = -1;
    cr_assert_eq(st, MIXFILL_ERR_NOMEM);
    cr_assert_eq(err.status, MIXFILL_ERR_NOMEM);
    cr_assert_eq(row, -1);
    cr_assert_eq(mixfill_alloc_live, 0);
}

/* First outputs for state 0, from the reference splitmix64.c of Vigna. */
Test(rng, next_is_splitmix64) {
    mixfill_rng rng = {.state = 0};
    cr_assert_eq(mixfill_rng_next(&rng), UINT64_C(0xE220A8397B1DCDAF));
    cr_assert_eq(mixfill_rng_next(&rng), UINT64_C(0x6E789E6AA1B965F4));
    cr_assert_eq(mixfill_rng_next(&rng), UINT64_C(0x06C45D188009454F));
}

Test(rng, streams_do_not_depend_on_the_order_of_drawing) {
    mixfill_rng a = mixfill_rng_stream(1, 2, 3), b = mixfill_rng_stream(1, 2, 4);
    uint64_t one_by_one[4], interleaved[4];
    for (int i = 0; i < 4; i++)
        one_by_one[i] = mixfill_rng_next(&a);
    a = mixfill_rng_stream(1, 2, 3);
    for (int i = 0; i < 4; i++) {
        mixfill_rng_next(&b);
        interleaved[i] = mixfill_rng_next(&a);
    }
    cr_assert_arr_eq(one_by_one, interleaved, sizeof one_by_one);
}

static int compare_states(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

Test(rng, seeds_purposes_and_indices_have_streams_of_their_own) {
    enum { SIDE = 20, COUNT = SIDE * SIDE * SIDE };
    static uint64_t state[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        state[i] = mixfill_rng_stream(i % SIDE, i / SIDE % SIDE, (uint64_t)i / (SIDE * SIDE)).state;
    qsort(state, COUNT, sizeof *state, compare_states);
    for (int i = 1; i < COUNT; i++)
        cr_assert_neq(state[i], state[i - 1]);
}

/* 1e6 draws: the mean of n uniform numbers has sd 1 / sqrt(12 n) = 0.00029. */
Test(rng, uniform_is_uniform) {
    enum { DRAWS = 1000000, BINS = 20 };
    mixfill_rng rng = mixfill_rng_stream(1, 1, 1);
    double sum = 0, chi_square = 0;
    int count[BINS] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double x = mixfill_rng_uniform(&rng);
        cr_assert(x >= 0 && x < 1);
        sum += x;
        count[(int)(x * BINS)]++;
    }
    for (int i = 0; i < BINS; i++)
        chi_square += pow(count[i] - DRAWS / BINS, 2) / (DRAWS / BINS);
    cr_assert_float_eq(sum / DRAWS, 0.5, 4 * 0.00029);
    cr_assert_lt(chi_square, 43.8, "%g, 0.1%% quantile for 19 degrees of freedom", chi_square);
}

/* First draws of many streams must be as uniform as the draws of one. */
Test(rng, streams_are_uniform_across_indices) {
    enum { STREAMS = 200000, BINS = 20 };
    double chi_square = 0;
    int count[BINS] = {0};
    for (uint64_t i = 0; i < STREAMS; i++) {
        mixfill_rng rng = mixfill_rng_stream(1, 4, i);
        count[(int)(mixfill_rng_uniform(&rng) * BINS)]++;
    }
    for (int i = 0; i < BINS; i++)
        chi_square += pow(count[i] - STREAMS / BINS, 2) / (STREAMS / BINS);
    cr_assert_lt(chi_square, 43.8, "%g, 0.1%% quantile for 19 degrees of freedom", chi_square);
}

Test(rng, below_stays_below) {
    static const uint64_t bounds[] = {
        1, 2, 3, 10, UINT64_C(1) << 32, UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1, UINT64_MAX};
    mixfill_rng rng = mixfill_rng_stream(1, 1, 2);
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
        for (int repeat = 0; repeat < 1000; repeat++)
            cr_assert_lt(mixfill_rng_below(&rng, bounds[i]), bounds[i]);
}

/* Below 3 * 2^62 a plain remainder would give the lowest third half of all draws. */
Test(rng, below_has_no_bias) {
    enum { DRAWS = 300000 };
    const uint64_t third = UINT64_C(1) << 62;
    mixfill_rng rng = mixfill_rng_stream(1, 1, 3);
    int count[3] = {0};
    for (int i = 0; i < DRAWS; i++)
        count[mixfill_rng_below(&rng, 3 * third) / third]++;
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq(count[i], DRAWS / 3, 4 * sqrt(DRAWS * 2 / 9.0), "%d", count[i]);
}

Test(rng, below_reaches_every_value_of_a_power_of_two_evenly) {
    enum { DRAWS = 160000 };
    mixfill_rng rng = mixfill_rng_stream(1, 1, 4);
    int count[16] = {0};
    for (int i = 0; i < DRAWS; i++)
        count[mixfill_rng_below(&rng, UINT64_C(1) << 63) >> 59]++;
    for (int i = 0; i < 16; i++)
        cr_assert_float_eq(count[i], DRAWS / 16, 4 * sqrt(DRAWS * 15 / 256.0), "%d", count[i]);
}

/* The sampling sd of moments 1 to 4 of n normal numbers is sqrt({1, 2, 15, 96} / n). */
Test(rng, normal_has_normal_moments) {
    enum { DRAWS = 1000000 };
    static const double expected[] = {0, 1, 0, 3}, variance[] = {1, 2, 15, 96};
    mixfill_rng rng = mixfill_rng_stream(1, 1, 5);
    double sum[4] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double x = mixfill_rng_normal(&rng);
        for (int power = 0; power < 4; power++)
            sum[power] += pow(x, power + 1);
    }
    for (int power = 0; power < 4; power++)
        cr_assert_float_eq(sum[power] / DRAWS, expected[power], 4 * sqrt(variance[power] / DRAWS));
}
