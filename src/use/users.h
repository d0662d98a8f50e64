/* Users that something is asked for. */
#ifndef MIXFILL_USERS_H
#define MIXFILL_USERS_H

#include "ratings/ids.h"

struct mixfill_users {
    mixfill_ids ids;
    int64_t repeated;
};

#endif
