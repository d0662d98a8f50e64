/* Delimited text read in chunks by several threads: the same ratings, reports and messages as read
 * line by line, wherever the chunks end. */
#include "formats/delimited.h"
#include "formats/detect.h"
#include "formats/formats.h"
#include "formats/read_options.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(io_chunks, .init = support_enter_folder, .fini = support_leave_folder);

/* Everything that reading a file gives. */
typedef struct outcome {
    mixfill_status status;
    mixfill_error err;
    mixfill_read_report report;
    mixfill_ratings *ratings; /* NULL on failure, or where there are none */
} outcome;

typedef struct text {
    char *bytes;
    size_t len, cap;
} text;

__attribute__((format(printf, 2, 3))) static void append(text *t, const char *format, ...) {
    va_list args;
    if (t->cap - t->len < 1024) {
        t->cap = 2 * t->cap + 4096;
        t->bytes = realloc(t->bytes, t->cap);
    }
    va_start(args, format);
    t->len += (size_t)vsnprintf(t->bytes + t->len, t->cap - t->len, format, args);
    va_end(args);
}

static void write_text(const text *t) {
    FILE *f = fopen("f", "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(t->bytes, 1, t->len, f), t->len);
    fclose(f);
}

/* What every line goes through, one after the other. */
static mixfill_status read_lines(mixfill_lines *lines, mixfill_read_report *report,
                                 const mixfill_dialect *dialect, const mixfill_read_options *o,
                                 mixfill_builder *b, mixfill_error *err) {
    mixfill_delimited d = {.path = lines->path, .options = o, .dialect = dialect};
    lines->delimiter = mixfill_breaks_at(dialect);
    b->with_times = o->keep_times;
    for (;;) {
        mixfill_record record;
        bool found, fatal;
        char *line;
        size_t len;
        int32_t user, item;
        mixfill_status st = mixfill_lines_next(lines, &line, &len, err);
        report->lines = d.line = lines->line;
        if (line == NULL && d.columns.of[MIXFILL_ROLE_TIME] < 0)
            mixfill_builder_drop_times(b);
        if (st != MIXFILL_OK || line == NULL)
            return st;
        st = mixfill_delimited_line(&d, &record, &found, &fatal, line, len, err);
        if (st == MIXFILL_ERR_PARSE && o->skip_bad_lines && !fatal)
            mixfill_note_skipped(report, err->message, err->field);
        else if (st != MIXFILL_OK)
            return st;
        if (!found)
            continue;
        cr_assert_eq(mixfill_ids_intern(&b->users, &user, record.user.text, record.user.len),
                     MIXFILL_OK);
        cr_assert_eq(mixfill_ids_intern(&b->items, &item, record.item.text, record.item.len),
                     MIXFILL_OK);
        cr_assert_eq(mixfill_builder_add(b, user, item, record.value, record.line), MIXFILL_OK);
        if (b->with_times)
            b->time[b->n - 1] = record.time;
    }
}

/* Read file f in chunks of about so many bytes, 0: as they are by default; threads 0: line by
 * line. */
static outcome load(const mixfill_read_options *o, size_t chunk, int32_t threads) {
    outcome out = {.status = MIXFILL_OK};
    mixfill_lines lines;
    mixfill_builder b;
    mixfill_builder_init(&b);
    b.threads = threads;
    cr_assert_eq(mixfill_lines_open(&lines, "f", NULL, NULL), MIXFILL_OK);
    if (chunk > 0)
        lines.chunk = lines.cap = chunk;
    mixfill_detected detected;
    out.status = mixfill_detect_format(&detected, &lines, false, o, &out.err);
    out.report.format = detected.format;
    mixfill_input in = {
        .path = "f", .lines = &lines, .options = o, .report = &out.report, .builder = &b};
    in.dialect = &detected.dialect;
    if (out.status == MIXFILL_OK)
        out.status = threads > 0
                         ? mixfill_read_delimited(&in, &out.err)
                         : read_lines(&lines, &out.report, &detected.dialect, o, &b, &out.err);
    if (out.status == MIXFILL_OK && b.n > 0)
        out.status = mixfill_builder_finish(&b, &out.ratings, &out.report.duplicates, o->duplicates,
                                            "f", &out.err);
    mixfill_builder_clear(&b);
    mixfill_lines_close(&lines);
    return out;
}

static void expect_same_ids(const mixfill_ids *got, const mixfill_ids *want, const char *what) {
    char a[MIXFILL_ID_BUFFER], b[MIXFILL_ID_BUFFER];
    cr_assert_eq(got->n, want->n, "%s", what);
    for (int32_t i = 0; i < want->n; i++)
        cr_expect_str_eq(mixfill_ids_get(got, i, a), mixfill_ids_get(want, i, b), "%s", what);
}

static void expect_same_ratings(const mixfill_ratings *got, const mixfill_ratings *want,
                                const char *what) {
    cr_assert_eq(got->nnz, want->nnz, "%s", what);
    expect_same_ids(&got->user_ids, &want->user_ids, what);
    expect_same_ids(&got->item_ids, &want->item_ids, what);
    cr_expect_arr_eq(got->row_ptr, want->row_ptr,
                     ((size_t)want->n_users + 1) * sizeof *want->row_ptr, "%s", what);
    cr_expect_arr_eq(got->col, want->col, (size_t)want->nnz * sizeof *want->col, "%s", what);
    cr_expect_eq(got->code == NULL, want->code == NULL, "%s", what);
    cr_expect_eq(got->n_levels, want->n_levels, "%s", what);
    cr_assert_eq(got->time == NULL, want->time == NULL, "%s", what);
    if (want->time != NULL)
        cr_expect_arr_eq(got->time, want->time, (size_t)want->nnz * sizeof *want->time, "%s", what);
    for (int64_t e = 0; e < want->nnz; e++)
        cr_expect_eq(mixfill_ratings_value(got, e), mixfill_ratings_value(want, e), "%s", what);
    for (int32_t i = 0; i < want->n_levels; i++)
        cr_expect_eq(got->level[i], want->level[i], "%s", what);
}

static void expect_same(const outcome *got, const outcome *want, const char *what) {
    cr_assert_eq(got->status, want->status, "%s: %s", what, got->err.message);
    cr_assert_eq(got->ratings == NULL, want->ratings == NULL, "%s", what);
    if (want->status != MIXFILL_OK) {
        cr_expect_str_eq(got->err.message, want->err.message, "%s", what);
        cr_expect_eq(got->err.line, want->err.line, "%s", what);
        return; /* a report says nothing then */
    }
    cr_expect_eq(got->report.lines, want->report.lines, "%s", what);
    cr_expect_eq(got->report.skipped, want->report.skipped, "%s", what);
    cr_expect_eq(got->report.duplicates, want->report.duplicates, "%s", what);
    cr_assert_eq(got->report.n_messages, want->report.n_messages, "%s", what);
    for (int32_t i = 0; i < want->report.n_messages; i++) {
        cr_expect_str_eq(got->report.messages[i], want->report.messages[i], "%s", what);
        cr_expect_str_eq(got->report.fields[i], want->report.fields[i], "%s", what);
    }
    if (want->ratings != NULL)
        expect_same_ratings(got->ratings, want->ratings, what);
}

static const size_t CHUNKS[] = {1, 2, 3, 5, 8, 13, 21, 64, 100, 1000, 0};
static const int32_t THREADS[] = {1, 2, 3, 7};
enum { N_CHUNKS = sizeof CHUNKS / sizeof *CHUNKS, N_THREADS = sizeof THREADS / sizeof *THREADS };

/* Read a text in chunks of a size by so many threads and compare. */
static void check_one(const text *t, const mixfill_read_options *o, const outcome *want,
                      size_t chunk, int32_t threads) {
    char what[400];
    outcome got = load(o, chunk, threads);
    snprintf(what, sizeof what, "chunks of %zu, %d threads: %.300s", chunk, (int)threads, t->bytes);
    expect_same(&got, want, what);
    mixfill_ratings_free(got.ratings);
}

/* The outcome of reading a text line by line, which is that of all chunks and threads. */
static outcome check_all(const text *t, const mixfill_read_options *o) {
    write_text(t);
    outcome want = load(o, 0, 0);
    for (int c = 0; c < N_CHUNKS; c++)
        for (int i = 0; i < N_THREADS; i++)
            check_one(t, o, &want, CHUNKS[c], THREADS[i]);
    return want;
}

static mixfill_read_options defaults(void) {
    mixfill_read_options o;
    mixfill_read_options_init(&o);
    return o;
}

/* n lines of users with three items each. */
static void append_lines(text *t, int n, const char *newline) {
    for (int i = 0; i < n; i++)
        append(t, "%d,%d,%d%s", 10 + i / 3, 100 + i % 3 * (i + 1), i % 5 + 1, newline);
}

Test(io_chunks, plain_and_header_and_line_ends) {
    mixfill_read_options o = defaults();
    static const char *const ends[] = {"\n", "\r\n", ",77\n", ",77\r\n"};
    for (int i = 0; i < 8; i++) {
        text t = {0};
        append(&t, "%s", i < 4 ? "" : i < 6 ? "userId,movieId,rating\r\n" : "user,item,stars,t\n");
        append_lines(&t, 60, ends[i % 4]);
        if (i % 3 == 0) /* no newline at the end */
            t.len -= strlen(strpbrk(ends[i % 4], "\r\n"));
        outcome out = check_all(&t, &o);
        cr_assert_eq(out.status, MIXFILL_OK, "%s", out.err.message);
        cr_expect_eq(out.ratings->nnz, 60);
        mixfill_ratings_free(out.ratings);
        free(t.bytes);
    }
}

/* The time of the rating of user 10 and item 100, whose row is the first. */
static int64_t first_time(const text *t, const mixfill_read_options *o) {
    outcome out = check_all(t, o);
    cr_assert_eq(out.status, MIXFILL_OK, "%s", out.err.message);
    int64_t time = out.ratings->time != NULL ? out.ratings->time[0] : -1;
    for (int64_t e = 1; time >= 0 && e < out.ratings->nnz; e++)
        cr_expect_eq(out.ratings->time[e] % 1000,
                     INT64_C(10) * out.ratings->col[e] +
                         (int64_t)mixfill_ratings_value(out.ratings, e));
    mixfill_ratings_free(out.ratings);
    return time;
}

Test(io_chunks, timestamps) {
    static const char *const heads[] = {"", "userId,movieId,rating,timestamp\n",
                                        "userId,movieId,rating,title\n"};
    for (int i = 0; i < 6; i++) {
        mixfill_read_options o = defaults();
        text t = {0};
        o.keep_times = i < 3;
        append(&t, "%s", heads[i % 3]);
        for (int k = 0; k < 90; k++) /* users and items out of order */
            append(&t, "%d,%d,%d,%d\n", 10 + k % 7, 100 + k / 7, k % 5 + 1,
                   5000 - 1000 * (k % 4) + 10 * (k / 7) + k % 5 + 1);
        cr_expect_eq(first_time(&t, &o), i < 2 ? 5001 : -1, "%d", i);
        free(t.bytes);
    }
}

/* Rows that come one by one are sorted in place; 307 items take two digits. */
Test(io_chunks, timestamps_of_sorted_rows) {
    mixfill_read_options o = defaults();
    text t = {0};
    o.keep_times = true;
    for (int u = 0; u < 4; u++)
        for (int k = 0; k < (u == 3 ? 20 : 307); k++) {
            int item = (k * 37 + u * 11) % 307;
            append(&t, "%d,%d,%d,%d\n", u, item, item % 300, 1000 * u + item);
        }
    outcome out = check_all(&t, &o);
    cr_assert_eq(out.status, MIXFILL_OK, "%s", out.err.message);
    const mixfill_ratings *r = out.ratings;
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            char buffer[MIXFILL_ID_BUFFER];
            int64_t item = -1;
            cr_assert(mixfill_id_to_int64(mixfill_ids_get(&r->item_ids, r->col[e], buffer), &item));
            cr_expect_eq(r->time[e], INT64_C(1000) * u + item);
            cr_expect_eq(mixfill_ratings_value(r, e), (double)(item % 300));
        }
    mixfill_ratings_free(out.ratings);
    free(t.bytes);
}

