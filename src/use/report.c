/* Figures of a model for a report: what its kind says of itself, and how far off and how well
 * calibrated it is on given ratings. The page that shows them is the program's.
 *
 * Bins and levels are added up in the pass that evaluations make (use/evaluate.h), beside the sums
 * of an evaluation: both tell of the same errors to the bit. */
#include "use/evaluate.h"

#include <math.h>
#include <string.h>

static const double LEVELS[MIXFILL_REPORT_LEVELS] = {0.1, 0.2, 0.3, 0.4, 0.5,
                                                     0.6, 0.7, 0.8, 0.9, 0.95};
/* Half-widths of the central intervals of a normal that hold as much, in standard deviations; with
 * all digits, where evaluations have four for their two (docs/model.md 7.2). */
static const double HALF_WIDTHS[MIXFILL_REPORT_LEVELS] = {
    0.12566134685507402, 0.2533471031357997, 0.38532046640756773, 0.5244005127080407,
    0.6744897501960817,  0.8416212335729143, 1.0364333894937898,  1.2815515655446004,
    1.6448536269514722,  1.959963984540054};
/* Where the bins of counts begin, of training ratings of a user or item. 0 has a bin of its own:
 * these are the unknown ones, predicted by the prior. */
static const int32_t COUNTS[MIXFILL_REPORT_COUNTS] = {
    0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000};

/* ---- accuracy ---- */

/* Squared errors, of the model and of the bias baseline beside it. */
typedef struct count_sums {
    double n, squared, squared_bias;
} count_sums;

/* What was predicted and what was observed: of a calibrated model the two means of a bin agree. */
typedef struct rating_sums {
    double n, predicted, observed;
} rating_sums;

/* Doubles only, for mixfill_score_ratings, which adds them as one array. */
typedef struct accuracy_sums {
    mixfill_evaluation_sums all;
    double within[MIXFILL_REPORT_LEVELS];
    count_sums by_user[MIXFILL_REPORT_COUNTS], by_item[MIXFILL_REPORT_COUNTS];
    rating_sums by_rating[MIXFILL_REPORT_RATINGS];
} accuracy_sums;

static int32_t bin_of_count(int32_t count) {
    int32_t bin = 0;
    while (bin + 1 < MIXFILL_REPORT_COUNTS && COUNTS[bin + 1] <= count)
        bin++;
    return bin;
}

/* Where bin i of the predictions begins; i = MIXFILL_REPORT_RATINGS is the end of the last. */
static double rating_edge(const mixfill_model *m, int32_t i) {
    double width = m->rating_range[1] - m->rating_range[0];
    return i == MIXFILL_REPORT_RATINGS ? m->rating_range[1]
                                       : m->rating_range[0] + width * i / MIXFILL_REPORT_RATINGS;
}

/* By the edges that the report shows, so that no rounding puts a prediction beside its bin. Where
 * all training ratings are equal it is the last one. */
static int32_t bin_of_rating(const mixfill_model *m, double prediction) {
    int32_t bin = 0;
    while (bin + 1 < MIXFILL_REPORT_RATINGS && rating_edge(m, bin + 1) <= prediction)
        bin++;
    return bin;
}

static void add_to_count(count_sums *bin, const mixfill_scored *p) {
    bin->n++;
    bin->squared += p->error * p->error;
    bin->squared_bias += p->bias;
}

/* One rating into every bin it belongs to. Intervals are about the clipped prediction, as in
 * docs/model.md 7.2, and so are the bins of predictions. */
static void add_to_accuracy(double *sums, const mixfill_scored *p, const void *data) {
    const mixfill_model *m = data;
    accuracy_sums *s = (accuracy_sums *)sums;
    mixfill_evaluation_add(&s->all, p);
    for (int i = 0; i < MIXFILL_REPORT_LEVELS; i++)
        s->within[i] += p->error < HALF_WIDTHS[i] * p->cell.sd;
    add_to_count(&s->by_user[bin_of_count(p->user.known ? m->user_count[p->user.index] : 0)], p);
    add_to_count(&s->by_item[bin_of_count(p->item.known ? m->item_count[p->item.index] : 0)], p);
    rating_sums *bin = &s->by_rating[bin_of_rating(m, p->cell.clipped)];
    bin->n++;
    bin->predicted += p->cell.clipped;
    bin->observed += p->rating;
}

