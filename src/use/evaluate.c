/* Accuracy of a model and of its baselines on held-out ratings (docs/model.md 6, 7.1, 7.2).
 *
 * Ratings are scored in one pass, and what is added up of each is the caller's tally: the figures
 * of an evaluation and the bins of a report have one loop. Sums are made chunk by chunk and chunks
 * added in order; as chunks are cut by the test ratings alone, threads change no bit (8.2). */
#include "use/evaluate.h"

#include "base/par.h"
#include "base/watch.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Half-widths of the central 50 and 90 percent of a normal, in standard deviations. */
static const double HALF_WIDTH_50 = 0.6745, HALF_WIDTH_90 = 1.6449;
static const double LOG_TWO_PI = 1.83787706640934548356;

/* A chunk has at least as many ratings. The number is part of the order of the sums and so of the
 * last bits of every figure. */
enum { CHUNK_RATINGS = 1 << 16, PER_RATING = 100 /* multiply-adds, about */ };

static double squared_error(const mixfill_model *m, double rating, double prediction) {
    double d = rating - mixfill_clip(m, prediction);
    return d * d;
}

/* What the model and its baselines say of a rating. What is unknown to a baseline falls to the
 * global mean (docs/model.md 6); the model predicts it by its prior (2.6, 4.5, 5.8). */
static mixfill_scored score(const mixfill_model *m, double r, mixfill_found u, mixfill_found j) {
    mixfill_person person = mixfill_person_of(m, u);
    mixfill_cell cell = mixfill_predict_cell(m, &person, j.index);
    double g = m->global_mean;
    double bias = g + (u.known ? m->user_bias[u.index] : 0) + (j.known ? m->item_bias[j.index] : 0);
    return (mixfill_scored){
        .rating = r,
        .cell = cell,
        .error = fabs(r - cell.clipped),
        .user = u,
        .item = j,
        .global_mean = squared_error(m, r, g),
        .user_mean = squared_error(m, r, u.known ? m->user_mean[u.index] : g),
        .item_mean = squared_error(m, r, j.known ? m->item_mean[j.index] : g),
        .bias = squared_error(m, r, bias),
    };
}

/* Constant training data may have sd 0: the density is then taken with a standard deviation of
 * 1e-150 (docs/model.md 7.2). By that an error of 1 costs 5e299; by a much smaller one it would
 * cost infinity. */
static double log_density(double x, double sd) {
    double scale = fmax(sd, 1e-150), z = x / scale;
    return -0.5 * (LOG_TWO_PI + z * z) - log(scale);
}

/* The model's item of each item of the test ratings, so that ids are looked up once and not for
 * every rating; NULL when out of memory. */
static mixfill_found *map_items(const mixfill_model *m, const mixfill_ratings *test) {
    mixfill_found *map = mixfill_alloc((size_t)test->n_items, sizeof *map);
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t j = 0; j < test->n_items && map != NULL; j++) {
        const char *id = mixfill_ids_get(&test->item_ids, j, buffer);
        map[j] = mixfill_find_item(m, id, strlen(id));
    }
    return map;
}

/* Cut users into chunks of at least CHUNK_RATINGS ratings: first[b] to first[b + 1]. first: (at
 * most nnz / CHUNK_RATINGS + 2). Returns how many. Users stay whole, so each is looked up once. */
static int32_t cut_chunks(int32_t *first, const mixfill_ratings *test) {
    int32_t n = 0;
    first[0] = 0;
    for (int32_t u = 0; u < test->n_users; u++)
        if (test->row_ptr[u + 1] - test->row_ptr[first[n]] >= CHUNK_RATINGS)
            first[++n] = u + 1;
    if (first[n] < test->n_users)
        first[++n] = test->n_users;
    return n;
}

/* Users range[0] to range[1] of `test`, or every so manieth, into the sums of their chunk, ratings
 * in order. */
