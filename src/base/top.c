/* A heap whose first entry is the worst.
 *
 * Most of what is offered is worse than all that is kept and costs one comparison with the entry
 * in front; a sorted list would have to be moved for each that is better. */
#include "base/top.h"

static bool is_worse(const mixfill_top *t, int32_t a, int32_t b) {
    if (t->score[a] != t->score[b])
        return t->score[a] < t->score[b];
    return t->item[a] > t->item[b];
}

static void swap(mixfill_top *t, int32_t a, int32_t b) {
    int32_t item = t->item[a];
    double score = t->score[a];
    t->item[a] = t->item[b];
    t->score[a] = t->score[b];
    t->item[b] = item;
    t->score[b] = score;
}

/* Let the entry in front sink to its place among the first n. */
static void sink(mixfill_top *t, int32_t n) {
    for (int32_t at = 0, child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && is_worse(t, child + 1, child))
            child++;
        if (!is_worse(t, child, at))
            return;
        swap(t, at, child);
    }
}

static void rise(mixfill_top *t, int32_t at) {
    while (at > 0 && is_worse(t, at, (at - 1) / 2)) {
        swap(t, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

void mixfill_top_offer(mixfill_top *top, int32_t item, double score) {
    if (top->n < top->cap) {
        top->item[top->n] = item;
        top->score[top->n] = score;
        rise(top, top->n++);
        return;
    }
    if (score < top->score[0] || (score == top->score[0] && item > top->item[0]))
        return;
    top->item[0] = item;
    top->score[0] = score;
    sink(top, top->n);
}

void mixfill_top_sort(mixfill_top *top) {
    for (int32_t n = top->n - 1; n > 0; n--) {
        swap(top, 0, n);
        sink(top, n);
    }
}
