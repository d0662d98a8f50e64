/* Recommending against sorting everything, folded-in users, lists of users, the shared list of the
 * best. */
#include "support.h"
#include "use/folded.h"
#include "use/scorer.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(recommend, .init = support_enter_folder, .fini = support_leave_folder);

enum { USERS = 150, ITEMS = 333 };

/* The last items have no rating. */
static mixfill_ratings *make_ratings(uint64_t seed, size_t users) {
    support_random spec = {
        .n = users, .d = ITEMS, .density = 0.15, .levels = 9, .low = 1, .step = 0.5, .seed = seed};
    support_matrix m = support_matrix_random(&spec);
    for (size_t u = 0; u < users; u++)
        for (size_t j = ITEMS - 10; j < ITEMS; j++)
            m.mask[u * ITEMS + j] = 0;
    mixfill_ratings *r = support_ratings(&m);
    support_matrix_clear(&m);
    return r;
}

/* Those before N_MIXTURES fold training rows in to the bit. */
typedef enum kind { CLASSIC, MAP, AVERAGE, N_MIXTURES, FACTOR = N_MIXTURES } kind;

static mixfill_model *fit(const mixfill_ratings *r, kind k, bool keep_users) {
    mixfill_options o;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, k == CLASSIC  ? MIXFILL_MODEL_CLASSIC
                                   : k == FACTOR ? MIXFILL_MODEL_FACTOR
                                                 : MIXFILL_MODEL_MAP);
    if (k != FACTOR)
        o.n_components = k == MAP ? 8 : 3;
    o.n_init = k == AVERAGE ? 3 : 1;
    o.average = k == AVERAGE;
    o.max_iter = 4;
    o.keep_users = keep_users;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
    return m;
}

/* ---- the list of the best ---- */

typedef struct scored {
    int32_t item;
    double score;
} scored;

static int best_first(const void *a, const void *b) {
    const scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->item > y->item) - (x->item < y->item);
}

/* Any order of offers, many equal scores. */
Test(recommend, top) {
    enum { N = 60 };
    uint64_t state = 3;
    for (int32_t cap = 1; cap <= N + 5; cap++) {
        scored all[N];
        int32_t item[N + 5];
        double score[N + 5];
        mixfill_top top = {.cap = cap, .item = item, .score = score};
        for (int32_t i = 0; i < N; i++)
            all[i] = (scored){i, floor(8 * support_uniform(&state))};
        for (size_t i = N - 1; i > 0; i--) {
            size_t other = support_next(&state) % (i + 1);
            scored kept = all[i];
            all[i] = all[other];
            all[other] = kept;
        }
        for (int32_t i = 0; i < N; i++)
            mixfill_top_offer(&top, all[i].item, all[i].score);
        mixfill_top_sort(&top);
        qsort(all, N, sizeof *all, best_first);
        cr_assert_eq(top.n, cap < N ? cap : N);
        for (int32_t i = 0; i < top.n; i++)
            cr_assert(item[i] == all[i].item && score[i] == all[i].score);
    }
}

/* ---- lists ---- */

/* Lists of all users as numbers. */
typedef struct lists {
    int32_t n_users;
    int32_t n[USERS], item[USERS][ITEMS];
    double rating[USERS][ITEMS], sd[USERS][ITEMS], score[USERS][ITEMS];
    bool known[USERS];
    char user[USERS][16];
} lists;

static int collect(const mixfill_recommendation *r, void *data) {
    lists *all = data;
    int32_t u = all->n_users++;
    snprintf(all->user[u], sizeof all->user[u], "%s", r->user);
    all->n[u] = r->n;
    all->known[u] = r->known_user;
    for (int32_t i = 0; i < r->n; i++) {
        all->item[u][i] = atoi(r->list[i].item);
        all->rating[u][i] = r->list[i].rating;
        all->sd[u][i] = r->list[i].sd;
        all->score[u][i] = r->list[i].score;
        cr_assert_null(r->list[i].title);
    }
    return 0;
}

static lists *recommend(const mixfill_model *m, const mixfill_users *users,
                        const mixfill_recommend_options *o) {
    lists *all = calloc(1, sizeof *all);
    mixfill_recommend_report report;
    mixfill_error err = {0};
    mixfill_status st = mixfill_recommend(m, &report, users, o, collect, all, &err);
    cr_assert_eq(st, MIXFILL_OK, "%s", err.message);
    cr_assert_eq(report.n_users, all->n_users);
    return all;
}

