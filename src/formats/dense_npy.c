/* Dense matrices in .npy files, of any numeric dtype, rows or columns first.
 *
 * Elements are streamed a few thousand at a time: a matrix may be far larger than the memory
 * that its ratings take. */
#include "formats/dense_npy.h"

#include "file/npy.h"
#include "formats/read_options.h"
#include "formats/write_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { AT_ONCE = 4096 }; /* elements, of at most 8 bytes */

typedef struct npy_reader {
    mixfill_lines *lines;
    const mixfill_read_options *options;
    mixfill_builder *builder;
    mixfill_error *err;
    mixfill_npy_info info;
    int64_t rows, cols;
    int64_t major, minor; /* place of the next element; major: row, or column in Fortran order */
    double most[2];       /* of the first two columns; infinity where one is no index */
    bool no_rating;       /* a cell of the third column is missing */
} npy_reader;

bool mixfill_npy_begins(const char *data, size_t len) {
    return len >= 6 && memcmp(data, "\x93NUMPY", 6) == 0;
}

static mixfill_status fail(const npy_reader *r, const char *fault) {
    return mixfill_fail(r->err, MIXFILL_ERR_PARSE, 0, "%s: %s", r->lines->path, fault);
}

/* n bytes of the header, as its parser asks for them. */
static mixfill_status read_exactly(void *from, void *to, size_t n) {
    const npy_reader *r = from;
    size_t got;
    mixfill_status st = mixfill_lines_read(r->lines, to, n, &got, r->err);
    return st == MIXFILL_OK && got < n ? fail(r, "cut short in its header") : st;
}

