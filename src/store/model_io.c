/* Model files: an .npz with one member per array and a meta.json. */
#include "file/npz.h"
#include "model/model.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_VERSION = 1, MAX_FIELDS = 26, JSON_DIGITS = 17 };

static const char FORMAT_NAME[] = "mixfill-model";
static const char MEMORY_NAME[] = "(memory)";

/* An array that lies in the model as it lies in the file. */
typedef struct field {
    const char *name;
    mixfill_npy_type type;
    mixfill_npy_shape shape;
    void *data;
} field;

static mixfill_npy_shape vector(int64_t n) {
    return (mixfill_npy_shape){1, {n}};
}

static mixfill_npy_shape matrix(int64_t rows, int64_t cols) {
    return (mixfill_npy_shape){2, {rows, cols}};
}

/* The shape of an array that every mixture has: with `average` a row for each. */
static mixfill_npy_shape of_mixtures(const mixfill_model *m, mixfill_npy_shape one) {
    mixfill_npy_shape all = {one.n_dims + 1, {m->n_mixtures}};
    for (int32_t i = 0; i < one.n_dims; i++)
        all.dim[i + 1] = one.dim[i];
    return m->average ? all : one;
}

static size_t list_factors(field *out, mixfill_factors *f) {
    const mixfill_npy_type f8 = MIXFILL_NPY_FLOAT64;
    const int64_t q = f->rank, moments = q + 1, users = f->n_users, items = f->n_items;
    const int64_t size = (int64_t)mixfill_packed((size_t)moments), cov = size - moments;
    const field all[] = {{"scale", f8, vector(3), f->scale},
                         {"w", f8, matrix(items, moments), f->w},
                         {"w_cov", f8, matrix(items, size), f->w_cov},
                         {"v", f8, vector(items), f->v},
                         {"y", f8, matrix(items, q), f->y},
                         {"xi", f8, vector(q), f->xi},
                         {"omega", f8, matrix(q, q), f->omega},
                         {"m", f8, vector(moments), f->m},
                         {"phi", f8, matrix(moments, moments), f->phi},
                         {"user_factor", f8, matrix(users, q), f->user_factor},
                         {"user_cov", f8, matrix(users, cov), f->user_cov},
                         {"user_scale", f8, vector(users), f->user_scale}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].data != NULL)
            out[n++] = all[i];
    return n;
}

/* Every such array but resp that the model has, in file order; range (2) stands in for rating_min
 * and rating_max. Returns how many there are. */
static size_t list_fields(field out[MAX_FIELDS], mixfill_model *m, double *range) {
    const mixfill_npy_type f8 = MIXFILL_NPY_FLOAT64, i4 = MIXFILL_NPY_INT32;
    const mixfill_npy_shape scalar = {0}, users = vector(m->n_users), items = vector(m->n_items);
    const mixfill_npy_shape weights = of_mixtures(m, vector(m->n_components));
    const mixfill_npy_shape vars = of_mixtures(m, vector((int64_t)mixfill_model_n_var(m)));
    const field all[] = {{"weight", f8, weights, m->weight},
                         {"var", f8, vars, m->var},
                         {"global_mean", f8, scalar, &m->global_mean},
                         {"global_sd", f8, scalar, &m->global_sd},
                         {"rating_range", f8, vector(2), range},
                         {"item_mean", f8, items, m->item_mean},
                         {"item_bias", f8, items, m->item_bias},
                         {"item_count", i4, items, m->item_count},
                         {"user_mean", f8, users, m->user_mean},
                         {"user_bias", f8, users, m->user_bias},
                         {"user_count", i4, users, m->user_count},
                         {"noise_mean", f8, of_mixtures(m, scalar), m->noise_mean},
                         {"offset_item", f8, items, m->offset_item},
                         {"offset_user", f8, users, m->offset_user}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].data != NULL)
            out[n++] = all[i];
    return m->factors != NULL ? n + list_factors(out + n, m->factors) : n;
}

/* ---- meta.json ---- */