static bool is_rated(const mixfill_ratings *r, int32_t u, int32_t j) {
    for (int64_t e = r->row_ptr[u]; e < r->row_ptr[u + 1]; e++)
        if (r->col[e] == j)
            return true;
    return false;
}

/* A list against every candidate: its figures are those of a cell, and nothing better is left. */
static void check_list(const mixfill_model *m, const lists *all, int32_t row,
                       const mixfill_person *person, const mixfill_ratings *seen, int32_t u,
                       const mixfill_recommend_options *o) {
    scored candidates[ITEMS];
    int32_t n = 0;
    for (int32_t j = 0; j < ITEMS; j++) {
        mixfill_cell cell = mixfill_predict_cell(m, person, j);
        if (m->item_count[j] > 0 && !(seen != NULL && is_rated(seen, u, j)))
            candidates[n++] = (scored){j, cell.mean - o->risk * cell.sd};
    }
    qsort(candidates, (size_t)n, sizeof *candidates, best_first);
    cr_assert_eq(all->n[row], n < o->n ? n : o->n);
    for (int32_t i = 0; i < all->n[row]; i++) {
        int32_t j = all->item[row][i];
        mixfill_cell cell = mixfill_predict_cell(m, person, j);
        cr_assert(all->rating[row][i] == cell.clipped && all->sd[row][i] == cell.sd);
        support_close("score", all->score[row][i], candidates[i].score, 1e-12 * 5);
        if (o->risk > 0)
            cr_assert(all->item[row][i] == candidates[i].item &&
                      all->score[row][i] == candidates[i].score);
        else
            support_close("score of the item", all->score[row][i], cell.mean, 1e-12 * 5);
        cr_assert(i == 0 || all->score[row][i - 1] > all->score[row][i] ||
                  (all->score[row][i - 1] == all->score[row][i] && all->item[row][i - 1] < j));
    }
}

