/* Filling the missing cells of a ratings matrix, row by row: the job that a dense program does
 * (docs/model.md 2.6). The users of the data are folded in, so no row needs to have been in
 * training.
 *
 * The filled matrix may be far larger than memory. A few rows at a time are filled by all threads,
 * and then compared and written by one, so that sums have the order of the cells and output that of
 * the rows. */
#include "base/number.h"
#include "base/par.h"
#include "base/watch.h"
#include "file/npz.h"
#include "file/outfile.h"
#include "model/cell.h"
#include "ratings/align.h"
#include "ratings/builder.h"
#include "use/fold_in.h"

#include <math.h>
#include <string.h>

/* Rows in memory: enough to go round among threads, at 8 bytes a cell. */
enum { ROWS_AT_ONCE = 64, PER_CELL = 20 /* multiply-adds, about */ };

/* One of the two matrices that can come out. */
typedef struct matrix {
    mixfill_outfile *file; /* NULL: not asked for */
    FILE *stream;
    bool npy;
    double *rows; /* (ROWS_AT_ONCE,n_items); of standard deviations only where asked for */
} matrix;

enum { FILLED, SDS, MATRICES };

/* What a completion works on. */
typedef struct completion {
    const mixfill_model *model;
    const mixfill_ratings *data;
    const mixfill_ratings *truth; /* numbered as data, or NULL */
    mixfill_people fold;          /* data's users */
    int32_t *item;                /* (n_items) the model's item of each item of data, -1 unknown */
    matrix out[MATRICES];
    int32_t digits; /* of text */
    double squared_all, squared_missing;
    mixfill_completion result;
} completion;

/* Items by id, once for all rows. Cells of those that the model lacks are predicted as an unknown
 * item's. */
static void map_items(completion *c) {
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t j = 0; j < c->data->n_items; j++) {
        const char *id = mixfill_ids_get(&c->data->item_ids, j, buffer);
        c->item[j] = mixfill_find_item(c->model, id, strlen(id)).index;
        c->result.unknown_items += c->item[j] < 0;
    }
}

/* A row of one of the matrices, at a place among those in memory; NULL where it is not asked for.
 */
static double *row_of(const completion *c, int which, int32_t at) {
    double *rows = c->out[which].rows;
    return rows != NULL ? rows + (size_t)at * (size_t)c->data->n_items : NULL;
}

/* Row u, to stand at a place: observed cells as they are, missing ones predicted; clipped but in
 * classic, whose published figures are not. Of what was observed nothing is uncertain: sd 0. */
static void fill_row(const completion *c, int32_t at, int32_t u) {
    const mixfill_ratings *d = c->data;
    mixfill_person user = mixfill_people_at(&c->fold, u);
    bool clip = c->model->kind->clips;
    double *row = row_of(c, FILLED, at), *sd = row_of(c, SDS, at);
    for (int32_t j = 0; j < d->n_items; j++) {
        if (sd == NULL) { /* which costs far more than a mean */
            row[j] = mixfill_predict_mean(c->model, &user, c->item[j], clip);
            continue;
        }
        mixfill_cell cell = mixfill_predict_cell(c->model, &user, c->item[j]);
        row[j] = clip ? cell.clipped : cell.mean;
        sd[j] = cell.sd;
    }
    for (int64_t e = d->row_ptr[u]; e < d->row_ptr[u + 1]; e++) {
        row[d->col[e]] = mixfill_ratings_value(d, e);
        if (sd != NULL)
            sd[d->col[e]] = 0;
    }
}

/* Compare row u with the truth, be that of few cells or of all (docs/model.md 7.1). Items ascend in
 * both, so one walk along the data's row tells which of the truth's cells were missing there. */
static void compare_row(completion *c, const double *row, int32_t u) {
    const mixfill_ratings *t = c->truth, *d = c->data;
    int64_t observed = d->row_ptr[u];
    for (int64_t e = t->row_ptr[u]; e < t->row_ptr[u + 1]; e++) {
        int32_t j = t->col[e];
        double error = row[j] - mixfill_ratings_value(t, e);
        while (observed < d->row_ptr[u + 1] && d->col[observed] < j)
            observed++;
        bool missing = observed == d->row_ptr[u + 1] || d->col[observed] != j;
        c->squared_all += error * error;
        c->result.n_all++;
        if (missing) {
            c->squared_missing += error * error;
            c->result.n_missing++;
        }
    }
}

