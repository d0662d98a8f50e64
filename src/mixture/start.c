/* The start of a mixture from K of its users, drawn as NumPy draws them so that a seed starts
 * where the notebook would (docs/model.md 2.2, 4.2, 8.4), and from users in the order of their ids,
 * so that it starts there however the lines of a file are ordered. */
#include "base/rng.h"
#include "mixture/em.h"
#include "mixture/mstep.h"
#include "model/offsets.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Component k of classic starts at the ratings of user u, 0 where there are none, with the mean
 * squared distance to all N D cells, missing ones as 0, as its variance: expanded, so that it takes
 * only the user's ratings and sums made once (docs/model.md 2.2). */
static void start_component(const mixfill_workspace *ws, mixfill_mixtures *p, size_t k, int32_t u) {
    const mixfill_ratings *r = ws->ratings;
    double norm = 0, cross = 0;
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
        double x = mixfill_ratings_value(r, e);
        p->mu[(size_t)r->col[e] * p->kp + k] = x;
        norm += x * x;
        cross += x * ws->column_sum[r->col[e]];
    }
    double n = (double)r->n_users, cells = n * (double)r->n_items;
    p->var[k] = fmax(ws->options->min_var, (n * norm - 2 * cross + ws->squared_sum) / cells);
}

/* Means of map start at half the rows' departures from the offsets, its variances at that of all
 * ratings (docs/model.md 4.2). */
static void start_map(mixfill_workspace *ws, mixfill_mixtures *p) {
    const mixfill_ratings *r = ws->ratings;
    const mixfill_centring *c = &ws->centre;
    double squares = 0;
    memcpy(p->offset_user, c->user, (size_t)r->n_users * sizeof *p->offset_user);
    memcpy(p->offset_item, c->item, (size_t)r->n_items * sizeof *p->offset_item);
    memset(p->s0, 0, (size_t)p->n_items * p->kp * sizeof *p->s0);
    for (size_t k = 0; k < (size_t)p->n_components; k++) {
        int32_t u = ws->rows[k];
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            size_t j = (size_t)r->col[e];
            p->mu[j * p->kp + k] =
                0.5 * mixfill_centred(mixfill_ratings_value(r, e), c->user[u], c->terms[2 * j]);
        }
    }
    for (int32_t rank = 0; rank < p->n_items; rank++)
        squares += c->squares[rank];
    p->noise_mean[0] = fmax(DBL_MIN, squares / (double)r->nnz);
    /* as if each item had just the mean squared error, which gives all the mean variance */
    for (int32_t rank = 0; rank < p->n_items; rank++)
        p->var[ws->blocks->by_rank[rank]] = p->noise_mean[0] * ws->blocks->count[rank];
#pragma omp parallel num_threads(ws->threads) default(none) shared(ws, p)
    mixfill_mstep_vars(ws, p);
}

/* Into ws->rows the users that a seed draws. */
static mixfill_status draw_users(mixfill_workspace *ws, int32_t k, uint32_t seed,
                                 mixfill_error *err) {
    const mixfill_ids *ids = &ws->ratings->user_ids;
    mixfill_status st = mixfill_numpy_choice(ws->rows, k, ids->n, seed, err);
    int32_t *order = st == MIXFILL_OK ? mixfill_ids_order(ids) : NULL;
    if (st == MIXFILL_OK && order == NULL)
        st = mixfill_fail_nomem(err, "a start");
    for (int32_t i = 0; order != NULL && i < k; i++)
        ws->rows[i] = order[ws->rows[i]];
    mixfill_free(order);
    return st;
}

mixfill_status mixfill_em_start(mixfill_workspace *ws, mixfill_mixtures *p, uint32_t seed,
                                mixfill_error *err) {
    mixfill_status st = draw_users(ws, p->n_components, seed, err);
    if (st != MIXFILL_OK)
        return st;
    memset(p->mu, 0, (size_t)p->n_items * p->kp * sizeof *p->mu);
    for (size_t k = 0; k < (size_t)p->n_components; k++)
        p->weight[k] = 1.0 / (double)p->n_components;
    if (ws->variant == MIXFILL_MAP)
        start_map(ws, p);
    for (size_t k = 0; ws->variant != MIXFILL_MAP && k < (size_t)p->n_components; k++)
        start_component(ws, p, k, ws->rows[k]);
    return MIXFILL_OK;
}
