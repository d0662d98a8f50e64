/* The page of mixfill report. A section is written where the report has something to fill it. */
#include "cli/html.h"
#include "cli/report.h"
#include "cli/svg.h"

#include <inttypes.h>
#include <math.h>

/* ---- the model ---- */

static void model_facts(FILE *out, const mixfill_report *r) {
    const mixfill_model_summary *m = &r->model;
    double cells = (double)m->n_users * (double)m->n_items;
    fputs("<dl>\n", out);
    html_fact(out, "Kind", "%s%s", mixfill_model_kind_name(m->kind),
              m->compat != NULL ? ", the notebook's arithmetic" : "");
    if (r->n_components > 0)
        html_count_fact(out, "Components", m->n_components);
    if (r->n_axes > 0)
        html_count_fact(out, "Factors", r->n_axes);
    html_count_fact(out, "Users", m->n_users);
    html_count_fact(out, "Items", m->n_items);
    html_count_fact(out, "Training ratings", m->n_ratings);
    html_fact(out, "Cells rated", "%.3g %%", 100 * (double)m->n_ratings / cells);
    html_fact(out, "Rating range", "%g to %g", m->rating_min, m->rating_max);
    html_fact(out, "Mean rating", "%.4g, sd %.4g", m->global_mean, m->global_sd);
    fputs("</dl>\n", out);
}

static void model_settings(FILE *out, const mixfill_report *r) {
    const mixfill_options *o = &r->options;
    fputs("<h3 id=\"settings\">Settings of the fit</h3>\n<dl>\n", out);
    html_fact(out, "Seed", "%" PRIu32, o->seed);
    html_fact(out, "Starts", "%" PRId32 "%s", o->n_init,
              r->model.n_mixtures > 1 ? ", averaged"
              : o->n_init > 1         ? ", the best kept"
                                      : "");
    html_fact(out, "Iterations", "%" PRId32 " of at most %" PRId32, r->model.iterations,
              o->max_iter);
    if (o->model == MIXFILL_MODEL_FACTOR) {
        html_fact(out, "Rank", "%" PRId32, o->rank);
        html_fact(out, "Who rated what", "%s", o->implicit ? "counts too" : "left out");
        html_fact(out, "Strength of who rated what", "%g", o->implicit_strength);
    } else {
        html_fact(out, "Tolerance", "%g", o->tol);
        html_fact(out, "Least variance", "%g", o->min_var);
    }
    if (o->model == MIXFILL_MODEL_MAP)
        html_fact(out, "Prior strength", "%g", o->prior_strength);
    if (o->model == MIXFILL_MODEL_CLASSIC)
        html_fact(out, "Least support", "%g", o->min_support);
    html_fact(out, "Users in the model", "%s", o->keep_users ? "kept" : "left out");
    fputs("</dl>\n", out);
}

static void model_section(FILE *out, const report_page *page) {
    const mixfill_report *r = page->report;
    html_section(out, "model", "The model");
    model_facts(out, r);
    model_settings(out, r);
    if (r->model.n_mixtures > 1)
        fprintf(out,
                "<p class=\"note\">The model averages the predictions of %" PRId32
                " starts. Components and responsibilities below are those of the first; the "
                "log-likelihood is that of the best.</p>\n",
                r->model.n_mixtures);
    fputs("</section>\n", out);
}

/* ---- convergence ---- */

static void iteration_rows(FILE *out, const mixfill_report *r) {
    for (int32_t i = 0; i < r->model.iterations; i++) {
        double now = r->log_likelihood[i];
        fprintf(out, "<tr><th scope=\"row\">%" PRId32 "</th>", i + 1);
        html_number_cell(out, now, 2);
        html_number_cell(out, now / (double)r->model.n_ratings, 5);
        html_number_cell(out, i > 0 ? now - r->log_likelihood[i - 1] : (double)NAN, 2);
        fputs("</tr>\n", out);
    }
}

