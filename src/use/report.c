/* Figures of a model for a report: what sets its components apart, how sure it is of its users, and
 * how far off and how well calibrated it is on given ratings. */
#include "base/top.h"
#include "factor/axes.h"
#include "use/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Ratings that a departure's support is weighed against, as the prior strength of `map`. */
static const double SUPPORT_SCALE = 10;
/* In `classic`, where support is only expected, less than this is none. */
static const double LEAST_EXPECTED = 5;

static const double LEVELS[MIXFILL_REPORT_LEVELS] = {0.1, 0.2, 0.3, 0.4, 0.5,
                                                     0.6, 0.7, 0.8, 0.9, 0.95};
/* Half-widths of the central intervals of a normal that hold as much, in standard deviations. */
static const double HALF_WIDTHS[MIXFILL_REPORT_LEVELS] = {
    0.12566134685507402, 0.2533471031357997, 0.38532046640756773, 0.5244005127080407,
    0.6744897501960817,  0.8416212335729143, 1.0364333894937898,  1.2815515655446004,
    1.6448536269514722,  1.959963984540054};
/* Where the bins of counts begin. */
static const int32_t COUNTS[MIXFILL_REPORT_COUNTS] = {
    0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000};

/* ---- components ---- */

/* False for a kind of model that has none to describe. */
static bool has_components(mixfill_model_kind kind) {
    switch (kind) {
    case MIXFILL_MODEL_CLASSIC:
    case MIXFILL_MODEL_MAP:
        return true;
    case MIXFILL_MODEL_FACTOR:
        return false;
    }
    return false;
}

/* What is outstanding at one end of a component or an axis. */
typedef struct outstanding {
    int32_t item[MIXFILL_REPORT_ITEMS];
    double score[MIXFILL_REPORT_ITEMS];
    mixfill_top top;
} outstanding;

static void outstanding_init(outstanding *list) {
    list->top =
        (mixfill_top){.cap = MIXFILL_REPORT_ITEMS, .item = list->item, .score = list->score};
}

/* A score of 0 or less (or NaN) stands out in nothing. */
static void offer(outstanding *list, int32_t item, double score) {
    if (score > 0)
        mixfill_top_offer(&list->top, item, score);
}

/* How far a mean of a component stands off, and by how many ratings. */
typedef struct departure {
    double value, support;
} departure;

/* Whether a mean of `classic` can have come from ratings rather than from the start. */
static bool moved(const mixfill_model *m, double mu) {
    return m->notebook || (mu >= m->rating_min && mu <= m->rating_max);
}

/* What the means of an item depart from: in `classic` the weighted mean of those that moved, NaN
 * where none did. */
static double centre_of(const mixfill_model *m, int32_t j) {
    const double *mu = m->mu + (size_t)j * m->kp;
    double sum = 0, weight = 0;
    if (m->kind == MIXFILL_MODEL_MAP)
        return 0;
    for (int32_t k = 0; k < m->n_components; k++)
        if (moved(m, mu[k])) {
            sum += m->weight[k] * mu[k];
            weight += m->weight[k];
        }
    return sum / weight;
}

/* Of component k; none where its mean never moved. */
static departure departure_of(const mixfill_model *m, double centre, int32_t k, int32_t j) {
    size_t at = (size_t)j * m->kp + (size_t)k;
    if (m->kind == MIXFILL_MODEL_MAP)
        return (departure){m->mu[at], m->s0[at]};
    double support = m->weight[k] * m->item_count[j];
    if (!moved(m, m->mu[at]) || support < LEAST_EXPECTED)
        return (departure){0};
    return (departure){m->mu[at] - centre, support};
}

static void fill_item(mixfill_report_item *out, const mixfill_model *m, int32_t k, int32_t j) {
    char buffer[MIXFILL_ID_BUFFER];
    departure d = departure_of(m, centre_of(m, j), k, j);
    *out = (mixfill_report_item){
        .departure = d.value, .support = d.support, .count = m->item_count[j]};
    snprintf(out->id, sizeof out->id, "%s", mixfill_ids_get(&m->item_ids, j, buffer));
}

