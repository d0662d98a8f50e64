/* Reading and saving with what is said about it. That a file was taken for something else than its
 * owner meant shows in its numbers of users, items and ratings, so every load says them; what an
 * output cannot hold is said before it is written. Which format a name stands for is not decided
 * here but on the command line (arguments.h). */
#include "cli/files.h"

#include "cli/cli.h"
#include "cli/known.h"
#include "cli/option_names.h"
#include "cli/print.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* ---- reading ---- */

/* The first warning from the one numbered i on that matters, n_warnings where none does. fits: a
 * model is to be fitted to what was read; else that there is nothing to fit is no matter. */
static int32_t next_warning(const mixfill_read_report *report, int32_t i, bool fits) {
    while (i < report->n_warnings && !fits && strcmp(report->warning_fields[i], "model") == 0)
        i++;
    return i;
}

/* A warning with the option that helps. */
static const char *warning_text(char message[CLI_MESSAGE_BUFFER], const mixfill_read_report *report,
                                int32_t i) {
    return cli_field_message(message, report->warnings[i], report->warning_fields[i]);
}

/* The first few by name, so that a pattern shows, then how many. */
void cli_report_skipped(const char *path, const mixfill_read_report *report) {
    char message[CLI_MESSAGE_BUFFER];
    for (int i = 0; i < report->n_messages; i++)
        cli_note("skipped: %s", cli_field_message(message, report->messages[i], report->fields[i]));
    if (report->skipped > 0)
        cli_note("%s: %" PRId64 " bad line%s skipped", path, report->skipped,
                 cli_s(report->skipped));
    if (report->duplicates > 0)
        cli_note("%s: %" PRId64 " duplicate rating%s merged", path, report->duplicates,
                 cli_s(report->duplicates));
}

/* Ids may be any text, so that such a line cannot be refused. */
void cli_warn_of_header(const char *path, int64_t line, const char *names) {
    if (line > 0)
        cli_note("warning: %s:%" PRId64
                 ": no id of the model, taken for data and not for a header, "
                 "expected names such as %s in a header",
                 path, line, names);
}

int cli_fail_input(const char *path, const char *expected, const mixfill_error *err) {
    if (!mixfill_model_probe(path))
        return cli_fail(err);
    cli_error("%s: this is a model of mixfill, expected %s ('mixfill info' tells what is in it)",
              path, expected);
    return EXIT_DATA;
}

/* On stderr: progress while it lasts, then format, packing, member and size. The caller's options
 * are left as they are; the copy only gets the progress. */
static int load(mixfill_ratings **out, const char *path, const mixfill_read_options *options,
                bool fits) {
    mixfill_error err;
    mixfill_read_report report;
    cli_counting reading;
    char what[256], shape[CLI_SHAPE_TEXT], message[CLI_MESSAGE_BUFFER];
    mixfill_read_options watched = *options;
    watched.strict = false; /* not all that is warned of matters here */
    snprintf(what, sizeof what, "reading %.240s", path);
    cli_counting_init(&reading, what);
    watched.progress = cli_reading_show;
    watched.progress_data = &reading;
    mixfill_status st = mixfill_ratings_load(out, &report, path, &watched, &err);
    cli_counting_finish(&reading);
    if (st != MIXFILL_OK)
        return cli_fail_input(path, "ratings", &err);
    int32_t i = next_warning(&report, 0, fits);
    if (options->strict && i < report.n_warnings) {
        cli_error("%s: %s", path, warning_text(message, &report, i));
        mixfill_ratings_free(*out);
        *out = NULL;
        return EXIT_DATA;
    }
    bool columns = report.columns[0] != '\0';
    cli_note("%s: %s%s%s%s%s%s%s%s, %s", path, mixfill_format_name(report.format),
             columns ? " (" : "", report.columns, columns ? ")" : "",
             report.packing != NULL ? " in " : "", report.packing != NULL ? report.packing : "",
             report.member[0] != '\0' ? " member " : "", report.member,
             cli_shape(shape, mixfill_ratings_n_users(*out), mixfill_ratings_n_items(*out),
                       mixfill_ratings_count(*out)));
    cli_report_skipped(path, &report);
    for (; i < report.n_warnings; i = next_warning(&report, i + 1, fits))
        cli_note("warning: %s: %s", path, warning_text(message, &report, i));
    return 0;
}

