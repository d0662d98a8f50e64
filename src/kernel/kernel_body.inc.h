/* Body of the kernels, included once per instruction set with KERNELS (the table's name),
 * KERNELS_NAME (its text) and VECTOR_BYTES (a register's width) defined. Vectors are GCC's generic
 * ones, which every target lowers to what it has; a group of them stays in registers while a row or
 * a pair is summed. */
#include "kernel/kernel_table.h"

#include <math.h>
#include <string.h>

typedef double vec __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef int64_t mask __attribute__((vector_size(VECTOR_BYTES)));
typedef uint64_t bits __attribute__((vector_size(VECTOR_BYTES)));

/* Lanes of a register, of the widest group of registers summed at once, and of a half of it.
 * MIXFILL_LANES is a multiple of the quarter, so groups of 4, 2 and 1 registers cover every kp.
 * Narrow groups are summed in several chains taken in turns: an addition takes longer to finish
 * than to begin, and would wait for the one before it. */
enum { GROUP = 4, CHAINS = 4, PREFETCH_AHEAD = 16, LINE_BYTES = 64 };
#define ONE (VECTOR_BYTES / sizeof(double))
#define HALF (2 * ONE)
#define WIDE (GROUP * ONE)

#define INLINE static inline __attribute__((always_inline))

/* Ratings as codes or as values: `coded` is constant in each instance. */
INLINE double rating(int coded, const uint8_t *code, const double *level, const double *value,
                     int64_t e) {
    return coded ? level[code[e]] : value[e];
}

/* Vectors of mu start at multiples of 64 bytes: kp is a multiple of MIXFILL_LANES. */
INLINE const vec *vectors(const double *p) {
    return (const vec *)(const void *)p;
}

/* Sums c of several of n vectors each. */
INLINE vec *chain(vec *sums, int c, int n) {
    return sums + (size_t)c * (size_t)n;
}

/* The lines of n vectors. */
INLINE void prefetch(const double *p, int n) {
    for (int byte = 0; byte < n * VECTOR_BYTES; byte += LINE_BYTES)
        __builtin_prefetch((const char *)p + byte);
}

/* What is squared: mu, or what it leaves of a rating or of a centred one, the latter weighted. */
typedef enum square { OF_MEAN, OF_ERROR, OF_CENTRED_ERROR } square;

/* A square of rating e of a row with offset `user` to n vectors of sums. ahead: how many ratings
 * further mu is prefetched, 0 not at all. */
INLINE void add_square(vec *sum, const mixfill_rows *rows, int64_t e, double user,
                       const double *restrict mu, size_t kp, int n, int ahead, square what,
                       int coded) {
    size_t j = (size_t)rows->col[e];
    if (ahead > 0)
        prefetch(mu + (size_t)rows->col[e + ahead] * kp, n);
    const vec *m = vectors(mu + j * kp);
    double x = what != OF_MEAN ? rating(coded, rows->code, rows->level, rows->value, e) : 0;
    double precision = what == OF_CENTRED_ERROR ? rows->item[2 * j + 1] : 1;
    if (what == OF_CENTRED_ERROR)
        x = mixfill_centred(x, user, rows->item[2 * j]);
    for (int v = 0; v < n; v++) {
        vec d = m[v];
        if (what != OF_MEAN)
            d = x - d;
        vec weighted = d;
        if (what == OF_CENTRED_ERROR)
            weighted = d * precision;
        sum[v] += weighted * d;
    }
}

/* Row i, n vectors of lanes: rating e of the row goes to chain e modulo `chains`. */
INLINE void sum_row(double *restrict out, const mixfill_rows *rows, int32_t i,
                    const double *restrict mu, size_t kp, int n, int chains, int ahead, square what,
                    int coded) {
    vec sum[GROUP * CHAINS];
    int64_t e = rows->row_ptr[i], end = rows->row_ptr[i + 1];
    double user = what == OF_CENTRED_ERROR ? rows->user[i] : 0;
    for (int v = 0; v < n * chains; v++)
        sum[v] = (vec){0};
    for (; e + chains <= end; e += chains)
        for (int c = 0; c < chains; c++)
            add_square(chain(sum, c, n), rows, e + c, user, mu, kp, n, ahead, what, coded);
    for (int c = 0; c < chains - 1; c++)
        if (e + c < end)
            add_square(chain(sum, c, n), rows, e + c, user, mu, kp, n, ahead, what, coded);
    for (int v = n; v < n * chains; v++)
        sum[v % n] += sum[v];
    memcpy(out, sum, (size_t)n * sizeof sum[0]);
}

