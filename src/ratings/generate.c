/* Synthetic ratings shaped like MovieLens: log-normal activity, Zipf-Mandelbrot popularity, and
 * half stars from a planted mixture. Every item and every user has a random stream of its own, so
 * that the result does not depend on the threads.
 *
 * What it is for: files of any size for tests and measurements, with the skew that makes real
 * ones hard on caches and on the balance of threads. What it is not: a model of taste. Activity
 * and popularity follow the sets of MovieLens, values their mean and spread. */
#include "base/par.h"
#include "base/rng.h"
#include "base/watch.h"
#include "ratings/ratings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Purposes of random streams. */
enum { STREAM_ACTIVITY = 1, STREAM_ORDER, STREAM_ITEM, STREAM_USER };
enum { LEVELS = 10, MIN_ACTIVITY = 20, WORD_BITS = 64, CACHE_LINE_WORDS = 8, BISECTIONS = 60 };

/* popularity() is 1 for every rank from here on. */
static const double UNIFORM_OFFSET = 1e300;

/* Chosen so that mean, spread and counts come out as in the MovieLens sets. */
static const double OVERALL_MEAN = 3.55;
static const double QUALITY_SD = 0.45, TASTE_SD = 0.5, BIAS_SD = 0.4, NOISE_SD = 0.8;
static const double ACTIVITY_SD = 1.2;      /* of the log */
static const double TOP_SHARE = 0.7;        /* of the users, see find_offset */
static const double WHOLE_STAR_SHARE = 0.5; /* of the users, who give no half stars */

/* A cell of Walker's alias table: each has the probability 1 / D and holds one or two items. */
typedef struct alias_cell {
    double keep;   /* probability of the cell's own item */
    int32_t other; /* the item otherwise */
} alias_cell;

/* An item and the time for which it waits. */
typedef struct keyed_item {
    double key;
    int32_t item;
} keyed_item;

/* What the loop over users reads, and its scratch. */
typedef struct plan {
    int32_t n_items, n_components, threads;
    uint32_t seed;
    double offset;          /* q of the popularity law */
    double component_total; /* sum of the components' weights 1/(k+1) */
    size_t words;           /* of one thread in chosen */
    double *weight;         /* (D) popularity */
    alias_cell *alias;      /* (D) to draw items by weight in O(1) */
    double *center;         /* (K,D) */
    uint64_t *chosen;       /* (threads, words) a bit per item, all zero between users */
    keyed_item *keyed;      /* (threads, D) */
} plan;

void mixfill_generate_options_init(mixfill_generate_options *options) {
    *options = (mixfill_generate_options){
        .struct_size = sizeof *options,
        .n_users = 943,
        .n_items = 1682,
        .n_ratings = 100000,
        .n_components = 8,
        .seed = 1,
    };
}

mixfill_status mixfill_generate_options_shape(mixfill_generate_options *options, const char *shape,
                                              mixfill_error *err) {
    static const struct {
        const char *name;
        int32_t n_users, n_items, n_ratings;
    } shapes[] = {
        {"ml-100k", 943, 1682, 100000},      {"ml-1m", 6040, 3706, 1000209},
        {"ml-10m", 69878, 10677, 10000054},  {"ml-25m", 162541, 59047, 25000095},
        {"ml-32m", 200948, 87585, 32000204},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (strcmp(shape, shapes[i].name) == 0) {
            options->n_users = shapes[i].n_users;
            options->n_items = shapes[i].n_items;
            options->n_ratings = shapes[i].n_ratings;
            return MIXFILL_OK;
        }
    }
    return mixfill_fail_field(err, MIXFILL_ERR_ARG, "shape",
                              " '%s': expected ml-100k, ml-1m, ml-10m, ml-25m or ml-32m", shape);
}

/* At most half of all cells can be asked for: nearer to all of them, popularity could not be
 * kept up, as every item would be rated by nearly everyone. */
