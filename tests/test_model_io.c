/* Model files: round trips to the bit, the same bytes for the same model, damaged files. */
#include "file/npz.h"
#include "kinds.h"
#include "mixture/mixtures.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 3, D = 4, K = 2, MAX_FILE = 1 << 14 };

static char folder[64], path[80], other_path[80];

static void enter_folder(void) {
    strcpy(folder, "/tmp/mixfill-model-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/model.npz", folder);
    snprintf(other_path, sizeof other_path, "%s/other.npz", folder);
}

static void leave_folder(void) {
    unlink(path);
    unlink(other_path);
    cr_expect_eq(rmdir(folder), 0);
    cr_expect_eq(mixfill_alloc_live, 0);
}

TestSuite(model_io, .init = enter_folder, .fini = leave_folder);

static void fill(double *x, size_t n, double first) {
    for (size_t i = 0; i < n; i++)
        x[i] = first + (double)i / 7.0;
}

static void set_ids(mixfill_ids *ids, const char *const *names, int32_t n) {
    for (int32_t i = 0; i < n; i++) {
        int32_t index;
        cr_assert_eq(mixfill_ids_intern(ids, &index, names[i], strlen(names[i])), MIXFILL_OK);
    }
}

static const char *const number_names[] = {"31", "-9223372036854775808", "7", "0"};
static const char *const text_names[] = {"007", "b", "caf\xC3\xA9", "a longer one"};

/* A model of these options with all its arrays, zeroed. */
static mixfill_model *empty(const mixfill_options *o, int32_t n_users, int32_t n_items,
                            bool with_users) {
    const mixfill_kind *kind = mixfill_kind_of(o);
    mixfill_model *m = mixfill_model_create(kind, o, n_users, n_items, with_users);
    cr_assert_not_null(m);
    const mixfill_shape shape = mixfill_shape_of(kind, o, n_users, n_items);
    m->params = mixfill_params_create(&shape, (mixfill_scope){with_users, true});
    cr_assert_not_null(m->params);
    return m;
}

/* item_names: NULL for ids by index. */
static mixfill_model *sample(bool with_users, const char *const *item_names, bool notebook) {
    mixfill_options o;
    mixfill_options_init_model(&o, MIXFILL_MODEL_CLASSIC);
    o.notebook = notebook;
    o.n_components = K;
    o.seed = UINT32_MAX;
    o.n_init = 2;
    o.max_iter = 199;
    o.min_var = 0.2;
    o.min_support = 1.5;
    mixfill_model *m = empty(&o, N, D, with_users);
    const mixfill_mixtures *p = mixfill_mixtures_of(m);
    p->weight[0] = 1.0 / 3.0;
    p->weight[1] = 1.0 - p->weight[0];
    for (size_t j = 0; j < D; j++)
        fill(p->mu + j * p->kp, K, (double)j / 3.0);
    fill(p->var, K, 0.1);
    fill(m->item_mean, D, 1.0);
    fill(m->item_bias, D, -1.0);
    m->global_mean = 10.0 / 3.0;
    m->global_sd = 0.7;
    m->rating_range[0] = 0.5;
    m->rating_range[1] = 5.0;
    m->n_ratings = INT64_C(5000000000);
    m->iterations = 3;
    m->log_likelihood = mixfill_alloc(3, sizeof *m->log_likelihood);
    fill(m->log_likelihood, 3, -1234.5678901234567);
    for (int32_t j = 0; j < D; j++)
        m->item_count[j] = j;
    if (item_names != NULL)
        set_ids(&m->item_ids, item_names, D);
    else
        mixfill_ids_init_by_index(&m->item_ids, D, 0);
    if (!with_users)
        return m;
    for (size_t u = 0; u < N; u++)
        memcpy(p->resp + u * K, p->weight, K * sizeof *p->resp);
    fill(m->user_mean, N, 2.0);
    fill(m->user_bias, N, -2.0);
    m->user_count[0] = INT32_MAX;
    set_ids(&m->user_ids, number_names, N);
    return m;
}

static bool same_doubles(const double *a, const double *b, size_t n) {
    return memcmp(a, b, n * sizeof *a) == 0;
}

static void expect_same_ids(const mixfill_ids *a, const mixfill_ids *b) {
    char buffer_a[MIXFILL_ID_BUFFER], buffer_b[MIXFILL_ID_BUFFER];
    cr_assert_eq(a->n, b->n);
    cr_expect_eq(a->by_index, b->by_index);
    for (int32_t i = 0; i < a->n; i++)
        cr_expect_str_eq(mixfill_ids_get(a, i, buffer_a), mixfill_ids_get(b, i, buffer_b));
}

