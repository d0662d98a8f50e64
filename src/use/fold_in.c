/* Fold-in: the items are numbered as the model's, the rest is the kind's. */
#include "use/fold_in.h"

#include "ratings/align.h"

mixfill_status mixfill_fold_init(mixfill_fold *fold, const mixfill_model *model,
                                 const mixfill_ratings *ratings, int32_t threads,
                                 mixfill_error *err) {
    mixfill_ratings *aligned = NULL;
    mixfill_status st = MIXFILL_OK;
    *fold = (mixfill_fold){.n_users = ratings->n_users};
    if (!mixfill_ids_same(&ratings->item_ids, &model->item_ids))
        MIXFILL_TRY(
            mixfill_ratings_align(&aligned, &fold->dropped, ratings, &model->item_ids, err));
    const mixfill_ratings *rows = aligned != NULL ? aligned : ratings;
    MIXFILL_TRY(model->kind->fold(fold, model, ratings, rows, threads, err));
done:
    mixfill_ratings_free(aligned);
    if (st != MIXFILL_OK)
        mixfill_fold_clear(fold);
    return st;
}
