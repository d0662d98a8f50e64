/* The dense reading of `factor`. */
#include "ref_factor.h"

#include <math.h>
#include <string.h>

enum { USERS, ITEMS };

static int count(const ref_factor *f, int side, int row) {
    int n = 0;
    for (int c = 0; c < (side == USERS ? REF_ITEMS : REF_USERS); c++)
        n += side == USERS ? f->seen[row][c] : f->seen[c][row];
    return n;
}

static bool holds(const ref_factor *f, int side, int row, int c) {
    return side == USERS ? f->seen[row][c] : f->seen[c][row];
}

/* Gauss and Jordan; returns log |a|. a is symmetric and positive definite. */
static double invert(int n, double a[REF_Q][REF_Q], double out[REF_Q][REF_Q]) {
    double m[REF_Q][REF_Q], log_det = 0;
    memcpy(m, a, sizeof m);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            out[i][j] = i == j;
    for (int p = 0; p < n; p++) {
        double pivot = m[p][p];
        log_det += log(pivot);
        for (int j = 0; j < n; j++) {
            m[p][j] /= pivot;
            out[p][j] /= pivot;
        }
        for (int i = 0; i < n; i++) {
            double factor = m[i][p];
            for (int j = 0; j < n && i != p; j++) {
                m[i][j] -= factor * m[p][j];
                out[i][j] -= factor * out[p][j];
            }
        }
    }
    return log_det;
}

/* First and second moments of (1, f) or w. */
static void moments(const ref_factor *f, int side, int row, double first[REF_Q],
                    double second[REF_Q][REF_Q]) {
    const ref_side *s = &f->side[side];
    int o = side == USERS;
    for (int i = 0; i < REF_Q; i++)
        first[i] = i < o ? 1 : s->mean[row][i - o];
    for (int i = 0; i < REF_Q; i++)
        for (int j = 0; j < REF_Q; j++) {
            double cov = i < o || j < o ? 0 : s->cov[row][i - o][j - o];
            second[i][j] = first[i] * first[j] + cov;
        }
}

/* Of an item, the prior's where it has no rating; returns its variance. */
static double item_moments(const ref_factor *f, int j, double w[REF_Q], double e[REF_Q][REF_Q]) {
    const ref_side *s = &f->side[ITEMS];
    moments(f, ITEMS, j, w, e);
    if (count(f, ITEMS, j) > 0)
        return f->v[j];
    for (int i = 0; i < REF_Q; i++) {
        w[i] = s->centre[i];
        for (int k = 0; k < REF_Q; k++)
            e[i][k] = s->centre[i] * s->centre[k] + s->prior[i][k];
    }
    return f->mean_error;
}

/* One row's step. */
typedef struct step {
    double mean[REF_Q], a_inverse[REF_Q][REF_Q];
    double log_likelihood; /* of users */
} step;

static step user_step(const ref_factor *f, const bool *seen, const double *x, const double *shift,
                      double scale) {
    const ref_side *s = &f->side[USERS];
    double g[REF_Q][REF_Q] = {{0}}, h[REF_Q] = {0}, precision[REF_Q][REF_Q], a[REF_Q][REF_Q];
    double b[REF_Q], p[REF_Q], squares = 0, logs = 0, prior_square = 0, quadratic = 0;
    double prior[REF_Q][REF_Q];
    step out = {{0}, {{0}}, 0};
    for (int j = 0; j < REF_ITEMS; j++) {
        double w[REF_Q], e[REF_Q][REF_Q];
        if (!seen[j])
            continue;
        double v = item_moments(f, j, w, e);
        squares += x[j] * x[j] / v;
        logs += log(2 * acos(-1) * scale * v);
        for (int i = 0; i < REF_Q; i++) {
            h[i] += x[j] * w[i] / v;
            for (int k = 0; k < REF_Q; k++)
                g[i][k] += e[i][k] / v;
        }
    }
    memcpy(prior, s->prior, sizeof prior);
    double log_det = invert(REF_RANK, prior, precision);
    for (int i = 0; i < REF_RANK; i++)
        p[i] = s->centre[i] + shift[i];
    for (int i = 0; i < REF_RANK; i++) {
        b[i] = h[i + 1] - g[i + 1][0];
        for (int k = 0; k < REF_RANK; k++) {
            a[i][k] = g[i + 1][k + 1] + precision[i][k];
            b[i] += precision[i][k] * p[k];
            prior_square += p[i] * precision[i][k] * p[k];
        }
    }
    log_det += invert(REF_RANK, a, out.a_inverse);
    for (int i = 0; i < REF_RANK; i++)
        for (int k = 0; k < REF_RANK; k++) {
            out.mean[i] += out.a_inverse[i][k] * b[k];
            quadratic += b[i] * out.a_inverse[i][k] * b[k];
        }
    double rest = squares - 2 * h[0] + g[0][0] + prior_square - quadratic;
    out.log_likelihood = -logs / 2 - rest / (2 * scale) - log_det / 2;
    return out;
}