static json_t *history_to_json(const mixfill_model *m) {
    json_t *history = json_array();
    for (int32_t i = 0; i < m->iterations; i++) {
        json_t *entry = json_pack("{s:i, s:f}", "iteration", (int)i + 1, "log_likelihood",
                                  m->log_likelihood[i]);
        if (json_array_append_new(history, entry) != 0) {
            json_decref(history);
            return NULL;
        }
    }
    return history;
}

/* Set options that only this kind of model heeds; non-zero where that fails. */
static int set_kind_options(json_t *options, const mixfill_model *m) {
    switch (m->kind) {
    case MIXFILL_MODEL_CLASSIC:
        return json_object_set_new(options, "min_support", json_real(m->min_support));
    case MIXFILL_MODEL_MAP:
        return json_object_set_new(options, "prior_strength", json_real(m->prior_strength)) |
               json_object_set_new(options, "average", json_boolean(m->average));
    case MIXFILL_MODEL_FACTOR:
        return json_object_set_new(options, "rank", json_integer(m->factors->rank)) |
               json_object_set_new(options, "implicit", json_boolean(m->implicit)) |
               json_object_set_new(options, "implicit_strength", json_real(m->implicit_strength));
    }
    return 1;
}

/* Those that the model heeds. */
static json_t *options_to_json(const mixfill_model *m) {
    bool mixture = m->factors == NULL;
    json_t *options =
        json_pack("{s:I, s:i, s:o*, s:i, s:o*}", "seed", (json_int_t)m->seed, "n_init",
                  (int)m->n_init, "tol", mixture ? json_real(m->tol) : NULL, "max_iter",
                  (int)m->max_iter, "min_var", mixture ? json_real(m->min_var) : NULL);
    if (set_kind_options(options, m) == 0)
        return options;
    json_decref(options);
    return NULL;
}

/* Text for the caller to free(), NULL when out of memory. */
static char *meta_to_text(const mixfill_model *m) {
    json_t *meta = json_pack(
        "{s:s, s:i, s:s, s:s?, s:i, s:i, s:i, s:I, s:o, s:o}", "format", FORMAT_NAME,
        "format_version", FORMAT_VERSION, "model", mixfill_model_kind_name(m->kind), "compat",
        m->notebook ? "notebook" : NULL, "n_users", (int)m->n_users, "n_items", (int)m->n_items,
        "n_components", (int)m->n_components, "n_ratings", (json_int_t)m->n_ratings, "options",
        options_to_json(m), "history", history_to_json(m));
    char *text =
        meta != NULL ? json_dumps(meta, JSON_INDENT(1) | JSON_REAL_PRECISION(JSON_DIGITS)) : NULL;
    json_decref(meta);
    return text;
}

/* ---- saving ---- */

/* mu or s0, from (n,D,kp) to (n,K,D) as the file has it. */
static double *transposed(const mixfill_model *m, const double *x) {
    size_t d = (size_t)m->n_items, n_components = (size_t)m->n_components;
    size_t n = (size_t)m->n_mixtures;
    double *out = mixfill_alloc(n * d * n_components, sizeof *out);
    for (size_t i = 0; out != NULL && i < n; i++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < n_components; k++)
                out[(i * n_components + k) * d + j] = x[(i * d + j) * m->kp + k];
    return out;
}

/* Ids as an array: int64 where all are canonical integers, else strings as wide as the longest. */
typedef struct id_array {
    mixfill_npy_type type;
    size_t width;
    void *data;
} id_array;

static mixfill_status fill_ids(id_array *out, const mixfill_ids *ids) {
    char buffer[MIXFILL_ID_BUFFER];
    int64_t value;
    *out = (id_array){.type = MIXFILL_NPY_INT64, .width = 1};
    for (int32_t i = 0; i < ids->n; i++) {
        const char *id = mixfill_ids_get(ids, i, buffer);
        size_t len = strlen(id);
        out->width = len > out->width ? len : out->width;
        if (!mixfill_id_to_int64(id, &value))
            out->type = MIXFILL_NPY_BYTES;
    }
    bool text = out->type == MIXFILL_NPY_BYTES;
    out->data = mixfill_alloc_zero((size_t)ids->n, text ? out->width : sizeof value);
    if (out->data == NULL)
        return MIXFILL_ERR_NOMEM;
    for (int32_t i = 0; i < ids->n; i++) {
        const char *id = mixfill_ids_get(ids, i, buffer);
        if (text)
            memcpy((char *)out->data + (size_t)i * out->width, id, strlen(id));
        else if (mixfill_id_to_int64(id, &value))
            ((int64_t *)out->data)[i] = value;
    }
    return MIXFILL_OK;
}

