/* Loading a model: meta.json tells its kind, options and shape, and every array must then be there
 * in that shape. Nothing is allocated by what the file claims, only by what it holds.
 *
 * A file may come from anywhere, and one of a few hundred bytes may speak of a billion users.
 * Numbers of meta.json are therefore compared with arrays that have been read, and never taken for
 * sizes. What shapes do not show (finite numbers, rows that sum to 1) mixfill_model_validate checks
 * at the end, so that prediction can trust a model that was loaded. */
#include "base/buffers.h"
#include "file/npz.h"
#include "fit/options.h"
#include "kinds.h"
#include "store/members.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* A load under way. The model is its own until everything is there and sound; path goes into every
 * message, as a program may load several models. */
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

/* A count, 0 to max. A JSON real is not one, even 3.0: no file that was saved has it there. */
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

/* meta.json into l->meta. An archive without one is no model, and is told so rather than that some
 * member is missing. A key that stands twice is refused: which of the two holds would be the JSON
 * reader's choice. */
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

/* Format, version and kind: whether the rest can be read at all. Another version is refused, even
 * where all that is asked for seems to be there: it may mean something else by it. */
static mixfill_status check_format(const loader *l) {
    char names[MIXFILL_KIND_NAMES];
    const char *format = json_string_value(json_object_get(l->meta, "format"));
    const char *kind = json_string_value(json_object_get(l->meta, "model"));
    int64_t version = 0;
    if (format == NULL || strcmp(format, mixfill_format_magic) != 0)
        return fail_meta(l, "format", "mixfill-model");
    mixfill_status st = get_integer(l, l->meta, "format_version", INT64_MAX, &version);
    if (st != MIXFILL_OK)
        return st;
    if (version != MIXFILL_FORMAT_VERSION)
        return mixfill_fail(l->err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: model format version %" PRId64 ", this program reads version %d",
                            l->path, version, MIXFILL_FORMAT_VERSION);
    if (mixfill_kind_named(kind != NULL ? kind : "", NULL) == NULL)
        return mixfill_fail(l->err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: model kind '%.40s', this program reads %s", l->path,
                            kind != NULL ? kind : "", mixfill_kind_names(names, 0));
    return MIXFILL_OK;
}

/* An array of the shape the metadata leads to expect, for the caller to free. It is read first and
 * compared afterwards: that costs what is in the file. */
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

/* Read an array that the model should have and make it the model's: what was read is what is
 * allocated, so that memory follows what the file holds and never what its numbers claim. Only a
 * padded array is copied, its rows filled up to whole vectors. */
static mixfill_status load_array(const loader *l, const mixfill_array *a) {
    void *data = NULL;
    mixfill_status st = read_shaped(l, &data, a->name, a->type, a->shape);
    if (st != MIXFILL_OK)
        return st;
    if (a->in_place) {
        memcpy(a->where, data, mixfill_array_count(a) * mixfill_array_item_bytes(a));
        mixfill_free(data);
    } else if (a->padded == 0) {
        mixfill_pointer_set(a->where, data);
    } else {
        double *held = mixfill_alloc_zero(mixfill_array_count(a), sizeof *held);
        if (held != NULL)
            mixfill_member_transpose_back(held, a, data);
        mixfill_pointer_set(a->where, held);
        mixfill_free(data);
        if (held == NULL)
            return mixfill_fail_nomem(l->err, l->path);
    }
    return MIXFILL_OK;
}

/* The arrays of one place. One that the model's scope asks for must be there; members that nobody
 * asks for are not looked at. */
static mixfill_status load_arrays(const loader *l, mixfill_array_place place, bool with_users) {
    mixfill_array_list list;
    mixfill_members_list(&list, l->model, place);
    for (size_t i = 0; i < list.n; i++) {
        const mixfill_array *a = &list.array[i];
        if (!mixfill_array_in(a, (mixfill_scope){with_users, true}))
            continue;
        mixfill_status st = load_array(l, a);
        if (st != MIXFILL_OK)
            return st;
    }
    return MIXFILL_OK;
}

static mixfill_status fail_id(const loader *l, const char *name, int64_t index, const char *what) {
    return mixfill_fail(l->err, MIXFILL_ERR_PARSE, 0, "%s: member %s.npy: id %" PRId64 " is %s",
                        l->path, name, index, what);
}

/* The next of the ids, len bytes long. Its number has to be its place, since arrays go by that; so
 * a repeated one is a fault, and so is one that no file of ratings could hold. */
