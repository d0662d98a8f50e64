/* scipy.sparse csr matrices. Members: format, shape (2), indptr (rows + 1), indices (nnz),
 * data (nnz). */
#include "io_npz.h"

#include "npz.h"
#include "ratings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

typedef struct csr {
    const char *path;
    mixfill_error *err;
    mixfill_read_options options;
    int64_t rows, cols, nnz;
    int64_t *indptr;
    int32_t *indices;
    double *data;
} csr;

/* Reads a vector of `expected` elements, or with -1 of any number, which is returned in *n. */
static mixfill_status read_vector(const csr *c, mixfill_npz_reader *npz, void **out, int64_t *n,
                                  const char *name, mixfill_npy_type type) {
    mixfill_npy_shape shape = {0};
    void *data = NULL;
    int64_t expected = *n;
    mixfill_status st = mixfill_npz_read(npz, &data, &shape, NULL, name, type, c->err);
    if (st != MIXFILL_OK)
        return st;
    if (shape.n_dims != 1 || (expected >= 0 && shape.dim[0] != expected)) {
        mixfill_free(data);
        if (shape.n_dims != 1)
            return mixfill_fail(c->err, MIXFILL_ERR_PARSE, 0, "%s: member %s.npy: not a vector",
                                c->path, name);
        return mixfill_fail(c->err, MIXFILL_ERR_PARSE, 0,
                            "%s: member %s.npy: %" PRId64 " elements, %" PRId64 " were expected",
                            c->path, name, shape.dim[0], expected);
    }
    *n = shape.dim[0];
    *out = data;
    return MIXFILL_OK;
}

static mixfill_status check_format(const csr *c, mixfill_npz_reader *npz) {
    mixfill_npy_shape shape = {0};
    void *name = NULL;
    size_t width = 0;
    if (!mixfill_npz_has(npz, "format", false))
        return mixfill_fail(c->err, MIXFILL_ERR_PARSE, 0,
                            "%s: not a scipy.sparse matrix (no member format.npy)", c->path);
    mixfill_status st =
        mixfill_npz_read(npz, &name, &shape, &width, "format", MIXFILL_NPY_BYTES, c->err);
    if (st != MIXFILL_OK)
        return st;
    int len = shape.n_dims == 0 ? (int)strnlen(name, width < 20 ? width : 20) : 0;
    bool is_csr = len == 3 && memcmp(name, "csr", 3) == 0;
    if (!is_csr)
        st = mixfill_fail(c->err, MIXFILL_ERR_UNSUPPORTED, 0,
                          "%s: sparse format '%.*s' is not read yet, 'csr' is", c->path, len,
                          (const char *)name);
    mixfill_free(name);
    return st;
}

static mixfill_status read_shape(csr *c, mixfill_npz_reader *npz) {
    void *data = NULL;
    int64_t n = 2;
    mixfill_status st = read_vector(c, npz, &data, &n, "shape", MIXFILL_NPY_INT64);
    if (st != MIXFILL_OK)
        return st;
    const int64_t *shape = data;
    c->rows = shape[0];
    c->cols = shape[1];
    mixfill_free(data);
    if (c->rows < 0 || c->cols < 0)
        return mixfill_fail(c->err, MIXFILL_ERR_PARSE, 0, "%s: member shape.npy: negative",
                            c->path);
    if (c->rows > INT32_MAX || c->cols > INT32_MAX)
        return mixfill_fail(c->err, MIXFILL_ERR_RANGE, 0,
                            "%s: shape %" PRId64 " x %" PRId64 ", at most 2147483647 each", c->path,
                            c->rows, c->cols);
    return MIXFILL_OK;
}

static mixfill_status check_indptr(const csr *c) {
    for (int64_t i = 0; i <= c->rows; i++) {
        int64_t low = i > 0 ? c->indptr[i - 1] : 0, high = i > 0 ? c->nnz : 0;
        if (i == c->rows)
            low = c->nnz > low ? c->nnz : low;
        if (c->indptr[i] < low || c->indptr[i] > high)
            return mixfill_fail(c->err, MIXFILL_ERR_PARSE, 0,
                                "%s: member indptr.npy: element %" PRId64 " is %" PRId64
                                ", not rising from 0 to the %" PRId64 " entries",
                                c->path, i, c->indptr[i], c->nnz);
    }
    return MIXFILL_OK;
}

