/* Streaming reader of lines and chunks.
 *
 * Two ways through one buffer. Line by line, a line is handed out where it stands in the buffer.
 * Chunk by chunk, bytes go from the source straight to the chunk and only the piece of a line
 * behind the last whole one comes back into the buffer; so several threads can parse while one
 * reads.
 *
 * A fault of the source (a disk error, damaged packed data) is kept until all lines before it
 * have been handed out: what is wrong earlier in the file is told first, as if the file were
 * read byte by byte. */
#include "file/lines.h"

#include "file/source_open.h"

#include <inttypes.h>
#include <string.h>

/* A chunk and what is made of it stay in a second-level cache; the first buffer takes any sample of
 * the file's beginning. */
enum { FIRST_BUFFER = 1 << 20, CHUNK = 1 << 18 };

/* Longer than any review in quotes; what a forgotten quote may look through. */
enum { MAX_QUOTED = 1 << 20 };

mixfill_status mixfill_lines_open(mixfill_lines *lines, const char *path, const char *member,
                                  mixfill_error *err) {
    *lines = (mixfill_lines){.chunk = CHUNK};
    mixfill_status st = mixfill_source_open(&lines->source, path, member, err);
    if (st != MIXFILL_OK)
        return st;
    lines->path = lines->source->name;
    lines->size = lines->source->size;
    lines->buffer = mixfill_realloc(NULL, FIRST_BUFFER, 1);
    if (lines->buffer == NULL) {
        mixfill_lines_close(lines);
        return mixfill_fail_nomem(err, "a read buffer");
    }
    lines->cap = FIRST_BUFFER;
    return MIXFILL_OK;
}

void mixfill_lines_close(mixfill_lines *lines) {
    mixfill_source_close(lines->source);
    mixfill_free(lines->buffer);
    *lines = (mixfill_lines){0};
}

/* A file without newlines is no text: better to say so than to read it all into one line. */
static mixfill_status fail_long(const mixfill_lines *lines, mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, lines->line + 1,
                        "%s:%" PRId64 ": line is longer than %d bytes, expected a text file",
                        lines->path, lines->line + 1, MIXFILL_MAX_LINE);
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
        return fail_long(lines, err);
    char *grown = mixfill_realloc(lines->buffer, 2 * lines->cap, 1);
    if (grown == NULL)
        return mixfill_fail_nomem(err, "a line");
    lines->buffer = grown;
    lines->cap *= 2;
    return MIXFILL_OK;
}

/* What the source ran into, said of the line that it cut. */
static mixfill_status report_fault(const mixfill_lines *lines, bool text, mixfill_error *err) {
    const mixfill_error *f = &lines->fault;
    if (f->status != MIXFILL_ERR_PARSE)
        return mixfill_fail(err, f->status, 0, "%s", f->message);
    if (!text)
        return mixfill_fail_about(err, f->status, 0, f->field, "%s: %s", lines->path, f->message);
    return mixfill_fail_about(err, f->status, lines->line + 1, f->field, "%s:%" PRId64 ": %s",
                              lines->path, lines->line + 1, f->message);
}

/* The newline that a lone CR stands for. */
static void make_newlines(char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\r')
            text[i] = '\n';
}

/* One read of up to n > 0 bytes, added to *end; 0 and eof set at the end of the file. A fault is
 * kept, and met again by every later call. */
static mixfill_status read_some(mixfill_lines *lines, char *to, size_t n, size_t *end) {
    size_t got = 0;
    if (lines->fault.status == MIXFILL_OK)
        lines->fault.status = lines->source->read(lines->source, to, n, &got, &lines->fault);
    if (lines->fault.status != MIXFILL_OK)
        return lines->fault.status;
    lines->eof = got == 0;
    if (lines->cr)
        make_newlines(to, got);
    *end += got;
    return MIXFILL_OK;
}

/* More bytes behind those in the buffer. */
static mixfill_status fill(mixfill_lines *lines) {
    return read_some(lines, lines->buffer + lines->end, lines->cap - lines->end, &lines->end);
}

/* Where a fault has bytes before it, these are shown and the fault waits its turn. */
mixfill_status mixfill_lines_peek(mixfill_lines *lines, const char **data, size_t *len, size_t n,
                                  mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    while (!lines->eof && lines->end - lines->begin < n && st == MIXFILL_OK &&
           lines->fault.status == MIXFILL_OK) {
        if (lines->end == lines->cap)
            st = make_room(lines, err);
        if (st == MIXFILL_OK)
            (void)fill(lines);
    }
    *data = lines->buffer + lines->begin;
    *len = lines->end - lines->begin < n ? lines->end - lines->begin : n;
    if (st == MIXFILL_OK && *len == 0 && lines->fault.status != MIXFILL_OK)
        st = report_fault(lines, true, err);
    return st;
}

