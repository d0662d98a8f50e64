/* What sets the components of a mixture apart, and how sure it is of its users. A component is
 * described by the items whose mean departs most from what is usual, not by its largest means:
 * those are the items that everybody likes. */
#include "mixture/components.h"

#include "model/outstanding.h"

#include <math.h>

/* In classic, where support is only expected from the weights, less than this is none. */
static const double LEAST_EXPECTED = 5;

/* Whether a mean of classic can have come from ratings rather than from the start. */
static bool moved(const mixfill_model *m, double mu) {
    return mixfill_mixtures_of(m)->variant == MIXFILL_NOTEBOOK ||
           (mu >= m->rating_range[0] && mu <= m->rating_range[1]);
}

/* What the means of item j depart from: 0 in map, whose means are departures already, else the
 * weighted mean of those that moved, NaN where none did. */
static double usual_of(const mixfill_model *m, const mixfill_mixtures *p, int32_t j) {
    const double *mu = p->mu + (size_t)j * p->kp;
    double sum = 0, weight = 0;
    if (p->variant == MIXFILL_MAP)
        return 0;
    for (int32_t k = 0; k < p->n_components; k++)
        if (moved(m, mu[k])) {
            sum += p->weight[k] * mu[k];
            weight += p->weight[k];
        }
    return sum / weight;
}

/* Of component k at item j; none where its mean never moved. */
static mixfill_departure departure_of(const mixfill_model *m, const mixfill_mixtures *p,
                                      double usual, int32_t k, int32_t j) {
    size_t at = (size_t)j * p->kp + (size_t)k;
    if (p->variant == MIXFILL_MAP)
        return (mixfill_departure){p->mu[at], p->s0[at]};
    double support = p->weight[k] * m->item_count[j];
    if (!moved(m, p->mu[at]) || support < LEAST_EXPECTED)
        return (mixfill_departure){0};
    return (mixfill_departure){p->mu[at] - usual, support};
}

/* Weight, variance and outstanding items of component k; usual: (D), of the items. */
static void fill_component(mixfill_report_component *c, const mixfill_model *m,
                           const mixfill_mixtures *p, const double *usual, int32_t k) {
    mixfill_outstanding up, down;
    mixfill_outstanding_init(&up);
    mixfill_outstanding_init(&down);
    for (int32_t j = 0; j < m->n_items; j++)
        mixfill_outstanding_offer(&up, &down, j, departure_of(m, p, usual[j], k, j));
    mixfill_top_sort(&up.top);
    mixfill_top_sort(&down.top);
    c->weight = p->weight[k];
    c->var = p->variant != MIXFILL_MAP ? p->var[k] : (double)NAN;
    c->n_up = up.top.n;
    c->n_down = down.top.n;
    for (int32_t i = 0; i < c->n_up; i++)
        c->up[i] = mixfill_outstanding_item(m, up.item[i],
                                            departure_of(m, p, usual[up.item[i]], k, up.item[i]));
    for (int32_t i = 0; i < c->n_down; i++)
        c->down[i] = mixfill_outstanding_item(
            m, down.item[i], departure_of(m, p, usual[down.item[i]], k, down.item[i]));
}

/* Of equal ones the first. */
static int32_t index_of_largest(const double *resp, int32_t n) {
    int32_t best = 0;
    for (int32_t k = 1; k < n; k++)
        if (resp[k] > resp[best])
            best = k;
    return best;
}

/* The bin of a share, 0 < share. */
static int32_t bin_of_share(double share) {
    int32_t bin = (int32_t)ceil(share * MIXFILL_REPORT_SHARES) - 1;
    return bin < 0 ? 0 : bin < MIXFILL_REPORT_SHARES ? bin : MIXFILL_REPORT_SHARES - 1;
}

/* Users with a rating by the component of their largest responsibility, and by how large it is. */
static void count_users(mixfill_report *r, const mixfill_model *m, const mixfill_mixtures *p) {
    double sum = 0;
    for (int32_t u = 0; u < m->n_users && p->resp != NULL; u++) {
        const double *resp = p->resp + (size_t)u * (size_t)p->n_components;
        if (m->user_count[u] == 0)
            continue;
        int32_t k = index_of_largest(resp, p->n_components);
        r->n_rated_users++;
        r->components[k].n_users++;
        r->largest[bin_of_share(resp[k])]++;
        sum += resp[k];
    }
    r->mean_largest = sum / (double)r->n_rated_users;
}

mixfill_status mixfill_components_describe(mixfill_report *r, const mixfill_model *m,
                                           mixfill_error *err) {
    mixfill_mixtures p = mixfill_mixture_at(mixfill_mixtures_of(m), 0);
    double *usual = mixfill_alloc((size_t)m->n_items, sizeof *usual);
    r->components = mixfill_alloc_zero((size_t)p.n_components, sizeof *r->components);
    if (usual == NULL || r->components == NULL) {
        mixfill_free(usual);
        return mixfill_fail_nomem(err, "a report");
    }
    r->n_components = p.n_components;
    for (int32_t j = 0; j < m->n_items; j++)
        usual[j] = usual_of(m, &p, j);
    for (int32_t k = 0; k < p.n_components; k++)
        fill_component(&r->components[k], m, &p, usual, k);
    count_users(r, m, &p);
    mixfill_free(usual);
    return MIXFILL_OK;
}
