/* Recommending: the best unseen items of many users, a batch of strips at a time; strips in
 * parallel, lists handed on in order (docs/model.md 7.3).
 *
 * A list depends on nothing but its user, so neither strips nor threads change one. Batches bound
 * what is in memory, as the lists of all users may take more than the model. The caller's function
 * is called by the calling thread alone and needs no lock. */
#include "base/par.h"
#include "file/outfile.h"
#include "formats/delimited_write.h"
#include "formats/fields.h"
#include "ratings/align.h"
#include "use/folded.h"
#include "use/scorer.h"
#include "use/users.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Strips of a batch for each thread, so that a slow one holds up few; and items of a batch's lists
 * at most where several users' lists fit, at 36 bytes each. */
enum { STRIPS_PER_THREAD = 4, BATCH_ITEMS = 1 << 20 };

/* Who gets lists, of what, and the one batch that is used again and again. */
typedef struct recommender {
    const mixfill_model *model;
    const mixfill_recommend_options *options;
    const mixfill_users *users; /* who was asked for, NULL: everyone */
    const mixfill_ids *ids;     /* of users */
    int32_t *everyone;          /* (n_people) numbers in ids, NULL: all of them */
    int32_t n_people;
    int32_t n_items;             /* of a list: those asked for, but no more than there are */
    const mixfill_ratings *seen; /* items numbered as the model's, or NULL */
    mixfill_ratings *aligned;    /* seen, where it had to be renumbered */
    mixfill_scorer scorer;
    int32_t threads;
    int32_t strip, batch;               /* users of one */
    mixfill_scoring *strips;            /* (threads) */
    mixfill_listing *listing;           /* (batch) */
    bool *known;                        /* (batch) */
    int32_t *item;                      /* (batch,n_items) */
    double *score;                      /* (batch,n_items) */
    mixfill_cell *cell;                 /* (batch,n_items) */
    mixfill_recommended *list;          /* (n_items) */
    char (*item_id)[MIXFILL_ID_BUFFER]; /* (n_items), for ids that are not stored */
    mixfill_recommend_report report;
} recommender;

/* ---- options ---- */

void mixfill_recommend_options_init(mixfill_recommend_options *options) {
    *options = (mixfill_recommend_options){
        .struct_size = sizeof *options, .n = 10, .digits = MIXFILL_DIGITS_AUTO};
}

mixfill_status mixfill_recommend_options_validate(const mixfill_recommend_options *options,
                                                  mixfill_error *err) {
    const mixfill_recommend_options *o = options;
    mixfill_status st;
    if (o->struct_size != sizeof *o)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "recommend options: struct_size is %zu, expected %zu as set by "
                            "mixfill_recommend_options_init",
                            o->struct_size, sizeof *o);
    MIXFILL_TRY(mixfill_require_at_least("n", o->n, 1, err));
    MIXFILL_TRY(mixfill_require_at_least("threads", o->threads, 0, err));
    /* So put that NaN fails. */
    if (!(o->risk >= 0 && isfinite(o->risk)))
        st = mixfill_fail_field(err, MIXFILL_ERR_ARG, "risk",
                                " %g: expected a finite number of at least 0", o->risk);
done:
    return st;
}

/* ---- who, and what with ---- */

/* Whether a user is one of everyone: where users were given to fold in, who gave any rating, even
 * if only of items that the model does not know; else who had one in training. */
static bool has_ratings(const mixfill_folded *folded, const mixfill_model *m, int32_t u) {
    if (folded != NULL)
        return folded->state[u] != MIXFILL_GAVE_NOTHING;
    return m->user_count[u] > 0;
}

/* All users with ratings, of those given to fold in or of the model. */
static mixfill_status find_everyone(recommender *r, mixfill_error *err) {
    const mixfill_folded *folded = r->options->folded;
    r->ids = folded != NULL ? &folded->rows->user_ids : &r->model->user_ids;
    r->everyone = mixfill_alloc((size_t)r->ids->n, sizeof *r->everyone);
    if (r->everyone == NULL)
        return mixfill_fail_nomem(err, "a list of users");
    for (int32_t u = 0; u < r->ids->n; u++)
        if (has_ratings(folded, r->model, u))
            r->everyone[r->n_people++] = u;
    return MIXFILL_OK;
}

/* Whose lists are made: of those asked for by id all, known or not, else of everyone. Folded users
 * hold numbers of the model they were folded into, so they serve no other. */
