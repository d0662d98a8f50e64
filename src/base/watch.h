/* Progress of something that several threads do: whichever finishes a piece counts it, the calling
 * thread alone tells. */
#ifndef MIXFILL_WATCH_H
#define MIXFILL_WATCH_H

#include "base/base.h"

typedef struct mixfill_watch {
    mixfill_done_fn progress; /* NULL: nobody watches */
    void *data;
    int64_t total;
    _Atomic int64_t done;
    atomic_bool stopped; /* the callback asked for it */
} mixfill_watch;

/* run may be NULL. */
void mixfill_watch_init(mixfill_watch *watch, const mixfill_run *run, int64_t total);

/* Count a piece of n; from the calling thread, the first of a region, also tell. Thread-safe. */
void mixfill_watch_add(mixfill_watch *watch, int64_t n);

/* Whether what has not begun should be left. Thread-safe. */
bool mixfill_watch_stopped(mixfill_watch *watch);

/* MIXFILL_ERR_CANCELLED where it was stopped. */
mixfill_status mixfill_watch_finish(mixfill_watch *watch, mixfill_error *err);

#endif
