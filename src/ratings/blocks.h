/* The index of the M-step. Users are cut into fixed blocks, and the ratings of common items are
 * sorted by item within each block, so that a (block, item) pair is summed in registers and touches
 * its accumulator once, while the block's responsibilities are in cache. For items with only a few
 * ratings per block that is not worth it: theirs stand item by item over all users, cut into rare
 * blocks.
 *
 * What lies where, for two user blocks and a rare one, of items ranked 0 to 5 of which 0 to 3 are
 * common; [j] are the ratings of item j in a block:
 *
 *     item           0 2 3           0 1             4 5
 *     end            9 11 12         7 8             2 3
 *     near, code     [0] [2] [3]     [0] [1]
 *     far, code                                      [4] [5]
 *
 * A rating costs 3 bytes beside its row form, 5 if its item is rare, and a pair 8. */
#ifndef MIXFILL_BLOCKS_H
#define MIXFILL_BLOCKS_H

#include "kernel/kernel.h"
#include "ratings/ratings.h"

/* A rare block ends at MIXFILL_RARE_ITEMS items or MIXFILL_RARE_RATINGS ratings. */
enum {
    MIXFILL_BLOCK_MAX_USERS = 4096,
    MIXFILL_BLOCK_RATINGS = 1 << 17, /* aimed at */
    MIXFILL_MIN_BLOCKS = 256,
    MIXFILL_COMMON_RATINGS = 4, /* per block make an item common; 2 to 8 cost alike */
    MIXFILL_RARE_ITEMS = 128,
    MIXFILL_RARE_RATINGS = 1 << 14
};

/* The (block, item) pairs of a block that have ratings. */
typedef struct mixfill_block {
    int32_t first_user, n_users; /* users [first_user, first_user + n_users); 0, 0: a rare block */
    int32_t n_items;             /* pairs */
    int64_t first_item;          /* of this block's pairs in mixfill_blocks.item */
    int64_t first_rating;        /* of this block's ratings in mixfill_blocks.code or .value */
} mixfill_block;

typedef struct mixfill_blocks {
    int32_t n_blocks, n_rare_blocks;
    mixfill_block *block; /* (n_blocks + n_rare_blocks) */
    int32_t n_common;     /* ranks below are common; depends on the ratings only */
    int32_t *by_rank;     /* (D) the item of each rank */
    int32_t *count;       /* (D) ratings of the item of each rank, never rising */
    int32_t *item;        /* pairs of all blocks: rank of the item, ascending within a block */
    uint32_t *end;  /* pairs of all blocks: end of the pair's ratings, from the block's first */
    int64_t n_near; /* ratings of common items, which come first */
    uint16_t *near; /* (n_near) user within the block, ascending within a pair */
    int32_t *far;   /* (nnz - n_near) user of a rare item's rating, ascending within a pair */
    uint8_t *code;  /* (nnz), or NULL and value set, as in mixfill_ratings */
    double *value;
    size_t bytes;
} mixfill_blocks;

/* Cut and sort. The cut depends on the ratings only: at least min(N, 256) blocks of nearly equal
 * numbers of ratings, none of more than 4096 users. threads: for the sorts. MIXFILL_ERR_NOMEM.
 * Cost: O(nnz + n_blocks n_common) time, O(D) scratch per thread. */
mixfill_status mixfill_blocks_create(mixfill_blocks **out, const mixfill_ratings *ratings,
                                     int32_t threads, mixfill_error *err);
void mixfill_blocks_free(mixfill_blocks *blocks);

/* The index without its arrays over pairs and ratings: the cut, the ranks, and bytes, which is what
 * the whole would take. For planning memory before it is taken. */
mixfill_status mixfill_blocks_outline(mixfill_blocks **out, const mixfill_ratings *ratings,
                                      int32_t threads, mixfill_error *err);

/* Pairs of block i of 0..n_blocks + n_rare_blocks - 1 as the kernels take them: users count from
 * the block's first, in rare blocks from 0. ratings are those the index was made from. */
mixfill_pairs mixfill_blocks_pairs(const mixfill_blocks *blocks, const mixfill_ratings *ratings,
                                   int32_t i);

#endif
