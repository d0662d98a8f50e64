/* libgomp lets a thread that waits spin for some milliseconds before it sleeps. On idle processors
 * that saves microseconds; beside other busy processes the spinner takes the very time that the
 * thread it waits for is waiting for, and a fit takes ten times as long. How long is read from the
 * environment before main, so that a program can change it only by running itself anew. */
#include "cli/spin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* gcc's OpenMP is libgomp; that of clang knows no spin count. */
#if defined _OPENMP && defined __linux__ && !defined __clang__
#define RUNS_ANEW
#include <sys/auxv.h>
#endif

#define SPIN_VARIABLE "GOMP_SPINCOUNT"
/* Set with it, so that doctor can tell it from the user's. */
#define SPIN_MARK "MIXFILL_SPINCOUNT"

#ifdef RUNS_ANEW
/* Some microseconds: longer than threads take to arrive that have processors of their own. */
static const char SPIN_COUNT[] = "1000";

/* The program's own file; false where it cannot be told, or is gone. Where the program was started
 * as an argument of the dynamic linker, which then has no linker of its own, the file would be the
 * linker's. */
static bool own_file(char *path, size_t size) {
    ssize_t length = getauxval(AT_BASE) != 0 ? readlink("/proc/self/exe", path, size) : -1;
    if (length <= 0 || (size_t)length == size)
        return false;
    path[length] = '\0';
    return true;
}

void cli_spin_briefly(char **argv) {
    char path[4096];
    if (getenv("OMP_WAIT_POLICY") != NULL || getenv(SPIN_VARIABLE) != NULL ||
        getenv(SPIN_MARK) != NULL || !own_file(path, sizeof path))
        return;
    if (setenv(SPIN_VARIABLE, SPIN_COUNT, 1) == 0 && setenv(SPIN_MARK, SPIN_COUNT, 1) == 0)
        execv(path, argv); /* by its name, which the process then has in ps */
    unsetenv(SPIN_VARIABLE);
    unsetenv(SPIN_MARK);
}
#else
void cli_spin_briefly(char **argv) {
    (void)argv;
}
#endif

cli_spin cli_spin_now(void) {
    const char *policy = getenv("OMP_WAIT_POLICY"), *count = getenv(SPIN_VARIABLE);
    if (count != NULL)
        return (cli_spin){SPIN_VARIABLE, count, getenv(SPIN_MARK) != NULL ? "mixfill" : "user"};
    if (policy != NULL)
        return (cli_spin){"OMP_WAIT_POLICY", policy, "user"};
    return (cli_spin){NULL, NULL, "default"};
}
