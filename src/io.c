/* Loading ratings: one place that picks the reader for a file and turns its records into ratings.
 */
#include "io_npz.h"
#include "io_text.h"
#include "par.h"

#include <inttypes.h>
#include <math.h>

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

/* A text file whose format is known. */
static mixfill_status load_text(mixfill_ratings **out, mixfill_read_report *report,
                                mixfill_lines *lines, const mixfill_read_options *options,
                                mixfill_error *err) {
    mixfill_status st;
    mixfill_builder builder;
    mixfill_builder_init(&builder);
    builder.threads = mixfill_par_threads(options->threads);
    builder.duplicate = report->duplicate;
    if (report->format == MIXFILL_FORMAT_DENSE)
        MIXFILL_TRY(mixfill_read_dense(lines, report, options, &builder, err));
    else
        MIXFILL_TRY(mixfill_read_delimited(lines, report, options, &builder, err));
    if (builder.n == 0) {
        st = fail_empty(report, lines->path, err);
        goto done;
    }
    st = mixfill_builder_finish(&builder, out, &report->duplicates, options->duplicates,
                                lines->path, err);
done:
    mixfill_builder_clear(&builder);
    return st;
}

/* Open, tell the format, and refuse what the format cannot come from. */
static mixfill_status open_and_detect(mixfill_lines *lines, mixfill_format *format,
                                      const char *path, bool pairs,
                                      const mixfill_read_options *options, mixfill_error *err) {
    mixfill_status st = check_read_options(options, err);
    if (st == MIXFILL_OK)
        st = mixfill_lines_open(lines, path, err);
    if (st != MIXFILL_OK)
        return st;
    mixfill_format detected;
    st = mixfill_detect_format(&detected, lines, pairs, err);
    *format = options->format == MIXFILL_FORMAT_AUTO ? detected : options->format;
    if (st == MIXFILL_OK && *format == MIXFILL_FORMAT_NPZ && lines->fd == 0)
        st = mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                          "%s: an .npz cannot be read from a pipe, expected a file name",
                          lines->path);
    if (st == MIXFILL_OK && *format != MIXFILL_FORMAT_NPZ && detected == MIXFILL_FORMAT_NPZ)
        st = mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: a zip archive, expected %s text",
                          lines->path, mixfill_format_name(*format));
    return st;
}

mixfill_status mixfill_ratings_load(mixfill_ratings **out, mixfill_read_report *report,
                                    const char *path, const mixfill_read_options *options,
                                    mixfill_error *err) {
    mixfill_read_options defaults;
    mixfill_read_options_init(&defaults);
    const mixfill_read_options *o = options != NULL ? options : &defaults;
    mixfill_read_report seen = {0};
    mixfill_lines lines = {.fd = -1};
    mixfill_status st = open_and_detect(&lines, &seen.format, path, false, o, err);
    if (st == MIXFILL_OK && seen.format == MIXFILL_FORMAT_NPZ)
        st = mixfill_io_npz_load(out, &seen, path, o, err);
    else if (st == MIXFILL_OK)
        st = load_text(out, &seen, &lines, o, err);
    mixfill_lines_close(&lines);
    if (st == MIXFILL_OK && report != NULL)
        *report = seen;
    return st;
}

mixfill_status mixfill_read_pairs(mixfill_read_report *report, const char *path,
                                  const mixfill_read_options *options, mixfill_record_fn fn,
                                  void *data, mixfill_error *err) {
    mixfill_lines lines = {.fd = -1};
    mixfill_status st = open_and_detect(&lines, &report->format, path, true, options, err);
    if (st == MIXFILL_OK &&
        (report->format == MIXFILL_FORMAT_NPZ || report->format == MIXFILL_FORMAT_DENSE))
        st = mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                          "%s: %s holds no list of pairs, expected text with user and item columns",
                          lines.path, mixfill_format_name(report->format));
    if (st == MIXFILL_OK)
        st = mixfill_read_delimited_pairs(&lines, report, options, fn, data, err);
    mixfill_lines_close(&lines);
    return st;
}
