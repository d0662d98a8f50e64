/* The block index against its definition. */
#include "ratings/blocks.h"
#include "support.h"

#include <criterion/criterion.h>
#include <string.h>

/* Shapes: users, items, density, one user who rates everything. */
static const struct {
    size_t n, d;
    double density;
    bool heavy;
} shapes[] = {{1, 1, 1, false},       {1, 50, 0.5, false},   {63, 7, 0.4, false},
              {64, 7, 0.4, false},    {65, 7, 0.4, true},    {4000, 30, 0.256, true},
              {500, 300, 0.02, true}, {9000, 3, 0.3, false}, {200, 40, 0, false},
              {70, 9000, 0.9, false}, {1500, 20, 0.9, false}};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

static mixfill_ratings *make(size_t shape) {
    support_random spec = {.n = shapes[shape].n,
                           .d = shapes[shape].d,
                           .density = shapes[shape].density,
                           .levels = 9,
                           .low = 1,
                           .step = 0.5,
                           .seed = shape};
    support_matrix m = support_matrix_random(&spec);
    for (size_t j = 0; shapes[shape].heavy && j < m.d; j++)
        support_matrix_set(&m, m.n / 2, j, 4);
    mixfill_ratings *r = support_ratings(&m);
    support_matrix_clear(&m);
    return r;
}

static mixfill_blocks *create(const mixfill_ratings *r, int32_t threads) {
    mixfill_blocks *b = NULL;
    cr_assert_eq(mixfill_blocks_create(&b, r, threads, NULL), MIXFILL_OK);
    return b;
}

Test(blocks, every_user_is_in_one_block_and_none_is_too_large) {
    for (size_t s = 0; s < N_SHAPES; s++) {
        mixfill_ratings *r = make(s);
        mixfill_blocks *b = create(r, 1);
        int32_t next = 0, heaviest = 0;
        for (int32_t u = 0; u < r->n_users; u++) {
            int32_t count = (int32_t)(r->row_ptr[u + 1] - r->row_ptr[u]);
            heaviest = count > heaviest ? count : heaviest;
        }
        for (int32_t i = 0; i < b->n_blocks; i++) {
            cr_assert_eq(b->block[i].first_user, next);
            cr_assert_gt(b->block[i].n_users, 0);
            cr_assert_leq(b->block[i].n_users, MIXFILL_BLOCK_MAX_USERS);
            next += b->block[i].n_users;
            int64_t held = r->row_ptr[next] - r->row_ptr[b->block[i].first_user];
            cr_expect_leq(held, r->nnz / b->n_blocks + 1 + heaviest, "shape %zu block %d", s, i);
        }
        cr_expect_eq(next, r->n_users);
        cr_expect_geq(b->n_blocks, r->n_users < 256 ? r->n_users : 256);
        mixfill_blocks_free(b);
        mixfill_ratings_free(r);
    }
}

Test(blocks, ranks_are_by_falling_count_then_index) {
    for (size_t s = 0; s < N_SHAPES; s++) {
        mixfill_ratings *r = make(s);
        mixfill_blocks *b = create(r, 1);
        int32_t *count = mixfill_ratings_item_counts(r);
        for (int32_t k = 0; k < r->n_items; k++) {
            cr_assert_eq(b->count[k], count[b->by_rank[k]]);
            if (k > 0)
                cr_assert(b->count[k] < b->count[k - 1] ||
                          (b->count[k] == b->count[k - 1] && b->by_rank[k] > b->by_rank[k - 1]));
        }
        mixfill_free(count);
        mixfill_blocks_free(b);
        mixfill_ratings_free(r);
    }
}

/* The value of rating (u, j), which must exist. */
static double value_at(const mixfill_ratings *r, int32_t u, int32_t j) {
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
        if (r->col[e] == j)
            return mixfill_ratings_value(r, e);
    cr_assert_fail("user %d has not rated item %d", u, j);
    return 0;
}

/* Pairs of block i: each rating stands in the CSR, users ascend within a pair; returns the number
 * of ratings. */
