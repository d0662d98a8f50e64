/* scipy.sparse csr files: round trips, and every way their arrays can disagree. */
#include "file/npz.h"
#include "formats/scipy_npz.h"
#include "ratings/ratings.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], path[80];

static void enter_folder(void) {
    strcpy(folder, "/tmp/mixfill-csr-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.npz", folder);
}

static void leave_folder(void) {
    unlink(path);
    cr_expect_eq(rmdir(folder), 0);
    cr_expect_eq(mixfill_alloc_live, 0);
}

TestSuite(io_npz, .init = enter_folder, .fini = leave_folder);

/* 3 x 4, the middle row empty, unsorted, with an explicit zero. */
typedef struct file_spec {
    const char *format;
    int64_t shape[2];
    int64_t indptr[4];
    int64_t indices[4];
    double data[4];
    int64_t n_indptr, n_indices, n_data;
} file_spec;

static const file_spec good = {"csr", {3, 4}, {0, 2, 2, 4}, {3, 1, 0, 2}, {5, 0, 4.5, -1}, 4, 4, 4};

static void write_file(const file_spec *s) {
    mixfill_error err = {0};
    mixfill_npz_writer *w = NULL;
    mixfill_status st;
    MIXFILL_TRY(mixfill_npz_writer_open(&w, path, &err));
    MIXFILL_TRY(mixfill_npz_add(w, "indices", MIXFILL_NPY_INT64, 0,
                                (mixfill_npy_shape){1, {s->n_indices}}, s->indices, &err));
    MIXFILL_TRY(mixfill_npz_add(w, "indptr", MIXFILL_NPY_INT64, 0,
                                (mixfill_npy_shape){1, {s->n_indptr}}, s->indptr, &err));
    if (s->format != NULL)
        MIXFILL_TRY(mixfill_npz_add(w, "format", MIXFILL_NPY_BYTES, strlen(s->format),
                                    (mixfill_npy_shape){0}, s->format, &err));
    MIXFILL_TRY(mixfill_npz_add(w, "shape", MIXFILL_NPY_INT64, 0, (mixfill_npy_shape){1, {2}},
                                s->shape, &err));
    MIXFILL_TRY(mixfill_npz_add(w, "data", MIXFILL_NPY_FLOAT64, 0,
                                (mixfill_npy_shape){1, {s->n_data}}, s->data, &err));
    st = mixfill_npz_writer_close(w, &err);
    w = NULL;
done:
    mixfill_npz_writer_abandon(w);
    cr_assert_eq(st, MIXFILL_OK, "%s", err.message);
}

static void expect_ratings(const mixfill_ratings *r, const int64_t *row_ptr, const int32_t *col,
                           const double *value) {
    for (int32_t u = 0; u <= r->n_users; u++)
        cr_expect_eq(r->row_ptr[u], row_ptr[u], "row_ptr %d", u);
    for (int64_t e = 0; e < r->nnz; e++) {
        cr_expect_eq(r->col[e], col[e], "col %d", (int)e);
        cr_expect_eq(mixfill_ratings_value(r, e), value[e], "value %d", (int)e);
    }
}

static mixfill_ratings *load(const mixfill_read_options *options) {
    mixfill_read_report report = {0};
    mixfill_error err = {0};
    mixfill_ratings *r = NULL;
    cr_assert_eq(mixfill_load_npz(&r, &report, path, options, &err), MIXFILL_OK, "%s", err.message);
    cr_expect_eq(mixfill_ratings_validate(r, path, &err), MIXFILL_OK, "%s", err.message);
    cr_expect(r->user_ids.by_index && r->item_ids.by_index);
    return r;
}

Test(io_npz, reads_unsorted_rows_empty_rows_and_zeros) {
    write_file(&good);
    mixfill_ratings *r = load(NULL);
    cr_assert(r->n_users == 3 && r->n_items == 4 && r->nnz == 4);
    expect_ratings(r, (int64_t[]){0, 2, 2, 4}, (int32_t[]){1, 3, 0, 2}, (double[]){0, 5, 4.5, -1});
    mixfill_ratings_free(r);
}

Test(io_npz, transposes) {
    mixfill_read_options options;
    mixfill_read_options_init(&options);
    options.transpose = true;
    write_file(&good);
    mixfill_ratings *r = load(&options);
    cr_assert(r->n_users == 4 && r->n_items == 3 && r->nnz == 4);
    expect_ratings(r, (int64_t[]){0, 1, 2, 3, 4}, (int32_t[]){2, 0, 2, 0},
                   (double[]){4.5, 0, -1, 5});
    mixfill_ratings_free(r);
}

Test(io_npz, round_trip) {
    write_file(&good);
    mixfill_ratings *first = load(NULL);
    cr_assert_eq(mixfill_ratings_save(first, path, MIXFILL_FORMAT_NPZ, NULL), MIXFILL_OK);
    mixfill_ratings *second = load(NULL);
    cr_assert(second->n_users == 3 && second->n_items == 4 && second->nnz == 4);
    expect_ratings(second, first->row_ptr, first->col, (double[]){0, 5, 4.5, -1});
    mixfill_ratings_free(first);
    mixfill_ratings_free(second);
}

