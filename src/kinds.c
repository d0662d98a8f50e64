/* The list of kinds: a new one is its folder, its include and line in the list and its public
 * enumerator. */
#include "kinds.h"

#include "factor/factor_kind.h"
#include "mixture/mixture_kind.h"

#include <stdio.h>
#include <string.h>

const mixfill_kind *const mixfill_kinds[] = {
    &mixfill_kind_factor,
    &mixfill_kind_map,
    &mixfill_kind_classic,
    &mixfill_kind_notebook,
};
const size_t mixfill_n_kinds = sizeof mixfill_kinds / sizeof mixfill_kinds[0];

/* The notebook's arithmetic is asked for by an option, the others by their enumerators. */
const mixfill_kind *mixfill_kind_of(const mixfill_options *options) {
    if (options->notebook)
        return &mixfill_kind_notebook;
    for (size_t i = 0; i < mixfill_n_kinds; i++)
        if (mixfill_kinds[i]->id == options->model)
            return mixfill_kinds[i];
    return NULL;
}

const mixfill_kind *mixfill_kind_named(const char *name, const char *compat) {
    for (size_t i = 0; i < mixfill_n_kinds; i++) {
        const mixfill_kind *k = mixfill_kinds[i];
        bool same = compat == NULL ? k->compat == NULL
                                   : k->compat != NULL && strcmp(k->compat, compat) == 0;
        if (same && strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

const char *mixfill_kind_names(char out[MIXFILL_KIND_NAMES], unsigned heeds) {
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < mixfill_n_kinds && at < MIXFILL_KIND_NAMES; i++)
        if (mixfill_kinds[i]->compat == NULL && (mixfill_kinds[i]->heeds & heeds) == heeds)
            at += (size_t)snprintf(out + at, MIXFILL_KIND_NAMES - at, "%s%s", at > 0 ? ", " : "",
                                   mixfill_kinds[i]->name);
    return out;
}

/* Of the enumerator alone. */
static const mixfill_kind *kind_of_id(mixfill_model_kind id) {
    return mixfill_kind_of(&(mixfill_options){.model = id});
}

const char *mixfill_model_kind_name(mixfill_model_kind id) {
    const mixfill_kind *kind = kind_of_id(id);
    return kind != NULL ? kind->name : "unknown";
}

bool mixfill_model_kind_exists(mixfill_model_kind id) {
    return kind_of_id(id) != NULL;
}

mixfill_kind_info mixfill_model_kind_info(mixfill_model_kind id) {
    const mixfill_kind *kind = kind_of_id(id);
    return kind != NULL ? kind->info : (mixfill_kind_info){0};
}

bool mixfill_model_kind_heeds(mixfill_model_kind id, const char *field) {
    const mixfill_kind *kind = kind_of_id(id);
    const mixfill_option *option = mixfill_option_find(field);
    return kind != NULL && option != NULL && mixfill_option_heeded(option, kind->heeds);
}
