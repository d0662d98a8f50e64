/* Formats beyond plain text: what is read, what is refused and where, and damage to every byte of
 * what is packed in checksums. */
#include "file/npy.h"
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(formats, .init = support_enter_folder, .fini = support_leave_folder);

static void write_file(const char *name, const void *content, size_t len) {
    FILE *f = fopen(name, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(content, 1, len, f), len);
    fclose(f);
}

static char *read_file(const char *name, size_t *len) {
    FILE *f = fopen(name, "rb");
    cr_assert_not_null(f);
    char *bytes = malloc(1 << 20);
    *len = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

/* Ratings as text "user item value" in CSR order. */
static void expect_ratings(const mixfill_ratings *r, const char *expected, const char *what) {
    char text[1024] = "", user[MIXFILL_ID_BUFFER], item[MIXFILL_ID_BUFFER];
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s %g;",
                     mixfill_ids_get(&r->user_ids, u, user),
                     mixfill_ids_get(&r->item_ids, r->col[e], item), mixfill_ratings_value(r, e));
    cr_expect_str_eq(text, expected, "%s: '%s'", what, text);
}

static void check_good(const char *name, mixfill_format format, bool transpose, bool nan,
                       const char *expected) {
    mixfill_ratings *r = NULL;
    mixfill_read_options o;
    mixfill_read_report report;
    mixfill_error err;
    mixfill_read_options_init(&o);
    o.transpose = transpose;
    o.missing = nan ? (double)NAN : 0;
    cr_assert_eq(mixfill_ratings_load(&r, &report, name, &o, &err), MIXFILL_OK, "%s", err.message);
    cr_expect_eq(report.format, format, "%s", mixfill_format_name(report.format));
    cr_expect_eq(mixfill_ratings_validate(r, name, &err), MIXFILL_OK, "%s", err.message);
    expect_ratings(r, expected, name);
    mixfill_ratings_free(r);
}

typedef struct bad_case {
    const char *content;
    mixfill_status status;
    int64_t line;
    const char *message; /* a part of it */
    size_t len;          /* 0: up to the NUL */
    mixfill_format format;
    bool skip;
} bad_case;

static void check_bad(const char *name, const bad_case *c) {
    mixfill_read_options o;
    mixfill_read_report report = {.lines = -7};
    mixfill_error err = {.status = MIXFILL_OK, .line = -7, .message = "poison"};
    mixfill_ratings *poison = (mixfill_ratings *)(void *)&o, *out = poison;
    mixfill_read_options_init(&o);
    o.format = c->format;
    o.skip_bad_lines = c->skip;
    int64_t live = mixfill_alloc_live;
    cr_expect_eq(mixfill_ratings_load(&out, &report, name, &o, &err), c->status, "%s: %s",
                 c->content, err.message);
    cr_expect_eq(err.status, c->status);
    cr_expect_eq(err.line, c->line, "%s: line %d: %s", c->content, (int)err.line, err.message);
    cr_expect_not_null(strstr(err.message, c->message), "%s: '%s'", c->content, err.message);
    cr_expect_null(strchr(err.message, '\n'));
    cr_expect_eq(out, poison, "%s: output touched", c->content);
    cr_expect_eq(report.lines, -7, "%s: report touched", c->content);
    cr_expect_eq(mixfill_alloc_live, live, "%s: leak", c->content);
}

static void check_table(const bad_case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        write_file("f", cases[i].content,
                   cases[i].len > 0 ? cases[i].len : strlen(cases[i].content));
        check_bad("f", &cases[i]);
    }
}

static void good_text(const char *text, mixfill_format format, bool transpose, bool nan,
                      const char *expected) {
    write_file("f", text, strlen(text));
    check_good("f", format, transpose, nan, expected);
}

/* ---- Matrix Market ---- */

#define BANNER "%%MatrixMarket matrix "

