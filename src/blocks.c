/* The block index. */
#include "blocks.h"

#include "par.h"

#include <stdlib.h>
#include <string.h>

void mixfill_blocks_free(mixfill_blocks *blocks) {
    if (blocks == NULL)
        return;
    mixfill_free(blocks->block);
    mixfill_free(blocks->by_rank);
    mixfill_free(blocks->count);
    mixfill_free(blocks->item);
    mixfill_free(blocks->end);
    mixfill_free(blocks->user);
    mixfill_free(blocks->code);
    mixfill_free(blocks->value);
    mixfill_free(blocks);
}

/* First user >= from whose row starts at or after `rating`. */
static int32_t user_at(const mixfill_ratings *r, int32_t from, int64_t rating) {
    int32_t lo = from, hi = r->n_users;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (r->row_ptr[mid] < rating)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static int32_t clamp(int32_t x, int32_t lo, int32_t hi) {
    return x < lo ? lo : x > hi ? hi : x;
}

static int64_t max64(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* Blocks the users are balanced over; more come out where 4096 users hold too few ratings. */
static int32_t wanted_blocks(const mixfill_ratings *r) {
    int64_t wanted = max64(r->n_users / MIXFILL_BLOCK_MAX_USERS, r->nnz / MIXFILL_BLOCK_RATINGS);
    wanted = max64(wanted, MIXFILL_MIN_BLOCKS);
    return wanted < r->n_users ? (int32_t)wanted : r->n_users;
}

/* nnz * part / parts without overflow. */
static int64_t share(int64_t nnz, int64_t part, int64_t parts) {
    return nnz / parts * part + nnz % parts * part / parts;
}

/* Cut after the user whose ratings reach the block's share, leaving a user for each later block.
 * Writes the blocks when `block` is not NULL; returns their number. */
static int32_t cut(const mixfill_ratings *r, mixfill_block *block) {
    int32_t wanted = wanted_blocks(r);
    int32_t n = 0;
    for (int32_t first = 0; first < r->n_users; n++) {
        int32_t later = n + 1 < wanted ? wanted - n - 1 : 0;
        int32_t end = n + 1 < wanted ? user_at(r, first, share(r->nnz, n + 1, wanted)) : r->n_users;
        int32_t room = r->n_users - first;
        int32_t most = room < MIXFILL_BLOCK_MAX_USERS ? room : MIXFILL_BLOCK_MAX_USERS;
        int32_t size = clamp(end - first, 1, room - later < most ? room - later : most);
        if (block != NULL)
            block[n] = (mixfill_block){
                .first_user = first, .n_users = size, .first_rating = r->row_ptr[first]};
        first += size;
    }
    return n;
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* by_rank and count: items by falling number of ratings, ties by index. */
static bool rank_items(mixfill_blocks *b, const mixfill_ratings *r) {
    size_t n = (size_t)r->n_items;
    int32_t *count = mixfill_ratings_item_counts(r);
    uint64_t *key = mixfill_alloc(n, sizeof *key);
    b->by_rank = mixfill_alloc(n, sizeof *b->by_rank);
    b->count = mixfill_alloc(n, sizeof *b->count);
    bool ok = count != NULL && key != NULL && b->by_rank != NULL && b->count != NULL;
    for (size_t j = 0; ok && j < n; j++)
        key[j] = (uint64_t)(INT32_MAX - count[j]) << 32 | j;
    if (ok)
        qsort(key, n, sizeof *key, compare_keys);
    for (size_t i = 0; ok && i < n; i++) {
        b->by_rank[i] = (int32_t)(uint32_t)key[i];
        b->count[i] = count[b->by_rank[i]];
    }
    mixfill_free(count);
    mixfill_free(key);
    return ok;
}

/* Number of different items among the block's ratings. stamp (D) holds no value equal to mark. */
static int32_t count_pairs(const mixfill_ratings *r, const mixfill_block *block, int32_t *stamp,
                           int32_t mark) {
    int32_t pairs = 0;
    int64_t end = r->row_ptr[block->first_user + block->n_users];
    for (int64_t e = block->first_rating; e < end; e++) {
        pairs += stamp[r->col[e]] != mark;
        stamp[r->col[e]] = mark;
    }
    return pairs;
}

/* Counting sort of the block's ratings by rank of the item. cursor (D) is zero on entry and on
 * return. */
static void sort_block(mixfill_blocks *b, const mixfill_ratings *r, const mixfill_block *block,
                       uint32_t *cursor) {
    int64_t end = r->row_ptr[block->first_user + block->n_users];
    for (int64_t e = block->first_rating; e < end; e++)
        cursor[r->col[e]]++;
    uint32_t sum = 0;
    int64_t pair = block->first_item;
    for (int32_t rank = 0; rank < r->n_items; rank++) {
        uint32_t *at = &cursor[b->by_rank[rank]], count = *at;
        if (count == 0)
            continue;
        *at = sum;
        sum += count;
        b->item[pair] = rank;
        b->end[pair++] = sum;
    }
    for (int32_t i = 0; i < block->n_users; i++) {
        int32_t u = block->first_user + i;
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            int64_t at = block->first_rating + cursor[r->col[e]]++;
            b->user[at] = (uint16_t)i;
            if (b->code != NULL)
                b->code[at] = r->code[e];
            else
                b->value[at] = r->value[e];
        }
    }
    for (int64_t i = block->first_item; i < pair; i++)
        cursor[b->by_rank[b->item[i]]] = 0;
}

/* Pairs of every block, each thread with its own row of scratch (threads,D), which is zero. */
static void count_all(mixfill_blocks *b, const mixfill_ratings *r, int32_t *scratch,
                      int32_t threads) {
    (void)threads;
#pragma omp parallel for schedule(dynamic) num_threads(threads) default(none) shared(b, r, scratch)
    for (int32_t i = 0; i < b->n_blocks; i++) {
        int32_t *stamp = scratch + (size_t)mixfill_par_thread_id() * (size_t)r->n_items;
        b->block[i].n_items = count_pairs(r, &b->block[i], stamp, i + 1);
    }
}

static void sort_all(mixfill_blocks *b, const mixfill_ratings *r, uint32_t *scratch,
                     int32_t threads) {
    (void)threads;
#pragma omp parallel for schedule(dynamic) num_threads(threads) default(none) shared(b, r, scratch)
    for (int32_t i = 0; i < b->n_blocks; i++) {
        uint32_t *cursor = scratch + (size_t)mixfill_par_thread_id() * (size_t)r->n_items;
        sort_block(b, r, &b->block[i], cursor);
    }
}

static size_t index_bytes(const mixfill_blocks *b, const mixfill_ratings *r) {
    size_t pairs = 0;
    for (int32_t i = 0; i < b->n_blocks; i++)
        pairs += (size_t)b->block[i].n_items;
    size_t items = (size_t)r->n_items * (sizeof *b->by_rank + sizeof *b->count);
    return items + (size_t)b->n_blocks * sizeof *b->block +
           pairs * (sizeof *b->item + sizeof *b->end) +
           (size_t)r->nnz * (sizeof *b->user + (r->code != NULL ? 1 : sizeof(double)));
}

/* Offsets of the blocks' pairs, and the arrays to hold them. */
static bool alloc_arrays(mixfill_blocks *b, const mixfill_ratings *r) {
    int64_t pairs = 0;
    for (int32_t i = 0; i < b->n_blocks; i++) {
        b->block[i].first_item = pairs;
        pairs += b->block[i].n_items;
    }
    size_t nnz = (size_t)r->nnz;
    b->item = mixfill_alloc((size_t)pairs, sizeof *b->item);
    b->end = mixfill_alloc((size_t)pairs, sizeof *b->end);
    b->user = mixfill_alloc(nnz, sizeof *b->user);
    if (r->code != NULL)
        b->code = mixfill_alloc(nnz, sizeof *b->code);
    else
        b->value = mixfill_alloc(nnz, sizeof *b->value);
    return b->item != NULL && b->end != NULL && b->user != NULL &&
           (b->code != NULL || b->value != NULL);
}

int32_t mixfill_blocks_max_users(const mixfill_blocks *blocks) {
    int32_t most = 0;
    for (int32_t i = 0; i < blocks->n_blocks; i++)
        most = blocks->block[i].n_users > most ? blocks->block[i].n_users : most;
    return most;
}

/* Cut, count pairs and rank; scratch (threads,D) is zero. */
static bool outline(mixfill_blocks *b, const mixfill_ratings *r, int32_t *scratch,
                    int32_t threads) {
    b->n_blocks = cut(r, NULL);
    b->block = mixfill_alloc((size_t)b->n_blocks, sizeof *b->block);
    if (b->block == NULL || !rank_items(b, r))
        return false;
    cut(r, b->block);
    count_all(b, r, scratch, threads);
    b->bytes = index_bytes(b, r);
    return true;
}

/* with_arrays: the whole index, else its outline. */
static mixfill_status create(mixfill_blocks **out, const mixfill_ratings *r, int32_t threads,
                             bool with_arrays, mixfill_error *err) {
    size_t scratch_size = (size_t)threads * (size_t)r->n_items;
    int32_t *scratch = mixfill_alloc_zero(scratch_size, sizeof *scratch);
    mixfill_blocks *b = mixfill_alloc_zero(1, sizeof *b);
    bool ok = scratch != NULL && b != NULL && outline(b, r, scratch, threads);
    if (ok && with_arrays) {
        ok = alloc_arrays(b, r);
        memset(scratch, 0, scratch_size * sizeof *scratch);
        if (ok)
            sort_all(b, r, (uint32_t *)scratch, threads);
    }
    mixfill_free(scratch);
    if (!ok) {
        mixfill_blocks_free(b);
        return mixfill_fail_nomem(err, "the block index");
    }
    *out = b;
    return MIXFILL_OK;
}

mixfill_status mixfill_blocks_create(mixfill_blocks **out, const mixfill_ratings *ratings,
                                     int32_t threads, mixfill_error *err) {
    return create(out, ratings, threads, true, err);
}

mixfill_status mixfill_blocks_outline(mixfill_blocks **out, const mixfill_ratings *ratings,
                                      int32_t threads, mixfill_error *err) {
    return create(out, ratings, threads, false, err);
}