static mixfill_status validate(const mixfill_generate_options *o, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    if (o->struct_size != sizeof *o)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "generate options: struct_size %zu, expected %zu, as set by "
                            "mixfill_generate_options_init",
                            o->struct_size, sizeof *o);
    MIXFILL_TRY(mixfill_require_at_least("n_users", o->n_users, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("n_items", o->n_items, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("n_ratings", o->n_ratings, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("n_components", o->n_components, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("threads", o->threads, 0, err));
    if (o->popularity != MIXFILL_POPULARITY_MOVIELENS &&
        o->popularity != MIXFILL_POPULARITY_UNIFORM)
        return mixfill_fail_field(err, MIXFILL_ERR_ARG, "popularity",
                                  " %d: expected movielens or uniform", (int)o->popularity);
    int64_t most = (int64_t)o->n_users * o->n_items / 2;
    if (o->n_ratings > most)
        st = mixfill_fail_field(err, MIXFILL_ERR_ARG, "n_ratings",
                                " %" PRId64 ": expected at most %" PRId64
                                ", half of n_users %" PRId32 " times n_items %" PRId32,
                                o->n_ratings, most, o->n_users, o->n_items);
done:
    return st;
}

/* Zipf-Mandelbrot weight of the item of 0-based rank, 1 for the first: the exponent 2 follows the
 * MovieLens sets from 100k to 32m, once the offset gives the first item its share of users. */
static double popularity(double offset, int32_t rank) {
    double root = (1 + offset) / (1 + offset + rank);
    return root * root;
}

/* The offset at which the first item, with 1 of the total weight, has n_ratings / total ratings for
 * TOP_SHARE of the users. No user rates an item twice, which leaves it nearer half of them. */
static double find_offset(const mixfill_generate_options *options) {
    double target = (double)options->n_ratings / (TOP_SHARE * options->n_users);
    double low = 0, high = 16.0 * options->n_items;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = 0.5 * (low + high);
        double total = 0;
        for (int32_t rank = 0; rank < options->n_items; rank++)
            total += popularity(middle, rank);
        *(total < target ? &low : &high) = middle;
    }
    return low;
}

/* Popularity by rank, dealt to the items in random order. */
static void fill_weights(plan *p) {
    for (int32_t j = 0; j < p->n_items; j++)
        p->weight[j] = popularity(p->offset, j);
    mixfill_rng rng = mixfill_rng_stream(p->seed, STREAM_ORDER, 0);
    for (int32_t j = p->n_items - 1; j > 0; j--) {
        uint64_t other = mixfill_rng_below(&rng, (uint64_t)j + 1);
        double swap = p->weight[j];
        p->weight[j] = p->weight[other];
        p->weight[other] = swap;
    }
}

/* Vose (1991): each light cell is filled up by a heavy one, which then counts by what is left of
 * it, so that every cell ends with probability 1 / D. Light cells are stacked from the front of
 * `stack` (D), heavy ones from its end. */
static void fill_alias(plan *p, int32_t *stack) {
    int32_t light = 0, heavy = p->n_items;
    double total = 0;
    for (int32_t j = 0; j < p->n_items; j++)
        total += p->weight[j];
    for (int32_t j = 0; j < p->n_items; j++) {
        p->alias[j] = (alias_cell){.keep = p->weight[j] / total * p->n_items, .other = j};
        if (p->alias[j].keep < 1)
            stack[light++] = j;
        else
            stack[--heavy] = j;
    }
    while (light > 0 && heavy < p->n_items) {
        alias_cell *cell = &p->alias[stack[--light]];
        cell->other = stack[heavy];
        double left = p->alias[cell->other].keep - (1 - cell->keep);
        p->alias[cell->other].keep = left;
        if (left < 1)
            stack[light++] = stack[heavy++];
    }
}

/* mu_kj: the overall mean, the item's quality and the component's taste. */
static void fill_centers(plan *p) {
    for (int32_t j = 0; j < p->n_items; j++) {
        mixfill_rng rng = mixfill_rng_stream(p->seed, STREAM_ITEM, (uint64_t)j);
        double mean = OVERALL_MEAN + QUALITY_SD * mixfill_rng_normal(&rng);
        for (int32_t k = 0; k < p->n_components; k++)
            p->center[(size_t)k * (size_t)p->n_items + (size_t)j] =
                mean + TASTE_SD * mixfill_rng_normal(&rng);
    }
}

/* Ratings per user for the log-normal activity, scaled, above the least and up to a cap. */
typedef struct quota {
    int32_t n_users, least, cap;
    double *activity; /* (N) */
} quota;

/* Ratings of user u at a scale: never falling in it. */
static int64_t quota_of(const quota *q, int32_t u, double scale) {
    return q->least + (int64_t)fmin(floor(scale * q->activity[u]), q->cap - q->least);
}

/* Ratings of all users at a scale. */
static int64_t quota_total(const quota *q, double scale) {
    int64_t total = 0;
    for (int32_t u = 0; u < q->n_users; u++)
        total += quota_of(q, u, scale);
    return total;
}

/* By bisection, since quotas are whole numbers with a floor and a cap, which no formula inverts.
 * The largest scale, up to rounding, that hands out no more than n ratings. It exists because least
 * * N <= n <= cap * N. */
static double find_scale(const quota *q, int64_t n) {
    double low = 0, high = 1;
    while (quota_total(q, high) < n)
        high *= 2;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = 0.5 * (low + high);
        *(quota_total(q, middle) <= n ? &low : &high) = middle;
    }
    return low;
}

/* row_ptr (N+1) [out], ending in exactly n_ratings; the few that rounding leaves over go to the
 * first users below the cap. */
static mixfill_status fill_row_ptr(int64_t *row_ptr, const mixfill_generate_options *options,
                                   mixfill_error *err) {
    int64_t average = options->n_ratings / options->n_users;
    quota q = {
        .n_users = options->n_users,
        .least = average < MIN_ACTIVITY ? (int32_t)average : MIN_ACTIVITY,
        .cap = options->n_items - options->n_items / 4,
        .activity = mixfill_alloc((size_t)options->n_users, sizeof *q.activity),
    };
    if (q.activity == NULL)
        return mixfill_fail_nomem(err, "the users' activity");
    for (int32_t u = 0; u < q.n_users; u++) {
        mixfill_rng rng = mixfill_rng_stream(options->seed, STREAM_ACTIVITY, (uint64_t)u);
        q.activity[u] = exp(ACTIVITY_SD * mixfill_rng_normal(&rng));
    }
    double scale = find_scale(&q, options->n_ratings);
    int64_t left = options->n_ratings - quota_total(&q, scale);
    row_ptr[0] = 0;
    for (int32_t u = 0; u < q.n_users; u++) {
        int64_t count = quota_of(&q, u, scale);
        int64_t extra = left < q.cap - count ? left : q.cap - count;
        left -= extra;
        row_ptr[u + 1] = row_ptr[u] + count + extra;
    }
    mixfill_free(q.activity);
    return MIXFILL_OK;
}

/* Sets the item's bit; false where it was set before. */
static bool choose(uint64_t *chosen, int32_t item) {
    uint64_t *word = &chosen[item / WORD_BITS];
    uint64_t bit = UINT64_C(1) << (item % WORD_BITS);
    bool fresh = (*word & bit) == 0;
    *word |= bit;
    return fresh;
}

/* n distinct items by weight, drawn with replacement until n have been seen. */
static void choose_by_rejection(uint64_t *chosen, int32_t n, const plan *p, mixfill_rng *rng) {
    while (n > 0) {
        double place = mixfill_rng_uniform(rng) * p->n_items;
        int32_t item = (int32_t)place;
        const alias_cell *cell = &p->alias[item];
        n -= choose(chosen, place - item < cell->keep ? item : cell->other);
    }
}

/* Hoare's FIND: moves the k smallest keys of n to the front, 1 <= k <= n. */
static void select_smallest(keyed_item *a, int32_t n, int32_t k) {
    int32_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = a[low + (high - low) / 2].key;
        int32_t i = low, j = high;
        while (i <= j) {
            while (a[i].key < pivot)
                i++;
            while (pivot < a[j].key)
                j--;
            if (i <= j) {
                keyed_item swap = a[i];
                a[i++] = a[j];
                a[j--] = swap;
            }
        }
        if (k - 1 <= j)
            high = j;
        else if (k - 1 >= i)
            low = i;
        else
            return;
    }
}