/* All kp lanes of row i, in groups of registers that hold the row's sums from its first rating
 * to its last: means are read once, sums are written once. A wide group has 4 registers in 2
 * chains, 8 sums at work; a narrow one makes up for its width by more chains. */
INLINE void sum_lanes(double *restrict out, const mixfill_rows *rows, int32_t i,
                      const double *restrict mu, size_t kp, int ahead, square what, int coded) {
    size_t lane = 0;
    for (; lane + WIDE <= kp; lane += WIDE)
        sum_row(out + lane, rows, i, mu + lane, kp, GROUP, CHAINS / 2, ahead, what, coded);
    for (; lane + HALF <= kp; lane += HALF)
        sum_row(out + lane, rows, i, mu + lane, kp, GROUP / 2, CHAINS, ahead, what, coded);
    for (; lane < kp; lane += ONE)
        sum_row(out + lane, rows, i, mu + lane, kp, 1, CHAINS, ahead, what, coded);
}

/* What would be prefetched for the last rows stands behind the ratings' end. */
INLINE void sum_rows(double *restrict out, const mixfill_rows *rows, const double *restrict mu,
                     size_t kp, square what, int coded) {
    for (int32_t i = 0; i < rows->n_rows; i++)
        if (rows->row_ptr[i + 1] + PREFETCH_AHEAD <= rows->n_ratings)
            sum_lanes(out + (size_t)i * kp, rows, i, mu, kp, PREFETCH_AHEAD, what, coded);
        else
            sum_lanes(out + (size_t)i * kp, rows, i, mu, kp, 0, what, coded);
}

/* One instance for each way of holding ratings, so that no inner loop asks which it is. */
static void squared_error(double *restrict sse, const mixfill_rows *rows, const double *restrict mu,
                          size_t kp) {
    if (rows->user == NULL && rows->code != NULL)
        sum_rows(sse, rows, mu, kp, OF_ERROR, 1);
    else if (rows->user == NULL)
        sum_rows(sse, rows, mu, kp, OF_ERROR, 0);
    else if (rows->code != NULL)
        sum_rows(sse, rows, mu, kp, OF_CENTRED_ERROR, 1);
    else
        sum_rows(sse, rows, mu, kp, OF_CENTRED_ERROR, 0);
}

static void squared_norm(double *restrict sums, const mixfill_rows *rows, const double *restrict mu,
                         size_t kp) {
    sum_rows(sums, rows, mu, kp, OF_MEAN, 0);
}

/* How the ratings of pairs are held; constant in each instance. */
typedef struct variant {
    int coded, far, centred;
} variant;

/* resp and resp x of rating e, of an item with this offset, to n vectors of sums of each. Users of
 * all blocks (far) are prefetched; `last` bounds that. */
INLINE void add_moment(vec *s0, vec *s1, const mixfill_pairs *pairs, uint32_t e, uint32_t last,
                       double offset, const double *restrict resp, size_t kp, int n, variant is) {
    size_t user = is.far ? (size_t)pairs->far[e] : pairs->near[e];
    if (is.far) {
        uint32_t ahead = last - e > PREFETCH_AHEAD ? e + PREFETCH_AHEAD : last;
        prefetch(resp + (size_t)pairs->far[ahead] * kp, n);
    }
    const vec *r = vectors(resp + user * kp);
    double x = rating(is.coded, pairs->code, pairs->level, pairs->value, e);
    if (is.centred)
        x = mixfill_centred(x, pairs->user_offset[user], offset);
    for (int v = 0; v < n; v++) {
        s0[v] += r[v];
        s1[v] += r[v] * x;
    }
}

/* Pair i, n vectors of lanes: sums in registers, then one rounded read-modify-write. What is added
 * to acc lies on the item's grid, so that blocks may be added in any order (docs/model.md 8.2); the
 * sums in registers are not rounded, their order is fixed. */
