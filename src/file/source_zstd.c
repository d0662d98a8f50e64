/* zstd data, of one or several frames; where libzstd is not built in, the message that says so. */
#include "file/source_packed.h"

#ifdef MIXFILL_HAVE_ZSTD

#include <zstd.h>

typedef struct zstd_source {
    mixfill_source base;
    mixfill_packed_input packed;
    ZSTD_DStream *stream;
    ZSTD_inBuffer in;
    size_t code; /* of the last step */
    bool inside; /* a frame that has not ended */
    int64_t n_unpacked;
} zstd_source;

static void close_zstd(mixfill_source *source) {
    zstd_source *z = (zstd_source *)source;
    ZSTD_freeDStream(z->stream);
    mixfill_source_close(z->packed.source);
    mixfill_free(z->base.name);
    mixfill_free(z);
}

/* More packed bytes, where all are used up. */
static mixfill_status refill(zstd_source *z, mixfill_error *err) {
    size_t got;
    if (z->in.pos < z->in.size || z->packed.end)
        return MIXFILL_OK;
    mixfill_status st = mixfill_packed_more(&z->packed, &got, err);
    z->in = (ZSTD_inBuffer){.src = z->packed.bytes, .size = got};
    return st;
}

/* At least one byte, unless the last frame has ended. The decoder keeps what does not fit `to`,
 * and is asked again without input until it has nothing left. A frame that has begun and not
 * ended when the input does is cut short. */
static mixfill_status read_zstd(mixfill_source *source, void *to, size_t n, size_t *got,
                                mixfill_error *err) {
    zstd_source *z = (zstd_source *)source;
    ZSTD_outBuffer out = {.dst = to, .size = n};
    while (out.pos == 0) {
        mixfill_status st = refill(z, err);
        if (st != MIXFILL_OK)
            return st;
        size_t used = z->in.pos;
        /* Also without input: what was decoded may not all have been handed on. */
        if (!ZSTD_isError(z->code))
            z->code = ZSTD_decompressStream(z->stream, &out, &z->in);
        if (ZSTD_isError(z->code) && out.pos == 0)
            return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "zstd data is damaged (%s)",
                                ZSTD_getErrorName(z->code));
        if (z->in.pos > used || out.pos > 0)
            z->inside = z->code != 0;
        else if (z->packed.end)
            break;
    }
    *got = out.pos;
    z->n_unpacked += (int64_t)out.pos;
    if (out.pos == 0 && z->inside)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "zstd data is cut short after %lld bytes",
                            (long long)z->packed.n);
    return z->n_unpacked > mixfill_unpacked_limit(z->packed.n) ? mixfill_fail_bomb(err)
                                                               : MIXFILL_OK;
}

mixfill_status mixfill_source_zstd(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err) {
    zstd_source *z = mixfill_alloc_zero(1, sizeof *z);
    if (z == NULL)
        return mixfill_fail_nomem(err, "zstd data");
    z->base = (mixfill_source){
        .read = read_zstd, .close = close_zstd, .packing = "zstd", .is_stdin = packed->is_stdin};
    z->base.name = mixfill_copy_string(packed->name);
    z->stream = ZSTD_createDStream();
    if (z->base.name == NULL || z->stream == NULL) {
        close_zstd(&z->base);
        return mixfill_fail_nomem(err, "zstd data");
    }
    z->packed.source = packed;
    *out = &z->base;
    return MIXFILL_OK;
}

#else

mixfill_status mixfill_source_zstd(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err) {
    (void)out;
    return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                        "%s: zstd data, and this build is without libzstd, expected gzip or text "
                        "(zstdcat FILE | mixfill ... -)",
                        packed->name);
}

#endif