static void score_chunk(double *sums, const mixfill_model *model, const mixfill_ratings *test,
                        const mixfill_found *items, const mixfill_tally *tally,
                        const int32_t *range) {
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t i = range[0]; i < range[1]; i++) {
        if (tally->every > 0 && i % tally->every != 0)
            continue;
        const char *id = mixfill_ids_get(&test->user_ids, i, buffer);
        mixfill_found user = mixfill_find_user(model, id, strlen(id));
        for (int64_t e = test->row_ptr[i]; e < test->row_ptr[i + 1]; e++) {
            mixfill_scored scored =
                score(model, mixfill_ratings_value(test, e), user, items[test->col[e]]);
            tally->add(sums, &scored, tally->data);
        }
    }
}

/* All that the chunks are scored from and into. */
typedef struct scoring {
    const mixfill_model *model;
    const mixfill_ratings *test;
    const mixfill_tally *tally;
    mixfill_found *items; /* (test items) */
    int32_t *first;       /* (n_chunks + 1) */
    int32_t n_chunks, threads;
    double *partial; /* (n_chunks, n_sums) */
} scoring;

/* Items, chunks and zeroed sums, for the caller to free though only part of them be there. */
static mixfill_status start_scoring(scoring *s, mixfill_error *err) {
    size_t most = (size_t)(s->test->nnz / CHUNK_RATINGS) + 2;
    if (s->test->nnz == 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "no ratings to evaluate on, expected at least one");
    s->items = map_items(s->model, s->test);
    s->first = mixfill_alloc(most, sizeof *s->first);
    s->partial = mixfill_alloc_zero(most, s->tally->n_sums * sizeof *s->partial);
    if (s->items == NULL || s->first == NULL || s->partial == NULL)
        return mixfill_fail_nomem(err, "an evaluation");
    s->n_chunks = cut_chunks(s->first, s->test);
    return MIXFILL_OK;
}

/* All chunks, each with sums of its own. Which thread takes which is left to chance, since nothing
 * is added across chunks here. What has not begun when the caller cancels is left. */
static mixfill_status score_chunks(const scoring *s, const mixfill_run *run, mixfill_error *err) {
    mixfill_watch watch;
    mixfill_watch_init(&watch, run, s->test->nnz);
#pragma omp parallel for schedule(dynamic) num_threads(s->threads) default(none) shared(s, watch)
    for (int32_t b = 0; b < s->n_chunks; b++) {
        const int32_t *range = s->first + b;
        if (mixfill_watch_stopped(&watch))
            continue;
        score_chunk(s->partial + (size_t)b * s->tally->n_sums, s->model, s->test, s->items,
                    s->tally, range);
        mixfill_watch_add(&watch, s->test->row_ptr[range[1]] - s->test->row_ptr[range[0]]);
    }
    return mixfill_watch_finish(&watch, err);
}

mixfill_status mixfill_score_ratings(double *sums, const mixfill_model *model,
                                     const mixfill_ratings *test, const mixfill_tally *tally,
                                     const mixfill_run *run, mixfill_error *err) {
    size_t size = tally->n_sums;
    scoring s = {.model = model,
                 .test = test,
                 .tally = tally,
                 .threads = mixfill_par_threads_for(run != NULL ? run->threads : 0,
                                                    (double)PER_RATING * (double)test->nnz)};
    mixfill_status st = start_scoring(&s, err);
    if (st == MIXFILL_OK)
        st = score_chunks(&s, run, err);
    /* In the order of chunks, whichever threads they were scored by. */
    for (size_t i = 0; i < size && st == MIXFILL_OK; i++) {
        sums[i] = 0;
        for (int32_t b = 0; b < s.n_chunks; b++)
            sums[i] += s.partial[(size_t)b * size + i];
    }
    mixfill_free(s.items);
    mixfill_free(s.first);
    mixfill_free(s.partial);
    return st;
}

/* Errors and intervals are about the clipped prediction, the density is about the mean as it is, of
 * which alone it is one (docs/model.md 7.2). */
