/* The options of fit, cv and select. Numbers are checked twice: here that they are numbers, with
 * the option's text in the message; by the library that they make sense, alone and together, since
 * it must check them anyway. This is the one file of the program that knows the kinds of model by
 * name: it turns the words of --model and --compat into the library's. What a kind heeds it asks
 * the library, which takes a field that has no effect without a word. */
#include "cli/model_options.h"

#include "cli/help.h"
#include "cli/option_names.h"
#include "cli/option_values.h"
#include "cli/print.h"

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

/* What an option's value is: a finite number, one above 0, a whole number from 1 on, one of 32
 * bits, or nothing, since being given switches the field off. */
typedef enum value_type { REAL, POSITIVE, COUNT, SEED, OFF } value_type;

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
    {KEY_MIN_VAR, POSITIVE, FIELD(min_var)},
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
    case POSITIVE:
        memcpy(at, &(double){cli_positive(state, option, arg)}, sizeof(double));
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

/* An option of the table that was given and that a kind does not heed; NULL where there is none. */
static const char *unheeded(const cli_model_options *m, mixfill_model_kind kind) {
    for (int i = 0; i < N_FIELDS; i++)
        if (was_given(m, fields[i].key) && !mixfill_model_kind_heeds(kind, fields[i].field))
            return fields[i].field;
    return NULL;
}

/* The same with the options whose faults the library finds. */
static const char *asks_for_another(const cli_model_options *m, mixfill_model_kind kind) {
    bool components = m->with_components || m->chooses_components;
    if (components && !mixfill_model_kind_info(kind).has_components)
        return "n_components";
    if (m->fit.average && !mixfill_model_kind_heeds(kind, "average"))
        return "average";
    return unheeded(m, kind);
}

/* Options that no kind heeds together: the first one that the default kind does not heed, and one
 * that the others do not. */
static void refuse_conflict(const struct argp_state *state, const cli_model_options *m,
                            const char *asking) {
    for (int i = 0; mixfill_model_kind_exists((mixfill_model_kind)i); i++) {
        const char *other = asks_for_another(m, (mixfill_model_kind)i);
        if (other != NULL && strcmp(other, asking) != 0)
            argp_error(state,
                       "%s and %s are of different models, expected options of one of them "
                       "(--model)",
                       cli_option_of(asking), cli_option_of(other));
    }
}

/* Without --model an option that the default kind does not heed asks for one that does, where there
 * is one; returns the field of the one that ruled out the kinds before, else NULL. The notebook's
 * arithmetic is one of classic, so that --compat alone is enough. */
static const char *choose_kind(const struct argp_state *state, cli_model_options *m) {
    static const mixfill_model_kind others[] = {MIXFILL_MODEL_MAP, MIXFILL_MODEL_CLASSIC};
    const char *field = asks_for_another(m, m->fit.model), *asking = field;
    if (m->fit.notebook) {
        m->fit.model = MIXFILL_MODEL_CLASSIC;
        return NULL;
    }
    for (size_t i = 0; field != NULL && i < sizeof others / sizeof others[0]; i++)
        if (asks_for_another(m, others[i]) == NULL) {
            m->fit.model = others[i];
            return asking;
        } else {
            asking = asks_for_another(m, others[i]);
        }
    if (field != NULL)
        refuse_conflict(state, m, field);
    return NULL;
}

/* What no single option can tell. A checked copy, without patience: the ratings that it needs are
 * not read yet. */
