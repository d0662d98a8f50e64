/* The options that several commands share, each read in one place as an argp child. The children
 * are nested like what they serve:
 *
 *     cli_json_argp                  --json                         doctor
 *     cli_common_argp                and --threads                  generate
 *     cli_input_argp                 and how ratings are read       info, recommend, report
 *     cli_use_argp                   and MODEL, FILE                complete, evaluate, predict
 *     cli_rewrite_argp               and DATA, --to, ...            check, convert, split
 *     cli_model_argp                 and how a model is fitted      fit, cv, select
 *
 * (the last in model_options.h). A command hands each child the part of its arguments that is the
 * child's, at ARGP_KEY_INIT; children end before their parents, so that at a command's own
 * ARGP_KEY_END what they read is complete. Texts of options are borrowed from argv. */
#ifndef MIXFILL_CLI_ARGUMENTS_H
#define MIXFILL_CLI_ARGUMENTS_H

#include <mixfill/mixfill.h>

#include <argp.h>

/* Take the one argument that a command has into *path, which is NULL before it; a usage error says
 * that `expected` was, such as "one DATA". Returns 0, for an argp parser to return. */
error_t cli_take_argument(const struct argp_state *state, const char **path, const char *text,
                          const char *expected);

/* A usage error with the message of a check of the library. */
void cli_refuse(const struct argp_state *state, const mixfill_error *err);

/* A usage error where an output (NULL: none) and --json would both go to standard output. */
void cli_check_stdout(const struct argp_state *state, const char *option, const char *path,
                      bool json);

/* A usage error where --jsonl and --json would both go there. */
void cli_check_lines(const struct argp_state *state, bool lines, const char *output, bool json);

/* ---- shared options ---- */

/* --json, whose input is a bool. */
extern const struct argp cli_json_argp;

/* What almost every command takes. */
typedef struct cli_common {
    int32_t threads; /* 0: not given */
    bool json;
} cli_common;

extern const struct argp cli_common_argp;

/* What every command that reads ratings takes. read.threads is common.threads once all is read. */
typedef struct cli_input {
    mixfill_read_options read;
    cli_common common;
} cli_input;

void cli_input_init(cli_input *in);
extern const struct argp cli_input_argp;
extern const struct argp_child cli_input_children[]; /* it alone */

/* A model and a file that it is used on. */
typedef struct cli_use {
    const char *model, *data; /* the two arguments, both given once all is read */
    const char *data_name;    /* of the second, for messages */
    bool without_data;        /* the command itself sees to what happens without the second */
    cli_input in;
} cli_use;

void cli_use_init(cli_use *use, const char *data_name);
extern const struct argp_child cli_use_children[];

/* Ratings that are read to be written again, with their timestamps unless those are not wanted. */
typedef struct cli_rewrite {
    const char *path; /* the one argument, given once all is read */
    const char *to;   /* NULL: each output's format is that of its extension */
    cli_input in;
} cli_rewrite;

void cli_rewrite_init(cli_rewrite *rewrite);
extern const struct argp_child cli_rewrite_children[];

/* How such ratings are saved to a path that an option names; a usage error where its format cannot
 * be told, or where --json would go there too. */
void cli_settle_output(const struct argp_state *state, const char *option, const char *path,
                       const cli_rewrite *rewrite, mixfill_save_options *save);

#endif
