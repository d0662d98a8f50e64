/* Timestamps as text. */
#include "base/timestamp.h"

#include <criterion/criterion.h>
#include <string.h>

Test(timestamp, read) {
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"1260759144", 1260759144},
        {"-5", -5},
        {"9223372036854775807", INT64_MAX},
        {"1970-01-01", 0},
        {"2005-09-06", 1125964800},
        {"2000-02-29", 951782400},
        {"1969-12-31", -86400},
        {"0000-01-01", -INT64_C(719528) * 86400},
        {"2005-04-02 23:53:47", 1112486027},
        {"2005-04-02T23:53:47", 1112486027},
        {"2016-12-31 23:59:60", 1483228800},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -7;
        cr_expect(mixfill_parse_timestamp(cases[i].text, strlen(cases[i].text), &value), "%s",
                  cases[i].text);
        cr_expect_eq(value, cases[i].value, "%s: %lld", cases[i].text, (long long)value);
    }
}

Test(timestamp, refused) {
    static const char *const cases[] = {
        "",
        "-",
        "x",
        "1.5",
        "1e9",
        " 1",
        "1 ",
        "9223372036854775808",
        "2005-9-6",
        "2005-13-01",
        "2005-02-29",
        "1900-02-29",
        "2005-00-01",
        "2005-01-00",
        "2005/01/01",
        "2005-04-02 24:00:00",
        "2005-04-02 ",
        "2005-04-02x23:53:47",
        "2005-04-02 23:53",
        "2005-04-02 23-53-47",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -7;
        cr_expect_not(mixfill_parse_timestamp(cases[i], strlen(cases[i]), &value), "%s", cases[i]);
        cr_expect_eq(value, -7, "%s", cases[i]);
    }
}
