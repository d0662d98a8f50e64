/* From triplets in file order to CSR: rows by counting, each row by a radix sort, duplicates.
 *
 * Rows are sorted by keys of item and position, so that a radix sort, which is stable and needs no
 * comparisons, gives the order in the file among equal items; what duplicates mean depends on it.
 * Rows that ascend already, as files written by user and item have them, are recognised and left
 * alone.
 *
 * Every step is a function of the triplets: neither threads nor the order in which rows are
 * sorted can be seen in the result, nor in the message about a pair that was given twice. */
#include "base/pages.h"
#include "base/par.h"
#include "ratings/builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    RADIX_BITS = 8,
    SHORT_ROW = 40,        /* rows up to this are sorted by insertion */
    ROWS_AT_ONCE = 256,    /* that a thread takes */
    FEW_RATINGS = 1 << 16, /* not worth a thread */
    NO_DUPLICATE = INT32_MAX
};

/* Items, codes or values, and times or NULL, of triplets. */
typedef struct cells {
    int32_t *item;
    uint8_t *code;
    double *value;
    int64_t *time;
} cells;

/* An item that a user rated twice, and where its first two ratings stand in the user's row. */
typedef struct repeat {
    int32_t item, user;
    uint32_t at[2];
} repeat;

/* One thread's room for the longest row. */
typedef struct sorter {
    uint64_t *key, *other; /* item << 32 | position in the row */
    cells copy;            /* of all but the items */
    int32_t digits, width; /* of an item's number: how many, and bits in each */
    repeat least;          /* of the smallest item, and then user, among the rows sorted */
} sorter;

static cells cells_at(const mixfill_ratings *r, int64_t at) {
    return (cells){r->col + at, r->code != NULL ? r->code + at : NULL,
                   r->value != NULL ? r->value + at : NULL, r->time != NULL ? r->time + at : NULL};
}

/* ---- rows ---- */

/* Offsets of the rows; whether the triplets already stand row by row. */
static bool count_rows(const mixfill_builder *b, int64_t *row_ptr) {
    bool grouped = true;
    memset(row_ptr, 0, ((size_t)b->users.n + 1) * sizeof *row_ptr);
    for (int64_t e = 0; e < b->n;) {
        int32_t u = b->user[e];
        int64_t begin = e;
        while (e < b->n && b->user[e] == u)
            e++;
        row_ptr[u + 1] += e - begin;
        grouped = grouped && (e == b->n || b->user[e] > u);
    }
    for (int32_t u = 0; u < b->users.n; u++)
        row_ptr[u + 1] += row_ptr[u];
    return grouped;
}

/* Triplets to their rows, in file order within each. row_ptr serves as the rows' cursors and is put
 * right at the end, which saves an array of N offsets. The writes go all over the place, and large
 * pages spare most of them a walk through the page tables. */
static void scatter(const mixfill_builder *b, mixfill_ratings *r) {
    size_t n = (size_t)b->n;
    mixfill_want_large_pages(r->col, n * sizeof *r->col);
    mixfill_want_large_pages(r->code, r->code != NULL ? n : 0);
    mixfill_want_large_pages(r->value, r->value != NULL ? n * sizeof *r->value : 0);
    for (int64_t e = 0; e < b->n; e++) {
        int64_t at = r->row_ptr[b->user[e]]++;
        r->col[at] = b->item[e];
        if (r->code != NULL)
            r->code[at] = b->code[e];
        else
            r->value[at] = b->value[e];
        if (r->time != NULL)
            r->time[at] = b->time[e];
    }
    /* row_ptr[u] is now the end of u. */
    memmove(r->row_ptr + 1, r->row_ptr, (size_t)r->n_users * sizeof *r->row_ptr);
    r->row_ptr[0] = 0;
}

/* ---- sorting rows ---- */

/* All-zero can be cleared. */
static void sorter_clear(sorter *s) {
    mixfill_free(s->key);
    mixfill_free(s->other);
    mixfill_free(s->copy.code);
    mixfill_free(s->copy.value);
    mixfill_free(s->copy.time);
}

/* Room for the longest row, and how its items' numbers are cut into digits: as few as 8 bits each
 * allow, and of equal width, so that the last pass does not sort by a bit or two. All-zero where it
 * fails. */
