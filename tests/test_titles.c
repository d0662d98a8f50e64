/* Titles: the files of MovieLens, other tables, encodings, and what is refused with which line. */
#include "support.h"
#include "use/titles.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(titles, .init = support_enter_folder, .fini = support_leave_folder);

static void write_file(const char *name, const char *text, size_t len) {
    FILE *f = fopen(name, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(text, 1, len, f), len);
    fclose(f);
}

static mixfill_titles *load(const char *text) {
    mixfill_titles *t = NULL;
    mixfill_error err = {0};
    write_file("titles", text, strlen(text));
    mixfill_status st = mixfill_titles_load(&t, "titles", false, &err);
    cr_assert_eq(st, MIXFILL_OK, "%s", err.message);
    return t;
}

static void expect_title(const mixfill_titles *t, const char *item, const char *want) {
    const char *got = mixfill_titles_find(t, item);
    cr_assert_not_null(got, "item %s", item);
    cr_expect_str_eq(got, want);
}

Test(titles, movies_csv) {
    mixfill_titles *t = load("\xef\xbb\xbfmovieId,title,genres\r\n"
                             "1,Toy Story (1995),Animation|Comedy\r\n"
                             "11,\"American President, The (1995)\",Drama\r\n"
                             "\r\n"
                             "7,\"\"\"Great\"\" Performances\",(no genres listed)\r\n"
                             "\"a,b\",\xc3\x89tat,x\r\n"
                             "9,,x\r\n"
                             "12,Last,x");
    cr_expect_eq(mixfill_titles_count(t), 6);
    expect_title(t, "1", "Toy Story (1995)");
    expect_title(t, "11", "American President, The (1995)");
    expect_title(t, "7", "\"Great\" Performances");
    expect_title(t, "a,b", "\xc3\x89tat");
    expect_title(t, "9", "");
    expect_title(t, "12", "Last");
    cr_expect_null(mixfill_titles_find(t, "2"));
    cr_expect_null(mixfill_titles_find(t, "01"));
    mixfill_titles_free(t);
}

/* Latin-1 becomes UTF-8, title by title. */
Test(titles, other_tables) {
    mixfill_titles *t = load("1::Mis\xe9rables, Les: a \"film\" (1995)::Drama|Musical\n"
                             "2::Mis\xc3\xa9rables::Drama\n");
    expect_title(t, "1", "Mis\xc3\xa9rables, Les: a \"film\" (1995)");
    expect_title(t, "2", "Mis\xc3\xa9rables");
    mixfill_titles_free(t);
    t = load("1|Toy Story, A (1995)|01-Jan-1995||http://x|0|1\n"
             "267|unknown||||1|0\n");
    expect_title(t, "1", "Toy Story, A (1995)");
    expect_title(t, "267", "unknown");
    mixfill_titles_free(t);
    t = load("title\titem_id\nFirst, of all\tx\n");
    expect_title(t, "x", "First, of all");
    mixfill_titles_free(t);
    t = load("movieId,title\r1,\"A, B\"\r2,C\r");
    expect_title(t, "1", "A, B");
    expect_title(t, "2", "C");
    mixfill_titles_free(t);
    t = load("b7,No header\n");
    expect_title(t, "b7", "No header");
    mixfill_titles_free(t);
}

Test(titles, int_ids) {
    mixfill_titles *t = NULL;
    mixfill_error err = {0};
    write_file("titles", "007,Bond\n", 9);
    cr_assert_eq(mixfill_titles_load(&t, "titles", true, &err), MIXFILL_OK);
    expect_title(t, "7", "Bond");
    cr_expect_null(mixfill_titles_find(t, "007"));
    mixfill_titles_free(t);
    write_file("titles", "1,a\nx,b\n", 8);
    cr_assert_eq(mixfill_titles_load(&t, "titles", true, &err), MIXFILL_ERR_PARSE);
    cr_expect_eq(err.line, 2);
}

