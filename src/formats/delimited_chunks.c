/* Delimited files, chunk by chunk: each thread turns a chunk into triplets with ids numbered within
 * those it has met, and these are joined in file order, so that numbers, levels, messages and the
 * error that is reported are those of reading line by line.
 *
 * Plain lines (user, item, rating and perhaps a timestamp, nothing quoted) are read 8 bytes at a
 * time; every other line goes the way of io_delimited.c, which alone makes messages. */
#include "base/par.h"
#include "formats/delimited.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_READERS = 16,
    BLOCK = 64,      /* bytes looked at together */
    WINDOW = 4096,   /* bytes whose stops are listed at a time; a multiple of BLOCK */
    SPELLINGS = 256, /* of ratings that are remembered */
    LONGER_CHUNKS = 4,
    TURNS = 16, /* of each thread between two starts of all of them */
    MAX_PART_IDS = 1 << 17
};

/* For the loops that pay only where the compiler knows their arguments. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

#define LAST_BIT UINT64_C(0x8000000000000000)

/* A way to write a rating in up to 8 bytes, and its level; word 0 is free. */
typedef struct spelling {
    uint64_t word;
    int32_t code;
} spelling;

/* A chunk and what is made of it. */
typedef struct piece {
    mixfill_chunk chunk;
    mixfill_delimited d;
    mixfill_builder *builder;   /* where the ratings go: that of the part, or the whole */
    mixfill_builder_part *part; /* of several, NULL where there is one */
    mixfill_read_report report; /* its skipped lines */
    mixfill_status status;
    mixfill_error error;
    bool plain;         /* the columns are those of a plain line */
    char quote;         /* what may not begin a plain field; NUL never does */
    char delimiter;     /* between fields */
    size_t width;       /* how often it stands there */
    size_t line_stops;  /* of a plain line, its end included */
    int64_t run_offset; /* line minus entry while lines follow each other */
    spelling spelling[SPELLINGS];
    const char *window; /* the stops listed are offsets from here, of which [next, n) are left */
    size_t next_stop, n_stops;
    uint16_t stop[WINDOW + BLOCK];
} piece;

/* ---- where fields stop ---- */

typedef uint8_t vector __attribute__((vector_size(16)));

/* A bit for each byte of a mask, whose bytes are 0 or 255. */
static inline uint64_t mask_bits(vector mask) {
#ifdef __SSE2__
    typedef char chars __attribute__((vector_size(16)));
    return (uint32_t)__builtin_ia32_pmovmskb128((chars)mask);
#else
    const vector weight = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint64_t half[2];
    mask &= weight; /* distinct powers of two, whose sum, in the highest byte, joins them */
    memcpy(half, &mask, sizeof half);
    return half[0] * MIXFILL_IN_EACH_BYTE >> 56 | half[1] * MIXFILL_IN_EACH_BYTE >> 56 << 8;
#endif
}

/* A bit for each byte of a block that is the delimiter or a control character. */
static inline uint64_t find_stops(const char *block, char delimiter) {
    uint64_t bits = 0;
    for (unsigned i = 0; i < BLOCK; i += sizeof(vector)) {
        vector text;
        memcpy(&text, block + i, sizeof text);
        bits |= mask_bits((vector)((text == (uint8_t)delimiter) | (text < ' '))) << i;
    }
    return bits;
}

static inline unsigned count_bits(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    return (unsigned)(((x + (x >> 4)) & 0x0f * MIXFILL_IN_EACH_BYTE) * MIXFILL_IN_EACH_BYTE >> 56);
}

/* List the stops of the bytes from `at` on. */
static void list_stops(piece *p, const char *at, const char *end) {
    enum { AT_ONCE = 4 };
    size_t n = 0, len = (size_t)(end - at) < WINDOW ? (size_t)(end - at) : WINDOW;
    for (size_t i = 0; i < len; i += BLOCK) {
        uint64_t bits = find_stops(at + i, p->delimiter);
        unsigned count = count_bits(bits);
        /* More are written than there are: a loop over each would end at a place hard to predict.
         */
        for (unsigned j = 0; j < count; j += AT_ONCE) {
            for (unsigned k = 0; k < AT_ONCE; k++) {
                p->stop[n + j + k] = (uint16_t)(i + (size_t)__builtin_ctzll(bits | LAST_BIT));
                bits &= bits - 1;
            }
        }
        n += count;
    }
    while (n > 0 && p->stop[n - 1] >= len)
        n--;
    p->window = at;
    p->next_stop = 0;
    p->n_stops = n;
}

