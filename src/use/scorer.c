/* Scoring by tiles: a tile of the table stays in the first cache while a strip of people is scored
 * against it, a few at a time, and their scores are looked through while they are there too.
 *
 * Everyone is offered items in ascending order, and of equal scores the smaller item stays
 * (docs/model.md 7.3), so a list does not depend on tiles, strips or threads. */
#include "use/scorer.h"

#include <string.h>

/* Panels of a tile, and people at once: their scores for the 256 items of a tile take 8 KB. */
enum { TILE = 8, GROUP = 4 };

/* ---- the table ---- */

/* Every item's row, and base; -inf for those that are not to be listed, and for what fills up the
 * last panel. */
static void fill_table(mixfill_scorer *s, bool with_unrated) {
    const mixfill_model *m = s->model;
    size_t width = s->panels.width;
    for (int32_t j = 0; j < s->panels.n_panels * MIXFILL_PANEL; j++) {
        size_t panel = (size_t)j / MIXFILL_PANEL, lane = (size_t)j % MIXFILL_PANEL;
        s->base[j] = -(double)INFINITY;
        if (j >= m->n_items)
            continue;
        double *column = s->table + panel * width * MIXFILL_PANEL + lane;
        double base = m->kind->item_row(m, column, MIXFILL_PANEL, j);
        if (with_unrated || mixfill_model_rated(m, j))
            s->base[j] = base;
    }
}

mixfill_status mixfill_scorer_init(mixfill_scorer *scorer, const mixfill_model *model,
                                   bool with_unrated, double risk, mixfill_error *err) {
    mixfill_scorer s = {.model = model, .risk = risk};
    mixfill_status st = mixfill_kernels_choose(&s.kernels, err);
    if (st != MIXFILL_OK)
        return st;
    size_t n = ((size_t)model->n_items + MIXFILL_PANEL - 1) / MIXFILL_PANEL;
    size_t width = model->kind->row_width(model);
    s.table = mixfill_alloc_zero(n, width * MIXFILL_PANEL * sizeof *s.table);
    s.base = mixfill_alloc(n, MIXFILL_PANEL * sizeof *s.base);
    s.panels = (mixfill_panels){s.table, s.base, width, (int32_t)n};
    if (s.table == NULL || s.base == NULL) {
        mixfill_scorer_clear(&s);
        return mixfill_fail_nomem(err, "a table of items");
    }
    fill_table(&s, with_unrated);
    *scorer = s;
    return MIXFILL_OK;
}

void mixfill_scorer_clear(mixfill_scorer *scorer) {
    mixfill_free(scorer->table);
    mixfill_free(scorer->base);
    *scorer = (mixfill_scorer){0};
}

double mixfill_scorer_work(const mixfill_scorer *scorer, int32_t n) {
    return (double)n * scorer->model->n_items * ((double)scorer->panels.width + 1);
}

/* ---- lists ---- */

mixfill_items mixfill_items_of(const mixfill_ratings *aligned, int32_t row) {
    if (row < 0)
        return (mixfill_items){0};
    return (mixfill_items){aligned->col + aligned->row_ptr[row],
                           aligned->col + aligned->row_ptr[row + 1]};
}

mixfill_status mixfill_scoring_init(mixfill_scoring *strip, const mixfill_scorer *scorer,
                                    mixfill_error *err) {
    size_t tile = (size_t)TILE * MIXFILL_PANEL;
    strip->coefficients =
        mixfill_alloc(MIXFILL_LISTED, scorer->panels.width * sizeof *strip->coefficients);
    strip->base = mixfill_alloc(MIXFILL_LISTED, sizeof *strip->base);
    strip->scores = mixfill_alloc(GROUP * tile, sizeof *strip->scores);
    if (strip->coefficients != NULL && strip->base != NULL && strip->scores != NULL)
        return MIXFILL_OK;
    mixfill_scoring_clear(strip);
    return mixfill_fail_nomem(err, "lists of items");
}