static mixfill_status add_ids(mixfill_npz_writer *w, const char *name, const id_array *ids,
                              int32_t n, mixfill_error *err) {
    return mixfill_npz_add(w, name, ids->type, ids->width, vector(n), ids->data, err);
}

/* What the archive borrows until it is written. */
typedef struct save_buffers {
    mixfill_model model; /* shallow */
    double range[2];
    double *mu, *s0;
    id_array user_ids, item_ids;
    char *meta;
} save_buffers;

static mixfill_status fill_buffers(save_buffers *b, const mixfill_model *model) {
    *b = (save_buffers){.model = *model, .range = {model->rating_min, model->rating_max}};
    b->mu = model->mu != NULL ? transposed(model, model->mu) : NULL;
    b->s0 = model->s0 != NULL ? transposed(model, model->s0) : NULL;
    b->meta = meta_to_text(model);
    if ((model->mu != NULL && b->mu == NULL) || (model->s0 != NULL && b->s0 == NULL) ||
        b->meta == NULL || fill_ids(&b->item_ids, &model->item_ids) != MIXFILL_OK)
        return MIXFILL_ERR_NOMEM;
    return fill_ids(&b->user_ids, &model->user_ids);
}

static void clear_buffers(save_buffers *b) {
    mixfill_free(b->mu);
    mixfill_free(b->s0);
    mixfill_free(b->user_ids.data);
    mixfill_free(b->item_ids.data);
    free(b->meta);
}

static mixfill_status add_members(mixfill_npz_writer *w, save_buffers *b, mixfill_error *err) {
    mixfill_status st;
    field fields[MAX_FIELDS];
    const mixfill_model *m = &b->model;
    size_t n = list_fields(fields, &b->model, b->range);
    MIXFILL_TRY(mixfill_npz_add_raw(w, "meta.json", b->meta, strlen(b->meta), err));
    mixfill_npy_shape means = of_mixtures(m, matrix(m->n_components, m->n_items));
    if (b->mu != NULL)
        MIXFILL_TRY(mixfill_npz_add(w, "mu", MIXFILL_NPY_FLOAT64, 0, means, b->mu, err));
    if (b->s0 != NULL)
        MIXFILL_TRY(mixfill_npz_add(w, "s0", MIXFILL_NPY_FLOAT64, 0, means, b->s0, err));
    MIXFILL_TRY(add_ids(w, "item_ids", &b->item_ids, m->n_items, err));
    if (mixfill_model_has_users(m))
        MIXFILL_TRY(add_ids(w, "user_ids", &b->user_ids, m->n_users, err));
    for (size_t i = 0; i < n; i++) {
        const field *f = &fields[i];
        MIXFILL_TRY(mixfill_npz_add(w, f->name, f->type, 0, f->shape, f->data, err));
    }
    if (m->resp != NULL)
        MIXFILL_TRY(mixfill_npz_add(w, "resp", MIXFILL_NPY_FLOAT64, 0,
                                    of_mixtures(m, matrix(m->n_users, m->n_components)), m->resp,
                                    err));
done:
    return st;
}

/* An archive in memory where there is no path. */
typedef struct destination {
    const char *path;
    void **data;
    size_t *size;
} destination;

static mixfill_status save(const mixfill_model *model, const destination *to, mixfill_error *err) {
    const char *name = to->path != NULL ? to->path : MEMORY_NAME;
    mixfill_npz_writer *w = NULL;
    save_buffers b;
    mixfill_status st = fill_buffers(&b, model);
    if (st != MIXFILL_OK) {
        mixfill_fail_nomem(err, name);
        goto done;
    }
    MIXFILL_TRY(to->path != NULL ? mixfill_npz_writer_open(&w, name, err)
                                 : mixfill_npz_writer_open_memory(&w, name, err));
    MIXFILL_TRY(add_members(w, &b, err));
    st = to->path != NULL ? mixfill_npz_writer_close(w, err)
                          : mixfill_npz_writer_close_memory(w, to->data, to->size, err);
    w = NULL;
done:
    mixfill_npz_writer_abandon(w);
    clear_buffers(&b);
    return st;
}

