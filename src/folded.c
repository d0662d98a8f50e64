/* Users folded into a model. */
#include "folded.h"

#include <string.h>

static bool has_ratings(const mixfill_folded *f, int32_t row) {
    return f->rows->row_ptr[row + 1] > f->rows->row_ptr[row];
}

static void summarize(mixfill_folded *f) {
    char buffer[MIXFILL_ID_BUFFER];
    f->summary.n_ratings = f->rows->nnz;
    for (int32_t u = 0; u < f->rows->n_users; u++) {
        if (!has_ratings(f, u))
            continue;
        const char *id = mixfill_ids_get(&f->rows->user_ids, u, buffer);
        f->summary.n_users++;
        f->summary.n_replaced += mixfill_find_user(f->model, id, strlen(id)).known;
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
    MIXFILL_TRY(mixfill_fold_init(&f->fold, model, ratings, threads, err));
    MIXFILL_TRY(
        mixfill_ratings_align(&f->rows, &f->summary.n_dropped, ratings, &model->item_ids, err));
    summarize(f);
    *out = f;
    f = NULL;
done:
    mixfill_folded_free(f);
    return st;
}

void mixfill_folded_free(mixfill_folded *folded) {
    if (folded == NULL)
        return;
    mixfill_fold_clear(&folded->fold);
    mixfill_ratings_free(folded->rows);
    mixfill_free(folded);
}

void mixfill_folded_summarize(const mixfill_folded *folded, mixfill_folded_summary *out) {
    *out = folded->summary;
}

mixfill_subject mixfill_subject_of(const mixfill_model *model, const mixfill_folded *folded,
                                   const char *id, size_t len) {
    int32_t row = folded != NULL ? mixfill_ids_find(&folded->rows->user_ids, id, len) : -1;
    if (row >= 0 && has_ratings(folded, row))
        return (mixfill_subject){mixfill_fold_person(&folded->fold, row), true, row};
    mixfill_side side = mixfill_find_user(model, id, len);
    return (mixfill_subject){mixfill_person_of(model, side), side.known, -1};
}
