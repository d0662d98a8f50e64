/* Id tables: an arena of strings, and over it an array for small numbers, which most ids are, and
 * an open-addressing index for the rest.
 *
 * An id lives in exactly one of the two: in `small` if its value is below small_cap, else in a
 * bucket. When small grows, numbers that were in buckets move into it and their buckets go stale:
 * nobody asks them any more, and the next growth of the buckets still copies them, which costs
 * room but no time on any path that matters. */
#include "ratings/ids.h"

#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The array never has more places than these for the ids there are: memory follows the number of
 * ids, not what they claim to be. */
enum { SMALL_FIRST = 4096, SMALL_PER_ID = 8 };

void mixfill_ids_init(mixfill_ids *ids) {
    *ids = (mixfill_ids){0};
}

void mixfill_ids_clear(mixfill_ids *ids) {
    mixfill_free(ids->text);
    mixfill_free(ids->start);
    mixfill_free(ids->small);
    mixfill_free(ids->bucket);
    mixfill_ids_init(ids);
}

void mixfill_ids_init_by_index(mixfill_ids *ids, int32_t n, int32_t first) {
    *ids = (mixfill_ids){.n = n, .by_index = true, .first = first};
}

void mixfill_ids_reset(mixfill_ids *ids) {
    ids->n = 0;
    ids->text_len = 0;
    ids->buckets_used = 0;
    if (ids->small_cap > 0)
        memset(ids->small, 0, ids->small_cap * sizeof *ids->small);
    if (ids->bucket_cap > 0)
        memset(ids->bucket, 0, ids->bucket_cap * sizeof *ids->bucket);
}

/* Fibonacci hashing: high bits of the product depend on all bits of x, and come down. */
static uint64_t mix(uint64_t x) {
    x *= UINT64_C(0x9E3779B97F4A7C15);
    return x ^ x >> 32;
}

mixfill_id_key mixfill_id_key_make(const char *id, size_t len) {
    mixfill_id_key key = {.text = id, .len = len};
    for (size_t i = 0; i < len; i += MIXFILL_WORD) {
        char bytes[MIXFILL_WORD] = {0};
        memcpy(bytes, id + i, len - i < sizeof bytes ? len - i : sizeof bytes);
        key.word = mix(key.word) ^ mixfill_load_word(bytes);
    }
    if (len > MIXFILL_WORD)
        key.word = mix(key.word) << 8;
    return key;
}

/* Whether an id of more than 8 bytes is the one with this number: its word is only a hash. */
static bool is_long_id(const mixfill_ids *ids, int32_t index, const mixfill_id_key *key) {
    const char *known = ids->text + ids->start[index];
    return strncmp(known, key->text, key->len) == 0 && known[key->len] == '\0';
}

/* Where a word is looked for first; keys of short ids are plain text, so they are mixed here. */
static inline size_t first_place(uint64_t word, size_t mask) {
    return (size_t)(mix(word) * UINT64_C(0xD6E8FEB86659FD93) >> 32) & mask;
}

/* The bucket that holds the id, or the free one where it belongs, by linear probing: ids are never
 * taken out. Words of short ids are the ids, so equal words need no further look; of long ones they
 * are hashes, and the text decides. */
static inline mixfill_id_bucket *probe(const mixfill_ids *ids, const mixfill_id_key *key) {
    size_t mask = ids->bucket_cap - 1;
    for (size_t at = first_place(key->word, mask);; at = (at + 1) & mask) {
        mixfill_id_bucket *bucket = &ids->bucket[at];
        if (bucket->entry == 0 ||
            (bucket->word == key->word &&
             (key->len <= MIXFILL_WORD || is_long_id(ids, bucket->entry - 1, key))))
            return bucket;
    }
}

/* Twice the buckets, at most half of them in use: probes stay short. The words are hashed anew,
 * the text is not read. */
