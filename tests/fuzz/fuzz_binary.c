/* Fuzz target of .npy, .npz, .zip and models. The first byte chooses: the rest is the file, or a
 * list of members (which name, length in two bytes, content) that is made into a zip with right
 * checksums, so that what is in the members is reached. */
#include "fuzz.h"

#include <math.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "format.npy",       "shape.npy",      "indptr.npy",     "indices.npy",    "data.npy",
    "row.npy",          "col.npy",        "meta.json",      "weight.npy",     "mu.npy",
    "var.npy",          "item_ids.npy",   "user_ids.npy",   "resp.npy",       "global_mean.npy",
    "global_sd.npy",    "user_mean.npy",  "item_mean.npy",  "user_bias.npy",  "item_bias.npy",
    "rating_range.npy", "user_count.npy", "item_count.npy", "ratings.csv",    "u.data",
    "scale.npy",        "w.npy",          "w_cov.npy",      "v.npy",          "y.npy",
    "xi.npy",           "omega.npy",      "m.npy",          "phi.npy",        "user_factor.npy",
    "user_cov.npy",     "user_scale.npy", "s0.npy",         "noise_mean.npy", "offset_item.npy",
    "offset_user.npy"};

enum { N_NAMES = sizeof names / sizeof names[0], MAX_MEMBERS = 32, LOCAL = 30, CENTRAL = 46 };

typedef struct archive {
    uint8_t *bytes;
    size_t len;
} archive;

static void put(archive *a, uint64_t value, int n) {
    for (int i = 0; i < n; i++)
        a->bytes[a->len++] = i < 8 ? (uint8_t)(value >> (8 * i)) : 0;
}

static void put_bytes(archive *a, const void *bytes, size_t len) {
    memcpy(a->bytes + a->len, bytes, len);
    a->len += len;
}

/* What local and central headers share, from the version needed to the lengths of name and extra.
 */
static void put_common(archive *a, const uint8_t *content, size_t len, const char *name) {
    put(a, 20, 2);
    put(a, 0, 4);
    put(a, 33u << 16, 4);
    put(a, crc32(0, content, (unsigned)len), 4);
    put(a, len, 4);
    put(a, len, 4);
    put(a, strlen(name), 2);
    put(a, 0, 2);
}

/* The members in data as a stored zip; its bytes are for the caller to free. */
static archive make_zip(const uint8_t *data, size_t size) {
    archive zip = {malloc(2 * size + MAX_MEMBERS * 256), 0}, directory = {malloc(1 << 14), 0};
    int n = 0;
    while (size >= 3 && n < MAX_MEMBERS) {
        const char *name = names[data[0] % N_NAMES];
        size_t len = data[1] | (size_t)data[2] << 8, at = zip.len;
        len = len < size - 3 ? len : size - 3;
        put(&zip, 0x04034b50, 4);
        put_common(&zip, data + 3, len, name);
        put_bytes(&zip, name, strlen(name));
        put_bytes(&zip, data + 3, len);
        put(&directory, 0x02014b50, 4);
        put(&directory, 20, 2);
        put_common(&directory, data + 3, len, name);
        put(&directory, 0, 10);
        put(&directory, at, 4);
        put_bytes(&directory, name, strlen(name));
        data += 3 + len;
        size -= 3 + len;
        n++;
    }
    size_t at = zip.len;
    put_bytes(&zip, directory.bytes, directory.len);
    put(&zip, 0x06054b50, 4);
    put(&zip, 0, 4);
    put(&zip, (uint64_t)n | (uint64_t)n << 16, 4);
    put(&zip, directory.len, 4);
    put(&zip, at, 4);
    put(&zip, 0, 2);
    free(directory.bytes);
    return zip;
}

static void load_model(const char *path) {
    mixfill_error err = {0};
    mixfill_model *model = NULL;
    mixfill_model_summary summary;
    mixfill_status st = mixfill_model_load(&model, path, &err);
    if (st == MIXFILL_OK) {
        mixfill_prediction p;
        mixfill_model_summarize(model, &summary);
        mixfill_predict(model, &p, "1", "1");
        fuzz_require(p.sd >= 0, "a prediction of a model that was accepted");
    } else {
        fuzz_check_error(st, &err);
    }
    mixfill_model_free(model);
    fuzz_require(mixfill_alloc_live == 0, "memory is left behind");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path;
    mixfill_read_options o;
    if (size < 1)
        return 0;
    unsigned flags = *data++;
    size--;
    mixfill_read_options_init(&o);
    o.threads = 1;
    o.transpose = (flags & 4u) != 0;
    o.missing = (flags & 8u) != 0 ? (double)NAN : 0;
    o.duplicates = (mixfill_duplicates)(flags >> 6);
    if ((flags & 1u) != 0) {
        archive zip = make_zip(data, size);
        fuzz_write(&path, zip.bytes, zip.len);
        free(zip.bytes);
    } else {
        fuzz_write(&path, data, size);
    }
    if ((flags & 2u) != 0)
        load_model(path);
    else
        fuzz_load(path, &o);
    return 0;
}