/* centre: (D), of the items. */
static void fill_component(mixfill_report_component *c, const mixfill_model *m,
                           const double *centre, int32_t k) {
    outstanding up, down;
    outstanding_init(&up);
    outstanding_init(&down);
    for (int32_t j = 0; j < m->n_items; j++) {
        departure d = departure_of(m, centre[j], k, j);
        double score = d.value * d.support / (d.support + SUPPORT_SCALE);
        offer(&up, j, score);
        offer(&down, j, -score);
    }
    c->weight = m->weight[k];
    c->var = m->kind == MIXFILL_MODEL_CLASSIC ? m->var[k] : (double)NAN;
    mixfill_top_sort(&up.top);
    mixfill_top_sort(&down.top);
    c->n_up = up.top.n;
    c->n_down = down.top.n;
    for (int32_t i = 0; i < c->n_up; i++)
        fill_item(&c->up[i], m, k, up.item[i]);
    for (int32_t i = 0; i < c->n_down; i++)
        fill_item(&c->down[i], m, k, down.item[i]);
}

static int32_t index_of_largest(const double *resp, int32_t n) {
    int32_t best = 0;
    for (int32_t k = 1; k < n; k++)
        if (resp[k] > resp[best])
            best = k;
    return best;
}

/* The bin of a share, 0 < share. */
static int32_t bin_of_share(double share) {
    int32_t bin = (int32_t)ceil(share * MIXFILL_REPORT_SHARES) - 1;
    return bin < 0 ? 0 : bin < MIXFILL_REPORT_SHARES ? bin : MIXFILL_REPORT_SHARES - 1;
}

static void count_users(mixfill_report *r, const mixfill_model *m) {
    double sum = 0;
    for (int32_t u = 0; u < m->n_users && mixfill_model_has_users(m); u++) {
        const double *resp = m->resp + (size_t)u * (size_t)m->n_components;
        if (m->user_count[u] == 0)
            continue;
        int32_t k = index_of_largest(resp, m->n_components);
        r->n_rated_users++;
        r->components[k].n_users++;
        r->largest[bin_of_share(resp[k])]++;
        sum += resp[k];
    }
    r->mean_largest = sum / (double)r->n_rated_users;
}

/* ---- axes ---- */

static void fill_axis_items(mixfill_report_item *out, const outstanding *list,
                            const mixfill_model *m, const mixfill_axes *axes, int32_t k) {
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t i = 0; i < list->top.n; i++) {
        int32_t j = list->item[i], count = m->item_count[j];
        out[i] = (mixfill_report_item){.departure =
                                           axes->loading[(size_t)j * (size_t)axes->n + (size_t)k],
                                       .support = count,
                                       .count = count};
        snprintf(out[i].id, sizeof out[i].id, "%s", mixfill_ids_get(&m->item_ids, j, buffer));
    }
}

static void fill_axis(mixfill_report_axis *a, const mixfill_model *m, const mixfill_axes *axes,
                      int32_t k) {
    outstanding up, down;
    outstanding_init(&up);
    outstanding_init(&down);
    for (int32_t j = 0; j < m->n_items; j++) {
        double support = m->item_count[j];
        double score = axes->loading[(size_t)j * (size_t)axes->n + (size_t)k] * support /
                       (support + SUPPORT_SCALE);
        offer(&up, j, score);
        offer(&down, j, -score);
    }
    a->sd = axes->sd[k];
    mixfill_top_sort(&up.top);
    mixfill_top_sort(&down.top);
    a->n_up = up.top.n;
    a->n_down = down.top.n;
    fill_axis_items(a->up, &up, m, axes, k);
    fill_axis_items(a->down, &down, m, axes, k);
}

