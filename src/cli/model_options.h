/* The options of every command that fits, fit, cv and select: what the model is, how it is fitted,
 * and how the ratings are read. */
#ifndef MIXFILL_CLI_MODEL_OPTIONS_H
#define MIXFILL_CLI_MODEL_OPTIONS_H

#include "cli/arguments.h"
#include "cli/progress.h"

/* What to fit and how, complete once all options are read. */
typedef struct cli_model_options {
    mixfill_options fit; /* checked, but for patience: what it needs is known to the command only */
    cli_progress_mode progress;
    bool with_components;    /* -k was given */
    bool chooses_components; /* of a mixture in any case, for select to set */
    uint32_t given;          /* bits of the other options that were */
    cli_input in;            /* its threads are those of the fit too */
} cli_model_options;

void cli_model_options_init(cli_model_options *options);

/* An argp child whose input is cli_model_options. */
extern const struct argp cli_model_argp;

/* -k, for the same input, of those that fit one number of components. */
extern const struct argp cli_components_argp;

#endif