static step item_step(const ref_factor *f, int j) {
    const ref_side *s = &f->side[ITEMS];
    double a[REF_Q][REF_Q], b[REF_Q] = {0}, precision[REF_Q][REF_Q], prior[REF_Q][REF_Q];
    step out = {{0}, {{0}}, 0};
    memcpy(prior, s->prior, sizeof prior);
    invert(REF_Q, prior, precision);
    memcpy(a, precision, sizeof a);
    for (int i = 0; i < REF_Q; i++)
        for (int k = 0; k < REF_Q; k++)
            b[i] += precision[i][k] * (s->centre[k] + s->shift[j][k]);
    for (int u = 0; u < REF_USERS; u++) {
        double first[REF_Q], second[REF_Q][REF_Q];
        if (!f->seen[u][j])
            continue;
        moments(f, USERS, u, first, second);
        for (int i = 0; i < REF_Q; i++) {
            b[i] += f->x[u][j] * first[i] / (f->s[u] * f->v[j]);
            for (int k = 0; k < REF_Q; k++)
                a[i][k] += second[i][k] / (f->s[u] * f->v[j]);
        }
    }
    invert(REF_Q, a, out.a_inverse);
    for (int i = 0; i < REF_Q; i++)
        for (int k = 0; k < REF_Q; k++)
            out.mean[i] += out.a_inverse[i][k] * b[k];
    return out;
}

static double scale_of(const ref_factor *f, int side, int row) {
    return side == USERS ? f->s[row] : 1;
}

/* Steps of a side, relaxed; returns the log-likelihood of users. */
static double step_side(ref_factor *f, int side, bool relaxed) {
    ref_side *s = &f->side[side];
    double total = 0;
    for (int r = 0; r < s->n; r++) {
        step st = side == USERS ? user_step(f, f->seen[r], f->x[r], s->shift[r], f->s[r])
                                : item_step(f, r);
        total += st.log_likelihood;
        for (int i = 0; i < s->d; i++) {
            s->mean[r][i] = st.mean[i] + (relaxed ? 0.8 * (st.mean[i] - s->mean[r][i]) : 0);
            for (int k = 0; k < s->d; k++) {
                s->a_inverse[r][i][k] = st.a_inverse[i][k];
                s->cov[r][i][k] = scale_of(f, side, r) * st.a_inverse[i][k];
            }
        }
    }
    return total;
}

/* out = a b for a (d,d). */
static void multiply(int d, double a[REF_Q][REF_Q], const double *b, double *out) {
    for (int i = 0; i < d; i++) {
        out[i] = 0;
        for (int k = 0; k < d; k++)
            out[i] += a[i][k] * b[k];
    }
}

