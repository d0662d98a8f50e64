/* .npz archives: round trips, damaged files, malformed headers, conversions. */
#include "file/npz.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

static char folder[64], path[80];

static void enter_folder(void) {
    strcpy(folder, "/tmp/mixfill-npz-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.npz", folder);
}

static void leave_folder(void) {
    unlink(path);
    cr_expect_eq(rmdir(folder), 0);
    cr_expect_eq(mixfill_alloc_live, 0);
}

TestSuite(npz, .init = enter_folder, .fini = leave_folder);

static const double real_values[6] = {1.0, -2.5, 1e300, 5e-324, -0.0, 3.141592653589793};
static const int64_t long_values[3] = {INT64_MIN, 0, INT64_MAX};
static const int32_t int_values[1] = {-7};
static const char text_values[2][5] = {"abc", "defgh"};

static mixfill_status write_sample(mixfill_error *err) {
    mixfill_npz_writer *w = NULL;
    mixfill_status st;
    MIXFILL_TRY(mixfill_npz_writer_open(&w, path, err));
    MIXFILL_TRY(mixfill_npz_add(w, "real", MIXFILL_NPY_FLOAT64, 0, (mixfill_npy_shape){2, {2, 3}},
                                real_values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "long", MIXFILL_NPY_INT64, 0, (mixfill_npy_shape){1, {3}},
                                long_values, err));
    MIXFILL_TRY(
        mixfill_npz_add(w, "int", MIXFILL_NPY_INT32, 0, (mixfill_npy_shape){0}, int_values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "text", MIXFILL_NPY_BYTES, 5, (mixfill_npy_shape){1, {2}},
                                text_values, err));
    MIXFILL_TRY(mixfill_npz_add(w, "none", MIXFILL_NPY_FLOAT64, 0,
                                (mixfill_npy_shape){3, {2, 0, 4}}, NULL, err));
    MIXFILL_TRY(mixfill_npz_add_raw(w, "meta.json", "{}\n", 3, err));
    st = mixfill_npz_writer_close(w, err);
    w = NULL;
done:
    mixfill_npz_writer_abandon(w);
    return st;
}

/* Reads an array and compares all of it; *same turns false where it differs. */
static mixfill_status read_and_compare(mixfill_npz_reader *r, const char *name,
                                       mixfill_npy_type type, const void *expected, size_t len,
                                       bool *same, mixfill_error *err) {
    void *data = NULL;
    mixfill_npy_shape shape = {0};
    size_t size = 0, n = 1;
    mixfill_status st = mixfill_npz_read(r, &data, &shape, &size, name, type, err);
    if (st != MIXFILL_OK)
        return st;
    for (int32_t i = 0; i < shape.n_dims; i++)
        n *= (size_t)shape.dim[i];
    *same = *same && n * size == len && (len == 0 || memcmp(data, expected, len) == 0);
    mixfill_free(data);
    return MIXFILL_OK;
}

static mixfill_status read_sample(bool *same, mixfill_error *err) {
    mixfill_npz_reader *r = NULL;
    char *raw = NULL;
    size_t len;
    mixfill_status st;
    *same = true;
    MIXFILL_TRY(mixfill_npz_reader_open(&r, path, err));
    MIXFILL_TRY(read_and_compare(r, "real", MIXFILL_NPY_FLOAT64, real_values, sizeof real_values,
                                 same, err));
    MIXFILL_TRY(
        read_and_compare(r, "long", MIXFILL_NPY_INT64, long_values, sizeof long_values, same, err));
    MIXFILL_TRY(
        read_and_compare(r, "int", MIXFILL_NPY_INT32, int_values, sizeof int_values, same, err));
    MIXFILL_TRY(
        read_and_compare(r, "text", MIXFILL_NPY_BYTES, text_values, sizeof text_values, same, err));
    MIXFILL_TRY(read_and_compare(r, "none", MIXFILL_NPY_FLOAT64, NULL, 0, same, err));
    MIXFILL_TRY(mixfill_npz_read_raw(r, &raw, &len, "meta.json", err));
    *same = *same && len == 3 && strcmp(raw, "{}\n") == 0;
done:
    mixfill_free(raw);
    mixfill_npz_reader_close(r);
    return st;
}

static void expect_one_line(const mixfill_error *err) {
    cr_expect_eq(strncmp(err->message, path, strlen(path)), 0, "'%s'", err->message);
    cr_expect_null(strchr(err->message, '\n'));
}

