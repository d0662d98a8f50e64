/* Loading ratings: one place that picks the reader for a file and turns its records into ratings.
 */
#include "base/par.h"
#include "formats/formats.h"
#include "formats/scipy_npz.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void mixfill_read_options_init(mixfill_read_options *options) {
    *options = (mixfill_read_options){.struct_size = sizeof *options,
                                      .format = MIXFILL_FORMAT_AUTO,
                                      .duplicates = MIXFILL_DUPLICATES_ERROR,
                                      .rating_min = -(double)INFINITY,
                                      .rating_max = (double)INFINITY};
}

static mixfill_status check_read_options(const mixfill_read_options *o, mixfill_error *err) {
    if (o->struct_size != sizeof *o)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "read options: struct_size is %zu, expected %zu as set by "
                            "mixfill_read_options_init",
                            o->struct_size, sizeof *o);
    if (!(o->rating_min <= o->rating_max))
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "--rating-range %g:%g: expected LO:HI with LO at most HI",
                            o->rating_min, o->rating_max);
    return MIXFILL_OK;
}

static mixfill_status fail_empty(const mixfill_read_report *report, const char *path,
                                 mixfill_error *err) {
    if (report->n_messages == 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                            "%s: no ratings found, expected at least one", path);
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                        "%s: no ratings found, %" PRId64 " bad lines, the first: %s", path,
                        report->skipped, report->messages[0]);
}

mixfill_status mixfill_check_claimed_shape(int64_t rows, int64_t cols, int64_t n_ratings,
                                           const char *path, int64_t line, mixfill_error *err) {
    const int64_t plain = 1 << 20, per_rating = 16;
    int64_t most = plain + per_rating * (n_ratings < INT32_MAX ? n_ratings : INT32_MAX);
    char where[32] = "";
    if (rows <= most && cols <= most)
        return MIXFILL_OK;
    if (line > 0)
        snprintf(where, sizeof where, ":%" PRId64, line);
    return mixfill_fail(err, MIXFILL_ERR_RANGE, line,
                        "%s%s: %" PRId64 " %s for %" PRId64 " ratings, expected at most %" PRId64
                        " (drop the empty ones)",
                        path, where, rows > most ? rows : cols, rows > most ? "rows" : "columns",
                        n_ratings, most);
}

/* Turn the records of a file into triplets. */
static mixfill_status read_records(mixfill_lines *lines, mixfill_read_report *report,
                                   const mixfill_read_options *options, mixfill_builder *builder,
                                   mixfill_error *err) {
    switch (report->format) {
    case MIXFILL_FORMAT_DENSE:
        return mixfill_read_dense(lines, report, options, builder, err);
    case MIXFILL_FORMAT_MTX:
        return mixfill_read_market(lines, report, options, builder, err);
    case MIXFILL_FORMAT_NPY:
        return mixfill_read_npy(lines, options, builder, err);
    case MIXFILL_FORMAT_NETFLIX:
        return mixfill_read_netflix(lines, report, options, builder, err);
    case MIXFILL_FORMAT_CSV:
    case MIXFILL_FORMAT_DAT:
    case MIXFILL_FORMAT_TAB:
    case MIXFILL_FORMAT_TRIPLETS:
        return mixfill_read_delimited(lines, report, options, builder, err);
    case MIXFILL_FORMAT_AUTO:
    case MIXFILL_FORMAT_NPZ:
        break;
    }
    return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "%s: format %d, expected one that is read",
                        lines->path, (int)report->format);
}