static void plot_iterations(FILE *out, const mixfill_report *r) {
    int32_t n = r->model.iterations;
    double per = 1 / (double)r->model.n_ratings, low = r->log_likelihood[0] * per, high = low;
    char text[HTML_TEXT];
    svg_plot plot;
    for (int32_t i = 1; i < n; i++) {
        low = fmin(low, r->log_likelihood[i] * per);
        high = fmax(high, r->log_likelihood[i] * per);
    }
    snprintf(text, sizeof text, "From %.5f in iteration 1 to %.5f in iteration %" PRId32 ".",
             r->log_likelihood[0] * per, r->log_likelihood[n - 1] * per, n);
    svg_open(&plot, out,
             &(svg_frame){.id = "convergence-plot",
                          .title = "Log-likelihood per rating by iteration",
                          .description = text,
                          .x_label = "iteration",
                          .y_label = "log-likelihood per rating",
                          .x_low = 1,
                          .x_high = n,
                          .y_low = low,
                          .y_high = high});
    svg_x_numbers(&plot, true, false);
    for (int32_t i = 0; i + 1 < n; i++) {
        const double x[] = {i + 1, i + 2};
        const double y[] = {r->log_likelihood[i] * per, r->log_likelihood[i + 1] * per};
        svg_line(&plot, "one", x, y, 2);
    }
    for (int32_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "iteration %" PRId32 ": %.5f", i + 1,
                 r->log_likelihood[i] * per);
        if (n <= 60)
            svg_dot(&plot, "one", i + 1, r->log_likelihood[i] * per, text);
    }
    svg_close(&plot);
}

static void convergence_section(FILE *out, const mixfill_report *r) {
    static const char *const columns[] = {"Iteration", "Log-likelihood", "Per rating", "Gain",
                                          NULL};
    int32_t n = r->model.iterations;
    html_section(out, "convergence", "Convergence");
    fprintf(out,
            "<p>%" PRId32 " iteration%s led to a log-likelihood of %s%.2f, that is %s%.4f per "
            "training rating.</p>\n",
            n, n > 1 ? "s" : "", r->log_likelihood[n - 1] < 0 ? "\xe2\x88\x92" : "",
            fabs(r->log_likelihood[n - 1]), r->log_likelihood[n - 1] < 0 ? "\xe2\x88\x92" : "",
            fabs(r->log_likelihood[n - 1]) / (double)r->model.n_ratings);
    html_figure_begin(out, "fig-convergence", "Log-likelihood by iteration");
    plot_iterations(out, r);
    html_numbers_begin(out, "Log-likelihood of every iteration", columns);
    iteration_rows(out, r);
    html_numbers_end(out);
    fputs("</section>\n", out);
}

/* ---- components ---- */

/* Of the users with a rating; NaN where there are none. */
static double user_share(const mixfill_report *r, int32_t k) {
    return (double)r->components[k].n_users / (double)r->n_rated_users;
}

static void plot_sizes(FILE *out, const mixfill_report *r) {
    int32_t n = r->n_components;
    double high = 0;
    char text[HTML_TEXT];
    svg_plot plot;
    for (int32_t k = 0; k < n; k++)
        high = fmax(high, fmax(r->components[k].weight, user_share(r, k)));
    snprintf(text, sizeof text,
             "Bars: weights of %" PRId32 " components, the largest share %.1f %%.", n, 100 * high);
    svg_open(&plot, out,
             &(svg_frame){.id = "sizes-plot",
                          .title = "Sizes of the components",
                          .description = text,
                          .x_label = "component",
                          .y_label = "share",
                          .x_low = 0.5,
                          .x_high = n + 0.5,
                          .y_low = 0,
                          .y_high = high,
                          .y_percent = true});
    svg_x_numbers(&plot, true, false);
    for (int32_t k = 0; k < n; k++) {
        snprintf(text, sizeof text, "component %" PRId32 ": weight %.1f %%", k + 1,
                 100 * r->components[k].weight);
        svg_bar(&plot, "one", k + 0.68, k + 1.32, r->components[k].weight, text);
    }
    for (int32_t k = 0; k < n; k++) {
        snprintf(text, sizeof text, "component %" PRId32 ": %" PRId64 " users", k + 1,
                 r->components[k].n_users);
        svg_dot(&plot, "two", k + 1, user_share(r, k), text);
    }
    svg_close(&plot);
}

static void size_rows(FILE *out, const mixfill_report *r) {
    for (int32_t k = 0; k < r->n_components; k++) {
        const mixfill_report_component *c = &r->components[k];
        fprintf(out, "<tr><th scope=\"row\">%" PRId32 "</th>", k + 1);
        html_percent_cell(out, c->weight);
        if (r->n_rated_users > 0) {
            html_count_cell(out, c->n_users);
            html_percent_cell(out, user_share(r, k));
        } else {
            fputs("<td></td><td></td>", out);
        }
        html_number_cell(out, sqrt(c->var), 3);
        fputs("</tr>\n", out);
    }
}

