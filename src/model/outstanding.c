/* Outstanding items. A departure of few ratings is mostly chance, so it is shrunk before it is
 * ranked, as map shrinks its means. */
#include "model/outstanding.h"

#include <stdio.h>

/* Ratings that a departure's support is weighed against, as the prior strength of map. */
static const double SUPPORT_SCALE = 10;

void mixfill_outstanding_init(mixfill_outstanding *list) {
    list->top =
        (mixfill_top){.cap = MIXFILL_REPORT_ITEMS, .item = list->item, .score = list->score};
}

/* A score of 0 or less (or NaN) stands out in nothing. */
static void offer(mixfill_outstanding *list, int32_t j, double score) {
    if (score > 0)
        mixfill_top_offer(&list->top, j, score);
}

void mixfill_outstanding_offer(mixfill_outstanding *up, mixfill_outstanding *down, int32_t j,
                               mixfill_departure d) {
    double score = d.value * d.support / (d.support + SUPPORT_SCALE);
    offer(up, j, score);
    offer(down, j, -score);
}

mixfill_report_item mixfill_outstanding_item(const mixfill_model *m, int32_t j,
                                             mixfill_departure d) {
    char buffer[MIXFILL_ID_BUFFER];
    mixfill_report_item out = {
        .departure = d.value, .support = d.support, .count = m->item_count[j]};
    snprintf(out.id, sizeof out.id, "%s", mixfill_ids_get(&m->item_ids, j, buffer));
    return out;
}
