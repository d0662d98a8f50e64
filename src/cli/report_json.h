/* The numbers of a report as JSON: what the page draws, for programs. */
#ifndef MIXFILL_CLI_REPORT_JSON_H
#define MIXFILL_CLI_REPORT_JSON_H

#include "cli/report_page.h"

#include <jansson.h>

/* paths as given on the command line; output and ratings may be NULL. A new reference, NULL when
 * out of memory. */
json_t *report_json(const report_page *page, const char *model, const char *output,
                    const char *ratings);

#endif
