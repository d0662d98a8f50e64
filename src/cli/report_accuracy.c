/* The section of a report's page about accuracy: how far predictions are off and how baselines
 * fare, how that depends on how much is known of the user and of the item, and whether predictions
 * are calibrated, their intervals and their means. All of it on ratings that should be held out
 * ones: on training ratings every figure flatters. */
#include "cli/report_accuracy.h"

#include "cli/html.h"
#include "cli/svg.h"

#include <inttypes.h>
#include <math.h>

/* The figures of mixfill evaluate, with its words. */
static void accuracy_facts(FILE *out, const mixfill_evaluation *e) {
    fputs("<dl>\n", out);
    html_count_fact(out, "Ratings", e->n);
    html_count_fact(out, "Of unknown users", e->n_unknown_user);
    html_count_fact(out, "Of unknown items", e->n_unknown_item);
    html_fact(out, "RMSE", "%.4f", e->rmse);
    for (int i = 3; i >= 0 && e->part[1][1].n < e->n; i--) {
        static const char *const names[] = {"RMSE, new user and item", "RMSE, new user",
                                            "RMSE, new item", "RMSE, all known"};
        const mixfill_evaluation_part *p = &e->part[i / 2][i % 2];
        if (p->n > 0)
            html_fact(out, names[i], "%.4f (bias %.4f)", p->rmse, p->bias);
    }
    html_fact(out, "MAE", "%.4f", e->mae);
    html_fact(out, "Log-likelihood per rating", "%s%.4f",
              e->log_likelihood_per_rating < 0 ? "\xe2\x88\x92" : "",
              fabs(e->log_likelihood_per_rating));
    fputs("</dl>\n", out);
}

/* RMSE as bars, the largest being the full width; the model comes first and stands out. */
static void baseline_table(FILE *out, const mixfill_evaluation *e) {
    const struct {
        const char *name;
        double rmse;
    } rows[] = {{"This model", e->rmse},
                {"User and item bias", e->rmse_bias},
                {"Item mean", e->rmse_item_mean},
                {"User mean", e->rmse_user_mean},
                {"Global mean", e->rmse_global_mean}};
    double most = 0;
    for (int i = 0; i < 5; i++)
        most = fmax(most, rows[i].rmse);
    fputs("<table id=\"baselines\">\n<caption>RMSE beside the baselines; less is better</caption>\n"
          "<thead><tr><th scope=\"col\">Predicted by</th><th scope=\"col\">RMSE</th>"
          "<td></td></tr></thead>\n<tbody>\n",
          out);
    for (int i = 0; i < 5; i++)
        fprintf(out,
                "<tr%s><th scope=\"row\">%s</th><td>%.4f</td><td class=\"bar\">"
                "<span style=\"width:%.1f%%\"></span></td></tr>\n",
                i == 0 ? " class=\"this\"" : "", rows[i].name, rows[i].rmse,
                most > 0 ? 100 * rows[i].rmse / most : 0);
    fputs("</tbody></table>\n", out);
}

/* Least number of ratings of each bin of mixfill_report_count_bin, as ticks. */
static const char *const count_names[MIXFILL_REPORT_COUNTS] = {
    "0",   "1",  "2",  "5",  "10",  "20",  "50",  "100", "200",
    "500", "1k", "2k", "5k", "10k", "20k", "50k", "100k"};

/* Which bins there is something to show of. */
typedef struct span {
    int first, n;
} span;

/* From the first bin with ratings to the last; bins between them may be empty. At least one. */
static span filled_span(const mixfill_report_count_bin *bins) {
    int first = 0, end = MIXFILL_REPORT_COUNTS;
    while (first + 1 < end && bins[first].n == 0)
        first++;
    while (end > first + 1 && bins[end - 1].n == 0)
        end--;
    return (span){first, end - first};
}

/* Ratings of a bin in words: "7", "5 to 9" or "100000 or more". Returns out. */
static const char *bin_name(char out[HTML_TEXT], const mixfill_report_count_bin *bin) {
    if (bin->most == bin->least)
        snprintf(out, HTML_TEXT, "%" PRId32, bin->least);
    else if (bin->most == INT32_MAX)
        snprintf(out, HTML_TEXT, "%" PRId32 " or more", bin->least);
    else
        snprintf(out, HTML_TEXT, "%" PRId32 " to %" PRId32, bin->least, bin->most);
    return out;
}

/* Lines and dots of model and baseline over the bins of s. Empty bins are NaN and break the line;
 * dots come last, so that their tooltips can be reached. */