static bool is_folder(const char *path) {
    struct stat status;
    return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A file that is read as a stream and whose format is known; lines NULL: a folder. */
static mixfill_status load_stream(mixfill_ratings **out, mixfill_read_report *report,
                                  mixfill_lines *lines, const char *path,
                                  const mixfill_read_options *options, mixfill_error *err) {
    mixfill_status st;
    mixfill_builder builder;
    mixfill_builder_init(&builder);
    builder.threads = mixfill_par_threads(options->threads);
    builder.duplicate = report->duplicate;
    MIXFILL_TRY(lines != NULL ? read_records(lines, report, options, &builder, err)
                              : mixfill_read_netflix_folder(path, report, options, &builder, err));
    if (builder.n == 0) {
        st = fail_empty(report, path, err);
        goto done;
    }
    st = mixfill_builder_finish(&builder, out, &report->duplicates, options->duplicates, path, err);
done:
    mixfill_builder_clear(&builder);
    return st;
}

/* Refuse what the format cannot come from. */
static mixfill_status check_container(const mixfill_lines *lines, mixfill_format format,
                                      mixfill_format detected, mixfill_error *err) {
    const mixfill_source *source = lines->source;
    if (format == MIXFILL_FORMAT_NPZ && source->packing != NULL)
        return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: an .npz or .zip within %s data is not read, expected it unpacked",
                            source->name, source->packing);
    if (format == MIXFILL_FORMAT_NPZ && source->is_stdin)
        return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: an .npz or .zip cannot be read from a pipe, expected a file name",
                            source->name);
    if (format != MIXFILL_FORMAT_NPZ && detected == MIXFILL_FORMAT_NPZ)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: a zip archive, expected %s text",
                            source->name, mixfill_format_name(format));
    return MIXFILL_OK;
}

/* Where in its file the input lies: what unpacks it, and the member of a zip. */
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
                                      const char *path, bool pairs,
                                      const mixfill_read_options *options, mixfill_error *err) {
    mixfill_status st = check_read_options(options, err);
    if (st == MIXFILL_OK)
        st = mixfill_lines_open(lines, path, options->member, err);
    if (st != MIXFILL_OK)
        return st;
    report_packing(report, path, lines->source);
    mixfill_format detected;
    st = mixfill_detect_format(&detected, lines, pairs, err);
    report->format = options->format == MIXFILL_FORMAT_AUTO ? detected : options->format;
    return st == MIXFILL_OK ? check_container(lines, report->format, detected, err) : st;
}

mixfill_status mixfill_ratings_load(mixfill_ratings **out, mixfill_read_report *report,
                                    const char *path, const mixfill_read_options *options,
                                    mixfill_error *err) {
    mixfill_read_options defaults;
    mixfill_read_options_init(&defaults);
    const mixfill_read_options *o = options != NULL ? options : &defaults;
    mixfill_read_report seen = {0};
    mixfill_lines lines = {0};
    mixfill_status st;
    if (is_folder(path)) {
        st = check_read_options(o, err);
        seen.format = MIXFILL_FORMAT_NETFLIX;
        if (st == MIXFILL_OK)
            st = load_stream(out, &seen, NULL, path, o, err);
        goto done;
    }
    st = open_and_detect(&lines, &seen, path, false, o, err);
    if (st == MIXFILL_OK && seen.format == MIXFILL_FORMAT_NPZ)
        st = mixfill_io_npz_load(out, &seen, path, o, err);
    else if (st == MIXFILL_OK)
        st = load_stream(out, &seen, &lines, lines.path, o, err);
done:
    mixfill_lines_close(&lines);
    if (st == MIXFILL_OK && report != NULL)
        *report = seen;
    return st;
}

mixfill_status mixfill_read_pairs(mixfill_read_report *report, const char *path,
                                  const mixfill_read_options *options, mixfill_record_fn fn,
                                  void *data, mixfill_error *err) {
    mixfill_lines lines = {0};
    mixfill_status st = open_and_detect(&lines, report, path, true, options, err);
    bool has_pairs = report->format == MIXFILL_FORMAT_CSV || report->format == MIXFILL_FORMAT_DAT ||
                     report->format == MIXFILL_FORMAT_TAB ||
                     report->format == MIXFILL_FORMAT_TRIPLETS;
    if (st == MIXFILL_OK && !has_pairs)
        st = mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                          "%s: %s holds no list of pairs, expected text with user and item columns",
                          lines.path, mixfill_format_name(report->format));
    if (st == MIXFILL_OK)
        st = mixfill_read_delimited_pairs(&lines, report, options, fn, data, err);
    mixfill_lines_close(&lines);
    return st;
}