/* out = op(p) = H'[B (H p)] + lambda p precision */
static void apply(const ref_factor *f, int side, double precision[REF_Q][REF_Q],
                  double p[REF_USERS][REF_Q], double out[REF_USERS][REF_Q]) {
    const ref_side *s = &f->side[side];
    int others = f->side[1 - side].n, d = s->d;
    for (int c = 0; c < others; c++) {
        multiply(d, precision, p[c], out[c]);
        for (int i = 0; i < d; i++)
            out[c][i] *= s->lambda;
    }
    for (int r = 0; r < s->n; r++) {
        double hp[REF_Q] = {0}, t[REF_Q], u[REF_Q], b[REF_Q], a_inverse[REF_Q][REF_Q];
        int n = count(f, side, r);
        for (int c = 0; c < others; c++)
            for (int i = 0; i < d && holds(f, side, r, c); i++)
                hp[i] += p[c][i] / sqrt(n);
        memcpy(a_inverse, s->a_inverse[r], sizeof a_inverse);
        multiply(d, precision, hp, t);
        multiply(d, a_inverse, t, u);
        multiply(d, precision, u, b);
        for (int c = 0; c < others; c++)
            for (int i = 0; i < d && holds(f, side, r, c); i++)
                out[c][i] += (t[i] - b[i]) / scale_of(f, side, r) / sqrt(n);
    }
}

static void precondition(const ref_factor *f, int side, double r[REF_USERS][REF_Q],
                         double z[REF_USERS][REF_Q]) {
    const ref_side *s = &f->side[side];
    for (int c = 0; c < f->side[1 - side].n; c++) {
        double reach = 0, prior[REF_Q][REF_Q];
        for (int row = 0; row < s->n; row++)
            if (holds(f, side, row, c))
                reach += 1.0 / count(f, side, row);
        memcpy(prior, s->prior, sizeof prior);
        multiply(s->d, prior, r[c], z[c]);
        for (int i = 0; i < s->d; i++)
            z[c][i] /= s->lambda + reach;
    }
}

static double inner(int n, int d, double a[REF_USERS][REF_Q], double b[REF_USERS][REF_Q]) {
    double sum = 0;
    for (int c = 0; c < n; c++)
        for (int i = 0; i < d; i++)
            sum += a[c][i] * b[c][i];
    return sum;
}

/* r = H't - lambda y precision */
static void gradient(const ref_factor *f, int side, double precision[REF_Q][REF_Q],
                     double r[REF_USERS][REF_Q]) {
    const ref_side *s = &f->side[side];
    int others = f->side[1 - side].n, d = s->d;
    for (int c = 0; c < others; c++) {
        multiply(d, precision, s->y[c], r[c]);
        for (int i = 0; i < d; i++)
            r[c][i] *= -s->lambda;
    }
    for (int row = 0; row < s->n; row++) {
        double a[REF_Q], t[REF_Q];
        for (int i = 0; i < d; i++)
            a[i] = s->mean[row][i] - s->centre[i] - s->shift[row][i];
        multiply(d, precision, a, t);
        for (int c = 0; c < others; c++)
            for (int i = 0; i < d && holds(f, side, row, c); i++)
                r[c][i] += t[i] / scale_of(f, side, row) / sqrt(count(f, side, row));
    }
}

static void shift_side(ref_factor *f, int side) {
    ref_side *s = &f->side[side];
    int others = f->side[1 - side].n, d = s->d;
    static double r[REF_USERS][REF_Q], z[REF_USERS][REF_Q], p[REF_USERS][REF_Q],
        q[REF_USERS][REF_Q];
    double precision[REF_Q][REF_Q], prior[REF_Q][REF_Q];
    memcpy(prior, s->prior, sizeof prior);
    invert(d, prior, precision);
    gradient(f, side, precision, r);
    precondition(f, side, r, z);
    memcpy(p, z, sizeof p);
    double rz = inner(others, d, r, z);
    for (int i = 0; i < 2 && rz > 1e-12; i++) {
        apply(f, side, precision, p, q);
        double alpha = rz / inner(others, d, p, q);
        for (int c = 0; c < others; c++)
            for (int k = 0; k < d; k++) {
                s->y[c][k] += alpha * p[c][k];
                r[c][k] -= alpha * q[c][k];
            }
        precondition(f, side, r, z);
        double next = inner(others, d, r, z);
        for (int c = 0; c < others; c++)
            for (int k = 0; k < d; k++)
                p[c][k] = z[c][k] + next / rz * p[c][k];
        rz = next;
    }
    for (int row = 0; row < s->n; row++) {
        double moved[REF_Q] = {0}, change[REF_Q], t[REF_Q], u[REF_Q], a_inverse[REF_Q][REF_Q];
        for (int c = 0; c < others; c++)
            for (int i = 0; i < d && holds(f, side, row, c); i++)
                moved[i] += s->y[c][i] / sqrt(count(f, side, row));
        for (int i = 0; i < d; i++)
            change[i] = moved[i] - s->shift[row][i];
        memcpy(a_inverse, s->a_inverse[row], sizeof a_inverse);
        multiply(d, precision, change, t);
        multiply(d, a_inverse, t, u);
        for (int i = 0; i < d; i++) {
            s->mean[row][i] += u[i];
            s->shift[row][i] = moved[i];
        }
    }
}

