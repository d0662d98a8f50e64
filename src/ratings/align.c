/* Ratings with their items numbered as a model numbers them, matched by id. */
#include "ratings/align.h"

#include "ratings/builder.h"

/* Feed the ratings whose items are mapped to the builder; map (D of r), -1 for an item that is left
 * out. Items come in the order of r and not of the new numbers, so the builder sorts them. */
static mixfill_status add_mapped(mixfill_builder *b, const mixfill_ratings *r, const int32_t *map) {
    mixfill_status st = MIXFILL_OK;
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1] && st == MIXFILL_OK; e++)
            if (map[r->col[e]] >= 0)
                st = mixfill_builder_add(b, u, map[r->col[e]], mixfill_ratings_value(r, e), 0);
    return st;
}

mixfill_status mixfill_ratings_align(mixfill_ratings **out, int64_t *dropped,
                                     const mixfill_ratings *ratings, const mixfill_ids *item_ids,
                                     mixfill_error *err) {
    mixfill_status st = MIXFILL_ERR_NOMEM;
    int64_t duplicates;
    mixfill_ratings *aligned = NULL;
    mixfill_builder b;
    mixfill_builder_init(&b);
    int32_t *map = mixfill_ids_map(&ratings->item_ids, item_ids);
    if (map == NULL)
        goto done;
    MIXFILL_TRY(mixfill_ids_copy(&b.users, &ratings->user_ids));
    mixfill_ids_init_by_index(&b.items, item_ids->n, 0);
    MIXFILL_TRY(add_mapped(&b, ratings, map));
    *dropped = ratings->nnz - b.n;
    MIXFILL_TRY(mixfill_builder_finish(&b, &aligned, &duplicates, MIXFILL_DUPLICATES_ERROR,
                                       "ratings", err));
    *out = aligned;
done:
    mixfill_builder_clear(&b);
    mixfill_free(map);
    return st == MIXFILL_ERR_NOMEM ? mixfill_fail_nomem(err, "ratings") : st;
}
