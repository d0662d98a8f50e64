/* mixfill: Gaussian mixtures and a factor model for sparse ratings matrices.
 *
 * This header is the whole interface; each part can also be included alone:
 *   base.h       status, errors, how long operations are run
 *   ratings.h    ratings in memory, made from arrays
 *   files.h      formats, reading and writing files of ratings
 *   describe.h   figures of ratings and of their ids
 *   split.h      training and test parts, cross-validation
 *   generate.h   synthetic ratings
 *   options.h    kinds of model and the options of a fit
 *   fit.h        fitting a model
 *   model.h      model files, figures and parameters
 *   predict.h    predictions, users folded into a finished model
 *   complete.h   filling the missing cells of a matrix
 *   evaluate.h   accuracy and ranking on held-out ratings
 *   recommend.h  the best items for each user, with titles
 *   known.h      which ids of one side another knows
 *   report.h     what a model is like, in figures
 *   system.h     version, this build, output files
 *
 * Letters: N users, D items, K components, q factors, nnz ratings, T threads, O_u the items user u
 * rated. Formulas are in docs/model.md; comments give its sections.
 * Argument order: object, outputs, inputs (a length right after its array), options, error last.
 * Arguments are [in] where nothing else is said, and pointers not NULL.
 * Options: a struct with struct_size is filled by its _init function and then changed.
 * Ownership: what a create, load, fit or generate function returns belongs to the caller, who frees
 * it with the matching _free; every _free accepts NULL. Strings returned by accessors belong to the
 * object. Outputs are written on success only.
 * Errors: every fallible function returns a mixfill_status; `err` may be NULL, and is filled on
 * failure with one line "FILE:LINE: what, the value, what was expected".
 * Threads: an object may be read from several threads at once, and changed or freed by one; fits
 * may run side by side. Two things are process-wide, and safe to use from any thread: the list of
 * temporary outputs being written, at most 64, which mixfill_abandon_outputs clears; and which
 * process first asked for threads, since a child forked from it has to run on one. Nothing else
 * that a result could depend on is global, but for the environment (OMP_NUM_THREADS, MIXFILL_ISA)
 * and the standard streams ("-"). No result depends on the number of threads.
 * `threads` arguments: what is asked for is taken literally. 0 means OMP_NUM_THREADS, or else the
 * processors of the affinity mask and no more than a control group's quota comes to, rounded up;
 * small work runs on fewer, so that each thread gets some 50 us of it between two barriers.
 * Waiting: threads wait for each other at barriers, where libgomp spins for milliseconds unless
 * told otherwise. On idle processors that costs nothing; beside other busy processes, under a quota
 * or nice it makes a fit several times slower. The program therefore runs itself with a
 * GOMP_SPINCOUNT of its own. A library cannot: a process that links this one should be started with
 * GOMP_SPINCOUNT=1000 (or OMP_WAIT_POLICY=passive) in its environment, which libgomp reads when it
 * is loaded. */
#ifndef MIXFILL_H
#define MIXFILL_H

#define MIXFILL_VERSION_MAJOR 0
#define MIXFILL_VERSION_MINOR 1
#define MIXFILL_VERSION_PATCH 0

#include <mixfill/base.h>
#include <mixfill/complete.h>
#include <mixfill/describe.h>
#include <mixfill/evaluate.h>
#include <mixfill/files.h>
#include <mixfill/fit.h>
#include <mixfill/generate.h>
#include <mixfill/known.h>
#include <mixfill/model.h>
#include <mixfill/options.h>
#include <mixfill/predict.h>
#include <mixfill/ratings.h>
#include <mixfill/recommend.h>
#include <mixfill/report.h>
#include <mixfill/split.h>
#include <mixfill/system.h>

#endif
