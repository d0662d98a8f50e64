/* Ratings from a caller's CSR arrays: every result has the bits of ratings made otherwise, and what
 * is borrowed or taken ends where it should. */
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(csr, .init = support_enter_folder, .fini = support_leave_folder);

/* Arrays from malloc, as MIXFILL_TAKE wants them, and what they say. */
typedef struct arrays {
    int64_t *row_ptr;
    int32_t *col;
    double *value;
    mixfill_csr csr;
} arrays;

static arrays make_arrays(const support_matrix *m) {
    arrays a = {malloc((m->n + 1) * sizeof *a.row_ptr),
                malloc(m->n * m->d * sizeof *a.col),
                malloc(m->n * m->d * sizeof *a.value),
                {.n_users = (int32_t)m->n, .n_items = (int32_t)m->d}};
    int64_t n = 0;
    a.row_ptr[0] = 0;
    for (size_t u = 0; u < m->n; u++) {
        for (size_t j = 0; j < m->d; j++) {
            if (!m->mask[u * m->d + j])
                continue;
            a.col[n] = (int32_t)j;
            a.value[n++] = m->x[u * m->d + j];
        }
        a.row_ptr[u + 1] = n;
    }
    a.csr.row_ptr = a.row_ptr;
    a.csr.col = a.col;
    a.csr.value = a.value;
    return a;
}

static void free_arrays(arrays *a) {
    free(a->row_ptr);
    free(a->col);
    free(a->value);
}

/* The entries of each row the other way round. */
static void reverse_rows(arrays *a) {
    for (int32_t u = 0; u < a->csr.n_users; u++)
        for (int64_t i = a->row_ptr[u], k = a->row_ptr[u + 1] - 1; i < k; i++, k--) {
            int32_t col = a->col[i];
            double value = a->value[i];
            a->col[i] = a->col[k];
            a->value[i] = a->value[k];
            a->col[k] = col;
            a->value[k] = value;
        }
}

static mixfill_ratings *from(const arrays *a, mixfill_own own) {
    mixfill_ratings *r = NULL;
    mixfill_error err = {0};
    cr_assert_eq(mixfill_ratings_from_csr(&r, &a->csr, own, &err), MIXFILL_OK, "%s", err.message);
    cr_assert_eq(mixfill_ratings_validate(r, "r", &err), MIXFILL_OK, "%s", err.message);
    return r;
}

/* ---- the same bits ---- */

typedef struct outputs {
    void *model[2]; /* of a map and of a classic fit */
    size_t size[2];
    mixfill_evaluation evaluation;
    mixfill_ratings_summary summary;
    mixfill_value_counts counts;
    char *csv, *split;
} outputs;

static char *read_text(const char *path) {
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f);
    char *text = calloc(1 << 18, 1);
    cr_assert_lt(fread(text, 1, 1 << 18, f), 1 << 18);
    fclose(f);
    return text;
}

static void fit_both(outputs *o, const mixfill_ratings *r) {
    for (int i = 0; i < 2; i++) {
        mixfill_options options;
        mixfill_model *model = NULL;
        mixfill_options_init_model(&options, MIXFILL_MODEL_MAP);
        options.model = i == 0 ? MIXFILL_MODEL_MAP : MIXFILL_MODEL_CLASSIC;
        options.n_components = 3;
        options.max_iter = 4;
        cr_assert_eq(mixfill_fit(&model, NULL, r, &options, NULL), MIXFILL_OK);
        cr_assert_eq(mixfill_model_save_to_memory(model, &o->model[i], &o->size[i], NULL),
                     MIXFILL_OK);
        cr_assert_eq(mixfill_evaluate(model, &o->evaluation, r, NULL, NULL), MIXFILL_OK);
        mixfill_model_free(model);
    }
}

