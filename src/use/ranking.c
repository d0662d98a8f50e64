/* Ranking quality on held-out ratings (docs/model.md 7.3): each user's ten best items that were not
 * seen, against those the user went on to rate highly.
 *
 * All items of the model compete, also those without a training rating: a held-out part may have
 * the only ones. Every user has a slot for its figures, which are added in the order of the test
 * ratings, so threads change no bit. */
#include "base/par.h"
#include "base/watch.h"
#include "model/people.h"
#include "ratings/align.h"
#include "use/scorer.h"

#include <math.h>
#include <string.h>

/* Places of a list. */
enum { CUT = 10 };

static const double RELEVANT = 4; /* a rating of at least this is what a list should hold */

/* Figures of one user. */
typedef struct user_score {
    bool counts; /* has a relevant held-out item */
    double ndcg, precision, recall, hit;
} user_score;

/* What one thread works with: a strip of users, their lists, and gains of held-out items. The gains
 * are 0 but while a list is scored. */
typedef struct worker {
    mixfill_scoring strip;
    int32_t user[MIXFILL_LISTED]; /* of test */
    mixfill_listing listing[MIXFILL_LISTED];
    int32_t item[MIXFILL_LISTED][CUT];
    double score[MIXFILL_LISTED][CUT];
    double *gain; /* (D) */
} worker;

/* What a ranking works on. Threads read all of it and write to their own worker and to the slots of
 * their users. */
typedef struct ranking {
    mixfill_scorer scorer;
    const mixfill_model *model;
    const mixfill_ratings *test, *seen; /* seen: items numbered as the model's */
    mixfill_ratings *aligned;           /* seen, where it had to be renumbered */
    int32_t *test_item;                 /* the model's item of each of test's, -1 */
    int32_t *seen_user;                 /* row of `seen` of each test user, -1 */
    user_score *score;                  /* (test users) */
    worker *workers;                    /* (threads) */
    int32_t threads;
} ranking;

/* What finding an item is worth by its test rating: five stars about twice as much as four
 * (docs/model.md 7.3). */
static double gain_of(double rating) {
    return exp2(rating) - 1;
}

/* The best list there could be: the held-out ratings' largest gains. Items that the model lacks are
 * in it, so a list that cannot hold them is worse for it. Only gains matter here, hence no item
 * numbers. */
static double ideal_dcg(const ranking *k, int32_t u) {
    int32_t item[CUT];
    double score[CUT], dcg = 0;
    mixfill_top best = {.cap = CUT, .item = item, .score = score};
    for (int64_t e = k->test->row_ptr[u]; e < k->test->row_ptr[u + 1]; e++)
        mixfill_top_offer(&best, 0, gain_of(mixfill_ratings_value(k->test, e)));
    mixfill_top_sort(&best);
    for (int32_t i = 0; i < best.n; i++)
        dcg += score[i] / log2(i + 2.0);
    return dcg;
}

static int32_t count_relevant(const ranking *k, int32_t u) {
    int32_t n = 0;
    for (int64_t e = k->test->row_ptr[u]; e < k->test->row_ptr[u + 1]; e++)
        n += mixfill_ratings_value(k->test, e) >= RELEVANT;
    return n;
}

/* Gains of a user's held-out items by item; to be undone with `set` false, which touches these
 * alone rather than all D. */
static void set_gains(const ranking *k, int32_t u, double *gain, bool set) {
    for (int64_t e = k->test->row_ptr[u]; e < k->test->row_ptr[u + 1]; e++)
        if (k->test_item[k->test->col[e]] >= 0)
            gain[k->test_item[k->test->col[e]]] =
                set ? gain_of(mixfill_ratings_value(k->test, e)) : 0;
}

/* The figures of user u, who has a relevant rating, by its sorted list. Places count from 0 here,
 * so the logarithm is that of i + 2. Precision is by all ten places, taken or not. gain: (D), 0
 * before and after. */
static void score_list(const ranking *k, int32_t u, const mixfill_top *list, double *gain) {
    int32_t relevant = count_relevant(k, u), hits = 0;
    double dcg = 0;
    set_gains(k, u, gain, true);
    for (int32_t i = 0; i < list->n; i++) {
        dcg += gain[list->item[i]] / log2(i + 2.0);
        hits += gain[list->item[i]] >= gain_of(RELEVANT);
    }
    set_gains(k, u, gain, false);
    k->score[u] = (user_score){.counts = true,
                               .ndcg = dcg / ideal_dcg(k, u),
                               .precision = (double)hits / CUT,
                               .recall = (double)hits / relevant,
                               .hit = hits > 0};
}

/* The empty list of test user u, in the caller's memory. A user whom the model does not know gets
 * the list of the prior, less what it has seen. */
static mixfill_listing listing_of(const ranking *k, int32_t u, int32_t *item, double *score) {
    char buffer[MIXFILL_ID_BUFFER];
    const char *id = mixfill_ids_get(&k->test->user_ids, u, buffer);
    mixfill_found side = mixfill_find_user(k->model, id, strlen(id));
    return (mixfill_listing){.person = mixfill_person_of(k->model, side),
                             .left_out = {mixfill_items_of(k->seen, k->seen_user[u])},
                             .top = {.cap = CUT, .item = item, .score = score}};
}

