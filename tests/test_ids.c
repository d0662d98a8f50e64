/* Id tables. */
#include "ratings/ids.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static int32_t intern(mixfill_ids *ids, const char *id) {
    int32_t index = -1;
    cr_assert_eq(mixfill_ids_intern(ids, &index, id, strlen(id)), MIXFILL_OK);
    return index;
}

Test(ids, numbered_by_first_appearance) {
    mixfill_ids ids;
    char buffer[MIXFILL_ID_BUFFER];
    mixfill_ids_init(&ids);
    cr_expect_eq(mixfill_ids_find(&ids, "x", 1), -1, "in an empty table");
    cr_expect_eq(intern(&ids, "7"), 0);
    cr_expect_eq(intern(&ids, "007"), 1);
    cr_expect_eq(intern(&ids, "7"), 0);
    cr_expect_eq(intern(&ids, "77"), 2);
    cr_expect_eq(mixfill_ids_find(&ids, "77", 2), 2);
    cr_expect_eq(mixfill_ids_find(&ids, "777", 2), 2, "only len bytes count");
    cr_expect_eq(mixfill_ids_find(&ids, "0", 1), -1);
    cr_expect_str_eq(mixfill_ids_get(&ids, 1, buffer), "007");
    mixfill_ids_clear(&ids);
}

Test(ids, a_hundred_thousand) {
    mixfill_ids ids, copy;
    char text[32], buffer[MIXFILL_ID_BUFFER];
    mixfill_ids_init(&ids);
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "%d", i * 7919);
        cr_assert_eq(intern(&ids, text), i);
    }
    cr_assert_eq(mixfill_ids_copy(&copy, &ids), MIXFILL_OK);
    mixfill_ids_clear(&ids);
    for (int i = 99999; i >= 0; i--) {
        snprintf(text, sizeof text, "%d", i * 7919);
        cr_assert_eq(mixfill_ids_find(&copy, text, strlen(text)), i);
        cr_assert_str_eq(mixfill_ids_get(&copy, i, buffer), text);
    }
    cr_expect_eq(intern(&copy, "new"), 100000, "a copy can grow");
    mixfill_ids_clear(&copy);
}

/* Numbers met before the table is large enough to find them by index, and after it. */
Test(ids, numbers_out_of_order) {
    enum { N = 30000 };
    mixfill_ids ids;
    char text[32];
    mixfill_ids_init(&ids);
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "%s%d", i % 3 == 2 ? "0" : "", 3 * (i * 7919 % N));
        cr_assert_eq(intern(&ids, text), i);
    }
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "%s%d", i % 3 == 2 ? "0" : "", 3 * (i * 7919 % N));
        cr_assert_eq(intern(&ids, text), i);
        cr_assert_eq(mixfill_ids_find(&ids, text, strlen(text)), i);
    }
    cr_expect_gt(ids.small_cap, 3 * N);
    mixfill_ids_reset(&ids);
    cr_expect_eq(mixfill_ids_find(&ids, "3", 1), -1);
    cr_expect_eq(intern(&ids, "12"), 0);
    mixfill_ids_clear(&ids);
}

Test(ids, memory_follows_what_is_there) {
    static const char *const texts[] = {"4000000000", "99999999", "12345678", "123456789", "65536"};
    mixfill_ids ids;
    mixfill_ids_init(&ids);
    for (int i = 0; i < 5; i++)
        cr_expect_eq(intern(&ids, texts[i]), i);
    cr_expect_lt(mixfill_ids_bytes(&ids), 50000);
    mixfill_ids_clear(&ids);
}

Test(ids, lengths_around_a_word) {
    static const char *const texts[] = {
        "1",         "12",          "1234567",  "12345678",  "01234567",
        "123456789", "abcdefgh",    "abcdefg",  "abcdefghi", "abcdefgh1",
        "\x01",      "1234567\x01", "1:345678", "/2345678",  "1234567890123456"};
    enum { N = sizeof texts / sizeof *texts };
    mixfill_ids ids;
    mixfill_ids_init(&ids);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N; i++)
            cr_expect_eq(intern(&ids, texts[i]), i, "%s", texts[i]);
    for (int i = 0; i < N; i++)
        cr_expect_eq(mixfill_ids_find(&ids, texts[i], strlen(texts[i])), i, "%s", texts[i]);
    mixfill_ids_clear(&ids);
}