static void update_prior(ref_factor *f, int side) {
    ref_side *s = &f->side[side];
    double weight = 0, first[REF_Q] = {0}, second[REF_Q][REF_Q] = {{0}};
    int rated = 0;
    for (int r = 0; r < s->n; r++) {
        if (count(f, side, r) == 0)
            continue;
        rated++;
        weight += 1 / scale_of(f, side, r);
        for (int i = 0; i < s->d; i++)
            first[i] += (s->mean[r][i] - s->shift[r][i]) / scale_of(f, side, r);
    }
    for (int i = 0; i < s->d; i++)
        s->centre[i] = first[i] / weight;
    for (int r = 0; r < s->n; r++)
        for (int i = 0; i < s->d && count(f, side, r) > 0; i++)
            for (int k = 0; k < s->d; k++)
                second[i][k] +=
                    s->a_inverse[r][i][k] + (s->mean[r][i] - s->shift[r][i] - s->centre[i]) *
                                                (s->mean[r][k] - s->shift[r][k] - s->centre[k]) /
                                                scale_of(f, side, r);
    for (int i = 0; i < s->d; i++)
        for (int k = 0; k < s->d; k++)
            s->prior[i][k] = second[i][k] / rated + (i == k ? 1e-6 : 0);
}

/* Expected squared error of a cell, given the user's moments. */
static double error_of(const ref_factor *f, double x, int j, const double first[REF_Q],
                       double second[REF_Q][REF_Q]) {
    double w[REF_Q], e[REF_Q][REF_Q], y = 0, product = 0;
    item_moments(f, j, w, e);
    for (int i = 0; i < REF_Q; i++) {
        y += w[i] * first[i];
        for (int k = 0; k < REF_Q; k++)
            product += e[i][k] * second[i][k];
    }
    return (x - y) * (x - y) + fmax(0, product - y * y);
}

/* tr precision (cov + a a') of a user with this mean, covariance and shift. */
static double prior_error(const ref_factor *f, const double *mean, double cov[REF_Q][REF_Q],
                          const double *shift) {
    const ref_side *s = &f->side[USERS];
    double prior[REF_Q][REF_Q], precision[REF_Q][REF_Q], sum = 0;
    memcpy(prior, s->prior, sizeof prior);
    invert(REF_RANK, prior, precision);
    for (int i = 0; i < REF_RANK; i++)
        for (int k = 0; k < REF_RANK; k++)
            sum += precision[i][k] * (cov[i][k] + (mean[i] - s->centre[i] - shift[i]) *
                                                      (mean[k] - s->centre[k] - shift[k]));
    return sum;
}