static int64_t check_block(const mixfill_ratings *r, const mixfill_blocks *b, int32_t i) {
    mixfill_pairs pairs = mixfill_blocks_pairs(b, r, i);
    bool rare = i >= b->n_blocks;
    uint32_t begin = 0;
    cr_assert_eq(pairs.near == NULL, rare);
    cr_assert_eq(pairs.far == NULL, !rare);
    for (int32_t p = 0; p < pairs.n_items; p++) {
        if (p > 0)
            cr_assert_gt(pairs.item[p], pairs.item[p - 1]);
        cr_assert_eq(pairs.item[p] >= b->n_common, rare);
        cr_assert_gt(pairs.end[p], begin, "a pair without ratings");
        if (rare)
            cr_assert_eq(pairs.end[p] - begin, (uint32_t)b->count[pairs.item[p]]);
        int32_t last = -1;
        for (uint32_t e = begin; e < pairs.end[p]; e++) {
            double x = pairs.code != NULL ? r->level[pairs.code[e]] : pairs.value[e];
            int32_t user = rare ? pairs.far[e] : b->block[i].first_user + pairs.near[e];
            cr_assert_gt(user, last);
            cr_assert(rare || user < b->block[i].first_user + b->block[i].n_users);
            cr_assert_eq(x, value_at(r, user, b->by_rank[pairs.item[p]]));
            last = user;
        }
        begin = pairs.end[p];
    }
    return begin;
}

Test(blocks, pairs_hold_each_rating_once) {
    int32_t with_common = 0, with_rare = 0;
    for (size_t s = 0; s < N_SHAPES; s++) {
        mixfill_ratings *r = make(s);
        mixfill_blocks *b = create(r, 1);
        int64_t held = 0;
        for (int32_t i = 0; i < b->n_blocks + b->n_rare_blocks; i++) {
            cr_assert_eq(b->block[i].n_users == 0, i >= b->n_blocks);
            held += check_block(r, b, i);
            if (i == b->n_blocks - 1)
                cr_expect_eq(held, b->n_near);
        }
        cr_expect_eq(held, r->nnz);
        with_common += b->n_near > 0;
        with_rare += b->n_rare_blocks > 0;
        mixfill_blocks_free(b);
        mixfill_ratings_free(r);
    }
    cr_expect_geq(with_common, 3);
    cr_expect_geq(with_rare, 3);
}

Test(blocks, an_item_is_common_by_its_ratings_per_block) {
    for (size_t s = 0; s < N_SHAPES; s++) {
        mixfill_ratings *r = make(s);
        mixfill_blocks *b = create(r, 1);
        for (int32_t k = 0; k < r->n_items; k++)
            cr_expect_eq(k < b->n_common, b->count[k] >= MIXFILL_COMMON_RATINGS * b->n_blocks);
        mixfill_blocks_free(b);
        mixfill_ratings_free(r);
    }
}

Test(blocks, threads_and_outline_agree) {
    for (size_t s = 0; s < N_SHAPES; s++) {
        mixfill_ratings *r = make(s);
        mixfill_blocks *one = create(r, 1), *three = create(r, 3), *outline;
        cr_assert_eq(mixfill_blocks_outline(&outline, r, 2, NULL), MIXFILL_OK);
        size_t pairs = 0;
        for (int32_t i = 0; i < one->n_blocks + one->n_rare_blocks; i++) {
            cr_assert_arr_eq(&one->block[i], &three->block[i], sizeof(int32_t) * 3);
            cr_assert_eq(one->block[i].n_items, outline->block[i].n_items);
            pairs += (size_t)one->block[i].n_items;
        }
        cr_expect_arr_eq(one->item, three->item, pairs * sizeof *one->item);
        cr_expect_arr_eq(one->end, three->end, pairs * sizeof *one->end);
        cr_expect_arr_eq(one->near, three->near, (size_t)one->n_near * sizeof *one->near);
        cr_expect_arr_eq(one->far, three->far, (size_t)(r->nnz - one->n_near) * sizeof *one->far);
        cr_expect_arr_eq(one->code, three->code, (size_t)r->nnz);
        cr_expect_eq(outline->bytes, one->bytes);
        cr_expect_eq(outline->n_blocks, one->n_blocks);
        cr_expect_null(outline->item);
        mixfill_blocks_free(one);
        mixfill_blocks_free(three);
        mixfill_blocks_free(outline);
        mixfill_ratings_free(r);
    }
}
