/* Writing .npz archives: libzip builds the archive in a source of ours that is the output's stream,
 * or memory that grows.
 *
 * libzip writes nothing before it is closed, and then asks for the members one after the other;
 * hence data and headers are kept until then, the data as the caller's. An archive holds nothing
 * of when and where it was made, so the same members give the same bytes. */
#include "file/npz.h"
#include "file/outfile.h"
#include "file/source.h"

#include <errno.h>
#include <string.h>
#include <zip.h>

/* A header waits here until the archive is written. */
typedef struct header {
    struct header *next;
    char bytes[MIXFILL_NPY_HEADER_MAX];
} header;

/* A file in memory. */
typedef struct memory_file {
    char *bytes;
    size_t size, cap, at;
} memory_file;

struct mixfill_npz_writer {
    mixfill_outfile *file; /* NULL: the archive lies in memory */
    memory_file memory;
    char *path;
    zip_t *zip;
    zip_error_t error;
    int errnum; /* of the first write that failed */
    header *headers;
};

/* What a source returns to libzip where it fails. */
static zip_int64_t source_fail(mixfill_npz_writer *w, int code, int errnum) {
    zip_error_set(&w->error, code, errnum);
    return -1;
}

/* These three return false with errno set where they fail. */

/* Write len bytes where the file in memory stands, making it grow by half; a gap cannot come
 * about, for memory_seek stays within it. */
static bool memory_write(memory_file *m, const void *bytes, size_t len) {
    enum { FIRST_CAP = 1 << 16 };
    if (len > m->cap - m->at) {
        size_t cap = m->cap + m->cap / 2 > m->at + len ? m->cap + m->cap / 2 : m->at + len;
        char *grown = mixfill_realloc(m->bytes, cap > FIRST_CAP ? cap : FIRST_CAP, 1);
        if (grown == NULL) {
            errno = ENOMEM;
            return false;
        }
        m->bytes = grown;
        m->cap = cap > FIRST_CAP ? cap : FIRST_CAP;
    }
    memcpy(m->bytes + m->at, bytes, len);
    m->at += len;
    m->size = m->at > m->size ? m->at : m->size;
    return true;
}

/* As fseek, but not beyond the end. */
static bool memory_seek(memory_file *m, int64_t offset, int whence) {
    int64_t from = whence == SEEK_SET ? 0 : (int64_t)(whence == SEEK_CUR ? m->at : m->size);
    if (offset < -from || offset > (int64_t)m->size - from) {
        errno = EINVAL;
        return false;
    }
    m->at = (size_t)(from + offset);
    return true;
}

static bool write_bytes(mixfill_npz_writer *w, const void *bytes, size_t len) {
    if (w->file == NULL)
        return memory_write(&w->memory, bytes, len);
    return fwrite(bytes, 1, len, mixfill_outfile_stream(w->file)) == len;
}

/* errno is kept: libzip's own error says no more than that writing failed. */
static zip_int64_t source_write(mixfill_npz_writer *w, const void *bytes, zip_uint64_t len) {
    if (write_bytes(w, bytes, len))
        return (zip_int64_t)len;
    w->errnum = errno;
    return source_fail(w, ZIP_ER_WRITE, errno);
}

/* libzip goes back to fill in what a member's header could not know. */
static zip_int64_t source_seek(mixfill_npz_writer *w, void *data, zip_uint64_t len) {
    const zip_source_args_seek_t *to =
        ZIP_SOURCE_GET_ARGS(zip_source_args_seek_t, data, len, &w->error);
    if (to == NULL)
        return -1;
    if (w->file == NULL ? memory_seek(&w->memory, to->offset, to->whence)
                        : fseeko(mixfill_outfile_stream(w->file), to->offset, to->whence) == 0)
        return 0;
    w->errnum = errno;
    return source_fail(w, ZIP_ER_SEEK, errno);
}

static zip_int64_t source_tell(mixfill_npz_writer *w) {
    return w->file == NULL ? (zip_int64_t)w->memory.at : ftello(mixfill_outfile_stream(w->file));
}

/* The archive as libzip sees it: a file that does not exist yet and can be written. */
static zip_int64_t source_callback(void *state, void *data, zip_uint64_t len,
                                   zip_source_cmd_t cmd) {
    mixfill_npz_writer *w = state;
    switch ((int)cmd) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT:
        return source_fail(w, ZIP_ER_READ, ENOENT);
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_WRITE:
        return source_write(w, data, len);
    case ZIP_SOURCE_SEEK_WRITE:
        return source_seek(w, data, len);
    case ZIP_SOURCE_TELL_WRITE:
        return source_tell(w);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&w->error, data, len);
    default:
        return source_fail(w, ZIP_ER_OPNOTSUPP, 0);
    }
}

/* What libzip says of writing. */
static mixfill_status fail_zip(mixfill_error *err, const char *path, zip_error_t *error) {
    if (zip_error_code_zip(error) == ZIP_ER_MEMORY)
        return mixfill_fail_nomem(err, path);
    return mixfill_fail(err, MIXFILL_ERR_IO, 0, "%s: cannot write: %s", path,
                        zip_error_strerror(error));
}

/* A writer to a file, or to memory under a name for messages. libzip owns the source once the
 * archive is open; where that fails it is still ours to free. */
