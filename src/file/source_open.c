/* Files as streams of bytes, and the choice of what unpacks them.
 *
 * The choice is made by the first bytes, not by the name, and once, but for a tar archive that is
 * packed: other packed data within packed data is handed on as it is, for the readers above to
 * refuse with a message that says so. A file that
 * changes while it is read is refused too: half of one version and half of another would pass as
 * ratings. */
#include "file/source_open.h"

#include "file/source_packed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that are looked at before a stream is read: those that tell a tar archive. */
enum { HEAD = 512 };

typedef struct file_source {
    mixfill_source base;
    int fd;
    struct stat opened; /* as it was then; of a regular file with bytes in it, else size 0 */
    int64_t at;         /* bytes read */
} file_source;

/* A stream whose first bytes were looked at; it goes by the name of the one beneath. */
typedef struct head_source {
    mixfill_source base;
    mixfill_source *below;
    char head[HEAD];
    size_t begin, end;   /* of what is not read yet */
    mixfill_error fault; /* met behind the head, told behind it */
} head_source;

/* ---- files ---- */

static void close_file(mixfill_source *source) {
    file_source *f = (file_source *)source;
    if (f->fd > STDERR_FILENO)
        close(f->fd);
    mixfill_free(f->base.name);
    mixfill_free(f);
}

/* A file that others write to while it is read is not one version of anything. */
static mixfill_status check_unchanged(const file_source *f, mixfill_error *err) {
    struct stat now;
    const struct stat *then = &f->opened;
    if (then->st_size == 0 || fstat(f->fd, &now) != 0)
        return MIXFILL_OK;
    bool gone = now.st_nlink == 0 && then->st_nlink > 0;
    if (!gone && f->at == (int64_t)then->st_size && now.st_size == then->st_size &&
        now.st_mtim.tv_sec == then->st_mtim.tv_sec && now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_IO, 0, "%s: was %s while it was read, expected it to stay",
                        f->base.name, gone ? "removed or replaced" : "changed");
}

/* Up to n bytes of the descriptor; what has no size (pipes, devices) is not checked at its end. */
static mixfill_status read_file(mixfill_source *source, void *to, size_t n, size_t *got,
                                mixfill_error *err) {
    file_source *f = (file_source *)source;
    ssize_t len;
    do
        len = read(f->fd, to, n);
    while (len < 0 && errno == EINTR);
    if (len < 0)
        return mixfill_fail_errno(err, f->base.name, "read", errno);
    *got = (size_t)len;
    f->at += (int64_t)len;
    bool beyond = f->opened.st_size > 0 && f->at > (int64_t)f->opened.st_size;
    return len == 0 || beyond ? check_unchanged(f, err) : MIXFILL_OK;
}

/* Open a path, or standard input for "-". Where the input is no regular file, or is read from
 * somewhere in its middle, its size is 0: neither progress nor a check for changes can use it. */
static mixfill_status open_file(mixfill_source **out, const char *path, mixfill_error *err) {
    file_source *f = mixfill_alloc_zero(1, sizeof *f);
    if (f == NULL)
        return mixfill_fail_nomem(err, "a read buffer");
    bool is_stdin = strcmp(path, "-") == 0;
    f->base = (mixfill_source){.read = read_file, .close = close_file, .is_stdin = is_stdin};
    f->base.name = mixfill_copy_string(is_stdin ? "(stdin)" : path);
    f->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    mixfill_status st = MIXFILL_OK;
    if (f->fd < 0)
        st = mixfill_fail_errno(err, path, "open", errno);
    else if (f->base.name == NULL)
        st = mixfill_fail_nomem(err, "a read buffer");
    if (st != MIXFILL_OK) {
        close_file(&f->base);
        return st;
    }
    if (fstat(f->fd, &f->opened) != 0 || !S_ISREG(f->opened.st_mode) ||
        (is_stdin && lseek(f->fd, 0, SEEK_CUR) != 0))
        f->opened.st_size = 0;
    f->base.size = (int64_t)f->opened.st_size;
    *out = &f->base;
    return MIXFILL_OK;
}

/* ---- what a file packs ---- */

static void close_head(mixfill_source *source) {
    head_source *h = (head_source *)source;
    mixfill_source_close(h->below);
    mixfill_free(h);
}

/* The head again, then what follows it. */
static mixfill_status read_head(mixfill_source *source, void *to, size_t n, size_t *got,
                                mixfill_error *err) {
    head_source *h = (head_source *)source;
    size_t ready = h->end - h->begin;
    if (ready == 0 && h->fault.status != MIXFILL_OK)
        return mixfill_fail_as(err, &h->fault);
    if (ready == 0)
        return h->below->read(h->below, to, n, got, err);
    *got = ready < n ? ready : n;
    memcpy(to, h->head + h->begin, *got);
    h->begin += *got;
    return MIXFILL_OK;
}

