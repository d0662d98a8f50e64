/* Races of the library: fits, predictions, rankings, files and models in memory from several
 * threads at once must give what each gives alone. A plain program, since Criterion does not run
 * under ThreadSanitizer; it uses the public header only. */
#include <mixfill/mixfill.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS = 4, ROUNDS = 3, PAIRS = 200 };

/* What every worker reads and none changes. */
typedef struct shared {
    mixfill_ratings *ratings;
    mixfill_model *model;
    char folder[64];
} shared;

/* What a piece of work comes to. */
typedef struct outcome {
    void *model;
    size_t size;
    double sum; /* of predictions */
    mixfill_evaluation evaluation;
    mixfill_ranking ranking;
} outcome;

typedef struct worker {
    int number; /* decides what it fits */
    const shared *shared;
    const outcome *alone; /* NULL: keep this one */
    outcome result;
    char fault[640]; /* "" where all is well */
} worker;

static bool fails(worker *w, mixfill_status status, const char *what, const mixfill_error *err) {
    if (status != MIXFILL_OK)
        snprintf(w->fault, sizeof w->fault, "worker %d: %s: %s", w->number, what, err->message);
    return status != MIXFILL_OK;
}

static mixfill_options options_of(int number) {
    mixfill_options o;
    static const mixfill_model_kind kinds[] = {MIXFILL_MODEL_MAP, MIXFILL_MODEL_CLASSIC,
                                               MIXFILL_MODEL_FACTOR};
    mixfill_options_init_model(&o, kinds[number % 3]);
    if (o.model != MIXFILL_MODEL_FACTOR)
        o.n_components = 3 + number;
    o.rank = 3;
    o.seed = (uint32_t)(1 + number);
    o.n_init = 2;
    o.average = o.model == MIXFILL_MODEL_MAP;
    o.max_iter = 5;
    o.threads = 2;
    return o;
}

/* Through a file and back through memory. */
static bool save_and_load(worker *w, mixfill_model **model) {
    char path[96];
    mixfill_error err;
    mixfill_model *loaded = NULL;
    snprintf(path, sizeof path, "%s/%d.npz", w->shared->folder, w->number);
    if (fails(w, mixfill_model_save(*model, path, &err), "save", &err) ||
        fails(w, mixfill_model_load(&loaded, path, &err), "load", &err))
        return false;
    unlink(path);
    mixfill_model_free(*model);
    *model = loaded;
    loaded = NULL;
    if (fails(w, mixfill_model_save_to_memory(*model, &w->result.model, &w->result.size, &err),
              "save to memory", &err) ||
        fails(w, mixfill_model_load_from_memory(&loaded, w->result.model, w->result.size, &err),
              "load from memory", &err))
        return false;
    mixfill_model_free(*model);
    *model = loaded;
    return true;
}

/* The shared ratings, written and read again on several threads. */
static bool reread(worker *w) {
    char path[96];
    mixfill_error err;
    mixfill_ratings *again = NULL;
    mixfill_read_options read;
    mixfill_read_options_init(&read);
    read.threads = 2;
    snprintf(path, sizeof path, "%s/%d.csv", w->shared->folder, w->number);
    if (fails(w, mixfill_ratings_save(w->shared->ratings, path, MIXFILL_FORMAT_CSV, &err),
              "save ratings", &err) ||
        fails(w, mixfill_ratings_load(&again, NULL, path, &read, &err), "load ratings", &err))
        return false;
    unlink(path);
    if (mixfill_ratings_count(again) != mixfill_ratings_count(w->shared->ratings))
        snprintf(w->fault, sizeof w->fault, "worker %d: other ratings were read", w->number);
    mixfill_ratings_free(again);
    return w->fault[0] == '\0';
}

static double sum_predictions(const mixfill_model *model) {
    double sum = 0;
    for (int i = 0; i < PAIRS; i++) {
        char user[16], item[16];
        mixfill_prediction p;
        snprintf(user, sizeof user, "%d", 1 + 3 * i);
        snprintf(item, sizeof item, "%d", 1 + 7 * i % 150);
        mixfill_predict(model, &p, user, item);
        sum += p.rating + p.sd;
    }
    return sum;
}

