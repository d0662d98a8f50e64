/* What every command of the program is: a function that main.c's table names, and the exit status
 * it returns. Everything else that commands share lies beside this: arguments.h (the command line),
 * files.h (reading and saving), run.h (fitting and scoring), progress.h (how far it has come),
 * print.h (messages, tables, JSON). The program uses the library through its public header only, so
 * that whatever it can do any caller can. */
#ifndef MIXFILL_CLI_CLI_H
#define MIXFILL_CLI_CLI_H

/* Exit statuses, a promise to scripts: 0 says that what was asked for was done, and that every
 * output is whole. Status 2 comes before anything is read or written. */
enum {
    EXIT_DATA = 1,          /* data, input/output or numeric failure */
    EXIT_USAGE = 2,         /* wrong command line */
    EXIT_NOT_CONVERGED = 3, /* only with --strict; the model is saved all the same */
    EXIT_SIGNAL = 128       /* plus the signal's number */
};

/* Each command gets its own arguments, argv[0] being "mixfill COMMAND", and returns the exit
 * status. It writes its result on stdout and all else on stderr, owns what it loads, and releases
 * it before it returns. A usage error ends the program inside argp, before anything is owned. */
int cli_fit(int argc, char **argv);
int cli_complete(int argc, char **argv);
int cli_predict(int argc, char **argv);
int cli_recommend(int argc, char **argv);
int cli_evaluate(int argc, char **argv);
int cli_cv(int argc, char **argv);
int cli_select(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_generate(int argc, char **argv);
int cli_convert(int argc, char **argv);
int cli_split(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_doctor(int argc, char **argv);

#endif
