/* Ids of users or items as written in the file, numbered from 0 by first appearance. */
#ifndef MIXFILL_IDS_H
#define MIXFILL_IDS_H

#include "base.h"

enum { MIXFILL_ID_MAX = 255, MIXFILL_ID_BUFFER = MIXFILL_ID_MAX + 1 };

/* Either `by_index` (the id of i is its decimal number and nothing is stored) or a table of
 * strings. */
typedef struct mixfill_ids {
    int32_t n;
    bool by_index;
    char *text; /* all ids, each ended by a NUL */
    size_t text_len, text_cap;
    size_t *start; /* (start_cap), of which n used: offset into text */
    size_t start_cap;
    int32_t *slot; /* (slot_cap), open addressing: index + 1, 0 free; slot_cap a power of two, at
                      least 2n */
    size_t slot_cap;
} mixfill_ids;

/* All-zero is an empty table of strings. */
void mixfill_ids_init(mixfill_ids *ids);
void mixfill_ids_clear(mixfill_ids *ids);

/* n ids that are their own index. */
void mixfill_ids_init_by_index(mixfill_ids *ids, int32_t n);

/* The index of an id of len bytes (no NUL inside, 1 <= len <= MIXFILL_ID_MAX), added if new.
 * MIXFILL_ERR_RANGE past 2^31-1 ids, MIXFILL_ERR_NOMEM. O(len) amortised. */
mixfill_status mixfill_ids_intern(mixfill_ids *ids, int32_t *index, const char *id, size_t len);

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
