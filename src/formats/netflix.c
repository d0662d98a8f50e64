/* Netflix Prize: a line "123:" names a movie, the lines "user,rating,date" behind it are its
 * ratings. One file of many movies, or a folder of files.
 *
 *     1:
 *     1488844,3,2005-09-06
 *     822109,5,2005-05-13
 *     2:
 *     2059652,4,2005-09-05
 *
 * Since users come in any order within a movie, the builder has to sort; since a line alone says
 * nothing without the movie above it, chunks are not read in parallel. */
#include "formats/netflix.h"

#include "formats/delimited.h"
#include "formats/read_options.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct netflix {
    mixfill_delimited d;
    mixfill_read_report *report;
    mixfill_builder *builder;
    bool lines_count; /* lines of the file are lines of the input */
    int32_t movie;    /* -1 before the first */
    char movie_number[24];
} netflix;

/* Whether a line is a movie's, such as "123:". */
static bool is_movie(const char *text, size_t len) {
    size_t digits = 0;
    while (digits < len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return digits > 0 && digits + 1 == len && text[digits] == ':';
}

bool mixfill_netflix_claims(const mixfill_first_line *line) {
    return !line->pairs && is_movie(line->text.text, line->text.len);
}

/* The number of an id, with a message where there are too many. */
static mixfill_status intern(const netflix *f, mixfill_ids *ids, int32_t *index, mixfill_field id,
                             const char *what, mixfill_error *err) {
    mixfill_status st = mixfill_ids_intern(ids, index, id.text, id.len);
    if (st == MIXFILL_ERR_RANGE)
        return mixfill_fail_many_ids(f->d.path, f->d.line, what, err);
    return st == MIXFILL_OK ? st : mixfill_fail_nomem(err, "ratings");
}

/* "123:". A movie without an id that will do leaves none to rate: its ratings are bad lines too. */
static mixfill_status read_movie(netflix *f, const char *text, size_t len, mixfill_error *err) {
    bool swap = f->d.options->transpose;
    mixfill_field id = {text, len - 1};
    f->movie = -1;
    mixfill_status st = mixfill_delimited_id(&f->d, &id, "item", f->movie_number, err);
    if (st == MIXFILL_OK)
        st = intern(f, swap ? &f->builder->users : &f->builder->items, &f->movie, id,
                    swap ? "users" : "items", err);
    return st;
}

static mixfill_status fail(const netflix *f, const char *fault, mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, f->d.line, "%s:%" PRId64 ": %s", f->d.path,
                        f->d.line, fault);
}

/* "user,rating,date" or "user,rating"; whatever stands behind the second comma is left alone. */
static mixfill_status read_rating(netflix *f, const char *text, size_t len, mixfill_error *err) {
    const char *end = text + len, *comma = memchr(text, ',', len);
    bool swap = f->d.options->transpose;
    int32_t user;
    double value;
    if (comma == NULL)
        return fail(f, "neither a movie such as '123:' nor user,rating,date", err);
    if (f->movie < 0)
        return fail(f, "a rating of no movie, expected a line such as '123:' before it", err);
    const char *date = memchr(comma + 1, ',', (size_t)(end - comma) - 1);
    mixfill_field id = {text, (size_t)(comma - text)};
    mixfill_field rating = {comma + 1, (size_t)((date != NULL ? date : end) - comma) - 1};
    mixfill_status st = mixfill_delimited_id(&f->d, &id, "user", f->d.number[0], err);
    if (st == MIXFILL_OK)
        st = mixfill_delimited_rating(&f->d, &value, rating, err);
    if (st == MIXFILL_OK)
        st = intern(f, swap ? &f->builder->items : &f->builder->users, &user, id,
                    swap ? "items" : "users", err);
    if (st != MIXFILL_OK)
        return st;
    st = mixfill_builder_add(f->builder, swap ? f->movie : user, swap ? user : f->movie, value,
                             f->lines_count ? f->d.line : 0);
    return st == MIXFILL_OK ? st : mixfill_fail_nomem(err, "ratings");
}

