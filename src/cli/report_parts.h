/* The sections of a report's page about what users differ by: the components of a mixture, the axes
 * of a factor model. */
#ifndef MIXFILL_CLI_REPORT_PARTS_H
#define MIXFILL_CLI_REPORT_PARTS_H

#include "cli/report_page.h"

#include <stdio.h>

/* The report has components, or axes. */
void report_write_components(FILE *out, const report_page *page);
void report_write_axes(FILE *out, const report_page *page);

#endif
