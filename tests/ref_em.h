/* Plain dense EM, the reference that the library is tested against: `classic` fits the observed
 * cells, `notebook` is the published arithmetic with its mask inverted. Reads like the equations,
 * knows nothing of the library, and takes the rows of the start as an argument.
 * N users, D items, K components; x (N,D), mask (N,D), resp (N,K), mu (K,D). */
#ifndef REF_EM_H
#define REF_EM_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ref_em {
    size_t n, d, k;
    bool notebook;
    double min_var, min_support;
    const double *x;           /* (N,D), 0 where missing; borrowed */
    const unsigned char *mask; /* (N,D), 1 where observed; borrowed */
    double *weight, *mu, *var;
    double *resp; /* (N,K), of the last E-step */
    double *sse;  /* (N,K), SSE_uk or norm_uk of the last E-step */
    /* Smallest distance of a mean's support from the threshold that lets it move, over all M-steps:
     * where it is near rounding error, two correct programs may decide differently. */
    double margin;
} ref_em;

/* Aborts when out of memory. min_var 0.1 and min_support 1 until the caller sets them. */
ref_em *ref_em_create(const double *x, const unsigned char *mask, size_t n, size_t d, size_t k);
void ref_em_free(ref_em *em);

/* Start from the K users `rows`. */
void ref_em_init(ref_em *em, const int *rows);

/* Responsibilities from the parameters; returns the log-likelihood. */
double ref_em_estep(ref_em *em);

/* Parameters from the responsibilities of the last E-step. */
void ref_em_mstep(ref_em *em);

/* Whether the log-likelihood's step from `before` to `now` ends the iterations. */
bool ref_em_stops(double before, double now, double tol);

/* Iterate; returns the number of iterations, whose log-likelihoods go to trace (max_iter). */
size_t ref_em_run(ref_em *em, double *trace, size_t max_iter, double tol);

/* One E-step, then out (N,D): x where observed, sum_k resp_uk mu_kj elsewhere. */
void ref_em_complete(ref_em *em, double *out);

#endif
