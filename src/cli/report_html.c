/* The page of mixfill report. A section is written where the report has something to fill it, so
 * that no heading stands over nothing. Here: the frame, what the model is, how it converged;
 * report_parts.c draws components and axes, report_accuracy.c what held-out ratings say. Every plot
 * is followed by its numbers as a table, for those who read them otherwise. */
#include "cli/report_html.h"

#include "cli/html.h"
#include "cli/print.h"
#include "cli/report_accuracy.h"
#include "cli/report_parts.h"
#include "cli/svg.h"

#include <inttypes.h>
#include <math.h>

/* ---- the model ---- */

/* What the model is and what it was trained on. */
static void model_facts(FILE *out, const mixfill_report *r) {
    const mixfill_model_summary *m = &r->model;
    double cells = (double)m->n_users * (double)m->n_items;
    fputs("<dl>\n", out);
    html_fact(out, "Kind", "%s%s%s%s", mixfill_model_kind_name(m->kind),
              m->compat != NULL ? ", the " : "", m->compat != NULL ? m->compat : "",
              m->compat != NULL ? "'s arithmetic" : "");
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

/* How it was fitted; settings that its kind does not heed are left out. */
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
    if (mixfill_model_kind_heeds(o->model, "rank")) {
        html_fact(out, "Rank", "%" PRId32, o->rank);
        html_fact(out, "Who rated what", "%s", o->implicit ? "counts too" : "left out");
        html_fact(out, "Strength of who rated what", "%g", o->implicit_strength);
    }
    if (mixfill_model_kind_heeds(o->model, "tol")) {
        html_fact(out, "Tolerance", "%g", o->tol);
        html_fact(out, "Least variance", "%g", o->min_var);
    }
    if (mixfill_model_kind_heeds(o->model, "prior_strength"))
        html_fact(out, "Prior strength", "%g", o->prior_strength);
    if (mixfill_model_kind_heeds(o->model, "min_support"))
        html_fact(out, "Least support", "%g", o->min_support);
    html_fact(out, "Users in the model", "%s", o->keep_users ? "kept" : "left out");
    fputs("</dl>\n", out);
}

/* A model of several starts is more than its picture: what is drawn is one of them. */
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

/* The gain of the first iteration is left empty: there is nothing before it. */
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

/* A figure of every iteration, drawn. */
typedef struct trace {
    const char *id, *title, *label, *style;
    const double *y; /* (n) */
    double scale;    /* y is shown times this */
    int32_t n;
} trace;

/* A line per iteration, not one through all: a browser then shows each where it is drawn. Dots,
 * with the value as tooltip, up to 60, where they can still be told apart. */
static void plot_trace(FILE *out, const trace *t) {
    int32_t n = t->n;
    double low = t->y[0] * t->scale, high = low;
    char text[HTML_TEXT];
    svg_plot plot;
    for (int32_t i = 1; i < n; i++) {
        low = fmin(low, t->y[i] * t->scale);
        high = fmax(high, t->y[i] * t->scale);
    }
    snprintf(text, sizeof text, "From %.5f in iteration 1 to %.5f in iteration %" PRId32 ".",
             t->y[0] * t->scale, t->y[n - 1] * t->scale, n);
    svg_open(&plot, out,
             &(svg_frame){.id = t->id,
                          .title = t->title,
                          .description = text,
                          .x_label = "iteration",
                          .y_label = t->label,
                          .x_low = 1,
                          .x_high = n,
                          .y_low = low,
                          .y_high = high});
    svg_x_numbers(&plot, true, false);
    for (int32_t i = 0; i + 1 < n; i++) {
        const double x[] = {i + 1, i + 2};
        const double y[] = {t->y[i] * t->scale, t->y[i + 1] * t->scale};
        svg_line(&plot, t->style, x, y, 2);
    }
    for (int32_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "iteration %" PRId32 ": %.5f", i + 1, t->y[i] * t->scale);
        if (n <= 60)
            svg_dot(&plot, t->style, i + 1, t->y[i] * t->scale, text);
    }
    svg_close(&plot);
}

/* The held-out RMSE by iteration, where ratings were held out: its least is where --patience
 * stops. */
static void held_out_figure(FILE *out, const mixfill_report *r) {
    static const char *const columns[] = {"Iteration", "RMSE", NULL};
    html_figure_begin(out, "fig-held-out", "RMSE of held-out ratings by iteration");
    plot_trace(out, &(trace){.id = "held-out-plot",
                             .title = "RMSE of held-out ratings by iteration",
                             .label = "RMSE, rating points",
                             .style = "two",
                             .y = r->rmse,
                             .scale = 1,
                             .n = r->model.iterations});
    html_numbers_begin(out, "RMSE of held-out ratings after every iteration", columns);
    for (int32_t i = 0; i < r->model.iterations; i++) {
        fprintf(out, "<tr><th scope=\"row\">%" PRId32 "</th>", i + 1);
        html_number_cell(out, r->rmse[i], 5);
        fputs("</tr>\n", out);
    }
    html_numbers_end(out);
}

/* At least one iteration. Per rating, so that fits to different ratings can be compared. */
static void convergence_section(FILE *out, const mixfill_report *r) {
    static const char *const columns[] = {"Iteration", "Log-likelihood", "Per rating", "Gain",
                                          NULL};
    int32_t n = r->model.iterations;
    html_section(out, "convergence", "Convergence");
    fprintf(out,
            "<p>%" PRId32 " iteration%s led to a log-likelihood of %s%.2f, that is %s%.4f per "
            "training rating.</p>\n",
            n, cli_s(n), r->log_likelihood[n - 1] < 0 ? "\xe2\x88\x92" : "",
            fabs(r->log_likelihood[n - 1]), r->log_likelihood[n - 1] < 0 ? "\xe2\x88\x92" : "",
            fabs(r->log_likelihood[n - 1]) / (double)r->model.n_ratings);
    html_figure_begin(out, "fig-convergence", "Log-likelihood by iteration");
    plot_trace(out, &(trace){.id = "convergence-plot",
                             .title = "Log-likelihood per rating by iteration",
                             .label = "log-likelihood per rating",
                             .style = "one",
                             .y = r->log_likelihood,
                             .scale = 1 / (double)r->model.n_ratings,
                             .n = n});
    html_numbers_begin(out, "Log-likelihood of every iteration", columns);
    iteration_rows(out, r);
    html_numbers_end(out);
    if (r->rmse != NULL)
        held_out_figure(out, r);
    fputs("</section>\n", out);
}

/* ---- the page ---- */

/* Style and all within the page: it is passed on as one file, and opened where there is no network.
 * Light or dark follows the reader's system. */
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

/* Links to the sections that will follow; conditions as in report_write_html. */
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

/* In the order in which a reader asks: what is it, did the fit end well, what did it find, how good
 * is it. */
void report_write_html(FILE *out, const report_page *page) {
    const mixfill_report *r = page->report;
    page_head(out, page);
    page_links(out, r);
    model_section(out, page);
    if (r->model.iterations > 0)
        convergence_section(out, r);
    if (r->n_components > 0)
        report_write_components(out, page);
    if (r->n_axes > 0)
        report_write_axes(out, page);
    if (r->has_accuracy)
        report_write_accuracy(out, page);
    fprintf(out, "</main>\n<footer>mixfill %s</footer>\n</body>\n</html>\n", mixfill_version());
}
