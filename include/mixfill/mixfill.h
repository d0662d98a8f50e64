/* mixfill: Gaussian mixtures for sparse ratings matrices.
 *
 * Letters: N users, D items, K components, nnz ratings, T threads, O_u the items user u rated.
 * Argument order: object, outputs, inputs (a length right after its array), options, error last.
 * Ownership: what a create, load, fit or generate function returns belongs to the caller, who frees
 * it with the matching _free; every _free accepts NULL. Strings returned by accessors belong to the
 * object. Outputs are written on success only.
 * Errors: every fallible function returns a mixfill_status; `err` may be NULL, and is filled on
 * failure with one line "FILE:LINE: what, the value, what was expected".
 * Threads: no global state; an object may be read from several threads at once, and changed or
 * freed by one. `threads` arguments: 0 means OMP_NUM_THREADS or else the affinity mask. No result
 * depends on the number of threads. */
#ifndef MIXFILL_H
#define MIXFILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MIXFILL_VERSION_MAJOR 0
#define MIXFILL_VERSION_MINOR 1
#define MIXFILL_VERSION_PATCH 0

#if defined(__GNUC__)
#define MIXFILL_API __attribute__((visibility("default")))
#define MIXFILL_CHECK __attribute__((visibility("default"), warn_unused_result))
#else
#define MIXFILL_API
#define MIXFILL_CHECK
#endif

/* ---- status and errors ---- */

typedef enum mixfill_status {
    MIXFILL_OK = 0,
    MIXFILL_ERR_NOMEM,       /* out of memory */
    MIXFILL_ERR_ARG,         /* an argument or option outside its range */
    MIXFILL_ERR_IO,          /* open, read, write or rename failed */
    MIXFILL_ERR_PARSE,       /* a file's content is not what its format says */
    MIXFILL_ERR_RANGE,       /* a number outside what can be held */
    MIXFILL_ERR_DIM,         /* shapes that do not fit each other */
    MIXFILL_ERR_NUMERIC,     /* a log-likelihood that is not finite */
    MIXFILL_ERR_UNSUPPORTED, /* a file format or version that is not read */
    MIXFILL_ERR_CANCELLED    /* the progress callback asked to stop */
} mixfill_status;

typedef struct mixfill_error {
    mixfill_status status;
    int64_t line;      /* 1-based line of the input file, 0 where there is none */
    char message[512]; /* one line, no newline, cut where longer */
} mixfill_error;

/* "major.minor.patch" of the library that is running. */
MIXFILL_API const char *mixfill_version(void);

/* A short English name of a status, never NULL. */
MIXFILL_API const char *mixfill_status_string(mixfill_status status);

/* ---- long operations ---- */

/* How much of something long is done. Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_done_fn)(int64_t done, int64_t total, void *data);

/* How something long is run; where a function takes one, NULL means all zero. */
typedef struct mixfill_run {
    int32_t threads;          /* 0 */
    mixfill_done_fn progress; /* NULL; called by the calling thread, as often as is cheap */
    void *progress_data;      /* NULL; handed to progress */
} mixfill_run;

/* ---- ratings ---- */

/* Observed entries of an N x D matrix in CSR, with the ids of its users and items. Immutable. */
typedef struct mixfill_ratings mixfill_ratings;

typedef enum mixfill_format {
    MIXFILL_FORMAT_AUTO = 0, /* told apart by content */
    MIXFILL_FORMAT_CSV,      /* user,item,rating[,timestamp], with or without a header line */
    MIXFILL_FORMAT_DAT,      /* user::item::rating[::timestamp] */
    MIXFILL_FORMAT_TAB,      /* user TAB item TAB rating [TAB timestamp] */
    MIXFILL_FORMAT_TRIPLETS, /* user item rating [timestamp], separated by blanks */
    MIXFILL_FORMAT_DENSE,    /* rows of numbers, as np.loadtxt reads them */
    MIXFILL_FORMAT_NPZ,      /* scipy.sparse.save_npz: csr, csc or coo */
    MIXFILL_FORMAT_MTX,      /* Matrix Market */
    MIXFILL_FORMAT_NPY,      /* numpy.save of a 2-D array */
    MIXFILL_FORMAT_NETFLIX   /* Netflix Prize: "movie:" and lines of user,rating,date */
} mixfill_format;

typedef enum mixfill_duplicates {
    MIXFILL_DUPLICATES_ERROR = 0,
    MIXFILL_DUPLICATES_FIRST,
    MIXFILL_DUPLICATES_LAST,
    MIXFILL_DUPLICATES_MEAN
} mixfill_duplicates;

/* How far reading a delimited file has come, in bytes of its text; size is 0 where it is not known
 * beforehand (packed, standard input). Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_read_progress_fn)(int64_t bytes, int64_t size, void *data);

typedef struct mixfill_read_options {
    size_t struct_size;            /* set by mixfill_read_options_init */
    mixfill_format format;         /* AUTO */
    mixfill_duplicates duplicates; /* ERROR: what a second rating of the same pair means */
    bool nan_is_missing;           /* false: in dense files 0 is missing; true: nan is */
    bool int_ids;                  /* false: "007" and "7" differ; true: ids are int64 >= 0 */
    bool skip_bad_lines; /* false: a bad line is an error; true: counted and left out, but a row
                            of a dense matrix is always an error */
    bool transpose;      /* false; true: rows (or first columns) are items */
    double rating_min;   /* -inf: a smaller rating is a bad line */
    double rating_max;   /* +inf: a larger rating is a bad line */
    int32_t threads;     /* 0 */
    bool keep_times;     /* false; true: timestamps of text files stay with the ratings */
    const char *member;  /* NULL; else which member of a zip, with or without folders */
    mixfill_read_progress_fn progress; /* NULL; called every few MB, by the calling thread */
    void *progress_data;               /* NULL; handed to progress */
} mixfill_read_options;

enum { MIXFILL_REPORTED_LINES = 5 };

/* What a load saw. */
typedef struct mixfill_read_report {
    mixfill_format format; /* as detected or forced */
    const char *packing;   /* what it was unpacked from: "gzip", "zstd", "zip"; else NULL */
    char member[256];      /* of a zip, with its folders; else "" */
    int64_t lines;         /* text lines read; 0 for npz */
    int64_t skipped;       /* bad lines left out */
    int64_t duplicates;    /* ratings dropped or averaged away */
    int32_t n_messages;    /* of the first skipped lines */
    char messages[MIXFILL_REPORTED_LINES][256];
    char duplicate[256]; /* the first pair that was given twice, and where; "" for none */
} mixfill_read_report;

