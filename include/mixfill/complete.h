/* Completing a matrix: every missing cell filled with what a model predicts. */
#ifndef MIXFILL_PUBLIC_COMPLETE_H
#define MIXFILL_PUBLIC_COMPLETE_H

#include <mixfill/predict.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mixfill_completion {
    int64_t n_filled;      /* missing cells of `data` */
    int64_t unknown_items; /* items of `data` the model does not know; their missing cells get what
                              mixfill_predict gives for an unknown item */
    int64_t n_all;         /* cells compared with the truth */
    int64_t n_missing;     /* of them predicted */
    double rmse_all;       /* NaN where nothing was compared */
    double rmse_missing;   /* NaN where nothing predicted was compared */
} mixfill_completion;

/* Where a filled matrix goes: N x D in data's order, .npy by its name, else dense text; "-" is
 * standard output. */
typedef struct mixfill_filling {
    const char *path;    /* NULL, or the filled matrix */
    const char *sd_path; /* NULL, or the standard deviations of its cells, 0 where one was observed;
                            both files are whole before the first of them is replaced */
    bool rounded;        /* text, also of observed cells, else every number brings back its bits */
    int32_t digits;      /* rounded: 0 to 15 behind the point */
} mixfill_filling;

/* Fill the missing cells of `data` with predictions for its users, folded in by their ratings in
 * `data`; observed cells keep their value.
 * out   [out] the report.
 * data  [in]  N x D; its users need not be known to the model, and items are matched by id.
 * truth [in]  NULL, or ratings to compare with: by id, or by index where neither has ids.
 * to    [in]  NULL, or the outputs.
 * run   [in]  progress counts users; NULL means all zero.
 * Predictions are clipped to the range of the training ratings in MAP and FACTOR; not in CLASSIC,
 * whose published figures are of unclipped ones (docs/model.md 2.6). Nothing depends on the number
 * of threads.
 * Returns MIXFILL_ERR_DIM (truth of another shape), _IO, _ARG (MIXFILL_ISA), _CANCELLED, _NOMEM.
 * Cost: O(N D K) for each mixture, O(N D q) in FACTOR, with standard deviations O(N D q^2), and
 * folding in; 64 rows at a time in memory. */
MIXFILL_CHECK mixfill_status mixfill_complete(const mixfill_model *model, mixfill_completion *out,
                                              const mixfill_ratings *data,
                                              const mixfill_ratings *truth,
                                              const mixfill_filling *to, const mixfill_run *run,
                                              mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
