/* Files as streams of bytes, and the choice of what unpacks them. */
#include "file/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 16 };

typedef struct file_source {
    mixfill_source base;
    int fd;
    struct stat opened; /* as it was then; of a regular file with bytes in it, else size 0 */
    int64_t at;         /* bytes read */
    char head[HEAD];    /* the first bytes, looked at before they are read */
    size_t head_begin, head_end;
} file_source;

char *mixfill_copy_string(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = mixfill_alloc(size, 1);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

int64_t mixfill_unpacked_limit(int64_t packed) {
    const int64_t always = INT64_C(256) << 20, ratio = 200;
    return packed < (INT64_MAX - always) / ratio ? always + ratio * packed : INT64_MAX;
}

mixfill_status mixfill_fail_bomb(mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                        "unpacks to more than 256 MiB and 200 times its size, expected ratings (or "
                        "the unpacked file)");
}

void mixfill_source_close(mixfill_source *source) {
    if (source != NULL)
        source->close(source);
}

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

static bool is_zstd(const file_source *f) {
    bool skippable = f->head_end >= 4 && ((unsigned char)f->head[0] & 0xf0) == 0x50 &&
                     memcmp(f->head + 1, "\x2a\x4d\x18", 3) == 0;
    return skippable || begins_with(f, "\x28\xb5\x2f\xfd", 4);
}

static bool is_zip(const file_source *f) {
    return begins_with(f, "PK\x03\x04", 4) || begins_with(f, "PK\x05\x06", 4);
}

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
    if (f != NULL && (st != MIXFILL_OK || (zip && unpacked != NULL)))
        close_file(&f->base);
    if (st != MIXFILL_OK)
        return mixfill_fail(err, st, fault.line, "%s", fault.message);
    *out = unpacked != NULL ? unpacked : &f->base;
    return MIXFILL_OK;
}