static bool use(worker *w, const mixfill_model *model) {
    mixfill_error err;
    mixfill_ratings *none = NULL;
    const shared *s = w->shared;
    outcome *r = &w->result;
    const mixfill_run run = {.threads = 2};
    if (mixfill_ratings_load(&none, NULL, "/no/such/file", NULL, &err) != MIXFILL_ERR_IO)
        return false;
    r->sum = sum_predictions(model) + sum_predictions(s->model);
    return !fails(w, mixfill_evaluate(model, &r->evaluation, s->ratings, &run, &err), "evaluate",
                  &err) &&
           !fails(
               w,
               mixfill_evaluate_ranking(s->model, &r->ranking, s->ratings, s->ratings, &run, &err),
               "ranking", &err);
}

static bool same(const outcome *a, const outcome *b) {
    return a->size == b->size && memcmp(a->model, b->model, a->size) == 0 && a->sum == b->sum &&
           memcmp(&a->evaluation, &b->evaluation, sizeof a->evaluation) == 0 &&
           memcmp(&a->ranking, &b->ranking, sizeof a->ranking) == 0;
}

static void *work(void *data) {
    worker *w = data;
    mixfill_error err;
    mixfill_model *model = NULL;
    mixfill_options options = options_of(w->number);
    if (!fails(w, mixfill_fit(&model, NULL, w->shared->ratings, &options, &err), "fit", &err) &&
        save_and_load(w, &model) && reread(w) && !use(w, model) && w->fault[0] == '\0')
        snprintf(w->fault, sizeof w->fault, "worker %d: a missing file was read", w->number);
    if (w->fault[0] == '\0' && w->alone != NULL && !same(&w->result, w->alone))
        snprintf(w->fault, sizeof w->fault, "worker %d: not what it is alone", w->number);
    mixfill_model_free(model);
    return NULL;
}

static bool report(const worker *w) {
    if (w->fault[0] != '\0')
        fprintf(stderr, "race: %s\n", w->fault);
    return w->fault[0] == '\0';
}

/* All workers at once, each compared with what it was alone. */
static bool run_round(const shared *s, const outcome alone[WORKERS]) {
    pthread_t thread[WORKERS];
    worker workers[WORKERS];
    bool ok = true;
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (worker){.number = i, .shared = s, .alone = &alone[i]};
        if (pthread_create(&thread[i], NULL, work, &workers[i]) != 0)
            abort();
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(thread[i], NULL);
        ok = report(&workers[i]) && ok;
        mixfill_bytes_free(workers[i].result.model);
    }
    return ok;
}

static bool make_shared(shared *s) {
    mixfill_generate_options g;
    mixfill_error err;
    mixfill_options options = options_of(WORKERS);
    mixfill_generate_options_init(&g);
    g.n_users = 400;
    g.n_items = 150;
    g.n_ratings = 12000;
    strcpy(s->folder, "/tmp/mixfill-race-XXXXXX");
    if (mkdtemp(s->folder) == NULL)
        return false;
    if (mixfill_generate(&s->ratings, &g, &err) == MIXFILL_OK &&
        mixfill_fit(&s->model, NULL, s->ratings, &options, &err) == MIXFILL_OK)
        return true;
    fprintf(stderr, "race: %s\n", err.message);
    return false;
}

int main(void) {
    shared s = {0};
    outcome alone[WORKERS] = {{0}};
    bool ok = make_shared(&s);
    for (int i = 0; i < WORKERS && ok; i++) {
        worker w = {.number = i, .shared = &s};
        work(&w);
        ok = report(&w);
        alone[i] = w.result;
    }
    for (int round = 0; round < ROUNDS && ok; round++)
        ok = run_round(&s, alone);
    for (int i = 0; i < WORKERS; i++)
        mixfill_bytes_free(alone[i].model);
    mixfill_model_free(s.model);
    mixfill_ratings_free(s.ratings);
    rmdir(s.folder);
    if (ok)
        printf("%d rounds of %d threads: the same models and predictions as alone\n", ROUNDS,
               WORKERS);
    return ok ? 0 : 1;
}
