/* Reading and writing ratings as text: every format, what is refused and where, what is skipped. */
#include "ratings/align.h"
#include "ratings/ids.h"
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(io_text, .init = support_enter_folder, .fini = support_leave_folder);

static void write_file(const char *name, const char *content, size_t len) {
    FILE *f = fopen(name, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(content, 1, len, f), len);
    fclose(f);
}

/* A case of a table: what a file holds, how it is read, and what must come out. */
typedef struct bad_case {
    const char *content;
    mixfill_status status;
    int64_t line;
    const char *message; /* a part of it */
    mixfill_format format;
    bool int_ids, nan_is_missing;
} bad_case;

static void check_bad(const char *name, const bad_case *c) {
    mixfill_read_options o;
    mixfill_read_report report = {.lines = -7};
    mixfill_error err = {.status = MIXFILL_OK, .line = -7, .message = "poison"};
    mixfill_ratings *poison = (mixfill_ratings *)(void *)&o, *out = poison;
    mixfill_read_options_init(&o);
    o.format = c->format;
    o.int_ids = c->int_ids;
    o.missing = c->nan_is_missing ? (double)NAN : 0;
    o.rating_min = -100;
    int64_t live = mixfill_alloc_live;
    cr_expect_eq(mixfill_ratings_load(&out, &report, name, &o, &err), c->status, "%s: %s",
                 c->content, err.message);
    cr_expect_eq(err.status, c->status);
    cr_expect_eq(err.line, c->line, "%s: line %d", c->content, (int)err.line);
    cr_expect_not_null(strstr(err.message, c->message), "%s: '%s'", c->content, err.message);
    cr_expect_eq(out, poison, "%s: output touched", c->content);
    cr_expect_eq(report.lines, -7, "%s: report touched", c->content);
    cr_expect_eq(mixfill_alloc_live, live, "%s: leak", c->content);
}

