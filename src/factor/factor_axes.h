/* The principal axes of a factor model as a report shows them. */
#ifndef MIXFILL_FACTOR_AXES_H
#define MIXFILL_FACTOR_AXES_H

#include "factor/axes.h"

/* Axes and the items at their ends, none where no axis adds anything. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_factor_describe(mixfill_report *report, const mixfill_model *model,
                                       mixfill_error *err);

#endif
