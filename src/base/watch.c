/* Progress of something that several threads do.
 *
 * The callback is the caller's and need not be thread-safe, so it is called from the thread that
 * called the library; what other threads finish meanwhile is told with the next call. */
#include "base/watch.h"

#include "base/par.h"

#include <inttypes.h>

void mixfill_watch_init(mixfill_watch *w, const mixfill_run *run, int64_t total) {
    w->progress = run != NULL ? run->progress : NULL;
    w->data = run != NULL ? run->progress_data : NULL;
    w->total = total;
    atomic_init(&w->done, 0);
    atomic_init(&w->stopped, false);
}

void mixfill_watch_add(mixfill_watch *w, int64_t n) {
    int64_t done = atomic_fetch_add(&w->done, n) + n;
    if (w->progress != NULL && mixfill_par_thread_id() == 0 &&
        w->progress(done, w->total, w->data) != 0)
        atomic_store(&w->stopped, true);
}

bool mixfill_watch_stopped(mixfill_watch *w) {
    return atomic_load(&w->stopped);
}

mixfill_status mixfill_watch_finish(mixfill_watch *w, mixfill_error *err) {
    if (!mixfill_watch_stopped(w))
        return MIXFILL_OK;
    return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled after %" PRId64 " of %" PRId64,
                        atomic_load(&w->done), w->total);
}
