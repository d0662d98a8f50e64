/* What a kind of model is: one table of what is special to it. Whatever fits, saves or uses models
 * goes through the table, once per iteration, row or cell; a new kind is a folder that fills one,
 * and a line in kinds.c (docs/architecture.md, "How to add a model"). Entries may be NULL only
 * where it is said. */
#ifndef MIXFILL_KIND_H
#define MIXFILL_KIND_H

#include "kernel/kernel.h"
#include "model/arrays.h"
#include "model/option_table.h"
#include "model/person.h"
#include "ratings/blocks.h"

typedef struct mixfill_kind mixfill_kind;

/* The numbers that the arrays of a model's parameters follow from. */
typedef struct mixfill_shape {
    const mixfill_kind *kind;
    int32_t n_users, n_items, n_components, rank;
    int32_t n_mixtures; /* 1, or in an average as many as starts */
    bool average;       /* arrays have a row for each mixture, even for one */
} mixfill_shape;

/* Parameters, as a fit moves them and a model keeps them: the head of a struct of the kind's. */
typedef struct mixfill_params {
    mixfill_shape shape;
} mixfill_params;

/* What a fit works on, the same for every kind and start. */
typedef struct mixfill_job {
    const mixfill_kind *kind;
    const mixfill_ratings *ratings; /* borrowed, and so are options and kernels */
    const mixfill_options *options;
    const mixfill_kernels *kernels;
    mixfill_blocks *blocks;
    mixfill_memory memory; /* as planned; while planning only its threads */
} mixfill_job;

struct mixfill_kind {
    /* ---- what it is ---- */
    mixfill_model_kind id;
    const char *name;   /* of the enumerator; the notebook has that of classic */
    const char *compat; /* NULL; else which published arithmetic it follows, as in a model file */
    mixfill_kind_info info;
    unsigned heeds; /* MIXFILL_HEEDS_ bits */
    bool clips;     /* completed cells are clipped to the range of training */

    /* ---- options ---- */

    /* What stands for a 0 in the options of a fit (mixfill_options_resolve). */
    int32_t n_components; /* where there are as many users */
    int32_t max_iter;
    /* Of the variance of the ratings, > 0; NULL where the option is not heeded. */
    double (*min_var)(double variance);
    /* NULL, or what the ranges of single options do not say. MIXFILL_ERR_ARG. */
    mixfill_status (*check)(const mixfill_options *options, mixfill_error *err);

    /* ---- parameters ---- */

    size_t params_size; /* of the struct that begins with mixfill_params */
    /* Set what follows from the shape; then list the arrays, whether they are there or not. No
     * other member of a model file may have their names (docs/model.md 1.3). */
    void (*list)(mixfill_array_list *out, mixfill_params *params);
    /* NULL, or a function that says what is wrong beyond the checks of single arrays, or NULL. */
    const char *(*fault)(const mixfill_model *model);
    int64_t (*n_parameters)(const mixfill_model *model);

    /* ---- a fit ---- */

    /* What an iteration does between two barriers, in the units of mixfill_par_threads_for. */
    double (*work)(const mixfill_ratings *ratings, const mixfill_options *options);
    /* Bytes of a workspace but for accumulators. */
    size_t (*workspace_bytes)(const mixfill_job *job);
    /* NULL where there are no accumulators; else how many items get a copy per thread within the
     * budget, and the bytes of all, into memory->n_hot and memory->accumulators. */
    void (*plan)(const mixfill_job *job, mixfill_memory *memory, size_t budget);
    /* The workspace: its struct is zeroed, then every buffer of the iterations is made, or none.
     * MIXFILL_ERR_NOMEM. A zeroed one may be closed too. */
    size_t workspace_size;
    mixfill_status (*open)(void *workspace, const mixfill_job *job, mixfill_error *err);
    void (*close)(void *workspace);
    /* Parameters of a start, all of them: they may be those of an earlier one. */
    mixfill_status (*start)(void *workspace, mixfill_params *params, uint32_t seed,
                            mixfill_error *err);
    /* Iteration i of a start, from 1, into out: log_likelihood, and of the seconds clear, blocks
     * and update, whose sum the fit makes. A log_likelihood that is not finite ends the fit.
     * Allocates nothing. */
    void (*iterate)(void *workspace, mixfill_params *params, int32_t i, mixfill_iteration *out);
    /* Users under these parameters, and then one of them, 0 <= u < N: for held-out ratings. The
     * model then has ids, counts and the figures of its ratings, and the parameters of the start,
     * but no baselines and no array that only a finished model has. */
    void (*update_users)(void *workspace, const mixfill_params *params);
    mixfill_person (*user_in_fit)(const void *workspace, const mixfill_model *model, int32_t u);
    /* Put a start's parameters into an average; NULL for kinds that do not average. */
    void (*keep)(mixfill_params *average, const mixfill_params *params, int32_t start);
    /* What only a finished model has, whose arrays are allocated; best: the mixture whose
     * log-likelihood under the final parameters is asked for. */
    mixfill_status (*finish)(void *workspace, mixfill_model *model, int32_t best,
                             double *log_likelihood, mixfill_error *err);

    /* ---- people and cells: called by several threads at once ---- */

    mixfill_person (*known)(const mixfill_model *model, int32_t u);
    mixfill_person (*unknown)(const mixfill_model *model);
    /* Take every user of ratings into the model; rows: the same with items numbered as the
     * model's, and without those of others. Which of the two counts, info.hears_unknown_items says
     * too. Fills fold but for n_users and dropped. */
    mixfill_status (*fold_in)(mixfill_people *fold, const mixfill_model *model,
                              const mixfill_ratings *ratings, const mixfill_ratings *rows,
                              int32_t threads, mixfill_error *err);
    /* Mean and variance of item j, -1 where it is not in the model, under mixture i; in ratings,
     * not clipped. */
    double (*mean)(const mixfill_model *model, int32_t i, const mixfill_person *person, int32_t j);
    double (*variance)(const mixfill_model *model, int32_t i, const mixfill_person *person,
                       int32_t j);

    /* ---- lists: the mean as a base of the item, one of the person, and a product ---- */

    size_t (*row_width)(const mixfill_model *model);
    /* Into column, in steps of `step`, the numbers of item j; returns its base. */
    double (*item_row)(const mixfill_model *model, double *column, size_t step, int32_t j);
    /* Into row (width) the person's coefficients; returns the person's base. */
    double (*person_row)(const mixfill_model *model, double *row, const mixfill_person *person);

    /* ---- what it says of itself ---- */

    /* NULL, or add what only this kind has. */
    void (*summarize)(const mixfill_model *model, mixfill_model_summary *out);
    /* Components or axes of a report, or neither. MIXFILL_ERR_NOMEM. */
    mixfill_status (*describe)(mixfill_report *report, const mixfill_model *model,
                               mixfill_error *err);
};

#endif