INLINE void add_pair(double *restrict acc, const mixfill_pairs *pairs, int32_t i,
                     const double *restrict resp, const double *restrict grid, size_t kp, int n,
                     int chains, variant is) {
    vec s0[GROUP * CHAINS], s1[GROUP * CHAINS];
    uint32_t e = i > 0 ? pairs->end[i - 1] : pairs->begin, end = pairs->end[i];
    uint32_t last = pairs->end[pairs->n_items - 1] - 1;
    double offset = is.centred ? pairs->item_offset[pairs->item[i]] : 0;
    for (int v = 0; v < n * chains; v++)
        s0[v] = s1[v] = (vec){0};
    for (; end - e >= (uint32_t)chains; e += (uint32_t)chains)
        for (int c = 0; c < chains; c++)
            add_moment(chain(s0, c, n), chain(s1, c, n), pairs, e + (uint32_t)c, last, offset, resp,
                       kp, n, is);
    for (; e < end; e++)
        add_moment(s0, s1, pairs, e, last, offset, resp, kp, n, is);
    for (int v = n; v < n * chains; v++) {
        s0[v % n] += s0[v];
        s1[v % n] += s1[v];
    }
    vec *a0 = (vec *)(void *)acc, *a1 = (vec *)(void *)(acc + kp);
    for (int v = 0; v < n; v++) {
        a0[v] += (s0[v] + grid[0]) - grid[0];
        a1[v] += (s1[v] + grid[1]) - grid[1];
    }
}

/* All pairs of a block. A pair has two sums, of resp and of resp x, that share the registers, so
 * wide groups have half the chains that those of a row have. */
INLINE void add_pairs(double *restrict acc, const mixfill_pairs *pairs, const double *restrict resp,
                      const double *restrict grid, size_t kp, variant is) {
    for (int32_t i = 0; i < pairs->n_items; i++) {
        size_t j = (size_t)pairs->item[i];
        double *a = acc + (pairs->packed ? (size_t)i : j) * 2 * kp;
        const double *g = grid + j * 2;
        size_t lane = 0;
        for (; lane + WIDE <= kp; lane += WIDE)
            add_pair(a + lane, pairs, i, resp + lane, g, kp, GROUP, 1, is);
        for (; lane + HALF <= kp; lane += HALF)
            add_pair(a + lane, pairs, i, resp + lane, g, kp, GROUP / 2, CHAINS / 2, is);
        for (; lane < kp; lane += ONE)
            add_pair(a + lane, pairs, i, resp + lane, g, kp, 1, CHAINS, is);
    }
}

INLINE void add_variants(double *restrict acc, const mixfill_pairs *pairs,
                         const double *restrict resp, const double *restrict grid, size_t kp,
                         int centred) {
    if (pairs->code != NULL && pairs->near != NULL)
        add_pairs(acc, pairs, resp, grid, kp, (variant){1, 0, centred});
    else if (pairs->code != NULL)
        add_pairs(acc, pairs, resp, grid, kp, (variant){1, 1, centred});
    else if (pairs->near != NULL)
        add_pairs(acc, pairs, resp, grid, kp, (variant){0, 0, centred});
    else
        add_pairs(acc, pairs, resp, grid, kp, (variant){0, 1, centred});
}

static void add_moments(double *restrict acc, const mixfill_pairs *pairs,
                        const double *restrict resp, const double *restrict grid, size_t kp) {
    if (pairs->user_offset == NULL)
        add_variants(acc, pairs, resp, grid, kp, 0);
    else
        add_variants(acc, pairs, resp, grid, kp, 1);
}

/* Lanes of a where take, else of b. */
INLINE vec choose(mask take, vec a, vec b) {
    return (vec)(((mask)a & take) | ((mask)b & ~take));
}

/* exp of x <= 0, within 2 ulp; 0 below the smallest normal result, NaN for NaN. x = n log 2 + r
 * with |r| <= log(2) / 2 (Cody and Waite), exp r by its Taylor polynomial, which is exact to
 * double's last bit there, times 2^n by the exponent's bits. */
