/* Prediction of single cells and of files of pairs. */
#include "use/predict.h"

#include "base/number.h"
#include "file/outfile.h"
#include "formats/delimited_write.h"
#include "formats/load.h"
#include "model/offsets.h"
#include "use/folded.h"

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

double mixfill_clip(const mixfill_model *model, double rating) {
    return fmin(fmax(rating, model->rating_min), model->rating_max);
}

mixfill_person mixfill_person_of(const mixfill_model *model, mixfill_side user) {
    return user.known ? mixfill_person_known(model, user.index) : mixfill_person_unknown(model);
}

/* What the model knows of item j; all 0 where it is not in it. */
typedef struct item_facts {
    bool rated;
    double offset, count;
} item_facts;

static item_facts facts_of(const mixfill_model *m, int32_t j) {
    if (j < 0)
        return (item_facts){0};
    return (item_facts){.rated = m->item_count[j] > 0,
                        .offset = m->offset_item != NULL ? m->offset_item[j] : 0,
                        .count = m->item_count[j]};
}

/* sum_k resp_k mu_kj */
static double mixture_mean(const mixfill_model *m, const mixfill_mixture *mixture,
                           const double *resp, int32_t j) {
    const double *mu = mixture->mu + (size_t)j * m->kp;
    double mean = 0;
    for (size_t k = 0; k < (size_t)m->n_components; k++)
        mean += resp[k] * mu[k];
    return mean;
}

/* What `factor` knows of item j: its prior where it was not rated. */
typedef struct item_factors {
    const double *w, *cov; /* cov NULL: phi */
    double v;
} item_factors;

static item_factors item_factors_of(const mixfill_model *m, int32_t j) {
    const mixfill_factors *f = m->factors;
    size_t moments = (size_t)f->rank + 1, at = (size_t)(j < 0 ? 0 : j);
    if (!facts_of(m, j).rated)
        return (item_factors){f->m, NULL, f->scale[2]};
    return (item_factors){f->w + at * moments, f->w_cov + at * mixfill_packed(moments), f->v[j]};
}

/* g + sd w . (1, e) */
static double factor_mean(const mixfill_model *m, const mixfill_person *user, int32_t j) {
    const double *w = item_factors_of(m, j).w;
    double sum = w[0];
    for (size_t i = 0; i < (size_t)m->factors->rank; i++)
        sum += w[i + 1] * user->factor[i];
    return m->factors->scale[0] + m->factors->scale[1] * sum;
}

/* Element of a packed symmetric matrix, or where that is NULL of a full one (n,n). */
static double element(const double *packed, const double *full, size_t n, size_t i, size_t j) {
    if (packed == NULL)
        return full[i * n + j];
    return i > j ? packed[mixfill_packed(i) + j] : packed[mixfill_packed(j) + i];
}

/* sd^2 (s v + 2 (what is unsure of w and e)), the latter (1,e)' Cov (1,e) + w_f' C w_f + <Cov_ff,
 * C>; the 2 is a measured recalibration (DESIGN 1.4). */
static double factor_variance(const mixfill_model *m, const mixfill_person *user, int32_t j) {
    const mixfill_factors *f = m->factors;
    item_factors item = item_factors_of(m, j);
    size_t q = (size_t)f->rank;
    double unsure = 0;
    for (size_t i = 0; i <= q; i++)
        for (size_t k = 0; k <= q; k++) {
            double cov = element(item.cov, f->phi, q + 1, i, k);
            double e_i = i > 0 ? user->factor[i - 1] : 1, e_k = k > 0 ? user->factor[k - 1] : 1;
            unsure += e_i * e_k * cov;
            if (i > 0 && k > 0)
                unsure +=
                    element(user->cov, f->omega, q, i - 1, k - 1) * (item.w[i] * item.w[k] + cov);
        }
    double sd = f->scale[1];
    return sd * sd * (user->scale * item.v + 2 * fmax(0, unsure));
}

/* Under mixture i. */
static double mean_under(const mixfill_model *m, int32_t i, const mixfill_person *user, int32_t j) {
    if (m->factors != NULL)
        return factor_mean(m, user, j);
    item_facts item = facts_of(m, j);
    mixfill_mixture mixture = mixfill_model_mixture(m, i);
    const double *resp = user->resp + (size_t)i * user->stride;
    double mean = item.rated ? mixture_mean(m, &mixture, resp, j) : 0;
    if (m->kind == MIXFILL_MODEL_MAP)
        return m->global_mean + user->offset + item.offset + mean;
    return item.rated ? mean : m->global_mean;
}

