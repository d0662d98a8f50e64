/* Status, error and checked allocation.
 *
 * Every allocation of the library comes through here, which is what lets a test make the n-th of
 * them fail and see that nothing leaks. Arrays begin at a cache line, so that the kernels'
 * vectors never straddle two. */
#include "base/base.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRINGIFY(x) #x
#define VERSION_TEXT(major, minor, patch) STRINGIFY(major) "." STRINGIFY(minor) "." STRINGIFY(patch)

enum { CACHE_LINE = 64 };

_Atomic int64_t mixfill_alloc_budget = -1;
_Atomic int64_t mixfill_alloc_live = 0;

const char *mixfill_version(void) {
    return VERSION_TEXT(MIXFILL_VERSION_MAJOR, MIXFILL_VERSION_MINOR, MIXFILL_VERSION_PATCH);
}

const char *mixfill_status_string(mixfill_status status) {
    switch (status) {
    case MIXFILL_OK:
        return "ok";
    case MIXFILL_ERR_NOMEM:
        return "out of memory";
    case MIXFILL_ERR_ARG:
        return "invalid argument";
    case MIXFILL_ERR_IO:
        return "input/output error";
    case MIXFILL_ERR_PARSE:
        return "malformed input";
    case MIXFILL_ERR_RANGE:
        return "number out of range";
    case MIXFILL_ERR_DIM:
        return "shapes do not fit";
    case MIXFILL_ERR_NUMERIC:
        return "numeric failure";
    case MIXFILL_ERR_UNSUPPORTED:
        return "not supported";
    case MIXFILL_ERR_CANCELLED:
        return "cancelled";
    }
    return "unknown status";
}

/* The one place that fills an error; begin stands ahead of the message. err may be NULL. */
static mixfill_status fill(mixfill_error *err, mixfill_status status, int64_t line,
                           const char *field, const char *begin, const char *format, va_list args) {
    if (err == NULL)
        return status;
    err->status = status;
    err->line = line;
    snprintf(err->field, sizeof err->field, "%s", field);
    size_t n = (size_t)snprintf(err->message, sizeof err->message, "%s", begin);
    vsnprintf(err->message + n, sizeof err->message - n, format, args);
    return status;
}

mixfill_status mixfill_fail(mixfill_error *err, mixfill_status status, int64_t line,
                            const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(err, status, line, "", "", format, args);
    va_end(args);
    return status;
}

mixfill_status mixfill_fail_field(mixfill_error *err, mixfill_status status, const char *field,
                                  const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(err, status, 0, field, field, format, args);
    va_end(args);
    return status;
}

mixfill_status mixfill_fail_about(mixfill_error *err, mixfill_status status, int64_t line,
                                  const char *field, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(err, status, line, field, "", format, args);
    va_end(args);
    return status;
}

mixfill_status mixfill_fail_nomem(mixfill_error *err, const char *what) {
    return mixfill_fail(err, MIXFILL_ERR_NOMEM, 0, "out of memory for %s", what);
}

mixfill_status mixfill_fail_as(mixfill_error *err, const mixfill_error *made) {
    if (err != NULL)
        *err = *made;
    return made->status;
}

mixfill_status mixfill_require_at_least(const char *field, int64_t value, int64_t least,
                                        mixfill_error *err) {
    if (value >= least)
        return MIXFILL_OK;
    return mixfill_fail_field(err, MIXFILL_ERR_ARG, field,
                              " %" PRId64 ": expected at least %" PRId64, value, least);
}

mixfill_status mixfill_fail_errno(mixfill_error *err, const char *path, const char *doing,
                                  int errnum) {
    return mixfill_fail(err, MIXFILL_ERR_IO, 0, "%s: cannot %s: %s", path, doing, strerror(errnum));
}

const char *mixfill_quote(char out[MIXFILL_QUOTE_BUFFER], const char *text, size_t len) {
    enum { SHOWN = 40 };
    size_t n = len < SHOWN ? len : SHOWN;
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
    memcpy(out + n, n < len ? "..." : "", n < len ? 4 : 1);
    return out;
}

/* Relaxed: the count orders nothing else, and must not hide a race from ThreadSanitizer. */
static void count_live(int64_t change) {
    atomic_fetch_add_explicit(&mixfill_alloc_live, change, memory_order_relaxed);
}

/* Takes one allocation from the tests' budget; false when it is used up. */
static bool take_budget(void) {
    if (atomic_load_explicit(&mixfill_alloc_budget, memory_order_relaxed) < 0)
        return true;
    return atomic_fetch_sub(&mixfill_alloc_budget, 1) > 0 ||
           (atomic_store(&mixfill_alloc_budget, 0), false);
}

void *mixfill_alloc(size_t n, size_t size) {
    if (size != 0 && n > (PTRDIFF_MAX - CACHE_LINE) / size)
        return NULL;
    /* aligned_alloc wants a multiple of the alignment. */
    size_t bytes = (n * size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    void *memory = take_budget() ? aligned_alloc(CACHE_LINE, bytes > 0 ? bytes : CACHE_LINE) : NULL;
    if (memory != NULL)
        count_live(1);
    return memory;
}

void *mixfill_alloc_zero(size_t n, size_t size) {
    void *memory = mixfill_alloc(n, size);
    if (memory != NULL)
        memset(memory, 0, n * size);
    return memory;
}

void *mixfill_realloc(void *old, size_t n, size_t size) {
    if (size != 0 && n > PTRDIFF_MAX / size)
        return NULL;
    size_t bytes = n * size > 0 ? n * size : 1;
    void *memory = take_budget() ? realloc(old, bytes) : NULL;
    if (memory != NULL && old == NULL)
        count_live(1);
    return memory;
}

void mixfill_adopt(void *memory) {
    if (memory != NULL)
        count_live(1);
}

void mixfill_free(void *memory) {
    if (memory != NULL)
        count_live(-1);
    free(memory);
}
