/* Fold-in: users are taken into a finished model by one step of its fit, while its parameters stay.
 * Here items are numbered as the model's; the rest is the kind's.
 *
 * The kind gets the ratings twice, all of them and those of items that the model has an id for. A
 * mixture hears only the latter; to `factor` the others still tell of the user's level
 * (docs/model.md 5.9). */
#include "use/fold_in.h"

#include "ratings/align.h"

mixfill_status mixfill_fold_in(mixfill_people *fold, const mixfill_model *model,
                               const mixfill_ratings *ratings, int32_t threads,
                               mixfill_error *err) {
    mixfill_ratings *aligned = NULL;
    mixfill_status st = MIXFILL_OK;
    *fold = (mixfill_people){.n_users = ratings->n_users};
    if (!mixfill_ids_same(&ratings->item_ids, &model->item_ids))
        MIXFILL_TRY(
            mixfill_ratings_align(&aligned, &fold->dropped, ratings, &model->item_ids, err));
    const mixfill_ratings *rows = aligned != NULL ? aligned : ratings;
    MIXFILL_TRY(model->kind->fold_in(fold, model, ratings, rows, threads, err));
done:
    mixfill_ratings_free(aligned);
    if (st != MIXFILL_OK)
        mixfill_people_clear(fold);
    return st;
}
