/* Lists of numbers, and ratings to run on. */
#include "list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

int32_t bench_integer(const struct argp_state *state, const char *text, char **end, int32_t most) {
    errno = 0;
    long value = strtol(text, end, 10);
    if (*end == text || errno != 0 || value < 1 || value > most)
        argp_error(state, "'%s': expected whole numbers from 1 to %" PRId32, text, most);
    return (int32_t)value;
}

bench_list bench_integers(const struct argp_state *state, const char *text, int32_t most) {
    bench_list l = {0};
    for (const char *at = text;; at++) {
        char *end;
        if (l.n == BENCH_MAX_LIST)
            argp_error(state, "'%s': expected at most %d numbers", text, BENCH_MAX_LIST);
        l.at[l.n++] = bench_integer(state, at, &end, most);
        if (*end == '\0')
            return l;
        if (*end != ',')
            argp_error(state, "'%s': expected numbers separated by commas", text);
        at = end;
    }
}

mixfill_status bench_ratings(mixfill_ratings **out, const char *file, const char *shape,
                             mixfill_error *err) {
    if (file != NULL)
        return mixfill_ratings_load(out, NULL, file, NULL, err);
    mixfill_generate_options o;
    mixfill_generate_options_init(&o);
    mixfill_status st = mixfill_generate_options_shape(&o, shape, err);
    return st == MIXFILL_OK ? mixfill_generate(out, &o, err) : st;
}
