/* Ids that match nothing would filter, title and fold in nothing, without a fault. Fewer than half
 * is odd enough for a warning, with one id of each side, which mostly shows at once what is wrong:
 * "1" and "1.0", a column of titles for one of ids, counting from 0 and from 1. */
#include "cli/known.h"

#include "cli/cli.h"
#include "cli/print.h"

#include <inttypes.h>
#include <stdio.h>

enum { FINDING = 900 };

/* What is known, in words: "none of the 3 users is known to the model: the model has '1', the file
 * '1.0' (--ids int makes them one)". */
static const char *in_words(char out[FINDING], const mixfill_known *k, const char *what,
                            const char *side) {
    int n =
        k->n_known == 0
            ? snprintf(out, FINDING, "none of the %" PRId32 " %s%s is known to %s", k->n, what,
                       cli_s(k->n), side)
            : snprintf(out, FINDING, "%" PRId32 " of the %" PRId32 " %s%s %s known to %s",
                       k->n_known, k->n, what, cli_s(k->n), k->n_known == 1 ? "is" : "are", side);
    if (k->similar[0] != '\0')
        snprintf(out + n, (size_t)(FINDING - n), ": %s has '%.120s', the file '%.120s'%s", side,
                 k->similar, k->unknown, k->same_number ? " (--ids int makes them one)" : "");
    return out;
}

static bool are_few(const mixfill_known *k) {
    return k->n > 0 && 2 * (int64_t)k->n_known < k->n;
}

/* Say what is odd about one kind of ids. */
static void warn_of(const char *path, const mixfill_known *k, const char *what, const char *side) {
    char finding[FINDING];
    if (k->shift != 0)
        cli_note("warning: %s: its %ss count from %d and those of %s from %d: every one stands for "
                 "its neighbour unless they mean the same",
                 path, what, k->shift > 0 ? 1 : 0, side, k->shift > 0 ? 0 : 1);
    else if (are_few(k))
        cli_note("warning: %s: %s", path, in_words(finding, k, what, side));
}

static int fail(const char *path, const mixfill_known *k, const char *what, const char *side) {
    char finding[FINDING];
    cli_error("%s: %s", path, in_words(finding, k, what, side));
    return EXIT_DATA;
}

/* Ratings are of use where a user or an item is known: what is not falls to its prior. */
static int check(const char *path, const mixfill_known_ids *k, const char *side, bool strangers) {
    if (k->items.n > 0 && k->items.n_known == 0 && (strangers || k->users.n_known == 0))
        return fail(path, &k->items, "item", side);
    if (!strangers)
        warn_of(path, &k->users, "user", side);
    warn_of(path, &k->items, "item", side);
    return 0;
}

int cli_check_ratings(const char *path, const mixfill_ratings *ratings, const mixfill_model *model,
                      bool strangers) {
    mixfill_known_ids k;
    mixfill_known_to_model(&k, ratings, model);
    return check(path, &k, "the model", strangers);
}

int cli_check_held_out(const char *path, const mixfill_ratings *held_out, const char *other_path,
                       const mixfill_ratings *training) {
    mixfill_error err;
    mixfill_known_ids k;
    int64_t common, n = mixfill_ratings_count(held_out);
    mixfill_known_to_ratings(&k, held_out, training);
    int status = check(path, &k, other_path, false);
    if (status != 0)
        return status;
    if (mixfill_ratings_count_common(&common, held_out, training, &err) != MIXFILL_OK)
        return cli_fail(&err);
    if (common > 0)
        cli_note("warning: %s: %" PRId64 " of %" PRId64
                 " pair%s %s in %s too: what is said of %s is "
                 "no held-out figure",
                 path, common, n, cli_s(n), common == 1 ? "is" : "are", other_path,
                 common == 1 ? "it" : "them");
    return 0;
}

int cli_check_seen(const char *path, const mixfill_ratings *seen, const mixfill_model *model) {
    mixfill_known_ids k;
    mixfill_known_to_model(&k, seen, model);
    if (k.items.n > 0 && k.items.n_known == 0)
        return fail(path, &k.items, "item", "the model");
    return check(path, &k, "the model", false);
}

int cli_check_titles(const char *path, const mixfill_titles *titles, const mixfill_model *model) {
    mixfill_known k;
    mixfill_known_titles(&k, model, titles);
    if (k.n > 0 && k.n_known == 0) {
        cli_error("%s: no item of the model has a title: the model has '%.120s', the file '%.120s'",
                  path, k.unknown, k.similar);
        return EXIT_DATA;
    }
    if (are_few(&k))
        cli_note("warning: %s: titles for %" PRId32 " of the model's %" PRId32
                 " items: the model has '%.120s', the file '%.120s'",
                 path, k.n_known, k.n, k.unknown, k.similar);
    return 0;
}

int cli_check_users(const char *path, const mixfill_users *users, const mixfill_model *model) {
    mixfill_known k;
    mixfill_known_users(&k, users, model);
    if (k.n > 0 && k.n_known == 0)
        return fail(path, &k, "user", "the model");
    warn_of(path, &k, "user", "the model");
    return 0;
}
