/* Allocation, checks and summary of a model. */
#include "model.h"

#include <math.h>

mixfill_model *mixfill_model_alloc(int32_t n_users, int32_t n_items, int32_t n_components,
                                   bool with_users) {
    mixfill_model *m = mixfill_alloc_zero(1, sizeof *m);
    if (m == NULL)
        return NULL;
    size_t n = (size_t)n_users, d = (size_t)n_items, k = (size_t)n_components;
    m->n_users = n_users;
    m->n_items = n_items;
    m->n_components = n_components;
    m->kp = mixfill_padded(n_components);
    m->weight = mixfill_alloc_zero(k, sizeof *m->weight);
    m->mu = mixfill_alloc_zero(d, m->kp * sizeof *m->mu);
    m->var = mixfill_alloc_zero(k, sizeof *m->var);
    m->item_mean = mixfill_alloc_zero(d, sizeof *m->item_mean);
    m->item_bias = mixfill_alloc_zero(d, sizeof *m->item_bias);
    m->item_count = mixfill_alloc_zero(d, sizeof *m->item_count);
    bool ok = m->weight != NULL && m->mu != NULL && m->var != NULL && m->item_mean != NULL &&
              m->item_bias != NULL && m->item_count != NULL;
    if (ok && with_users) {
        m->resp = mixfill_alloc_zero(n, k * sizeof *m->resp);
        m->user_mean = mixfill_alloc_zero(n, sizeof *m->user_mean);
        m->user_bias = mixfill_alloc_zero(n, sizeof *m->user_bias);
        m->user_count = mixfill_alloc_zero(n, sizeof *m->user_count);
        ok = m->resp != NULL && m->user_mean != NULL && m->user_bias != NULL &&
             m->user_count != NULL;
    }
    if (!ok) {
        mixfill_model_free(m);
        return NULL;
    }
    return m;
}

void mixfill_model_free(mixfill_model *model) {
    if (model == NULL)
        return;
    mixfill_free(model->weight);
    mixfill_free(model->mu);
    mixfill_free(model->var);
    mixfill_free(model->resp);
    mixfill_free(model->user_mean);
    mixfill_free(model->user_bias);
    mixfill_free(model->user_count);
    mixfill_free(model->item_mean);
    mixfill_free(model->item_bias);
    mixfill_free(model->item_count);
    mixfill_free(model->log_likelihood);
    mixfill_ids_clear(&model->user_ids);
    mixfill_ids_clear(&model->item_ids);
    mixfill_free(model);
}

static bool all_finite(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* n numbers >= 0 that sum to 1, up to the rounding of a sum. */
static bool is_distribution(const double *p, int32_t n) {
    double sum = 0;
    for (int32_t k = 0; k < n; k++) {
        if (!(p[k] >= 0))
            return false;
        sum += p[k];
    }
    return fabs(sum - 1) <= 1e-9;
}

static bool any_negative(const int32_t *count, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        if (count[i] < 0)
            return true;
    return false;
}

/* NULL, or what is wrong with the parameters. */
static const char *parameter_fault(const mixfill_model *m) {
    if (!is_distribution(m->weight, m->n_components))
        return "weight does not sum to 1";
    for (int32_t k = 0; k < m->n_components; k++)
        if (!(m->var[k] > 0 && isfinite(m->var[k])))
            return "a var is not positive and finite";
    if (!all_finite(m->mu, (size_t)m->n_items * m->kp))
        return "a mu is not finite";
    if (!mixfill_model_has_users(m))
        return NULL;
    for (int32_t u = 0; u < m->n_users; u++)
        if (!is_distribution(m->resp + (size_t)u * (size_t)m->n_components, m->n_components))
            return "a row of resp does not sum to 1";
    return NULL;
}

static const char *baseline_fault(const mixfill_model *m) {
    size_t n = (size_t)m->n_users, d = (size_t)m->n_items;
    if (!isfinite(m->global_mean) || !(m->global_sd >= 0 && isfinite(m->global_sd)))
        return "global_mean or global_sd is not finite";
    if (!isfinite(m->rating_min) || !isfinite(m->rating_max) || m->rating_min > m->rating_max)
        return "rating_range is not a range";
    if (!all_finite(m->item_mean, d) || !all_finite(m->item_bias, d))
        return "an item's baseline is not finite";
    if (any_negative(m->item_count, m->n_items))
        return "an item_count is negative";
    if (!mixfill_model_has_users(m))
        return NULL;
    if (!all_finite(m->user_mean, n) || !all_finite(m->user_bias, n))
        return "a user's baseline is not finite";
    return any_negative(m->user_count, m->n_users) ? "a user_count is negative" : NULL;
}

mixfill_status mixfill_model_validate(const mixfill_model *model, const char *path,
                                      mixfill_error *err) {
    const char *fault = parameter_fault(model);
    if (fault == NULL)
        fault = baseline_fault(model);
    if (fault == NULL && model->item_ids.n != model->n_items)
        fault = "item_ids are not distinct";
    if (fault == NULL && mixfill_model_has_users(model) && model->user_ids.n != model->n_users)
        fault = "user_ids are not distinct";
    if (fault != NULL)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: invalid model: %s", path, fault);
    return MIXFILL_OK;
}

size_t mixfill_model_bytes_of_shape(int32_t n_users, int32_t n_items, int32_t n_components,
                                    bool with_users) {
    size_t k = (size_t)n_components * sizeof(double);
    size_t kp = mixfill_padded(n_components) * sizeof(double);
    size_t baselines = 2 * sizeof(double) + sizeof(int32_t);
    size_t users = with_users ? (size_t)n_users * (k + baselines) : 0;
    return users + (size_t)n_items * (kp + baselines) + 2 * k;
}

size_t mixfill_model_bytes(const mixfill_model *m) {
    return mixfill_model_bytes_of_shape(m->n_users, m->n_items, m->n_components,
                                        mixfill_model_has_users(m)) +
           mixfill_ids_bytes(&m->user_ids) + mixfill_ids_bytes(&m->item_ids);
}

void mixfill_model_summarize(const mixfill_model *model, mixfill_model_summary *out) {
    *out = (mixfill_model_summary){
        .kind = model->kind,
        .notebook = model->notebook,
        .has_users = mixfill_model_has_users(model),
        .n_users = model->n_users,
        .n_items = model->n_items,
        .n_components = model->n_components,
        .n_ratings = model->n_ratings,
        .seed = model->seed,
        .iterations = model->iterations,
        .log_likelihood = model->iterations > 0 ? model->log_likelihood[model->iterations - 1] : 0,
        .global_mean = model->global_mean,
        .global_sd = model->global_sd,
        .rating_min = model->rating_min,
        .rating_max = model->rating_max,
        .bytes = mixfill_model_bytes(model),
    };
}

double mixfill_model_weight(const mixfill_model *model, int32_t k) {
    return model->weight[k];
}

double mixfill_model_var(const mixfill_model *model, int32_t k) {
    return model->var[k];
}

double mixfill_model_mean(const mixfill_model *model, int32_t k, int32_t j) {
    return model->mu[(size_t)j * model->kp + (size_t)k];
}

double mixfill_model_responsibility(const mixfill_model *model, int32_t u, int32_t k) {
    return model->resp[(size_t)u * (size_t)model->n_components + (size_t)k];
}

double mixfill_model_log_likelihood(const mixfill_model *model, int32_t i) {
    return model->log_likelihood[i];
}
