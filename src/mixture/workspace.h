/* What a fit of a mixture works on: every buffer of an EM iteration, made once and used by every
 * start. */
#ifndef MIXFILL_WORKSPACE_H
#define MIXFILL_WORKSPACE_H

#include "base/laps.h"
#include "mixture/accumulators.h"
#include "mixture/estep.h"
#include "mixture/mixtures.h"

/* Common items whose means are updated together, and items whose variances are. */
enum { MIXFILL_ITEM_CHUNK = 32, MIXFILL_VAR_CHUNK = 1024 };

/* What map makes of the ratings before it fits, the same for every start (docs/model.md 4.1); all
 * NULL in the other variants. */
typedef struct mixfill_centring {
    double *user;    /* (N) b_u */
    double *item;    /* (D) b_j */
    double *by_rank; /* (D) g + b_j of each rank */
    double *squares; /* (D) sum x^2 of the item of each rank */
    double *largest; /* (D) largest |x| of the item of each rank */
    double *terms;   /* (D,2) g + b_j and 1 / v_j, as in mixfill_rows */
    double *norms;   /* (D / MIXFILL_VAR_CHUNK + 1) partial sums of log_norms */
} mixfill_centring;

/* The steps of an iteration that are timed. */
enum { MIXFILL_LAP_CLEAR, MIXFILL_LAP_BLOCKS, MIXFILL_LAP_UPDATE };

typedef struct mixfill_workspace {
    const mixfill_ratings *ratings;
    const mixfill_options *options;
    const mixfill_blocks *blocks;
    mixfill_variant variant;
    int32_t threads;
    int32_t n_chunks; /* of common items; of all items in the notebook's arithmetic */
    size_t kp;
    mixfill_estep estep;
    mixfill_centring centre;
    mixfill_accumulators acc; /* of the common items; empty in the notebook's arithmetic */
    double *grid;             /* (D,2) rounding constants of s0 and s1, by rank; 0 for rare items */
    double *resp;             /* (N,kp) */
    double *strip;            /* (T,MIXFILL_STRIP,kp) */
    double *block_sums;       /* (n_blocks,3,kp) partial sums of resp, distance and cells */
    double *block_ll;         /* (n_blocks) partial log-likelihoods */
    double *changes;    /* (n_chunks + n_rare_blocks,kp) of the distances by the new means; fixes
  the order of that sum; in map the first of each row is the squared error of the part's items */
    double *item_sums;  /* (T,MIXFILL_RARE_ITEMS,2,kp) of a rare block; in the notebook's
                           arithmetic (T,MIXFILL_ITEM_CHUNK,3,kp) of a chunk */
    double *sums;       /* (3,kp) sum_u resp, resp * distance, resp * cells */
    double *column_sum; /* (D) classic: sum of x over the item's ratings */
    double squared_sum; /* of all ratings; classic */
    int32_t *rows;      /* (K) users a start begins from */
    double log_norms;   /* map: what mixfill_log_norms gives of the current variances; else 0 */
    mixfill_laps laps;  /* of the last iteration, by MIXFILL_LAP_ */
} mixfill_workspace;

/* Make every buffer. What the job points to is borrowed. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_workspace_init(mixfill_workspace *ws, const mixfill_job *job,
                                      mixfill_error *err);
void mixfill_workspace_clear(mixfill_workspace *ws);

/* Bytes of the buffers but for the accumulators: of the list that mixfill_workspace_init allocates.
 */
size_t mixfill_workspace_bytes(const mixfill_job *job);

/* A user block's rows, and any block's pairs, with their offsets in map. */
mixfill_rows mixfill_em_rows(const mixfill_workspace *ws, int32_t block);
mixfill_pairs mixfill_em_pairs(const mixfill_workspace *ws, int32_t block);

#endif