Test(io_npz, round_trip_of_more_than_256_values) {
    enum { ROWS = 20, COLS = 50 };
    mixfill_rating *triplets = calloc(ROWS * COLS, sizeof *triplets);
    for (int32_t i = 0; i < ROWS * COLS; i++)
        triplets[i] = (mixfill_rating){i / COLS, i % COLS, (double)i / 3.0};
    mixfill_ratings *first = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&first, triplets, ROWS * COLS, ROWS, COLS + 5, NULL),
                 MIXFILL_OK);
    free(triplets);
    cr_assert_eq(mixfill_ratings_save(first, path, MIXFILL_FORMAT_NPZ, NULL), MIXFILL_OK);
    mixfill_ratings *second = load(NULL);
    cr_assert_eq(second->n_items, COLS + 5);
    cr_assert_eq(second->nnz, ROWS * COLS);
    expect_ratings(second, first->row_ptr, first->col, first->value);
    mixfill_ratings_free(first);
    mixfill_ratings_free(second);
}

static void expect_refused(const file_spec *s, const mixfill_read_options *options,
                           mixfill_status status, const char *message) {
    mixfill_read_report report = {0};
    mixfill_error err;
    mixfill_ratings *r = NULL;
    memset(&err, 'x', sizeof err);
    write_file(s);
    cr_expect_eq(mixfill_load_npz(&r, &report, path, options, &err), status, "%s", message);
    cr_expect_null(r);
    cr_expect_eq(strncmp(err.message, path, strlen(path)), 0);
    cr_expect_not_null(strstr(err.message, message), "'%s' lacks '%s'", err.message, message);
    cr_expect_null(strchr(err.message, '\n'));
}

Test(io_npz, refuses_bad_formats_and_shapes) {
    file_spec s = good;
    s.format = "bsr";
    expect_refused(&s, NULL, MIXFILL_ERR_UNSUPPORTED, "sparse format 'bsr', expected csr, csc");
    s.format = "csrx";
    expect_refused(&s, NULL, MIXFILL_ERR_UNSUPPORTED, "'csrx'");
    s.format = NULL;
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "no member format.npy");
    s = good;
    s.shape[1] = INT64_C(2147483648);
    expect_refused(&s, NULL, MIXFILL_ERR_RANGE, "3 x 2147483648");
    s.shape[1] = -1;
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "shape.npy");
    s.shape[1] = 3;
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "indices.npy: element 0 is 3");
    s = good;
    s.shape[0] = 4;
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "indptr.npy: 4 elements, 5 were expected");
}

Test(io_npz, refuses_arrays_that_disagree) {
    file_spec s = good;
    s.n_data = 3;
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "data.npy: 3 elements, 4 were expected");
    static const int64_t bad[][4] = {{1, 2, 2, 4},  {0, 2, 2, 3}, {0, 2, 2, 5},
                                     {0, 3, 2, 4},  {0, 5, 5, 4}, {0, -1, 2, 4},
                                     {-1, 2, 2, 4}, {0, 0, 0, 0}, {0, INT64_MAX, INT64_MIN, 4}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        s = good;
        memcpy(s.indptr, bad[i], sizeof s.indptr);
        expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "indptr.npy: element");
    }
    s = good;
    s.indices[2] = -1;
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "indices.npy: element 2 is -1");
    s.indices[2] = INT64_C(4294967296);
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "indices.npy: element 2 does not fit");
}

Test(io_npz, refuses_bad_values) {
    const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1.1e150};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        file_spec s = good;
        s.data[2] = bad[i];
        expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "data.npy: element 2 is ");
    }
    mixfill_read_options options;
    mixfill_read_options_init(&options);
    options.rating_min = 0.0;
    expect_refused(&good, &options, MIXFILL_ERR_PARSE, "data.npy: element 3 is -1");
    options.rating_min = -1.0;
    options.rating_max = 4.5;
    expect_refused(&good, &options, MIXFILL_ERR_PARSE, "data.npy: element 0 is 5");
    options.rating_max = 5.0;
    write_file(&good);
    mixfill_ratings_free(load(&options));
}

Test(io_npz, out_of_memory_at_every_allocation) {
    mixfill_read_report report = {0};
    mixfill_ratings *r = NULL;
    write_file(&good);
    for (int64_t budget = 0; r == NULL; budget++) {
        mixfill_alloc_budget = budget;
        mixfill_status st = mixfill_load_npz(&r, &report, path, NULL, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_ERR_NOMEM || st == MIXFILL_OK);
        cr_assert(r != NULL || mixfill_alloc_live == 0);
        cr_assert_lt(budget, 500);
    }
    int64_t live = mixfill_alloc_live;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    for (int64_t budget = 0; st != MIXFILL_OK; budget++) {
        mixfill_alloc_budget = budget;
        st = mixfill_ratings_save(r, path, MIXFILL_FORMAT_NPZ, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_ERR_NOMEM || st == MIXFILL_OK);
        cr_assert_eq(mixfill_alloc_live, live);
        cr_assert_lt(budget, 500);
    }
    mixfill_ratings_free(r);
}

Test(io_npz, duplicates_follow_their_policy) {
    mixfill_read_options options;
    mixfill_read_options_init(&options);
    file_spec s = good;
    s.indices[1] = 3;
    expect_refused(&s, NULL, MIXFILL_ERR_PARSE, "duplicate");
    options.duplicates = MIXFILL_DUPLICATES_LAST;
    mixfill_ratings *r = load(&options);
    cr_assert_eq(r->nnz, 3);
    expect_ratings(r, (int64_t[]){0, 1, 1, 3}, (int32_t[]){3, 0, 2}, (double[]){0, 4.5, -1});
    mixfill_ratings_free(r);
}