INLINE vec exp_of(vec x) {
    const double log2_e = 1.44269504088896338700, log_2_high = 6.93147180369123816490e-01,
                 log_2_low = 1.90821492927058770002e-10;
    const double to_integer = 0x1.8p52; /* adding it leaves a number's integer in the lowest bits */
    const double smallest = -708;
    vec shifted = x * log2_e + to_integer, n = shifted - to_integer;
    vec r = (x - n * log_2_high) - n * log_2_low;
    static const double coefficient[] = {
        1 / 6227020800.0, 1 / 479001600.0, 1 / 39916800.0, 1 / 3628800.0, 1 / 362880.0, 1 / 40320.0,
        1 / 5040.0,       1 / 720.0,       1 / 120.0,      1 / 24.0,      1 / 6.0,      1 / 2.0};
    vec p = (vec){0} + coefficient[0];
    for (size_t i = 1; i < sizeof coefficient / sizeof coefficient[0]; i++)
        p = p * r + coefficient[i];
    p = p * r * r + r + 1;
    mask tiny = x < smallest;
    return (vec)(((bits)p + ((bits)shifted << 52)) & ~(bits)tiny);
}

/* L of a row into resp; returns the largest. */
INLINE double log_densities(vec *resp, const vec *distance, double cells,
                            const mixfill_densities *p, size_t n) {
    const vec *weight = vectors(p->log_weight), *norm = vectors(p->log_norm),
              *half_prec = vectors(p->half_prec);
    vec most = {0};
    for (size_t v = 0; v < n; v++) {
        resp[v] = weight[v] - cells * norm[v] - distance[v] * half_prec[v];
        most = v == 0 ? resp[0] : choose(resp[v] > most, resp[v], most);
    }
    double max = most[0];
    for (size_t i = 1; i < ONE; i++)
        max = most[i] > max ? most[i] : max;
    return max;
}

/* Per row: L_uk, the log-sum-exp less its maximum, so that the largest term is exp(0) and the
 * sum cannot vanish, and the row's share of the sums over users. Lanes behind K have L = -inf
 * and add 0. The logarithm is libm's: there is one per row, K exp. */
static double responsibilities(double *restrict resp, double *restrict sums,
                               const double *restrict distance, const mixfill_rows *rows,
                               const mixfill_densities *p, size_t kp) {
    size_t n = kp / ONE;
    vec *sum = (vec *)(void *)sums;
    double log_likelihood = 0;
    for (int32_t i = 0; i < rows->n_rows; i++) {
        double cells = (double)(rows->row_ptr[i + 1] - rows->row_ptr[i]), total = 0;
        const vec *d = vectors(distance + (size_t)i * kp);
        vec *r = (vec *)(void *)(resp + (size_t)i * kp), lane_sum = {0};
        double max = log_densities(r, d, cells, p, n);
        for (size_t v = 0; v < n; v++) {
            r[v] = exp_of(r[v] - max);
            lane_sum += r[v];
        }
        for (size_t l = 0; l < ONE; l++)
            total += lane_sum[l];
        for (size_t v = 0; v < n; v++) {
            r[v] /= total;
            sum[v] += r[v];
            sum[n + v] += r[v] * d[v];
            sum[2 * n + v] += r[v] * cells;
        }
        log_likelihood += max + log(total);
    }
    return log_likelihood;
}

/* Both branches are computed in every lane and one is chosen: s1 / s0 of a lane that is not
 * taken may be NaN, which choose() drops. */
static void update_means(double *restrict mu, double *restrict change, const double *restrict sums,
                         double min_support, size_t kp) {
    vec *m = (vec *)(void *)mu, *c = (vec *)(void *)change;
    const vec *s0 = vectors(sums), *s1 = vectors(sums + kp);
    const vec zero = {0};
    for (size_t v = 0; v < kp / ONE; v++) {
        mask take = (s0[v] >= min_support) & (s0[v] > zero);
        vec updated = choose(take, s1[v] / s0[v], m[v]), delta = updated - m[v];
        c[v] += delta * delta * s0[v] - 2 * delta * (s1[v] - m[v] * s0[v]);
        m[v] = updated;
    }
}

/* Where nothing supports a component and strength is 0, the mean is that of the prior, 0. */
static double shrink_means(double *restrict mu, const double *restrict sums, double strength,
                           size_t kp) {
    vec *m = (vec *)(void *)mu, sum = {0};
    const vec *s0 = vectors(sums), *s1 = vectors(sums + kp);
    const vec zero = {0};
    for (size_t v = 0; v < kp / ONE; v++) {
        vec weight = s0[v] + strength;
        m[v] = choose(weight > zero, s1[v] / weight, zero);
        sum += m[v] * (m[v] * s0[v] - 2 * s1[v]);
    }
    double total = 0;
    for (size_t l = 0; l < ONE; l++)
        total += sum[l];
    return total;
}

