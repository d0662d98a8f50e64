/* Users taken into a model by their ratings, by id, beside those of the model. The model stays as
 * it is, so it may serve several such groups at once. */
#ifndef MIXFILL_FOLDED_H
#define MIXFILL_FOLDED_H

#include "ratings/ratings.h"
#include "use/fold_in.h"

/* What became of a user of the ratings: none given; none that says anything to the model; or folded
 * in. */
typedef enum mixfill_folded_state {
    MIXFILL_GAVE_NOTHING = 0,
    MIXFILL_STRANGER,
    MIXFILL_FOLDED
} mixfill_folded_state;

/* Everyone in the ratings given has a row here, folded in or not; state tells which. */
struct mixfill_folded {
    const mixfill_model *model;  /* borrowed */
    mixfill_ratings *rows;       /* items numbered as the model's */
    mixfill_people fold;         /* users as in rows */
    mixfill_folded_state *state; /* (n_users) */
    mixfill_folded_summary summary;
};

/* Someone to predict for. */
typedef struct mixfill_subject {
    mixfill_person person;
    bool known;  /* had a rating in training, or is folded in */
    int32_t row; /* of the folded ratings, -1 for who is not folded in */
} mixfill_subject;

/* Who an id stands for: a folded user (folded may be NULL), else one of the model, else one of whom
 * nothing is known. */
mixfill_subject mixfill_subject_of(const mixfill_model *model, const mixfill_folded *folded,
                                   const char *id, size_t len);

#endif
