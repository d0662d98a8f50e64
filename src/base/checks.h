/* Checks of whole arrays of parameters, such as what comes from a file must pass before use. */
#ifndef MIXFILL_CHECKS_H
#define MIXFILL_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether none of x[0..n) is NaN or infinite. */
bool mixfill_all_finite(const double *x, size_t n);

/* Whether all of x[0..n) are above 0 and finite, as variances must be. */
bool mixfill_all_positive(const double *x, size_t n);

/* Whether none of x[0..n) is below 0, NaN or infinite. */
bool mixfill_none_negative(const double *x, size_t n);

/* Whether any count is below 0. */
bool mixfill_any_negative(const int32_t *count, size_t n);

/* Whether every row of p (rows, n) is a distribution: numbers >= 0 that sum to 1, up to the
 * rounding of a sum of n terms. */
bool mixfill_rows_are_distributions(const double *p, size_t rows, size_t n);

#endif
