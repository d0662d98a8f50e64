/* mixfill check: what is wrong with a ratings file, and with --fix a file without it. Wrong are bad
 * lines, pairs given twice, and no ratings at all; the exit status is EXIT_DATA where there is any,
 * also where a fixed file was written, so that a script need not read the table. The file is read
 * as every other command reads it, with bad lines skipped and duplicates merged, so that what
 * passes here passes there. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/option_names.h"
#include "cli/parse.h"
#include "cli/print.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the command line gives; save counts where there is a fix only. */
typedef struct check_arguments {
    const char *fix; /* NULL: look only */
    mixfill_save_options save;
    cli_rewrite rewrite;
} check_arguments;

/* What was found. */
typedef struct findings {
    mixfill_ratings *ratings; /* what is left without bad lines and duplicates; owned */
    mixfill_ratings *fixed;   /* what a fix writes where that is less, else NULL; owned */
    mixfill_read_report read; /* what was wrong */
    mixfill_ratings_summary summary;
    mixfill_value_counts values;
    mixfill_id_summary users, items; /* what kind of ids they have */
} findings;

enum { KEY_FIX = 512 };

/* --to says how the fixed file is written, so that without --fix it would do nothing. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    check_arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->rewrite;
        return 0;
    case KEY_FIX:
        a->fix = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->fix != NULL)
            cli_settle_output(state, "--fix", a->fix, &a->rewrite, &a->save);
        else if (a->rewrite.to != NULL)
            argp_error(state, "--to without --fix, expected both");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* What a fix has. */
static const mixfill_ratings *written(const findings *f) {
    return f->fixed != NULL ? f->fixed : f->ratings;
}

/* What the exit status says. */
static bool is_clean(const findings *f) {
    return f->read.skipped == 0 && f->read.bad_times == 0 && f->read.duplicates == 0 &&
           mixfill_ratings_count(f->ratings) > 0;
}

/* What cannot be read twice, a pipe, becomes standard input, and that a file without a name that
 * has what it gave. *start is where standard input begins. */
static int keep_input(const char **path, off_t *start) {
    struct stat s;
    char piece[1 << 16];
    bool is_stdin = cli_is_stdio(*path);
    if (!is_stdin && (stat(*path, &s) != 0 || !S_ISFIFO(s.st_mode)))
        return 0;
    *start = is_stdin ? lseek(STDIN_FILENO, 0, SEEK_CUR) : -1;
    if (*start >= 0)
        return 0;
    int from = is_stdin ? STDIN_FILENO : open(*path, O_RDONLY | O_CLOEXEC);
    FILE *kept = tmpfile();
    ssize_t n = -1;
    while (from >= 0 && kept != NULL && (n = read(from, piece, sizeof piece)) > 0)
        if (fwrite(piece, 1, (size_t)n, kept) != (size_t)n)
            break;
    if (n != 0 || fflush(kept) != 0 || dup2(fileno(kept), STDIN_FILENO) < 0) {
        cli_error("%s: cannot be kept in a temporary file: %s, expected a file", *path,
                  strerror(errno));
        return EXIT_DATA;
    }
    fclose(kept);
    if (!is_stdin)
        close(from);
    *path = "-";
    *start = lseek(STDIN_FILENO, 0, SEEK_SET);
    return 0;
}

/* Read, and where timestamps are what is wrong, read once more without them, as fit does: what it
 * could use is to be seen. Only what is to be written needs times, so that a fix has what the first
 * reading left. */
static mixfill_status read_ratings(const check_arguments *a, const char *path, off_t start,
                                   findings *f, mixfill_error *err) {
    mixfill_read_options read = a->rewrite.in.read;
    read.strict = false; /* what is odd is listed */
    mixfill_status st = mixfill_ratings_load(&f->ratings, &f->read, path, &read, err);
    bool none = st == MIXFILL_ERR_PARSE && read.keep_times && a->fix == NULL;
    if (!none && (st != MIXFILL_OK || f->read.bad_times == 0))
        return st;
    mixfill_read_report with_times = f->read;
    f->fixed = f->ratings;
    f->ratings = NULL;
    read.keep_times = false;
    if (cli_is_stdio(path))
        (void)lseek(STDIN_FILENO, start, SEEK_SET);
    st = mixfill_ratings_load(&f->ratings, &f->read, path, &read, err);
    if (st != MIXFILL_OK)
        return st;
    if (none) { /* without times there are ratings: none had a good one */
        f->read.bad_times = mixfill_ratings_count(f->ratings) + f->read.duplicates;
        return st;
    }
    f->read.bad_times = with_times.bad_times;
    f->read.n_messages = with_times.n_messages;
    memcpy(f->read.messages, with_times.messages, sizeof f->read.messages);
    memcpy(f->read.fields, with_times.fields, sizeof f->read.fields);
    return st;
}