/* Write the defaults given above into every field. */
MIXFILL_API void mixfill_read_options_init(mixfill_read_options *options);

/* The name used by --format and in messages: "csv", "dat", "tab", "triplets", "dense", "npz",
 * "mtx", "npy", "netflix", "auto". */
MIXFILL_API const char *mixfill_format_name(mixfill_format format);

/* Read ratings from a file.
 * out     [out] new object.
 * report  [out] may be NULL.
 * path    [in]  a file, also packed (.gz, .zst, a .zip as MovieLens comes in), a folder of Netflix
 *               Prize files, or "-" for standard input (no zip).
 * options [in]  NULL means defaults.
 * Users and items are numbered by first appearance, by index in dense, npy, npz and mtx files.
 * Returns MIXFILL_ERR_IO, _PARSE, _RANGE (more than 2^31-1 users or items), _UNSUPPORTED, _ARG,
 * _NOMEM. Cost: O(file); at most 14 bytes per rating for files of at most 256 distinct values,
 * else 28; 16 more with keep_times. */
MIXFILL_CHECK mixfill_status mixfill_ratings_load(mixfill_ratings **out,
                                                  mixfill_read_report *report, const char *path,
                                                  const mixfill_read_options *options,
                                                  mixfill_error *err);

/* One rating for mixfill_ratings_from_triplets: 0-based indices and a finite value, |value| <=
 * 1e150. */
typedef struct mixfill_rating {
    int32_t user;
    int32_t item;
    double value;
} mixfill_rating;

/* Build ratings from triplets in any order; ids are the indices. The array is copied.
 * n_users, n_items: shape, each larger than every index. Duplicates are an error.
 * Returns MIXFILL_ERR_DIM (index outside the shape), _RANGE, _PARSE (duplicate pair), _NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_ratings_from_triplets(mixfill_ratings **out,
                                                           const mixfill_rating *triplets, size_t n,
                                                           int32_t n_users, int32_t n_items,
                                                           mixfill_error *err);

/* What becomes of the arrays that ratings are made from. */
typedef enum mixfill_own {
    MIXFILL_COPY = 0, /* they are copied, and may go at once */
    MIXFILL_BORROW, /* they stay the caller's, who neither changes nor frees them while the ratings
                       live */
    MIXFILL_TAKE    /* on success, and only then, they belong to the ratings, which free() them:
                       each a block of its own from malloc */
} mixfill_own;

/* A matrix in CSR, as scipy.sparse holds it (indptr, indices, data). */
typedef struct mixfill_csr {
    int32_t n_users, n_items;    /* N, D */
    const int64_t *row_ptr;      /* (N+1), from 0 and never falling: the entries of user u are
                                    row_ptr[u] to row_ptr[u+1] - 1; row_ptr[N] is nnz */
    const int32_t *col;          /* (nnz) 0-based items, each once in a row */
    const double *value;         /* (nnz) finite, |value| <= 1e150; 0 is a rating too */
    const char *const *user_ids; /* (N), or NULL: indices are the ids. 1 to 255 bytes each, all
                                    different; copied */
    const char *const *item_ids; /* (D), or NULL, the same */
} mixfill_csr;

/* Make ratings from arrays. Items of a row may come in any order where they are copied; else they
 * must ascend. What ratings are made from changes no bit of any result.
 * Returns MIXFILL_ERR_DIM (row_ptr, item outside the shape), _RANGE (value), _PARSE (pair or id
 * given twice), _ARG (order, length of an id, NULL), _NOMEM, without having touched the arrays.
 * Cost: O(nnz). COPY takes 9 bytes per rating at its peak, 16 with more than 256 distinct values;
 * BORROW and TAKE one, for a code, where there are at most 256 distinct values, and then have no
 * further use for `value`; else 8 where a value is -0, or none. */
MIXFILL_CHECK mixfill_status mixfill_ratings_from_csr(mixfill_ratings **out, const mixfill_csr *csr,
                                                      mixfill_own own, mixfill_error *err);

/* Write ratings to a file, atomically, in any format but AUTO and NETFLIX. DENSE and NPY have 0 for
 * missing and refuse an observed 0; they, NPZ and MTX do not keep ids.
 * path: a file, or "-" for standard output. Returns MIXFILL_ERR_IO, _ARG, _NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_ratings_save(const mixfill_ratings *ratings, const char *path,
                                                  mixfill_format format, mixfill_error *err);

typedef struct mixfill_save_options {
    size_t struct_size;       /* set by mixfill_save_options_init */
    mixfill_format format;    /* CSV; any but AUTO */
    bool nan_is_missing;      /* false: a dense file has 0 where there is no rating; true: nan */
    mixfill_done_fn progress; /* NULL; called with users by the calling thread; npz does without */
    void *progress_data;      /* NULL; handed to progress */
} mixfill_save_options;

/* Write the defaults given above into every field. */
MIXFILL_API void mixfill_save_options_init(mixfill_save_options *options);

/* Write ratings to a file, atomically, as mixfill_ratings_save does. Delimited text has the ids
 * and, where the ratings hold them, the timestamps; dense and npz files have neither. Users and
 * items without ratings are left out of delimited text. path: a file, or "-" for standard output.
 * Returns MIXFILL_ERR_IO, _ARG (options; a rating of 0 in a dense file where 0 is missing; an id
 * that the format cannot hold), _CANCELLED, _NOMEM. O(nnz), for dense files O(N D). */
MIXFILL_CHECK mixfill_status mixfill_ratings_save_as(const mixfill_ratings *ratings,
                                                     const char *path,
                                                     const mixfill_save_options *options,
                                                     mixfill_error *err);

MIXFILL_API void mixfill_ratings_free(mixfill_ratings *ratings);

MIXFILL_API int32_t mixfill_ratings_n_users(const mixfill_ratings *ratings);
MIXFILL_API int32_t mixfill_ratings_n_items(const mixfill_ratings *ratings);
MIXFILL_API int64_t mixfill_ratings_count(const mixfill_ratings *ratings);

