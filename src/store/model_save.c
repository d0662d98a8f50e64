/* Saving a model: meta.json, then the arrays in file order (store/members.h).
 *
 * The bytes are a function of the model (docs/model.md 8.2): nothing of the run that made it, no
 * time, path, host or number of threads, gets in. An archive is written aside and renamed when it
 * is whole, so nobody reads half a model. */
#include "file/npz.h"
#include "store/members.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Digits that bring back every bit of a double. */
enum { JSON_DIGITS = 17 };

/* ---- meta.json ---- */

/* The log-likelihood of every iteration up to the one that was kept, counted from 1, and the RMSE
 * of the held-out ratings where there were any; NULL when out of memory. */
static json_t *history_to_json(const mixfill_model *m) {
    json_t *history = json_array();
    for (int32_t i = 0; i < m->iterations; i++) {
        json_t *entry = json_pack("{s:i, s:f}", "iteration", (int)i + 1, "log_likelihood",
                                  m->log_likelihood[i]);
        if (m->rmse != NULL && json_object_set_new(entry, "rmse", json_real(m->rmse[i])) != 0) {
            json_decref(entry);
            entry = NULL;
        }
        if (json_array_append_new(history, entry) != 0) {
            json_decref(history);
            return NULL;
        }
    }
    return history;
}

/* An option of the table as JSON. */
static json_t *option_to_json(const mixfill_option *option, const mixfill_options *options) {
    double value = mixfill_option_get(option, options);
    switch (option->type) {
    case MIXFILL_OPTION_INT32:
    case MIXFILL_OPTION_UINT32:
        return json_integer((json_int_t)value);
    case MIXFILL_OPTION_BOOL:
        return json_boolean(value != 0);
    case MIXFILL_OPTION_REAL:
        break;
    }
    return json_real(value);
}

/* Those that the kind heeds, in the order of the table; NULL when out of memory. */
static json_t *options_to_json(const mixfill_model *m) {
    json_t *options = json_object();
    for (size_t i = 0; options != NULL && i < mixfill_option_table_size; i++) {
        const mixfill_option *o = &mixfill_option_table[i];
        if (!mixfill_option_heeded(o, m->kind->heeds))
            continue;
        if (json_object_set_new(options, o->name, option_to_json(o, &m->options)) == 0)
            continue;
        json_decref(options);
        return NULL;
    }
    return options;
}

/* Text for the caller to free(), NULL when out of memory. Keys stand in the order in which they are
 * put in, so the text is the same for the same model. n_components stands beside the options as a
 * shape: every kind has it, 1 where it has no components. */
static char *meta_to_text(const mixfill_model *m) {
    json_t *meta = json_pack("{s:s, s:i, s:s, s:s?, s:i, s:i, s:i, s:I, s:o, s:o}", "format",
                             mixfill_format_magic, "format_version", MIXFILL_FORMAT_VERSION,
                             "model", m->kind->name, "compat", m->kind->compat, "n_users",
                             (int)m->n_users, "n_items", (int)m->n_items, "n_components",
                             (int)m->options.n_components, "n_ratings", (json_int_t)m->n_ratings,
                             "options", options_to_json(m), "history", history_to_json(m));
    char *text =
        meta != NULL ? json_dumps(meta, JSON_INDENT(1) | JSON_REAL_PRECISION(JSON_DIGITS)) : NULL;
    json_decref(meta);
    return text;
}

/* ---- ids ---- */

/* Ids as an array: int64 where all are canonical integers, else strings as wide as the longest. A
 * canonical integer is what printing its number gives: 7, not 007 or +7, so that ids come back as
 * they were and yet are numbers for NumPy. */
typedef struct id_array {
    mixfill_npy_type type;
    size_t width;
    void *data;
} id_array;

/* The ids of a side, data for the caller to free. They are gone through twice, as a single id
 * decides the type or the width of all. */
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

/* Ids as a member of n strings or numbers. The data stays the caller's until the archive is
 * written. */
static mixfill_status add_ids(mixfill_npz_writer *w, const char *name, const id_array *ids,
                              int32_t n, mixfill_error *err) {
    return mixfill_npz_add(w, name, ids->type, ids->width, mixfill_vector(n), ids->data, err);
}

