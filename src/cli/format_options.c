/* Formats on the command line. Which there are, what they are called and which extensions they have
 * the library knows in one table; names, help and messages here all follow it, so that a new format
 * is not told of here. */
#include "cli/format_options.h"

#include "cli/option_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far more than there are formats, and bytes of a text that lists them. */
enum { MAX_FORMATS = 32, FORMAT_TEXT = 256 };

/* Whether --to (written) or --format can name a format. */
static bool is_offered(const mixfill_format_info *info, bool written) {
    return written ? info->writable : info->readable;
}

/* The format of this name; "auto" is one to be read. */
static mixfill_format parse_format(const struct argp_state *state, const char *option,
                                   const char *text, bool written) {
    const char *names[MAX_FORMATS + 1];
    mixfill_format formats[MAX_FORMATS];
    const mixfill_format_info *info;
    int n = 0;
    if (!written)
        formats[n++] = MIXFILL_FORMAT_AUTO;
    for (size_t i = 0; (info = mixfill_format_at(i)) != NULL && n < MAX_FORMATS; i++)
        if (is_offered(info, written))
            formats[n++] = info->format;
    for (int i = 0; i < n; i++)
        names[i] = mixfill_format_name(formats[i]);
    names[n] = NULL;
    return formats[cli_choice(state, option, text, names)];
}

/* "a, b or c": names of formats, or extensions of those that are written, in the library's order.
 * Returns out. */
static const char *formats_in_words(char out[FORMAT_TEXT], bool written, bool extensions) {
    char words[FORMAT_TEXT] = "", *rest = words;
    const mixfill_format_info *info;
    size_t used = 0;
    for (size_t i = 0; (info = mixfill_format_at(i)) != NULL; i++) {
        const char *word = extensions ? info->extensions : info->name;
        if (is_offered(info, written) && *word != '\0' && used < sizeof words)
            used += (size_t)snprintf(words + used, sizeof words - used, "%s ", word);
    }
    out[0] = '\0';
    for (char *word = strtok_r(NULL, " ", &rest), *next; word != NULL; word = next) {
        next = strtok_r(NULL, " ", &rest);
        size_t n = strlen(out);
        snprintf(out + n, FORMAT_TEXT - n, "%s%s",
                 n == 0         ? ""
                 : next != NULL ? ", "
                                : " or ",
                 word);
    }
    return out;
}

mixfill_format cli_read_format(const struct argp_state *state, const char *option,
                               const char *text) {
    return parse_format(state, option, text, false);
}

/* By the extension of the path. That of an unknown name is not guessed: a file in the wrong format
 * is found out late. */
mixfill_format cli_format_of(const struct argp_state *state, const char *option, const char *path,
                             const char *to) {
    char known[FORMAT_TEXT];
    if (to != NULL)
        return parse_format(state, "--to", to, true);
    if (strcmp(path, "-") == 0)
        return MIXFILL_FORMAT_CSV;
    const mixfill_format_info *info = mixfill_format_of_path(path);
    if (info != NULL)
        return info->format;
    argp_error(state, "%s '%s': expected a name that ends in %s", option, path,
               formats_in_words(known, true, true));
    return MIXFILL_FORMAT_AUTO;
}

/* What is new is a block from malloc, which argp frees; any other text is argp's own, and goes back
 * as it is. */
char *cli_list_formats(int key, const char *text, void *input) {
    char list[FORMAT_TEXT];
    bool listed = key == CLI_KEY_FORMAT || key == CLI_KEY_TO || key == ARGP_KEY_HELP_PRE_DOC;
    const char *at = listed && text != NULL ? strstr(text, "%s") : NULL;
    (void)input;
    if (at == NULL)
        return (char *)(uintptr_t)text;
    formats_in_words(list, key == CLI_KEY_TO, false);
    size_t size = strlen(text) + sizeof list;
    char *whole = malloc(size);
    if (whole != NULL)
        snprintf(whole, size, "%.*s%s%s", (int)(at - text), text, list, at + 2);
    return whole;
}
