/* Lists of buffers. */
#include "base/buffers.h"

#include "base/base.h"

#include <string.h>

void *mixfill_pointer_get(const void *where) {
    void *memory;
    memcpy(&memory, where, sizeof memory);
    return memory;
}

void mixfill_pointer_set(void *where, void *memory) {
    memcpy(where, &memory, sizeof memory);
}

static bool alloc_all(const mixfill_buffer *buffers, size_t n, bool zero) {
    for (size_t i = 0; i < n; i++) {
        const mixfill_buffer *b = &buffers[i];
        if (b->n == 0)
            continue;
        void *memory = zero ? mixfill_alloc_zero(b->n, b->size) : mixfill_alloc(b->n, b->size);
        mixfill_pointer_set(b->where, memory);
        if (memory == NULL)
            return false;
    }
    return true;
}

bool mixfill_buffers_alloc(const mixfill_buffer *buffers, size_t n) {
    return alloc_all(buffers, n, false);
}

bool mixfill_buffers_alloc_zero(const mixfill_buffer *buffers, size_t n) {
    return alloc_all(buffers, n, true);
}

void mixfill_buffers_free(const mixfill_buffer *buffers, size_t n) {
    for (size_t i = 0; i < n; i++) {
        mixfill_free(mixfill_pointer_get(buffers[i].where));
        mixfill_pointer_set(buffers[i].where, NULL);
    }
}

size_t mixfill_buffers_bytes(const mixfill_buffer *buffers, size_t n) {
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += buffers[i].n * buffers[i].size;
    return bytes;
}