double mixfill_predict_mean(const mixfill_model *m, const mixfill_person *user, int32_t j,
                            bool clip) {
    double sum = 0;
    for (int32_t i = 0; i < m->n_mixtures; i++) {
        double mean = mean_under(m, i, user, j);
        sum += clip ? mixfill_clip(m, mean) : mean;
    }
    return sum / m->n_mixtures;
}

/* sum_k resp_k (var_k + mu_kj^2) - (sum_k resp_k mu_kj)^2 */
static double classic_variance(const mixfill_model *m, const mixfill_person *user, int32_t j) {
    if (!facts_of(m, j).rated)
        return m->global_sd * m->global_sd;
    mixfill_mixture mixture = mixfill_model_mixture(m, 0);
    const double *mu = mixture.mu + (size_t)j * m->kp;
    double mean = mixture_mean(m, &mixture, user->resp, j), variance = 0;
    for (size_t k = 0; k < (size_t)m->n_components; k++)
        variance += user->resp[k] * (mixture.var[k] + (mu[k] - mean) * (mu[k] - mean));
    return variance;
}

/* The same with the item's variance, and then what is unsure of mu, b_u and b_j themselves:
 * sum_k resp_k^2 v_j / (s0_kj + tau) + v / (8 + |O_u|) + v_j / (3 + |U_j|). Where nothing at all
 * stands behind a mean (tau = 0, s0 = 0), it is as unsure as a rating. */
static double map_variance(const mixfill_model *m, int32_t i, const mixfill_person *user,
                           int32_t j) {
    item_facts item = facts_of(m, j);
    mixfill_mixture mixture = mixfill_model_mixture(m, i);
    const double *resp = user->resp + (size_t)i * user->stride;
    double v = item.rated ? mixture.var[j] : fmax(m->min_var, mixture.noise_mean);
    double mean = item.rated ? mixture_mean(m, &mixture, resp, j) : 0, variance = v;
    for (size_t k = 0; k < (size_t)m->n_components; k++) {
        size_t at = (size_t)(j < 0 ? 0 : j) * m->kp + k;
        double deviation = (item.rated ? mixture.mu[at] : 0) - mean;
        double support = (item.rated ? mixture.s0[at] : 0) + m->prior_strength;
        variance +=
            resp[k] * deviation * deviation + resp[k] * resp[k] * (support > 0 ? v / support : v);
    }
    return variance + mixture.noise_mean / (mixfill_map_shrinkage.user + user->count) +
           v / (mixfill_map_shrinkage.item + item.count);
}

static double variance_under(const mixfill_model *m, int32_t i, const mixfill_person *user,
                             int32_t j) {
    switch (m->kind) {
    case MIXFILL_MODEL_CLASSIC:
        return classic_variance(m, user, j);
    case MIXFILL_MODEL_MAP:
        return map_variance(m, i, user, j);
    case MIXFILL_MODEL_FACTOR:
        return factor_variance(m, user, j);
    }
    return 0;
}

mixfill_cell mixfill_predict_cell(const mixfill_model *m, const mixfill_person *user, int32_t j) {
    double variance = 0;
    for (int32_t i = 0; i < m->n_mixtures; i++)
        variance += variance_under(m, i, user, j);
    return (mixfill_cell){.mean = mixfill_predict_mean(m, user, j, false),
                          .clipped = mixfill_predict_mean(m, user, j, true),
                          .sd = sqrt(variance / m->n_mixtures)};
}

static void predict_pair(const mixfill_model *model, const mixfill_folded *folded,
                         mixfill_prediction *out, const char *user, const char *item) {
    mixfill_subject subject = mixfill_subject_of(model, folded, user, strlen(user));
    mixfill_side j = mixfill_find_item(model, item, strlen(item));
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
    predict_pair(sink->model, sink->folded, &p, user, item);
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
                                   const char *path, const mixfill_folded *folded,
                                   const mixfill_read_options *options, const char *csv_path,
                                   mixfill_error *err) {
    mixfill_outfile *file;
    mixfill_prediction_report report;
    mixfill_status st = mixfill_outfile_open(&file, csv_path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    fputs("user,item,rating,sd,known_user,known_item\n", stream);
    st = mixfill_predict_file(model, &report, path, folded, options, write_prediction, stream, err);
    if (st != MIXFILL_OK && !ferror(stream)) {
        mixfill_outfile_abandon(file);
        return st;
    }
    st = mixfill_outfile_commit(file, err);
    if (st == MIXFILL_OK && out != NULL)
        *out = report;
    return st;
}