/* n distinct items, as drawing them one by one would give, in O(D) whatever n (Efraimidis and
 * Spirakis 2006): the n items whose exponential waiting times are shortest. */
static void choose_by_keys(uint64_t *chosen, int32_t n, const plan *p, mixfill_rng *rng,
                           keyed_item *keyed) {
    for (int32_t j = 0; j < p->n_items; j++)
        keyed[j] =
            (keyed_item){.key = -log(1 - mixfill_rng_uniform(rng)) / p->weight[j], .item = j};
    select_smallest(keyed, p->n_items, n);
    for (int32_t i = 0; i < n; i++)
        choose(chosen, keyed[i].item);
}

/* Lists the chosen items in ascending order, as rows have them, and clears the bits. */
static void take_chosen(int32_t *col, uint64_t *chosen, size_t words) {
    for (size_t w = 0; w < words; w++) {
        for (; chosen[w] != 0; chosen[w] &= chosen[w] - 1)
            *col++ = (int32_t)(w * WORD_BITS) + __builtin_ctzll(chosen[w]);
    }
}

/* Component k has the weight 1 / (k + 1): a few large ones and a tail, as clusters of users
 * come. */
static int32_t draw_component(const plan *p, mixfill_rng *rng) {
    double place = mixfill_rng_uniform(rng) * p->component_total;
    int32_t k = 0;
    while (k < p->n_components - 1 && (place -= 1.0 / (k + 1)) >= 0)
        k++;
    return k;
}

