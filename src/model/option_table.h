/* The options of a fit that shape its model, as one table: name, type, range, and which kinds heed
 * them. It is behind the checks of options, what a model file remembers, and which options a
 * command line takes for a kind. */
#ifndef MIXFILL_OPTION_TABLE_H
#define MIXFILL_OPTION_TABLE_H

#include "base/base.h"

enum { MIXFILL_MAX_RANK = 63 };

/* A bit for each option that some kind does not heed; the others all heed. */
enum {
    MIXFILL_HEEDS_TOL = 1 << 0,
    MIXFILL_HEEDS_MIN_VAR = 1 << 1,
    MIXFILL_HEEDS_MIN_SUPPORT = 1 << 2,
    MIXFILL_HEEDS_PRIOR_STRENGTH = 1 << 3,
    MIXFILL_HEEDS_AVERAGE = 1 << 4,
    MIXFILL_HEEDS_RANK = 1 << 5,
    MIXFILL_HEEDS_IMPLICIT = 1 << 6,
    MIXFILL_HEEDS_IMPLICIT_STRENGTH = 1 << 7
};

typedef enum mixfill_option_type {
    MIXFILL_OPTION_INT32,
    MIXFILL_OPTION_UINT32,
    MIXFILL_OPTION_REAL,
    MIXFILL_OPTION_BOOL
} mixfill_option_type;

typedef struct mixfill_option {
    const char *name; /* of the member of mixfill_options, and of the key in a model file */
    mixfill_option_type type;
    unsigned heeded;    /* 0: by every kind, else one of the bits above */
    size_t offset;      /* in mixfill_options */
    double least, most; /* of numbers */
    bool above;         /* the least is itself too little */
    bool has_auto;      /* 0 in the options of a fit: what the kind makes of its ratings */
} mixfill_option;

/* In the order of a model file. */
extern const mixfill_option mixfill_option_table[];
extern const size_t mixfill_option_table_size;

/* The option of this name, or NULL. */
const mixfill_option *mixfill_option_find(const char *name);

/* Whether a kind with these bits heeds it. */
static inline bool mixfill_option_heeded(const mixfill_option *option, unsigned heeds) {
    return option->heeded == 0 || (option->heeded & heeds) != 0;
}

/* A number or bool of the options as a double, which holds every value of every type. */
double mixfill_option_get(const mixfill_option *option, const mixfill_options *options);
void mixfill_option_set(const mixfill_option *option, mixfill_options *options, double value);

/* Whether a value is in the option's range; NaN is in none. */
bool mixfill_option_in_range(const mixfill_option *option, double value);

/* Copy the options that a kind with these bits heeds, and leave the others. */
void mixfill_options_copy_heeded(mixfill_options *to, const mixfill_options *from, unsigned heeds);

#endif
