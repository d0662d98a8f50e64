/* Plots as inline SVG: open one, name its x axis, draw marks, close it. Colours and fonts are left
 * to the page's style: the classes are grid, axis, tick, label, and those that callers name. */
#ifndef MIXFILL_CLI_SVG_H
#define MIXFILL_CLI_SVG_H

#include <stdbool.h>
#include <stdio.h>

/* From data to pixels: low is drawn at begin, high at end. */
typedef struct svg_scale {
    double low, high, begin, end;
} svg_scale;

/* Round numbers that lie on an axis: first + i * step. */
typedef struct svg_ticks {
    double first, step;
    int n;
} svg_ticks;

/* At most `most` (> 1) multiples of 1, 2 or 5 times a power of ten within low < high; whole numbers
 * where asked for. */
svg_ticks svg_ticks_within(double low, double high, int most, bool whole);

/* What surrounds the marks. A reader who cannot see the plot is told title and description. */
typedef struct svg_frame {
    const char *id, *title, *description; /* text; the id is unique in the page */
    const char *x_label, *y_label;
    double x_low, x_high, y_low, y_high; /* of the data; widened to round numbers along y, and where
                                            there is no width */
    bool y_percent;                      /* y is a fraction, shown in percent */
} svg_frame;

/* A plot that is being written. */
typedef struct svg_plot {
    FILE *out;
    svg_scale x, y;
} svg_plot;

/* Begin a plot: title, description, y axis and grid. */
void svg_open(svg_plot *p, FILE *out, const svg_frame *frame);
void svg_close(svg_plot *p);

/* One of these: numbers along x, or names of n places, name i at i + 0.5, as many as fit. */
void svg_x_numbers(const svg_plot *p, bool whole, bool percent);
void svg_x_names(const svg_plot *p, const char *const *names, int n);

/* A bar from the bottom, between two values of x; text shows over it. */
void svg_bar(const svg_plot *p, const char *style, double x0, double x1, double y,
             const char *text);

/* A line through n points; one that is not finite breaks it. */
void svg_line(const svg_plot *p, const char *style, const double *x, const double *y, int n);

/* A dot; nothing where it is not finite. */
void svg_dot(const svg_plot *p, const char *style, double x, double y, const char *text);

#endif