/* Nothing in the file stands for a column but the header's claim, and a fit's memory follows it. */
static mixfill_status check_columns(const csr *c) {
    const int64_t plain = 1 << 20, per_rating = 16;
    int64_t most = plain + per_rating * (c->nnz < INT32_MAX ? c->nnz : INT32_MAX);
    if (c->cols <= most)
        return MIXFILL_OK;
    return mixfill_fail(c->err, MIXFILL_ERR_RANGE, 0,
                        "%s: %" PRId64 " columns for %" PRId64 " ratings, expected at most %" PRId64
                        " (drop the empty ones)",
                        c->path, c->cols, c->nnz, most);
}

static mixfill_status read_arrays(csr *c) {
    mixfill_status st;
    mixfill_npz_reader *npz = NULL;
    void *indptr = NULL, *indices = NULL, *data = NULL;
    int64_t n_indptr;
    c->nnz = -1;
    MIXFILL_TRY(mixfill_npz_reader_open(&npz, c->path, c->err));
    MIXFILL_TRY(check_format(c, npz));
    MIXFILL_TRY(read_shape(c, npz));
    n_indptr = c->rows + 1;
    MIXFILL_TRY(read_vector(c, npz, &indptr, &n_indptr, "indptr", MIXFILL_NPY_INT64));
    c->indptr = indptr;
    MIXFILL_TRY(read_vector(c, npz, &indices, &c->nnz, "indices", MIXFILL_NPY_INT32));
    c->indices = indices;
    MIXFILL_TRY(read_vector(c, npz, &data, &c->nnz, "data", MIXFILL_NPY_FLOAT64));
    c->data = data;
    MIXFILL_TRY(check_indptr(c));
    MIXFILL_TRY(check_columns(c));
done:
    mixfill_npz_reader_close(npz);
    return st;
}

static mixfill_status check_entry(const csr *c, int64_t e) {
    char value[40];
    if (c->indices[e] < 0 || c->indices[e] >= c->cols)
        return mixfill_fail(c->err, MIXFILL_ERR_PARSE, 0,
                            "%s: member indices.npy: element %" PRId64 " is %" PRId32
                            ", the matrix has %" PRId64 " columns",
                            c->path, e, c->indices[e], c->cols);
    double x = c->data[e];
    if (fabs(x) <= MIXFILL_MAX_ABS_RATING && x >= c->options.rating_min &&
        x <= c->options.rating_max)
        return MIXFILL_OK;
    snprintf(value, sizeof value, "%.17g", x);
    return mixfill_fail(
        c->err, MIXFILL_ERR_PARSE, 0,
        "%s: member data.npy: element %" PRId64 " is %s, expected a number %s", c->path, e, value,
        fabs(x) <= MIXFILL_MAX_ABS_RATING ? "in the rating range" : "of at most 1e150");
}

/* Whether the arrays are CSR as mixfill keeps it: items strictly ascending in every row. */
static bool is_canonical(const csr *c) {
    for (int64_t i = 0; i < c->rows; i++)
        for (int64_t e = c->indptr[i] + 1; e < c->indptr[i + 1]; e++)
            if (c->indices[e] <= c->indices[e - 1])
                return false;
    return true;
}

/* Take the arrays over as they are, without a copy. */
static mixfill_status adopt(csr *c, mixfill_ratings **out) {
    mixfill_status st = MIXFILL_OK;
    for (int64_t e = 0; e < c->nnz && st == MIXFILL_OK; e++)
        st = check_entry(c, e);
    if (st != MIXFILL_OK)
        return st;
    mixfill_ratings *r = mixfill_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return mixfill_fail_nomem(c->err, c->path);
    r->n_users = (int32_t)c->rows;
    r->n_items = (int32_t)c->cols;
    r->nnz = c->nnz;
    mixfill_ids_init_by_index(&r->user_ids, r->n_users);
    mixfill_ids_init_by_index(&r->item_ids, r->n_items);
    r->row_ptr = c->indptr;
    r->col = c->indices;
    r->value = c->data;
    c->indptr = NULL;
    c->indices = NULL;
    c->data = NULL;
    for (int64_t e = 0; e < r->nnz; e++)
        r->value[e] += 0.0; /* no -0 */
    if (!mixfill_ratings_encode(r)) {
        mixfill_ratings_free(r);
        return mixfill_fail_nomem(c->err, c->path);
    }
    *out = r;
    return MIXFILL_OK;
}

