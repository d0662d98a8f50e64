/* The block index.
 *
 * Everything about the index follows from the ratings alone: the cut, the ranks, which items are
 * common. The number of threads decides only who sorts which block, so sums over blocks have the
 * same bits for any number of them (docs/model.md 8.2). Items are ranked by their number of
 * ratings, so that the accumulators of hot items lie together (docs/model.md 8.3). */
#include "ratings/blocks.h"

#include "base/par.h"

#include <stdlib.h>
#include <string.h>

/* Also of an index that was only half made. */
void mixfill_blocks_free(mixfill_blocks *blocks) {
    if (blocks == NULL)
        return;
    mixfill_free(blocks->block);
    mixfill_free(blocks->by_rank);
    mixfill_free(blocks->count);
    mixfill_free(blocks->item);
    mixfill_free(blocks->end);
    mixfill_free(blocks->near);
    mixfill_free(blocks->far);
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

/* x, or the bound that it is beyond. */
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

/* nnz * i / n without overflow. */
static int64_t share(int64_t nnz, int64_t i, int64_t n) {
    return nnz / n * i + nnz % n * i / n;
}

/* Equal numbers of ratings make blocks cost alike, equal numbers of users would not: a few very
 * active ones have a large share of the ratings. Cut after the user whose ratings reach the block's
 * share, leaving a user for each later block. Writes the blocks when `block` is not NULL; returns
 * their number. */
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
            block[n] = (mixfill_block){.first_user = first, .n_users = size};
        first += size;
    }
    return n;
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* by_rank and count: items by falling number of ratings, ties by index. A key has the number of
 * ratings, counted down, above the index, so that the order is total and qsort cannot choose. */
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

/* Scratch of making an index. */
typedef struct scratch {
    int32_t threads;
    int32_t *rank;    /* (D) */
    uint32_t *cursor; /* (threads,D) */
    int64_t *near;    /* (n_blocks) ratings of common items in each block */
} scratch;

/* Cursors for every thread: a block is counted and sorted without a lock. */
static bool scratch_init(scratch *s, const mixfill_ratings *r, int32_t threads) {
    size_t d = (size_t)r->n_items;
    *s = (scratch){.threads = threads};
    s->rank = mixfill_alloc(d, sizeof *s->rank);
    s->cursor = mixfill_alloc_zero((size_t)threads * d, sizeof *s->cursor);
    s->near = mixfill_alloc((size_t)cut(r, NULL), sizeof *s->near);
    return s->rank != NULL && s->cursor != NULL && s->near != NULL;
}

/* Also of a scratch that was only half allocated. */
static void scratch_clear(scratch *s) {
    mixfill_free(s->rank);
    mixfill_free(s->cursor);
    mixfill_free(s->near);
}

/* The calling thread's cursor (D). */
static uint32_t *own_cursor(const scratch *s, const mixfill_ratings *r) {
    return s->cursor + (size_t)mixfill_par_thread_id() * (size_t)r->n_items;
}

static inline void put_rating(mixfill_blocks *b, int64_t at, const mixfill_ratings *r, int64_t e) {
    if (b->code != NULL)
        b->code[at] = r->code[e];
    else
        b->value[at] = r->value[e];
}

/* Ratings and pairs of common items in user block i. A cursor serves as stamps here, which tell
 * whether an item was met in this very block without being cleared for the next. */
static void count_block(mixfill_blocks *b, const mixfill_ratings *r, int32_t i, const scratch *s) {
    mixfill_block *block = &b->block[i];
    uint32_t *stamp = own_cursor(s, r), mark = (uint32_t)i + 1;
    int32_t pairs = 0, end_user = block->first_user + block->n_users;
    int64_t near = 0;
    for (int64_t e = r->row_ptr[block->first_user]; e < r->row_ptr[end_user]; e++) {
        int32_t k = s->rank[r->col[e]];
        if (k >= b->n_common)
            continue;
        near++;
        pairs += stamp[k] != mark;
        stamp[k] = mark;
    }
    block->n_items = pairs;
    s->near[i] = near;
}

/* Pairs of a user block, and in cursor (n_common) where the ratings of each begin, from the counts
 * in it. */
static void place_pairs(mixfill_blocks *b, const mixfill_block *block, uint32_t *cursor) {
    uint32_t sum = 0;
    int64_t pair = block->first_item;
    for (int32_t k = 0; k < b->n_common; k++) {
        uint32_t count = cursor[k];
        if (count == 0)
            continue;
        cursor[k] = sum;
        sum += count;
        b->item[pair] = k;
        b->end[pair++] = sum;
    }
}

