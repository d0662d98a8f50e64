/* Axes for a report: to each end the items that one standard deviation of users moves most. */
#include "factor/factor_axes.h"

#include "model/outstanding.h"

/* What one standard deviation of users along axis k adds to item j; all its ratings support it. */
static mixfill_departure departure_of(const mixfill_model *m, const mixfill_axes *axes, int32_t k,
                                      int32_t j) {
    return (mixfill_departure){axes->loading[(size_t)j * (size_t)axes->n + (size_t)k],
                               m->item_count[j]};
}

/* Standard deviation and outstanding items of axis k. */
static void fill_axis(mixfill_report_axis *a, const mixfill_model *m, const mixfill_axes *axes,
                      int32_t k) {
    mixfill_outstanding up, down;
    mixfill_outstanding_init(&up);
    mixfill_outstanding_init(&down);
    for (int32_t j = 0; j < m->n_items; j++)
        mixfill_outstanding_offer(&up, &down, j, departure_of(m, axes, k, j));
    a->sd = axes->sd[k];
    mixfill_top_sort(&up.top);
    mixfill_top_sort(&down.top);
    a->n_up = up.top.n;
    a->n_down = down.top.n;
    for (int32_t i = 0; i < a->n_up; i++)
        a->up[i] = mixfill_outstanding_item(m, up.item[i], departure_of(m, axes, k, up.item[i]));
    for (int32_t i = 0; i < a->n_down; i++)
        a->down[i] =
            mixfill_outstanding_item(m, down.item[i], departure_of(m, axes, k, down.item[i]));
}

mixfill_status mixfill_factor_describe(mixfill_report *r, const mixfill_model *m,
                                       mixfill_error *err) {
    mixfill_axes axes;
    mixfill_status st = mixfill_axes_init(&axes, m, err);
    if (st != MIXFILL_OK)
        return st;
    r->axes = mixfill_alloc_zero((size_t)axes.n, sizeof *r->axes);
    if (r->axes == NULL)
        st = mixfill_fail_nomem(err, "a report");
    else if (axes.sd[0] > 0) /* there is something to show */
        r->n_axes = axes.n;
    for (int32_t k = 0; k < r->n_axes; k++)
        fill_axis(&r->axes[k], m, &axes, k);
    mixfill_axes_clear(&axes);
    return st;
}
