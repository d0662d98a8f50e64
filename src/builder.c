/* From triplets in file order to CSR: levels, two stable counting sorts, duplicates. */
#include "ratings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LEVEL_SLOTS = 1024, FIRST_CAP = 4096 };

/* Triplets sorted by item: what is left of them between the two sorts. */
typedef struct by_item {
    int64_t *start; /* (n_items + 1) */
    int32_t *user;  /* (n) */
    uint8_t *code;  /* (n), or NULL and value set */
    double *value;
} by_item;

void mixfill_builder_init(mixfill_builder *b) {
    *b = (mixfill_builder){0};
}

void mixfill_builder_clear(mixfill_builder *b) {
    mixfill_ids_clear(&b->users);
    mixfill_ids_clear(&b->items);
    mixfill_free(b->user);
    mixfill_free(b->item);
    mixfill_free(b->code);
    mixfill_free(b->value);
    mixfill_free(b->run);
    mixfill_builder_init(b);
}

/* Reallocate *array in place; the old one stays on failure. */
static bool resize(void *array, int64_t n, size_t size) {
    void *old;
    memcpy(&old, array, sizeof old);
    void *grown = mixfill_realloc(old, (size_t)n, size);
    if (grown == NULL)
        return false;
    memcpy(array, &grown, sizeof grown);
    return true;
}

static bool grow(mixfill_builder *b) {
    int64_t cap = b->cap > 0 ? b->cap + b->cap / 2 : FIRST_CAP;
    if (!resize(&b->user, cap, sizeof *b->user) || !resize(&b->item, cap, sizeof *b->item))
        return false;
    bool ok = b->value != NULL ? resize(&b->value, cap, sizeof *b->value)
                               : resize(&b->code, cap, sizeof *b->code);
    if (ok)
        b->cap = cap;
    return ok;
}

int mixfill_levels_code(mixfill_levels *levels, double value) {
    value += 0.0;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    size_t at = (size_t)((bits * UINT64_C(0x9E3779B97F4A7C15)) >> 54);
    while (levels->slot[at] != 0) {
        int code = levels->slot[at] - 1;
        if (levels->level[code] == value)
            return code;
        at = (at + 1) % LEVEL_SLOTS;
    }
    if (levels->n == MIXFILL_MAX_LEVELS)
        return -1;
    levels->level[levels->n] = value;
    levels->slot[at] = (uint16_t)++levels->n;
    return levels->n - 1;
}

/* The 257th distinct value: from codes to doubles. */
static bool codes_to_values(mixfill_builder *b) {
    b->value = mixfill_realloc(NULL, (size_t)b->cap, sizeof *b->value);
    if (b->value == NULL)
        return false;
    for (int64_t e = 0; e < b->n; e++)
        b->value[e] = b->levels.level[b->code[e]];
    mixfill_free(b->code);
    b->code = NULL;
    return true;
}

/* Remember the line of the entry about to be added, unless it follows from the last run. */
static bool note_line(mixfill_builder *b, int64_t line) {
    if (b->n_runs > 0) {
        const mixfill_line_run *last = &b->run[b->n_runs - 1];
        if (line == last->line + (b->n - last->entry))
            return true;
    }
    if (b->n_runs == b->runs_cap) {
        int64_t cap = 2 * b->runs_cap + 16;
        if (!resize(&b->run, cap, sizeof *b->run))
            return false;
        b->runs_cap = cap;
    }
    b->run[b->n_runs++] = (mixfill_line_run){.entry = b->n, .line = line};
    return true;
}

mixfill_status mixfill_builder_add(mixfill_builder *b, int32_t user, int32_t item, double value,
                                   int64_t line) {
    if (b->n == b->cap && !grow(b))
        return MIXFILL_ERR_NOMEM;
    if (line > 0 && !note_line(b, line))
        return MIXFILL_ERR_NOMEM;
    int level = b->value == NULL ? mixfill_levels_code(&b->levels, value) : -1;
    if (level < 0 && b->value == NULL && !codes_to_values(b))
        return MIXFILL_ERR_NOMEM;
    b->user[b->n] = user;
    b->item[b->n] = item;
    if (level >= 0)
        b->code[b->n] = (uint8_t)level;
    else
        b->value[b->n] = value + 0.0; /* no -0 */
    b->n++;
    return MIXFILL_OK;
}

static int64_t line_of(const mixfill_builder *b, int64_t entry) {
    int64_t lo = 0, hi = b->n_runs;
    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;
        if (b->run[mid].entry <= entry)
            lo = mid;
        else
            hi = mid;
    }
    return b->n_runs > 0 ? b->run[lo].line + (entry - b->run[lo].entry) : 0;
}

static void by_item_clear(by_item *t) {
    mixfill_free(t->start);
    mixfill_free(t->user);
    mixfill_free(t->code);
    mixfill_free(t->value);
    *t = (by_item){0};
}

