/* Prediction of single cells and of files of pairs. */
#include "predict.h"

#include "io_text.h"
#include "number.h"
#include "outfile.h"

#include <math.h>
#include <string.h>

mixfill_side mixfill_find_user(const mixfill_model *model, const char *id, size_t len) {
    if (!mixfill_model_has_users(model))
        return (mixfill_side){-1, false};
    int32_t u = mixfill_ids_find(&model->user_ids, id, len);
    return (mixfill_side){u, u >= 0 && model->user_count[u] > 0};
}

mixfill_side mixfill_find_item(const mixfill_model *model, const char *id, size_t len) {
    int32_t j = mixfill_ids_find(&model->item_ids, id, len);
    return (mixfill_side){j, j >= 0 && model->item_count[j] > 0};
}

double mixfill_mixture_mean(const mixfill_model *model, const double *resp, int32_t j) {
    const double *mu = model->mu + (size_t)j * model->kp;
    double mean = 0;
    for (size_t k = 0; k < (size_t)model->n_components; k++)
        mean += resp[k] * mu[k];
    return mean;
}

void mixfill_predict_cell(const mixfill_model *model, double *mean, double *sd, mixfill_side user,
                          mixfill_side item) {
    if (!item.known) {
        *mean = model->global_mean;
        *sd = model->global_sd;
        return;
    }
    size_t n = (size_t)model->n_components;
    const double *mu = model->mu + (size_t)item.index * model->kp;
    const double *resp = user.known ? model->resp + (size_t)user.index * n : model->weight;
    double variance = 0;
    *mean = mixfill_mixture_mean(model, resp, item.index);
    for (size_t k = 0; k < n; k++)
        variance += resp[k] * (model->var[k] + (mu[k] - *mean) * (mu[k] - *mean));
    *sd = sqrt(variance);
}

double mixfill_clip(const mixfill_model *model, double rating) {
    return fmin(fmax(rating, model->rating_min), model->rating_max);
}

void mixfill_predict(const mixfill_model *model, mixfill_prediction *out, const char *user,
                     const char *item) {
    mixfill_side u = mixfill_find_user(model, user, strlen(user));
    mixfill_side j = mixfill_find_item(model, item, strlen(item));
    double mean, sd;
    mixfill_predict_cell(model, &mean, &sd, u, j);
    *out = (mixfill_prediction){.user = user,
                                .item = item,
                                .rating = mixfill_clip(model, mean),
                                .sd = sd,
                                .known_user = u.known,
                                .known_item = j.known};
}

/* Where the pairs of a file go. */
typedef struct pair_sink {
    const mixfill_model *model;
    mixfill_prediction_fn fn;
    void *data;
    mixfill_prediction_report report;
} pair_sink;

static void copy_id(char out[MIXFILL_ID_BUFFER], mixfill_field id) {
    memcpy(out, id.text, id.len);
    out[id.len] = '\0';
}

static mixfill_status predict_record(void *data, const mixfill_record *record, mixfill_error *err) {
    pair_sink *sink = data;
    char user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER];
    mixfill_prediction p;
    copy_id(user, record->user);
    copy_id(item, record->item);
    mixfill_predict(sink->model, &p, user, item);
    sink->report.n++;
    sink->report.n_unknown_user += !p.known_user;
    sink->report.n_unknown_item += !p.known_item;
    if (sink->fn != NULL && sink->fn(&p, sink->data) != 0)
        return mixfill_fail(err, MIXFILL_ERR_CANCELLED, record->line, "cancelled");
    return MIXFILL_OK;
}

mixfill_status mixfill_predict_file(const mixfill_model *model, mixfill_prediction_report *out,
                                    const char *path, const mixfill_read_options *options,
                                    mixfill_prediction_fn fn, void *data, mixfill_error *err) {
    mixfill_read_options defaults;
    pair_sink sink = {.model = model, .fn = fn, .data = data};
    mixfill_read_options_init(&defaults);
    mixfill_status st = mixfill_read_pairs(
        &sink.report.read, path, options != NULL ? options : &defaults, predict_record, &sink, err);
    if (st == MIXFILL_OK && out != NULL)
        *out = sink.report;
    return st;
}

static int write_prediction(const mixfill_prediction *p, void *data) {
    FILE *stream = data;
    char number[MIXFILL_NUMBER_BUFFER];
    mixfill_write_csv_field(stream, p->user);
    fputc(',', stream);
    mixfill_write_csv_field(stream, p->item);
    mixfill_format_double(number, p->rating);
    fprintf(stream, ",%s", number);
    mixfill_format_double(number, p->sd);
    fprintf(stream, ",%s,%d,%d\n", number, p->known_user, p->known_item);
    return ferror(stream);
}

mixfill_status mixfill_predict_csv(const mixfill_model *model, mixfill_prediction_report *out,
                                   const char *path, const mixfill_read_options *options,
                                   const char *csv_path, mixfill_error *err) {
    mixfill_outfile *file;
    mixfill_prediction_report report;
    mixfill_status st = mixfill_outfile_open(&file, csv_path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    fputs("user,item,rating,sd,known_user,known_item\n", stream);
    st = mixfill_predict_file(model, &report, path, options, write_prediction, stream, err);
    if (st != MIXFILL_OK && !ferror(stream)) {
        mixfill_outfile_abandon(file);
        return st;
    }
    st = mixfill_outfile_commit(file, err);
    if (st == MIXFILL_OK && out != NULL)
        *out = report;
    return st;
}
