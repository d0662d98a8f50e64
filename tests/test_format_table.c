/* The table of formats: every row can do what it says, is told from what it writes, and stands in
 * the documentation as it is. */
#include "formats/formats.h"
#include "support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(format_table, .init = support_enter_folder, .fini = support_leave_folder);

/* Five items, so that a dense row is not taken for a triplet. */
static const char SAMPLE[] = "userId,movieId,rating,timestamp\n"
                             "ann,p,4,11\nann,q,2.5,12\nbob,r,3,13\nbob,s,5,14\nbob,t,1,15\n";

static mixfill_ratings *load(const char *path, mixfill_read_report *report) {
    mixfill_ratings *r = NULL;
    mixfill_error err;
    mixfill_read_options o;
    mixfill_read_options_init(&o);
    o.keep_times = true;
    cr_assert_eq(mixfill_ratings_load(&r, report, path, &o, &err), MIXFILL_OK, "%s", err.message);
    return r;
}

/* In any order: rows stand in that in which lines are claimed, enumerators in that of their age. */
Test(format_table, every_enumerator_has_a_row) {
    size_t n = 0;
    for (; mixfill_format_at(n) != NULL; n++) {
        const mixfill_format_info *info = mixfill_format_at(n);
        cr_expect_eq(mixfill_format_find(info->format), info, "%s has one row", info->name);
        cr_expect_str_eq(mixfill_format_name(info->format), info->name);
    }
    for (size_t i = 1; i <= n; i++)
        cr_expect_not_null(mixfill_format_find((mixfill_format)i), "enumerator %zu", i);
    cr_expect_geq(n, (size_t)MIXFILL_FORMAT_ARFF);
    cr_expect_null(mixfill_format_find(MIXFILL_FORMAT_AUTO));
    cr_expect_null(mixfill_format_find((mixfill_format)(n + 1)));
    cr_expect_str_eq(mixfill_format_name(MIXFILL_FORMAT_AUTO), "auto");
    cr_expect_str_eq(mixfill_format_name((mixfill_format)99), "unknown");
}

Test(format_table, rows_say_what_they_can_do) {
    const mixfill_format_row *row;
    for (size_t i = 0; (row = mixfill_format_row_at(i)) != NULL; i++) {
        const mixfill_format_info *info = &row->info;
        cr_expect_eq(info->readable, row->read != NULL || row->load != NULL, "%s", info->name);
        cr_expect_eq(info->writable, row->write != NULL, "%s", info->name);
        cr_expect(info->writable || info->extensions[0] == '\0', "%s", info->name);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(mixfill_format_at(j)->name, info->name);
    }
}

Test(format_table, paths_tell_the_format_of_an_output) {
    static const struct {
        const char *path;
        mixfill_format format;
    } known[] = {
        {"a.csv", MIXFILL_FORMAT_CSV},     {"b/c.d.dat", MIXFILL_FORMAT_DAT},
        {"x.tsv", MIXFILL_FORMAT_TAB},     {"u.data", MIXFILL_FORMAT_TAB},
        {".txt", MIXFILL_FORMAT_TRIPLETS}, {"m.npz", MIXFILL_FORMAT_NPZ},
        {"m.mtx", MIXFILL_FORMAT_MTX},     {"m.npy", MIXFILL_FORMAT_NPY},
    };
    static const char *const unknown[] = {"",      "csv",     "a.", "a.csv2", "a.cs",
                                          "a.CSV", "a.dat/b", "-",  "a.np",   "a. "};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const mixfill_format_info *info = mixfill_format_of_path(known[i].path);
        cr_assert_not_null(info, "%s", known[i].path);
        cr_expect_eq(info->format, known[i].format, "%s", known[i].path);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        cr_expect_null(mixfill_format_of_path(unknown[i]), "'%s'", unknown[i]);
}

/* What is written in a format is told as that format, and comes back with what the row keeps. */
Test(format_table, rows_keep_what_they_say) {
    FILE *f = fopen("sample", "wb");
    cr_assert_not_null(f);
    fputs(SAMPLE, f);
    fclose(f);
    mixfill_read_report report;
    mixfill_ratings *r = load("sample", &report);
    const mixfill_format_info *info;
    for (size_t i = 0; (info = mixfill_format_at(i)) != NULL; i++) {
        mixfill_error err;
        mixfill_status st = mixfill_ratings_save(r, "saved", info->format, &err);
        cr_expect_eq(st, info->writable ? MIXFILL_OK : MIXFILL_ERR_ARG, "%s", info->name);
        if (!info->writable || !info->readable)
            continue;
        char buffer[MIXFILL_ID_BUFFER];
        mixfill_ratings *back = load("saved", &report);
        cr_expect_eq(report.format, info->format, "%s is told as %s", info->name,
                     mixfill_format_name(report.format));
        cr_expect_eq(back->nnz, r->nnz);
        for (int64_t e = 0; e < back->nnz; e++)
            cr_expect_eq(mixfill_ratings_value(back, e), mixfill_ratings_value(r, e));
        cr_expect_eq(mixfill_ratings_by_index(back), info->by_index, "%s", info->name);
        cr_expect_str_eq(mixfill_ids_get(&back->user_ids, 1, buffer),
                         info->keeps_ids                      ? "bob"
                         : info->format == MIXFILL_FORMAT_MTX ? "2"
                                                              : "1");
        cr_expect_eq(mixfill_ratings_has_times(back), info->keeps_times, "%s", info->name);
        for (int64_t e = 0; info->keeps_times && e < back->nnz; e++)
            cr_expect_eq(back->time[e], r->time[e]);
        mixfill_ratings_free(back);
    }
    mixfill_ratings_free(r);
}

/* The extensions of a row as the table of the documentation has them: `.tsv` `.data`. */
static void quote_extensions(char *out, size_t size, const char *extensions) {
    size_t n = 0;
    for (; *extensions != '\0'; extensions++)
        n += (size_t)snprintf(out + n, size - n,
                              *extensions == ' ' ? "` `"
                              : n == 0           ? "`%c"
                                                 : "%c",
                              *extensions);
    snprintf(out + n, size - n, "%s", n > 0 ? "`" : "");
}

Test(format_table, documentation_has_the_same_rows) {
    char line[512], expected[512], extensions[64];
    FILE *f = fopen(MIXFILL_DOCS "/formats.md", "r");
    cr_assert_not_null(f, "docs/formats.md");
    bool found = false;
    while (!found && fgets(line, sizeof line, f) != NULL)
        found = strncmp(line, "| format |", 10) == 0;
    cr_assert(found && fgets(line, sizeof line, f) != NULL, "no table of formats");
    const mixfill_format_info *info;
    for (size_t i = 0; (info = mixfill_format_at(i)) != NULL; i++) {
        quote_extensions(extensions, sizeof extensions, info->extensions);
        snprintf(expected, sizeof expected, "| `%s` | %s | %s | %s | %s | %s |\n", info->name,
                 info->about, extensions, info->writable ? "yes" : "no",
                 info->keeps_ids ? "yes" : "no", info->keeps_times ? "yes" : "no");
        cr_assert_not_null(fgets(line, sizeof line, f));
        cr_expect_str_eq(line, expected);
    }
    cr_expect(fgets(line, sizeof line, f) != NULL && line[0] == '\n', "a row too many: %s", line);
    fclose(f);
}
