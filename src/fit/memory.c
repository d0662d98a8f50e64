/* The memory plan of a fit. */
#include "fit/memory.h"

#include "base/par.h"
#include "mixture/em.h"
#include "model/model.h"

mixfill_model_shape mixfill_fit_shape(const mixfill_ratings *ratings,
                                      const mixfill_options *options) {
    return (mixfill_model_shape){.kind = options->model,
                                 .n_users = ratings->n_users,
                                 .n_items = ratings->n_items,
                                 .n_components = options->n_components,
                                 .n_mixtures = options->average ? options->n_init : 1,
                                 .with_users = true,
                                 .rank = options->rank};
}

static size_t model_size(const mixfill_ratings *r, const mixfill_options *options) {
    mixfill_model_shape shape = mixfill_fit_shape(r, options);
    return mixfill_model_bytes_of_shape(&shape) + mixfill_ids_bytes(&r->user_ids) +
           mixfill_ids_bytes(&r->item_ids);
}

/* Bytes of a mixture's workspace but for the accumulators. */
static size_t workspace_size(const mixfill_ratings *r, const mixfill_blocks *b,
                             const mixfill_options *o, int32_t threads) {
    size_t row = mixfill_padded(o->n_components) * sizeof(double);
    size_t t = (size_t)threads, d = (size_t)r->n_items;
    size_t own = o->notebook ? MIXFILL_ITEM_CHUNK * 3 : MIXFILL_RARE_ITEMS * 2;
    size_t grid = 2 * d * sizeof(double);
    bool map = o->model == MIXFILL_MODEL_MAP;
    size_t centring = map ? ((size_t)r->n_users + 6 * d) * sizeof(double) : 0;
    return centring + (size_t)r->n_users * row + t * (MIXFILL_STRIP + own) * row +
           3 * (size_t)b->n_blocks * row + grid;
}

/* Sets of parameters besides those that the model takes over: a `factor` model takes those of the
 * best start. */
static size_t n_params(const mixfill_options *o) {
    size_t kept = o->average ? (size_t)o->n_init : 0;
    size_t n = 1 + (size_t)(o->n_init > 1) + (size_t)(o->patience > 0) + kept;
    return o->model == MIXFILL_MODEL_FACTOR ? n - 1 : n;
}

size_t mixfill_memory_budget(const mixfill_ratings *ratings) {
    const size_t small = (size_t)1 << 24;
    size_t bytes = mixfill_ratings_bytes(ratings);
    return bytes > small ? bytes : small;
}

mixfill_status mixfill_memory_plan(mixfill_memory *out, const mixfill_ratings *ratings,
                                   const mixfill_blocks *blocks, const mixfill_options *options,
                                   mixfill_error *err) {
    int32_t threads = mixfill_par_threads(options->threads), common = blocks->n_common;
    size_t kp = mixfill_padded(options->n_components), most = options->max_memory;
    mixfill_memory m = {.ratings = mixfill_ratings_bytes(ratings),
                        .index = blocks->bytes,
                        .model = model_size(ratings, options),
                        .threads = threads};
    bool factor = options->model == MIXFILL_MODEL_FACTOR;
    bool classic = options->model == MIXFILL_MODEL_CLASSIC;
    size_t column_sums = classic ? (size_t)ratings->n_items * sizeof(double) : 0;
    size_t fixed = m.ratings + m.index + m.model + column_sums +
                   n_params(options) * mixfill_params_bytes(ratings, options) +
                   (factor ? mixfill_factor_workspace_bytes(ratings, options, threads)
                           : workspace_size(ratings, blocks, options, threads));
    size_t budget = mixfill_memory_budget(ratings);
    if (most > 0 && most - (most < fixed ? most : fixed) < budget)
        budget = most - (most < fixed ? most : fixed);
    if (!options->notebook && !factor) {
        m.n_hot = mixfill_accumulators_n_hot(blocks->count, common, blocks->n_blocks, threads, kp,
                                             budget);
        m.accumulators = mixfill_accumulators_bytes(common, m.n_hot, threads, kp);
    }
    m.total = fixed + m.accumulators;
    if (most > 0 && m.total > most)
        return mixfill_fail(err, MIXFILL_ERR_RANGE, 0,
                            "--max-memory %zu: this fit takes %zu bytes, expected at least as much",
                            most, m.total);
    *out = m;
    return MIXFILL_OK;
}

mixfill_status mixfill_fit_memory(mixfill_memory *out, const mixfill_ratings *ratings,
                                  const mixfill_options *options, mixfill_error *err) {
    mixfill_options defaults;
    mixfill_blocks *blocks = NULL;
    mixfill_options_init(&defaults);
    const mixfill_options *o = options != NULL ? options : &defaults;
    mixfill_status st = mixfill_options_validate(o, err);
    if (st == MIXFILL_OK)
        st = mixfill_blocks_outline(&blocks, ratings, mixfill_par_threads(o->threads), err);
    if (st == MIXFILL_OK)
        st = mixfill_memory_plan(out, ratings, blocks, o, err);
    mixfill_blocks_free(blocks);
    return st;
}
