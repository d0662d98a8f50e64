/* The `factor` model as the equations of docs/model.md 5 have it: dense, in double, with a loop for
 * every sum, and nothing of the library. What the real one is compared with. */
#ifndef MIXFILL_REF_FACTOR_H
#define MIXFILL_REF_FACTOR_H

#include <stdbool.h>

enum { REF_USERS = 24, REF_ITEMS = 18, REF_RANK = 3, REF_Q = REF_RANK + 1 };

/* A side's rows r have mean, covariance, shift; its prior has centre and cov. Users use only the
 * first q elements, which are f; items all Q. */
typedef struct ref_side {
    int n, d;
    double mean[REF_USERS][REF_Q], cov[REF_USERS][REF_Q][REF_Q];
    double shift[REF_USERS][REF_Q], y[REF_USERS][REF_Q]; /* y: rows of the other side */
    double centre[REF_Q], prior[REF_Q][REF_Q];
    double a_inverse[REF_USERS][REF_Q][REF_Q];
    double lambda;
} ref_side;

typedef struct ref_factor {
    bool seen[REF_USERS][REF_ITEMS];
    double x[REF_USERS][REF_ITEMS];
    bool implicit;
    int iterations;
    ref_side side[2]; /* users, items */
    double s[REF_USERS], v[REF_ITEMS], mean_error;
} ref_factor;

/* Iteration it, from 0; returns the log-likelihood of its user step. */
double ref_factor_iteration(ref_factor *f, int it);

/* Of one more user step, which changes nothing. */
double ref_factor_log_likelihood(const ref_factor *f);

/* Posterior and scale of one more user, who has ratings x where seen: one user step and four rounds
 * of the scale. */
void ref_factor_fold(const ref_factor *f, const bool seen[REF_ITEMS], const double x[REF_ITEMS],
                     double mean[REF_RANK], double cov[REF_RANK][REF_RANK], double *scale);

#endif
