/* The section of a report's page about accuracy. */
#ifndef MIXFILL_CLI_REPORT_ACCURACY_H
#define MIXFILL_CLI_REPORT_ACCURACY_H

#include "cli/report_page.h"

#include <stdio.h>

/* The report has it. */
void report_write_accuracy(FILE *out, const report_page *page);

#endif
