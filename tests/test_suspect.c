/* What is odd about files that can be read, and what is not. */
#include "support.h"

#include <mixfill/mixfill.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(suspect, .init = support_enter_folder, .fini = support_leave_folder);

typedef struct odd_case {
    const char *content;
    const char *warnings[3]; /* parts of them, in order; NULL: no more */
    const char *field;       /* of the first */
    mixfill_format format;
    const char *columns;
    double missing;
} odd_case;

static void check(const odd_case *c) {
    mixfill_read_options o;
    mixfill_read_report report;
    mixfill_error err;
    mixfill_ratings *r = NULL;
    FILE *f = fopen("f", "w");
    cr_assert_not_null(f);
    cr_assert_geq(fputs(c->content, f), 0);
    cr_assert_eq(fclose(f), 0);
    mixfill_read_options_init(&o);
    o.format = c->format;
    o.columns = c->columns;
    o.missing = c->missing;
    cr_assert_eq(mixfill_ratings_load(&r, &report, "f", &o, &err), MIXFILL_OK, "%s", c->content);
    mixfill_ratings_free(r);
    int n = 0;
    for (; n < 3 && c->warnings[n] != NULL; n++)
        cr_expect(n < report.n_warnings && strstr(report.warnings[n], c->warnings[n]) != NULL,
                  "%s: '%s', not '%s'", c->content, n < report.n_warnings ? report.warnings[n] : "",
                  c->warnings[n]);
    cr_expect_eq(report.n_warnings, n, "%s: %s", c->content, report.warnings[n]);
    if (n > 0)
        cr_expect_str_eq(report.warning_fields[0], c->field, "%s", c->content);
    r = NULL;
    o.strict = true;
    mixfill_status st = mixfill_ratings_load(&r, NULL, "f", &o, &err);
    cr_expect_eq(st, n > 0 ? MIXFILL_ERR_PARSE : MIXFILL_OK, "%s", c->content);
    if (n > 0) {
        cr_expect_null(r);
        cr_expect(strstr(err.message, c->warnings[0]) != NULL, "%s", err.message);
        cr_expect_str_eq(err.field, c->field, "%s", c->content);
    }
    mixfill_ratings_free(r);
}

#define HEAD "user,item,rating\n"