/* Whether the stops of a line at `at` are listed, after listing them where need be. */
static bool see_line(piece *p, const char *at, const char *end) {
    while (p->next_stop < p->n_stops && p->window + p->stop[p->next_stop] < at)
        p->next_stop++;
    if (p->next_stop + p->line_stops > p->n_stops)
        list_stops(p, at, end);
    return p->next_stop + p->line_stops <= p->n_stops;
}

/* ---- plain lines ---- */

/* A line's first three fields. */
typedef struct plain_line {
    mixfill_field field[3];
    const char *next; /* the byte behind its newline */
} plain_line;

/* What plain lines look like, known to the compiler where it is one of the usual. */
typedef struct shape {
    size_t width, columns;
} shape;

/* Cut the line that begins at `at` and whose stops are given; false where it is not plain. */
static ALWAYS_INLINE bool cut_line(const piece *p, plain_line *line, shape s, const char *at,
                                   const uint16_t *stop) {
    const char *text = p->window;
    size_t last = s.width * (s.columns - 1);
    for (size_t i = 0; i < last; i += s.width)
        if (text[stop[i]] != p->delimiter ||
            (s.width == 2 && (text[stop[i + 1]] != p->delimiter || stop[i + 1] != stop[i] + 1)))
            return false;
    for (size_t i = 0; i < 3; i++) {
        const char *end = text + stop[i * s.width];
        line->field[i] = (mixfill_field){at, (size_t)(end - at)};
        at = end + s.width;
    }
    const char *end = text + stop[last];
    if (s.columns == 4 &&
        (*at == p->quote || (at == end && p->d.format == MIXFILL_FORMAT_TRIPLETS)))
        return false;
    end += *end == '\r';
    line->next = end + 1;
    return *end == '\n';
}

/* A field of 1 to 8 bytes as a word, the last one highest; 0 for others. */
static inline uint64_t field_word(mixfill_field f) {
    return f.len - 1 < MIXFILL_WORD ? mixfill_load_word(f.text) << (64 - 8 * f.len) : 0;
}

/* Where the spelling of a rating is kept, if it is one that is. */
static inline spelling *spelling_slot(piece *p, uint64_t word) {
    return &p->spelling[word * UINT64_C(0x9E3779B97F4A7C15) >> 56];
}

/* A rating that was met before, written the same way; NULL where it is new. */
static inline const spelling *find_spelling(piece *p, mixfill_field f) {
    uint64_t word = field_word(f);
    const spelling *s = spelling_slot(p, word);
    return s->word == word && word != 0 ? s : NULL;
}

static inline int32_t find_small(const mixfill_ids *ids, mixfill_field f) {
    return f.len - 1 < MIXFILL_WORD ? mixfill_ids_find_small(ids, mixfill_load_word(f.text), f.len)
                                    : -1;
}

/* Numbers of a user and an item, added where they are new. */
static mixfill_status intern(piece *p, int32_t index[2], mixfill_field user, mixfill_field item,
                             int64_t line) {
    mixfill_builder *b = p->builder;
    const char *what = "users";
    mixfill_status st = mixfill_ids_intern(&b->users, &index[0], user.text, user.len);
    if (st == MIXFILL_OK) {
        what = "items";
        st = mixfill_ids_intern(&b->items, &index[1], item.text, item.len);
    }
    return st == MIXFILL_ERR_RANGE ? mixfill_fail_many_ids(p->d.path, line, what, &p->error) : st;
}

static inline bool is_plain_id(const piece *p, mixfill_field f) {
    return f.len - 1 < MIXFILL_ID_MAX && *f.text != p->quote;
}

/* Numbers of the ids in the columns of a line; false where they are not plain ones, or p->status
 * says why not. */
static bool intern_columns(piece *p, int32_t index[2], const mixfill_field field[2], int64_t line) {
    bool swap = p->d.options->transpose;
    int32_t number[2];
    if (!is_plain_id(p, field[0]) || !is_plain_id(p, field[1]))
        return false;
    p->status = intern(p, number, field[swap], field[!swap], line);
    if (p->status != MIXFILL_OK)
        return false;
    index[0] = number[swap];
    index[1] = number[!swap];
    return true;
}