mixfill_status mixfill_model_save(const mixfill_model *model, const char *path,
                                  mixfill_error *err) {
    return save(model, &(destination){.path = path}, err);
}

mixfill_status mixfill_model_save_to_memory(const mixfill_model *model, void **data, size_t *size,
                                            mixfill_error *err) {
    return save(model, &(destination){.data = data, .size = size}, err);
}

void mixfill_bytes_free(void *data) {
    mixfill_free(data);
}

/* ---- loading ---- */

typedef struct loader {
    mixfill_npz_reader *npz;
    const char *path;
    json_t *meta;
    mixfill_model *model;
    mixfill_error *err;
} loader;

static mixfill_status fail_meta(const loader *l, const char *key, const char *expected) {
    return mixfill_fail(l->err, MIXFILL_ERR_PARSE, 0, "%s: meta.json: '%s' is not %s", l->path, key,
                        expected);
}

static mixfill_status get_integer(const loader *l, const json_t *object, const char *key,
                                  int64_t max, int64_t *out) {
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
        return fail_meta(l, key, "a number in its range");
    *out = json_integer_value(value);
    return MIXFILL_OK;
}

static mixfill_status get_int32(const loader *l, const json_t *object, const char *key,
                                int32_t *out) {
    int64_t value = 0;
    mixfill_status st = get_integer(l, object, key, INT32_MAX, &value);
    *out = (int32_t)value;
    return st;
}

static mixfill_status get_real(const loader *l, const json_t *object, const char *key,
                               double *out) {
    const json_t *value = json_object_get(object, key);
    *out = json_number_value(value);
    return json_is_number(value) ? MIXFILL_OK : fail_meta(l, key, "a number");
}

static mixfill_status read_meta(loader *l) {
    char *text = NULL;
    size_t len = 0;
    json_error_t json_err;
    mixfill_status st = MIXFILL_OK;
    if (!mixfill_npz_has(l->npz, "meta.json", true))
        return mixfill_fail(l->err, MIXFILL_ERR_PARSE, 0,
                            "%s: not a mixfill model (no member meta.json)", l->path);
    MIXFILL_TRY(mixfill_npz_read_raw(l->npz, &text, &len, "meta.json", l->err));
    l->meta = json_loadb(text, len, JSON_REJECT_DUPLICATES, &json_err);
    if (l->meta == NULL)
        st = mixfill_fail(l->err, MIXFILL_ERR_PARSE, 0,
                          "%s: meta.json: not JSON (line %d, column %d)", l->path, json_err.line,
                          json_err.column);
done:
    mixfill_free(text);
    return st;
}

static bool kind_of(mixfill_model_kind *out, const char *name) {
    static const mixfill_model_kind kinds[] = {MIXFILL_MODEL_CLASSIC, MIXFILL_MODEL_MAP,
                                               MIXFILL_MODEL_FACTOR};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(name, mixfill_model_kind_name(kinds[i])) == 0) {
            *out = kinds[i];
            return true;
        }
    return false;
}

/* Format, version and kind: whether the rest can be read at all. */
static mixfill_status check_format(const loader *l) {
    const char *format = json_string_value(json_object_get(l->meta, "format"));
    const char *kind = json_string_value(json_object_get(l->meta, "model"));
    int64_t version = 0;
    if (format == NULL || strcmp(format, FORMAT_NAME) != 0)
        return fail_meta(l, "format", "mixfill-model");
    mixfill_status st = get_integer(l, l->meta, "format_version", INT64_MAX, &version);
    if (st != MIXFILL_OK)
        return st;
    if (version != FORMAT_VERSION)
        return mixfill_fail(l->err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: model format version %" PRId64 ", this program reads version %d",
                            l->path, version, FORMAT_VERSION);
    mixfill_model_kind read;
    if (!kind_of(&read, kind != NULL ? kind : ""))
        return mixfill_fail(l->err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: model kind '%.40s', this program reads 'classic', 'map' "
                            "and 'factor'",
                            l->path, kind != NULL ? kind : "");
    return MIXFILL_OK;
}