static void expect_text(const char *text, size_t len, const char *want) {
    char out[64];
    size_t n = mixfill_text_to_utf8(out, text, len);
    cr_assert_leq(n, 2 * len);
    out[n] = '\0';
    cr_expect_str_eq(out, want);
}

/* Sequences at the edges of UTF-8: what is none is Latin-1. */
Test(titles, text) {
    expect_text("a\x1b[31m\x7f\0", 8, "a?[31m??");
    expect_text("\xc2\x9b", 2, "?");        /* a control character of the second range */
    expect_text("\xc2\xa0", 2, "\xc2\xa0"); /* the first behind it */
    expect_text("\xe2\x82\xac\xf0\x9f\x8e\xac", 7, "\xe2\x82\xac\xf0\x9f\x8e\xac");
    expect_text("\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf");
    expect_text("\xc1\xa1", 2, "\xc3\x81\xc2\xa1");             /* overlong */
    expect_text("\xe0\xa0", 2, "\xc3\xa0\xc2\xa0");             /* cut */
    expect_text("\xed\xa0\xa1", 3, "\xc3\xad\xc2\xa0\xc2\xa1"); /* a surrogate */
    expect_text("\xe0\x9f\xbf", 3, "\xc3\xa0?\xc2\xbf");        /* overlong, with a control */
    expect_text("\xf4\xa0\xa0\xa0", 4, "\xc3\xb4\xc2\xa0\xc2\xa0\xc2\xa0"); /* past U+10FFFF */
    expect_text("", 0, "");
}

Test(titles, bad) {
    static const struct {
        const char *text;
        int64_t line;
        const char *message;
    } cases[] = {
        {"", 0, "titles: no titles found"},
        {"\n \n", 0, "titles: no titles found"},
        {"movieId,title\n", 0, "titles: no titles found"},
        {"just text\n", 1, "titles:1: 1 column, expected item and title"},
        {"movieId,genres\n1,x\n", 1, "titles:1: a header without a column for the title"},
        {"1,a,x\n2,b, c,x\n", 2, "titles:2: 4 fields, expected 3 as on line 1"},
        {"1,a\n2,\"b\n", 2, "titles:2: a quoted field does not end"},
        {"1,a\n\n,b\n", 3, "titles:3: item id '' is empty"},
        {"1,a\n2,b\n1,c\n", 3, "titles:3: second title of item '1', expected one per item"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mixfill_titles *t = NULL;
        mixfill_error err = {.line = -1};
        write_file("titles", cases[i].text, strlen(cases[i].text));
        cr_expect_neq(mixfill_titles_load(&t, "titles", false, &err), MIXFILL_OK);
        cr_expect_null(t);
        cr_expect_eq(err.line, cases[i].line, "case %zu: line %d", i, (int)err.line);
        cr_expect_eq(strncmp(err.message, cases[i].message, strlen(cases[i].message)), 0,
                     "case %zu: %s", i, err.message);
    }
    mixfill_titles *t = NULL;
    cr_expect_eq(mixfill_titles_load(&t, "absent", false, NULL), MIXFILL_ERR_IO);
    mixfill_titles_free(NULL);
}

Test(titles, many_and_no_memory) {
    enum { N = 3000 };
    FILE *f = fopen("titles", "w");
    for (int i = 0; i < N; i++)
        fprintf(f, "%d,Title of %d\n", i * 7, i);
    fclose(f);
    mixfill_titles *t = NULL;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    int64_t budget = 0;
    for (; st == MIXFILL_ERR_NOMEM && budget < 1000; budget++) {
        mixfill_alloc_budget = budget;
        st = mixfill_titles_load(&t, "titles", false, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_OK || mixfill_alloc_live == 0);
    }
    cr_assert_eq(st, MIXFILL_OK);
    cr_expect_gt(budget, 5);
    cr_expect_eq(mixfill_titles_count(t), N);
    for (int i = 0; i < N; i++) {
        char id[16], title[32];
        snprintf(id, sizeof id, "%d", i * 7);
        snprintf(title, sizeof title, "Title of %d", i);
        expect_title(t, id, title);
    }
    mixfill_titles_free(t);
}
