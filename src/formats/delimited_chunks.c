/* Delimited files, chunk by chunk: each thread turns a chunk into triplets with ids numbered within
 * those it has met, and these are joined in file order, so that numbers, levels, messages and the
 * error that is reported are those of reading line by line. Each chunk is
 * cut into lines by delimited_plain.c where it can, else by delimited.c. */
#include "base/par.h"
#include "formats/delimited_plain.h"
#include "formats/read_options.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAX_READERS = 16,      /* threads, and pieces */
    LONGER_CHUNKS = 4,     /* times, with several threads */
    TURNS = 16,            /* of each thread between two starts of all of them */
    MAX_PART_IDS = 1 << 17 /* of a part's table, which is to stay in the cache */
};

/* ---- chunks ---- */

/* Read any line of len bytes. */
static mixfill_status read_line(mixfill_piece *p, char *text, size_t len) {
    mixfill_builder *b = p->builder;
    mixfill_record record;
    int32_t index[2];
    bool found, fatal;
    mixfill_status st =
        mixfill_delimited_line(&p->d, &record, &found, &fatal, text, len, &p->error);
    if (st == MIXFILL_ERR_PARSE && p->d.options->skip_bad_lines && !fatal) {
        mixfill_note_skipped(&p->report, p->error.message, p->error.field);
        return MIXFILL_OK;
    }
    if (st != MIXFILL_OK || !found)
        return st;
    st = mixfill_piece_intern(p, index, record.user, record.item, record.line);
    if (st == MIXFILL_OK)
        st = mixfill_builder_add(b, index[0], index[1], record.value, record.line);
    if (st == MIXFILL_OK && b->with_times)
        b->time[b->n - 1] = record.time;
    p->run_offset = record.line - b->n + 1;
    return st;
}

/* Where the line at `at` ends: at the newline behind its last field, or at its first where its
 * quotes do not hold. A chunk has whole lines, but for the last of a file. */
static char *find_end(const mixfill_piece *p, char *at, const char *end) {
    size_t len = (size_t)(end - at);
    char *newline = memchr(at, '\n', len);
    if (mixfill_breaks_at(p->d.dialect) == '\0' || memchr(at, '"', (size_t)(newline - at)) == NULL)
        return newline;
    size_t whole = mixfill_line_length(at, len, *p->d.dialect->delimiter, true);
    return at + whole - 1;
}

/* Read the line at `at`, whatever it is, of which *line is the number; the byte behind it. *line
 * becomes the number of its last newline. */
static char *read_any(mixfill_piece *p, char *at, const char *end, int64_t *line) {
    char *newline = find_end(p, at, end);
    size_t len = (size_t)(newline - at);
    p->d.line = *line;
    for (const char *c = at; (c = memchr(c, '\n', (size_t)(newline - c))) != NULL; c++)
        ++*line;
    p->status = read_line(p, at, len > 0 && newline[-1] == '\r' ? len - 1 : len);
    if (!p->plain && p->d.n_columns > 0)
        mixfill_piece_set_plain(p);
    return newline + 1;
}

/* Forget the last chunk. Spellings go too, for codes are the part's, which begins anew. Room for
 * all lines spares the loop over plain lines the question. */
static void begin_piece(mixfill_piece *p) {
    p->report.skipped = 0;
    p->report.n_messages = 0;
    p->report.bad_times = 0;
    p->run_offset = INT64_MIN;
    p->n_stops = p->next_stop = 0;
    memset(p->spelling, 0, sizeof p->spelling);
    mixfill_piece_set_plain(p);
    p->status = mixfill_builder_reserve(p->builder, p->chunk.n_lines);
}

