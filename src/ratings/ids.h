/* Ids of users or items as written in the file, numbered from 0 by first appearance.
 *
 * A file of 32 million ratings has 64 million ids to look up, nearly all of them known and short
 * numbers; that look-up is what reading costs. So an id of up to 8 bytes is handled as one word,
 * a small decimal is an index into an array, and only what is neither is hashed.
 *
 *     "7", "1193"        small[7], small[1193]
 *     "007", "ann"       buckets, whose word is the text
 *     "tt0114709-long"   a bucket, whose word is a hash; compared with text + start[i]
 *     "978300760"        a bucket while it is beyond 8 n + 4096, which is nearly always */
#ifndef MIXFILL_IDS_H
#define MIXFILL_IDS_H

#include "base/base.h"

/* An id is text of 1 to 255 bytes without NUL; the buffer takes one with its NUL. */
enum { MIXFILL_ID_MAX = 255, MIXFILL_ID_BUFFER = MIXFILL_ID_MAX + 1 };

/* One place of the index over a table: the word of an id's key, and its index + 1, 0 free. */
typedef struct mixfill_id_bucket {
    uint64_t word;
    int32_t entry;
} mixfill_id_bucket;

/* Either `by_index` (the id of i is the decimal of first + i and nothing is stored) or a table of
 * strings. */
typedef struct mixfill_ids {
    int32_t n;
    bool by_index;
    int32_t first; /* 0 or 1 */
    char *text;    /* all ids, each ended by a NUL */
    size_t text_len, text_cap;
    size_t *start; /* (start_cap), of which n used: offset into text */
    size_t start_cap;
    int32_t *small; /* (small_cap): index + 1 of the ids that are canonical decimals below
                       small_cap, 0 unknown; small_cap 0 or a power of two, at most 8n + 4096 */
    size_t small_cap;
    mixfill_id_bucket *bucket; /* (bucket_cap), open addressing by word, holds all other ids;
                              bucket_cap a power of two, at least 2 buckets_used */
    size_t bucket_cap, buckets_used;
} mixfill_ids;

/* An id and what finding it takes, for callers that meet its bytes anyway. */
typedef struct mixfill_id_key {
    const char *text;
    size_t len;
    uint64_t word; /* up to 8 bytes: these, the first lowest, zeros behind them; longer ones: a hash
                      whose lowest byte is 0, so that it is no short id's */
} mixfill_id_key;

enum { MIXFILL_WORD = 8 };

#define MIXFILL_IN_EACH_BYTE UINT64_C(0x0101010101010101)

/* 8 bytes as a number, the first lowest on every machine. */
static inline uint64_t mixfill_load_word(const char *bytes) {
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
}

/* The first len bytes of a word, 0 < len <= MIXFILL_WORD. What stands behind an id in a word that
 * was loaded with it is cut off here. */
static inline uint64_t mixfill_cut_word(uint64_t word, size_t len) {
    return word & UINT64_MAX >> (64 - 8 * len);
}

/* The value of an id of 1 to 8 bytes that is a canonical decimal; UINT32_MAX for any other.
 * word: its first byte lowest, whatever stands behind its end. */
static inline uint32_t mixfill_word_decimal(uint64_t word, size_t len) {
    /* Digits, the last one in the highest byte, behind leading zeros. */
    uint64_t x = (word ^ '0' * MIXFILL_IN_EACH_BYTE) << (64 - 8 * len);
    bool digits = ((x | (x + 0x76 * MIXFILL_IN_EACH_BYTE)) & 0x80 * MIXFILL_IN_EACH_BYTE) == 0;
    bool padded = (word & 0xff) == '0' && len > 1;
    x = 10 * x + (x >> 8); /* two digits in every other byte, then four, then eight */
    x = ((x & UINT64_C(0xff000000ff)) * (100 + (UINT64_C(1000000) << 32)) +
         (x >> 16 & UINT64_C(0xff000000ff)) * (1 + (UINT64_C(10000) << 32))) >>
        32;
    return digits && !padded ? (uint32_t)x : UINT32_MAX;
}

/* All-zero is an empty table of strings. */
void mixfill_ids_init(mixfill_ids *ids);
void mixfill_ids_clear(mixfill_ids *ids);

/* The n ids first, first + 1, ...; first: 0 or 1. */
void mixfill_ids_init_by_index(mixfill_ids *ids, int32_t n, int32_t first);

/* The index of an id of len bytes (no NUL inside, 1 <= len <= MIXFILL_ID_MAX), added if new.
 * MIXFILL_ERR_RANGE past 2^31-1 ids, MIXFILL_ERR_NOMEM. O(len) amortised. */
mixfill_status mixfill_ids_intern(mixfill_ids *ids, int32_t *index, const char *id, size_t len);

/* The key of such an id. */
mixfill_id_key mixfill_id_key_make(const char *id, size_t len);

/* mixfill_ids_intern for an id whose key is at hand. */
mixfill_status mixfill_ids_intern_key(mixfill_ids *ids, int32_t *index, const mixfill_id_key *key);

/* The index of an id found without a probe, for mixfill_word_decimal's arguments; -1 where it is
 * unknown or kept elsewhere. */
static inline int32_t mixfill_ids_find_small(const mixfill_ids *ids, uint64_t word, size_t len) {
    uint32_t value = mixfill_word_decimal(word, len);
    return value < ids->small_cap ? ids->small[value] - 1 : -1;
}

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

/* Write an id that is a whole number, also as 101.0, 1.01E+02 or 007, as a canonical decimal into
 * number; 0 where it is none from 0 to INT64_MAX, or beyond 2^53 with a point or an exponent, else
 * its length. */
size_t mixfill_id_to_whole(const char *id, size_t len, char number[24]);

/* Bytes held. */
size_t mixfill_ids_bytes(const mixfill_ids *ids);

/* Whether two tables number the same ids alike. O(n). */
bool mixfill_ids_same(const mixfill_ids *a, const mixfill_ids *b);

/* The indices in an order that does not depend on how ids are numbered: canonical decimals by
 * value, then all others by their bytes. (n) owned by the caller; NULL when out of memory. O(n)
 * where they are numbered so, as in most files and all matrices, else O(n log n). */
int32_t *mixfill_ids_order(const mixfill_ids *ids);

/* A number of an id by its text alone: the value of a canonical decimal, else a hash. O(len). */
uint64_t mixfill_ids_number(const mixfill_ids *ids, int32_t index);

/* The number in `to` of each id of `from`, (n) owned by the caller, -1 where it has none; NULL when
 * out of memory. O(n). */
int32_t *mixfill_ids_map(const mixfill_ids *from, const mixfill_ids *to);

#endif