Test(formats, market) {
    const mixfill_format mtx = MIXFILL_FORMAT_MTX;
    good_text(BANNER "coordinate real general\n% note\n\n3 4 3\n3 1 2.5\n1 4 0\n\n 1\t2 -1\n", mtx,
              false, false, "1 2 -1;1 4 0;3 1 2.5;");
    good_text("%%matrixmarket MATRIX Coordinate Integer General\r\n2 2 1\r\n2 1 7\r\n", mtx, false,
              false, "2 1 7;");
    good_text(BANNER "coordinate pattern general\n2 3 2\n1 3\n2 1\n", mtx, false, false,
              "1 3 1;2 1 1;");
    good_text(BANNER "coordinate real symmetric\n3 3 2\n2 1 4\n3 3 5\n", mtx, false, false,
              "1 2 4;2 1 4;3 3 5;");
    good_text(BANNER "coordinate real skew-symmetric\n3 3 1\n2 1 4\n", mtx, false, false,
              "1 2 -4;2 1 4;");
    good_text(BANNER "coordinate real general\n3 4 1\n3 1 2.5\n", mtx, true, false, "1 3 2.5;");
    good_text(BANNER "array real general\n2 3\n1\n0\n0\n2\n3\n0\n", mtx, false, false,
              "1 1 1;1 3 3;2 2 2;");
    good_text(BANNER "array real general\n2 2\nnan\n0\n1\nNaN\n", mtx, false, true, "1 2 1;2 1 0;");
    good_text(BANNER "array integer symmetric\n2 2\n1\n2\n3\n", mtx, false, false,
              "1 1 1;1 2 2;2 1 2;2 2 3;");
    good_text(BANNER "array real skew-symmetric\n3 3\n1\n2\n0\n", mtx, false, false,
              "1 2 -1;1 3 -2;2 1 1;3 1 2;");
}

