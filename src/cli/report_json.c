/* A report as JSON. What a kind of model or a run without ratings does not have is null, so that a
 * program finds the same keys always; settings of the other kinds are left out. Ids, titles and
 * paths may be any bytes: they are shown as on the page, where what is no UTF-8 is replaced. Its
 * nested parts, below what mixfill_model_summary says of the model:
 *
 *     settings: {...}, history: [{iteration, log_likelihood, rmse}],
 *     components: [{weight, var, n_users, up: [ITEM], down: [ITEM]}],
 *     axes: [{sd, up: [ITEM], down: [ITEM]}],
 *     responsibilities: {n_users, mean_largest, largest: [{above, to, n_users}]},
 *     ratings: {path, n, ..., baselines: {global_mean, user_mean, item_mean, bias}, parts,
 *               by_user_count, by_item_count: [{least, most, n, rmse, rmse_bias}],
 *               calibration: {coverage: [{nominal, observed}],
 *                             by_rating: [{low, high, n, predicted, observed}]}}
 *
 * where ITEM is {item, title, departure, support, n_ratings}. */
#include "cli/report_json.h"

#include "cli/html.h"
#include "cli/print.h"

#include <stdlib.h>

/* Items of a component or an axis, in the report's order, largest departure first. */
static json_t *items_json(const report_page *page, const mixfill_report_item *items, int32_t n) {
    json_t *list = json_array();
    for (int32_t i = 0; i < n; i++) {
        const char *title = report_title(page, items[i].id);
        json_array_append_new(
            list, json_pack("{s:o, s:o*, s:o, s:o, s:i}", "item", cli_text_json(items[i].id),
                            "title", title != NULL ? cli_text_json(title) : NULL, "departure",
                            cli_real(items[i].departure), "support", cli_real(items[i].support),
                            "n_ratings", items[i].count));
    }
    return list;
}

/* null for a model without components. n_users is null where the model was saved without its
 * users. */
static json_t *components_json(const report_page *page) {
    const mixfill_report *r = page->report;
    if (r->n_components == 0)
        return json_null();
    json_t *list = json_array();
    for (int32_t k = 0; k < r->n_components; k++) {
        const mixfill_report_component *c = &r->components[k];
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o, s:o, s:o}", "weight", cli_real(c->weight),
                                        "var", cli_real(c->var), "n_users",
                                        r->model.has_users ? json_integer(c->n_users) : json_null(),
                                        "up", items_json(page, c->up, c->n_up), "down",
                                        items_json(page, c->down, c->n_down)));
    }
    return list;
}

/* null for a model without axes. */
static json_t *axes_json(const report_page *page) {
    const mixfill_report *r = page->report;
    if (r->n_axes == 0)
        return json_null();
    json_t *list = json_array();
    for (int32_t k = 0; k < r->n_axes; k++) {
        const mixfill_report_axis *a = &r->axes[k];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "sd", cli_real(a->sd), "up",
                                              items_json(page, a->up, a->n_up), "down",
                                              items_json(page, a->down, a->n_down)));
    }
    return list;
}

/* How sure the model is of its users: bins of their largest responsibility, (above, to]. */
static json_t *responsibilities_json(const mixfill_report *r) {
    if (r->n_components == 0 || !r->model.has_users)
        return json_null();
    json_t *bins = json_array();
    for (int i = 0; i < MIXFILL_REPORT_SHARES; i++)
        json_array_append_new(bins, json_pack("{s:o, s:o, s:I}", "above",
                                              cli_real((double)i / MIXFILL_REPORT_SHARES), "to",
                                              cli_real((i + 1.0) / MIXFILL_REPORT_SHARES),
                                              "n_users", (json_int_t)r->largest[i]));
    return json_pack("{s:I, s:o, s:o}", "n_users", (json_int_t)r->n_rated_users, "mean_largest",
                     cli_real(r->mean_largest), "largest", bins);
}

/* Errors by number of training ratings, from least to most; bins without ratings are left out. */
static json_t *counts_json(const mixfill_report_count_bin *bins) {
    json_t *list = json_array();
    for (int i = 0; i < MIXFILL_REPORT_COUNTS; i++)
        if (bins[i].n > 0)
            json_array_append_new(
                list, json_pack("{s:i, s:o, s:I, s:o, s:o}", "least", bins[i].least, "most",
                                bins[i].most < INT32_MAX ? json_integer(bins[i].most) : json_null(),
                                "n", (json_int_t)bins[i].n, "rmse", cli_real(bins[i].rmse),
                                "rmse_bias", cli_real(bins[i].rmse_bias)));
    return list;
}

/* Whether predicted intervals cover what they should, and whether predictions are right on average;
 * bins without ratings are left out. */
