/* What the parts of mixfill report are given: the report and the names it goes by. */
#ifndef MIXFILL_CLI_REPORT_PAGE_H
#define MIXFILL_CLI_REPORT_PAGE_H

#include <mixfill/mixfill.h>

/* Everything is borrowed. */
typedef struct report_page {
    const mixfill_report *report;
    const mixfill_titles *titles; /* NULL: items go by their ids */
    const char *model;            /* name of the model's file, without folders */
    const char *ratings;          /* that of the ratings, NULL without */
} report_page;

/* An item's title, NULL where none is known. */
const char *report_title(const report_page *page, const char *item);

#endif
