/* Reports: what a model is like, component by component or axis by axis, and how it does on given
 * ratings, as plain figures. */
#ifndef MIXFILL_PUBLIC_REPORT_H
#define MIXFILL_PUBLIC_REPORT_H

#include <mixfill/evaluate.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MIXFILL_REPORT_ITEMS = 10,  /* at each end of a component */
    MIXFILL_REPORT_SHARES = 20, /* bins of the largest responsibility */
    MIXFILL_REPORT_COUNTS = 17, /* bins of training ratings */
    MIXFILL_REPORT_LEVELS = 10, /* nominal levels of coverage */
    MIXFILL_REPORT_RATINGS = 10 /* bins of predicted ratings */
};

/* An item that a component sees unlike the others do, or that stands out along an axis. */
typedef struct mixfill_report_item {
    char id[256];
    double departure; /* in rating units; of what, see mixfill_report_create */
    double support;   /* ratings of the item behind it: total responsibility of its raters, in
                         CLASSIC that expected from the weight, in FACTOR all its ratings */
    int32_t count;    /* ratings of the item in training */
} mixfill_report_item;

/* A component of a mixture: CLASSIC and MAP. */
typedef struct mixfill_report_component {
    double weight;
    double var;           /* CLASSIC; NaN in MAP, whose variances are the items' */
    int64_t n_users;      /* with a training rating, whose largest responsibility it is; of equal
                             ones the first counts */
    int32_t n_up, n_down; /* of the arrays below, most outstanding first */
    mixfill_report_item up[MIXFILL_REPORT_ITEMS], down[MIXFILL_REPORT_ITEMS];
} mixfill_report_component;

/* A principal axis of FACTOR: what users differ by. */
typedef struct mixfill_report_axis {
    double sd;            /* of what it adds to the ratings of training, in rating units */
    int32_t n_up, n_down; /* of the arrays below, most outstanding first */
    mixfill_report_item up[MIXFILL_REPORT_ITEMS], down[MIXFILL_REPORT_ITEMS];
} mixfill_report_axis;

/* Errors over the ratings whose user, or item, has `least` to `most` ratings in training. */
typedef struct mixfill_report_count_bin {
    int32_t least, most;
    int64_t n;
    double rmse, rmse_bias; /* of the model and the baseline of both biases; NaN where n = 0 */
} mixfill_report_count_bin;

/* Over the ratings whose clipped prediction lies in [low, high), the last bin in [low, high]. */
typedef struct mixfill_report_rating_bin {
    double low, high;
    int64_t n;
    double predicted, observed; /* means; NaN where n = 0 */
} mixfill_report_rating_bin;

/* What a model says of given ratings. */
typedef struct mixfill_report_accuracy {
    mixfill_evaluation all;
    double nominal[MIXFILL_REPORT_LEVELS];  /* 0.1 to 0.9 and 0.95 */
    double coverage[MIXFILL_REPORT_LEVELS]; /* fraction within the central interval of that level */
    mixfill_report_count_bin by_user[MIXFILL_REPORT_COUNTS]; /* 0, 1, 2-4, 5-9, 10-19, 20-49, ... */
    mixfill_report_count_bin by_item[MIXFILL_REPORT_COUNTS];
    mixfill_report_rating_bin by_rating[MIXFILL_REPORT_RATINGS]; /* of the training range */
} mixfill_report_accuracy;

/* Figures of a model, plain arrays that the report owns. */
typedef struct mixfill_report {
    mixfill_model_summary model;
    mixfill_options options; /* of the fit, as far as the model remembers; others as defaults */
    double *log_likelihood;  /* (model.iterations) */
    double *rmse;            /* (model.iterations) of the ratings held out; NULL where none were */
    int32_t n_components;    /* 0 for a model that has none to describe */
    mixfill_report_component *components;   /* (n_components), of the first mixture */
    int32_t n_axes;                         /* 0 but for FACTOR */
    mixfill_report_axis *axes;              /* (n_axes), largest first */
    int64_t n_rated_users;                  /* users with a training rating; 0 without users */
    int64_t largest[MIXFILL_REPORT_SHARES]; /* of these, by the largest responsibility: bin i is
                                               ]i/20, (i+1)/20]; in the first mixture */
    double mean_largest;                    /* NaN where there are none */
    bool has_accuracy;                      /* ratings were given */
    mixfill_report_accuracy accuracy;
} mixfill_report;

/* Draw up what a report about a model shows.
 * out     [out] new report.
 * ratings [in]  NULL, or at least one rating to score the model on, matched by id.
 * run     [in]  progress counts these ratings; NULL means all zero.
 * The items that set a component apart are those with the largest departures, weighed by support /
 * (support + 10) so that chance does not win: in MAP of mu_kj, which is a departure already, in
 * CLASSIC of mu_kj less the weighted mean over the components, of items with an expected support of
 * at least 5 and of means within the range of the training ratings (those outside never moved from
 * their start; the notebook's are not asked). The axes of FACTOR are its factors turned so that
 * they vary independently, and the departure of an item is what one standard deviation of users
 * along the axis adds to it beyond what it adds to all; its support is the item's ratings. What is
 * unknown falls to its prior, as in mixfill_evaluate.
 * Returns MIXFILL_ERR_DIM (ratings without one), _CANCELLED, _NOMEM. Cost: O((N + D) K), in FACTOR
 * O((N + D) q^2 + q^3), and mixfill_evaluate of the ratings. */
MIXFILL_CHECK mixfill_status mixfill_report_create(mixfill_report **out, const mixfill_model *model,
                                                   const mixfill_ratings *ratings,
                                                   const mixfill_run *run, mixfill_error *err);

/* Release a report and its arrays. NULL is allowed. */
MIXFILL_API void mixfill_report_free(mixfill_report *report);

#ifdef __cplusplus
}
#endif

#endif
