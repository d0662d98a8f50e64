/* bzip2 data, of one or several streams; where libbz2 is not built in, the message that says so. */
#include "file/source_packed.h"

#ifdef MIXFILL_HAVE_BZIP2

#include <bzlib.h>

typedef struct bzip2_source {
    mixfill_source base;
    mixfill_packed_input in;
    bz_stream z;
    bool inside; /* a stream that has not ended */
    int fault;   /* met behind bytes that were handed on first */
    int64_t n_unpacked;
} bzip2_source;

/* libbz2's memory is ours too, so that the tests' budget covers it. */
static void *allocate(void *opaque, int n, int size) {
    (void)opaque;
    return mixfill_alloc((size_t)n, (size_t)size);
}

static void release(void *opaque, void *memory) {
    (void)opaque;
    mixfill_free(memory);
}

static void close_bzip2(mixfill_source *source) {
    bzip2_source *b = (bzip2_source *)source;
    BZ2_bzDecompressEnd(&b->z);
    mixfill_source_close(b->in.source);
    mixfill_free(b->base.name);
    mixfill_free(b);
}

static mixfill_status refill(bzip2_source *b, mixfill_error *err) {
    size_t got;
    if (b->z.avail_in > 0 || b->in.end)
        return MIXFILL_OK;
    mixfill_status st = mixfill_packed_more(&b->in, &got, err);
    b->z.next_in = (char *)b->in.bytes;
    b->z.avail_in = (unsigned)got;
    return st;
}

static mixfill_status fail(const bzip2_source *b, int code, mixfill_error *err) {
    if (code == BZ_MEM_ERROR)
        return mixfill_fail_nomem(err, "bzip2 data");
    if (code == BZ_UNEXPECTED_EOF)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "bzip2 data is cut short after %lld bytes",
                            (long long)b->in.n);
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "bzip2 data is damaged");
}

/* What follows a stream is the next one, or the end. */
static int begin_stream(bzip2_source *b) {
    if (b->z.avail_in == 0)
        return BZ_OK;
    BZ2_bzDecompressEnd(&b->z);
    int code = BZ2_bzDecompressInit(&b->z, 0, 0);
    b->inside = code == BZ_OK;
    return code;
}

/* One step: packed bytes in, whatever they give out. */
static int step(bzip2_source *b) {
    if (!b->inside)
        return begin_stream(b);
    if (b->z.avail_in == 0)
        return BZ_UNEXPECTED_EOF;
    int code = BZ2_bzDecompress(&b->z);
    b->inside = code != BZ_STREAM_END;
    return code;
}

/* At least one byte, unless the last stream has ended. libbz2 counts in unsigned int, hence at most
 * 1 GiB a call. */
static mixfill_status read_bzip2(mixfill_source *source, void *to, size_t n, size_t *got,
                                 mixfill_error *err) {
    bzip2_source *b = (bzip2_source *)source;
    unsigned room = n < (1u << 30) ? (unsigned)n : 1u << 30;
    bool end = false;
    *got = 0;
    b->z.next_out = to;
    b->z.avail_out = room;
    while (b->z.avail_out == room && !end) {
        mixfill_status st = b->fault != BZ_OK ? fail(b, b->fault, err) : refill(b, err);
        if (st != MIXFILL_OK)
            return st;
        end = !b->inside && b->z.avail_in == 0;
        int code = end ? BZ_OK : step(b);
        b->fault = code < BZ_OK ? code : BZ_OK;
    }
    *got = room - b->z.avail_out;
    b->n_unpacked += (int64_t)*got;
    return b->n_unpacked > mixfill_unpacked_limit(b->in.n) ? mixfill_fail_bomb(err) : MIXFILL_OK;
}

mixfill_status mixfill_source_bzip2(mixfill_source **out, mixfill_source *packed,
                                    mixfill_error *err) {
    bzip2_source *b = mixfill_alloc_zero(1, sizeof *b);
    if (b == NULL)
        return mixfill_fail_nomem(err, "bzip2 data");
    b->z.bzalloc = allocate;
    b->z.bzfree = release;
    b->base = (mixfill_source){
        .read = read_bzip2, .close = close_bzip2, .packing = "bzip2", .is_stdin = packed->is_stdin};
    b->base.name = mixfill_copy_string(packed->name);
    b->inside = b->base.name != NULL && BZ2_bzDecompressInit(&b->z, 0, 0) == BZ_OK;
    if (!b->inside) {
        mixfill_free(b->base.name);
        mixfill_free(b);
        return mixfill_fail_nomem(err, "bzip2 data");
    }
    b->in.source = packed;
    *out = &b->base;
    return MIXFILL_OK;
}

#else

mixfill_status mixfill_source_bzip2(mixfill_source **out, mixfill_source *packed,
                                    mixfill_error *err) {
    (void)out;
    return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                        "%s: bzip2 data, and this build is without libbz2, expected gzip or text "
                        "(bzcat FILE | mixfill ... -)",
                        packed->name);
}

#endif