Test(formats, malformed_market) {
#define GENERAL BANNER "coordinate real general\n"
    static const bad_case cases[] = {
        {"%%MatrixMarket\n", MIXFILL_ERR_PARSE, 1, "f:1: not a Matrix Market header", 0, 0, 0},
        {BANNER "coordinate real\n", MIXFILL_ERR_PARSE, 1, "f:1: not a Matrix Market", 0, 0, 0},
        {"%%MatrixMarket vector coordinate real general\n", MIXFILL_ERR_PARSE, 1, "f:1:", 0, 0, 0},
        {BANNER "list real general\n", MIXFILL_ERR_UNSUPPORTED, 1, "format 'list'", 0, 0, 0},
        {BANNER "coordinate complex general\n", MIXFILL_ERR_UNSUPPORTED, 1,
         "f:1: Matrix Market field 'complex'", 0, 0, 0},
        {BANNER "array pattern general\n", MIXFILL_ERR_UNSUPPORTED, 1, "field 'pattern'", 0, 0, 0},
        {BANNER "coordinate real hermitian\n", MIXFILL_ERR_UNSUPPORTED, 1, "symmetry 'hermitian'",
         0, 0, 0},
        {GENERAL, MIXFILL_ERR_PARSE, 1, "not the size of a matrix", 0, 0, 0},
        {GENERAL "% x\n2 3\n", MIXFILL_ERR_PARSE, 3, "f:3: not the size", 0, 0, 0},
        {GENERAL "2 -3 1\n", MIXFILL_ERR_PARSE, 2, "f:2: not the size", 0, 0, 0},
        {GENERAL "2 3 1 1\n", MIXFILL_ERR_PARSE, 2, "f:2: not the size", 0, 0, 0},
        {GENERAL "2 3000000000 1\n", MIXFILL_ERR_RANGE, 2, "f:2: shape 2 x 3000000000", 0, 0, 0},
        {GENERAL "2 3 1\n3 1 4\n", MIXFILL_ERR_PARSE, 3,
         "f:3: row '3' is outside the shape on line 2, expected 1 to 2", 0, 0, 0},
        {GENERAL "2 3 1\n2 4 4\n", MIXFILL_ERR_PARSE, 3, "f:3: column '4'", 0, 0, 0},
        {GENERAL "2 3 1\n0 1 4\n", MIXFILL_ERR_PARSE, 3, "f:3: row '0'", 0, 0, 0},
        {GENERAL "2 3 1\n-1 1 4\n", MIXFILL_ERR_PARSE, 3, "f:3: row '-1'", 0, 0, 0},
        {GENERAL "2 3 1\n1.0 1 4\n", MIXFILL_ERR_PARSE, 3, "f:3: row '1.0'", 0, 0, 0},
        {GENERAL "2 3 1\n99999999999999999999 1 4\n", MIXFILL_ERR_PARSE, 3, "f:3: row '9999", 0, 0,
         0},
        {GENERAL "2 3 1\n1 1\n", MIXFILL_ERR_PARSE, 3, "f:3: 2 fields, expected row column value",
         0, 0, 0},
        {GENERAL "2 3 1\n1 1 4 4\n", MIXFILL_ERR_PARSE, 3, "f:3: 4 fields", 0, 0, 0},
        {GENERAL "2 3 1\n1 1 x\n", MIXFILL_ERR_PARSE, 3, "f:3: rating 'x' is not a number", 0, 0,
         0},
        {GENERAL "2 3 1\n1 1 nan\n", MIXFILL_ERR_PARSE, 3, "f:3: rating 'nan' is not finite", 0, 0,
         0},
        {GENERAL "2 3 2\n1 1 4\n", MIXFILL_ERR_PARSE, 3,
         "f:3: the file ends after 1 entries, expected 2 as on line 2", 0, 0, 0},
        {GENERAL "2 3 1000000000000\n1 1 4\n", MIXFILL_ERR_PARSE, 3, "expected 1000000000000", 0, 0,
         0},
        {GENERAL "2 3 1\n1 1 4\n1 2 4\n", MIXFILL_ERR_PARSE, 4, "f:4: entry 2, expected 1", 0, 0,
         0},
        {GENERAL "2 3 2\n1 1 4\n1 1 4\n", MIXFILL_ERR_PARSE, 4,
         "f:4: duplicate rating of user '1' and item '1', first on line 3", 0, 0, 0},
        {GENERAL "2 3 0\n", MIXFILL_ERR_PARSE, 0, "no ratings found", 0, 0, 0},
        {GENERAL "2000000000 3 1\n1 1 4\n", MIXFILL_ERR_RANGE, 2,
         "f:2: 2000000000 rows for 1 rating,", 0, 0, 0},
        {BANNER "coordinate real symmetric\n2 3 1\n", MIXFILL_ERR_PARSE, 2, "expected a square", 0,
         0, 0},
        {BANNER "coordinate real symmetric\n3 3 2\n2 1 4\n1 2 4\n", MIXFILL_ERR_PARSE, 4,
         "f:4: duplicate", 0, 0, 0},
        {BANNER "coordinate real skew-symmetric\n3 3 1\n2 2 4\n", MIXFILL_ERR_PARSE, 3,
         "f:3: an entry on the diagonal", 0, 0, 0},
        {BANNER "coordinate pattern general\n3 3 1\n2 2 4\n", MIXFILL_ERR_PARSE, 3,
         "f:3: 3 fields, expected row column", 0, 0, 0},
        {BANNER "array real general\n2 2\n1\n2\n3\n", MIXFILL_ERR_PARSE, 5,
         "f:5: the file ends after 3 values, expected 4", 0, 0, 0},
        {BANNER "array real general\n1 2\n1\n2\n3\n", MIXFILL_ERR_PARSE, 5,
         "f:5: value 3, expected 2", 0, 0, 0},
        {BANNER "array real general\n1 2\n1\nnan\n", MIXFILL_ERR_PARSE, 4, "f:4: rating 'nan'", 0,
         0, 0},
        {BANNER "array real general\n1 2\n1\nx\n", MIXFILL_ERR_PARSE, 4, "f:4: rating 'x'", 0, 0,
         true},
        {"1,2,3\n", MIXFILL_ERR_PARSE, 1, "f:1: not a Matrix Market header", 0, MIXFILL_FORMAT_MTX,
         0},
    };
    check_table(cases, sizeof cases / sizeof cases[0]);
}

Test(formats, skipped_lines_of_a_market_file_are_entries) {
    const char text[] = BANNER "coordinate real general\n2 3 2\n9 1 4\n1 2 4\n";
    mixfill_ratings *r = NULL;
    mixfill_read_report report;
    mixfill_read_options o;
    mixfill_read_options_init(&o);
    o.skip_bad_lines = true;
    write_file("f", text, strlen(text));
    cr_assert_eq(mixfill_ratings_load(&r, &report, "f", &o, NULL), MIXFILL_OK);
    cr_expect_eq(report.skipped, 1);
    cr_expect_not_null(strstr(report.messages[0], "f:3: row '9'"));
    expect_ratings(r, "1 2 4;", "skipped");
    mixfill_ratings_free(r);
}