void mixfill_evaluation_add(mixfill_evaluation_sums *s, const mixfill_scored *p) {
    double sd = p->cell.sd;
    s->n++;
    s->squared += p->error * p->error;
    s->absolute += p->error;
    s->log_likelihood += log_density(p->rating - p->cell.mean, sd);
    s->in50 += p->error < HALF_WIDTH_50 * sd;
    s->in90 += p->error < HALF_WIDTH_90 * sd;
    s->global_mean += p->global_mean;
    s->user_mean += p->user_mean;
    s->item_mean += p->item_mean;
    s->bias += p->bias;
    bool user = p->user.known, item = p->item.known;
    s->part[user][item].n++;
    s->part[user][item].squared += p->error * p->error;
    s->part[user][item].global_mean += p->global_mean;
    s->part[user][item].user_mean += p->user_mean;
    s->part[user][item].item_mean += p->item_mean;
    s->part[user][item].bias += p->bias;
}

/* The parts, by what of a pair is known. */
static void finish_parts(mixfill_evaluation *out, const mixfill_evaluation_sums *s) {
    for (int user = 0; user < 2; user++)
        for (int item = 0; item < 2; item++) {
            double n = s->part[user][item].n;
            out->part[user][item] = (mixfill_evaluation_part){
                .n = (int64_t)n,
                .rmse = sqrt(s->part[user][item].squared / n),
                .global_mean = sqrt(s->part[user][item].global_mean / n),
                .user_mean = sqrt(s->part[user][item].user_mean / n),
                .item_mean = sqrt(s->part[user][item].item_mean / n),
                .bias = sqrt(s->part[user][item].bias / n),
            };
        }
    out->n_unknown_user = out->part[0][0].n + out->part[0][1].n;
    out->n_unknown_item = out->part[0][0].n + out->part[1][0].n;
}

void mixfill_evaluation_finish(mixfill_evaluation *out, const mixfill_evaluation_sums *s) {
    double n = s->n;
    *out = (mixfill_evaluation){
        .n = (int64_t)n,
        .rmse = sqrt(s->squared / n),
        .mae = s->absolute / n,
        .log_likelihood_per_rating = s->log_likelihood / n,
        .coverage50 = s->in50 / n,
        .coverage90 = s->in90 / n,
        .rmse_global_mean = sqrt(s->global_mean / n),
        .rmse_user_mean = sqrt(s->user_mean / n),
        .rmse_item_mean = sqrt(s->item_mean / n),
        .rmse_bias = sqrt(s->bias / n),
    };
    finish_parts(out, s);
}

static void add_to_evaluation(double *sums, const mixfill_scored *scored, const void *data) {
    (void)data;
    mixfill_evaluation_add((mixfill_evaluation_sums *)sums, scored);
}

/* Of every so manieth user; 0: of all. */
static mixfill_status evaluate(const mixfill_model *model, mixfill_evaluation *out,
                               const mixfill_ratings *test, int32_t every, const mixfill_run *run,
                               mixfill_error *err) {
    mixfill_evaluation_sums sums;
    const mixfill_tally tally = {
        .add = add_to_evaluation, .n_sums = sizeof sums / sizeof(double), .every = every};
    mixfill_status st = mixfill_score_ratings((double *)&sums, model, test, &tally, run, err);
    if (st == MIXFILL_OK)
        mixfill_evaluation_finish(out, &sums);
    return st;
}

mixfill_status mixfill_evaluate(const mixfill_model *model, mixfill_evaluation *out,
                                const mixfill_ratings *test, const mixfill_run *run,
                                mixfill_error *err) {
    return evaluate(model, out, test, 0, run, err);
}

mixfill_status mixfill_evaluate_some(const mixfill_model *model, mixfill_evaluation *out,
                                     const mixfill_ratings *test, int64_t n, const mixfill_run *run,
                                     mixfill_error *err) {
    if (n < 1)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "n", " %" PRId64 ": expected at least 1",
                                  n);
    int64_t every = (test->nnz + n / 2) / n;
    mixfill_status st =
        evaluate(model, out, test, every < INT32_MAX ? (int32_t)every : INT32_MAX, run, err);
    /* Where the users that were picked have no ratings, all count. */
    return st == MIXFILL_OK && out->n == 0 ? evaluate(model, out, test, 0, run, err) : st;
}
