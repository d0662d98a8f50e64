/* Streams of JSON. Only a user or a pair is in memory at a time; head and tail are small, and laid
 * out as all objects of the program are. */
#include "cli/json_stream.h"

#include "cli/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

cli_output_style cli_choose_style(const char *output, bool json, bool lines) {
    if (lines || (output != NULL && cli_ends_with(output, ".jsonl")))
        return CLI_AS_LINES;
    if (output == NULL ? json : cli_ends_with(output, ".json"))
        return CLI_AS_JSON;
    return CLI_AS_CSV;
}

static mixfill_status fail_nomem(mixfill_error *err) {
    *err = (mixfill_error){.status = MIXFILL_ERR_NOMEM, .message = "out of memory for JSON"};
    return MIXFILL_ERR_NOMEM;
}

/* An object as text to be freed, released; NULL when out of memory. */
static char *dump(json_t *object) {
    char *text =
        object != NULL ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    return text;
}

mixfill_status cli_json_stream_open(cli_json_stream *s, const char *path, bool lines,
                                    int32_t digits, json_t *head, const char *key,
                                    mixfill_error *err) {
    *s = (cli_json_stream){.lines = lines, .digits = digits, .head = dump(head), .key = key};
    mixfill_status st =
        s->head != NULL ? mixfill_outfile_open(&s->file, path, false, err) : fail_nomem(err);
    if (st == MIXFILL_OK)
        s->out = mixfill_outfile_stream(s->file);
    if (st != MIXFILL_OK || lines) {
        free(s->head);
        s->head = NULL;
    }
    return st;
}

/* The head without its last "\n}", once. */
static void print_head(cli_json_stream *s) {
    if (s->head != NULL)
        fprintf(s->out, "%.*s,\n  \"%s\": [", (int)strlen(s->head) - 2, s->head, s->key);
    free(s->head);
    s->head = NULL;
}

void cli_json_stream_begin(cli_json_stream *s) {
    print_head(s);
    if (!s->lines)
        fputs(s->entries > 0 ? ",\n    " : "\n    ", s->out);
    s->entries++;
}

int cli_json_stream_end(cli_json_stream *s) {
    if (s->lines)
        fputc('\n', s->out);
    return s->failed || ferror(s->out);
}

/* Printable ASCII, which ids mostly are, needs no more than its quotes; of the rest jansson tells
 * what is UTF-8 and escapes what must be. What is not UTF-8 is escaped whole, so that no reader has
 * to guess. */
void cli_json_stream_text(cli_json_stream *s, const char *text) {
    size_t plain = 0;
    while (text[plain] >= ' ' && text[plain] <= '~' && text[plain] != '"' && text[plain] != '\\')
        plain++;
    if (text[plain] == '\0') {
        fprintf(s->out, "\"%s\"", text);
        return;
    }
    json_t *string = json_string(text);
    size_t flags = JSON_ENCODE_ANY | (string == NULL ? JSON_ENSURE_ASCII : 0);
    if (string == NULL)
        string = cli_text_json(text);
    if (string == NULL || json_dumpf(string, s->out, flags) != 0)
        s->failed = true;
    json_decref(string);
}

void cli_json_stream_number(cli_json_stream *s, double value, double least_sd) {
    char number[MIXFILL_RATING_TEXT];
    mixfill_format_rating(number, value, least_sd, s->digits);
    fputs(isfinite(value) ? number : "null", s->out);
}

/* A write that failed shows as cancelled. The commit fails by it too, and says what was really
 * wrong. */
mixfill_status cli_json_stream_close(cli_json_stream *s, mixfill_status st, json_t *tail,
                                     mixfill_error *err) {
    char *text = dump(tail);
    if (st == MIXFILL_OK && text == NULL)
        st = fail_nomem(err);
    if (st == MIXFILL_OK && !s->lines) {
        print_head(s); /* the tail follows without its first "{\n" */
        fprintf(s->out, "%s],\n%s\n", s->entries > 0 ? "\n  " : "", text + 2);
    }
    free(s->head);
    free(text);
    if (st == MIXFILL_OK || ferror(s->out))
        return mixfill_outfile_commit(s->file, err);
    mixfill_outfile_abandon(s->file);
    return st;
}

int cli_print_summary(json_t *head, json_t *tail) {
    json_object_update(head, tail);
    json_decref(tail);
    return cli_print_json(head);
}
