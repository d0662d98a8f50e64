/* Sums of table rows over the ratings of users and of items. Both come down to runs of row numbers
 * and weights, short enough to stay in the first cache, which the kernel sums with its rows
 * prefetched. A user's sum takes the ratings as they lie; common items go chunk by chunk of ranks
 * through the blocks' pairs, so that a chunk's sums stay in the second cache while all users pass.
 */
#include "factor/factor_sums.h"

#include <string.h>

enum { RUN = 256, CHUNKS_PER_THREAD = 16, CHUNK_BYTES = 1 << 17 };

/* Some of a row's ratings. */
typedef struct gathered {
    int32_t row[RUN + MIXFILL_SUM_GROUP];
    float weight[RUN + MIXFILL_SUM_GROUP];
    size_t n;
} gathered;

void mixfill_factor_source_init(mixfill_factor_source *source, const mixfill_ratings *ratings,
                                const mixfill_factor_kernels *kernels, double g, double sd) {
    *source = (mixfill_factor_source){.ratings = ratings, .kernels = kernels, .g = g, .sd = sd};
    for (int32_t i = 0; i < MIXFILL_MAX_LEVELS; i++)
        source->level[i] = (ratings->level[i] - g) / sd;
}

/* Weights of a run whose ratings are code or value (n); returns sum precision x^2. */
static double weigh(gathered *r, const mixfill_factor_source *s, const mixfill_factor_table *t,
                    const uint8_t *code, const double *value) {
    double squares = 0;
    for (size_t i = 0; i < r->n; i++) {
        double x = code != NULL ? s->level[code[i]] : (value[i] - s->g) / s->sd;
        r->weight[i] = (float)x;
        squares += x * x * t->precision[r->row[i]];
    }
    return squares;
}

/* Add a run's rows to out, made up to whole groups. */
static void add_gathered(double *out, gathered *r, const mixfill_factor_source *s,
                         const mixfill_factor_table *t) {
    for (; r->n % MIXFILL_SUM_GROUP != 0; r->n++) {
        r->row[r->n] = t->empty;
        r->weight[r->n] = 0;
    }
    s->kernels->sum_rows(out, &t->rows, r->row, r->weight, r->n);
}

/* Sums of user u into out (stride), gathered by gathered; sum precision x^2 in doubles, since it
 * is large and its differences small. */
static void sum_user(double *out, const mixfill_factor_source *s, const mixfill_factor_table *t,
                     int32_t u) {
    const mixfill_ratings *r = s->ratings;
    gathered next;
    double squares = 0;
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e += RUN) {
        int64_t left = r->row_ptr[u + 1] - e;
        next.n = (size_t)(left < RUN ? left : RUN);
        memcpy(next.row, r->col + e, next.n * sizeof next.row[0]);
        if (t->precision != NULL)
            squares += weigh(&next, s, t, r->code != NULL ? r->code + e : NULL,
                             r->value != NULL ? r->value + e : NULL);
        add_gathered(out, &next, s, t);
    }
    if (t->precision != NULL)
        out[t->square] = squares;
}

void mixfill_factor_sum_users(double *out, const mixfill_factor_source *source,
                              const mixfill_factor_table *table, int32_t first, int32_t count) {
    memset(out, 0, (size_t)count * table->rows.stride * sizeof *out);
    for (int32_t i = 0; i < count; i++)
        sum_user(out + (size_t)i * table->rows.stride, source, table, first + i);
}

/* Pair p of a block whose first user is `first_user`. */
static void add_pair(double *out, const mixfill_factor_source *s, const mixfill_factor_table *t,
                     const mixfill_pairs *pairs, int32_t p, int32_t first_user) {
    gathered next;
    uint32_t e = p > 0 ? pairs->end[p - 1] : pairs->begin, end = pairs->end[p];
    for (; e < end; e += (uint32_t)next.n) {
        next.n = end - e < RUN ? end - e : RUN;
        size_t n = next.n;
        for (size_t i = 0; i < n; i++)
            next.row[i] = pairs->near != NULL ? first_user + pairs->near[e + i] : pairs->far[e + i];
        if (t->precision != NULL)
            out[t->square] += weigh(&next, s, t, pairs->code != NULL ? pairs->code + e : NULL,
                                    pairs->value != NULL ? pairs->value + e : NULL);
        add_gathered(out, &next, s, t);
        next.n = n;
    }
}

