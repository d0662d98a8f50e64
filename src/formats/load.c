/* Loading ratings: one place that picks the reader for a file and turns its records into ratings.
 *
 * The way of a file: its source unpacks it, its first bytes tell its format, the row of the table
 * has the reader, which fills a builder with ids and triplets, and the builder makes ratings. A
 * folder has no bytes and is the format's that comes in folders. An archive of arrays is read
 * through its directory, so its reader gets the path.
 *
 * What was seen on the way is gathered in a report of our own and handed out on success only. */
#include "formats/load.h"

#include "base/par.h"
#include "base/timestamp.h"
#include "formats/detect.h"
#include "formats/formats.h"
#include "formats/read_options.h"
#include "formats/suspect.h"
#include "ratings/ratings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A file without one rating is refused, whatever the reason; the first bad line says most about
 * it. */
static mixfill_status fail_empty(const mixfill_read_report *report, const char *path,
                                 mixfill_error *err) {
    if (report->n_messages == 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                            "%s: no ratings found, expected at least one", path);
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                        "%s: no ratings found, %" PRId64 " bad line%s, the first: %s", path,
                        report->skipped, mixfill_s(report->skipped), report->messages[0]);
}

/* "-" is standard input, even where a folder is called so. */
static bool is_folder(const char *path) {
    struct stat status;
    return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* What a folder holds, whatever format is asked for: there is one that comes in folders. */
static mixfill_format folder_format(void) {
    const mixfill_format_row *row;
    for (size_t i = 0; (row = mixfill_format_row_at(i)) != NULL; i++)
        if (row->folders)
            return row->info.format;
    return MIXFILL_FORMAT_AUTO;
}

/* Of reading so many bytes; unknown where they come through a pipe or from a folder. */
static double work_of(const mixfill_lines *lines) {
    enum { PER_BYTE = 4 };
    return lines != NULL && lines->size > 0 ? (double)PER_BYTE * (double)lines->size
                                            : (double)INFINITY;
}

/* Seconds, whatever the file has. */
static void settle_times(mixfill_ratings *ratings, mixfill_read_report *report) {
    const char *unit = mixfill_times_to_seconds(ratings->time, ratings->nnz);
    size_t used = strlen(report->columns);
    if (unit != NULL)
        snprintf(report->columns + used, sizeof report->columns - used, "; times in %s", unit);
    if (mixfill_times_are_days(ratings->time, ratings->nnz))
        mixfill_note_warning(report, "keep_times",
                             "every time is a day written as a number, such as %" PRId64
                             ", read as seconds since 1970; expected 2011-06-01",
                             ratings->time[0]);
}

/* A file that is read as a stream and whose format is known; lines NULL: a folder. */
static mixfill_status load_stream(mixfill_ratings **out, mixfill_read_report *report,
                                  mixfill_lines *lines, const char *path,
                                  const mixfill_detected *detected,
                                  const mixfill_read_options *options, mixfill_error *err) {
    mixfill_status st;
    const mixfill_format_row *row = mixfill_format_row_of(report->format);
    mixfill_builder builder;
    mixfill_builder_init(&builder);
    builder.threads = mixfill_par_threads_for(options->threads, work_of(lines));
    builder.duplicate = report->duplicate;
    const mixfill_input in = {.path = path,
                              .lines = lines,
                              .dialect = &detected->dialect,
                              .matrix = &detected->matrix,
                              .row_numbers = detected->row_numbers,
                              .numbers = detected->numbers,
                              .options = options,
                              .report = report,
                              .builder = &builder};
    MIXFILL_TRY(row->read(&in, err));
    if (builder.n == 0) {
        st = fail_empty(report, path, err);
        goto done;
    }
    st = mixfill_builder_finish(&builder, out, &report->duplicates, options->duplicates, path, err);
    if (st == MIXFILL_OK && (*out)->time != NULL)
        settle_times(*out, report);
done:
    mixfill_builder_clear(&builder);
    return st;
}

/* Refuse what the format cannot come from: an archive is opened by its name, not as a stream. */
static mixfill_status check_container(const mixfill_lines *lines, mixfill_format format,
                                      mixfill_format detected, mixfill_error *err) {
    const mixfill_source *source = lines->source;
    const mixfill_format_row *row = mixfill_format_row_of(format);
    if (row == NULL || !row->info.readable)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "%s: format %d, expected one that is read",
                            source->name, (int)format);
    bool archive = row->load != NULL;
    if (archive && source->packing != NULL)
        return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: an .npz or .zip within %s data is not read, expected it unpacked",
                            source->name, source->packing);
    if (archive && source->is_stdin)
        return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: an .npz or .zip cannot be read from a pipe, expected a file name",
                            source->name);
    if (!archive && mixfill_format_row_of(detected)->load != NULL)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: a zip archive, expected %s text",
                            source->name, row->info.name);
    return MIXFILL_OK;
}