int cli_load(mixfill_ratings **out, const char *path, const mixfill_read_options *options) {
    return load(out, path, options, true);
}

int cli_load_beside(mixfill_ratings **out, const char *path, const mixfill_read_options *options) {
    return load(out, path, options, false);
}

/* Silent: what the model is shows in what the command prints. */
int cli_load_model(mixfill_model **out, const char *path, const char *data) {
    mixfill_error err;
    if (mixfill_model_load(out, path, &err) == MIXFILL_OK)
        return 0;
    if (data == NULL || mixfill_model_probe(path) || !mixfill_model_probe(data))
        return cli_fail(&err);
    cli_error("%s: not a model, but %s is one, expected the model first", path, data);
    return EXIT_DATA;
}

int cli_load_titles(mixfill_titles **out, const char *path, const mixfill_read_options *options) {
    mixfill_error err;
    return mixfill_titles_load(out, path, options->int_ids, &err) == MIXFILL_OK ? 0
                                                                                : cli_fail(&err);
}

/* Someone who rates on another scale is better told than predicted for. */
static int check_scale(const mixfill_ratings *ratings, const mixfill_model_summary *m,
                       const char *path) {
    mixfill_error err;
    mixfill_ratings_summary s;
    if (mixfill_ratings_summarize(ratings, &s, &err) != MIXFILL_OK)
        return cli_fail(&err);
    if (s.min < m->rating_min || s.max > m->rating_max)
        cli_note("warning: %s: ratings from %g to %g, the model was trained on %g to %g", path,
                 s.min, s.max, m->rating_min, m->rating_max);
    return 0;
}

/* Warnings, not errors: a stranger is not an accident that should cost everyone else their
 * prediction, but it should not pass in silence either. */
int cli_fold(mixfill_folded **out, const mixfill_model *model, const char *path,
             const mixfill_read_options *options, int32_t threads) {
    mixfill_error err;
    mixfill_model_summary m;
    mixfill_folded_summary s;
    mixfill_ratings *ratings = NULL;
    int status = cli_load_beside(&ratings, path, options);
    mixfill_model_summarize(model, &m);
    if (status == 0)
        status = cli_check_ratings(path, ratings, model, true);
    if (status == 0)
        status = check_scale(ratings, &m, path);
    if (status == 0 && mixfill_folded_create(out, model, ratings, threads, &err) != MIXFILL_OK)
        status = cli_fail(&err);
    mixfill_ratings_free(ratings);
    if (status != 0)
        return status;
    mixfill_folded_summarize(*out, &s);
    cli_note("%s: %" PRId32 " user%s folded in by %" PRId64 " rating%s", path, s.n_users,
             cli_s(s.n_users), s.n_ratings, cli_s(s.n_ratings));
    if (s.n_replaced > 0)
        cli_note("%s: the model knew %" PRId32
                 " of them, whose ratings here replace those of training",
                 path, s.n_replaced);
    if (s.n_strangers > 0)
        cli_note("warning: %s: %" PRId32
                 " user%s rated only items unknown to the model, so not folded in",
                 path, s.n_strangers, cli_s(s.n_strangers));
    if (s.n_dropped > 0)
        cli_note("warning: %s: %" PRId64 " rating%s of items unknown to the model, %s", path,
                 s.n_dropped, cli_s(s.n_dropped),
                 mixfill_model_kind_info(m.kind).hears_unknown_items
                     ? "which only tell of a user's level"
                     : "left out");
    return 0;
}

/* ---- outputs ---- */

bool cli_is_stdio(const char *path) {
    return path != NULL && strcmp(path, "-") == 0;
}

FILE *cli_table_stream(const char *output) {
    return cli_is_stdio(output) ? stderr : stdout;
}

