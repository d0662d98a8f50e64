/* Suspicion.
 *
 * A file can be read without a fault and still not say what its owner meant: a column of row
 * numbers in front, times in the place of ratings, a code for "not rated" among the ratings. Each
 * sign here is one that ordinary ratings do not give, and the warning names what would read the
 * file otherwise. */
#include "formats/suspect.h"

#include "formats/formats.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fewer lines say too little. */
enum { LEAST_LINES = 4 };

/* ---- ids ---- */

/* Whether ids are first, first + 1, ... in the order of the file. */
static bool counts_from(const mixfill_ids *ids, int64_t first) {
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t i = 0; i < ids->n; i++) {
        int64_t value;
        if (!mixfill_id_to_int64(mixfill_ids_get(ids, i, buffer), &value) || value != first + i)
            return false;
    }
    return true;
}

/* A row number in front makes a user, or with transpose an item, of every line. */
static void suspect_row_numbers(mixfill_read_report *report, const mixfill_ratings *r,
                                const mixfill_read_options *o) {
    const mixfill_ids *ids = o->transpose ? &r->item_ids : &r->user_ids;
    if (ids->by_index || ids->n != r->nnz || ids->n < LEAST_LINES)
        return;
    int first = counts_from(ids, 0) ? 0 : counts_from(ids, 1) ? 1 : -1;
    if (first >= 0)
        mixfill_note_warning(report, "columns",
                             "every line has %s of its own, %d, %d, %d, ...: if the first column "
                             "is a row number, user=2,item=3,rating=4 passes it over",
                             o->transpose ? "an item" : "a user", first, first + 1, first + 2);
}

/* ---- values ---- */

/* Distinct values in ascending order where they are at most 256, else all of them in any order. */
typedef struct value_list {
    const double *value;
    int64_t n;
} value_list;

typedef struct range {
    double least, most;
} range;

static range range_of(value_list v) {
    range r = {(double)INFINITY, -(double)INFINITY};
    for (int64_t i = 0; i < v.n; i++) {
        r.least = fmin(r.least, v.value[i]);
        r.most = fmax(r.most, v.value[i]);
    }
    return r;
}

static bool all_are_times(value_list v) {
    const double least = 1e8;
    for (int64_t i = 0; i < v.n; i++)
        if (!(v.value[i] > least && v.value[i] == floor(v.value[i])))
            return false;
    return v.n > 0;
}

static void suspect_times(mixfill_read_report *report, value_list v) {
    if (all_are_times(v))
        mixfill_note_warning(report, "columns",
                             "every rating is a whole number above 1e8: if these are times, "
                             "user=1,item=2,rating=1,time=3 takes every rating for 1");
}

static void suspect_one_value(mixfill_read_report *report, const mixfill_ratings *r) {
    if (r->code == NULL || r->n_levels != 1 || r->nnz < 2 || report->ones)
        return;
    mixfill_note_warning(report, "model", "every rating is %g: nothing to predict", r->level[0]);
}

/* How a value that may stand for none lies beside the others. */
typedef struct beside {
    double next, far; /* the other values lie between these, next being the nearer */
    double gap;       /* the largest between two neighbours of the others; of many values a tenth of
                         their range */
    int64_t others;
    bool at_end; /* all others lie on one side of it */
} beside;

/* Of a code that occurs. */
static beside look_beside(value_list v, bool sorted, double code) {
    beside b = {.next = (double)NAN, .far = (double)NAN, .at_end = true};
    double least = (double)INFINITY, most = -(double)INFINITY, last = (double)NAN;
    for (int64_t i = 0; i < v.n; i++) {
        double x = v.value[i];
        if (x == code)
            continue;
        if (sorted && b.others > 0)
            b.gap = fmax(b.gap, x - last);
        last = x;
        least = fmin(least, x);
        most = fmax(most, x);
        b.others++;
    }
    b.at_end = b.others > 1 && (code < least || code > most);
    b.next = code < least ? least : most;
    b.far = code < least ? most : least;
    b.gap = sorted ? b.gap : (most - least) / 10;
    return b;
}

/* Ratings with a value of a few. */
static int64_t count_value(const mixfill_ratings *r, double value) {
    int64_t n = 0;
    for (int64_t e = 0; e < r->nnz; e++)
        n += mixfill_ratings_value(r, e) == value;
    return n;
}

/* Zeros below a scale of whole numbers from 1 on, too many to be its worst rating. */
static bool is_zero_apart(const mixfill_ratings *r, const beside *b) {
    enum { SCALE = 5, PERCENT = 5 };
    return b->others >= SCALE && b->next == 1 && b->gap == 1 &&
           100 * count_value(r, 0) > PERCENT * r->nnz;
}

/* A code for "not rated": at an end of the scale, and further from it than its values are from each
 * other. */
