/* Names on a report. */
#include "cli/report_page.h"

const char *report_title(const report_page *page, const char *item) {
    return page->titles != NULL ? mixfill_titles_find(page->titles, item) : NULL;
}
