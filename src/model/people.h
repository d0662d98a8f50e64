/* People of a model: users by id, known and unknown, and folded in. */
#ifndef MIXFILL_PEOPLE_H
#define MIXFILL_PEOPLE_H

#include "model/model.h"

/* A user of the model, 0 <= u < N; the model must hold its users. */
mixfill_person mixfill_person_known(const mixfill_model *model, int32_t u);

/* A user of whom nothing is known. */
mixfill_person mixfill_person_unknown(const mixfill_model *model);

/* An id looked up among a model's users, or its items. */
typedef struct mixfill_found {
    int32_t index; /* -1: not in the model */
    bool known;    /* had a rating in training */
} mixfill_found;

mixfill_found mixfill_find_user(const mixfill_model *model, const char *id, size_t len);
mixfill_found mixfill_find_item(const mixfill_model *model, const char *id, size_t len);

/* The person behind a user that was found, or not. */
mixfill_person mixfill_person_of(const mixfill_model *model, mixfill_found user);

mixfill_person mixfill_people_at(const mixfill_people *fold, int32_t u);
void mixfill_people_clear(mixfill_people *fold);

#endif