static void expect_same(const mixfill_model *a, const mixfill_model *b) {
    cr_assert(a->n_users == b->n_users && a->n_items == b->n_items);
    cr_assert_eq(a->kind, b->kind);
    const mixfill_mixtures *p = mixfill_mixtures_of(a), *q = mixfill_mixtures_of(b);
    const mixfill_options *o = &a->options, *read = &b->options;
    cr_assert(p->n_components == q->n_components && p->kp == q->kp);
    cr_expect_eq(o->notebook, read->notebook);
    cr_expect(same_doubles(p->weight, q->weight, K));
    cr_expect(same_doubles(p->mu, q->mu, D * p->kp));
    cr_expect(same_doubles(p->var, q->var, K));
    cr_expect(same_doubles(a->item_mean, b->item_mean, D));
    cr_expect(same_doubles(a->item_bias, b->item_bias, D));
    cr_expect_eq(memcmp(a->item_count, b->item_count, D * sizeof *a->item_count), 0);
    cr_expect(a->global_mean == b->global_mean && a->global_sd == b->global_sd);
    cr_expect(same_doubles(a->rating_range, b->rating_range, 2));
    cr_expect_eq(a->n_ratings, b->n_ratings);
    cr_expect(o->seed == read->seed && o->n_init == read->n_init);
    cr_expect(o->max_iter == read->max_iter && o->tol == read->tol);
    cr_expect(o->min_var == read->min_var && o->min_support == read->min_support);
    cr_assert_eq(a->iterations, b->iterations);
    cr_expect(same_doubles(a->log_likelihood, b->log_likelihood, (size_t)a->iterations));
    expect_same_ids(&a->item_ids, &b->item_ids);
    cr_assert_eq(mixfill_model_has_users(a), mixfill_model_has_users(b));
    cr_assert_eq(p->resp == NULL, q->resp == NULL);
    if (!mixfill_model_has_users(a))
        return;
    cr_expect(same_doubles(p->resp, q->resp, N * K));
    cr_expect(same_doubles(a->user_mean, b->user_mean, N));
    cr_expect(same_doubles(a->user_bias, b->user_bias, N));
    cr_expect_eq(memcmp(a->user_count, b->user_count, N * sizeof *a->user_count), 0);
    expect_same_ids(&a->user_ids, &b->user_ids);
}

static size_t get_bytes(const char *from, char *bytes) {
    FILE *f = fopen(from, "rb");
    cr_assert_not_null(f);
    size_t len = fread(bytes, 1, MAX_FILE, f);
    fclose(f);
    return len;
}

static void put_bytes(const char *bytes, size_t len) {
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(bytes, 1, len, f), len);
    fclose(f);
}

static void expect_round_trip(mixfill_model *m) {
    static char first[MAX_FILE], second[MAX_FILE];
    mixfill_error err = {0};
    mixfill_model *loaded = NULL;
    cr_assert_eq(mixfill_model_save(m, path, &err), MIXFILL_OK, "%s", err.message);
    cr_assert_eq(mixfill_model_load(&loaded, path, &err), MIXFILL_OK, "%s", err.message);
    expect_same(m, loaded);
    cr_assert_eq(mixfill_model_save(loaded, other_path, &err), MIXFILL_OK);
    size_t len = get_bytes(path, first);
    cr_expect_eq(len, get_bytes(other_path, second));
    cr_expect_eq(memcmp(first, second, len), 0);
    mixfill_model_free(loaded);
    void *bytes = NULL;
    size_t size = 0;
    cr_assert_eq(mixfill_model_save_to_memory(m, &bytes, &size, &err), MIXFILL_OK);
    cr_expect(size == len && memcmp(first, bytes, len) == 0, "as in the file");
    cr_assert_eq(mixfill_model_load_from_memory(&loaded, bytes, size, &err), MIXFILL_OK);
    mixfill_bytes_free(bytes); /* not needed any more */
    expect_same(m, loaded);
    mixfill_model_free(loaded);
    mixfill_model_free(m);
}

Test(model_io, round_trip) {
    expect_round_trip(sample(true, NULL, false));
    expect_round_trip(sample(true, number_names, false));
    expect_round_trip(sample(true, text_names, false));
}

Test(model_io, round_trip_without_users_and_with_notebook) {
    mixfill_model *m = sample(false, text_names, true);
    m->iterations = 0;
    expect_round_trip(m);
}