static void put_bytes(const char *bytes, size_t len) {
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(bytes, 1, len, f), len);
    fclose(f);
}

static size_t get_bytes(char *bytes, size_t size) {
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f);
    size_t len = fread(bytes, 1, size, f);
    fclose(f);
    return len;
}

Test(npz, round_trip) {
    mixfill_error err = {0};
    bool same;
    cr_assert_eq(write_sample(&err), MIXFILL_OK, "%s", err.message);
    cr_assert_eq(read_sample(&same, &err), MIXFILL_OK, "%s", err.message);
    cr_expect(same);
}

Test(npz, has_tells_members) {
    mixfill_npz_reader *r = NULL;
    char *raw;
    size_t len;
    mixfill_error err = {0};
    cr_assert_eq(write_sample(NULL), MIXFILL_OK);
    cr_assert_eq(mixfill_npz_reader_open(&r, path, NULL), MIXFILL_OK);
    cr_expect(mixfill_npz_has(r, "real", false));
    cr_expect(mixfill_npz_has(r, "real.npy", true));
    cr_expect(mixfill_npz_has(r, "meta.json", true));
    cr_expect_not(mixfill_npz_has(r, "meta.json", false));
    cr_expect_eq(mixfill_npz_read_raw(r, &raw, &len, "absent", &err), MIXFILL_ERR_PARSE);
    expect_one_line(&err);
    mixfill_npz_reader_close(r);
}

Test(npz, same_bytes_in_any_time_zone) {
    static const char *const zones[] = {"UTC", "America/New_York", "Asia/Kolkata",
                                        "Pacific/Auckland", "UTC+12"};
    static char first[8192], other[8192];
    size_t first_len = 0;
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        setenv("TZ", zones[i], 1);
        cr_assert_eq(write_sample(NULL), MIXFILL_OK);
        size_t len = get_bytes(other, sizeof other);
        if (i == 0)
            first_len = get_bytes(first, sizeof first);
        cr_expect(len == first_len && memcmp(first, other, len) == 0, "%s", zones[i]);
    }
}

Test(npz, every_truncation_is_an_error) {
    static char bytes[8192];
    bool same;
    cr_assert_eq(write_sample(NULL), MIXFILL_OK);
    size_t len = get_bytes(bytes, sizeof bytes);
    for (size_t cut = 0; cut < len; cut++) {
        mixfill_error err = {0};
        put_bytes(bytes, cut);
        cr_expect_neq(read_sample(&same, &err), MIXFILL_OK, "cut at %zu", cut);
        expect_one_line(&err);
    }
}

Test(npz, every_flipped_byte_is_an_error_or_harmless) {
    static const unsigned char masks[] = {0x01, 0x80, 0xFF};
    static char bytes[8192];
    size_t n_errors = 0;
    cr_assert_eq(write_sample(NULL), MIXFILL_OK);
    size_t len = get_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < len * sizeof masks; i++) {
        mixfill_error err = {0};
        bool same;
        char *byte = &bytes[i / sizeof masks];
        char old = *byte;
        *byte = (char)((unsigned char)old ^ masks[i % sizeof masks]);
        put_bytes(bytes, len);
        if (read_sample(&same, &err) == MIXFILL_OK) {
            cr_expect(same, "flip %zu", i);
        } else {
            n_errors++;
            expect_one_line(&err);
        }
        *byte = old;
    }
    cr_expect_gt(n_errors, len * 2);
}

Test(npz, out_of_memory_at_every_allocation) {
    bool same;
    for (int64_t budget = 0;; budget++) {
        mixfill_alloc_budget = budget;
        mixfill_status written = write_sample(NULL);
        mixfill_status read = written == MIXFILL_OK ? read_sample(&same, NULL) : written;
        mixfill_alloc_budget = -1;
        cr_assert_eq(mixfill_alloc_live, 0);
        if (read == MIXFILL_OK)
            break;
        cr_assert_eq(read, MIXFILL_ERR_NOMEM);
        cr_assert_lt(budget, 100);
    }
    cr_expect(same);
}

Test(npz, full_disk_is_an_error) {
    mixfill_npz_writer *w = NULL;
    mixfill_error err = {0};
    cr_assert_eq(mixfill_npz_writer_open(&w, "/dev/full", &err), MIXFILL_OK);
    cr_assert_eq(mixfill_npz_add_raw(w, "x", "x", 1, &err), MIXFILL_OK);
    cr_expect_eq(mixfill_npz_writer_close(w, &err), MIXFILL_ERR_IO);
    cr_expect_str_eq(err.message, "/dev/full: cannot write: No space left on device");
}

