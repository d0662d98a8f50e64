/* What users differ by, drawn: components of a mixture, with their sizes, how sure the model is of
 * its users, and the items that set each apart; axes of a factor model, with what each adds to
 * ratings and the items at its ends. The numbers are mixfill_report's. */
#include "cli/report_parts.h"

#include "cli/html.h"
#include "cli/print.h"
#include "cli/svg.h"

#include <inttypes.h>
#include <math.h>

/* ---- items ---- */

/* Of n items and `most`, in absolute value. */
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

/* An item with its departure as number and bar, `most` being a bar of 3 rem. A mixture also tells
 * how many of the item's ratings stand behind the number; along an axis all do. */
static void item_row(FILE *out, const report_page *page, const mixfill_report_item *item,
                     double most) {
    char rated[HTML_COUNT];
    const char *title = report_title(page, item->id);
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

/* Items of one direction, largest departure first; words where there are none. */
static void item_table(FILE *out, const report_page *page, const char *caption,
                       const mixfill_report_item *items, int32_t n) {
    /* One scale for the whole page, so that bars of different components can be compared. */
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

/* ---- components ---- */

/* Of the users with a rating; NaN where there are none. */
static double user_share(const mixfill_report *r, int32_t k) {
    return (double)r->components[k].n_users / (double)r->n_rated_users;
}

/* Bars: weights, as fitted. Dots: users counted by their largest responsibility. They differ where
 * the model is unsure. */
static void plot_sizes(FILE *out, const mixfill_report *r) {
    int32_t n = r->n_components;
    double high = 0;
    char text[HTML_TEXT];
    svg_plot plot;
    for (int32_t k = 0; k < n; k++)
        high = fmax(high, fmax(r->components[k].weight, user_share(r, k)));
    snprintf(text, sizeof text,
             "Bars: weights of %" PRId32 " component%s, the largest share %.1f %%.", n, cli_s(n),
             100 * high);
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
        snprintf(text, sizeof text, "component %" PRId32 ": %" PRId64 " user%s", k + 1,
                 r->components[k].n_users, cli_s(r->components[k].n_users));
        svg_dot(&plot, "two", k + 1, user_share(r, k), text);
    }
    svg_close(&plot);
}

/* Cells about users stay empty where the model was saved without them. */
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

/* Sizes of components, with the legend that the marks need. */
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

/* Histogram of the largest responsibility over users with a rating: mass at 1 is users that one
 * component explains. */
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
        snprintf(text, sizeof text, "%.2f to %.2f: %" PRId64 " user%s", i * width, (i + 1) * width,
                 r->largest[i], cli_s(r->largest[i]));
        svg_bar(&plot, "one", (i + 0.06) * width, (i + 0.94) * width, (double)r->largest[i] / n,
                text);
    }
    svg_close(&plot);
}

/* Only for models that have users: the shares are theirs. */
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

/* One component: its size, and the items it rates higher and lower than others do. */
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
        fprintf(out, " user%s", cli_s(c->n_users));
    }
    fputs("</span></h3>\n<div class=\"columns\">\n<div>\n", out);
    item_table(out, page, "Rated higher", c->up, c->n_up);
    fputs("</div>\n<div>\n", out);
    item_table(out, page, "Rated lower", c->down, c->n_down);
    fputs("</div>\n</div>\n</article>\n", out);
}

static const char FROM_OFFSETS[] =
    "Departures, in rating points, of a component's means from what the offsets of users and items "
    "alone would give, largest first once weighed by the ratings behind them: the total "
    "responsibility of the component for an item's raters, of all ratings of the item.";

static const char FROM_MEAN[] =
    "Departures, in rating points, of a component's means from the weighted mean over all "
    "components, largest first once weighed by the ratings behind them: as many as the component's "
    "weight lets expect, of all ratings of the item.";

/* What a departure is measured from depends on what the means mean: ratings, or what offsets leave
 * of them. */
void report_write_components(FILE *out, const report_page *page) {
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
    /* What shrinks its means shrinks them towards the offsets, and departs from there. */
    bool shrunk = mixfill_model_kind_heeds(r->model.kind, "prior_strength");
    fprintf(out, "<p class=\"lead\">%s</p>\n", shrunk ? FROM_OFFSETS : FROM_MEAN);
    for (int32_t k = 0; k < r->n_components; k++)
        component_article(out, page, k);
    fputs("</section>\n", out);
}

/* ---- axes ---- */

/* Bars of the standard deviation of what each axis adds; they come largest first. */
static void plot_axes(FILE *out, const mixfill_report *r) {
    char text[HTML_TEXT];
    svg_plot plot;
    snprintf(text, sizeof text, "Bars of %" PRId32 " ax%s, from %.3f down to %.3f rating points.",
             r->n_axes, r->n_axes == 1 ? "is" : "es", r->axes[0].sd, r->axes[r->n_axes - 1].sd);
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

/* One axis: which items users at either end rate higher. The sign of an axis means nothing. */
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

/* All axes in the figure; in words and items only those that matter. */
void report_write_axes(FILE *out, const report_page *page) {
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