/* code (n) [out]: half stars - 1 for the items col (n). */
static void rate_items(uint8_t *code, const int32_t *col, int64_t n, const plan *p,
                       mixfill_rng *rng) {
    const double *center = p->center + (size_t)draw_component(p, rng) * (size_t)p->n_items;
    double bias = BIAS_SD * mixfill_rng_normal(rng);
    double step = mixfill_rng_uniform(rng) < WHOLE_STAR_SHARE ? 2 : 1; /* in half stars */
    for (int64_t i = 0; i < n; i++) {
        double stars = center[col[i]] + bias + NOISE_SD * mixfill_rng_normal(rng);
        double half_stars = step * floor(2 * stars / step + 0.5);
        code[i] = (uint8_t)(fmin(fmax(half_stars, step), LEVELS) - 1);
    }
}

/* Items and values of user u, all from the user's own stream, on scratch of the calling thread. */
static void fill_user(mixfill_ratings *r, int32_t u, const plan *p) {
    size_t thread = (size_t)mixfill_par_thread_id();
    uint64_t *chosen = p->chosen + thread * p->words;
    int64_t start = r->row_ptr[u];
    int32_t n = (int32_t)(r->row_ptr[u + 1] - start);
    mixfill_rng rng = mixfill_rng_stream(p->seed, STREAM_USER, (uint64_t)u);
    /* Rejection costs about n + n^2 / (2 (1 + offset)) draws: the popular items soon repeat. */
    if ((double)n * n < (1 + p->offset) * p->n_items)
        choose_by_rejection(chosen, n, p, &rng);
    else
        choose_by_keys(chosen, n, p, &rng, p->keyed + thread * (size_t)p->n_items);
    take_chosen(r->col + start, chosen, p->words);
    rate_items(r->code + start, r->col + start, n, p, &rng);
}

/* All users, 16 at a time to whoever is free; what the callback stops is not begun. */
static mixfill_status fill_users(mixfill_ratings *r, const plan *p,
                                 const mixfill_generate_options *o, mixfill_error *err) {
    mixfill_watch watch;
    mixfill_watch_init(&watch, &(mixfill_run){p->threads, o->progress, o->progress_data},
                       r->n_users);
#pragma omp parallel for schedule(dynamic, 16) num_threads(p->threads) default(none)               \
    shared(r, p, watch)
    for (int32_t u = 0; u < r->n_users; u++) {
        if (mixfill_watch_stopped(&watch))
            continue;
        fill_user(r, u, p);
        mixfill_watch_add(&watch, 1);
    }
    return mixfill_watch_finish(&watch, err);
}

/* A user may have used no half stars, and a small set not all stars. The levels that occur, and the
 * codes, half stars - 1 until here, as indices into them. */
static void fill_levels(mixfill_ratings *r) {
    bool used[LEVELS] = {false};
    uint8_t index[LEVELS] = {0};
    for (int64_t e = 0; e < r->nnz; e++)
        used[r->code[e]] = true;
    for (int i = 0; i < LEVELS; i++) {
        if (used[i]) {
            index[i] = (uint8_t)r->n_levels;
            r->level[r->n_levels++] = 0.5 * (i + 1);
        }
    }
    for (int64_t e = 0; e < r->nnz; e++)
        r->code[e] = index[r->code[e]];
}