/* Read a line whose rating was not met before, or that does not follow the last one. The same
 * result as intern_columns. */
static bool read_unusual(piece *p, const mixfill_field field[3], int64_t line) {
    mixfill_builder *b = p->builder;
    bool swap = p->d.options->transpose;
    int32_t index[2];
    double value;
    if (*field[2].text == p->quote ||
        mixfill_delimited_rating(&p->d, &value, field[2], NULL) != MIXFILL_OK ||
        !intern_columns(p, index, field, line))
        return false;
    p->status = mixfill_builder_add(b, index[swap], index[!swap], value, line);
    if (p->status != MIXFILL_OK)
        return false;
    p->run_offset = line - (b->n - 1);
    uint64_t word = field_word(field[2]);
    if (word != 0 && b->code != NULL)
        *spelling_slot(p, word) = (spelling){word, b->code[b->n - 1]};
    return true;
}

/* Read the plain lines from `at` on whose stops are listed; the line behind them, which is not
 * plain or p->status says why not. There is room for all of them. */
static ALWAYS_INLINE const char *read_window(piece *p, shape s, const char *at,
                                             int64_t *line_number) {
    mixfill_builder *b = p->builder;
    bool swap = p->d.options->transpose;
    const mixfill_ids *ids[2] = {swap ? &b->items : &b->users, swap ? &b->users : &b->items};
    int32_t *column[2] = {swap ? b->item : b->user, swap ? b->user : b->item};
    size_t line_stops = s.width * (s.columns - 1) + 1;
    const uint16_t *stop = p->stop + p->next_stop, *last = p->stop + p->n_stops - line_stops;
    int64_t line = *line_number;
    uint64_t last_id = 0;
    int32_t index[2] = {-1, -1};
    for (; stop <= last; line++) {
        plain_line l;
        if (!cut_line(p, &l, s, at, stop))
            break;
        const spelling *known = find_spelling(p, l.field[2]);
        int64_t n = b->n;
        if (known == NULL || line - n != p->run_offset) {
            const plain_line copy = l;
            if (!read_unusual(p, copy.field, line))
                break;
        } else {
            uint64_t id = field_word(l.field[0]);
            index[0] = id != 0 && id == last_id ? index[0] : find_small(ids[0], l.field[0]);
            index[1] = find_small(ids[1], l.field[1]);
            last_id = id;
            if ((index[0] | index[1]) < 0) {
                const plain_line copy = l;
                int32_t number[2];
                if (!intern_columns(p, number, copy.field, line))
                    break;
                index[0] = number[0];
                index[1] = number[1];
            }
            column[0][n] = index[0];
            column[1][n] = index[1];
            if (b->code != NULL)
                b->code[n] = (uint8_t)known->code;
            else
                b->value[n] = b->levels.level[known->code];
            b->n = n + 1;
        }
        stop += line_stops + (l.next[-2] == '\r');
        at = l.next;
    }
    p->next_stop = (size_t)(stop - p->stop);
    *line_number = line;
    return at;
}

/* Read plain lines from `at` on, the same result. */
static const char *read_plain_lines(piece *p, const char *at, const char *end, int64_t *line) {
    while (see_line(p, at, end)) {
        at = p->line_stops == 3   ? read_window(p, (shape){1, 3}, at, line)
             : p->line_stops == 4 ? read_window(p, (shape){1, 4}, at, line)
                                  : read_window(p, (shape){2, (size_t)p->d.n_columns}, at, line);
        if (p->next_stop + p->line_stops <= p->n_stops)
            break;
    }
    return at;
}

/* ---- chunks ---- */

/* What a plain line looks like, once the columns are known. */
static void set_plain(piece *p) {
    const mixfill_delimited *d = &p->d;
    p->delimiter = d->format == MIXFILL_FORMAT_CSV   ? ','
                   : d->format == MIXFILL_FORMAT_DAT ? ':'
                   : d->format == MIXFILL_FORMAT_TAB ? '\t'
                                                     : ' ';
    p->width = d->format == MIXFILL_FORMAT_DAT ? 2 : 1;
    p->line_stops = p->width * ((size_t)d->n_columns - 1) + 1;
    p->quote = d->format == MIXFILL_FORMAT_CSV ? '"' : '\0';
    p->plain = (d->n_columns == 3 || d->n_columns == 4) && d->user == 0 && d->item == 1 &&
               d->rating == 2 && d->time < 0 && !d->options->int_ids;
}

