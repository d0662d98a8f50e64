/* How much memory a fit takes, and how many items get accumulators in each thread: decided in one
 * place before anything is allocated. */
#ifndef MIXFILL_MEMORY_H
#define MIXFILL_MEMORY_H

#include "model/model.h"
#include "ratings/blocks.h"

/* The model a fit makes, which has users whether they are kept or not. */
mixfill_model_shape mixfill_fit_shape(const mixfill_ratings *ratings,
                                      const mixfill_options *options);

/* Plan a fit over ratings whose index is outlined (or made). MIXFILL_ERR_RANGE where max_memory
 * does not hold it even with a single copy of the accumulators. */
mixfill_status mixfill_memory_plan(mixfill_memory *out, const mixfill_ratings *ratings,
                                   const mixfill_blocks *blocks, const mixfill_options *options,
                                   mixfill_error *err);

/* Bytes of accumulators a fit takes where max_memory does not say otherwise: those of the ratings,
 * or a few MB that are always worth it. */
size_t mixfill_memory_budget(const mixfill_ratings *ratings);

#endif
