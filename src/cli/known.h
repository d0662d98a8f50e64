/* Whether files that go together have ids in common, said on stderr. Every function returns 0, or
 * EXIT_DATA after a message where nothing would be left to work on. */
#ifndef MIXFILL_CLI_KNOWN_H
#define MIXFILL_CLI_KNOWN_H

#include <mixfill/mixfill.h>

/* Ratings beside a model: warn where fewer than half of its users or items are known to it, which
 * for strangers (users that are folded in) is as it should be; an error where no id is. */
int cli_check_ratings(const char *path, const mixfill_ratings *ratings, const mixfill_model *model,
                      bool strangers);

/* Held-out ratings beside those of training, which are called other_path: the same, and warn of
 * pairs that both have. */
int cli_check_held_out(const char *path, const mixfill_ratings *held_out, const char *other_path,
                       const mixfill_ratings *training);

/* Ratings that are seen beside a model whose lists they are to be left out of. */
int cli_check_seen(const char *path, const mixfill_ratings *seen, const mixfill_model *model);

/* Titles of the items of a model. */
int cli_check_titles(const char *path, const mixfill_titles *titles, const mixfill_model *model);

/* Users that a model is asked for. */
int cli_check_users(const char *path, const mixfill_users *users, const mixfill_model *model);

#endif