static void sizes_figure(FILE *out, const mixfill_report *r) {
    static const char *const styles[] = {"one", "two", NULL};
    static const char *const names[] = {"weight", "users by their largest responsibility"};
    static const char *const weights_only[] = {"one", NULL};
    static const char *const columns[] = {"Component",          "Weight", "Users", "Of users",
                                          "Standard deviation", NULL};
    html_figure_begin(out, "fig-sizes", "Sizes of the components");
    plot_sizes(out, r);
    html_legend(out, r->n_rated_users > 0 ? styles : weights_only, names);
    html_numbers_begin(out, "Weights, and users by their largest responsibility", columns);
    size_rows(out, r);
    html_numbers_end(out);
}

static void plot_shares(FILE *out, const mixfill_report *r) {
    double n = (double)r->n_rated_users, high = 0;
    const double width = 1.0 / MIXFILL_REPORT_SHARES;
    char text[HTML_TEXT];
    svg_plot plot;
    for (int i = 0; i < MIXFILL_REPORT_SHARES; i++)
        high = fmax(high, (double)r->largest[i] / n);
    snprintf(text, sizeof text, "Histogram in %d bins; the mean is %.3f.", MIXFILL_REPORT_SHARES,
             r->mean_largest);
    svg_open(&plot, out,
             &(svg_frame){.id = "shares-plot",
                          .title = "Users by their largest responsibility",
                          .description = text,
                          .x_label = "largest responsibility",
                          .y_label = "users",
                          .x_low = 0,
                          .x_high = 1,
                          .y_low = 0,
                          .y_high = high,
                          .y_percent = true});
    svg_x_numbers(&plot, false, false);
    for (int i = 0; i < MIXFILL_REPORT_SHARES; i++) {
        snprintf(text, sizeof text, "%.2f to %.2f: %" PRId64 " users", i * width, (i + 1) * width,
                 r->largest[i]);
        svg_bar(&plot, "one", (i + 0.06) * width, (i + 0.94) * width, (double)r->largest[i] / n,
                text);
    }
    svg_close(&plot);
}

static void shares_figure(FILE *out, const mixfill_report *r) {
    static const char *const columns[] = {"Largest responsibility", "Users", "Of users", NULL};
    html_figure_begin(out, "fig-shares", "How sure the model is of its users");
    plot_shares(out, r);
    html_numbers_begin(out, "Users by their largest responsibility", columns);
    for (int i = 0; i < MIXFILL_REPORT_SHARES; i++) {
        fprintf(out, "<tr><th scope=\"row\">above %.2f, to %.2f</th>",
                (double)i / MIXFILL_REPORT_SHARES, (i + 1.0) / MIXFILL_REPORT_SHARES);
        html_count_cell(out, r->largest[i]);
        html_percent_cell(out, (double)r->largest[i] / (double)r->n_rated_users);
        fputs("</tr>\n", out);
    }
    html_numbers_end(out);
}

static double largest_of(double most, const mixfill_report_item *items, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        most = fmax(most, fabs(items[i].departure));
    return most;
}

/* The largest departure shown, which the bars beside all others are measured by. */
static double largest_departure(const mixfill_report *r) {
    double most = 0;
    for (int32_t k = 0; k < r->n_components; k++)
        most = largest_of(largest_of(most, r->components[k].up, r->components[k].n_up),
                          r->components[k].down, r->components[k].n_down);
    for (int32_t k = 0; k < r->n_axes; k++)
        most = largest_of(largest_of(most, r->axes[k].up, r->axes[k].n_up), r->axes[k].down,
                          r->axes[k].n_down);
    return most;
}