Test(io_chunks, bad_timestamps) {
    mixfill_read_options o = defaults();
    text t = {0};
    append(&t, "1,1,3,7\n1,2,4,\n1,3,4,7x\n2,1,4,2005-09-06\n");
    outcome out = check_all(&t, &o);
    cr_expect_eq(out.status, MIXFILL_OK, "left alone where they are not kept");
    cr_expect_not(mixfill_ratings_has_times(out.ratings));
    mixfill_ratings_free(out.ratings);
    o.keep_times = true;
    out = check_all(&t, &o);
    cr_expect_str_eq(out.err.message, "f:2: timestamp '' is neither a number nor a date such "
                                      "as 2005-09-06 or 2005-09-06T12:30:00Z");
    o.skip_bad_lines = true;
    out = check_all(&t, &o);
    cr_assert_eq(out.status, MIXFILL_OK);
    cr_expect_eq(out.report.skipped, 2);
    cr_expect_eq(out.report.bad_times, 2);
    cr_expect_eq(out.ratings->time[1], 1125964800);
    mixfill_ratings_free(out.ratings);
    free(t.bytes);
}

Test(io_chunks, timestamps_of_duplicates) {
    static const int64_t want[] = {[MIXFILL_DUPLICATES_FIRST] = 50,
                                   [MIXFILL_DUPLICATES_LAST] = 40,
                                   [MIXFILL_DUPLICATES_MEAN] = 60};
    mixfill_read_options o = defaults();
    text t = {0};
    o.keep_times = true;
    append(&t, "1,1,3,50\n1,2,4,9\n1,1,4,60\n2,1,4,8\n1,1,5,40\n");
    for (int policy = MIXFILL_DUPLICATES_FIRST; policy <= MIXFILL_DUPLICATES_MEAN; policy++) {
        o.duplicates = (mixfill_duplicates)policy;
        outcome out = check_all(&t, &o);
        cr_assert_eq(out.status, MIXFILL_OK);
        cr_expect_eq(out.ratings->time[0], want[policy]);
        cr_expect_eq(out.ratings->time[1], 9);
        mixfill_ratings_free(out.ratings);
    }
    free(t.bytes);
}

