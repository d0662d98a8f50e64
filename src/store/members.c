/* The members of a model file: which there are at which place, and how padded ones are turned.
 * Which arrays a kind has, in which shape and with what to hold of them, is its own list
 * (model/arrays.h). */
#include "store/members.h"

const char mixfill_format_magic[] = "mixfill-model";
const char mixfill_memory_name[] = "(memory)";

void mixfill_members_list(mixfill_array_list *out, mixfill_model *model,
                          mixfill_array_place place) {
    mixfill_array_list all;
    out->n = 0;
    if (place == MIXFILL_OF_EVERY_KIND) {
        mixfill_model_list(out, model);
        return;
    }
    mixfill_params_list(&all, model->params);
    for (size_t i = 0; i < all.n; i++)
        if (all.array[i].place == place)
            mixfill_arrays_add(out, all.array[i]);
}

/* n, K and D of a padded array; n is 1 where the array has no dimension for it, as there is but one
 * mixture. */
typedef struct sizes {
    size_t n, k, d;
} sizes;

static sizes sizes_of(const mixfill_array *a) {
    const mixfill_npy_shape *s = &a->shape;
    return (sizes){s->n_dims == 3 ? (size_t)s->dim[0] : 1, (size_t)s->dim[s->n_dims - 2],
                   (size_t)s->dim[s->n_dims - 1]};
}

/* In memory the K numbers of an item lie together, for a rating's sake: the E-step reads a row for
 * each. In a file mu[k] is a component, for a reader's sake, and the padding is nobody's
 * business. */
void mixfill_member_transpose(double *out, const mixfill_array *array, const double *held) {
    sizes s = sizes_of(array);
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < s.d; j++)
            for (size_t k = 0; k < s.k; k++)
                out[(i * s.k + k) * s.d + j] = held[(i * s.d + j) * array->padded + k];
}

void mixfill_member_transpose_back(double *out, const mixfill_array *array, const double *read) {
    sizes s = sizes_of(array);
    for (size_t i = 0; i < s.n; i++)
        for (size_t k = 0; k < s.k; k++)
            for (size_t j = 0; j < s.d; j++)
                out[(i * s.d + j) * array->padded + k] = read[(i * s.k + k) * s.d + j];
}