/* Counting sort of the ratings of common items in user block i by rank. The thread's cursor is zero
 * on entry and on return. */
static void sort_block(mixfill_blocks *b, const mixfill_ratings *r, int32_t i, const scratch *s) {
    const mixfill_block *block = &b->block[i];
    uint32_t *cursor = own_cursor(s, r);
    int32_t end_user = block->first_user + block->n_users;
    for (int64_t e = r->row_ptr[block->first_user]; e < r->row_ptr[end_user]; e++)
        cursor[s->rank[r->col[e]]]++;
    place_pairs(b, block, cursor);
    for (int32_t u = block->first_user; u < end_user; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            int32_t k = s->rank[r->col[e]];
            if (k >= b->n_common)
                continue;
            int64_t at = block->first_rating + cursor[k]++;
            b->near[at] = (uint16_t)(u - block->first_user);
            put_rating(b, at, r, e);
        }
    for (int64_t e = r->row_ptr[block->first_user]; e < r->row_ptr[end_user]; e++)
        cursor[s->rank[r->col[e]]] = 0;
}

/* Pairs of the rare blocks, and in cursor (D) where the ratings of each item begin. */
static void place_rare(mixfill_blocks *b, int64_t *cursor) {
    int64_t at = b->n_near;
    int32_t k = b->n_common;
    for (int32_t i = b->n_blocks; i < b->n_blocks + b->n_rare_blocks; i++) {
        uint32_t end = 0;
        for (int64_t n = 0; n < b->block[i].n_items; n++, k++) {
            cursor[k] = at;
            at += b->count[k];
            end += (uint32_t)b->count[k];
            b->item[b->block[i].first_item + n] = k;
            b->end[b->block[i].first_item + n] = end;
        }
    }
}

/* Ratings of rare items, user by user to their items' places. By one thread: few ratings are of
 * rare items, and users must ascend within each. */
static bool sort_rare(mixfill_blocks *b, const mixfill_ratings *r, const scratch *s) {
    if (b->n_rare_blocks == 0)
        return true;
    int64_t *cursor = mixfill_alloc((size_t)r->n_items, sizeof *cursor);
    if (cursor == NULL)
        return false;
    place_rare(b, cursor);
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++) {
            int32_t k = s->rank[r->col[e]];
            if (k < b->n_common)
                continue;
            b->far[cursor[k] - b->n_near] = u;
            put_rating(b, cursor[k]++, r, e);
        }
    mixfill_free(cursor);
    return true;
}

/* User blocks differ in what they cost, hence one at a time to whoever is free. */
static void count_all(mixfill_blocks *b, const mixfill_ratings *r, const scratch *s) {
#pragma omp parallel for schedule(dynamic) num_threads(s->threads) default(none) shared(b, r, s)
    for (int32_t i = 0; i < b->n_blocks; i++)
        count_block(b, r, i, s);
}

/* The cursors, which were stamps while counting, have to be zero again for the sorts. */
static bool sort_all(mixfill_blocks *b, const mixfill_ratings *r, const scratch *s) {
    memset(s->cursor, 0, (size_t)s->threads * (size_t)r->n_items * sizeof *s->cursor);
#pragma omp parallel for schedule(dynamic) num_threads(s->threads) default(none) shared(b, r, s)
    for (int32_t i = 0; i < b->n_blocks; i++)
        sort_block(b, r, i, s);
    return sort_rare(b, r, s);
}

/* Cut the rated items that are not common, into pieces of work that threads can share; writes the
 * blocks when `block` is not NULL; returns their number. */
static int32_t cut_rare(const mixfill_blocks *b, const mixfill_ratings *r, mixfill_block *block) {
    int32_t n = 0, k = b->n_common;
    while (k < r->n_items && b->count[k] > 0) {
        int32_t first = k, ratings = 0;
        while (k < r->n_items && b->count[k] > 0 && k - first < MIXFILL_RARE_ITEMS &&
               ratings < MIXFILL_RARE_RATINGS)
            ratings += b->count[k++];
        if (block != NULL)
            block[n] = (mixfill_block){.n_items = k - first};
        n++;
    }
    return n;
}

/* Of n_items ranks from `first` on. */
static int64_t rare_ratings(const mixfill_blocks *b, int32_t first, int32_t n_items) {
    int64_t sum = 0;
    for (int32_t k = first; k < first + n_items; k++)
        sum += b->count[k];
    return sum;
}

