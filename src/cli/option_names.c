/* The one table that knows which option sets which field of the library's options. The library
 * names fields, since its callers set fields; whoever uses the program sets options. */
#include "cli/option_names.h"

#include <stdio.h>
#include <string.h>

/* An option and the field it sets; hint: how it helps, where messages are about the field without
 * beginning with it. */
typedef struct option_name {
    const char *field, *option, *hint;
} option_name;

/* In the order of the structs. A field that two structs have, such as n_components, is set by one
 * and the same option wherever a command has one. */
static const option_name names[] = {
    /* mixfill_options */
    {"model", "--model", NULL},
    {"n_components", "-k", NULL},
    {"seed", "--seed", NULL},
    {"n_init", "--n-init", NULL},
    {"average", "--average", NULL},
    {"tol", "--tol", NULL},
    {"max_iter", "--max-iter", NULL},
    {"min_var", "--min-var", NULL},
    {"min_support", "--min-support", NULL},
    {"prior_strength", "--prior-strength", NULL},
    {"rank", "--rank", NULL},
    {"implicit", "--no-implicit", NULL},
    {"implicit_strength", "--implicit-strength", NULL},
    {"notebook", "--compat notebook", NULL},
    {"threads", "--threads", NULL},
    {"max_memory", "--max-memory", NULL},
    {"patience", "--patience", NULL},
    {"valid", "--valid", "--valid or --holdout"},
    /* mixfill_read_options and mixfill_save_options */
    {"format", "--format", "--format to force another format"},
    {"missing", "--missing", "--missing NUMBER or nan"},
    {"int_ids", "--ids", "--ids int"},
    {"skip_bad_lines", "--on-bad-line", "--on-bad-line skip leaves such lines out"},
    {"duplicates", "--duplicates", "--duplicates first, last or mean to accept"},
    {"rating_min", "--rating-range", "--rating-range"},
    {"keep_times", "--no-timestamps", "--no-timestamps leaves them out"},
    {"member", "--member", "--member NAME"},
    {"transpose", "--transpose", "--transpose"},
    {"columns", "--columns", "--columns"},
    {"delimiter", "--delimiter", "--delimiter CHAR"},
    {"decimal_comma", "--decimal-comma", "--decimal-comma"},
    {"strict", "--strict-input", "--strict-input"},
    /* mixfill_split_options */
    {"method", "--method", NULL},
    {"fraction", "--fraction", NULL},
    {"per_user", "--per-user", NULL},
    {"before", "--before", NULL},
    {"least", "--min-ratings", NULL},
    /* mixfill_generate_options */
    {"n_users", "--users", NULL},
    {"n_items", "--items", NULL},
    {"n_ratings", "--ratings", NULL},
    {"shape", "--shape", NULL},
    {"popularity", "--popularity", NULL},
    /* mixfill_recommend_options */
    {"n", "--top", NULL},
    {"risk", "--risk", NULL},
    {"folded", "--ratings", "--ratings"},
};

/* NULL where no option sets the field, as where there is none (""). */
static const option_name *find(const char *field) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].field, field) == 0)
            return &names[i];
    return NULL;
}

const char *cli_option_of(const char *field) {
    const option_name *name = find(field);
    return name != NULL ? name->option : field;
}

/* Copy text and put options in the place of fields that it names besides: words with an underscore,
 * or behind "with", since "the model" is no field. */
static void copy_renamed(char *out, size_t cap, const char *text) {
    size_t n = 0;
    bool with = false;
    while (*text != '\0' && n + 1 < cap) {
        size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
        char word[32] = "";
        if (len > 0 && len < sizeof word)
            memcpy(word, text, len);
        const option_name *name = with || strchr(word, '_') != NULL ? find(word) : NULL;
        const char *put = name != NULL ? name->option : text;
        size_t size = name != NULL ? strlen(put) : len > 0 ? len : 1;
        n += (size_t)snprintf(out + n, cap - n, "%.*s", (int)size, put);
        with = strcmp(word, "with") == 0 || (with && len == 0);
        text += len > 0 ? len : 1;
    }
}

/* A name only counts as the begin where it ends there: "n" does not begin "n_init 0: ...". */
const char *cli_message(char out[CLI_MESSAGE_BUFFER], const mixfill_error *err) {
    const option_name *name = find(err->field);
    size_t n = strlen(err->field);
    const char *rest = err->message + n;
    bool first = strncmp(err->message, err->field, n) == 0 && (*rest == ' ' || *rest == ':');
    if (name != NULL && first) {
        size_t begin = (size_t)snprintf(out, CLI_MESSAGE_BUFFER, "%s", name->option);
        copy_renamed(out + begin, CLI_MESSAGE_BUFFER - begin, rest);
    } else if (name != NULL && name->hint != NULL)
        snprintf(out, CLI_MESSAGE_BUFFER, "%s (%s)", err->message, name->hint);
    else
        snprintf(out, CLI_MESSAGE_BUFFER, "%s", err->message);
    return out;
}

const char *cli_field_message(char out[CLI_MESSAGE_BUFFER], const char *message,
                              const char *field) {
    mixfill_error err = {0};
    snprintf(err.message, sizeof err.message, "%s", message);
    snprintf(err.field, sizeof err.field, "%s", field);
    return cli_message(out, &err);
}
