/* Helpers shared by tests; see support.h. */
#define _XOPEN_SOURCE 700 /* nftw */

#include "support.h"

#include "base/base.h"

#include <criterion/criterion.h>

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char own_folder[] = "/tmp/mixfill-test-XXXXXX";

void support_enter_folder(void) {
    cr_assert_not_null(mkdtemp(own_folder));
    cr_assert_eq(chdir(own_folder), 0);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void support_leave_folder(void) {
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(nftw(own_folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
    cr_expect_eq(mixfill_alloc_live, 0);
}

uint64_t support_next(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double support_uniform(uint64_t *state) {
    return (double)(support_next(state) >> 11) * 0x1p-53;
}

support_matrix support_matrix_create(size_t n, size_t d) {
    support_matrix m = {n, d, calloc(n * d, sizeof *m.x), calloc(n * d, 1)};
    cr_assert(m.x != NULL && m.mask != NULL, "out of memory");
    return m;
}

void support_matrix_clear(support_matrix *m) {
    free(m->x);
    free(m->mask);
    *m = (support_matrix){0};
}

void support_matrix_set(support_matrix *m, size_t u, size_t j, double value) {
    m->x[u * m->d + j] = value;
    m->mask[u * m->d + j] = 1;
}

support_matrix support_matrix_random(const support_random *spec) {
    support_matrix m = support_matrix_create(spec->n, spec->d);
    uint64_t state = spec->seed;
    for (size_t u = 0; u < spec->n; u++)
        for (size_t j = 0; j < spec->d; j++) {
            bool observed = support_uniform(&state) < spec->density;
            double draw = support_uniform(&state);
            double steps = spec->levels > 0 ? floor(draw * spec->levels) : 5 * draw;
            if (observed)
                support_matrix_set(&m, u, j, spec->low + spec->step * steps);
        }
    return m;
}

mixfill_ratings *support_ratings(const support_matrix *m) {
    mixfill_rating *list = malloc((m->n * m->d + 1) * sizeof *list);
    mixfill_ratings *ratings = NULL;
    mixfill_error err = {0};
    size_t n = 0;
    cr_assert(list != NULL, "out of memory");
    for (size_t u = 0; u < m->n; u++)
        for (size_t j = 0; j < m->d; j++)
            if (m->mask[u * m->d + j])
                list[n++] = (mixfill_rating){(int32_t)u, (int32_t)j, m->x[u * m->d + j]};
    mixfill_status st =
        mixfill_ratings_from_triplets(&ratings, list, n, (int32_t)m->n, (int32_t)m->d, &err);
    free(list);
    cr_assert(st == MIXFILL_OK, "ratings: %s", err.message);
    return ratings;
}

bool support_data_path(char *path, size_t cap, const char *name) {
    const char *folder = getenv("MIXFILL_TEST_DATA");
    if (folder == NULL)
        return false;
    int len = snprintf(path, cap, "%s/%s", folder, name);
    return len > 0 && (size_t)len < cap;
}

support_matrix support_read_dense(const char *path, size_t n, size_t d, bool zero_is_missing) {
    support_matrix m = support_matrix_create(n, d);
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL, "%s does not open", path);
    for (size_t u = 0; u < n; u++)
        for (size_t j = 0; j < d; j++) {
            char text[64], *end = text;
            double value = fscanf(file, "%63s", text) == 1 ? strtod(text, &end) : 0;
            cr_assert(end != text && *end == '\0', "%s: row %zu, column %zu", path, u, j);
            if (value != 0 || !zero_is_missing)
                support_matrix_set(&m, u, j, value);
        }
    fclose(file);
    return m;
}

json_t *support_golden(void) {
    char path[4096];
    json_error_t err;
    if (!support_data_path(path, sizeof path, "golden/netflix.json"))
        cr_skip_test("MIXFILL_TEST_DATA is not set");
    json_t *golden = json_load_file(path, 0, &err);
    cr_assert(golden != NULL, "%s:%d: %s", path, err.line, err.text);
    return golden;
}

static size_t collect(double *out, size_t n, const json_t *value) {
    if (!json_is_array(value)) {
        cr_assert(json_is_number(value) && n > 0, "golden: not a list of the expected numbers");
        out[0] = json_number_value(value);
        return 1;
    }
    size_t used = 0;
    for (size_t i = 0; i < json_array_size(value); i++)
        used += collect(out + used, n - used, json_array_get(value, i));
    return used;
}

void support_golden_numbers(double *out, size_t n, const json_t *array) {
    size_t found = collect(out, n, array);
    cr_assert(found == n, "golden: %zu numbers, expected %zu", found, n);
}

void support_close(const char *what, double got, double want, double tol) {
    cr_assert(fabs(got - want) <= tol, "%s: %.17g, expected %.17g, off by %.3g, allowed %.3g", what,
              got, want, fabs(got - want), tol);
}