Test(ids, decimals_of_words) {
    uint64_t state = 5;
    for (int i = 0; i < 200000; i++) {
        char text[24] = "";
        size_t len = 1 + support_next(&state) % MIXFILL_WORD;
        for (size_t j = 0; j < sizeof text - 1; j++) {
            int other = (int)(1 + support_next(&state) % 255);
            text[j] = (char)(support_next(&state) % 20 > 0 ? '0' + other % 10 : other);
        }
        uint32_t got = mixfill_word_decimal(mixfill_load_word(text), len);
        text[len] = '\0';
        int64_t value;
        bool canonical = text[0] != '-' && mixfill_id_to_int64(text, &value);
        cr_assert_eq(got, canonical ? (uint32_t)value : UINT32_MAX, "%s", text);
    }
}

Test(ids, by_index) {
    mixfill_ids ids, copy;
    char buffer[MIXFILL_ID_BUFFER];
    mixfill_ids_init_by_index(&ids, 12, 0);
    cr_expect_eq(mixfill_ids_find(&ids, "0", 1), 0);
    cr_expect_eq(mixfill_ids_find(&ids, "11", 2), 11);
    cr_expect_eq(mixfill_ids_find(&ids, "12", 2), -1);
    cr_expect_eq(mixfill_ids_find(&ids, "01", 2), -1, "not canonical");
    cr_expect_eq(mixfill_ids_find(&ids, "-1", 2), -1);
    cr_expect_str_eq(mixfill_ids_get(&ids, 11, buffer), "11");
    cr_assert_eq(mixfill_ids_copy(&copy, &ids), MIXFILL_OK);
    cr_expect(copy.by_index);
    cr_expect_eq(copy.n, 12);
}