/* A look at a stream, which it owns, or closes without memory. A pipe gives its head in pieces. */
static mixfill_status look(head_source **out, mixfill_source *below, mixfill_error *err) {
    head_source *h = mixfill_alloc_zero(1, sizeof *h);
    if (h == NULL) {
        mixfill_source_close(below);
        return mixfill_fail_nomem(err, "a read buffer");
    }
    h->base = *below;
    h->base.read = read_head;
    h->base.close = close_head;
    h->below = below;
    for (size_t got = 1; got > 0 && h->end < HEAD; h->end += got) {
        got = 0;
        h->fault.status = below->read(below, h->head + h->end, HEAD - h->end, &got, &h->fault);
    }
    *out = h;
    return MIXFILL_OK;
}

static bool begins_with(const head_source *h, const char *magic, size_t len) {
    return h->end >= len && memcmp(h->head, magic, len) == 0;
}

static bool is_gzip(const head_source *h) {
    return begins_with(h, "\x1f\x8b", 2);
}

/* zstd's own frames, or the skippable ones (16 magic numbers) that may come before them. */
static bool is_zstd(const head_source *h) {
    bool skippable = h->end >= 4 && ((unsigned char)h->head[0] & 0xf0) == 0x50 &&
                     memcmp(h->head + 1, "\x2a\x4d\x18", 3) == 0;
    return skippable || begins_with(h, "\x28\xb5\x2f\xfd", 4);
}

/* "BZh", the size of its blocks, and the digits of pi that begin a block, or the root of it that an
 * empty stream ends with: text may begin with the first four. */
static bool is_bzip2(const head_source *h) {
    return h->end >= 10 && memcmp(h->head, "BZh", 3) == 0 &&
           (memcmp(h->head + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
            memcmp(h->head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static bool is_xz(const head_source *h) {
    return begins_with(h, "\xfd\x37zXZ", 6);
}

/* Of a zip with members, or of one without any. */
static bool is_zip(const head_source *h) {
    return begins_with(h, "PK\x03\x04", 4) || begins_with(h, "PK\x05\x06", 4);
}

/* What unpacks a stream. */
static const struct {
    bool (*fits)(const head_source *h);
    mixfill_status (*open)(mixfill_source **out, mixfill_source *packed, mixfill_error *err);
} decoders[] = {{is_gzip, mixfill_source_gzip},
                {is_zstd, mixfill_source_zstd},
                {is_bzip2, mixfill_source_bzip2},
                {is_xz, mixfill_source_xz}};

/* Put a decoder over a stream where one knows its head, and look at what comes out of it. */
static mixfill_status unpack(head_source **top, mixfill_error *err) {
    for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++) {
        mixfill_source *unpacked;
        if (!decoders[i].fits(*top))
            continue;
        mixfill_status st = decoders[i].open(&unpacked, &(*top)->base, err);
        if (st != MIXFILL_OK)
            return st;
        *top = NULL;
        return look(top, unpacked, err);
    }
    return MIXFILL_OK;
}

/* The member of a zip, for which libzip opens the path again, or of a tar archive, packed or not.
 * *out stays NULL where the stream is to be read as it is, or *only is there. */
static mixfill_status open_member(mixfill_source **out, char **only, head_source **top,
                                  const char *path, const char *member, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    if (is_zip(*top) && (*top)->base.packing == NULL && !(*top)->base.is_stdin)
        return mixfill_source_zip(out, path, member, err);
    st = unpack(top, err);
    if (st == MIXFILL_OK && mixfill_is_tar((*top)->head, (*top)->end)) {
        st = mixfill_source_tar(out, only, &(*top)->base, member, err);
        if (st == MIXFILL_OK && *out != NULL)
            *top = NULL;
    } else if (st == MIXFILL_OK && member != NULL) {
        st = mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                          "%s: not a zip or tar file, expected one with the member '%s'",
                          (*top)->base.name, member);
    }
    return st;
}

/* Messages go to a local error first, since a stream's read may count on one. The only member of
 * a tar archive has gone by when it is known to be, and is read by opening the file again. */
mixfill_status mixfill_source_open(mixfill_source **out, const char *path, const char *member,
                                   mixfill_error *err) {
    mixfill_source *file = NULL;
    head_source *top = NULL;
    char *only = NULL;
    mixfill_error fault = {0};
    *out = NULL;
    mixfill_status st = open_file(&file, path, &fault);
    bool again = st == MIXFILL_OK && file->size > 0 && !file->is_stdin;
    if (st == MIXFILL_OK)
        st = look(&top, file, &fault);
    if (st == MIXFILL_OK)
        st = open_member(out, &only, &top, path, member, &fault);
    if (st == MIXFILL_OK && *out == NULL && only == NULL) {
        *out = &top->base;
        top = NULL;
    }
    if (only != NULL && !again)
        st = mixfill_fail_about(&fault, MIXFILL_ERR_PARSE, 0, "member",
                                "%s: a tar archive of one file, '%.80s', from a pipe, expected its "
                                "name given",
                                top->base.name, only);
    if (top != NULL)
        mixfill_source_close(&top->base);
    if (only != NULL && again)
        st = mixfill_source_open(out, path, only, &fault);
    mixfill_free(only);
    return st == MIXFILL_OK ? st : mixfill_fail_as(err, &fault);
}
