/* The page about a report: HTML that needs nothing else. */
#ifndef MIXFILL_CLI_REPORT_HTML_H
#define MIXFILL_CLI_REPORT_HTML_H

#include "cli/report_page.h"

#include <stdio.h>

/* Whether it could be written is for the caller to ask the stream. */
void report_write_html(FILE *out, const report_page *page);

#endif