static mixfill_status intern_id(const loader *l, mixfill_ids *ids, const char *name, const char *id,
                                size_t len) {
    int32_t index, expected = ids->n;
    if (len == 0 || len > MIXFILL_ID_MAX)
        return fail_id(l, name, expected, len == 0 ? "empty" : "longer than 255 bytes");
    if (mixfill_ids_intern(ids, &index, id, len) != MIXFILL_OK)
        return mixfill_fail_nomem(l->err, l->path);
    return index == expected ? MIXFILL_OK : fail_id(l, name, expected, "a repeated one");
}

/* ids: (n) strings of `width` bytes, or with width 0 int64 values. Values that count from 0 or 1
 * become ids by index, which take no table and are the same text. */
static mixfill_status intern_ids(const loader *l, mixfill_ids *ids, const char *name,
                                 const void *data, int32_t n, size_t width) {
    const int64_t *values = data;
    int64_t first = width == 0 && n > 0 ? values[0] : 0;
    bool by_index = width == 0 && (first == 0 || first == 1);
    for (int32_t i = 0; by_index && i < n; i++)
        by_index = values[i] == first + i;
    if (by_index) {
        mixfill_ids_init_by_index(ids, n, (int32_t)first);
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

/* The ids of one side, whose n meta.json gives. Whether they are strings or numbers was decided by
 * the ids when they were saved, and only the member itself tells: strings are tried first. */
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

/* Whether the history has an RMSE of held-out ratings; the first iteration tells, and all must then
 * have one. */
static bool holds_rmse(const json_t *history) {
    return json_object_get(json_array_get(history, 0), "rmse") != NULL;
}

/* The log-likelihood of each iteration, counted from 1 without a gap, and its held-out RMSE where
 * the history has one. How many there are is the length of the list, so there is no number that
 * could claim more. */
static mixfill_status load_history(const loader *l) {
    mixfill_model *m = l->model;
    const json_t *history = json_object_get(l->meta, "history");
    size_t n = json_array_size(history);
    if (!json_is_array(history) || n > INT32_MAX)
        return fail_meta(l, "history", "a list");
    m->log_likelihood = mixfill_alloc(n, sizeof *m->log_likelihood);
    if (m->log_likelihood == NULL)
        return mixfill_fail_nomem(l->err, l->path);
    if (holds_rmse(history) && (m->rmse = mixfill_alloc(n, sizeof *m->rmse)) == NULL)
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
        if (st == MIXFILL_OK && m->rmse != NULL)
            st = get_real(l, entry, "rmse", &m->rmse[i]);
    }
    return st;
}

/* One option of the table, which must be there and in its range. None is given its default: that
 * may have been another when the model was fitted. */
static mixfill_status load_option(const loader *l, const mixfill_option *option,
                                  const json_t *options, mixfill_options *out) {
    char expected[80] = "true or false";
    const json_t *value = json_object_get(options, option->name);
    bool integer = option->type == MIXFILL_OPTION_INT32 || option->type == MIXFILL_OPTION_UINT32;
    bool fits = json_is_boolean(value);
    if (integer) {
        snprintf(expected, sizeof expected, "a whole number from %.0f to %.0f", option->least,
                 option->most);
        fits = json_is_integer(value);
    } else if (option->type == MIXFILL_OPTION_REAL) {
        snprintf(expected, sizeof expected, "a number %s %g",
                 option->above ? "above" : "of at least", option->least);
        fits = json_is_number(value);
    }
    double number = json_is_boolean(value) ? json_is_true(value) : json_number_value(value);
    if (!fits || !mixfill_option_in_range(option, number))
        return fail_meta(l, option->name, expected);
    mixfill_option_set(option, out, number);
    return MIXFILL_OK;
}

/* The options of a model of this kind: those it heeds are in meta.json, all others stand at the
 * kind's defaults, as after a fit. */
static mixfill_status load_options(const loader *l, const mixfill_kind *kind,
                                   mixfill_options *out) {
    mixfill_status st;
    const json_t *options = json_object_get(l->meta, "options");
    if (!json_is_object(options))
        return fail_meta(l, "options", "an object");
    mixfill_options_init_kind(out, kind);
    MIXFILL_TRY(get_int32(l, l->meta, "n_components", &out->n_components));
    if (out->n_components < 1)
        return fail_meta(l, "n_components", "at least 1");
    for (size_t i = 0; i < mixfill_option_table_size; i++)
        if (mixfill_option_heeded(&mixfill_option_table[i], kind->heeds))
            MIXFILL_TRY(load_option(l, &mixfill_option_table[i], options, out));
    if (kind->check != NULL && kind->check(out, NULL) != MIXFILL_OK)
        st = fail_meta(l, "options", "one that its kind of model allows");
done:
    return st;
}

/* The kind that meta.json names by model and compat; compat is null but in a variant such as the
 * published arithmetic. NULL where there is no such kind. */
static const mixfill_kind *read_kind(const loader *l) {
    const json_t *compat = json_object_get(l->meta, "compat");
    if (!json_is_null(compat) && !json_is_string(compat))
        return NULL;
    return mixfill_kind_named(json_string_value(json_object_get(l->meta, "model")),
                              json_string_value(compat));
}

/* Whether the file holds anything of its users; then all of it must be there. */
static bool holds_users(const loader *l, mixfill_model *m) {
    mixfill_array_list lists[2];
    mixfill_model_list(&lists[0], m);
    mixfill_params_list(&lists[1], m->params);
    bool found = mixfill_npz_has(l->npz, "user_ids", false);
    for (size_t i = 0; i < 2; i++)
        for (size_t a = 0; a < lists[i].n; a++)
            found = found || (lists[i].array[a].per_user &&
                              mixfill_npz_has(l->npz, lists[i].array[a].name, false));
    return found;
}

/* A model of the kind, options and shape that meta.json tells of, without its arrays: its
 * parameters are an outline, from which their names and shapes follow. Whether it has users is not
 * in meta.json; what belongs to them is in the file or not. */
static mixfill_status make_model(loader *l) {
    mixfill_status st;
    int32_t n_users, n_items;
    mixfill_options options;
    const mixfill_kind *kind = read_kind(l);
    if (kind == NULL)
        return fail_meta(l, "compat", "null, or one that its kind of model has");
    MIXFILL_TRY(load_options(l, kind, &options));
    MIXFILL_TRY(get_int32(l, l->meta, "n_users", &n_users));
    MIXFILL_TRY(get_int32(l, l->meta, "n_items", &n_items));
    if (n_users < 1 || n_items < 1)
        return fail_meta(l, "n_users or n_items", "at least 1");
    l->model = mixfill_alloc_zero(1, sizeof *l->model);
    if (l->model == NULL)
        return mixfill_fail_nomem(l->err, l->path);
    *l->model =
        (mixfill_model){.kind = kind, .options = options, .n_users = n_users, .n_items = n_items};
    MIXFILL_TRY(get_integer(l, l->meta, "n_ratings", INT64_MAX, &l->model->n_ratings));
    if (l->model->n_ratings < 1)
        return fail_meta(l, "n_ratings", "at least 1");
    mixfill_shape shape = mixfill_shape_of(kind, &options, n_users, n_items);
    l->model->params = mixfill_params_outline(&shape);
    if (l->model->params == NULL)
        return mixfill_fail_nomem(l->err, l->path);
    l->model->options.keep_users = holds_users(l, l->model);
    MIXFILL_TRY(load_history(l));
done:
    return st;
}

/* Every array, and the ids. When the ids' turn comes, arrays of these lengths have been read, so n
 * is more than a claim. */
static mixfill_status load_members(const loader *l) {
    mixfill_status st;
    mixfill_model *m = l->model;
    bool users = m->options.keep_users;
    MIXFILL_TRY(load_arrays(l, MIXFILL_BEFORE_IDS, users));
    for (size_t i = 0; i < sizeof mixfill_places_after_ids / sizeof mixfill_places_after_ids[0];
         i++)
        MIXFILL_TRY(load_arrays(l, mixfill_places_after_ids[i], users));
    MIXFILL_TRY(load_ids(l, &m->item_ids, "item_ids", m->n_items));
    if (users)
        MIXFILL_TRY(load_ids(l, &m->user_ids, "user_ids", m->n_users));
done:
    return st;
}

/* Reads and closes an archive; path: for messages. *out is set only where all went well. */
static mixfill_status load(mixfill_model **out, mixfill_npz_reader *npz, const char *path,
                           mixfill_error *err) {
    mixfill_status st;
    loader l = {.npz = npz, .path = path, .err = err};
    MIXFILL_TRY(read_meta(&l));
    MIXFILL_TRY(check_format(&l));
    MIXFILL_TRY(make_model(&l));
    MIXFILL_TRY(load_members(&l));
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
    mixfill_status st = mixfill_npz_reader_open_memory(&npz, data, size, mixfill_memory_name, err);
    return st == MIXFILL_OK ? load(out, npz, mixfill_memory_name, err) : st;
}

/* By a member's name, so that nothing large is read. Whether it is a sound model is for loading to
 * find out. */
bool mixfill_model_probe(const char *path) {
    mixfill_npz_reader *npz;
    if (mixfill_npz_reader_open(&npz, path, NULL) != MIXFILL_OK)
        return false;
    bool is_model = mixfill_npz_has(npz, "meta.json", true);
    mixfill_npz_reader_close(npz);
    return is_model;
}
