/* From the library's fields to the program's options. */
#ifndef MIXFILL_CLI_OPTION_NAMES_H
#define MIXFILL_CLI_OPTION_NAMES_H

#include <mixfill/mixfill.h>

/* The option that sets a field, such as "--rank"; the field's own name where none does. */
const char *cli_option_of(const char *field);

/* The message of an error in the words of the command line, into out, which is returned: where it
 * begins with a field's name, the option stands in its place; where it is only about a field, a
 * hint follows in parentheses; other fields named beside it are renamed too. A field that no option
 * sets is left as it is. */
enum { CLI_MESSAGE_BUFFER = 640 };
const char *cli_message(char out[CLI_MESSAGE_BUFFER], const mixfill_error *err);

/* The same of a message and its field, as a mixfill_read_report has them. */
const char *cli_field_message(char out[CLI_MESSAGE_BUFFER], const char *message, const char *field);

#endif
