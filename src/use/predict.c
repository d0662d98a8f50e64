/* Prediction of single pairs and of files of them. Every pair gets a mean and a standard deviation:
 * what is unknown is predicted by its prior and flagged (docs/model.md 2.6, 4.5, 5.8), so each pair
 * of a file has its line in the csv. Pairs are predicted as they are read and none is kept, so
 * memory does not grow with a file. */
#include "base/number.h"
#include "file/outfile.h"
#include "formats/delimited_write.h"
#include "formats/load.h"
#include "model/cell.h"
#include "use/folded.h"

#include <math.h>
#include <string.h>

/* One cell by ids, which the prediction borrows. */
static void predict_pair(const mixfill_model *model, const mixfill_folded *folded,
                         mixfill_prediction *out, const char *user, const char *item) {
    mixfill_subject subject = mixfill_subject_of(model, folded, user, strlen(user));
    mixfill_found j = mixfill_find_item(model, item, strlen(item));
    mixfill_cell cell = mixfill_predict_cell(model, &subject.person, j.index);
    *out = (mixfill_prediction){.user = user,
                                .item = item,
                                .rating = cell.clipped,
                                .sd = cell.sd,
                                .known_user = subject.known,
                                .known_item = j.known};
}

void mixfill_predict(const mixfill_model *model, mixfill_prediction *out, const char *user,
                     const char *item) {
    predict_pair(model, NULL, out, user, item);
}

void mixfill_folded_predict(const mixfill_folded *folded, mixfill_prediction *out, const char *user,
                            const char *item) {
    predict_pair(folded->model, folded, out, user, item);
}

/* Where the pairs of a file go. */
typedef struct pair_sink {
    const mixfill_model *model;
    const mixfill_folded *folded;
    mixfill_prediction_fn fn;
    void *data;
    mixfill_prediction_report report;
} pair_sink;

/* Ids of a record are parts of its line; whoever gets a prediction wants strings. The reader has
 * refused what is longer than an id may be. */
static void copy_id(char out[MIXFILL_ID_BUFFER], mixfill_field id) {
    memcpy(out, id.text, id.len);
    out[id.len] = '\0';
}

/* A pair of the file: predicted, counted and handed on. Its strings live until fn returns. */
static mixfill_status predict_record(void *data, const mixfill_record *record, mixfill_error *err) {
    pair_sink *sink = data;
    char user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER];
    mixfill_prediction p;
    copy_id(user, record->user);
    copy_id(item, record->item);
    predict_pair(sink->model, sink->folded, &p, user, item);
    if (sink->report.n == 0 && !p.known_user && !p.known_item &&
        !mixfill_field_is_number(record->user) && !mixfill_field_is_number(record->item))
        sink->report.doubtful_line = record->line;
    sink->report.n++;
    sink->report.n_unknown_user += !p.known_user;
    sink->report.n_unknown_item += !p.known_item;
    if (sink->fn != NULL && sink->fn(&p, sink->data) != 0)
        return mixfill_fail(err, MIXFILL_ERR_CANCELLED, record->line, "cancelled");
    return MIXFILL_OK;
}

mixfill_status mixfill_predict_file(const mixfill_model *model, mixfill_prediction_report *out,
                                    const char *path, const mixfill_folded *folded,
                                    const mixfill_read_options *options, mixfill_prediction_fn fn,
                                    void *data, mixfill_error *err) {
    mixfill_read_options defaults;
    pair_sink sink = {.model = model, .folded = folded, .fn = fn, .data = data};
    mixfill_read_options_init(&defaults);
    mixfill_status st = mixfill_read_pairs(
        &sink.report.read, path, options != NULL ? options : &defaults, predict_record, &sink, err);
    if (st == MIXFILL_OK && out != NULL)
        *out = sink.report;
    return st;
}

/* Digits that an uncertainty deserves: 10^-d is at most a fiftieth of it, so that half of that, the
 * rounding, is at most 1 %. More than a double has are as good as all. */
static int32_t deserved(double sd) {
    int32_t d = 0;
    while (d <= MIXFILL_MAX_DECIMALS && !(pow(10, -d) <= sd / 50))
        d++;
    return d;
}

size_t mixfill_format_rating(char out[MIXFILL_RATING_TEXT], double value, double sd,
                             int32_t digits) {
    if (digits == MIXFILL_DIGITS_AUTO)
        digits = deserved(sd);
    return digits < 0 ? mixfill_format_double(out, value)
                      : mixfill_format_decimals(out, value, digits);
}

/* Where predictions are written to. */
typedef struct csv_sink {
    FILE *stream;
    int32_t digits;
} csv_sink;

/* A line of the csv. What cannot be written ends the reading, for the rest would be in vain. */
static int write_prediction(const mixfill_prediction *p, void *data) {
    const csv_sink *sink = data;
    FILE *stream = sink->stream;
    char number[MIXFILL_RATING_TEXT];
    mixfill_write_csv_field(stream, p->user);
    fputc(',', stream);
    mixfill_write_csv_field(stream, p->item);
    mixfill_format_rating(number, p->rating, p->sd, sink->digits);
    fprintf(stream, ",%s", number);
    mixfill_format_rating(number, p->sd, p->sd, sink->digits);
    fprintf(stream, ",%s,%d,%d\n", number, p->known_user, p->known_item);
    return ferror(stream);
}

mixfill_status mixfill_predict_csv(const mixfill_model *model, mixfill_prediction_report *out,
                                   const char *path, const mixfill_folded *folded,
                                   const mixfill_read_options *options, int32_t digits,
                                   const char *csv_path, mixfill_error *err) {
    mixfill_outfile *file;
    mixfill_prediction_report report;
    mixfill_status st = mixfill_outfile_open(&file, csv_path, false, err);
    if (st != MIXFILL_OK)
        return st;
    csv_sink sink = {mixfill_outfile_stream(file), digits};
    FILE *stream = sink.stream;
    fputs("user,item,rating,sd,known_user,known_item\n", stream);
    st = mixfill_predict_file(model, &report, path, folded, options, write_prediction, &sink, err);
    /* A write that failed shows as a cancelled reading. The commit that follows fails by it too,
     * and says what was really wrong. */
    if (st != MIXFILL_OK && !ferror(stream)) {
        mixfill_outfile_abandon(file);
        return st;
    }
    st = mixfill_outfile_commit(file, err);
    if (st == MIXFILL_OK && out != NULL)
        *out = report;
    return st;
}
