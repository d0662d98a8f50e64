/* argp keeps what a command takes in a tree of tables; here it is one list. */
#include "cli/option_list.h"

#include <ctype.h>
#include <limits.h>

static int add_options(cli_listed_option *out, int n, const struct argp *argp) {
    const struct argp_option *real = argp->options;
    for (const struct argp_option *o = real; o != NULL && o->name != NULL; o++) {
        if ((o->flags & OPTION_ALIAS) == 0)
            real = o;
        if (n < CLI_MAX_OPTIONS)
            out[n++] = (cli_listed_option){o, real, argp};
    }
    for (const struct argp_child *c = argp->children; c != NULL && c->argp != NULL; c++)
        n = add_options(out, n, c->argp);
    return n;
}

int cli_list_options(cli_listed_option out[CLI_MAX_OPTIONS], const struct argp *argp) {
    return add_options(out, 0, argp);
}

bool cli_is_short(const struct argp_option *option) {
    return option->key > 0 && option->key <= UCHAR_MAX && isprint(option->key);
}
