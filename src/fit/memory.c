/* The plan of a fit. What is added up here is what the lists of arrays and buffers say that they
 * will allocate, so that plan and allocation cannot drift apart.
 *
 * Of all this only the accumulators can be chosen in size: items with a copy in every thread need
 * no locks. How many have one decides about time and memory, never about a bit (docs/model.md 8.2,
 * 8.3). */
#include "fit/memory.h"

#include "base/par.h"
#include "fit/options.h"
#include "kinds.h"
#include "model/model.h"

#include <mixfill/system.h>

mixfill_fit_sets mixfill_fit_sets_of(const mixfill_options *o) {
    return (mixfill_fit_sets){
        .average = o->average, .best = !o->average && o->n_init > 1, .least_rmse = o->patience > 0};
}

/* With as many bytes as the ratings the accumulators at most double what a fit holds anyway,
 * however many threads there are. Below 16 MB there is nothing worth saving. */
size_t mixfill_memory_budget(const mixfill_ratings *ratings) {
    const size_t small = (size_t)1 << 24;
    size_t bytes = mixfill_ratings_bytes(ratings);
    return bytes > small ? bytes : small;
}

/* Of the parameters of a start, or with `average` of all starts. */
static mixfill_shape shape_of(const mixfill_job *job, bool average) {
    const mixfill_ratings *r = job->ratings;
    mixfill_shape shape = mixfill_shape_of(job->kind, job->options, r->n_users, r->n_items);
    if (!average) {
        shape.n_mixtures = 1;
        shape.average = false;
    }
    return shape;
}

/* Bytes of the model that comes out, with its users, and of the sets of parameters besides: with
 * several starts the current one beside the best, with patience that of the least RMSE too. */
static mixfill_status plan_params(mixfill_memory *m, size_t *besides, const mixfill_job *job,
                                  mixfill_error *err) {
    const mixfill_ratings *r = job->ratings;
    const mixfill_options *o = job->options;
    const mixfill_shape shape = shape_of(job, o->average), one = shape_of(job, false);
    size_t finished = 0, each = 0;
    mixfill_status st;
    MIXFILL_TRY(mixfill_params_bytes(&finished, &shape, (mixfill_scope){true, true}, err));
    MIXFILL_TRY(mixfill_params_bytes(&each, &one, (mixfill_scope){.users = true}, err));
    m->model = mixfill_model_bytes_of_shape(r->n_users, r->n_items) + finished +
               mixfill_ids_bytes(&r->user_ids) + mixfill_ids_bytes(&r->item_ids);
    mixfill_fit_sets sets = mixfill_fit_sets_of(o);
    *besides = each * ((size_t)sets.average + (size_t)sets.best + (size_t)sets.least_rmse);
done:
    return st;
}

/* The bytes of a fit into job->memory. Accumulators get what max_memory leaves, or the budget where
 * that is less; as one copy of them is taken in any case, the bound is tested after they are
 * known. */
static mixfill_status plan(mixfill_job *job, mixfill_error *err) {
    const mixfill_kind *kind = job->kind;
    mixfill_memory *m = &job->memory;
    size_t besides, most = job->options->max_memory;
    mixfill_status st = plan_params(m, &besides, job, err);
    if (st != MIXFILL_OK)
        return st;
    m->ratings = mixfill_ratings_bytes(job->ratings);
    m->index = job->blocks->bytes;
    size_t fixed = m->ratings + m->index + m->model + besides + kind->workspace_bytes(job);
    size_t left = most > fixed ? most - fixed : 0, budget = mixfill_memory_budget(job->ratings);
    if (kind->plan != NULL)
        kind->plan(job, m, most > 0 && left < budget ? left : budget);
    m->total = fixed + m->accumulators;
    char given[MIXFILL_BYTES_TEXT], taken[MIXFILL_BYTES_TEXT];
    if (most > 0 && m->total > most)
        return mixfill_fail_field(err, MIXFILL_ERR_RANGE, "max_memory",
                                  " %s: this fit takes %s, expected at least as much",
                                  mixfill_format_bytes(given, (double)most),
                                  mixfill_format_bytes(taken, (double)m->total));
    return MIXFILL_OK;
}

mixfill_status mixfill_job_init(mixfill_job *job, const mixfill_ratings *ratings,
                                const mixfill_options *options, bool outline, mixfill_error *err) {
    mixfill_status st;
    mixfill_blocks *blocks = NULL;
    const mixfill_kind *kind = mixfill_kind_of(options);
    int32_t threads = mixfill_par_threads_for(options->threads, kind->work(ratings, options));
    *job = (mixfill_job){
        .kind = kind, .ratings = ratings, .options = options, .memory = {.threads = threads}};
    MIXFILL_TRY(mixfill_kernels_choose(&job->kernels, err));
    MIXFILL_TRY(
        (outline ? mixfill_blocks_outline : mixfill_blocks_create)(&blocks, ratings, threads, err));
    job->blocks = blocks;
    MIXFILL_TRY(plan(job, err));
done:
    if (st != MIXFILL_OK)
        mixfill_job_clear(job);
    return st;
}

void mixfill_job_clear(mixfill_job *job) {
    mixfill_blocks_free(job->blocks);
    *job = (mixfill_job){0};
}

mixfill_params *mixfill_job_params(const mixfill_job *job, bool average) {
    const mixfill_shape shape = shape_of(job, average);
    return mixfill_params_create(&shape, (mixfill_scope){.users = true});
}

mixfill_status mixfill_fit_memory(mixfill_memory *out, const mixfill_ratings *ratings,
                                  const mixfill_options *options, mixfill_error *err) {
    mixfill_options o;
    mixfill_job job;
    mixfill_status st = mixfill_options_resolve(&o, options, ratings, err);
    if (st == MIXFILL_OK)
        st = mixfill_job_init(&job, ratings, &o, true, err);
    if (st != MIXFILL_OK)
        return st;
    *out = job.memory;
    mixfill_job_clear(&job);
    return MIXFILL_OK;
}
