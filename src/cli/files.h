/* Files that commands read and write: ratings, models, users folded into a model, and outputs, with
 * what is said about them on stderr. A path "-" is standard input or output. Every function that
 * returns int returns 0, or an exit status after a message; nothing is owned by the caller then. */
#ifndef MIXFILL_CLI_FILES_H
#define MIXFILL_CLI_FILES_H

#include <mixfill/mixfill.h>

#include <stdio.h>

/* Load ratings and say on stderr what was found. The caller frees *out. */
int cli_load(mixfill_ratings **out, const char *path, const mixfill_read_options *options);

/* The same of ratings that no model is fitted to, in which there need be nothing to learn. */
int cli_load_beside(mixfill_ratings **out, const char *path, const mixfill_read_options *options);

/* Print why a file could not be read, which in place of `expected`, such as "ratings", may be a
 * model. Returns EXIT_DATA. */
int cli_fail_input(const char *path, const char *expected, const mixfill_error *err);

/* Load a model. The caller frees *out. data: the argument behind it, which may be the model where
 * the two were swapped; NULL: none. */
int cli_load_model(mixfill_model **out, const char *path, const char *data);

/* Load titles of items, their ids read as options say. The caller frees *out. */
int cli_load_titles(mixfill_titles **out, const char *path, const mixfill_read_options *options);

/* Load ratings and fold their users into a model, and say on stderr whose ratings replace others
 * and what was left out. The caller frees *out. */
int cli_fold(mixfill_folded **out, const mixfill_model *model, const char *path,
             const mixfill_read_options *options, int32_t threads);

/* What a read left out, on stderr. */
void cli_report_skipped(const char *path, const mixfill_read_report *report);

/* Warn of a first line that was taken for ids, none of which the model knows; line 0: say nothing.
 * names: what a header would have, such as "userId, movieId". */
void cli_warn_of_header(const char *path, int64_t line, const char *names);

/* Whether a path, which may be NULL, is "-". */
bool cli_is_stdio(const char *path);

/* Where a table goes beside an output (NULL: none): stdout, or stderr where the output takes it. */
FILE *cli_table_stream(const char *output);

/* Whether two paths lead to one regular file, or would once it is created; "-" never does. */
bool cli_same_file(const char *a, const char *b);

/* Before anything long is begun: an output that is one of the n inputs is a usage error, one that
 * cannot be created a data error. NULL, as output or input, is none. */
int cli_check_output(const char *output, const char *const *inputs, int n);

/* Save ratings, after saying on stderr what the format cannot hold. */
int cli_save(const mixfill_ratings *ratings, const char *path, const mixfill_save_options *options);

#endif