/* ---- Netflix Prize ---- */

Test(formats, netflix) {
    const mixfill_format netflix = MIXFILL_FORMAT_NETFLIX;
    good_text("1:\n14,3,2005-09-06\n88,5,2005-05-13\n\n20:\r\n14,4\r\n", netflix, false, false,
              "14 1 3;14 20 4;88 1 5;");
    good_text("1:\n14,3,2005-09-06\n88,5,2005-05-13\n", netflix, true, false, "1 14 3;1 88 5;");
    cr_assert_eq(mkdir("set", 0700), 0);
    write_file("set/mv_0000002.txt", "2:\n14,4,2005-09-06\n", 19);
    write_file("set/mv_0000001.txt", "1:\n88,3,2005-09-06\n", 19);
    write_file("set/README", "not this\n", 9);
    check_good("set", netflix, false, false, "88 1 3;14 2 4;");
    const bad_case bad = {
        "(folder)", MIXFILL_ERR_PARSE, 2, "set/mv_0000003.txt:2: rating 'x'", 0, 0, 0};
    write_file("set/mv_0000003.txt", "3:\n14,x,2005-09-06\n", 19);
    check_bad("set", &bad);
    const bad_case twice = {
        "(twice)", MIXFILL_ERR_PARSE, 0, "set: duplicate rating of user '14' and item '2'", 0, 0,
        0};
    write_file("set/mv_0000003.txt", "2:\n14,4,2005-09-06\n", 19);
    check_bad("set", &twice);
}

Test(formats, malformed_netflix) {
    static const bad_case cases[] = {
        {"1:\n14\n", MIXFILL_ERR_PARSE, 2, "f:2: neither a movie such as '123:' nor", 0, 0, 0},
        {"1:\n14,\n", MIXFILL_ERR_PARSE, 2, "f:2: rating '' is not a number", 0, 0, 0},
        {"1:\n,4,x\n", MIXFILL_ERR_PARSE, 2, "f:2: user id '' is empty", 0, 0, 0},
        {"1:\n14,3,x\n2:x\n", MIXFILL_ERR_PARSE, 3, "f:3: neither", 0, 0, 0},
        {"1:\n14,3,x\n14,3,x\n", MIXFILL_ERR_PARSE, 3, "f:3: duplicate rating of user '14'", 0, 0,
         0},
        {"14,3,x\n", MIXFILL_ERR_PARSE, 1, "f:1: a rating of no movie", 0, MIXFILL_FORMAT_NETFLIX,
         0},
        {"1:\n2:\n", MIXFILL_ERR_PARSE, 0, "no ratings found", 0, 0, 0},
    };
    check_table(cases, sizeof cases / sizeof cases[0]);
}

/* ---- .npy ---- */

/* An .npy file of version 1 with this dictionary. */
static size_t make_npy(char *out, const char *dictionary, const void *data, size_t len) {
    size_t n = strlen(dictionary);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (char)(n + 1);
    out[9] = 0;
    memcpy(out + 10, dictionary, n);
    out[10 + n] = '\n';
    memcpy(out + 11 + n, data, len);
    return 11 + n + len;
}

static void good_npy(const char *dictionary, const void *data, size_t len, bool transpose, bool nan,
                     const char *expected) {
    char bytes[512];
    write_file("f", bytes, make_npy(bytes, dictionary, data, len));
    check_good("f", MIXFILL_FORMAT_NPY, transpose, nan, expected);
}

#define NPY(descr, order, shape)                                                                   \
    "{'descr': '" descr "', 'fortran_order': " order ", 'shape': " shape ", }"

