/* Writing user by user.
 *
 * A writer's loop over the users ends early where the disk is full or the caller has had enough;
 * which of the two it was is told at the end, so that the loop has one condition. */
#include "formats/write_rows.h"

#include <inttypes.h>

mixfill_status mixfill_check_none_missing(const mixfill_output *out, mixfill_error *err) {
    const mixfill_ratings *r = out->ratings;
    double missing = out->options->missing;
    for (int64_t e = 0; e < r->nnz; e++)
        if (mixfill_ratings_value(r, e) == missing)
            return mixfill_fail_about(
                err, MIXFILL_ERR_ARG, 0, "missing",
                "%s: a rating of %g would read back as missing, expected csv or npz", out->path,
                missing);
    return MIXFILL_OK;
}

bool mixfill_write_goes_on(FILE *stream, const mixfill_output *out, int32_t u) {
    enum { USERS_AT_ONCE = 64 };
    const mixfill_save_options *o = out->options;
    if (ferror(stream))
        return false;
    return o->progress == NULL || u == 0 || u % USERS_AT_ONCE != 0 ||
           o->progress(u, out->ratings->n_users, o->progress_data) == 0;
}

mixfill_status mixfill_write_end(mixfill_outfile *file, const mixfill_output *out, int32_t written,
                                 mixfill_error *err) {
    if (written == out->ratings->n_users || ferror(mixfill_outfile_stream(file)))
        return mixfill_outfile_commit(file, err);
    mixfill_outfile_abandon(file);
    return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled after %" PRId32 " user%s",
                        written, mixfill_s(written));
}
