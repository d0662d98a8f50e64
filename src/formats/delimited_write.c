/* Writing delimited text: a rating a line, user by user, in the numbers' shortest form that reads
 * back as the same double. Only csv can quote; the others refuse an id with a blank or a delimiter
 * in it, also where the reader at hand would understand it, since others split at any of these. */
#include "formats/delimited_write.h"

#include "base/number.h"
#include "formats/write_rows.h"

#include <inttypes.h>
#include <string.h>

/* RFC 4180: quotes around a field with a comma, a quote or a line end in it, and quotes in it
 * doubled. */
void mixfill_write_csv_field(FILE *stream, const char *text) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

/* An id that could not be read back from this format is refused. */
static mixfill_status check_writable(const mixfill_ratings *r, const mixfill_ids *ids,
                                     const mixfill_dialect *d, const char *path,
                                     mixfill_error *err) {
    char buffer[MIXFILL_ID_BUFFER];
    if (d->quotes || ids->by_index)
        return MIXFILL_OK;
    for (int32_t i = 0; i < ids->n; i++) {
        const char *id = mixfill_ids_get(ids, i, buffer);
        if (ids == &r->user_ids && mixfill_comment_mark(id, strlen(id)) > 0)
            return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                                "%s: id '%.40s' would read back as a comment, expected csv or npz",
                                path, id);
        if (strstr(id, "::") != NULL || strpbrk(id, d->blanks ? " \t,;|" : " \t") != NULL ||
            id[0] == '"' || id[strlen(id) - 1] == d->delimiter[0])
            return mixfill_fail(
                err, MIXFILL_ERR_ARG, 0,
                "%s: id '%.40s' holds a blank, a quote or a delimiter, expected csv or npz", path,
                id);
    }
    return MIXFILL_OK;
}

/* The ratings of user u, a line each. */
static void write_row(FILE *stream, const mixfill_ratings *r, int32_t u, const mixfill_dialect *d) {
    char user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER], number[MIXFILL_NUMBER_BUFFER];
    const char *user_id = mixfill_ids_get(&r->user_ids, u, user);
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
        const char *item_id = mixfill_ids_get(&r->item_ids, r->col[e], item);
        if (d->quotes)
            mixfill_write_csv_field(stream, user_id);
        else
            fputs(user_id, stream);
        fputs(d->delimiter, stream);
        if (d->quotes)
            mixfill_write_csv_field(stream, item_id);
        else
            fputs(item_id, stream);
        fputs(d->delimiter, stream);
        size_t len = mixfill_format_double(number, mixfill_ratings_value(r, e));
        fwrite(number, 1, len, stream);
        if (r->time != NULL)
            fprintf(stream, "%s%" PRId64, d->delimiter, r->time[e]);
        fputc('\n', stream);
    }
}

mixfill_status mixfill_write_delimited(const mixfill_output *out, mixfill_error *err) {
    const mixfill_ratings *r = out->ratings;
    const mixfill_dialect *d = out->dialect;
    mixfill_outfile *file = NULL;
    int32_t u = 0;
    mixfill_status st = check_writable(r, &r->user_ids, d, out->path, err);
    if (st == MIXFILL_OK)
        st = check_writable(r, &r->item_ids, d, out->path, err);
    if (st == MIXFILL_OK)
        st = mixfill_outfile_open(&file, out->path, false, err);
    if (st != MIXFILL_OK)
        return st;
    FILE *stream = mixfill_outfile_stream(file);
    /* The timestamp is a column only where there are any. */
    if (*d->header != '\0')
        fprintf(stream, "%s%s\n", d->header, r->time != NULL ? ",timestamp" : "");
    for (; u < r->n_users && mixfill_write_goes_on(stream, out, u); u++)
        write_row(stream, r, u, d);
    return mixfill_write_end(file, out, u, err);
}
