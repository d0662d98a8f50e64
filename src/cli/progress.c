/* Progress on stderr: of a fit by iterations, of reading by bytes, of everything else by users or
 * ratings. Only a fit may be shown where stderr is no terminal, a line per iteration, for logs. On
 * a terminal a line renews itself: "\r" goes back to its begin, "\033[K" wipes what it held. */
#include "cli/progress.h"

#include "cli/print.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The label is empty until a caller sets it. */
void cli_progress_init(cli_progress *p, cli_progress_mode mode) {
    bool terminal = isatty(STDERR_FILENO) == 1;
    *p = (cli_progress){.terminal = terminal,
                        .label = "",
                        .shown =
                            mode == CLI_PROGRESS_ALWAYS || (mode == CLI_PROGRESS_AUTO && terminal)};
}

/* Seconds that are left, or NaN where nobody knows: a fit that may converge, or run out of
 * patience, ends when it does. Clocked from the first iteration of this start, whose own seconds
 * are known. */
static double seconds_left(const mixfill_progress *progress, double began) {
    double each = (cli_seconds() - began) / progress->iteration;
    double starts = progress->n_starts - progress->start - 1;
    return progress->all_run
               ? each * (progress->max_iter - progress->iteration + starts * progress->max_iter)
               : (double)NAN;
}

/* A line of parts, of which those are left out that would go beyond its end: on a terminal a line
 * that wraps cannot be renewed. */
typedef struct parts {
    char text[256];
    size_t used, room;
} parts;

/* Characters of a line on this terminal, or in a log. */
static size_t line_room(bool terminal) {
    struct winsize size;
    const size_t usual = 80, most = sizeof((parts *)NULL)->text - 1;
    if (!terminal)
        return most;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    size_t columns = known ? size.ws_col : usual;
    return columns - 1 < most ? columns - 1 : most;
}

__attribute__((format(printf, 2, 3))) static void add_part(parts *line, const char *format, ...) {
    char part[128];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(part, sizeof part, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof part || line->used + (size_t)len > line->room)
        return;
    strcpy(line->text + line->used, part);
    line->used += (size_t)len;
}

/* Everything that an iteration tells, on one line, what is looked for most first: each part where
 * there is one. What is left of one fit among several (a label) is not what is left to wait. */
int cli_progress_show(const mixfill_progress *progress, void *data) {
    cli_progress *p = data;
    if (!p->shown)
        return 0;
    if (progress->iteration == 1)
        p->began = cli_seconds() - progress->seconds;
    double left = p->label[0] == '\0' ? seconds_left(progress, p->began) : (double)NAN;
    parts line = {.room = line_room(p->terminal)};
    add_part(&line, "%s", p->label);
    if (progress->n_starts > 1)
        add_part(&line, "start %" PRId32 "/%" PRId32 "  ", progress->start + 1, progress->n_starts);
    add_part(&line, "iteration %" PRId32 "/%" PRId32, progress->iteration, progress->max_iter);
    if (!isnan(progress->rmse))
        add_part(&line, "  held-out RMSE %.4f", progress->rmse);
    if (!isnan(left))
        add_part(&line, "  about %.0f s left", ceil(left));
    add_part(&line, "  log-likelihood %.6f", progress->log_likelihood);
    if (!isnan(progress->change))
        add_part(&line, "  change %+.3g", progress->change);
    add_part(&line, "  %.1f M ratings/s", 1e-6 * (double)progress->n_ratings / progress->seconds);
    fprintf(stderr, "%s%s%s", p->terminal ? "\r\033[K" : "", line.text, p->terminal ? "" : "\n");
    p->line_open = p->terminal;
    return 0;
}

/* Leaves the last iteration on the screen: it is what the fit came to. */
void cli_progress_finish(cli_progress *p) {
    if (p->line_open)
        fputc('\n', stderr);
    p->line_open = false;
}

/* Nothing is shown yet: most runs are over before there is something to wait for. */
void cli_counting_init(cli_counting *c, const char *what) {
    *c = (cli_counting){
        .what = what, .began = cli_seconds(), .terminal = isatty(STDERR_FILENO) == 1};
}

/* Seconds since the begin where there is a line to be shown, after this much patience, or shown
 * anew; else 0. */
static double counting_due(cli_counting *c, double patience) {
    /* Ten times a second looks alive, and costs nothing beside the work. */
    const double between = 0.1;
    double now = cli_seconds();
    if (!c->terminal || now - c->began < patience || (c->line_open && now - c->shown < between))
        return 0;
    c->shown = now;
    return now - c->began;
}

/* The line itself, `done` of `all` things with their unit; left: seconds. all NULL: it is not known
 * how much there is. */
static void counting_show(cli_counting *c, const char *done, const char *all, double left) {
    fprintf(stderr, "\r\033[K%s: %s", c->what, done);
    if (all != NULL)
        fprintf(stderr, " of %s, %.0f s left", all, ceil(left));
    fflush(stderr);
    c->line_open = true;
}

/* Short reads say nothing. */
int cli_reading_show(int64_t bytes, int64_t size, void *data) {
    const double patience = 0.5;
    char done[MIXFILL_BYTES_TEXT], all[MIXFILL_BYTES_TEXT];
    double seconds = counting_due(data, patience);
    if (seconds > 0)
        counting_show(data, mixfill_format_bytes(done, (double)bytes),
                      size > 0 ? mixfill_format_bytes(all, (double)size) : NULL,
                      seconds * (double)(size - bytes) / (double)bytes);
    return 0;
}

/* Runs of up to two seconds say nothing. What is left is taken to go as fast as what is done. */
static int pieces_show(int64_t n, int64_t total, const char *pieces, cli_counting *c) {
    const double patience = 2;
    char done[MIXFILL_BYTES_TEXT], all[2 * MIXFILL_BYTES_TEXT];
    double seconds = counting_due(c, patience);
    snprintf(done, sizeof done, "%" PRId64, n);
    snprintf(all, sizeof all, "%" PRId64 " %s", total, pieces);
    if (seconds > 0)
        counting_show(c, done, all, seconds * (double)(total - n) / (double)n);
    return 0;
}

int cli_users_show(int64_t users, int64_t total, void *data) {
    return pieces_show(users, total, "users", data);
}

int cli_ratings_show(int64_t ratings, int64_t total, void *data) {
    return pieces_show(ratings, total, "ratings", data);
}

void cli_counting_finish(cli_counting *c) {
    if (c->line_open)
        fputs("\r\033[K", stderr);
    c->line_open = false;
}
