/* The plan of a fit: its index, how much memory it takes, and how many items get accumulators in
 * each thread, decided in one place before anything else is allocated. mixfill_fit works by the
 * plan that mixfill_fit_memory tells of, so what is told is what is taken. */
#ifndef MIXFILL_MEMORY_H
#define MIXFILL_MEMORY_H

#include "model/params.h"

/* What a fit of these ratings and options works on, for mixfill_job_clear to free.
 * outline: index the ratings only as far as a plan of memory needs. MIXFILL_ERR_RANGE where
 * max_memory does not hold the fit even with a single copy of the accumulators, MIXFILL_ERR_NOMEM,
 * MIXFILL_ERR_ARG (MIXFILL_ISA). O(nnz). */
mixfill_status mixfill_job_init(mixfill_job *job, const mixfill_ratings *ratings,
                                const mixfill_options *options, bool outline, mixfill_error *err);
void mixfill_job_clear(mixfill_job *job);

/* Parameters of a start of the job, or with `average` of all its starts, zeroed; for
 * mixfill_params_free. NULL when out of memory. */
mixfill_params *mixfill_job_params(const mixfill_job *job, bool average);

/* Which sets of parameters a fit holds beside that of the start under way. One of them, or else
 * that, becomes the model's. */
typedef struct mixfill_fit_sets {
    bool average;    /* every start's, to be averaged */
    bool best;       /* of the best start so far, where there are several */
    bool least_rmse; /* of the iteration with the least held-out RMSE, with patience */
} mixfill_fit_sets;

mixfill_fit_sets mixfill_fit_sets_of(const mixfill_options *options);

/* Bytes of accumulators a fit takes where max_memory does not say otherwise: those of the ratings,
 * or a few MB that are always worth it. */
size_t mixfill_memory_budget(const mixfill_ratings *ratings);

#endif
