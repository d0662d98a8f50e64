/* Scores of all items for many people, and the best of them: what recommending and the ranking
 * figures share. How a kind's mean becomes a product is its own (model/kind.h, lists); with that a
 * list takes D products side by side instead of D predictions. */
#ifndef MIXFILL_SCORER_H
#define MIXFILL_SCORER_H

#include "base/top.h"
#include "kernel/kernel.h"
#include "model/cell.h"

/* A model as a table of items: the score of an item is its base, the person's, and the product of
 * its numbers and the person's coefficients. This is the unclipped prediction but for rounding, and
 * what lists are sorted by; where risk > 0 they are sorted by mean - risk sd of
 * mixfill_predict_cell, and it is a bound of that. */
typedef struct mixfill_scorer {
    const mixfill_model *model; /* borrowed */
    const mixfill_kernels *kernels;
    double risk;
    mixfill_panels panels; /* all items, then base -inf */
    double *table, *base;  /* theirs */
} mixfill_scorer;

/* with_unrated: items without a training rating are scored by their prior rather than left out.
 * risk >= 0. MIXFILL_ERR_NOMEM, MIXFILL_ERR_ARG (MIXFILL_ISA). O(D K n_mixtures). */
mixfill_status mixfill_scorer_init(mixfill_scorer *scorer, const mixfill_model *model,
                                   bool with_unrated, double risk, mixfill_error *err);
void mixfill_scorer_clear(mixfill_scorer *scorer);

/* Of lists for n people, in the units of mixfill_par_threads_for. */
double mixfill_scorer_work(const mixfill_scorer *scorer, int32_t n);

/* Some of a model's items, ascending. */
typedef struct mixfill_items {
    const int32_t *at, *end;
} mixfill_items;

/* A row of ratings whose items are numbered as the model's; none for row -1. */
mixfill_items mixfill_items_of(const mixfill_ratings *aligned, int32_t row);

/* A person whose best items are asked for. */
typedef struct mixfill_listing {
    mixfill_person person;
    mixfill_items left_out[2]; /* not to be listed; used up */
    mixfill_top top;           /* empty; then sorted */
} mixfill_listing;

/* Where work on one strip of people takes place. */
typedef struct mixfill_scoring {
    double *coefficients; /* (MIXFILL_LISTED,width) */
    double *base;         /* (MIXFILL_LISTED) */
    double *scores;       /* scores of a few people for a tile of items */
} mixfill_scoring;

/* People of a strip at most: for so many a tile is fetched once. */
enum { MIXFILL_LISTED = 64 };

/* One per thread. MIXFILL_ERR_NOMEM. */
mixfill_status mixfill_scoring_init(mixfill_scoring *strip, const mixfill_scorer *scorer,
                                    mixfill_error *err);
void mixfill_scoring_clear(mixfill_scoring *strip);

/* The best items of up to MIXFILL_LISTED people. A list depends on nothing but its person. O(n D K
 * n_mixtures). */
void mixfill_scorer_list(const mixfill_scorer *scorer, mixfill_listing *people, int32_t n,
                         mixfill_scoring *strip);

#endif
