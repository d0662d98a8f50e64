/* The arrays of mixtures: which there are in which variant, and in an average the row of each
 * mixture. */
#include "mixture/mixtures.h"

#include <string.h>

/* Notebook is told by its compat, since it shares classic's enumerator. */
mixfill_variant mixfill_variant_of(const mixfill_kind *kind) {
    if (kind->compat != NULL)
        return MIXFILL_NOTEBOOK;
    return kind->id == MIXFILL_MODEL_MAP ? MIXFILL_MAP : MIXFILL_CLASSIC;
}

/* The shape of an array that every mixture has: in an average with a row for each. */
static mixfill_npy_shape each(const mixfill_shape *s, mixfill_npy_shape one) {
    mixfill_npy_shape all = {one.n_dims + 1, {s->n_mixtures}};
    for (int32_t i = 0; i < one.n_dims; i++)
        all.dim[i + 1] = one.dim[i];
    return s->average ? all : one;
}

/* In file order within each place. */
void mixfill_mixtures_list(mixfill_array_list *out, mixfill_params *params) {
    mixfill_mixtures *p = (mixfill_mixtures *)params;
    const mixfill_shape *s = &params->shape;
    const mixfill_npy_type f8 = MIXFILL_NPY_FLOAT64;
    const int64_t k = s->n_components, d = s->n_items, n = s->n_users;
    p->variant = mixfill_variant_of(s->kind);
    p->n_items = s->n_items;
    p->n_components = s->n_components;
    p->kp = mixfill_padded(s->n_components);
    const mixfill_npy_shape means = each(s, mixfill_matrix(k, d));
    const mixfill_npy_shape vars = each(s, mixfill_vector((int64_t)mixfill_mixture_n_var(p)));
    const mixfill_npy_shape weights = each(s, mixfill_vector(k));
    const mixfill_npy_shape scalars = each(s, (mixfill_npy_shape){0});
    const mixfill_npy_shape resps = each(s, mixfill_matrix(n, k));
    const mixfill_array_place first = MIXFILL_BEFORE_IDS, middle = MIXFILL_AFTER_IDS,
                              last = MIXFILL_AFTER_BASELINES;
    const mixfill_array of_all[] = {
        {"mu", f8, MIXFILL_FINITE, means, &p->mu, "a mu is not finite", first, .padded = p->kp},
        {"weight", f8, MIXFILL_DISTRIBUTIONS, weights, &p->weight, "weight does not sum to 1",
         .place = middle},
        {"var", f8, MIXFILL_POSITIVE, vars, &p->var, "a var is not positive and finite",
         .place = middle},
    };
    const mixfill_array of_map[] = {
        {"s0", f8, MIXFILL_NOT_NEGATIVE, means, &p->s0, "an s0 is not finite and at least 0", first,
         .padded = p->kp},
        {"noise_mean", f8, MIXFILL_POSITIVE, scalars, &p->noise_mean,
         "noise_mean is not positive and finite", .place = last},
        {"offset_item", f8, MIXFILL_FINITE, mixfill_vector(d), &p->offset_item,
         "an offset is not finite", .place = last},
        {"offset_user", f8, MIXFILL_FINITE, mixfill_vector(n), &p->offset_user,
         "an offset is not finite", last, .per_user = true},
    };
    const mixfill_array resp = {"resp",
                                f8,
                                MIXFILL_DISTRIBUTIONS,
                                resps,
                                &p->resp,
                                "a row of resp does not sum to 1",
                                last,
                                .per_user = true,
                                .finished = true};
    for (size_t i = 0; i < sizeof of_all / sizeof of_all[0]; i++)
        mixfill_arrays_add(out, of_all[i]);
    for (size_t i = 0; i < sizeof of_map / sizeof of_map[0] && p->variant == MIXFILL_MAP; i++)
        mixfill_arrays_add(out, of_map[i]);
    mixfill_arrays_add(out, resp);
}

mixfill_mixtures mixfill_mixture_at(const mixfill_mixtures *all, int32_t i) {
    mixfill_mixtures one = *all;
    size_t at = (size_t)i, k = (size_t)all->n_components, means = (size_t)all->n_items * all->kp;
    one.head.shape.n_mixtures = 1;
    one.head.shape.average = false;
    one.weight += at * k;
    one.mu += at * means;
    one.var += at * mixfill_mixture_n_var(all);
    if (all->s0 != NULL) {
        one.s0 += at * means;
        one.noise_mean += at;
    }
    if (all->resp != NULL)
        one.resp += at * (size_t)all->head.shape.n_users * k;
    return one;
}

/* K - 1 weights, K D means, and the variances. */
int64_t mixfill_mixtures_n_parameters(const mixfill_model *model) {
    const mixfill_mixtures *p = mixfill_mixtures_of(model);
    int64_t k = p->n_components;
    return k - 1 + k * p->n_items + (int64_t)mixfill_mixture_n_var(p);
}

void mixfill_mixtures_keep(mixfill_params *average, const mixfill_params *params, int32_t start) {
    const mixfill_mixtures *from = (const mixfill_mixtures *)params;
    mixfill_mixtures to = mixfill_mixture_at((mixfill_mixtures *)average, start);
    size_t means = (size_t)from->n_items * from->kp;
    memcpy(to.weight, from->weight, (size_t)from->n_components * sizeof *to.weight);
    memcpy(to.mu, from->mu, means * sizeof *to.mu);
    memcpy(to.var, from->var, mixfill_mixture_n_var(from) * sizeof *to.var);
    memcpy(to.s0, from->s0, means * sizeof *to.s0);
    to.noise_mean[0] = from->noise_mean[0];
    /* offsets are those of every start */
    memcpy(to.offset_item, from->offset_item, (size_t)from->n_items * sizeof *to.offset_item);
    memcpy(to.offset_user, from->offset_user,
           (size_t)from->head.shape.n_users * sizeof *to.offset_user);
}
