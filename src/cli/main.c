/* The program's entry: the table of commands, help, signals and the exit status. Options are each
 * command's own; here only --help and --version are known, and their short forms. */
#include "cli/cli.h"

#include "cli/nearest.h"
#include "cli/print.h"
#include "cli/spin.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A row of the table below: what main needs to know of a command, and what help says of it. */
typedef struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} command;

/* In the order of use, which is that of help: from ratings to a model and what it is good for. */
static const command commands[] = {
    {"fit", "fit a model to ratings and save it", cli_fit},
    {"complete", "fill the missing cells of a ratings matrix", cli_complete},
    {"predict", "predict the ratings of user,item pairs", cli_predict},
    {"recommend", "the best unseen items of users", cli_recommend},
    {"evaluate", "accuracy on held-out ratings, beside the baselines", cli_evaluate},
    {"cv", "cross-validate: fit to all folds but one, score on that one", cli_cv},
    {"select", "choose the number of components", cli_select},
    {"info", "describe a ratings file or a model", cli_info},
    {"generate", "make synthetic ratings with a planted mixture", cli_generate},
    {"convert", "write ratings in another format", cli_convert},
    {"split", "hold out a part of the ratings for a test", cli_split},
    {"check", "look for what is wrong with a ratings file", cli_check},
    {"report", "draw a model on an HTML page", cli_report},
    {"doctor", "what this build is and what it would use here", cli_doctor},
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

/* NULL where there is none of that name. */
static const command *find_command(const char *name) {
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* The exit statuses here are those of cli.h; docs/commands.md says the same. */
static void print_usage(FILE *stream) {
    fputs("Usage: mixfill COMMAND [OPTION...]\n"
          "Fit a model to sparse ratings and predict what is missing.\n\n"
          "Commands:\n",
          stream);
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(stream, "  %s%-10s%s %s\n", cli_styled(stream, CLI_BOLD), commands[i].name,
                cli_styled(stream, CLI_PLAIN), commands[i].summary);
    fputs("\nmixfill COMMAND --help shows the options of a command; mixfill --version the "
          "version.\n\n"
          "Exit status:\n"
          "  0          ok\n"
          "  1          data, input/output or numeric failure\n"
          "  2          wrong usage\n"
          "  3          not converged (--strict)\n"
          "  128 + n    ended by signal n\n",
          stream);
}

/* Names the one that was mistyped, where it can be told, else all there are. */
static int unknown_command(const char *name) {
    static const char *const others[] = {"help", "--help", "--version"};
    enum { N_OTHERS = sizeof others / sizeof others[0] };
    const char *known[N_COMMANDS + N_OTHERS];
    for (int i = 0; i < N_COMMANDS; i++)
        known[i] = commands[i].name;
    memcpy(known + N_COMMANDS, others, sizeof others);
    int nearest = cli_nearest(name, known, N_COMMANDS + N_OTHERS);
    if (nearest >= 0) {
        cli_error("unknown command '%s', did you mean '%s'? (mixfill help)", name, known[nearest]);
        return EXIT_USAGE;
    }
    char names[256] = "";
    size_t used = 0;
    for (int i = 0; i < N_COMMANDS && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s %s", i > 0 ? "," : "",
                                 commands[i].name);
    cli_error("unknown command '%s', expected one of%s (mixfill help)", name, names);
    return EXIT_USAGE;
}

/* Run a command under the name "mixfill COMMAND", which its messages and help show. */
static int run(const command *c, int argc, char **argv) {
    char name[64];
    snprintf(name, sizeof name, "mixfill %s", c->name);
    argv[0] = name;
    return c->run(argc, argv);
}

/* mixfill help [COMMAND]: help of a command is what its --help prints. argv[0] is "help". */
static int help(int argc, char **argv) {
    static char option[] = "--help";
    if (argc < 2) {
        print_usage(stdout);
        return 0;
    }
    const command *c = find_command(argv[1]);
    if (c == NULL)
        return unknown_command(argv[1]);
    char *help_argv[] = {NULL, option, NULL};
    return run(c, 2, help_argv);
}

/* What the first argument asks for; -h and -? are what people type who do not know yet. Without one
 * the usage goes to stderr: nothing was asked for, so that nothing may be on stdout. */
static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("mixfill %s\n", mixfill_version());
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "help") == 0)
        return help(argc - 1, argv + 1);
    const command *c = find_command(argv[1]);
    return c != NULL ? run(c, argc - 1, argv + 1) : unknown_command(argv[1]);
}

/* Nothing half-written may stay behind. Called in a signal handler: only what is safe there. */
static void end_on_signal(int number) {
    mixfill_abandon_outputs();
    _exit(EXIT_SIGNAL + number);
}

/* A signal that was ignored stays so, as for a program begun by nohup. */
static void handle_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction old, action = {.sa_handler = end_on_signal};
        sigemptyset(&action.sa_mask);
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    signal(SIGXFSZ, SIG_IGN); /* so that the write fails and says so */
}

/* Output that could not be written is a failure, however late it shows: a full disk, a closed pipe.
 */
int main(int argc, char **argv) {
    cli_spin_briefly(argv);
    argp_err_exit_status = EXIT_USAGE; /* argp would exit with 64 */
    handle_signals();
    int status = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_error("cannot write standard output: %s", strerror(errno));
        return status != 0 ? status : EXIT_DATA;
    }
    return status;
}
