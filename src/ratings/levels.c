/* Values of ratings as codes of one byte. Most files have five or ten distinct values, and a fit
 * reads every rating in every iteration, so an eighth of the bytes is time saved. Codes are
 * numbered by first appearance; no result depends on them. */
#include "ratings/levels.h"

#include <string.h>

enum { LEVEL_BUCKETS = 1024 }; /* of mixfill_levels, four times the levels: few collide */

int mixfill_levels_code(mixfill_levels *levels, double value) {
    /* Makes -0 a 0: the two are equal but have other bits. */
    value += 0.0;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    size_t at = (size_t)((bits * UINT64_C(0x9E3779B97F4A7C15)) >> 54);
    while (levels->bucket[at] != 0) {
        int code = levels->bucket[at] - 1;
        if (levels->level[code] == value)
            return code;
        at = (at + 1) % LEVEL_BUCKETS;
    }
    if (levels->n == MIXFILL_MAX_LEVELS)
        return -1;
    levels->level[levels->n] = value;
    levels->bucket[at] = (uint16_t)++levels->n;
    return levels->n - 1;
}

/* Looks at all values before it touches r: where they are too many, or memory is short, r stays. */
bool mixfill_ratings_encode(mixfill_ratings *r) {
    mixfill_levels levels = {0};
    uint8_t *code = mixfill_alloc((size_t)r->nnz, sizeof *code);
    if (code == NULL)
        return false;
    for (int64_t e = 0; e < r->nnz; e++) {
        int level = mixfill_levels_code(&levels, mixfill_ratings_value(r, e));
        if (level < 0) { /* so r holds doubles, and keeps them */
            mixfill_free(code);
            return true;
        }
        code[e] = (uint8_t)level;
    }
    mixfill_free(r->code);
    if (!r->borrowed_values)
        mixfill_free(r->value);
    r->code = code;
    r->value = NULL;
    r->borrowed_values = false;
    memcpy(r->level, levels.level, sizeof r->level);
    r->n_levels = levels.n;
    return true;
}
