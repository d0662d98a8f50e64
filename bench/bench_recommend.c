/* Lists for all users beside the bare products they are made of, in turns, on one thread each. */
#include "base/par.h"
#include "dots.h"
#include "mixture/mixtures.h"

#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SHAPE = 512, KEY_RISK, MOST_REPETITIONS = 99 };

typedef struct arguments {
    const char *shape;
    int32_t n_components, n, repetitions;
    bool risk;
} arguments;

/* What is timed, in this order. */
enum { BY_ROWS, BY_COLUMNS, LISTS, UNSEEN, CSV, RISK, N_PARTS };
static const char *const part_names[N_PARTS] = {
    "products, rows of items", "products, columns of items",
    "lists of all items",      "lists of all unseen items",
    "the same as csv",         "all items by lower bound"};

typedef struct bench {
    const arguments *arguments;
    mixfill_ratings *ratings;
    mixfill_model *model;
    const bench_dots *dots;
    double *rows, *columns, *out; /* (D,K), (K,D), (D) */
    double sink;
    double seconds[N_PARTS][MOST_REPETITIONS];
} bench;

static int32_t integer(const struct argp_state *state, const char *text, int32_t most) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > most)
        argp_error(state, "'%s': expected a whole number from 1 to %" PRId32, text, most);
    return (int32_t)value;
}

static error_t parse_option(int key, char *arg, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case KEY_SHAPE:
        a->shape = arg;
        return 0;
    case 'k':
        a->n_components = integer(state, arg, 1 << 20);
        return 0;
    case 'n':
        a->n = integer(state, arg, INT32_MAX);
        return 0;
    case 'r':
        a->repetitions = integer(state, arg, MOST_REPETITIONS);
        return 0;
    case KEY_RISK:
        a->risk = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    {"shape", KEY_SHAPE, "NAME", 0, "generated ratings, ml-100k to ml-32m (ml-10m)", 0},
    {"components", 'k', "K", 0, "(8)", 0},
    {"items", 'n', "N", 0, "of a list (10)", 0},
    {"repetitions", 'r', "N", 0, "of everything, in turns, after a warm-up (5)", 0},
    {"risk", KEY_RISK, NULL, 0, "also lists by lower bound, which take long", 0},
    {0}};

static const bench_dots *choose_dots(void) {
    mixfill_build_info info;
    mixfill_build_info_get(&info);
#ifdef BENCH_X86
    if (strcmp(info.isa, "v4") == 0)
        return &bench_dots_v4;
    return strcmp(info.isa, "v3") == 0 ? &bench_dots_v3 : &bench_dots_v1;
#else
    return &bench_dots_generic;
#endif
}

static mixfill_status make_model(bench *b, mixfill_error *err) {
    mixfill_generate_options g;
    mixfill_options o;
    mixfill_status st;
    mixfill_generate_options_init(&g);
    MIXFILL_TRY(mixfill_generate_options_shape(&g, b->arguments->shape, err));
    MIXFILL_TRY(mixfill_generate(&b->ratings, &g, err));
    mixfill_options_init_model(&o, MIXFILL_MODEL_MAP);
    o.n_components = b->arguments->n_components;
    o.max_iter = 5;
    st = mixfill_fit(&b->model, NULL, b->ratings, &o, err);
done:
    return st;
}

static mixfill_status copy_items(bench *b, mixfill_error *err) {
    const mixfill_model *m = b->model;
    size_t n = (size_t)m->options.n_components, d = (size_t)m->n_items;
    b->rows = mixfill_alloc(d, n * sizeof(double));
    b->columns = mixfill_alloc(d, n * sizeof(double));
    b->out = mixfill_alloc(d, sizeof(double));
    if (b->rows == NULL || b->columns == NULL || b->out == NULL)
        return mixfill_fail_nomem(err, "items");
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < n; k++)
            b->rows[j * n + k] = b->columns[k * d + j] =
                mixfill_mixtures_of(m)->mu[j * mixfill_mixtures_of(m)->kp + k];
    return MIXFILL_OK;
}

