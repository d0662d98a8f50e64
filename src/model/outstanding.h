/* The items that stand out most at the two ends of something a report shows: a component, an axis.
 */
#ifndef MIXFILL_OUTSTANDING_H
#define MIXFILL_OUTSTANDING_H

#include "base/top.h"
#include "model/model.h"

/* How far an item stands off, and by how many ratings. */
typedef struct mixfill_departure {
    double value, support;
} mixfill_departure;

typedef struct mixfill_outstanding {
    int32_t item[MIXFILL_REPORT_ITEMS];
    double score[MIXFILL_REPORT_ITEMS];
    mixfill_top top;
} mixfill_outstanding;

void mixfill_outstanding_init(mixfill_outstanding *list);

/* Offer item j at both ends, weighed by support / (support + 10) so that chance does not win: `up`
 * keeps the largest departures above 0, `down` those below. */
void mixfill_outstanding_offer(mixfill_outstanding *up, mixfill_outstanding *down, int32_t j,
                               mixfill_departure departure);

/* What a report says of item j. */
mixfill_report_item mixfill_outstanding_item(const mixfill_model *model, int32_t j,
                                             mixfill_departure departure);

#endif