/* An array of the shape the metadata leads to expect, for the caller to free. */
static mixfill_status read_shaped(const loader *l, void **data, const char *name,
                                  mixfill_npy_type type, mixfill_npy_shape expected) {
    mixfill_npy_shape shape = {0};
    mixfill_status st = mixfill_npz_read(l->npz, data, &shape, NULL, name, type, l->err);
    if (st != MIXFILL_OK)
        return st;
    bool same = shape.n_dims == expected.n_dims;
    for (int32_t i = 0; same && i < shape.n_dims; i++)
        same = shape.dim[i] == expected.dim[i];
    if (same)
        return MIXFILL_OK;
    mixfill_free(*data);
    *data = NULL;
    return mixfill_fail(l->err, MIXFILL_ERR_PARSE, 0,
                        "%s: member %s.npy: its shape does not fit %s", l->path, name,
                        "the model's numbers of users, items and components");
}

static size_t count_elements(mixfill_npy_shape shape) {
    size_t n = 1;
    for (int32_t i = 0; i < shape.n_dims; i++)
        n *= (size_t)shape.dim[i];
    return n;
}

static mixfill_status load_fields(const loader *l) {
    mixfill_model *m = l->model;
    field fields[MAX_FIELDS];
    double range[2] = {0};
    size_t n = list_fields(fields, m, range);
    for (size_t i = 0; i < n; i++) {
        const field *f = &fields[i];
        void *data = NULL;
        mixfill_status st = read_shaped(l, &data, f->name, f->type, f->shape);
        if (st != MIXFILL_OK)
            return st;
        size_t size = f->type == MIXFILL_NPY_INT32 ? sizeof(int32_t) : sizeof(double);
        memcpy(f->data, data, count_elements(f->shape) * size);
        mixfill_free(data);
    }
    m->rating_min = range[0];
    m->rating_max = range[1];
    return MIXFILL_OK;
}

static mixfill_status fail_id(const loader *l, const char *name, int64_t index, const char *what) {
    return mixfill_fail(l->err, MIXFILL_ERR_PARSE, 0, "%s: member %s.npy: id %" PRId64 " is %s",
                        l->path, name, index, what);
}

/* Takes over element i of n ids, len bytes long. */
static mixfill_status intern_id(const loader *l, mixfill_ids *ids, const char *name, const char *id,
                                size_t len) {
    int32_t index, expected = ids->n;
    if (len == 0 || len > MIXFILL_ID_MAX)
        return fail_id(l, name, expected, len == 0 ? "empty" : "longer than 255 bytes");
    if (mixfill_ids_intern(ids, &index, id, len) != MIXFILL_OK)
        return mixfill_fail_nomem(l->err, l->path);
    return index == expected ? MIXFILL_OK : fail_id(l, name, expected, "a repeated one");
}

/* ids: (n) strings of `width` bytes, or with width 0 int64 values. */
static mixfill_status intern_ids(const loader *l, mixfill_ids *ids, const char *name,
                                 const void *data, int32_t n, size_t width) {
    const int64_t *values = data;
    bool by_index = width == 0;
    for (int32_t i = 0; by_index && i < n; i++)
        by_index = values[i] == i;
    if (by_index) {
        mixfill_ids_init_by_index(ids, n);
        return MIXFILL_OK;
    }
    mixfill_status st = MIXFILL_OK;
    for (int32_t i = 0; st == MIXFILL_OK && i < n; i++) {
        char digits[24];
        const char *id = width > 0 ? (const char *)data + (size_t)i * width : digits;
        if (width == 0)
            snprintf(digits, sizeof digits, "%" PRId64, values[i]);
        st = intern_id(l, ids, name, id, strnlen(id, width > 0 ? width : sizeof digits));
    }
    return st;
}