/* Read and look. Faults of single lines are findings; what keeps the file from being read at all is
 * an error, as everywhere. */
static int find(const check_arguments *a, findings *f) {
    mixfill_error err;
    const char *path = a->rewrite.path;
    off_t start = 0;
    /* without times to be heeded one reading says all */
    int status = a->rewrite.in.read.keep_times ? keep_input(&path, &start) : 0;
    if (status != 0)
        return status;
    if (read_ratings(a, path, start, f, &err) != MIXFILL_OK ||
        mixfill_ratings_summarize(f->ratings, &f->summary, &err) != MIXFILL_OK ||
        mixfill_ratings_count_values(f->ratings, &f->values, &err) != MIXFILL_OK)
        return cli_fail_input(a->rewrite.path, "ratings", &err);
    mixfill_ratings_summarize_ids(f->ratings, &f->users, &f->items);
    return 0;
}

/* ---- table ---- */

/* What the ids are: places in a matrix, whole numbers with gaps between them, or text. */
static void print_ids(FILE *out, const char *label, const mixfill_id_summary *s) {
    if (s->by_index)
        cli_row(out, label, "by index, %" PRId64 " to %" PRId64, s->least, s->most);
    else if (s->integers)
        cli_row(out, label, "%" PRId64 " to %" PRId64 ", %" PRIu64 " missing between", s->least,
                s->most, s->gaps);
    else
        cli_row(out, label, "text");
}

/* Counts with the first examples below; "wrong" sums up in words what the exit status says. */
static void print_problems(FILE *out, const findings *f) {
    char message[CLI_MESSAGE_BUFFER];
    cli_row(out, "bad lines", "%" PRId64, f->read.skipped);
    if (f->read.bad_times > 0)
        cli_row(out, "bad times", "of %" PRId64 " more line%s, which only convert and split heed",
                f->read.bad_times, cli_s(f->read.bad_times));
    for (int i = 0; i < f->read.n_messages; i++)
        cli_row(out, "", "%s", cli_field_message(message, f->read.messages[i], f->read.fields[i]));
    cli_row(out, "duplicates", "%" PRId64, f->read.duplicates);
    if (f->read.duplicate[0] != '\0')
        cli_row(out, "", "%s", f->read.duplicate);
    for (int i = 0; i < f->read.n_warnings; i++)
        cli_row(out, i == 0 ? "odd" : "", "%s",
                cli_field_message(message, f->read.warnings[i], f->read.warning_fields[i]));
    cli_row(out, "wrong", "%s%s%s%s", f->read.skipped > 0 ? "bad lines" : "",
            f->read.bad_times == 0 ? ""
            : f->read.skipped > 0  ? ", bad times"
                                   : "bad times",
            f->read.duplicates == 0                        ? ""
            : f->read.skipped > 0 || f->read.bad_times > 0 ? " and duplicates"
                                                           : "duplicates",
            is_clean(f) ? "nothing" : "");
}

/* Empty users and items can only be seen where ids are places in a matrix; elsewhere an id stands
 * in the file because it has a rating. */
