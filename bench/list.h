/* Options of the benches that are lists of numbers, and the ratings they run on. */
#ifndef BENCH_LIST_H
#define BENCH_LIST_H

#include <mixfill/mixfill.h>

#include <argp.h>

enum { BENCH_MAX_LIST = 16 };

typedef struct bench_list {
    int32_t n, at[BENCH_MAX_LIST];
} bench_list;

/* A whole number from 1 to most; *end where it ends. Another text is a usage error. */
int32_t bench_integer(const struct argp_state *state, const char *text, char **end, int32_t most);

/* Such numbers separated by commas. */
bench_list bench_integers(const struct argp_state *state, const char *text, int32_t most);

/* Ratings of a file, or where that is NULL generated ones of a shape. */
mixfill_status bench_ratings(mixfill_ratings **out, const char *file, const char *shape,
                             mixfill_error *err);

#endif
