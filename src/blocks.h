/* The block index: users cut into fixed blocks, and the ratings of each block sorted by item, so
 * that the M-step sums a (block, item) pair in registers and touches its accumulator once. */
#ifndef MIXFILL_BLOCKS_H
#define MIXFILL_BLOCKS_H

#include "ratings.h"

enum {
    MIXFILL_BLOCK_MAX_USERS = 4096,
    MIXFILL_BLOCK_RATINGS = 1 << 17, /* aimed at; measured: half of it costs 30 % more */
    MIXFILL_MIN_BLOCKS = 64
};

/* Users [first_user, first_user + n_users) and the (block, item) pairs that have ratings. */
typedef struct mixfill_block {
    int32_t first_user, n_users;
    int32_t n_items;      /* pairs */
    int64_t first_item;   /* of this block's pairs in mixfill_blocks.item */
    int64_t first_rating; /* of this block's ratings in mixfill_blocks.user and .code or .value */
} mixfill_block;

typedef struct mixfill_blocks {
    int32_t n_blocks;
    mixfill_block *block; /* (n_blocks) */
    int32_t *by_rank;     /* (D) the item of each rank */
    int32_t *count;       /* (D) ratings of the item of each rank, never rising */
    int32_t *item;        /* pairs of all blocks: rank of the item, ascending within a block */
    uint32_t *end;  /* pairs of all blocks: end of the pair's ratings, from the block's first */
    uint16_t *user; /* (nnz) user within the block, ascending within a pair */
    uint8_t *code;  /* (nnz), or NULL and value set, as in mixfill_ratings */
    double *value;
    size_t bytes;
} mixfill_blocks;

/* Cut and sort. The cut depends on the ratings only: at least min(N, 64) blocks of nearly equal
 * numbers of ratings, none of more than 4096 users. threads: for the sorts. MIXFILL_ERR_NOMEM.
 * Cost: O(nnz + n_blocks D) time, O(D) scratch per thread. */
mixfill_status mixfill_blocks_create(mixfill_blocks **out, const mixfill_ratings *ratings,
                                     int32_t threads, mixfill_error *err);
void mixfill_blocks_free(mixfill_blocks *blocks);

/* The index without its arrays over pairs and ratings: the cut, the ranks, and bytes, which is what
 * the whole would take. For planning memory before it is taken. */
mixfill_status mixfill_blocks_outline(mixfill_blocks **out, const mixfill_ratings *ratings,
                                      int32_t threads, mixfill_error *err);

/* Users of the largest block. */
int32_t mixfill_blocks_max_users(const mixfill_blocks *blocks);

#endif