Test(ids, canonical_integers) {
    static const struct {
        const char *text;
        bool canonical;
        int64_t value;
    } cases[] = {{"0", true, 0},
                 {"-0", false, 0},
                 {"007", false, 0},
                 {"+7", false, 0},
                 {"", false, 0},
                 {"-", false, 0},
                 {"1 ", false, 0},
                 {"12a", false, 0},
                 {"-12", true, -12},
                 {"9223372036854775807", true, INT64_MAX},
                 {"9223372036854775808", false, 0},
                 {"-9223372036854775808", true, INT64_MIN},
                 {"-9223372036854775809", false, 0},
                 {"99999999999999999999", false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = 1;
        cr_expect_eq(mixfill_id_to_int64(cases[i].text, &value), cases[i].canonical, "%s",
                     cases[i].text);
        if (cases[i].canonical)
            cr_expect_eq(value, cases[i].value, "%s", cases[i].text);
    }
}

Test(ids, out_of_memory_leaves_the_table_whole) {
    int64_t live = mixfill_alloc_live;
    for (int64_t budget = 0; budget < 12; budget++) {
        mixfill_ids ids;
        char text[16];
        int32_t index, n = 0;
        mixfill_ids_init(&ids);
        mixfill_alloc_budget = budget;
        for (int i = 0; i < 200; i++) {
            snprintf(text, sizeof text, "id%d", i);
            n += mixfill_ids_intern(&ids, &index, text, strlen(text)) == MIXFILL_OK;
        }
        mixfill_alloc_budget = -1;
        cr_expect_eq(ids.n, n);
        for (int i = 0; i < n; i++) {
            snprintf(text, sizeof text, "id%d", i);
            cr_expect_eq(mixfill_ids_find(&ids, text, strlen(text)), i);
        }
        mixfill_ids_clear(&ids);
        cr_expect_eq(mixfill_alloc_live, live);
    }
}

Test(ids, order_is_that_of_values_then_of_bytes_however_they_are_numbered) {
    static const char *const sorted[] = {"-7", "0", "9", "10", "978300760", "007", "B", "a", "ab"};
    static const size_t turns[][9] = {{0, 1, 2, 3, 4, 5, 6, 7, 8}, {8, 3, 5, 0, 2, 7, 4, 1, 6}};
    enum { N = sizeof sorted / sizeof sorted[0] };
    for (size_t t = 0; t < 2; t++) {
        mixfill_ids ids;
        char buffer[MIXFILL_ID_BUFFER];
        mixfill_ids_init(&ids);
        for (size_t i = 0; i < N; i++)
            intern(&ids, sorted[turns[t][i]]);
        int32_t *order = mixfill_ids_order(&ids);
        for (size_t i = 0; i < N; i++) {
            cr_expect_str_eq(mixfill_ids_get(&ids, order[i], buffer), sorted[i]);
            cr_expect_eq(mixfill_ids_number(&ids, (int32_t)i) == mixfill_ids_number(&ids, order[0]),
                         (int32_t)i == order[0]);
        }
        cr_expect_eq(mixfill_ids_number(&ids, order[3]), 10);
        mixfill_free(order);
        mixfill_ids_clear(&ids);
    }
}

Test(ids, order_of_indices_is_theirs_and_needs_memory) {
    mixfill_ids ids;
    mixfill_ids_init_by_index(&ids, 12, 0);
    int32_t *order = mixfill_ids_order(&ids);
    for (int32_t i = 0; i < 12; i++) {
        cr_expect_eq(order[i], i);
        cr_expect_eq(mixfill_ids_number(&ids, i), (uint64_t)i);
    }
    mixfill_free(order);
    mixfill_ids_clear(&ids);
    mixfill_ids_init(&ids);
    intern(&ids, "b");
    intern(&ids, "a");
    int64_t live = mixfill_alloc_live;
    for (int64_t budget = 0; budget < 2; budget++) {
        mixfill_alloc_budget = budget;
        cr_expect_null(mixfill_ids_order(&ids));
        cr_expect_eq(mixfill_alloc_live, live);
    }
    mixfill_alloc_budget = -1;
    mixfill_ids_clear(&ids);
}

Test(ids, whole_numbers_however_they_are_written) {
    static const struct {
        const char *text, *number; /* "": none */
    } cases[] = {
        {"101", "101"},
        {"007", "7"},
        {"0", "0"},
        {"000", "0"},
        {"101.0", "101"},
        {"1.01E+02", "101"},
        {"1e3", "1000"},
        {"0.5e1", "5"},
        {"00.0", "0"},
        {"9223372036854775807", "9223372036854775807"},
        {"0009223372036854775807", "9223372036854775807"},
        {"9007199254740992.0", "9007199254740992"},
        {"9223372036854775808", ""},
        {"1e16", ""},
        {"1.5", ""},
        {"-1", ""},
        {"-1.0", ""},
        {"nan", ""},
        {"inf", ""},
        {"1e400", ""},
        {"x", ""},
        {"1x", ""},
        {"0x10", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char number[24];
        size_t len = mixfill_id_to_whole(cases[i].text, strlen(cases[i].text), number);
        cr_expect_eq(len, strlen(cases[i].number), "%s", cases[i].text);
        if (len > 0)
            cr_expect_str_eq(number, cases[i].number);
    }
}

Test(ids, by_index_from_one) {
    mixfill_ids ids, from_zero, named;
    char buffer[MIXFILL_ID_BUFFER];
    int32_t index;
    mixfill_ids_init_by_index(&ids, 3, 1);
    mixfill_ids_init_by_index(&from_zero, 3, 0);
    mixfill_ids_init(&named);
    cr_expect_str_eq(mixfill_ids_get(&ids, 0, buffer), "1");
    cr_expect_str_eq(mixfill_ids_get(&ids, 2, buffer), "3");
    cr_expect_eq(mixfill_ids_find(&ids, "0", 1), -1);
    cr_expect_eq(mixfill_ids_find(&ids, "1", 1), 0);
    cr_expect_eq(mixfill_ids_find(&ids, "3", 1), 2);
    cr_expect_eq(mixfill_ids_find(&ids, "4", 1), -1);
    cr_expect_not(mixfill_ids_same(&ids, &from_zero));
    for (const char *id = "123"; *id != '\0'; id++)
        cr_assert_eq(mixfill_ids_intern(&named, &index, id, 1), MIXFILL_OK);
    cr_expect(mixfill_ids_same(&ids, &named));
    mixfill_ids_clear(&named);
}