size_t mixfill_lines_begin_text(mixfill_lines *lines, const char *data, size_t len) {
    static const char mark[] = "\xef\xbb\xbf";
    size_t n =
        len >= sizeof mark - 1 && memcmp(data, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    lines->begin += n;
    lines->cr = memchr(data, '\r', len) != NULL && memchr(data, '\n', len) == NULL;
    if (lines->cr)
        make_newlines(lines->buffer + lines->begin, lines->end - lines->begin);
    return n;
}

/* Whether a byte stands between two fields. */
static bool is_between(char c, char delimiter) {
    return c == delimiter || (delimiter == ' ' && c == '\t');
}

/* The byte behind the quoted field that begins at text[at], or 0 where the text ends first. *quoted
 * is false where it is none: it does not end soon enough, or goes on behind its quote. */
static size_t skip_quoted(const char *text, size_t len, size_t at, char delimiter, bool at_end,
                          bool *quoted) {
    size_t begin = at++;
    *quoted = false;
    for (;; at += 2) {
        const char *quote = memchr(text + at, '"', len - at);
        if (quote == NULL || (size_t)(quote - text) - begin > MAX_QUOTED)
            return len - begin > MAX_QUOTED || at_end ? len : 0;
        at = (size_t)(quote - text);
        *quoted = at + 1 == len && at_end;
        if (at + 1 == len)
            return at_end ? len : 0;
        if (text[at + 1] != '"')
            break;
        if (at + 2 == len)
            return at_end ? len : 0;
    }
    *quoted = text[at + 1] == '\n' || text[at + 1] == '\r' || is_between(text[at + 1], delimiter);
    return at + 1;
}

/* From newline to newline, over those that stand within quotes. A quote begins a field at the
 * begin of the line or behind a delimiter only. */
size_t mixfill_line_length(const char *text, size_t len, char delimiter, bool at_end) {
    const char *newline = memchr(text, '\n', len);
    size_t first = newline != NULL ? (size_t)(newline - text) + 1 : at_end ? len : 0, at = 0;
    while (at < len) {
        newline = memchr(text + at, '\n', len - at);
        size_t end = newline != NULL ? (size_t)(newline - text) : len;
        const char *quote = memchr(text + at, '"', end - at);
        if (quote == NULL)
            return newline != NULL ? end + 1 : at_end ? len : 0;
        bool quoted = true;
        at = (size_t)(quote - text);
        at = at == 0 || is_between(text[at - 1], delimiter)
                 ? skip_quoted(text, len, at, delimiter, at_end, &quoted)
                 : at + 1;
        if (at == 0)
            return 0;
        if (!quoted)
            return first;
    }
    return at_end ? len : 0;
}

/* What the buffer has, then straight from the source: an array is not copied twice. */
mixfill_status mixfill_lines_read(mixfill_lines *lines, void *to, size_t n, size_t *got,
                                  mixfill_error *err) {
    size_t ready = lines->end - lines->begin;
    *got = ready < n ? ready : n;
    memcpy(to, lines->buffer + lines->begin, *got);
    lines->begin += *got;
    while (*got < n && !lines->eof)
        if (read_some(lines, (char *)to + *got, n - *got, got) != MIXFILL_OK)
            return report_fault(lines, false, err);
    return MIXFILL_OK;
}

/* In spans whose count fits a byte, which compilers turn into vector code. */
static int64_t count_newlines(const char *text, size_t len) {
    enum { SPAN = 192 };
    int64_t n = 0;
    size_t i = 0;
    for (; i + SPAN <= len; i += SPAN) {
        uint8_t in_span = 0;
        for (size_t j = 0; j < SPAN; j++)
            in_span = (uint8_t)(in_span + (text[i + j] == '\n'));
        n += in_span;
    }
    for (; i < len; i++)
        n += text[i] == '\n';
    return n;
}

/* Of the unread bytes those of the next line, with its newline; 0 where it may go on behind them.
 * The first `searched` bytes are known to have no newline. */
static size_t find_line(const mixfill_lines *lines, size_t searched) {
    const char *start = lines->buffer + lines->begin;
    size_t unread = lines->end - lines->begin;
    if (lines->delimiter != '\0')
        return mixfill_line_length(start, unread, lines->delimiter, lines->eof);
    const char *newline = memchr(start + searched, '\n', unread - searched);
    return newline != NULL ? (size_t)(newline - start) + 1 : lines->eof ? unread : 0;
}

/* A line is complete at its newline, or at the end of the file; until then more is read behind it:
 * a line that comes in many reads is searched for its newline once. */
mixfill_status mixfill_lines_next(mixfill_lines *lines, char **text, size_t *len,
                                  mixfill_error *err) {
    size_t n, searched = 0;
    while ((n = find_line(lines, searched)) == 0 && !lines->eof) {
        searched = lines->end - lines->begin;
        mixfill_status st = lines->end == lines->cap ? make_room(lines, err) : MIXFILL_OK;
        if (st != MIXFILL_OK)
            return st;
        if (fill(lines) != MIXFILL_OK)
            return report_fault(lines, true, err);
    }
    char *start = lines->buffer + lines->begin;
    *text = n == 0 ? NULL : start;
    lines->begin += n;
    lines->line += lines->within + (*text != NULL);
    bool ended = n > 0 && start[n - 1] == '\n';
    n -= ended;
    lines->within = lines->delimiter != '\0' && *text != NULL ? count_newlines(start, n) : 0;
    *len = n > 0 && start[n - 1] == '\r' ? n - 1 : n;
    return MIXFILL_OK;
}

void mixfill_chunk_clear(mixfill_chunk *chunk) {
    mixfill_free(chunk->text);
    *chunk = (mixfill_chunk){0};
}

/* Room for cap bytes and the pad. What is new is zeroed: readers look beyond a text's end, at bytes
 * that mean nothing but must have been written. */
static mixfill_status reserve_chunk(mixfill_chunk *chunk, size_t cap, mixfill_error *err) {
    if (cap <= chunk->cap)
        return MIXFILL_OK;
    char *grown = mixfill_realloc(chunk->text, cap + MIXFILL_CHUNK_PAD, 1);
    if (grown == NULL)
        return mixfill_fail_nomem(err, "a read buffer");
    memset(grown + chunk->len, 0, cap + MIXFILL_CHUNK_PAD - chunk->len);
    chunk->text = grown;
    chunk->cap = cap;
    return MIXFILL_OK;
}

/* Read until a chunk has cap bytes, at the end of the file, or at an error that is kept for later
 * where there is text before it. */
static void fill_chunk(mixfill_lines *lines, mixfill_chunk *chunk, size_t cap) {
    while (!lines->eof && lines->fault.status == MIXFILL_OK && chunk->len < cap)
        (void)read_some(lines, chunk->text + chunk->len, cap - chunk->len, &chunk->len);
}

/* Length of the whole lines at the front of a text: up to its last newline, unless that may stand
 * within quotes. */
static size_t whole_lines(const mixfill_lines *lines, const char *text, size_t len) {
    size_t whole = 0, n;
    if (lines->delimiter != '\0' && memchr(text, '"', len) != NULL) {
        while ((n = mixfill_line_length(text + whole, len - whole, lines->delimiter, false)) > 0)
            whole += n;
        return whole;
    }
    for (whole = len; whole > 0 && text[whole - 1] != '\n';)
        whole--;
    return whole;
}

/* Keep what is behind the whole lines for the next call. */
static mixfill_status carry(mixfill_lines *lines, const char *rest, size_t len,
                            mixfill_error *err) {
    if (len > lines->cap) {
        char *grown = mixfill_realloc(lines->buffer, len, 1);
        if (grown == NULL)
            return mixfill_fail_nomem(err, "a line");
        lines->buffer = grown;
        lines->cap = len;
    }
    memcpy(lines->buffer, rest, len);
    lines->begin = 0;
    lines->end = len;
    return MIXFILL_OK;
}

/* Fill a chunk with at least one whole line; *whole is their length, 0 at the end. A line that is
 * longer than a chunk doubles it, up to the longest line that is read. The last line of a file need
 * not end in a newline, but that of a chunk does. */
static mixfill_status read_lines(mixfill_lines *lines, mixfill_chunk *chunk, size_t *whole,
                                 mixfill_error *err) {
    size_t cap = lines->chunk;
    for (;; cap *= 2) {
        mixfill_status st = reserve_chunk(chunk, cap, err);
        if (st != MIXFILL_OK)
            return st;
        fill_chunk(lines, chunk, cap);
        *whole = whole_lines(lines, chunk->text, chunk->len);
        if (*whole > 0 && !lines->eof)
            return MIXFILL_OK;
        if (lines->fault.status != MIXFILL_OK)
            return report_fault(lines, true, err);
        if (lines->eof) {
            if (chunk->len > 0 && chunk->text[chunk->len - 1] != '\n')
                chunk->text[chunk->len++] = '\n';
            *whole = chunk->len;
            return MIXFILL_OK;
        }
        if (cap >= MIXFILL_MAX_LINE)
            return fail_long(lines, err);
    }
}

/* The buffer holds what was shown before, or the piece of a line that the last chunk left over;
 * it comes first, and the buffer takes what this chunk leaves over. len is 0 until the lines are
 * whole, so that a failed call leaves no half of one. */
mixfill_status mixfill_lines_chunk(mixfill_lines *lines, mixfill_chunk *chunk, mixfill_error *err) {
    size_t whole = 0, unread = lines->end - lines->begin;
    chunk->len = 0;
    mixfill_status st = reserve_chunk(chunk, unread > lines->chunk ? unread : lines->chunk, err);
    if (st != MIXFILL_OK)
        return st;
    memcpy(chunk->text, lines->buffer + lines->begin, unread);
    chunk->len = unread;
    lines->begin = lines->end = 0;
    st = read_lines(lines, chunk, &whole, err);
    if (st == MIXFILL_OK)
        st = carry(lines, chunk->text + whole, chunk->len - whole, err);
    if (st != MIXFILL_OK)
        return st;
    chunk->len = whole;
    chunk->line = lines->line;
    chunk->n_lines = count_newlines(chunk->text, whole);
    lines->line += chunk->n_lines;
    lines->chunked += (int64_t)whole;
    return MIXFILL_OK;
}
