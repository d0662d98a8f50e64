/* Options of a fit: the kinds of model, and what can be set of each. */
#ifndef MIXFILL_PUBLIC_OPTIONS_H
#define MIXFILL_PUBLIC_OPTIONS_H

#include <mixfill/ratings.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of model; docs/model.md has their equations. */
typedef enum mixfill_model_kind {
    MIXFILL_MODEL_CLASSIC = 0, /* mixture, observed cells only, one variance per component; 2 */
    MIXFILL_MODEL_MAP,   /* mixture on what is left after offsets of users and items; means shrunk,
                            one variance per item; 4 */
    MIXFILL_MODEL_FACTOR /* one Gaussian whose covariance has factors, by variational Bayes; 5 */
} mixfill_model_kind;

/* "classic", "map" or "factor"; "unknown" for a number that is none. */
MIXFILL_API const char *mixfill_model_kind_name(mixfill_model_kind kind);

/* What can be asked of a kind of model. */
typedef struct mixfill_kind_info {
    bool has_components;          /* mixfill_model_weight and the like, components of a report */
    bool has_component_variances; /* mixfill_model_var is of components, not of items */
    bool has_axes;                /* mixfill_model_loading and the like, axes of a report */
    bool stops_by_itself;         /* by tol; else the number of iterations is fixed */
    bool hears_unknown_items; /* in fold-in a rating of an item the model does not know tells of its
                             user's level; else it is left out */
} mixfill_kind_info;

/* All false for a number that is no kind. */
MIXFILL_API mixfill_kind_info mixfill_model_kind_info(mixfill_model_kind kind);

/* Whether a number is a kind: they are numbered from 0 without gaps. */
MIXFILL_API bool mixfill_model_kind_exists(mixfill_model_kind kind);

/* Whether a kind of model heeds an option.
 * field [in] the name of a field of mixfill_options that shapes a model: seed, n_init, tol,
 * max_iter, min_var, min_support, prior_strength, average, rank, implicit, implicit_strength. */
MIXFILL_API bool mixfill_model_kind_heeds(mixfill_model_kind kind, const char *field);

/* Where a fit stands, after each iteration. */
typedef struct mixfill_progress {
    int32_t start;     /* 0-based number of the start */
    int32_t n_starts;  /* n_init of the options */
    int32_t iteration; /* 1-based */
    int32_t max_iter;
    bool all_run;          /* every start takes max_iter iterations: nothing ends one sooner */
    double log_likelihood; /* of this iteration; see mixfill_iteration */
    double change;         /* from the iteration before; NaN in the first */
    double seconds;        /* of this iteration */
    double rmse;           /* of the held-out ratings, NaN without */
    int64_t n_ratings;
} mixfill_progress;

/* Called by the thread that fits. Return non-zero to stop the fit with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_progress_fn)(const mixfill_progress *progress, void *data);

/* What to fit and how; begin with mixfill_options_init or mixfill_options_init_model. Each field's
 * comment begins with its default; one that names kinds of model is checked for every kind but
 * heeded by these only. */
typedef struct mixfill_options {
    size_t struct_size;       /* set by mixfill_options_init */
    mixfill_model_kind model; /* FACTOR */
    bool notebook;            /* false; true, with CLASSIC only, whose options it heeds: the
                                 published arithmetic, mask inverted (docs/model.md 3) */
    int32_t n_components;     /* 0: as many as users, at most 8; else K >= 1, at most the number of
                                 users; FACTOR: has one, 0 or 1 */
    uint32_t seed;            /* 1; start r uses seed + r, which must fit in 32 bits */
    int32_t n_init;           /* 1; starts, of which the best last log-likelihood wins, with
                                 patience the least RMSE */
    bool average;     /* false; true, with MAP: the model holds every start's mixture, and predicts
                         the mean of their predictions (docs/model.md 4.7) */
    double tol;       /* CLASSIC and MAP: 1e-6; stop where new - old <= tol |new|; 0: test off */
    int32_t max_iter; /* 0: 200, in FACTOR 20, which all run but with patience */
    double min_var; /* CLASSIC and MAP: 0; floor of a variance. 0: about a tenth of the variance of
                       the ratings (docs/model.md 2.2), 0.1 in the notebook's arithmetic */
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
    bool keep_users;  /* true: ids of users and what was learnt of each go into the model */
    mixfill_progress_fn progress; /* NULL */
    void *progress_data;          /* NULL; handed to progress */
} mixfill_options;

/* Write the defaults into every field, which are those of MIXFILL_MODEL_FACTOR. Where a default
 * depends on the kind of model or on its ratings it is 0, and a model tells what that came to. */
MIXFILL_API void mixfill_options_init(mixfill_options *options);

/* The same with another kind of model. */
MIXFILL_API void mixfill_options_init_model(mixfill_options *options, mixfill_model_kind kind);

/* Check every field's range (NaN fails). Returns MIXFILL_ERR_ARG and names the option. */
MIXFILL_CHECK mixfill_status mixfill_options_validate(const mixfill_options *options,
                                                      mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
