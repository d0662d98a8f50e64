/* Users of a model of mixtures, and what it predicts for them: for the kinds' tables, whose
 * comments (model/kind.h) hold for each function here. */
#ifndef MIXFILL_MIXTURE_PEOPLE_H
#define MIXFILL_MIXTURE_PEOPLE_H

#include "mixture/mixtures.h"

mixfill_person mixfill_mixture_known(const mixfill_model *model, int32_t u);
mixfill_person mixfill_mixture_unknown(const mixfill_model *model);
mixfill_status mixfill_mixture_fold_in(mixfill_people *fold, const mixfill_model *model,
                                       const mixfill_ratings *ratings, const mixfill_ratings *rows,
                                       int32_t threads, mixfill_error *err);

double mixfill_classic_mean(const mixfill_model *model, int32_t i, const mixfill_person *person,
                            int32_t j);
double mixfill_classic_variance(const mixfill_model *model, int32_t i, const mixfill_person *person,
                                int32_t j);
double mixfill_map_mean(const mixfill_model *model, int32_t i, const mixfill_person *person,
                        int32_t j);
double mixfill_map_variance(const mixfill_model *model, int32_t i, const mixfill_person *person,
                            int32_t j);

size_t mixfill_mixture_row_width(const mixfill_model *model);
double mixfill_mixture_item_row(const mixfill_model *model, double *column, size_t step, int32_t j);
double mixfill_mixture_person_row(const mixfill_model *model, double *row,
                                  const mixfill_person *person);

#endif