Test(io_chunks, header_only) {
    mixfill_read_options o = defaults();
    text t = {0};
    append(&t, "userId,movieId,rating,timestamp\n");
    outcome out = check_all(&t, &o);
    cr_expect_eq(out.status, MIXFILL_OK);
    cr_expect_null(out.ratings);
    free(t.bytes);
}

Test(io_chunks, many_levels_in_a_later_chunk) {
    mixfill_read_options o = defaults();
    text t = {0};
    append_lines(&t, 60, "\n");
    for (int i = 0; i < 300; i++)
        append(&t, "%d,%d,%d.%02d\n", 500 + i / 7, i, i / 100, i % 100);
    append(&t, "7,7,0.125\n8,8,4\n8,9,4.000000000000\n");
    outcome out = check_all(&t, &o);
    cr_assert_eq(out.status, MIXFILL_OK, "%s", out.err.message);
    cr_expect_null(out.ratings->code);
    cr_expect_eq(mixfill_ratings_value(out.ratings, out.ratings->nnz - 3), 0.125);
    mixfill_ratings_free(out.ratings);
    free(t.bytes);
}

Test(io_chunks, an_error_in_a_later_chunk) {
    mixfill_read_options o = defaults();
    static const struct {
        const char *line, *message;
    } cases[] = {{"1,2,x\n", "f:42: rating 'x' is not a number"},
                 {"1,2\n", "f:42: 2 fields, expected 3 as on line 1"},
                 {"10,100,4\n", "f:42: duplicate rating of user '10' and item '100', first on line "
                                "1, expected one per pair"},
                 {"\"1,2,3\n", "f:42: a quoted field does not end"},
                 {",2,3\n", "f:42: user id '' is empty"},
                 {"9,2,99\n", "f:42: rating '99' is outside the range"}};
    o.rating_max = 50;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text t = {0};
        append_lines(&t, 40, "\n");
        append(&t, "\n%s", cases[i].line);
        append(&t, "%s", strstr(cases[i].message, "duplicate") != NULL ? "" : "later,and,bad\n");
        outcome out = check_all(&t, &o);
        cr_expect_eq(out.status, MIXFILL_ERR_PARSE, "%s", cases[i].line);
        cr_expect_eq(out.err.line, 42, "%s", cases[i].line);
        cr_expect_not_null(strstr(out.err.message, cases[i].message), "%s", out.err.message);
        free(t.bytes);
    }
}

