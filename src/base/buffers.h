/* Buffers of a workspace as a list: what allocates them is also what says how many bytes they take,
 * so that a plan of memory cannot drift from what is then held. */
#ifndef MIXFILL_BUFFERS_H
#define MIXFILL_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

/* n elements of `size` bytes, whose address goes where the pointer at `where` is; with n = 0 that
 * pointer stays as it is. */
typedef struct mixfill_buffer {
    void *where; /* of a pointer to objects */
    size_t n, size;
} mixfill_buffer;

/* Allocate each, uninitialised, so that the thread that first writes a page has it near; false when
 * out of memory, and then those made so far are for mixfill_buffers_free. */
bool mixfill_buffers_alloc(const mixfill_buffer *buffers, size_t n);

/* As mixfill_buffers_alloc, zeroed. */
bool mixfill_buffers_alloc_zero(const mixfill_buffer *buffers, size_t n);

/* Free each and leave NULL behind. */
void mixfill_buffers_free(const mixfill_buffer *buffers, size_t n);

/* What they take together. */
size_t mixfill_buffers_bytes(const mixfill_buffer *buffers, size_t n);

/* The pointer at `where`, whatever it points to; memcpy because its type is not known here. */
void *mixfill_pointer_get(const void *where);
void mixfill_pointer_set(void *where, void *memory);

#endif