/* ---- members ---- */

/* Padded arrays that a kind may have; `map` has two, mu and s0. */
enum { MAX_TRANSPOSED = 4 };

/* What the archive borrows until it is written, and so what has to outlive the writer. */
typedef struct save_buffers {
    mixfill_model model; /* shallow: its arrays are listed by their addresses */
    double *transposed[MAX_TRANSPOSED];
    size_t n_transposed;
    id_array user_ids, item_ids;
    char *meta;
} save_buffers;

static mixfill_status fill_buffers(save_buffers *b, const mixfill_model *model) {
    *b = (save_buffers){.model = *model};
    b->meta = meta_to_text(model);
    if (b->meta == NULL || fill_ids(&b->item_ids, &model->item_ids) != MIXFILL_OK)
        return MIXFILL_ERR_NOMEM;
    return fill_ids(&b->user_ids, &model->user_ids);
}

static void clear_buffers(save_buffers *b) {
    for (size_t i = 0; i < b->n_transposed; i++)
        mixfill_free(b->transposed[i]);
    mixfill_free(b->user_ids.data);
    mixfill_free(b->item_ids.data);
    free(b->meta);
}

/* An array as the file has it; NULL when out of memory. Only padded ones are copied, so while a
 * model is saved its largest arrays are in memory twice, and no other is. */
static const void *as_in_file(save_buffers *b, const mixfill_array *a) {
    const void *held = mixfill_array_data(a);
    if (a->padded == 0)
        return held;
    double *out = mixfill_alloc(mixfill_array_count(a), sizeof *out);
    if (out == NULL || b->n_transposed == MAX_TRANSPOSED) {
        mixfill_free(out);
        return NULL;
    }
    mixfill_member_transpose(out, a, held);
    b->transposed[b->n_transposed++] = out;
    return out;
}

/* The arrays of one place that the model has. Those of users are NULL in a model without them, and
 * their members then missing. */
static mixfill_status add_arrays(mixfill_npz_writer *w, save_buffers *b, mixfill_array_place place,
                                 mixfill_error *err) {
    mixfill_array_list list;
    mixfill_members_list(&list, &b->model, place);
    for (size_t i = 0; i < list.n; i++) {
        const mixfill_array *a = &list.array[i];
        if (mixfill_array_data(a) == NULL)
            continue;
        const void *data = as_in_file(b, a);
        if (data == NULL)
            return mixfill_fail_nomem(err, a->name);
        mixfill_status st = mixfill_npz_add(w, a->name, a->type, 0, a->shape, data, err);
        if (st != MIXFILL_OK)
            return st;
    }
    return MIXFILL_OK;
}

/* All members, in the order that store/members.h promises. Without users their ids stay out as
 * well: they serve nothing, and would tell who was in the data. */
static mixfill_status add_members(mixfill_npz_writer *w, save_buffers *b, mixfill_error *err) {
    mixfill_status st;
    const mixfill_model *m = &b->model;
    MIXFILL_TRY(mixfill_npz_add_raw(w, "meta.json", b->meta, strlen(b->meta), err));
    MIXFILL_TRY(add_arrays(w, b, MIXFILL_BEFORE_IDS, err));
    MIXFILL_TRY(add_ids(w, "item_ids", &b->item_ids, m->n_items, err));
    if (mixfill_model_has_users(m))
        MIXFILL_TRY(add_ids(w, "user_ids", &b->user_ids, m->n_users, err));
    for (size_t i = 0; i < sizeof mixfill_places_after_ids / sizeof mixfill_places_after_ids[0];
         i++)
        MIXFILL_TRY(add_arrays(w, b, mixfill_places_after_ids[i], err));
done:
    return st;
}

/* An archive in memory where there is no path. */
typedef struct destination {
    const char *path;
    void **data;
    size_t *size;
} destination;

/* Write an archive to where it is wanted. Closing the writer writes and frees it in any case; one
 * that is given up before leaves no file behind. */
static mixfill_status save(const mixfill_model *model, const destination *to, mixfill_error *err) {
    const char *name = to->path != NULL ? to->path : mixfill_memory_name;
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