Test(io_chunks, skipped_lines_in_order) {
    mixfill_read_options o = defaults();
    text t = {0};
    o.skip_bad_lines = true;
    for (int i = 0; i < 90; i++)
        append(&t, i % 9 == 4 ? "new,%d,bad%d\n" : "%d,%d,4\n", i, i);
    outcome out = check_all(&t, &o);
    cr_assert_eq(out.status, MIXFILL_OK, "%s", out.err.message);
    cr_expect_eq(out.report.skipped, 10);
    cr_expect_eq(out.report.n_messages, 5);
    cr_expect_eq(out.ratings->n_users, 80, "an id of a skipped line is no user");
    for (int i = 0; i < 5; i++) {
        char expected[80];
        snprintf(expected, sizeof expected, "f:%d: rating 'bad%d' is not a number", 5 + 9 * i,
                 4 + 9 * i);
        cr_expect_str_eq(out.report.messages[i], expected);
    }
    mixfill_ratings_free(out.ratings);
    free(t.bytes);
}

Test(io_chunks, quotes_and_odd_ids_in_a_later_chunk) {
    mixfill_read_options o = defaults();
    text t = {0};
    append_lines(&t, 30, "\n");
    append(&t, "\"10\",\"a \"\"b\"\", c\",\"4.5\"\n007,7,1\n7,007,2\n7,7,3\n");
    append(&t, "4000000000,99999999,3\n123456789,12345678,5\nB000FA64PK,B000FA64PKx,5\n");
    append(&t, "B000FA64PK,B000FA64PK,1\n99999999,4000000000,2\n7,99999999,4");
    outcome out = check_all(&t, &o);
    char id[MIXFILL_ID_BUFFER];
    cr_assert_eq(out.status, MIXFILL_OK, "%s", out.err.message);
    cr_expect_str_eq(mixfill_ids_get(&out.ratings->user_ids, 10, id), "007");
    cr_expect_str_eq(mixfill_ids_get(&out.ratings->user_ids, 11, id), "7");
    cr_expect_lt(mixfill_ids_bytes(&out.ratings->user_ids), 100000);
    mixfill_ratings_free(out.ratings);
    free(t.bytes);
}

