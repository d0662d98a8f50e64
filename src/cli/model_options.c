/* The options of fit, cv and select. Numbers are checked twice: here that they are numbers, with
 * the option's text in the message; by the library that they make sense, alone and together, since
 * it must check them anyway. This is the one file of the program that knows the kinds of model by
 * name: it turns the words of --model and --compat into the library's. What a kind heeds it asks
 * the library, which takes a field that has no effect without a word. */
#include "cli/model_options.h"

#include "cli/option_names.h"
#include "cli/option_values.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
    KEY_MODEL = 1024,
    KEY_COMPAT,
    KEY_SEED,
    KEY_N_INIT,
    KEY_AVERAGE,
    KEY_TOL,
    KEY_MAX_ITER,
    KEY_MIN_VAR,
    KEY_MIN_SUPPORT,
    KEY_PRIOR_STRENGTH,
    KEY_RANK,
    KEY_NO_IMPLICIT,
    KEY_IMPLICIT_STRENGTH,
    KEY_MAX_MEMORY,
    KEY_PROGRESS
};

/* The bit of `given` that an option of this file sets; none for others. */
static uint32_t bit_of(int key) {
    return key >= KEY_MODEL && key < KEY_MODEL + 32 ? (uint32_t)1 << (key - KEY_MODEL) : 0;
}

/* ---- options that set one field ---- */

enum { MAX_MODELS = 16 };

/* Names of the kinds, as the enumeration numbers them, and NULL. */
static void list_models(const char *models[MAX_MODELS]) {
    int n = 0;
    while (n + 1 < MAX_MODELS && mixfill_model_kind_exists((mixfill_model_kind)n)) {
        models[n] = mixfill_model_kind_name((mixfill_model_kind)n);
        n++;
    }
    models[n] = NULL;
}

/* What an option's value is: a finite number, a whole number from 1 on, one of 32 bits, or nothing,
 * since being given switches the field off. */
typedef enum value_type { REAL, COUNT, SEED, OFF } value_type;

#define FIELD(member) #member, offsetof(mixfill_options, member)

/* Options that some kinds of model may not heed, by the field they set. The option's name is that
 * of option_names.c. --average, which is a choice of its own, the library refuses itself. */
static const struct field_option {
    int key;
    value_type type;
    const char *field;
    size_t offset; /* in mixfill_options */
} fields[] = {
    {KEY_SEED, SEED, FIELD(seed)},
    {KEY_N_INIT, COUNT, FIELD(n_init)},
    {KEY_TOL, REAL, FIELD(tol)},
    {KEY_MAX_ITER, COUNT, FIELD(max_iter)},
    {KEY_MIN_VAR, REAL, FIELD(min_var)},
    {KEY_MIN_SUPPORT, REAL, FIELD(min_support)},
    {KEY_PRIOR_STRENGTH, REAL, FIELD(prior_strength)},
    {KEY_RANK, COUNT, FIELD(rank)},
    {KEY_NO_IMPLICIT, OFF, FIELD(implicit)},
    {KEY_IMPLICIT_STRENGTH, REAL, FIELD(implicit_strength)},
};

enum { N_FIELDS = sizeof fields / sizeof fields[0] };

/* Set the field of an option of the table; an unknown key is another parser's. */
static error_t parse_field(int key, const char *arg, const struct argp_state *state,
                           mixfill_options *options) {
    int i = 0;
    while (i < N_FIELDS && fields[i].key != key)
        i++;
    if (i == N_FIELDS)
        return ARGP_ERR_UNKNOWN;
    char *at = (char *)options + fields[i].offset;
    const char *option = cli_option_of(fields[i].field);
    switch (fields[i].type) {
    case REAL:
        memcpy(at, &(double){cli_number(state, option, arg)}, sizeof(double));
        break;
    case COUNT:
        memcpy(at, &(int32_t){(int32_t)cli_integer(state, option, arg, 1, INT32_MAX)},
               sizeof(int32_t));
        break;
    case SEED:
        memcpy(at, &(uint32_t){(uint32_t)cli_integer(state, option, arg, 0, UINT32_MAX)},
               sizeof(uint32_t));
        break;
    case OFF:
        memcpy(at, &(bool){false}, sizeof(bool));
        break;
    }
    return 0;
}