/* Read any line of len bytes. */
static mixfill_status read_line(piece *p, char *text, size_t len) {
    mixfill_builder *b = p->builder;
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
    st = intern(p, index, record.user, record.item, record.line);
    if (st == MIXFILL_OK)
        st = mixfill_builder_add(b, index[0], index[1], record.value, record.line);
    if (st == MIXFILL_OK && b->with_times)
        b->time[b->n - 1] = record.time;
    p->run_offset = record.line - b->n + 1;
    return st;
}

/* Read the line at `at`, whatever it is; the byte behind it. */
static char *read_any(piece *p, char *at, const char *end, int64_t line) {
    char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t len = (size_t)(newline - at);
    p->d.line = line;
    p->status = read_line(p, at, len > 0 && newline[-1] == '\r' ? len - 1 : len);
    if (!p->plain && p->d.n_columns > 0)
        set_plain(p);
    return newline + 1;
}

static void begin_piece(piece *p) {
    p->report.skipped = 0;
    p->report.n_messages = 0;
    p->run_offset = INT64_MIN;
    p->n_stops = p->next_stop = 0;
    memset(p->spelling, 0, sizeof p->spelling);
    set_plain(p);
    p->status = mixfill_builder_reserve(p->builder, p->chunk.n_lines);
}

static void read_piece(piece *p) {
    char *at = p->chunk.text, *end = at + p->chunk.len;
    begin_piece(p);
    for (int64_t line = p->chunk.line + 1; at < end && p->status == MIXFILL_OK; line++) {
        if (p->plain)
            at += read_plain_lines(p, at, end, &line) - at;
        if (at < end && p->status == MIXFILL_OK)
            at = read_any(p, at, end, line);
    }
    if (p->status == MIXFILL_ERR_NOMEM)
        mixfill_fail_nomem(&p->error, "ratings");
}

/* ---- files ---- */

/* Threads take chunks in turn. One that has turned its chunk into triplets waits for its turn, adds
 * them to the whole, and reads its next chunk; meanwhile the others parse. */
typedef struct file_reader {
    mixfill_lines *lines;
    mixfill_builder *builder;
    mixfill_read_report *report;
    mixfill_delimited d; /* columns, once a chunk has shown them */
    bool at_end;         /* no chunk follows those that are in the pieces */
    mixfill_status status;
    mixfill_error error;
    int32_t n_pieces;
    piece *piece;               /* (n_pieces), chunk k of the file is in piece k % n_pieces */
    mixfill_builder_part *part; /* (n_pieces) */
} file_reader;

static mixfill_status open_reader(file_reader *f) {
    int32_t threads = f->builder->threads;
    f->n_pieces = threads < 1 ? 1 : threads > MAX_READERS ? MAX_READERS : threads;
    f->piece = mixfill_alloc_zero((size_t)f->n_pieces, sizeof *f->piece);
    f->part = mixfill_alloc_zero((size_t)f->n_pieces, sizeof *f->part);
    if (f->piece == NULL || f->part == NULL)
        return MIXFILL_ERR_NOMEM;
    if (f->n_pieces > 1) /* fewer turns: a thread that has lost its processor holds up the others */
        f->lines->chunk *= LONGER_CHUNKS;
    for (int32_t i = 0; i < f->n_pieces; i++) {
        f->piece[i].part = f->n_pieces > 1 ? &f->part[i] : NULL;
        f->piece[i].builder = f->n_pieces > 1 ? &f->part[i].builder : f->builder;
        f->piece[i].builder->with_times = f->builder->with_times;
    }
    return MIXFILL_OK;
}

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

/* Read the next chunk of the file into a piece; at the end, or where it cannot be read, the piece
 * has none. */
