/* Fuzz target of the text formats, packed or not. The first two bytes choose the options, the rest
 * is the file. */
#include "fuzz.h"

#include "formats/load.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static mixfill_status take_pair(void *count, const mixfill_record *record, mixfill_error *err) {
    (void)err;
    fuzz_require(record->user.len > 0 && record->user.len <= MIXFILL_ID_MAX, "a user id");
    fuzz_require(record->item.len > 0 && record->item.len <= MIXFILL_ID_MAX, "an item id");
    ++*(int64_t *)count;
    return MIXFILL_OK;
}

static void read_pairs(const char *path, const mixfill_read_options *options) {
    mixfill_read_report report = {0};
    mixfill_error err = {0};
    int64_t count = 0;
    mixfill_status st = mixfill_read_pairs(&report, path, options, take_pair, &count, &err);
    if (st != MIXFILL_OK)
        fuzz_check_error(st, &err);
    fuzz_require(mixfill_alloc_live == 0, "memory is left behind");
}

static void read_titles(const char *path, bool int_ids) {
    mixfill_error err = {0};
    mixfill_titles *titles = NULL;
    mixfill_status st = mixfill_titles_load(&titles, path, int_ids, &err);
    if (st == MIXFILL_OK)
        fuzz_require(mixfill_titles_count(titles) > 0, "no titles");
    else
        fuzz_check_error(st, &err);
    mixfill_titles_free(titles);
    fuzz_require(mixfill_alloc_live == 0, "memory is left behind");
}

static void read_users(const char *path, bool int_ids) {
    mixfill_error err = {0};
    mixfill_users *users = NULL;
    if (mixfill_users_create(&users, &err) != MIXFILL_OK)
        return;
    mixfill_status st = mixfill_users_load(users, path, int_ids, &err);
    if (st != MIXFILL_OK)
        fuzz_check_error(st, &err);
    mixfill_users_free(users);
    fuzz_require(mixfill_alloc_live == 0, "memory is left behind");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path;
    mixfill_read_options o;
    if (size < 2)
        return 0;
    mixfill_read_options_init(&o);
    o.threads = 1;
    unsigned format = data[0] & 15u, flags = data[1];
    o.format = format <= MIXFILL_FORMAT_ARFF ? (mixfill_format)format : MIXFILL_FORMAT_AUTO;
    o.duplicates = (mixfill_duplicates)(flags & 3u);
    o.missing = (flags & 4u) != 0 ? (double)NAN : 0;
    o.int_ids = (flags & 8u) != 0;
    o.transpose = (flags & 64u) != 0;
    o.skip_bad_lines = (flags & 128u) != 0;
    o.keep_times = (flags & 16u) != 0;
    o.decimal_comma = (flags & 32u) != 0;
    if ((data[0] & 16u) != 0) {
        static const char *const columns[] = {"user=1,item=2,rating=1", "user=2,item=1,rating=3",
                                              "user=userId,item=movieId,rating=rating,time=4"};
        static const char *const delimiters[] = {NULL, ";", "tab", "blank"};
        o.columns = columns[(flags & 3u) % 3];
        o.delimiter = delimiters[flags >> 2 & 3u];
    }
    fuzz_write(&path, data + 2, size - 2);
    if ((data[0] & 128u) != 0)
        read_pairs(path, &o);
    else if ((data[0] & 64u) != 0)
        read_titles(path, o.int_ids);
    else if ((data[0] & 32u) != 0)
        read_users(path, o.int_ids);
    else
        fuzz_load(path, &o);
    return 0;
}
