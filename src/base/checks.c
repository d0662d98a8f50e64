/* Checks of whole arrays. Each comparison is written so that NaN fails it. */
#include "base/checks.h"

#include <math.h>

bool mixfill_all_finite(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

bool mixfill_all_positive(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(x[i] > 0 && isfinite(x[i])))
            return false;
    return true;
}

bool mixfill_none_negative(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(x[i] >= 0 && isfinite(x[i])))
            return false;
    return true;
}

bool mixfill_any_negative(const int32_t *count, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (count[i] < 0)
            return true;
    return false;
}

static bool is_distribution(const double *p, size_t n) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        if (!(p[k] >= 0))
            return false;
        sum += p[k];
    }
    return fabs(sum - 1) <= 1e-9;
}

bool mixfill_rows_are_distributions(const double *p, size_t rows, size_t n) {
    for (size_t i = 0; i < rows; i++)
        if (!is_distribution(p + i * n, n))
            return false;
    return true;
}
