/* Offsets of users and items, and the squares of what they leave. Sums over an item's users go
 * through the block index: items are independent of each other, so that threads share them, and
 * yet each is summed user by user in one order, so that no bit depends on the threads
 * (docs/model.md 4.1, 8.2). */
#include "model/offsets.h"

#include "base/par.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 64 /* common items summed together */, USERS = 256 /* that a thread takes */ };

const mixfill_shrinkage mixfill_offset_shrinkage = {.user = 8, .item = 3, .sweeps = 20};

/* One pass over the ratings of every item. */
typedef struct item_pass {
    const mixfill_ratings *ratings;
    const mixfill_blocks *blocks;
    const double *user; /* (N) */
    double g;
    const double
        *by_rank;    /* (D) offsets to take squares of what is left, or NULL to sum r - g - b_u */
    double *sum;     /* (D), by rank */
    double *largest; /* (D), by rank; only of squares */
} item_pass;

/* Add pair p, of users counted from `user`, to the sums of its item. */
static void add_pair(const item_pass *pass, const mixfill_pairs *pairs, int32_t p,
                     const double *user) {
    size_t rank = (size_t)pairs->item[p];
    double sum = pass->sum[rank], largest = pass->by_rank != NULL ? pass->largest[rank] : 0;
    for (uint32_t e = p > 0 ? pairs->end[p - 1] : 0; e < pairs->end[p]; e++) {
        double r = pairs->code != NULL ? pairs->level[pairs->code[e]] : pairs->value[e];
        double b = user[pairs->near != NULL ? pairs->near[e] : pairs->far[e]];
        if (pass->by_rank == NULL) {
            sum += r - pass->g - b;
            continue;
        }
        double x = mixfill_centred(r, b, pass->by_rank[rank]);
        sum += x * x;
        largest = fmax(largest, fabs(x));
    }
    pass->sum[rank] = sum;
    if (pass->by_rank != NULL)
        pass->largest[rank] = largest;
}

/* Common items of ranks [first, end), block by block. */
static void add_common(const item_pass *pass, int32_t first, int32_t end) {
    const mixfill_blocks *b = pass->blocks;
    for (int32_t i = 0; i < b->n_blocks; i++) {
        mixfill_pairs pairs = mixfill_blocks_pairs(b, pass->ratings, i);
        const double *user = pass->user + b->block[i].first_user;
        for (int32_t p = mixfill_pairs_find(&pairs, first);
             p < pairs.n_items && pairs.item[p] < end; p++)
            add_pair(pass, &pairs, p, user);
    }
}

/* Items of a rare block, whose users are counted from the first of all. */
static void add_rare(const item_pass *pass, int32_t block) {
    mixfill_pairs pairs = mixfill_blocks_pairs(pass->blocks, pass->ratings, block);
    for (int32_t p = 0; p < pairs.n_items; p++)
        add_pair(pass, &pairs, p, pass->user);
}

/* Sums before a pass. */
static void clear(const item_pass *pass) {
    size_t d = (size_t)pass->ratings->n_items;
    memset(pass->sum, 0, d * sizeof *pass->sum);
    if (pass->by_rank != NULL)
        memset(pass->largest, 0, d * sizeof *pass->largest);
}

/* One pass over all items, common ones in chunks and rare ones by their blocks; sum (D) and, of
 * squares, largest (D) come out by rank. By every thread of a parallel region. */
static void run_pass(const item_pass *pass) {
    const mixfill_blocks *b = pass->blocks;
    int32_t chunks = b->n_common / CHUNK + (b->n_common % CHUNK != 0), rare = b->n_rare_blocks;
#pragma omp single
    clear(pass);
#pragma omp for schedule(dynamic)
    for (int32_t i = 0; i < chunks + rare; i++) {
        int32_t first = i * CHUNK, left = b->n_common - first;
        if (i < chunks)
            add_common(pass, first, first + (left < CHUNK ? left : CHUNK));
        else
            add_rare(pass, b->n_blocks + i - chunks);
    }
}

double mixfill_user_offset(const mixfill_ratings *r, int32_t u, double g, const double *item,
                           double shrinkage) {
    double sum = 0, n = (double)(r->row_ptr[u + 1] - r->row_ptr[u]);
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
        sum += mixfill_ratings_value(r, e) - g - item[r->col[e]];
    return n > 0 ? sum / (shrinkage + n) : 0;
}

/* b_j of all items, given b_u; then b_u of all users. By every thread of a region. */
static void sweep(const mixfill_offsets *o, const mixfill_ratings *ratings,
                  const mixfill_blocks *blocks, const mixfill_shrinkage *shrinkage) {
    item_pass pass = {
        .ratings = ratings, .blocks = blocks, .user = o->user, .g = o->g, .sum = o->sum};
    run_pass(&pass);
#pragma omp for schedule(static)
    for (int32_t rank = 0; rank < ratings->n_items; rank++) {
        double n = blocks->count[rank];
        o->item[blocks->by_rank[rank]] = n > 0 ? o->sum[rank] / (shrinkage->item + n) : 0;
    }
#pragma omp for schedule(dynamic, USERS)
    for (int32_t u = 0; u < ratings->n_users; u++)
        o->user[u] = mixfill_user_offset(ratings, u, o->g, o->item, shrinkage->user);
}

void mixfill_offsets_fit(mixfill_offsets *o, const mixfill_ratings *ratings,
                         const mixfill_blocks *blocks, const mixfill_shrinkage *shrinkage,
                         int32_t threads) {
    memset(o->user, 0, (size_t)ratings->n_users * sizeof *o->user);
    memset(o->item, 0, (size_t)ratings->n_items * sizeof *o->item);
    (void)threads;
#pragma omp parallel num_threads(threads) default(none) shared(o, ratings, blocks, shrinkage)
    for (int32_t i = 0; i < shrinkage->sweeps; i++)
        sweep(o, ratings, blocks, shrinkage);
}

void mixfill_squares_sum(mixfill_squares *out, const mixfill_ratings *ratings,
                         const mixfill_blocks *blocks, const double *user, const double *by_rank,
                         int32_t threads) {
    item_pass pass = {.ratings = ratings,
                      .blocks = blocks,
                      .user = user,
                      .by_rank = by_rank,
                      .sum = out->sum,
                      .largest = out->largest};
    (void)threads;
#pragma omp parallel num_threads(threads) default(none) shared(pass)
    run_pass(&pass);
}
