/* Products of every user and every item, the plain loops: what making lists cannot do without. */
#ifndef BENCH_DOTS_H
#define BENCH_DOTS_H

#include <stddef.h>

typedef struct bench_dots {
    /* out (D) = items (D,K) times a user's (K). */
    void (*by_rows)(double *restrict out, const double *restrict items, const double *restrict user,
                    size_t n_items, size_t k);

    /* The products with items (K,D). */
    void (*by_columns)(double *restrict out, const double *restrict items,
                       const double *restrict user, size_t n_items, size_t k);
} bench_dots;

extern const bench_dots bench_dots_generic, bench_dots_v1, bench_dots_v3, bench_dots_v4;

#endif