/* counts[i + 1] of n keys to offsets; counts has n_keys + 1 entries. */
static void counts_to_offsets(int64_t *counts, int32_t n_keys) {
    for (int32_t i = 0; i < n_keys; i++)
        counts[i + 1] += counts[i];
}

/* After a scatter that used start[i] as a cursor, start[i] is the end of i: shift back. */
static void cursors_to_offsets(int64_t *start, int32_t n_keys) {
    memmove(start + 1, start, (size_t)n_keys * sizeof *start);
    start[0] = 0;
}

/* First sort: by item, file order kept within an item. */
static mixfill_status sort_by_item(const mixfill_builder *b, by_item *out) {
    size_t n = (size_t)b->n;
    int32_t n_items = b->items.n;
    by_item t = {.start = mixfill_alloc_zero((size_t)n_items + 1, sizeof *t.start),
                 .user = mixfill_alloc(n, sizeof *t.user)};
    if (b->value != NULL)
        t.value = mixfill_alloc(n, sizeof *t.value);
    else
        t.code = mixfill_alloc(n, sizeof *t.code);
    if (t.start == NULL || t.user == NULL || (t.code == NULL && t.value == NULL)) {
        by_item_clear(&t);
        return MIXFILL_ERR_NOMEM;
    }
    for (int64_t e = 0; e < b->n; e++)
        t.start[b->item[e] + 1]++;
    counts_to_offsets(t.start, n_items);
    for (int64_t e = 0; e < b->n; e++) {
        int64_t at = t.start[b->item[e]]++;
        t.user[at] = b->user[e];
        if (t.value != NULL)
            t.value[at] = b->value[e];
        else
            t.code[at] = b->code[e];
    }
    cursors_to_offsets(t.start, n_items);
    *out = t;
    return MIXFILL_OK;
}

/* Message for the pair (user, item), which was given twice. */
static mixfill_status report_duplicate(const mixfill_builder *b, int32_t user, int32_t item,
                                       const char *path, mixfill_error *err) {
    int64_t entry[2] = {0, 0};
    int found = 0;
    for (int64_t e = 0; e < b->n && found < 2; e++)
        if (b->user[e] == user && b->item[e] == item)
            entry[found++] = e;
    int64_t line = line_of(b, entry[1]);
    char user_id[MIXFILL_ID_BUFFER], item_id[MIXFILL_ID_BUFFER];
    char where[48] = "", first[48] = "";
    if (line > 0) {
        snprintf(where, sizeof where, ":%" PRId64, line);
        snprintf(first, sizeof first, ", first on line %" PRId64, line_of(b, entry[0]));
    }
    return mixfill_fail(err, MIXFILL_ERR_PARSE, line,
                        "%s%s: duplicate rating of user '%s' and item '%s'%s, expected one per "
                        "pair (--duplicates first, last or mean to accept)",
                        path, where, mixfill_ids_get(&b->users, user, user_id),
                        mixfill_ids_get(&b->items, item, item_id), first);
}

/* MIXFILL_ERR_PARSE where a user rated an item twice. */
static mixfill_status refuse_duplicates(const mixfill_builder *b, const by_item *t,
                                        const char *path, mixfill_error *err) {
    int32_t *last_item = mixfill_alloc((size_t)b->users.n, sizeof *last_item);
    if (last_item == NULL)
        return mixfill_fail_nomem(err, "the search for duplicates");
    memset(last_item, 0xff, (size_t)b->users.n * sizeof *last_item);
    mixfill_status st = MIXFILL_OK;
    for (int32_t j = 0; j < b->items.n && st == MIXFILL_OK; j++)
        for (int64_t e = t->start[j]; e < t->start[j + 1] && st == MIXFILL_OK; e++) {
            int32_t u = t->user[e];
            if (last_item[u] == j)
                st = report_duplicate(b, u, j, path, err);
            last_item[u] = j;
        }
    mixfill_free(last_item);
    return st;
}

/* Second sort: by user; items ascend within a row because they came in that order. */
static void sort_by_user(const by_item *t, mixfill_ratings *r) {
    memset(r->row_ptr, 0, ((size_t)r->n_users + 1) * sizeof *r->row_ptr);
    for (int64_t e = 0; e < r->nnz; e++)
        r->row_ptr[t->user[e] + 1]++;
    counts_to_offsets(r->row_ptr, r->n_users);
    for (int32_t j = 0; j < r->n_items; j++)
        for (int64_t e = t->start[j]; e < t->start[j + 1]; e++) {
            int64_t at = r->row_ptr[t->user[e]]++;
            r->col[at] = j;
            if (r->value != NULL)
                r->value[at] = t->value[e];
            else
                r->code[at] = t->code[e];
        }
    cursors_to_offsets(r->row_ptr, r->n_users);
}