/* All lines of a chunk: plain ones as far as they go, then one of any kind, and again. */
static void read_piece(mixfill_piece *p) {
    char *at = p->chunk.text, *end = at + p->chunk.len;
    begin_piece(p);
    for (int64_t line = p->chunk.line + 1; at < end && p->status == MIXFILL_OK; line++) {
        if (p->plain)
            at += mixfill_piece_read_plain(p, at, end, &line) - at;
        if (at < end && p->status == MIXFILL_OK)
            at = read_any(p, at, end, &line);
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
    mixfill_piece *piece;       /* (n_pieces), chunk k of the file is in piece k % n_pieces */
    mixfill_builder_part *part; /* (n_pieces) */
} file_reader;

/* A piece for each thread, and a part for each where there are several; one thread reads
 * straight into the whole. */
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

/* Also of a reader that was only half opened. */
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
static void next_chunk(file_reader *f, mixfill_piece *p) {
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

/* The messages of a piece come behind those of the pieces before it. */
static void join_report(mixfill_read_report *report, const mixfill_read_report *of_piece) {
    int64_t bad_times = report->bad_times + of_piece->bad_times;
    for (int32_t i = 0; i < of_piece->n_messages; i++)
        mixfill_note_skipped(report, of_piece->messages[i], of_piece->fields[i]);
    report->skipped += of_piece->skipped - of_piece->n_messages;
    report->bad_times = bad_times;
}

/* Make room for the whole file, judging by its first piece, rather than moving what is there again
 * and again. Where that cannot be had, room is made as it is needed. */
static void reserve_file(file_reader *f, const mixfill_piece *first) {
    const double spare = 1.02;
    double per_byte = (double)first->builder->n / (double)first->chunk.len;
    mixfill_status hint = MIXFILL_OK;
    if (f->lines->size > (int64_t)first->chunk.len)
        hint = mixfill_builder_reserve(f->builder,
                                       (int64_t)(spare * per_byte * (double)f->lines->size));
    (void)hint;
}

/* Add what was made of a chunk to the whole. */
static mixfill_status join_piece(file_reader *f, mixfill_piece *p) {
    if (p->status != MIXFILL_OK)
        return mixfill_fail_as(&f->error, &p->error);
    if (p->chunk.len == 0)
        return MIXFILL_OK;
    join_report(f->report, &p->report);
    f->d.commas |= p->d.commas;
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
static void take_turn(file_reader *f, mixfill_piece *p) {
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
    mixfill_piece *pieces = f->piece;
#pragma omp parallel for ordered default(none) shared(f, pieces, n, turns) num_threads(n)          \
    schedule(static, 1)
    for (int32_t k = 0; k < turns; k++) {
        mixfill_piece *p = &pieces[k % n];
        if (p->chunk.len > 0)
            read_piece(p);
#pragma omp ordered
        take_turn(f, p);
    }
}

/* Between rounds, when no thread is reading, from the thread that called. */
static void tell_progress(file_reader *f, const mixfill_read_options *options) {
    if (options->progress == NULL || f->status != MIXFILL_OK ||
        options->progress(f->lines->chunked, f->lines->size, options->progress_data) == 0)
        return;
    f->status = mixfill_fail(&f->error, MIXFILL_ERR_CANCELLED, f->lines->line,
                             "%s: cancelled at line %" PRId64, f->lines->path, f->lines->line);
}

/* The first chunks are read alone until one has shown the columns, which all others need; then
 * rounds of all threads. */
mixfill_status mixfill_read_delimited(const mixfill_input *in, mixfill_error *err) {
    mixfill_lines *lines = in->lines;
    const mixfill_read_options *options = in->options;
    mixfill_builder *builder = in->builder;
    file_reader f = {.lines = lines, .builder = builder, .report = in->report};
    f.d = (mixfill_delimited){.path = lines->path,
                              .options = options,
                              .dialect = in->dialect,
                              .columns = {.of = {-1, -1, -1, -1}},
                              .row_numbers = in->row_numbers,
                              .numbers = in->numbers};
    lines->delimiter = mixfill_breaks_at(in->dialect);
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
    in->report->lines = lines->line;
    close_reader(&f);
    if (f.d.columns.of[MIXFILL_ROLE_TIME] < 0)
        mixfill_builder_drop_times(builder);
    in->report->ones = f.d.columns.ones;
    memcpy(in->report->columns, f.d.described, sizeof in->report->columns);
    if (f.d.commas == MIXFILL_COMMAS_OF_THREE)
        mixfill_note_warning(in->report, "",
                             "every comma in a rating has three digits behind it, was read as the "
                             "point, and may be one of thousands");
    return f.status == MIXFILL_OK ? MIXFILL_OK : mixfill_fail_as(err, &f.error);
}
