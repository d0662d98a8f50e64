/* Delimited files, some chunks of lines at a time: each thread turns a chunk into triplets with ids
 * numbered within it, then the chunks are joined in file order, so that numbers, levels, messages
 * and the error that is reported are those of reading line by line.
 *
 * Plain lines (user, item, rating and perhaps a timestamp, nothing quoted) are read 8 bytes at a
 * time; every other line goes the way of io_delimited.c, which alone makes messages. */
#include "io_delimited.h"
#include "par.h"

#include <string.h>

enum { MAX_READERS = 16, TENTHS = 100 };

#define ONES UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

/* A chunk and what is made of it. */
typedef struct piece {
    mixfill_chunk chunk;
    mixfill_delimited d;
    mixfill_builder_part *part;
    mixfill_read_report report; /* its skipped lines */
    mixfill_status status;
    mixfill_error error;
    bool plain;            /* the columns are those of a plain line */
    char quote;            /* what may not begin a plain field; NUL never does */
    uint64_t delimiter;    /* in each byte */
    size_t width;          /* how often it stands between fields */
    int64_t run_offset;    /* line minus entry while lines follow each other */
    int16_t tenth[TENTHS]; /* codes of the ratings 0.0, 0.1, ... 9.9; -1 unknown */
    mixfill_id_key last;   /* id in the first column met last, and its number */
    int32_t last_index;
} piece;

/* ---- plain lines ---- */

/* High bits where a word has the delimiter or a control character; the lowest one is exact. */
static inline uint64_t find_stops(uint64_t word, uint64_t delimiter) {
    uint64_t x = word ^ delimiter;
    return (((x - ONES) & ~x) | ((word - 0x20 * ONES) & ~word)) & HIGH_BITS;
}

static inline size_t first_stop(uint64_t stops) {
    return (size_t)__builtin_ctzll(stops) / 8;
}

/* Where the field that starts at `at` stops. */
static const char *skip_field(const char *at, uint64_t delimiter) {
    uint64_t stops;
    while ((stops = find_stops(mixfill_load_word(at), delimiter)) == 0)
        at += MIXFILL_WORD;
    return at + first_stop(stops);
}

/* The same, and the field as a key. */
static inline const char *scan_key(mixfill_id_key *key, const char *at, uint64_t delimiter) {
    uint64_t word = mixfill_load_word(at), state = 0;
    uint64_t stops = find_stops(word, delimiter);
    key->text = at;
    key->word = word;
    while (stops == 0) {
        state = mixfill_hash_step(state, word);
        at += MIXFILL_WORD;
        word = mixfill_load_word(at);
        stops = find_stops(word, delimiter);
    }
    size_t n = first_stop(stops);
    if (n > 0) {
        word = mixfill_cut_word(word, n);
        state = mixfill_hash_step(state, word);
    }
    at += n;
    key->len = (size_t)(at - key->text);
    key->word = key->len < MIXFILL_WORD ? word : key->word;
    key->hash = mixfill_hash_end(state);
    return at;
}

/* The byte behind the delimiter at `at`, NULL where something else stands there. */
static inline const char *skip_delimiter(const piece *p, const char *at) {
    char c = (char)(p->delimiter & 0xff);
    return at[0] == c && (p->width == 1 || at[1] == c) ? at + p->width : NULL;
}

/* An id and the delimiter behind it; the byte behind these, NULL where the line is not plain. */
static inline const char *scan_id(const piece *p, mixfill_id_key *key, const char *at) {
    const char *stop = scan_key(key, at, p->delimiter);
    if (key->len - 1 >= MIXFILL_ID_MAX || *at == p->quote)
        return NULL;
    return skip_delimiter(p, stop);
}

/* The byte behind the newline, of a line whose rating ends at `at`; NULL where it is not plain. */
static inline const char *scan_end(const piece *p, const char *at) {
    if (p->d.n_columns == 4) {
        at = skip_delimiter(p, at);
        if (at == NULL || *at == p->quote)
            return NULL;
        const char *stop = skip_field(at, p->delimiter);
        if (stop == at && p->d.format == MIXFILL_FORMAT_TRIPLETS)
            return NULL;
        at = stop;
    }
    at += *at == '\r';
    return *at == '\n' ? at + 1 : NULL;
}

