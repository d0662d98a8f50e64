/* People of a model. What a person is made of is the kind's; here ids become persons, and persons
 * folded in are handed out of the arrays that hold them. */
#include "model/people.h"

mixfill_person mixfill_person_known(const mixfill_model *model, int32_t u) {
    return model->kind->known(model, u);
}

mixfill_person mixfill_person_unknown(const mixfill_model *model) {
    return model->kind->unknown(model);
}

mixfill_found mixfill_find_user(const mixfill_model *model, const char *id, size_t len) {
    if (!mixfill_model_has_users(model))
        return (mixfill_found){-1, false};
    int32_t u = mixfill_ids_find(&model->user_ids, id, len);
    return (mixfill_found){u, u >= 0 && model->user_count[u] > 0};
}

mixfill_found mixfill_find_item(const mixfill_model *model, const char *id, size_t len) {
    int32_t j = mixfill_ids_find(&model->item_ids, id, len);
    return (mixfill_found){j, mixfill_model_rated(model, j)};
}

mixfill_person mixfill_person_of(const mixfill_model *model, mixfill_found user) {
    return user.known ? mixfill_person_known(model, user.index) : mixfill_person_unknown(model);
}

mixfill_person mixfill_people_at(const mixfill_people *fold, int32_t u) {
    size_t at = (size_t)u;
    return (mixfill_person){.latent = fold->latent != NULL ? fold->latent + at * fold->width : NULL,
                            .stride = (size_t)fold->n_users * fold->width,
                            .cov = fold->cov != NULL ? fold->cov + at * fold->cov_width : NULL,
                            .offset = fold->offset != NULL ? fold->offset[u] : 0,
                            .scale = fold->scale != NULL ? fold->scale[u] : 0,
                            .count = fold->count[u]};
}

void mixfill_people_clear(mixfill_people *fold) {
    mixfill_free(fold->latent);
    mixfill_free(fold->cov);
    mixfill_free(fold->offset);
    mixfill_free(fold->scale);
    mixfill_free(fold->count);
    *fold = (mixfill_people){0};
}
