/* Plain dense `map`. */
#include "ref_map.h"

#include <math.h>
#include <stdbool.h>

static const double TWO_PI = 6.28318530717958647692;

static bool seen(const ref_map *f, size_t u, size_t j) {
    return f->mask[u * f->d + j] != 0;
}

void ref_map_centre(ref_map *f) {
    for (size_t u = 0; u < f->n; u++)
        for (size_t j = 0; j < f->d; j++)
            if (seen(f, u, j)) {
                f->g += f->r[u * f->d + j];
                f->n_user[u]++;
                f->n_item[j]++;
                f->nnz++;
            }
    f->g /= f->nnz;
    for (int sweep = 0; sweep < 20; sweep++) {
        for (size_t j = 0; j < f->d; j++) {
            double sum = 0;
            for (size_t u = 0; u < f->n; u++)
                sum += seen(f, u, j) ? f->r[u * f->d + j] - f->g - f->user[u] : 0;
            f->item[j] = sum / (3 + f->n_item[j]);
        }
        for (size_t u = 0; u < f->n; u++) {
            double sum = 0;
            for (size_t j = 0; j < f->d; j++)
                sum += seen(f, u, j) ? f->r[u * f->d + j] - f->g - f->item[j] : 0;
            f->user[u] = sum / (8 + f->n_user[u]);
        }
    }
    for (size_t u = 0; u < f->n; u++)
        for (size_t j = 0; j < f->d; j++)
            f->x[u][j] = f->r[u * f->d + j] - f->g - f->user[u] - f->item[j];
}

void ref_map_start(ref_map *f, const int32_t *rows) {
    double sum = 0;
    for (size_t u = 0; u < f->n; u++)
        for (size_t j = 0; j < f->d; j++)
            sum += seen(f, u, j) ? f->x[u][j] * f->x[u][j] : 0;
    f->noise_mean = sum / f->nnz;
    for (size_t j = 0; j < f->d; j++)
        f->v[j] = fmax(f->min_var, f->noise_mean);
    for (size_t k = 0; k < f->k; k++) {
        f->weight[k] = 1 / (double)f->k;
        size_t u = (size_t)rows[k];
        for (size_t j = 0; j < f->d; j++)
            f->mu[k][j] = seen(f, u, j) ? 0.5 * f->x[u][j] : 0;
    }
}

double ref_map_estep(ref_map *f) {
    double total = 0;
    for (size_t u = 0; u < f->n; u++) {
        double l[REF_MAP_MAX_K], max = -(double)INFINITY, sum = 0;
        for (size_t k = 0; k < f->k; k++) {
            l[k] = log(f->weight[k]);
            for (size_t j = 0; j < f->d; j++) {
                double gap = f->x[u][j] - f->mu[k][j];
                if (seen(f, u, j))
                    l[k] -= 0.5 * (log(TWO_PI * f->v[j]) + gap * gap / f->v[j]);
            }
            max = fmax(max, l[k]);
        }
        for (size_t k = 0; k < f->k; k++)
            sum += exp(l[k] - max);
        for (size_t k = 0; k < f->k; k++)
            f->resp[u][k] = exp(l[k] - max) / sum;
        total += max + log(sum);
    }
    return total;
}

/* Means, s0 and the squared error of item j. */
static double update_item(ref_map *f, size_t j) {
    double error = 0;
    for (size_t u = 0; u < f->n; u++)
        error += seen(f, u, j) ? f->x[u][j] * f->x[u][j] : 0;
    for (size_t k = 0; k < f->k; k++) {
        double s0 = 0, s1 = 0;
        for (size_t u = 0; u < f->n; u++)
            if (seen(f, u, j)) {
                s0 += f->resp[u][k];
                s1 += f->resp[u][k] * f->x[u][j];
            }
        double mu = s0 + f->tau > 0 ? s1 / (s0 + f->tau) : 0;
        error += mu * mu * s0 - 2 * mu * s1;
        f->mu[k][j] = mu;
        f->s0[k][j] = s0;
    }
    return fmax(0, error);
}

void ref_map_mstep(ref_map *f) {
    double error[REF_MAP_MAX_D], sum = 0;
    for (size_t j = 0; j < f->d; j++)
        sum += error[j] = update_item(f, j);
    f->noise_mean = sum / f->nnz;
    for (size_t j = 0; j < f->d; j++)
        f->v[j] = fmax(f->min_var, (error[j] + 10 * f->noise_mean) / (f->n_item[j] + 10));
    for (size_t k = 0; k < f->k; k++) {
        double total = 0;
        for (size_t u = 0; u < f->n; u++)
            total += f->resp[u][k];
        f->weight[k] = (total + 1) / (double)(f->n + f->k);
    }
}

void ref_map_predict(const ref_map *f, size_t u, size_t j, double *mean, double *sd) {
    double m = 0, second = 0, unsure = 0;
    for (size_t k = 0; k < f->k; k++) {
        double p = f->resp[u][k];
        m += p * f->mu[k][j];
        second += p * (f->v[j] + f->mu[k][j] * f->mu[k][j]);
        unsure += p * p * f->v[j] / (f->s0[k][j] + f->tau);
    }
    *mean = f->g + f->user[u] + f->item[j] + m;
    *sd = sqrt(second - m * m + unsure + f->noise_mean / (8 + f->n_user[u]) +
               f->v[j] / (3 + f->n_item[j]));
}