/* Whether the ratings hold a timestamp each: keep_times was set and the file has them. */
MIXFILL_API bool mixfill_ratings_has_times(const mixfill_ratings *ratings);

/* Whether users and items are known by their index rather than by ids of a file. */
MIXFILL_API bool mixfill_ratings_by_index(const mixfill_ratings *ratings);

/* Summary of a ratings object; O(nnz). */
typedef struct mixfill_ratings_summary {
    double mean, sd;        /* sd of the population; both 0 where there are no ratings */
    double min, max;        /* 0 where there are no ratings */
    int32_t n_levels;       /* distinct values; 0: more than 256 */
    int32_t empty_users;    /* without a rating */
    int32_t empty_items;    /* without a rating */
    int64_t user_counts[5]; /* ratings per user: minimum, lower quartile, median, upper quartile,
                               maximum */
    int64_t item_counts[5]; /* ratings per item, the same */
    size_t bytes;           /* memory held by the object */
} mixfill_ratings_summary;

MIXFILL_CHECK mixfill_status mixfill_ratings_summarize(const mixfill_ratings *ratings,
                                                       mixfill_ratings_summary *out,
                                                       mixfill_error *err);

enum { MIXFILL_VALUE_LEVELS = 256, MIXFILL_VALUE_QUANTILES = 9 };

/* How often each value occurs. */
typedef struct mixfill_value_counts {
    int32_t n_levels;                         /* distinct values; 0: more than 256, or no ratings */
    double level[MIXFILL_VALUE_LEVELS];       /* (n_levels), ascending */
    int64_t count[MIXFILL_VALUE_LEVELS];      /* (n_levels), ratings of each */
    double quantile[MIXFILL_VALUE_QUANTILES]; /* at 0, 1, 5, 25, 50, 75, 95, 99 and 100 %, lower
                                                 nearest rank; 0 where there are no ratings */
} mixfill_value_counts;

/* Count the values. Returns MIXFILL_ERR_NOMEM. Cost: O(nnz); with more than 256 values
 * O(nnz log nnz), and a copy of them. */
MIXFILL_CHECK mixfill_status mixfill_ratings_count_values(const mixfill_ratings *ratings,
                                                          mixfill_value_counts *out,
                                                          mixfill_error *err);

/* What the ids of the users, or of the items, are. */
typedef struct mixfill_id_summary {
    bool by_index;       /* those of an index format, 0 to n - 1 */
    bool integers;       /* every id is a whole number without leading zeros */
    int64_t least, most; /* 0 unless integers */
    uint64_t gaps;       /* whole numbers between them that are no id */
} mixfill_id_summary;

/* Describe the ids. users, items: [out]. O(N + D). */
MIXFILL_API void mixfill_ratings_summarize_ids(const mixfill_ratings *ratings,
                                               mixfill_id_summary *users,
                                               mixfill_id_summary *items);

typedef enum mixfill_split_method {
    MIXFILL_SPLIT_RANDOM = 0, /* a fraction of all ratings */
    MIXFILL_SPLIT_USER,       /* a fraction of each user's ratings */
    MIXFILL_SPLIT_TIME        /* the latest of all ratings by timestamp */
} mixfill_split_method;

typedef struct mixfill_split_options {
    size_t struct_size;          /* set by mixfill_split_options_init */
    mixfill_split_method method; /* RANDOM */
    double fraction; /* 0.1; of the ratings that go to the test part, 0 < fraction < 1 */
    uint32_t seed;   /* 1; TIME does without it */
} mixfill_split_options;

/* Write the defaults given above into every field. */
MIXFILL_API void mixfill_split_options_init(mixfill_split_options *options);

/* Check every field's range (NaN fails). Returns MIXFILL_ERR_ARG and names the option. */
MIXFILL_CHECK mixfill_status mixfill_split_options_validate(const mixfill_split_options *options,
                                                            mixfill_error *err);

/* Split ratings so that each lies in exactly one of two parts.
 * train   [out] new object.
 * test    [out] new object.
 * ratings [in]  with timestamps for MIXFILL_SPLIT_TIME.
 * options [in]  NULL means defaults.
 * Both parts have the users and items of `ratings`, numbered alike, even where one has no rating of
 * theirs, and its ids and timestamps. RANDOM and TIME hold out the nearest whole number of ratings;
 * ratings of one time are cut by their order in the rows. USER rounds the number of each user up or
 * down at random, so that the fraction holds on average, and leaves every user a training rating.
 * The same parts for the same ratings and options.
 * Returns MIXFILL_ERR_ARG, _DIM (a part without ratings, no timestamps), _NOMEM.
 * Cost: O(nnz), for TIME times the bits of the range of timestamps; a byte per rating besides the
 * parts. */
MIXFILL_CHECK mixfill_status mixfill_ratings_split(mixfill_ratings **train, mixfill_ratings **test,
                                                   const mixfill_ratings *ratings,
                                                   const mixfill_split_options *options,
                                                   mixfill_error *err);

/* One of n parts of about equal size that ratings are dealt into at random. */
typedef struct mixfill_fold_of {
    int32_t n;     /* 2 to 255 */
    int32_t index; /* 0 to n - 1 */
    uint32_t seed; /* of the deal, the same for all parts */
} mixfill_fold_of;

/* The ratings of a fold as `test`, all others as `train`; otherwise as mixfill_ratings_split, and
 * the same for any threads. Returns MIXFILL_ERR_ARG, _DIM (fewer ratings than folds), _NOMEM.
 * O(nnz). */
MIXFILL_CHECK mixfill_status mixfill_ratings_fold(mixfill_ratings **train, mixfill_ratings **test,
                                                  const mixfill_ratings *ratings,
                                                  const mixfill_fold_of *fold, mixfill_error *err);

/* ---- fitting ---- */

typedef struct mixfill_model mixfill_model;

typedef enum mixfill_model_kind {
    MIXFILL_MODEL_CLASSIC = 0, /* observed cells only, one variance per component */
    MIXFILL_MODEL_MAP,   /* on what is left after offsets of users and items; means shrunk, one
                            variance per item */
    MIXFILL_MODEL_FACTOR /* one Gaussian whose covariance has factors, by variational Bayes; the
                            most accurate */
} mixfill_model_kind;

