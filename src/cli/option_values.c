/* Option values from text. They are parsed to the last character and checked against a range; on a
 * fault argp_error names the option with what was given and what was expected, and ends the
 * program, so that these functions return only what is right. */
#include "cli/option_values.h"

#include <mixfill/mixfill.h>

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decimal; no part of the text may be left over, so that 8x or 1e3 is refused rather than cut. */
int64_t cli_integer(const struct argp_state *state, const char *option, const char *text,
                    int64_t least, int64_t most) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < least || value > most)
        argp_error(state, "%s '%s': expected a whole number from %" PRId64 " to %" PRId64, option,
                   text, least, most);
    return value;
}

/* As strtod reads it in the C locale, which the program never leaves. */
double cli_number(const struct argp_state *state, const char *option, const char *text) {
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        argp_error(state, "%s '%s': expected a finite number", option, text);
    return value;
}

double cli_positive(const struct argp_state *state, const char *option, const char *text) {
    double value = cli_number(state, option, text);
    if (!(value > 0))
        argp_error(state, "%s '%s': expected a finite number above 0", option, text);
    return value;
}

double cli_fraction(const struct argp_state *state, const char *option, const char *text) {
    double fraction = cli_number(state, option, text);
    if (!(fraction > 0 && fraction < 1))
        argp_error(state, "%s '%s': expected a number between 0 and 1", option, text);
    return fraction;
}

/* Up to 9e18, the largest round number that a size_t of 64 bits holds. */
size_t cli_size(const struct argp_state *state, const char *option, const char *text) {
    static const char units[] = "kMGT";
    char *end;
    double value = strtod(text, &end);
    end += *end == ' ';
    const char *unit = *end != '\0' ? strchr(units, *end == 'K' ? 'k' : *end) : NULL;
    if (unit != NULL) {
        value *= pow(1000, (double)(unit - units + 1));
        end++;
    }
    if (*end == 'B')
        end++;
    if (end == text || *end != '\0' || !(value >= 1 && value < 9e18))
        argp_error(state, "%s '%s': expected a number of bytes such as 500M or 2G (M is 1,000,000)",
                   option, text);
    return (size_t)value;
}

int32_t cli_digits(const struct argp_state *state, const char *option, const char *text) {
    const int64_t most = 15;
    char *end;
    long long value = strtoll(text, &end, 10);
    if (strcmp(text, "full") == 0)
        return MIXFILL_DIGITS_FULL;
    if (end == text || *end != '\0' || value < 0 || value > most)
        argp_error(state, "%s '%s': expected a whole number from 0 to %" PRId64 ", or full", option,
                   text, most);
    return (int32_t)value;
}

/* The whole list is in the message: it is short, and saves a look at --help. */
int cli_choice(const struct argp_state *state, const char *option, const char *text,
               const char *const *names) {
    char expected[256] = "";
    size_t used = 0;
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(text, names[i]) == 0)
            return i;
        int n =
            snprintf(expected + used, sizeof expected - used, "%s%s", i > 0 ? ", " : "", names[i]);
        used += (size_t)n;
    }
    argp_error(state, "%s '%s': expected one of %s", option, text, expected);
    return -1;
}