Test(npz, says_what_it_cannot_open) {
    mixfill_npz_reader *r = NULL;
    mixfill_error err = {0};
    cr_expect_eq(mixfill_npz_reader_open(&r, "/no/such.npz", &err), MIXFILL_ERR_IO);
    cr_expect_str_eq(err.message, "/no/such.npz: cannot read: No such file or directory");
    put_bytes("user,item,rating\n", 17);
    cr_expect_eq(mixfill_npz_reader_open(&r, path, &err), MIXFILL_ERR_PARSE);
    expect_one_line(&err);
    cr_expect_neq(mixfill_npz_reader_open(&r, folder, &err), MIXFILL_OK);
}

/* ---- members made by hand ---- */

/* Writes an archive of one member m.npy, deflated or not. */
static void put_member(const char *bytes, size_t len, zip_int32_t method) {
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    cr_assert_not_null(zip);
    zip_int64_t index = zip_file_add(zip, "m.npy", zip_source_buffer(zip, bytes, len, 0), 0);
    cr_assert_geq(index, 0);
    cr_assert_eq(zip_set_file_compression(zip, (zip_uint64_t)index, method, 0), 0);
    cr_assert_eq(zip_close(zip), 0);
}

/* Version 1 with the dictionary given and data after it; returns the length. */
static size_t make_npy(char *out, const char *dictionary, const void *data, size_t len) {
    size_t n = strlen(dictionary);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (char)(n & 0xFF);
    out[9] = (char)(n >> 8);
    memcpy(out + 10, dictionary, n);
    if (len > 0)
        memcpy(out + 10 + n, data, len);
    return 10 + n + len;
}

static mixfill_status read_member(void **data, mixfill_npy_shape *shape, size_t *size,
                                  mixfill_npy_type type, mixfill_error *err) {
    mixfill_npz_reader *r = NULL;
    mixfill_status st = mixfill_npz_reader_open(&r, path, err);
    if (st == MIXFILL_OK)
        st = mixfill_npz_read(r, data, shape, size, "m", type, err);
    mixfill_npz_reader_close(r);
    return st;
}

static void expect_member_fails(mixfill_npy_type type, mixfill_status status, const char *what) {
    mixfill_error err;
    memset(&err, 'x', sizeof err);
    void *data = NULL;
    mixfill_npy_shape shape;
    cr_expect_eq(read_member(&data, &shape, NULL, type, &err), status, "%s", what);
    cr_expect_null(data);
    expect_one_line(&err);
}

Test(npz, malformed_headers) {
    static const char *const dictionaries[] = {
        "",
        "\n",
        "{}\n",
        "{'descr': '<f8'}\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } x\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)\n",
        "{'descr': '<f8', 'fortran_order': False 'shape': (1,), }\n",
        "{'descr': '<f8', 'fortran_order': Falsey, 'shape': (1,), }\n",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,), }\n",
        "{'descr': '<f8', 'fortran_order': True, 'shape': (1, 1), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1 1), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': [1], }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1e0,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775808,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'shape': (1,), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1, }\n",
        "{'descr': '<f8, 'fortran_order': False, 'shape': (1,), }\n",
        "{descr: '<f8', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '>U4', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '|O8', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '|f8', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': 'f8', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<f', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<f8x', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<i0', 'fortran_order': False, 'shape': (1,), }\n",
        "{'descr': '<M8', 'fortran_order': False, 'shape': (1,), }\n"};
    char bytes[512];
    const double one = 1.0;
    for (size_t i = 0; i < sizeof dictionaries / sizeof dictionaries[0]; i++) {
        put_member(bytes, make_npy(bytes, dictionaries[i], &one, sizeof one), ZIP_CM_STORE);
        expect_member_fails(MIXFILL_NPY_FLOAT64, MIXFILL_ERR_PARSE, dictionaries[i]);
    }
}

static const char one_double[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n";

Test(npz, damaged_magic_and_length) {
    static const struct {
        size_t at;
        unsigned char byte;
    } damage[] = {{0, 'N'}, {5, 'X'}, {6, 0}, {6, 4}, {7, 1}, {8, 0}, {8, 57}, {9, 255}, {20, 0}};
    const double one = 1.0;
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        char bytes[256];
        size_t len = make_npy(bytes, one_double, &one, sizeof one);
        bytes[damage[i].at] = (char)damage[i].byte;
        put_member(bytes, len, ZIP_CM_STORE);
        expect_member_fails(MIXFILL_NPY_FLOAT64, MIXFILL_ERR_PARSE, "damaged");
    }
}

