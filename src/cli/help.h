/* What --help prints. argp would sort options by their names; here they come in the order of use,
 * under headings. */
#ifndef MIXFILL_CLI_HELP_H
#define MIXFILL_CLI_HELP_H

#include <argp.h>

/* The headings, in the order of help. That of an option is its group in argp's table; under a
 * heading options come in the order of cli_list_options. Texts are in help.c. */
enum {
    CLI_HELP_USERS = 1,  /* whom or which pairs something is made for */
    CLI_HELP_LISTS,      /* what a list of recommended items holds */
    CLI_HELP_MODEL,      /* which kind of model */
    CLI_HELP_PARAMETERS, /* how large it is, and what shapes it */
    CLI_HELP_START,      /* where its fit begins */
    CLI_HELP_STOP,       /* when its fit ends */
    CLI_HELP_DRAW,       /* what random numbers are drawn for */
    CLI_HELP_HELD_OUT,   /* ratings to score on */
    CLI_HELP_OUTPUT,     /* what is written, shown and returned */
    CLI_HELP_READING,    /* how ratings are read */
    CLI_HELP_MACHINE,    /* threads and memory */
    CLI_HELP_HELP
};

/* The help of the command that is parsed, on standard output. */
void cli_print_help(const struct argp_state *state);

#endif
