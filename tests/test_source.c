/* Packed input: gzip, zstd and members of archives read like the text in them, and what is damaged
 * refused with the line that it cuts. */
#include "file/lines.h"
#include "support.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>
#ifdef MIXFILL_HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef MIXFILL_HAVE_BZIP2
#include <bzlib.h>
#endif
#ifdef MIXFILL_HAVE_XZ
#include <lzma.h>
#endif

TestSuite(source, .init = support_enter_folder, .fini = support_leave_folder);

typedef struct bytes {
    char *at;
    size_t len;
} bytes;

/* csv whose lines do not repeat. */
static bytes make_text(int lines) {
    bytes t = {malloc((size_t)lines * 40), 0};
    uint64_t state = 7;
    for (int i = 0; i < lines; i++)
        t.len += (size_t)sprintf(t.at + t.len, "%d,%d,%d.5,%u\n", i / 20, i % 20 * 7, i % 5,
                                 (unsigned)(support_next(&state) % 1000000000));
    return t;
}

static void write_bytes(const char *name, const char *at, size_t len, const char *mode) {
    FILE *f = fopen(name, mode);
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(at, 1, len, f), len);
    fclose(f);
}

static bytes read_bytes(const char *name) {
    FILE *f = fopen(name, "rb");
    cr_assert_not_null(f);
    bytes b = {malloc(1 << 22), 0};
    b.len = fread(b.at, 1, 1 << 22, f);
    fclose(f);
    return b;
}

static void write_gzip(const char *name, const char *at, size_t len, const char *mode) {
    gzFile f = gzopen(name, mode);
    cr_assert_eq(gzwrite(f, at, (unsigned)len), (int)len);
    cr_assert_eq(gzclose(f), Z_OK);
}

static void add_member(const char *name, const char *member, const char *at, size_t len) {
    zip_t *zip = zip_open(name, ZIP_CREATE, NULL);
    cr_assert_geq(zip_file_add(zip, member, zip_source_buffer(zip, at, len, 0), 0), 0);
    cr_assert_eq(zip_close(zip), 0);
}

static mixfill_status load(const char *name, const char *member, mixfill_ratings **out,
                           mixfill_read_report *report, mixfill_error *err) {
    mixfill_read_options o;
    mixfill_read_options_init(&o);
    o.member = member;
    return mixfill_ratings_load(out, report, name, &o, err);
}

/* The number of ratings, read well from `packing`. */
static int64_t count(const char *name, const char *member, const char *packing) {
    mixfill_ratings *r = NULL;
    mixfill_read_report report;
    mixfill_error err;
    cr_assert_eq(load(name, member, &r, &report, &err), MIXFILL_OK, "%s", err.message);
    cr_expect_str_eq(report.packing, packing);
    int64_t n = mixfill_ratings_count(r);
    mixfill_ratings_free(r);
    return n;
}

static void refused(const char *name, const char *member, mixfill_status status, int64_t line,
                    const char *message) {
    mixfill_ratings *r = NULL;
    mixfill_error err = {.line = -7, .message = "poison"};
    cr_expect_eq(load(name, member, &r, NULL, &err), status, "%s: %s", name, err.message);
    cr_expect_null(r);
    cr_expect_eq(err.line, line, "%s: line %d", err.message, (int)err.line);
    cr_expect_not_null(strstr(err.message, message), "'%s' lacks '%s'", err.message, message);
}

