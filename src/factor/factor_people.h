/* Users of a factor model, and what it predicts for them: for the kind's table, whose comments
 * (model/kind.h) hold for each function here. */
#ifndef MIXFILL_FACTOR_PEOPLE_H
#define MIXFILL_FACTOR_PEOPLE_H

#include "factor/factors.h"

mixfill_person mixfill_factor_known(const mixfill_model *model, int32_t u);
mixfill_person mixfill_factor_person_unknown(const mixfill_model *model);

/* O(nnz q^2 + N q^3); independent of threads. */
mixfill_status mixfill_factor_fold_in(mixfill_people *out, const mixfill_model *model,
                                      const mixfill_ratings *ratings, const mixfill_ratings *rows,
                                      int32_t threads, mixfill_error *err);

double mixfill_factor_mean(const mixfill_model *model, int32_t i, const mixfill_person *person,
                           int32_t j);
double mixfill_factor_variance(const mixfill_model *model, int32_t i, const mixfill_person *person,
                               int32_t j);

size_t mixfill_factor_row_width(const mixfill_model *model);
double mixfill_factor_item_row(const mixfill_model *model, double *column, size_t step, int32_t j);
double mixfill_factor_person_row(const mixfill_model *model, double *row,
                                 const mixfill_person *person);

#endif