static void suspect_codes(mixfill_read_report *report, const mixfill_ratings *r, value_list v,
                          bool matrix) {
    static const double codes[] = {-1, 0, 99, -99, 999, -999};
    const double further = 1.5;
    const range all = range_of(v);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i] != all.least && codes[i] != all.most)
            continue;
        const beside b = look_beside(v, r->code != NULL, codes[i]);
        bool far = b.at_end && fabs(codes[i] - b.next) > further * b.gap;
        if (!far && !(codes[i] == 0 && b.at_end && r->code != NULL && is_zero_apart(r, &b)))
            continue;
        double lo = fmin(b.next, b.far), hi = fmax(b.next, b.far);
        if (matrix)
            mixfill_note_warning(report, "missing",
                                 "%g stands apart from the ratings of %g to %g: if it means not "
                                 "rated, name it as missing",
                                 codes[i], lo, hi);
        else
            mixfill_note_warning(report, "rating_min",
                                 "%g stands apart from the ratings of %g to %g: if it means not "
                                 "rated, a range of %g:%g and skipped bad lines leave it out",
                                 codes[i], lo, hi, lo, hi);
    }
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void suspect_values(mixfill_read_report *report, const mixfill_ratings *r, bool matrix) {
    double level[MIXFILL_MAX_LEVELS];
    value_list v = {r->value, r->nnz};
    if (r->code != NULL) {
        memcpy(level, r->level, sizeof level);
        qsort(level, (size_t)r->n_levels, sizeof *level, compare);
        v = (value_list){level, r->n_levels};
    }
    suspect_times(report, v);
    suspect_one_value(report, r);
    if (!all_are_times(v))
        suspect_codes(report, r, v, matrix);
}

/* ---- matrices ---- */

static range *column_ranges(const mixfill_ratings *r) {
    range *ranges = mixfill_alloc((size_t)r->n_items, sizeof *ranges);
    for (int32_t j = 0; j < r->n_items && ranges != NULL; j++)
        ranges[j] = (range){(double)INFINITY, -(double)INFINITY};
    for (int64_t e = 0; e < r->nnz && ranges != NULL; e++) {
        double x = mixfill_ratings_value(r, e);
        range *of = &ranges[r->col[e]];
        of->least = fmin(of->least, x);
        of->most = fmax(of->most, x);
    }
    return ranges;
}

/* One column all of whose values lie above those of all others is no item of the same scale. */
static void suspect_column(mixfill_read_report *report, const mixfill_ratings *r,
                           const range *ranges) {
    int32_t top = 0;
    double least = (double)INFINITY, most = -(double)INFINITY;
    for (int32_t j = 1; j < r->n_items; j++)
        top = ranges[j].most > ranges[top].most ? j : top;
    for (int32_t j = 0; j < r->n_items; j++)
        if (j != top) {
            least = fmin(least, ranges[j].least);
            most = fmax(most, ranges[j].most);
        }
    if (r->n_items < 3 || r->n_users < 3 || !(most > 0) || !(ranges[top].least > 2 * most))
        return;
    mixfill_note_warning(report, "",
                         "column %" PRId32 " has numbers from %g to %g, the others from %g to %g: "
                         "is it an item?",
                         top + 1, ranges[top].least, ranges[top].most, least, most);
}

static mixfill_status suspect_matrix(mixfill_read_report *report, const mixfill_ratings *r,
                                     bool transposed, mixfill_error *err) {
    if (r->nnz == (int64_t)r->n_users * r->n_items && r->nnz > 1)
        mixfill_note_warning(report, "model",
                             "no cell of the %" PRId32 " x %" PRId32
                             " matrix is missing: nothing to fill",
                             r->n_users, r->n_items);
    if (transposed)
        return MIXFILL_OK;
    range *ranges = column_ranges(r);
    if (ranges == NULL)
        return mixfill_fail_nomem(err, "a look at the columns");
    suspect_column(report, r, ranges);
    mixfill_free(ranges);
    return MIXFILL_OK;
}

/* The first row and the first column of a file that counts from 1 are empty where ids from 1 on
 * were taken for indices from 0 on. */
static void suspect_shift(mixfill_read_report *report, const mixfill_ratings *r) {
    if (r->n_users < 2 || r->n_items < 2 || r->row_ptr[1] > 0)
        return;
    for (int64_t e = 0; e < r->nnz; e++)
        if (r->col[e] == 0)
            return;
    mixfill_note_warning(report, "",
                         "the first row and the first column are empty: if the ids began at 1 "
                         "before they were written, all are one too large here");
}

mixfill_status mixfill_suspect(mixfill_read_report *report, const mixfill_ratings *ratings,
                               const mixfill_read_options *options, mixfill_error *err) {
    mixfill_format f = report->format;
    bool matrix = f == MIXFILL_FORMAT_DENSE || f == MIXFILL_FORMAT_NPY;
    suspect_row_numbers(report, ratings, options);
    suspect_values(report, ratings, matrix);
    if (f == MIXFILL_FORMAT_MTX)
        suspect_shift(report, ratings);
    return matrix ? suspect_matrix(report, ratings, options->transpose, err) : MIXFILL_OK;
}
