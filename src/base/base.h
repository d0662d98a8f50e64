/* Status, error and checked allocation: what every module builds on. */
#ifndef MIXFILL_BASE_H
#define MIXFILL_BASE_H

#include <mixfill/mixfill.h>

#include <stdatomic.h>
#include <string.h>

/* For functions that own a status `st` and a cleanup label `done`. */
#define MIXFILL_TRY(call)                                                                          \
    do {                                                                                           \
        st = (call);                                                                               \
        if (st != MIXFILL_OK)                                                                      \
            goto done;                                                                             \
    } while (0)

/* Fill err (which may be NULL) with a formatted message and return status; line 0 where there is
 * none. */
__attribute__((format(printf, 4, 5))) mixfill_status
mixfill_fail(mixfill_error *err, mixfill_status status, int64_t line, const char *format, ...);

/* MIXFILL_ERR_NOMEM with a message that says for what. */
mixfill_status mixfill_fail_nomem(mixfill_error *err, const char *what);

/* A message about a field of an options struct: the field's name, then what the format gives, such
 * as " %d: expected 1 to 63". err->field names it, so that a program can name its own option
 * instead. */
__attribute__((format(printf, 4, 5))) mixfill_status mixfill_fail_field(mixfill_error *err,
                                                                        mixfill_status status,
                                                                        const char *field,
                                                                        const char *format, ...);

/* As mixfill_fail, about a field ("": none) that, set otherwise, would let pass what is refused;
 * the message begins with something else, such as a file, and err->field names the field. */
__attribute__((format(printf, 5, 6))) mixfill_status
mixfill_fail_about(mixfill_error *err, mixfill_status status, int64_t line, const char *field,
                   const char *format, ...);

/* Hand on an error that was made apart, as while a line was tried. Returns its status. */
mixfill_status mixfill_fail_as(mixfill_error *err, const mixfill_error *made);

/* MIXFILL_ERR_ARG "field value: expected at least LEAST" where value is less. */
mixfill_status mixfill_require_at_least(const char *field, int64_t value, int64_t least,
                                        mixfill_error *err);

/* MIXFILL_ERR_IO: "path: doing: strerror(errnum)". */
mixfill_status mixfill_fail_errno(mixfill_error *err, const char *path, const char *doing,
                                  int errnum);

/* Text from a file as it can stand in a message: at most 40 bytes, control characters as '?'.
 * Returns out. */
enum { MIXFILL_QUOTE_BUFFER = 48 };
const char *mixfill_quote(char out[MIXFILL_QUOTE_BUFFER], const char *text, size_t len);

/* n * size bytes aligned to a cache line, uninitialised; NULL when out of memory or on overflow.
 * n = 0 gives a valid pointer. Free with mixfill_free. */
__attribute__((malloc, warn_unused_result)) void *mixfill_alloc(size_t n, size_t size);

/* As mixfill_alloc, zeroed. */
__attribute__((malloc, warn_unused_result)) void *mixfill_alloc_zero(size_t n, size_t size);

/* Grow or shrink to n * size bytes; not aligned beyond malloc. On NULL the old memory stays valid.
 */
__attribute__((warn_unused_result)) void *mixfill_realloc(void *old, size_t n, size_t size);

void mixfill_free(void *memory);

/* Make memory from malloc ours, to be freed with mixfill_free: ours differs in being counted
 * only. NULL is allowed. */
void mixfill_adopt(void *memory);

/* For tests only: allocations that may still succeed (negative: no limit), and allocations in use.
 */
extern _Atomic int64_t mixfill_alloc_budget;
extern _Atomic int64_t mixfill_alloc_live;

/* What a noun of n things ends in, in messages: "1 user", "2 users". */
/* Whether a text, such as a path, ends in another. */
static inline bool mixfill_ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static inline const char *mixfill_s(int64_t n) {
    return n == 1 ? "" : "s";
}

#endif
