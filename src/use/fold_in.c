/* Fold-in. */
#include "use/fold_in.h"

#include "factor/factor_fold.h"
#include "mixture/estep.h"
#include "model/offsets.h"
#include "ratings/align.h"

mixfill_person mixfill_person_known(const mixfill_model *m, int32_t u) {
    size_t k = (size_t)m->n_components;
    if (m->factors != NULL) {
        size_t q = (size_t)m->factors->rank, at = (size_t)u;
        return (mixfill_person){.count = m->user_count[u],
                                .factor = m->factors->user_factor + at * q,
                                .cov = m->factors->user_cov + at * mixfill_packed(q),
                                .scale = m->factors->user_scale[u]};
    }
    return (mixfill_person){.resp = m->resp + (size_t)u * k,
                            .stride = (size_t)m->n_users * k,
                            .offset = m->offset_user != NULL ? m->offset_user[u] : 0,
                            .count = m->user_count[u]};
}

mixfill_person mixfill_person_unknown(const mixfill_model *m) {
    if (m->factors != NULL)
        return (mixfill_person){.factor = m->factors->xi, .scale = 1};
    return (mixfill_person){.resp = m->weight, .stride = (size_t)m->n_components};
}

mixfill_person mixfill_fold_person(const mixfill_fold *fold, int32_t u) {
    size_t k = (size_t)fold->n_components, q = (size_t)fold->rank, at = (size_t)u;
    if (fold->factor != NULL)
        return (mixfill_person){.count = fold->count[u],
                                .factor = fold->factor + at * q,
                                .cov = fold->cov + at * mixfill_packed(q),
                                .scale = fold->scale[u]};
    return (mixfill_person){.resp = fold->resp + (size_t)u * k,
                            .stride = (size_t)fold->n_users * k,
                            .offset = fold->offset != NULL ? fold->offset[u] : 0,
                            .count = fold->count[u]};
}

void mixfill_fold_clear(mixfill_fold *fold) {
    mixfill_free(fold->resp);
    mixfill_free(fold->offset);
    mixfill_free(fold->count);
    mixfill_free(fold->factor);
    mixfill_free(fold->cov);
    mixfill_free(fold->scale);
    *fold = (mixfill_fold){0};
}

static mixfill_status alloc_fold(mixfill_fold *f, const mixfill_model *m, mixfill_error *err) {
    size_t n = (size_t)f->n_users, mixtures = (size_t)m->n_mixtures;
    bool map = m->kind == MIXFILL_MODEL_MAP;
    f->resp = mixfill_alloc(mixtures * n, (size_t)m->n_components * sizeof *f->resp);
    f->offset = map ? mixfill_alloc(n, sizeof *f->offset) : NULL;
    f->count = mixfill_alloc(n, sizeof *f->count);
    if (f->resp != NULL && f->count != NULL && (!map || f->offset != NULL))
        return MIXFILL_OK;
    return mixfill_fail_nomem(err, "fold-in");
}

static mixfill_status fold_factor(mixfill_fold *f, const mixfill_model *m,
                                  const mixfill_ratings *ratings, const mixfill_ratings *rows,
                                  int32_t threads, mixfill_error *err) {
    size_t n = (size_t)f->n_users, q = (size_t)m->factors->rank;
    f->rank = m->factors->rank;
    f->factor = mixfill_alloc(n, q * sizeof *f->factor);
    f->cov = mixfill_alloc(n, mixfill_packed(q) * sizeof *f->cov);
    f->scale = mixfill_alloc(n, sizeof *f->scale);
    f->count = mixfill_alloc(n, sizeof *f->count);
    if (f->factor == NULL || f->cov == NULL || f->scale == NULL || f->count == NULL)
        return mixfill_fail_nomem(err, "fold-in");
    mixfill_factor_users users = {f->factor, f->cov, f->scale, f->count};
    return mixfill_factor_fold(m, &users, ratings, rows, threads, err);
}

/* rows: numbered as the model's items. */
static mixfill_status fold_rows(mixfill_fold *f, const mixfill_model *m,
                                const mixfill_ratings *rows, int32_t threads, mixfill_error *err) {
    mixfill_status st = alloc_fold(f, m, err);
    if (st != MIXFILL_OK)
        return st;
    size_t size = (size_t)f->n_users * (size_t)f->n_components;
    mixfill_fold_rows fold = {rows, f->offset};
    for (int32_t u = 0; u < f->n_users; u++) {
        f->count[u] = (int32_t)(rows->row_ptr[u + 1] - rows->row_ptr[u]);
        if (f->offset != NULL)
            f->offset[u] = mixfill_user_offset(rows, u, m->global_mean, m->offset_item,
                                               mixfill_map_shrinkage.user);
    }
    for (int32_t i = 0; st == MIXFILL_OK && i < m->n_mixtures; i++)
        st = mixfill_posterior(m, i, f->resp + (size_t)i * size, NULL, &fold, threads, err);
    return st;
}

mixfill_status mixfill_fold_init(mixfill_fold *fold, const mixfill_model *model,
                                 const mixfill_ratings *ratings, int32_t threads,
                                 mixfill_error *err) {
    mixfill_ratings *aligned = NULL;
    mixfill_status st = MIXFILL_OK;
    *fold = (mixfill_fold){.n_users = ratings->n_users, .n_components = model->n_components};
    if (!mixfill_ids_same(&ratings->item_ids, &model->item_ids))
        MIXFILL_TRY(
            mixfill_ratings_align(&aligned, &fold->dropped, ratings, &model->item_ids, err));
    const mixfill_ratings *rows = aligned != NULL ? aligned : ratings;
    st = model->factors != NULL ? fold_factor(fold, model, ratings, rows, threads, err)
                                : fold_rows(fold, model, rows, threads, err);
done:
    mixfill_ratings_free(aligned);
    if (st != MIXFILL_OK)
        mixfill_fold_clear(fold);
    return st;
}