/* A rating such as 4 or 4.5: its tenths and its end. Others, that are not what they should be
 * included: tenths -1. */
static inline const char *scan_rating(int *tenths, const char *at) {
    uint64_t word = mixfill_load_word(at);
    unsigned point = (word >> 8 & 0xff) == '.'; /* no branch: it is as often there as not */
    unsigned whole = (unsigned)(word & 0xff) - '0';
    unsigned part = ((unsigned)(word >> 16 & 0xff) - '0') & (0U - point);
    *tenths = whole < 10 && part < 10 ? (int)(10 * whole + part) : -1;
    return at + 1 + 2 * point;
}

/* Add a rating, given by its tenths or, where these are -1, by its value. */
static inline mixfill_status add(piece *p, const int32_t index[2], double value, int tenths,
                                 int64_t line) {
    mixfill_builder *b = &p->part->builder;
    bool swap = p->d.options->transpose;
    int32_t user = index[swap], item = index[!swap];
    int code = tenths >= 0 && b->code != NULL ? p->tenth[tenths] : -1;
    if (code >= 0 && line - b->n == p->run_offset && b->n < b->cap) {
        b->user[b->n] = user;
        b->item[b->n] = item;
        b->code[b->n++] = (uint8_t)code;
        return MIXFILL_OK;
    }
    p->run_offset = line - b->n;
    value = tenths >= 0 ? tenths / 10.0 : value;
    mixfill_status st = mixfill_builder_add(b, user, item, value, line);
    if (st == MIXFILL_OK && tenths >= 0 && b->code != NULL)
        p->tenth[tenths] = b->code[b->n - 1];
    return st;
}

/* Numbers of the ids of a line. Files mostly come sorted by user, so that id is compared with the
 * last one first. */
static inline mixfill_status intern_keys(piece *p, int32_t index[2], const mixfill_id_key key[2]) {
    mixfill_builder *b = &p->part->builder;
    bool swap = p->d.options->transpose;
    const mixfill_id_key *last = &p->last;
    if (key[0].word != last->word || key[0].len != last->len || key[0].len > MIXFILL_WORD) {
        mixfill_status st =
            mixfill_ids_intern_key(swap ? &b->items : &b->users, &p->last_index, &key[0]);
        if (st != MIXFILL_OK)
            return st;
        p->last = key[0];
    }
    index[0] = p->last_index;
    return mixfill_ids_intern_key(swap ? &b->users : &b->items, &index[1], &key[1]);
}

/* Any rating and the end of the line; NULL where it is not a plain one. */
static const char *scan_any_rating(const piece *p, double *value, const char *at) {
    const char *stop = skip_field(at, p->delimiter);
    mixfill_field field = {at, (size_t)(stop - at)};
    if (*at == p->quote || mixfill_delimited_rating(&p->d, value, field, NULL) != MIXFILL_OK)
        return NULL;
    return scan_end(p, stop);
}

static inline bool in_range(const piece *p, double value) {
    return value >= p->d.options->rating_min && value <= p->d.options->rating_max;
}

/* Read a plain line; the byte behind it, NULL where it is not one or p->status says why not. */
static const char *read_plain(piece *p, const char *at, int64_t line) {
    mixfill_id_key key[2];
    int32_t index[2];
    int tenths;
    at = scan_id(p, &key[0], at);
    at = at != NULL ? scan_id(p, &key[1], at) : NULL;
    if (at == NULL)
        return NULL;
    const char *stop = scan_rating(&tenths, at);
    const char *next = tenths >= 0 ? scan_end(p, stop) : NULL;
    double value = 0;
    if (next == NULL) {
        tenths = -1;
        next = scan_any_rating(p, &value, at);
    } else if (p->tenth[tenths] < 0 && !in_range(p, tenths / 10.0)) {
        next = NULL;
    }
    if (next == NULL)
        return NULL;
    p->status = intern_keys(p, index, key);
    if (p->status == MIXFILL_OK)
        p->status = add(p, index, value, tenths, line);
    return p->status == MIXFILL_OK ? next : NULL;
}

/* ---- chunks ---- */