/* ---- what the kinds of model heed ---- */

/* A default that was asked for counts as given: it is still a misunderstanding where it has no
 * effect. */
static bool was_given(const cli_model_options *m, int key) {
    return (m->given & bit_of(key)) != 0;
}

/* An option that does nothing is a misunderstanding: better refused than passed over. Says which
 * kinds it would do something for. */
static void refuse_unheeded(const struct argp_state *state, const char *field,
                            mixfill_model_kind kind) {
    char heeding[64] = "";
    const char *models[MAX_MODELS];
    list_models(models);
    for (int i = 0; models[i] != NULL; i++)
        if (mixfill_model_kind_heeds((mixfill_model_kind)i, field)) {
            size_t used = strlen(heeding);
            snprintf(heeding + used, sizeof heeding - used, "%s%s", used > 0 ? " or " : "",
                     models[i]);
        }
    argp_error(state, "%s has no effect with --model %s, expected --model %s", cli_option_of(field),
               models[kind], heeding);
}

/* Bytes of a field by its type. */
static size_t size_of(value_type type) {
    switch (type) {
    case REAL:
        return sizeof(double);
    case COUNT:
        return sizeof(int32_t);
    case SEED:
        return sizeof(uint32_t);
    case OFF:
        break;
    }
    return sizeof(bool);
}

/* The kind's defaults for what was not given. */
static void set_kind_defaults(cli_model_options *m) {
    mixfill_options defaults;
    mixfill_options_init_model(&defaults, m->fit.model);
    if (!m->with_components)
        m->fit.n_components = defaults.n_components;
    for (int i = 0; i < N_FIELDS; i++)
        if (!was_given(m, fields[i].key))
            memcpy((char *)&m->fit + fields[i].offset, (const char *)&defaults + fields[i].offset,
                   size_of(fields[i].type));
}

/* What no single option can tell. A checked copy, without patience: the ratings that it needs are
 * not read yet. */
static void check(const struct argp_state *state, cli_model_options *m) {
    mixfill_error err;
    /* The notebook's arithmetic is one of classic, so that --compat alone is enough. */
    if (m->fit.notebook && !was_given(m, KEY_MODEL))
        m->fit.model = MIXFILL_MODEL_CLASSIC;
    for (int i = 0; i < N_FIELDS; i++)
        if (was_given(m, fields[i].key) && !mixfill_model_kind_heeds(m->fit.model, fields[i].field))
            refuse_unheeded(state, fields[i].field, m->fit.model);
    if (!m->fit.implicit && was_given(m, KEY_IMPLICIT_STRENGTH))
        argp_error(state, "--implicit-strength with --no-implicit, expected one of them");
    set_kind_defaults(m);
    mixfill_options checked = m->fit;
    checked.patience = 0;
    if (mixfill_options_validate(&checked, &err) != MIXFILL_OK)
        cli_refuse(state, &err);
}

/* ---- argp ---- */

