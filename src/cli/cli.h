/* What the commands of the program share: parsing of option values, messages, tables and JSON. The
 * program uses the library through its public header only. */
#ifndef MIXFILL_CLI_H
#define MIXFILL_CLI_H

#include <mixfill/mixfill.h>

#include <argp.h>
#include <jansson.h>
#include <stdio.h>

enum {
    EXIT_DATA = 1,          /* data, input/output or numeric failure */
    EXIT_USAGE = 2,         /* wrong command line */
    EXIT_NOT_CONVERGED = 3, /* only with --strict */
    EXIT_SIGNAL = 128       /* plus the signal's number */
};

/* Each command gets its own arguments, argv[0] being "mixfill COMMAND", and returns the exit
 * status. */
int cli_fit(int argc, char **argv);
int cli_complete(int argc, char **argv);
int cli_predict(int argc, char **argv);
int cli_recommend(int argc, char **argv);
int cli_evaluate(int argc, char **argv);
int cli_cv(int argc, char **argv);
int cli_select(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_generate(int argc, char **argv);
int cli_convert(int argc, char **argv);
int cli_split(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_doctor(int argc, char **argv);

/* Option values; on anything else than a number in range the program ends with a usage error that
 * names the option. */
int64_t cli_integer(const struct argp_state *state, const char *option, const char *text,
                    int64_t least, int64_t most);
double cli_number(const struct argp_state *state, const char *option, const char *text);

/* A number of bytes: decimal, with an optional k, M, G or T (powers of 1000) and an optional B. */
size_t cli_size(const struct argp_state *state, const char *option, const char *text);

/* Index of text in names (ended by NULL); a usage error names what was expected. */
int cli_choice(const struct argp_state *state, const char *option, const char *text,
               const char *const *names);

/* The format that --to names or, where that was not given (NULL), the output's extension stands
 * for, csv for "-"; a usage error names the option and what was expected. */
mixfill_format cli_format_of(const struct argp_state *state, const char *option, const char *path,
                             const char *to);

/* A usage error where an output (NULL: none) and --json would both go to standard output. */
void cli_check_stdout(const struct argp_state *state, const char *option, const char *path,
                      bool json);

/* The options of every command that reads ratings, as an argp child whose input is
 * mixfill_read_options. */
extern const struct argp cli_data_argp;

/* What almost every command takes, as an argp child whose input is cli_common. */
typedef struct cli_common {
    int32_t threads; /* 0: not given */
    bool json;
} cli_common;

extern const struct argp cli_common_argp;

/* Where progress of a fit is shown. */
typedef enum cli_progress_mode {
    CLI_PROGRESS_AUTO,   /* a line that renews itself, when stderr is a terminal */
    CLI_PROGRESS_ALWAYS, /* the same on a terminal, else a line per iteration */
    CLI_PROGRESS_NEVER
} cli_progress_mode;

/* The options of every command that fits, as an argp child whose input is cli_model_options. */
typedef struct cli_model_options {
    mixfill_options fit;
    cli_progress_mode progress;
    bool with_components; /* -k was given */
    uint32_t given;       /* bits of the other options that were */
    const char *label;    /* NULL, or what is fitted, ahead of the progress */
} cli_model_options;

extern const struct argp cli_model_argp;

/* -k, for the same input, of those that fit one number of components. */
extern const struct argp cli_components_argp;

void cli_model_options_init(cli_model_options *options);

/* Fit with progress on stderr. Returns 0 or an exit status after a message; what came out is the
 * caller's to release either way. result may be NULL. */
int cli_fit_model(mixfill_model **model, mixfill_result *result, const mixfill_ratings *ratings,
                  const cli_model_options *options);

/* How text stands out on a terminal: only there, not where NO_COLOR is set or TERM is dumb. */
typedef enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_RED } cli_style;

/* What begins a style on the stream; CLI_PLAIN ends it. "" where text is not to stand out. */
const char *cli_styled(FILE *stream, cli_style style);

/* A line on stderr after the program's name: what went wrong, or what is worth knowing. */
__attribute__((format(printf, 1, 2))) void cli_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void cli_note(const char *format, ...);

/* Print err on stderr; returns EXIT_DATA. */
int cli_fail(const mixfill_error *err);

/* Load ratings and say on stderr what was found. Returns 0 or an exit status. */
int cli_load(mixfill_ratings **out, const char *path, const mixfill_read_options *options);

/* Load a model. Returns 0 or an exit status. */
int cli_load_model(mixfill_model **out, const char *path);

/* Load ratings and fold their users into a model, and say on stderr whose ratings replace others
 * and what was left out. Returns 0 or an exit status. */
int cli_fold(mixfill_folded **out, const mixfill_model *model, const char *path,
             const mixfill_read_options *options, int32_t threads);

/* Whether two paths lead to one regular file, or would once it is created; "-"
 * never does. */
bool cli_same_file(const char *a, const char *b);

/* Before anything long is begun: an output that is one of the inputs is a usage error, one that
 * cannot be created a data error. output NULL is fine; inputs are ended by NULL. Returns 0 or an
 * exit status. */
int cli_check_output(const char *output, const char *const *inputs);

/* Save ratings, after saying on stderr what the format cannot hold. Returns 0 or an exit status. */
int cli_save(const mixfill_ratings *ratings, const char *path, const mixfill_save_options *options);

/* What a read left out, on stderr. */
void cli_report_skipped(const char *path, const mixfill_read_report *report);

/* A JSON number, null for NaN and infinities. */
json_t *cli_real(double value);

/* Print a JSON object on stdout and release it; NULL (out of memory) is an error. Returns an exit
 * status. */
int cli_print_json(json_t *object);

/* The row of a table that says what model it is. */
void cli_row_model(FILE *stream, const mixfill_model_summary *model);

/* A line "label  value" of a table, the value formatted by printf's rules. */
__attribute__((format(printf, 3, 4))) void cli_row(FILE *stream, const char *label,
                                                   const char *format, ...);

/* Bytes with a unit, such as "12.3 MB", into out. */
enum { CLI_BYTES_BUFFER = 32 };
const char *cli_bytes(char out[CLI_BYTES_BUFFER], double bytes);

/* Range, mean and the values as rows of a table: how often each occurs where there are at most
 * `most` different ones, else quantiles. */
void cli_print_values(FILE *stream, const mixfill_value_counts *counts,
                      const mixfill_ratings_summary *summary, int32_t most);

/* An array of {value, count}, null where there are more than 256; and an object of quantiles. */
json_t *cli_values_json(const mixfill_value_counts *counts);
json_t *cli_quantiles_json(const mixfill_value_counts *counts);

/* The memory of a fit as rows of a table and as JSON. read_peak: what reading the ratings took at
 * most, in bytes; the predicted peak of the whole process is the larger of the two. */
void cli_print_memory(const mixfill_memory *memory, double read_peak);
json_t *cli_memory_json(const mixfill_memory *memory, double read_peak);

/* Peak resident memory of this process in bytes. */
double cli_peak_bytes(void);

/* Monotonic wall time in seconds. */
double cli_seconds(void);

/* How far something long has come, on stderr and on a terminal only. */
typedef struct cli_counting {
    const char *what; /* such as "reading FILE" */
    double began, shown;
    bool terminal, line_open;
} cli_counting;

void cli_counting_init(cli_counting *c, const char *what);
/* A mixfill_read_progress_fn, and mixfill_done_fn for users and for ratings, whose data is a
 * cli_counting. */
int cli_reading_show(int64_t bytes, int64_t size, void *data);
int cli_users_show(int64_t users, int64_t total, void *data);
int cli_ratings_show(int64_t ratings, int64_t total, void *data);
void cli_counting_finish(cli_counting *c);

/* Score a model with progress. Returns 0 or an exit status after a message. */
int cli_evaluate_model(mixfill_evaluation *out, const mixfill_model *model,
                       const mixfill_ratings *test, int32_t threads);

/* Progress of a fit on stderr. */
typedef struct cli_progress {
    bool shown, terminal;
    const char *label; /* "" or what is fitted */
    double began;      /* of the current start */
    bool line_open;    /* the renewed line waits for its end */
} cli_progress;

void cli_progress_init(cli_progress *p, cli_progress_mode mode);
/* A mixfill_progress_fn whose data is a cli_progress. */
int cli_progress_show(const mixfill_progress *progress, void *data);
void cli_progress_finish(cli_progress *p);

#endif