Test(formats, npy) {
    const double d[6] = {1, 0, 2, 0, 3, 0}, holes[2] = {(double)NAN, 0};
    const float f[2] = {0.5f, 0};
    good_npy(NPY("<f8", "False", "(2, 3)"), d, sizeof d, false, false, "0 0 1;0 2 2;1 1 3;");
    good_npy(NPY("<f8", "True", "(3, 2)"), d, sizeof d, false, false, "0 0 1;1 1 3;2 0 2;");
    good_npy(NPY("<f8", "False", "(2, 3)"), d, sizeof d, true, false, "0 0 1;1 1 3;2 0 2;");
    good_npy(NPY("<f8", "False", "(1, 2)"), holes, sizeof holes, false, true, "0 1 0;");
    good_npy(NPY("<f4", "False", "(1, 2)"), f, sizeof f, false, false, "0 0 0.5;");
    good_npy(NPY("<f2", "False", "(1, 3)"), "\x00\x3c\x01\x00\x00\xc5", 6, false, false,
             "0 0 1;0 1 5.96046e-08;0 2 -5;");
    good_npy(NPY(">i2", "False", "(1, 2)"), "\x01\x02\xff\xff", 4, false, false, "0 0 258;0 1 -1;");
    good_npy(NPY("|b1", "False", "(1, 2)"), "\x00\x01", 2, false, false, "0 1 1;");
    good_npy(NPY("|u1", "False", "(1, 2)"), "\xff\x01", 2, false, false, "0 0 255;0 1 1;");
}

static void bad_npy(const char *dictionary, const void *data, size_t len, mixfill_status status,
                    const char *message) {
    char bytes[512];
    const bad_case c = {dictionary, status, 0, message, 0, 0, 0};
    write_file("f", bytes, make_npy(bytes, dictionary, data, len));
    check_bad("f", &c);
}

Test(formats, malformed_npy) {
    const double d[2] = {1, (double)NAN}, big[1] = {1e200};
    const int64_t odd[1] = {INT64_MAX};
    bad_npy(NPY("|O", "False", "(1, 2)"), d, 16, MIXFILL_ERR_PARSE, "f: its dtype is object");
    bad_npy(NPY("<c16", "False", "(1, 1)"), d, 16, MIXFILL_ERR_PARSE, "f: its dtype is complex");
    bad_npy(NPY("<U4", "False", "(1, 1)"), d, 16, MIXFILL_ERR_UNSUPPORTED, "an array of text");
    bad_npy(NPY("<f8", "False", "(2,)"), d, 16, MIXFILL_ERR_DIM, "f: an array of 1 dimension,");
    bad_npy(NPY("<f8", "False", "(1, 1, 2)"), d, 16, MIXFILL_ERR_DIM, "3 dimensions");
    bad_npy(NPY("<f8", "False", "(1, 3)"), d, 16, MIXFILL_ERR_PARSE,
            "f: cut short, 1 elements are missing, expected 1 x 3");
    bad_npy(NPY("<f8", "False", "(1000000, 1000000)"), d, 16, MIXFILL_ERR_PARSE, "f: cut short");
    bad_npy(NPY("<f8", "False", "(1, 3000000000)"), d, 16, MIXFILL_ERR_RANGE, "1 x 3000000000");
    bad_npy(NPY("<f8", "False", "(2147483647, 0)"), d, 0, MIXFILL_ERR_RANGE, "rows for 0 ratings");
    bad_npy(NPY("<f8", "False", "(1, 1)"), d, 16, MIXFILL_ERR_PARSE, "f: longer than its header");
    bad_npy(NPY("<f8", "False", "(1, 2)"), d, 16, MIXFILL_ERR_PARSE, "f: row 1, column 2: nan is");
    bad_npy(NPY("<f8", "False", "(1, 1)"), big, 8, MIXFILL_ERR_PARSE, "column 1: 9.99");
    bad_npy(NPY("<i8", "False", "(1, 1)"), odd, 8, MIXFILL_ERR_PARSE, "does not fit");
    bad_npy(NPY("|b1", "False", "(1, 1)"), "\x02", 1, MIXFILL_ERR_PARSE, "does not fit");
    bad_npy(NPY("<f8", "False", "(0, 5)"), d, 0, MIXFILL_ERR_PARSE, "no ratings found");
    bad_npy("{'descr': '<f8'}", d, 16, MIXFILL_ERR_PARSE, "f: its header is malformed");
}

/* ---- every byte ---- */

