/* JSON that is written as it is made, so that its length does not matter: one object whose last
 * array grows entry by entry, or an entry a line (JSON lines). To a file it goes atomically. */
#ifndef MIXFILL_CLI_JSON_STREAM_H
#define MIXFILL_CLI_JSON_STREAM_H

#include <mixfill/mixfill.h>

#include <jansson.h>

typedef struct cli_json_stream {
    mixfill_outfile *file;
    FILE *out;  /* what entries are printed on, between begin and end */
    char *head; /* NULL once it is printed, and of lines */
    const char *key;
    bool lines;
    int32_t digits;  /* of ratings and the like, as in mixfill_format_rating */
    int64_t entries; /* so far */
    bool failed;     /* a text could not be written */
} cli_json_stream;

/* How results are written. */
typedef enum cli_output_style { CLI_AS_CSV, CLI_AS_JSON, CLI_AS_LINES } cli_output_style;

/* Of an output (NULL: standard output): lines where asked for by --jsonl; else by its name, .json
 * or .jsonl, csv by any other; without one JSON where asked for by --json. */
cli_output_style cli_choose_style(const char *output, bool json, bool lines);

/* Begin an output. head: what the object tells before the array, whose name is `key`; taken, and
 * NULL where out of memory. Lines have neither. Nothing is printed before the first entry, so that
 * what is refused before leaves no part of an object. */
mixfill_status cli_json_stream_open(cli_json_stream *s, const char *path, bool lines,
                                    int32_t digits, json_t *head, const char *key,
                                    mixfill_error *err);

/* Between these an entry is printed on s->out, an object on one line. Ending one returns 0, or
 * where it could not be written, or held what is no text, not 0: for a callback to return. */
void cli_json_stream_begin(cli_json_stream *s);
int cli_json_stream_end(cli_json_stream *s);

/* Text with its quotes. */
void cli_json_stream_text(cli_json_stream *s, const char *text);

/* A rating or the like; least_sd is the sd of mixfill_format_rating. */
void cli_json_stream_number(cli_json_stream *s, double value, double least_sd);

/* The end of what was begun: commit where `st` is OK, tail being what the object tells after its
 * array (taken), else give up. Returns st, or why it could not be written. */
mixfill_status cli_json_stream_close(cli_json_stream *s, mixfill_status st, json_t *tail,
                                     mixfill_error *err);

/* Print an object of what stands before and after the array, both taken, where the array went to a
 * file. Returns an exit status. */
int cli_print_summary(json_t *head, json_t *tail);

#endif
