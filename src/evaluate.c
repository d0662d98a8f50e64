/* Accuracy of a model and of its baselines on held-out ratings. */
#include "predict.h"

#include <math.h>
#include <string.h>

/* Half-widths of the central 50 and 90 percent of a normal, in standard deviations. */
static const double HALF_WIDTH_50 = 0.6745, HALF_WIDTH_90 = 1.6449;
static const double LOG_TWO_PI = 1.83787706640934548356;

/* Sums over pairs. */
typedef struct sums {
    int64_t n_known, n_unknown_user, n_unknown_item, in50, in90;
    double squared, absolute, squared_known, log_likelihood;
    double global_mean, user_mean, item_mean, bias; /* squared errors of the baselines */
} sums;

static double squared_error(const mixfill_model *m, double rating, double prediction) {
    double d = rating - mixfill_clip(m, prediction);
    return d * d;
}

/* What is unknown to a baseline falls to the global mean. */
static void add_baselines(sums *s, const mixfill_model *m, double r, mixfill_side u,
                          mixfill_side j) {
    double g = m->global_mean;
    double bias = g + (u.known ? m->user_bias[u.index] : 0) + (j.known ? m->item_bias[j.index] : 0);
    s->global_mean += squared_error(m, r, g);
    s->user_mean += squared_error(m, r, u.known ? m->user_mean[u.index] : g);
    s->item_mean += squared_error(m, r, j.known ? m->item_mean[j.index] : g);
    s->bias += squared_error(m, r, bias);
}

/* Constant training data has sd 0: the density is then that of the smallest normal double, finite.
 */
static double log_density(double x, double sd) {
    double scale = fmax(sd, 1e-150), z = x / scale;
    return -0.5 * (LOG_TWO_PI + z * z) - log(scale);
}

static void add_pair(sums *s, const mixfill_model *m, double r, mixfill_side u, mixfill_side j) {
    mixfill_person person = mixfill_person_of(m, u);
    mixfill_cell cell = mixfill_predict_cell(m, &person, j.index);
    double error = fabs(r - cell.clipped), sd = cell.sd;
    s->squared += error * error;
    s->absolute += error;
    s->log_likelihood += log_density(r - cell.mean, sd);
    s->in50 += error < HALF_WIDTH_50 * sd;
    s->in90 += error < HALF_WIDTH_90 * sd;
    s->n_unknown_user += !u.known;
    s->n_unknown_item += !j.known;
    if (u.known && j.known) {
        s->n_known++;
        s->squared_known += error * error;
    }
    add_baselines(s, m, r, u, j);
}

/* The model's item of each item of the test ratings; NULL when out of memory. */
static mixfill_side *map_items(const mixfill_model *m, const mixfill_ratings *test) {
    mixfill_side *map = mixfill_alloc((size_t)test->n_items, sizeof *map);
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t j = 0; j < test->n_items && map != NULL; j++) {
        const char *id = mixfill_ids_get(&test->item_ids, j, buffer);
        map[j] = mixfill_find_item(m, id, strlen(id));
    }
    return map;
}

static void fill(mixfill_evaluation *out, const sums *s, int64_t n_pairs) {
    double n = (double)n_pairs;
    *out = (mixfill_evaluation){
        .n = n_pairs,
        .n_known = s->n_known,
        .n_unknown_user = s->n_unknown_user,
        .n_unknown_item = s->n_unknown_item,
        .rmse = sqrt(s->squared / n),
        .mae = s->absolute / n,
        .rmse_known = sqrt(s->squared_known / (double)s->n_known),
        .log_likelihood_per_rating = s->log_likelihood / n,
        .coverage50 = (double)s->in50 / n,
        .coverage90 = (double)s->in90 / n,
        .rmse_global_mean = sqrt(s->global_mean / n),
        .rmse_user_mean = sqrt(s->user_mean / n),
        .rmse_item_mean = sqrt(s->item_mean / n),
        .rmse_bias = sqrt(s->bias / n),
    };
}

mixfill_status mixfill_evaluate(const mixfill_model *model, mixfill_evaluation *out,
                                const mixfill_ratings *test, mixfill_error *err) {
    if (test->nnz == 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "no ratings to evaluate on, expected at least one");
    mixfill_side *items = map_items(model, test);
    if (items == NULL)
        return mixfill_fail_nomem(err, "an evaluation");
    sums s = {0};
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t i = 0; i < test->n_users; i++) {
        const char *id = mixfill_ids_get(&test->user_ids, i, buffer);
        mixfill_side user = mixfill_find_user(model, id, strlen(id));
        for (int64_t e = test->row_ptr[i]; e < test->row_ptr[i + 1]; e++)
            add_pair(&s, model, mixfill_ratings_value(test, e), user, items[test->col[e]]);
    }
    mixfill_free(items);
    fill(out, &s, test->nnz);
    return MIXFILL_OK;
}
