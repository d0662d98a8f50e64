/* Values of options: numbers, sizes, choices. option is its name, for the message of a usage error.
 */
#ifndef MIXFILL_CLI_OPTION_VALUES_H
#define MIXFILL_CLI_OPTION_VALUES_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>

/* Option values; on anything else than a number in range the program ends with a usage error that
 * names the option. */
int64_t cli_integer(const struct argp_state *state, const char *option, const char *text,
                    int64_t least, int64_t most);
double cli_number(const struct argp_state *state, const char *option, const char *text);

/* A number above 0. */
double cli_positive(const struct argp_state *state, const char *option, const char *text);

/* A fraction of the ratings: a number between 0 and 1, without these. */
double cli_fraction(const struct argp_state *state, const char *option, const char *text);

/* A number of bytes: decimal, with an optional k, M, G or T (powers of 1000) and an optional B, as
 * mixfill_format_bytes prints it. */
size_t cli_size(const struct argp_state *state, const char *option, const char *text);

/* Digits of ratings behind the point, as mixfill_format_rating takes them: 0 to 15, or full. */
int32_t cli_digits(const struct argp_state *state, const char *option, const char *text);

/* Index of text in names (ended by NULL); a usage error names what was expected. */
int cli_choice(const struct argp_state *state, const char *option, const char *text,
               const char *const *names);

#endif