Test(source, gzip_of_one_and_several_members) {
    bytes t = make_text(5000);
    size_t half = (size_t)((char *)memchr(t.at + t.len / 2, '\n', 100) - t.at) - 3;
    write_gzip("one", t.at, t.len, "wb");
    cr_expect_eq(count("one", NULL, "gzip"), 5000);
    write_gzip("two", t.at, half, "wb");
    write_gzip("two", t.at + half, t.len - half, "ab");
    cr_expect_eq(count("two", NULL, "gzip"), 5000);
    write_bytes("two", (char[700]){0}, 700, "ab");
    cr_expect_eq(count("two", NULL, "gzip"), 5000);
    write_bytes("two", "junk", 4, "ab");
    refused("two", NULL, MIXFILL_ERR_PARSE, 5001, "two:5001: gzip data is damaged");
    write_gzip("bad", "1,2,3\n1,3,x\n", 12, "wb");
    refused("bad", NULL, MIXFILL_ERR_PARSE, 2, "bad:2: rating 'x' is not a number");
    write_gzip("none", "", 0, "wb");
    refused("none", NULL, MIXFILL_ERR_PARSE, 0, "none: empty file");
    write_gzip("again", "\x1f\x8b", 2, "wb");
    refused("again", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "gzip data in packed data");
    write_gzip("zipped", "PK\x03\x04", 4, "wb");
    refused("zipped", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "within gzip data");
    free(t.at);
}

/* Every cut, and damage at every place, of a packed file ends in one line or changes nothing. */
static void damage(const char *name, const char *what, int64_t lines) {
    bytes whole = read_bytes(name);
    for (size_t cut = 1; cut < whole.len; cut += 1 + whole.len / 60) {
        mixfill_error err = {.line = -7};
        mixfill_ratings *r = NULL;
        write_bytes("cut", whole.at, cut, "wb");
        cr_expect_neq(load("cut", NULL, &r, NULL, &err), MIXFILL_OK, "%s cut at %zu", what, cut);
        cr_expect_null(strchr(err.message, '\n'));
        cr_expect_leq(err.line, lines + 1, "%s", err.message);
    }
    for (size_t i = 0; i < whole.len; i += 1 + whole.len / 60) {
        mixfill_ratings *r = NULL;
        mixfill_error err = {.line = -7};
        whole.at[i] ^= 0x21;
        write_bytes("flip", whole.at, whole.len, "wb");
        if (load("flip", NULL, &r, NULL, &err) == MIXFILL_OK)
            cr_expect_eq(mixfill_ratings_count(r), lines, "%s flipped at %zu", what, i);
        mixfill_ratings_free(r);
        whole.at[i] ^= 0x21;
    }
    free(whole.at);
}

Test(source, damaged_gzip) {
    bytes t = make_text(300);
    write_gzip("f", t.at, t.len, "wb");
    damage("f", "gzip", 300);
    bytes packed = read_bytes("f");
    write_bytes("f", packed.at, packed.len - 5, "wb");
    refused("f", NULL, MIXFILL_ERR_PARSE, 301, "f:301: gzip data is cut short");
    packed.at[packed.len - 6] ^= 1;
    write_bytes("f", packed.at, packed.len, "wb");
    refused("f", NULL, MIXFILL_ERR_PARSE, 301, "f:301: gzip data is damaged (incorrect");
    free(packed.at);
    free(t.at);
}

#ifdef MIXFILL_HAVE_ZSTD
static size_t write_zstd(const char *name, const char *at, size_t len, const char *mode) {
    size_t cap = ZSTD_compressBound(len);
    char *packed = malloc(cap);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t n = ZSTD_compress2(context, packed, cap, at, len);
    cr_assert_not(ZSTD_isError(n));
    write_bytes(name, packed, n, mode);
    ZSTD_freeCCtx(context);
    free(packed);
    return n;
}

Test(source, zstd) {
    bytes t = make_text(300);
    size_t half = t.len / 2;
    write_zstd("one", t.at, t.len, "wb");
    cr_expect_eq(count("one", NULL, "zstd"), 300);
    write_zstd("two", t.at, half, "wb");
    write_zstd("two", t.at + half, t.len - half, "ab");
    cr_expect_eq(count("two", NULL, "zstd"), 300);
    damage("one", "zstd", 300);
    bytes packed = read_bytes("one");
    write_bytes("cut", packed.at, packed.len - 2, "wb");
    refused("cut", NULL, MIXFILL_ERR_PARSE, 301, "cut:301: zstd data is cut short");
    free(packed.at);
    free(t.at);
}
#else
Test(source, zstd_that_is_not_built_in) {
    write_bytes("f", "\x28\xb5\x2f\xfd rest", 9, "wb");
    refused("f", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "f: zstd data, and this build is without");
}
#endif

