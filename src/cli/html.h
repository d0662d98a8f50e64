/* Text, tables and figures of an HTML page. What is called text may be anything and is escaped;
 * names, titles, captions and columns are HTML that the program holds itself. */
#ifndef MIXFILL_CLI_HTML_H
#define MIXFILL_CLI_HTML_H

#include <stdint.h>
#include <stdio.h>

/* The page's style, light and dark, for all that is written here and by svg.h. */
extern const char html_style[];

/* Sizes of buffers for a short text and for a count with its commas. */
enum { HTML_TEXT = 160, HTML_COUNT = 32 };

/* Write text of any origin: <>&"' escaped; control characters and what is not UTF-8 as U+FFFD. */
void html_text(FILE *out, const char *text);

/* A whole number >= 0 with commas. */
const char *html_count_text(char out[HTML_COUNT], int64_t n);
void html_count(FILE *out, int64_t n);

/* With two decimals, and a minus that is as wide as a plus. */
void html_signed(FILE *out, double x);

/* Cells of a table; a number that is not finite leaves its cell empty, as does a share. */
void html_number_cell(FILE *out, double x, int digits);
void html_count_cell(FILE *out, int64_t n);
void html_percent_cell(FILE *out, double share);

/* An entry of a list of facts; the value is escaped, the name is HTML. */
__attribute__((format(printf, 3, 4))) void html_fact(FILE *out, const char *name,
                                                     const char *format, ...);
void html_count_fact(FILE *out, const char *name, int64_t n);

/* Begin a section whose heading can be linked to. */
void html_section(FILE *out, const char *id, const char *title);

/* A figure: begin, a plot, perhaps a legend, then its numbers as a table that can be unfolded, one
 * row after the other, and the end of both. */
void html_figure_begin(FILE *out, const char *id, const char *caption);
/* styles: of the entries, those of the marks; ended by NULL. */
void html_legend(FILE *out, const char *const *styles, const char *const *names);
/* columns: heads, ended by NULL. */
void html_numbers_begin(FILE *out, const char *caption, const char *const *columns);
void html_numbers_end(FILE *out);

#endif