static mixfill_status sorter_init(sorter *s, const mixfill_ratings *r, int64_t longest) {
    size_t n = (size_t)longest;
    *s = (sorter){.key = mixfill_alloc(n, sizeof *s->key),
                  .other = mixfill_alloc(n, sizeof *s->other),
                  .least = {.item = NO_DUPLICATE}};
    if (r->code != NULL)
        s->copy.code = mixfill_alloc(n, sizeof *s->copy.code);
    else
        s->copy.value = mixfill_alloc(n, sizeof *s->copy.value);
    if (r->time != NULL)
        s->copy.time = mixfill_alloc(n, sizeof *s->copy.time);
    if (s->key == NULL || s->other == NULL || (s->copy.code == NULL && s->copy.value == NULL) ||
        (r->time != NULL && s->copy.time == NULL)) {
        sorter_clear(s);
        *s = (sorter){0};
        return MIXFILL_ERR_NOMEM;
    }
    int32_t bits = 1;
    while (bits < 31 && r->n_items > INT32_C(1) << bits)
        bits++;
    s->digits = (bits + RADIX_BITS - 1) / RADIX_BITS;
    s->width = (bits + s->digits - 1) / s->digits;
    return MIXFILL_OK;
}

/* Short rows are most rows, and for them clearing 256 counters a digit would be the cost. */
static void insertion_sort(uint64_t *key, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        uint64_t moved = key[i];
        uint32_t at = i;
        for (; at > 0 && key[at - 1] > moved; at--)
            key[at] = key[at - 1];
        key[at] = moved;
    }
}

/* Keys of a row; whether its items ascend already. */
static bool make_keys(uint64_t *key, const int32_t *item, uint32_t n) {
    bool ascending = true;
    int32_t last = -1;
    for (uint32_t i = 0; i < n; i++) {
        key[i] = (uint64_t)item[i] << 32 | i;
        ascending &= item[i] > last;
        last = item[i];
    }
    return ascending;
}

/* Put the cell of a row's copy that a key stands for at place `at` of the row. */
static inline void put_cell(cells row, uint32_t at, cells copy, uint64_t key) {
    row.item[at] = (int32_t)(key >> 32);
    if (row.code != NULL)
        row.code[at] = copy.code[(uint32_t)key];
    else
        row.value[at] = copy.value[(uint32_t)key];
    if (row.time != NULL)
        row.time[at] = copy.time[(uint32_t)key];
}

/* In place[c], how many keys have a smaller digit than c. */
static void count_digits(uint32_t *place, uint32_t mask, const uint64_t *key, uint32_t n,
                         int32_t shift) {
    memset(place, 0, (mask + 1) * sizeof *place);
    for (uint32_t i = 0; i < n; i++)
        place[key[i] >> shift & mask]++;
    uint32_t before = 0;
    for (uint32_t c = 0; c <= mask; c++) {
        uint32_t here = place[c];
        place[c] = before;
        before += here;
    }
}

/* Radix sort from the lowest digit. The cells go to their places by the last one; s->key keeps the
 * keys as they were before it. */
static void radix_sort(sorter *s, cells row, uint32_t n) {
    uint32_t place[1 << RADIX_BITS];
    const uint32_t mask = (UINT32_C(1) << s->width) - 1;
    int32_t shift = 32, last = 32 + (s->digits - 1) * s->width;
    for (; shift < last; shift += s->width) {
        count_digits(place, mask, s->key, n, shift);
        for (uint32_t i = 0; i < n; i++)
            s->other[place[s->key[i] >> shift & mask]++] = s->key[i];
        uint64_t *sorted = s->other;
        s->other = s->key;
        s->key = sorted;
    }
    count_digits(place, mask, s->key, n, shift);
    const uint64_t *key = s->key;
    const cells copy = s->copy;
    for (uint32_t i = 0; i < n; i++)
        put_cell(row, place[key[i] >> shift & mask]++, copy, key[i]);
}

/* Of all repeats, that of the smallest item and then user: whoever finds one first, the same is
 * told. */
static void keep_least(repeat *least, repeat r) {
    if (r.item < least->item || (r.item == least->item && r.user < least->user))
        *least = r;
}

/* Note the smallest item that stands twice in a sorted row, whose keys are s->key in any order. */
static void note_repeat(sorter *s, const int32_t *item, uint32_t n, int32_t user) {
    bool repeated = false;
    for (uint32_t i = 1; i < n; i++)
        repeated |= item[i] == item[i - 1];
    if (!repeated)
        return;
    uint32_t i = 1;
    while (item[i] != item[i - 1])
        i++;
    repeat r = {item[i], user, {UINT32_MAX, UINT32_MAX}};
    /* The two smallest positions of the item's keys, which the last pass has left in any order. */
    for (uint32_t k = 0; k < n; k++) {
        uint32_t at = (int32_t)(s->key[k] >> 32) == r.item ? (uint32_t)s->key[k] : UINT32_MAX;
        uint32_t later = at < r.at[0] ? r.at[0] : at;
        r.at[0] = at < r.at[0] ? at : r.at[0];
        r.at[1] = later < r.at[1] ? later : r.at[1];
    }
    keep_least(&s->least, r);
}

