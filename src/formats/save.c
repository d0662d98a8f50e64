/* Saving ratings: delimited text, Matrix Market, dense text and .npy, and scipy .npz. */
#include "base/number.h"
#include "file/npy.h"
#include "file/outfile.h"
#include "formats/formats.h"
#include "formats/scipy_npz.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* How a delimited format is written. */
typedef struct layout {
    const char *columns; /* of the header line, "" for none */
    const char *delimiter;
    bool quotes;
} layout;

static const layout *find_layout(mixfill_format format) {
    static const layout csv = {"userId,movieId,rating", ",", true};
    static const layout dat = {"", "::", false};
    static const layout tab = {"", "\t", false};
    static const layout triplets = {"", " ", false};
    switch (format) {
    case MIXFILL_FORMAT_CSV:
        return &csv;
    case MIXFILL_FORMAT_DAT:
        return &dat;
    case MIXFILL_FORMAT_TAB:
        return &tab;
    case MIXFILL_FORMAT_TRIPLETS:
        return &triplets;
    case MIXFILL_FORMAT_AUTO:
    case MIXFILL_FORMAT_DENSE:
    case MIXFILL_FORMAT_NPZ:
    case MIXFILL_FORMAT_MTX:
    case MIXFILL_FORMAT_NPY:
    case MIXFILL_FORMAT_NETFLIX:
        return NULL;
    }
    return NULL;
}

void mixfill_write_csv_field(FILE *stream, const char *text) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

/* An id that could not be read back from this format is refused. */
static mixfill_status check_writable(const mixfill_ratings *r, const mixfill_ids *ids,
                                     const layout *l, const char *path, mixfill_error *err) {
    char buffer[MIXFILL_ID_BUFFER];
    if (l->quotes || ids->by_index)
        return MIXFILL_OK;
    for (int32_t i = 0; i < ids->n; i++) {
        const char *id = mixfill_ids_get(ids, i, buffer);
        if (ids == &r->user_ids && id[0] == '#')
            return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                                "%s: id '%.40s' would read back as a comment, expected csv or npz",
                                path, id);
        if (strstr(id, l->delimiter) != NULL || strpbrk(id, " \t") != NULL ||
            id[strlen(id) - 1] == l->delimiter[0])
            return mixfill_fail(
                err, MIXFILL_ERR_ARG, 0,
                "%s: id '%.40s' holds a blank or the delimiter, expected csv or npz", path, id);
    }
    return MIXFILL_OK;
}

static void write_row(FILE *stream, const mixfill_ratings *r, int32_t u, const layout *l) {
    char user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER], number[MIXFILL_NUMBER_BUFFER];
    const char *user_id = mixfill_ids_get(&r->user_ids, u, user);
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
        const char *item_id = mixfill_ids_get(&r->item_ids, r->col[e], item);
        if (l->quotes)
            mixfill_write_csv_field(stream, user_id);
        else
            fputs(user_id, stream);
        fputs(l->delimiter, stream);
        if (l->quotes)
            mixfill_write_csv_field(stream, item_id);
        else
            fputs(item_id, stream);
        fputs(l->delimiter, stream);
        size_t len = mixfill_format_double(number, mixfill_ratings_value(r, e));
        fwrite(number, 1, len, stream);
        if (r->time != NULL)
            fprintf(stream, "%s%" PRId64, l->delimiter, r->time[e]);
        fputc('\n', stream);
    }
}

/* Tell how many users are written, once for many; false where writing should stop. */
static bool goes_on(FILE *stream, const mixfill_ratings *r, int32_t u,
                    const mixfill_save_options *o) {
    enum { USERS_AT_ONCE = 64 };
    if (ferror(stream))
        return false;
    return o->progress == NULL || u == 0 || u % USERS_AT_ONCE != 0 ||
           o->progress(u, r->n_users, o->progress_data) == 0;
}

/* Commit what came to its end, or failed on the way, of which committing tells. */
static mixfill_status end_rows(mixfill_outfile *file, const mixfill_ratings *r, int32_t written,
                               mixfill_error *err) {
    if (written == r->n_users || ferror(mixfill_outfile_stream(file)))
        return mixfill_outfile_commit(file, err);
    mixfill_outfile_abandon(file);
    return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled after %" PRId32 " users",
                        written);
}

static mixfill_status save_delimited(const mixfill_ratings *r, const char *path, const layout *l,
                                     const mixfill_save_options *o, mixfill_error *err) {
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    mixfill_status st = check_writable(r, &r->user_ids, l, path, err);
    if (st == MIXFILL_OK)
        st = check_writable(r, &r->item_ids, l, path, err);
    if (st == MIXFILL_OK)
        st = mixfill_outfile_open(&file, path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    if (*l->columns != '\0')
        fprintf(stream, "%s%s\n", l->columns, r->time != NULL ? ",timestamp" : "");
    for (; u < r->n_users && goes_on(stream, r, u, o); u++)
        write_row(stream, r, u, l);
    return end_rows(file, r, u, err);
}

static void write_dense_row(FILE *stream, const mixfill_ratings *r, int32_t u, double missing) {
    char number[MIXFILL_NUMBER_BUFFER];
    int64_t e = r->row_ptr[u];
    for (int32_t j = 0; j < r->n_items; j++) {
        bool observed = e < r->row_ptr[u + 1] && r->col[e] == j;
        mixfill_format_double(number, observed ? mixfill_ratings_value(r, e++) : missing);
        fputs(number, stream);
        fputc(j + 1 < r->n_items ? ' ' : '\n', stream);
    }
}

/* What is missing becomes 0 in a dense file, unless it is to be nan, so a rating of 0 cannot be. */
static mixfill_status check_no_zero(const mixfill_ratings *r, const char *path, bool nan_is_missing,
                                    mixfill_error *err) {
    for (int64_t e = 0; e < r->nnz && !nan_is_missing; e++)
        if (mixfill_ratings_value(r, e) == 0)
            return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                                "%s: a rating of 0 would read back as missing, expected csv or npz "
                                "(or --missing nan)",
                                path);
    return MIXFILL_OK;
}