/* "classic", "map" or "factor", as --model takes it. */
MIXFILL_API const char *mixfill_model_kind_name(mixfill_model_kind kind);

/* Where a fit stands, after each iteration. */
typedef struct mixfill_progress {
    int32_t start;     /* 0-based number of the start */
    int32_t n_starts;  /* of --n-init */
    int32_t iteration; /* 1-based */
    int32_t max_iter;
    double log_likelihood; /* of this iteration's E-step */
    double change;         /* from the iteration before; NaN in the first */
    double seconds;        /* of this iteration */
    double rmse;           /* of the held-out ratings, NaN without */
    int64_t n_ratings;
} mixfill_progress;

/* Return non-zero to stop the fit with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_progress_fn)(const mixfill_progress *progress, void *data);

typedef struct mixfill_options {
    size_t struct_size;       /* set by mixfill_options_init */
    mixfill_model_kind model; /* MAP */
    bool notebook;            /* false; true, with CLASSIC: the published arithmetic, mask inverted
                                 (DESIGN: --compat notebook) */
    int32_t n_components;     /* 8; K >= 1, at most the number of users; FACTOR: 1 */
    uint32_t seed;            /* 1; start r uses seed + r */
    int32_t n_init;           /* 1; starts, the best last log-likelihood wins */
    bool average;     /* false; true, with MAP: the model holds every start's mixture, and predicts
                         the mean of their predictions */
    double tol;       /* 1e-6; stop where new - old <= tol |new|; 0: test off */
    int32_t max_iter; /* 200; FACTOR: 20 */
    double min_var;   /* 0.1; floor of a variance, > 0 */
    double min_support;       /* CLASSIC: 1; a mean moves only where its total responsibility is at
                                 least this */
    double prior_strength;    /* MAP: 10; means are shrunk as by this many ratings at the offsets */
    int32_t rank;             /* FACTOR: 12; factors of a user, 1 to 63 */
    bool implicit;            /* FACTOR: true; which items a user rated shifts the user's prior, and
                                 which users rated an item the item's */
    double implicit_strength; /* FACTOR: 1; > 0: how far these shifts may go */
    int32_t threads;          /* 0 */
    size_t max_memory;        /* 0; else a bound in bytes on what a fit holds */
    const mixfill_ratings *valid; /* NULL; else held-out ratings, matched by id, whose RMSE the
                                     history then has; borrowed */
    int32_t patience; /* 0; with valid: stop a start when its RMSE has not improved for this many
                         iterations, and keep the parameters that had the least */
    bool keep_users;  /* true: responsibilities and user ids go into the model */
    mixfill_progress_fn progress; /* NULL */
    void *progress_data;          /* NULL; handed to progress */
} mixfill_options;

/* Write the defaults given above into every field: the one place that holds them. */
MIXFILL_API void mixfill_options_init(mixfill_options *options);

/* The same with the defaults of this kind of model. */
MIXFILL_API void mixfill_options_init_model(mixfill_options *options, mixfill_model_kind kind);

/* Check every field's range (NaN fails). Returns MIXFILL_ERR_ARG and names the option. */
MIXFILL_CHECK mixfill_status mixfill_options_validate(const mixfill_options *options,
                                                      mixfill_error *err);

typedef enum mixfill_stop_reason {
    MIXFILL_STOP_TOL = 0,
    MIXFILL_STOP_MAX_ITER,
    MIXFILL_STOP_PATIENCE /* which counts as converged */
} mixfill_stop_reason;

typedef struct mixfill_iteration {
    double log_likelihood; /* of the E-step at the iteration's start */
    double seconds;        /* of the iteration, without validation */
    double clear_seconds;  /* of it: accumulators set to zero */
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
    double log_likelihood;       /* last E-step of the loop */
    double final_log_likelihood; /* one more E-step, on the returned parameters */
    mixfill_iteration *history;  /* (iterations), of the best start */
    int32_t threads;             /* used */
    const char *isa;             /* kernels used: "v1", "v3", "v4" or "generic" */
    double index_seconds, init_seconds, em_seconds; /* all starts */
    size_t ratings_bytes, index_bytes, model_bytes, accumulator_bytes;
} mixfill_result;

/* Release what the result owns; the struct itself belongs to the caller. */
MIXFILL_API void mixfill_result_clear(mixfill_result *result);

/* Fit a mixture to observed ratings by EM.
 * out     [out] new model.
 * result  [out] may be NULL; release with mixfill_result_clear.
 * ratings [in]  at least one rating; not needed afterwards.
 * options [in]  NULL means defaults.
 * Reaching max_iter is a result, not an error.
 * Returns MIXFILL_ERR_ARG, _DIM (K > N, no ratings), _RANGE (max_memory), _NUMERIC, _CANCELLED,
 * _NOMEM.
 * Cost: O(nnz K) an iteration; O(nnz + D K) memory, of which the threads' accumulators take at most
 * as much as the ratings (or one copy, 16 D K bytes). Formulas: Dempster, Laird and Rubin (1977)
 * for a spherical Gaussian mixture, sums over observed cells only. */
MIXFILL_CHECK mixfill_status mixfill_fit(mixfill_model **out, mixfill_result *result,
                                         const mixfill_ratings *ratings,
                                         const mixfill_options *options, mixfill_error *err);

/* Memory of a fit, in bytes. */
typedef struct mixfill_memory {
    size_t ratings, index, model, accumulators;
    size_t total;    /* these and the smaller buffers of a fit */
    int32_t n_hot;   /* items with accumulators in each thread; the rest share one copy */
    int32_t threads; /* used */
} mixfill_memory;

/* What mixfill_fit would hold for these ratings and options, without fitting. Returns what
 * mixfill_options_validate returns, MIXFILL_ERR_RANGE (more than max_memory), MIXFILL_ERR_NOMEM.
 * Cost: a few passes over the ratings. */
MIXFILL_CHECK mixfill_status mixfill_fit_memory(mixfill_memory *out, const mixfill_ratings *ratings,
                                                const mixfill_options *options, mixfill_error *err);

/* ---- models ---- */

/* Write a model as .npz, atomically; the same bytes for the same model.
 * path: a file, or "-" for standard output. Returns MIXFILL_ERR_IO, _NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_model_save(const mixfill_model *model, const char *path,
                                                mixfill_error *err);

/* Read and check a model. Returns MIXFILL_ERR_IO, _PARSE, _UNSUPPORTED (another version), _NOMEM.
 */
