/* Ids of users or items as written in the file, numbered from 0 by first appearance. */
#ifndef MIXFILL_IDS_H
#define MIXFILL_IDS_H

#include "base.h"

enum { MIXFILL_ID_MAX = 255, MIXFILL_ID_BUFFER = MIXFILL_ID_MAX + 1 };

/* One place of the index over a table: 32 bits of an id's hash, so that strings are compared only
 * where they are most likely equal, and its index + 1, 0 free. */
typedef struct mixfill_id_slot {
    uint32_t hash;
    int32_t entry;
} mixfill_id_slot;

/* Either `by_index` (the id of i is its decimal number and nothing is stored) or a table of
 * strings. */
typedef struct mixfill_ids {
    int32_t n;
    bool by_index;
    char *text; /* all ids, each ended by a NUL; MIXFILL_WORD readable bytes follow */
    size_t text_len, text_cap;
    size_t *start; /* (start_cap), of which n used: offset into text */
    size_t start_cap;
    mixfill_id_slot *slot; /* (slot_cap), open addressing by hash; slot_cap a power of two, at
                              least 2n */
    size_t slot_cap;
} mixfill_ids;

/* An id and what finding it takes, for callers that meet its bytes anyway. */
typedef struct mixfill_id_key {
    const char *text;
    size_t len;
    uint64_t word; /* its first 8 bytes, zeros behind its end, the first byte lowest */
    uint32_t hash; /* mixfill_hash_end after a step for each of its words */
} mixfill_id_key;

enum { MIXFILL_WORD = 8 };

/* 8 bytes as a number, the first lowest on every machine. */
static inline uint64_t mixfill_load_word(const char *bytes) {
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
}

/* The first len bytes of a word, 0 < len <= MIXFILL_WORD. */
static inline uint64_t mixfill_cut_word(uint64_t word, size_t len) {
    return word & UINT64_MAX >> (64 - 8 * len);
}

/* State 0, then one step for each word, then the end. */
static inline uint64_t mixfill_hash_step(uint64_t state, uint64_t word) {
    state = (state ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return state ^ state >> 32;
}

static inline uint32_t mixfill_hash_end(uint64_t state) {
    return (uint32_t)(state * UINT64_C(0xD6E8FEB86659FD93) >> 32);
}

/* All-zero is an empty table of strings. */
void mixfill_ids_init(mixfill_ids *ids);
void mixfill_ids_clear(mixfill_ids *ids);

/* n ids that are their own index. */
void mixfill_ids_init_by_index(mixfill_ids *ids, int32_t n);

/* The index of an id of len bytes (no NUL inside, 1 <= len <= MIXFILL_ID_MAX), added if new.
 * MIXFILL_ERR_RANGE past 2^31-1 ids, MIXFILL_ERR_NOMEM. O(len) amortised. */
mixfill_status mixfill_ids_intern(mixfill_ids *ids, int32_t *index, const char *id, size_t len);

/* The same for a key. */
mixfill_status mixfill_ids_intern_key(mixfill_ids *ids, int32_t *index, const mixfill_id_key *key);

/* Forget all ids but keep the memory. */
void mixfill_ids_reset(mixfill_ids *ids);

/* The index of an id, -1 where it is unknown. O(len). */
int32_t mixfill_ids_find(const mixfill_ids *ids, const char *id, size_t len);

/* The id of an index as a string; by_index ids are written into buffer. */
const char *mixfill_ids_get(const mixfill_ids *ids, int32_t index, char buffer[MIXFILL_ID_BUFFER]);

/* A copy; MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_ids_copy(mixfill_ids *out, const mixfill_ids *ids);

/* The value of an id that is a canonical decimal int64 (no sign but '-', no leading zero); false
 * otherwise. */
bool mixfill_id_to_int64(const char *id, int64_t *value);

/* Bytes held. */
size_t mixfill_ids_bytes(const mixfill_ids *ids);

#endif