/* stat the folder a path lies in, "." for a bare name; false where there is none to be seen. */
static bool stat_folder(const char *path, struct stat *out) {
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    int n = slash != NULL ? snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path)
                          : snprintf(folder, sizeof folder, ".");
    return n < PATH_MAX && stat(folder, out) == 0;
}

/* What follows the last slash. */
static const char *name_in_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* Two names of one file, by links or other ways to its folder, have one device and inode. A file
 * that is not there yet has none, so that there the folder and the name in it are compared. */
bool cli_same_file(const char *a, const char *b) {
    struct stat x, y;
    if (cli_is_stdio(a) || cli_is_stdio(b))
        return false;
    bool is_file = stat(a, &x) == 0;
    if (is_file != (stat(b, &y) == 0) || (is_file && !S_ISREG(x.st_mode)))
        return false;
    if (!is_file && (strcmp(name_in_folder(a), name_in_folder(b)) != 0 || !stat_folder(a, &x) ||
                     !stat_folder(b, &y)))
        return false;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Inputs are compared first: saving would replace the very file that is still to be read, and with
 * a pair of names for one file no other check would see it. */
int cli_check_output(const char *output, const char *const *inputs, int n) {
    mixfill_error err;
    if (output == NULL)
        return 0;
    for (int i = 0; i < n; i++)
        if (inputs[i] != NULL && cli_same_file(output, inputs[i])) {
            cli_error("output '%s' is the input '%s', expected another file", output, inputs[i]);
            return EXIT_USAGE;
        }
    return mixfill_output_check(output, &err) == MIXFILL_OK ? 0 : cli_fail(&err);
}

/* What a reader of the file would miss. Formats by index number users and items and keep empty
 * ones; the others name them and have only what is rated. Rows of three or four numbers are taken
 * for user, item, rating and time where the format is left to be detected. */
static void note_losses(const mixfill_ratings *r, const char *path, mixfill_format format,
                        const mixfill_ratings_summary *s) {
    const mixfill_format_info *info = mixfill_format_find(format);
    const char *name = mixfill_format_name(format);
    if (info == NULL)
        return;
    if (!info->keeps_ids && !mixfill_ratings_by_index(r))
        cli_note("%s: %s holds no ids, users and items are numbered by appearance", path, name);
    if (!info->keeps_times && mixfill_ratings_has_times(r))
        cli_note("%s: %s holds no timestamps, they are left out", path, name);
    /* Detection cannot tell a narrow matrix from triplets with or without a time. */
    int32_t width = mixfill_ratings_n_items(r);
    if (format == MIXFILL_FORMAT_DENSE && (width == 3 || width == 4))
        cli_note("%s: rows of %" PRId32 " numbers read as triplets but for --format dense", path,
                 width);
    if (!info->by_index && mixfill_ratings_by_index(r) && s->empty_users + s->empty_items > 0)
        cli_note("%s: %s has ratings only, %" PRId32 " user%s and %" PRId32
                 " item%s without any are left out",
                 path, name, s->empty_users, cli_s(s->empty_users), s->empty_items,
                 cli_s(s->empty_items));
}

/* Losses are told before the first byte is written: a reader of stderr may still stop it. */
int cli_save(const mixfill_ratings *ratings, const char *path,
             const mixfill_save_options *options) {
    mixfill_error err;
    mixfill_ratings_summary summary;
    if (mixfill_ratings_summarize(ratings, &summary, &err) != MIXFILL_OK)
        return cli_fail(&err);
    note_losses(ratings, path, options->format, &summary);
    cli_counting counting;
    char what[256];
    mixfill_save_options watched = *options;
    snprintf(what, sizeof what, "writing %.240s", path);
    cli_counting_init(&counting, what);
    watched.progress = cli_users_show;
    watched.progress_data = &counting;
    mixfill_status st = mixfill_ratings_save_as(ratings, path, &watched, &err);
    cli_counting_finish(&counting);
    return st == MIXFILL_OK ? 0 : cli_fail(&err);
}