static mixfill_status find_people(recommender *r, const mixfill_users *users, mixfill_error *err) {
    const mixfill_folded *folded = r->options->folded;
    if (folded != NULL && folded->model != r->model)
        return mixfill_fail(err, MIXFILL_ERR_ARG, 0,
                            "users folded into another model, expected this one");
    if (folded == NULL && !mixfill_model_has_users(r->model))
        return mixfill_fail(err, MIXFILL_ERR_DIM, 0,
                            "the model holds no users, expected folded ones");
    if (users == NULL)
        return find_everyone(r, err);
    r->users = users;
    r->ids = &users->ids;
    r->n_people = users->ids.n;
    return MIXFILL_OK;
}

/* What users have seen, in the model's numbers; borrowed where it has them. Ratings of other items
 * drop out, as no list could hold these. */
static mixfill_status align_seen(recommender *r, mixfill_error *err) {
    int64_t dropped;
    const mixfill_ratings *seen = r->options->seen;
    r->seen = seen;
    if (seen == NULL || mixfill_ids_same(&seen->item_ids, &r->model->item_ids))
        return MIXFILL_OK;
    mixfill_status st =
        mixfill_ratings_align(&r->aligned, &dropped, seen, &r->model->item_ids, err);
    r->seen = r->aligned;
    return st;
}

static int32_t at_most(int64_t value, int64_t most) {
    return (int32_t)(value < most ? value : most);
}

/* Users of a batch and of a strip. Long lists make for smaller batches, and few users for smaller
 * strips, so that every thread has one. */
static void size_batch(recommender *r) {
    int64_t fit = BATCH_ITEMS / (r->n_items > 0 ? r->n_items : 1) + 1;
    int64_t wanted = (int64_t)r->threads * STRIPS_PER_THREAD * MIXFILL_LISTED;
    r->batch = at_most(at_most(fit, wanted), r->n_people > 0 ? r->n_people : 1);
    r->strip = at_most((r->batch + r->threads - 1) / r->threads, MIXFILL_LISTED);
}

/* The batch, whose lists have room for as many items as are asked for or as there are. Only ids by
 * index need room as text: others are stored and pointed at. */
static mixfill_status alloc_batch(recommender *r, mixfill_error *err) {
    r->n_items = at_most(r->options->n, r->model->n_items);
    size_batch(r);
    size_t batch = (size_t)r->batch, n = (size_t)r->n_items;
    r->listing = mixfill_alloc(batch, sizeof *r->listing);
    r->known = mixfill_alloc(batch, sizeof *r->known);
    r->item = mixfill_alloc(batch, n * sizeof *r->item);
    r->score = mixfill_alloc(batch, n * sizeof *r->score);
    r->cell = mixfill_alloc(batch, n * sizeof *r->cell);
    r->list = mixfill_alloc(n, sizeof *r->list);
    r->item_id = mixfill_alloc(r->model->item_ids.by_index ? n : 1, sizeof *r->item_id);
    r->strips = mixfill_alloc_zero((size_t)r->threads, sizeof *r->strips);
    if (r->listing == NULL || r->known == NULL || r->item == NULL || r->score == NULL ||
        r->cell == NULL || r->list == NULL || r->item_id == NULL || r->strips == NULL)
        return mixfill_fail_nomem(err, "lists of items");
    mixfill_status st = MIXFILL_OK;
    for (int32_t t = 0; st == MIXFILL_OK && t < r->threads; t++)
        st = mixfill_scoring_init(&r->strips[t], &r->scorer, err);
    return st;
}

static mixfill_status start(recommender *r, const mixfill_users *users, mixfill_error *err) {
    mixfill_status st;
    MIXFILL_TRY(find_people(r, users, err));
    MIXFILL_TRY(align_seen(r, err));
    MIXFILL_TRY(mixfill_scorer_init(&r->scorer, r->model, false, r->options->risk, err));
    r->threads =
        mixfill_par_threads_for(r->options->threads, mixfill_scorer_work(&r->scorer, r->n_people));
    MIXFILL_TRY(alloc_batch(r, err));
done:
    return st;
}

/* What the recommender owns, of which there may be but a part; options, ids and folded users are
 * the caller's. */
static void clear(recommender *r) {
    for (int32_t t = 0; r->strips != NULL && t < r->threads; t++)
        mixfill_scoring_clear(&r->strips[t]);
    mixfill_free(r->strips);
    mixfill_free(r->everyone);
    mixfill_free(r->listing);
    mixfill_free(r->known);
    mixfill_free(r->item);
    mixfill_free(r->score);
    mixfill_free(r->cell);
    mixfill_free(r->list);
    mixfill_free(r->item_id);
    mixfill_ratings_free(r->aligned);
    mixfill_scorer_clear(&r->scorer);
}

/* ---- lists ---- */

static const char *id_of(const recommender *r, int32_t person, char buffer[MIXFILL_ID_BUFFER]) {
    return mixfill_ids_get(r->ids, r->everyone != NULL ? r->everyone[person] : person, buffer);
}

