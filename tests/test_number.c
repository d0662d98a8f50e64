/* Numbers as text: correct rounding, strictness, shortest output, any locale. */
#include "base/number.h"

#include <mixfill/system.h>

#include <criterion/criterion.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_bits(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

static void expect_like_strtod(const char *text) {
    double value = -1.0;
    cr_assert(mixfill_parse_double(text, strlen(text), &value), "refused '%s'", text);
    cr_assert(same_bits(value, strtod(text, NULL)), "'%s' gave %.17g", text, value);
}

Test(number, accepts_what_strtod_reads) {
    static const char *const texts[] = {"0",
                                        "-0",
                                        "+0",
                                        "4",
                                        "4.5",
                                        "-4.5",
                                        "+3",
                                        ".5",
                                        "5.",
                                        "1e22",
                                        "1e23",
                                        "1E-22",
                                        "1e-23",
                                        "1e+3",
                                        "007",
                                        "0.1",
                                        "1e400",
                                        "-1e400",
                                        "1e-400",
                                        "5e-324",
                                        "2.5e-324",
                                        "2.4703282292062327e-324",
                                        "2.4703282292062328e-324",
                                        "9007199254740991",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9007199254740993.0000001",
                                        "123456789012345678901234567890",
                                        "1.7976931348623157e308",
                                        "1.7976931348623159e308",
                                        "0.000000000000000000000000000000000000001234567",
                                        "1e99999999999999999999",
                                        "0e99999999",
                                        "1e-99999999999999999999",
                                        "6.02214076e23",
                                        "3.14159265358979323846264338327950288",
                                        "179769313486231580793e289",
                                        "inf",
                                        "-INF",
                                        "Infinity",
                                        "+inf"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_like_strtod(texts[i]);
}

Test(number, reads_nan) {
    double value = 0.0;
    cr_assert(mixfill_parse_double("NaN", 3, &value) && isnan(value));
    cr_assert(mixfill_parse_double("-nan", 4, &value) && isnan(value));
}

Test(number, refuses_everything_else) {
    static const char *const texts[] = {
        "",       " ",    " 1",      "1 ",        "1\n",   "x",   "1x",    "0x10",
        "0x1p3",  ".",    "-",       "+",         "e5",    "1e",  "1e+",   "1e-",
        "1e5.",   "1..2", "1.2.3",   "--1",       "+-1",   "1,5", "1_000", "nan1",
        "nan(1)", "infi", "infinit", "infinityx", "1e5e5", "\t1", "-.",    ".e1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double value = -7.0;
        cr_expect_not(mixfill_parse_double(texts[i], strlen(texts[i]), &value), "took '%s'",
                      texts[i]);
        cr_expect(same_bits(value, -7.0));
    }
    double value;
    cr_expect_not(mixfill_parse_double("1\0002", 3, &value));
}

Test(number, stops_at_the_length_given) {
    double value;
    cr_assert(mixfill_parse_double("4.5999", 3, &value));
    cr_assert(same_bits(value, 4.5));
    cr_assert(mixfill_parse_double("1e55", 3, &value));
    cr_assert(same_bits(value, 1e5));
}

Test(number, rounds_texts_of_any_length) {
    enum { LEN = 3000 };
    char text[LEN + 1];
    memset(text, '0', LEN);
    text[LEN] = '\0';
    expect_like_strtod(text);
    text[1] = '.';
    text[LEN - 1] = '7';
    expect_like_strtod(text);
    memset(text, '9', LEN);
    text[1] = '.';
    expect_like_strtod(text);
    /* 2^53 + 1 is halfway between two doubles; one digit far behind decides */
    memset(text, '0', LEN);
    memcpy(text, "9007199254740993.", 17);
    expect_like_strtod(text);
    text[LEN - 1] = '1';
    double value;
    cr_assert(mixfill_parse_double(text, LEN, &value));
    cr_assert(same_bits(value, 9007199254740994.0));
}

/* xorshift64: any fixed stream of bits will do. */
static uint64_t next_bits(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

Test(number, agrees_with_strtod_on_random_decimals) {
    uint64_t state = 88172645463325252U;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t bits = next_bits(&state);
        unsigned long long digits = bits >> (bits & 63);
        int exponent = (int)(next_bits(&state) % 61) - 30;
        int point = (int)(next_bits(&state) % 5);
        if (point == 0)
            snprintf(text, sizeof text, "%llu", digits);
        else if (point == 1)
            snprintf(text, sizeof text, "%llu.%llu", digits % 1000, digits / 1000 % 100000);
        else
            snprintf(text, sizeof text, "%llu.%llue%d", digits % 100, digits, exponent);
        expect_like_strtod(text);
    }
}

static void expect_round_trip(double value) {
    char text[MIXFILL_NUMBER_BUFFER];
    double back;
    size_t len = mixfill_format_double(text, value);
    cr_assert_eq(len, strlen(text));
    cr_assert(mixfill_parse_double(text, len, &back) && same_bits(back, value), "%.17g gave '%s'",
              value, text);
}

Test(number, formats_so_that_it_reads_back) {
    uint64_t state = 1;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = next_bits(&state);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            expect_round_trip(value);
    }
    const double edges[] = {0.0,     -0.0,   DBL_MAX,          -DBL_MAX,
                            DBL_MIN, 5e-324, (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        expect_round_trip(edges[i]);
}

static void expect_format(double value, const char *expected) {
    char text[MIXFILL_NUMBER_BUFFER];
    size_t len = mixfill_format_double(text, value);
    cr_expect_str_eq(text, expected);
    cr_expect_eq(len, strlen(expected));
}

Test(number, formats_shortest) {
    expect_format(4.0, "4");
    expect_format(3.5, "3.5");
    expect_format(0.1, "0.1");
    expect_format(0.1 + 0.2, "0.30000000000000004");
    expect_format(1e100, "1e+100");
    expect_format((double)NAN, "nan");
    expect_format(-(double)INFINITY, "-inf");
}

Test(number, ignores_the_locale) {
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    bool set = false;
    for (size_t i = 0; !set && i < sizeof names / sizeof names[0]; i++)
        set = setlocale(LC_ALL, names[i]) != NULL;
    if (!set || strcmp(localeconv()->decimal_point, ",") != 0)
        cr_skip_test("no locale with a decimal comma is installed");
    double value;
    cr_assert(mixfill_parse_double("3.5", 3, &value) && same_bits(value, 3.5));
    cr_assert(mixfill_parse_double("1.5e300", 7, &value) && same_bits(value, 1.5e300));
    cr_assert_not(mixfill_parse_double("3,5", 3, &value));
    expect_format(3.5, "3.5");
}

/* Powers of 1000, rounded up to a tenth, the unit that of what was rounded. */
Test(number, bytes) {
    const struct {
        double bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},           {999, "999 B"},     {1000, "1 kB"},        {1001, "1.1 kB"},
        {131072, "131.1 kB"}, {500e6, "500 MB"},  {813.4e6, "813.4 MB"}, {999.96e6, "1 GB"},
        {2e9, "2 GB"},        {1.5e18, "1500 PB"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[MIXFILL_BYTES_TEXT];
        cr_expect_str_eq(mixfill_format_bytes(text, cases[i].bytes), cases[i].text, "%zu", i);
    }
}
