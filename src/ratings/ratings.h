/* The ratings object: observed entries in CSR with ids, and the builder that makes one from
 * triplets. */
#ifndef MIXFILL_RATINGS_H
#define MIXFILL_RATINGS_H

#include "base/base.h"
#include "ratings/ids.h"

enum { MIXFILL_MAX_LEVELS = 256 };

/* |x| above this is refused on reading: squares and sums of it must stay finite. */
#define MIXFILL_MAX_ABS_RATING 1e150

/* Ratings are stored as one byte each while there are at most 256 distinct values ("levels"), else
 * as doubles: exactly one of code and value is set. No result depends on which. */
struct mixfill_ratings {
    int32_t n_users, n_items;
    int64_t nnz;
    int64_t *row_ptr; /* (n_users + 1), row_ptr[0] = 0 */
    int32_t *col;     /* (nnz), ascending within a row, no duplicates */
    uint8_t *code;    /* (nnz) or NULL: index into level */
    double *value;    /* (nnz) or NULL */
    int64_t *time;    /* (nnz) or NULL: seconds since 1970, or whatever the file counts */
    double level[MIXFILL_MAX_LEVELS];
    int32_t n_levels;
    bool borrowed_rows;   /* row_ptr and col are not ours: neither freed nor written to */
    bool borrowed_values; /* the same of value */
    mixfill_ids user_ids, item_ids;
};

/* Rating number e of 0..nnz-1. */
static inline double mixfill_ratings_value(const mixfill_ratings *r, int64_t e) {
    return r->code != NULL ? r->level[r->code[e]] : r->value[e];
}

/* Check every invariant above; MIXFILL_ERR_PARSE with the reason and `path`. O(nnz). */
mixfill_status mixfill_ratings_validate(const mixfill_ratings *ratings, const char *path,
                                        mixfill_error *err);

/* Ratings per item, (n_items) counts owned by the caller; NULL when out of memory. */
int32_t *mixfill_ratings_item_counts(const mixfill_ratings *ratings);

/* Mean of all ratings, summed in CSR order and kept within their range; 0 where there are none. */
double mixfill_ratings_mean(const mixfill_ratings *ratings);

/* Bytes of the CSR arrays and ids. */
size_t mixfill_ratings_bytes(const mixfill_ratings *ratings);

/* An object with its arrays allocated and ids by index, for callers that fill row_ptr, col and code
 * or value themselves; with_codes chooses which. NULL when out of memory. */
mixfill_ratings *mixfill_ratings_alloc(int32_t n_users, int32_t n_items, int64_t nnz,
                                       bool with_codes);

/* The same users and ratings with items renumbered as in item_ids; ratings of items not in it are
 * left out and counted in *dropped. Users keep their number and ids. MIXFILL_ERR_NOMEM. O(nnz). */
mixfill_status mixfill_ratings_align(mixfill_ratings **out, int64_t *dropped,
                                     const mixfill_ratings *ratings, const mixfill_ids *item_ids,
                                     mixfill_error *err);

/* Distinct values met so far. All-zero is empty. */
typedef struct mixfill_levels {
    double level[MIXFILL_MAX_LEVELS];
    int32_t n;
    uint16_t slot[1024]; /* open addressing by bit pattern: level + 1, 0 free */
} mixfill_levels;

/* Code of a value, added if new; -1 where all 256 levels are taken by others. -0 and 0 are one. */
int mixfill_levels_code(mixfill_levels *levels, double value);

/* Store the values as codes of exactly the levels that occur, where there are at most 256; else
 * they stay doubles. False when out of memory, with r unchanged. */
bool mixfill_ratings_encode(mixfill_ratings *r);

/* Where in the input the entries of a builder came from: entry `entry` stands on line `line`, and
 * each later one, up to the next run, one line further. */
typedef struct mixfill_line_run {
    int64_t entry, line;
} mixfill_line_run;

enum { MIXFILL_DUPLICATE_TEXT = 256 };

/* Collects triplets in file order, 9 bytes each while there are at most 256 distinct values. */
typedef struct mixfill_builder {
    mixfill_ids users, items;
    int32_t *user, *item;
    uint8_t *code; /* code or value is set, as in mixfill_ratings; both NULL before any */
    double *value;
    bool with_times;
    int64_t *time; /* of entries, where with_times; set by the caller after each is added */
    mixfill_levels levels;
    int64_t n, cap;
    mixfill_line_run *run;
    int64_t n_runs, runs_cap;
    int32_t threads; /* of finish; 0 is 1 */
    char *duplicate; /* (MIXFILL_DUPLICATE_TEXT) or NULL: where finish says which pair came twice */
} mixfill_builder;

void mixfill_builder_init(mixfill_builder *b);
void mixfill_builder_clear(mixfill_builder *b);

/* Add a rating by 0-based indices; the caller has interned ids or sets by-index ids before finish.
 * value: finite, |value| <= MIXFILL_MAX_ABS_RATING. line: 0 where there is none. MIXFILL_ERR_NOMEM.
 */
mixfill_status mixfill_builder_add(mixfill_builder *b, int32_t user, int32_t item, double value,
                                   int64_t line);

/* Forget that there were to be times. */
void mixfill_builder_drop_times(mixfill_builder *b);

/* The line an entry came from, 0 where there is none. */
int64_t mixfill_builder_line(const mixfill_builder *b, int64_t entry);

/* Room for n more triplets. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_builder_reserve(mixfill_builder *b, int64_t n);

/* A builder that is to be joined to another, with what its numbers are there. All-zero is empty. */
typedef struct mixfill_builder_part {
    mixfill_builder builder; /* ids, triplets and lines of a piece of the input */
    int32_t *user, *item;    /* (its users, its items): numbers in the whole */
    int64_t users_cap, items_cap;
    int32_t users_known, items_known; /* how many of these numbers are known */
    uint8_t code[MIXFILL_MAX_LEVELS];
    int64_t at; /* of its first triplet in the whole */
} mixfill_builder_part;

void mixfill_builder_part_clear(mixfill_builder_part *part);

/* Forget the triplets of a part that was joined, to be filled again for the same whole. Its ids
 * stay, so that few are new the next time, unless they are more than max_ids. */
void mixfill_builder_part_reset(mixfill_builder_part *part, int32_t max_ids);

/* MIXFILL_ERR_RANGE: one user or item (`what`) more than can be numbered. */
mixfill_status mixfill_fail_many_ids(const char *path, int64_t line, const char *what,
                                     mixfill_error *err);

/* Add the triplets of a part as if they were added one by one. MIXFILL_ERR_NOMEM, or
 * MIXFILL_ERR_RANGE with `path` (more than 2^31-1 users or items). */
mixfill_status mixfill_builder_join(mixfill_builder *b, mixfill_builder_part *part,
                                    const char *path, mixfill_error *err);

/* Turn the triplets into ratings and empty the builder. The shape is that of its id tables.
 * duplicates: policy; *n_duplicates counts ratings dropped or averaged away. With a policy that
 * merges, b->duplicate tells of the first pair.
 * path: for messages. MIXFILL_ERR_PARSE (duplicate pair, with its line), MIXFILL_ERR_NOMEM.
 * Cost: a counting sort by user, left out where they come in order, and a radix sort of each row.
 * Memory per rating: 14 bytes (28 with doubles), or 9 (16) where they come in order; and 24 per
 * rating of the longest row and thread; with times 16 more, or 8, and 32. */
mixfill_status mixfill_builder_finish(mixfill_builder *b, mixfill_ratings **out,
                                      int64_t *n_duplicates, mixfill_duplicates duplicates,
                                      const char *path, mixfill_error *err);

#endif
