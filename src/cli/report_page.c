/* Names on a report. */
#include "cli/report_page.h"

/* Titles are looked up when they are shown, not joined to the report: it is the same without
 * them. */
const char *report_title(const report_page *page, const char *item) {
    return page->titles != NULL ? mixfill_titles_find(page->titles, item) : NULL;
}
