/* Timestamps of ratings as text: numbers, and dates as some files have them.
 *
 * strptime and mktime would do the same for a program that is set to the C locale and to UTC,
 * and something else for any other. */
#include "base/timestamp.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

/* Digits text[0..n) as a number, -1 where there is another byte. */
static int digits(const char *text, int n) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

/* A whole number with at most a '-' in front of it, and nothing behind; false where its
 * magnitude does not fit an int64. */
static bool parse_whole(const char *text, size_t len, int64_t *value) {
    bool negative = len > 0 && text[0] == '-';
    size_t i = negative;
    int64_t sum = 0;
    if (i == len)
        return false;
    for (; i < len; i++) {
        int digit = text[i] - '0';
        if (digit < 0 || digit > 9 || sum > (INT64_MAX - digit) / 10)
            return false;
        sum = 10 * sum + digit;
    }
    *value = negative ? -sum : sum;
    return true;
}

static int days_of_month(int year, int month) {
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01 to a day of a year from 0 to 9999. */
static int64_t days_since_1970(int year, int month, int day) {
    const int64_t days_to_1970 = 719528; /* from year 0, itself a leap year */
    int64_t before = year > 0 ? 1 + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 : 0;
    int64_t days = INT64_C(365) * year + before;
    for (int m = 1; m < month; m++)
        days += days_of_month(year, m);
    return days + day - 1 - days_to_1970;
}

/* A text as it is read from the front; ok turns false where it is not as expected. */
typedef struct reader {
    const char *at, *end;
    bool ok;
} reader;

/* The next n digits as a number. */
static int take_digits(reader *r, int n) {
    int value = r->end - r->at >= n ? digits(r->at, n) : -1;
    r->ok &= value >= 0;
    r->at += value >= 0 ? n : 0;
    return value;
}

/* Whether the next byte is one of a set, which is then passed. */
static bool take(reader *r, const char *set) {
    bool is = r->at < r->end && strchr(set, *r->at) != NULL && *r->at != '\0';
    r->at += is;
    return is;
}

/* "Z", "+02:00", "-0330" or "+02", as seconds east of Greenwich; 0 where there is none. */
static int take_zone(reader *r) {
    const char *sign = r->at;
    if (take(r, "Zz") || !take(r, "+-"))
        return 0;
    int hours = take_digits(r, 2), minutes = 0;
    if (r->at < r->end) {
        (void)take(r, ":");
        minutes = take_digits(r, 2);
    }
    r->ok &= hours <= 14 && minutes <= 59;
    return (*sign == '-' ? -60 : 60) * (60 * hours + minutes);
}

/* HH:MM, HH:MM:SS or HH:MM:SS.fraction as seconds of the day; the fraction is dropped. Second 60, a
 * leap second, is taken for the first of the next minute, as POSIX counts. */
static int take_clock(reader *r) {
    int hour = take_digits(r, 2), second = 0;
    r->ok &= take(r, ":");
    int minute = take_digits(r, 2);
    if (take(r, ":")) {
        second = take_digits(r, 2);
        if (take(r, ".,"))
            do
                (void)take_digits(r, 1);
            while (r->ok && r->at < r->end && *r->at >= '0' && *r->at <= '9');
    }
    r->ok &= hour <= 23 && minute <= 59 && second <= 60;
    return 3600 * hour + 60 * minute + second;
}

/* YYYY-MM-DD or YYYY/MM/DD, alone or followed by a blank or 'T', a clock and perhaps a zone. */
static bool parse_date(const char *text, size_t len, int64_t *value) {
    reader r = {text, text + len, true};
    int year = take_digits(&r, 4), clock = 0, zone = 0;
    char separator = r.at < r.end ? *r.at : '\0';
    r.ok &= take(&r, "-/");
    int month = take_digits(&r, 2);
    r.ok &= r.at < r.end && *r.at == separator;
    r.at += r.ok;
    int day = take_digits(&r, 2);
    if (!r.ok || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    if (r.at < r.end) {
        r.ok &= take(&r, " Tt");
        clock = take_clock(&r);
        (void)(r.ok && take(&r, " "));
        zone = take_zone(&r);
    }
    if (!r.ok || r.at != r.end || r.end[-1] == ' ')
        return false;
    *value = days_since_1970(year, month, day) * 86400 + clock - zone;
    return true;
}

/* A number of seconds with a fraction, which is dropped, or as 1.3E9. */
static bool parse_fractional(const char *text, size_t len, int64_t *value) {
    const double most = 9007199254740992; /* beyond it a double may be no whole number asked for */
    double seconds;
    if (!mixfill_parse_double(text, len, &seconds) || !(fabs(seconds) <= most))
        return false;
    *value = (int64_t)floor(seconds);
    return true;
}

bool mixfill_parse_timestamp(const char *text, size_t len, int64_t *value) {
    return parse_whole(text, len, value) || parse_date(text, len, value) ||
           parse_fractional(text, len, value);
}

/* Magnitudes up to which a number of each unit since 1970 lies before the year 5138; numbers below
 * the first are seconds, and time before 1973 is not told from them in any other unit. */
static const struct {
    int64_t least, per_second;
    const char *name;
} units[] = {{INT64_C(100000000000), 1000, "milliseconds"},
             {INT64_C(100000000000000), 1000000, "microseconds"},
             {INT64_C(100000000000000000), 1000000000, "nanoseconds"}};

static int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

const char *mixfill_times_to_seconds(int64_t *time, int64_t n) {
    int64_t most = 0;
    size_t unit = 0;
    for (int64_t i = 0; i < n; i++)
        most = time[i] > most ? time[i] : most;
    while (unit < sizeof units / sizeof units[0] && most >= units[unit].least)
        unit++;
    if (unit == 0)
        return NULL;
    for (int64_t i = 0; i < n; i++)
        time[i] = floor_divide(time[i], units[unit - 1].per_second);
    return units[unit - 1].name;
}

bool mixfill_times_are_days(const int64_t *time, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        int64_t year = time[i] / 10000, month = time[i] / 100 % 100, day = time[i] % 100;
        if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 ||
            day > days_of_month((int)year, (int)month))
            return false;
    }
    return n > 0;
}