static mixfill_status build(const csr *c, mixfill_ratings **out, mixfill_read_report *report) {
    mixfill_status st = MIXFILL_OK;
    mixfill_builder b;
    bool transpose = c->options.transpose;
    mixfill_builder_init(&b);
    b.duplicate = report->duplicate;
    mixfill_ids_init_by_index(&b.users, (int32_t)(transpose ? c->cols : c->rows));
    mixfill_ids_init_by_index(&b.items, (int32_t)(transpose ? c->rows : c->cols));
    for (int32_t i = 0; i < (int32_t)c->rows; i++) {
        for (int64_t e = c->indptr[i]; e < c->indptr[i + 1]; e++) {
            MIXFILL_TRY(check_entry(c, e));
            int32_t j = c->indices[e];
            if (mixfill_builder_add(&b, transpose ? j : i, transpose ? i : j, c->data[e], 0) !=
                MIXFILL_OK) {
                st = mixfill_fail_nomem(c->err, c->path);
                goto done;
            }
        }
    }
    st = mixfill_builder_finish(&b, out, &report->duplicates, c->options.duplicates, c->path,
                                c->err);
done:
    mixfill_builder_clear(&b);
    return st;
}

mixfill_status mixfill_io_npz_load(mixfill_ratings **out, mixfill_read_report *report,
                                   const char *path, const mixfill_read_options *options,
                                   mixfill_error *err) {
    csr c = {.path = path, .err = err};
    mixfill_read_options_init(&c.options);
    if (options != NULL)
        c.options = *options;
    mixfill_status st = read_arrays(&c);
    if (st == MIXFILL_OK)
        st = !c.options.transpose && is_canonical(&c) ? adopt(&c, out) : build(&c, out, report);
    mixfill_free(c.indptr);
    mixfill_free(c.indices);
    mixfill_free(c.data);
    return st;
}

/* ---- writing ---- */

/* a[0..n) as int32, for the caller to free; NULL when out of memory. */
static int32_t *narrowed(const int64_t *a, size_t n) {
    int32_t *copy = mixfill_alloc(n, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i] = (int32_t)a[i];
    return copy;
}

static int64_t *widened(const int32_t *a, size_t n) {
    int64_t *copy = mixfill_alloc(n, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i] = a[i];
    return copy;
}

static double *plain_values(const mixfill_ratings *r) {
    double *values = mixfill_alloc((size_t)r->nnz, sizeof *values);
    for (int64_t e = 0; values != NULL && e < r->nnz; e++)
        values[e] = mixfill_ratings_value(r, e);
    return values;
}

mixfill_status mixfill_io_npz_save(const mixfill_ratings *ratings, const char *path,
                                   mixfill_error *err) {
    mixfill_status st;
    mixfill_npz_writer *w = NULL;
    const mixfill_ratings *r = ratings;
    const size_t n_indptr = (size_t)r->n_users + 1, nnz = (size_t)r->nnz;
    const mixfill_npy_shape entries = {1, {r->nnz}}, scalar = {0};
    const int64_t shape[2] = {r->n_users, r->n_items};
    /* scipy wants both of one type, and int32 wherever it is enough */
    const bool wide = r->nnz > INT32_MAX;
    const mixfill_npy_type type = wide ? MIXFILL_NPY_INT64 : MIXFILL_NPY_INT32;
    void *indptr = wide ? NULL : narrowed(r->row_ptr, n_indptr);
    void *indices = wide ? widened(r->col, nnz) : NULL;
    double *values = r->code != NULL ? plain_values(r) : NULL;
    if ((wide ? indices : indptr) == NULL || (values == NULL && r->value == NULL)) {
        st = mixfill_fail_nomem(err, path);
        goto done;
    }
    MIXFILL_TRY(mixfill_npz_writer_open(&w, path, err));
    MIXFILL_TRY(mixfill_npz_add(w, "indices", type, 0, entries,
                                wide ? indices : (const void *)r->col, err));
    MIXFILL_TRY(mixfill_npz_add(w, "indptr", type, 0, (mixfill_npy_shape){1, {(int64_t)n_indptr}},
                                wide ? (const void *)r->row_ptr : indptr, err));
    MIXFILL_TRY(mixfill_npz_add(w, "format", MIXFILL_NPY_BYTES, 3, scalar, "csr", err));
    MIXFILL_TRY(
        mixfill_npz_add(w, "shape", MIXFILL_NPY_INT64, 0, (mixfill_npy_shape){1, {2}}, shape, err));
    MIXFILL_TRY(mixfill_npz_add(w, "data", MIXFILL_NPY_FLOAT64, 0, entries,
                                values != NULL ? values : r->value, err));
    st = mixfill_npz_writer_close(w, err);
    w = NULL;
done:
    mixfill_npz_writer_abandon(w);
    mixfill_free(indptr);
    mixfill_free(indices);
    mixfill_free(values);
    return st;
}