/* Offsets of all blocks from their sizes; returns the number of pairs. */
static int64_t place_blocks(mixfill_blocks *b, const scratch *s) {
    int64_t pairs = 0, ratings = 0;
    int32_t rank = b->n_common;
    for (int32_t i = 0; i < b->n_blocks + b->n_rare_blocks; i++) {
        mixfill_block *block = &b->block[i];
        bool rare = i >= b->n_blocks;
        block->first_item = pairs;
        block->first_rating = ratings;
        pairs += block->n_items;
        ratings += rare ? rare_ratings(b, rank, block->n_items) : s->near[i];
        rank += rare ? block->n_items : 0;
        b->n_near = rare ? b->n_near : ratings;
    }
    return pairs;
}

/* What is as long as the pairs or the ratings; the rest of the index is there already. */
static bool alloc_arrays(mixfill_blocks *b, const mixfill_ratings *r, int64_t pairs) {
    size_t nnz = (size_t)r->nnz;
    b->item = mixfill_alloc((size_t)pairs, sizeof *b->item);
    b->end = mixfill_alloc((size_t)pairs, sizeof *b->end);
    b->near = mixfill_alloc((size_t)b->n_near, sizeof *b->near);
    b->far = mixfill_alloc((size_t)(r->nnz - b->n_near), sizeof *b->far);
    if (r->code != NULL)
        b->code = mixfill_alloc(nnz, sizeof *b->code);
    else
        b->value = mixfill_alloc(nnz, sizeof *b->value);
    return b->item != NULL && b->end != NULL && b->near != NULL && b->far != NULL &&
           (b->code != NULL || b->value != NULL);
}

/* The bytes of alloc_arrays and of what is kept per block and item. */
static size_t index_bytes(const mixfill_blocks *b, const mixfill_ratings *r, int64_t pairs) {
    size_t items = (size_t)r->n_items * (sizeof *b->by_rank + sizeof *b->count);
    size_t near = (size_t)b->n_near, far = (size_t)r->nnz - near;
    return items + (size_t)(b->n_blocks + b->n_rare_blocks) * sizeof *b->block +
           (size_t)pairs * (sizeof *b->item + sizeof *b->end) + near * sizeof *b->near +
           far * sizeof *b->far + (size_t)r->nnz * (r->code != NULL ? 1 : sizeof(double));
}

/* Ranks, cuts and sizes; *pairs of all blocks. */
static bool outline(mixfill_blocks *b, const mixfill_ratings *r, scratch *s, int64_t *pairs) {
    b->n_blocks = cut(r, NULL);
    if (!rank_items(b, r))
        return false;
    int64_t least = (int64_t)MIXFILL_COMMON_RATINGS * b->n_blocks;
    while (b->n_common < r->n_items && b->count[b->n_common] >= least)
        b->n_common++;
    b->n_rare_blocks = cut_rare(b, r, NULL);
    b->block = mixfill_alloc((size_t)b->n_blocks + (size_t)b->n_rare_blocks, sizeof *b->block);
    if (b->block == NULL)
        return false;
    for (int32_t k = 0; k < r->n_items; k++)
        s->rank[b->by_rank[k]] = k;
    cut(r, b->block);
    cut_rare(b, r, b->block + b->n_blocks);
    count_all(b, r, s);
    *pairs = place_blocks(b, s);
    b->bytes = index_bytes(b, r, *pairs);
    return true;
}

/* with_arrays: the whole index, else its outline. */
static mixfill_status create(mixfill_blocks **out, const mixfill_ratings *r, int32_t threads,
                             bool with_arrays, mixfill_error *err) {
    scratch s;
    int64_t pairs = 0;
    mixfill_blocks *b = mixfill_alloc_zero(1, sizeof *b);
    bool ok = scratch_init(&s, r, threads) && b != NULL && outline(b, r, &s, &pairs);
    if (ok && with_arrays)
        ok = alloc_arrays(b, r, pairs) && sort_all(b, r, &s);
    scratch_clear(&s);
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

/* Levels are the ratings' own: the index copies codes, not what they mean. */
mixfill_pairs mixfill_blocks_pairs(const mixfill_blocks *b, const mixfill_ratings *ratings,
                                   int32_t i) {
    const mixfill_block *block = &b->block[i];
    bool rare = i >= b->n_blocks;
    int64_t first = block->first_rating;
    return (mixfill_pairs){.item = b->item + block->first_item,
                           .end = b->end + block->first_item,
                           .near = rare ? NULL : b->near + first,
                           .far = rare ? b->far + (first - b->n_near) : NULL,
                           .code = b->code != NULL ? b->code + first : NULL,
                           .level = ratings->level,
                           .value = b->value != NULL ? b->value + first : NULL,
                           .n_items = block->n_items};
}
