/* Validation of a fit in progress. */
#include "fit/validation.h"

#include "base/par.h"
#include "use/predict.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 4096 /* pairs whose errors one thread adds; fixes the order of the sum */ };

/* Pairs in the order of the held-out rows; `map` holds the training item of each of their items. */
static void match(mixfill_validation *v, const mixfill_ratings *held_out, const mixfill_ids *users,
                  const int32_t *map) {
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t i = 0; i < held_out->n_users; i++) {
        if (held_out->row_ptr[i] == held_out->row_ptr[i + 1])
            continue;
        const char *id = mixfill_ids_get(&held_out->user_ids, i, buffer);
        int32_t user = mixfill_ids_find(users, id, strlen(id));
        for (int64_t e = held_out->row_ptr[i]; e < held_out->row_ptr[i + 1]; e++) {
            v->user[e] = user;
            v->item[e] = map[held_out->col[e]];
            v->rating[e] = mixfill_ratings_value(held_out, e);
        }
    }
}

/* What does not change from one iteration to the next. */
static mixfill_status make_view(mixfill_validation *v, const mixfill_workspace *ws,
                                mixfill_error *err) {
    const mixfill_ratings *r = ws->ratings;
    mixfill_ratings_summary s;
    mixfill_status st = mixfill_ratings_summarize(r, &s, err);
    v->view = (mixfill_model){.kind = ws->options->model,
                              .n_users = r->n_users,
                              .n_items = r->n_items,
                              .n_components = ws->options->n_components,
                              .n_mixtures = 1,
                              .kp = ws->kp,
                              .global_mean = mixfill_ratings_mean(r),
                              .global_sd = s.sd,
                              .rating_min = s.min,
                              .rating_max = s.max,
                              .offset_item = ws->centre.item,
                              .prior_strength = ws->options->prior_strength};
    if (st == MIXFILL_OK)
        v->view.item_count = mixfill_ratings_item_counts(r);
    if (st == MIXFILL_OK && v->view.item_count == NULL)
        st = mixfill_fail_nomem(err, "validation");
    return st;
}

mixfill_status mixfill_validation_init(mixfill_validation *v, const mixfill_ratings *held_out,
                                       const mixfill_workspace *ws, mixfill_error *err) {
    mixfill_status st;
    size_t n = (size_t)held_out->nnz;
    *v = (mixfill_validation){.n = held_out->nnz};
    if (n == 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "no held-out ratings to validate with, expected at least one");
    int32_t *map = mixfill_ids_map(&held_out->item_ids, &ws->ratings->item_ids);
    v->user = mixfill_alloc(n, sizeof *v->user);
    v->item = mixfill_alloc(n, sizeof *v->item);
    v->rating = mixfill_alloc(n, sizeof *v->rating);
    v->partial = mixfill_alloc(n / CHUNK + 1, sizeof *v->partial);
    if (map == NULL || v->user == NULL || v->item == NULL || v->rating == NULL ||
        v->partial == NULL) {
        st = mixfill_fail_nomem(err, "validation");
        goto done;
    }
    match(v, held_out, &ws->ratings->user_ids, map);
    MIXFILL_TRY(make_view(v, ws, err));
done:
    mixfill_free(map);
    if (st != MIXFILL_OK)
        mixfill_validation_clear(v);
    return st;
}

void mixfill_validation_clear(mixfill_validation *v) {
    mixfill_free(v->user);
    mixfill_free(v->item);
    mixfill_free(v->rating);
    mixfill_free(v->partial);
    mixfill_free(v->view.item_count);
    *v = (mixfill_validation){0};
}

/* A training user with ratings, or nobody. */
static mixfill_person person_of(const mixfill_validation *v, const mixfill_workspace *ws,
                                int32_t u) {
    const int64_t *row_ptr = ws->ratings->row_ptr;
    if (u < 0 || row_ptr[u] == row_ptr[u + 1])
        return mixfill_person_unknown(&v->view);
    if (v->view.factors != NULL) {
        size_t q = (size_t)v->view.factors->rank;
        return (mixfill_person){.factor = v->view.factors->user_factor + (size_t)u * q,
                                .count = (double)(row_ptr[u + 1] - row_ptr[u])};
    }
    return (mixfill_person){.resp = ws->resp + (size_t)u * ws->kp,
                            .offset = ws->centre.user != NULL ? ws->centre.user[u] : 0,
                            .count = (double)(row_ptr[u + 1] - row_ptr[u])};
}

static double squared_errors(const mixfill_validation *v, const mixfill_workspace *ws,
                             int64_t first, int64_t end) {
    double sum = 0;
    for (int64_t e = first; e < end; e++) {
        mixfill_person person = person_of(v, ws, v->user[e]);
        double error = v->rating[e] - mixfill_predict_mean(&v->view, &person, v->item[e], true);
        sum += error * error;
    }
    return sum;
}

double mixfill_validation_rmse(mixfill_validation *v, mixfill_workspace *ws,
                               const mixfill_params *p) {
    int64_t chunks = v->n / CHUNK + (v->n % CHUNK != 0);
    double sum = 0;
    if (p->factors == NULL)
        mixfill_em_posteriors(ws, p);
    v->view.factors = p->factors;
    v->view.weight = p->weight;
    v->view.mu = p->mu;
    v->view.var = p->var;
    v->view.s0 = p->s0;
#pragma omp parallel for schedule(static) num_threads(ws->threads) default(none)                   \
    shared(v, ws, chunks)
    for (int64_t i = 0; i < chunks; i++) {
        int64_t left = v->n - i * CHUNK;
        v->partial[i] = squared_errors(v, ws, i * CHUNK, i * CHUNK + (left < CHUNK ? left : CHUNK));
    }
    for (int64_t i = 0; i < chunks; i++)
        sum += v->partial[i];
    return sqrt(sum / (double)v->n);
}