MIXFILL_CHECK mixfill_status mixfill_model_load(mixfill_model **out, const char *path,
                                                mixfill_error *err);

/* The bytes that mixfill_model_save would write, in memory.
 * data [out] (size) bytes, to be freed with mixfill_bytes_free.
 * Returns MIXFILL_ERR_NOMEM. Cost: twice the model in memory. */
MIXFILL_CHECK mixfill_status mixfill_model_save_to_memory(const mixfill_model *model, void **data,
                                                          size_t *size, mixfill_error *err);
MIXFILL_API void mixfill_bytes_free(void *data);

/* Read and check a model from such bytes, which are not needed afterwards. Returns what
 * mixfill_model_load returns; messages begin with "(memory)". */
MIXFILL_CHECK mixfill_status mixfill_model_load_from_memory(mixfill_model **out, const void *data,
                                                            size_t size, mixfill_error *err);

/* Whether a file is a model rather than something else; false too where it cannot be read. */
MIXFILL_API bool mixfill_model_probe(const char *path);

MIXFILL_API void mixfill_model_free(mixfill_model *model);

typedef struct mixfill_model_summary {
    mixfill_model_kind kind;
    bool notebook;
    bool has_users; /* responsibilities and user ids are in the model */
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
    size_t bytes;
} mixfill_model_summary;

MIXFILL_API void mixfill_model_summarize(const mixfill_model *model, mixfill_model_summary *out);

/* Free parameters of a mixture: K-1 + K D + K in CLASSIC, K-1 + K D + D in MAP (offsets apart);
 * D (q + 2) + q + q(q+1)/2 in FACTOR, and D q more with implicit terms. */
MIXFILL_API int64_t mixfill_model_n_parameters(const mixfill_model *model);

/* Parameters, of the first mixture where there are several; not of FACTOR. */
/* weight of component k, 0 <= k < K. */
MIXFILL_API double mixfill_model_weight(const mixfill_model *model, int32_t k);
/* Variance of component k, or in MAP of item k, 0 <= k < D. */
MIXFILL_API double mixfill_model_var(const mixfill_model *model, int32_t k);
/* mu of component k and item j, 0 <= j < D; in MAP the departure from the offsets. */
MIXFILL_API double mixfill_model_mean(const mixfill_model *model, int32_t k, int32_t j);
/* Responsibility of component k for user u, 0 <= u < N; the model must hold its users. */
MIXFILL_API double mixfill_model_responsibility(const mixfill_model *model, int32_t u, int32_t k);
/* Parameters of FACTOR: loading i of item j, 0 <= i <= rank, where 0 is its level; factor i of user
 * u, 0 <= i < rank, of a model that holds its users. mixfill_report_create turns factors to
 * principal axes. */
MIXFILL_API double mixfill_model_loading(const mixfill_model *model, int32_t j, int32_t i);
MIXFILL_API double mixfill_model_factor(const mixfill_model *model, int32_t u, int32_t i);
/* log-likelihood of iteration i, 0 <= i < iterations of the summary. */
MIXFILL_API double mixfill_model_log_likelihood(const mixfill_model *model, int32_t i);

/* ---- prediction ---- */

typedef struct mixfill_prediction {
    const char *user; /* ids as written; valid during the callback */
    const char *item;
    double rating; /* clipped to the range of the training ratings */
    double sd;
    bool known_user; /* had a rating in training */
    bool known_item;
} mixfill_prediction;

/* Predict one pair by ids. What is unknown falls to its prior: a user to the mixture's weights; an
 * item to the global mean and sd, or in MAP to an offset of 0 and the mean variance. The strings of
 * `out` are the arguments. Cost O(K). */
MIXFILL_API void mixfill_predict(const mixfill_model *model, mixfill_prediction *out,
                                 const char *user, const char *item);

/* Users taken into a finished model by their ratings, without fitting again: a folded-in user's
 * ratings replace whatever the model knows of that id. Immutable. */
typedef struct mixfill_folded mixfill_folded;

/* Fold in every user of `ratings` who rated an item that the model knows.
 * out     [out] new object.
 * model   [in]  borrowed; must outlive the object. It need not hold its own users.
 * ratings [in]  matched by id; not needed afterwards.
 * A user with the ratings of training gets the bits of training in `classic` and `map`.
 * Returns MIXFILL_ERR_NOMEM, _ARG (MIXFILL_ISA). Cost: O(nnz K), and a copy of the ratings. */
MIXFILL_CHECK mixfill_status mixfill_folded_create(mixfill_folded **out, const mixfill_model *model,
                                                   const mixfill_ratings *ratings, int32_t threads,
                                                   mixfill_error *err);

MIXFILL_API void mixfill_folded_free(mixfill_folded *folded);

typedef struct mixfill_folded_summary {
    int32_t n_users;     /* folded in */
    int32_t n_replaced;  /* of them, had ratings in training */
    int32_t n_strangers; /* not folded in: they rated only items the model does not know (in FACTOR
                            they are folded in); what the model knows of them stands */
    int64_t n_ratings;   /* behind them */
    int64_t n_dropped;   /* ratings of items the model does not know: left out, but by FACTOR, to
                            which they tell of the users' level */
} mixfill_folded_summary;

MIXFILL_API void mixfill_folded_summarize(const mixfill_folded *folded,
                                          mixfill_folded_summary *out);

/* As mixfill_predict, of a folded-in user (known_user is then true) or else one of the model. */
MIXFILL_API void mixfill_folded_predict(const mixfill_folded *folded, mixfill_prediction *out,
                                        const char *user, const char *item);

/* Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_prediction_fn)(const mixfill_prediction *prediction, void *data);

/* What was predicted from a file of pairs. */
typedef struct mixfill_prediction_report {
    int64_t n;              /* pairs */
    int64_t n_unknown_user; /* of them */
    int64_t n_unknown_item;
    mixfill_read_report read;
} mixfill_prediction_report;

/* Predict every user,item pair of a delimited text file, in file order; further columns are
 * ignored. out [out] may be NULL. path "-" is standard input. folded: NULL, or users folded into
 * this model. fn is called for each pair, may be NULL. Returns what mixfill_ratings_load returns,
 * MIXFILL_ERR_CANCELLED. */
