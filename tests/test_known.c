/* Which ids of one side another knows, and pairs that both have. */
#include "support.h"

#include <mixfill/mixfill.h>

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(known, .init = support_enter_folder, .fini = support_leave_folder);

static mixfill_ratings *load(const char *content) {
    mixfill_ratings *r = NULL;
    mixfill_error err;
    FILE *f = fopen("f", "w");
    cr_assert_not_null(f);
    cr_assert_geq(fputs(content, f), 0);
    cr_assert_eq(fclose(f), 0);
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "f", NULL, &err), MIXFILL_OK, "%s", err.message);
    return r;
}

typedef struct match_case {
    const char *ratings, *other;
    mixfill_known users, items;
} match_case;

static void expect(const mixfill_known *got, const mixfill_known *want, size_t i,
                   const char *what) {
    cr_expect_eq(got->n, want->n, "%zu %s: %d", i, what, got->n);
    cr_expect_eq(got->n_known, want->n_known, "%zu %s: %d", i, what, got->n_known);
    cr_expect_str_eq(got->unknown, want->unknown, "%zu %s", i, what);
    cr_expect_str_eq(got->similar, want->similar, "%zu %s", i, what);
    cr_expect_eq(got->same_number, want->same_number, "%zu %s", i, what);
    cr_expect_eq(got->shift, want->shift, "%zu %s: %d", i, what, got->shift);
}

#define HEAD "user,item,rating\n"

Test(known, ids) {
    static const match_case cases[] = {
        {HEAD "a,x,1\nb,y,2\n", HEAD "b,x,1\na,y,2\n", {2, 2, "", "", 0, 0}, {2, 2, "", "", 0, 0}},
        {HEAD "a,x,1\nc,z,2\n",
         HEAD "b,X,1\na,Z,2\n",
         {2, 1, "c", "b", 0, 0},
         {2, 0, "x", "X", 0, 0}},
        {HEAD "7.0,x,1\n7.0,y,2\n",
         HEAD "9,x,1\n7,y,2\n",
         {1, 0, "7.0", "7", 1, 0},
         {2, 2, "", "", 0, 0}},
        {HEAD "0,2,1\n1,3,2\n",
         HEAD "2,1,1\n1,2,2\n",
         {2, 1, "0", "2", 0, -1},
         {2, 1, "3", "1", 0, 1}},
        {HEAD "0,2,1\n1,3,2\n",
         HEAD "5,2,1\n6,4,2\n",
         {2, 0, "0", "5", 0, 0},
         {2, 1, "3", "2", 0, 0}},
        {HEAD "a\xe9\x01,x,1\n",
         HEAD "b,x,1\n",
         {1, 0, "a\xc3\xa9?", "b", 0, 0},
         {1, 1, "", "", 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mixfill_known_ids got;
        mixfill_ratings *r = load(cases[i].ratings), *other = load(cases[i].other);
        mixfill_known_to_ratings(&got, r, other);
        expect(&got.users, &cases[i].users, i, "users");
        expect(&got.items, &cases[i].items, i, "items");
        mixfill_ratings_free(r);
        mixfill_ratings_free(other);
    }
}

/* Whatever the order of users and items on either side. */
Test(known, common_pairs) {
    mixfill_ratings *a = load(HEAD "a,x,1\na,y,2\nb,x,3\nc,z,1\n");
    mixfill_ratings *b = load(HEAD "d,x,9\nb,z,1\nb,x,2\na,w,3\na,y,1\n");
    mixfill_error err;
    int64_t n = -1;
    cr_assert_eq(mixfill_ratings_count_common(&n, a, b, &err), MIXFILL_OK);
    cr_expect_eq(n, 2);
    cr_assert_eq(mixfill_ratings_count_common(&n, b, a, &err), MIXFILL_OK);
    cr_expect_eq(n, 2);
    cr_assert_eq(mixfill_ratings_count_common(&n, a, a, &err), MIXFILL_OK);
    cr_expect_eq(n, 4);
    mixfill_ratings_free(a);
    mixfill_ratings_free(b);
}
