/* Plain dense EM; see ref_em.h. Sums run in the order of the equations, in double, but for the
 * notebook's mu_denom, whose comparison with 1 is decided by its last bits. */
#include "ref_em.h"

#include <math.h>
#include <stdlib.h>

static const double two_pi = 6.283185307179586476925286766559;

static double *doubles(size_t n) {
    double *block = calloc(n, sizeof *block);
    if (block == NULL)
        abort();
    return block;
}

ref_em *ref_em_create(const double *x, const unsigned char *mask, size_t n, size_t d, size_t k) {
    ref_em *em = calloc(1, sizeof *em);
    if (em == NULL)
        abort();
    em->n = n;
    em->d = d;
    em->k = k;
    em->x = x;
    em->mask = mask;
    em->min_var = 0.1;
    em->min_support = 1;
    em->weight = doubles(k);
    em->mu = doubles(k * d);
    em->var = doubles(k);
    em->resp = doubles(n * k);
    em->sse = doubles(n * k);
    em->margin = HUGE_VAL;
    return em;
}

void ref_em_free(ref_em *em) {
    if (em == NULL)
        return;
    free(em->weight);
    free(em->mu);
    free(em->var);
    free(em->resp);
    free(em->sse);
    free(em);
}

/* mu_kj = x_{r_k,j};  weight_k = 1/K;  var_k = mean over all cells of (mu_kj - X_uj)^2, floored */
void ref_em_init(ref_em *em, const int *rows) {
    for (size_t k = 0; k < em->k; k++) {
        double sum = 0;
        for (size_t j = 0; j < em->d; j++)
            em->mu[k * em->d + j] = em->x[(size_t)rows[k] * em->d + j];
        for (size_t u = 0; u < em->n; u++)
            for (size_t j = 0; j < em->d; j++) {
                double gap = em->mu[k * em->d + j] - em->x[u * em->d + j];
                sum += gap * gap;
            }
        em->var[k] = fmax(em->min_var, sum / ((double)em->n * (double)em->d));
        em->weight[k] = 1 / (double)em->k;
    }
    em->margin = HUGE_VAL;
}

/* |O_u|, or the number of missing cells in the notebook */
static double cells(const ref_em *em, size_t u) {
    size_t observed = 0;
    for (size_t j = 0; j < em->d; j++)
        observed += em->mask[u * em->d + j];
    return (double)(em->notebook ? em->d - observed : observed);
}

/* classic:  SSE_uk  = sum over observed j of (x_uj - mu_kj)^2
 * notebook: norm_uk = sum over missing j of mu_kj^2 + sum over observed j of x_uj^2 */
static double misfit(const ref_em *em, size_t u, size_t k) {
    double sum = 0;
    for (size_t j = 0; j < em->d; j++) {
        double x = em->x[u * em->d + j], mu = em->mu[k * em->d + j];
        bool observed = em->mask[u * em->d + j];
        if (em->notebook)
            sum += observed ? x * x : mu * mu;
        else if (observed)
            sum += (x - mu) * (x - mu);
    }
    return sum;
}

/* L_uk to logsumexp_k L_uk, leaving resp_uk = exp(L_uk - logsumexp) in its place. As good as
 * exp(L_uk - max)/sum for `classic`; the notebook's figures hang on how this rounds. */
static double softmax(double *row, size_t k) {
    double top = row[0], sum = 0;
    for (size_t i = 1; i < k; i++)
        top = fmax(top, row[i]);
    for (size_t i = 0; i < k; i++)
        sum += exp(row[i] - top);
    double total = top + log(sum);
    for (size_t i = 0; i < k; i++)
        row[i] = exp(row[i] - total);
    return total;
}

