/* Random numbers. The NumPy draw follows numpy.random.RandomState, whose streams NumPy keeps fixed:
 * MT19937 (Matsumoto and Nishimura 1998) and masked rejection. SplitMix64: Steele, Lea and Flood
 * (2014). */
#include "base/rng.h"

#include <math.h>

#define GOLDEN_GAMMA UINT64_C(0x9E3779B97F4A7C15)
#define TWO_PI 6.283185307179586476925

/* Words of the state, and the distance of the two that are mixed. */
enum { MT_N = 624, MT_M = 397 };

typedef struct twister {
    uint32_t state[MT_N];
    int used;
} twister;

/* init_genrand of the authors' mt19937ar.c, which np.random.seed calls for one number. */
static void twister_seed(twister *mt, uint32_t seed) {
    mt->state[0] = seed;
    for (uint32_t i = 1; i < MT_N; i++) {
        uint32_t last = mt->state[i - 1];
        mt->state[i] = UINT32_C(1812433253) * (last ^ (last >> 30)) + i;
    }
    mt->used = MT_N;
}

static void twister_refill(twister *mt) {
    uint32_t *s = mt->state;
    for (int i = 0; i < MT_N; i++) {
        uint32_t y = (s[i] & UINT32_C(0x80000000)) | (s[(i + 1) % MT_N] & UINT32_C(0x7FFFFFFF));
        s[i] = s[(i + MT_M) % MT_N] ^ (y >> 1) ^ ((y & 1) != 0 ? UINT32_C(0x9908B0DF) : 0);
    }
    mt->used = 0;
}

static uint32_t twister_next(twister *mt) {
    if (mt->used == MT_N)
        twister_refill(mt);
    uint32_t y = mt->state[mt->used++];
    y ^= y >> 11;
    y ^= (y << 7) & UINT32_C(0x9D2C5680);
    y ^= (y << 15) & UINT32_C(0xEFC60000);
    return y ^ (y >> 18);
}

/* Uniform in 0..max: draws are masked to max's bits and those above it thrown away. */
static uint32_t twister_interval(twister *mt, uint32_t max) {
    uint32_t mask = max;
    for (unsigned shift = 1; shift < 32; shift *= 2)
        mask |= mask >> shift;
    uint32_t value;
    do
        value = twister_next(mt) & mask;
    while (value > max);
    return value;
}

mixfill_status mixfill_numpy_choice(int32_t *rows, int32_t k, int32_t n, uint32_t seed,
                                    mixfill_error *err) {
    int32_t *order = mixfill_alloc((size_t)n, sizeof *order);
    if (order == NULL)
        return mixfill_fail_nomem(err, "the drawing of rows");
    for (int32_t i = 0; i < n; i++)
        order[i] = i;
    twister mt;
    twister_seed(&mt, seed);
    for (int32_t i = n - 1; i > 0; i--) {
        uint32_t j = twister_interval(&mt, (uint32_t)i);
        int32_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
    for (int32_t i = 0; i < k; i++)
        rows[i] = order[i];
    mixfill_free(order);
    return MIXFILL_OK;
}

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* mix is a bijection, so the indices of one seed and purpose all start at different states. */
mixfill_rng mixfill_rng_stream(uint32_t seed, uint32_t purpose, uint64_t index) {
    uint64_t family = mix((((uint64_t)seed << 32) | purpose) + GOLDEN_GAMMA);
    return (mixfill_rng){.state = mix(family + index * GOLDEN_GAMMA)};
}

uint64_t mixfill_rng_next(mixfill_rng *rng) {
    rng->state += GOLDEN_GAMMA;
    return mix(rng->state);
}

double mixfill_rng_uniform(mixfill_rng *rng) {
    return (double)(mixfill_rng_next(rng) >> 11) * 0x1p-53;
}

/* The 2^64 numbers are cut into runs of n; what falls into the last, incomplete one is redrawn. */
uint64_t mixfill_rng_below(mixfill_rng *rng, uint64_t n) {
    uint64_t draw, rest;
    do {
        draw = mixfill_rng_next(rng);
        rest = draw % n;
    } while (draw - rest > 0 - n);
    return rest;
}

/* Box and Muller's first number; their second is thrown away, for a stream is nothing but a
 * counter. The logarithm is of a number in (0, 1]. */
double mixfill_rng_normal(mixfill_rng *rng) {
    double radius = sqrt(-2 * log(1 - mixfill_rng_uniform(rng)));
    return radius * cos(TWO_PI * mixfill_rng_uniform(rng));
}
