/* The kind of model `factor`. */
#ifndef MIXFILL_FACTOR_KIND_H
#define MIXFILL_FACTOR_KIND_H

#include "model/kind.h"

extern const mixfill_kind mixfill_kind_factor; /* docs/model.md 5 */

#endif
