/* Streaming line reader. */
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BUFFER = 1 << 20 };

mixfill_status mixfill_lines_open(mixfill_lines *lines, const char *path, mixfill_error *err) {
    bool is_stdin = strcmp(path, "-") == 0;
    *lines = (mixfill_lines){.path = is_stdin ? "(stdin)" : path, .fd = STDIN_FILENO};
    if (!is_stdin)
        lines->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (lines->fd < 0)
        return mixfill_fail_errno(err, path, "open", errno);
    lines->buffer = mixfill_realloc(NULL, FIRST_BUFFER, 1);
    if (lines->buffer == NULL) {
        mixfill_lines_close(lines);
        return mixfill_fail_nomem(err, "a read buffer");
    }
    lines->cap = FIRST_BUFFER;
    return MIXFILL_OK;
}

void mixfill_lines_close(mixfill_lines *lines) {
    if (lines->fd > STDERR_FILENO)
        close(lines->fd);
    mixfill_free(lines->buffer);
    *lines = (mixfill_lines){.fd = -1};
}

/* Make room behind the unread bytes: move them to the front, or double the buffer. */
static mixfill_status make_room(mixfill_lines *lines, mixfill_error *err) {
    if (lines->begin > 0) {
        memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
        lines->end -= lines->begin;
        lines->begin = 0;
    }
    if (lines->end < lines->cap)
        return MIXFILL_OK;
    if (lines->cap >= MIXFILL_MAX_LINE)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, lines->line + 1,
                            "%s:%" PRId64 ": line is longer than %d bytes, expected a text file",
                            lines->path, lines->line + 1, MIXFILL_MAX_LINE);
    char *grown = mixfill_realloc(lines->buffer, 2 * lines->cap, 1);
    if (grown == NULL)
        return mixfill_fail_nomem(err, "a line");
    lines->buffer = grown;
    lines->cap *= 2;
    return MIXFILL_OK;
}

/* One read into the free part of the buffer, which must not be empty. */
static mixfill_status fill(mixfill_lines *lines, mixfill_error *err) {
    ssize_t got;
    do
        got = read(lines->fd, lines->buffer + lines->end, lines->cap - lines->end);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return mixfill_fail_errno(err, lines->path, "read", errno);
    lines->eof = got == 0;
    lines->end += (size_t)got;
    return MIXFILL_OK;
}

mixfill_status mixfill_lines_peek(mixfill_lines *lines, const char **data, size_t *len, size_t n,
                                  mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    while (!lines->eof && lines->end - lines->begin < n && st == MIXFILL_OK) {
        if (lines->end == lines->cap)
            st = make_room(lines, err);
        if (st == MIXFILL_OK)
            st = fill(lines, err);
    }
    *data = lines->buffer + lines->begin;
    *len = lines->end - lines->begin < n ? lines->end - lines->begin : n;
    return st;
}

mixfill_status mixfill_lines_next(mixfill_lines *lines, char **text, size_t *len,
                                  mixfill_error *err) {
    size_t searched = 0;
    char *newline = NULL;
    for (;;) {
        char *start = lines->buffer + lines->begin;
        size_t unread = lines->end - lines->begin;
        newline = memchr(start + searched, '\n', unread - searched);
        if (newline != NULL || lines->eof)
            break;
        searched = unread;
        mixfill_status st = lines->end == lines->cap ? make_room(lines, err) : MIXFILL_OK;
        if (st == MIXFILL_OK)
            st = fill(lines, err);
        if (st != MIXFILL_OK)
            return st;
    }
    char *start = lines->buffer + lines->begin;
    size_t n = newline != NULL ? (size_t)(newline - start) : lines->end - lines->begin;
    *text = newline == NULL && n == 0 ? NULL : start;
    lines->begin += n + (newline != NULL);
    lines->line += *text != NULL;
    *len = n > 0 && start[n - 1] == '\r' ? n - 1 : n;
    return MIXFILL_OK;
}
