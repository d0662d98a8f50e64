/* Whatever takes long tells how far it has come, rises to its end, and stops when asked to, with
 * nothing left behind. */
#include "model/model.h"
#include "ratings/ratings.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

TestSuite(watch, .init = support_enter_folder, .fini = support_leave_folder);

/* What a callback saw, and when it asks to stop. */
typedef struct seen {
    int64_t calls, last, total;
    int64_t stop_at; /* call, 0 never */
    bool rises;
} seen;

static int see(int64_t done, int64_t total, void *data) {
    seen *s = data;
    s->rises = (s->calls == 0 || s->rises) && done > s->last && done <= total;
    s->last = done;
    s->total = total;
    s->calls++;
    return s->calls == s->stop_at;
}

static int see_bytes(int64_t bytes, int64_t size, void *data) {
    return see(bytes, size, data);
}

static mixfill_ratings *generated(int32_t users, int32_t items, int64_t n) {
    mixfill_generate_options o;
    mixfill_ratings *r = NULL;
    mixfill_generate_options_init(&o);
    o.n_users = users;
    o.n_items = items;
    o.n_ratings = n;
    cr_assert_eq(mixfill_generate(&r, &o, NULL), MIXFILL_OK);
    return r;
}

static mixfill_model *fit(const mixfill_ratings *r) {
    mixfill_options o;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = 2;
    o.max_iter = 1;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
    return m;
}

/* What is run, with all that any of it needs. */
typedef struct job {
    const mixfill_model *model;
    const mixfill_ratings *ratings;
    const char *path;
    mixfill_format format;
} job;

typedef mixfill_status (*job_fn)(const job *j, const mixfill_run *run, mixfill_error *err);

static mixfill_status evaluate(const job *j, const mixfill_run *run, mixfill_error *err) {
    mixfill_evaluation e;
    return mixfill_evaluate(j->model, &e, j->ratings, run, err);
}

static mixfill_status report(const job *j, const mixfill_run *run, mixfill_error *err) {
    mixfill_report *r = NULL;
    mixfill_status st = mixfill_report_create(&r, j->model, j->ratings, run, err);
    cr_expect_eq(r != NULL, st == MIXFILL_OK);
    mixfill_report_free(r);
    return st;
}

static mixfill_status rank(const job *j, const mixfill_run *run, mixfill_error *err) {
    mixfill_ranking r;
    return mixfill_evaluate_ranking(j->model, &r, j->ratings, j->ratings, run, err);
}

static mixfill_status complete(const job *j, const mixfill_run *run, mixfill_error *err) {
    mixfill_completion c;
    return mixfill_complete(j->model, &c, j->ratings, NULL, &(mixfill_filling){.path = j->path},
                            run, err);
}

static mixfill_status save(const job *j, const mixfill_run *run, mixfill_error *err) {
    mixfill_save_options o;
    mixfill_save_options_init(&o);
    o.format = j->format;
    o.progress = run->progress;
    o.progress_data = run->progress_data;
    return mixfill_ratings_save_as(j->ratings, j->path, &o, err);
}

static mixfill_status generate(const job *j, const mixfill_run *run, mixfill_error *err) {
    mixfill_ratings *r = NULL;
    mixfill_generate_options o;
    (void)j;
    mixfill_generate_options_init(&o);
    o.threads = run->threads;
    o.progress = run->progress;
    o.progress_data = run->progress_data;
    mixfill_status st = mixfill_generate(&r, &o, err);
    cr_expect_eq(r != NULL, st == MIXFILL_OK);
    mixfill_ratings_free(r);
    return st;
}

static mixfill_status predict(const job *j, const mixfill_run *run, mixfill_error *err) {
    mixfill_read_options o;
    mixfill_read_options_init(&o);
    o.progress = run->progress == NULL ? NULL : see_bytes;
    o.progress_data = run->progress_data;
    return mixfill_predict_csv(j->model, NULL, "pairs.csv", NULL, &o, MIXFILL_DIGITS_FULL, j->path,
                               err);
}

/* Run to the end, and again with a stop at the second call; threads: of the run. */
static void check(const char *name, job_fn fn, const job *j, int32_t threads, int64_t total) {
    seen s = {0};
    mixfill_run run = {threads, see, &s};
    mixfill_error err;
    cr_assert_eq(fn(j, &run, &err), MIXFILL_OK, "%s: %s", name, err.message);
    cr_expect_gt(s.calls, 2, "%s: %d calls", name, (int)s.calls);
    cr_expect(s.rises, "%s", name);
    cr_expect_eq(s.total, total, "%s: %d", name, (int)s.total);
    cr_expect(threads != 1 || s.last > total / 2, "%s: %d", name, (int)s.last);
    if (j->path != NULL)
        cr_expect_eq(unlink(j->path), 0, "%s", name);
    s = (seen){.stop_at = 2};
    cr_expect_eq(fn(j, &run, &err), MIXFILL_ERR_CANCELLED, "%s", name);
    cr_expect(threads != 1 || s.calls == 2, "%s", name);
    cr_expect(j->path == NULL || access(j->path, F_OK) != 0, "%s", name);
    cr_expect_eq(fn(j, &(mixfill_run){.threads = threads}, &err), MIXFILL_OK, "%s", name);
    if (j->path != NULL)
        cr_expect_eq(unlink(j->path), 0, "%s", name);
}

Test(watch, scoring) {
    mixfill_ratings *r = generated(4000, 400, 300000); /* several blocks */
    mixfill_model *m = fit(r);
    const job j = {.model = m, .ratings = r};
    check("evaluate", evaluate, &j, 1, 300000);
    check("report", report, &j, 1, 300000);
    check("ranking", rank, &j, 1, 4000);
    for (int i = 0; i < 5; i++) { /* others count, only the caller tells */
        seen s = {0};
        mixfill_ranking ranking;
        cr_assert_eq(mixfill_evaluate_ranking(m, &ranking, r, r, &(mixfill_run){4, see, &s}, NULL),
                     MIXFILL_OK);
        cr_expect(s.calls == 0 || s.rises);
    }
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(watch, generating) {
    check("generate", generate, &(job){.path = NULL}, 1, 943);
}

Test(watch, writing) {
    static const mixfill_format formats[] = {MIXFILL_FORMAT_CSV, MIXFILL_FORMAT_TRIPLETS,
                                             MIXFILL_FORMAT_DENSE, MIXFILL_FORMAT_MTX,
                                             MIXFILL_FORMAT_NPY};
    mixfill_ratings *r = generated(300, 50, 5000);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const job j = {.ratings = r, .path = "saved", .format = formats[i]};
        check(mixfill_format_name(formats[i]), save, &j, 1, 300);
    }
    mixfill_ratings_free(r);
}

Test(watch, filling_and_predicting) {
    mixfill_ratings *r = generated(3000, 20, 9000);
    mixfill_model *m = fit(r);
    job j = {.model = m, .ratings = r, .path = "full.npy"};
    check("complete", complete, &j, 1, 3000);
    FILE *pairs = fopen("pairs.csv", "w");
    for (int i = 0; i < 70000; i++)
        fprintf(pairs, "%d,%d\n", i % 3000 + 1, i % 20 + 1);
    int64_t size = ftell(pairs);
    fclose(pairs);
    j.path = "predicted.csv";
    check("predict", predict, &j, 1, size);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}
