/* The two things that take their time, a fit and a scoring, with their progress on stderr. */
#ifndef MIXFILL_CLI_RUN_H
#define MIXFILL_CLI_RUN_H

#include "cli/model_options.h"

/* Fit with progress on stderr, after the label (such as "fold 1/5  "), which may be NULL. Returns 0
 * or an exit status after a message; what came out is the caller's to release either way. result
 * may be NULL. */
int cli_fit_model(mixfill_model **model, mixfill_result *result, const mixfill_ratings *ratings,
                  const cli_model_options *options, const char *label);

/* Score a model with progress; threads 0: the default. Returns 0 or an exit status after a
 * message. */
int cli_evaluate_model(mixfill_evaluation *out, const mixfill_model *model,
                       const mixfill_ratings *test, int32_t threads);

#endif
