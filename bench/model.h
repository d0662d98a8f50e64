/* Predicted cost of an iteration on more threads than this machine has. */
#ifndef BENCH_MODEL_H
#define BENCH_MODEL_H

#include "parts.h"

#include <jansson.h>

/* Measure the blocks of c, a fit on one thread, and print what 2 to 128 threads would take, with
 * the assumptions; or append it to benchmarks where that is not NULL. */
mixfill_status bench_model(bench_case *c, const bench_arrays *arrays, int32_t repetitions,
                           json_t *benchmarks, mixfill_error *err);

#endif