/* Numbers in two dimensions, none of which has more than 2^31 - 1 rows or columns. */
static mixfill_status check_info(npy_reader *r) {
    const mixfill_npy_shape *shape = &r->info.shape;
    if (r->info.dtype.kind == 'S' || r->info.dtype.kind == 'U')
        return mixfill_fail(r->err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: an array of text, expected numbers", r->lines->path);
    if (shape->n_dims != 2)
        return mixfill_fail(r->err, MIXFILL_ERR_DIM, 0,
                            "%s: an array of %" PRId32 " dimension%s, expected 2 (users x items)",
                            r->lines->path, shape->n_dims, mixfill_s(shape->n_dims));
    r->rows = shape->dim[0];
    r->cols = shape->dim[1];
    if (r->rows <= INT32_MAX && r->cols <= INT32_MAX)
        return MIXFILL_OK;
    return mixfill_fail(r->err, MIXFILL_ERR_RANGE, 0,
                        "%s: shape %" PRId64 " x %" PRId64 ", expected at most 2147483647 each",
                        r->lines->path, r->rows, r->cols);
}

/* Counted from 1, as in the messages about dense text. */
static mixfill_status bad_cell(const npy_reader *r, int64_t row, int64_t col, double value,
                               const char *field, const char *fault) {
    return mixfill_fail_about(r->err, MIXFILL_ERR_PARSE, 0, field,
                              "%s: row %" PRId64 ", column %" PRId64 ": %.17g %s", r->lines->path,
                              row + 1, col + 1, value, fault);
}

/* Heed what a value says of the first three columns. */
static void look_for_triplets(npy_reader *r, int64_t col, double value) {
    bool index = value >= 0 && value == floor(value);
    if (col < 2)
        r->most[col] = index ? fmax(r->most[col], value) : (double)INFINITY;
    r->no_rating |= col == 2 && mixfill_is_missing(r->options, value);
}

/* Rows of user, item, rating are a matrix of three columns too. What tells them is that the first
 * two are whole numbers, of which there are enough for no pair to come twice, and that each row has
 * a rating: of a matrix with so few items a cell would be missing, or rows would repeat. */
static mixfill_status refuse_triplets(const npy_reader *r) {
    enum { LEAST = 4 };
    bool wide = r->cols != 3 && r->cols != 4;
    double pairs = (r->most[0] + 1) * (r->most[1] + 1);
    if (wide || r->no_rating || r->options->format != MIXFILL_FORMAT_AUTO || r->rows < LEAST ||
        !isfinite(pairs) || pairs < (double)r->rows)
        return MIXFILL_OK;
    return mixfill_fail_about(
        r->err, MIXFILL_ERR_UNSUPPORTED, 0, "format",
        "%s: an array of %" PRId64 " x %" PRId64 ", which looks like user, item, "
        "rating%s: expected text of these (python3 -c 'import numpy; "
        "numpy.savetxt(\"ratings.txt\", numpy.load(\"%s\"), fmt=\"%%.15g\")'), or for "
        "a matrix format npy",
        r->lines->path, r->rows, r->cols, r->cols == 4 ? ", time" : "", r->lines->path);
}

/* The next cell in the file's order, which in Fortran order goes down a column. */
static mixfill_status add_cell(npy_reader *r, double value) {
    const mixfill_read_options *o = r->options;
    bool fortran = r->info.fortran, swap = o->transpose;
    int64_t row = fortran ? r->minor : r->major, col = fortran ? r->major : r->minor;
    look_for_triplets(r, col, value);
    if (mixfill_is_missing(o, value))
        return MIXFILL_OK;
    if (isnan(value))
        return bad_cell(r, row, col, value, "missing", "is not a number to fit");
    if (!(fabs(value) <= MIXFILL_MAX_ABS_RATING))
        return bad_cell(r, row, col, value, "", "is out of range, expected at most 1e150");
    if (value < o->rating_min || value > o->rating_max)
        return bad_cell(r, row, col, value, "rating_min", "is outside the rating range");
    mixfill_status st = mixfill_builder_add(r->builder, (int32_t)(swap ? col : row),
                                            (int32_t)(swap ? row : col), value, 0);
    return st == MIXFILL_ERR_NOMEM ? mixfill_fail_nomem(r->err, "ratings") : st;
}

/* The next element, converted, and a step to the place of the one behind it. */
static mixfill_status add_element(npy_reader *r, const void *item) {
    double value;
    if (!mixfill_npy_convert(&value, 0, MIXFILL_NPY_FLOAT64, item, r->info.dtype))
        return mixfill_fail(r->err, MIXFILL_ERR_PARSE, 0,
                            "%s: element %" PRId64 " x %" PRId64 " does not fit a 64-bit float",
                            r->lines->path, r->major, r->minor);
    mixfill_status st = add_cell(r, value);
    if (++r->minor == (r->info.fortran ? r->rows : r->cols)) {
        r->minor = 0;
        r->major++;
    }
    return st;
}

/* As many elements as the shape has, and then the end of the file. */
static mixfill_status read_elements(npy_reader *r) {
    unsigned char items[AT_ONCE * 8];
    size_t size = r->info.dtype.size, got = 1;
    int64_t left = r->rows * r->cols;
    while (left > 0) {
        size_t n = left < AT_ONCE ? (size_t)left : AT_ONCE;
        mixfill_status st = mixfill_lines_read(r->lines, items, n * size, &got, r->err);
        if (st == MIXFILL_OK && got < n * size)
            return mixfill_fail(r->err, MIXFILL_ERR_PARSE, 0,
                                "%s: cut short, %" PRId64 " elements are missing, expected %" PRId64
                                " x %" PRId64,
                                r->lines->path, left - (int64_t)(got / size), r->rows, r->cols);
        for (size_t i = 0; i < n && st == MIXFILL_OK; i++)
            st = add_element(r, items + i * size);
        if (st != MIXFILL_OK)
            return st;
        left -= (int64_t)n;
    }
    mixfill_status st = mixfill_lines_read(r->lines, items, 1, &got, r->err);
    return st == MIXFILL_OK && got > 0 ? fail(r, "longer than its header says") : st;
}

mixfill_status mixfill_read_npy(const mixfill_input *in, mixfill_error *err) {
    mixfill_lines *lines = in->lines;
    const mixfill_read_options *options = in->options;
    mixfill_builder *builder = in->builder;
    npy_reader r = {.lines = lines, .options = options, .builder = builder, .err = err};
    const char *fault = NULL;
    mixfill_status st;
    MIXFILL_TRY(mixfill_npy_read_header(&r.info, &fault, read_exactly, &r));
    if (fault != NULL)
        return fail(&r, fault);
    MIXFILL_TRY(check_info(&r));
    MIXFILL_TRY(read_elements(&r));
    MIXFILL_TRY(refuse_triplets(&r));
    MIXFILL_TRY(mixfill_check_claimed_shape(r.rows, r.cols, builder->n, lines->path, 0, err));
    mixfill_ids_init_by_index(options->transpose ? &builder->items : &builder->users,
                              (int32_t)r.rows, 0);
    mixfill_ids_init_by_index(options->transpose ? &builder->users : &builder->items,
                              (int32_t)r.cols, 0);
done:
    return st;
}

/* ---- writing ---- */

/* A row at a time, (D) doubles. */
mixfill_status mixfill_write_npy(const mixfill_output *out, mixfill_error *err) {
    char header[MIXFILL_NPY_HEADER_MAX];
    const mixfill_ratings *r = out->ratings;
    const mixfill_npy_shape shape = {2, {r->n_users, r->n_items}};
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    double *row = mixfill_alloc((size_t)r->n_items, sizeof *row);
    mixfill_status st = row != NULL ? MIXFILL_OK : mixfill_fail_nomem(err, out->path);
    if (st == MIXFILL_OK)
        st = mixfill_check_none_missing(out, err);
    if (st == MIXFILL_OK)
        st = mixfill_outfile_open(&file, out->path, false, err);
    if (st != MIXFILL_OK)
        goto done;
    FILE *stream = mixfill_outfile_stream(file);
    fwrite(header, 1, mixfill_npy_header(header, MIXFILL_NPY_FLOAT64, 0, shape), stream);
    for (; u < r->n_users && mixfill_write_goes_on(stream, out, u); u++) {
        for (int32_t j = 0; j < r->n_items; j++)
            row[j] = out->options->missing;
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            row[r->col[e]] = mixfill_ratings_value(r, e);
        fwrite(row, sizeof *row, (size_t)r->n_items, stream);
    }
    st = mixfill_write_end(file, out, u, err);
done:
    mixfill_free(row);
    return st;
}
