/* The E-step on a finished model, a strip of users at a time: nothing is kept but their
 * responsibilities, so any number of users takes the same scratch. */
#include "mixture/posterior.h"

#include "base/par.h"
#include "mixture/estep.h"

#include <string.h>

typedef struct posterior {
    const mixfill_posterior_rows *rows;
    mixfill_estep estep;
    int32_t threads, n_strips;
    double *terms;          /* (D,2) of `map`, as in mixfill_rows */
    double *scratch;        /* (threads,scratch_size) */
    double *log_likelihood; /* (n_strips) */
} posterior;

/* Of one thread: a strip of distances, one of responsibilities, sums. */
static size_t scratch_size(size_t kp) {
    return (2 * MIXFILL_STRIP + 3) * kp;
}

/* All that posterior_init made; also of one that failed half way. */
static void posterior_clear(posterior *p) {
    mixfill_estep_clear(&p->estep);
    mixfill_free(p->terms);
    mixfill_free(p->scratch);
    mixfill_free(p->log_likelihood);
}

/* Offset and precision of each item, as the kernels want them; false when out of memory. */
static bool make_terms(posterior *p, const mixfill_model *model, const mixfill_mixtures *mixture) {
    p->terms = mixfill_alloc((size_t)model->n_items, 2 * sizeof *p->terms);
    for (size_t j = 0; p->terms != NULL && j < (size_t)model->n_items; j++) {
        p->terms[2 * j] = model->global_mean + mixture->offset_item[j];
        p->terms[2 * j + 1] = 1 / mixture->var[j];
    }
    return p->terms != NULL;
}

/* Prepare the E-step on the mixture's parameters, scratch of each thread and a slot of
 * log-likelihood for each strip. */
static mixfill_status posterior_init(posterior *p, const mixfill_model *model,
                                     const mixfill_mixtures *mixture, mixfill_error *err) {
    const mixfill_kernels *kernels;
    bool map = mixture->variant == MIXFILL_MAP, notebook = mixture->variant == MIXFILL_NOTEBOOK;
    mixfill_status st;
    MIXFILL_TRY(mixfill_kernels_choose(&kernels, err));
    MIXFILL_TRY(mixfill_estep_init(&p->estep, kernels, notebook, model->n_items,
                                   mixture->n_components, err));
    mixfill_estep_prepare(&p->estep, mixture->weight, mixture->mu, map ? NULL : mixture->var);
    int32_t users = p->rows->ratings->n_users;
    p->n_strips = users / MIXFILL_STRIP + (users % MIXFILL_STRIP != 0);
    p->scratch = mixfill_alloc((size_t)p->threads, scratch_size(p->estep.kp) * sizeof *p->scratch);
    p->log_likelihood = mixfill_alloc((size_t)p->n_strips, sizeof *p->log_likelihood);
    if (p->scratch == NULL || p->log_likelihood == NULL || (map && !make_terms(p, model, mixture)))
        st = mixfill_fail_nomem(err, "responsibilities");
done:
    return st;
}

/* One strip of users into resp (n_users,K); returns their log-likelihood. */
static double posterior_strip(const posterior *p, double *resp, int32_t first, double *scratch) {
    size_t kp = p->estep.kp, n_components = (size_t)p->estep.n_components;
    int32_t left = p->rows->ratings->n_users - first;
    mixfill_rows rows =
        mixfill_rows_of(p->rows->ratings, first, left < MIXFILL_STRIP ? left : MIXFILL_STRIP);
    double *padded = scratch + MIXFILL_STRIP * kp, *sums = padded + MIXFILL_STRIP * kp;
    rows.user = p->terms != NULL ? p->rows->user_offset + first : NULL;
    rows.item = p->terms;
    double log_likelihood = mixfill_estep_rows(&p->estep, padded, sums, &rows, scratch);
    for (size_t i = 0; i < (size_t)rows.n_rows; i++)
        memcpy(resp + ((size_t)first + i) * n_components, padded + i * kp,
               n_components * sizeof *resp);
    return log_likelihood;
}

/* Every strip, in any order by any thread; the log-likelihood is added strip by strip. */
static double posterior_all(const posterior *p, double *resp) {
#pragma omp parallel for schedule(dynamic) num_threads(p->threads) default(none) shared(p, resp)
    for (int32_t s = 0; s < p->n_strips; s++) {
        double *own = p->scratch + (size_t)mixfill_par_thread_id() * scratch_size(p->estep.kp);
        p->log_likelihood[s] = posterior_strip(p, resp, s * MIXFILL_STRIP, own);
    }
    double sum = 0;
    for (int32_t s = 0; s < p->n_strips; s++)
        sum += p->log_likelihood[s];
    return sum;
}

/* The log-likelihood's part that responsibilities do not take. */
static mixfill_status subtract_scale(double *log_likelihood, const posterior *p,
                                     const mixfill_mixtures *mixture, mixfill_error *err) {
    if (p->terms == NULL || log_likelihood == NULL)
        return MIXFILL_OK;
    int32_t *count = mixfill_ratings_item_counts(p->rows->ratings);
    if (count == NULL)
        return mixfill_fail_nomem(err, "responsibilities");
    *log_likelihood -= mixfill_log_norms(mixture->var, count, p->estep.n_items);
    mixfill_free(count);
    return MIXFILL_OK;
}

mixfill_status mixfill_posterior(const mixfill_model *model, int32_t mixture, double *resp,
                                 double *log_likelihood, const mixfill_posterior_rows *rows,
                                 int32_t threads, mixfill_error *err) {
    mixfill_status st;
    mixfill_mixtures of = mixfill_mixture_at(mixfill_mixtures_of(model), mixture);
    double work = (double)rows->ratings->nnz * of.n_components;
    posterior p = {.rows = rows, .threads = mixfill_par_threads_for(threads, work)};
    MIXFILL_TRY(posterior_init(&p, model, &of, err));
    double total = posterior_all(&p, resp);
    if (log_likelihood != NULL)
        *log_likelihood = total;
    MIXFILL_TRY(subtract_scale(log_likelihood, &p, &of, err));
done:
    posterior_clear(&p);
    return st;
}