static void check_against_sorting(kind k) {
    mixfill_ratings *r = make_ratings(5, USERS);
    mixfill_model *m = fit(r, k, true);
    static const double risks[] = {0, 0.5, 3};
    static const int32_t lengths[] = {1, 7, 100000};
    for (size_t i = 0; i < 3; i++)
        for (size_t l = 0; l < 3; l++) {
            mixfill_recommend_options o;
            mixfill_recommend_options_init(&o);
            o.n = lengths[l];
            o.risk = risks[i];
            o.seen = l == 0 ? NULL : r;
            lists *all = recommend(m, NULL, &o);
            cr_assert_eq(all->n_users, USERS);
            for (int32_t u = 0; u < USERS; u++) {
                mixfill_person person = mixfill_person_known(m, u);
                check_list(m, all, u, &person, o.seen, u, &o);
                cr_assert(all->known[u] && atoi(all->user[u]) == u);
            }
            free(all);
        }
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(recommend, sorting_classic) {
    check_against_sorting(CLASSIC);
}

Test(recommend, sorting_map) {
    check_against_sorting(MAP);
}

Test(recommend, sorting_average) {
    check_against_sorting(AVERAGE);
}

Test(recommend, sorting_factor) {
    check_against_sorting(FACTOR);
}

/* The same ratings, users and items in reverse, and some of an item the model does not know. */
static mixfill_ratings *reverse(const mixfill_ratings *r) {
    mixfill_ratings *out = NULL;
    FILE *f = fopen("reverse.csv", "w");
    cr_assert_not_null(f);
    for (int32_t u = r->n_users - 1; u >= 0; u--) {
        fprintf(f, "%d,unknown,3\n", u);
        for (int64_t e = r->row_ptr[u + 1] - 1; e >= r->row_ptr[u]; e--)
            fprintf(f, "%d,%d,%g\n", u, r->col[e], mixfill_ratings_value(r, e));
    }
    fclose(f);
    cr_assert_eq(mixfill_ratings_load(&out, NULL, "reverse.csv", NULL, NULL), MIXFILL_OK);
    return out;
}

/* What is seen is matched by id. */
Test(recommend, seen_by_id) {
    mixfill_ratings *r = make_ratings(11, USERS), *other = reverse(r);
    mixfill_model *m = fit(r, MAP, true);
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.seen = r;
    lists *want = recommend(m, NULL, &o);
    o.seen = other;
    lists *got = recommend(m, NULL, &o);
    cr_expect_arr_eq(got, want, sizeof *want);
    mixfill_ranking by_index, by_id;
    mixfill_ratings *held = make_ratings(12, USERS);
    cr_assert_eq(
        mixfill_evaluate_ranking(m, &by_index, held, r, &(mixfill_run){.threads = 1}, NULL),
        MIXFILL_OK);
    cr_assert_eq(
        mixfill_evaluate_ranking(m, &by_id, held, other, &(mixfill_run){.threads = 3}, NULL),
        MIXFILL_OK);
    cr_expect(by_index.n_users > 0 && by_index.ndcg > 0);
    cr_expect_arr_eq(&by_index, &by_id, sizeof by_id);
    free(got);
    free(want);
    mixfill_ratings_free(held);
    mixfill_ratings_free(other);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* Any number of threads, and a user alone or in whatever company. */
Test(recommend, same_bits) {
    mixfill_ratings *r = make_ratings(6, USERS);
    mixfill_model *m = fit(r, AVERAGE, true);
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.seen = r;
    o.threads = 1;
    lists *want = recommend(m, NULL, &o);
    for (int32_t threads = 2; threads <= 7; threads += threads == 3 ? 4 : 1) {
        o.threads = threads;
        lists *got = recommend(m, NULL, &o);
        cr_expect_arr_eq(got, want, sizeof *want);
        free(got);
    }
    for (int32_t u = 0; u < USERS; u += 13) {
        char id[16];
        mixfill_users *users = NULL;
        cr_assert_eq(mixfill_users_create(&users, NULL), MIXFILL_OK);
        snprintf(id, sizeof id, "%d", u);
        cr_assert_eq(mixfill_users_add(users, id, false, NULL), MIXFILL_OK);
        lists *got = recommend(m, users, &o);
        cr_assert_eq(got->n_users, 1);
        cr_expect_arr_eq(got->item[0], want->item[u], sizeof got->item[0]);
        cr_expect_arr_eq(got->score[0], want->score[u], sizeof got->score[0]);
        free(got);
        mixfill_users_free(users);
    }
    free(want);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* Items alike in everything stand in their order, and who has seen all gets an empty list. */
Test(recommend, ties_and_nothing_left) {
    mixfill_rating cells[3 * 40];
    size_t n = 0;
    for (int32_t u = 0; u < 3; u++)
        for (int32_t j = 0; j < 40; j++)
            if (u != 2 || j >= 30)
                cells[n++] = (mixfill_rating){u, j, u == 2 ? 3 : 2 + u};
    mixfill_ratings *r = NULL;
    cr_assert_eq(mixfill_ratings_from_triplets(&r, cells, n, 3, 41, NULL), MIXFILL_OK);
    mixfill_options fit_options;
    mixfill_options_init_model(&fit_options, MIXFILL_MODEL_MAP);
    fit_options.n_components = 1;
    mixfill_model *m = NULL;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &fit_options, NULL), MIXFILL_OK);
    for (int risk = 0; risk < 2; risk++) {
        mixfill_recommend_options o;
        mixfill_recommend_options_init(&o);
        o.n = 12;
        o.seen = r;
        o.risk = risk;
        lists *all = calloc(1, sizeof *all);
        mixfill_recommend_report report;
        cr_assert_eq(mixfill_recommend(m, &report, NULL, &o, collect, all, NULL), MIXFILL_OK);
        cr_expect(report.n_users == 3 && report.n_short == 2 && report.n_items == 12);
        cr_expect(all->n[0] == 0 && all->n[1] == 0 && all->n[2] == 12);
        for (int32_t i = 0; i < 12; i++)
            cr_expect_eq(all->item[2][i], i);
        free(all);
    }
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* ---- folding in ---- */

/* Training rows give the bits of training: cells and lists. */
static void check_training_bits(kind k) {
    mixfill_ratings *r = make_ratings(7, USERS);
    mixfill_model *m = fit(r, k, true);
    mixfill_folded *folded = NULL;
    mixfill_folded_summary s;
    cr_assert_eq(mixfill_folded_create(&folded, m, r, 3, NULL), MIXFILL_OK);
    mixfill_folded_summarize(folded, &s);
    cr_expect(s.n_users == USERS && s.n_replaced == USERS && s.n_dropped == 0 &&
              s.n_ratings == mixfill_ratings_count(r));
    for (int u = 0; u < USERS; u += 7)
        for (int j = 0; j < ITEMS; j += 5) {
            char user[16], item[16];
            mixfill_prediction known, again;
            snprintf(user, sizeof user, "%d", u);
            snprintf(item, sizeof item, "%d", j);
            mixfill_predict(m, &known, user, item);
            mixfill_folded_predict(folded, &again, user, item);
            cr_assert(known.rating == again.rating && known.sd == again.sd && again.known_user);
        }
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.seen = r;
    lists *want = recommend(m, NULL, &o);
    o.folded = folded;
    o.seen = NULL;
    lists *got = recommend(m, NULL, &o);
    cr_expect_arr_eq(got, want, sizeof *want);
    free(got);
    free(want);
    mixfill_folded_free(folded);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(recommend, training_bits) {
    for (int k = 0; k < N_MIXTURES; k++)
        check_training_bits((kind)k);
}

/* New users of a model that holds none, who rated unknown items too or nothing else, and items in
 * another order. */
Test(recommend, new_users) {
    mixfill_ratings *r = make_ratings(8, USERS), *other = NULL;
    mixfill_model *m = fit(r, MAP, false);
    FILE *f = fopen("new.csv", "w");
    fputs("new,300,5\nnew,4,1\nnew,x,3\nnobody,y,4\n3,4,5\nnew,17,4\n3,0,2\n", f);
    fclose(f);
    cr_assert_eq(mixfill_ratings_load(&other, NULL, "new.csv", NULL, NULL), MIXFILL_OK);
    mixfill_folded *folded = NULL;
    mixfill_folded_summary s;
    cr_assert_eq(mixfill_folded_create(&folded, m, other, 1, NULL), MIXFILL_OK);
    mixfill_folded_summarize(folded, &s);
    cr_expect(s.n_users == 2 && s.n_replaced == 0 && s.n_strangers == 1 && s.n_dropped == 2 &&
              s.n_ratings == 5);
    mixfill_prediction p;
    mixfill_folded_predict(folded, &p, "new", "7");
    cr_expect(p.known_user && p.known_item);
    mixfill_folded_predict(folded, &p, "nobody", "7");
    cr_expect(!p.known_user);
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.folded = folded;
    o.n = ITEMS;
    lists *all = recommend(m, NULL, &o);
    cr_assert_eq(all->n_users, 3);
    static const char *const ids[] = {"new", "nobody", "3"};
    for (int32_t u = 0; u < 3; u++) {
        bool stranger = u == 1; /* who is not dropped, but gets the prior's list */
        mixfill_person person =
            stranger ? mixfill_person_unknown(m) : mixfill_people_at(&folded->fold, u);
        cr_expect_str_eq(all->user[u], ids[u]);
        cr_expect_eq(all->known[u], !stranger);
        check_list(m, all, u, &person, folded->rows, u, &o);
    }
    free(all);
    mixfill_users *users = NULL;
    cr_assert_eq(mixfill_users_create(&users, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_users_add(users, "nobody", false, NULL), MIXFILL_OK);
    all = recommend(m, users, &o);
    mixfill_person unknown = mixfill_person_unknown(m);
    cr_expect(all->n_users == 1 && !all->known[0]);
    check_list(m, all, 0, &unknown, NULL, 0, &o);
    free(all);
    mixfill_users_free(users);
    mixfill_folded_free(folded);
    mixfill_ratings_free(other);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* A known user's new ratings replace the old. */
/* `factor` hears ratings of unknown items too: a user who gave no others is folded in. */
Test(recommend, strangers_of_factor) {
    mixfill_ratings *r = make_ratings(8, USERS), *other = NULL;
    mixfill_model *m = fit(r, FACTOR, false);
    FILE *f = fopen("new.csv", "w");
    fputs("low,x,1\nhigh,x,5\n", f);
    fclose(f);
    cr_assert_eq(mixfill_ratings_load(&other, NULL, "new.csv", NULL, NULL), MIXFILL_OK);
    mixfill_folded *folded = NULL;
    mixfill_folded_summary s;
    cr_assert_eq(mixfill_folded_create(&folded, m, other, 1, NULL), MIXFILL_OK);
    mixfill_folded_summarize(folded, &s);
    cr_expect(s.n_users == 2 && s.n_strangers == 0 && s.n_dropped == 2 && s.n_ratings == 2);
    mixfill_prediction low, high;
    mixfill_folded_predict(folded, &low, "low", "7");
    mixfill_folded_predict(folded, &high, "high", "7");
    cr_expect(low.known_user && high.known_user && low.rating < high.rating);
    mixfill_folded_free(folded);
    mixfill_ratings_free(other);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

Test(recommend, replaced_user) {
    mixfill_ratings *r = make_ratings(9, USERS), *other = NULL;
    mixfill_model *m = fit(r, MAP, true);
    const mixfill_rating cells[] = {{2, 5, 5}, {2, 6, 5}, {2, 7, 1}};
    cr_assert_eq(mixfill_ratings_from_triplets(&other, cells, 3, 4, ITEMS, NULL), MIXFILL_OK);
    mixfill_folded *folded = NULL;
    mixfill_folded_summary s;
    cr_assert_eq(mixfill_folded_create(&folded, m, other, 1, NULL), MIXFILL_OK);
    mixfill_folded_summarize(folded, &s);
    cr_expect(s.n_users == 1 && s.n_replaced == 1);
    mixfill_prediction before, after;
    mixfill_predict(m, &before, "2", "9");
    mixfill_folded_predict(folded, &after, "2", "9");
    cr_expect_neq(before.rating, after.rating);
    mixfill_predict(m, &before, "1", "9"); /* a row without ratings replaces nothing */
    mixfill_folded_predict(folded, &after, "1", "9");
    cr_expect(before.rating == after.rating && after.known_user);
    mixfill_folded_free(folded);
    mixfill_ratings_free(other);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* ---- options, errors, files ---- */

Test(recommend, options) {
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    cr_expect(o.n == 10 && o.risk == 0 && o.seen == NULL && o.folded == NULL && o.threads == 0);
    cr_expect_eq(mixfill_recommend_options_validate(&o, NULL), MIXFILL_OK);
    static const double bad_risks[] = {-0.1, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < 3; i++) {
        mixfill_error err;
        mixfill_recommend_options_init(&o);
        o.risk = bad_risks[i];
        cr_expect_eq(mixfill_recommend_options_validate(&o, &err), MIXFILL_ERR_ARG);
        cr_expect_not_null(strstr(err.message, "risk"));
    }
    mixfill_recommend_options_init(&o);
    o.n = 0;
    cr_expect_eq(mixfill_recommend_options_validate(&o, NULL), MIXFILL_ERR_ARG);
    o.n = 1;
    o.threads = -1;
    cr_expect_eq(mixfill_recommend_options_validate(&o, NULL), MIXFILL_ERR_ARG);
    o.threads = 1;
    o.struct_size--;
    cr_expect_eq(mixfill_recommend_options_validate(&o, NULL), MIXFILL_ERR_ARG);
}

static int stop_at_third(const mixfill_recommendation *r, void *data) {
    (void)r;
    return ++*(int *)data == 3;
}

static int stop_progress(int64_t done, int64_t total, void *data) {
    cr_expect(done > 0 && done <= total && total == USERS);
    return ++*(int *)data;
}

Test(recommend, errors) {
    mixfill_ratings *r = make_ratings(10, USERS);
    mixfill_model *m = fit(r, MAP, true), *anonymous = fit(r, MAP, false);
    mixfill_recommend_options o;
    mixfill_error err;
    int calls = 0;
    cr_expect_eq(mixfill_recommend(m, NULL, NULL, NULL, stop_at_third, &calls, &err),
                 MIXFILL_ERR_CANCELLED);
    cr_expect_eq(calls, 3);
    cr_expect_not_null(strstr(err.message, "user '2'"));
    mixfill_recommend_options_init(&o);
    calls = 0;
    o.progress = stop_progress;
    o.progress_data = &calls;
    cr_expect_eq(mixfill_recommend(m, NULL, NULL, &o, NULL, NULL, NULL), MIXFILL_ERR_CANCELLED);
    cr_expect_eq(calls, 1);
    cr_expect_eq(mixfill_recommend(anonymous, NULL, NULL, NULL, NULL, NULL, &err), MIXFILL_ERR_DIM);
    cr_expect_not_null(strstr(err.message, "expected folded ones"));
    mixfill_recommend_options_init(&o);
    mixfill_folded *folded = NULL;
    cr_assert_eq(mixfill_folded_create(&folded, anonymous, r, 1, NULL), MIXFILL_OK);
    o.folded = folded;
    cr_expect_eq(mixfill_recommend(m, NULL, NULL, &o, NULL, NULL, &err), MIXFILL_ERR_ARG);
    mixfill_folded_free(folded);
    mixfill_model_free(anonymous);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

static char *read_text(const char *name) {
    FILE *f = fopen(name, "rb");
    cr_assert_not_null(f);
    char *text = calloc(1, 1 << 20);
    fread(text, 1, (1 << 20) - 1, f);
    fclose(f);
    return text;
}

static void write_text(const char *name, const char *text) {
    FILE *f = fopen(name, "wb");
    cr_assert(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* Constant ratings, which are predicted as they are. */
Test(recommend, csv) {
    write_text("r.csv", "\"a, b\",x,4\n\"a, b\",y,4\nc,x,4\nc,\"z\"\"1\",4\n");
    write_text("movies.csv", "movieId,title\nx,\"One, \"\"two\"\"\"\ny,Three\n");
    mixfill_ratings *r = NULL;
    mixfill_titles *titles = NULL;
    mixfill_recommend_options o;
    mixfill_recommend_report report;
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "r.csv", NULL, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_titles_load(&titles, "movies.csv", false, NULL), MIXFILL_OK);
    mixfill_options fit_options;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&fit_options, MIXFILL_MODEL_CLASSIC);
    fit_options.n_components = 1;
    fit_options.min_var = 0.25;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &fit_options, NULL), MIXFILL_OK);
    mixfill_recommend_options_init(&o);
    o.seen = r;
    cr_assert_eq(mixfill_recommend_csv(m, &report, NULL, &o, "o.csv", NULL), MIXFILL_OK);
    char *text = read_text("o.csv");
    cr_expect_str_eq(text, "user,rank,item,rating,sd,score,known_user\n"
                           "\"a, b\",1,\"z\"\"1\",4.00,0.50,4.00,1\n"
                           "c,1,y,4.00,0.50,4.00,1\n");
    free(text);
    o.seen = NULL;
    o.titles = titles;
    o.digits = MIXFILL_DIGITS_FULL;
    o.risk = 2;
    cr_assert_eq(mixfill_recommend_csv(m, &report, NULL, &o, "o.csv", NULL), MIXFILL_OK);
    text = read_text("o.csv");
    cr_expect_not_null(strstr(text, "user,rank,item,rating,sd,score,title,known_user\n"
                                    "\"a, b\",1,x,4,0.5,3,\"One, \"\"two\"\"\",1\n"
                                    "\"a, b\",2,y,4,0.5,3,Three,1\n"
                                    "\"a, b\",3,\"z\"\"1\",4,0.5,3,,1\n"));
    free(text);
    mixfill_error err;
    cr_expect_eq(mixfill_recommend_csv(m, NULL, NULL, &o, "/dev/full", &err), MIXFILL_ERR_IO);
    o.n = 0;
    cr_expect_eq(mixfill_recommend_csv(m, NULL, NULL, &o, "new.csv", &err), MIXFILL_ERR_ARG);
    cr_expect_null(fopen("new.csv", "r"));
    mixfill_titles_free(titles);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
}

/* ---- lists of users ---- */

Test(recommend, users) {
    mixfill_users *users = NULL;
    mixfill_error err;
    cr_assert_eq(mixfill_users_create(&users, NULL), MIXFILL_OK);
    write_text("plain", "\xef\xbb\xbf"
                        "7\r\n\r\n\"a, b\"\r\n7\r\n");
    write_text("header", "age,User_ID\n3,8\n4,7\n");
    cr_expect_eq(mixfill_users_load(users, "plain", false, NULL), MIXFILL_OK);
    cr_expect(mixfill_users_count(users) == 2 && mixfill_users_repeated(users) == 1);
    cr_expect_eq(mixfill_users_load(users, "header", false, NULL), MIXFILL_OK);
    cr_expect(mixfill_users_count(users) == 3 && mixfill_users_repeated(users) == 2);
    write_text("cr", "\xef\xbb\xbfuserId\r7\r8\r");
    cr_expect_eq(mixfill_users_load(users, "cr", false, NULL), MIXFILL_OK);
    cr_expect(mixfill_users_count(users) == 3 && mixfill_users_repeated(users) == 4);
    cr_expect_eq(mixfill_users_add(users, "007", true, NULL), MIXFILL_OK);
    cr_expect(mixfill_users_count(users) == 3 && mixfill_users_repeated(users) == 5);
    cr_expect_eq(mixfill_users_add(users, "", false, &err), MIXFILL_ERR_ARG);
    cr_expect_eq(mixfill_users_add(users, "x", true, &err), MIXFILL_ERR_ARG);
    char long_id[300];
    memset(long_id, 'x', sizeof long_id - 1);
    long_id[sizeof long_id - 1] = '\0';
    cr_expect_eq(mixfill_users_add(users, long_id, false, &err), MIXFILL_ERR_ARG);
    static const struct {
        const char *text;
        int64_t line;
    } bad[] = {{"", 0}, {"userId\n", 0}, {"1\n2,3\n", 2}, {"1\n\"2\n", 2}, {"a,b\n,c\n", 2}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err = (mixfill_error){.line = -1};
        write_text("bad", bad[i].text);
        cr_expect_eq(mixfill_users_load(users, "bad", false, &err), MIXFILL_ERR_PARSE);
        cr_expect_eq(err.line, bad[i].line, "case %zu: %s", i, err.message);
    }
    cr_expect_eq(mixfill_users_load(users, "absent", false, NULL), MIXFILL_ERR_IO);
    mixfill_users_free(users);
    mixfill_users_free(NULL);
}

/* ---- out of memory ---- */

static mixfill_status all_of_it(const mixfill_model *m, const mixfill_ratings *r) {
    mixfill_folded *folded = NULL;
    mixfill_users *users = NULL;
    mixfill_status st;
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.threads = 2;
    o.seen = r;
    MIXFILL_TRY(mixfill_users_create(&users, NULL));
    MIXFILL_TRY(mixfill_users_add(users, "5", false, NULL));
    MIXFILL_TRY(mixfill_folded_create(&folded, m, r, 2, NULL));
    o.folded = folded;
    MIXFILL_TRY(mixfill_recommend_csv(m, NULL, users, &o, "o.csv", NULL));
    MIXFILL_TRY(mixfill_recommend(m, NULL, NULL, &o, NULL, NULL, NULL));
    mixfill_ranking ranking;
    MIXFILL_TRY(mixfill_evaluate_ranking(m, &ranking, r, r, &(mixfill_run){.threads = 2}, NULL));
done:
    mixfill_folded_free(folded);
    mixfill_users_free(users);
    return st;
}

Test(recommend, out_of_memory) {
    write_text("r.csv", "1,b,3\n1,a,4\n2,a,5\n5,b,2\n5,c,4\n");
    write_text("s.csv", "1,c,3\n5,a,4\n5,d,4\n");
    mixfill_ratings *r = NULL, *s = NULL;
    cr_assert_eq(mixfill_ratings_load(&r, NULL, "r.csv", NULL, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_ratings_load(&s, NULL, "s.csv", NULL, NULL), MIXFILL_OK);
    mixfill_options o;
    mixfill_model *m = NULL;
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = 2;
    cr_assert_eq(mixfill_fit(&m, NULL, r, &o, NULL), MIXFILL_OK);
    int64_t live = mixfill_alloc_live, budget = 0;
    mixfill_status st = MIXFILL_ERR_NOMEM;
    for (; st == MIXFILL_ERR_NOMEM && budget < 1000; budget++) {
        mixfill_alloc_budget = budget;
        st = all_of_it(m, s);
        mixfill_alloc_budget = -1;
        cr_assert_eq(mixfill_alloc_live, live);
    }
    cr_expect_eq(st, MIXFILL_OK);
    cr_expect_gt(budget, 40);
    mixfill_model_free(m);
    mixfill_ratings_free(r);
    mixfill_ratings_free(s);
}