Test(model_io, every_truncation_is_an_error) {
    static char bytes[MAX_FILE];
    mixfill_model *m = sample(true, text_names, false), *loaded = NULL;
    cr_assert_eq(mixfill_model_save(m, path, NULL), MIXFILL_OK);
    mixfill_model_free(m);
    size_t len = get_bytes(path, bytes);
    for (size_t cut = 0; cut < len; cut++) {
        mixfill_error err = {0};
        put_bytes(bytes, cut);
        cr_expect_neq(mixfill_model_load(&loaded, path, &err), MIXFILL_OK, "cut at %zu", cut);
        cr_expect_eq(strncmp(err.message, path, strlen(path)), 0, "'%s'", err.message);
        cr_expect_neq(mixfill_model_load_from_memory(&loaded, bytes, cut, &err), MIXFILL_OK);
        cr_expect_eq(strncmp(err.message, "(memory): ", 10), 0, "'%s'", err.message);
    }
}

/* Far beyond the first piece of memory, and with every byte as the file has it. */
Test(model_io, a_large_model_in_memory) {
    enum { ITEMS = 50000 };
    mixfill_options o;
    mixfill_options_init_model(&o, MIXFILL_MODEL_CLASSIC);
    o.n_components = 3;
    mixfill_model *m = empty(&o, 1, ITEMS, false);
    const mixfill_mixtures *p = mixfill_mixtures_of(m);
    void *bytes = NULL;
    size_t size = 0;
    for (size_t i = 0; i < 3; i++) {
        p->weight[i] = 1.0 / 3;
        p->var[i] = 1;
    }
    fill(m->item_mean, ITEMS, 1.0);
    m->global_sd = m->rating_range[1] = 1;
    m->n_ratings = 1;
    mixfill_ids_init_by_index(&m->item_ids, ITEMS, 0);
    cr_assert_eq(mixfill_model_save_to_memory(m, &bytes, &size, NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_model_save(m, path, NULL), MIXFILL_OK);
    char *file = calloc(size + 1, 1);
    FILE *f = fopen(path, "rb");
    cr_expect_gt(size, 1 << 20);
    cr_expect_eq(fread(file, 1, size + 1, f), size);
    cr_expect_eq(memcmp(file, bytes, size), 0);
    fclose(f);
    free(file);
    mixfill_bytes_free(bytes);
    mixfill_model_free(m);
}

Test(model_io, out_of_memory_at_every_allocation) {
    mixfill_model *m = sample(true, text_names, false), *loaded = NULL;
    int64_t live = mixfill_alloc_live;
    for (int64_t budget = 0; loaded == NULL; budget++) {
        mixfill_alloc_budget = budget;
        mixfill_status st = mixfill_model_save(m, path, NULL);
        if (st == MIXFILL_OK)
            st = mixfill_model_load(&loaded, path, NULL);
        mixfill_alloc_budget = -1;
        cr_assert(st == MIXFILL_ERR_NOMEM || loaded != NULL);
        cr_assert(loaded != NULL || mixfill_alloc_live == live);
        cr_assert_lt(budget, 500);
    }
    expect_same(m, loaded);
    mixfill_model_free(loaded);
    mixfill_model_free(m);
}

Test(model_io, out_of_memory_in_memory) {
    mixfill_model *m = sample(true, text_names, false), *loaded = NULL;
    int64_t live = mixfill_alloc_live;
    for (int64_t budget = 0; loaded == NULL; budget++) {
        void *bytes = NULL;
        size_t size = 0;
        mixfill_alloc_budget = budget;
        mixfill_status st = mixfill_model_save_to_memory(m, &bytes, &size, NULL);
        cr_assert_eq(st == MIXFILL_OK, bytes != NULL);
        if (st == MIXFILL_OK)
            st = mixfill_model_load_from_memory(&loaded, bytes, size, NULL);
        mixfill_alloc_budget = -1;
        mixfill_bytes_free(bytes);
        cr_assert(st == MIXFILL_ERR_NOMEM || loaded != NULL);
        cr_assert(loaded != NULL || mixfill_alloc_live == live);
        cr_assert_lt(budget, 500);
    }
    expect_same(m, loaded);
    mixfill_model_free(loaded);
    mixfill_model_free(m);
}

/* ---- archives made by hand ---- */

static const char good_meta[] =
    "{\"format\": \"mixfill-model\", \"format_version\": 1, \"model\": \"classic\","
    " \"compat\": null, \"n_users\": 3, \"n_items\": 1, \"n_components\": 1, \"n_ratings\": 2,"
    " \"options\": {\"seed\": 1, \"n_init\": 1, \"tol\": 1e-6, \"max_iter\": 200, \"min_var\": 0.1,"
    " \"min_support\": 1}, \"history\": [{\"iteration\": 1, \"log_likelihood\": -1.5}]}";

/* A model of one component without users; id: n_ids strings of `width` bytes. */
typedef struct crafted {
    const char *meta;
    int64_t n_items; /* of the arrays, at most 2 */
    double weight;
    const char *id;
    size_t width;
    int64_t n_ids;
    const char *of_users; /* one more member, of the three users; NULL: none */
} crafted;

static mixfill_status load_crafted(const crafted *c, mixfill_error *err) {
    static const double values[3] = {1.0, 2.0, 1.0};
    static const int32_t count[2] = {2, 0};
    const mixfill_npy_shape one = {1, {1}}, scalar = {0}, two = {1, {2}};
    const mixfill_npy_shape mu = {2, {1, c->n_items}}, items = {1, {c->n_items}};
    const mixfill_npy_shape ids = {1, {c->n_ids}};
    mixfill_npz_writer *w = NULL;
    mixfill_model *m = NULL;
    mixfill_status st;
    MIXFILL_TRY(mixfill_npz_writer_open(&w, path, err));
    if (c->meta != NULL)
        MIXFILL_TRY(mixfill_npz_add_raw(w, "meta.json", c->meta, strlen(c->meta), err));
    MIXFILL_TRY(mixfill_npz_add(w, "weight", MIXFILL_NPY_FLOAT64, 0, one, &c->weight, err));
    MIXFILL_TRY(mixfill_npz_add(w, "mu", MIXFILL_NPY_FLOAT64, 0, mu, values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "item_ids", MIXFILL_NPY_BYTES, c->width, ids, c->id, err));
    MIXFILL_TRY(mixfill_npz_add(w, "var", MIXFILL_NPY_FLOAT64, 0, one, values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "item_mean", MIXFILL_NPY_FLOAT64, 0, items, values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "item_bias", MIXFILL_NPY_FLOAT64, 0, items, values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "item_count", MIXFILL_NPY_INT32, 0, items, count, err));
    MIXFILL_TRY(mixfill_npz_add(w, "global_mean", MIXFILL_NPY_FLOAT64, 0, scalar, values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "global_sd", MIXFILL_NPY_FLOAT64, 0, scalar, values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "rating_range", MIXFILL_NPY_FLOAT64, 0, two, values, err));
    if (c->of_users != NULL)
        MIXFILL_TRY(mixfill_npz_add(w, c->of_users, MIXFILL_NPY_FLOAT64, 0,
                                    (mixfill_npy_shape){1, {3}}, values, err));
    st = mixfill_npz_writer_close(w, err);
    w = NULL;
    if (st == MIXFILL_OK)
        st = mixfill_model_load(&m, path, err);
    mixfill_model_free(m);
done:
    mixfill_npz_writer_abandon(w);
    return st;
}

static void expect_refused(const crafted *c, mixfill_status status, const char *message) {
    mixfill_error err;
    memset(&err, 'x', sizeof err);
    cr_expect_eq(load_crafted(c, &err), status);
    cr_assert_eq(strncmp(err.message, path, strlen(path)), 0);
    cr_expect_not_null(strstr(err.message, message), "'%s' lacks '%s'", err.message, message);
    cr_expect_null(strchr(err.message, '\n'));
}

Test(model_io, refuses_what_does_not_fit) {
    crafted c = {good_meta, 1, 1.0, "x", 1, 1, NULL};
    mixfill_error err = {0};
    cr_assert_eq(load_crafted(&c, &err), MIXFILL_OK, "%s", err.message);
    c.meta = NULL;
    expect_refused(&c, MIXFILL_ERR_PARSE, ": not a mixfill model (no member meta.json)");
    c = (crafted){good_meta, 2, 1.0, "x", 1, 1, NULL};
    expect_refused(&c, MIXFILL_ERR_PARSE, ": member mu.npy: its shape");
    c = (crafted){good_meta, 1, 0.5, "x", 1, 1, NULL};
    expect_refused(&c, MIXFILL_ERR_PARSE, "weight");
    c = (crafted){good_meta, 1, 1.0, "xy", 1, 2, NULL};
    expect_refused(&c, MIXFILL_ERR_PARSE, ": member item_ids.npy: 2 ids, 1 were expected");
}

/* What belongs to users is there as a whole or not at all. */
Test(model_io, refuses_half_of_the_users) {
    crafted c = {good_meta, 1, 1.0, "x", 1, 1, "user_mean"};
    expect_refused(&c, MIXFILL_ERR_PARSE, "member user_bias.npy");
    c.of_users = "user_bias";
    expect_refused(&c, MIXFILL_ERR_PARSE, "member user_mean.npy");
    c.of_users = "resp";
    expect_refused(&c, MIXFILL_ERR_PARSE, "member user_mean.npy");
    c.of_users = "user_ids";
    expect_refused(&c, MIXFILL_ERR_PARSE, "member user_mean.npy");
}

/* good_meta with one piece of text replaced. */
static void expect_meta_refused(const char *from, const char *to, mixfill_status status,
                                const char *message) {
    char meta[sizeof good_meta + 128];
    const char *at = strstr(good_meta, from);
    cr_assert_not_null(at, "%s", from);
    snprintf(meta, sizeof meta, "%.*s%s%s", (int)(at - good_meta), good_meta, to,
             at + strlen(from));
    crafted c = {meta, 1, 1.0, "x", 1, 1, NULL};
    expect_refused(&c, status, message);
}

Test(model_io, refuses_bad_metadata) {
    const mixfill_status parse = MIXFILL_ERR_PARSE, unsupported = MIXFILL_ERR_UNSUPPORTED;
    expect_meta_refused("\"format_version\": 1", "\"format_version\": 7", unsupported,
                        ": model format version 7, this program reads version 1");
    expect_meta_refused("\"classic\"", "\"other\"", unsupported, "model kind 'other'");
    expect_meta_refused("\"classic\"", "\"map\"", parse, "'prior_strength'");
    expect_meta_refused("\"max_iter\": 200", "\"max_iter\": 0", parse, "'max_iter'");
    expect_meta_refused("\"min_var\": 0.1", "\"min_var\": 0", parse, "'min_var'");
    expect_meta_refused("\"mixfill-model\"", "\"x\"", parse, "'format'");
    expect_meta_refused("\"mixfill-model\"", "1", parse, "'format'");
    expect_meta_refused("}]}", "}]", parse, "not JSON");
    expect_meta_refused("null", "\"x\"", parse, "'compat'");
    expect_meta_refused("\"n_users\": 3", "\"n_users\": 0", parse, "n_users");
    expect_meta_refused("\"n_users\": 3", "\"n_users\": 2147483648", parse, "'n_users'");
    expect_meta_refused("\"n_items\": 1", "\"n_items\": 2147483647", parse, "mu.npy");
    expect_meta_refused("\"n_items\": 1", "\"n_items\": 1.0", parse, "'n_items'");
    expect_meta_refused("\"n_ratings\": 2", "\"n_ratings\": -2", parse, "'n_ratings'");
    expect_meta_refused("\"seed\": 1", "\"seed\": 4294967296", parse, "'seed'");
    expect_meta_refused("\"seed\": 1", "\"seed\": 1, \"seed\": 1", parse, "not JSON");
    expect_meta_refused("\"options\"", "\"option\"", parse, "'options'");
    expect_meta_refused("1e-6", "\"1e-6\"", parse, "'tol'");
    expect_meta_refused("1e-6", "1e999", parse, "not JSON");
    expect_meta_refused("[{", "{\"x\": {", parse, "not JSON");
    expect_meta_refused("\"history\"", "\"histories\"", parse, "'history'");
    expect_meta_refused("\"iteration\": 1", "\"iteration\": 2", parse, "'iteration'");
    expect_meta_refused("-1.5", "null", parse, "'log_likelihood'");
}

Test(model_io, refuses_bad_ids) {
    char meta[sizeof good_meta], longer[257] = {0};
    strcpy(meta, good_meta);
    memset(longer, 'x', 256);
    crafted c = {good_meta, 1, 1.0, longer, 256, 1, NULL};
    expect_refused(&c, MIXFILL_ERR_PARSE, "id 0 is longer than 255 bytes");
    strstr(meta, "\"n_items\": 1")[11] = '2';
    c = (crafted){meta, 2, 1.0, "a\0b", 2, 2, NULL};
    mixfill_error err = {0};
    cr_assert_eq(load_crafted(&c, &err), MIXFILL_OK, "%s", err.message);
    c = (crafted){meta, 2, 1.0, "aa", 1, 2, NULL};
    expect_refused(&c, MIXFILL_ERR_PARSE, "id 1 is a repeated one");
    c = (crafted){meta, 2, 1.0, "a", 1, 2, NULL};
    expect_refused(&c, MIXFILL_ERR_PARSE, "id 1 is empty");
}
