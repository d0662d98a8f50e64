/* Errors: the field that a message is about, and how an error is handed on. */
#include "base/base.h"

#include <criterion/criterion.h>
#include <string.h>

/* What no function may leave behind. */
static mixfill_error poisoned(void) {
    mixfill_error err;
    memset(&err, '#', sizeof err);
    return err;
}

Test(error, a_message_begins_with_the_field_that_it_names) {
    mixfill_error err = poisoned();
    mixfill_status st =
        mixfill_fail_field(&err, MIXFILL_ERR_DIM, "rank", " %d: expected 1 to %d", 99, 63);
    cr_assert_eq(st, MIXFILL_ERR_DIM);
    cr_assert_eq(err.status, MIXFILL_ERR_DIM);
    cr_assert_eq(err.line, 0);
    cr_assert_str_eq(err.field, "rank");
    cr_assert_str_eq(err.message, "rank 99: expected 1 to 63");
}

Test(error, a_number_that_is_too_small_names_its_field) {
    mixfill_error err = poisoned();
    cr_assert_eq(mixfill_require_at_least("n_init", 1, 1, &err), MIXFILL_OK);
    cr_assert_eq(mixfill_require_at_least("n_init", 0, 1, &err), MIXFILL_ERR_ARG);
    cr_assert_str_eq(err.field, "n_init");
    cr_assert_str_eq(err.message, "n_init 0: expected at least 1");
}

Test(error, other_messages_name_no_field) {
    mixfill_error err = poisoned();
    mixfill_fail(&err, MIXFILL_ERR_PARSE, 3, "r.csv:%d: no number", 3);
    cr_assert_str_eq(err.field, "");
}

Test(error, a_message_about_a_field_begins_with_something_else) {
    mixfill_error err = poisoned();
    cr_assert_eq(mixfill_fail_about(&err, MIXFILL_ERR_PARSE, 3, "int_ids", "r.csv:%d: no id", 3),
                 MIXFILL_ERR_PARSE);
    cr_assert_eq(err.line, 3);
    cr_assert_str_eq(err.field, "int_ids");
    cr_assert_str_eq(err.message, "r.csv:3: no id");
}

Test(error, is_handed_on_whole) {
    mixfill_error made, err = poisoned();
    mixfill_fail_about(&made, MIXFILL_ERR_PARSE, 7, "int_ids", "r.csv:%d: no id", 7);
    cr_assert_eq(mixfill_fail_as(&err, &made), MIXFILL_ERR_PARSE);
    cr_assert_eq(err.status, MIXFILL_ERR_PARSE);
    cr_assert_eq(err.line, 7);
    cr_assert_str_eq(err.field, "int_ids");
    cr_assert_str_eq(err.message, "r.csv:7: no id");
}

Test(error, may_be_nobodys) {
    const mixfill_error made = {.status = MIXFILL_ERR_IO};
    cr_assert_eq(mixfill_fail_field(NULL, MIXFILL_ERR_ARG, "tol", " %g", 0.5), MIXFILL_ERR_ARG);
    cr_assert_eq(mixfill_fail_about(NULL, MIXFILL_ERR_ARG, 1, "tol", "%d", 5), MIXFILL_ERR_ARG);
    cr_assert_eq(mixfill_require_at_least("tol", 0, 1, NULL), MIXFILL_ERR_ARG);
    cr_assert_eq(mixfill_fail_as(NULL, &made), MIXFILL_ERR_IO);
}

Test(error, is_cut_where_it_is_longer) {
    mixfill_error err = poisoned();
    char text[1024];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    mixfill_fail_field(&err, MIXFILL_ERR_ARG, "shape", " '%s'", text);
    cr_assert_eq(strlen(err.message), sizeof err.message - 1);
    cr_assert_str_eq(err.field, "shape");
}
