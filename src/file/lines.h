/* Streaming reader of lines, or of chunks of whole lines, over a source of bytes: no whole-file
 * copy. Line numbers count from 1, and are those an editor shows: chunks count theirs too. */
#ifndef MIXFILL_LINES_H
#define MIXFILL_LINES_H

#include "file/source.h"

/* The longest line that is read; a dense row of 10 million numbers fits. */
enum { MIXFILL_MAX_LINE = 1 << 27 };

typedef struct mixfill_lines {
    const char *path; /* for messages: the source's name */
    mixfill_source *source;
    int64_t size; /* of a regular file read as it is, 0 for others */
    char *buffer;
    size_t cap, begin, end; /* unread bytes are buffer[begin, end) */
    bool eof;
    mixfill_error fault; /* of a read that failed, to be reported after the lines before it */
    bool cr;             /* a lone CR ends a line; each is made a newline as it is read */
    char delimiter;  /* '\0': a line ends at its newline; else fields between such bytes, or with
                        ' ' between blanks, may be quoted, with newlines within the quotes */
    int64_t line;    /* number of the line returned last, its first where it has several */
    int64_t within;  /* newlines within that line */
    int64_t chunked; /* bytes of the chunks returned */
    size_t chunk;    /* bytes that a chunk aims at; tests make it small, and cap with it */
} mixfill_lines;

/* The arguments and statuses of mixfill_source_open. */
mixfill_status mixfill_lines_open(mixfill_lines *lines, const char *path, const char *member,
                                  mixfill_error *err);
void mixfill_lines_close(mixfill_lines *lines);

/* Show up to n of the bytes that come next without consuming them; fewer only at the end. */
mixfill_status mixfill_lines_peek(mixfill_lines *lines, const char **data, size_t *len, size_t n,
                                  mixfill_error *err);

/* Read on as text that begins with the bytes that mixfill_lines_peek showed: behind a byte order
 * mark, of which the length is returned, and, where CR ends lines in them and LF none, with lines
 * that end in a lone CR, as old Macs wrote them. */
size_t mixfill_lines_begin_text(mixfill_lines *lines, const char *data, size_t len);

/* How many bytes to peek at for it. */
enum { MIXFILL_TEXT_SAMPLE = 1 << 16 };

/* The length of the line at the front of a text with its newline: of a line with newlines within
 * quoted fields, all of it. 0 where the text ends before the line does. A field that does not end
 * within 1 MiB, or goes on behind its closing quote, is no quoted one: then the line ends at its
 * first newline. at_end: nothing follows the text. O(length of the line). */
size_t mixfill_line_length(const char *text, size_t len, char delimiter, bool at_end);

/* The next n bytes, whatever they are; *got is less only at the end. */
mixfill_status mixfill_lines_read(mixfill_lines *lines, void *to, size_t n, size_t *got,
                                  mixfill_error *err);

/* The next line without its "\n" or "\r\n", valid and writable until the next call; *text is NULL
 * at the end. MIXFILL_ERR_IO, MIXFILL_ERR_PARSE (line too long, damaged packed data),
 * MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_lines_next(mixfill_lines *lines, char **text, size_t *len,
                                  mixfill_error *err);

/* Bytes that may be read (but mean nothing) behind the text of a chunk. */
enum { MIXFILL_CHUNK_PAD = 64 };

/* Whole lines, each ended by a newline, the last line of the file too. All-zero is empty. */
typedef struct mixfill_chunk {
    char *text;
    size_t len, cap;
    int64_t line, n_lines; /* lines before it in the file, and in it */
} mixfill_chunk;

void mixfill_chunk_clear(mixfill_chunk *chunk);

/* Replace a chunk by the lines that come next, about lines->chunk bytes; len is 0 at the end. Same
 * statuses as mixfill_lines_next, after the lines before the fault. */
mixfill_status mixfill_lines_chunk(mixfill_lines *lines, mixfill_chunk *chunk, mixfill_error *err);

#endif