static void check(const struct argp_state *state, cli_model_options *m) {
    mixfill_error err;
    mixfill_model_kind usual = m->fit.model;
    const char *asking = was_given(m, KEY_MODEL) ? NULL : choose_kind(state, m);
    if (m->chooses_components && !mixfill_model_kind_info(m->fit.model).has_components)
        argp_error(state, "--model %s has no components to choose, expected map or classic",
                   mixfill_model_kind_name(m->fit.model));
    const char *field = unheeded(m, m->fit.model);
    if (field != NULL)
        refuse_unheeded(state, field, m->fit.model);
    if (!m->fit.implicit && was_given(m, KEY_IMPLICIT_STRENGTH))
        argp_error(state, "--implicit-strength with --no-implicit, expected one of them");
    mixfill_options checked = m->fit;
    checked.patience = 0;
    if (mixfill_options_validate(&checked, &err) != MIXFILL_OK)
        cli_refuse(state, &err);
    if (asking != NULL && !m->chooses_components)
        cli_note("%s asks for a mixture: --model %s (the default is --model %s)",
                 cli_option_of(asking), mixfill_model_kind_name(m->fit.model),
                 mixfill_model_kind_name(usual));
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
    {"model", KEY_MODEL, "factor|map|classic", 0,
     "factor: one Gaussian whose covariance has factors, for predictions; map: a mixture on what "
     "user and item offsets leave, for segments of users; classic: the notebook's mixture (default "
     "factor, or map where -k or another option of mixtures is given, classic for --min-support)",
     CLI_HELP_MODEL},
    {"compat", KEY_COMPAT, "notebook", 0,
     "compute to the letter as the published notebook, whose mask is inverted; implies --model "
     "classic (default: do not)",
     CLI_HELP_MODEL},
    {"seed", KEY_SEED, "S", 0, "seed of the random numbers, 0 to 4294967295 (default 1)",
     CLI_HELP_START},
    {"n-init", KEY_N_INIT, "n", 0,
     "fit n times, with seeds S, S+1, ... of --seed, and keep the fit of the best log-likelihood "
     "(default 1)",
     CLI_HELP_START},
    {"average", KEY_AVERAGE, NULL, 0,
     "map: keep every fit of --n-init and average their predictions (default: keep the best)",
     CLI_HELP_START},
    {"tol", KEY_TOL, "X", 0,
     "map and classic: stop when an iteration raises the log-likelihood by at most X times its "
     "size; 0: never (default 1e-6)",
     CLI_HELP_STOP},
    {"max-iter", KEY_MAX_ITER, "n", 0,
     "stop after n iterations at the latest (default 200; factor: 20, which all run)",
     CLI_HELP_STOP},
    {"rank", KEY_RANK, "Q", 0, "factor: number of factors, 1 to 63 (default 12)",
     CLI_HELP_PARAMETERS},
    {"no-implicit", KEY_NO_IMPLICIT, NULL, 0,
     "factor: learn from the ratings alone (default: also from which items a user rated, and who "
     "rated an item)",
     CLI_HELP_PARAMETERS},
    {"implicit-strength", KEY_IMPLICIT_STRENGTH, "X", 0,
     "factor: weight of what is learnt from which items a user rated, and who rated an item "
     "(default 1)",
     CLI_HELP_PARAMETERS},
    {"prior-strength", KEY_PRIOR_STRENGTH, "TAU", 0,
     "map: pull the means of a component towards the offsets of user and item as TAU more ratings "
     "there would (default 10)",
     CLI_HELP_PARAMETERS},
    {"min-var", KEY_MIN_VAR, "X", 0,
     "map and classic: least variance (default about a tenth of that of the ratings: 0.1 for five "
     "stars)",
     CLI_HELP_PARAMETERS},
    {"min-support", KEY_MIN_SUPPORT, "X", 0,
     "classic: move the mean of an item in a component only where at least X of its ratings, in "
     "total, are the component's (default 1)",
     CLI_HELP_PARAMETERS},
    {"max-memory", KEY_MAX_MEMORY, "SIZE", 0,
     "keep the fit within SIZE bytes, such as 500M or 2G, M being 1,000,000, or refuse it "
     "(default: "
     "no bound)",
     CLI_HELP_MACHINE},
    {"progress", KEY_PROGRESS, "auto|always|never", 0,
     "show iterations on standard error: on a terminal only (auto, the default), always (elsewhere "
     "a line each) or never",
     CLI_HELP_OUTPUT},
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
    {"components", 'k', "K", 0,
     "map and classic: components, at most as many as users (default 8, or all users if fewer)",
     CLI_HELP_PARAMETERS},
    {0},
};

const struct argp cli_components_argp = {.options = components_options, .parser = parse_components};

const struct argp cli_model_argp = {
    .options = model_options, .parser = parse_option, .children = cli_input_children};

/* Defaults of a fit; those that depend on its kind or ratings the library fills in. */
void cli_model_options_init(cli_model_options *m) {
    *m = (cli_model_options){0};
    cli_input_init(&m->in);
    mixfill_options_init(&m->fit);
}
