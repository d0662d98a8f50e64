/* Ranking quality on held-out ratings: each user's ten best items that were not seen, against those
 * the user went on to rate highly. */
#include "par.h"
#include "predict.h"

#include <math.h>
#include <string.h>

enum { CUT = 10 };

static const double RELEVANT = 4; /* a rating of at least this is what a list should hold */

/* A user's list, best first. */
typedef struct ranked_list {
    int32_t n, item[CUT];
    double score[CUT];
} ranked_list;

/* Figures of one user. */
typedef struct user_score {
    bool counts; /* has a relevant held-out item */
    double ndcg, precision, recall, hit;
} user_score;

typedef struct ranking {
    const mixfill_model *model;
    const mixfill_ratings *test, *seen; /* items numbered as the model's, -1 where unknown */
    const int32_t *test_item, *seen_item;
    const int32_t *seen_user; /* row of `seen` of each test user, -1 */
    user_score *score;        /* (test users) */
    uint8_t *mark;            /* (threads,D): candidates are 0 */
    double *gain;             /* (threads,D): of held-out items */
} ranking;

/* Put an item where its score belongs; equal scores stand by item. Items come in ascending order.
 */
static void offer(ranked_list *list, int32_t item, double score) {
    if (list->n == CUT && !(score > list->score[CUT - 1]))
        return;
    int32_t at = list->n < CUT ? list->n++ : CUT - 1;
    for (; at > 0 && score > list->score[at - 1]; at--) {
        list->score[at] = list->score[at - 1];
        list->item[at] = list->item[at - 1];
    }
    list->score[at] = score;
    list->item[at] = item;
}

/* Mark what a user has seen; to be undone with value 0. */
static void mark_seen(const ranking *k, int32_t row, uint8_t *mark, uint8_t value) {
    if (row < 0)
        return;
    for (int64_t e = k->seen->row_ptr[row]; e < k->seen->row_ptr[row + 1]; e++)
        if (k->seen_item[k->seen->col[e]] >= 0)
            mark[k->seen_item[k->seen->col[e]]] = value;
}

static double gain_of(double rating) {
    return exp2(rating) - 1;
}

/* The best list there could be: the held-out ratings' largest gains. */
static double ideal_dcg(const ranking *k, int32_t u) {
    ranked_list best = {0};
    double dcg = 0;
    for (int64_t e = k->test->row_ptr[u]; e < k->test->row_ptr[u + 1]; e++)
        offer(&best, 0, gain_of(mixfill_ratings_value(k->test, e)));
    for (int32_t i = 0; i < best.n; i++)
        dcg += best.score[i] / log2(i + 2.0);
    return dcg;
}

static int32_t count_relevant(const ranking *k, int32_t u) {
    int32_t n = 0;
    for (int64_t e = k->test->row_ptr[u]; e < k->test->row_ptr[u + 1]; e++)
        n += mixfill_ratings_value(k->test, e) >= RELEVANT;
    return n;
}

/* Gains of a user's held-out items by item; to be undone with `set` false. */
static void set_gains(const ranking *k, int32_t u, double *gain, bool set) {
    for (int64_t e = k->test->row_ptr[u]; e < k->test->row_ptr[u + 1]; e++)
        if (k->test_item[k->test->col[e]] >= 0)
            gain[k->test_item[k->test->col[e]]] =
                set ? gain_of(mixfill_ratings_value(k->test, e)) : 0;
}

static void rank_user(const ranking *k, int32_t u, int32_t thread) {
    size_t d = (size_t)k->model->n_items;
    uint8_t *mark = k->mark + (size_t)thread * d;
    double *gain = k->gain + (size_t)thread * d;
    int32_t relevant = count_relevant(k, u), hits = 0;
    char buffer[MIXFILL_ID_BUFFER];
    ranked_list list = {0};
    double dcg = 0;
    if (relevant == 0)
        return;
    const char *id = mixfill_ids_get(&k->test->user_ids, u, buffer);
    mixfill_person person =
        mixfill_person_of(k->model, mixfill_find_user(k->model, id, strlen(id)));
    mark_seen(k, k->seen_user[u], mark, 1);
    set_gains(k, u, gain, true);
    for (int32_t j = 0; j < k->model->n_items; j++)
        if (mark[j] == 0)
            offer(&list, j, mixfill_predict_mean(k->model, &person, j, false));
    for (int32_t i = 0; i < list.n; i++) {
        dcg += gain[list.item[i]] / log2(i + 2.0);
        hits += gain[list.item[i]] >= gain_of(RELEVANT);
    }
    set_gains(k, u, gain, false);
    mark_seen(k, k->seen_user[u], mark, 0);
    k->score[u] = (user_score){.counts = true,
                               .ndcg = dcg / ideal_dcg(k, u),
                               .precision = (double)hits / CUT,
                               .recall = (double)hits / relevant,
                               .hit = hits > 0};
}

static void add_scores(mixfill_ranking *out, const ranking *k) {
    *out = (mixfill_ranking){0};
    for (int32_t u = 0; u < k->test->n_users; u++) {
        out->n_users += k->score[u].counts;
        out->ndcg += k->score[u].ndcg;
        out->precision += k->score[u].precision;
        out->recall += k->score[u].recall;
        out->hit_rate += k->score[u].hit;
    }
    double n = out->n_users > 0 ? (double)out->n_users : (double)NAN;
    out->ndcg /= n;
    out->precision /= n;
    out->recall /= n;
    out->hit_rate /= n;
}

mixfill_status mixfill_evaluate_ranking(const mixfill_model *model, mixfill_ranking *out,
                                        const mixfill_ratings *test, const mixfill_ratings *seen,
                                        int32_t threads, mixfill_error *err) {
    threads = mixfill_par_threads(threads);
    size_t d = (size_t)model->n_items, t = (size_t)threads;
    int32_t *test_item = mixfill_ids_map(&test->item_ids, &model->item_ids);
    int32_t *seen_item = mixfill_ids_map(&seen->item_ids, &model->item_ids);
    int32_t *seen_user = mixfill_ids_map(&test->user_ids, &seen->user_ids);
    user_score *score = mixfill_alloc_zero((size_t)test->n_users, sizeof *score);
    uint8_t *mark = mixfill_alloc_zero(t, d * sizeof *mark);
    double *gain = mixfill_alloc_zero(t, d * sizeof *gain);
    ranking k = {model, test, seen, test_item, seen_item, seen_user, score, mark, gain};
    bool ok = test_item != NULL && seen_item != NULL && seen_user != NULL && score != NULL &&
              mark != NULL && gain != NULL;
    if (ok) {
#pragma omp parallel for schedule(dynamic, 16) num_threads(threads) default(none) shared(k, test)
        for (int32_t u = 0; u < test->n_users; u++)
            rank_user(&k, u, mixfill_par_thread_id());
        add_scores(out, &k);
    }
    mixfill_free(test_item);
    mixfill_free(seen_item);
    mixfill_free(seen_user);
    mixfill_free(score);
    mixfill_free(mark);
    mixfill_free(gain);
    return ok ? MIXFILL_OK : mixfill_fail_nomem(err, "a ranking");
}