bool mixfill_ratings_encode(mixfill_ratings *r) {
    mixfill_levels levels = {0};
    uint8_t *code = mixfill_alloc((size_t)r->nnz, sizeof *code);
    if (code == NULL)
        return false;
    for (int64_t e = 0; e < r->nnz; e++) {
        int level = mixfill_levels_code(&levels, mixfill_ratings_value(r, e));
        if (level < 0) { /* so r holds doubles, and keeps them */
            mixfill_free(code);
            return true;
        }
        code[e] = (uint8_t)level;
    }
    mixfill_free(r->code);
    mixfill_free(r->value);
    r->code = code;
    r->value = NULL;
    memcpy(r->level, levels.level, sizeof r->level);
    r->n_levels = levels.n;
    return true;
}

/* A mean of duplicates is a new value, so codes cannot hold it. */
static bool ratings_to_values(mixfill_ratings *r) {
    if (r->value != NULL)
        return true;
    r->value = mixfill_alloc((size_t)r->nnz, sizeof *r->value);
    if (r->value == NULL)
        return false;
    for (int64_t e = 0; e < r->nnz; e++)
        r->value[e] = r->level[r->code[e]];
    mixfill_free(r->code);
    r->code = NULL;
    r->n_levels = 0;
    return true;
}

/* Merge the run of equal pairs [from, to) into place `at`. */
static void merge_run(mixfill_ratings *r, int64_t at, int64_t from, int64_t to,
                      mixfill_duplicates policy) {
    int64_t keep = policy == MIXFILL_DUPLICATES_LAST ? to - 1 : from;
    r->col[at] = r->col[keep];
    if (r->code != NULL) {
        r->code[at] = r->code[keep];
    } else if (policy == MIXFILL_DUPLICATES_MEAN && to - from > 1) {
        double sum = 0;
        for (int64_t e = from; e < to; e++)
            sum += r->value[e];
        r->value[at] = sum / (double)(to - from);
    } else {
        r->value[at] = r->value[keep];
    }
}

/* Merge duplicates in place; rows are sorted and stable, so equal pairs stand side by side in file
 * order. */
static void merge_duplicates(mixfill_ratings *r, mixfill_duplicates policy) {
    int64_t at = 0, e = 0;
    for (int32_t u = 0; u < r->n_users; u++) {
        int64_t end = r->row_ptr[u + 1];
        r->row_ptr[u] = at;
        while (e < end) {
            int64_t to = e + 1;
            while (to < end && r->col[to] == r->col[e])
                to++;
            merge_run(r, at++, e, to, policy);
            e = to;
        }
    }
    r->row_ptr[r->n_users] = at;
    r->nnz = at;
}

static bool has_duplicates(const mixfill_ratings *r) {
    for (int32_t u = 0; u < r->n_users; u++)
        for (int64_t e = r->row_ptr[u] + 1; e < r->row_ptr[u + 1]; e++)
            if (r->col[e] == r->col[e - 1])
                return true;
    return false;
}

/* Hand over levels and ids to ratings of the shape and size of the triplets. */
static mixfill_ratings *adopt(mixfill_builder *b, bool with_codes) {
    mixfill_ratings *r = mixfill_ratings_alloc(b->users.n, b->items.n, b->n, with_codes);
    if (r == NULL)
        return NULL;
    memcpy(r->level, b->levels.level, sizeof r->level);
    r->n_levels = with_codes ? b->levels.n : 0;
    r->user_ids = b->users;
    r->item_ids = b->items;
    mixfill_ids_init(&b->users);
    mixfill_ids_init(&b->items);
    return r;
}

mixfill_status mixfill_builder_finish(mixfill_builder *b, mixfill_ratings **out,
                                      int64_t *n_duplicates, mixfill_duplicates duplicates,
                                      const char *path, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    by_item t = {0};
    mixfill_ratings *r = NULL;
    if (sort_by_item(b, &t) != MIXFILL_OK)
        return mixfill_fail_nomem(err, "ratings");
    if (duplicates == MIXFILL_DUPLICATES_ERROR)
        MIXFILL_TRY(refuse_duplicates(b, &t, path, err));
    mixfill_free(b->user);
    mixfill_free(b->item);
    mixfill_free(b->code);
    mixfill_free(b->value);
    b->user = b->item = NULL;
    b->code = NULL;
    b->value = NULL;
    r = adopt(b, t.code != NULL);
    if (r == NULL) {
        st = mixfill_fail_nomem(err, "ratings");
        goto done;
    }
    sort_by_user(&t, r);
    by_item_clear(&t);
    if (duplicates != MIXFILL_DUPLICATES_ERROR && has_duplicates(r)) {
        if (duplicates == MIXFILL_DUPLICATES_MEAN && !ratings_to_values(r)) {
            st = mixfill_fail_nomem(err, "ratings");
            goto done;
        }
        merge_duplicates(r, duplicates);
        if (!mixfill_ratings_encode(r)) {
            st = mixfill_fail_nomem(err, "ratings");
            goto done;
        }
    }
    *n_duplicates = b->n - r->nnz;
    *out = r;
    r = NULL;
done:
    by_item_clear(&t);
    mixfill_ratings_free(r);
    mixfill_builder_clear(b);
    return st;
}
