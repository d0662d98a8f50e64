/* The .npy format: the header of an array, and its elements as numbers. Knows nothing of files.
 *
 *     offset 0   93 N U M P Y 01 00   magic, version
 *            8   76 00                118 bytes of dictionary, blanks and a newline
 *           10   {'descr': '<f8', 'fortran_order': False, 'shape': (6040, 3706), }
 *          128   elements, row by row */
#ifndef MIXFILL_NPY_H
#define MIXFILL_NPY_H

#include "base/base.h"

/* Element kinds handed to and fro. A file's other numeric dtypes are converted on reading when
 * every value survives the conversion exactly. */
typedef enum mixfill_npy_type {
    MIXFILL_NPY_FLOAT64, /* '<f8' */
    MIXFILL_NPY_INT64,   /* '<i8' */
    MIXFILL_NPY_INT32,   /* '<i4' */
    MIXFILL_NPY_BYTES    /* '|S{item_size}' */
} mixfill_npy_type;

enum { MIXFILL_NPY_MAX_DIMS = 3 };

typedef struct mixfill_npy_shape {
    int32_t n_dims; /* 0: a scalar */
    int64_t dim[MIXFILL_NPY_MAX_DIMS];
} mixfill_npy_shape;

/* The header of an .npy file (magic, version, dictionary, padding to 64) into out; returns its
 * length. For callers that stream the data themselves. */
enum { MIXFILL_NPY_HEADER_MAX = 256 };
size_t mixfill_npy_header(char out[MIXFILL_NPY_HEADER_MAX], mixfill_npy_type type, size_t item_size,
                          mixfill_npy_shape shape);

/* ---- reading ---- */

/* What a file says its elements are. */
typedef struct mixfill_npy_dtype {
    char kind;   /* one of f i u b S U */
    bool big;    /* highest byte first; numbers only */
    size_t size; /* bytes of an element */
} mixfill_npy_dtype;

typedef struct mixfill_npy_info {
    mixfill_npy_dtype dtype;
    bool fortran; /* columns rather than rows follow each other */
    mixfill_npy_shape shape;
} mixfill_npy_info;

/* Reads exactly n bytes, or fails. */
typedef mixfill_status (*mixfill_npy_read_fn)(void *from, void *to, size_t n);

/* Read a header with a function that is given `from`; its failure is returned. *fault: NULL, or
 * what is wrong with the header, and *out is of no use. */
mixfill_status mixfill_npy_read_header(mixfill_npy_info *out, const char **fault,
                                       mixfill_npy_read_fn read, void *from);

/* Element i of an array of `type` (not BYTES) becomes the number at `item`; false where it does not
 * fit. */
bool mixfill_npy_convert(void *to, size_t i, mixfill_npy_type type, const void *item,
                         mixfill_npy_dtype dtype);

/* Bytes of an element. item_size: for BYTES. */
size_t mixfill_npy_item_bytes(mixfill_npy_type type, size_t item_size);

/* Elements times item size; false on overflow. */
bool mixfill_npy_array_bytes(size_t *bytes, mixfill_npy_shape shape, size_t item_size);

#endif
