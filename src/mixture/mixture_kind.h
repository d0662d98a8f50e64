/* The kinds of model that are mixtures. */
#ifndef MIXFILL_MIXTURE_KIND_H
#define MIXFILL_MIXTURE_KIND_H

#include "model/kind.h"

extern const mixfill_kind mixfill_kind_classic;  /* docs/model.md 2 */
extern const mixfill_kind mixfill_kind_notebook; /* 3 */
extern const mixfill_kind mixfill_kind_map;      /* 4 */

#endif
