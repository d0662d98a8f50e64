/* Progress of reading and of a fit on stderr. */
#include "cli.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

void cli_progress_init(cli_progress *p, cli_progress_mode mode) {
    bool terminal = isatty(STDERR_FILENO) == 1;
    *p = (cli_progress){.terminal = terminal,
                        .shown =
                            mode == CLI_PROGRESS_ALWAYS || (mode == CLI_PROGRESS_AUTO && terminal)};
}

int cli_progress_show(const mixfill_progress *progress, void *data) {
    cli_progress *p = data;
    if (!p->shown)
        return 0;
    double now = cli_seconds();
    if (progress->iteration == 1)
        p->began = now - progress->seconds;
    double each = (now - p->began) / progress->iteration;
    double left = each * (progress->max_iter - progress->iteration +
                          (double)(progress->n_starts - progress->start - 1) * progress->max_iter);
    if (p->terminal)
        fputs("\r\033[K", stderr);
    if (progress->n_starts > 1)
        fprintf(stderr, "start %" PRId32 "/%" PRId32 "  ", progress->start + 1, progress->n_starts);
    fprintf(stderr, "iteration %" PRId32 "/%" PRId32 "  log-likelihood %.6f", progress->iteration,
            progress->max_iter, progress->log_likelihood);
    if (!isnan(progress->change))
        fprintf(stderr, "  change %+.3g", progress->change);
    fprintf(stderr, "  %.1f M ratings/s  at most %.0f s left",
            1e-6 * (double)progress->n_ratings / progress->seconds, ceil(left));
    if (!p->terminal)
        fputc('\n', stderr);
    p->line_open = p->terminal;
    return 0;
}

void cli_progress_finish(cli_progress *p) {
    if (p->line_open)
        fputc('\n', stderr);
    p->line_open = false;
}

void cli_reading_init(cli_reading *r, const char *path) {
    *r =
        (cli_reading){.path = path, .began = cli_seconds(), .terminal = isatty(STDERR_FILENO) == 1};
}

/* Short reads say nothing. */
int cli_reading_show(int64_t bytes, int64_t size, void *data) {
    const double patience = 0.5;
    char done[CLI_BYTES_BUFFER], all[CLI_BYTES_BUFFER];
    cli_reading *r = data;
    double seconds = cli_seconds() - r->began;
    if (!r->terminal || seconds < patience)
        return 0;
    fprintf(stderr, "\r\033[Kreading %s: %s", r->path, cli_bytes(done, (double)bytes));
    if (size > 0)
        fprintf(stderr, " of %s, %.0f s left", cli_bytes(all, (double)size),
                ceil(seconds * (double)(size - bytes) / (double)bytes));
    fflush(stderr);
    r->line_open = true;
    return 0;
}

void cli_reading_finish(cli_reading *r) {
    if (r->line_open)
        fputs("\r\033[K", stderr);
    r->line_open = false;
}