static void count_marks(const svg_plot *plot, const mixfill_report_count_bin *bins, span s) {
    double x[MIXFILL_REPORT_COUNTS], model[MIXFILL_REPORT_COUNTS], bias[MIXFILL_REPORT_COUNTS];
    char name[HTML_TEXT], text[2 * HTML_TEXT];
    for (int i = 0; i < s.n; i++) {
        x[i] = i + 0.5;
        model[i] = bins[s.first + i].rmse;
        bias[i] = bins[s.first + i].rmse_bias;
    }
    svg_line(plot, "two", x, bias, s.n);
    svg_line(plot, "one", x, model, s.n);
    for (int i = 0; i < s.n; i++) {
        bin_name(name, &bins[s.first + i]);
        snprintf(text, sizeof text, "%s: bias baseline %.4f", name, bias[i]);
        svg_dot(plot, "two", x[i], bias[i], text);
        snprintf(text, sizeof text, "%s: model %.4f over %" PRId64, name, model[i],
                 bins[s.first + i].n);
        svg_dot(plot, "one", x[i], model[i], text);
    }
}

/* Whose ratings are counted, in words: ids of the figure and its plot, then what a reader sees. */
typedef struct count_words {
    const char *figure, *plot, *caption, *title, *x_label, *column;
} count_words;

/* RMSE over bins of training ratings, of equal width whatever their range, which is about
 * logarithmic. */
static void plot_counts(FILE *out, const mixfill_report_count_bin *bins, const count_words *words) {
    span s = filled_span(bins);
    double low = (double)INFINITY, high = 0;
    char text[HTML_TEXT];
    svg_plot plot;
    for (int i = s.first; i < s.first + s.n; i++)
        if (bins[i].n > 0) {
            low = fmin(low, fmin(bins[i].rmse, bins[i].rmse_bias));
            high = fmax(high, fmax(bins[i].rmse, bins[i].rmse_bias));
        }
    snprintf(text, sizeof text, "Model and bias baseline in %d bins, from %.3f to %.3f.", s.n, low,
             high);
    svg_open(&plot, out,
             &(svg_frame){.id = words->plot,
                          .title = words->title,
                          .description = text,
                          .x_label = words->x_label,
                          .y_label = "RMSE",
                          .x_low = 0,
                          .x_high = s.n,
                          .y_low = low,
                          .y_high = high});
    svg_x_names(&plot, count_names + s.first, s.n);
    count_marks(&plot, bins, s);
    svg_close(&plot);
}

/* The plot of RMSE by training ratings, with its numbers. */
static void counts_figure(FILE *out, const mixfill_report_count_bin *bins,
                          const count_words *words) {
    static const char *const styles[] = {"one", "two", NULL};
    static const char *const names[] = {"model", "user and item bias"};
    const char *const columns[] = {words->column, "Ratings", "RMSE", "RMSE of biases", NULL};
    char name[HTML_TEXT];
    html_figure_begin(out, words->figure, words->caption);
    plot_counts(out, bins, words);
    html_legend(out, styles, names);
    html_numbers_begin(out, words->title, columns);
    for (int i = 0; i < MIXFILL_REPORT_COUNTS; i++)
        if (bins[i].n > 0) {
            fprintf(out, "<tr><th scope=\"row\">%s</th>", bin_name(name, &bins[i]));
            html_count_cell(out, bins[i].n);
            html_number_cell(out, bins[i].rmse, 4);
            html_number_cell(out, bins[i].rmse_bias, 4);
            fputs("</tr>\n", out);
        }
    html_numbers_end(out);
}

/* Share of ratings within the central interval of each level; the diagonal is what it should be. */
static void plot_coverage(FILE *out, const mixfill_report_accuracy *a) {
    static const double ends[] = {0, 1};
    char text[HTML_TEXT];
    svg_plot plot;
    snprintf(text, sizeof text, "The interval of 50 %% covers %.1f %%, that of 90 %% %.1f %%.",
             100 * a->coverage[4], 100 * a->coverage[8]);
    svg_open(&plot, out,
             &(svg_frame){.id = "coverage-plot",
                          .title = "Coverage of predicted intervals",
                          .description = text,
                          .x_label = "level of the interval",
                          .y_label = "ratings within it",
                          .x_low = 0,
                          .x_high = 1,
                          .y_low = 0,
                          .y_high = 1,
                          .y_percent = true});
    svg_x_numbers(&plot, false, true);
    svg_line(&plot, "ideal", ends, ends, 2);
    svg_line(&plot, "one", a->nominal, a->coverage, MIXFILL_REPORT_LEVELS);
    for (int i = 0; i < MIXFILL_REPORT_LEVELS; i++) {
        snprintf(text, sizeof text, "%.0f %%: %.1f %%", 100 * a->nominal[i], 100 * a->coverage[i]);
        svg_dot(&plot, "one", a->nominal[i], a->coverage[i], text);
    }
    svg_close(&plot);
}

/* Of the legend beside a diagonal that shows what would be right. */
static const char *const ideal_styles[] = {"one", "ideal", NULL};

