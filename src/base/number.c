/* Numbers as text. Clinger (1990): where the digits fit 53 bits and the power of ten is exact, one
 * multiplication or division rounds correctly. Everything else goes to strtod as an integer and an
 * exponent: without a point to read, the program's locale cannot matter. */
#include "base/number.h"

#include <mixfill/system.h>

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* 768 digits decide any double (and any halfway case); what follows only matters as "not zero". */
enum { MAX_DIGITS = 770, MAX_EXACT_POWER = 22 };

static const double power_of_ten[MAX_EXACT_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* A number read as digits * 10^exponent. */
typedef struct decimal {
    bool negative;
    const char *begin, *end; /* the digits in the text, with at most one point between */
    uint64_t mantissa;       /* of them, while it stays below 2^53 */
    bool exact;              /* it did */
    int64_t exponent;
} decimal;

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads digits with at most one point; false where there is no digit. */
static bool scan_digits(const char **at, const char *end, decimal *d) {
    bool any = false, point = false;
    d->begin = *at;
    for (; *at < end; ++*at) {
        char c = **at;
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(c))
            break;
        any = true;
        d->exponent -= point;
        d->exact = d->exact && d->mantissa < (UINT64_C(1) << 53) / 10 - 1;
        if (d->exact)
            d->mantissa = 10 * d->mantissa + (uint64_t)(c - '0');
    }
    d->end = *at;
    return any;
}

/* Reads the number after 'e'; false where there is none. */
static bool scan_exponent(const char **at, const char *end, decimal *d) {
    const int64_t enough = INT64_C(1000000000000);
    bool negative = *at < end && **at == '-';
    *at += *at < end && (**at == '-' || **at == '+');
    if (*at == end || !is_digit(**at))
        return false;
    int64_t value = 0;
    for (; *at < end && is_digit(**at); ++*at)
        value = value < enough ? 10 * value + (**at - '0') : value;
    d->exponent += negative ? -value : value;
    return true;
}

/* strtod on "DIGITSeEXPONENT", leading zeros dropped and digits past MAX_DIGITS folded into one. */
static double round_slowly(const decimal *d) {
    char text[MAX_DIGITS + 32];
    size_t n = 0;
    int64_t exponent = d->exponent;
    bool more = false;
    for (const char *c = d->begin; c < d->end; c++) {
        if (*c == '.' || (n == 0 && *c == '0'))
            continue;
        if (n < MAX_DIGITS) {
            text[n++] = *c;
        } else {
            more = more || *c != '0';
            exponent++;
        }
    }
    if (n == 0)
        return 0.0;
    if (more)
        text[n - 1] = '1';
    snprintf(text + n, sizeof text - n, "e%lld", (long long)exponent);
    return strtod(text, NULL);
}

/* The nearest double. Where mantissa and power are both exact doubles, IEEE arithmetic rounds
 * their product or quotient as the decimal itself would be rounded. */
static double round_decimal(const decimal *d) {
    int64_t e = d->exponent;
    if (!d->exact || e < -MAX_EXACT_POWER || e > MAX_EXACT_POWER)
        return round_slowly(d);
    double mantissa = (double)d->mantissa;
    return e < 0 ? mantissa / power_of_ten[-e] : mantissa * power_of_ten[e];
}

/* "nan", "inf" or "infinity" in any case. */
static bool parse_word(const char *text, size_t len, double *value) {
    if (len == 3 && strncasecmp(text, "nan", 3) == 0)
        *value = (double)NAN;
    else if ((len == 3 || len == 8) && strncasecmp(text, "infinity", len) == 0)
        *value = (double)INFINITY;
    else
        return false;
    return true;
}

bool mixfill_parse_double(const char *text, size_t len, double *value) {
    const char *at = text, *end = text + len;
    decimal d = {.exact = true};
    d.negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    double result;
    if (scan_digits(&at, end, &d)) {
        if (at < end && (*at == 'e' || *at == 'E') && (++at, !scan_exponent(&at, end, &d)))
            return false;
        if (at != end)
            return false;
        result = round_decimal(&d);
    } else if (!parse_word(d.begin, (size_t)(end - d.begin), &result)) {
        return false;
    }
    *value = d.negative ? -result : result;
    return true;
}

bool mixfill_parse_comma(const char *text, size_t len, double *value) {
    char pointed[64];
    const char *comma = memchr(text, ',', len);
    if (comma == NULL || len > sizeof pointed || memchr(text, '.', len) != NULL)
        return false;
    memcpy(pointed, text, len);
    pointed[comma - text] = '.';
    return mixfill_parse_double(pointed, len, value);
}

/* snprintf with a point, whatever the locale; newlocale gives glibc's constant "C" object. */
static size_t print_digits(char out[MIXFILL_NUMBER_BUFFER], const char *format, int digits,
                           double value) {
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t old = c_locale != (locale_t)0 ? uselocale(c_locale) : (locale_t)0;
    int len = snprintf(out, MIXFILL_NUMBER_BUFFER, format, digits, value);
    if (c_locale != (locale_t)0) {
        uselocale(old);
        freelocale(c_locale);
    }
    return (size_t)len;
}

/* 17 digits always read back; with 15, what was written with fewer comes out as it was written,
 * so that 3.7 does not become 3.7000000000000002. */
size_t mixfill_format_double(char out[MIXFILL_NUMBER_BUFFER], double value) {
    if (isnan(value)) {
        memcpy(out, "nan", sizeof "nan");
        return 3;
    }
    for (int digits = 15;; digits++) {
        size_t len = print_digits(out, "%.*g", digits, value);
        double back;
        if (digits == 17 || (mixfill_parse_double(out, len, &back) && back == value))
            return len;
    }
}

/* Below the bound sign, digits, point and decimals fit the buffer, and above it a double has fewer
 * than seven decimals. */
size_t mixfill_format_decimals(char out[MIXFILL_NUMBER_BUFFER], double value, int32_t decimals) {
    const double large = 1e9;
    if (decimals > MIXFILL_MAX_DECIMALS || !(fabs(value) < large))
        return mixfill_format_double(out, value);
    size_t len = print_digits(out, "%.*f", (int)decimals, value);
    if (out[0] == '-' && strspn(out + 1, "0.") == len - 1)
        memmove(out, out + 1, len--);
    return len;
}

const char *mixfill_format_bytes(char out[MIXFILL_BYTES_TEXT], double bytes) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    const size_t last = sizeof units / sizeof units[0] - 1;
    const double slack = 1e-9; /* of a division that is not exact */
    size_t unit = 0;
    for (; bytes >= 1000 && unit < last; unit++)
        bytes /= 1000;
    double tenths = fmax(ceil(10 * bytes - slack), 0);
    if (tenths >= 10000 && unit < last) {
        tenths = 10;
        unit++;
    }
    bool whole = unit == 0 || fmod(tenths, 10) == 0;
    snprintf(out, MIXFILL_BYTES_TEXT, whole ? "%.0f %s" : "%.1f %s", tenths / 10, units[unit]);
    return out;
}
