/* scipy.sparse matrices. Members: format, shape (2), data (nnz); of csr and csc indptr (rows or
 * columns + 1) and indices (nnz), of coo row and col (nnz).
 *
 * A csc matrix is read as the csr one of its transpose, which has the same arrays. What is csr with
 * items ascending in every row, as scipy's canonical format is, becomes ratings without a copy; all
 * else goes through the builder, which sorts and finds duplicates.
 *
 * Nothing of the arrays is believed: offsets and indices are checked one by one before they are
 * used. */
#include "formats/scipy_npz.h"

#include "file/npz.h"
#include "formats/read_options.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool mixfill_npz_begins(const char *data, size_t len) {
    return len >= 4 && (memcmp(data, "PK\x03\x04", 4) == 0 || memcmp(data, "PK\x05\x06", 4) == 0);
}

/* ---- reading ---- */

/* The file's arrays, owned until ratings take them. */
typedef struct csr {
    const char *path;
    mixfill_error *err;
    mixfill_read_options options;
    const char *layout;      /* "csr", "csc" or "coo" */
    bool swap;               /* rows of the matrix below are items */
    const char *minor;       /* what a column of it is called in the file */
    int64_t rows, cols, nnz; /* of csr, of a csc matrix transposed, or of coo */
    int64_t *indptr;         /* NULL: coo */
    int32_t *row, *indices;  /* (nnz); row of coo only */
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

/* The member format, bytes or str: csr, csc or coo. bsr, dia and others are refused by name. */
static mixfill_status check_format(csr *c, mixfill_npz_reader *npz) {
    static const char *const layouts[] = {"csr", "csc", "coo"};
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
    c->layout = NULL;
    for (size_t i = 0; i < 3; i++)
        if (len == 3 && memcmp(name, layouts[i], 3) == 0)
            c->layout = layouts[i];
    char quoted[MIXFILL_QUOTE_BUFFER];
    if (c->layout == NULL)
        st = mixfill_fail(c->err, MIXFILL_ERR_UNSUPPORTED, 0,
                          "%s: sparse format '%s', expected csr, csc or coo", c->path,
                          mixfill_quote(quoted, name, (size_t)len));
    mixfill_free(name);
    return st;
}

/* Rows and columns as they are meant below, and which of them are users. */
static mixfill_status read_shape(csr *c, mixfill_npz_reader *npz) {
    void *data = NULL;
    int64_t n = 2;
    mixfill_status st = read_vector(c, npz, &data, &n, "shape", MIXFILL_NPY_INT64);
    if (st != MIXFILL_OK)
        return st;
    const int64_t *shape = data;
    bool by_columns = strcmp(c->layout, "csc") == 0;
    c->rows = shape[by_columns];
    c->cols = shape[!by_columns];
    c->swap = c->options.transpose != by_columns;
    c->minor = by_columns ? "rows" : "columns";
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

/* Offsets that start at 0, never fall, and end at the number of entries. */
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

/* Where the entries stand: the offsets of rows, or the row of each entry. */
static mixfill_status read_rows(csr *c, mixfill_npz_reader *npz) {
    void *data = NULL;
    int64_t n_indptr = c->rows + 1;
    bool coo = strcmp(c->layout, "coo") == 0;
    mixfill_status st = coo ? read_vector(c, npz, &data, &c->nnz, "row", MIXFILL_NPY_INT32)
                            : read_vector(c, npz, &data, &n_indptr, "indptr", MIXFILL_NPY_INT64);
    if (coo)
        c->row = data;
    else
        c->indptr = data;
    return st;
}

/* All members, and that they fit each other; indices are checked later, with the values. */
static mixfill_status read_arrays(csr *c) {
    mixfill_status st;
    mixfill_npz_reader *npz = NULL;
    void *indices = NULL, *data = NULL;
    c->nnz = -1;
    MIXFILL_TRY(mixfill_npz_reader_open(&npz, c->path, c->err));
    MIXFILL_TRY(check_format(c, npz));
    MIXFILL_TRY(read_shape(c, npz));
    MIXFILL_TRY(read_rows(c, npz));
    MIXFILL_TRY(read_vector(c, npz, &indices, &c->nnz, c->row != NULL ? "col" : "indices",
                            MIXFILL_NPY_INT32));
    c->indices = indices;
    MIXFILL_TRY(read_vector(c, npz, &data, &c->nnz, "data", MIXFILL_NPY_FLOAT64));
    c->data = data;
    if (c->indptr != NULL)
        MIXFILL_TRY(check_indptr(c));
    MIXFILL_TRY(mixfill_check_claimed_shape(c->rows, c->cols, c->nnz, c->path, 0, c->err));
done:
    mixfill_npz_reader_close(npz);
    return st;
}

/* Element e of a member of that name. */
static mixfill_status check_index(const csr *c, const int32_t *index, int64_t e, int64_t count,
                                  const char *name, const char *what) {
    if (index[e] >= 0 && index[e] < count)
        return MIXFILL_OK;
    return mixfill_fail(c->err, MIXFILL_ERR_PARSE, 0,
                        "%s: member %s.npy: element %" PRId64 " is %" PRId32
                        ", the matrix has %" PRId64 " %s",
                        c->path, name, e, index[e], count, what);
}

/* Indices of entry e within the shape, and a value that can be a rating. A stored NaN is a fault
 * here, and no missing cell: what is missing is not stored. */
static mixfill_status check_entry(const csr *c, int64_t e) {
    char value[40];
    mixfill_status st =
        check_index(c, c->indices, e, c->cols, c->row != NULL ? "col" : "indices", c->minor);
    if (st == MIXFILL_OK && c->row != NULL)
        st = check_index(c, c->row, e, c->rows, "row", "rows");
    if (st != MIXFILL_OK)
        return st;
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
    mixfill_ids_init_by_index(&r->user_ids, r->n_users, 0);
    mixfill_ids_init_by_index(&r->item_ids, r->n_items, 0);
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

/* Entry e of row i to the builder. */
static mixfill_status add(const csr *c, mixfill_builder *b, int32_t i, int64_t e) {
    int32_t j = c->indices[e];
    mixfill_status st = check_entry(c, e);
    if (st == MIXFILL_OK &&
        mixfill_builder_add(b, c->swap ? j : i, c->swap ? i : j, c->data[e], 0) != MIXFILL_OK)
        st = mixfill_fail_nomem(c->err, c->path);
    return st;
}

/* Through the builder, for what is not canonical. */
static mixfill_status build(const csr *c, mixfill_ratings **out, mixfill_read_report *report) {
    mixfill_status st = MIXFILL_OK;
    mixfill_builder b;
    mixfill_builder_init(&b);
    b.duplicate = report->duplicate;
    mixfill_ids_init_by_index(&b.users, (int32_t)(c->swap ? c->cols : c->rows), 0);
    mixfill_ids_init_by_index(&b.items, (int32_t)(c->swap ? c->rows : c->cols), 0);
    for (int64_t e = 0; c->row != NULL && e < c->nnz; e++)
        MIXFILL_TRY(add(c, &b, c->row[e], e));
    for (int32_t i = 0; c->row == NULL && i < (int32_t)c->rows; i++)
        for (int64_t e = c->indptr[i]; e < c->indptr[i + 1]; e++)
            MIXFILL_TRY(add(c, &b, i, e));
    st = mixfill_builder_finish(&b, out, &report->duplicates, c->options.duplicates, c->path,
                                c->err);
done:
    mixfill_builder_clear(&b);
    return st;
}

/* Transposed, coo or not canonical: through the builder; else adopted. */
mixfill_status mixfill_load_npz(mixfill_ratings **out, mixfill_read_report *report,
                                const char *path, const mixfill_read_options *options,
                                mixfill_error *err) {
    csr c = {.path = path, .err = err};
    mixfill_read_options_init(&c.options);
    if (options != NULL)
        c.options = *options;
    mixfill_status st = read_arrays(&c);
    if (st == MIXFILL_OK)
        st = !c.swap && c.row == NULL && is_canonical(&c) ? adopt(&c, out) : build(&c, out, report);
    mixfill_free(c.indptr);
    mixfill_free(c.row);
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

/* a[0..n) as int64, for the caller to free; NULL when out of memory. */
static int64_t *widened(const int32_t *a, size_t n) {
    int64_t *copy = mixfill_alloc(n, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i] = a[i];
    return copy;
}

/* Values (nnz) where the ratings have codes; NULL when out of memory. */
static double *plain_values(const mixfill_ratings *r) {
    double *values = mixfill_alloc((size_t)r->nnz, sizeof *values);
    for (int64_t e = 0; values != NULL && e < r->nnz; e++)
        values[e] = mixfill_ratings_value(r, e);
    return values;
}

/* Members in the order and of the types that scipy 1.x writes; whoever calls load_npz has
 * csr_matrix. */
mixfill_status mixfill_write_npz(const mixfill_output *out, mixfill_error *err) {
    mixfill_status st;
    mixfill_npz_writer *w = NULL;
    const mixfill_ratings *r = out->ratings;
    const char *path = out->path;
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
