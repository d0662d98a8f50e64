/* Parameters of a model of any kind: what its list of arrays makes possible. */
#ifndef MIXFILL_PARAMS_H
#define MIXFILL_PARAMS_H

#include "model/kind.h"

/* The shape of the parameters that these options lead to. */
mixfill_shape mixfill_shape_of(const mixfill_kind *kind, const mixfill_options *options,
                               int32_t n_users, int32_t n_items);

/* Parameters of the shape with the arrays of the scope, zeroed; NULL when out of memory. */
mixfill_params *mixfill_params_create(const mixfill_shape *shape, mixfill_scope scope);
/* Such parameters without their arrays. */
mixfill_params *mixfill_params_outline(const mixfill_shape *shape);
void mixfill_params_free(mixfill_params *params);

/* The list of all arrays, there or not. */
void mixfill_params_list(mixfill_array_list *out, mixfill_params *params);

/* Of one shape: what both have. */
void mixfill_params_copy(mixfill_params *to, mixfill_params *from);

/* Bytes of the arrays of such parameters, into *bytes. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_params_bytes(size_t *bytes, const mixfill_shape *shape, mixfill_scope scope,
                                    mixfill_error *err);

#endif