/* Test users [first, first + MIXFILL_LISTED), of whom those count that rated something highly. For
 * the others there is nothing to recall, and no list is made. */
static void rank_strip(const ranking *k, int32_t first, worker *w) {
    int32_t n = 0, left = k->test->n_users - first;
    int32_t end = first + (left < MIXFILL_LISTED ? left : MIXFILL_LISTED);
    for (int32_t u = first; u < end; u++) {
        if (count_relevant(k, u) == 0)
            continue;
        w->user[n] = u;
        w->listing[n] = listing_of(k, u, w->item[n], w->score[n]);
        n++;
    }
    mixfill_scorer_list(&k->scorer, w->listing, n, &w->strip);
    for (int32_t i = 0; i < n; i++)
        score_list(k, w->user[i], &w->listing[i].top, w->gain);
}

/* Means over the users that count; NaN where nobody does. Users are added in order, and the slots
 * of those who do not count are 0. */
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

/* All users, a strip at a time by whichever thread is free: no figure depends on who shares the
 * strip. What has not begun when the caller cancels is left. */
static mixfill_status rank_users(ranking *k, const mixfill_run *run, mixfill_error *err) {
    int32_t users = k->test->n_users;
    int32_t n = users / MIXFILL_LISTED + (users % MIXFILL_LISTED != 0);
    mixfill_watch watch;
    mixfill_watch_init(&watch, run, users);
#pragma omp parallel for schedule(dynamic) num_threads(k->threads) default(none)                   \
    shared(k, n, users, watch)
    for (int32_t strip = 0; strip < n; strip++) {
        int32_t first = strip * MIXFILL_LISTED, left = users - first;
        if (mixfill_watch_stopped(&watch))
            continue;
        rank_strip(k, first, &k->workers[mixfill_par_thread_id()]);
        mixfill_watch_add(&watch, left < MIXFILL_LISTED ? left : MIXFILL_LISTED);
    }
    return mixfill_watch_finish(&watch, err);
}

/* For each thread the buffers of a strip, and D gains. */
static mixfill_status alloc_workers(ranking *k, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    k->workers = mixfill_alloc_zero((size_t)k->threads, sizeof *k->workers);
    for (int32_t t = 0; k->workers != NULL && st == MIXFILL_OK && t < k->threads; t++) {
        worker *w = &k->workers[t];
        w->gain = mixfill_alloc_zero((size_t)k->model->n_items, sizeof *w->gain);
        st = w->gain == NULL ? MIXFILL_ERR_NOMEM : mixfill_scoring_init(&w->strip, &k->scorer, err);
    }
    return k->workers == NULL || st != MIXFILL_OK ? mixfill_fail_nomem(err, "a ranking") : st;
}

/* All that a ranking needs, of which clear_ranking frees what there is. `seen` is copied only where
 * its items are numbered otherwise than the model's; ratings of others drop out, as no list could
 * hold their items. */
static mixfill_status start_ranking(ranking *k, int32_t threads, mixfill_error *err) {
    int64_t dropped;
    mixfill_status st = mixfill_scorer_init(&k->scorer, k->model, true, 0, err);
    if (st == MIXFILL_OK && !mixfill_ids_same(&k->seen->item_ids, &k->model->item_ids))
        st = mixfill_ratings_align(&k->aligned, &dropped, k->seen, &k->model->item_ids, err);
    if (st != MIXFILL_OK)
        return st;
    k->threads =
        mixfill_par_threads_for(threads, mixfill_scorer_work(&k->scorer, k->test->n_users));
    k->seen = k->aligned != NULL ? k->aligned : k->seen;
    k->test_item = mixfill_ids_map(&k->test->item_ids, &k->model->item_ids);
    k->seen_user = mixfill_ids_map(&k->test->user_ids, &k->seen->user_ids);
    k->score = mixfill_alloc_zero((size_t)k->test->n_users, sizeof *k->score);
    if (k->test_item == NULL || k->seen_user == NULL || k->score == NULL)
        return mixfill_fail_nomem(err, "a ranking");
    return alloc_workers(k, err);
}

static void clear_ranking(ranking *k) {
    for (int32_t t = 0; k->workers != NULL && t < k->threads; t++) {
        mixfill_scoring_clear(&k->workers[t].strip);
        mixfill_free(k->workers[t].gain);
    }
    mixfill_free(k->workers);
    mixfill_free(k->test_item);
    mixfill_free(k->seen_user);
    mixfill_free(k->score);
    mixfill_ratings_free(k->aligned);
    mixfill_scorer_clear(&k->scorer);
}

mixfill_status mixfill_evaluate_ranking(const mixfill_model *model, mixfill_ranking *out,
                                        const mixfill_ratings *test, const mixfill_ratings *seen,
                                        const mixfill_run *run, mixfill_error *err) {
    ranking k = {.model = model, .test = test, .seen = seen};
    mixfill_status st = start_ranking(&k, run != NULL ? run->threads : 0, err);
    if (st == MIXFILL_OK)
        st = rank_users(&k, run, err);
    if (st == MIXFILL_OK)
        add_scores(out, &k);
    clear_ranking(&k);
    return st;
}
