/* argp and getopt take any beginning of a long option that is that of one only for the whole, so
 * that a slip does something else than was meant, and a new option can break an old script. Hence
 * the words of a command line are looked through before argp sees them, as getopt would: what is
 * the value of an option is passed over, and after "--" there are no options. */
#include "cli/parse.h"

#include "cli/cli.h"
#include "cli/help.h"
#include "cli/nearest.h"
#include "cli/option_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond the keys of every other table. */
enum { KEY_HELP = '?', KEY_USAGE = 8192 };

/* All options of the command that is parsed. */
typedef struct option_table {
    cli_listed_option at[CLI_MAX_OPTIONS];
    int n;
} option_table;

/* ---- unknown options ---- */

/* A usage error that names the option that was meant, where that can be guessed: by its short form
 * if the name is that letter, such as --k, else by the nearest name. One that is hidden is named by
 * what took its place. */
static void refuse(const struct argp_state *state, const option_table *options, const char *name) {
    const char *names[CLI_MAX_OPTIONS];
    for (int i = 0; i < options->n; i++) {
        const struct argp_option *o = options->at[i].option;
        names[i] = o->name;
        if (cli_is_short(o) && name[0] == o->key && name[1] == '\0')
            argp_error(state, "unknown option '--%s', did you mean '-%s'?", name, name);
    }
    int i = cli_nearest(name, names, options->n);
    if (i < 0)
        argp_error(state, "unknown option '--%s'", name);
    else if (options->at[i].option == options->at[i].real)
        argp_error(state, "unknown option '--%s', did you mean '--%s'?", name, names[i]);
    else
        argp_error(state, "unknown option '--%s', did you mean '--%s' (formerly '--%s')?", name,
                   options->at[i].real->name, names[i]);
}

/* The option of a word such as --seed or --seed=1, and what follows its name there; a usage error
 * where there is none. */
static const cli_listed_option *find_long(const struct argp_state *state,
                                          const option_table *options, const char **word) {
    char name[64];
    int size = (int)strcspn(*word, "=");
    snprintf(name, sizeof name, "%.*s", size - 2, *word + 2);
    *word += size;
    for (int i = 0; i < options->n; i++)
        if (strcmp(options->at[i].option->name, name) == 0)
            return &options->at[i];
    refuse(state, options, name);
    return NULL;
}

/* The option of a letter; NULL where there is none. */
static const cli_listed_option *find_letter(const option_table *options, char letter) {
    for (int i = 0; i < options->n; i++)
        if (cli_is_short(options->at[i].option) && options->at[i].option->key == letter)
            return &options->at[i];
    return NULL;
}

/* The last option of a word such as -k, -k8 or -?, and what follows it there; NULL where one is
 * unknown. */
static const cli_listed_option *find_short(const option_table *options, const char **word) {
    const cli_listed_option *option;
    do
        option = find_letter(options, *++*word);
    while (option != NULL && option->real->arg == NULL && (*word)[1] != '\0');
    ++*word;
    return option;
}

/* Up to where argp would end by itself: at a short option that it does not know, or at one that
 * asks for help. */
static void check_options(const struct argp_state *state) {
    option_table options;
    options.n = cli_list_options(options.at, state->root_argp);
    for (int i = 1; i < state->argc; i++) {
        const char *word = state->argv[i], *rest = word;
        if (strcmp(word, "--") == 0)
            return;
        if (word[0] != '-' || word[1] == '\0')
            continue;
        const cli_listed_option *option =
            word[1] == '-' ? find_long(state, &options, &rest) : find_short(&options, &rest);
        if (option == NULL || option->option->group == CLI_HELP_HELP)
            return;
        if (option->real->arg != NULL && *rest == '\0')
            i++; /* its value */
    }
}

/* ---- help ---- */

static const struct argp_option help_options[] = {
    {"help", KEY_HELP, NULL, 0, "show this help", CLI_HELP_HELP},
    {"usage", KEY_USAGE, NULL, 0, "show all options on a few lines", CLI_HELP_HELP},
    {0},
};

/* The input is the command's own. argp knows its name only after ARGP_KEY_INIT, and messages need
 * it. */
static error_t parse_help(int key, char *arg, struct argp_state *state) {
    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        state->name = state->argv[0];
        check_options(state);
        return 0;
    case KEY_HELP:
        cli_print_help(state);
        exit(fflush(stdout) == 0 ? 0 : EXIT_DATA);
    case KEY_USAGE:
        argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void cli_parse(const struct argp *argp, int argc, char **argv, void *input) {
    const struct argp_child children[] = {{argp, 0, NULL, 0}, {0}};
    const struct argp whole = {.options = help_options, .parser = parse_help, .children = children};
    argp_parse(&whole, argc, argv, ARGP_NO_HELP, NULL, input);
}