/* A row of .npy, or of text. Failures stay with the stream, which is asked once per row. */
static void write_row(const completion *c, const matrix *m, const double *row) {
    size_t n = (size_t)c->data->n_items;
    char number[MIXFILL_RATING_TEXT];
    if (m->npy) {
        fwrite(row, sizeof *row, n, m->stream);
        return;
    }
    for (size_t j = 0; j < n; j++) {
        size_t len = mixfill_format_rating(number, row[j], 0, c->digits);
        number[len] = j + 1 < n ? ' ' : '\n';
        fwrite(number, 1, len + 1, m->stream);
    }
}

/* Begin a matrix where there is a path for it. */
static mixfill_status open_matrix(const completion *c, matrix *m, const char *path,
                                  mixfill_error *err) {
    char header[MIXFILL_NPY_HEADER_MAX];
    mixfill_npy_shape shape = {2, {c->data->n_users, c->data->n_items}};
    if (path == NULL)
        return MIXFILL_OK;
    mixfill_status st = mixfill_outfile_open(&m->file, path, false, err);
    if (st != MIXFILL_OK)
        return st;
    m->stream = mixfill_outfile_stream(m->file);
    m->npy = mixfill_ends_with(path, ".npy");
    if (m->npy)
        fwrite(header, 1, mixfill_npy_header(header, MIXFILL_NPY_FLOAT64, 0, shape), m->stream);
    return MIXFILL_OK;
}

/* A finished row to the truth and to the outputs; false where it could not be written. */
static bool hand_on(completion *c, int32_t at, int32_t u) {
    bool written = true;
    if (c->truth != NULL)
        compare_row(c, row_of(c, FILLED, at), u);
    for (int i = 0; i < MATRICES; i++)
        if (c->out[i].file != NULL) {
            write_row(c, &c->out[i], row_of(c, i, at));
            written = written && !ferror(c->out[i].stream);
        }
    return written;
}

/* Rows in parallel, comparison and output in order. Stops at the first write that fails, of which
 * committing tells; the caller may stop it every ROWS_AT_ONCE rows. */
static mixfill_status fill_rows(completion *c, const mixfill_run *run, mixfill_error *err) {
    double work = (double)ROWS_AT_ONCE * PER_CELL * c->data->n_items;
    int32_t threads = mixfill_par_threads_for(run != NULL ? run->threads : 0, work);
    mixfill_watch watch;
    (void)threads;
    mixfill_watch_init(&watch, run, c->data->n_users);
    bool written = true;
    for (int32_t first = 0; written && first < c->data->n_users; first += ROWS_AT_ONCE) {
        int32_t left = c->data->n_users - first;
        int32_t n = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
#pragma omp parallel for schedule(static) num_threads(threads) default(none) shared(c, first, n)
        for (int32_t i = 0; i < n; i++)
            fill_row(c, i, first + i);
        for (int32_t i = 0; i < n && written; i++)
            written = hand_on(c, i, first + i);
        mixfill_watch_add(&watch, n);
        if (mixfill_watch_stopped(&watch))
            break;
    }
    return mixfill_watch_finish(&watch, err);
}

/* Renumber the truth's users as data's: the counterpart of mixfill_ratings_align. Pairs of users
 * unknown to data are left out, as it has no row to compare them with. */
static mixfill_status align_users(mixfill_ratings **out, const mixfill_ratings *truth,
                                  const mixfill_ratings *data, mixfill_error *err) {
    mixfill_builder b;
    mixfill_status st;
    int64_t duplicates;
    char buffer[MIXFILL_ID_BUFFER];
    mixfill_builder_init(&b);
    mixfill_ids_init_by_index(&b.users, data->n_users, 0);
    mixfill_ids_init_by_index(&b.items, data->n_items, 0);
    for (int32_t i = 0; i < truth->n_users; i++) {
        const char *id = mixfill_ids_get(&truth->user_ids, i, buffer);
        int32_t u = mixfill_ids_find(&data->user_ids, id, strlen(id));
        for (int64_t e = truth->row_ptr[i]; e < truth->row_ptr[i + 1] && u >= 0; e++)
            MIXFILL_TRY(
                mixfill_builder_add(&b, u, truth->col[e], mixfill_ratings_value(truth, e), 0));
    }
    st = mixfill_builder_finish(&b, out, &duplicates, MIXFILL_DUPLICATES_ERROR, "truth", err);
done:
    mixfill_builder_clear(&b);
    return st;
}