static void save_small(mixfill_ratings **ratings) {
    const mixfill_rating triplets[] = {{0, 0, 3}, {0, 2, 4.5}, {1, 1, 2}, {2, 0, 5}, {2, 2, 1}};
    cr_assert_eq(mixfill_ratings_from_triplets(ratings, triplets, 5, 3, 3, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_save(*ratings, "r.npz", MIXFILL_FORMAT_NPZ, NULL), MIXFILL_OK);
}

static bool is_refused_ratings(void) {
    mixfill_ratings *r = NULL;
    mixfill_error err = {0};
    if (mixfill_ratings_load(&r, NULL, "damaged", NULL, &err) != MIXFILL_OK)
        return err.message[0] != '\0' && strchr(err.message, '\n') == NULL;
    expect_ratings(r, "0 0 3;0 2 4.5;1 1 2;2 0 5;2 2 1;", "damaged");
    mixfill_ratings_free(r);
    return false;
}

/* A model that is read from a damaged file is the model. */
static bool is_refused_model(void) {
    mixfill_model *m = NULL;
    mixfill_error err = {0};
    if (mixfill_model_load(&m, "damaged", &err) != MIXFILL_OK)
        return err.message[0] != '\0' && strchr(err.message, '\n') == NULL;
    size_t len, same_len;
    cr_assert_eq(mixfill_model_save(m, "again", &err), MIXFILL_OK);
    char *whole = read_file("m.npz", &len), *same = read_file("again", &same_len);
    cr_expect(len == same_len && memcmp(whole, same, len) == 0, "another model was read");
    free(whole);
    free(same);
    mixfill_model_free(m);
    return false;
}

static void damage_every_byte(const char *name, bool (*is_refused)(void)) {
    size_t len;
    int accepted = 0;
    char *bytes = read_file(name, &len);
    for (size_t cut = 0; cut < len; cut++) {
        write_file("damaged", bytes, cut);
        cr_expect(is_refused(), "%s cut to %zu bytes is accepted", name, cut);
    }
    for (size_t i = 0; i < len; i++) {
        const char byte = bytes[i];
        bytes[i] = (char)(byte ^ (1 << (i % 8)));
        write_file("damaged", bytes, len);
        accepted += !is_refused();
        bytes[i] = (char)~byte;
        write_file("damaged", bytes, len);
        accepted += !is_refused();
        bytes[i] = byte;
    }
    /* Times, attributes and the like change nothing; most bytes are content. */
    cr_expect_lt((size_t)accepted, len, "%s: %d of %zu changes", name, accepted, 2 * len);
    free(bytes);
}

Test(formats, every_damaged_byte_of_an_npz) {
    mixfill_ratings *r = NULL;
    save_small(&r);
    damage_every_byte("r.npz", is_refused_ratings);
    mixfill_ratings_free(r);
}

Test(formats, every_damaged_byte_of_a_model, .timeout = 200) {
    mixfill_ratings *r = NULL;
    mixfill_model *m = NULL;
    mixfill_options o;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = 1;
    o.max_iter = 2;
    save_small(&r);
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_model_save(m, "m.npz", NULL), MIXFILL_OK);
    damage_every_byte("m.npz", is_refused_model);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(formats, out_of_memory) {
    char bytes[512];
    const double d[6] = {1, 0, 2, 0, 3, 0};
    const char market[] = BANNER "coordinate real general\n3 4 2\n3 1 2.5\n1 4 0\n";
    write_file("f.npy", bytes, make_npy(bytes, NPY("<f8", "False", "(2, 3)"), d, sizeof d));
    write_file("f.mtx", market, strlen(market));
    cr_assert_eq(mkdir("f.folder", 0700), 0);
    write_file("f.folder/mv_1.txt", "1:\n88,3,2005-09-06\n", 19);
    const char *const names[] = {"f.npy", "f.mtx", "f.folder"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        mixfill_status st = MIXFILL_ERR_NOMEM;
        for (int64_t budget = 0; st != MIXFILL_OK; budget++) {
            mixfill_ratings *r = NULL;
            mixfill_alloc_budget = budget;
            st = mixfill_ratings_load(&r, NULL, names[i], NULL, NULL);
            mixfill_alloc_budget = -1;
            cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM, "%s", names[i]);
            mixfill_ratings_free(r);
            cr_assert_eq(mixfill_alloc_live, 0);
            cr_assert_lt(budget, 500);
        }
    }
}
