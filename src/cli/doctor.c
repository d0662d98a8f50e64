/* mixfill doctor: what this build is and what it would use here, for reports of faults and for whom
 * a run is slower than expected: compiler, threads and how they wait, instruction set, limits.
 * Fails where MIXFILL_ISA asks for kernels that are not there, as every fit would. */
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/spin.h"

#include <inttypes.h>
#include <math.h>
#include <unistd.h>

/* The one option is read by the child; arguments there are none. */
static error_t parse_option(int key, char *arg, struct argp_state *state) {
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->input;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument '%s', expected none", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* memory: bytes of the machine, not of what a container or a limit leaves of them. */
static json_t *doctor_json(const mixfill_build_info *b, double memory) {
    cli_spin spin = cli_spin_now();
    return json_pack(
        "{s:s, s:s, s:b, s:i, s:i, s:o, s:{s:s?, s:s?, s:s}, s:s?, s:s, s:s, s:o, s:I, "
        "s:I}",
        "version", b->version, "compiler", b->compiler, "openmp", b->openmp, "threads",
        b->default_threads, "processors", (int)sysconf(_SC_NPROCESSORS_ONLN), "cpu_quota",
        cli_real(mixfill_cpu_quota()), "waiting", "variable", spin.name, "value", spin.value,
        "set_by", spin.set_by, "isa", b->isa, "isa_available", b->isa_available, "libzip",
        b->libzip_version, "memory", cli_real(memory), "max_users", (json_int_t)INT32_MAX,
        "max_items", (json_int_t)INT32_MAX);
}

/* How threads wait, and who says so; nobody where the OpenMP library is left alone. */
static void print_waiting(void) {
    cli_spin spin = cli_spin_now();
    if (spin.name != NULL)
        cli_row(stdout, "waiting", "%s=%s, set by %s", spin.name, spin.value, spin.set_by);
    else
        cli_row(stdout, "waiting", "as the OpenMP library does by itself");
}

static void print_quota(void) {
    double quota = mixfill_cpu_quota();
    if (isfinite(quota))
        cli_row(stdout, "cpu quota", "%.3g processors", quota);
    else
        cli_row(stdout, "cpu quota", "none");
}

/* processors may be more than threads: affinity mask, quota and OMP_NUM_THREADS count only there.
 */
static void print_table(const mixfill_build_info *b, double memory) {
    char bytes[MIXFILL_BYTES_TEXT];
    cli_row(stdout, "version", "%s", b->version);
    cli_row(stdout, "compiler", "%s", b->compiler);
    cli_row(stdout, "OpenMP", "%s", b->openmp ? "yes" : "no: one thread");
    cli_row(stdout, "threads", "%" PRId32 " of %ld processors", b->default_threads,
            sysconf(_SC_NPROCESSORS_ONLN));
    print_quota();
    print_waiting();
    cli_row(stdout, "kernels", "%s (MIXFILL_ISA accepts: %s)", b->isa != NULL ? b->isa : "none",
            b->isa_available);
    cli_row(stdout, "libzip", "%s", b->libzip_version);
    cli_row(stdout, "memory", "%s", mixfill_format_bytes(bytes, memory));
    cli_row(stdout, "limits", "%" PRId32 " users, %" PRId32 " items, |rating| at most 1e150",
            INT32_MAX, INT32_MAX);
}

/* stdout: a table or one object. Reads no file. */
int cli_doctor(int argc, char **argv) {
    static const struct argp_child children[] = {{&cli_json_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.parser = parse_option,
                                     .doc = "What this build is and what it would use here: "
                                            "compiler, OpenMP, threads and how they wait, "
                                            "instruction set, limits.",
                                     .children = children};
    bool json = false;
    cli_parse(&argp, argc, argv, &json);
    mixfill_build_info build;
    mixfill_build_info_get(&build);
    double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (build.isa == NULL) {
        cli_error("MIXFILL_ISA asks for kernels that are not there, expected one of: %s",
                  build.isa_available);
        return EXIT_DATA;
    }
    if (json)
        return cli_print_json(doctor_json(&build, memory));
    print_table(&build, memory);
    return 0;
}
