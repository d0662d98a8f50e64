/* Timestamps of ratings as text: whole numbers, and dates as some files have them.
 *
 * strptime and mktime would do the same for a program that is set to the C locale and to UTC,
 * and something else for any other. */
#include "base/timestamp.h"

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

/* YYYY-MM-DD, or with HH:MM:SS behind a blank or 'T'. Second 60, a leap second, is taken for the
 * first of the next minute, as POSIX counts. */
static bool parse_date(const char *text, size_t len, int64_t *value) {
    enum { DATE = 10, DATE_AND_TIME = 19 };
    int hour = 0, minute = 0, second = 0;
    if ((len != DATE && len != DATE_AND_TIME) || text[4] != '-' || text[7] != '-')
        return false;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    if (len == DATE_AND_TIME) {
        if ((text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':')
            return false;
        hour = digits(text + 11, 2);
        minute = digits(text + 14, 2);
        second = digits(text + 17, 2);
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    *value = days_since_1970(year, month, day) * 86400 + INT64_C(3600) * hour +
             INT64_C(60) * minute + second;
    return true;
}

bool mixfill_parse_timestamp(const char *text, size_t len, int64_t *value) {
    return parse_whole(text, len, value) || parse_date(text, len, value);
}