static mixfill_status grow_buckets(mixfill_ids *ids) {
    size_t cap = ids->bucket_cap > 0 ? 2 * ids->bucket_cap : 64;
    mixfill_id_bucket *bucket = mixfill_alloc_zero(cap, sizeof *bucket);
    if (bucket == NULL)
        return MIXFILL_ERR_NOMEM;
    for (size_t i = 0; i < ids->bucket_cap; i++) {
        if (ids->bucket[i].entry == 0)
            continue;
        size_t at = first_place(ids->bucket[i].word, cap - 1);
        while (bucket[at].entry != 0)
            at = (at + 1) & (cap - 1);
        bucket[at] = ids->bucket[i];
    }
    mixfill_free(ids->bucket);
    ids->bucket = bucket;
    ids->bucket_cap = cap;
    return MIXFILL_OK;
}

/* The small number that a key's word stands for, UINT32_MAX where it is none. */
static uint32_t key_decimal(uint64_t word) {
    size_t len = MIXFILL_WORD - (size_t)__builtin_clzll(word | 1) / 8;
    return mixfill_word_decimal(word, len);
}

/* Make place for a number among the small ones, where the ids there are justify it: a file of three
 * ids, of which one is 4000000000, must not cost 16 GB. What does not fit stays in a bucket. */
static mixfill_status grow_small(mixfill_ids *ids, uint32_t value) {
    size_t most = SMALL_FIRST + SMALL_PER_ID * (size_t)ids->n;
    size_t cap = ids->small_cap > 0 ? ids->small_cap : SMALL_FIRST;
    while (cap <= value)
        cap *= 2;
    if (cap > most)
        return MIXFILL_OK;
    int32_t *small = mixfill_realloc(ids->small, cap, sizeof *small);
    if (small == NULL)
        return MIXFILL_ERR_NOMEM;
    memset(small + ids->small_cap, 0, (cap - ids->small_cap) * sizeof *small);
    ids->small = small;
    ids->small_cap = cap;
    for (size_t i = 0; i < ids->bucket_cap; i++) { /* their buckets are not looked at any more */
        const mixfill_id_bucket *bucket = &ids->bucket[i];
        uint32_t other = bucket->entry != 0 ? key_decimal(bucket->word) : UINT32_MAX;
        if (other < cap)
            small[other] = bucket->entry;
    }
    return MIXFILL_OK;
}

/* Room for one more id of len bytes in the arena and the offsets. */
static mixfill_status grow_text(mixfill_ids *ids, size_t len) {
    if (ids->text_len + len + 1 > ids->text_cap) {
        size_t cap = 2 * ids->text_cap + len + 1024;
        char *text = mixfill_realloc(ids->text, cap, 1);
        if (text == NULL)
            return MIXFILL_ERR_NOMEM;
        ids->text = text;
        ids->text_cap = cap;
    }
    if ((size_t)ids->n == ids->start_cap) {
        size_t cap = 2 * ids->start_cap + 64;
        size_t *start = mixfill_realloc(ids->start, cap, sizeof *start);
        if (start == NULL)
            return MIXFILL_ERR_NOMEM;
        ids->start = start;
        ids->start_cap = cap;
    }
    return MIXFILL_OK;
}

/* Append an id to the arena; its number is the next one. */
static mixfill_status add_id(mixfill_ids *ids, const mixfill_id_key *key) {
    if (ids->n == INT32_MAX)
        return MIXFILL_ERR_RANGE;
    if (grow_text(ids, key->len) != MIXFILL_OK)
        return MIXFILL_ERR_NOMEM;
    ids->start[ids->n++] = ids->text_len;
    memcpy(ids->text + ids->text_len, key->text, key->len);
    ids->text[ids->text_len + key->len] = '\0';
    ids->text_len += key->len + 1;
    return MIXFILL_OK;
}

mixfill_status mixfill_ids_intern_key(mixfill_ids *ids, int32_t *index, const mixfill_id_key *key) {
    uint32_t value = key_decimal(key->word);
    if (value != UINT32_MAX && value >= ids->small_cap && grow_small(ids, value) != MIXFILL_OK)
        return MIXFILL_ERR_NOMEM;
    bool is_small = value < ids->small_cap;
    if (!is_small && 2 * ids->buckets_used >= ids->bucket_cap && grow_buckets(ids) != MIXFILL_OK)
        return MIXFILL_ERR_NOMEM;
    mixfill_id_bucket *bucket = is_small ? NULL : probe(ids, key);
    int32_t *entry = is_small ? &ids->small[value] : &bucket->entry;
    if (*entry == 0) {
        mixfill_status st = add_id(ids, key);
        if (st != MIXFILL_OK)
            return st;
        *entry = ids->n;
        if (!is_small) {
            bucket->word = key->word;
            ids->buckets_used++;
        }
    }
    *index = *entry - 1;
    return MIXFILL_OK;
}

