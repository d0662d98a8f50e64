/* Collecting triplets in file order: their lines, and joining what was read piece by piece.
 *
 * Lines are kept as runs: most files have a rating on every line, so all of their lines are one
 * run. */
#include "ratings/builder.h"

#include "base/pages.h"

#include <inttypes.h>
#include <string.h>

/* Triplets that are made room for at first; then by half as much again. */
enum { FIRST_CAP = 4096 };

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
    mixfill_free(b->time);
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
    mixfill_want_large_pages(grown, (size_t)n * size);
    return true;
}

/* Times were asked for before it was known that the file has none. */
void mixfill_builder_drop_times(mixfill_builder *b) {
    mixfill_free(b->time);
    b->time = NULL;
    b->with_times = false;
}

mixfill_status mixfill_builder_reserve(mixfill_builder *b, int64_t n) {
    if (b->cap - b->n >= n)
        return MIXFILL_OK;
    int64_t cap = b->cap > 0 ? b->cap + b->cap / 2 : FIRST_CAP;
    if (cap < b->n + n)
        cap = b->n + n;
    bool ok = resize(&b->user, cap, sizeof *b->user) && resize(&b->item, cap, sizeof *b->item) &&
              (!b->with_times || resize(&b->time, cap, sizeof *b->time)) &&
              (b->value != NULL ? resize(&b->value, cap, sizeof *b->value)
                                : resize(&b->code, cap, sizeof *b->code));
    if (!ok)
        return MIXFILL_ERR_NOMEM;
    b->cap = cap;
    return MIXFILL_OK;
}