static mixfill_status load_ids(const loader *l, mixfill_ids *ids, const char *name, int32_t n) {
    void *data = NULL;
    size_t width = 0;
    mixfill_npy_shape shape = {0};
    mixfill_status st =
        mixfill_npz_read(l->npz, &data, &shape, &width, name, MIXFILL_NPY_BYTES, l->err);
    if (st == MIXFILL_ERR_UNSUPPORTED) {
        width = 0;
        st = mixfill_npz_read(l->npz, &data, &shape, NULL, name, MIXFILL_NPY_INT64, l->err);
    }
    if (st == MIXFILL_OK && (shape.n_dims != 1 || shape.dim[0] != n))
        st = mixfill_fail(l->err, MIXFILL_ERR_PARSE, 0,
                          "%s: member %s.npy: %" PRId64 " ids, %" PRId32 " were expected", l->path,
                          name, shape.n_dims == 1 ? shape.dim[0] : -1, n);
    if (st == MIXFILL_OK)
        st = intern_ids(l, ids, name, data, n, width);
    mixfill_free(data);
    return st;
}

static mixfill_status load_history(const loader *l) {
    mixfill_model *m = l->model;
    const json_t *history = json_object_get(l->meta, "history");
    size_t n = json_array_size(history);
    if (!json_is_array(history) || n > INT32_MAX)
        return fail_meta(l, "history", "a list");
    m->log_likelihood = mixfill_alloc(n, sizeof *m->log_likelihood);
    if (m->log_likelihood == NULL)
        return mixfill_fail_nomem(l->err, l->path);
    m->iterations = (int32_t)n;
    mixfill_status st = MIXFILL_OK;
    for (size_t i = 0; st == MIXFILL_OK && i < n; i++) {
        const json_t *entry = json_array_get(history, i);
        int64_t iteration = 0;
        st = get_integer(l, entry, "iteration", INT32_MAX, &iteration);
        if (st == MIXFILL_OK && iteration != (int64_t)i + 1)
            st = fail_meta(l, "iteration", "counted from 1");
        if (st == MIXFILL_OK)
            st = get_real(l, entry, "log_likelihood", &m->log_likelihood[i]);
    }
    return st;
}

static mixfill_status load_kind_options(const loader *l, const json_t *options) {
    mixfill_status st = MIXFILL_OK;
    mixfill_model *m = l->model;
    if (m->kind == MIXFILL_MODEL_FACTOR) {
        if (!json_is_boolean(json_object_get(options, "implicit")))
            return fail_meta(l, "implicit", "true or false");
        m->implicit = json_is_true(json_object_get(options, "implicit"));
        MIXFILL_TRY(get_real(l, options, "implicit_strength", &m->implicit_strength));
        return m->implicit_strength > 0 ? st : fail_meta(l, "implicit_strength", "above 0");
    }
    MIXFILL_TRY(get_real(l, options, "tol", &m->tol));
    MIXFILL_TRY(get_real(l, options, "min_var", &m->min_var));
    if (m->kind == MIXFILL_MODEL_MAP)
        MIXFILL_TRY(get_real(l, options, "prior_strength", &m->prior_strength));
    else
        MIXFILL_TRY(get_real(l, options, "min_support", &m->min_support));
done:
    return st;
}

static mixfill_status load_options(const loader *l) {
    mixfill_status st;
    mixfill_model *m = l->model;
    const json_t *options = json_object_get(l->meta, "options");
    const json_t *compat = json_object_get(l->meta, "compat");
    const char *compat_name = json_string_value(compat);
    int64_t seed = 0;
    m->notebook = compat_name != NULL && strcmp(compat_name, "notebook") == 0;
    if (!m->notebook && !json_is_null(compat))
        return fail_meta(l, "compat", "null or \"notebook\"");
    MIXFILL_TRY(get_integer(l, l->meta, "n_ratings", INT64_MAX, &m->n_ratings));
    if (m->n_ratings < 1)
        return fail_meta(l, "n_ratings", "at least 1");
    MIXFILL_TRY(get_integer(l, options, "seed", UINT32_MAX, &seed));
    m->seed = (uint32_t)seed;
    MIXFILL_TRY(get_int32(l, options, "n_init", &m->n_init));
    MIXFILL_TRY(get_int32(l, options, "max_iter", &m->max_iter));
    MIXFILL_TRY(load_kind_options(l, options));
    MIXFILL_TRY(load_history(l));
done:
    return st;
}

