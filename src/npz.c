/* .npz archives. Writing: libzip builds the archive in a source of ours that is the output's
 * stream. Reading: a member is read to its end, so that libzip checks its CRC, and its memory grows
 * with the bytes that arrive. Arrays lie little-endian, as in memory. */
#include "npz.h"

#include "outfile.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <zip.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are written as they lie in memory");

enum {
    FIRST_CHUNK = 1 << 16,
    MAX_RAW = 64 << 20,
    MAX_HEADER = 10000, /* numpy's own limit */
    MAX_ITEM_SIZE = 1 << 20,
    MAX_NAME = 64
};

/* ---- writing ---- */

/* A header waits here until the archive is written. */
typedef struct header {
    struct header *next;
    char bytes[MIXFILL_NPY_HEADER_MAX];
} header;

struct mixfill_npz_writer {
    mixfill_outfile *file;
    char *path;
    zip_t *zip;
    zip_error_t error;
    int errnum; /* of the first write that failed */
    header *headers;
};

static zip_int64_t source_fail(mixfill_npz_writer *w, int code, int errnum) {
    zip_error_set(&w->error, code, errnum);
    return -1;
}

static zip_int64_t source_write(mixfill_npz_writer *w, const void *bytes, zip_uint64_t len) {
    if (fwrite(bytes, 1, len, mixfill_outfile_stream(w->file)) == len)
        return (zip_int64_t)len;
    w->errnum = errno;
    return source_fail(w, ZIP_ER_WRITE, errno);
}

static zip_int64_t source_seek(mixfill_npz_writer *w, void *data, zip_uint64_t len) {
    const zip_source_args_seek_t *to =
        ZIP_SOURCE_GET_ARGS(zip_source_args_seek_t, data, len, &w->error);
    if (to == NULL)
        return -1;
    if (fseeko(mixfill_outfile_stream(w->file), to->offset, to->whence) == 0)
        return 0;
    w->errnum = errno;
    return source_fail(w, ZIP_ER_SEEK, errno);
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
        return ftello(mixfill_outfile_stream(w->file));
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&w->error, data, len);
    default:
        return source_fail(w, ZIP_ER_OPNOTSUPP, 0);
    }
}

static mixfill_status fail_zip(mixfill_error *err, const char *path, zip_error_t *error) {
    if (zip_error_code_zip(error) == ZIP_ER_MEMORY)
        return mixfill_fail_nomem(err, path);
    return mixfill_fail(err, MIXFILL_ERR_IO, 0, "%s: cannot write: %s", path,
                        zip_error_strerror(error));
}