/* Seat a person in the batch, with an empty list. What it rated in `seen` and what was given to
 * fold it in are not to be listed. */
static void seat(const recommender *r, int32_t person, int32_t at) {
    const mixfill_folded *folded = r->options->folded;
    char buffer[MIXFILL_ID_BUFFER];
    const char *id = id_of(r, person, buffer);
    size_t len = strlen(id), first = (size_t)at * (size_t)r->n_items;
    mixfill_subject subject = mixfill_subject_of(r->model, folded, id, len);
    r->known[at] = subject.known;
    r->listing[at] = (mixfill_listing){
        .person = subject.person,
        .top = {.cap = r->n_items, .item = r->item + first, .score = r->score + first}};
    if (r->seen != NULL)
        r->listing[at].left_out[0] =
            mixfill_items_of(r->seen, mixfill_ids_find(&r->seen->user_ids, id, len));
    if (folded != NULL)
        r->listing[at].left_out[1] = mixfill_items_of(folded->rows, subject.row);
}

/* The lists of n people from `person` on, who sit from `at` on. Cells are worked out for what is
 * listed alone, as a standard deviation costs far more than a score. */
static void list_strip(const recommender *r, int32_t person, int32_t at, int32_t n,
                       mixfill_scoring *strip) {
    for (int32_t i = 0; i < n; i++)
        seat(r, person + i, at + i);
    mixfill_scorer_list(&r->scorer, r->listing + at, n, strip);
    for (int32_t i = at; i < at + n; i++) {
        mixfill_cell *cell = r->cell + (size_t)i * (size_t)r->n_items;
        const mixfill_listing *who = &r->listing[i];
        for (int32_t l = 0; l < who->top.n; l++)
            cell[l] = mixfill_predict_cell(r->model, &who->person, who->top.item[l]);
    }
}

/* n people from `first` on. Every strip writes to its own seats, and strips have no order. */
static void list_batch(const recommender *r, int32_t first, int32_t n) {
    int32_t strips = (n + r->strip - 1) / r->strip;
#pragma omp parallel for schedule(dynamic) num_threads(r->threads) default(none)                   \
    shared(r, first, n, strips)
    for (int32_t s = 0; s < strips; s++) {
        int32_t at = s * r->strip;
        list_strip(r, first + at, at, n - at < r->strip ? n - at : r->strip,
                   &r->strips[mixfill_par_thread_id()]);
    }
}

/* The list at a place of the batch as the caller gets it, ids and titles and all. What is shown is
 * clipped, what it was sorted by is not: every item above the scale would be a tie (docs/model.md
 * 7.3). */
static void fill_list(const recommender *r, int32_t at, mixfill_recommendation *list) {
    const mixfill_top *top = &r->listing[at].top;
    const mixfill_cell *cell = r->cell + (size_t)at * (size_t)r->n_items;
    const mixfill_ids *ids = &r->model->item_ids;
    for (int32_t l = 0; l < top->n; l++) {
        const char *id = mixfill_ids_get(ids, top->item[l], r->item_id[ids->by_index ? l : 0]);
        const char *title =
            r->options->titles != NULL ? mixfill_titles_find(r->options->titles, id) : NULL;
        r->list[l] = (mixfill_recommended){.item = id,
                                           .title = title,
                                           .rating = cell[l].clipped,
                                           .sd = cell[l].sd,
                                           .score = top->score[l]};
        list->least_sd = l > 0 ? fmin(list->least_sd, cell[l].sd) : cell[l].sd;
    }
}

/* Whether a user is the first of a file, and may be the name of its column. */
static bool is_doubtful(const recommender *r, int32_t person, const mixfill_recommendation *list) {
    return r->users != NULL && r->users->first_line > 0 && person == r->users->first &&
           !list->known_user &&
           !mixfill_field_is_number((mixfill_field){list->user, strlen(list->user)});
}

/* The lists of a batch to the caller, in the order of the users. Each is told in the same memory,
 * which is the caller's until fn returns. */
static mixfill_status hand_on(recommender *r, int32_t first, int32_t n,
                              mixfill_recommendation_fn fn, void *data, mixfill_error *err) {
    char buffer[MIXFILL_ID_BUFFER];
    for (int32_t at = 0; at < n; at++) {
        mixfill_recommendation list = {.user = id_of(r, first + at, buffer),
                                       .known_user = r->known[at],
                                       .n = r->listing[at].top.n,
                                       .least_sd = (double)NAN,
                                       .list = r->list};
        r->report.n_users++;
        r->report.n_unknown_user += !list.known_user;
        r->report.n_short += list.n < r->options->n;
        r->report.n_items += list.n;
        if (is_doubtful(r, first + at, &list))
            r->report.doubtful_line = r->users->first_line;
        if (fn == NULL)
            continue;
        fill_list(r, at, &list);
        if (fn(&list, data) != 0)
            return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled at user '%s'", list.user);
    }
    return MIXFILL_OK;
}

