/* Names and extensions of formats. Nothing is listed here: a format that the library gains is read,
 * written, offered by --help and named in errors without a change to the program. */
#include "cli/format_names.h"

#include "cli/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32, TEXT = 512 }; /* formats, and bytes of a list of them */

/* Formats that an option names: index i of `name` stands for format i. */
typedef struct choices {
    const char *name[MOST + 1]; /* ended by NULL */
    mixfill_format format[MOST];
    int n;
} choices;

/* The names are those of the table, which outlive any choice. */
static void add_choice(choices *c, const char *name, mixfill_format format) {
    c->name[c->n] = name;
    c->format[c->n++] = format;
}

/* Those that are written, or read, in the order of the table. */
static void add_formats(choices *c, bool written) {
    const mixfill_format_info *info;
    for (size_t i = 0; (info = mixfill_format_at(i)) != NULL && c->n < MOST; i++)
        if (written ? info->writable : info->readable)
            add_choice(c, info->name, info->format);
}

/* Append a word of a list: "a", "a, b" or, where it is the last of several, "a, b or c". */
static void append(char out[TEXT], const char *word, bool last) {
    size_t used = strlen(out);
    snprintf(out + used, TEXT - used, "%s%s", used == 0 ? "" : last ? " or " : ", ", word);
}

/* "auto" is no format of the table: it leaves the question to the content. */
mixfill_format cli_read_format(const struct argp_state *state, const char *text) {
    choices c = {0};
    add_choice(&c, "auto", MIXFILL_FORMAT_AUTO);
    add_formats(&c, false);
    return c.format[cli_choice(state, "--format", text, c.name)];
}

/* Every extension an output can have, as a list. */
static void list_extensions(char out[TEXT]) {
    const mixfill_format_info *info;
    char all[TEXT] = "";
    for (size_t i = 0; (info = mixfill_format_at(i)) != NULL; i++) {
        size_t used = strlen(all);
        if (*info->extensions != '\0')
            snprintf(all + used, sizeof all - used, "%s%s", used > 0 ? " " : "", info->extensions);
    }
    char *rest = NULL;
    for (char *word = strtok_r(all, " ", &rest), *next; word != NULL; word = next) {
        next = strtok_r(NULL, " ", &rest);
        append(out, word, next == NULL);
    }
}

/* By the last extension of the path, in lower case. That of an unknown name is not guessed: a file
 * in the wrong format is found out late. */
mixfill_format cli_format_of(const struct argp_state *state, const char *option, const char *path,
                             const char *to) {
    if (to != NULL) {
        choices c = {0};
        add_formats(&c, true);
        return c.format[cli_choice(state, "--to", to, c.name)];
    }
    if (strcmp(path, "-") == 0)
        return MIXFILL_FORMAT_CSV;
    const mixfill_format_info *info = mixfill_format_of_path(path);
    if (info != NULL)
        return info->format;
    char extensions[TEXT] = "";
    list_extensions(extensions);
    argp_error(state, "%s '%s': expected a name that ends in %s", option, path, extensions);
    return MIXFILL_FORMAT_AUTO;
}

/* argp wants its own text back without const where it is to stay as it is. */
static char *unchanged(const char *text) {
    char *out;
    memcpy(&out, &text, sizeof out);
    return out;
}

/* Out of memory, the text is shown with the word in it: help is not worth more than that. */
char *cli_format_help(const char *text, bool written) {
    static const char word[] = "FORMATS";
    const char *at = text != NULL ? strstr(text, word) : NULL;
    if (at == NULL)
        return unchanged(text);
    char names[TEXT] = "";
    choices c = {0};
    add_formats(&c, written);
    for (int i = 0; i < c.n; i++)
        append(names, c.name[i], i + 1 == c.n);
    size_t size = strlen(text) + strlen(names) + 1;
    char *out = malloc(size);
    if (out == NULL)
        return unchanged(text);
    snprintf(out, size, "%.*s%s%s", (int)(at - text), text, names, at + sizeof word - 1);
    return out;
}