static mixfill_status save_dense(const mixfill_ratings *r, const char *path,
                                 const mixfill_save_options *o, mixfill_error *err) {
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    mixfill_status st = check_no_zero(r, path, o->nan_is_missing, err);
    if (st == MIXFILL_OK)
        st = mixfill_outfile_open(&file, path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    for (; u < r->n_users && goes_on(stream, r, u, o); u++)
        write_dense_row(stream, r, u, o->nan_is_missing ? (double)NAN : 0.0);
    return end_rows(file, r, u, err);
}

static mixfill_status save_npy(const mixfill_ratings *r, const char *path,
                               const mixfill_save_options *o, mixfill_error *err) {
    char header[MIXFILL_NPY_HEADER_MAX];
    const mixfill_npy_shape shape = {2, {r->n_users, r->n_items}};
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    double *row = mixfill_alloc((size_t)r->n_items, sizeof *row);
    mixfill_status st = row != NULL ? MIXFILL_OK : mixfill_fail_nomem(err, path);
    if (st == MIXFILL_OK)
        st = check_no_zero(r, path, o->nan_is_missing, err);
    if (st == MIXFILL_OK)
        st = mixfill_outfile_open(&file, path, false, err);
    if (st != MIXFILL_OK)
        goto done;
    FILE *stream = mixfill_outfile_stream(file);
    fwrite(header, 1, mixfill_npy_header(header, MIXFILL_NPY_FLOAT64, 0, shape), stream);
    for (; u < r->n_users && goes_on(stream, r, u, o); u++) {
        for (int32_t j = 0; j < r->n_items; j++)
            row[j] = o->nan_is_missing ? (double)NAN : 0;
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            row[r->col[e]] = mixfill_ratings_value(r, e);
        fwrite(row, sizeof *row, (size_t)r->n_items, stream);
    }
    st = end_rows(file, r, u, err);
done:
    mixfill_free(row);
    return st;
}

/* Matrix Market, coordinate real general, row by row; ids are not kept. */
static mixfill_status save_market(const mixfill_ratings *r, const char *path,
                                  const mixfill_save_options *o, mixfill_error *err) {
    char number[MIXFILL_NUMBER_BUFFER];
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    mixfill_status st = mixfill_outfile_open(&file, path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    fprintf(stream,
            "%%%%MatrixMarket matrix coordinate real general\n%" PRId32 " %" PRId32 " %" PRId64
            "\n",
            r->n_users, r->n_items, r->nnz);
    for (; u < r->n_users && goes_on(stream, r, u, o); u++) {
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            mixfill_format_double(number, mixfill_ratings_value(r, e));
            fprintf(stream, "%" PRId32 " %" PRId32 " %s\n", u + 1, r->col[e] + 1, number);
        }
    }
    return end_rows(file, r, u, err);
}

void mixfill_save_options_init(mixfill_save_options *options) {
    *options = (mixfill_save_options){.struct_size = sizeof *options, .format = MIXFILL_FORMAT_CSV};
}

mixfill_status mixfill_ratings_save_as(const mixfill_ratings *ratings, const char *path,
                                       const mixfill_save_options *options, mixfill_error *err) {
    if (options->struct_size != sizeof *options)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "save options: struct_size is %zu, expected %zu as set by "
                            "mixfill_save_options_init",
                            options->struct_size, sizeof *options);
    const layout *l = find_layout(options->format);
    if (l != NULL)
        return save_delimited(ratings, path, l, options, err);
    switch ((int)options->format) {
    case MIXFILL_FORMAT_NPZ:
        return mixfill_io_npz_save(ratings, path, err);
    case MIXFILL_FORMAT_DENSE:
        return save_dense(ratings, path, options, err);
    case MIXFILL_FORMAT_MTX:
        return save_market(ratings, path, options, err);
    case MIXFILL_FORMAT_NPY:
        return save_npy(ratings, path, options, err);
    default:
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "%s: format %s, expected one that is written",
                            path, mixfill_format_name(options->format));
    }
}

mixfill_status mixfill_ratings_save(const mixfill_ratings *ratings, const char *path,
                                    mixfill_format format, mixfill_error *err) {
    mixfill_save_options options;
    mixfill_save_options_init(&options);
    options.format = format;
    return mixfill_ratings_save_as(ratings, path, &options, err);
}