/* A movie or a rating; blanks at its end and blank lines are passed over, bad lines where asked. */
static mixfill_status read_line(netflix *f, const char *text, size_t len, mixfill_error *err) {
    mixfill_error bad = {0};
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len == 0)
        return MIXFILL_OK;
    mixfill_status st =
        is_movie(text, len) ? read_movie(f, text, len, &bad) : read_rating(f, text, len, &bad);
    if (st == MIXFILL_ERR_PARSE && f->d.options->skip_bad_lines) {
        mixfill_note_skipped(f->report, bad.message, bad.field);
        return MIXFILL_OK;
    }
    return st == MIXFILL_OK ? st : mixfill_fail_as(err, &bad);
}

/* All lines of one file. A movie does not go on into the next file. */
static mixfill_status read_file(netflix *f, mixfill_lines *lines, mixfill_error *err) {
    f->d.path = lines->path;
    f->movie = -1;
    for (;;) {
        char *text;
        size_t len;
        mixfill_status st = mixfill_lines_next(lines, &text, &len, err);
        f->d.line = lines->line;
        if (st == MIXFILL_OK && text != NULL)
            st = read_line(f, text, len, err);
        if (st != MIXFILL_OK || text == NULL) {
            f->report->lines += lines->line;
            return st;
        }
    }
}

/* ---- folders ---- */

/* Paths of files, owned. */
typedef struct names {
    char **name;
    size_t n, cap;
} names;

static void clear_names(names *list) {
    for (size_t i = 0; i < list->n; i++)
        mixfill_free(list->name[i]);
    mixfill_free(list->name);
}

/* As the Prize called its files, packed ones too (.txt.gz). */
static bool is_ratings_file(const char *name) {
    return (strncmp(name, "mv_", 3) == 0 || strncmp(name, "combined_data_", 14) == 0) &&
           strstr(name, ".txt") != NULL;
}

/* "FOLDER/NAME" added to the list. */
static mixfill_status add_name(names *list, const char *folder, const char *name) {
    size_t size = strlen(folder) + strlen(name) + 2;
    if (list->n == list->cap) {
        size_t cap = 2 * list->cap + 64;
        char **grown = mixfill_realloc(list->name, cap, sizeof *grown);
        if (grown == NULL)
            return MIXFILL_ERR_NOMEM;
        list->name = grown;
        list->cap = cap;
    }
    char *path = mixfill_alloc(size, 1);
    if (path == NULL)
        return MIXFILL_ERR_NOMEM;
    snprintf(path, size, "%s/%s", folder, name);
    list->name[list->n++] = path;
    return MIXFILL_OK;
}

/* For qsort; the numbers in the names are padded, so this is their order. */
static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files of a folder in the order of their names, since a folder has none of its own. */
static mixfill_status list_folder(names *list, const char *path, mixfill_error *err) {
    DIR *folder = opendir(path);
    if (folder == NULL)
        return mixfill_fail_errno(err, path, "open", errno);
    mixfill_status st = MIXFILL_OK;
    for (const struct dirent *e = readdir(folder); e != NULL && st == MIXFILL_OK;
         e = readdir(folder))
        if (is_ratings_file(e->d_name))
            st = add_name(list, path, e->d_name);
    closedir(folder);
    if (st != MIXFILL_OK)
        return mixfill_fail_nomem(err, "names of files");
    if (list->n == 0)
        return mixfill_fail(err, MIXFILL_ERR_IO, 0,
                            "%s: a folder without mv_*.txt or combined_data_*.txt, expected a file "
                            "of ratings",
                            path);
    qsort(list->name, list->n, sizeof *list->name, compare_names);
    return MIXFILL_OK;
}

/* All files of the folder, one after the other; their lines do not count as lines of one input. */
static mixfill_status read_folder(netflix *f, const char *path, mixfill_error *err) {
    names list = {0};
    mixfill_status st = list_folder(&list, path, err);
    for (size_t i = 0; i < list.n && st == MIXFILL_OK; i++) {
        mixfill_lines lines = {0};
        st = mixfill_lines_open(&lines, list.name[i], NULL, err);
        if (st == MIXFILL_OK)
            st = read_file(f, &lines, err);
        mixfill_lines_close(&lines);
    }
    clear_names(&list);
    return st;
}

mixfill_status mixfill_read_netflix(const mixfill_input *in, mixfill_error *err) {
    netflix f = {.report = in->report, .builder = in->builder, .lines_count = in->lines != NULL};
    f.d = (mixfill_delimited){.options = in->options};
    return in->lines != NULL ? read_file(&f, in->lines, err) : read_folder(&f, in->path, err);
}
