/* Reading .npz archives: a member is read to its end, so that libzip checks its CRC, and its memory
 * grows with the bytes that arrive.
 *
 * Nothing is believed before it is there: an archive of a few bytes can claim an array of
 * exabytes, so memory doubles as bytes come in, and what unpacks to far more than its file is
 * taken for a bomb. */
#include "file/npz.h"
#include "file/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

/* Bytes that are made room for at first, and of a member that is not an array at most. */
enum { FIRST_ROOM = 1 << 16, MAX_RAW = 64 << 20 };

struct mixfill_npz_reader {
    zip_t *zip;
    char *path;
    int64_t limit; /* of the bytes a member may unpack to */
};

/* A reader without its archive; packed: the archive's bytes. */
static mixfill_status alloc_reader(mixfill_npz_reader **out, const char *path, int64_t packed,
                                   mixfill_error *err) {
    mixfill_npz_reader *r = mixfill_alloc_zero(1, sizeof *r);
    char *copy = mixfill_copy_string(path);
    if (r == NULL || copy == NULL) {
        mixfill_free(r);
        mixfill_free(copy);
        return mixfill_fail_nomem(err, path);
    }
    r->path = copy;
    r->limit = mixfill_unpacked_limit(packed);
    *out = r;
    return MIXFILL_OK;
}

/* What libzip says of opening: no memory, no file, or no archive. */
static mixfill_status fail_open(const char *path, int code, int errnum, mixfill_error *err) {
    if (code == ZIP_ER_MEMORY)
        return mixfill_fail_nomem(err, path);
    if (code == ZIP_ER_NOENT || code == ZIP_ER_OPEN || code == ZIP_ER_READ)
        return mixfill_fail_errno(err, path, "read", errnum != 0 ? errnum : EIO);
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: not a zip archive, or a damaged one", path);
}

mixfill_status mixfill_npz_reader_open(mixfill_npz_reader **out, const char *path,
                                       mixfill_error *err) {
    mixfill_npz_reader *r = NULL;
    struct stat file;
    int code = 0;
    int64_t packed = stat(path, &file) == 0 ? (int64_t)file.st_size : 0;
    mixfill_status st = alloc_reader(&r, path, packed, err);
    if (st != MIXFILL_OK)
        return st;
    errno = 0;
    r->zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    if (r->zip != NULL) {
        *out = r;
        return MIXFILL_OK;
    }
    int errnum = errno;
    mixfill_npz_reader_close(r);
    return fail_open(path, code, errnum, err);
}

/* libzip's source borrows the bytes, and belongs to the archive once that is open. */
mixfill_status mixfill_npz_reader_open_memory(mixfill_npz_reader **out, const void *data,
                                              size_t size, const char *name, mixfill_error *err) {
    mixfill_npz_reader *r = NULL;
    zip_error_t error;
    mixfill_status st = alloc_reader(&r, name, (int64_t)size, err);
    if (st != MIXFILL_OK)
        return st;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(data, size, 0, &error);
    if (source != NULL)
        r->zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (r->zip != NULL) {
        *out = r;
    } else {
        st = fail_open(name, zip_error_code_zip(&error), EINVAL, err);
        zip_source_free(source);
        mixfill_npz_reader_close(r);
    }
    zip_error_fini(&error);
    return st;
}

void mixfill_npz_reader_close(mixfill_npz_reader *r) {
    if (r == NULL)
        return;
    if (r->zip != NULL)
        zip_discard(r->zip);
    mixfill_free(r->path);
    mixfill_free(r);
}

/* raw: name is the full one. */
bool mixfill_npz_has(const mixfill_npz_reader *r, const char *name, bool raw) {
    char member[MIXFILL_NPZ_MAX_NAME];
    snprintf(member, sizeof member, "%s%s", name, raw ? "" : ".npy");
    return zip_name_locate(r->zip, member, 0) >= 0;
}

/* A member being read. */
typedef struct member {
    zip_file_t *file;
    const char *path, *name;
    int64_t limit, n_read;
    mixfill_error *err;
} member;

static mixfill_status fail_member(const member *m, const char *what) {
    return mixfill_fail(m->err, MIXFILL_ERR_PARSE, 0, "%s: member %s: %s", m->path, m->name, what);
}

/* Begin to read a member by its full name; its limit is the archive's. */
static mixfill_status open_member(member *m, mixfill_npz_reader *r, const char *name) {
    zip_int64_t index = zip_name_locate(r->zip, name, 0);
    m->path = r->path;
    m->name = name;
    m->limit = r->limit;
    if (index < 0)
        return mixfill_fail(m->err, MIXFILL_ERR_PARSE, 0, "%s: no member %s", m->path, name);
    m->file = zip_fopen_index(r->zip, (zip_uint64_t)index, 0);
    if (m->file == NULL)
        return fail_member(m, zip_error_strerror(zip_get_error(r->zip)));
    return MIXFILL_OK;
}