static void update_noise(ref_factor *f) {
    double by_item[REF_ITEMS] = {0}, total = 0;
    int n = 0;
    for (int u = 0; u < REF_USERS; u++) {
        double first[REF_Q], second[REF_Q][REF_Q];
        moments(f, USERS, u, first, second);
        for (int j = 0; j < REF_ITEMS; j++) {
            if (!f->seen[u][j])
                continue;
            double error = error_of(f, f->x[u][j], j, first, second) / f->s[u];
            by_item[j] += error;
            total += error;
            n++;
        }
    }
    f->mean_error = total / n;
    for (int j = 0; j < REF_ITEMS; j++)
        f->v[j] = fmax(1e-4, (by_item[j] + 30 * f->mean_error) / (count(f, ITEMS, j) + 30));
    for (int u = 0; u < REF_USERS; u++) {
        double first[REF_Q], second[REF_Q][REF_Q], cov[REF_Q][REF_Q], sum = 0;
        int rated = count(f, USERS, u);
        moments(f, USERS, u, first, second);
        for (int j = 0; j < REF_ITEMS; j++)
            if (f->seen[u][j])
                sum += error_of(f, f->x[u][j], j, first, second) / f->v[j];
        memcpy(cov, f->side[USERS].cov[u], sizeof cov);
        sum += prior_error(f, f->side[USERS].mean[u], cov, f->side[USERS].shift[u]);
        f->s[u] = rated > 0 ? (sum + 30) / (rated + REF_RANK + 30) : 1;
    }
}

double ref_factor_iteration(ref_factor *f, int it) {
    bool relaxed = it >= 3 && it <= f->iterations - 4;
    double log_likelihood = 0;
    for (int side = USERS; side <= ITEMS; side++) {
        double total = step_side(f, side, relaxed);
        log_likelihood = side == USERS ? total : log_likelihood;
        if (f->implicit && it >= 2)
            shift_side(f, side);
        update_prior(f, side);
    }
    update_noise(f);
    return log_likelihood;
}

double ref_factor_log_likelihood(const ref_factor *f) {
    double total = 0;
    for (int u = 0; u < REF_USERS; u++)
        total += user_step(f, f->seen[u], f->x[u], f->side[USERS].shift[u], f->s[u]).log_likelihood;
    return total;
}

void ref_factor_fold(const ref_factor *f, const bool seen[REF_ITEMS], const double x[REF_ITEMS],
                     double mean[REF_RANK], double cov[REF_RANK][REF_RANK], double *scale) {
    double shift[REF_Q] = {0}, c[REF_Q][REF_Q] = {{0}};
    int n = 0;
    int known = 0;
    for (int j = 0; j < REF_ITEMS; j++) {
        n += seen[j];
        known += seen[j] && count(f, ITEMS, j) > 0;
    }
    for (int j = 0; j < REF_ITEMS; j++)
        for (int i = 0; i < REF_RANK && seen[j] && count(f, ITEMS, j) > 0 && f->implicit; i++)
            shift[i] += f->side[USERS].y[j][i] / sqrt(known);
    step st = user_step(f, seen, x, shift, 1);
    *scale = 1;
    for (int round = 0; round < 4; round++) {
        double first[REF_Q] = {1}, second[REF_Q][REF_Q], sum = 0;
        for (int i = 0; i < REF_RANK; i++)
            for (int k = 0; k < REF_RANK; k++)
                c[i][k] = *scale * st.a_inverse[i][k];
        memcpy(first + 1, st.mean, REF_RANK * sizeof first[0]);
        for (int i = 0; i < REF_Q; i++)
            for (int k = 0; k < REF_Q; k++)
                second[i][k] = first[i] * first[k] + (i > 0 && k > 0 ? c[i - 1][k - 1] : 0);
        for (int j = 0; j < REF_ITEMS; j++)
            if (seen[j])
                sum += error_of(f, x[j], j, first, second) /
                       (count(f, ITEMS, j) > 0 ? f->v[j] : f->mean_error);
        sum += prior_error(f, st.mean, c, shift);
        *scale = n > 0 ? (sum + 30) / (n + REF_RANK + 30) : 1;
    }
    for (int i = 0; i < REF_RANK; i++) {
        mean[i] = st.mean[i];
        for (int k = 0; k < REF_RANK; k++)
            cov[i][k] = *scale * st.a_inverse[i][k];
    }
}
