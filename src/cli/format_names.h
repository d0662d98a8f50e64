/* Formats on the command line, as the library's table of formats has them. */
#ifndef MIXFILL_CLI_FORMAT_NAMES_H
#define MIXFILL_CLI_FORMAT_NAMES_H

#include <mixfill/mixfill.h>

#include <argp.h>

/* The format that --format names, "auto" among them; a usage error lists those that are read. */
mixfill_format cli_read_format(const struct argp_state *state, const char *text);

/* The format that --to names or, where that was not given (NULL), the output's extension stands
 * for, csv for "-"; a usage error names the option and what was expected. */
mixfill_format cli_format_of(const struct argp_state *state, const char *option, const char *path,
                             const char *to);

/* An option's help in which FORMATS stands for the names of those that are read, or written: as an
 * argp help filter returns it, the text itself or a new one for argp to free. */
char *cli_format_help(const char *text, bool written);

#endif