#ifdef MIXFILL_HAVE_BZIP2
static void write_bzip2(const char *name, const char *at, size_t len, const char *mode) {
    unsigned n = (unsigned)len + (unsigned)len / 100 + 600;
    char *packed = malloc(n);
    cr_assert_eq(
        BZ2_bzBuffToBuffCompress(packed, &n, (char *)(uintptr_t)at, (unsigned)len, 1, 0, 0), BZ_OK);
    write_bytes(name, packed, n, mode);
    free(packed);
}

Test(source, bzip2) {
    bytes t = make_text(300);
    size_t half = t.len / 2;
    write_bzip2("one", t.at, t.len, "wb");
    cr_expect_eq(count("one", NULL, "bzip2"), 300);
    write_bzip2("two", t.at, half, "wb");
    write_bzip2("two", "", 0, "ab");
    write_bzip2("two", t.at + half, t.len - half, "ab");
    cr_expect_eq(count("two", NULL, "bzip2"), 300);
    damage("one", "bzip2", 300);
    bytes packed = read_bytes("one");
    write_bytes("cut", packed.at, packed.len - 2, "wb");
    refused("cut", NULL, MIXFILL_ERR_PARSE, 301, "cut:301: bzip2 data is cut short");
    packed.at[packed.len - 3] ^= 1;
    write_bytes("bad", packed.at, packed.len, "wb");
    refused("bad", NULL, MIXFILL_ERR_PARSE, 301, "bad:301: bzip2 data is damaged");
    write_bzip2("none", "", 0, "wb");
    refused("none", NULL, MIXFILL_ERR_PARSE, 0, "none: empty file");
    free(packed.at);
    free(t.at);
}
#else
Test(source, bzip2_that_is_not_built_in) {
    write_bytes("f", "BZh91AY&SY rest", 15, "wb");
    refused("f", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "f: bzip2 data, and this build is without");
}
#endif

#ifdef MIXFILL_HAVE_XZ
static void write_xz(const char *name, const char *at, size_t len, const char *mode) {
    size_t cap = lzma_stream_buffer_bound(len), n = 0;
    uint8_t *packed = malloc(cap);
    cr_assert_eq(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, (const uint8_t *)at, len,
                                         packed, &n, cap),
                 LZMA_OK);
    write_bytes(name, (const char *)packed, n, mode);
    free(packed);
}

Test(source, xz) {
    bytes t = make_text(300);
    size_t half = t.len / 2;
    write_xz("one", t.at, t.len, "wb");
    cr_expect_eq(count("one", NULL, "xz"), 300);
    write_xz("two", t.at, half, "wb");
    write_bytes("two", (char[8]){0}, 8, "ab"); /* padding between streams */
    write_xz("two", t.at + half, t.len - half, "ab");
    cr_expect_eq(count("two", NULL, "xz"), 300);
    damage("one", "xz", 300);
    bytes packed = read_bytes("one");
    write_bytes("cut", packed.at, packed.len - 2, "wb");
    refused("cut", NULL, MIXFILL_ERR_PARSE, 301, "cut:301: xz data is cut short");
    packed.at[packed.len - 20] ^= 1;
    write_bytes("bad", packed.at, packed.len, "wb");
    refused("bad", NULL, MIXFILL_ERR_PARSE, 301, "bad:301: xz data is damaged");
    write_xz("none", "", 0, "wb");
    refused("none", NULL, MIXFILL_ERR_PARSE, 0, "none: empty file");
    free(packed.at);
    free(t.at);
}
#else
Test(source, xz_that_is_not_built_in) {
    write_bytes("f", "\xfd\x37zXZ\0 rest", 11, "wb");
    refused("f", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "f: xz data, and this build is without");
}
#endif