MIXFILL_CHECK mixfill_status mixfill_predict_file(const mixfill_model *model,
                                                  mixfill_prediction_report *out, const char *path,
                                                  const mixfill_folded *folded,
                                                  const mixfill_read_options *options,
                                                  mixfill_prediction_fn fn, void *data,
                                                  mixfill_error *err);

/* The same, written as csv "user,item,rating,sd,known_user,known_item", atomically. csv_path: a
 * file, or "-" for standard output. */
MIXFILL_CHECK mixfill_status mixfill_predict_csv(const mixfill_model *model,
                                                 mixfill_prediction_report *out, const char *path,
                                                 const mixfill_folded *folded,
                                                 const mixfill_read_options *options,
                                                 const char *csv_path, mixfill_error *err);

typedef struct mixfill_completion {
    int64_t n_filled;      /* missing cells of `data` */
    int64_t unknown_items; /* items of `data` the model does not know; their missing cells get the
                              global mean */
    int64_t n_all;         /* cells compared with the truth */
    int64_t n_missing;     /* of them predicted */
    double rmse_all;       /* NaN where nothing was compared */
    double rmse_missing;
} mixfill_completion;

/* Fill the missing cells of `data`: sum_k resp_uk mu_kj, with resp from one E-step on the model's
 * parameters and the ratings of `data`; observed cells keep their value. Not clipped.
 * out   [out] the report.
 * data  [in]  any ratings; users need not be known to the model.
 * truth [in]  NULL, or ratings to compare with: by id, or by index where both have no ids.
 * path  [in]  NULL, or the output, N x D in data's order: .npy, else dense text; "-" is standard
 * output. Returns MIXFILL_ERR_DIM (truth of another shape), _IO, _CANCELLED, _NOMEM.
 * run: progress counts users. Cost: O(N D K). */
MIXFILL_CHECK mixfill_status mixfill_complete(const mixfill_model *model, mixfill_completion *out,
                                              const mixfill_ratings *data,
                                              const mixfill_ratings *truth, const char *path,
                                              const mixfill_run *run, mixfill_error *err);

/* Accuracy on held-out ratings; every pair counts, what is unknown falls to its prior. */
typedef struct mixfill_evaluation {
    int64_t n, n_known, n_unknown_user, n_unknown_item; /* pairs */
    double rmse, mae;                                   /* of clipped predictions */
    double rmse_known;                /* user and item known; NaN where n_known = 0 */
    double log_likelihood_per_rating; /* mean of log Normal(r; unclipped prediction, sd^2) */
    double coverage50, coverage90;    /* fraction within 0.6745 and 1.6449 sd */
    double rmse_global_mean, rmse_user_mean, rmse_item_mean, rmse_bias; /* baselines, clipped */
} mixfill_evaluation;

/* run: progress counts ratings. Returns MIXFILL_ERR_DIM where `test` holds no rating, _CANCELLED,
 * _NOMEM. Cost: O(n K). */
MIXFILL_CHECK mixfill_status mixfill_evaluate(const mixfill_model *model, mixfill_evaluation *out,
                                              const mixfill_ratings *test, const mixfill_run *run,
                                              mixfill_error *err);

/* How well the ten best unseen items of each user match what the user rated in held-out data. */
typedef struct mixfill_ranking {
    int64_t
        n_users; /* of `test` with a relevant rating, one of at least 4; the others do not count */
    double ndcg; /* at 10; gain 2^r - 1 of a held-out rating, 0 of other items; log2 discount */
    double precision,
        recall;      /* at 10, of relevant items; those unknown to the model count as missed */
    double hit_rate; /* users with a relevant item among their ten; all NaN without users */
} mixfill_ranking;

/* Rank for each user of `test` all items of the model that the user has no rating of in `seen`, by
 * unclipped prediction, ties by item. Users unknown to the model get its prior's list.
 * run: progress counts users.
 * Returns MIXFILL_ERR_NOMEM, _ARG (MIXFILL_ISA), _CANCELLED. Cost: O(users D K) time, 8 D K bytes,
 * 8 D per thread, and a copy of `seen` where its items are numbered otherwise than the model's. */
MIXFILL_CHECK mixfill_status mixfill_evaluate_ranking(const mixfill_model *model,
                                                      mixfill_ranking *out,
                                                      const mixfill_ratings *test,
                                                      const mixfill_ratings *seen,
                                                      const mixfill_run *run, mixfill_error *err);

/* ---- titles ---- */

/* Titles of items by id. Immutable. */
typedef struct mixfill_titles mixfill_titles;

/* Read MovieLens movies.csv, movies.dat or u.item, or a table like them: an item and its title a
 * line, in columns of these names or the first two, delimited by commas (with quotes), "::", '|' or
 * tabs, whichever comes first in the file.
 * out     [out] new object.
 * path    [in]  a file, also packed as ratings may be, or "-" for standard input.
 * int_ids [in]  as in mixfill_read_options.
 * Titles are UTF-8; one that is not is taken as Latin-1. Control characters become '?'.
 * Returns MIXFILL_ERR_IO, _PARSE (also an item given twice, no titles at all), _RANGE, _NOMEM.
 * Cost: O(file). */
MIXFILL_CHECK mixfill_status mixfill_titles_load(mixfill_titles **out, const char *path,
                                                 bool int_ids, mixfill_error *err);

MIXFILL_API void mixfill_titles_free(mixfill_titles *titles);

MIXFILL_API int32_t mixfill_titles_count(const mixfill_titles *titles);

/* The title of an item; NULL where there is none. O(length of the id). */
MIXFILL_API const char *mixfill_titles_find(const mixfill_titles *titles, const char *item);

/* ---- recommendation ---- */

/* Users by id, each once, in the order given. */
typedef struct mixfill_users mixfill_users;

/* An empty list. Returns MIXFILL_ERR_NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_users_create(mixfill_users **out, mixfill_error *err);

MIXFILL_API void mixfill_users_free(mixfill_users *users);

/* Add a user. int_ids: as in mixfill_read_options. Returns MIXFILL_ERR_ARG (no id), _NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_users_add(mixfill_users *users, const char *id, bool int_ids,
                                               mixfill_error *err);

/* Add the users of a csv file, from a column named userId, user or the like, or the first. path: a
 * file, also packed as ratings may be, or "-". Returns MIXFILL_ERR_IO, _PARSE (also no rows),
 * _RANGE, _NOMEM; the users before a bad line then stay. */