/* Everyone's list, batch after batch. Progress is told between batches, when no thread works. */
static mixfill_status list_people(recommender *r, mixfill_recommendation_fn fn, void *data,
                                  mixfill_error *err) {
    const mixfill_recommend_options *o = r->options;
    for (int32_t first = 0; first < r->n_people;) {
        int32_t n = at_most(r->n_people - first, r->batch);
        list_batch(r, first, n);
        mixfill_status st = hand_on(r, first, n, fn, data, err);
        if (st != MIXFILL_OK)
            return st;
        first += n;
        if (o->progress != NULL && o->progress(first, r->n_people, o->progress_data) != 0)
            return mixfill_fail(err, MIXFILL_ERR_CANCELLED, 0, "cancelled after %" PRId32 " user%s",
                                first, mixfill_s(first));
    }
    return MIXFILL_OK;
}

mixfill_status mixfill_recommend(const mixfill_model *model, mixfill_recommend_report *out,
                                 const mixfill_users *users,
                                 const mixfill_recommend_options *options,
                                 mixfill_recommendation_fn fn, void *data, mixfill_error *err) {
    mixfill_recommend_options defaults;
    mixfill_recommend_options_init(&defaults);
    recommender r = {.model = model, .options = options != NULL ? options : &defaults};
    mixfill_status st = mixfill_recommend_options_validate(r.options, err);
    if (st != MIXFILL_OK)
        return st;
    MIXFILL_TRY(start(&r, users, err));
    MIXFILL_TRY(list_people(&r, fn, data, err));
    if (out != NULL)
        *out = r.report;
done:
    clear(&r);
    return st;
}

/* ---- csv ---- */

/* Where lists go as csv; the file has a column of titles for all of them or for none. */
typedef struct csv_sink {
    FILE *stream;
    bool titles;
    int32_t digits;
} csv_sink;

/* A number and the comma behind it. One list has as many digits throughout, so that its scores do
 * not rise. */
static void write_number(const csv_sink *sink, const mixfill_recommendation *r, double value) {
    char number[MIXFILL_RATING_TEXT];
    mixfill_format_rating(number, value, r->least_sd, sink->digits);
    fprintf(sink->stream, "%s,", number);
}

/* A line for each item of a list, ranks from 1. An item without a title has an empty field. What
 * cannot be written ends the whole, for the rest would be in vain. */
static int write_list(const mixfill_recommendation *r, void *data) {
    const csv_sink *sink = data;
    for (int32_t i = 0; i < r->n; i++) {
        mixfill_write_csv_field(sink->stream, r->user);
        fprintf(sink->stream, ",%" PRId32 ",", i + 1);
        mixfill_write_csv_field(sink->stream, r->list[i].item);
        fputc(',', sink->stream);
        write_number(sink, r, r->list[i].rating);
        write_number(sink, r, r->list[i].sd);
        write_number(sink, r, r->list[i].score);
        if (sink->titles) {
            mixfill_write_csv_field(sink->stream, r->list[i].title != NULL ? r->list[i].title : "");
            fputc(',', sink->stream);
        }
        fprintf(sink->stream, "%d\n", r->known_user);
    }
    return ferror(sink->stream);
}

mixfill_status mixfill_recommend_csv(const mixfill_model *model, mixfill_recommend_report *out,
                                     const mixfill_users *users,
                                     const mixfill_recommend_options *options, const char *csv_path,
                                     mixfill_error *err) {
    mixfill_outfile *file;
    mixfill_recommend_report report;
    mixfill_status st = mixfill_outfile_open(&file, csv_path, false, err);
    if (st != MIXFILL_OK)
        return st;
    csv_sink sink = {.stream = mixfill_outfile_stream(file), .digits = MIXFILL_DIGITS_AUTO};
    if (options != NULL) {
        sink.titles = options->titles != NULL;
        sink.digits = options->digits;
    }
    fprintf(sink.stream, "user,rank,item,rating,sd,score,%sknown_user\n",
            sink.titles ? "title," : "");
    st = mixfill_recommend(model, &report, users, options, write_list, &sink, err);
    /* A write that failed shows as cancelled. The commit that follows fails by it too, and says
     * what was really wrong. */
    if (st != MIXFILL_OK && !ferror(sink.stream)) {
        mixfill_outfile_abandon(file);
        return st;
    }
    st = mixfill_outfile_commit(file, err);
    if (st == MIXFILL_OK && out != NULL)
        *out = report;
    return st;
}