/* *owned: a renumbered copy of truth to be freed by the caller, or NULL. Where neither side has ids
 * there is nothing to go by but place, and the shapes must agree. */
static mixfill_status align_truth(completion *c, mixfill_ratings **owned,
                                  const mixfill_ratings *truth, mixfill_error *err) {
    const mixfill_ratings *d = c->data;
    c->truth = truth;
    if (truth == NULL || (mixfill_ids_same(&truth->user_ids, &d->user_ids) &&
                          mixfill_ids_same(&truth->item_ids, &d->item_ids)))
        return MIXFILL_OK;
    bool places = mixfill_ratings_by_index(truth) && mixfill_ratings_by_index(d);
    if (places && truth->n_users == d->n_users && truth->n_items == d->n_items)
        return MIXFILL_OK; /* one counts from 1 */
    if (truth->user_ids.by_index && d->user_ids.by_index)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "truth is %d x %d, expected %d x %d as the data", truth->n_users,
                            truth->n_items, d->n_users, d->n_items);
    mixfill_ratings *items = NULL;
    int64_t dropped;
    mixfill_status st = mixfill_ratings_align(&items, &dropped, truth, &d->item_ids, err);
    if (st == MIXFILL_OK)
        st = align_users(owned, items, d, err);
    c->truth = *owned;
    mixfill_ratings_free(items);
    return st;
}

static mixfill_status alloc_buffers(completion *c, bool with_sd, mixfill_error *err) {
    size_t n_items = (size_t)c->data->n_items;
    bool ok = (c->item = mixfill_alloc(n_items, sizeof *c->item)) != NULL;
    for (int i = 0; i < (with_sd ? MATRICES : SDS); i++)
        ok = ok && (c->out[i].rows = mixfill_alloc(n_items, ROWS_AT_ONCE * sizeof(double))) != NULL;
    return ok ? MIXFILL_OK : mixfill_fail_nomem(err, "a completion");
}

/* Together, so that one does not tell of another model than the other. */
static mixfill_status commit(completion *c, mixfill_error *err) {
    mixfill_outfile *files[MATRICES];
    for (int i = 0; i < MATRICES; i++) {
        files[i] = c->out[i].file;
        c->out[i].file = NULL;
    }
    return mixfill_outfile_commit_all(files, MATRICES, err);
}

/* Errors of cells that there are none of are 0 / 0, NaN: without a truth, or where it has no
 * missing cell. */
static void finish_report(completion *c) {
    mixfill_completion *r = &c->result;
    r->n_filled = (int64_t)c->data->n_users * c->data->n_items - c->data->nnz;
    r->rmse_all = sqrt(c->squared_all / (double)r->n_all);
    r->rmse_missing = sqrt(c->squared_missing / (double)r->n_missing);
}

mixfill_status mixfill_complete(const mixfill_model *model, mixfill_completion *out,
                                const mixfill_ratings *data, const mixfill_ratings *truth,
                                const mixfill_filling *to, const mixfill_run *run,
                                mixfill_error *err) {
    const mixfill_filling none = {0}, *outputs = to != NULL ? to : &none;
    mixfill_status st;
    mixfill_ratings *aligned_truth = NULL;
    completion c = {.model = model,
                    .data = data,
                    .digits = outputs->rounded ? outputs->digits : MIXFILL_DIGITS_FULL};
    /* A truth of another shape is refused before the work rather than after it. */
    MIXFILL_TRY(align_truth(&c, &aligned_truth, truth, err));
    MIXFILL_TRY(alloc_buffers(&c, outputs->sd_path != NULL, err));
    map_items(&c);
    MIXFILL_TRY(mixfill_fold_in(&c.fold, model, data, run != NULL ? run->threads : 0, err));
    MIXFILL_TRY(open_matrix(&c, &c.out[FILLED], outputs->path, err));
    MIXFILL_TRY(open_matrix(&c, &c.out[SDS], outputs->sd_path, err));
    MIXFILL_TRY(fill_rows(&c, run, err));
    MIXFILL_TRY(commit(&c, err));
    finish_report(&c);
    *out = c.result;
done:
    mixfill_ratings_free(aligned_truth);
    mixfill_people_clear(&c.fold);
    mixfill_free(c.item);
    for (int i = 0; i < MATRICES; i++) {
        mixfill_outfile_abandon(c.out[i].file);
        mixfill_free(c.out[i].rows);
    }
    return st;
}