/* The pairs of items of ranks first .. end - 1 in a block. */
static void add_pairs(double *out, const mixfill_factor_source *s, const mixfill_factor_table *t,
                      const mixfill_blocks *b, int32_t block, const int32_t ranks[2]) {
    mixfill_pairs pairs = mixfill_blocks_pairs(b, s->ratings, block);
    int32_t end = mixfill_pairs_find(&pairs, ranks[1]);
    for (int32_t p = mixfill_pairs_find(&pairs, ranks[0]); p < end; p++)
        add_pair(out + (size_t)b->by_rank[pairs.item[p]] * t->rows.stride, s, t, &pairs, p,
                 b->block[block].first_user);
}

/* Where the chunk of common items that begins at rank `first` ends: before its sums outgrow a
 * cache or its ratings their share. */
static int32_t chunk_end(const mixfill_blocks *b, int32_t first, int64_t most_ratings,
                         size_t stride) {
    size_t most = CHUNK_BYTES / (stride * sizeof(double));
    int32_t end = first;
    int64_t n = 0;
    for (; end < b->n_common && (size_t)(end - first) < most; end++) {
        n += b->count[end];
        if (n > most_ratings && end > first)
            break;
    }
    return end > first ? end : first + 1;
}

/* Begin of each chunk, and the end of the last, into first, which may be NULL; returns how many. */
static int32_t cut(int32_t *first, const mixfill_blocks *b, int64_t most_ratings, size_t stride) {
    int32_t n = 0;
    for (int32_t rank = 0; rank < b->n_common; n++) {
        if (first != NULL)
            first[n] = rank;
        rank = chunk_end(b, rank, most_ratings, stride);
    }
    if (first != NULL)
        first[n] = b->n_common;
    return n;
}

bool mixfill_factor_item_cut_init(mixfill_factor_item_cut *item_cut, const mixfill_blocks *blocks,
                                  size_t stride, int32_t threads) {
    int64_t most = blocks->n_near / ((int64_t)CHUNKS_PER_THREAD * threads);
    *item_cut = (mixfill_factor_item_cut){.blocks = blocks};
    item_cut->n = cut(NULL, blocks, most, stride);
    item_cut->first = mixfill_alloc((size_t)item_cut->n + 1, sizeof *item_cut->first);
    if (item_cut->first == NULL)
        return false;
    cut(item_cut->first, blocks, most, stride);
    return true;
}

void mixfill_factor_item_cut_clear(mixfill_factor_item_cut *item_cut) {
    mixfill_free(item_cut->first);
    *item_cut = (mixfill_factor_item_cut){0};
}

/* Zero an item's sums. */
static void clear_rank(double *out, const mixfill_blocks *b, int32_t rank, size_t stride) {
    memset(out + (size_t)b->by_rank[rank] * stride, 0, stride * sizeof *out);
}

/* Common items chunk by chunk, in each the user blocks in order, whose rows of the table are then
 * in cache for several items; after them the rare blocks, which hold whole items. */
void mixfill_factor_sum_items(double *out, const mixfill_factor_source *source,
                              const mixfill_factor_table *table,
                              const mixfill_factor_item_cut *item_cut) {
    const mixfill_blocks *b = item_cut->blocks;
    int32_t n_parts = item_cut->n + b->n_rare_blocks;
    size_t stride = table->rows.stride;
#pragma omp for schedule(dynamic)
    for (int32_t i = 0; i < n_parts; i++) {
        if (i >= item_cut->n) {
            int32_t block = b->n_blocks + i - item_cut->n;
            const int32_t all[2] = {0, source->ratings->n_items};
            mixfill_pairs pairs = mixfill_blocks_pairs(b, source->ratings, block);
            for (int32_t p = 0; p < pairs.n_items; p++)
                clear_rank(out, b, pairs.item[p], stride);
            add_pairs(out, source, table, b, block, all);
            continue;
        }
        for (int32_t rank = item_cut->first[i]; rank < item_cut->first[i + 1]; rank++)
            clear_rank(out, b, rank, stride);
        for (int32_t block = 0; block < b->n_blocks; block++)
            add_pairs(out, source, table, b, block, item_cut->first + i);
    }
}
