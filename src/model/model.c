/* Allocation, checks and summary of a model, whatever its kind. What every kind has, the baselines
 * and the ratings' figures, is listed here as the kinds list their parameters. */
#include "model/model.h"

void mixfill_model_list(mixfill_array_list *out, mixfill_model *m) {
    const mixfill_npy_type f8 = MIXFILL_NPY_FLOAT64, i4 = MIXFILL_NPY_INT32;
    const mixfill_npy_shape scalar = {0}, users = mixfill_vector(m->n_users),
                            items = mixfill_vector(m->n_items);
    const char *const global = "global_mean or global_sd is not finite";
    const char *const of_item = "an item's baseline is not finite";
    const char *const of_user = "a user's baseline is not finite";
    const mixfill_array all[] = {
        {"global_mean", f8, MIXFILL_FINITE, scalar, &m->global_mean, .in_place = true,
         .fault = global},
        {"global_sd", f8, MIXFILL_NOT_NEGATIVE, scalar, &m->global_sd, .in_place = true,
         .fault = global},
        {"rating_range", f8, MIXFILL_FINITE, mixfill_vector(2), m->rating_range, .in_place = true,
         .fault = "rating_range is not a range"},
        {"item_mean", f8, MIXFILL_FINITE, items, &m->item_mean, .fault = of_item},
        {"item_bias", f8, MIXFILL_FINITE, items, &m->item_bias, .fault = of_item},
        {"item_count", i4, MIXFILL_NOT_NEGATIVE, items, &m->item_count,
         .fault = "an item_count is negative"},
        {"user_mean", f8, MIXFILL_FINITE, users, &m->user_mean, .per_user = true, .fault = of_user},
        {"user_bias", f8, MIXFILL_FINITE, users, &m->user_bias, .per_user = true, .fault = of_user},
        {"user_count", i4, MIXFILL_NOT_NEGATIVE, users, &m->user_count, .per_user = true,
         .fault = "a user_count is negative"},
    };
    out->n = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        mixfill_arrays_add(out, all[i]);
}

mixfill_model *mixfill_model_create(const mixfill_kind *kind, const mixfill_options *options,
                                    int32_t n_users, int32_t n_items, bool with_users) {
    mixfill_array_list list;
    mixfill_model *m = mixfill_alloc_zero(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->kind = kind;
    m->options = *options;
    m->n_users = n_users;
    m->n_items = n_items;
    mixfill_model_list(&list, m);
    if (mixfill_arrays_alloc(&list, (mixfill_scope){.users = with_users, .finished = true}))
        return m;
    mixfill_model_free(m);
    return NULL;
}

void mixfill_model_free(mixfill_model *model) {
    mixfill_array_list list;
    if (model == NULL)
        return;
    mixfill_model_list(&list, model);
    mixfill_arrays_free(&list);
    mixfill_params_free(model->params);
    mixfill_free(model->log_likelihood);
    mixfill_free(model->rmse);
    mixfill_ids_clear(&model->user_ids);
    mixfill_ids_clear(&model->item_ids);
    mixfill_free(model);
}

void mixfill_model_drop_users(mixfill_model *model) {
    mixfill_array_list list;
    mixfill_model_list(&list, model);
    mixfill_arrays_free_users(&list);
    mixfill_params_list(&list, model->params);
    mixfill_arrays_free_users(&list);
    mixfill_ids_clear(&model->user_ids);
    model->options.keep_users = false;
}

/* NULL, or what is wrong. */
static const char *fault_of(const mixfill_model *model) {
    mixfill_array_list list;
    mixfill_model shallow = *model;
    mixfill_params_list(&list, shallow.params);
    const char *fault = mixfill_arrays_fault(&list);
    if (fault == NULL && model->kind->fault != NULL)
        fault = model->kind->fault(model);
    if (fault != NULL)
        return fault;
    mixfill_model_list(&list, &shallow);
    fault = mixfill_arrays_fault(&list);
    if (fault == NULL && model->rating_range[0] > model->rating_range[1])
        return "rating_range is not a range";
    if (fault == NULL && model->item_ids.n != model->n_items)
        return "item_ids are not distinct";
    if (fault == NULL && mixfill_model_has_users(model) && model->user_ids.n != model->n_users)
        return "user_ids are not distinct";
    return fault;
}

mixfill_status mixfill_model_validate(const mixfill_model *model, const char *path,
                                      mixfill_error *err) {
    const char *fault = fault_of(model);
    if (fault != NULL)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: invalid model: %s", path, fault);
    return MIXFILL_OK;
}

size_t mixfill_model_bytes_of_shape(int32_t n_users, int32_t n_items) {
    mixfill_array_list list;
    mixfill_model outline = {.n_users = n_users, .n_items = n_items};
    mixfill_model_list(&list, &outline);
    return mixfill_arrays_bytes(&list, (mixfill_scope){.users = true, .finished = true});
}

size_t mixfill_model_bytes(const mixfill_model *m) {
    mixfill_array_list list;
    mixfill_model shallow = *m;
    const mixfill_scope scope = {.users = mixfill_model_has_users(m), .finished = true};
    mixfill_model_list(&list, &shallow);
    size_t bytes = mixfill_arrays_bytes(&list, scope);
    mixfill_params_list(&list, shallow.params);
    return bytes + mixfill_arrays_bytes(&list, scope) + mixfill_ids_bytes(&m->user_ids) +
           mixfill_ids_bytes(&m->item_ids);
}

void mixfill_model_summarize(const mixfill_model *model, mixfill_model_summary *out) {
    *out = (mixfill_model_summary){
        .kind = model->kind->id,
        .compat = model->kind->compat,
        .n_mixtures = model->params->shape.n_mixtures,
        .has_users = mixfill_model_has_users(model),
        .n_users = model->n_users,
        .n_items = model->n_items,
        .n_components = model->options.n_components,
        .n_ratings = model->n_ratings,
        .seed = model->options.seed,
        .iterations = model->iterations,
        .log_likelihood = model->iterations > 0 ? model->log_likelihood[model->iterations - 1] : 0,
        .global_mean = model->global_mean,
        .global_sd = model->global_sd,
        .rating_min = model->rating_range[0],
        .rating_max = model->rating_range[1],
        .bytes = mixfill_model_bytes(model),
    };
    if (model->kind->summarize != NULL)
        model->kind->summarize(model, out);
}

int64_t mixfill_model_n_parameters(const mixfill_model *model) {
    return model->kind->n_parameters(model);
}

double mixfill_model_log_likelihood(const mixfill_model *model, int32_t i) {
    return model->log_likelihood[i];
}
