/* Which ids of one side another knows.
 *
 * Ids that match nothing filter nothing, fold nobody in and title nothing, without a fault: what
 * shows is a file that seems to have no effect. */
#include "base/number.h"
#include "model/model.h"
#include "ratings/ratings.h"
#include "use/titles.h"
#include "use/users.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* An id as it can be shown. */
static void show(char out[MIXFILL_KNOWN_TEXT], const char *id) {
    out[mixfill_text_to_utf8(out, id, strlen(id))] = '\0';
}

/* What is most like an id that is unknown among others: found on one pass over them. */
static void find_similar(mixfill_known *out, const char *unknown, const mixfill_ids *among) {
    char buffer[MIXFILL_ID_BUFFER], first[MIXFILL_ID_BUFFER] = "", like[MIXFILL_ID_BUFFER] = "";
    double wanted, value;
    bool number = mixfill_parse_double(unknown, strlen(unknown), &wanted);
    for (int32_t i = 0; i < among->n && !out->same_number; i++) {
        const char *id = mixfill_ids_get(among, i, buffer);
        if (i == 0)
            snprintf(first, sizeof first, "%s", id);
        out->same_number =
            number && mixfill_parse_double(id, strlen(id), &value) && value == wanted;
        if (out->same_number || (*like == '\0' && strcasecmp(id, unknown) == 0))
            snprintf(like, sizeof like, "%s", id);
    }
    show(out->unknown, unknown);
    show(out->similar, *like != '\0' ? like : first);
}

/* The first of whole numbers in a row, in any order; false where they are none. */
static bool first_in_row(const mixfill_ids *ids, int64_t *first) {
    char buffer[MIXFILL_ID_BUFFER];
    int64_t least = 0, most = 0, value;
    for (int32_t i = 0; i < ids->n; i++) {
        if (!mixfill_id_to_int64(mixfill_ids_get(ids, i, buffer), &value))
            return false;
        least = i == 0 || value < least ? value : least;
        most = i == 0 || value > most ? value : most;
    }
    *first = least;
    return ids->n > 0 && (uint64_t)most - (uint64_t)least == (uint64_t)ids->n - 1;
}

static void match(mixfill_known *out, const mixfill_ids *ids, const mixfill_ids *among) {
    char buffer[MIXFILL_ID_BUFFER], unknown[MIXFILL_ID_BUFFER] = "";
    int64_t a, b;
    *out = (mixfill_known){.n = ids->n};
    for (int32_t i = 0; i < ids->n; i++) {
        const char *id = mixfill_ids_get(ids, i, buffer);
        bool known = mixfill_ids_find(among, id, strlen(id)) >= 0;
        out->n_known += known;
        if (!known && unknown[0] == '\0')
            snprintf(unknown, sizeof unknown, "%s", id);
    }
    if (out->n_known == out->n)
        return;
    find_similar(out, unknown, among);
    if (ids->n == among->n && first_in_row(ids, &a) && first_in_row(among, &b) &&
        (a - b == 1 || b - a == 1))
        out->shift = (int32_t)(a - b);
}

void mixfill_known_to_model(mixfill_known_ids *out, const mixfill_ratings *ratings,
                            const mixfill_model *model) {
    match(&out->users, &ratings->user_ids, &model->user_ids);
    match(&out->items, &ratings->item_ids, &model->item_ids);
}

void mixfill_known_to_ratings(mixfill_known_ids *out, const mixfill_ratings *ratings,
                              const mixfill_ratings *other) {
    match(&out->users, &ratings->user_ids, &other->user_ids);
    match(&out->items, &ratings->item_ids, &other->item_ids);
}

void mixfill_known_titles(mixfill_known *items, const mixfill_model *model,
                          const mixfill_titles *titles) {
    match(items, &model->item_ids, mixfill_titles_items(titles));
}

void mixfill_known_users(mixfill_known *out, const mixfill_users *users,
                         const mixfill_model *model) {
    match(out, &users->ids, &model->user_ids);
}

/* Whether an item stands in a row, whose columns ascend. */
static bool has_item(const mixfill_ratings *r, int32_t user, int32_t item) {
    int64_t lo = r->row_ptr[user], hi = r->row_ptr[user + 1];
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if (r->col[mid] < item)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < r->row_ptr[user + 1] && r->col[lo] == item;
}

mixfill_status mixfill_ratings_count_common(int64_t *n, const mixfill_ratings *a,
                                            const mixfill_ratings *b, mixfill_error *err) {
    char buffer[MIXFILL_ID_BUFFER];
    int32_t *item = mixfill_ids_map(&a->item_ids, &b->item_ids);
    if (item == NULL)
        return mixfill_fail_nomem(err, "a comparison of ratings");
    *n = 0;
    for (int32_t u = 0; u < a->n_users; u++) {
        const char *id = mixfill_ids_get(&a->user_ids, u, buffer);
        int32_t v = mixfill_ids_find(&b->user_ids, id, strlen(id));
        for (int64_t e = a->row_ptr[u]; e < a->row_ptr[u + 1] && v >= 0; e++)
            *n += item[a->col[e]] >= 0 && has_item(b, v, item[a->col[e]]);
    }
    mixfill_free(item);
    return MIXFILL_OK;
}