/* Also of a plan that was only half allocated. */
static void plan_clear(plan *p) {
    mixfill_free(p->weight);
    mixfill_free(p->alias);
    mixfill_free(p->center);
    mixfill_free(p->chosen);
    mixfill_free(p->keyed);
}

/* The plan with its arrays, not filled; a thread's bits fill whole cache lines, so that no two
 * threads write to one. */
static mixfill_status plan_alloc(plan *p, const mixfill_generate_options *options,
                                 mixfill_error *err) {
    size_t n_items = (size_t)options->n_items, n_components = (size_t)options->n_components;
    enum { PER_RATING = 50 /* multiply-adds that its draws are worth */ };
    int32_t threads =
        mixfill_par_threads_for(options->threads, (double)PER_RATING * (double)options->n_ratings);
    *p = (plan){
        .n_items = options->n_items,
        .n_components = options->n_components,
        .threads = threads < options->n_users ? threads : options->n_users,
        .seed = options->seed,
        .words = (n_items / WORD_BITS / CACHE_LINE_WORDS + 1) * CACHE_LINE_WORDS,
        .weight = mixfill_alloc(n_items, sizeof *p->weight),
        .alias = mixfill_alloc(n_items, sizeof *p->alias),
        .center = mixfill_alloc(n_components, n_items * sizeof *p->center),
    };
    p->chosen = mixfill_alloc_zero((size_t)p->threads, p->words * sizeof *p->chosen);
    p->keyed = mixfill_alloc((size_t)p->threads, n_items * sizeof *p->keyed);
    if (p->weight == NULL || p->alias == NULL || p->center == NULL || p->chosen == NULL ||
        p->keyed == NULL)
        return mixfill_fail_nomem(err, "the planted mixture");
    return MIXFILL_OK;
}

/* The planted mixture and the popularity law; what was allocated is plan_clear's also where it
 * fails. */
static mixfill_status plan_init(plan *p, const mixfill_generate_options *options,
                                mixfill_error *err) {
    mixfill_status st = plan_alloc(p, options, err);
    if (st != MIXFILL_OK)
        return st;
    int32_t *stack = mixfill_alloc((size_t)p->n_items, sizeof *stack);
    if (stack == NULL)
        return mixfill_fail_nomem(err, "the planted mixture");
    p->offset =
        options->popularity == MIXFILL_POPULARITY_UNIFORM ? UNIFORM_OFFSET : find_offset(options);
    fill_weights(p);
    fill_alias(p, stack);
    fill_centers(p);
    for (int32_t k = 0; k < p->n_components; k++)
        p->component_total += 1.0 / (k + 1);
    mixfill_free(stack);
    return MIXFILL_OK;
}

/* Ids "1" to "n". */
static mixfill_status fill_ids(mixfill_ids *ids, int32_t n, mixfill_error *err) {
    mixfill_ids_clear(ids);
    for (int32_t i = 0; i < n; i++) {
        char text[16];
        int32_t index;
        int len = snprintf(text, sizeof text, "%" PRId64, (int64_t)i + 1);
        if (mixfill_ids_intern(ids, &index, text, (size_t)len) != MIXFILL_OK)
            return mixfill_fail_nomem(err, "the ids");
    }
    return MIXFILL_OK;
}

/* Rows first, so that every user knows its place in the arrays and threads can fill them. */
mixfill_status mixfill_generate(mixfill_ratings **out, const mixfill_generate_options *options,
                                mixfill_error *err) {
    mixfill_status st;
    mixfill_ratings *r = NULL;
    plan p = {0};
    MIXFILL_TRY(validate(options, err));
    r = mixfill_ratings_alloc(options->n_users, options->n_items, options->n_ratings, true);
    if (r == NULL)
        MIXFILL_TRY(mixfill_fail_nomem(err, "the ratings"));
    MIXFILL_TRY(plan_init(&p, options, err));
    MIXFILL_TRY(fill_ids(&r->user_ids, r->n_users, err));
    MIXFILL_TRY(fill_ids(&r->item_ids, r->n_items, err));
    MIXFILL_TRY(fill_row_ptr(r->row_ptr, options, err));
    MIXFILL_TRY(fill_users(r, &p, options, err));
    fill_levels(r);
    *out = r;
    r = NULL;
done:
    plan_clear(&p);
    mixfill_ratings_free(r);
    return st;
}