/* What other programs write is named, with the way out. */
Test(source, foreign_files) {
    static const struct {
        const char *bytes;
        size_t len;
        const char *what, *way;
    } cases[] = {
        {"PAR1\x15", 5, "f: Parquet is not read", "pandas.read_parquet(\"f\").to_csv"},
        {"\x89HDF\r\n", 6, "f: HDF5 is not read", "pandas.read_hdf(\"f\")"},
        {"ARROW1\0\0", 8, "f: Feather (Arrow) is not read", "pandas.read_feather(\"f\")"},
        {"FEA1\x01", 5, "f: Feather is not read", "read_feather"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "f: an Excel workbook", "read_excel(\"f\")"},
        {"MATLAB 5.0 MAT-file, Platform\0", 30, "f: a MATLAB file", "loadmat(\"f\")"},
        {"MATLAB 7.3 MAT-file\0", 20, "f: a MATLAB 7.3 file", "'-v7'"},
        {"SQLite format 3\0", 16, "f: a SQLite database", "sqlite3 -header -csv f"},
        {"RDX3\nX\n\0\0", 9, "f: R data", "load(\"f\")"},
        {"X\n\0\0\0\3", 6, "f: R data", "readRDS(\"f\")"},
        {"\x80\x04\x95\x10", 4, "f: a Python pickle", "read_pickle(\"f\")"},
        {"\xff\xfe"
         "1\0,\0",
         6, "f: UTF-16 text is not read", "iconv -f UTF-16 -t UTF-8 f"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_bytes("f", cases[i].bytes, cases[i].len, "wb");
        refused("f", NULL, MIXFILL_ERR_UNSUPPORTED, 0, cases[i].what);
        refused("f", NULL, MIXFILL_ERR_UNSUPPORTED, 0, cases[i].way);
    }
    /* what begins so and is text all the same */
    static const char *const texts[] = {"PAR1,i1,3\n",  "ORC,i1,3\nORC7,i1,2\n", "FEA1,x,1\n",
                                        "ARROW1 x 2\n", "SQLite format 3\n",     "Obj,x,1\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_bytes("f", texts[i], strlen(texts[i]), "wb");
        mixfill_ratings *r = NULL;
        mixfill_error err;
        cr_expect_eq(load("f", NULL, &r, NULL, &err), MIXFILL_OK, "%s", err.message);
        mixfill_ratings_free(r);
    }
    write_bytes("f", "Obj\x01 avro", 9, "wb");
    refused("f", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "f: Avro is not read");
    add_member("m.pt", "m/data.pkl", "x", 1);
    add_member("m.pt", "m/version", "3", 1);
    refused("m.pt", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "m.pt: a PyTorch file is not read");
    write_gzip("f.gz", "RDX2\nX\n\0\0", 9, "wb");
    refused("f.gz", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "f.gz: R data is not read");
    char tar[512] = "ratings.csv";
    memcpy(tar + 257, "ustar", 5);
    add_member("tar.zip", "ml.tar", tar, sizeof tar);
    refused("tar.zip", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "ml.tar: a tar archive is not read");
    add_member("b.xlsx", "[Content_Types].xml", "x", 1);
    add_member("b.xlsx", "xl/workbook.xml", "x", 1);
    refused("b.xlsx", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "b.xlsx: a workbook is not read");
    refused("b.xlsx", NULL, MIXFILL_ERR_UNSUPPORTED, 0, "pandas.read_excel(\"b.xlsx\")");
}

Test(source, zip_members) {
    bytes t = make_text(2000);
    add_member("ml.zip", "ml/README.txt", "x", 1);
    refused("ml.zip", "ml/ratings.csv", MIXFILL_ERR_PARSE, 0,
            "no member 'ml/ratings.csv', expected one of 'ml/README.txt'");
    add_member("ml.zip", "ml/movies.csv", "x", 1);
    refused("ml.zip", NULL, MIXFILL_ERR_PARSE, 0,
            "expected one of 'ml/README.txt', 'ml/movies.csv'");
    add_member("ml.zip", "__MACOSX/ml/ratings.csv", "x", 1);
    add_member("ml.zip", "ml/ratings.csv", t.at, t.len);
    cr_expect_eq(count("ml.zip", NULL, "zip"), 2000);
    add_member("ml.zip", "old/u.data", "1\t2\t3\n1\t3\tx\n", 12);
    refused("ml.zip", NULL, MIXFILL_ERR_PARSE, 0,
            "ml.zip: 2 members could be the ratings, 'ml/ratings.csv' and 'old/u.data' among "
            "them, expected one");
    cr_expect_eq(count("ml.zip", "ml/ratings.csv", "zip"), 2000);
    refused("ml.zip", "u.data", MIXFILL_ERR_PARSE, 2, "ml.zip:old/u.data:2: rating 'x'");
    refused("ml.zip", "ratings.csv", MIXFILL_ERR_PARSE, 0, "2 members could be");
    add_member("any.zip", "f", t.at, t.len);
    cr_expect_eq(count("any.zip", NULL, "zip"), 2000);
    write_bytes("text", t.at, t.len, "wb");
    refused("text", "f", MIXFILL_ERR_ARG, 0, "text: not a zip or tar file, expected one with");
    free(t.at);
}

Test(source, damaged_zip) {
    bytes t = make_text(300);
    add_member("f", "ratings.csv", t.at, t.len);
    damage("f", "zip", 300);
    bytes packed = read_bytes("f");
    packed.at[14] ^= 1; /* the CRC in the local header; the one that counts is at the end */
    packed.at[packed.len / 2] ^= 1;
    write_bytes("f", packed.at, packed.len, "wb");
    mixfill_ratings *r = NULL;
    mixfill_error err;
    cr_expect_eq(load("f", NULL, &r, NULL, &err), MIXFILL_ERR_PARSE);
    free(packed.at);
    free(t.at);
}

/* What unpacks far beyond its size is given up early. */
/* A member as POSIX writes it, with a name that a prefix begins where one is given. */
static void add_tar(const char *name, const char *prefix, const char *member, char type,
                    const char *at, size_t len, const char *mode) {
    char header[512] = {0};
    snprintf(header, 100, "%s", member);
    memcpy(header + 100,
           "0000644\0"
           "0000000\0"
           "0000000",
           24);
    snprintf(header + 124, 12, "%011zo", len);
    memset(header + 148, ' ', 8);
    header[156] = type;
    memcpy(header + 257, "ustar\00000", 8);
    snprintf(header + 345, 155, "%s", prefix);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof header; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    write_bytes(name, header, sizeof header, mode);
    write_bytes(name, at, len, "ab");
    write_bytes(name, (char[512]){0}, -len & 511, "ab");
}

static void end_tar(const char *name) {
    write_bytes(name, (char[1024]){0}, 1024, "ab");
}

Test(source, tar_members) {
    bytes t = make_text(300);
    add_tar("t", "", "ml/", '5', "", 0, "wb");
    add_tar("t", "", "ml/README", '0', "no\n", 3, "ab");
    add_tar("t", "a/very/deep", "ml/ratings.csv", '0', t.at, t.len, "ab");
    add_tar("t", "", "ml/links.csv", '0', "1,2,3\n", 6, "ab");
    end_tar("t");
    cr_expect_eq(count("t", NULL, "tar"), 300);
    cr_expect_eq(count("t", "a/very/deep/ml/ratings.csv", "tar"), 300);
    cr_expect_eq(count("t", "links.csv", "tar"), 1);
    refused("t", "nope", MIXFILL_ERR_PARSE, 0,
            "t: no member 'nope', expected one of 'ml/README', 'a/very/deep/ml/ratings.csv', "
            "'ml/links.csv'");
    bytes whole = read_bytes("t");
    write_gzip("t.gz", whole.at, whole.len, "wb");
    cr_expect_eq(count("t.gz", NULL, "tar"), 300);
    write_bytes("cut", whole.at, 3000, "wb");
    refused("cut", NULL, MIXFILL_ERR_PARSE, 51,
            "cut:a/very/deep/ml/ratings.csv:51: tar archive is");
    whole.at[512 + 30]++;
    write_bytes("bad", whole.at, whole.len, "wb");
    refused("bad", NULL, MIXFILL_ERR_PARSE, 0, "bad: tar archive is damaged");
    free(whole.at);
    free(t.at);
}

Test(source, tar_of_one_or_several_that_fit) {
    add_tar("one", "", "x/odd", '0', "1,2,3\n2,2,4\n", 12, "wb");
    end_tar("one");
    cr_expect_eq(count("one", NULL, "tar"), 2);
    add_tar("two", "", "x/odd", '0', "1,2,3\n", 6, "wb");
    add_tar("two", "", "x/y\tz", '0', "1,2,3\n", 6, "ab");
    refused("two", NULL, MIXFILL_ERR_PARSE, 0, "u.data, expected one of 'x/odd', 'x/y?z'");
    add_tar("both", "", "x/u.data", '0', "1,2,3\n", 6, "wb");
    add_tar("both", "", "y/u.data", '0', "1,2,3\n", 6, "ab");
    refused("both", NULL, MIXFILL_ERR_PARSE, 2, "both:x/u.data:2: 'y/u.data' of the same archive");
    refused("both", "u.data", MIXFILL_ERR_PARSE, 2, "could be the ratings too");
    cr_expect_eq(count("both", "y/u.data", "tar"), 1);
    add_tar("folders", "", "x/", '5', "", 0, "wb");
    end_tar("folders");
    refused("folders", NULL, MIXFILL_ERR_PARSE, 0, "folders: a tar file without members");
    refused("folders", "x/", MIXFILL_ERR_PARSE, 0, "folders: a tar file without members");
    write_bytes("text", "1,2,3\n", 6, "wb");
    refused("text", "m", MIXFILL_ERR_ARG, 0, "text: not a zip or tar file, expected one with the");
}

/* GNU's long names, pax records, numbers in base 256, members in pieces. */
Test(source, tar_extensions) {
    const char text[] = "1,2,3\n2,2,4\n", *pax = "28 path=deep/\xc3\xa9/ratings.csv\n11 size=12\n";
    add_tar("long", "", "././@LongLink", 'L', "very/long/ratings.csv", 22, "wb");
    add_tar("long", "", "very/lo", '0', text, 12, "ab");
    cr_expect_eq(count("long", "very/long/ratings.csv", "tar"), 2);
    add_tar("pax", "", "PaxHeaders/1", 'x', pax, strlen(pax), "wb");
    add_tar("pax", "", "deep/_", '0', text, 12, "ab");
    cr_expect_eq(count("pax", "deep/\xc3\xa9/ratings.csv", "tar"), 2);
    add_tar("sparse", "", "PaxHeaders/1", 'x', "22 GNU.sparse.major=1\n", 22, "wb");
    add_tar("sparse", "", "ratings.csv", '0', text, 12, "ab");
    refused("sparse", NULL, MIXFILL_ERR_PARSE, 0, "sparse: a tar file without members");
    add_tar("odd", "", "PaxHeaders/1", 'x', "99 path=u.data\n", 15, "wb");
    add_tar("odd", "", "ratings.csv", '0', text, 12, "ab");
    cr_expect_eq(count("odd", "ratings.csv", "tar"), 2);
    add_tar("large", "", "ratings.csv", '0', text, 12, "wb");
    bytes b = read_bytes("large");
    unsigned sum = 0;
    memset(b.at + 124, 0, 12);
    b.at[124] = (char)0x80;
    b.at[135] = 12;
    memset(b.at + 148, ' ', 8);
    for (int i = 0; i < 512; i++)
        sum += (unsigned char)b.at[i];
    snprintf(b.at + 148, 8, "%06o", sum);
    write_bytes("large", b.at, b.len, "wb");
    cr_expect_eq(count("large", NULL, "tar"), 2);
    memset(b.at + 125, 0x7f, 10);
    for (int i = 125; i < 135; i++)
        sum += 0x7f;
    snprintf(b.at + 148, 8, "%06o", sum);
    write_bytes("large", b.at, b.len, "wb");
    refused("large", NULL, MIXFILL_ERR_PARSE, 0, "large: tar archive is damaged");
    free(b.at);
}

Test(source, damaged_tar) {
    bytes t = make_text(300);
    add_tar("f", "", "ratings.csv", '0', t.at, t.len, "wb");
    bytes whole = read_bytes("f");
    for (size_t cut = 1; cut < whole.len; cut += 97) {
        mixfill_ratings *r = NULL;
        mixfill_error err = {.line = -7};
        write_bytes("cut", whole.at, cut, "wb");
        mixfill_status st = load("cut", NULL, &r, NULL, &err);
        if (cut < 512 + t.len)
            cr_expect_neq(st, MIXFILL_OK, "cut at %zu", cut);
        mixfill_ratings_free(r);
    }
    free(whole.at);
    free(t.at);
}

Test(source, bombs) {
    size_t len = 8 << 20;
    char *same = malloc(len);
    for (size_t i = 0; i < len; i += 8)
        memcpy(same + i, "1,1,3.5\n", 8);
    gzFile f = gzopen("bomb", "wb6");
    for (int i = 0; i < 60; i++)
        cr_assert_eq(gzwrite(f, same, (unsigned)len), (int)len);
    gzclose(f);
    mixfill_lines lines;
    mixfill_error err;
    mixfill_chunk chunk = {0};
    mixfill_status st;
    cr_assert_eq(mixfill_lines_open(&lines, "bomb", NULL, &err), MIXFILL_OK);
    do
        st = mixfill_lines_chunk(&lines, &chunk, &err);
    while (st == MIXFILL_OK && chunk.len > 0);
    cr_expect_eq(st, MIXFILL_ERR_PARSE);
    cr_expect_not_null(strstr(err.message, "unpacks to more than 256 MiB and 200 times"), "%s",
                       err.message);
    mixfill_chunk_clear(&chunk);
    mixfill_lines_close(&lines);
    free(same);
}

Test(source, a_file_that_changes_while_it_is_read) {
    enum { GROWS, SHRINKS, VANISHES, REPLACED, CASES };
    bytes t = make_text(100000);
    for (int i = 0; i < CASES; i++) {
        mixfill_lines lines;
        mixfill_error err;
        char *text;
        size_t len;
        write_bytes("f", t.at, t.len, "wb");
        cr_assert_eq(mixfill_lines_open(&lines, "f", NULL, &err), MIXFILL_OK);
        if (i == GROWS)
            write_bytes("f", "1,1,1\n", 6, "ab");
        else if (i == SHRINKS)
            cr_assert_eq(truncate("f", 3000), 0);
        else if (i == VANISHES)
            cr_assert_eq(unlink("f"), 0);
        else {
            write_bytes("g", t.at, t.len, "wb");
            cr_assert_eq(rename("g", "f"), 0);
        }
        mixfill_status st = mixfill_lines_next(&lines, &text, &len, &err);
        while (st == MIXFILL_OK && text != NULL)
            st = mixfill_lines_next(&lines, &text, &len, &err);
        cr_expect_eq(st, MIXFILL_ERR_IO, "case %d", i);
        cr_expect_not_null(strstr(err.message, i < VANISHES ? "f: was changed while" : "f: was re"),
                           "%s", err.message);
        mixfill_lines_close(&lines);
    }
    free(t.at);
}

Test(source, out_of_memory) {
    write_gzip("f.gz", "1,31,2.5\n1,29,3\n2,31,4\n", 23, "wb");
    add_member("f.zip", "ratings.csv", "1,31,2.5\n1,29,3\n2,31,4\n", 23);
    const char *const names[] = {"f.gz", "f.zip"};
    for (size_t i = 0; i < 2; i++) {
        mixfill_status st = MIXFILL_ERR_NOMEM;
        int64_t live = mixfill_alloc_live;
        for (int64_t budget = 0; st != MIXFILL_OK; budget++) {
            mixfill_ratings *r = NULL;
            mixfill_alloc_budget = budget;
            st = load(names[i], NULL, &r, NULL, NULL);
            mixfill_alloc_budget = -1;
            cr_assert(st == MIXFILL_OK || st == MIXFILL_ERR_NOMEM, "%s", names[i]);
            mixfill_ratings_free(r);
            cr_assert_eq(mixfill_alloc_live, live);
            cr_assert_lt(budget, 500);
        }
    }
}
