/* What a model file holds: an .npz with a member per array and a meta.json (docs/architecture.md
 * has the format). Saving and loading go through one list, in one order.
 *
 * Two fits alike make files that are equal byte for byte (docs/model.md 8.2), so the order of
 * members is a promise: meta.json, the kind's largest arrays, ids, its other parameters, what every
 * kind has, and the rest. Whoever reads a file finds members by name and relies on no order. */
#ifndef MIXFILL_MEMBERS_H
#define MIXFILL_MEMBERS_H

#include "model/model.h"

enum { MIXFILL_FORMAT_VERSION = 1 };

extern const char mixfill_format_magic[]; /* of meta.json's key "format" */
extern const char mixfill_memory_name[];  /* in messages, in place of a path */

/* The arrays of one place in the file, there or not; those of every kind stand between the kind's
 * own. The model must have its parameters. */
void mixfill_members_list(mixfill_array_list *out, mixfill_model *model, mixfill_array_place place);

/* The places after the ids, in file order. Before the ids there is MIXFILL_BEFORE_IDS alone. */
static const mixfill_array_place mixfill_places_after_ids[] = {
    MIXFILL_AFTER_IDS, MIXFILL_OF_EVERY_KIND, MIXFILL_AFTER_BASELINES};

/* An array held item by item and padded (n,D,padded), as its file has it (n,K,D), and back. What
 * comes back goes into zeros, as the kernels compute on the padding too. */
void mixfill_member_transpose(double *out, const mixfill_array *array, const double *held);
void mixfill_member_transpose_back(double *out, const mixfill_array *array, const double *read);

#endif
