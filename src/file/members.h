/* Members of archives: which of them holds the ratings, and how they are named to people. */
#ifndef MIXFILL_MEMBERS_H
#define MIXFILL_MEMBERS_H

#include "base/base.h"

/* The part of a member's name behind its folders. */
const char *mixfill_member_base(const char *name);

/* Whether a member is meant: by its name, with or without folders, where one is wanted; else by
 * what the field's data sets call their ratings. */
bool mixfill_member_fits(const char *name, const char *wanted);

/* The first names of an archive as text: "'a.csv', 'b.csv' and 3 more". All-zero is empty. */
typedef struct mixfill_member_list {
    char text[320];
    size_t len;
    int shown, n;
} mixfill_member_list;

void mixfill_member_list_add(mixfill_member_list *list, const char *name);

/* MIXFILL_ERR_PARSE where no member of an archive ("zip" or "tar") fits. */
mixfill_status mixfill_fail_no_member(const mixfill_member_list *list, const char *path,
                                      const char *archive, const char *wanted, mixfill_error *err);

/* "PATH:MEMBER" for messages, control characters of the member replaced; NULL when out of memory.
 * The caller frees it. */
char *mixfill_member_path(const char *path, const char *name);

#endif