static void item_row(FILE *out, const report_page *page, const mixfill_report_item *item,
                     double most) {
    char rated[HTML_COUNT];
    const char *title = page->titles != NULL ? mixfill_titles_find(page->titles, item->id) : NULL;
    fputs("<tr><th scope=\"row\">", out);
    if (title == NULL)
        fputs("item ", out);
    html_text(out, title != NULL ? title : item->id);
    fprintf(out, "</th><td class=\"%s\"><i style=\"width:%.2frem\"></i>",
            item->departure < 0 ? "down" : "up", 3 * fabs(item->departure) / most);
    html_signed(out, item->departure);
    html_count_text(rated, item->count);
    if (page->report->n_axes > 0)
        fprintf(out, "</td><td>%s</td></tr>\n", rated);
    else
        fprintf(out, "</td><td>%.1f of %s</td></tr>\n", item->support, rated);
}

static void item_table(FILE *out, const report_page *page, const char *caption,
                       const mixfill_report_item *items, int32_t n) {
    double most = largest_departure(page->report);
    if (n == 0) {
        fprintf(out, "<p class=\"note\">%s: no item has enough ratings.</p>\n", caption);
        return;
    }
    fprintf(out,
            "<table>\n<caption>%s</caption>\n<thead><tr><th scope=\"col\">Item</th>"
            "<th scope=\"col\">Departure</th><th scope=\"col\">Ratings</th></tr></thead>\n"
            "<tbody>\n",
            caption);
    for (int32_t i = 0; i < n; i++)
        item_row(out, page, &items[i], most);
    fputs("</tbody></table>\n", out);
}

static void component_article(FILE *out, const report_page *page, int32_t k) {
    const mixfill_report *r = page->report;
    const mixfill_report_component *c = &r->components[k];
    fprintf(out,
            "<article aria-labelledby=\"component-%" PRId32 "\">\n<h3 id=\"component-%" PRId32
            "\">Component %" PRId32 "<span>weight %.1f %%",
            k + 1, k + 1, k + 1, 100 * c->weight);
    if (r->n_rated_users > 0) {
        fputs(", ", out);
        html_count(out, c->n_users);
        fprintf(out, " user%s", c->n_users == 1 ? "" : "s");
    }
    fputs("</span></h3>\n<div class=\"columns\">\n<div>\n", out);
    item_table(out, page, "Rated higher", c->up, c->n_up);
    fputs("</div>\n<div>\n", out);
    item_table(out, page, "Rated lower", c->down, c->n_down);
    fputs("</div>\n</div>\n</article>\n", out);
}

static const char MAP_DEPARTURES[] =
    "Departures, in rating points, of a component's means from what the offsets of users and items "
    "alone would give, largest first once weighed by the ratings behind them: the total "
    "responsibility of the component for an item's raters, of all ratings of the item.";
static const char CLASSIC_DEPARTURES[] =
    "Departures, in rating points, of a component's means from the weighted mean over all "
    "components, largest first once weighed by the ratings behind them: as many as the component's "
    "weight lets expect, of all ratings of the item.";

static void components_section(FILE *out, const report_page *page) {
    const mixfill_report *r = page->report;
    html_section(out, "components", "Components");
    if (!r->model.has_users)
        fputs("<p class=\"note\">The model was saved without its users, so that only the weights "
              "tell how large a component is.</p>\n",
              out);
    fputs("<div class=\"columns\">\n", out);
    sizes_figure(out, r);
    if (r->n_rated_users > 0)
        shares_figure(out, r);
    fputs("</div>\n</section>\n", out);
    html_section(out, "apart", "What sets each component apart");
    fprintf(out, "<p class=\"lead\">%s</p>\n",
            r->model.kind == MIXFILL_MODEL_MAP ? MAP_DEPARTURES : CLASSIC_DEPARTURES);
    for (int32_t k = 0; k < r->n_components; k++)
        component_article(out, page, k);
    fputs("</section>\n", out);
}

/* ---- axes ---- */

static void plot_axes(FILE *out, const mixfill_report *r) {
    char text[HTML_TEXT];
    svg_plot plot;
    snprintf(text, sizeof text, "Bars of %" PRId32 " axes, from %.3f down to %.3f rating points.",
             r->n_axes, r->axes[0].sd, r->axes[r->n_axes - 1].sd);
    svg_open(&plot, out,
             &(svg_frame){.id = "axes-plot",
                          .title = "What each axis adds to ratings",
                          .description = text,
                          .x_label = "axis",
                          .y_label = "standard deviation, rating points",
                          .x_low = 0.5,
                          .x_high = r->n_axes + 0.5,
                          .y_low = 0,
                          .y_high = r->axes[0].sd});
    svg_x_numbers(&plot, true, false);
    for (int32_t k = 0; k < r->n_axes; k++) {
        snprintf(text, sizeof text, "axis %" PRId32 ": %.3f", k + 1, r->axes[k].sd);
        svg_bar(&plot, "one", k + 0.7, k + 1.3, r->axes[k].sd, text);
    }
    svg_close(&plot);
}