Test(io_text, malformed) {
    static const bad_case cases[] = {
        {.content = "", .status = MIXFILL_ERR_PARSE, .message = "f: empty file"},
        {.content = "\n \n", .status = MIXFILL_ERR_PARSE, .message = "nothing but blank"},
        {"1,2\n", MIXFILL_ERR_PARSE, 1,
         "f:1: 2 columns and no header, expected user, item, rating[, timestamp], or such as "
         "user=1,item=2,rating=1",
         0, 0, 0},
        {"u,i\n", MIXFILL_ERR_PARSE, 1,
         "f:1: no column for the user among u, i, expected such as user=u,item=i,rating=1", 0, 0,
         0},
        {"1,2,3\n1,3,x\n", MIXFILL_ERR_PARSE, 2, "f:2: rating 'x' is not a number", 0, 0, 0},
        {"1,2,3\n1,3,\n", MIXFILL_ERR_PARSE, 2, "f:2: rating '' is not a number", 0, 0, 0},
        {"1,2,3\n1,3,4x\n", MIXFILL_ERR_PARSE, 2, "rating '4x'", 0, 0, 0},
        {"1,2,3\n1,3,0x4\n", MIXFILL_ERR_PARSE, 2, "rating '0x4'", 0, 0, 0},
        {"1,2,3\n1,3,nan\n", MIXFILL_ERR_PARSE, 2, "'nan' is not finite", 0, 0, 0},
        {"1,2,3\n1,3,-inf\n", MIXFILL_ERR_PARSE, 2, "'-inf' is not finite", 0, 0, 0},
        {"1,2,3\n1,3,1e400\n", MIXFILL_ERR_PARSE, 2, "'1e400'", 0, 0, 0},
        {"1,2,3\n1,3,1.1e150\n", MIXFILL_ERR_PARSE, 2, "1e150", 0, 0, 0},
        {"1,2,3\n1,3,-101\n", MIXFILL_ERR_PARSE, 2, "outside the range", 0, 0, 0},
        {"1,2,3\n,3,4\n", MIXFILL_ERR_PARSE, 2, "f:2: user id '' is empty", 0, 0, 0},
        {"1,2,3\n1,,4\n", MIXFILL_ERR_PARSE, 2, "f:2: item id '' is empty", 0, 0, 0},
        {"1,2,3,9\n1,3,4\n", MIXFILL_ERR_PARSE, 2, "f:2: 3 fields, expected 4 as on line 1", 0, 0,
         0},
        {"1,2,3\n1,3,4,9\n", MIXFILL_ERR_PARSE, 2, "f:2: 4 fields, expected 3", 0, 0, 0},
        {"1,2,3,4,5\n", MIXFILL_ERR_PARSE, 1, "5 columns and no header", 0, 0, 0},
        {"userId,movieId,stamp\n1,2,3\n", MIXFILL_ERR_PARSE, 1,
         "no column for the rating among userId (user), movieId (item), stamp, expected such as "
         "user=userId,item=movieId,rating=stamp",
         0, 0, 0},
        {"who,movieId,rating\n1,2,3\n", MIXFILL_ERR_PARSE, 1,
         "no column for the user among who, movieId (item), rating (rating), expected such as "
         "user=who,item=movieId,rating=rating",
         0, 0, 0},
        {"1,2,3\n\"1,2,3\n", MIXFILL_ERR_PARSE, 2, "f:2: a quoted field", 0, 0, 0},
        {"1,2,3\n\"1\"2,2,3\n", MIXFILL_ERR_PARSE, 2, "f:2: a quoted field", 0, 0, 0},
        {"1,2,3\n\n1,2,4\n", MIXFILL_ERR_PARSE, 3,
         "f:3: duplicate rating of user '1' and item '2', first on line 1", 0, 0, 0},
        {"a::b::3\nc::d\n", MIXFILL_ERR_PARSE, 2, "f:2: 2 fields, expected 3", 0, 0, 0},
        {"a::b::3\nc::d::e\n", MIXFILL_ERR_PARSE, 2, "rating 'e'", 0, 0, 0},
        {"a\tb\t3\nc\td\te\n", MIXFILL_ERR_PARSE, 2, "rating 'e'", 0, 0, 0},
        {"1 2 3\n1 2\n", MIXFILL_ERR_PARSE, 2, "f:2: 2 fields, expected 3", 0, 0, 0},
        {"1 2 3 4 5\n1 2 3 4\n", MIXFILL_ERR_PARSE, 2, "f:2: row has 4 numbers, expected 5", 0, 0,
         0},
        {"1 2 3 4 5\n1 2 y 4 5\n", MIXFILL_ERR_PARSE, 2, "f:2: 'y' in column 3", 0, 0, 0},
        {"1 2 3 4 5\n1 2 nan 4 5\n", MIXFILL_ERR_PARSE, 2, "'nan' in column 3", 0, 0, 0},
        {"1 2 inf 4 5\n", MIXFILL_ERR_PARSE, 1, "'inf' in column 3", 0, 0, 1},
        {"0 0 0 0 0\n", MIXFILL_ERR_PARSE, 0, "f: no ratings found", 0, 0, 0},
        {"userId,movieId,rating\n", MIXFILL_ERR_PARSE, 0, "f: no ratings found", 0, 0, 0},
        {"1,2,3\nx,2,4\n", MIXFILL_ERR_PARSE, 2, "user id 'x' is not a whole number", 0, 1, 0},
        {"1,2,3\n1,-4,4\n", MIXFILL_ERR_PARSE, 2, "item id '-4' is not a whole number", 0, 1, 0},
        {"1,2,3\n9223372036854775808,2,4\n", MIXFILL_ERR_PARSE, 2, "9223372036854775807", 0, 1, 0},
        {"1,2,3\n1,02,4\n", MIXFILL_ERR_PARSE, 2, "duplicate rating", 0, 1, 0},
        {"\x1f\x8b\x08 rest", MIXFILL_ERR_PARSE, 1, "f:1: gzip data is damaged", 0, 0, 0},
        {"%%MatrixMarket matrix", MIXFILL_ERR_PARSE, 1, "f:1: not a Matrix Market header", 0, 0, 0},
        {"\x93NUMPY", MIXFILL_ERR_PARSE, 0, "f: cut short in its header", 0, 0, 0},
        {"\xff\xfe"
         "1",
         MIXFILL_ERR_UNSUPPORTED, 0, "UTF-16", 0, 0, 0},
        {"PK\x03\x04zip", MIXFILL_ERR_PARSE, 0, "zip", 0, 0, 0},
        {"PK\x03\x04zip", MIXFILL_ERR_PARSE, 0, "expected csv text", MIXFILL_FORMAT_CSV, 0, 0},
        {"1;2;3;4;5;6\n", MIXFILL_ERR_PARSE, 1, "6 columns and no header", 0, 0, 0},
        {"1!2!3\n", MIXFILL_ERR_PARSE, 1, "f:1: '1!2!3' in column 1 is not a number", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file("f", cases[i].content, strlen(cases[i].content));
        check_bad("f", &cases[i]);
    }
    const bad_case absent = {"(absent)", MIXFILL_ERR_IO, 0, "no such: cannot open", 0, 0, 0};
    check_bad("no such", &absent);
    const bad_case directory = {
        "(directory)", MIXFILL_ERR_IO, 0, ".: a folder without mv_*.txt", 0, 0, 0};
    check_bad(".", &directory);
}

Test(io_text, bytes_that_text_has_not) {
    const bad_case nul = {"(NUL)", MIXFILL_ERR_PARSE, 2, "f:2: user id", 0, 0, 0};
    write_file("f", "1,2,3\n1\0x,2,3\n", 14);
    check_bad("f", &nul);
    char line[400];
    snprintf(line, sizeof line, "%0300d,2,3\n", 7);
    write_file("f", line, strlen(line));
    const bad_case long_id = {"(long id)", MIXFILL_ERR_PARSE, 1, "longer than 255", 0, 0, 0};
    check_bad("f", &long_id);
}

static mixfill_ratings *load(const char *content, const mixfill_read_options *o,
                             mixfill_read_report *report) {
    mixfill_ratings *r = NULL;
    mixfill_error err;
    write_file("f", content, strlen(content));
    cr_assert_eq(mixfill_ratings_load(&r, report, "f", o, &err), MIXFILL_OK, "%s", err.message);
    cr_expect_eq(mixfill_ratings_validate(r, "f", &err), MIXFILL_OK, "%s", err.message);
    return r;
}

/* Ratings as text "user item value" in CSR order. */
static void expect_ratings(const mixfill_ratings *r, const char *expected) {
    char text[1024] = "", user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER];
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s %g;",
                     mixfill_ids_get(&r->user_ids, u, user),
                     mixfill_ids_get(&r->item_ids, r->col[e], item), mixfill_ratings_value(r, e));
    cr_expect_str_eq(text, expected);
}

