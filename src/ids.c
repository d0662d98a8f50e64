/* Id tables: an arena of strings with an open-addressing index over it. */
#include "ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void mixfill_ids_init(mixfill_ids *ids) {
    *ids = (mixfill_ids){0};
}

void mixfill_ids_clear(mixfill_ids *ids) {
    mixfill_free(ids->text);
    mixfill_free(ids->start);
    mixfill_free(ids->slot);
    mixfill_ids_init(ids);
}

void mixfill_ids_init_by_index(mixfill_ids *ids, int32_t n) {
    *ids = (mixfill_ids){.n = n, .by_index = true};
}

void mixfill_ids_reset(mixfill_ids *ids) {
    ids->n = 0;
    ids->text_len = 0;
    if (ids->slot_cap > 0)
        memset(ids->slot, 0, ids->slot_cap * sizeof *ids->slot);
}

static mixfill_id_key make_key(const char *id, size_t len) {
    mixfill_id_key key = {.text = id, .len = len};
    uint64_t state = 0;
    for (size_t i = 0; i < len; i += MIXFILL_WORD) {
        char bytes[MIXFILL_WORD] = {0};
        memcpy(bytes, id + i, len - i < sizeof bytes ? len - i : sizeof bytes);
        uint64_t word = mixfill_load_word(bytes);
        key.word = i == 0 ? word : key.word;
        state = mixfill_hash_step(state, word);
    }
    key.hash = mixfill_hash_end(state);
    return key;
}

static inline bool is_id(const mixfill_ids *ids, int32_t index, const mixfill_id_key *key) {
    const char *known = ids->text + ids->start[index];
    if (key->len > MIXFILL_WORD)
        return strncmp(known, key->text, key->len) == 0 && known[key->len] == '\0';
    return mixfill_cut_word(mixfill_load_word(known), key->len) == key->word &&
           known[key->len] == '\0';
}

/* The slot that holds the id, or the free one where it belongs. */
static inline mixfill_id_slot *probe(const mixfill_ids *ids, const mixfill_id_key *key) {
    size_t mask = ids->slot_cap - 1;
    for (size_t at = key->hash & mask;; at = (at + 1) & mask) {
        mixfill_id_slot *slot = &ids->slot[at];
        if (slot->entry == 0 || (slot->hash == key->hash && is_id(ids, slot->entry - 1, key)))
            return slot;
    }
}

static mixfill_status grow_slots(mixfill_ids *ids) {
    size_t cap = ids->slot_cap > 0 ? 2 * ids->slot_cap : 64;
    mixfill_id_slot *slot = mixfill_alloc_zero(cap, sizeof *slot);
    if (slot == NULL)
        return MIXFILL_ERR_NOMEM;
    for (size_t i = 0; i < ids->slot_cap; i++) {
        if (ids->slot[i].entry == 0)
            continue;
        size_t at = ids->slot[i].hash & (cap - 1);
        while (slot[at].entry != 0)
            at = (at + 1) & (cap - 1);
        slot[at] = ids->slot[i];
    }
    mixfill_free(ids->slot);
    ids->slot = slot;
    ids->slot_cap = cap;
    return MIXFILL_OK;
}

/* Room for one more id of len bytes in the arena and the offsets. */
static mixfill_status grow_text(mixfill_ids *ids, size_t len) {
    if (ids->text_len + len + 1 > ids->text_cap) {
        size_t cap = 2 * ids->text_cap + len + 1024;
        char *text = mixfill_realloc(ids->text, cap + MIXFILL_WORD, 1);
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

static mixfill_status add_id(mixfill_ids *ids, mixfill_id_slot *slot, const mixfill_id_key *key) {
    if (ids->n == INT32_MAX)
        return MIXFILL_ERR_RANGE;
    if (grow_text(ids, key->len) != MIXFILL_OK)
        return MIXFILL_ERR_NOMEM;
    ids->start[ids->n] = ids->text_len;
    memcpy(ids->text + ids->text_len, key->text, key->len);
    ids->text[ids->text_len + key->len] = '\0';
    ids->text_len += key->len + 1;
    *slot = (mixfill_id_slot){.hash = key->hash, .entry = ++ids->n};
    return MIXFILL_OK;
}

mixfill_status mixfill_ids_intern_key(mixfill_ids *ids, int32_t *index, const mixfill_id_key *key) {
    if (2 * (size_t)ids->n >= ids->slot_cap && grow_slots(ids) != MIXFILL_OK)
        return MIXFILL_ERR_NOMEM;
    mixfill_id_slot *slot = probe(ids, key);
    mixfill_status st = slot->entry == 0 ? add_id(ids, slot, key) : MIXFILL_OK;
    if (st == MIXFILL_OK)
        *index = slot->entry - 1;
    return st;
}

mixfill_status mixfill_ids_intern(mixfill_ids *ids, int32_t *index, const char *id, size_t len) {
    mixfill_id_key key = make_key(id, len);
    return mixfill_ids_intern_key(ids, index, &key);
}

static int32_t find_by_index(const mixfill_ids *ids, const char *id, size_t len) {
    char text[24];
    int64_t value;
    if (len >= sizeof text)
        return -1;
    memcpy(text, id, len);
    text[len] = '\0';
    return mixfill_id_to_int64(text, &value) && value >= 0 && value < ids->n ? (int32_t)value : -1;
}

int32_t mixfill_ids_find(const mixfill_ids *ids, const char *id, size_t len) {
    if (ids->by_index)
        return find_by_index(ids, id, len);
    mixfill_id_key key = make_key(id, len);
    return ids->n > 0 && len > 0 ? probe(ids, &key)->entry - 1 : -1;
}

const char *mixfill_ids_get(const mixfill_ids *ids, int32_t index, char buffer[MIXFILL_ID_BUFFER]) {
    if (!ids->by_index)
        return ids->text + ids->start[index];
    snprintf(buffer, MIXFILL_ID_BUFFER, "%" PRId32, index);
    return buffer;
}

mixfill_status mixfill_ids_copy(mixfill_ids *out, const mixfill_ids *ids) {
    mixfill_ids copy = *ids;
    copy.text = NULL;
    copy.start = NULL;
    copy.slot = NULL;
    if (!ids->by_index && ids->n > 0) {
        copy.text_cap = ids->text_len;
        copy.start_cap = (size_t)ids->n;
        copy.text = mixfill_realloc(NULL, copy.text_cap + MIXFILL_WORD, 1);
        copy.start = mixfill_realloc(NULL, copy.start_cap, sizeof *copy.start);
        copy.slot = mixfill_alloc(copy.slot_cap, sizeof *copy.slot);
        if (copy.text == NULL || copy.start == NULL || copy.slot == NULL) {
            mixfill_ids_clear(&copy);
            return MIXFILL_ERR_NOMEM;
        }
        memcpy(copy.text, ids->text, ids->text_len);
        memcpy(copy.start, ids->start, copy.start_cap * sizeof *copy.start);
        memcpy(copy.slot, ids->slot, copy.slot_cap * sizeof *copy.slot);
    } else {
        copy.text_len = copy.text_cap = copy.start_cap = copy.slot_cap = 0;
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

size_t mixfill_ids_bytes(const mixfill_ids *ids) {
    return ids->text_cap + ids->start_cap * sizeof *ids->start + ids->slot_cap * sizeof *ids->slot;
}
