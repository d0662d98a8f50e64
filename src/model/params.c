/* Parameters of any kind, by their list of arrays: made, copied, freed and measured without a word
 * about what they are. */
#include "model/params.h"

mixfill_shape mixfill_shape_of(const mixfill_kind *kind, const mixfill_options *options,
                               int32_t n_users, int32_t n_items) {
    return (mixfill_shape){.kind = kind,
                           .n_users = n_users,
                           .n_items = n_items,
                           .n_components = options->n_components,
                           .rank = options->rank,
                           .n_mixtures = options->average ? options->n_init : 1,
                           .average = options->average};
}

void mixfill_params_list(mixfill_array_list *out, mixfill_params *params) {
    out->n = 0;
    params->shape.kind->list(out, params);
}

mixfill_params *mixfill_params_outline(const mixfill_shape *shape) {
    mixfill_params *p = mixfill_alloc_zero(1, shape->kind->params_size);
    if (p != NULL)
        p->shape = *shape;
    return p;
}

mixfill_params *mixfill_params_create(const mixfill_shape *shape, mixfill_scope scope) {
    mixfill_array_list list;
    mixfill_params *p = mixfill_params_outline(shape);
    if (p == NULL)
        return NULL;
    mixfill_params_list(&list, p);
    if (mixfill_arrays_alloc(&list, scope))
        return p;
    mixfill_params_free(p);
    return NULL;
}

void mixfill_params_free(mixfill_params *params) {
    mixfill_array_list list;
    if (params == NULL)
        return;
    mixfill_params_list(&list, params);
    mixfill_arrays_free(&list);
    mixfill_free(params);
}

void mixfill_params_copy(mixfill_params *to, mixfill_params *from) {
    mixfill_array_list target, source;
    mixfill_params_list(&target, to);
    mixfill_params_list(&source, from);
    mixfill_arrays_copy(&target, &source);
}

mixfill_status mixfill_params_bytes(size_t *bytes, const mixfill_shape *shape, mixfill_scope scope,
                                    mixfill_error *err) {
    mixfill_array_list list;
    mixfill_params *outline = mixfill_params_outline(shape);
    if (outline == NULL)
        return mixfill_fail_nomem(err, "the parameters");
    mixfill_params_list(&list, outline);
    *bytes = mixfill_arrays_bytes(&list, scope);
    mixfill_free(outline);
    return MIXFILL_OK;
}
