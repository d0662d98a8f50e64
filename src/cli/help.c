/* The layout is argp's, which completion and help2man read: short and long name, then the text from
 * a column on. What stands above the options argp prints. */
#include "cli/help.h"

#include "cli/option_list.h"
#include "cli/print.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const headings[] = {
    [CLI_HELP_USERS] = "Users and items", [CLI_HELP_LISTS] = "Lists",
    [CLI_HELP_MODEL] = "What model",      [CLI_HELP_PARAMETERS] = "Its parameters",
    [CLI_HELP_START] = "Where it starts", [CLI_HELP_STOP] = "When it stops",
    [CLI_HELP_DRAW] = "What is drawn",    [CLI_HELP_HELD_OUT] = "Held-out ratings",
    [CLI_HELP_OUTPUT] = "Output",         [CLI_HELP_READING] = "Reading",
    [CLI_HELP_MACHINE] = "Machine",       [CLI_HELP_HELP] = "Help",
};

/* The column where texts begin, and the one before which lines end. */
enum { TEXT_COLUMN = 29, END_COLUMN = 79 };

/* Words of text from TEXT_COLUMN on, where the cursor is at `column`: on a new line if that is too
 * far right. */
static void print_text(const char *text, int column) {
    if (column >= TEXT_COLUMN) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", TEXT_COLUMN - column, "");
    for (column = TEXT_COLUMN; *text != '\0';) {
        int size = (int)strcspn(text, " ");
        if (column > TEXT_COLUMN && column + 1 + size >= END_COLUMN) {
            printf("\n%*s", TEXT_COLUMN, "");
            column = TEXT_COLUMN;
        }
        column += printf("%s%.*s", column > TEXT_COLUMN ? " " : "", size, text);
        text += size + (text[size] == ' ');
    }
    putchar('\n');
}

/* A filter may put another text, which is then malloc's, in place of the table's. */
static void print_option(const cli_listed_option *listed) {
    const struct argp_option *o = listed->option;
    int column = cli_is_short(o) ? printf("  -%c, ", o->key) : printf("%6s", "");
    column += printf("--%s", o->name);
    if (o->arg != NULL)
        column += printf("=%s", o->arg);
    char *text = listed->argp->help_filter != NULL ? listed->argp->help_filter(o->key, o->doc, NULL)
                                                   : (char *)(uintptr_t)o->doc;
    print_text(text != NULL ? text : o->doc, column);
    if (text != o->doc)
        free(text);
}

/* A heading and its options; nothing where there are none. */
static void print_group(const cli_listed_option *list, int n, int group) {
    bool any = false;
    for (int i = 0; i < n; i++) {
        if (list[i].option->group != group || (list[i].option->flags & OPTION_HIDDEN) != 0)
            continue;
        if (!any)
            printf("\n%s%s:%s\n", cli_styled(stdout, CLI_BOLD), headings[group],
                   cli_styled(stdout, CLI_PLAIN));
        any = true;
        print_option(&list[i]);
    }
}

void cli_print_help(const struct argp_state *state) {
    cli_listed_option list[CLI_MAX_OPTIONS];
    int n = cli_list_options(list, state->root_argp);
    argp_state_help(state, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_PRE_DOC);
    for (int group = CLI_HELP_USERS; group <= CLI_HELP_HELP; group++)
        print_group(list, n, group);
}
