/* Ratings as libFM and libsvm have them: a rating and the two features that are on, the user's and
 * the item's, whose indices are the ids.
 *
 *     5.0 1:1 945:1          "# ..." behind it is a comment
 *
 * Lines of more features, or of values other than 1, are no ratings of users and items alone. */
#include "formats/libfm.h"

#include "formats/delimited.h"
#include "formats/read_options.h"

#include <inttypes.h>
#include <string.h>

/* Cut "index:value"; false where a word is none. */
static bool cut_feature(mixfill_field word, mixfill_field *index, mixfill_field *value) {
    const char *colon = memchr(word.text, ':', word.len);
    if (colon == NULL || colon == word.text)
        return false;
    *index = (mixfill_field){word.text, (size_t)(colon - word.text)};
    *value = (mixfill_field){colon + 1, word.len - index->len - 1};
    for (size_t i = 0; i < index->len; i++)
        if (index->text[i] < '0' || index->text[i] > '9')
            return false;
    return mixfill_field_is_number(*value);
}

/* Words of a line up to its comment; their number. */
static int split(char *text, size_t len, mixfill_field *words) {
    char *comment = memchr(text, '#', len);
    return mixfill_fields_split("", MIXFILL_QUOTES_NONE, text,
                                comment != NULL ? comment : text + len, words);
}

/* A number and features, of which there must be one. */
bool mixfill_libfm_claims(const mixfill_first_line *line) {
    char text[256];
    mixfill_field words[MIXFILL_MAX_FIELDS], index, value;
    size_t len = line->text.len < sizeof text ? line->text.len : sizeof text;
    memcpy(text, line->text.text, len);
    if (line->text.len > len) /* what is cut short is no word */
        while (len > 0 && text[len - 1] != ' ')
            len--;
    int n = split(text, len, words);
    if (line->pairs || *line->delimiter != ' ' || n < 2 || !mixfill_field_is_number(words[0]))
        return false;
    for (int i = 1; i < n && i < MIXFILL_MAX_FIELDS; i++)
        if (!cut_feature(words[i], &index, &value))
            return false;
    return true;
}

static bool is_one(mixfill_field value) {
    return (value.len == 1 && *value.text == '1') ||
           (value.len == 3 && memcmp(value.text, "1.0", 3) == 0);
}

/* A line with words on it. */
static mixfill_status read_line(mixfill_delimited *d, mixfill_record *record,
                                const mixfill_field *words, int n, mixfill_error *err) {
    mixfill_field field[MIXFILL_N_ROLES] = {{NULL, 0}}, value[2];
    field[MIXFILL_ROLE_RATING] = words[0];
    if (n != 3 || !cut_feature(words[1], &field[MIXFILL_ROLE_USER], &value[0]) ||
        !cut_feature(words[2], &field[MIXFILL_ROLE_ITEM], &value[1]) || !is_one(value[0]) ||
        !is_one(value[1]))
        return mixfill_fail(err, MIXFILL_ERR_PARSE, d->line,
                            "%s:%" PRId64 ": not a rating and two features of value 1, a user's "
                            "and an item's, such as '5 1:1 945:1'; expected these, or text of "
                            "user,item,rating",
                            d->path, d->line);
    return mixfill_delimited_check(d, record, field, err);
}

mixfill_status mixfill_read_libfm(const mixfill_input *in, mixfill_error *err) {
    mixfill_delimited d = {
        .path = in->lines->path, .options = in->options, .columns = {.of = {1, 2, 0, -1}}};
    for (;;) {
        mixfill_field words[MIXFILL_MAX_FIELDS];
        mixfill_record record;
        mixfill_error bad = {0};
        char *text;
        size_t len;
        mixfill_status st = mixfill_lines_next(in->lines, &text, &len, err);
        if (st != MIXFILL_OK)
            return st;
        in->report->lines = d.line = in->lines->line;
        if (text == NULL)
            return MIXFILL_OK;
        int n = split(text, len, words);
        if (n == 0)
            continue;
        st = read_line(&d, &record, words, n, &bad);
        if (st == MIXFILL_OK)
            st = mixfill_delimited_add(&d, in->builder, &record, &bad);
        if (st == MIXFILL_ERR_PARSE && in->options->skip_bad_lines)
            mixfill_note_skipped(in->report, bad.message, bad.field);
        else if (st != MIXFILL_OK)
            return mixfill_fail_as(err, &bad);
    }
}
