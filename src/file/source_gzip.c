/* gzip data, of one or several members.
 *
 * A file may be several members one after the other ("cat a.gz b.gz"), which unpack to one
 * stream. Where inflate hands out bytes and finds a fault behind them, the bytes come first and
 * the fault with the next call. */
#include "file/source_packed.h"

#include <string.h>
#include <zlib.h>

typedef struct gzip_source {
    mixfill_source base;
    mixfill_packed_input in;
    z_stream z;
    bool inside; /* a member that has not ended */
    int64_t n_unpacked;
} gzip_source;

/* zlib's memory is ours too, so that the tests' budget covers it. */
static void *allocate(void *opaque, unsigned n, unsigned size) {
    (void)opaque;
    return mixfill_alloc(n, size);
}

static void release(void *opaque, void *memory) {
    (void)opaque;
    mixfill_free(memory);
}

static void close_gzip(mixfill_source *source) {
    gzip_source *g = (gzip_source *)source;
    inflateEnd(&g->z);
    mixfill_source_close(g->in.source);
    mixfill_free(g->base.name);
    mixfill_free(g);
}

/* More packed bytes, where all are used up. */
static mixfill_status refill(gzip_source *g, mixfill_error *err) {
    size_t got;
    if (g->z.avail_in > 0 || g->in.end)
        return MIXFILL_OK;
    mixfill_status st = mixfill_packed_more(&g->in, &got, err);
    g->z.next_in = g->in.bytes;
    g->z.avail_in = (unsigned)got;
    return st;
}

/* Between members: zeros pad the records of tapes, anything else is the next member. */
static mixfill_status begin_member(gzip_source *g, mixfill_error *err) {
    mixfill_status st = refill(g, err);
    while (st == MIXFILL_OK && g->z.avail_in > 0 && *g->z.next_in == 0) {
        g->z.next_in++;
        g->z.avail_in--;
        st = refill(g, err);
    }
    if (st == MIXFILL_OK && g->z.avail_in > 0) {
        g->inside = true;
        inflateReset(&g->z);
    }
    return st;
}

/* One step within a member: packed bytes in, whatever they give out. The end of the file within
 * it is a fault. */
static mixfill_status inflate_some(gzip_source *g, mixfill_error *err) {
    mixfill_status st = refill(g, err);
    if (st != MIXFILL_OK)
        return st;
    if (g->z.avail_in == 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "gzip data is cut short after %lld bytes",
                            (long long)g->in.n);
    unsigned room = g->z.avail_out;
    int code = inflate(&g->z, Z_NO_FLUSH);
    g->inside = code != Z_STREAM_END;
    if (g->z.avail_out < room) /* a fault comes again, behind these */
        return MIXFILL_OK;
    if (code == Z_MEM_ERROR)
        return mixfill_fail_nomem(err, "gzip data");
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "gzip data is damaged (%s)",
                            g->z.msg != NULL ? g->z.msg : "needs a dictionary");
    return MIXFILL_OK;
}

/* At least one byte, unless the last member has ended. zlib counts in unsigned int, hence at
 * most 1 GiB a call. */
static mixfill_status read_gzip(mixfill_source *source, void *to, size_t n, size_t *got,
                                mixfill_error *err) {
    gzip_source *g = (gzip_source *)source;
    unsigned room = n < (1u << 30) ? (unsigned)n : 1u << 30;
    mixfill_status st = MIXFILL_OK;
    bool end = false;
    g->z.next_out = to;
    g->z.avail_out = room;
    while (st == MIXFILL_OK && g->z.avail_out == room && !end) {
        if (!g->inside)
            st = begin_member(g, err);
        end = st == MIXFILL_OK && !g->inside;
        if (st == MIXFILL_OK && !end)
            st = inflate_some(g, err);
    }
    *got = room - g->z.avail_out;
    g->n_unpacked += (int64_t)*got;
    if (st == MIXFILL_OK && g->n_unpacked > mixfill_unpacked_limit(g->in.n))
        st = mixfill_fail_bomb(err);
    return st;
}

/* GZIP_ONLY: zlib would take raw zlib streams too, which no file of ratings is. */
mixfill_status mixfill_source_gzip(mixfill_source **out, mixfill_source *packed,
                                   mixfill_error *err) {
    enum { GZIP_ONLY = 16 };
    gzip_source *g = mixfill_alloc_zero(1, sizeof *g);
    if (g == NULL)
        return mixfill_fail_nomem(err, "gzip data");
    g->z.zalloc = allocate;
    g->z.zfree = release;
    g->base = (mixfill_source){
        .read = read_gzip, .close = close_gzip, .packing = "gzip", .is_stdin = packed->is_stdin};
    g->base.name = mixfill_copy_string(packed->name);
    if (g->base.name == NULL || inflateInit2(&g->z, MAX_WBITS + GZIP_ONLY) != Z_OK) {
        mixfill_free(g->base.name);
        mixfill_free(g);
        return mixfill_fail_nomem(err, "gzip data");
    }
    g->inside = true;
    g->in.source = packed;
    *out = &g->base;
    return MIXFILL_OK;
}