/* Sort the n cells of a user by item, stably and in place. */
static void sort_row(sorter *s, cells row, uint32_t n, int32_t user) {
    if (make_keys(s->key, row.item, n))
        return;
    if (row.code != NULL)
        memcpy(s->copy.code, row.code, n);
    else
        memcpy(s->copy.value, row.value, n * sizeof *row.value);
    if (row.time != NULL)
        memcpy(s->copy.time, row.time, n * sizeof *row.time);
    if (n > SHORT_ROW) {
        radix_sort(s, row, n);
    } else {
        insertion_sort(s->key, n);
        for (uint32_t i = 0; i < n; i++)
            put_cell(row, i, s->copy, s->key[i]);
    }
    note_repeat(s, row.item, n, user);
}

/* Sort every row of r in place. */
static mixfill_status sort_rows(mixfill_ratings *r, int32_t threads, int64_t longest,
                                repeat *least) {
    mixfill_status st = MIXFILL_OK;
    sorter *sorters = mixfill_alloc_zero((size_t)threads, sizeof *sorters);
    if (sorters == NULL)
        return MIXFILL_ERR_NOMEM;
    for (int32_t t = 0; t < threads; t++)
        MIXFILL_TRY(sorter_init(&sorters[t], r, longest));
#pragma omp parallel for default(none) shared(r, sorters) num_threads(threads)                     \
    schedule(dynamic, ROWS_AT_ONCE)
    for (int32_t u = 0; u < r->n_users; u++) {
        int64_t begin = r->row_ptr[u], n = r->row_ptr[u + 1] - begin;
        if (n > 0)
            sort_row(&sorters[mixfill_par_thread_id()], cells_at(r, begin), (uint32_t)n, u);
    }
    for (int32_t t = 0; t < threads; t++)
        keep_least(least, sorters[t].least);
done:
    for (int32_t t = 0; t < threads; t++)
        sorter_clear(&sorters[t]);
    mixfill_free(sorters);
    return st;
}

/* ---- duplicates ---- */

/* Entries of the first two ratings that the first user to rate `item` again gave it. */
static mixfill_status find_first(const mixfill_builder *b, int32_t item, int64_t entry[2]) {
    int64_t *first = mixfill_alloc_zero((size_t)b->users.n, sizeof *first);
    if (first == NULL)
        return MIXFILL_ERR_NOMEM;
    int64_t e = 0;
    for (; b->item[e] != item || first[b->user[e]] == 0; e++)
        if (b->item[e] == item)
            first[b->user[e]] = e + 1;
    entry[0] = first[b->user[e]] - 1;
    entry[1] = e;
    mixfill_free(first);
    return MIXFILL_OK;
}

/* Text about a repeated pair, and its line. Where the rows came in order and were sorted in place,
 * the first user in the file is also the first by number, whose positions are known. */
static mixfill_status describe_repeat(mixfill_error *out, const mixfill_builder *b,
                                      const mixfill_ratings *r, const repeat *least,
                                      const char *path) {
    int64_t entry[2] = {r->row_ptr[least->user] + least->at[0],
                        r->row_ptr[least->user] + least->at[1]};
    if (b->item != NULL && find_first(b, least->item, entry) != MIXFILL_OK)
        return mixfill_fail_nomem(out, "the search for duplicates");
    int32_t user = b->user[entry[0]], item = least->item;
    int64_t line = mixfill_builder_line(b, entry[1]);
    char user_id[MIXFILL_ID_BUFFER], item_id[MIXFILL_ID_BUFFER];
    char where[48] = "", first[48] = "";
    if (line > 0) {
        snprintf(where, sizeof where, ":%" PRId64, line);
        snprintf(first, sizeof first, ", first on line %" PRId64,
                 mixfill_builder_line(b, entry[0]));
    }
    return mixfill_fail(out, MIXFILL_ERR_PARSE, line,
                        "%s%s: duplicate rating of user '%s' and item '%s'%s", path, where,
                        mixfill_ids_get(&b->users, user, user_id),
                        mixfill_ids_get(&b->items, item, item_id), first);
}