/* ---- random files ---- */

static int below(uint64_t *state, int n) {
    return (int)(support_next(state) % (uint64_t)n);
}

static void append_id(text *t, uint64_t *state, int kind) {
    static const char *const odd[] = {"007",
                                      "7",
                                      "a",
                                      "00",
                                      "0",
                                      "a:b",
                                      "B000FA64P",
                                      "12345678",
                                      "123456789",
                                      "01234567",
                                      "-1",
                                      "4000000000",
                                      "99999999",
                                      "x\x01y",
                                      "0000000000",
                                      "\xc3\xa9",
                                      "12345678901234567890",
                                      "abcdefgh",
                                      "abcdefg"};
    switch (below(state, 8) < 6 ? kind : below(state, 6)) {
    case 0:
        append(t, "%d", below(state, 12));
        break;
    case 1:
        append(t, "%d", below(state, 40000));
        break;
    case 2:
        append(t, "%s", odd[below(state, sizeof odd / sizeof *odd)]);
        break;
    case 3:
        append(t, "item%d", below(state, 2000));
        break;
    case 4:
        append(t, "a-long-name-of-item-%d", below(state, 50));
        break;
    default:
        append(t, "%d", 100000 + below(state, 300));
    }
}

static void append_rating(text *t, uint64_t *state, bool many) {
    static const char *const odd[] = {" 4", "-1", "1e1", "0.12500000000", "+3", "10", "4.0", "4.00",
                                      ".5", "3.", "-0",  "12.25"};
    if (many)
        append(t, "%d.%03d", below(state, 4), below(state, 1000));
    else if (below(state, 9) == 0)
        append(t, "%s", odd[below(state, sizeof odd / sizeof *odd)]);
    else
        append(t, below(state, 2) ? "%d" : "%d.5", below(state, 5));
}

