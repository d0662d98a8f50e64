/* The command line of a command. */
#ifndef MIXFILL_CLI_PARSE_H
#define MIXFILL_CLI_PARSE_H

#include <argp.h>

/* argp_parse with --help, --usage and -? as cli_print_help has them, and with long options taken by
 * their whole name only: what merely begins one is refused like any other unknown option, with the
 * nearest named. Returns where the command line is right and no help was asked for; else the
 * program ends. */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input);

#endif
