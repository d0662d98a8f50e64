/* Users that something is asked for. */
#ifndef MIXFILL_USERS_H
#define MIXFILL_USERS_H

#include "ratings/ids.h"

/* Ids alone: whether a model knows them is asked of it when lists are made. */
struct mixfill_users {
    mixfill_ids ids;
    int64_t repeated;
};

#endif