/* What makes a random file. */
typedef struct style {
    const char *delimiter;
    int columns, ids, bad; /* one line in `bad` is */
    bool header, quotes, returns;
    bool review;   /* the fourth column is text, with line ends in its quotes */
    int many_from; /* line from which there are many different ratings */
} style;

static void append_bad_line(text *t, uint64_t *state) {
    static const char *const bad[] = {"1,2,x",        ",1,2",       "1",       "\"1,2,3",
                                      "1,2,3,4,5",    "1,2,",       "1::2::x", "1 2",
                                      "1\t2",         "\"a\"b,2,3", "",        "  ",
                                      "1,2,nan",      "#",          "1:2:3",   "1,\"b\"x,3",
                                      "new,\"c\"x,4", "new::::4",   "1  2 3",  "1,2,777"};
    append(t, "%s\n", bad[below(state, sizeof bad / sizeof *bad)]);
}

/* Most are as a spreadsheet writes them; a quote that is not closed, or goes on, ends what may be
 * taken for one. */
static void append_review(text *t, uint64_t *state) {
    static const char *const reviews[] = {
        "good",           "\"good\"", "\"so\nso\"",       "\"a \"\"quote\"\"\"",
        "\"\"",           "\"\n\n\"", "\"x\r\ny, z; w\"", "\"open",
        "\"on\" and on",  "5\" tall", "\"\"\"\n\"",       "it's",
        "\"1,2,3\n1,2\"", "\"\"\"\"", "\"two\nopen"};
    append(t, "%s", reviews[below(state, sizeof reviews / sizeof *reviews)]);
}

static text random_file(uint64_t *state, const style *s, int n) {
    text t = {0};
    append(&t, "%s",
           s->header ? s->columns == 3 ? "userId,movieId,rating\n" : "user,item,stars,t\n" : "");
    for (int i = 0; i < n; i++) {
        if (below(state, s->bad) == 0)
            append_bad_line(&t, state);
        bool quoted = s->quotes && below(state, 6) == 0;
        append(&t, quoted ? "\"" : "");
        append_id(&t, state, s->ids);
        append(&t, quoted ? "\"%s" : "%s", s->delimiter);
        quoted = s->quotes && below(state, 6) == 0;
        append(&t, quoted ? "\"" : "");
        append_id(&t, state, 5 - s->ids);
        append(&t, quoted ? "\"%s" : "%s", s->delimiter);
        append_rating(&t, state, i >= s->many_from);
        if (s->columns == 4)
            append(&t, "%s", s->delimiter);
        if (s->columns == 4 && s->review)
            append_review(&t, state);
        else if (s->columns == 4)
            append(&t, "%d", below(state, 100000));
        append(&t, s->returns ? "\r\n" : "\n");
    }
    if (t.len > 1 && below(state, 2) == 0)
        t.len--;
    return t;
}

