/* What the parts of mixfill report share. */
#ifndef MIXFILL_CLI_REPORT_H
#define MIXFILL_CLI_REPORT_H

#include <mixfill/mixfill.h>

#include <stdio.h>

/* A report and the names it goes by. */
typedef struct report_page {
    const mixfill_report *report;
    const mixfill_titles *titles; /* NULL */
    const char *model;            /* the file's name */
    const char *ratings;          /* the same, NULL without */
} report_page;

/* The page about a report: HTML that needs nothing else. Whether it could be written is for the
 * caller to ask the stream. */
void report_write_html(FILE *out, const report_page *page);

/* Its section about accuracy; the report has it. */
void report_write_accuracy(FILE *out, const report_page *page);

#endif
