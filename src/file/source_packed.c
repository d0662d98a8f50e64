/* Packed bytes, as the decoders ask for them. */
#include "file/source_packed.h"

mixfill_status mixfill_packed_more(mixfill_packed_input *in, size_t *got, mixfill_error *err) {
    *got = 0;
    mixfill_status st = in->source->read(in->source, in->bytes, sizeof in->bytes, got, err);
    if (st != MIXFILL_OK) {
        *got = 0;
        return st;
    }
    in->end = *got == 0;
    in->n += (int64_t)*got;
    return MIXFILL_OK;
}