static void check_good(const char *content, mixfill_format format, const char *expected) {
    mixfill_read_report report;
    mixfill_ratings *r = load(content, NULL, &report);
    cr_expect_eq(report.format, format, "%s: %s", content, mixfill_format_name(report.format));
    expect_ratings(r, expected);
    mixfill_ratings_free(r);
}

Test(io_text, formats) {
    check_good("1,31,2.5,77\n1,29,3,78\n2,31,4,79\n", MIXFILL_FORMAT_CSV,
               "1 31 2.5;1 29 3;2 31 4;");
    check_good("userId,movieId,rating,timestamp\r\n1,31,2.5,7\r\n", MIXFILL_FORMAT_CSV,
               "1 31 2.5;");
    check_good("\xef\xbb\xbfRating,Movie ID,user_id\n4.5,x,y", MIXFILL_FORMAT_CSV, "y x 4.5;");
    check_good("\"a \"\"b\"\"\",\"c,d\",\"3\"\n", MIXFILL_FORMAT_CSV, "a \"b\" c,d 3;");
    check_good("\n1,2,3\n\n  \n2,1, 4 \n", MIXFILL_FORMAT_CSV, "1 2 3;2 1 4;");
    check_good("1::1193::5::978300760\n", MIXFILL_FORMAT_DAT, "1 1193 5;");
    check_good("a:b::c::1\n", MIXFILL_FORMAT_DAT, "a:b c 1;");
    check_good("196\t242\t3\t881250949\n", MIXFILL_FORMAT_TAB, "196 242 3;");
    check_good("a b\tc d\t3\n", MIXFILL_FORMAT_TAB, "a b c d 3;");
    check_good("user\titem\trating\n1\t2\t3\n", MIXFILL_FORMAT_TAB, "1 2 3;");
    check_good("1 31 2.5\n1  007\t3\n", MIXFILL_FORMAT_TRIPLETS, "1 31 2.5;1 007 3;");
    check_good("ann x 1e0\nbob x -2.5\n", MIXFILL_FORMAT_TRIPLETS, "ann x 1;bob x -2.5;");
    check_good("0 2 0 0 5 # note\n# all\n1 0 0 0 0\n", MIXFILL_FORMAT_DENSE, "0 1 2;0 4 5;1 0 1;");
    check_good("3\n0\n4\n", MIXFILL_FORMAT_DENSE, "0 0 3;2 0 4;");
    check_good("1 2\n", MIXFILL_FORMAT_DENSE, "0 0 1;0 1 2;");
}