/* Everything there is to do with ratings. */
static outputs use(const mixfill_ratings *r) {
    outputs o = {0};
    mixfill_ratings *train, *test;
    fit_both(&o, r);
    cr_assert_eq(mixfill_ratings_summarize(r, &o.summary, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_count_values(r, &o.counts, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_save(r, "all.csv", MIXFILL_FORMAT_CSV, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_split(&train, &test, r, NULL, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_save(test, "test.csv", MIXFILL_FORMAT_CSV, NULL), MIXFILL_OK);
    mixfill_ratings_free(train);
    mixfill_ratings_free(test);
    o.csv = read_text("all.csv");
    o.split = read_text("test.csv");
    return o;
}

static void clear(outputs *o) {
    mixfill_bytes_free(o->model[0]);
    mixfill_bytes_free(o->model[1]);
    free(o->csv);
    free(o->split);
}

static void expect_same(const outputs *a, const outputs *b) {
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(a->size[i], b->size[i]);
        cr_expect_eq(memcmp(a->model[i], b->model[i], a->size[i]), 0);
    }
    cr_expect_eq(memcmp(&a->evaluation, &b->evaluation, sizeof a->evaluation), 0);
    cr_expect_eq(a->summary.n_levels, b->summary.n_levels);
    cr_expect(a->summary.mean == b->summary.mean && a->summary.sd == b->summary.sd);
    cr_expect_eq(memcmp(&a->counts, &b->counts, sizeof a->counts), 0);
    cr_expect_str_eq(a->csv, b->csv);
    cr_expect_str_eq(a->split, b->split);
}

/* zeros: every seventh rating is -0, which the matrix then has as 0. */
static void expect_same_however_owned(int levels, bool zeros) {
    support_random spec = {60, 40, 0.3, levels, -1, 0.5, 7};
    support_matrix m = support_matrix_random(&spec);
    for (size_t i = 0; zeros && i < m.n * m.d; i += 7)
        m.x[i] = 0;
    mixfill_ratings *reference = support_ratings(&m);
    outputs want = use(reference);
    for (int i = 0; i < 4; i++) {
        const mixfill_own owns[] = {MIXFILL_BORROW, MIXFILL_COPY, MIXFILL_COPY, MIXFILL_TAKE};
        arrays a = make_arrays(&m);
        for (int64_t e = 0; zeros && e < a.row_ptr[m.n]; e++)
            a.value[e] = a.value[e] == 0 ? -0.0 : a.value[e];
        if (i == 2)
            reverse_rows(&a);
        mixfill_ratings *r = from(&a, owns[i]);
        cr_expect_eq(r->code == NULL, levels == 0);
        cr_expect_eq(mixfill_ratings_bytes(r), mixfill_ratings_bytes(reference));
        if (owns[i] == MIXFILL_COPY) { /* not needed any more */
            memset(a.col, -1, (size_t)a.row_ptr[m.n] * sizeof *a.col);
            memset(a.value, -1, (size_t)a.row_ptr[m.n] * sizeof *a.value);
            memset(a.row_ptr, -1, (m.n + 1) * sizeof *a.row_ptr);
        }
        outputs got = use(r);
        expect_same(&got, &want);
        clear(&got);
        mixfill_ratings_free(r);
        if (owns[i] != MIXFILL_TAKE)
            free_arrays(&a);
    }
    clear(&want);
    mixfill_ratings_free(reference);
    support_matrix_clear(&m);
}

Test(csr, the_same_bits_as_other_ratings) {
    expect_same_however_owned(10, false);
    expect_same_however_owned(10, true);
    expect_same_however_owned(0, false);
    expect_same_however_owned(0, true);
}

Test(csr, borrowed_arrays_are_read_where_they_lie_and_left_alone) {
    support_random spec = {30, 20, 0.5, 0, 1, 1, 3};
    support_matrix m = support_matrix_random(&spec);
    arrays a = make_arrays(&m), before = make_arrays(&m);
    size_t n = (size_t)a.row_ptr[m.n];
    mixfill_ratings *r = from(&a, MIXFILL_BORROW);
    cr_expect(r->row_ptr == a.row_ptr && r->col == a.col && r->value == a.value);
    outputs o = use(r);
    clear(&o);
    mixfill_ratings_free(r);
    cr_expect_eq(memcmp(a.row_ptr, before.row_ptr, (m.n + 1) * sizeof *a.row_ptr), 0);
    cr_expect_eq(memcmp(a.col, before.col, n * sizeof *a.col), 0);
    cr_expect_eq(memcmp(a.value, before.value, n * sizeof *a.value), 0);
    free_arrays(&a);
    free_arrays(&before);
    support_matrix_clear(&m);
}

/* ---- shapes and ids ---- */

Test(csr, empty_rows_and_nothing_at_all) {
    const int64_t rows[] = {0, 0, 2, 2}, none[] = {0, 0};
    const int32_t col[] = {0, 4};
    const double value[] = {0, 5};
    for (mixfill_own own = MIXFILL_COPY; own <= MIXFILL_BORROW; own++) {
        arrays a = {.csr = {3, 5, rows, col, value, NULL, NULL}};
        mixfill_ratings *r = from(&a, own);
        cr_expect(mixfill_ratings_n_users(r) == 3 && mixfill_ratings_n_items(r) == 5);
        cr_expect_eq(mixfill_ratings_count(r), 2);
        cr_expect_eq(mixfill_ratings_value(r, 0), 0, "a zero is a rating");
        cr_expect(mixfill_ratings_by_index(r));
        mixfill_ratings_free(r);
        a.csr = (mixfill_csr){1, 0, none, NULL, NULL, NULL, NULL};
        r = from(&a, own);
        cr_expect_eq(mixfill_ratings_count(r), 0);
        mixfill_ratings_free(r);
    }
}

static const int64_t two_rows[] = {0, 2, 3};
static const int32_t two_cols[] = {0, 1, 1};
static const double two_values[] = {1.5, 2, 3};

Test(csr, ids_stand_for_indices) {
    const char *const users[] = {"anna", "007"}, *const items[] = {"x", "7"};
    const mixfill_csr csr = {2, 2, two_rows, two_cols, two_values, users, items};
    for (mixfill_own own = MIXFILL_COPY; own <= MIXFILL_BORROW; own++) {
        mixfill_ratings *r = NULL;
        cr_assert_eq(mixfill_ratings_from_csr(&r, &csr, own, NULL), MIXFILL_OK);
        cr_assert_eq(mixfill_ratings_save(r, "ids.csv", MIXFILL_FORMAT_CSV, NULL), MIXFILL_OK);
        char *text = read_text("ids.csv");
        cr_expect_not_null(strstr(text, "anna,x,1.5\nanna,7,2"), "%s", text);
        cr_expect_not_null(strstr(text, "007,7,3"), "%s", text);
        free(text);
        mixfill_ratings_free(r);
    }
}

/* ---- what is refused ---- */

typedef struct refusal {
    mixfill_csr csr;
    mixfill_status status;
    const char *message;
    bool if_copied; /* refused there too */
} refusal;

static const int64_t late_rows[] = {1, 2, 3}, falling_rows[] = {0, 3, 2};
static const int32_t beyond[] = {0, 1, 2}, negative[] = {0, -1, 1}, twice[] = {1, 1, 0},
                     descending[] = {1, 0, 0};
static const double nan_value[] = {1, (double)NAN, 1}, large_value[] = {1, 1, -2e150};
static const char *const good_ids[] = {"a", "b"}, *const same_ids[] = {"a", "a"},
                         *const empty_ids[] = {"a", ""}, *const null_ids[] = {NULL, "b"};

static const refusal refusals[] = {
    {{-1, 2, two_rows, two_cols, two_values, NULL, NULL},
     MIXFILL_ERR_DIM,
     "csr: shape -1 x 2 is negative",
     true},
    {{2, 2, NULL, two_cols, two_values, NULL, NULL}, MIXFILL_ERR_ARG, "csr: row_ptr is NULL", true},
    {{2, 2, two_rows, NULL, two_values, NULL, NULL}, MIXFILL_ERR_ARG, "csr: col is NULL", true},
    {{2, 2, two_rows, two_cols, NULL, NULL, NULL}, MIXFILL_ERR_ARG, "csr: value is NULL", true},
    {{2, 2, late_rows, two_cols, two_values, NULL, NULL},
     MIXFILL_ERR_DIM,
     "csr: row_ptr[0] is 1, expected 0",
     true},
    {{2, 2, falling_rows, two_cols, two_values, NULL, NULL},
     MIXFILL_ERR_DIM,
     "csr: row_ptr[2] is 2, expected at least 3 as before it",
     true},
    {{2, 2, two_rows, beyond, two_values, NULL, NULL},
     MIXFILL_ERR_DIM,
     "csr: entry 2 of row 1 is item 2, expected an index below 2",
     true},
    {{2, 2, two_rows, negative, two_values, NULL, NULL},
     MIXFILL_ERR_DIM,
     "csr: entry 1 of row 0 is item -1, expected an index below 2",
     true},
    {{2, 2, two_rows, two_cols, nan_value, NULL, NULL},
     MIXFILL_ERR_RANGE,
     "csr: entry 1 of row 0 has value nan, expected a finite number of magnitude at most 1e150",
     true},
    {{2, 2, two_rows, two_cols, large_value, NULL, NULL},
     MIXFILL_ERR_RANGE,
     "csr: entry 2 of row 1 has value -2e+150",
     true},
    {{2, 2, two_rows, twice, two_values, NULL, NULL}, MIXFILL_ERR_PARSE, "csr: ", true},
    {{2, 2, two_rows, descending, two_values, NULL, NULL},
     MIXFILL_ERR_ARG,
     "csr: entry 1 of row 0 is item 0 after item 1, expected ascending items in arrays",
     false},
    {{2, 2, two_rows, two_cols, two_values, same_ids, NULL},
     MIXFILL_ERR_PARSE,
     "csr: id 'a' of user 1 is that of user 0, expected another",
     true},
    {{2, 2, two_rows, two_cols, two_values, good_ids, empty_ids},
     MIXFILL_ERR_ARG,
     "csr: id of item 1 has 0 bytes, expected 1 to 255",
     true},
    {{2, 2, two_rows, two_cols, two_values, null_ids, NULL},
     MIXFILL_ERR_ARG,
     "csr: id of user 0 has 0 bytes",
     true},
};

Test(csr, bad_arrays_are_refused_and_stay_the_callers) {
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        for (mixfill_own own = MIXFILL_COPY; own <= MIXFILL_TAKE; own++) {
            const refusal *c = &refusals[i];
            mixfill_ratings *r = NULL;
            mixfill_error err;
            memset(&err, 'x', sizeof err);
            if (own == MIXFILL_COPY && !c->if_copied)
                continue;
            cr_expect_eq(mixfill_ratings_from_csr(&r, &c->csr, own, &err), c->status, "case %zu",
                         i);
            cr_expect_null(r);
            cr_expect_eq(strncmp(err.message, c->message, strlen(c->message)), 0, "'%s'",
                         err.message);
        }
    mixfill_ratings *r = NULL;
    mixfill_error err;
    const mixfill_csr csr = {2, 2, two_rows, twice, two_values, NULL, NULL};
    cr_expect_eq(mixfill_ratings_from_csr(&r, &csr, (mixfill_own)3, &err), MIXFILL_ERR_ARG);
    cr_expect_not_null(strstr(err.message, "own 3"));
    cr_expect_eq(mixfill_ratings_from_csr(&r, &csr, MIXFILL_BORROW, &err), MIXFILL_ERR_PARSE);
    cr_expect_not_null(strstr(err.message, "entry 1 of row 0 is item 1 again"), "%s", err.message);
}

/* levels 0: doubles, of which some are -0 and so copied. */
static void sweep_budgets(int levels, mixfill_own own) {
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f"};
    support_random spec = {6, 60, 1, levels, 1, 1, 9};
    support_matrix m = support_matrix_random(&spec);
    m.x[5] = 0;
    arrays a = make_arrays(&m);
    a.csr.user_ids = ids;
    a.value[5] = -0.0;
    mixfill_ratings *r = NULL;
    int64_t live = mixfill_alloc_live;
    for (int64_t budget = 0; r == NULL; budget++) {
        mixfill_alloc_budget = budget;
        mixfill_status st = mixfill_ratings_from_csr(&r, &a.csr, own, NULL);
        mixfill_alloc_budget = -1;
        cr_assert_eq(st, r != NULL ? MIXFILL_OK : MIXFILL_ERR_NOMEM);
        cr_assert(r != NULL || mixfill_alloc_live == live);
        cr_assert_lt(budget, 100);
    }
    cr_expect_eq(r->code == NULL, levels == 0);
    mixfill_ratings_free(r);
    cr_expect_eq(mixfill_alloc_live, live);
    if (own != MIXFILL_TAKE)
        free_arrays(&a);
    support_matrix_clear(&m);
}

Test(csr, out_of_memory_at_every_allocation) {
    for (mixfill_own own = MIXFILL_COPY; own <= MIXFILL_TAKE; own++) {
        sweep_budgets(5, own);
        sweep_budgets(0, own);
    }
}