MIXFILL_CHECK mixfill_status mixfill_users_load(mixfill_users *users, const char *path,
                                                bool int_ids, mixfill_error *err);

MIXFILL_API int32_t mixfill_users_count(const mixfill_users *users);

/* How many were added that were there already. */
MIXFILL_API int64_t mixfill_users_repeated(const mixfill_users *users);

typedef struct mixfill_recommend_options {
    size_t struct_size; /* set by mixfill_recommend_options_init */
    int32_t n;          /* 10; items for each user, at least 1 */
    double risk; /* 0; sort by prediction - risk sd, a lower bound; 0: by the prediction. >= 0 */
    const mixfill_ratings *seen; /* NULL; else what a user rated in it, by id, is left out; borrowed
                                  */
    const mixfill_folded *folded; /* NULL; else users folded into this model; what they rated is
                                     left out; borrowed */
    const mixfill_titles *titles; /* NULL; else titles to show; borrowed */
    int32_t threads;              /* 0 */
    mixfill_done_fn progress;     /* NULL; called with users, by the calling thread */
    void *progress_data;          /* NULL; handed to progress */
} mixfill_recommend_options;

/* Write the defaults given above into every field. */
MIXFILL_API void mixfill_recommend_options_init(mixfill_recommend_options *options);

/* Check every field's range (NaN fails). Returns MIXFILL_ERR_ARG and names the option. */
MIXFILL_CHECK mixfill_status
mixfill_recommend_options_validate(const mixfill_recommend_options *options, mixfill_error *err);

/* An item of a list. */
typedef struct mixfill_recommended {
    const char *item;
    const char *title; /* NULL without titles, and for an item that has none */
    double rating;     /* clipped to the range of the training ratings */
    double sd;
    double score; /* what the list is sorted by; not clipped */
} mixfill_recommended;

/* A user's list; all of it is valid during the callback. */
typedef struct mixfill_recommendation {
    const char *user;
    bool known_user;                 /* had a rating in training, or is folded in */
    int32_t n;                       /* items; fewer than asked for where there are no more */
    const mixfill_recommended *list; /* (n), best first */
} mixfill_recommendation;

/* Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_recommendation_fn)(const mixfill_recommendation *recommendation, void *data);

/* What was recommended. */
typedef struct mixfill_recommend_report {
    int64_t n_users;
    int64_t n_unknown_user; /* of them, who get the list of the model's prior */
    int64_t n_short;        /* of them, whose list has fewer items than asked for */
    int64_t n_items;        /* of all lists */
} mixfill_recommend_report;

/* The best items for each of some users: of all items with a rating in training those that the user
 * has not rated in `seen` or when folded in, by unclipped prediction, or by its lower bound, ties
 * by item.
 * out     [out] may be NULL.
 * users   [in]  NULL: all users whose ratings were given to fold in, or without these all that the
 *               model knows.
 * options [in]  NULL means defaults.
 * fn      [in]  called for each user in the order of users, by the calling thread; may be NULL.
 * Returns MIXFILL_ERR_ARG (options; users folded into another model), _DIM (a model without users
 * and no users folded in), _CANCELLED, _NOMEM. Threads: lists are made in parallel and are the same
 * for any number. Cost: O(users D K) products, D K doubles, and a copy of `seen` where its items
 * are numbered otherwise than the model's; with risk also the sd of
 * every candidate that is predicted above the list's worst, which takes many times as long. */
MIXFILL_CHECK mixfill_status mixfill_recommend(const mixfill_model *model,
                                               mixfill_recommend_report *out,
                                               const mixfill_users *users,
                                               const mixfill_recommend_options *options,
                                               mixfill_recommendation_fn fn, void *data,
                                               mixfill_error *err);

/* The same, written as csv "user,rank,item,rating,sd,known_user", with titles
 * "user,rank,item,rating,sd,title,known_user", atomically. csv_path: a file, or "-" for standard
 * output. */
MIXFILL_CHECK mixfill_status mixfill_recommend_csv(const mixfill_model *model,
                                                   mixfill_recommend_report *out,
                                                   const mixfill_users *users,
                                                   const mixfill_recommend_options *options,
                                                   const char *csv_path, mixfill_error *err);

/* ---- synthetic data ---- */

typedef enum mixfill_popularity {
    MIXFILL_POPULARITY_MOVIELENS = 0, /* a few items have most of the ratings */
    MIXFILL_POPULARITY_UNIFORM        /* every item is as likely as any other */
} mixfill_popularity;

typedef struct mixfill_generate_options {
    size_t struct_size;            /* set by mixfill_generate_options_init */
    int32_t n_users;               /* 943 */
    int32_t n_items;               /* 1682 */
    int64_t n_ratings;             /* 100000; at most half of n_users * n_items */
    int32_t n_components;          /* 8; planted */
    uint32_t seed;                 /* 1 */
    int32_t threads;               /* 0 */
    mixfill_popularity popularity; /* MOVIELENS */
    mixfill_done_fn progress;      /* NULL; called with users, by the calling thread */
    void *progress_data;           /* NULL; handed to progress */
} mixfill_generate_options;

MIXFILL_API void mixfill_generate_options_init(mixfill_generate_options *options);

/* Set users, items and ratings to the shape of a MovieLens set: "ml-100k", "ml-1m", "ml-10m",
 * "ml-25m" or "ml-32m". Returns MIXFILL_ERR_ARG for another name. */
MIXFILL_CHECK mixfill_status mixfill_generate_options_shape(mixfill_generate_options *options,
                                                            const char *shape, mixfill_error *err);

/* Half-star ratings (0.5 to 5) from a planted mixture, with activity and, unless asked otherwise,
 * popularity shaped like MovieLens; the same ratings for the same options, whatever the threads.
 * Ids are 1-based numbers. Returns MIXFILL_ERR_ARG, _CANCELLED, _NOMEM. Cost: O(nnz), 5 bytes per
 * rating. */
MIXFILL_CHECK mixfill_status mixfill_generate(mixfill_ratings **out,
                                              const mixfill_generate_options *options,
                                              mixfill_error *err);

/* ---- reports ---- */

