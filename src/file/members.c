/* Members of archives. Their names are another's text and are shown with control characters
 * replaced. */
#include "file/members.h"

#include <stdio.h>
#include <string.h>

const char *mixfill_member_base(const char *name) {
    const char *slash = strrchr(name, '/');
    return slash != NULL ? slash + 1 : name;
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* What MovieLens, the Netflix Prize and KONECT call their ratings, in any folder but the one in
 * which macOS keeps its shadows of files. */
static bool is_ratings(const char *name) {
    const char *base = mixfill_member_base(name);
    return !begins(name, "__MACOSX/") &&
           (strcmp(base, "ratings.csv") == 0 || strcmp(base, "ratings.dat") == 0 ||
            strcmp(base, "u.data") == 0 || begins(base, "out.") ||
            (begins(base, "combined_data_") && mixfill_ends_with(base, ".txt")));
}

bool mixfill_member_fits(const char *name, const char *wanted) {
    return wanted == NULL
               ? is_ratings(name)
               : strcmp(name, wanted) == 0 || strcmp(mixfill_member_base(name), wanted) == 0;
}

/* Names that have no room are counted only; room is kept for their count. */
void mixfill_member_list_add(mixfill_member_list *list, const char *name) {
    enum { SHOWN = 20, COUNT = 24 };
    char quoted[MIXFILL_QUOTE_BUFFER];
    size_t room = sizeof list->text - COUNT - list->len;
    bool all_shown = list->shown == list->n++;
    if (!all_shown || list->shown == SHOWN)
        return;
    int len = snprintf(list->text + list->len, room, "%s'%s'", list->shown > 0 ? ", " : "",
                       mixfill_quote(quoted, name, strlen(name)));
    if (len < 0 || (size_t)len >= room) {
        list->text[list->len] = '\0';
        return;
    }
    list->len += (size_t)len;
    list->shown++;
}

mixfill_status mixfill_fail_no_member(const mixfill_member_list *list, const char *path,
                                      const char *archive, const char *wanted, mixfill_error *err) {
    char more[32] = "";
    if (list->n > list->shown)
        snprintf(more, sizeof more, " and %d more", list->n - list->shown);
    if (list->n == 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                            "%s: a %s file without members, expected ratings.csv, ratings.dat or "
                            "u.data in it",
                            path, archive);
    if (wanted != NULL)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0,
                            "%s: no member '%.80s', expected one of %s%s", path, wanted, list->text,
                            more);
    return mixfill_fail_about(err, MIXFILL_ERR_PARSE, 0, "member",
                              "%s: a %s file without ratings.csv, ratings.dat or u.data, "
                              "expected one of %s%s",
                              path, archive, list->text, more);
}

char *mixfill_member_path(const char *path, const char *name) {
    size_t size = strlen(path) + strlen(name) + 2;
    char *out = mixfill_alloc(size, 1);
    if (out == NULL)
        return NULL;
    snprintf(out, size, "%s:%s", path, name);
    for (char *c = out + strlen(path); *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = '?';
    return out;
}