static mixfill_status describe_axes(mixfill_report *r, const mixfill_model *m, mixfill_error *err) {
    mixfill_axes axes;
    if (m->factors == NULL)
        return MIXFILL_OK;
    mixfill_status st = mixfill_axes_init(&axes, m, err);
    if (st != MIXFILL_OK)
        return st;
    r->axes = mixfill_alloc_zero((size_t)axes.n, sizeof *r->axes);
    if (r->axes == NULL)
        st = mixfill_fail_nomem(err, "a report");
    else if (axes.sd[0] > 0) /* there is something to show */
        r->n_axes = axes.n;
    for (int32_t k = 0; k < r->n_axes; k++)
        fill_axis(&r->axes[k], m, &axes, k);
    mixfill_axes_clear(&axes);
    return st;
}

/* ---- accuracy ---- */

typedef struct count_sums {
    double n, squared, squared_bias;
} count_sums;

typedef struct rating_sums {
    double n, predicted, observed;
} rating_sums;

/* Doubles only, for mixfill_score_ratings. */
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
    double width = m->rating_max - m->rating_min;
    return i == MIXFILL_REPORT_RATINGS ? m->rating_max
                                       : m->rating_min + width * i / MIXFILL_REPORT_RATINGS;
}

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

static mixfill_report_count_bin finish_count(const count_sums *s, int i) {
    return (mixfill_report_count_bin){
        .least = COUNTS[i],
        .most = i + 1 < MIXFILL_REPORT_COUNTS ? COUNTS[i + 1] - 1 : INT32_MAX,
        .n = (int64_t)s->n,
        .rmse = sqrt(s->squared / s->n),
        .rmse_bias = sqrt(s->squared_bias / s->n),
    };
}

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

static mixfill_options options_of(const mixfill_model *m) {
    mixfill_options o;
    mixfill_options_init_model(&o, m->kind);
    o.rank = m->factors != NULL ? m->factors->rank : o.rank;
    o.implicit = m->factors == NULL || m->implicit;
    o.implicit_strength = m->factors != NULL ? m->implicit_strength : o.implicit_strength;
    o.notebook = m->notebook;
    o.n_components = m->n_components;
    o.seed = m->seed;
    o.n_init = m->n_init;
    o.average = m->average;
    o.tol = m->factors == NULL ? m->tol : o.tol;
    o.max_iter = m->max_iter;
    o.min_var = m->factors == NULL ? m->min_var : o.min_var;
    o.min_support = m->min_support;
    o.prior_strength = m->prior_strength;
    o.keep_users = mixfill_model_has_users(m);
    return o;
}

static mixfill_status describe_components(mixfill_report *r, const mixfill_model *m,
                                          mixfill_error *err) {
    r->mean_largest = (double)NAN;
    if (!has_components(m->kind))
        return MIXFILL_OK;
    double *centre = mixfill_alloc((size_t)m->n_items, sizeof *centre);
    r->components = mixfill_alloc_zero((size_t)m->n_components, sizeof *r->components);
    if (centre == NULL || r->components == NULL) {
        mixfill_free(centre);
        return mixfill_fail_nomem(err, "a report");
    }
    r->n_components = m->n_components;
    for (int32_t j = 0; j < m->n_items; j++)
        centre[j] = centre_of(m, j);
    for (int32_t k = 0; k < m->n_components; k++)
        fill_component(&r->components[k], m, centre, k);
    count_users(r, m);
    mixfill_free(centre);
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
    r->options = options_of(model);
    r->log_likelihood = mixfill_alloc(iterations, sizeof *r->log_likelihood);
    if (r->log_likelihood == NULL)
        MIXFILL_TRY(mixfill_fail_nomem(err, "a report"));
    if (iterations > 0)
        memcpy(r->log_likelihood, model->log_likelihood, iterations * sizeof *r->log_likelihood);
    MIXFILL_TRY(describe_components(r, model, err));
    MIXFILL_TRY(describe_axes(r, model, err));
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
    mixfill_free(report->components);
    mixfill_free(report->axes);
    mixfill_free(report);
}