/* L_uk = log weight_k - C_u/2 log(2 pi var_k) - SSE_uk/(2 var_k) */
double ref_em_estep(ref_em *em) {
    double log_likelihood = 0;
    for (size_t u = 0; u < em->n; u++) {
        double count = cells(em, u);
        double *row = em->resp + u * em->k, *sse = em->sse + u * em->k;
        for (size_t k = 0; k < em->k; k++) {
            sse[k] = misfit(em, u, k);
            row[k] = log(em->weight[k]) - count / 2 * log(two_pi * em->var[k]) -
                     sse[k] / (2 * em->var[k]);
        }
        log_likelihood += softmax(row, em->k);
    }
    return log_likelihood;
}

static bool supported(ref_em *em, double support, double threshold) {
    if (threshold > 0)
        em->margin = fmin(em->margin, fabs(support - threshold));
    return support > 0 && support >= threshold;
}

/* mu_kj = s1_kj/s0_kj where s0_kj >= min_support, else unchanged */
static void mean_classic(ref_em *em, size_t k, size_t j) {
    double s0 = 0, s1 = 0;
    for (size_t u = 0; u < em->n; u++)
        if (em->mask[u * em->d + j]) {
            s0 += em->resp[u * em->k + k];
            s1 += em->resp[u * em->k + k] * em->x[u * em->d + j];
        }
    if (supported(em, s0, em->min_support))
        em->mu[k * em->d + j] = s1 / s0;
}

/* mu_kj = s1_kj/(mu_denom + 1e-10) where mu_denom = (sum_u resp_uk) - s0_kj >= 1 */
static void mean_notebook(ref_em *em, size_t k, size_t j) {
    long double all = 0, s0 = 0;
    double s1 = 0;
    for (size_t u = 0; u < em->n; u++) {
        double resp = em->resp[u * em->k + k];
        all += (long double)resp;
        if (em->mask[u * em->d + j]) {
            s0 += (long double)resp;
            s1 += resp * em->x[u * em->d + j];
        }
    }
    double denom = (double)(all - s0);
    if (supported(em, denom, 1))
        em->mu[k * em->d + j] = s1 / (denom + 1e-10);
}

/* var_k = sum_u resp_uk SSE_uk / sum_u resp_uk C_u, floored; classic takes the new mu, the notebook
 * the norm of the E-step */
static void variance(ref_em *em, size_t k) {
    double numer = 0, denom = 0;
    for (size_t u = 0; u < em->n; u++) {
        double resp = em->resp[u * em->k + k];
        numer += resp * (em->notebook ? em->sse[u * em->k + k] : misfit(em, u, k));
        denom += resp * cells(em, u);
    }
    if (denom > 0)
        em->var[k] = fmax(em->min_var, numer / denom);
}

void ref_em_mstep(ref_em *em) {
    for (size_t k = 0; k < em->k; k++) {
        double total = 0;
        for (size_t u = 0; u < em->n; u++)
            total += em->resp[u * em->k + k];
        em->weight[k] = total / (double)em->n;
        for (size_t j = 0; j < em->d; j++)
            if (em->notebook)
                mean_notebook(em, k, j);
            else
                mean_classic(em, k, j);
        variance(em, k);
    }
}

bool ref_em_stops(double before, double now, double tol) {
    return tol > 0 && now - before <= tol * fabs(now);
}

size_t ref_em_run(ref_em *em, double *trace, size_t max_iter, double tol) {
    for (size_t i = 0; i < max_iter; i++) {
        trace[i] = ref_em_estep(em);
        ref_em_mstep(em);
        if (i > 0 && ref_em_stops(trace[i - 1], trace[i], tol))
            return i + 1;
    }
    return max_iter;
}

void ref_em_complete(ref_em *em, double *out) {
    ref_em_estep(em);
    for (size_t u = 0; u < em->n; u++)
        for (size_t j = 0; j < em->d; j++) {
            double sum = 0;
            for (size_t k = 0; k < em->k; k++)
                sum += em->resp[u * em->k + k] * em->mu[k * em->d + j];
            out[u * em->d + j] = em->mask[u * em->d + j] ? em->x[u * em->d + j] : sum;
        }
}