Test(npz, any_length_of_a_member) {
    char bytes[256];
    const double one[2] = {1.0, 1.0};
    size_t len = make_npy(bytes, one_double, one, sizeof one);
    for (size_t cut = 0; cut <= len; cut++) {
        if (cut == len - sizeof one[0])
            continue;
        put_member(bytes, cut, ZIP_CM_DEFAULT);
        expect_member_fails(MIXFILL_NPY_FLOAT64, MIXFILL_ERR_PARSE, "cut or too long");
    }
}

Test(npz, a_claim_of_8_gigabytes_costs_nothing) {
    char bytes[256];
    struct mixfill_error err = {0};
    void *data = NULL;
    mixfill_npy_shape shape;
    put_member(bytes,
               make_npy(bytes,
                        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,), }\n",
                        "12345678", 8),
               ZIP_CM_STORE);
    mixfill_alloc_budget = 3; /* reader, its path, one block */
    cr_expect_eq(read_member(&data, &shape, NULL, MIXFILL_NPY_FLOAT64, &err), MIXFILL_ERR_PARSE);
    mixfill_alloc_budget = -1;
    cr_expect_not_null(strstr(err.message, "cut short, 8 bytes of 8000000000"), "%s", err.message);
}

Test(npz, versions_2_and_3_and_odd_spellings) {
    static const char *const dictionaries[] = {
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}\n",
        "{\"shape\":(1,),\"descr\":\"<f8\",\"fortran_order\":False}   \n",
        "{'descr': '<f8', 'fortran_order': True, 'shape': ( 1 , ) , }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1), }\n"};
    const double one = 1.0;
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < sizeof dictionaries / sizeof dictionaries[0]; i++) {
            char bytes[256];
            mixfill_error err = {0};
            void *data = NULL;
            mixfill_npy_shape shape;
            size_t len = make_npy(bytes, dictionaries[i], &one, sizeof one);
            if (version > 1) {
                memmove(bytes + 12, bytes + 10, len - 10);
                memset(bytes + 10, 0, 2);
                bytes[6] = (char)version;
                len += 2;
            }
            put_member(bytes, len, ZIP_CM_DEFLATE);
            cr_assert_eq(read_member(&data, &shape, NULL, MIXFILL_NPY_FLOAT64, &err), MIXFILL_OK,
                         "%s", err.message);
            cr_expect_eq(*(double *)data, 1.0);
            mixfill_free(data);
        }
}

/* ---- conversions ---- */

static void put_scalar(const char *descr, const void *data, size_t len) {
    char bytes[256], dictionary[128];
    snprintf(dictionary, sizeof dictionary,
             "{'descr': '%s', 'fortran_order': False, 'shape': (), }\n", descr);
    put_member(bytes, make_npy(bytes, dictionary, data, len), ZIP_CM_STORE);
}

