/* Fold-in of mixtures: in map the user's offset by its formula, then one E-step on the model's
 * parameters (docs/model.md 2.6, 4.6). A user with the ratings of training gets the bits of
 * training. */
#include "mixture/mixture_people.h"

#include "mixture/posterior.h"
#include "model/offsets.h"

static mixfill_status alloc(mixfill_people *f, const mixfill_mixtures *p, mixfill_error *err) {
    size_t n = (size_t)f->n_users, mixtures = (size_t)p->head.shape.n_mixtures;
    bool map = p->variant == MIXFILL_MAP;
    f->width = (size_t)p->n_components;
    f->latent = mixfill_alloc(mixtures * n, f->width * sizeof *f->latent);
    f->offset = map ? mixfill_alloc(n, sizeof *f->offset) : NULL;
    f->count = mixfill_alloc(n, sizeof *f->count);
    if (f->latent != NULL && f->count != NULL && (!map || f->offset != NULL))
        return MIXFILL_OK;
    return mixfill_fail_nomem(err, "fold-in");
}

/* Only `rows` count: a rating of an unknown item says nothing of the component. */
mixfill_status mixfill_mixture_fold_in(mixfill_people *fold, const mixfill_model *m,
                                       const mixfill_ratings *ratings, const mixfill_ratings *rows,
                                       int32_t threads, mixfill_error *err) {
    const mixfill_mixtures *p = mixfill_mixtures_of(m);
    (void)ratings;
    mixfill_status st = alloc(fold, p, err);
    if (st != MIXFILL_OK)
        return st;
    size_t size = (size_t)fold->n_users * fold->width;
    mixfill_posterior_rows given = {rows, fold->offset};
    for (int32_t u = 0; u < fold->n_users; u++) {
        fold->count[u] = (int32_t)(rows->row_ptr[u + 1] - rows->row_ptr[u]);
        if (fold->offset != NULL)
            fold->offset[u] = mixfill_user_offset(rows, u, m->global_mean, p->offset_item,
                                                  mixfill_offset_shrinkage.user);
    }
    for (int32_t i = 0; st == MIXFILL_OK && i < p->head.shape.n_mixtures; i++)
        st = mixfill_posterior(m, i, fold->latent + (size_t)i * size, NULL, &given, threads, err);
    return st;
}

mixfill_person mixfill_mixture_known(const mixfill_model *m, int32_t u) {
    const mixfill_mixtures *p = mixfill_mixtures_of(m);
    size_t k = (size_t)p->n_components;
    return (mixfill_person){.latent = p->resp + (size_t)u * k,
                            .stride = (size_t)m->n_users * k,
                            .offset = p->offset_user != NULL ? p->offset_user[u] : 0,
                            .count = m->user_count[u]};
}

mixfill_person mixfill_mixture_unknown(const mixfill_model *m) {
    const mixfill_mixtures *p = mixfill_mixtures_of(m);
    return (mixfill_person){.latent = p->weight, .stride = (size_t)p->n_components};
}