enum {
    MIXFILL_REPORT_ITEMS = 10,  /* at each end of a component */
    MIXFILL_REPORT_SHARES = 20, /* bins of the largest responsibility */
    MIXFILL_REPORT_COUNTS = 17, /* bins of training ratings */
    MIXFILL_REPORT_LEVELS = 10, /* nominal levels of coverage */
    MIXFILL_REPORT_RATINGS = 10 /* bins of predicted ratings */
};

/* An item that a component sees unlike the others do. */
typedef struct mixfill_report_item {
    char id[256];
    double departure; /* of the component's mean, in rating units; see mixfill_report_create */
    double support;   /* ratings of the item behind it: total responsibility of its raters, in
                         CLASSIC that expected from the weight */
    int32_t count;    /* ratings of the item in training */
} mixfill_report_item;

typedef struct mixfill_report_component {
    double weight;
    double var;           /* CLASSIC; NaN in MAP, whose variances are the items' */
    int64_t n_users;      /* with a training rating, whose largest responsibility it is; of equal
                             ones the first counts */
    int32_t n_up, n_down; /* of the arrays below, most outstanding first */
    mixfill_report_item up[MIXFILL_REPORT_ITEMS], down[MIXFILL_REPORT_ITEMS];
} mixfill_report_component;

/* A principal axis of FACTOR: what users differ by. */
typedef struct mixfill_report_axis {
    double sd;            /* of what it adds to the ratings of training, in rating units */
    int32_t n_up, n_down; /* of the arrays below, most outstanding first */
    mixfill_report_item up[MIXFILL_REPORT_ITEMS], down[MIXFILL_REPORT_ITEMS];
} mixfill_report_axis;

/* Errors over the ratings whose user, or item, has `least` to `most` ratings in training. */
typedef struct mixfill_report_count_bin {
    int32_t least, most;
    int64_t n;
    double rmse, rmse_bias; /* of the model and the baseline of both biases; NaN where n = 0 */
} mixfill_report_count_bin;

/* Over the ratings whose clipped prediction lies in [low, high), the last bin in [low, high]. */
typedef struct mixfill_report_rating_bin {
    double low, high;
    int64_t n;
    double predicted, observed; /* means; NaN where n = 0 */
} mixfill_report_rating_bin;

/* What a model says of given ratings. */
typedef struct mixfill_report_accuracy {
    mixfill_evaluation all;
    double nominal[MIXFILL_REPORT_LEVELS];  /* 0.1 to 0.9 and 0.95 */
    double coverage[MIXFILL_REPORT_LEVELS]; /* fraction within the central interval of that level */
    mixfill_report_count_bin by_user[MIXFILL_REPORT_COUNTS]; /* 0, 1, 2-4, 5-9, 10-19, 20-49, ... */
    mixfill_report_count_bin by_item[MIXFILL_REPORT_COUNTS];
    mixfill_report_rating_bin by_rating[MIXFILL_REPORT_RATINGS]; /* of the training range */
} mixfill_report_accuracy;

/* Figures of a model, plain arrays that the report owns. */
typedef struct mixfill_report {
    mixfill_model_summary model;
    mixfill_options options; /* of the fit, as far as the model remembers; others as defaults */
    double *log_likelihood;  /* (model.iterations) */
    int32_t n_components;    /* 0 for a model that has none to describe */
    mixfill_report_component *components;   /* (n_components), of the first mixture */
    int32_t n_axes;                         /* 0 but for FACTOR */
    mixfill_report_axis *axes;              /* (n_axes), largest first */
    int64_t n_rated_users;                  /* users with a training rating; 0 without users */
    int64_t largest[MIXFILL_REPORT_SHARES]; /* of these, by the largest responsibility: bin i is
                                               ]i/20, (i+1)/20]; in the first mixture */
    double mean_largest;                    /* NaN where there are none */
    bool has_accuracy;                      /* ratings were given */
    mixfill_report_accuracy accuracy;
} mixfill_report;

/* Draw up what a report about a model shows.
 * out     [out] new report.
 * ratings [in]  NULL, or at least one rating to score the model on.
 * run     [in]  progress counts these ratings.
 * The items that set a component apart are those with the largest departures, weighed by support /
 * (support + 10) so that chance does not win: in MAP of mu_kj, which is a departure already, in
 * CLASSIC of mu_kj less the weighted mean over the components, of items with an expected support of
 * at least 5 and of means within the range of the training ratings (those outside never moved from
 * their start; the notebook's are not asked). The axes of FACTOR are its factors turned so that
 * they vary independently, and the departure of an item is what one standard deviation of users
 * along the axis adds to it beyond what it adds to all; its support is the item's ratings. What is
 * unknown falls to its prior, as in mixfill_evaluate. Returns MIXFILL_ERR_DIM (ratings without
 * one), _CANCELLED, _NOMEM. Cost: O(D K + N K + ratings K).
 */
MIXFILL_CHECK mixfill_status mixfill_report_create(mixfill_report **out, const mixfill_model *model,
                                                   const mixfill_ratings *ratings,
                                                   const mixfill_run *run, mixfill_error *err);
MIXFILL_API void mixfill_report_free(mixfill_report *report);

/* ---- this build ---- */

typedef struct mixfill_build_info {
    const char *version;
    const char *compiler;
    bool openmp;
    int32_t default_threads; /* what threads = 0 means now */
    const char *isa; /* kernels that a fit would use now; NULL where MIXFILL_ISA asks for what is
                        not there */
    const char *isa_available; /* blank-separated names MIXFILL_ISA accepts here */
    const char *libzip_version;
} mixfill_build_info;

MIXFILL_API void mixfill_build_info_get(mixfill_build_info *out);

/* Whether an output could be created at path now, without touching it: ask before a long fit.
 * MIXFILL_ERR_IO. */
MIXFILL_CHECK mixfill_status mixfill_output_check(const char *path, mixfill_error *err);

/* Write bytes to a file, atomically. path: a file, or "-" for standard output. MIXFILL_ERR_IO,
 * MIXFILL_ERR_NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_output_write(const char *path, const void *bytes, size_t len,
                                                  mixfill_error *err);

/* Remove the temporary files of outputs being written. Async-signal-safe: for a handler that ends
 * the process. */
MIXFILL_API void mixfill_abandon_outputs(void);

#ifdef __cplusplus
}
#endif

#endif
