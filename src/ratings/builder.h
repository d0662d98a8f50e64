/* The builder: makes ratings of triplets that come in file order, from one thread or in parts from
 * several.
 *
 * Triplets are kept as arrays side by side and not as an array of structs: the cells become
 * those of the ratings where they stand in order, and codes take one byte each. A file is read
 * in pieces by several threads, each into a builder of its own (a part), and the parts are
 * joined in file order: users and items get the numbers, and values the codes, that reading line
 * by line would give. */
#ifndef MIXFILL_BUILDER_H
#define MIXFILL_BUILDER_H

#include "ratings/levels.h"

/* Where in the input the entries of a builder came from: entry `entry` stands on line `line`, and
 * each later one, up to the next run, one line further. A file with a header whose 5th line is bad
 * and left out has two runs: entry 0 on line 2, and entry 3 on line 6. */
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