Test(io_text, options) {
    mixfill_read_options o;
    mixfill_read_report report;
    mixfill_read_options_init(&o);
    o.transpose = true;
    mixfill_ratings *r = load("1,31,2.5\n1,29,3\n", &o, NULL);
    expect_ratings(r, "31 1 2.5;29 1 3;");
    mixfill_ratings_free(r);
    r = load("0 2 0 0 5\n1 0 0 0 0\n", &o, NULL);
    cr_expect_eq(r->n_users, 5);
    expect_ratings(r, "0 1 1;1 0 2;4 0 5;");
    mixfill_ratings_free(r);
    mixfill_read_options_init(&o);
    o.missing = (double)NAN;
    r = load("0 nan NaN 4 nan\n", &o, NULL);
    expect_ratings(r, "0 0 0;0 3 4;");
    mixfill_ratings_free(r);
    mixfill_read_options_init(&o);
    o.int_ids = true;
    r = load("007,1,2\n7,02,3\n", &o, NULL);
    expect_ratings(r, "7 1 2;7 2 3;");
    mixfill_ratings_free(r);
    mixfill_read_options_init(&o);
    o.format = MIXFILL_FORMAT_DENSE;
    r = load("1 2 3\n4 5 6\n", &o, &report);
    cr_expect_eq(r->nnz, 6);
    cr_expect_eq(report.format, MIXFILL_FORMAT_DENSE);
    mixfill_ratings_free(r);
}

Test(io_text, skipped_lines_are_counted_and_the_first_five_shown) {
    mixfill_read_options o;
    mixfill_read_report report;
    mixfill_read_options_init(&o);
    o.skip_bad_lines = true;
    mixfill_ratings *r =
        load("1,1,1\n1,2,x\n1,3,y\n1,4\n,5,1\n1,6,nan\n1,7,z\n2,1,2\n", &o, &report);
    expect_ratings(r, "1 1 1;2 1 2;");
    cr_expect_eq(report.skipped, 6);
    cr_expect_eq(report.lines, 8);
    cr_expect_eq(report.n_messages, 5);
    cr_expect_str_eq(report.messages[0], "f:2: rating 'x' is not a number");
    cr_expect_not_null(strstr(report.messages[4], "f:6: rating 'nan'"));
    mixfill_ratings_free(r);
    mixfill_error err;
    write_file("f", "1,1,1\n1,1,2\n", 12);
    cr_expect_eq(mixfill_ratings_load(&r, NULL, "f", &o, &err), MIXFILL_ERR_PARSE,
                 "a duplicate is not a bad line");
}

Test(io_text, a_line_longer_than_the_buffer) {
    enum { COLUMNS = 700000 };
    char *text = malloc(2 * COLUMNS + 1);
    for (int j = 0; j < COLUMNS; j++) {
        text[2 * j] = (char)('1' + j % 9);
        text[2 * j + 1] = ' ';
    }
    text[2 * COLUMNS - 1] = '\n';
    text[2 * COLUMNS] = '\0';
    mixfill_ratings *r = load(text, NULL, NULL);
    cr_expect_eq(r->n_items, COLUMNS);
    cr_expect_eq(r->nnz, COLUMNS);
    cr_expect_eq(mixfill_ratings_value(r, COLUMNS - 1), 1 + (COLUMNS - 1) % 9);
    mixfill_ratings_free(r);
    free(text);
}

/* Random ratings saved in a format and read back are the same ratings; users without one are lost
 * in the formats that list ratings. */