static json_t *calibration_json(const mixfill_report_accuracy *a) {
    json_t *coverage = json_array(), *ratings = json_array();
    for (int i = 0; i < MIXFILL_REPORT_LEVELS; i++)
        json_array_append_new(coverage, json_pack("{s:o, s:o}", "nominal", cli_real(a->nominal[i]),
                                                  "observed", cli_real(a->coverage[i])));
    for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++) {
        const mixfill_report_rating_bin *bin = &a->by_rating[i];
        if (bin->n > 0)
            json_array_append_new(
                ratings, json_pack("{s:o, s:o, s:I, s:o, s:o}", "low", cli_real(bin->low), "high",
                                   cli_real(bin->high), "n", (json_int_t)bin->n, "predicted",
                                   cli_real(bin->predicted), "observed", cli_real(bin->observed)));
    }
    return json_pack("{s:o, s:o}", "coverage", coverage, "by_rating", ratings);
}

/* null without --ratings. */
static json_t *accuracy_json(const mixfill_report *r, const char *ratings) {
    if (!r->has_accuracy)
        return json_null();
    const mixfill_evaluation *e = &r->accuracy.all;
    return json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:o, s:o, s:o, s:o}",
        "path", cli_text_json(ratings), "n", (json_int_t)e->n, "n_known",
        (json_int_t)e->part[1][1].n, "n_unknown_user", (json_int_t)e->n_unknown_user,
        "n_unknown_item", (json_int_t)e->n_unknown_item, "rmse", cli_real(e->rmse), "mae",
        cli_real(e->mae), "rmse_known", cli_real(e->part[1][1].rmse), "log_likelihood_per_rating",
        cli_real(e->log_likelihood_per_rating), "baselines", "global_mean",
        cli_real(e->rmse_global_mean), "user_mean", cli_real(e->rmse_user_mean), "item_mean",
        cli_real(e->rmse_item_mean), "bias", cli_real(e->rmse_bias), "parts", cli_parts_json(e),
        "by_user_count", counts_json(r->accuracy.by_user), "by_item_count",
        counts_json(r->accuracy.by_item), "calibration", calibration_json(&r->accuracy));
}

/* Of the start that was kept; rmse is there where ratings were held out. */
static json_t *history_json(const mixfill_report *r) {
    json_t *history = json_array();
    for (int32_t i = 0; i < r->model.iterations; i++)
        json_array_append_new(history,
                              json_pack("{s:i, s:o, s:o*}", "iteration", i + 1, "log_likelihood",
                                        cli_real(r->log_likelihood[i]), "rmse",
                                        r->rmse != NULL ? cli_real(r->rmse[i]) : NULL));
    return history;
}

/* The value of a setting, or NULL where the kind of model does not heed it. */
static json_t *heeded(const mixfill_options *o, const char *field, json_t *value) {
    if (mixfill_model_kind_heeds(o->model, field))
        return value;
    json_decref(value);
    return NULL;
}

/* What belongs to the other kinds of model is left out. `average` is told of every mixture, be it
 * only to say that there was nothing to average. */
static json_t *settings_json(const mixfill_options *o) {
    bool mixture = mixfill_model_kind_info(o->model).has_components;
    return json_pack("{s:i, s:o*, s:i, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*}", "n_init",
                     o->n_init, "tol", heeded(o, "tol", cli_real(o->tol)), "max_iter", o->max_iter,
                     "min_var", heeded(o, "min_var", cli_real(o->min_var)), "min_support",
                     heeded(o, "min_support", cli_real(o->min_support)), "prior_strength",
                     heeded(o, "prior_strength", cli_real(o->prior_strength)), "average",
                     mixture ? json_boolean(o->average) : NULL, "rank",
                     heeded(o, "rank", json_integer(o->rank)), "implicit",
                     heeded(o, "implicit", json_boolean(o->implicit)), "implicit_strength",
                     heeded(o, "implicit_strength", cli_real(o->implicit_strength)));
}

/* Every key the page has a place for, whatever the model. */
json_t *report_json(const report_page *page, const char *model, const char *output,
                    const char *ratings) {
    const mixfill_report *r = page->report;
    const mixfill_model_summary *m = &r->model;
    return json_pack(
        "{s:o, s:o, s:s, s:s?, s:i, s:i, s:I, s:i, s:i, s:b, s:I, s:[o, o], s:o, s:o, s:o, s:i, "
        "s:o, s:o, s:o, s:o, s:o, s:o}",
        "path", cli_text_json(model), "output", cli_text_json(output), "model",
        mixfill_model_kind_name(m->kind), "compat", m->compat, "n_users", m->n_users, "n_items",
        m->n_items, "n_ratings", (json_int_t)m->n_ratings, "n_components", m->n_components,
        "n_mixtures", m->n_mixtures, "has_users", m->has_users, "seed", (json_int_t)m->seed,
        "rating_range", cli_real(m->rating_min), cli_real(m->rating_max), "global_mean",
        cli_real(m->global_mean), "global_sd", cli_real(m->global_sd), "settings",
        settings_json(&r->options), "iterations", m->iterations, "log_likelihood",
        cli_real(m->log_likelihood), "history", history_json(r), "components",
        components_json(page), "axes", axes_json(page), "responsibilities",
        responsibilities_json(r), "ratings", accuracy_json(r, ratings));
}