Test(suspect, odd_files) {
    static const odd_case cases[] = {
        {"0,7,1,4\n1,7,2,5\n2,8,1,3\n3,8,2,1\n",
         {"a user of its own, 0, 1, 2"},
         "columns",
         0,
         0,
         0},
        {"1,7,12,4\n2,7,2,5\n3,8,1,3\n4,8,2,1\n5,9,9,25\n",
         {"a user of its own, 1, 2, 3"},
         "columns",
         0,
         0,
         0},
        {HEAD "a,x,1300000000\na,y,1300000001\n", {"above 1e8"}, "columns", 0, 0, 0},
        {HEAD "a,x,1\na,y,1\nb,x,1\n", {"every rating is 1: nothing"}, "model", 0, 0, 0},
        {HEAD "a,x,-1\na,y,1\nb,x,2\nb,y,3\n",
         {"-1 stands apart from the ratings of 1 to 3"},
         "rating_min",
         0,
         0,
         0},
        {HEAD "a,x,0\na,y,1\na,z,2\nb,x,3\nb,y,4\nb,z,5\n",
         {"0 stands apart from the ratings of 1 to 5"},
         "rating_min",
         0,
         0,
         0},
        {HEAD "a,x,0\na,y,50\na,z,60\nb,x,70\n", {"0 stands apart"}, "rating_min", 0, 0, 0},
        {HEAD "a,x,99\na,y,-9.5\na,z,3\nb,x,9.5\n", {"99 stands apart"}, "rating_min", 0, 0, 0},
        {"99 0 2 0 1\n3 4 0 5 99\n", {"99 stands apart"}, "missing", 0, 0, 0},
        {"4 3 2 5 1\n3 4 1 5 2\n", {"no cell of the 2 x 5 matrix"}, "model", 0, 0, 0},
        {"57 0 2 5 1\n36 4 1 0 2\n41 1 1 1 0\n",
         {"column 1 has numbers from 36 to 57"},
         "",
         0,
         0,
         0},
        {"%%MatrixMarket matrix coordinate real general\n3 3 3\n2 2 5\n2 3 4\n3 2 1\n",
         {"all are one too large"},
         "",
         0,
         0,
         0},
        {"4,2,0,5\n1,0,3,2\n0,5,4,1\n",
         {"could be rows of a matrix", "0 stands apart"},
         "format",
         0,
         0,
         0},
        {"4 2 0\n1 0 3\n0 5 4\n",
         {"could be rows of a matrix", "0 stands apart"},
         "format",
         0,
         0,
         0},
        {"a;x;1,234\na;y;5,678\n", {"may be one of thousands"}, "", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

/* Each is near an odd one. */
Test(suspect, ordinary_files) {
    static const odd_case cases[] = {
        {"0,7,1,4\n1,7,2,5\n2,8,1,3\n", {NULL}, "", 0, 0, 0},
        {"0,7,3\n1,7,2\n2,8,1\n3,8,2\n3,9,5\n", {NULL}, "", 0, 0, 0},
        {"0,7,3\n1,7,2\n3,8,1\n2,8,2\n", {NULL}, "", 0, 0, 0},
        {HEAD "a,x,1300000000\na,y,4\n", {NULL}, "", 0, 0, 0},
        {HEAD "a,x,1300000000.5\na,y,1300000001\n", {NULL}, "", 0, 0, 0},
        {"a,x\na,y\nb,x\n", {NULL}, "", 0, "user=1,item=2,rating=1", 0},
        {HEAD "a,x,-1\na,y,0\nb,x,1\n", {NULL}, "", 0, 0, 0},
        {HEAD "a,x,0\na,y,1\nb,x,1\nb,y,0\n", {NULL}, "", 0, 0, 0},
        {HEAD "a,x,0.5\na,y,1\nb,x,2\nb,y,5\n", {NULL}, "", 0, 0, 0},
        {HEAD "a,x,99\na,y,98\nb,x,97\nb,y,90\n", {NULL}, "", 0, 0, 0},
        {HEAD "a,x,1\na,y,5\na,z,900\nb,x,5000\n", {NULL}, "", 0, 0, 0},
        {"99 1 2 2 1\n3 4 5 5 99\n", {NULL}, "", 0, 0, 99},
        {"4 3 0 5 1\n3 4 1 5 2\n4 4 4 4 4\n", {NULL}, "", 0, 0, 0},
        {"%%MatrixMarket matrix coordinate real general\n3 3 3\n2 2 5\n1 3 4\n3 2 1\n",
         {NULL},
         "",
         0,
         0,
         0},
        {"1 10 4\n1 11 3\n2 10 5\n", {NULL}, "", 0, 0, 0},
        {"4,2,0,5\n1,0,3,2\n0,5,4,1\n", {NULL}, "", MIXFILL_FORMAT_DENSE, 0, 0},
        {"a;x;1,234\na;y;5,5\n", {NULL}, "", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

/* More than 256 values, which are kept as they are: from -10 to 10, with 99 among them. */
Test(suspect, codes_among_many_values) {
    char content[8192] = HEAD;
    size_t n = strlen(content);
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(content + n, sizeof content - n, "u,i%d,%.3f\n", i,
                              -10 + i * 20.0 / 299);
    const odd_case plain = {content, {NULL}, "", 0, 0, 0};
    check(&plain);
    snprintf(content + n, sizeof content - n, "v,i1,99\n");
    const odd_case coded = {
        content, {"99 stands apart from the ratings of -10 to 10"}, "rating_min", 0, 0, 0};
    check(&coded);
}