mixfill_status mixfill_ids_intern(mixfill_ids *ids, int32_t *index, const char *id, size_t len) {
    mixfill_id_key key = mixfill_id_key_make(id, len);
    return mixfill_ids_intern_key(ids, index, &key);
}

/* Ids by index are the decimals of first to first + n - 1, without leading zeros. */
static int32_t find_by_index(const mixfill_ids *ids, const char *id, size_t len) {
    char text[24];
    int64_t value;
    if (len >= sizeof text)
        return -1;
    memcpy(text, id, len);
    text[len] = '\0';
    if (!mixfill_id_to_int64(text, &value) || value < ids->first || value - ids->first >= ids->n)
        return -1;
    return (int32_t)(value - ids->first);
}

int32_t mixfill_ids_find(const mixfill_ids *ids, const char *id, size_t len) {
    if (ids->by_index)
        return find_by_index(ids, id, len);
    if (len == 0)
        return -1;
    mixfill_id_key key = mixfill_id_key_make(id, len);
    uint32_t value = key_decimal(key.word);
    if (value < ids->small_cap)
        return ids->small[value] - 1;
    return ids->buckets_used > 0 ? probe(ids, &key)->entry - 1 : -1;
}

const char *mixfill_ids_get(const mixfill_ids *ids, int32_t index, char buffer[MIXFILL_ID_BUFFER]) {
    if (!ids->by_index)
        return ids->text + ids->start[index];
    snprintf(buffer, MIXFILL_ID_BUFFER, "%" PRId64, (int64_t)index + ids->first);
    return buffer;
}

/* A copy of the n elements of an array, NULL for none; false when out of memory. */
static bool copy_array(void *to, const void *from, size_t n, size_t size) {
    void *copy = n > 0 ? mixfill_realloc(NULL, n, size) : NULL;
    memcpy(to, &copy, sizeof copy);
    if (copy != NULL)
        memcpy(copy, from, n * size);
    return copy != NULL || n == 0;
}

/* Arrays are copied to what is in use of them; small and buckets have no slack that matters. */
mixfill_status mixfill_ids_copy(mixfill_ids *out, const mixfill_ids *ids) {
    mixfill_ids copy = *ids;
    copy.text_cap = ids->text_len;
    copy.start_cap = ids->by_index ? 0 : (size_t)ids->n;
    /* every one is tried, so that none keeps the pointer of the original */
    bool ok = copy_array(&copy.text, ids->text, copy.text_cap, 1);
    ok &= copy_array(&copy.start, ids->start, copy.start_cap, sizeof *copy.start);
    ok &= copy_array(&copy.small, ids->small, copy.small_cap, sizeof *copy.small);
    ok &= copy_array(&copy.bucket, ids->bucket, copy.bucket_cap, sizeof *copy.bucket);
    if (!ok) {
        mixfill_ids_clear(&copy);
        return MIXFILL_ERR_NOMEM;
    }
    *out = copy;
    return MIXFILL_OK;
}

