/* Users that something is asked for. */
#ifndef MIXFILL_USERS_H
#define MIXFILL_USERS_H

#include "ratings/ids.h"

/* Ids alone: whether a model knows them is asked of it when lists are made. */
struct mixfill_users {
    mixfill_ids ids;
    int64_t repeated;
    int64_t first_line; /* of the first row of a file, 0 where none was read */
    int32_t first;      /* its number in ids */
};

#endif
