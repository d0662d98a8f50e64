/* Large pages for large arrays: madvise, which POSIX does not have. */
#define _DEFAULT_SOURCE
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Two large pages where these have 2 MB, as on x86-64: less is not worth a system call. */
enum { LARGE = 1 << 22 };

void mixfill_want_large_pages(void *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
    long page = sysconf(_SC_PAGESIZE);
    if (bytes < LARGE || page <= 0)
        return;
    /* madvise takes whole pages only, so the array's first and last bytes are left out. */
    size_t skip = ((size_t)page - (uintptr_t)memory % (size_t)page) % (size_t)page;
    (void)madvise((char *)memory + skip, (bytes - skip) / (size_t)page * (size_t)page,
                  MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}