static void multiply(bench *b, bool by_rows) {
    const mixfill_model *m = b->model;
    size_t n = (size_t)m->options.n_components, d = (size_t)m->n_items;
    for (size_t u = 0; u < (size_t)m->n_users; u++) {
        const double *user = mixfill_mixtures_of(m)->resp + u * n;
        if (by_rows)
            b->dots->by_rows(b->out, b->rows, user, d, n);
        else
            b->dots->by_columns(b->out, b->columns, user, d, n);
        b->sink += b->out[u % d];
    }
}

static mixfill_status run_part(bench *b, int part, mixfill_error *err) {
    mixfill_recommend_options o;
    mixfill_recommend_options_init(&o);
    o.n = b->arguments->n;
    o.threads = 1;
    o.seen = part == UNSEEN || part == CSV ? b->ratings : NULL;
    o.risk = part == RISK ? 1 : 0;
    if (part == BY_ROWS || part == BY_COLUMNS) {
        multiply(b, part == BY_ROWS);
        return MIXFILL_OK;
    }
    if (part == CSV)
        return mixfill_recommend_csv(b->model, NULL, NULL, &o, "/dev/null", err);
    return mixfill_recommend(b->model, NULL, NULL, &o, NULL, NULL, err);
}

/* The first round warms up. */
static mixfill_status measure(bench *b, mixfill_error *err) {
    for (int32_t r = -1; r < b->arguments->repetitions; r++)
        for (int part = 0; part < (b->arguments->risk ? N_PARTS : RISK); part++) {
            double began = mixfill_par_seconds();
            mixfill_status st = run_part(b, part, err);
            if (st != MIXFILL_OK)
                return st;
            if (r >= 0)
                b->seconds[part][r] = mixfill_par_seconds() - began;
        }
    return MIXFILL_OK;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(bench *b) {
    int32_t n = b->arguments->repetitions;
    double cells = (double)b->model->n_users * (double)b->model->n_items, bare = 0;
    mixfill_build_info info;
    mixfill_build_info_get(&info);
    printf("%s: %" PRId32 " users x %" PRId32 " items, K = %" PRId32 ", lists of %" PRId32
           "; 1 thread, kernels %s; medians of %" PRId32 "\n",
           b->arguments->shape, b->model->n_users, b->model->n_items,
           b->model->options.n_components, b->arguments->n, info.isa, n);
    printf("%-28s %8s %8s %8s %8s %15s\n", "", "min s", "median", "max", "ns/cell",
           "times products");
    for (int part = 0; part < (b->arguments->risk ? N_PARTS : RISK); part++) {
        double *s = b->seconds[part];
        qsort(s, (size_t)n, sizeof *s, ascending);
        double median = s[n / 2];
        if (part == BY_ROWS || (part == BY_COLUMNS && median < bare))
            bare = median;
        printf("%-28s %8.3f %8.3f %8.3f %8.3f", part_names[part], s[0], median, s[n - 1],
               1e9 * median / cells);
        if (part > BY_COLUMNS)
            printf(" %15.2f", median / bare);
        putchar('\n');
    }
    printf("(products: the faster of the two; their sum %g)\n", b->sink);
}

int main(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .doc = "Lists of the best items for all users, beside the bare products they need."};
    static bench b;
    arguments a = {.shape = "ml-10m", .n_components = 8, .n = 10, .repetitions = 5};
    mixfill_error err = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    b.arguments = &a;
    b.dots = choose_dots();
    mixfill_status st = make_model(&b, &err);
    if (st == MIXFILL_OK)
        st = copy_items(&b, &err);
    if (st == MIXFILL_OK)
        st = measure(&b, &err);
    if (st == MIXFILL_OK)
        report(&b);
    else
        fprintf(stderr, "bench_recommend: %s\n", err.message);
    mixfill_free(b.rows);
    mixfill_free(b.columns);
    mixfill_free(b.out);
    mixfill_model_free(b.model);
    mixfill_ratings_free(b.ratings);
    return st == MIXFILL_OK ? 0 : 1;
}
