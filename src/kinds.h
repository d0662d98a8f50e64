/* Which kinds of model there are. */
#ifndef MIXFILL_KINDS_H
#define MIXFILL_KINDS_H

#include "model/kind.h"

/* All kinds, the default one first. */
extern const mixfill_kind *const mixfill_kinds[];
extern const size_t mixfill_n_kinds;

/* The kind that these options ask for; NULL for a number that is none. */
const mixfill_kind *mixfill_kind_of(const mixfill_options *options);

/* The kind of these names; compat NULL: of no published arithmetic. NULL where there is none. */
const mixfill_kind *mixfill_kind_named(const char *name, const char *compat);

/* The names of the kinds that have an enumerator of their own and heed all options of these bits,
 * "factor, map, classic" for 0, into out; returns out. */
enum { MIXFILL_KIND_NAMES = 128 };
const char *mixfill_kind_names(char out[MIXFILL_KIND_NAMES], unsigned heeds);

#endif
