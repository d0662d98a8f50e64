/* Allocation, checks and summary of a model. */
#include "model/model.h"

#include <math.h>

static bool alloc_mixtures(mixfill_model *m, size_t n, bool with_users) {
    size_t d = (size_t)m->n_items, k = (size_t)m->n_components, users = (size_t)m->n_users;
    m->weight = mixfill_alloc_zero(n, k * sizeof *m->weight);
    m->mu = mixfill_alloc_zero(n * d, m->kp * sizeof *m->mu);
    m->var = mixfill_alloc_zero(n, mixfill_model_n_var(m) * sizeof *m->var);
    if (with_users)
        m->resp = mixfill_alloc_zero(n * users, k * sizeof *m->resp);
    return m->weight != NULL && m->mu != NULL && m->var != NULL && (!with_users || m->resp != NULL);
}

static bool alloc_map(mixfill_model *m, size_t n, bool with_users) {
    size_t d = (size_t)m->n_items, users = (size_t)m->n_users;
    m->s0 = mixfill_alloc_zero(n * d, m->kp * sizeof *m->s0);
    m->noise_mean = mixfill_alloc_zero(n, sizeof *m->noise_mean);
    m->offset_item = mixfill_alloc_zero(d, sizeof *m->offset_item);
    if (with_users)
        m->offset_user = mixfill_alloc_zero(users, sizeof *m->offset_user);
    return m->s0 != NULL && m->noise_mean != NULL && m->offset_item != NULL &&
           (!with_users || m->offset_user != NULL);
}

static bool alloc_baselines(mixfill_model *m, bool with_users) {
    size_t d = (size_t)m->n_items, users = (size_t)m->n_users;
    m->item_mean = mixfill_alloc_zero(d, sizeof *m->item_mean);
    m->item_bias = mixfill_alloc_zero(d, sizeof *m->item_bias);
    m->item_count = mixfill_alloc_zero(d, sizeof *m->item_count);
    bool ok = m->item_mean != NULL && m->item_bias != NULL && m->item_count != NULL;
    if (!with_users)
        return ok;
    m->user_mean = mixfill_alloc_zero(users, sizeof *m->user_mean);
    m->user_bias = mixfill_alloc_zero(users, sizeof *m->user_bias);
    m->user_count = mixfill_alloc_zero(users, sizeof *m->user_count);
    return ok && m->user_mean != NULL && m->user_bias != NULL && m->user_count != NULL;
}

