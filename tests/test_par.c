/* Threads: how many, and what becomes of them in a forked child. */
#include "base/par.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool has_openmp(void) {
    mixfill_build_info build;
    mixfill_build_info_get(&build);
    return build.openmp;
}

Test(par, threads_of_a_request) {
    cr_expect_eq(mixfill_par_threads(1), 1);
    cr_expect_eq(mixfill_par_threads(7), has_openmp() ? 7 : 1);
    cr_expect_geq(mixfill_par_threads(0), 1);
    cr_expect_leq(mixfill_par_threads(1000000), 4096);
    cr_expect_eq(mixfill_par_thread_id(), 0);
}

/* Nobody is given less than the share that is worth a thread, unless it was asked for. */
Test(par, threads_of_small_work) {
    int32_t most = mixfill_par_threads(0);
    cr_expect_eq(mixfill_par_threads_for(0, 0), 1);
    cr_expect_eq(mixfill_par_threads_for(0, (double)NAN), 1);
    cr_expect_eq(mixfill_par_threads_for(0, 1.9 * MIXFILL_WORK_PER_THREAD), 1);
    cr_expect_eq(mixfill_par_threads_for(0, 2.1 * MIXFILL_WORK_PER_THREAD), most < 2 ? most : 2);
    cr_expect_eq(mixfill_par_threads_for(0, (double)INFINITY), most);
    cr_expect_eq(mixfill_par_threads_for(7, 0), mixfill_par_threads(7));
    cr_expect_eq(mixfill_par_threads_for(1, (double)INFINITY), 1);
}

Test(par, seconds_rise) {
    double before = mixfill_par_seconds();
    cr_expect_geq(mixfill_par_seconds(), before);
}

/* A variance of a fit, and the number of threads it ran on. */
static double fit(const mixfill_ratings *r, int32_t *threads) {
    mixfill_options o;
    mixfill_result result;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = 3;
    o.max_iter = 3;
    o.threads = 4;
    cr_assert_eq(mixfill_fit(&m, &result, r, &o, NULL), MIXFILL_OK);
    double var = mixfill_model_var(m, 1);
    *threads = result.threads;
    mixfill_result_clear(&result);
    mixfill_model_free(m);
    return var;
}

/* libgomp hangs in a child whose parent has run a parallel region: there the library uses one
 * thread. */
Test(par, a_forked_child_fits_on_one_thread_with_the_same_bits, .timeout = 60) {
    support_random spec = {.n = 300, .d = 60, .density = 0.3, .levels = 9, .low = 1, .step = 0.5};
    support_matrix matrix = support_matrix_random(&spec);
    mixfill_ratings *r = support_ratings(&matrix);
    int32_t threads;
    double var = fit(r, &threads);
    cr_expect_eq(threads, has_openmp() ? 4 : 1);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        double again = fit(r, &threads);
        _exit(threads == 1 && memcmp(&again, &var, sizeof var) == 0 ? 0 : 1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    mixfill_ratings_free(r);
    support_matrix_clear(&matrix);
}
