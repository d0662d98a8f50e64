/* --format, --to and the extensions of outputs. */
#ifndef MIXFILL_CLI_FORMAT_OPTIONS_H
#define MIXFILL_CLI_FORMAT_OPTIONS_H

#include <mixfill/mixfill.h>

#include <argp.h>

/* Keys of the options whose help lists formats; a range of their own, as arguments.c explains. */
enum { CLI_KEY_FORMAT = 4096, CLI_KEY_TO };

/* The format that --format names; a usage error lists all that can be read. */
mixfill_format cli_read_format(const struct argp_state *state, const char *option,
                               const char *text);

/* The format that --to names or, where that was not given (NULL), the output's extension stands
 * for, csv for "-"; a usage error names the option and what was expected. */
mixfill_format cli_format_of(const struct argp_state *state, const char *option, const char *path,
                             const char *to);

/* argp's help_filter: puts the formats that --format or --to can name in place of the %s in its
 * text. */
char *cli_list_formats(int key, const char *text, void *input);

#endif
