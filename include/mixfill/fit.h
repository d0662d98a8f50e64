/* Fitting a model, and what a fit takes. */
#ifndef MIXFILL_PUBLIC_FIT_H
#define MIXFILL_PUBLIC_FIT_H

#include <mixfill/model.h>
#include <mixfill/options.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mixfill_stop_reason {
    MIXFILL_STOP_TOL = 0,
    MIXFILL_STOP_MAX_ITER,
    MIXFILL_STOP_PATIENCE /* which counts as converged */
} mixfill_stop_reason;

typedef struct mixfill_iteration {
    double log_likelihood; /* of the parameters at the iteration's start, from its E-step; FACTOR:
                              from its user step, expected over the items (docs/model.md 5.10) */
    double seconds;        /* of the iteration, without validation */
    double clear_seconds;  /* of it: accumulators set to zero; 0 in FACTOR and the notebook's */
    double blocks_seconds; /* E-step and moments, user block by user block; FACTOR: users */
    double update_seconds; /* accumulators reduced, rare items summed, new parameters; FACTOR: items
                            */
    double rmse; /* of the held-out ratings, under the parameters it leaves; NaN without */
} mixfill_iteration;

typedef struct mixfill_result {
    int32_t iterations;     /* of the best start */
    int32_t best_start;     /* 0-based */
    int32_t best_iteration; /* 1-based; the one whose parameters are returned: with patience that of
                               the least RMSE, else the last */
    mixfill_stop_reason stop_reason;
    bool converged; /* stop_reason is not MAX_ITER; always in FACTOR, whose number of iterations is
                       fixed and whose log-likelihood need not rise */
    double log_likelihood;       /* of best_iteration */
    double final_log_likelihood; /* of the returned parameters, by one more E-step or user step */
    mixfill_iteration *history;  /* (iterations), of the best start */
    int32_t threads;             /* used */
    const char *isa;             /* kernels used: "v1", "v3", "v4" or "generic"; static */
    /* What a fit takes, all starts together: what is made before the first start; starts;
       iterations, with validation; baselines and what a finished model has besides. */
    double index_seconds, init_seconds, em_seconds, finish_seconds;
    size_t ratings_bytes, index_bytes, model_bytes, accumulator_bytes;
} mixfill_result;

/* Release what the result owns; the struct itself belongs to the caller. */
MIXFILL_API void mixfill_result_clear(mixfill_result *result);

/* Fit a model of any kind to the observed ratings.
 * out     [out] new model.
 * result  [out] may be NULL; release with mixfill_result_clear.
 * ratings [in]  at least one rating; not needed afterwards.
 * options [in]  NULL means defaults.
 * CLASSIC and MAP are mixtures fitted by EM (Dempster, Laird and Rubin 1977), sums over observed
 * cells only (docs/model.md 2 to 4); FACTOR is fitted by variational Bayes, users and items in turn
 * (docs/model.md 5). Reaching max_iter is a result, not an error.
 * Returns MIXFILL_ERR_ARG, _DIM (K > N, no ratings), _RANGE (max_memory), _NUMERIC, _CANCELLED,
 * _NOMEM.
 * Time of an iteration: O(nnz K) for mixtures, O(nnz q^2 + N q^3 + D q^3) for FACTOR, q its rank.
 * Memory: O(nnz + (N + D) K) for mixtures, where the threads' accumulators take at most as much as
 * the ratings (or one copy, 16 D K bytes); O(nnz + (N + D) q^2) for FACTOR. docs/model.md 8.3. */
MIXFILL_CHECK mixfill_status mixfill_fit(mixfill_model **out, mixfill_result *result,
                                         const mixfill_ratings *ratings,
                                         const mixfill_options *options, mixfill_error *err);

/* Memory of a fit, in bytes. */
typedef struct mixfill_memory {
    size_t ratings, index, model, accumulators; /* FACTOR and notebook: no accumulators */
    size_t total;    /* these, further parameters and the buffers of a fit */
    int32_t n_hot;   /* items with accumulators in each thread; the rest share one copy */
    int32_t threads; /* used */
} mixfill_memory;

/* Tell what mixfill_fit would hold for these ratings and options, without fitting.
 * out     [out] bytes, by what they are for.
 * ratings [in]
 * options [in]  NULL means defaults.
 * Returns MIXFILL_ERR_ARG, _DIM (K > N, no ratings), _RANGE (more than max_memory), _NOMEM. Cost: a
 * few passes over the ratings. */
MIXFILL_CHECK mixfill_status mixfill_fit_memory(mixfill_memory *out, const mixfill_ratings *ratings,
                                                const mixfill_options *options, mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