/* What a plain line looks like, once the columns are known. */
static void set_plain(piece *p) {
    const mixfill_delimited *d = &p->d;
    char c = d->format == MIXFILL_FORMAT_CSV   ? ','
             : d->format == MIXFILL_FORMAT_DAT ? ':'
             : d->format == MIXFILL_FORMAT_TAB ? '\t'
                                               : ' ';
    p->delimiter = (uint64_t)c * ONES;
    p->width = d->format == MIXFILL_FORMAT_DAT ? 2 : 1;
    p->quote = d->format == MIXFILL_FORMAT_CSV ? '"' : '\0';
    p->plain = (d->n_columns == 3 || d->n_columns == 4) && d->user == 0 && d->item == 1 &&
               d->rating == 2 && !d->options->int_ids;
}

/* Read any line of len bytes. */
static mixfill_status read_line(piece *p, char *text, size_t len) {
    mixfill_builder *b = &p->part->builder;
    mixfill_record record;
    int32_t index[2];
    bool found, fatal;
    mixfill_status st =
        mixfill_delimited_line(&p->d, &record, &found, &fatal, text, len, &p->error);
    if (st == MIXFILL_ERR_PARSE && p->d.options->skip_bad_lines && !fatal) {
        mixfill_note_skipped(&p->report, p->error.message);
        return MIXFILL_OK;
    }
    if (st != MIXFILL_OK || !found)
        return st;
    st = mixfill_ids_intern(&b->users, &index[0], record.user.text, record.user.len);
    if (st == MIXFILL_OK)
        st = mixfill_ids_intern(&b->items, &index[1], record.item.text, record.item.len);
    if (st == MIXFILL_OK)
        st = mixfill_builder_add(b, index[0], index[1], record.value, record.line);
    p->run_offset = record.line - b->n + 1;
    return st;
}

static void read_any(piece *p, char *text, size_t len, int64_t line) {
    p->d.line = line;
    p->status = read_line(p, text, len);
    if (p->status == MIXFILL_ERR_NOMEM)
        mixfill_fail_nomem(&p->error, "ratings");
    if (!p->plain && p->d.n_columns > 0)
        set_plain(p);
}

static void begin_piece(piece *p) {
    mixfill_builder *b = &p->part->builder;
    p->report.skipped = 0;
    p->report.n_messages = 0;
    p->run_offset = INT64_MIN;
    p->last = (mixfill_id_key){0};
    memset(p->tenth, 0xff, sizeof p->tenth);
    mixfill_builder_reset(b);
    set_plain(p);
    p->status = mixfill_builder_reserve(b, p->chunk.n_lines);
    if (p->status != MIXFILL_OK)
        mixfill_fail_nomem(&p->error, "ratings");
}

static void read_piece(piece *p) {
    char *at = p->chunk.text, *end = at + p->chunk.len;
    begin_piece(p);
    for (int64_t line = p->chunk.line + 1; at < end && p->status == MIXFILL_OK; line++) {
        const char *next = p->plain ? read_plain(p, at, line) : NULL;
        if (next != NULL) {
            at += next - at;
        } else if (p->status == MIXFILL_OK) {
            char *newline = memchr(at, '\n', (size_t)(end - at));
            size_t len = (size_t)(newline - at);
            read_any(p, at, len > 0 && newline[-1] == '\r' ? len - 1 : len, line);
            at = newline + 1;
        } else {
            mixfill_fail_nomem(&p->error, "ratings");
        }
    }
}

/* ---- files ---- */

typedef struct file_reader {
    mixfill_lines *lines;
    mixfill_builder *builder;
    mixfill_read_report *report;
    mixfill_delimited d; /* columns, once a chunk has shown them */
    int32_t n_pieces;
    piece *piece;               /* (n_pieces) */
    mixfill_builder_part *part; /* (n_pieces) */
} file_reader;

static void close_reader(file_reader *f) {
    for (int32_t i = 0; i < f->n_pieces; i++) {
        if (f->piece != NULL)
            mixfill_chunk_clear(&f->piece[i].chunk);
        if (f->part != NULL)
            mixfill_builder_part_clear(&f->part[i]);
    }
    mixfill_free(f->piece);
    mixfill_free(f->part);
}

