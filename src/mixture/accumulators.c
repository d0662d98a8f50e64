/* Accumulators of the M-step. A few thousand items have most of the ratings; their rows are hot in
 * every thread, so each thread has a copy, and no row of theirs passes from cache to cache. Of all
 * others one copy is shared: its rows are far apart in time, and a lock for one row's addition
 * costs less than a copy of them all for each of 64 threads. Whatever is added lies on the exact
 * grid, so that neither the split nor the order of the threads changes a bit (docs/model.md 8.2).
 */
#include "mixture/accumulators.h"

#include "base/buffers.h"

#include <sched.h>
#include <string.h>

int32_t mixfill_accumulators_n_hot(const int32_t *count, int32_t n_items, int32_t n_blocks,
                                   int32_t threads, size_t kp, size_t budget) {
    if (threads == 1)
        return n_items;
    int32_t hot = 0;
    while (hot < n_items && (n_blocks < count[hot] ? n_blocks : count[hot]) > threads)
        hot++;
    size_t shared = mixfill_accumulators_bytes(n_items, 0, threads, kp);
    size_t each = (size_t)(threads - 1) * 2 * kp * sizeof(double);
    size_t room = budget > shared ? (budget - shared) / each : 0;
    return room < (size_t)hot ? (int32_t)room : hot;
}

enum { BUFFERS = 4 };

/* The buffers of a; its numbers are set. */
static void list(mixfill_buffer out[BUFFERS], mixfill_accumulators *a) {
    size_t row = 2 * a->kp * sizeof(double), t = (size_t)a->threads;
    const mixfill_buffer all[BUFFERS] = {
        {&a->hot, t * (size_t)a->n_hot, row},
        {&a->cold, (size_t)(a->n_items - a->n_hot), row},
        {&a->packed, t * MIXFILL_PACKED, row},
        {&a->lock, MIXFILL_STRIPES, sizeof *a->lock},
    };
    memcpy(out, all, sizeof all);
}

size_t mixfill_accumulators_bytes(int32_t n_items, int32_t n_hot, int32_t threads, size_t kp) {
    mixfill_buffer buffers[BUFFERS];
    mixfill_accumulators outline = {
        .threads = threads, .n_items = n_items, .n_hot = n_hot, .kp = kp};
    list(buffers, &outline);
    return mixfill_buffers_bytes(buffers, BUFFERS);
}

bool mixfill_accumulators_init(mixfill_accumulators *a, int32_t n_items, int32_t n_hot,
                               int32_t threads, size_t kp) {
    mixfill_buffer buffers[BUFFERS];
    *a = (mixfill_accumulators){.threads = threads,
                                .n_items = n_items,
                                .n_hot = n_hot,
                                .kp = kp,
                                .bytes = mixfill_accumulators_bytes(n_items, n_hot, threads, kp)};
    list(buffers, a);
    if (!mixfill_buffers_alloc(buffers, BUFFERS)) {
        mixfill_accumulators_clear(a);
        return false;
    }
    for (size_t i = 0; i < MIXFILL_STRIPES; i++)
        atomic_flag_clear(&a->lock[i]);
    return true;
}

void mixfill_accumulators_clear(mixfill_accumulators *a) {
    mixfill_buffer buffers[BUFFERS];
    list(buffers, a);
    mixfill_buffers_free(buffers, BUFFERS);
    *a = (mixfill_accumulators){0};
}

void mixfill_accumulators_zero(mixfill_accumulators *a, int32_t thread) {
    size_t row = 2 * a->kp, t = (size_t)thread, threads = (size_t)a->threads;
    size_t cold = (size_t)(a->n_items - a->n_hot);
    size_t begin = cold * t / threads, end = cold * (t + 1) / threads;
    size_t hot = (size_t)a->n_hot * row;
    if (hot > 0)
        memset(a->hot + t * hot, 0, hot * sizeof *a->hot);
    if (end > begin)
        memset(a->cold + begin * row, 0, (end - begin) * row * sizeof *a->cold);
}

/* Held for one row's addition only. A holder that lost its processor must get it back, hence the
 * yield. */
static void lock_row(atomic_flag *lock) {
    while (atomic_flag_test_and_set_explicit(lock, memory_order_acquire))
        sched_yield();
}

/* Add packed sums of cold pairs to their shared rows. */
static void merge(mixfill_accumulators *a, const int32_t *rank, int32_t n, const double *packed) {
    size_t width = 2 * a->kp;
    for (size_t i = 0; i < (size_t)n; i++) {
        double *row = a->cold + (size_t)(rank[i] - a->n_hot) * width;
        atomic_flag *lock = &a->lock[rank[i] % MIXFILL_STRIPES];
        lock_row(lock);
        for (size_t l = 0; l < width; l++)
            row[l] += packed[i * width + l];
        atomic_flag_clear_explicit(lock, memory_order_release);
    }
}

/* Pairs [from, to) of the block. */
static mixfill_pairs slice(const mixfill_pairs *pairs, int32_t from, int32_t to) {
    mixfill_pairs part = *pairs;
    part.item += from;
    part.end += from;
    part.begin = from > 0 ? pairs->end[from - 1] : 0;
    part.n_items = to - from;
    return part;
}

void mixfill_accumulators_add(mixfill_accumulators *a, const mixfill_kernels *kernels,
                              const mixfill_pairs *pairs, const double *resp, const double *grid,
                              int32_t thread) {
    size_t width = 2 * a->kp, t = (size_t)thread;
    int32_t cold = mixfill_pairs_find(pairs, a->n_hot);
    mixfill_pairs hot = slice(pairs, 0, cold);
    kernels->add_moments(a->hot + t * (size_t)a->n_hot * width, &hot, resp, grid, a->kp);
    double *packed = a->packed + t * MIXFILL_PACKED * width;
    for (int32_t from = cold; from < pairs->n_items; from += MIXFILL_PACKED) {
        int32_t left = pairs->n_items - from;
        int32_t n = left < MIXFILL_PACKED ? left : MIXFILL_PACKED;
        mixfill_pairs part = slice(pairs, from, from + n);
        part.packed = true;
        memset(packed, 0, (size_t)n * width * sizeof *packed);
        kernels->add_moments(packed, &part, resp, grid, a->kp);
        merge(a, part.item, n, packed);
    }
}

const double *mixfill_accumulators_reduce(mixfill_accumulators *a, int32_t rank) {
    size_t width = 2 * a->kp, hot = (size_t)a->n_hot * width;
    if (rank >= a->n_hot)
        return a->cold + (size_t)(rank - a->n_hot) * width;
    double *sum = a->hot + (size_t)rank * width;
    for (size_t t = 1; t < (size_t)a->threads; t++)
        for (size_t l = 0; l < width; l++)
            sum[l] += sum[t * hot + l];
    return sum;
}