/* Choices and flags; what sets one field is for parse_field. Which options were given is kept, for
 * check. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    static const char *const compats[] = {"notebook", NULL};
    static const char *const modes[] = {"auto", "always", "never", NULL};
    const char *models[MAX_MODELS];
    cli_model_options *m = state->input;
    m->given |= bit_of(key);
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &m->in;
        return 0;
    case KEY_MODEL:
        list_models(models);
        m->fit.model = (mixfill_model_kind)cli_choice(state, "--model", arg, models);
        return 0;
    case KEY_COMPAT:
        m->fit.notebook = cli_choice(state, "--compat", arg, compats) == 0;
        return 0;
    case KEY_AVERAGE:
        m->fit.average = true;
        return 0;
    case KEY_MAX_MEMORY:
        m->fit.max_memory = cli_size(state, "--max-memory", arg);
        return 0;
    case KEY_PROGRESS:
        m->progress = (cli_progress_mode)cli_choice(state, "--progress", arg, modes);
        return 0;
    case ARGP_KEY_END:
        m->fit.threads = m->in.common.threads;
        check(state, m);
        return 0;
    default:
        return parse_field(key, arg, state, &m->fit);
    }
}

static const struct argp_option model_options[] = {
    {"model", KEY_MODEL, "map|classic|factor", 0,
     "map: a mixture on what user and item offsets leave, shrunk; classic: the notebook's mixture; "
     "factor: one Gaussian whose covariance has factors, the most accurate (default map)",
     1},
    {"compat", KEY_COMPAT, "notebook", 0,
     "the published notebook's arithmetic, its mask inverted, to the letter; implies classic", 1},
    {"seed", KEY_SEED, "S", 0, "0 to 4294967295 (default 1)", 1},
    {"n-init", KEY_N_INIT, "n", 0,
     "starts, with seeds S, S+1, ...; the best log-likelihood wins (default 1)", 1},
    {"average", KEY_AVERAGE, NULL, 0,
     "keep every start of --n-init and average their predictions (map)", 1},
    {"tol", KEY_TOL, "X", 0,
     "stop when an iteration gains at most X |log-likelihood|; 0 never (default 1e-6)", 1},
    {"max-iter", KEY_MAX_ITER, "n", 0, "(default 200, factor 20)", 1},
    {"min-var", KEY_MIN_VAR, "X", 0, "floor of a variance (default 0.1)", 1},
    {"min-support", KEY_MIN_SUPPORT, "X", 0,
     "classic: a mean moves where its total responsibility is at least X (default 1)", 1},
    {"prior-strength", KEY_PRIOR_STRENGTH, "TAU", 0,
     "map: means are shrunk as by TAU ratings at the offsets (default 10)", 1},
    {"rank", KEY_RANK, "Q", 0, "factor: factors of a user, 1 to 63 (default 12)", 1},
    {"no-implicit", KEY_NO_IMPLICIT, NULL, 0,
     "factor: which items a user rated, and who rated an item, tells nothing beyond the ratings",
     1},
    {"implicit-strength", KEY_IMPLICIT_STRENGTH, "X", 0, "factor: how much it may tell (default 1)",
     1},
    {"max-memory", KEY_MAX_MEMORY, "SIZE", 0,
     "bound on what the fit holds, such as 500M or 2G, M being 1,000,000 bytes (default none)", 1},
    {"progress", KEY_PROGRESS, "auto|always|never", 0,
     "on a terminal, always (a line per iteration elsewhere), or never", 1},
    {0},
};

/* K = 1 is asked for as any other number, hence the flag beside it. */
static error_t parse_components(int key, char *arg, struct argp_state *state) {
    cli_model_options *m = state->input;
    if (key != 'k')
        return ARGP_ERR_UNKNOWN;
    m->fit.n_components = (int32_t)cli_integer(state, "-k", arg, 1, INT32_MAX);
    m->with_components = true;
    return 0;
}

static const struct argp_option components_options[] = {
    {"components", 'k', "K", 0, "components (default 8; factor has one)", 1},
    {0},
};

const struct argp cli_components_argp = {.options = components_options, .parser = parse_components};

const struct argp cli_model_argp = {
    .options = model_options, .parser = parse_option, .children = cli_input_children};

/* Defaults of a fit, whatever its kind; those that depend on the kind follow when it is known. */
void cli_model_options_init(cli_model_options *m) {
    *m = (cli_model_options){0};
    cli_input_init(&m->in);
    mixfill_options_init(&m->fit);
}