/* Read chunks, one only until the columns are known; *n of them hold lines. *eof tells that nothing
 * follows. */
static mixfill_status read_chunks(file_reader *f, int32_t *n, bool *eof, mixfill_error *err) {
    int32_t most = f->d.n_columns > 0 ? f->n_pieces : 1;
    for (*n = 0; *n < most; ++*n) {
        piece *p = &f->piece[*n];
        mixfill_status st = mixfill_lines_chunk(f->lines, &p->chunk, err);
        *eof = st == MIXFILL_OK && p->chunk.len == 0;
        if (st != MIXFILL_OK || *eof)
            return st;
        p->d = f->d;
        p->part = &f->part[*n];
    }
    return MIXFILL_OK;
}

static void join_report(mixfill_read_report *report, const mixfill_read_report *of_piece) {
    for (int32_t i = 0; i < of_piece->n_messages; i++)
        mixfill_note_skipped(report, of_piece->messages[i]);
    report->skipped += of_piece->skipped - of_piece->n_messages;
}

/* Make room for the whole file, judging by its first piece, rather than moving what is there again
 * and again. Where that cannot be had, room is made as it is needed. */
static void reserve_file(file_reader *f, const piece *first) {
    const double spare = 1.02;
    double per_byte = (double)first->part->builder.n / (double)first->chunk.len;
    mixfill_status hint = MIXFILL_OK;
    if (f->lines->size > (int64_t)first->chunk.len)
        hint = mixfill_builder_reserve(f->builder,
                                       (int64_t)(spare * per_byte * (double)f->lines->size));
    (void)hint;
}

/* Turn n chunks into triplets and add these to the builder in file order. */
static mixfill_status read_pieces(file_reader *f, int32_t n, mixfill_error *err) {
    piece *pieces = f->piece;
#pragma omp parallel for default(none) shared(pieces, n) num_threads(n) schedule(static, 1)
    for (int32_t i = 0; i < n; i++)
        read_piece(&pieces[i]);
    for (int32_t i = 0; i < n; i++) {
        const piece *p = &pieces[i];
        if (p->status != MIXFILL_OK)
            return mixfill_fail(err, p->status, p->error.line, "%s", p->error.message);
        join_report(f->report, &p->report);
    }
    if (f->builder->n == 0)
        reserve_file(f, pieces);
    mixfill_status st = mixfill_builder_join(f->builder, f->part, n, f->lines->path, err);
    if (st != MIXFILL_OK)
        return st;
    mixfill_builder *builder = f->builder;
    const mixfill_builder_part *parts = f->part;
#pragma omp parallel for default(none) shared(builder, parts, n) num_threads(n) schedule(static, 1)
    for (int32_t i = 0; i < n; i++)
        mixfill_builder_copy(builder, &parts[i]);
    f->d = pieces[0].d;
    return MIXFILL_OK;
}

mixfill_status mixfill_read_delimited(mixfill_lines *lines, mixfill_read_report *report,
                                      const mixfill_read_options *options, mixfill_builder *builder,
                                      mixfill_error *err) {
    file_reader f = {.lines = lines, .builder = builder, .report = report};
    f.d = (mixfill_delimited){.path = lines->path, .options = options, .format = report->format};
    f.n_pieces = builder->threads < 1             ? 1
                 : builder->threads > MAX_READERS ? MAX_READERS
                                                  : builder->threads;
    f.piece = mixfill_alloc_zero((size_t)f.n_pieces, sizeof *f.piece);
    f.part = mixfill_alloc_zero((size_t)f.n_pieces, sizeof *f.part);
    mixfill_status st = MIXFILL_OK;
    if (f.piece == NULL || f.part == NULL)
        st = mixfill_fail_nomem(err, "a read buffer");
    for (bool eof = false; st == MIXFILL_OK && !eof;) {
        int32_t n;
        st = read_chunks(&f, &n, &eof, err);
        mixfill_status parsed = n > 0 ? read_pieces(&f, n, err) : MIXFILL_OK;
        st = parsed != MIXFILL_OK ? parsed : st;
    }
    report->lines = lines->line;
    close_reader(&f);
    return st;
}
