/* xz data, of one or several streams; where liblzma is not built in, the message that says so. */
#include "file/source_packed.h"

#ifdef MIXFILL_HAVE_XZ

#include <lzma.h>

/* xz -9 needs 65 MiB to unpack; what asks for far more is made to fill memory. */
enum { MOST_MEMORY = 1 << 28 };

typedef struct xz_source {
    mixfill_source base;
    mixfill_packed_input in;
    lzma_stream z;
    lzma_allocator allocator;
    lzma_ret code; /* of the last step; an error is met again by every later read */
    int64_t n_unpacked;
} xz_source;

/* liblzma's memory is ours too, so that the tests' budget covers it. */
static void *allocate(void *opaque, size_t n, size_t size) {
    (void)opaque;
    return mixfill_alloc(n, size);
}

static void release(void *opaque, void *memory) {
    (void)opaque;
    mixfill_free(memory);
}

static void close_xz(mixfill_source *source) {
    xz_source *x = (xz_source *)source;
    lzma_end(&x->z);
    mixfill_source_close(x->in.source);
    mixfill_free(x->base.name);
    mixfill_free(x);
}

static mixfill_status refill(xz_source *x, mixfill_error *err) {
    size_t got;
    if (x->z.avail_in > 0 || x->in.end)
        return MIXFILL_OK;
    mixfill_status st = mixfill_packed_more(&x->in, &got, err);
    x->z.next_in = x->in.bytes;
    x->z.avail_in = got;
    return st;
}

static mixfill_status fail(const xz_source *x, mixfill_error *err) {
    if (x->code == LZMA_MEM_ERROR)
        return mixfill_fail_nomem(err, "xz data");
    if (x->code == LZMA_MEMLIMIT_ERROR)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                            "xz data needs more than %d MiB to unpack, expected less",
                            MOST_MEMORY >> 20);
    if (x->code == LZMA_BUF_ERROR)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "xz data is cut short after %lld bytes",
                            (long long)x->in.n);
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "xz data is damaged");
}

/* At least one byte, unless the last stream has ended. A fault behind bytes comes with the next
 * call. */
static mixfill_status read_xz(mixfill_source *source, void *to, size_t n, size_t *got,
                              mixfill_error *err) {
    xz_source *x = (xz_source *)source;
    *got = 0;
    x->z.next_out = to;
    x->z.avail_out = n;
    while (x->z.avail_out == n && x->code != LZMA_STREAM_END) {
        mixfill_status st = x->code != LZMA_OK ? fail(x, err) : refill(x, err);
        if (st != MIXFILL_OK)
            return st;
        x->code = lzma_code(&x->z, x->in.end ? LZMA_FINISH : LZMA_RUN);
    }
    *got = n - x->z.avail_out;
    x->n_unpacked += (int64_t)*got;
    return x->n_unpacked > mixfill_unpacked_limit(x->in.n) ? mixfill_fail_bomb(err) : MIXFILL_OK;
}

mixfill_status mixfill_source_xz(mixfill_source **out, mixfill_source *packed, mixfill_error *err) {
    const lzma_stream none = LZMA_STREAM_INIT;
    xz_source *x = mixfill_alloc_zero(1, sizeof *x);
    if (x == NULL)
        return mixfill_fail_nomem(err, "xz data");
    x->allocator = (lzma_allocator){allocate, release, NULL};
    x->z = none;
    x->z.allocator = &x->allocator;
    x->base = (mixfill_source){
        .read = read_xz, .close = close_xz, .packing = "xz", .is_stdin = packed->is_stdin};
    x->base.name = mixfill_copy_string(packed->name);
    if (x->base.name == NULL ||
        lzma_stream_decoder(&x->z, MOST_MEMORY, LZMA_CONCATENATED) != LZMA_OK) {
        close_xz(&x->base);
        return mixfill_fail_nomem(err, "xz data");
    }
    x->in.source = packed;
    *out = &x->base;
    return MIXFILL_OK;
}

#else

mixfill_status mixfill_source_xz(mixfill_source **out, mixfill_source *packed, mixfill_error *err) {
    (void)out;
    return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                        "%s: xz data, and this build is without liblzma, expected gzip or text "
                        "(xzcat FILE | mixfill ... -)",
                        packed->name);
}

#endif