/* Kind and numbers of the model; *average tells whether its arrays have a row for each mixture. */
static mixfill_status read_shape(const loader *l, mixfill_model_shape *shape, bool *average) {
    mixfill_status st;
    const json_t *options = json_object_get(l->meta, "options");
    *shape = (mixfill_model_shape){.n_mixtures = 1};
    if (!kind_of(&shape->kind, json_string_value(json_object_get(l->meta, "model"))))
        return fail_meta(l, "model", "known");
    bool factor = shape->kind == MIXFILL_MODEL_FACTOR;
    *average =
        shape->kind == MIXFILL_MODEL_MAP && json_is_true(json_object_get(options, "average"));
    shape->with_users = mixfill_npz_has(l->npz, factor ? "user_cov" : "resp", false);
    if (factor)
        MIXFILL_TRY(get_int32(l, options, "rank", &shape->rank));
    if (factor && (shape->rank < 1 || shape->rank > MIXFILL_MAX_RANK))
        return fail_meta(l, "rank", "a rank that is read");
    MIXFILL_TRY(get_int32(l, l->meta, "n_users", &shape->n_users));
    MIXFILL_TRY(get_int32(l, l->meta, "n_items", &shape->n_items));
    MIXFILL_TRY(get_int32(l, l->meta, "n_components", &shape->n_components));
    if (*average)
        MIXFILL_TRY(get_int32(l, options, "n_init", &shape->n_mixtures));
    if (shape->n_users < 1 || shape->n_items < 1 || shape->n_components < 1 ||
        shape->n_mixtures < 1)
        st = fail_meta(l, "n_users, n_items, n_components or n_init", "at least 1");
    else if (factor && shape->n_components != 1)
        st = fail_meta(l, "n_components", "1, as of a factor model");
done:
    return st;
}

/* Arrays that make up most of a model, as they lie in the file. */
typedef struct large_arrays {
    void *mu, *s0, *resp;
} large_arrays;

/* Factors are made once their largest arrays have been seen. */
static mixfill_status make_factors(const loader *l, mixfill_factors **out,
                                   const mixfill_model_shape *shape) {
    mixfill_status st;
    void *items = NULL, *users = NULL;
    size_t q = (size_t)shape->rank;
    const int64_t user_size = (int64_t)mixfill_packed(q),
                  item_size = (int64_t)mixfill_packed(q + 1);
    MIXFILL_TRY(
        read_shaped(l, &items, "w_cov", MIXFILL_NPY_FLOAT64, matrix(shape->n_items, item_size)));
    if (shape->with_users)
        MIXFILL_TRY(read_shaped(l, &users, "user_cov", MIXFILL_NPY_FLOAT64,
                                matrix(shape->n_users, user_size)));
    *out = mixfill_factors_create(shape->n_users, shape->n_items, shape->rank, shape->with_users);
    if (*out == NULL)
        st = mixfill_fail_nomem(l->err, l->path);
done:
    mixfill_free(items);
    mixfill_free(users);
    return st;
}

static mixfill_status read_large(const loader *l, large_arrays *a, const mixfill_model *like) {
    mixfill_status st;
    if (like->kind == MIXFILL_MODEL_FACTOR)
        return MIXFILL_OK;
    const mixfill_npy_type f8 = MIXFILL_NPY_FLOAT64;
    mixfill_npy_shape means = of_mixtures(like, matrix(like->n_components, like->n_items));
    MIXFILL_TRY(read_shaped(l, &a->mu, "mu", f8, means));
    if (like->kind == MIXFILL_MODEL_MAP)
        MIXFILL_TRY(read_shaped(l, &a->s0, "s0", f8, means));
    if (mixfill_npz_has(l->npz, "resp", false))
        MIXFILL_TRY(read_shaped(l, &a->resp, "resp", f8,
                                of_mixtures(like, matrix(like->n_users, like->n_components))));
done:
    return st;
}

/* From the file's (n,K,D) to (n,D,kp). */
static void transpose_back(double *out, const double *x, const mixfill_model *m) {
    size_t d = (size_t)m->n_items, n_components = (size_t)m->n_components;
    for (size_t i = 0; i < (size_t)m->n_mixtures; i++)
        for (size_t k = 0; k < n_components; k++)
            for (size_t j = 0; j < d; j++)
                out[(i * d + j) * m->kp + k] = x[(i * n_components + k) * d + j];
}