/* Closes and checks: a member is good only when its end, and so its CRC, has been read. */
static mixfill_status close_member(member *m, mixfill_status st) {
    int code = m->file != NULL ? zip_fclose(m->file) : 0;
    m->file = NULL;
    return st == MIXFILL_OK && code != 0 ? fail_member(m, "damaged") : st;
}

/* Reads up to `want` bytes; *len tells how many there were. */
static mixfill_status read_some(member *m, void *to, size_t want, size_t *len) {
    for (*len = 0; *len < want;) {
        zip_int64_t n = zip_fread(m->file, (char *)to + *len, want - *len);
        if (n < 0)
            return fail_member(m, zip_file_strerror(m->file));
        if (n == 0)
            break;
        *len += (size_t)n;
        m->n_read += n;
        if (m->n_read > m->limit)
            return fail_member(m, "unpacks to more than 256 MiB and 200 times the file's size");
    }
    return MIXFILL_OK;
}

static mixfill_status read_exactly(member *m, void *to, size_t want) {
    size_t len;
    mixfill_status st = read_some(m, to, want, &len);
    return st == MIXFILL_OK && len < want ? fail_member(m, "cut short") : st;
}

/* That nothing follows; reading to the end is also what makes libzip check the CRC. */
static mixfill_status expect_end(member *m, const char *otherwise) {
    char byte;
    size_t len;
    mixfill_status st = read_some(m, &byte, 1, &len);
    return st == MIXFILL_OK && len > 0 ? fail_member(m, otherwise) : st;
}

/* Reads up to `limit` bytes into memory that grows as they arrive and ends with a NUL. */
static mixfill_status read_growing(member *m, char **out, size_t *len, size_t limit) {
    mixfill_status st = MIXFILL_OK;
    char *memory = NULL;
    size_t cap = 0, n = 0;
    bool more = true;
    while (more) {
        size_t next = cap < FIRST_ROOM / 2 ? FIRST_ROOM : 2 * cap;
        cap = next < limit ? next : limit;
        char *grown = mixfill_realloc(memory, cap + 1, 1);
        if (grown == NULL) {
            st = mixfill_fail_nomem(m->err, m->path);
            goto done;
        }
        memory = grown;
        size_t got;
        MIXFILL_TRY(read_some(m, memory + n, cap - n, &got));
        n += got;
        more = n == cap && cap < limit;
    }
    memory[n] = '\0';
    *out = memory;
    *len = n;
    memory = NULL;
done:
    mixfill_free(memory);
    return st;
}

/* read_exactly as the header's parser calls it. */
static mixfill_status read_for_header(void *from, void *to, size_t n) {
    return read_exactly(from, to, n);
}

/* The header of an array that is to be had in C order. One of a single dimension has no other. */
static mixfill_status read_header(member *m, mixfill_npy_info *h) {
    const char *fault;
    mixfill_status st = mixfill_npy_read_header(h, &fault, read_for_header, m);
    if (st == MIXFILL_OK && fault != NULL)
        return fail_member(m, fault);
    bool fortran = h->fortran && h->shape.n_dims > 1;
    return st == MIXFILL_OK && fortran ? fail_member(m, "Fortran order is not read") : st;
}

/* ---- conversion ---- */

/* Whether the file's elements are what is asked for already, bit by bit: those of models are. */
static bool same_layout(mixfill_npy_dtype d, mixfill_npy_type type) {
    return (type == MIXFILL_NPY_FLOAT64 && d.kind == 'f' && d.size == 8) ||
           (type == MIXFILL_NPY_INT64 && d.kind == 'i' && d.size == 8) ||
           (type == MIXFILL_NPY_INT32 && d.kind == 'i' && d.size == 4);
}

/* Replaces *data by the same numbers in `type`. */
static mixfill_status convert_numbers(const member *m, char **data, size_t n, mixfill_npy_dtype d,
                                      mixfill_npy_type type) {
    static const char *const type_name[] = {[MIXFILL_NPY_FLOAT64] = "a 64-bit float",
                                            [MIXFILL_NPY_INT64] = "a 64-bit integer",
                                            [MIXFILL_NPY_INT32] = "a 32-bit integer"};
    if (same_layout(d, type))
        return MIXFILL_OK;
    char *converted = mixfill_alloc(n, mixfill_npy_item_bytes(type, 0));
    if (converted == NULL)
        return mixfill_fail_nomem(m->err, m->path);
    for (size_t i = 0; i < n; i++) {
        if (!mixfill_npy_convert(converted, i, type, *data + i * d.size, d)) {
            mixfill_free(converted);
            return mixfill_fail(m->err, MIXFILL_ERR_PARSE, 0,
                                "%s: member %s: element %zu does not fit %s", m->path, m->name, i,
                                type_name[type]);
        }
    }
    mixfill_free(*data);
    *data = converted;
    return MIXFILL_OK;
}