void mixfill_scoring_clear(mixfill_scoring *strip) {
    mixfill_free(strip->coefficients);
    mixfill_free(strip->base);
    mixfill_free(strip->scores);
    *strip = (mixfill_scoring){0};
}

/* Strike out of a tile what is not to be listed: -inf is above no bound, not even that of an empty
 * list. Tiles ascend as items do, so each is passed once. */
static void leave_out(mixfill_items *items, double *scores, int32_t first, int32_t n) {
    for (; items->at < items->end && *items->at < first + n; items->at++)
        scores[*items->at - first] = -(double)INFINITY;
}

/* What a score of the tile must exceed to be looked at. A lower bound is no larger than the mean,
 * so means at or below the list's worst need no sd; the slack is for their rounding. */
static double bound_of(const mixfill_scorer *s, const mixfill_top *top) {
    double bound = mixfill_top_bound(top);
    if (s->risk == 0 || top->n < top->cap)
        return bound;
    return bound -
           1e-9 * (fabs(bound) + fabs(s->model->rating_range[0]) + fabs(s->model->rating_range[1]));
}

/* What lists are sorted by where risk > 0, in ratings and not clipped. */
static double lower_bound(const mixfill_scorer *s, const mixfill_person *person, int32_t item) {
    mixfill_cell cell = mixfill_predict_cell(s->model, person, item);
    return cell.mean - s->risk * cell.sd;
}

/* Offer a tile's scores, n of them from item `first` on. The bound rises with what is taken in, so
 * it is asked for anew. */
static void offer_tile(const mixfill_scorer *s, mixfill_listing *who, double *scores, int32_t first,
                       int32_t n) {
    leave_out(&who->left_out[0], scores, first, n);
    leave_out(&who->left_out[1], scores, first, n);
    int32_t i = 0;
    while ((i = s->kernels->find_above(scores, i, n, bound_of(s, &who->top))) < n) {
        double score = s->risk > 0 ? lower_bound(s, &who->person, first + i) : scores[i];
        mixfill_top_offer(&who->top, first + i, score);
        i++;
    }
}

/* Panels [first, first + n) of all. */
static mixfill_panels tile_of(const mixfill_scorer *s, int32_t first) {
    size_t at = (size_t)first * MIXFILL_PANEL;
    int32_t left = s->panels.n_panels - first;
    return (mixfill_panels){.table = s->table + at * s->panels.width,
                            .base = s->base + at,
                            .width = s->panels.width,
                            .n_panels = left < TILE ? left : TILE};
}

void mixfill_scorer_list(const mixfill_scorer *scorer, mixfill_listing *people, int32_t n,
                         mixfill_scoring *strip) {
    const mixfill_model *m = scorer->model;
    size_t width = scorer->panels.width;
    for (int32_t p = 0; p < n; p++)
        strip->base[p] =
            m->kind->person_row(m, strip->coefficients + (size_t)p * width, &people[p].person);
    /* Tiles outside, people inside: a table larger than the caches is read once per strip. */
    for (int32_t panel = 0; panel < scorer->panels.n_panels; panel += TILE) {
        mixfill_panels tile = tile_of(scorer, panel);
        int32_t items = tile.n_panels * MIXFILL_PANEL, first = panel * MIXFILL_PANEL;
        for (int32_t p = 0; p < n; p += GROUP) {
            int32_t group = n - p < GROUP ? n - p : GROUP;
            scorer->kernels->scores(strip->scores, &tile, strip->coefficients + (size_t)p * width,
                                    strip->base + p, group);
            for (int32_t i = 0; i < group; i++)
                offer_tile(scorer, &people[p + i], strip->scores + (size_t)i * (size_t)items, first,
                           items);
        }
    }
    for (int32_t p = 0; p < n; p++)
        mixfill_top_sort(&people[p].top);
}
