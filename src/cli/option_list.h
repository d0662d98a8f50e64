/* The options of a command in the order in which they are written: its own, then those of its argp
 * children, theirs behind them. */
#ifndef MIXFILL_CLI_OPTION_LIST_H
#define MIXFILL_CLI_OPTION_LIST_H

#include <argp.h>
#include <stdbool.h>

enum { CLI_MAX_OPTIONS = 128 };

/* An option, hidden or not. */
typedef struct cli_listed_option {
    const struct argp_option *option;
    const struct argp_option *real; /* itself, or what it is another name of */
    const struct argp *argp;        /* whose table it stands in */
} cli_listed_option;

/* Returns how many there are; what is beyond the array is left out. */
int cli_list_options(cli_listed_option out[CLI_MAX_OPTIONS], const struct argp *argp);

/* Whether its key is a character, so that it has a short form. */
bool cli_is_short(const struct argp_option *option);

#endif
