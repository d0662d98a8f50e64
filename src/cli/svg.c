/* Plots as inline SVG, written in one pass and without a library: frame and axes when a plot is
 * opened, marks as callers draw them. Coordinates have one decimal, a tenth of a pixel at full
 * size. */
#include "cli/svg.h"

#include "cli/html.h"

#include <math.h>

/* Pixels of the view box; the margins hold ticks and labels. A browser scales the whole. */
static const double WIDTH = 440, HEIGHT = 264;
static const double LEFT = 62, RIGHT = 20, TOP = 12, BOTTOM = 44;
/* At most so many ticks or names; whole numbers are short, so that more of them fit. */
enum { X_TICKS = 8, X_WHOLE = 13, Y_TICKS = 6, X_NAMES = 13 };

/* ---- axes ---- */

/* A range that can be divided: no width becomes some. */
static void widen(double *low, double *high) {
    double size = fmax(fabs(*low), fabs(*high));
    if (*high - *low > 1e-9 * size)
        return;
    double by = size > 0 ? 0.1 * size : 0.5;
    *low -= by;
    *high += by;
}

/* The least of 1, 2, 5, 10, ... times a power of ten that cuts the width into at most n. */
static double nice_step(double width, int n, bool whole) {
    double raw = width / n, power = pow(10, floor(log10(raw)));
    double step = raw <= power       ? power
                  : raw <= 2 * power ? 2 * power
                  : raw <= 5 * power ? 5 * power
                                     : 10 * power;
    return whole ? fmax(1, step) : step;
}

/* n points cut a width into n - 1 steps, hence most - 1. */
svg_ticks svg_ticks_within(double low, double high, int most, bool whole) {
    const double slack = 1e-9; /* of a step that a multiple may seem to lie outside by */
    double step = nice_step(high - low, most - 1, whole);
    double first = ceil(low / step - slack), last = floor(high / step + slack);
    return (svg_ticks){
        .first = first * step, .step = step, .n = last < first ? 0 : (int)(last - first) + 1};
}

/* Linear; s->begin > s->end turns the axis round, as y does in SVG. */
static double at(const svg_scale *s, double value) {
    return s->begin + (s->end - s->begin) * (value - s->low) / (s->high - s->low);
}

/* A round number with as many decimals as its steps have. */
static void write_tick(FILE *out, double value, double step, bool percent) {
    double factor = percent ? 100 : 1, size = fabs(value) * factor;
    /* 1e-9: log10 of a power of ten may come out a little below a whole number. */
    int digits = (int)fmax(0, -floor(log10(step * factor) + 1e-9));
    bool far = size >= 1e6 || digits > 5;
    /* What is left of a sum of steps that should be 0. */
    if (size < 0.5 * step * factor)
        size = 0;
    fprintf(out, "%s", value < 0 && size > 0 ? "\xe2\x88\x92" : "");
    if (far)
        fprintf(out, "%g", size);
    else
        fprintf(out, "%.*f", digits, size);
    fprintf(out, "%s", percent ? "%" : "");
}

/* Opens the element; the caller writes the text and closes it. */
static void text_at(FILE *out, double x, double y, const char *style) {
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, style);
}

/* A line and a number per step. The lowest is the axis, the others are grid: there is no vertical
 * line, since the numbers already stand in one. */
static void y_axis(const svg_plot *p, double step, bool percent) {
    int n = (int)round((p->y.high - p->y.low) / step);
    for (int i = 0; i <= n; i++) {
        double value = p->y.low + i * step, y = at(&p->y, value);
        fprintf(p->out, "<path class=\"%s\" d=\"M%.1f %.1fH%.1f\"/>\n", i == 0 ? "axis" : "grid",
                LEFT, y, WIDTH - RIGHT);
        text_at(p->out, LEFT - 7, y + 4, "tick end");
        write_tick(p->out, value, step, percent);
        fputs("</text>\n", p->out);
    }
}

/* x below the middle of the plot, y along its left edge, turned to be read upwards. */
static void axis_labels(const svg_plot *p, const svg_frame *f) {
    double middle = 0.5 * (TOP + HEIGHT - BOTTOM);
    text_at(p->out, 0.5 * (LEFT + WIDTH - RIGHT), HEIGHT - 6, "label middle");
    html_text(p->out, f->x_label);
    fprintf(p->out,
            "</text>\n<text transform=\"translate(12 %.1f) rotate(-90)\" "
            "class=\"label middle\">",
            middle);
    html_text(p->out, f->y_label);
    fputs("</text>\n", p->out);
}

