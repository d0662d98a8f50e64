/* The .npy format: headers, and elements of any numeric dtype.
 *
 * A header is a magic string, a version, a length, and a Python dictionary as repr prints it:
 * "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }", padded with blanks to a multiple
 * of 64 bytes. Only what numpy writes is parsed, keys in any order; anything else is refused, not
 * guessed (NEP 1).
 *
 * Numbers are converted only where nothing is lost: an int64 beyond 2^53 that no double holds is
 * a fault, not a neighbour. */
#include "file/npy.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are written as they lie in memory");

enum {
    MAX_HEADER = 10000,     /* numpy's own limit */
    MAX_ITEM_SIZE = 1 << 20 /* of strings; an id has at most 255 bytes */
};

size_t mixfill_npy_item_bytes(mixfill_npy_type type, size_t item_size) {
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

/* An empty dimension is looked for first: beside it the others may be as large as they like. */
bool mixfill_npy_array_bytes(size_t *bytes, mixfill_npy_shape shape, size_t item_size) {
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

/* ---- writing ---- */

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
    /* Version 1.0, the length in two bytes, of which the second is 0: a header of three
     * dimensions stays below 256. */
    const char prefix[PREFIX] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, (char)(total - PREFIX), 0};
    memcpy(out, prefix, PREFIX);
    return total;
}

/* ---- reading ---- */

static void skip_blanks(const char **at) {
    *at += strspn(*at, " ");
}

/* Pass over a text, with blanks in front of it, if it is what comes next. */
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

/* A decimal without sign; false where there is none or it does not fit an int64. */
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

/* Floats of 16, 32 and 64 bits, integers of 8 to 64, bool of one byte; not long double, whose
 * bytes mean something else on every machine. */
static bool is_numeric(mixfill_npy_dtype d) {
    switch (d.kind) {
    case 'f':
        return d.size == 2 || d.size == 4 || d.size == 8;
    case 'i':
    case 'u':
        return d.size == 1 || d.size == 2 || d.size == 4 || d.size == 8;
    default:
        return d.kind == 'b' && d.size == 1;
    }
}

/* A dtype such as "<f8": byte order ("|" where it does not matter), kind, size, which for U
 * counts characters of 4 bytes. NULL, or what is wrong. */
static const char *parse_dtype(const char *descr, mixfill_npy_dtype *d) {
    const char *const unread = "its dtype is none of those read (float, int, bool, bytes, str)";
    const char *at = descr + 2;
    int64_t size;
    if (descr[0] == '\0' || strchr("<>|", descr[0]) == NULL || descr[1] == '\0')
        return unread;
    if (descr[1] == 'O')
        return "its dtype is object, expected numbers (float, int or bool)";
    if (descr[1] == 'c')
        return "its dtype is complex, expected numbers (float, int or bool)";
    if (!take_number(&at, &size) || *at != '\0' || size <= 0 || size > MAX_ITEM_SIZE)
        return unread;
    *d = (mixfill_npy_dtype){.kind = descr[1], .big = descr[0] == '>', .size = (size_t)size};
    bool text = d->kind == 'S' || d->kind == 'U';
    if (d->kind == 'U')
        d->size *= 4;
    bool order_given = descr[0] != '|' || d->kind == 'S' || (!text && d->size == 1);
    if (text && d->big)
        return "big-endian text is not read";
    return order_given && (text || is_numeric(*d)) ? NULL : unread;
}

/* One "key: value" of the dictionary. seen: a bit for each key so far. */
static const char *parse_entry(const char **at, mixfill_npy_info *h, unsigned *seen) {
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
static const char *parse_dictionary(const char *at, mixfill_npy_info *h) {
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
    return NULL;
}

/* Version 1 has two bytes of length, 2 and 3 have four, the lowest first; 3 differs from 2 in
 * the encoding of field names, which plain arrays do not have. The dictionary has no NUL in it. */
mixfill_status mixfill_npy_read_header(mixfill_npy_info *out, const char **fault,
                                       mixfill_npy_read_fn read, void *from) {
    unsigned char start[8], length[4] = {0};
    char text[MAX_HEADER + 1];
    mixfill_status st;
    *fault = NULL;
    MIXFILL_TRY(read(from, start, sizeof start));
    if (memcmp(start, "\x93NUMPY", 6) != 0 || start[6] < 1 || start[6] > 3 || start[7] != 0) {
        *fault = "not an .npy array of version 1, 2 or 3";
        goto done;
    }
    MIXFILL_TRY(read(from, length, start[6] == 1 ? 2 : 4));
    size_t len =
        length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
    if (len > MAX_HEADER) {
        *fault = "its header is too long";
        goto done;
    }
    MIXFILL_TRY(read(from, text, len));
    text[len] = '\0';
    *fault = strlen(text) == len ? parse_dictionary(text, out) : "its header is malformed";
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

/* A 16-bit float: 1 sign, 5 exponent and 10 fraction bits. Every one is a double exactly. */
static double half_to_double(unsigned bits) {
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023);
    double magnitude = exponent == 31  ? (fraction > 0 ? (double)NAN : (double)INFINITY)
                       : exponent == 0 ? ldexp(fraction, -24)
                                       : ldexp(1024 + fraction, exponent - 25);
    return (bits >> 15 & 1) != 0 ? -magnitude : magnitude;
}

/* An element as the number it is, from bytes of either order; false where a bool is neither 0
 * nor 1. The magnitude of a negative integer is taken without overflow, also that of INT64_MIN. */
static bool load_number(number *out, const unsigned char *bytes, mixfill_npy_dtype d) {
    uint64_t bits = 0;
    for (size_t i = 0; i < d.size; i++)
        bits = bits << 8 | bytes[d.big ? i : d.size - 1 - i];
    *out = (number){.is_float = d.kind == 'f', .magnitude = bits};
    if (d.kind == 'f' && d.size == 8) {
        memcpy(&out->real, &bits, sizeof out->real);
    } else if (d.kind == 'f' && d.size == 2) {
        out->real = half_to_double((unsigned)bits);
    } else if (d.kind == 'f') {
        uint32_t word = (uint32_t)bits;
        float single;
        memcpy(&single, &word, sizeof single);
        out->real = (double)single;
    } else if (d.kind == 'i' && (bits >> (8 * d.size - 1)) != 0) {
        out->negative = true;
        out->magnitude = (d.size < 8 ? UINT64_C(1) << (8 * d.size) : 0) - bits;
    }
    return d.kind != 'b' || bits <= 1;
}

/* Exactly: an integer is compared with what comes back. 2^64 - 1 rounds to 2^64, which does not
 * fit a uint64, hence the bound. */
static bool number_to_double(const number *n, double *out) {
    double magnitude = (double)n->magnitude;
    *out = n->is_float ? n->real : n->negative ? -magnitude : magnitude;
    return n->is_float || (magnitude < 0x1p64 && (uint64_t)magnitude == n->magnitude);
}

/* Floats that are whole numbers pass: numpy makes float arrays of counts all the time. */
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

/* Element i of an array becomes a number; false where it does not fit. */
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

bool mixfill_npy_convert(void *to, size_t i, mixfill_npy_type type, const void *item,
                         mixfill_npy_dtype dtype) {
    number value;
    return load_number(&value, item, dtype) && convert_number(to, i, type, &value);
}