static void axis_article(FILE *out, const report_page *page, int32_t k) {
    const mixfill_report_axis *a = &page->report->axes[k];
    fprintf(out,
            "<article aria-labelledby=\"axis-%" PRId32 "\">\n<h3 id=\"axis-%" PRId32
            "\">Axis %" PRId32 "<span>adds %.3f rating points</span></h3>\n"
            "<div class=\"columns\">\n<div>\n",
            k + 1, k + 1, k + 1, a->sd);
    item_table(out, page, "At one end", a->up, a->n_up);
    fputs("</div>\n<div>\n", out);
    item_table(out, page, "At the other", a->down, a->n_down);
    fputs("</div>\n</div>\n</article>\n", out);
}

/* Axes that add less than this share of the largest are pruned ones. */
static const double LEAST_SHARE = 0.05;

static void axes_section(FILE *out, const report_page *page) {
    static const char *const columns[] = {"Axis", "Standard deviation", NULL};
    const mixfill_report *r = page->report;
    html_section(out, "axes", "What users differ by");
    fputs(
        "<p class=\"lead\">The factors, turned to axes along which users differ independently, "
        "largest first. A departure is what one standard deviation of users along the axis adds to "
        "an item, in rating points, beyond what it adds to all items; shown are the largest once "
        "weighed by the item's ratings. Axes that add less than 5 % of what the first adds are in "
        "the "
        "figure only.</p>\n",
        out);
    html_figure_begin(out, "fig-axes", "What each axis adds to ratings");
    plot_axes(out, r);
    html_numbers_begin(out, "Standard deviation of what each axis adds", columns);
    for (int32_t k = 0; k < r->n_axes; k++) {
        fprintf(out, "<tr><th scope=\"row\">%" PRId32 "</th>", k + 1);
        html_number_cell(out, r->axes[k].sd, 3);
        fputs("</tr>\n", out);
    }
    html_numbers_end(out);
    for (int32_t k = 0; k < r->n_axes; k++)
        if (r->axes[k].sd > LEAST_SHARE * r->axes[0].sd)
            axis_article(out, page, k);
    fputs("</section>\n", out);
}

/* ---- the page ---- */

static void page_head(FILE *out, const report_page *page) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
          out);
    html_text(out, page->model);
    fprintf(out, " \xe2\x80\x93 mixfill report</title>\n<style>\n%s</style>\n</head>\n",
            html_style);
    fputs("<body>\n<header>\n<h1>", out);
    html_text(out, page->model);
    fputs("</h1>\n<p class=\"lead\">Report on a mixfill model</p>\n", out);
}

static void page_links(FILE *out, const mixfill_report *r) {
    fputs("<nav aria-label=\"Sections\"><ul><li><a href=\"#model\">The model</a></li>", out);
    if (r->model.iterations > 0)
        fputs("<li><a href=\"#convergence\">Convergence</a></li>", out);
    if (r->n_components > 0)
        fputs("<li><a href=\"#components\">Components</a></li>"
              "<li><a href=\"#apart\">What sets each apart</a></li>",
              out);
    if (r->n_axes > 0)
        fputs("<li><a href=\"#axes\">What users differ by</a></li>", out);
    if (r->has_accuracy)
        fputs("<li><a href=\"#accuracy\">Accuracy</a></li>", out);
    fputs("</ul></nav>\n</header>\n<main>\n", out);
}

void report_write_html(FILE *out, const report_page *page) {
    const mixfill_report *r = page->report;
    page_head(out, page);
    page_links(out, r);
    model_section(out, page);
    if (r->model.iterations > 0)
        convergence_section(out, r);
    if (r->n_components > 0)
        components_section(out, page);
    if (r->n_axes > 0)
        axes_section(out, page);
    if (r->has_accuracy)
        report_write_accuracy(out, page);
    fprintf(out, "</main>\n<footer>mixfill %s</footer>\n</body>\n</html>\n", mixfill_version());
}