static void print_findings(FILE *out, const findings *f) {
    int32_t n = mixfill_ratings_n_users(f->ratings), d = mixfill_ratings_n_items(f->ratings);
    bool by_index = f->users.by_index && f->items.by_index;
    static const char place[] = "columns ";
    bool by_place = strncmp(f->read.columns, place, strlen(place)) == 0;
    cli_row(out, "format", "%s%s", mixfill_format_name(f->read.format),
            mixfill_ratings_has_times(f->ratings) ? ", with timestamps" : "");
    if (f->read.columns[0] != '\0')
        cli_row(out, "columns", "%s", f->read.columns + (by_place ? strlen(place) : 0));
    cli_row(out, "users x items", "%" PRId32 " x %" PRId32, n, d);
    cli_row(out, "ratings", "%" PRId64, mixfill_ratings_count(f->ratings));
    cli_print_values(out, &f->values, &f->summary, MIXFILL_VALUE_LEVELS);
    print_ids(out, "user ids", &f->users);
    print_ids(out, "item ids", &f->items);
    if (by_index) {
        cli_row(out, "users without ratings", "%" PRId32, f->summary.empty_users);
        cli_row(out, "items without ratings", "%" PRId32, f->summary.empty_items);
    }
    print_problems(out, f);
}

/* What --fix did. A duplicate policy of error never gets here: it ends the read. */
static void print_fix(FILE *out, const check_arguments *a, const findings *f) {
    static const char *const kept[] = {[MIXFILL_DUPLICATES_ERROR] = "none",
                                       [MIXFILL_DUPLICATES_FIRST] = "the first kept",
                                       [MIXFILL_DUPLICATES_LAST] = "the last kept",
                                       [MIXFILL_DUPLICATES_MEAN] = "their mean kept"};
    int64_t dropped = f->read.skipped + f->read.bad_times;
    cli_row(out, "fixed",
            "%" PRId64 " bad line%s dropped, %" PRId64 " duplicate%s merged (%s), sorted by user",
            dropped, cli_s(dropped), f->read.duplicates, cli_s(f->read.duplicates),
            kept[a->rewrite.in.read.duplicates]);
    cli_row(out, "saved to", "%s (%s), %" PRId64 " rating%s", a->fix,
            mixfill_format_name(a->save.format), mixfill_ratings_count(written(f)),
            cli_s(mixfill_ratings_count(written(f))));
}

/* ---- JSON ---- */

/* The object of --json:
 *
 *     input, format, columns, clean, n_users, n_items, n_ratings, timestamps, lines,
 *     bad_lines: {count, first: [message]}, bad_times, duplicates: {count, first},
 *     rating_range: [least, most], values: [{value, count}], quantiles: {"0": ..., "100": ...},
 *     user_ids, item_ids: {kind, least, most, gaps}, empty_users, empty_items, warnings: [message],
 *     fixed: {path, format, n_ratings, bad_lines_dropped, duplicates_merged}
 *
 * values is null where there are too many, fixed without --fix; least, most and gaps are those of
 * whole numbers. */

/* gaps may be larger than a JSON integer, which is signed. */
static json_t *ids_json(const mixfill_id_summary *s) {
    const char *kind = s->by_index ? "index" : s->integers ? "integer" : "text";
    if (!s->integers)
        return json_pack("{s:s}", "kind", kind);
    return json_pack("{s:s, s:I, s:I, s:o}", "kind", kind, "least", (json_int_t)s->least, "most",
                     (json_int_t)s->most, "gaps",
                     s->gaps <= INT64_MAX ? json_integer((json_int_t)s->gaps)
                                          : json_real((double)s->gaps));
}

/* How many, and the messages of the first few with their lines. */
static json_t *bad_lines_json(const mixfill_read_report *r) {
    char message[CLI_MESSAGE_BUFFER];
    json_t *first = json_array();
    for (int i = 0; i < r->n_messages; i++)
        json_array_append_new(
            first, cli_text_json(cli_field_message(message, r->messages[i], r->fields[i])));
    return json_pack("{s:I, s:o}", "count", (json_int_t)r->skipped, "first", first);
}

/* All of what is odd. */
static json_t *warnings_json(const mixfill_read_report *r) {
    char message[CLI_MESSAGE_BUFFER];
    json_t *warnings = json_array();
    for (int i = 0; i < r->n_warnings; i++)
        json_array_append_new(warnings, cli_text_json(cli_field_message(message, r->warnings[i],
                                                                        r->warning_fields[i])));
    return warnings;
}