/* Registers of a panel, and people, that are summed at once: as many sums as there are registers
 * for. 4 people share each load of a panel's row, which would otherwise be the bound. */
enum { PEOPLE = 4, SCORED = VECTOR_BYTES == 64 ? 4 : 2 };

/* Scores of `people` people for SCORED vectors of one panel. */
INLINE void score_group(double *restrict scores, size_t stride, const double *restrict table,
                        const double *restrict item_base, const double *restrict coefficients,
                        const double *restrict base, size_t width, int people) {
    vec sum[PEOPLE][SCORED];
    const vec *items = vectors(item_base);
    for (int p = 0; p < people; p++)
        for (int v = 0; v < SCORED; v++)
            sum[p][v] = base[p] + items[v];
    for (size_t k = 0; k < width; k++) {
        const vec *row = vectors(table + k * MIXFILL_PANEL);
        for (int p = 0; p < people; p++)
            for (int v = 0; v < SCORED; v++)
                sum[p][v] += coefficients[(size_t)p * width + k] * row[v];
    }
    for (int p = 0; p < people; p++)
        memcpy(scores + (size_t)p * stride, sum[p], sizeof sum[p]);
}

INLINE void score_people(double *restrict scores, const mixfill_panels *panels,
                         const double *restrict coefficients, const double *restrict base,
                         int people) {
    size_t n = (size_t)panels->n_panels, stride = n * MIXFILL_PANEL;
    for (size_t i = 0; i < n; i++)
        for (size_t lane = 0; lane < MIXFILL_PANEL; lane += SCORED * ONE) {
            size_t at = i * MIXFILL_PANEL + lane;
            const double *table = panels->table + i * MIXFILL_PANEL * panels->width + lane;
            score_group(scores + at, stride, table, panels->base + at, coefficients, base,
                        panels->width, people);
        }
}

static void scores(double *restrict out, const mixfill_panels *panels,
                   const double *restrict coefficients, const double *restrict base, int32_t n) {
    size_t row = (size_t)panels->n_panels * MIXFILL_PANEL, width = panels->width;
    size_t p = 0, end = (size_t)n;
    for (; p + PEOPLE <= end; p += PEOPLE)
        score_people(out + p * row, panels, coefficients + p * width, base + p, PEOPLE);
    for (; p < end; p++)
        score_people(out + p * row, panels, coefficients + p * width, base + p, 1);
}

/* Whether one of n vectors of values has a lane above the bound; the lanes are looked at once,
 * behind the loop. */
INLINE bool any_above(const vec *values, size_t n, double bound) {
    mask above = {0};
    int64_t any = 0;
    for (size_t v = 0; v < n; v++)
        above |= values[v] > bound;
    for (size_t l = 0; l < ONE; l++)
        any |= above[l];
    return any != 0;
}

/* Nearly all scores are below the bound once a list is full, so spans of 64 are dismissed
 * together and only one that has a hit is searched. The first few are looked at alone, up to a
 * multiple of the span, where the vectors are aligned. */
static int32_t find_above(const double *restrict values, int32_t from, int32_t n, double bound) {
    enum { SPAN = 64 };
    int32_t i = from;
    for (; i < n && i % SPAN != 0; i++)
        if (values[i] > bound)
            return i;
    for (; i + SPAN <= n; i += SPAN)
        if (any_above(vectors(values + i), SPAN / ONE, bound))
            break;
    for (; i < n; i++)
        if (values[i] > bound)
            return i;
    return n;
}
#include "kernel/kernel_factor.inc.h"

const mixfill_kernels KERNELS = {
    .name = KERNELS_NAME,
    .factor = &factor_kernels,
    .squared_error = squared_error,
    .squared_norm = squared_norm,
    .responsibilities = responsibilities,
    .add_moments = add_moments,
    .update_means = update_means,
    .shrink_means = shrink_means,
    .scores = scores,
    .find_above = find_above,
};