bool mixfill_id_to_int64(const char *id, int64_t *value) {
    bool negative = id[0] == '-';
    const char *digits = id + negative;
    if (digits[0] == '\0' || (digits[0] == '0' && (digits[1] != '\0' || negative)))
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t sum = 0;
    for (const char *c = digits; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return false;
        uint64_t digit = (uint64_t)(*c - '0');
        if (sum > (limit - digit) / 10)
            return false;
        sum = 10 * sum + digit;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

/* Decimals by their digits, which an int64 has more of than a double. */
size_t mixfill_id_to_whole(const char *id, size_t len, char number[24]) {
    enum { MOST = 23 };
    const double exact = 9007199254740992;
    double value;
    int64_t whole = 0;
    size_t zeros = 0;
    while (zeros + 1 < len && id[zeros] == '0')
        zeros++;
    size_t digits = len - zeros < MOST ? len - zeros : MOST;
    memcpy(number, id + zeros, digits);
    number[digits] = '\0';
    if (digits == len - zeros && mixfill_id_to_int64(number, &whole))
        return whole >= 0 ? digits : 0;
    if (!mixfill_parse_double(id, len, &value) || !(value >= 0 && value <= exact) ||
        value != floor(value))
        return 0;
    return (size_t)snprintf(number, MOST + 1, "%.0f", value);
}

size_t mixfill_ids_bytes(const mixfill_ids *ids) {
    return ids->text_cap + ids->start_cap * sizeof *ids->start +
           ids->small_cap * sizeof *ids->small + ids->bucket_cap * sizeof *ids->bucket;
}

/* Two tables by index of one length are the same without a look. */
bool mixfill_ids_same(const mixfill_ids *a, const mixfill_ids *b) {
    char x[MIXFILL_ID_BUFFER], y[MIXFILL_ID_BUFFER];
    if (a->n != b->n)
        return false;
    bool both = a->by_index && b->by_index;
    if (both)
        return a->first == b->first || a->n == 0;
    for (int32_t i = 0; i < a->n; i++)
        if (strcmp(mixfill_ids_get(a, i, x), mixfill_ids_get(b, i, y)) != 0)
            return false;
    return true;
}

int32_t *mixfill_ids_map(const mixfill_ids *from, const mixfill_ids *to) {
    char buffer[MIXFILL_ID_BUFFER];
    int32_t *map = mixfill_alloc((size_t)from->n, sizeof *map);
    for (int32_t i = 0; map != NULL && i < from->n; i++) {
        const char *id = mixfill_ids_get(from, i, buffer);
        map[i] = mixfill_ids_find(to, id, strlen(id));
    }
    return map;
}

/* An id to be sorted; a canonical decimal has no text. */
typedef struct sorted_id {
    const char *text;
    int64_t value;
    int32_t index;
} sorted_id;

static sorted_id to_sort(const mixfill_ids *ids, int32_t index) {
    sorted_id id = {.text = ids->text + ids->start[index], .index = index};
    if (mixfill_id_to_int64(id.text, &id.value))
        id.text = NULL;
    return id;
}

/* For qsort; ids are distinct. */
static int compare_ids(const void *a, const void *b) {
    const sorted_id *x = a, *y = b;
    if (x->text != NULL && y->text != NULL)
        return strcmp(x->text, y->text);
    if (x->text != NULL || y->text != NULL)
        return x->text != NULL ? 1 : -1;
    return (x->value > y->value) - (x->value < y->value);
}

static bool in_order(const mixfill_ids *ids) {
    for (int32_t i = 1; i < ids->n && !ids->by_index; i++) {
        sorted_id before = to_sort(ids, i - 1), id = to_sort(ids, i);
        if (compare_ids(&before, &id) > 0)
            return false;
    }
    return true;
}

int32_t *mixfill_ids_order(const mixfill_ids *ids) {
    bool sorted = in_order(ids);
    int32_t *order = mixfill_alloc((size_t)ids->n, sizeof *order);
    sorted_id *id = sorted ? NULL : mixfill_alloc((size_t)ids->n, sizeof *id);
    if (order == NULL || (!sorted && id == NULL)) {
        mixfill_free(order);
        mixfill_free(id);
        return NULL;
    }
    for (int32_t i = 0; !sorted && i < ids->n; i++)
        id[i] = to_sort(ids, i);
    if (!sorted)
        qsort(id, (size_t)ids->n, sizeof *id, compare_ids);
    for (int32_t i = 0; i < ids->n; i++)
        order[i] = sorted ? i : id[i].index;
    mixfill_free(id);
    return order;
}

uint64_t mixfill_ids_number(const mixfill_ids *ids, int32_t index) {
    char buffer[MIXFILL_ID_BUFFER];
    int64_t value;
    const char *id = mixfill_ids_get(ids, index, buffer);
    return mixfill_id_to_int64(id, &value) ? (uint64_t)value
                                           : mixfill_id_key_make(id, strlen(id)).word;
}