/* The 257th distinct value: from codes to doubles. */
static bool codes_to_values(mixfill_builder *b) {
    b->value = mixfill_realloc(NULL, (size_t)b->cap, sizeof *b->value);
    if (b->value == NULL)
        return false;
    mixfill_want_large_pages(b->value, (size_t)b->cap * sizeof *b->value);
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
    if (b->n == b->cap && mixfill_builder_reserve(b, 1) != MIXFILL_OK)
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

/* The last run that begins at or before the entry, by halving. */
int64_t mixfill_builder_line(const mixfill_builder *b, int64_t entry) {
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

/* ---- joining ---- */

void mixfill_builder_part_clear(mixfill_builder_part *part) {
    mixfill_builder_clear(&part->builder);
    mixfill_free(part->user);
    mixfill_free(part->item);
    part->user = part->item = NULL;
    part->users_cap = part->items_cap = 0;
    part->users_known = part->items_known = 0;
}

/* The numbers of ids in the whole stay known, so a part's next piece of the file finds nearly
 * all of its ids; a table that has grown beyond the cache is dropped. */
void mixfill_builder_part_reset(mixfill_builder_part *part, int32_t max_ids) {
    mixfill_builder *b = &part->builder;
    if (b->value != NULL) { /* which has room for cap codes as well */
        b->code = (uint8_t *)b->value;
        b->value = NULL;
    }
    if (b->users.n > max_ids) {
        mixfill_ids_reset(&b->users);
        part->users_known = 0;
    }
    if (b->items.n > max_ids) {
        mixfill_ids_reset(&b->items);
        part->items_known = 0;
    }
    memset(&b->levels, 0, sizeof b->levels);
    b->n = 0;
    b->n_runs = 0;
}

/* Codes of a part's levels; where they do not fit, b goes over to doubles. */
static mixfill_status join_levels(mixfill_builder *b, mixfill_builder_part *part) {
    const mixfill_builder *p = &part->builder;
    bool fit = p->value == NULL;
    for (int32_t i = 0; fit && b->value == NULL && i < p->levels.n; i++) {
        int code = mixfill_levels_code(&b->levels, p->levels.level[i]);
        fit = code >= 0;
        part->code[i] = (uint8_t)code;
    }
    return fit || b->value != NULL || codes_to_values(b) ? MIXFILL_OK : MIXFILL_ERR_NOMEM;
}

/* Numbers in `to` of the ids of `from` that are not known yet. */
static mixfill_status join_ids(mixfill_ids *to, int32_t **map, int64_t *cap, int32_t *known,
                               const mixfill_ids *from) {
    if (from->n > *cap) {
        int64_t grown = from->n + *cap;
        if (!resize(map, grown, sizeof **map))
            return MIXFILL_ERR_NOMEM;
        *cap = grown;
    }
    mixfill_status st = MIXFILL_OK;
    for (; *known < from->n; ++*known) {
        const char *id = from->text + from->start[*known];
        st = mixfill_ids_intern(to, &(*map)[*known], id, strlen(id));
        if (st != MIXFILL_OK)
            return st;
    }
    return MIXFILL_OK;
}

mixfill_status mixfill_fail_many_ids(const char *path, int64_t line, const char *what,
                                     mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_RANGE, line,
                        "%s:%" PRId64 ": more than 2147483647 %s, expected at most as many", path,
                        line, what);
}

/* The line where `number` first stands in a part. The search is from the front; it is done once, on
 * the way to an error. */
static int64_t first_line(const mixfill_builder *p, const int32_t *numbers, int32_t number) {
    int64_t entry = 0;
    while (entry < p->n && numbers[entry] != number)
        entry++;
    return mixfill_builder_line(p, entry);
}

/* The lines of a part behind those of b. A run that goes on where b's last one stopped is not
 * begun anew. */
static mixfill_status join_runs(mixfill_builder *b, const mixfill_builder_part *part) {
    int64_t need = b->n_runs + part->builder.n_runs;
    if (need > b->runs_cap) {
        int64_t cap = need + b->runs_cap;
        if (!resize(&b->run, cap, sizeof *b->run))
            return MIXFILL_ERR_NOMEM;
        b->runs_cap = cap;
    }
    for (int64_t i = 0; i < part->builder.n_runs; i++) {
        mixfill_line_run run = part->builder.run[i];
        run.entry += part->at;
        const mixfill_line_run *last = b->n_runs > 0 ? &b->run[b->n_runs - 1] : NULL;
        if (last == NULL || run.line != last->line + (run.entry - last->entry))
            b->run[b->n_runs++] = run;
    }
    return MIXFILL_OK;
}

/* Make room for a part and find its ids' numbers in b. Only ids that are new since the last join
 * are looked up. Nothing is added before everything has its place. */
static mixfill_status join_part(mixfill_builder *b, mixfill_builder_part *part, const char *path,
                                mixfill_error *err) {
    const mixfill_builder *p = &part->builder;
    mixfill_status st =
        join_ids(&b->users, &part->user, &part->users_cap, &part->users_known, &p->users);
    if (st == MIXFILL_ERR_RANGE)
        return mixfill_fail_many_ids(path, first_line(p, p->user, part->users_known), "users", err);
    if (st == MIXFILL_OK)
        st = join_ids(&b->items, &part->item, &part->items_cap, &part->items_known, &p->items);
    if (st == MIXFILL_ERR_RANGE)
        return mixfill_fail_many_ids(path, first_line(p, p->item, part->items_known), "items", err);
    if (st != MIXFILL_OK)
        return mixfill_fail_nomem(err, "ids");
    part->at = b->n;
    if (join_runs(b, part) != MIXFILL_OK || mixfill_builder_reserve(b, p->n) != MIXFILL_OK)
        return mixfill_fail_nomem(err, "ratings");
    b->n += p->n;
    return MIXFILL_OK;
}

/* Copy the triplets of a part to their place. */
static void copy_part(mixfill_builder *b, const mixfill_builder_part *part) {
    const mixfill_builder *p = &part->builder;
    int32_t *user = b->user + part->at, *item = b->item + part->at;
    for (int64_t e = 0; e < p->n; e++) {
        user[e] = part->user[p->user[e]];
        item[e] = part->item[p->item[e]];
    }
    if (b->with_times && p->n > 0)
        memcpy(b->time + part->at, p->time, (size_t)p->n * sizeof *p->time);
    if (b->value == NULL)
        for (int64_t e = 0; e < p->n; e++)
            b->code[part->at + e] = part->code[p->code[e]];
    else
        for (int64_t e = 0; e < p->n; e++)
            b->value[part->at + e] = p->value != NULL ? p->value[e] : p->levels.level[p->code[e]];
}

/* Levels first: where b goes over to doubles it does so before it grows. */
mixfill_status mixfill_builder_join(mixfill_builder *b, mixfill_builder_part *part,
                                    const char *path, mixfill_error *err) {
    if (join_levels(b, part) != MIXFILL_OK)
        return mixfill_fail_nomem(err, "ratings");
    mixfill_status st = join_part(b, part, path, err);
    if (st == MIXFILL_OK)
        copy_part(b, part);
    return st;
}
