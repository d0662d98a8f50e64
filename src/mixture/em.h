/* What one fit works on: parameters of a start, and the workspace that holds every buffer of an EM
 * iteration, made once per fit. */
#ifndef MIXFILL_EM_H
#define MIXFILL_EM_H

#include "factor/factor_em.h"
#include "fit/memory.h"
#include "mixture/accumulators.h"
#include "mixture/estep.h"
#include "ratings/blocks.h"

/* Parameters of one start. */
typedef struct mixfill_params {
    mixfill_model_kind kind;
    int32_t n_items, n_components;
    size_t kp;
    double *weight;           /* (K) */
    double *mu;               /* (D,kp), padding 0 */
    double *var;              /* (K), in `map` (D) */
    double *s0;               /* (D,kp) behind mu; `map` only, else NULL */
    double noise_mean;        /* mean squared error of a rating; `map` only */
    double log_scale;         /* as mixfill_log_scale of var; `map` only, else 0 */
    mixfill_factors *factors; /* `factor` only, which has none of the above; else NULL */
} mixfill_params;

/* For a fit of these ratings. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_params_init(mixfill_params *p, const mixfill_ratings *ratings,
                                   const mixfill_options *options, mixfill_error *err);
void mixfill_params_clear(mixfill_params *p);

/* Of the same fit. */
void mixfill_params_copy(mixfill_params *to, const mixfill_params *from);

/* Bytes of the parameters of a fit. */
size_t mixfill_params_bytes(const mixfill_ratings *ratings, const mixfill_options *options);

/* Common items whose means are updated together, and items whose variances are. */
enum { MIXFILL_ITEM_CHUNK = 32, MIXFILL_VAR_CHUNK = 1024 };

/* What `map` makes of the ratings before it fits, the same for every start; all NULL in `classic`.
 */
typedef struct mixfill_centring {
    double *user;    /* (N) b_u */
    double *item;    /* (D) b_j */
    double *by_rank; /* (D) g + b_j of each rank */
    double *squares; /* (D) sum x^2 of the item of each rank */
    double *largest; /* (D) largest |x| of the item of each rank */
    double *terms;   /* (D,2) g + b_j and 1 / v_j, as in mixfill_rows */
    double *scales;  /* (D / MIXFILL_VAR_CHUNK + 1) partial sums of log_scale */
} mixfill_centring;

/* Wall time of an iteration's phases. */
typedef struct mixfill_em_seconds {
    double clear, blocks, update;
} mixfill_em_seconds;

typedef struct mixfill_workspace {
    const mixfill_ratings *ratings;
    const mixfill_options *options;
    int32_t threads;
    int32_t n_chunks; /* of common items; of all items in the notebook's arithmetic */
    size_t kp;
    mixfill_blocks *blocks;
    mixfill_estep estep;
    mixfill_centring centre;
    mixfill_memory memory;    /* as planned */
    mixfill_accumulators acc; /* of the common items; empty in the notebook's arithmetic */
    double *grid;             /* (D,2) rounding constants of s0 and s1, by rank; 0 for rare items */
    double *resp;             /* (N,kp) */
    double *strip;            /* (T,MIXFILL_STRIP,kp) */
    double *block_sums;       /* (n_blocks,3,kp) partial sums of resp, distance and cells */
    double *block_ll;         /* (n_blocks) partial log-likelihoods */
    double *changes;   /* (n_chunks + n_rare_blocks,kp) of the distances by the new means; fixes
 the order of that sum; in `map` the first of each row is the squared error of the part's items */
    double *item_sums; /* (T,MIXFILL_RARE_ITEMS,2,kp) of a rare block; in the notebook's
                          arithmetic (T,MIXFILL_ITEM_CHUNK,3,kp) of a chunk */
    double *sums;      /* (3,kp) sum_u resp, resp * distance, resp * cells */
    mixfill_em_seconds seconds;      /* of the last iteration */
    mixfill_factor_workspace factor; /* `factor` only, which needs none of the buffers above */
} mixfill_workspace;

/* Build the index and every buffer. ratings and options are borrowed.
 * MIXFILL_ERR_NOMEM, MIXFILL_ERR_ARG (MIXFILL_ISA). */
mixfill_status mixfill_workspace_init(mixfill_workspace *ws, const mixfill_ratings *ratings,
                                      const mixfill_options *options, mixfill_error *err);
void mixfill_workspace_clear(mixfill_workspace *ws);

/* Iteration i of a start, counted from 1, E-step then M-step, in place; returns the E-step's
 * log-likelihood and leaves the times in ws->seconds. Allocates nothing. */
double mixfill_em_iteration(mixfill_workspace *ws, mixfill_params *p, int32_t i);

/* Responsibilities of all users under p into ws->resp. */
void mixfill_em_posteriors(mixfill_workspace *ws, const mixfill_params *p);

/* A user block's rows, and any block's pairs, with their offsets in `map`. */
mixfill_rows mixfill_em_rows(const mixfill_workspace *ws, int32_t block);
mixfill_pairs mixfill_em_pairs(const mixfill_workspace *ws, int32_t block);

/* The parts of an iteration, for the benches: clear the accumulators; E-step of a user block and,
 * unless in the notebook's arithmetic, the moments of its common items into them, as thread
 * `thread`. */
void mixfill_em_zero(mixfill_workspace *ws);
void mixfill_em_block(mixfill_workspace *ws, int32_t block, int32_t thread);

/* One of the n_rare_blocks + n_chunks parts of the M-step's new means, as thread `thread`. */
void mixfill_mstep_part(mixfill_workspace *ws, mixfill_params *p, int32_t part, int32_t thread);

/* M-step of `classic` from the accumulators, the responsibilities and ws->sums (DESIGN 1.1). */
void mixfill_mstep_classic(mixfill_workspace *ws, mixfill_params *p);

/* Start of `map` from the K users `rows`: means half their ratings, variances those of all ratings
 * (DESIGN 1.3). */
void mixfill_map_start(mixfill_workspace *ws, mixfill_params *p, const int32_t *rows);

/* M-step of `map` from the same and the items' sums of squares (DESIGN 1.3). */
void mixfill_mstep_map(mixfill_workspace *ws, mixfill_params *p);

/* M-step of the notebook's arithmetic from all responsibilities and ws->sums (DESIGN 1.2). */
void mixfill_mstep_notebook(mixfill_workspace *ws, mixfill_params *p);

#endif