/* Refuse a repeated pair, or note it where it is to be merged. */
static mixfill_status report_repeat(const mixfill_builder *b, const mixfill_ratings *r,
                                    const repeat *least, mixfill_duplicates policy,
                                    const char *path, mixfill_error *err) {
    mixfill_error text;
    if (policy != MIXFILL_DUPLICATES_ERROR && b->duplicate == NULL)
        return MIXFILL_OK;
    mixfill_status st = describe_repeat(&text, b, r, least, path);
    if (st == MIXFILL_ERR_NOMEM)
        return mixfill_fail(err, st, 0, "%s", text.message);
    if (policy == MIXFILL_DUPLICATES_ERROR)
        return mixfill_fail_about(err, st, text.line, "duplicates", "%s, expected one per pair",
                                  text.message);
    snprintf(b->duplicate, MIXFILL_DUPLICATE_TEXT, "%.255s", text.message);
    return MIXFILL_OK;
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

/* The last of times [from, to), which a mean of ratings takes for its own. */
static int64_t latest(const int64_t *time, int64_t from, int64_t to) {
    int64_t most = time[from];
    for (int64_t e = from + 1; e < to; e++)
        most = time[e] > most ? time[e] : most;
    return most;
}

/* Merge the run of equal pairs [from, to) into place `at`. */
static void merge_run(mixfill_ratings *r, int64_t at, int64_t from, int64_t to,
                      mixfill_duplicates policy) {
    int64_t keep = policy == MIXFILL_DUPLICATES_LAST ? to - 1 : from;
    r->col[at] = r->col[keep];
    if (r->time != NULL)
        r->time[at] = policy == MIXFILL_DUPLICATES_MEAN ? latest(r->time, from, to) : r->time[keep];
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

/* ---- finishing ---- */

/* Ratings of the user who has most. */
static int64_t longest_row(const mixfill_ratings *r) {
    int64_t longest = 0;
    for (int32_t u = 0; u < r->n_users; u++)
        if (r->row_ptr[u + 1] - r->row_ptr[u] > longest)
            longest = r->row_ptr[u + 1] - r->row_ptr[u];
    return longest;
}

/* The builder's own arrays become those of the ratings. */
static void take_cells(mixfill_ratings *r, mixfill_builder *b) {
    mixfill_free(r->col);
    mixfill_free(r->code);
    mixfill_free(r->value);
    mixfill_free(r->time);
    r->col = b->item;
    r->code = b->code;
    r->value = b->value;
    r->time = b->time;
    b->item = NULL;
    b->code = NULL;
    b->value = NULL;
    b->time = NULL;
}

/* The builder's triplets as sorted rows. Where they stand row by row already, only its users and
 * lines are left in it. */
static mixfill_status make_rows(mixfill_ratings *r, mixfill_builder *b, repeat *least,
                                const char *path, mixfill_error *err) {
    /* Files that come user by user need no second copy of their triplets. */
    bool grouped = count_rows(b, r->row_ptr);
    int64_t longest = longest_row(r);
    if (longest > UINT32_MAX)
        return mixfill_fail(err, MIXFILL_ERR_RANGE, 0,
                            "%s: %" PRId64 " ratings of one user, expected at most 4294967295",
                            path, longest);
    if (!grouped)
        scatter(b, r);
    else if (b->n > 0)
        take_cells(r, b);
    /* A radix sort of all rows takes less time than threads take to start, where there are few. */
    int32_t threads = b->threads > 1 && b->n >= FEW_RATINGS ? b->threads : 1;
    return sort_rows(r, threads, longest, least) == MIXFILL_OK ? MIXFILL_OK
                                                               : mixfill_fail_nomem(err, "ratings");
}

/* Hand over levels and ids, and free the triplets. Levels that no rating has any more, because it
 * was merged away, are dropped by the caller. */
static void adopt(mixfill_ratings *r, mixfill_builder *b) {
    memcpy(r->level, b->levels.level, sizeof r->level);
    r->n_levels = r->code != NULL ? b->levels.n : 0;
    r->user_ids = b->users;
    r->item_ids = b->items;
    mixfill_ids_init(&b->users);
    mixfill_ids_init(&b->items);
    mixfill_builder_clear(b);
}

/* Sort, look for repeats, refuse or merge them. After a merge fewer levels may occur, so the
 * values are encoded anew. The builder ends empty in any case. */
mixfill_status mixfill_builder_finish(mixfill_builder *b, mixfill_ratings **out,
                                      int64_t *n_duplicates, mixfill_duplicates duplicates,
                                      const char *path, mixfill_error *err) {
    mixfill_status st;
    repeat least = {.item = NO_DUPLICATE};
    int64_t n = b->n;
    mixfill_ratings *r = mixfill_ratings_alloc(b->users.n, b->items.n, n, b->value == NULL);
    if (r != NULL && b->with_times)
        r->time = mixfill_alloc((size_t)n, sizeof *r->time);
    if (r == NULL || (b->with_times && r->time == NULL)) {
        st = mixfill_fail_nomem(err, "ratings");
        goto done;
    }
    MIXFILL_TRY(make_rows(r, b, &least, path, err));
    if (least.item != NO_DUPLICATE)
        MIXFILL_TRY(report_repeat(b, r, &least, duplicates, path, err));
    adopt(r, b);
    if (least.item != NO_DUPLICATE) {
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
    *n_duplicates = n - r->nnz;
    *out = r;
    r = NULL;
done:
    mixfill_ratings_free(r);
    mixfill_builder_clear(b);
    return st;
}