mixfill_model *mixfill_model_alloc(const mixfill_model_shape *shape) {
    mixfill_model *m = mixfill_alloc_zero(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->kind = shape->kind;
    m->n_users = shape->n_users;
    m->n_items = shape->n_items;
    m->n_components = shape->n_components;
    m->n_mixtures = shape->n_mixtures;
    m->kp = mixfill_padded(shape->n_components);
    size_t n = (size_t)shape->n_mixtures;
    bool users = shape->with_users, factor = m->kind == MIXFILL_MODEL_FACTOR;
    if (alloc_baselines(m, users) && (factor || alloc_mixtures(m, n, users)) &&
        (m->kind != MIXFILL_MODEL_MAP || alloc_map(m, n, users)))
        return m;
    mixfill_model_free(m);
    return NULL;
}

mixfill_mixture mixfill_model_mixture(const mixfill_model *m, int32_t i) {
    size_t at = (size_t)i, k = (size_t)m->n_components, means = (size_t)m->n_items * m->kp;
    return (mixfill_mixture){
        .weight = m->weight + at * k,
        .mu = m->mu + at * means,
        .var = m->var + at * mixfill_model_n_var(m),
        .resp = m->resp != NULL ? m->resp + at * (size_t)m->n_users * k : NULL,
        .s0 = m->s0 != NULL ? m->s0 + at * means : NULL,
        .noise_mean = m->noise_mean != NULL ? m->noise_mean[i] : 0,
    };
}

void mixfill_model_free(mixfill_model *model) {
    if (model == NULL)
        return;
    mixfill_free(model->weight);
    mixfill_free(model->mu);
    mixfill_free(model->var);
    mixfill_free(model->resp);
    mixfill_free(model->s0);
    mixfill_free(model->noise_mean);
    mixfill_free(model->offset_user);
    mixfill_free(model->offset_item);
    mixfill_free(model->user_mean);
    mixfill_free(model->user_bias);
    mixfill_free(model->user_count);
    mixfill_free(model->item_mean);
    mixfill_free(model->item_bias);
    mixfill_free(model->item_count);
    mixfill_free(model->log_likelihood);
    mixfill_factors_free(model->factors);
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

static bool all_positive(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(x[i] > 0 && isfinite(x[i])))
            return false;
    return true;
}

static bool rows_are_distributions(const double *p, size_t rows, int32_t n) {
    for (size_t i = 0; i < rows; i++)
        if (!is_distribution(p + i * (size_t)n, n))
            return false;
    return true;
}

/* NULL, or what is wrong with the parameters. */
static const char *parameter_fault(const mixfill_model *m) {
    size_t n = (size_t)m->n_mixtures, users = (size_t)m->n_users;
    if (!rows_are_distributions(m->weight, n, m->n_components))
        return "weight does not sum to 1";
    if (!all_positive(m->var, n * mixfill_model_n_var(m)))
        return "a var is not positive and finite";
    if (!all_finite(m->mu, n * (size_t)m->n_items * m->kp))
        return "a mu is not finite";
    if (mixfill_model_has_users(m) && !rows_are_distributions(m->resp, n * users, m->n_components))
        return "a row of resp does not sum to 1";
    return NULL;
}

/* The same of what only `map` has. */
static const char *map_fault(const mixfill_model *m) {
    size_t n = (size_t)m->n_mixtures, means = n * (size_t)m->n_items * m->kp;
    for (size_t i = 0; i < means; i++)
        if (!(m->s0[i] >= 0 && isfinite(m->s0[i])))
            return "an s0 is not finite and at least 0";
    if (!all_positive(m->noise_mean, n))
        return "noise_mean is not positive and finite";
    if (!all_finite(m->offset_item, (size_t)m->n_items) ||
        (m->offset_user != NULL && !all_finite(m->offset_user, (size_t)m->n_users)))
        return "an offset is not finite";
    return m->prior_strength >= 0 && isfinite(m->prior_strength)
               ? NULL
               : "prior_strength is not finite and at least 0";
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
    const char *fault =
        model->factors != NULL ? mixfill_factors_fault(model->factors) : parameter_fault(model);
    if (fault == NULL && model->kind == MIXFILL_MODEL_MAP)
        fault = map_fault(model);
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

/* Bytes of the mixtures, or of the factors. */
static size_t parameter_bytes(const mixfill_model_shape *shape) {
    const size_t real = sizeof(double);
    if (shape->kind == MIXFILL_MODEL_FACTOR)
        return mixfill_factors_bytes(shape->n_users, shape->n_items, shape->rank,
                                     shape->with_users);
    bool map = shape->kind == MIXFILL_MODEL_MAP;
    size_t n = (size_t)shape->n_mixtures, k = (size_t)shape->n_components;
    size_t users = shape->with_users ? (size_t)shape->n_users : 0, items = (size_t)shape->n_items;
    size_t mixture = k + users * k + items * mixfill_padded(shape->n_components) * (map ? 2 : 1) +
                     (map ? items + 1 : k);
    return n * mixture * real + (map ? (users + items) * real : 0);
}

size_t mixfill_model_bytes_of_shape(const mixfill_model_shape *shape) {
    size_t users = shape->with_users ? (size_t)shape->n_users : 0, items = (size_t)shape->n_items;
    size_t baselines = 2 * sizeof(double) + sizeof(int32_t);
    return (users + items) * baselines + parameter_bytes(shape);
}

size_t mixfill_model_bytes(const mixfill_model *m) {
    mixfill_model_shape shape = {m->kind,
                                 m->n_users,
                                 m->n_items,
                                 m->n_components,
                                 m->n_mixtures,
                                 mixfill_model_has_users(m),
                                 m->factors != NULL ? m->factors->rank : 0};
    return mixfill_model_bytes_of_shape(&shape) + mixfill_ids_bytes(&m->user_ids) +
           mixfill_ids_bytes(&m->item_ids);
}

void mixfill_model_summarize(const mixfill_model *model, mixfill_model_summary *out) {
    *out = (mixfill_model_summary){
        .kind = model->kind,
        .notebook = model->notebook,
        .n_mixtures = model->n_mixtures,
        .has_users = mixfill_model_has_users(model),
        .n_users = model->n_users,
        .n_items = model->n_items,
        .n_components = model->n_components,
        .rank = model->factors != NULL ? model->factors->rank : 0,
        .implicit = model->implicit,
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

int64_t mixfill_model_n_parameters(const mixfill_model *model) {
    int64_t k = model->n_components;
    if (model->factors != NULL) {
        int64_t q = model->factors->rank, d = model->n_items;
        return d * (q + 2) + (model->implicit ? d * q : 0) + q + q * (q + 1) / 2;
    }
    return k - 1 + k * model->n_items + (int64_t)mixfill_model_n_var(model);
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

double mixfill_model_loading(const mixfill_model *model, int32_t j, int32_t i) {
    return model->factors->w[(size_t)j * ((size_t)model->factors->rank + 1) + (size_t)i];
}

double mixfill_model_factor(const mixfill_model *model, int32_t u, int32_t i) {
    return model->factors->user_factor[(size_t)u * (size_t)model->factors->rank + (size_t)i];
}

double mixfill_model_log_likelihood(const mixfill_model *model, int32_t i) {
    return model->log_likelihood[i];
}