/* A bin holds counts from its beginning to below the next one's; the last has no end. */
static mixfill_report_count_bin finish_count(const count_sums *s, int i) {
    return (mixfill_report_count_bin){
        .least = COUNTS[i],
        .most = i + 1 < MIXFILL_REPORT_COUNTS ? COUNTS[i + 1] - 1 : INT32_MAX,
        .n = (int64_t)s->n,
        .rmse = sqrt(s->squared / s->n),
        .rmse_bias = sqrt(s->squared_bias / s->n),
    };
}

/* Sums to figures, in units of ratings. Of an empty bin they are 0 / 0, NaN, and n tells why. */
static void finish_accuracy(mixfill_report_accuracy *a, const accuracy_sums *s,
                            const mixfill_model *m) {
    mixfill_evaluation_finish(&a->all, &s->all);
    for (int i = 0; i < MIXFILL_REPORT_LEVELS; i++) {
        a->nominal[i] = LEVELS[i];
        a->coverage[i] = s->within[i] / s->all.n;
    }
    for (int i = 0; i < MIXFILL_REPORT_COUNTS; i++) {
        a->by_user[i] = finish_count(&s->by_user[i], i);
        a->by_item[i] = finish_count(&s->by_item[i], i);
    }
    for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++) {
        const rating_sums *bin = &s->by_rating[i];
        a->by_rating[i] = (mixfill_report_rating_bin){.low = rating_edge(m, i),
                                                      .high = rating_edge(m, i + 1),
                                                      .n = (int64_t)bin->n,
                                                      .predicted = bin->predicted / bin->n,
                                                      .observed = bin->observed / bin->n};
    }
}

static mixfill_status measure_accuracy(mixfill_report *r, const mixfill_model *m,
                                       const mixfill_ratings *ratings, const mixfill_run *run,
                                       mixfill_error *err) {
    accuracy_sums sums;
    const mixfill_tally tally = {
        .add = add_to_accuracy, .data = m, .n_sums = sizeof sums / sizeof(double)};
    mixfill_status st = mixfill_score_ratings((double *)&sums, m, ratings, &tally, run, err);
    if (st != MIXFILL_OK)
        return st;
    r->has_accuracy = true;
    finish_accuracy(&r->accuracy, &sums, m);
    return MIXFILL_OK;
}

/* ---- the report ---- */

/* A figure of every iteration. */
static mixfill_status copy_history(double **out, const double *figures, size_t n,
                                   mixfill_error *err) {
    *out = mixfill_alloc(n, sizeof **out);
    if (*out == NULL)
        return mixfill_fail_nomem(err, "a report");
    if (n > 0)
        memcpy(*out, figures, n * sizeof **out);
    return MIXFILL_OK;
}

mixfill_status mixfill_report_create(mixfill_report **out, const mixfill_model *model,
                                     const mixfill_ratings *ratings, const mixfill_run *run,
                                     mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    size_t iterations = (size_t)model->iterations;
    mixfill_report *r = mixfill_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return mixfill_fail_nomem(err, "a report");
    mixfill_model_summarize(model, &r->model);
    r->options = model->options;
    r->mean_largest = (double)NAN;
    MIXFILL_TRY(copy_history(&r->log_likelihood, model->log_likelihood, iterations, err));
    if (model->rmse != NULL)
        MIXFILL_TRY(copy_history(&r->rmse, model->rmse, iterations, err));
    MIXFILL_TRY(model->kind->describe(r, model, err));
    if (ratings != NULL)
        MIXFILL_TRY(measure_accuracy(r, model, ratings, run, err));
    *out = r;
    r = NULL;
done:
    mixfill_report_free(r);
    return st;
}

void mixfill_report_free(mixfill_report *report) {
    if (report == NULL)
        return;
    mixfill_free(report->log_likelihood);
    mixfill_free(report->rmse);
    mixfill_free(report->components);
    mixfill_free(report->axes);
    mixfill_free(report);
}