/* UTF-8 of a code point, 0 where it is none. */
static size_t encode_utf8(char out[4], uint32_t c) {
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00U >> len & 0xF0U) | c);
    return len;
}

/* One element of UCS-4 to UTF-8 in place, which is never longer; NUL-padded. */
static bool narrow_in_place(char *item, size_t size) {
    size_t out = 0;
    for (size_t in = 0; in < size; in += 4) {
        uint32_t c;
        memcpy(&c, item + in, sizeof c);
        char utf8[4];
        size_t len = encode_utf8(utf8, c);
        if (len == 0)
            return false;
        memcpy(item + out, utf8, len);
        out += len;
    }
    memset(item + out, 0, size - out);
    return true;
}

/* Strings as NUL-padded UTF-8. A NUL within would cut an id short, and make two of one. */
static mixfill_status convert_strings(const member *m, char *data, size_t n, mixfill_npy_dtype d) {
    for (size_t i = 0; i < n; i++) {
        char *item = data + i * d.size;
        if (d.kind == 'U' && !narrow_in_place(item, d.size))
            return fail_member(m, "a string is not Unicode");
        const char *nul = memchr(item, '\0', d.size);
        for (const char *c = nul; c != NULL && c < item + d.size; c++)
            if (*c != '\0')
                return fail_member(m, "a string has a NUL inside");
    }
    return MIXFILL_OK;
}

/* Text is never taken for numbers, nor the other way round. */
static mixfill_status check_kind(const member *m, mixfill_npy_dtype d, mixfill_npy_type type) {
    bool text = d.kind == 'S' || d.kind == 'U';
    if (text == (type == MIXFILL_NPY_BYTES))
        return MIXFILL_OK;
    return mixfill_fail(m->err, MIXFILL_ERR_UNSUPPORTED, 0, "%s: member %s: %s, %s were expected",
                        m->path, m->name, text ? "strings" : "numbers",
                        text ? "numbers" : "strings");
}

/* Header and data; the data as the file has it. */
static mixfill_status read_array(member *m, mixfill_npy_info *h, char **data, size_t *bytes,
                                 mixfill_npy_type type) {
    mixfill_status st;
    size_t len = 0;
    MIXFILL_TRY(read_header(m, h));
    MIXFILL_TRY(check_kind(m, h->dtype, type));
    if (!mixfill_npy_array_bytes(bytes, h->shape, h->dtype.size))
        return fail_member(m, "its shape is too large");
    MIXFILL_TRY(read_growing(m, data, &len, *bytes));
    if (len < *bytes)
        return mixfill_fail(m->err, MIXFILL_ERR_PARSE, 0,
                            "%s: member %s: cut short, %zu bytes of %zu", m->path, m->name, len,
                            *bytes);
    MIXFILL_TRY(expect_end(m, "longer than its header says"));
done:
    return st;
}

mixfill_status mixfill_npz_read(mixfill_npz_reader *r, void **data, mixfill_npy_shape *shape,
                                size_t *item_size, const char *name, mixfill_npy_type type,
                                mixfill_error *err) {
    mixfill_status st;
    char member_name[MIXFILL_NPZ_MAX_NAME];
    char *bytes = NULL;
    size_t len = 0;
    member m = {.err = err};
    mixfill_npy_info h = {0};
    snprintf(member_name, sizeof member_name, "%s.npy", name);
    MIXFILL_TRY(open_member(&m, r, member_name));
    /* Closed whatever came of reading; a CRC that is wrong is told only where nothing else was. */
    st = read_array(&m, &h, &bytes, &len, type);
    MIXFILL_TRY(close_member(&m, st));
    size_t n = len / h.dtype.size;
    MIXFILL_TRY(type == MIXFILL_NPY_BYTES ? convert_strings(&m, bytes, n, h.dtype)
                                          : convert_numbers(&m, &bytes, n, h.dtype, type));
    *data = bytes;
    *shape = h.shape;
    if (item_size != NULL)
        *item_size = type == MIXFILL_NPY_BYTES ? h.dtype.size : mixfill_npy_item_bytes(type, 0);
    bytes = NULL;
done:
    mixfill_free(bytes);
    return st;
}

mixfill_status mixfill_npz_read_raw(mixfill_npz_reader *r, char **bytes, size_t *len,
                                    const char *name, mixfill_error *err) {
    mixfill_status st;
    char *memory = NULL;
    size_t n = 0;
    member m = {.err = err};
    MIXFILL_TRY(open_member(&m, r, name));
    st = read_growing(&m, &memory, &n, MAX_RAW);
    if (st == MIXFILL_OK)
        st = expect_end(&m, "larger than 64 MiB");
    MIXFILL_TRY(close_member(&m, st));
    *bytes = memory;
    *len = n;
    memory = NULL;
done:
    mixfill_free(memory);
    return st;
}
