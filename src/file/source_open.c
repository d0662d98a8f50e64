/* Files as streams of bytes, and the choice of what unpacks them.
 *
 * The choice is made by the first bytes, not by the name, and once: packed data within packed data
 * is handed on as it is, for the readers above to refuse with a message that says so. A file that
 * changes while it is read is refused too: half of one version and half of another would pass as
 * ratings. */
#include "file/source_open.h"

#include "file/source_packed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that are looked at before the file is read: more than any of the signatures has. */
enum { HEAD = 16 };

typedef struct file_source {
    mixfill_source base;
    int fd;
    struct stat opened; /* as it was then; of a regular file with bytes in it, else size 0 */
    int64_t at;         /* bytes read */
    char head[HEAD];    /* the first bytes, looked at before they are read */
    size_t head_begin, head_end;
} file_source;

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
static mixfill_status read_fd(file_source *f, void *to, size_t n, size_t *got, mixfill_error *err) {
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

/* The head again, then what follows it. */
static mixfill_status read_file(mixfill_source *source, void *to, size_t n, size_t *got,
                                mixfill_error *err) {
    file_source *f = (file_source *)source;
    size_t ready = f->head_end - f->head_begin;
    if (ready == 0)
        return read_fd(f, to, n, got, err);
    *got = ready < n ? ready : n;
    memcpy(to, f->head + f->head_begin, *got);
    f->head_begin += *got;
    return MIXFILL_OK;
}

/* Open a path, or standard input for "-". Where the input is no regular file, or is read from
 * somewhere in its middle, its size is 0: neither progress nor a check for changes can use it. */
static mixfill_status open_file(file_source **out, const char *path, mixfill_error *err) {
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
    *out = f;
    return MIXFILL_OK;
}

/* ---- what a file packs ---- */

/* Fill the head, which a pipe may give in pieces, or all of a file that is shorter. */
static mixfill_status read_head(file_source *f, mixfill_error *err) {
    size_t got = 1;
    mixfill_status st = MIXFILL_OK;
    while (st == MIXFILL_OK && got > 0 && f->head_end < HEAD) {
        st = read_fd(f, f->head + f->head_end, HEAD - f->head_end, &got, err);
        f->head_end += st == MIXFILL_OK ? got : 0;
    }
    return st;
}

static bool begins_with(const file_source *f, const char *magic, size_t len) {
    return f->head_end >= len && memcmp(f->head, magic, len) == 0;
}

/* zstd's own frames, or the skippable ones (16 magic numbers) that may come before them. */
static bool is_zstd(const file_source *f) {
    bool skippable = f->head_end >= 4 && ((unsigned char)f->head[0] & 0xf0) == 0x50 &&
                     memcmp(f->head + 1, "\x2a\x4d\x18", 3) == 0;
    return skippable || begins_with(f, "\x28\xb5\x2f\xfd", 4);
}

/* "BZh", the size of its blocks, and the digits of pi that begin a block, or the root of it that an
 * empty stream ends with: text may begin with the first four. */
static bool is_bzip2(const file_source *f) {
    return f->head_end >= 10 && memcmp(f->head, "BZh", 3) == 0 &&
           (memcmp(f->head + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
            memcmp(f->head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* Of a zip with members, or of one without any. */
static bool is_zip(const file_source *f) {
    return begins_with(f, "PK\x03\x04", 4) || begins_with(f, "PK\x05\x06", 4);
}

/* Open, look at the head, and put a decoder over the file where it knows the head. The decoder
 * owns the file from then on; one of a zip does not need it, for libzip opens the path again.
 * Messages go to a local error first, since a stream's read may count on one. */
mixfill_status mixfill_source_open(mixfill_source **out, const char *path, const char *member,
                                   mixfill_error *err) {
    file_source *f = NULL;
    mixfill_source *unpacked = NULL;
    mixfill_error fault = {0};
    mixfill_status st = open_file(&f, path, &fault);
    if (st == MIXFILL_OK)
        st = read_head(f, &fault);
    bool zip = st == MIXFILL_OK && is_zip(f) && !f->base.is_stdin;
    if (zip)
        st = mixfill_source_zip(&unpacked, path, member, &fault);
    else if (st == MIXFILL_OK && member != NULL)
        st = mixfill_fail(&fault, MIXFILL_ERR_ARG, 0,
                          "%s: not a zip file, expected one with the member '%s'", f->base.name,
                          member);
    else if (st == MIXFILL_OK && begins_with(f, "\x1f\x8b", 2))
        st = mixfill_source_gzip(&unpacked, &f->base, &fault);
    else if (st == MIXFILL_OK && is_zstd(f))
        st = mixfill_source_zstd(&unpacked, &f->base, &fault);
    else if (st == MIXFILL_OK && is_bzip2(f))
        st = mixfill_source_bzip2(&unpacked, &f->base, &fault);
    else if (st == MIXFILL_OK && begins_with(f, "\xfd\x37zXZ", 6))
        st = mixfill_source_xz(&unpacked, &f->base, &fault);
    if (f != NULL && (st != MIXFILL_OK || (zip && unpacked != NULL)))
        close_file(&f->base);
    if (st != MIXFILL_OK)
        return mixfill_fail_as(err, &fault);
    *out = unpacked != NULL ? unpacked : &f->base;
    return MIXFILL_OK;
}
