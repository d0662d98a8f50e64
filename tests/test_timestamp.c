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
        {"1306890807.0", 1306890807},
        {"1306890807.9", 1306890807},
        {"-0.5", -1},
        {"1.3E9", 1300000000},
        {"2011-06-01T01:13:27Z", 1306890807},
        {"2011-06-01T01:13:27.25Z", 1306890807},
        {"2011-06-01 01:13:27,999", 1306890807},
        {"2011-06-01T03:13:27+02:00", 1306890807},
        {"2011-05-31T21:43:27-0330", 1306890807},
        {"2011-06-01 03:13:27 +02", 1306890807},
        {"2011-06-01 01:13", 1306890780},
        {"2011/06/01", 1306886400},
        {"2011/06/01 01:13:27", 1306890807},
        {"20110601", 20110601},
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
        "nan",
        "1e300",
        "2005-04/02",
        "2005-04-02T",
        "2005-04-02T1:13",
        "2005-04-02 23:53:47.",
        "2005-04-02 23:53:47.x",
        "2005-04-02 23:53:47 ",
        "2005-04-02 23:53:47+",
        "2005-04-02 23:53:47+15:00",
        "2005-04-02 23:53:47+01:60",
        "2005-04-02 23:53:47Zx",
        "2005-04-02Z",
        " 1",
        "1 ",
        "9223372036854775808",
        "2005-9-6",
        "2005-13-01",
        "2005-02-29",
        "1900-02-29",
        "2005-00-01",
        "2005-01-00",
        "2005-04-02 24:00:00",
        "2005-04-02 ",
        "2005-04-02x23:53:47",
        "2005-04-02 23-53-47",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = -7;
        cr_expect_not(mixfill_parse_timestamp(cases[i], strlen(cases[i]), &value), "%s", cases[i]);
        cr_expect_eq(value, -7, "%s", cases[i]);
    }
}

Test(timestamp, units_are_told_by_the_largest) {
    static const struct {
        int64_t time[2], want[2];
        const char *unit;
    } cases[] = {
        {{1306890807, 0}, {1306890807, 0}, NULL},
        {{99999999999, -5}, {99999999999, -5}, NULL},
        {{1306890807999, 1306890807000}, {1306890807, 1306890807}, "milliseconds"},
        {{100000000000, -1}, {100000000, -1}, "milliseconds"},
        {{1306890807000001, 1}, {1306890807, 0}, "microseconds"},
        {{1306890807000000001, -1000000000}, {1306890807, -1}, "nanoseconds"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t time[2] = {cases[i].time[0], cases[i].time[1]};
        const char *unit = mixfill_times_to_seconds(time, 2);
        cr_expect(cases[i].unit == NULL ? unit == NULL
                                        : unit != NULL && strcmp(unit, cases[i].unit) == 0,
                  "case %zu", i);
        cr_expect_eq(time[0], cases[i].want[0], "case %zu", i);
        cr_expect_eq(time[1], cases[i].want[1], "case %zu", i);
    }
    cr_expect_null(mixfill_times_to_seconds(NULL, 0));
}

Test(timestamp, days_written_as_numbers) {
    const int64_t days[] = {20110601, 19991231, 20000229};
    const int64_t others[][2] = {
        {20110601, 20110631}, {20110601, 1306890807}, {20111301, 20110601}};
    cr_expect(mixfill_times_are_days(days, 3));
    cr_expect_not(mixfill_times_are_days(days, 0));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_not(mixfill_times_are_days(others[i], 2), "case %zu", i);
}
