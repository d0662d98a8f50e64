/* A fit and a scoring as fit, evaluate, cv and select run them. */
#include "cli/run.h"

#include "cli/print.h"
#include "cli/progress.h"

/* The options are copied: progress is this function's, not the caller's. */
int cli_fit_model(mixfill_model **model, mixfill_result *result, const mixfill_ratings *ratings,
                  const cli_model_options *m, const char *label) {
    mixfill_error err;
    cli_progress progress;
    mixfill_options options = m->fit;
    cli_progress_init(&progress, m->progress);
    if (label != NULL)
        progress.label = label;
    options.progress = cli_progress_show;
    options.progress_data = &progress;
    mixfill_status st = mixfill_fit(model, result, ratings, &options, &err);
    cli_progress_finish(&progress);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}

int cli_evaluate_model(mixfill_evaluation *out, const mixfill_model *model,
                       const mixfill_ratings *test, int32_t threads) {
    mixfill_error err;
    cli_counting counting;
    cli_counting_init(&counting, "scoring");
    mixfill_status st = mixfill_evaluate(
        model, out, test, &(mixfill_run){threads, cli_ratings_show, &counting}, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}
