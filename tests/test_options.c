/* The fit's options: defaults, and what the one checker of their ranges lets through. */
#include "fit/options.h"

#include "ratings/ratings.h"

#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

typedef struct bad_option {
    const char *name;
    void (*spoil)(mixfill_options *, double);
    double value;
} bad_option;

static void set_k(mixfill_options *o, double v) {
    o->n_components = (int32_t)v;
}
static void set_n_init(mixfill_options *o, double v) {
    o->n_init = (int32_t)v;
}
static void set_max_iter(mixfill_options *o, double v) {
    o->max_iter = (int32_t)v;
}
static void set_threads(mixfill_options *o, double v) {
    o->threads = (int32_t)v;
}
static void set_tol(mixfill_options *o, double v) {
    o->tol = v;
}
static void set_min_var(mixfill_options *o, double v) {
    o->min_var = v;
}
static void set_min_support(mixfill_options *o, double v) {
    o->min_support = v;
}
static void set_struct_size(mixfill_options *o, double v) {
    o->struct_size = (size_t)v;
}

/* Start r uses seed + r, and seeds end at 2^32 - 1. */
static void set_starts_from_the_last_seed(mixfill_options *o, double v) {
    o->seed = UINT32_MAX;
    o->n_init = (int32_t)v;
}

/* A model that is not there, which an enum constant cannot name. */
static void set_model(mixfill_options *o, double v) {
    int kind = (int)v;
    memcpy(&o->model, &kind, sizeof o->model);
}

static const bad_option bad_options[] = {
    {"n_components", set_k, -1},
    {"n_init", set_n_init, 0},
    {"n_init", set_n_init, -3},
    {"max_iter", set_max_iter, -1},
    {"threads", set_threads, -1},
    {"tol", set_tol, -1e-9},
    {"tol", set_tol, (double)NAN},
    {"tol", set_tol, HUGE_VAL},
    {"min_var", set_min_var, -1},
    {"min_var", set_min_var, (double)NAN},
    {"min_var", set_min_var, HUGE_VAL},
    {"min_support", set_min_support, -1e-9},
    {"min_support", set_min_support, (double)NAN},
    {"min_support", set_min_support, HUGE_VAL},
    {"struct_size", set_struct_size, 0},
    {"model", set_model, 99},
    {"seed", set_starts_from_the_last_seed, 2},
};

Test(options, defaults_are_those_of_the_header) {
    mixfill_options o;
    memset(&o, 0xa5, sizeof o);
    mixfill_options_init(&o);
    cr_assert(o.struct_size == sizeof o && o.model == MIXFILL_MODEL_FACTOR && !o.notebook);
    cr_assert(o.n_components == 0 && o.seed == 1 && o.n_init == 1 && o.max_iter == 0);
    cr_assert(o.tol == 1e-6 && o.min_var == 0 && o.min_support == 1);
    cr_assert(o.threads == 0 && o.keep_users && o.progress == NULL && o.progress_data == NULL);
    cr_assert(mixfill_options_validate(&o, NULL) == MIXFILL_OK);
}

/* Ratings 1, 2, ..., n of as many users, so that their variance is (n^2 - 1) / 12, times scale. */
static mixfill_ratings *one_each(int32_t n, double scale) {
    mixfill_ratings *r = mixfill_ratings_alloc(n, 1, n, false);
    cr_assert(r != NULL);
    for (int32_t u = 0; u < n; u++) {
        r->row_ptr[u + 1] = u + 1;
        r->col[u] = 0;
        r->value[u] = scale * (u + 1);
    }
    return r;
}

static mixfill_options resolved(mixfill_model_kind kind, bool notebook, int32_t n, double scale) {
    mixfill_options o;
    mixfill_ratings *r = one_each(n, scale);
    mixfill_options_init_model(&o, kind);
    o.notebook = notebook;
    cr_assert(mixfill_options_resolve(&o, &o, r, NULL) == MIXFILL_OK);
    mixfill_ratings_free(r);
    return o;
}

Test(options, zeros_stand_for_what_suits_kind_and_ratings) {
    mixfill_options o = resolved(MIXFILL_MODEL_FACTOR, false, 11, 1);
    cr_assert(o.n_components == 1 && o.max_iter == 20 && o.min_var == 0);
    o = resolved(MIXFILL_MODEL_MAP, false, 11, 1); /* variance 10, nearest to 16 */
    cr_assert(o.n_components == 8 && o.max_iter == 200 && fabs(o.min_var - 1.6) < 1e-12);
    o = resolved(MIXFILL_MODEL_MAP, false, 5, 0.2); /* 0.08, nearest to 1/16 */
    cr_assert(o.n_components == 5 && fabs(o.min_var - 0.1 / 16) < 1e-12);
    o = resolved(MIXFILL_MODEL_CLASSIC, false, 3, 1); /* 2/3 */
    cr_assert(o.n_components == 3 && o.min_var == 0.1);
    cr_assert(resolved(MIXFILL_MODEL_MAP, false, 1, 1).min_var == 0.1);
    cr_assert(resolved(MIXFILL_MODEL_CLASSIC, true, 11, 0.1).min_var == 0.1);
}

Test(options, no_fit_is_of_no_ratings_or_of_more_components_than_users) {
    mixfill_options o;
    mixfill_error err = {0};
    mixfill_ratings *r = one_each(3, 1), *none = one_each(0, 1);
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = 4;
    cr_assert(mixfill_options_resolve(&o, &o, r, &err) == MIXFILL_ERR_DIM);
    cr_assert_str_eq(err.field, "n_components");
    cr_assert(mixfill_options_resolve(&o, NULL, none, &err) == MIXFILL_ERR_DIM);
    mixfill_ratings_free(r);
    mixfill_ratings_free(none);
}

Test(options, the_ends_of_a_range_are_inside) {
    mixfill_options o;
    mixfill_options_init(&o);
    o.n_components = o.n_init = o.max_iter = 1;
    o.tol = o.min_support = 0;
    o.min_var = 1e-300;
    o.seed = UINT32_MAX;
    cr_assert(mixfill_options_validate(&o, NULL) == MIXFILL_OK);
}

Test(options, what_is_out_of_range_is_refused) {
    for (size_t i = 0; i < sizeof bad_options / sizeof bad_options[0]; i++) {
        const bad_option *bad = &bad_options[i];
        mixfill_options o;
        mixfill_error err;
        mixfill_options_init(&o);
        memset(&err, 0xa5, sizeof err);
        bad->spoil(&o, bad->value);
        cr_assert(mixfill_options_validate(&o, &err) == MIXFILL_ERR_ARG, "%s = %g", bad->name,
                  bad->value);
        cr_assert(err.status == MIXFILL_ERR_ARG && err.line == 0);
        cr_assert(memchr(err.message, '\0', sizeof err.message) != NULL);
        cr_assert(strstr(err.message, bad->name) != NULL, "'%s' does not name %s", err.message,
                  bad->name);
        cr_assert_str_eq(err.field, strcmp(bad->name, "struct_size") != 0 ? bad->name : "");
    }
}