static void check_random(uint64_t seed) {
    static const char *const delimiters[] = {",", "::", "\t", " ", ";", "|"};
    static const mixfill_format formats[] = {MIXFILL_FORMAT_CSV, MIXFILL_FORMAT_DAT,
                                             MIXFILL_FORMAT_TAB, MIXFILL_FORMAT_TRIPLETS,
                                             MIXFILL_FORMAT_CSV, MIXFILL_FORMAT_CSV};
    uint64_t state = seed;
    int kind = below(&state, 2) ? 0 : below(&state, 6);
    style s = {delimiters[kind],
               3 + below(&state, 2),
               below(&state, 6),
               1000000,
               false,
               false,
               below(&state, 3) == 0,
               below(&state, 2) == 0,
               below(&state, 3) == 0 ? below(&state, 100) : 100000};
    mixfill_read_options o = defaults();
    s.bad = below(&state, 3) > 0 ? 12 : below(&state, 2) > 0 ? 300 : 1000000;
    s.header = kind == 0 && below(&state, 2);
    s.quotes = kind == 0 && below(&state, 4) == 0;
    o.format = formats[kind];
    o.delimiter = kind > 3 ? delimiters[kind] : NULL;
    o.skip_bad_lines = below(&state, 3) > 0;
    o.int_ids = below(&state, 8) == 0;
    o.transpose = below(&state, 4) == 0;
    o.rating_max = below(&state, 2) ? 100 : o.rating_max;
    o.duplicates = (mixfill_duplicates)(below(&state, 5) == 0 ? 0 : below(&state, 4));
    text t = random_file(&state, &s, below(&state, 4) > 0 ? below(&state, 60) : below(&state, 900));
    write_text(&t);
    outcome want = load(&o, 0, 0);
    for (int i = 0; i < 4; i++)
        check_one(&t, &o, &want, i == 0 ? 0 : 1 + (size_t)below(&state, i == 1 ? 20 : 3000),
                  1 + below(&state, 7));
    mixfill_ratings_free(want.ratings);
    free(t.bytes);
}

Test(io_chunks, random_files) {
    for (uint64_t seed = 1; seed <= 1000; seed++)
        check_random(seed);
}

typedef struct watched {
    int64_t bytes, size;
    int calls, stop_after;
} watched;

static int watch(int64_t bytes, int64_t size, void *data) {
    watched *w = data;
    w->calls++;
    cr_expect_gt(bytes, w->bytes);
    w->bytes = bytes;
    w->size = size;
    return w->calls == w->stop_after;
}

/* 400,000 lines, about 4 MB: several rounds of chunks. */
Test(io_chunks, progress_is_told_and_may_cancel) {
    enum { LINES = 400000 };
    FILE *f = fopen("long.csv", "w");
    cr_assert_not_null(f);
    for (int i = 0; i < LINES; i++)
        fprintf(f, "%d,%d,%d\n", i / 100, i % 100, 1 + i % 5);
    long size = ftell(f);
    cr_assert_eq(fclose(f), 0);
    mixfill_read_options o;
    mixfill_error err;
    mixfill_ratings *r = NULL;
    watched w = {0}, stopped = {.stop_after = 1};
    mixfill_read_options_init(&o);
    o.threads = 1;
    o.progress = watch;
    o.progress_data = &w;
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "long.csv", &o, &err), MIXFILL_OK);
    cr_expect_eq(mixfill_ratings_count(r), LINES);
    mixfill_ratings_free(r);
    cr_expect(w.calls >= 1 && w.bytes <= size && w.size == size);
    r = NULL;
    o.progress_data = &stopped;
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "long.csv", &o, &err), MIXFILL_ERR_CANCELLED);
    cr_expect_null(r);
    cr_expect_eq(stopped.calls, 1);
}
