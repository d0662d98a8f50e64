/* Predicted cells. The kind predicts under one mixture; averaging and clipping are here, because
 * they are the same for all (docs/model.md 2.6, 4.7). */
#include "model/cell.h"

#include <math.h>

double mixfill_clip(const mixfill_model *model, double rating) {
    return fmin(fmax(rating, model->rating_range[0]), model->rating_range[1]);
}

/* Each mixture's mean is clipped before the average is taken: an average of predictions, not the
 * prediction of an average. */
double mixfill_predict_mean(const mixfill_model *m, const mixfill_person *person, int32_t j,
                            bool clip) {
    int32_t n = m->params->shape.n_mixtures;
    double sum = 0;
    for (int32_t i = 0; i < n; i++) {
        double mean = m->kind->mean(m, i, person, j);
        sum += clip ? mixfill_clip(m, mean) : mean;
    }
    return sum / n;
}

mixfill_cell mixfill_predict_cell(const mixfill_model *m, const mixfill_person *person, int32_t j) {
    int32_t n = m->params->shape.n_mixtures;
    double variance = 0;
    for (int32_t i = 0; i < n; i++)
        variance += m->kind->variance(m, i, person, j);
    return (mixfill_cell){.mean = mixfill_predict_mean(m, person, j, false),
                          .clipped = mixfill_predict_mean(m, person, j, true),
                          .sd = sqrt(variance / n)};
}