static void round_trip(mixfill_format format, bool by_index) {
    support_random spec = {.n = 40, .d = 25, .density = 0.3, .levels = 10, .low = 0.5, .step = 0.5};
    support_matrix m = support_matrix_random(&spec);
    for (size_t u = 0; u < m.n; u++)
        support_matrix_set(&m, u, u % m.d, 3);
    mixfill_ratings *r = support_ratings(&m), *back = NULL;
    mixfill_error err;
    mixfill_read_report report;
    cr_assert_eq(mixfill_ratings_save(r, "saved", format, &err), MIXFILL_OK, "%s", err.message);
    cr_assert_eq(mixfill_ratings_load(&back, &report, "saved", NULL, &err), MIXFILL_OK, "%s",
                 err.message);
    cr_expect_eq(report.format, format);
    cr_expect_eq(back->user_ids.by_index, by_index);
    cr_assert_eq(back->nnz, r->nnz);
    mixfill_ratings *aligned;
    int64_t dropped;
    r->item_ids.first = format == MIXFILL_FORMAT_MTX; /* which counts from 1 */
    cr_assert_eq(mixfill_ratings_align(&aligned, &dropped, back, &r->item_ids, &err), MIXFILL_OK);
    cr_expect_eq(dropped, 0);
    cr_expect_arr_eq(aligned->row_ptr, r->row_ptr, (m.n + 1) * sizeof *r->row_ptr);
    cr_expect_arr_eq(aligned->col, r->col, (size_t)r->nnz * sizeof *r->col);
    for (int64_t e = 0; e < r->nnz; e++)
        cr_expect_eq(mixfill_ratings_value(aligned, e), mixfill_ratings_value(r, e));
    mixfill_ratings_free(aligned);
    mixfill_ratings_free(back);
    mixfill_ratings_free(r);
    support_matrix_clear(&m);
}

Test(io_text, save_and_load) {
    round_trip(MIXFILL_FORMAT_CSV, false);
    round_trip(MIXFILL_FORMAT_DAT, false);
    round_trip(MIXFILL_FORMAT_TAB, false);
    round_trip(MIXFILL_FORMAT_TRIPLETS, false);
    round_trip(MIXFILL_FORMAT_DENSE, true);
    round_trip(MIXFILL_FORMAT_NPZ, true);
    round_trip(MIXFILL_FORMAT_MTX, true);
    round_trip(MIXFILL_FORMAT_NPY, true);
}

Test(io_text, what_would_not_read_back_is_not_written) {
    mixfill_error err;
    mixfill_ratings *r = load("\"a::b\",\"c, \"\"d\"\"\",0\n", NULL, NULL), *back;
    cr_expect_eq(mixfill_ratings_save(r, "x", MIXFILL_FORMAT_DAT, &err), MIXFILL_ERR_ARG);
    cr_expect_eq(mixfill_ratings_save(r, "x", MIXFILL_FORMAT_TRIPLETS, &err), MIXFILL_ERR_ARG);
    cr_expect_eq(mixfill_ratings_save(r, "x", MIXFILL_FORMAT_DENSE, &err), MIXFILL_ERR_ARG);
    cr_expect_eq(mixfill_ratings_save(r, "x", MIXFILL_FORMAT_AUTO, &err), MIXFILL_ERR_ARG);
    cr_expect_neq(access("x", F_OK), 0);
    cr_assert_eq(mixfill_ratings_save(r, "x", MIXFILL_FORMAT_CSV, &err), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_load(&back, NULL, "x", NULL, &err), MIXFILL_OK, "%s", err.message);
    expect_ratings(back, "a::b c, \"d\" 0;");
    mixfill_ratings_free(back);
    mixfill_ratings_free(r);
}

Test(io_text, out_of_memory) {
    write_file("f", "1,31,2.5\n1,29,3\n2,31,4\n", 23);
    for (int64_t budget = 0;; budget++) {
        mixfill_ratings *r = NULL;
        mixfill_error err;
        int64_t live = mixfill_alloc_live;
        mixfill_alloc_budget = budget;
        mixfill_status st = mixfill_ratings_load(&r, NULL, "f", NULL, &err);
        mixfill_alloc_budget = -1;
        if (st == MIXFILL_OK) {
            cr_expect_gt(budget, 8);
            mixfill_ratings_free(r);
            cr_expect_eq(mixfill_alloc_live, live);
            return;
        }
        cr_expect_eq(st, MIXFILL_ERR_NOMEM, "budget %d: %s", (int)budget, err.message);
        cr_expect_null(r);
        cr_expect_eq(mixfill_alloc_live, live);
    }
}
