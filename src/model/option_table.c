/* The table of options. A value goes in and out as a double, which holds every int32, uint32 and
 * bool exactly; offsets lead to the members, so that no option is named a second time in code. */
#include "model/option_table.h"

#include <float.h>
#include <string.h>

/* A row; `member` of mixfill_options gives the name and the offset. */
#define ROW(member, type, heeded, least, most, above, has_auto)                                    \
    { #member, type, heeded, offsetof(mixfill_options, member), least, most, above, has_auto }
#define INTEGER(member, heeded, least, most)                                                       \
    ROW(member, MIXFILL_OPTION_INT32, heeded, least, most, false, false)
#define REAL(member, heeded, above)                                                                \
    ROW(member, MIXFILL_OPTION_REAL, heeded, 0, DBL_MAX, above, false)
#define BOOL(member, heeded) ROW(member, MIXFILL_OPTION_BOOL, heeded, 0, 1, false, false)

const mixfill_option mixfill_option_table[] = {
    ROW(seed, MIXFILL_OPTION_UINT32, 0, 0, UINT32_MAX, false, false),
    INTEGER(n_init, 0, 1, INT32_MAX),
    REAL(tol, MIXFILL_HEEDS_TOL, false),
    ROW(max_iter, MIXFILL_OPTION_INT32, 0, 1, INT32_MAX, false, true),
    ROW(min_var, MIXFILL_OPTION_REAL, MIXFILL_HEEDS_MIN_VAR, 0, DBL_MAX, true, true),
    REAL(min_support, MIXFILL_HEEDS_MIN_SUPPORT, false),
    REAL(prior_strength, MIXFILL_HEEDS_PRIOR_STRENGTH, false),
    BOOL(average, MIXFILL_HEEDS_AVERAGE),
    INTEGER(rank, MIXFILL_HEEDS_RANK, 1, MIXFILL_MAX_RANK),
    BOOL(implicit, MIXFILL_HEEDS_IMPLICIT),
    REAL(implicit_strength, MIXFILL_HEEDS_IMPLICIT_STRENGTH, true),
};
const size_t mixfill_option_table_size =
    sizeof mixfill_option_table / sizeof mixfill_option_table[0];

const mixfill_option *mixfill_option_find(const char *name) {
    for (size_t i = 0; i < mixfill_option_table_size; i++)
        if (strcmp(mixfill_option_table[i].name, name) == 0)
            return &mixfill_option_table[i];
    return NULL;
}

double mixfill_option_get(const mixfill_option *option, const mixfill_options *options) {
    const char *at = (const char *)options + option->offset;
    int32_t integer;
    uint32_t seed;
    bool flag;
    double real;
    switch (option->type) {
    case MIXFILL_OPTION_INT32:
        memcpy(&integer, at, sizeof integer);
        return integer;
    case MIXFILL_OPTION_UINT32:
        memcpy(&seed, at, sizeof seed);
        return seed;
    case MIXFILL_OPTION_BOOL:
        memcpy(&flag, at, sizeof flag);
        return flag;
    case MIXFILL_OPTION_REAL:
        break;
    }
    memcpy(&real, at, sizeof real);
    return real;
}

void mixfill_option_set(const mixfill_option *option, mixfill_options *options, double value) {
    char *at = (char *)options + option->offset;
    switch (option->type) {
    case MIXFILL_OPTION_INT32:
        memcpy(at, &(int32_t){(int32_t)value}, sizeof(int32_t));
        break;
    case MIXFILL_OPTION_UINT32:
        memcpy(at, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
        break;
    case MIXFILL_OPTION_BOOL:
        memcpy(at, &(bool){value != 0}, sizeof(bool));
        break;
    case MIXFILL_OPTION_REAL:
        memcpy(at, &value, sizeof value);
        break;
    }
}

bool mixfill_option_in_range(const mixfill_option *option, double value) {
    return (option->above ? value > option->least : value >= option->least) &&
           value <= option->most;
}

void mixfill_options_copy_heeded(mixfill_options *to, const mixfill_options *from, unsigned heeds) {
    for (size_t i = 0; i < mixfill_option_table_size; i++) {
        const mixfill_option *o = &mixfill_option_table[i];
        if (mixfill_option_heeded(o, heeds))
            mixfill_option_set(o, to, mixfill_option_get(o, from));
    }
}