Test(npz, converts_numbers_exactly) {
    static const struct {
        const char *descr, *bytes;
        size_t len;
        double expected;
    } cases[] = {{"|b1", "\1", 1, 1.0},
                 {"|i1", "\x80", 1, -128.0},
                 {"<i1", "\xFF", 1, -1.0},
                 {"|u1", "\xFF", 1, 255.0},
                 {"<i2", "\xFE\xFF", 2, -2.0},
                 {"<u2", "\xFE\xFF", 2, 65534.0},
                 {"<i4", "\0\0\0\x80", 4, -2147483648.0},
                 {"<u4", "\1\0\0\0", 4, 1.0},
                 {"<i8", "\0\0\0\0\0\0\x20\0", 8, 9007199254740992.0},
                 {"<i8", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, -1.0},
                 {"<u8", "\7\0\0\0\0\0\0\0", 8, 7.0},
                 {"<f4", "\0\0\x80\xBF", 4, -1.0},
                 {"<f8", "\0\0\0\0\0\0\xF0\x3F", 8, 1.0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        void *data = NULL;
        mixfill_npy_shape shape;
        put_scalar(cases[i].descr, cases[i].bytes, cases[i].len);
        cr_assert_eq(read_member(&data, &shape, NULL, MIXFILL_NPY_FLOAT64, NULL), MIXFILL_OK);
        cr_expect_eq(*(double *)data, cases[i].expected, "%s", cases[i].descr);
        mixfill_free(data);
        cr_assert_eq(read_member(&data, &shape, NULL, MIXFILL_NPY_INT64, NULL), MIXFILL_OK);
        cr_expect_eq(*(int64_t *)data, (int64_t)cases[i].expected, "%s", cases[i].descr);
        mixfill_free(data);
    }
}

Test(npz, refuses_what_does_not_fit) {
    const struct {
        const char *descr, *bytes;
        size_t len;
        mixfill_npy_type type;
        mixfill_status status;
    } cases[] = {
        {"|b1", "\2", 1, MIXFILL_NPY_FLOAT64, MIXFILL_ERR_PARSE},
        {"<i8", "\1\0\0\0\0\0\x20\0", 8, MIXFILL_NPY_FLOAT64, MIXFILL_ERR_PARSE},
        {"<u8", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, MIXFILL_NPY_FLOAT64, MIXFILL_ERR_PARSE},
        {"<u8", "\0\0\0\0\0\0\0\x80", 8, MIXFILL_NPY_INT64, MIXFILL_ERR_PARSE},
        {"<u4", "\0\0\0\x80", 4, MIXFILL_NPY_INT32, MIXFILL_ERR_PARSE},
        {"<f8", "\0\0\0\0\0\0\xE0\x43", 8, MIXFILL_NPY_INT64, MIXFILL_ERR_PARSE}, /* 2^63 */
        {"<f8", "\0\0\0\0\0\0\xF8\x3F", 8, MIXFILL_NPY_INT64, MIXFILL_ERR_PARSE}, /* 1.5 */
        {"<f8", "\0\0\0\0\0\0\xF8\x7F", 8, MIXFILL_NPY_INT32, MIXFILL_ERR_PARSE}, /* nan */
        {"<f8", "\0\0\0\0\0\0\xF0\x7F", 8, MIXFILL_NPY_INT32, MIXFILL_ERR_PARSE}, /* inf */
        {"|S8", "12345678", 8, MIXFILL_NPY_FLOAT64, MIXFILL_ERR_UNSUPPORTED},
        {"<f8", "12345678", 8, MIXFILL_NPY_BYTES, MIXFILL_ERR_UNSUPPORTED},
        {"|S4", "a\0b\0", 4, MIXFILL_NPY_BYTES, MIXFILL_ERR_PARSE},
        {"<S4", "abcd", 4, MIXFILL_NPY_FLOAT64, MIXFILL_ERR_UNSUPPORTED},
        {"|U1", "a\0\0\0", 4, MIXFILL_NPY_BYTES, MIXFILL_ERR_PARSE},
        {"<U1", "\0\xD8\0\0", 4, MIXFILL_NPY_BYTES, MIXFILL_ERR_PARSE},
        {"<U1", "\0\0\x11\0", 4, MIXFILL_NPY_BYTES, MIXFILL_ERR_PARSE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_scalar(cases[i].descr, cases[i].bytes, cases[i].len);
        expect_member_fails(cases[i].type, cases[i].status, cases[i].descr);
    }
}

Test(npz, unicode_comes_as_utf8) {
    static const char ucs4[16] = "a\0\0\0\xE9\0\0\0\xAC\x20\0\0\0\xF6\1";
    void *data = NULL;
    mixfill_npy_shape shape;
    size_t size = 0;
    put_scalar("<U4", ucs4, sizeof ucs4);
    cr_assert_eq(read_member(&data, &shape, &size, MIXFILL_NPY_BYTES, NULL), MIXFILL_OK);
    cr_expect_eq(size, 16);
    cr_expect_str_eq((char *)data, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    mixfill_free(data);
}

Test(npz, header_is_aligned_and_as_numpy_writes_it) {
    char header[MIXFILL_NPY_HEADER_MAX];
    const int64_t big = INT64_MAX;
    size_t len = mixfill_npy_header(header, MIXFILL_NPY_BYTES, SIZE_MAX,
                                    (mixfill_npy_shape){3, {big, big, big}});
    cr_expect_eq(len % 64, 0);
    cr_expect_leq(len, MIXFILL_NPY_HEADER_MAX);
    len = mixfill_npy_header(header, MIXFILL_NPY_FLOAT64, 0, (mixfill_npy_shape){2, {3, 4}});
    const char expected[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }";
    cr_expect_eq(len, 128);
    cr_expect_eq(memcmp(header + 10, expected, sizeof expected - 1), 0);
    cr_expect_eq(header[127], '\n');
}