static char *copy_string(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = mixfill_alloc(size, 1);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

mixfill_status mixfill_npz_writer_open(mixfill_npz_writer **out, const char *path,
                                       mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    mixfill_npz_writer *w = mixfill_alloc_zero(1, sizeof *w);
    if (w == NULL)
        return mixfill_fail_nomem(err, path);
    zip_error_init(&w->error);
    w->path = copy_string(path);
    if (w->path == NULL) {
        st = mixfill_fail_nomem(err, path);
        goto done;
    }
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
    mixfill_free(w->path);
    mixfill_free(w);
}

/* Adds a member of up to two parts, stored, dated 1980-01-01 00:00. */
static mixfill_status add_member(mixfill_npz_writer *w, const char *name,
                                 const zip_buffer_fragment_t *parts, size_t n_parts,
                                 mixfill_error *err) {
    const zip_uint16_t dos_time = 0, dos_date = 1 << 5 | 1;
    zip_source_t *source = zip_source_buffer_fragment_create(parts, n_parts, 0, &w->error);
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

/* libzip only reads from a part, but asks for it without const. */
static zip_buffer_fragment_t fragment(const void *bytes, size_t len) {
    zip_buffer_fragment_t part = {.length = len};
    memcpy(&part.data, &bytes, sizeof bytes);
    return part;
}

static size_t item_bytes(mixfill_npy_type type, size_t item_size) {
    switch (type) {
    case MIXFILL_NPY_FLOAT64:
    case MIXFILL_NPY_INT64:
        return 8;
    case MIXFILL_NPY_INT32:
        return 4;
    case MIXFILL_NPY_BYTES:
        break;
    }
    return item_size;
}

/* Elements times item size; false on overflow. */
static bool array_bytes(size_t *bytes, mixfill_npy_shape shape, size_t item_size) {
    *bytes = item_size;
    for (int32_t i = 0; i < shape.n_dims; i++)
        if (shape.dim[i] == 0)
            *bytes = 0;
    for (int32_t i = 0; i<shape.n_dims && * bytes> 0; i++) {
        if ((uint64_t)shape.dim[i] > (uint64_t)PTRDIFF_MAX / *bytes)
            return false;
        *bytes *= (size_t)shape.dim[i];
    }
    return true;
}

mixfill_status mixfill_npz_add(mixfill_npz_writer *w, const char *name, mixfill_npy_type type,
                               size_t item_size, mixfill_npy_shape shape, const void *data,
                               mixfill_error *err) {
    char member[MAX_NAME];
    size_t data_len;
    if (!array_bytes(&data_len, shape, item_bytes(type, item_size)))
        return mixfill_fail(err, MIXFILL_ERR_RANGE, 0, "%s: member %s: too large", w->path, name);
    header *h = mixfill_alloc(1, sizeof *h);
    if (h == NULL)
        return mixfill_fail_nomem(err, w->path);
    h->next = w->headers;
    w->headers = h;
    size_t header_len = mixfill_npy_header(h->bytes, type, item_size, shape);
    zip_buffer_fragment_t parts[2] = {fragment(h->bytes, header_len), fragment(data, data_len)};
    snprintf(member, sizeof member, "%s.npy", name);
    return add_member(w, member, parts, data_len > 0 ? 2 : 1, err);
}

mixfill_status mixfill_npz_add_raw(mixfill_npz_writer *w, const char *name, const void *bytes,
                                   size_t len, mixfill_error *err) {
    zip_buffer_fragment_t part = fragment(bytes, len);
    return add_member(w, name, &part, len > 0 ? 1 : 0, err);
}

mixfill_status mixfill_npz_writer_close(mixfill_npz_writer *w, mixfill_error *err) {
    mixfill_status st;
    if (zip_close(w->zip) == 0) {
        w->zip = NULL;
        st = mixfill_outfile_commit(w->file, err);
        w->file = NULL;
    } else if (w->errnum != 0) {
        st = mixfill_fail_errno(err, w->path, "write", w->errnum);
    } else {
        st = fail_zip(err, w->path, zip_get_error(w->zip));
    }
    mixfill_npz_writer_abandon(w);
    return st;
}

size_t mixfill_npy_header(char out[MIXFILL_NPY_HEADER_MAX], mixfill_npy_type type, size_t item_size,
                          mixfill_npy_shape shape) {
    static const char *const descr[] = {
        [MIXFILL_NPY_FLOAT64] = "<f8", [MIXFILL_NPY_INT64] = "<i8", [MIXFILL_NPY_INT32] = "<i4"};
    enum { PREFIX = 10, ALIGN = 64 };
    char bytes_descr[32];
    snprintf(bytes_descr, sizeof bytes_descr, "|S%zu", item_size);
    int n = snprintf(out + PREFIX, MIXFILL_NPY_HEADER_MAX - PREFIX,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (",
                     type == MIXFILL_NPY_BYTES ? bytes_descr : descr[type]);
    size_t len = PREFIX + (size_t)n;
    for (int32_t i = 0; i < shape.n_dims; i++) {
        n = snprintf(out + len, MIXFILL_NPY_HEADER_MAX - len, "%s%" PRId64 "%s", i > 0 ? " " : "",
                     shape.dim[i], i + 1 < shape.n_dims || i == 0 ? "," : "");
        len += (size_t)n;
    }
    n = snprintf(out + len, MIXFILL_NPY_HEADER_MAX - len, "), }");
    len += (size_t)n;
    size_t total = (len + 1 + ALIGN - 1) / ALIGN * ALIGN;
    memset(out + len, ' ', total - len - 1);
    out[total - 1] = '\n';
    const char prefix[PREFIX] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, (char)(total - PREFIX), 0};
    memcpy(out, prefix, PREFIX);
    return total;
}

/* ---- reading ---- */

struct mixfill_npz_reader {
    zip_t *zip;
    char *path;
};

mixfill_status mixfill_npz_reader_open(mixfill_npz_reader **out, const char *path,
                                       mixfill_error *err) {
    mixfill_npz_reader *r = mixfill_alloc_zero(1, sizeof *r);
    char *copy = copy_string(path);
    if (r == NULL || copy == NULL) {
        mixfill_free(r);
        mixfill_free(copy);
        return mixfill_fail_nomem(err, path);
    }
    int code = 0;
    errno = 0;
    r->path = copy;
    r->zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    if (r->zip != NULL) {
        *out = r;
        return MIXFILL_OK;
    }
    int errnum = errno;
    mixfill_npz_reader_close(r);
    if (code == ZIP_ER_MEMORY)
        return mixfill_fail_nomem(err, path);
    if (code == ZIP_ER_NOENT || code == ZIP_ER_OPEN || code == ZIP_ER_READ)
        return mixfill_fail_errno(err, path, "read", errnum != 0 ? errnum : EIO);
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: not a zip archive, or a damaged one", path);
}

void mixfill_npz_reader_close(mixfill_npz_reader *r) {
    if (r == NULL)
        return;
    if (r->zip != NULL)
        zip_discard(r->zip);
    mixfill_free(r->path);
    mixfill_free(r);
}

bool mixfill_npz_has(const mixfill_npz_reader *r, const char *name, bool raw) {
    char member[MAX_NAME];
    snprintf(member, sizeof member, "%s%s", name, raw ? "" : ".npy");
    return zip_name_locate(r->zip, member, 0) >= 0;
}

/* A member being read. */
typedef struct member {
    zip_file_t *file;
    const char *path, *name;
    mixfill_error *err;
} member;

static mixfill_status fail_member(const member *m, const char *what) {
    return mixfill_fail(m->err, MIXFILL_ERR_PARSE, 0, "%s: member %s: %s", m->path, m->name, what);
}

static mixfill_status open_member(member *m, mixfill_npz_reader *r, const char *name) {
    zip_int64_t index = zip_name_locate(r->zip, name, 0);
    m->path = r->path;
    m->name = name;
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
    }
    return MIXFILL_OK;
}

static mixfill_status read_exactly(member *m, void *to, size_t want) {
    size_t len;
    mixfill_status st = read_some(m, to, want, &len);
    return st == MIXFILL_OK && len < want ? fail_member(m, "cut short") : st;
}

static mixfill_status expect_end(member *m, const char *otherwise) {
    char byte;
    size_t len;
    mixfill_status st = read_some(m, &byte, 1, &len);
    return st == MIXFILL_OK && len > 0 ? fail_member(m, otherwise) : st;
}

/* Reads up to `limit` bytes into a block that grows as they arrive and ends with a NUL. */
static mixfill_status read_growing(member *m, char **out, size_t *len, size_t limit) {
    mixfill_status st = MIXFILL_OK;
    char *block = NULL;
    size_t cap = 0, n = 0;
    bool more = true;
    while (more) {
        size_t next = cap < FIRST_CHUNK / 2 ? FIRST_CHUNK : 2 * cap;
        cap = next < limit ? next : limit;
        char *grown = mixfill_realloc(block, cap + 1, 1);
        if (grown == NULL) {
            st = mixfill_fail_nomem(m->err, m->path);
            goto done;
        }
        block = grown;
        size_t got;
        MIXFILL_TRY(read_some(m, block + n, cap - n, &got));
        n += got;
        more = n == cap && cap < limit;
    }
    block[n] = '\0';
    *out = block;
    *len = n;
    block = NULL;
done:
    mixfill_free(block);
    return st;
}

/* ---- the .npy header ---- */

typedef struct npy_dtype {
    char kind; /* one of f i u b S U */
    size_t size;
} npy_dtype;

typedef struct npy_header {
    npy_dtype dtype;
    bool fortran;
    mixfill_npy_shape shape;
} npy_header;

static void skip_blanks(const char **at) {
    *at += strspn(*at, " ");
}

static bool take(const char **at, const char *text) {
    skip_blanks(at);
    size_t len = strlen(text);
    if (strncmp(*at, text, len) != 0)
        return false;
    *at += len;
    return true;
}

/* A quoted string without escapes. */
static bool take_string(const char **at, char *out, size_t size) {
    skip_blanks(at);
    char quote = **at;
    if (quote != '\'' && quote != '"')
        return false;
    const char *end = strchr(*at + 1, quote);
    size_t len = end != NULL ? (size_t)(end - *at) - 1 : size;
    if (len >= size)
        return false;
    memcpy(out, *at + 1, len);
    out[len] = '\0';
    *at = end + 1;
    return strchr(out, '\\') == NULL;
}

static bool take_number(const char **at, int64_t *value) {
    skip_blanks(at);
    const char *c = *at;
    uint64_t sum = 0;
    for (; *c >= '0' && *c <= '9'; c++) {
        uint64_t digit = (uint64_t)(*c - '0');
        if (sum > (INT64_MAX - digit) / 10)
            return false;
        sum = 10 * sum + digit;
    }
    bool any = c > *at;
    *at = c;
    *value = (int64_t)sum;
    return any;
}

/* "()", "(5,)", "(5, 3)" or "(5, 3,)". */
static const char *parse_shape(const char **at, mixfill_npy_shape *shape) {
    const char *const malformed = "its header's shape is malformed";
    *shape = (mixfill_npy_shape){0};
    if (!take(at, "("))
        return malformed;
    bool comma = true;
    while (!take(at, ")")) {
        if (!comma)
            return malformed;
        if (shape->n_dims == MIXFILL_NPY_MAX_DIMS)
            return "it has more than 3 dimensions";
        if (!take_number(at, &shape->dim[shape->n_dims]))
            return malformed;
        shape->n_dims++;
        comma = take(at, ",");
    }
    return shape->n_dims == 1 && !comma ? malformed : NULL;
}

static bool is_numeric(npy_dtype d) {
    switch (d.kind) {
    case 'f':
        return d.size == 4 || d.size == 8;
    case 'i':
    case 'u':
        return d.size == 1 || d.size == 2 || d.size == 4 || d.size == 8;
    default:
        return d.kind == 'b' && d.size == 1;
    }
}

static const char *parse_dtype(const char *descr, npy_dtype *d) {
    const char *at = descr + 2;
    int64_t size;
    if (descr[0] == '>')
        return "big-endian data is not read";
    if ((descr[0] != '<' && descr[0] != '|') || descr[1] == '\0' || !take_number(&at, &size) ||
        *at != '\0' || size <= 0 || size > MAX_ITEM_SIZE)
        return "its dtype is none of those read (float, int, bool, bytes, str)";
    *d = (npy_dtype){.kind = descr[1], .size = (size_t)size};
    if (d->kind == 'U')
        d->size *= 4;
    bool order_given = descr[0] == '<' || d->kind == 'S' || (d->kind != 'U' && d->size == 1);
    if (!order_given || (d->kind != 'S' && d->kind != 'U' && !is_numeric(*d)))
        return "its dtype is none of those read (float, int, bool, bytes, str)";
    return NULL;
}

/* One "key: value" of the dictionary. seen: a bit for each key so far. */
static const char *parse_entry(const char **at, npy_header *h, unsigned *seen) {
    char key[16], descr[32];
    if (!take_string(at, key, sizeof key) || !take(at, ":"))
        return "its header is malformed";
    unsigned bit = 0;
    const char *what = NULL;
    if (strcmp(key, "descr") == 0) {
        bit = 1;
        what = take_string(at, descr, sizeof descr) ? parse_dtype(descr, &h->dtype)
                                                    : "its dtype is not a plain one";
    } else if (strcmp(key, "fortran_order") == 0) {
        bit = 2;
        h->fortran = take(at, "True");
        what = h->fortran || take(at, "False") ? NULL : "its header's fortran_order is malformed";
    } else if (strcmp(key, "shape") == 0) {
        bit = 4;
        what = parse_shape(at, &h->shape);
    }
    if (bit == 0 || (*seen & bit) != 0)
        return "its header has an unknown or repeated key";
    *seen |= bit;
    return what;
}

/* NULL, or what is wrong. */
static const char *parse_dictionary(const char *at, npy_header *h) {
    unsigned seen = 0;
    bool comma = true;
    if (!take(&at, "{"))
        return "its header is malformed";
    while (!take(&at, "}")) {
        const char *what = comma ? parse_entry(&at, h, &seen) : "its header is malformed";
        if (what != NULL)
            return what;
        comma = take(&at, ",");
    }
    skip_blanks(&at);
    if (seen != 7 || strcmp(at, "\n") != 0)
        return "its header is malformed";
    return h->fortran && h->shape.n_dims > 1 ? "Fortran order is not read" : NULL;
}

static mixfill_status read_header(member *m, npy_header *h) {
    unsigned char start[8], length[4] = {0};
    char text[MAX_HEADER + 1];
    mixfill_status st;
    MIXFILL_TRY(read_exactly(m, start, sizeof start));
    if (memcmp(start, "\x93NUMPY", 6) != 0 || start[6] < 1 || start[6] > 3 || start[7] != 0)
        return fail_member(m, "not an .npy array of version 1, 2 or 3");
    MIXFILL_TRY(read_exactly(m, length, start[6] == 1 ? 2 : 4));
    size_t len =
        length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
    if (len > MAX_HEADER)
        return fail_member(m, "its header is too long");
    MIXFILL_TRY(read_exactly(m, text, len));
    text[len] = '\0';
    const char *what = strlen(text) == len ? parse_dictionary(text, h) : "its header is malformed";
    if (what != NULL)
        st = fail_member(m, what);
done:
    return st;
}

/* ---- conversion ---- */

/* A number as the file has it: what a double holds exactly, or else an integer of either sign. */
typedef struct number {
    bool is_float;
    double real;
    bool negative;
    uint64_t magnitude;
} number;

/* False where a bool is neither 0 nor 1. */
static bool load_number(number *out, const unsigned char *bytes, npy_dtype d) {
    uint64_t bits = 0;
    for (size_t i = d.size; i-- > 0;)
        bits = bits << 8 | bytes[i];
    *out = (number){.is_float = d.kind == 'f', .magnitude = bits};
    if (d.kind == 'f' && d.size == 8) {
        memcpy(&out->real, &bits, sizeof out->real);
    } else if (d.kind == 'f') {
        uint32_t half = (uint32_t)bits;
        float single;
        memcpy(&single, &half, sizeof single);
        out->real = (double)single;
    } else if (d.kind == 'i' && (bits >> (8 * d.size - 1)) != 0) {
        out->negative = true;
        out->magnitude = (d.size < 8 ? UINT64_C(1) << (8 * d.size) : 0) - bits;
    }
    return d.kind != 'b' || bits <= 1;
}

static bool number_to_double(const number *n, double *out) {
    double magnitude = (double)n->magnitude;
    *out = n->is_float ? n->real : n->negative ? -magnitude : magnitude;
    return n->is_float || (magnitude < 0x1p64 && (uint64_t)magnitude == n->magnitude);
}

static bool number_to_int64(const number *n, int64_t *out) {
    if (n->is_float) {
        if (!(n->real >= -0x1p63 && n->real < 0x1p63) || n->real != trunc(n->real))
            return false;
        *out = (int64_t)n->real;
        return true;
    }
    if (n->magnitude > (uint64_t)INT64_MAX + n->negative)
        return false;
    *out = n->negative ? (int64_t)(0 - n->magnitude) : (int64_t)n->magnitude;
    return true;
}

static bool convert_number(void *to, size_t i, mixfill_npy_type type, const number *n) {
    if (type == MIXFILL_NPY_FLOAT64)
        return number_to_double(n, (double *)to + i);
    int64_t value;
    if (!number_to_int64(n, &value))
        return false;
    if (type == MIXFILL_NPY_INT64) {
        ((int64_t *)to)[i] = value;
        return true;
    }
    ((int32_t *)to)[i] = (int32_t)value;
    return value >= INT32_MIN && value <= INT32_MAX;
}

static bool same_layout(npy_dtype d, mixfill_npy_type type) {
    return (type == MIXFILL_NPY_FLOAT64 && d.kind == 'f' && d.size == 8) ||
           (type == MIXFILL_NPY_INT64 && d.kind == 'i' && d.size == 8) ||
           (type == MIXFILL_NPY_INT32 && d.kind == 'i' && d.size == 4);
}

/* Replaces *data by the same numbers in `type`. */
static mixfill_status convert_numbers(const member *m, char **data, size_t n, npy_dtype d,
                                      mixfill_npy_type type) {
    static const char *const type_name[] = {[MIXFILL_NPY_FLOAT64] = "a 64-bit float",
                                            [MIXFILL_NPY_INT64] = "a 64-bit integer",
                                            [MIXFILL_NPY_INT32] = "a 32-bit integer"};
    if (same_layout(d, type))
        return MIXFILL_OK;
    char *converted = mixfill_alloc(n, item_bytes(type, 0));
    if (converted == NULL)
        return mixfill_fail_nomem(m->err, m->path);
    for (size_t i = 0; i < n; i++) {
        number value;
        if (!load_number(&value, (const unsigned char *)*data + i * d.size, d) ||
            !convert_number(converted, i, type, &value)) {
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

static mixfill_status convert_strings(const member *m, char *data, size_t n, npy_dtype d) {
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

static mixfill_status check_kind(const member *m, npy_dtype d, mixfill_npy_type type) {
    bool text = d.kind == 'S' || d.kind == 'U';
    if (text == (type == MIXFILL_NPY_BYTES))
        return MIXFILL_OK;
    return mixfill_fail(m->err, MIXFILL_ERR_UNSUPPORTED, 0, "%s: member %s: %s, %s were expected",
                        m->path, m->name, text ? "strings" : "numbers",
                        text ? "numbers" : "strings");
}

/* Header and data; the data as the file has it. */
static mixfill_status read_array(member *m, npy_header *h, char **data, size_t *bytes,
                                 mixfill_npy_type type) {
    mixfill_status st;
    size_t len = 0;
    MIXFILL_TRY(read_header(m, h));
    MIXFILL_TRY(check_kind(m, h->dtype, type));
    if (!array_bytes(bytes, h->shape, h->dtype.size))
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
    char member_name[MAX_NAME];
    char *bytes = NULL;
    size_t len = 0;
    member m = {.err = err};
    npy_header h = {0};
    snprintf(member_name, sizeof member_name, "%s.npy", name);
    MIXFILL_TRY(open_member(&m, r, member_name));
    st = read_array(&m, &h, &bytes, &len, type);
    MIXFILL_TRY(close_member(&m, st));
    size_t n = len / h.dtype.size;
    MIXFILL_TRY(type == MIXFILL_NPY_BYTES ? convert_strings(&m, bytes, n, h.dtype)
                                          : convert_numbers(&m, &bytes, n, h.dtype, type));
    *data = bytes;
    *shape = h.shape;
    if (item_size != NULL)
        *item_size = type == MIXFILL_NPY_BYTES ? h.dtype.size : item_bytes(type, 0);
    bytes = NULL;
done:
    mixfill_free(bytes);
    return st;
}

mixfill_status mixfill_npz_read_raw(mixfill_npz_reader *r, char **bytes, size_t *len,
                                    const char *name, mixfill_error *err) {
    mixfill_status st;
    char *block = NULL;
    size_t n = 0;
    member m = {.err = err};
    MIXFILL_TRY(open_member(&m, r, name));
    st = read_growing(&m, &block, &n, MAX_RAW);
    if (st == MIXFILL_OK)
        st = expect_end(&m, "larger than 64 MiB");
    MIXFILL_TRY(close_member(&m, st));
    *bytes = block;
    *len = n;
    block = NULL;
done:
    mixfill_free(block);
    return st;
}
