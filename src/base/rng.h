/* Random numbers: NumPy's legacy draw, and counter-based streams for everything else. */
#ifndef MIXFILL_RNG_H
#define MIXFILL_RNG_H

#include "base/base.h"

/* The first k entries of np.random.seed(seed); np.random.choice(n, k, replace=False): MT19937 with
 * init_genrand(seed), then the Fisher-Yates shuffle of arange(n) from the end.
 * rows (k) [out]; 1 <= k <= n. MIXFILL_ERR_NOMEM. O(n). */
mixfill_status mixfill_numpy_choice(int32_t *rows, int32_t k, int32_t n, uint32_t seed,
                                    mixfill_error *err);

/* A stream of its own for every (seed, purpose, index): SplitMix64 over a hashed start, so that
 * streams can be drawn in any order by any thread. */
typedef struct mixfill_rng {
    uint64_t state;
} mixfill_rng;

mixfill_rng mixfill_rng_stream(uint32_t seed, uint32_t purpose, uint64_t index);
uint64_t mixfill_rng_next(mixfill_rng *rng);
/* Uniform in [0, 1), 53 bits. */
double mixfill_rng_uniform(mixfill_rng *rng);
/* Uniform in 0..n-1, n >= 1, without bias. */
uint64_t mixfill_rng_below(mixfill_rng *rng, uint64_t n);
/* Standard normal (Box and Muller 1958). */
double mixfill_rng_normal(mixfill_rng *rng);

#endif
