/* Scoring of held-out ratings: what a model and its baselines say of each, and sums over all. A
 * scored rating lives for one call of the tally and none is kept, so memory does not grow with the
 * ratings. */
#ifndef MIXFILL_EVALUATE_H
#define MIXFILL_EVALUATE_H

#include "model/cell.h"
#include "model/people.h"

/* A rating with what the model and its baselines say of it. */
typedef struct mixfill_scored {
    double rating;
    mixfill_cell cell;
    double error; /* |rating - cell.clipped| */
    mixfill_found user, item;
    double global_mean, user_mean, item_mean, bias; /* squared errors of the baselines, clipped */
} mixfill_scored;

/* What is done with each: add to sums, all of them doubles, in which counts are exact. */
typedef struct mixfill_tally {
    void (*add)(double *sums, const mixfill_scored *scored, const void *data);
    const void *data;
    size_t n_sums;
    int32_t every; /* only every so manieth user; 0: all */
} mixfill_tally;

/* Add up `test` in `sums` (n_sums), which is overwritten. The ratings are cut into blocks of
 * whole users by their number alone, and the sums of the blocks added in order, so that threads
 * change no bit. MIXFILL_ERR_DIM where `test` holds no rating, _CANCELLED, _NOMEM. */
mixfill_status mixfill_score_ratings(double *sums, const mixfill_model *model,
                                     const mixfill_ratings *test, const mixfill_tally *tally,
                                     const mixfill_run *run, mixfill_error *err);

/* The sums behind a mixfill_evaluation; only doubles, so that it may be part of a tally's sums. */
typedef struct mixfill_evaluation_sums {
    double n, in50, in90;
    double squared, absolute, log_likelihood;
    double global_mean, user_mean, item_mean, bias;
    struct {
        double n, squared, global_mean, user_mean, item_mean, bias;
    } part[2][2]; /* [user known][item known] */
} mixfill_evaluation_sums;

void mixfill_evaluation_add(mixfill_evaluation_sums *sums, const mixfill_scored *scored);
void mixfill_evaluation_finish(mixfill_evaluation *out, const mixfill_evaluation_sums *sums);

#endif