static mixfill_status open_writer(mixfill_npz_writer **out, const char *path, bool in_memory,
                                  mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    mixfill_npz_writer *w = mixfill_alloc_zero(1, sizeof *w);
    if (w == NULL)
        return mixfill_fail_nomem(err, path);
    zip_error_init(&w->error);
    w->path = mixfill_copy_string(path);
    if (w->path == NULL) {
        st = mixfill_fail_nomem(err, path);
        goto done;
    }
    if (!in_memory)
        MIXFILL_TRY(mixfill_outfile_open(&w->file, path, true, err));
    zip_source_t *source = zip_source_function_create(source_callback, w, &w->error);
    if (source != NULL)
        w->zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &w->error);
    if (w->zip == NULL) {
        st = fail_zip(err, path, &w->error);
        zip_source_free(source);
        goto done;
    }
    *out = w;
    w = NULL;
done:
    mixfill_npz_writer_abandon(w);
    return st;
}

mixfill_status mixfill_npz_writer_open(mixfill_npz_writer **out, const char *path,
                                       mixfill_error *err) {
    return open_writer(out, path, false, err);
}

mixfill_status mixfill_npz_writer_open_memory(mixfill_npz_writer **out, const char *name,
                                              mixfill_error *err) {
    return open_writer(out, name, true, err);
}

void mixfill_npz_writer_abandon(mixfill_npz_writer *w) {
    if (w == NULL)
        return;
    if (w->zip != NULL)
        zip_discard(w->zip);
    mixfill_outfile_abandon(w->file);
    for (header *next; w->headers != NULL; w->headers = next) {
        next = w->headers->next;
        mixfill_free(w->headers);
    }
    zip_error_fini(&w->error);
    mixfill_free(w->memory.bytes);
    mixfill_free(w->path);
    mixfill_free(w);
}

/* Add a member of up to two fragments, stored and not deflated, as numpy.savez does it. Dated
 * 1980-01-01 00:00, the first date a zip can hold. */
static mixfill_status add_member(mixfill_npz_writer *w, const char *name,
                                 const zip_buffer_fragment_t *fragments, size_t n,
                                 mixfill_error *err) {
    const zip_uint16_t dos_time = 0, dos_date = 1 << 5 | 1;
    zip_source_t *source = zip_source_buffer_fragment_create(fragments, n, 0, &w->error);
    if (source == NULL)
        return fail_zip(err, w->path, &w->error);
    zip_int64_t index = zip_file_add(w->zip, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        mixfill_status st = fail_zip(err, w->path, zip_get_error(w->zip));
        zip_source_free(source);
        return st;
    }
    if (zip_set_file_compression(w->zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(w->zip, (zip_uint64_t)index, dos_time, dos_date, 0) != 0)
        return fail_zip(err, w->path, zip_get_error(w->zip));
    return MIXFILL_OK;
}

/* libzip only reads from a fragment, but asks for it without const. */
static zip_buffer_fragment_t fragment(const void *bytes, size_t len) {
    zip_buffer_fragment_t out = {.length = len};
    memcpy(&out.data, &bytes, sizeof bytes);
    return out;
}

/* The header waits in a list of the writer's, for libzip reads it when the archive is closed. */
mixfill_status mixfill_npz_add(mixfill_npz_writer *w, const char *name, mixfill_npy_type type,
                               size_t item_size, mixfill_npy_shape shape, const void *data,
                               mixfill_error *err) {
    char member[MIXFILL_NPZ_MAX_NAME];
    size_t data_len;
    if (!mixfill_npy_array_bytes(&data_len, shape, mixfill_npy_item_bytes(type, item_size)))
        return mixfill_fail(err, MIXFILL_ERR_RANGE, 0, "%s: member %s: too large", w->path, name);
    header *h = mixfill_alloc(1, sizeof *h);
    if (h == NULL)
        return mixfill_fail_nomem(err, w->path);
    h->next = w->headers;
    w->headers = h;
    size_t header_len = mixfill_npy_header(h->bytes, type, item_size, shape);
    zip_buffer_fragment_t fragments[2] = {fragment(h->bytes, header_len), fragment(data, data_len)};
    snprintf(member, sizeof member, "%s.npy", name);
    return add_member(w, member, fragments, data_len > 0 ? 2 : 1, err);
}

mixfill_status mixfill_npz_add_raw(mixfill_npz_writer *w, const char *name, const void *bytes,
                                   size_t len, mixfill_error *err) {
    zip_buffer_fragment_t whole = fragment(bytes, len);
    return add_member(w, name, &whole, len > 0 ? 1 : 0, err);
}

/* Have libzip write the archive. Our own errno is the better message: libzip knows of its source's
 * faults only that there was one. */
static mixfill_status write_archive(mixfill_npz_writer *w, mixfill_error *err) {
    if (zip_close(w->zip) == 0) {
        w->zip = NULL;
        return MIXFILL_OK;
    }
    if (w->errnum == ENOMEM)
        return mixfill_fail_nomem(err, w->path);
    if (w->errnum != 0)
        return mixfill_fail_errno(err, w->path, "write", w->errnum);
    return fail_zip(err, w->path, zip_get_error(w->zip));
}

mixfill_status mixfill_npz_writer_close(mixfill_npz_writer *w, mixfill_error *err) {
    mixfill_status st = write_archive(w, err);
    if (st == MIXFILL_OK) {
        st = mixfill_outfile_commit(w->file, err);
        w->file = NULL;
    }
    mixfill_npz_writer_abandon(w);
    return st;
}

mixfill_status mixfill_npz_writer_close_memory(mixfill_npz_writer *w, void **data, size_t *size,
                                               mixfill_error *err) {
    mixfill_status st = write_archive(w, err);
    if (st == MIXFILL_OK) {
        *data = w->memory.bytes;
        *size = w->memory.size;
        w->memory.bytes = NULL;
    }
    mixfill_npz_writer_abandon(w);
    return st;
}