/* Makes the model once the archive has shown that it holds arrays of the shape it claims. */
static mixfill_status make_model(loader *l) {
    mixfill_status st;
    mixfill_model_shape shape;
    large_arrays a = {0};
    mixfill_factors *factors = NULL;
    bool average = false;
    MIXFILL_TRY(read_shape(l, &shape, &average));
    if (shape.kind == MIXFILL_MODEL_FACTOR)
        MIXFILL_TRY(make_factors(l, &factors, &shape));
    mixfill_model like = {.kind = shape.kind,
                          .average = average,
                          .n_users = shape.n_users,
                          .n_items = shape.n_items,
                          .n_components = shape.n_components,
                          .n_mixtures = shape.n_mixtures};
    MIXFILL_TRY(read_large(l, &a, &like));
    l->model = mixfill_model_alloc(&shape);
    if (l->model == NULL) {
        st = mixfill_fail_nomem(l->err, l->path);
        goto done;
    }
    l->model->average = average;
    l->model->factors = factors;
    factors = NULL;
    if (a.mu != NULL)
        transpose_back(l->model->mu, a.mu, l->model);
    if (a.s0 != NULL)
        transpose_back(l->model->s0, a.s0, l->model);
    if (a.resp != NULL)
        memcpy(l->model->resp, a.resp,
               (size_t)shape.n_mixtures * (size_t)shape.n_users * (size_t)shape.n_components *
                   sizeof(double));
done:
    mixfill_factors_free(factors);
    mixfill_free(a.mu);
    mixfill_free(a.s0);
    mixfill_free(a.resp);
    return st;
}

/* Reads and closes an archive; path: for messages. */
static mixfill_status load(mixfill_model **out, mixfill_npz_reader *npz, const char *path,
                           mixfill_error *err) {
    mixfill_status st;
    loader l = {.npz = npz, .path = path, .err = err};
    MIXFILL_TRY(read_meta(&l));
    MIXFILL_TRY(check_format(&l));
    MIXFILL_TRY(make_model(&l));
    MIXFILL_TRY(load_options(&l));
    MIXFILL_TRY(load_fields(&l));
    MIXFILL_TRY(load_ids(&l, &l.model->item_ids, "item_ids", l.model->n_items));
    if (mixfill_model_has_users(l.model))
        MIXFILL_TRY(load_ids(&l, &l.model->user_ids, "user_ids", l.model->n_users));
    MIXFILL_TRY(mixfill_model_validate(l.model, path, err));
    *out = l.model;
    l.model = NULL;
done:
    mixfill_model_free(l.model);
    json_decref(l.meta);
    mixfill_npz_reader_close(l.npz);
    return st;
}

mixfill_status mixfill_model_load(mixfill_model **out, const char *path, mixfill_error *err) {
    mixfill_npz_reader *npz;
    mixfill_status st = mixfill_npz_reader_open(&npz, path, err);
    if (st == MIXFILL_ERR_PARSE) /* of a csv, say */
        return mixfill_fail(err, st, 0,
                            "%s: not a zip archive, or a damaged one, expected a model as "
                            "mixfill fit saves it",
                            path);
    return st == MIXFILL_OK ? load(out, npz, path, err) : st;
}

mixfill_status mixfill_model_load_from_memory(mixfill_model **out, const void *data, size_t size,
                                              mixfill_error *err) {
    mixfill_npz_reader *npz;
    mixfill_status st = mixfill_npz_reader_open_memory(&npz, data, size, MEMORY_NAME, err);
    return st == MIXFILL_OK ? load(out, npz, MEMORY_NAME, err) : st;
}

bool mixfill_model_probe(const char *path) {
    mixfill_npz_reader *npz;
    if (mixfill_npz_reader_open(&npz, path, NULL) != MIXFILL_OK)
        return false;
    bool is_model = mixfill_npz_has(npz, "meta.json", true);
    mixfill_npz_reader_close(npz);
    return is_model;
}
