/* What all streams of bytes share: closing, copies of names, and how far packed data may unpack.
 * Which streams there are is known to source_open.c alone. */
#include "file/source.h"

#include <string.h>

char *mixfill_copy_string(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = mixfill_alloc(size, 1);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

/* deflate packs zeros about 1000 to 1, ratings as text far less than 200 to 1. The first 256 MiB
 * are free, for a small file that packs unusually well can hurt nobody. */
int64_t mixfill_unpacked_limit(int64_t packed) {
    const int64_t always = INT64_C(256) << 20, ratio = 200;
    return packed < (INT64_MAX - always) / ratio ? always + ratio * packed : INT64_MAX;
}

mixfill_status mixfill_fail_bomb(mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                        "unpacks to more than 256 MiB and 200 times its size, expected ratings (or "
                        "the unpacked file)");
}

void mixfill_source_close(mixfill_source *source) {
    if (source != NULL)
        source->close(source);
}