/* Where in its file the input lies: what unpacks it, and the member of an archive. */
static void report_packing(mixfill_read_report *report, const char *path,
                           const mixfill_source *source) {
    report->packing = source->packing;
    size_t len = strlen(path);
    if (strncmp(source->name, path, len) == 0 && source->name[len] == ':')
        snprintf(report->member, sizeof report->member, "%.*s", (int)sizeof report->member - 1,
                 source->name + len + 1);
}

/* Open a file and tell its format. */
static mixfill_status open_and_detect(mixfill_lines *lines, mixfill_read_report *report,
                                      mixfill_detected *detected, const char *path, bool pairs,
                                      const mixfill_read_options *options, mixfill_error *err) {
    mixfill_status st = mixfill_read_options_validate(options, err);
    if (st == MIXFILL_OK)
        st = mixfill_lines_open(lines, path, options->member, err);
    if (st != MIXFILL_OK)
        return st;
    report_packing(report, path, lines->source);
    st = mixfill_detect_format(detected, lines, pairs, options, err);
    report->format = detected->format;
    if (st == MIXFILL_OK && detected->small)
        mixfill_note_warning(
            report, "format",
            "few lines of small numbers, read as user, item, rating, could be rows of a "
            "matrix, which format dense reads");
    return st == MIXFILL_OK ? check_container(lines, report->format, detected->detected, err) : st;
}

/* Look for what is odd, which is an error where that is asked for; the first of it is told. */
static mixfill_status heed_warnings(mixfill_ratings **out, mixfill_read_report *report,
                                    const char *path, const mixfill_read_options *options,
                                    mixfill_error *err) {
    mixfill_status st = mixfill_suspect(report, *out, options, err);
    if (st == MIXFILL_OK && options->strict && report->n_warnings > 0)
        st = mixfill_fail_about(err, MIXFILL_ERR_PARSE, 0, report->warning_fields[0], "%s: %s",
                                path, report->warnings[0]);
    if (st == MIXFILL_OK)
        return st;
    mixfill_ratings_free(*out);
    *out = NULL;
    return st;
}

mixfill_status mixfill_ratings_load(mixfill_ratings **out, mixfill_read_report *report,
                                    const char *path, const mixfill_read_options *options,
                                    mixfill_error *err) {
    mixfill_read_options defaults;
    mixfill_read_options_init(&defaults);
    const mixfill_read_options *o = options != NULL ? options : &defaults;
    mixfill_read_report seen = {0};
    mixfill_detected detected = {0};
    mixfill_lines lines = {0};
    mixfill_status st;
    if (is_folder(path)) {
        st = mixfill_read_options_validate(o, err);
        seen.format = folder_format();
        if (st == MIXFILL_OK)
            st = load_stream(out, &seen, NULL, path, &detected, o, err);
        goto done;
    }
    st = open_and_detect(&lines, &seen, &detected, path, false, o, err);
    if (st != MIXFILL_OK)
        goto done;
    mixfill_load_fn load = mixfill_format_row_of(seen.format)->load;
    st = load != NULL ? load(out, &seen, path, o, err)
                      : load_stream(out, &seen, &lines, lines.path, &detected, o, err);
done:
    mixfill_lines_close(&lines);
    if (st == MIXFILL_OK)
        st = heed_warnings(out, &seen, path, o, err);
    if (st == MIXFILL_OK && report != NULL)
        *report = seen;
    return st;
}

/* Only delimited text lists pairs; a column for the rating may be there and is not read. */
mixfill_status mixfill_read_pairs(mixfill_read_report *report, const char *path,
                                  const mixfill_read_options *options, mixfill_record_fn fn,
                                  void *data, mixfill_error *err) {
    mixfill_detected detected = {0};
    mixfill_lines lines = {0};
    mixfill_status st = open_and_detect(&lines, report, &detected, path, true, options, err);
    const mixfill_format_row *row = mixfill_format_row_of(report->format);
    bool has_pairs = row != NULL && row->dialect != NULL;
    if (st == MIXFILL_OK && !has_pairs)
        st = mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                          "%s: %s holds no list of pairs, expected text with user and item columns",
                          lines.path, mixfill_format_name(report->format));
    if (st == MIXFILL_OK) {
        const mixfill_input in = {.path = lines.path,
                                  .lines = &lines,
                                  .dialect = &detected.dialect,
                                  .options = options,
                                  .report = report};
        st = mixfill_read_delimited_pairs(&in, fn, data, err);
    }
    mixfill_lines_close(&lines);
    return st;
}
