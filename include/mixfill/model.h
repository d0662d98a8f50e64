/* Models: files of them, their figures and their parameters. What is done with a model: predict.h,
 * complete.h, evaluate.h, recommend.h, report.h. */
#ifndef MIXFILL_PUBLIC_MODEL_H
#define MIXFILL_PUBLIC_MODEL_H

#include <mixfill/options.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A fitted model of any kind, with the ids of its items and, unless left out, of its users.
 * Immutable. */
typedef struct mixfill_model mixfill_model;

/* Write a model as .npz, atomically; one model gives the same bytes always.
 * path [in] a file, or "-" for standard output.
 * Returns MIXFILL_ERR_IO, _NOMEM. Cost: O(model). */
MIXFILL_CHECK mixfill_status mixfill_model_save(const mixfill_model *model, const char *path,
                                                mixfill_error *err);

/* Read and check a model.
 * out  [out] new model.
 * path [in]  a file.
 * Returns MIXFILL_ERR_IO, _PARSE, _UNSUPPORTED (another version), _NOMEM. Cost: O(model). */
MIXFILL_CHECK mixfill_status mixfill_model_load(mixfill_model **out, const char *path,
                                                mixfill_error *err);

/* Write to memory the bytes that mixfill_model_save writes to a file.
 * data [out] (size) bytes, to be freed with mixfill_bytes_free.
 * size [out] in bytes.
 * Returns MIXFILL_ERR_IO, _NOMEM. Cost: twice the model in memory. */
MIXFILL_CHECK mixfill_status mixfill_model_save_to_memory(const mixfill_model *model, void **data,
                                                          size_t *size, mixfill_error *err);

/* Release what mixfill_model_save_to_memory gave. NULL is allowed. */
MIXFILL_API void mixfill_bytes_free(void *data);

/* Read and check a model from the bytes of a model file.
 * out        [out] new model.
 * data, size [in]  not needed afterwards.
 * Returns MIXFILL_ERR_IO, _PARSE, _UNSUPPORTED (another version), _NOMEM; messages begin with
 * "(memory)". Cost: O(model). */
MIXFILL_CHECK mixfill_status mixfill_model_load_from_memory(mixfill_model **out, const void *data,
                                                            size_t size, mixfill_error *err);

/* Whether a file is a model rather than something else; false too where it cannot be read. */
MIXFILL_API bool mixfill_model_probe(const char *path);

/* Release a model. NULL is allowed. */
MIXFILL_API void mixfill_model_free(mixfill_model *model);

typedef struct mixfill_model_summary {
    mixfill_model_kind kind;
    const char *compat; /* "notebook" where the arithmetic is the published one, else NULL */
    bool has_users;     /* ids of users and what was learnt of each are in the model */
    int32_t n_users, n_items, n_components;
    int32_t n_mixtures; /* 1, or as many as starts that are averaged */
    int32_t rank;       /* of FACTOR, else 0 */
    bool implicit;      /* FACTOR: with implicit terms */
    int64_t n_ratings;  /* of training */
    uint32_t seed;
    int32_t iterations;
    double log_likelihood; /* of the last iteration; 0 without history */
    double global_mean, global_sd;
    double rating_min, rating_max; /* of training */
    size_t bytes;                  /* memory held by the object */
} mixfill_model_summary;

/* Figures of a model. out: [out]. O(1). */
MIXFILL_API void mixfill_model_summarize(const mixfill_model *model, mixfill_model_summary *out);

/* Free parameters: K-1 + K D + K in CLASSIC, K-1 + K D + D in MAP (offsets apart), each of one
 * mixture; D (q + 2) + q + q(q+1)/2 in FACTOR, and D q more with implicit terms. */
MIXFILL_API int64_t mixfill_model_n_parameters(const mixfill_model *model);

/* Parameters of CLASSIC and MAP, of the first mixture where several are averaged. Indices are not
 * checked, and a FACTOR model has none of these. O(1). */

/* Weight of component k, 0 <= k < K. */
MIXFILL_API double mixfill_model_weight(const mixfill_model *model, int32_t k);

/* Variance of component k, 0 <= k < K, in CLASSIC; of item k, 0 <= k < D, in MAP. */
MIXFILL_API double mixfill_model_var(const mixfill_model *model, int32_t k);

/* mu of component k and item j, 0 <= k < K, 0 <= j < D; in MAP the departure from the offsets. */
MIXFILL_API double mixfill_model_mean(const mixfill_model *model, int32_t k, int32_t j);

/* Responsibility of component k for user u, 0 <= u < N, 0 <= k < K; the model must hold its users.
 */
MIXFILL_API double mixfill_model_responsibility(const mixfill_model *model, int32_t u, int32_t k);

/* Parameters of FACTOR, in units of its standardised ratings (docs/model.md 5.1). Indices are not
 * checked, and a mixture has none of these. mixfill_report_create turns factors to principal axes.
 * O(1). */

/* Loading i of item j, 0 <= i <= rank, where 0 is its level, 0 <= j < D. */
MIXFILL_API double mixfill_model_loading(const mixfill_model *model, int32_t j, int32_t i);

/* Factor i of user u, 0 <= i < rank, 0 <= u < N; the model must hold its users. */
MIXFILL_API double mixfill_model_factor(const mixfill_model *model, int32_t u, int32_t i);

/* Log-likelihood of iteration i, counted from 0: 0 <= i < iterations of the summary. Of the best
 * start. O(1). */
MIXFILL_API double mixfill_model_log_likelihood(const mixfill_model *model, int32_t i);

#ifdef __cplusplus
}
#endif

#endif
