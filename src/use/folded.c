/* Users folded into a model, with what they rated: predictions and lists ask here for an id before
 * they ask the model. Who gave nothing that the model hears stays what the model held it for
 * (docs/model.md 2.6). */
#include "use/folded.h"

#include "ratings/align.h"

#include <string.h>

static int64_t count_row(const mixfill_ratings *r, int32_t u) {
    return r->row_ptr[u + 1] - r->row_ptr[u];
}

/* Ratings of items the model knows say something to it, in `factor` any (docs/model.md 5.9). */
static mixfill_folded_state state_of(const mixfill_folded *f, const mixfill_ratings *ratings,
                                     int32_t u) {
    const mixfill_ratings *heard = f->model->kind->info.hears_unknown_items ? ratings : f->rows;
    if (count_row(heard, u) > 0)
        return MIXFILL_FOLDED;
    return count_row(ratings, u) > 0 ? MIXFILL_STRANGER : MIXFILL_GAVE_NOTHING;
}

/* The state of every user, and the figures about all. A user that the model knows is replaced, not
 * added to: what counts is the ratings given, which may well hold those of training again. */
static void summarize(mixfill_folded *f, const mixfill_ratings *ratings) {
    char buffer[MIXFILL_ID_BUFFER];
    mixfill_folded_summary *s = &f->summary;
    s->n_ratings = f->model->kind->info.hears_unknown_items ? ratings->nnz : f->rows->nnz;
    for (int32_t u = 0; u < f->rows->n_users; u++) {
        f->state[u] = state_of(f, ratings, u);
        s->n_strangers += f->state[u] == MIXFILL_STRANGER;
        if (f->state[u] != MIXFILL_FOLDED)
            continue;
        const char *id = mixfill_ids_get(&f->rows->user_ids, u, buffer);
        s->n_users++;
        s->n_replaced += mixfill_find_user(f->model, id, strlen(id)).known;
    }
}

mixfill_status mixfill_folded_create(mixfill_folded **out, const mixfill_model *model,
                                     const mixfill_ratings *ratings, int32_t threads,
                                     mixfill_error *err) {
    mixfill_status st;
    mixfill_folded *f = mixfill_alloc_zero(1, sizeof *f);
    if (f == NULL)
        return mixfill_fail_nomem(err, "fold-in");
    f->model = model;
    MIXFILL_TRY(mixfill_fold_in(&f->fold, model, ratings, threads, err));
    MIXFILL_TRY(
        mixfill_ratings_align(&f->rows, &f->summary.n_dropped, ratings, &model->item_ids, err));
    /* Rows are a copy even where ids agree: lists leave out what is in them after the caller's
     * ratings are gone. */
    f->state = mixfill_alloc((size_t)ratings->n_users, sizeof *f->state);
    if (f->state == NULL) {
        st = mixfill_fail_nomem(err, "fold-in");
        goto done;
    }
    summarize(f, ratings);
    *out = f;
    f = NULL;
done:
    mixfill_folded_free(f);
    return st;
}

void mixfill_folded_free(mixfill_folded *folded) {
    if (folded == NULL)
        return;
    mixfill_people_clear(&folded->fold);
    mixfill_ratings_free(folded->rows);
    mixfill_free(folded->state);
    mixfill_free(folded);
}

void mixfill_folded_summarize(const mixfill_folded *folded, mixfill_folded_summary *out) {
    *out = folded->summary;
}

/* Ratings that were given go before those of training: who is folded in is not looked up in the
 * model. */
mixfill_subject mixfill_subject_of(const mixfill_model *model, const mixfill_folded *folded,
                                   const char *id, size_t len) {
    int32_t row = folded != NULL ? mixfill_ids_find(&folded->rows->user_ids, id, len) : -1;
    if (row >= 0 && folded->state[row] == MIXFILL_FOLDED)
        return (mixfill_subject){mixfill_people_at(&folded->fold, row), true, row};
    mixfill_found side = mixfill_find_user(model, id, len);
    return (mixfill_subject){mixfill_person_of(model, side), side.known, -1};
}