static void next_chunk(file_reader *f, piece *p) {
    p->status = MIXFILL_OK;
    p->chunk.len = 0;
    if (f->at_end || f->status != MIXFILL_OK)
        return;
    p->d = f->d;
    p->status = mixfill_lines_chunk(f->lines, &p->chunk, &p->error);
    if (p->status != MIXFILL_OK)
        p->chunk.len = 0;
    f->at_end = p->chunk.len == 0;
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
    double per_byte = (double)first->builder->n / (double)first->chunk.len;
    mixfill_status hint = MIXFILL_OK;
    if (f->lines->size > (int64_t)first->chunk.len)
        hint = mixfill_builder_reserve(f->builder,
                                       (int64_t)(spare * per_byte * (double)f->lines->size));
    (void)hint;
}

/* Add what was made of a chunk to the whole. */
static mixfill_status join_piece(file_reader *f, piece *p) {
    if (p->status != MIXFILL_OK)
        return mixfill_fail(&f->error, p->status, p->error.line, "%s", p->error.message);
    if (p->chunk.len == 0)
        return MIXFILL_OK;
    join_report(f->report, &p->report);
    if (p->chunk.line == 0)
        reserve_file(f, p);
    if (f->d.n_columns == 0)
        f->d = p->d;
    if (p->part == NULL)
        return MIXFILL_OK;
    mixfill_status st = mixfill_builder_join(f->builder, p->part, f->lines->path, &f->error);
    mixfill_builder_part_reset(p->part, MAX_PART_IDS);
    return st;
}

/* What is done chunk by chunk in file order. */
static void take_turn(file_reader *f, piece *p) {
    if (f->status == MIXFILL_OK)
        f->status = join_piece(f, p);
    next_chunk(f, p);
}

/* Whether a piece is still to take its turn. */
static bool is_pending(const file_reader *f) {
    bool pending = false;
    for (int32_t i = 0; i < f->n_pieces; i++)
        pending |= f->piece[i].chunk.len > 0 || f->piece[i].status != MIXFILL_OK;
    return pending && f->status == MIXFILL_OK;
}

/* Read some chunks for each thread. A piece's next turn is taken by a thread whose last turn came
 * after the piece's, so that its chunk is there. */
static void read_round(file_reader *f) {
    int32_t n = f->n_pieces, turns = TURNS * n;
    piece *pieces = f->piece;
#pragma omp parallel for ordered default(none) shared(f, pieces, n, turns) num_threads(n)          \
    schedule(static, 1)
    for (int32_t k = 0; k < turns; k++) {
        piece *p = &pieces[k % n];
        if (p->chunk.len > 0)
            read_piece(p);
#pragma omp ordered
        take_turn(f, p);
    }
}

static void tell_progress(file_reader *f, const mixfill_read_options *options) {
    if (options->progress == NULL || f->status != MIXFILL_OK ||
        options->progress(f->lines->chunked, f->lines->size, options->progress_data) == 0)
        return;
    f->status = mixfill_fail(&f->error, MIXFILL_ERR_CANCELLED, f->lines->line,
                             "%s: cancelled at line %" PRId64, f->lines->path, f->lines->line);
}

mixfill_status mixfill_read_delimited(mixfill_lines *lines, mixfill_read_report *report,
                                      const mixfill_read_options *options, mixfill_builder *builder,
                                      mixfill_error *err) {
    file_reader f = {.lines = lines, .builder = builder, .report = report};
    f.d = (mixfill_delimited){
        .path = lines->path, .options = options, .format = report->format, .time = -1};
    builder->with_times = options->keep_times; /* room is made before the columns are known */
    if (open_reader(&f) != MIXFILL_OK) {
        close_reader(&f);
        return mixfill_fail_nomem(err, "a read buffer");
    }
    next_chunk(&f, &f.piece[0]);
    while (f.d.n_columns == 0 && f.piece[0].chunk.len > 0) {
        read_piece(&f.piece[0]);
        take_turn(&f, &f.piece[0]);
    }
    for (int32_t i = 1; i < f.n_pieces; i++)
        next_chunk(&f, &f.piece[i]);
    while (is_pending(&f)) {
        read_round(&f);
        tell_progress(&f, options);
    }
    report->lines = lines->line;
    close_reader(&f);
    if (f.d.time < 0)
        mixfill_builder_drop_times(builder);
    return f.status == MIXFILL_OK
               ? MIXFILL_OK
               : mixfill_fail(err, f.status, f.error.line, "%s", f.error.message);
}