/* null without --fix. */
static json_t *fix_json(const check_arguments *a, const findings *f) {
    if (a->fix == NULL)
        return json_null();
    int64_t dropped = f->read.skipped + f->read.bad_times;
    return json_pack("{s:o, s:s, s:I, s:I, s:I}", "path", cli_text_json(a->fix), "format",
                     mixfill_format_name(a->save.format), "n_ratings",
                     (json_int_t)mixfill_ratings_count(written(f)), "bad_lines_dropped",
                     (json_int_t)dropped, "duplicates_merged", (json_int_t)f->read.duplicates);
}

/* Everything the table shows under keys of its own. */
static json_t *findings_json(const check_arguments *a, const findings *f) {
    const mixfill_ratings_summary *s = &f->summary;
    const char *duplicate = f->read.duplicate[0] != '\0' ? f->read.duplicate : NULL;
    return json_pack(
        "{s:o, s:s, s:o, s:b, s:i, s:i, s:I, s:b, s:I, s:o, s:I, s:{s:I, s:o}, s:[o, o], s:o, "
        "s:o, s:o, s:o, s:i, s:i, s:o, s:o}",
        "input", cli_text_json(a->rewrite.path), "format", mixfill_format_name(f->read.format),
        "columns", cli_text_json(f->read.columns), "clean", is_clean(f), "n_users",
        mixfill_ratings_n_users(f->ratings), "n_items", mixfill_ratings_n_items(f->ratings),
        "n_ratings", (json_int_t)mixfill_ratings_count(f->ratings), "timestamps",
        mixfill_ratings_has_times(f->ratings), "lines", (json_int_t)f->read.lines, "bad_lines",
        bad_lines_json(&f->read), "bad_times", (json_int_t)f->read.bad_times, "duplicates", "count",
        (json_int_t)f->read.duplicates, "first", cli_text_json(duplicate), "rating_range",
        cli_real(s->min), cli_real(s->max), "values", cli_values_json(&f->values), "quantiles",
        cli_quantiles_json(&f->values), "user_ids", ids_json(&f->users), "item_ids",
        ids_json(&f->items), "empty_users", s->empty_users, "empty_items", s->empty_items,
        "warnings", warnings_json(&f->read), "fixed", fix_json(a, f));
}

/* ---- command ---- */

/* The fixed file first, then the findings, then the verdict on what was read. */
static int run_check(const check_arguments *a) {
    findings f = {0};
    int status = cli_check_output(a->fix, &a->rewrite.path, 1);
    if (status == 0)
        status = find(a, &f);
    if (status == 0 && a->fix != NULL)
        status = cli_save(written(&f), a->fix, &a->save);
    if (status == 0 && a->rewrite.in.common.json) {
        status = cli_print_json(findings_json(a, &f));
    } else if (status == 0) {
        FILE *out = cli_table_stream(a->fix);
        print_findings(out, &f);
        if (a->fix != NULL)
            print_fix(out, a, &f);
    }
    if (status == 0 && (!is_clean(&f) || (a->rewrite.in.read.strict && f.read.n_warnings > 0)))
        status = EXIT_DATA;
    mixfill_ratings_free(f.ratings);
    mixfill_ratings_free(f.fixed);
    return status;
}

/* stdout: the table or one object, or with --fix - the ratings. Unlike in the other commands bad
 * lines are skipped and duplicates merged by default: all of them are to be counted, not the
 * first. */
int cli_check(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"fix", KEY_FIX, "OUT", 0,
         "write the ratings without what is wrong, in the format of the extension or of --to "
         "(default: only look)",
         CLI_HELP_OUTPUT},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "DATA [--fix OUT]",
        .doc =
            "Look for what is wrong with a ratings file: bad lines, duplicates, no ratings. Exit "
            "status 1 where there is any, also where --fix wrote a file without it; there, bad "
            "lines are dropped and --duplicates (here: default last) says which rating stays. "
            "Users and items without ratings and numbers that are no id are shown, but are not "
            "wrong.",
        .children = cli_rewrite_children};
    check_arguments a = {0};
    cli_rewrite_init(&a.rewrite);
    a.rewrite.in.read.skip_bad_lines = true;
    a.rewrite.in.read.duplicates = MIXFILL_DUPLICATES_LAST;
    cli_parse(&argp, argc, argv, &a);
    return run_check(&a);
}
