/* Plain dense `map`, the reference that the library is tested against (docs/model.md 4). Reads like
 * the equations, knows nothing of the library, and takes the rows of the start as an argument.
 * N users, D items, K components; x is r - g - b_u - b_j where observed. */
#ifndef REF_MAP_H
#define REF_MAP_H

#include <stddef.h>
#include <stdint.h>

enum { REF_MAP_MAX_N = 300, REF_MAP_MAX_D = 40, REF_MAP_MAX_K = 20 };

/* Zeroed; then n, d, k, r, mask, tau and min_var are the caller's to set. */
typedef struct ref_map {
    size_t n, d, k;
    const double *r;           /* (N,D) ratings, 0 where missing; borrowed */
    const unsigned char *mask; /* (N,D), 1 where observed; borrowed */
    double tau, min_var;
    double g, user[REF_MAP_MAX_N], item[REF_MAP_MAX_D], x[REF_MAP_MAX_N][REF_MAP_MAX_D];
    double n_user[REF_MAP_MAX_N], n_item[REF_MAP_MAX_D], nnz;
    double weight[REF_MAP_MAX_K], mu[REF_MAP_MAX_K][REF_MAP_MAX_D],
        s0[REF_MAP_MAX_K][REF_MAP_MAX_D], v[REF_MAP_MAX_D], noise_mean;
    double resp[REF_MAP_MAX_N][REF_MAP_MAX_K];
} ref_map;

/* Offsets, and x (4.1). */
void ref_map_centre(ref_map *f);

/* Start from the K users `rows` (4.2). */
void ref_map_start(ref_map *f, const int32_t *rows);

/* Responsibilities; returns the log-likelihood. */
double ref_map_estep(ref_map *f);

/* Means, variances and weights (4.3). */
void ref_map_mstep(ref_map *f);

/* Unclipped mean and standard deviation of a cell (4.4). */
void ref_map_predict(const ref_map *f, size_t u, size_t j, double *mean, double *sd);

#endif
