/* .npz archives: members of .npy arrays in a zip, read and written through libzip. Knows nothing of
 * models or ratings.
 *
 * An archive is what numpy.savez writes and numpy.load opens: every array a member NAME.npy,
 * stored, with names of at most 59 bytes. Models add one member that is no array. */
#ifndef MIXFILL_NPZ_H
#define MIXFILL_NPZ_H

#include "file/npy.h"

enum { MIXFILL_NPZ_MAX_NAME = 64 };

/* ---- writing ---- */

typedef struct mixfill_npz_writer mixfill_npz_writer;

/* Members are stored uncompressed in the order added, dated 1980-01-01. path as in outfile.h. */
mixfill_status mixfill_npz_writer_open(mixfill_npz_writer **out, const char *path,
                                       mixfill_error *err);

/* Begin an archive in memory; name: for messages. */
mixfill_status mixfill_npz_writer_open_memory(mixfill_npz_writer **out, const char *name,
                                              mixfill_error *err);

/* Add `name`.npy, C order. data: borrowed until close. item_size: for BYTES, else ignored. */
mixfill_status mixfill_npz_add(mixfill_npz_writer *w, const char *name, mixfill_npy_type type,
                               size_t item_size, mixfill_npy_shape shape, const void *data,
                               mixfill_error *err);

/* Add a member that is not an array, under its full name. bytes: borrowed until close. */
mixfill_status mixfill_npz_add_raw(mixfill_npz_writer *w, const char *name, const void *bytes,
                                   size_t len, mixfill_error *err);

/* Write everything and commit; frees w in any case. */
mixfill_status mixfill_npz_writer_close(mixfill_npz_writer *w, mixfill_error *err);

/* Finish an archive in memory: its bytes are the caller's, to be freed with mixfill_free; frees w
 * in any case. */
mixfill_status mixfill_npz_writer_close_memory(mixfill_npz_writer *w, void **data, size_t *size,
                                               mixfill_error *err);

/* Free without writing; NULL is allowed. */
void mixfill_npz_writer_abandon(mixfill_npz_writer *w);

/* ---- reading ---- */

typedef struct mixfill_npz_reader mixfill_npz_reader;

/* Open an archive. MIXFILL_ERR_IO, MIXFILL_ERR_PARSE (not a zip, cut short). */
mixfill_status mixfill_npz_reader_open(mixfill_npz_reader **out, const char *path,
                                       mixfill_error *err);

/* Open one in memory: data is borrowed until close; name: for messages. MIXFILL_ERR_PARSE. */
mixfill_status mixfill_npz_reader_open_memory(mixfill_npz_reader **out, const void *data,
                                              size_t size, const char *name, mixfill_error *err);
void mixfill_npz_reader_close(mixfill_npz_reader *r);

/* Whether a member `name`.npy (or, with raw, `name`) is there. */
bool mixfill_npz_has(const mixfill_npz_reader *r, const char *name, bool raw);

/* Read `name`.npy as C-order elements of `type`; *data is owned by the caller (mixfill_free) and
 * *item_size tells the width of BYTES (may be NULL for other types). Fortran order, object dtypes,
 * data shorter or longer than the header says, values that do not convert, a wrong CRC:
 * MIXFILL_ERR_PARSE with "PATH: member NAME: what". Strings where numbers were asked for, or the
 * other way round: MIXFILL_ERR_UNSUPPORTED. Memory follows the bytes really present, never the
 * header's claim. */
mixfill_status mixfill_npz_read(mixfill_npz_reader *r, void **data, mixfill_npy_shape *shape,
                                size_t *item_size, const char *name, mixfill_npy_type type,
                                mixfill_error *err);

/* Read a whole member that is not an array, NUL-terminated; at most 64 MiB. */
mixfill_status mixfill_npz_read_raw(mixfill_npz_reader *r, char **bytes, size_t *len,
                                    const char *name, mixfill_error *err);

#endif
