/* The components of a mixture as a report shows them. */
#ifndef MIXFILL_COMPONENTS_H
#define MIXFILL_COMPONENTS_H

#include "mixture/mixtures.h"

/* Components of the first mixture, the users each has, and how sure the model is of its users
 * (report->components, n_rated_users, largest, mean_largest). MIXFILL_ERR_NOMEM. O(D K + N K). */
mixfill_status mixfill_components_describe(mixfill_report *report, const mixfill_model *model,
                                           mixfill_error *err);

#endif
