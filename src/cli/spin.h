/* How long threads that wait for each other spin, which decides what a busy machine costs. */
#ifndef MIXFILL_CLI_SPIN_H
#define MIXFILL_CLI_SPIN_H

/* First thing in main: where the environment says nothing of it, run the program anew with a short
 * spin, under the same arguments and process id. Returns where that is not due, or cannot be done.
 */
void cli_spin_briefly(char **argv);

/* What is in effect, for doctor: the variable with its value, or NULL for what the OpenMP library
 * does by itself; and who has set it. */
typedef struct cli_spin {
    const char *name, *value, *set_by;
} cli_spin;

cli_spin cli_spin_now(void);

#endif
