/* Saving ratings: one place that picks the writer.
 *
 * Each writer makes its file whole or not at all (file/outfile.h), and refuses what would not
 * read back as it was. */
#include "formats/formats.h"

void mixfill_save_options_init(mixfill_save_options *options) {
    *options = (mixfill_save_options){.struct_size = sizeof *options, .format = MIXFILL_FORMAT_CSV};
}

mixfill_status mixfill_ratings_save_as(const mixfill_ratings *ratings, const char *path,
                                       const mixfill_save_options *options, mixfill_error *err) {
    if (options->struct_size != sizeof *options)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "save options: struct_size is %zu, expected %zu as set by "
                            "mixfill_save_options_init",
                            options->struct_size, sizeof *options);
    const mixfill_format_row *row = mixfill_format_row_of(options->format);
    if (row == NULL || row->write == NULL)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0, "%s: format %s, expected one that is written",
                            path, mixfill_format_name(options->format));
    const mixfill_output out = {
        .ratings = ratings, .path = path, .dialect = row->dialect, .options = options};
    return row->write(&out, err);
}

mixfill_status mixfill_ratings_save(const mixfill_ratings *ratings, const char *path,
                                    mixfill_format format, mixfill_error *err) {
    mixfill_save_options options;
    mixfill_save_options_init(&options);
    options.format = format;
    return mixfill_ratings_save_as(ratings, path, &options, err);
}
