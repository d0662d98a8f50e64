/* The block index. */
#include "blocks.h"

#include "par.h"

#include <string.h>

void mixfill_blocks_free(mixfill_blocks *blocks) {
    if (blocks == NULL)
        return;
    mixfill_free(blocks->block);
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

/* Blocks the users are balanced over; more come out where 4096 users hold too few ratings. */
static int32_t wanted_blocks(int32_t n_users) {
    int32_t at_most = n_users / MIXFILL_BLOCK_MAX_USERS + (n_users % MIXFILL_BLOCK_MAX_USERS != 0);
    int32_t at_least = n_users < MIXFILL_MIN_BLOCKS ? n_users : MIXFILL_MIN_BLOCKS;
    return at_most > at_least ? at_most : at_least;
}

/* nnz * part / parts without overflow. */
static int64_t share(int64_t nnz, int64_t part, int64_t parts) {
    return nnz / parts * part + nnz % parts * part / parts;
}

/* Cut after the user whose ratings reach the block's share, leaving a user for each later block.
 * Writes the blocks when `block` is not NULL; returns their number. */
static int32_t cut(const mixfill_ratings *r, mixfill_block *block) {
    int32_t wanted = wanted_blocks(r->n_users);
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

/* Counting sort of the block's ratings by item. cursor (D) is zero on entry and on return. */
static void sort_block(mixfill_blocks *b, const mixfill_ratings *r, const mixfill_block *block,
                       uint32_t *cursor) {
    int64_t end = r->row_ptr[block->first_user + block->n_users];
    for (int64_t e = block->first_rating; e < end; e++)
        cursor[r->col[e]]++;
    uint32_t sum = 0;
    int64_t pair = block->first_item;
    for (int32_t j = 0; j < r->n_items; j++) {
        if (cursor[j] == 0)
            continue;
        uint32_t count = cursor[j];
        cursor[j] = sum;
        sum += count;
        b->item[pair] = j;
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
        cursor[b->item[i]] = 0;
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
    return (size_t)b->n_blocks * sizeof *b->block + pairs * (sizeof *b->item + sizeof *b->end) +
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
    b->bytes = index_bytes(b, r);
    return b->item != NULL && b->end != NULL && b->user != NULL &&
           (b->code != NULL || b->value != NULL);
}

/* The cut with its pairs counted; scratch (threads,D) is zero. */
static bool cut_and_count(mixfill_blocks *b, const mixfill_ratings *r, int32_t *scratch,
                          int32_t threads) {
    b->n_blocks = cut(r, NULL);
    b->block = mixfill_alloc((size_t)b->n_blocks, sizeof *b->block);
    if (b->block == NULL)
        return false;
    cut(r, b->block);
    count_all(b, r, scratch, threads);
    return true;
}

mixfill_status mixfill_blocks_measure(size_t *bytes, int32_t *max_users,
                                      const mixfill_ratings *ratings, mixfill_error *err) {
    mixfill_blocks b = {0};
    int32_t *scratch = mixfill_alloc_zero((size_t)ratings->n_items, sizeof *scratch);
    bool ok = scratch != NULL && cut_and_count(&b, ratings, scratch, 1);
    if (ok) {
        *bytes = index_bytes(&b, ratings);
        *max_users = mixfill_blocks_max_users(&b);
    }
    mixfill_free(scratch);
    mixfill_free(b.block);
    return ok ? MIXFILL_OK : mixfill_fail_nomem(err, "the block index");
}

int32_t mixfill_blocks_max_users(const mixfill_blocks *blocks) {
    int32_t most = 0;
    for (int32_t i = 0; i < blocks->n_blocks; i++)
        most = blocks->block[i].n_users > most ? blocks->block[i].n_users : most;
    return most;
}

mixfill_status mixfill_blocks_create(mixfill_blocks **out, const mixfill_ratings *ratings,
                                     int32_t threads, mixfill_error *err) {
    mixfill_status st = MIXFILL_ERR_NOMEM;
    mixfill_blocks *b = mixfill_alloc_zero(1, sizeof *b);
    size_t scratch_size = (size_t)threads * (size_t)ratings->n_items;
    int32_t *scratch = mixfill_alloc_zero(scratch_size, sizeof *scratch);
    if (b == NULL || scratch == NULL || !cut_and_count(b, ratings, scratch, threads) ||
        !alloc_arrays(b, ratings))
        goto done;
    memset(scratch, 0, scratch_size * sizeof *scratch);
    sort_all(b, ratings, (uint32_t *)scratch, threads);
    *out = b;
    b = NULL;
    st = MIXFILL_OK;
done:
    mixfill_free(scratch);
    mixfill_blocks_free(b);
    return st == MIXFILL_OK ? st : mixfill_fail_nomem(err, "the block index");
}
