/* How far something long has come: lines on stderr. Nothing here fails, or changes what a command
 * computes; it is called by the library between its steps. */
#ifndef MIXFILL_CLI_PROGRESS_H
#define MIXFILL_CLI_PROGRESS_H

#include <mixfill/mixfill.h>

/* Where progress of a fit is shown. */
typedef enum cli_progress_mode {
    CLI_PROGRESS_AUTO,   /* a line that renews itself, when stderr is a terminal */
    CLI_PROGRESS_ALWAYS, /* the same on a terminal, else a line per iteration */
    CLI_PROGRESS_NEVER
} cli_progress_mode;

/* Reading, writing or scoring, on a terminal only. */
typedef struct cli_counting {
    const char *what;    /* such as "reading FILE"; borrowed */
    double began, shown; /* cli_seconds at the begin and when the line was last written */
    bool terminal;       /* stderr is one */
    bool line_open;      /* there is a line to be wiped away */
} cli_counting;

void cli_counting_init(cli_counting *c, const char *what);
/* A mixfill_read_progress_fn, and mixfill_done_fn for users and for ratings, whose data is a
 * cli_counting. They return 0: nothing is ever cancelled. */
int cli_reading_show(int64_t bytes, int64_t size, void *data);
int cli_users_show(int64_t users, int64_t total, void *data);
int cli_ratings_show(int64_t ratings, int64_t total, void *data);
/* Wipe the line away, so that what is printed next begins a line. */
void cli_counting_finish(cli_counting *c);

/* Progress of a fit, iteration by iteration; its last line stays. */
typedef struct cli_progress {
    bool shown, terminal;
    const char *label; /* "" or what is fitted; borrowed */
    double began;      /* of the current start, cli_seconds */
    bool line_open;    /* the renewed line waits for its end */
} cli_progress;

void cli_progress_init(cli_progress *p, cli_progress_mode mode);
/* A mixfill_progress_fn whose data is a cli_progress. */
int cli_progress_show(const mixfill_progress *progress, void *data);
void cli_progress_finish(cli_progress *p);

#endif