/* The y axis is widened to whole steps, so that grid lines bound the plot; x is not, so that the
 * first and last point touch its ends. */
void svg_open(svg_plot *p, FILE *out, const svg_frame *f) {
    double x_low = f->x_low, x_high = f->x_high, y_low = f->y_low, y_high = f->y_high;
    widen(&x_low, &x_high);
    widen(&y_low, &y_high);
    double step = nice_step(y_high - y_low, Y_TICKS - 1, false);
    *p = (svg_plot){.out = out,
                    .x = {x_low, x_high, LEFT, WIDTH - RIGHT},
                    .y = {step * floor(y_low / step + 1e-9), step * ceil(y_high / step - 1e-9),
                          HEIGHT - BOTTOM, TOP}};
    fprintf(out,
            "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-labelledby=\"%s-title %s-desc\">\n"
            "<title id=\"%s-title\">",
            WIDTH, HEIGHT, f->id, f->id, f->id);
    html_text(out, f->title);
    fprintf(out, "</title>\n<desc id=\"%s-desc\">", f->id);
    html_text(out, f->description);
    fputs("</desc>\n", out);
    y_axis(p, step, f->y_percent);
    axis_labels(p, f);
}

void svg_close(svg_plot *p) {
    fputs("</svg>\n", p->out);
}

void svg_x_numbers(const svg_plot *p, bool whole, bool percent) {
    svg_ticks t = svg_ticks_within(p->x.low, p->x.high, whole ? X_WHOLE : X_TICKS, whole);
    for (int i = 0; i < t.n; i++) {
        double value = t.first + i * t.step;
        text_at(p->out, at(&p->x, value), HEIGHT - BOTTOM + 16, "tick middle");
        write_tick(p->out, value, t.step, percent);
        fputs("</text>\n", p->out);
    }
}

/* Every second, third, ... name where not all fit; the first always stands. */
void svg_x_names(const svg_plot *p, const char *const *names, int n) {
    /* Rounded up, so that never more than X_NAMES stand. */
    int every = (n + X_NAMES - 1) / X_NAMES;
    for (int i = 0; i < n; i += every) {
        text_at(p->out, at(&p->x, i + 0.5), HEIGHT - BOTTOM + 16, "tick middle");
        html_text(p->out, names[i]);
        fputs("</text>\n", p->out);
    }
}

/* ---- marks ---- */

/* What a browser shows over a mark, and a screen reader reads; closes the element. */
static void tooltip(const svg_plot *p, const char *element, const char *text) {
    fputs("<title>", p->out);
    html_text(p->out, text);
    fprintf(p->out, "</title></%s>\n", element);
}

/* From the bottom of the frame, which is 0 for all that is drawn as bars. */
void svg_bar(const svg_plot *p, const char *style, double x0, double x1, double y,
             const char *text) {
    double top = at(&p->y, y);
    fprintf(p->out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">",
            style, at(&p->x, x0), top, at(&p->x, x1) - at(&p->x, x0), p->y.begin - top);
    tooltip(p, "rect", text);
}

/* "M" begins a stretch and "L" goes on with it; what is not finite only ends one. */
void svg_line(const svg_plot *p, const char *style, const double *x, const double *y, int n) {
    bool drawing = false;
    fprintf(p->out, "<path class=\"line %s\" d=\"", style);
    for (int i = 0; i < n; i++) {
        bool finite = isfinite(x[i]) && isfinite(y[i]);
        if (finite)
            fprintf(p->out, "%s%.1f %.1f", drawing ? "L" : "M", at(&p->x, x[i]), at(&p->y, y[i]));
        drawing = finite;
    }
    fputs("\"/>\n", p->out);
}

/* 3.5 pixels: large enough to be pointed at, small enough to leave the line seen. */
void svg_dot(const svg_plot *p, const char *style, double x, double y, const char *text) {
    if (!isfinite(x) || !isfinite(y))
        return;
    fprintf(p->out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\">", style, at(&p->x, x),
            at(&p->y, y));
    tooltip(p, "circle", text);
}
