/* Validation of a fit in progress: the RMSE that patience goes by (docs/model.md 2.5, 7.1). Ids are
 * looked up once, before the first iteration; what an iteration pays for is a mean per pair,
 * without its standard deviation.
 *
 * Not the scoring of evaluations, which takes a finished model: in a fit users are still the
 * workspace's. */
#include "fit/validation.h"

#include "model/cell.h"
#include "model/people.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 4096 /* pairs whose errors one thread adds; fixes the order of the sum */ };

/* Pairs in the order of the held-out rows; `map` holds the training item of each of their items.
 * Users and items that training lacks stay in, as -1: they are predicted by the prior, and a fit is
 * watched by the RMSE that an evaluation would report. */
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

mixfill_status mixfill_validation_init(mixfill_validation *v, const mixfill_ratings *held_out,
                                       const mixfill_ratings *training, int32_t threads,
                                       mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    size_t n = (size_t)held_out->nnz;
    *v = (mixfill_validation){.n = held_out->nnz, .threads = threads};
    if (n == 0)
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "no held-out ratings to validate with, expected at least one");
    int32_t *map = mixfill_ids_map(&held_out->item_ids, &training->item_ids);
    v->user = mixfill_alloc(n, sizeof *v->user);
    v->item = mixfill_alloc(n, sizeof *v->item);
    v->rating = mixfill_alloc(n, sizeof *v->rating);
    v->partial = mixfill_alloc(n / CHUNK + 1, sizeof *v->partial);
    if (map == NULL || v->user == NULL || v->item == NULL || v->rating == NULL ||
        v->partial == NULL) {
        st = mixfill_fail_nomem(err, "validation");
        goto done;
    }
    match(v, held_out, &training->user_ids, map);
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
    *v = (mixfill_validation){0};
}

/* Squared errors of pairs [first, end) under the model's parameters as they stand. A user without a
 * training rating is predicted like one of whom nothing is known (docs/model.md 2.6, 4.5, 5.8). */
static double squared_errors(const mixfill_validation *v, const mixfill_model *m,
                             const void *workspace, int64_t first, int64_t end) {
    double sum = 0;
    for (int64_t e = first; e < end; e++) {
        int32_t u = v->user[e];
        mixfill_person person = u >= 0 && m->user_count[u] > 0
                                    ? m->kind->user_in_fit(workspace, m, u)
                                    : mixfill_person_unknown(m);
        double error = v->rating[e] - mixfill_predict_mean(m, &person, v->item[e], true);
        sum += error * error;
    }
    return sum;
}

/* Every chunk has a slot for its sum, and slots are added in order (docs/model.md 8.2): patience
 * and the choice of the best start hang on the last bit of this. */
double mixfill_validation_rmse(mixfill_validation *v, const mixfill_model *m, void *workspace) {
    int64_t chunks = v->n / CHUNK + (v->n % CHUNK != 0);
    double sum = 0;
    m->kind->update_users(workspace, m->params);
#pragma omp parallel for schedule(static) num_threads(v->threads) default(none)                    \
    shared(v, m, workspace, chunks)
    for (int64_t i = 0; i < chunks; i++) {
        int64_t left = v->n - i * CHUNK;
        v->partial[i] =
            squared_errors(v, m, workspace, i * CHUNK, i * CHUNK + (left < CHUNK ? left : CHUNK));
    }
    for (int64_t i = 0; i < chunks; i++)
        sum += v->partial[i];
    return sqrt(sum / (double)v->n);
}