/* Whether predicted intervals cover what they promise, with numbers. */
static void coverage_figure(FILE *out, const mixfill_report_accuracy *a) {
    static const char *const names[] = {"model", "as it should be"};
    static const char *const columns[] = {"Level", "Ratings within", NULL};
    html_figure_begin(out, "fig-coverage", "Coverage of predicted intervals");
    plot_coverage(out, a);
    html_legend(out, ideal_styles, names);
    html_numbers_begin(out, "Ratings within the central interval of each level", columns);
    for (int i = 0; i < MIXFILL_REPORT_LEVELS; i++) {
        fprintf(out, "<tr><th scope=\"row\">%.0f %%</th>", 100 * a->nominal[i]);
        html_percent_cell(out, a->coverage[i]);
        fputs("</tr>\n", out);
    }
    html_numbers_end(out);
}

/* Mean rating over mean prediction of bins of predictions, with the diagonal where both agree.
 * Empty bins have no dot. */
static void plot_ratings(FILE *out, const mixfill_report *r) {
    const mixfill_report_rating_bin *bins = r->accuracy.by_rating;
    double x[MIXFILL_REPORT_RATINGS], y[MIXFILL_REPORT_RATINGS];
    double low = r->model.rating_min, high = r->model.rating_max;
    const double ends[] = {low, high};
    char text[HTML_TEXT];
    int n = 0;
    svg_plot plot;
    for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++)
        if (bins[i].n > 0) {
            x[n] = bins[i].predicted;
            y[n++] = bins[i].observed;
            low = fmin(low, bins[i].observed);
            high = fmax(high, bins[i].observed);
        }
    svg_open(&plot, out,
             &(svg_frame){.id = "ratings-plot",
                          .title = "Mean rating by predicted rating",
                          .description = "Mean of the ratings whose prediction lies in the same "
                                         "bin, and the diagonal where both would agree.",
                          .x_label = "mean predicted rating",
                          .y_label = "mean rating",
                          .x_low = r->model.rating_min,
                          .x_high = r->model.rating_max,
                          .y_low = low,
                          .y_high = high});
    svg_x_numbers(&plot, false, false);
    svg_line(&plot, "ideal", ends, ends, 2);
    svg_line(&plot, "one", x, y, n);
    for (int i = 0; i < n; i++) {
        snprintf(text, sizeof text, "predicted %.3g, observed %.3g", x[i], y[i]);
        svg_dot(&plot, "one", x[i], y[i], text);
    }
    svg_close(&plot);
}

/* Whether predictions are right on average, with numbers. */
static void ratings_figure(FILE *out, const mixfill_report *r) {
    static const char *const names[] = {"model", "as it should be"};
    static const char *const columns[] = {"Prediction", "Ratings", "Mean prediction", "Mean rating",
                                          NULL};
    html_figure_begin(out, "fig-ratings", "Predicted and observed ratings");
    plot_ratings(out, r);
    html_legend(out, ideal_styles, names);
    html_numbers_begin(out, "Means over the ratings whose prediction lies in the same bin",
                       columns);
    for (int i = 0; i < MIXFILL_REPORT_RATINGS; i++) {
        const mixfill_report_rating_bin *bin = &r->accuracy.by_rating[i];
        if (bin->n == 0)
            continue;
        fprintf(out, "<tr><th scope=\"row\">%.4g to %.4g</th>", bin->low, bin->high);
        html_count_cell(out, bin->n);
        fprintf(out, "<td>%.4g</td><td>%.4g</td></tr>\n", bin->predicted, bin->observed);
    }
    html_numbers_end(out);
}

/* First the figures, then what they depend on. Ids are anchors that a link may name, so they
 * stay. */
void report_write_accuracy(FILE *out, const report_page *page) {
    static const count_words users = {"fig-user-counts",
                                      "user-counts-plot",
                                      "Error by ratings of the user",
                                      "RMSE by training ratings of the user",
                                      "training ratings of the user, from",
                                      "Of the user"};
    static const count_words items = {"fig-item-counts",
                                      "item-counts-plot",
                                      "Error by ratings of the item",
                                      "RMSE by training ratings of the item",
                                      "training ratings of the item, from",
                                      "Of the item"};
    const mixfill_report_accuracy *a = &page->report->accuracy;
    html_section(out, "accuracy", "Accuracy");
    fputs("<p class=\"lead\">On the ratings of ", out);
    html_text(out, page->ratings);
    fputs(". What is unknown to the model falls to its prior.</p>\n", out);
    accuracy_facts(out, &a->all);
    baseline_table(out, &a->all);
    fputs("<h3 id=\"counts\">Error by number of ratings</h3>\n<div class=\"columns\">\n", out);
    counts_figure(out, a->by_user, &users);
    counts_figure(out, a->by_item, &items);
    fputs("</div>\n<h3 id=\"calibration\">Calibration</h3>\n<div class=\"columns\">\n", out);
    coverage_figure(out, a);
    ratings_figure(out, page->report);
    fputs("</div>\n</section>\n", out);
}
