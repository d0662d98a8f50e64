/* Plain lines, 64 bytes at a time.
 *
 * A file of ratings is mostly short fields: a loop over its bytes spends its time on branches that
 * cannot be foretold. So a vector comparison marks all delimiters and control characters of a span
 * in the bits of a word, their places are listed for a window of text, and a line is cut by taking
 * the next three or four places off the list, whatever the lengths of its fields. Ids of up to 8
 * bytes are compared as words, and a rating that was met before, in the same spelling, costs one
 * look-up instead of a conversion.
 *
 * Anything that is not as expected (a quote, another number of fields, a blank line, an id that is
 * too long) ends the run of plain lines and goes the way of delimited.c, which alone makes
 * messages. */
#include "formats/delimited_plain.h"

#include <string.h>

/* For the loops that pay only where the compiler knows their arguments. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Keeps ctz defined for a word without a bit: what it gives then is never used. */
#define LAST_BIT UINT64_C(0x8000000000000000)

/* ---- where fields stop ---- */

/* 16 bytes, which every machine compares at once or which the compiler takes apart. */
typedef uint8_t vector __attribute__((vector_size(16)));

/* A bit for each byte of a mask, whose bytes are 0 or 255. */
static inline uint64_t mask_bits(vector mask) {
#ifdef __SSE2__
    typedef char chars __attribute__((vector_size(16)));
    return (uint32_t)__builtin_ia32_pmovmskb128((chars)mask);
#else
    const vector weight = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint64_t word[2];
    mask &= weight; /* distinct powers of two, whose sum, in the highest byte, joins them */
    memcpy(word, &mask, sizeof word);
    return word[0] * MIXFILL_IN_EACH_BYTE >> 56 | word[1] * MIXFILL_IN_EACH_BYTE >> 56 << 8;
#endif
}

/* A bit for each byte of a span that is the delimiter or a control character. */
static inline uint64_t find_stops(const char *span, char delimiter) {
    uint64_t bits = 0;
    for (unsigned i = 0; i < MIXFILL_SPAN; i += sizeof(vector)) {
        vector text;
        memcpy(&text, span + i, sizeof text);
        bits |= mask_bits((vector)((text == (uint8_t)delimiter) | (text < ' '))) << i;
    }
    return bits;
}

/* Pairs, then nibbles, then bytes, which the product adds up: the popcnt instruction is not in
 * every x86-64. */
static inline unsigned count_bits(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    return (unsigned)(((x + (x >> 4)) & 0x0f * MIXFILL_IN_EACH_BYTE) * MIXFILL_IN_EACH_BYTE >> 56);
}

/* List the stops of the bytes from `at` on. */
static void list_stops(mixfill_piece *p, const char *at, const char *end) {
    enum { AT_ONCE = 4 };
    size_t n = 0, len = (size_t)(end - at) < MIXFILL_WINDOW ? (size_t)(end - at) : MIXFILL_WINDOW;
    for (size_t i = 0; i < len; i += MIXFILL_SPAN) {
        uint64_t bits = find_stops(at + i, p->delimiter);
        unsigned count = count_bits(bits);
        /* More are written than there are: a loop over each would end at a place hard to predict.
         */
        for (unsigned j = 0; j < count; j += AT_ONCE) {
            for (unsigned k = 0; k < AT_ONCE; k++) {
                p->stop[n + j + k] = (uint16_t)(i + (size_t)__builtin_ctzll(bits | LAST_BIT));
                bits &= bits - 1;
            }
        }
        n += count;
    }
    while (n > 0 && p->stop[n - 1] >= len)
        n--;
    p->window = at;
    p->next_stop = 0;
    p->n_stops = n;
}

/* Whether the stops of a line at `at` are listed, after listing them where need be. */
static bool see_line(mixfill_piece *p, const char *at, const char *end) {
    while (p->next_stop < p->n_stops && p->window + p->stop[p->next_stop] < at)
        p->next_stop++;
    if (p->next_stop + p->line_stops > p->n_stops)
        list_stops(p, at, end);
    return p->next_stop + p->line_stops <= p->n_stops;
}

/* ---- plain lines ---- */

/* A line's first three fields. */
typedef struct plain_line {
    mixfill_field field[3];
    const char *next; /* the byte behind its newline */
} plain_line;

/* What plain lines look like, known to the compiler where it is one of the usual. */
typedef struct shape {
    size_t width, columns;
} shape;

/* Stops say all: the right ones must be delimiters, the last one a newline. A control character
 * within a field is a stop too, so that a NUL or a lone CR makes a line that is not plain. Cut the
 * line that begins at `at` and whose stops are given; false where it is not plain. */
static ALWAYS_INLINE bool cut_line(const mixfill_piece *p, plain_line *line, shape s,
                                   const char *at, const uint16_t *stop) {
    const char *text = p->window;
    size_t last = s.width * (s.columns - 1);
    for (size_t i = 0; i < last; i += s.width)
        if (text[stop[i]] != p->delimiter ||
            (s.width == 2 && (text[stop[i + 1]] != p->delimiter || stop[i + 1] != stop[i] + 1)))
            return false;
    for (size_t i = 0; i < 3; i++) {
        const char *end = text + stop[i * s.width];
        line->field[i] = (mixfill_field){at, (size_t)(end - at)};
        at = end + s.width;
    }
    const char *end = text + stop[last];
    if (s.columns == 4 && (*at == p->quote || (at == end && p->blanks)))
        return false;
    end += *end == '\r';
    line->next = end + 1;
    return *end == '\n';
}

/* A field of 1 to 8 bytes as a word, the last one highest; 0 for others. */
static inline uint64_t field_word(mixfill_field f) {
    return f.len - 1 < MIXFILL_WORD ? mixfill_load_word(f.text) << (64 - 8 * f.len) : 0;
}

/* Direct mapped: a file has some ten spellings, and where two meet in a bucket the later one stays.
 * Where the spelling of a rating is kept, if it is one that is. */
static inline mixfill_spelling *spelling_bucket(mixfill_piece *p, uint64_t word) {
    return &p->spelling[word * UINT64_C(0x9E3779B97F4A7C15) >> 56];
}

/* A rating that was met before, written the same way; NULL where it is new. */
static inline const mixfill_spelling *find_spelling(mixfill_piece *p, mixfill_field f) {
    uint64_t word = field_word(f);
    const mixfill_spelling *s = spelling_bucket(p, word);
    return s->word == word && word != 0 ? s : NULL;
}

/* The number of an id that is a short decimal and known; -1 sends any other the longer way. */
static inline int32_t find_small(const mixfill_ids *ids, mixfill_field f) {
    return f.len - 1 < MIXFILL_WORD ? mixfill_ids_find_small(ids, mixfill_load_word(f.text), f.len)
                                    : -1;
}

mixfill_status mixfill_piece_intern(mixfill_piece *p, int32_t index[2], mixfill_field user,
                                    mixfill_field item, int64_t line) {
    mixfill_builder *b = p->builder;
    const char *what = "users";
    mixfill_status st = mixfill_ids_intern(&b->users, &index[0], user.text, user.len);
    if (st == MIXFILL_OK) {
        what = "items";
        st = mixfill_ids_intern(&b->items, &index[1], item.text, item.len);
    }
    return st == MIXFILL_ERR_RANGE ? mixfill_fail_many_ids(p->d.path, line, what, &p->error) : st;
}

/* 1 to 255 bytes, not a quoted field and without blanks around it; an empty one wraps around and is
 * too long. */
static inline bool is_plain_id(const mixfill_piece *p, mixfill_field f) {
    return f.len - 1 < MIXFILL_ID_MAX && *f.text != p->quote && *f.text != ' ' &&
           f.text[f.len - 1] != ' ';
}

/* Numbers of the ids in the columns of a line; false where they are not plain ones, or p->status
 * says why not. */
static bool intern_columns(mixfill_piece *p, int32_t index[2], const mixfill_field field[2],
                           int64_t line) {
    bool swap = p->d.options->transpose;
    int32_t number[2];
    if (!is_plain_id(p, field[0]) || !is_plain_id(p, field[1]))
        return false;
    p->status = mixfill_piece_intern(p, number, field[swap], field[!swap], line);
    if (p->status != MIXFILL_OK)
        return false;
    index[0] = number[swap];
    index[1] = number[!swap];
    return true;
}

/* Read a line whose rating was not met before, or that does not follow the last one. The same
 * result as intern_columns. */
static bool read_unusual(mixfill_piece *p, const mixfill_field field[3], int64_t line) {
    mixfill_builder *b = p->builder;
    bool swap = p->d.options->transpose;
    int32_t index[2];
    double value;
    if (*field[2].text == p->quote ||
        mixfill_delimited_rating(&p->d, &value, field[2], NULL) != MIXFILL_OK ||
        !intern_columns(p, index, field, line))
        return false;
    p->status = mixfill_builder_add(b, index[swap], index[!swap], value, line);
    if (p->status != MIXFILL_OK)
        return false;
    p->run_offset = line - (b->n - 1);
    uint64_t word = field_word(field[2]);
    if (word != 0 && b->code != NULL)
        *spelling_bucket(p, word) = (mixfill_spelling){word, b->code[b->n - 1]};
    return true;
}

/* The loop that reading is: in a file sorted by user nearly every line has the user of the line
 * before, and nearly all have an item and a rating met before. What is rarer leaves by a call, with
 * a copy of the line, so that the line itself may stay in registers.
 *
 * Read the plain lines from `at` on whose stops are listed; the line behind them, which is not
 * plain or p->status says why not. There is room for all of them. */
static ALWAYS_INLINE const char *read_window(mixfill_piece *p, shape s, const char *at,
                                             int64_t *line_number) {
    mixfill_builder *b = p->builder;
    bool swap = p->d.options->transpose;
    const mixfill_ids *ids[2] = {swap ? &b->items : &b->users, swap ? &b->users : &b->items};
    int32_t *column[2] = {swap ? b->item : b->user, swap ? b->user : b->item};
    size_t line_stops = s.width * (s.columns - 1) + 1;
    const uint16_t *stop = p->stop + p->next_stop, *last = p->stop + p->n_stops - line_stops;
    int64_t line = *line_number;
    uint64_t last_id = 0;
    int32_t index[2] = {-1, -1};
    for (; stop <= last; line++) {
        plain_line l;
        if (!cut_line(p, &l, s, at, stop))
            break;
        const mixfill_spelling *known = find_spelling(p, l.field[2]);
        int64_t n = b->n;
        if (known == NULL || line - n != p->run_offset) {
            const plain_line copy = l;
            if (!read_unusual(p, copy.field, line))
                break;
        } else {
            uint64_t id = field_word(l.field[0]);
            index[0] = id != 0 && id == last_id ? index[0] : find_small(ids[0], l.field[0]);
            index[1] = find_small(ids[1], l.field[1]);
            last_id = id;
            if ((index[0] | index[1]) < 0) {
                const plain_line copy = l;
                int32_t number[2];
                if (!intern_columns(p, number, copy.field, line))
                    break;
                index[0] = number[0];
                index[1] = number[1];
            }
            column[0][n] = index[0];
            column[1][n] = index[1];
            if (b->code != NULL)
                b->code[n] = (uint8_t)known->code;
            else
                b->value[n] = b->levels.level[known->code];
            b->n = n + 1;
        }
        stop += line_stops + (l.next[-2] == '\r');
        at = l.next;
    }
    p->next_stop = (size_t)(stop - p->stop);
    *line_number = line;
    return at;
}

/* Instances of the loop for 3 and 4 columns of single delimiters, and one for "::". */
const char *mixfill_piece_read_plain(mixfill_piece *p, const char *at, const char *end,
                                     int64_t *line) {
    while (see_line(p, at, end)) {
        at = p->line_stops == 3   ? read_window(p, (shape){1, 3}, at, line)
             : p->line_stops == 4 ? read_window(p, (shape){1, 4}, at, line)
                                  : read_window(p, (shape){2, (size_t)p->d.n_columns}, at, line);
        if (p->next_stop + p->line_stops <= p->n_stops)
            break;
    }
    return at;
}

/* Columns in another order, timestamps that are kept and ids that are to be numbers need the
 * judgement of delimited.c: then no line is plain. */
void mixfill_piece_set_plain(mixfill_piece *p) {
    const mixfill_delimited *d = &p->d;
    p->delimiter = d->dialect->delimiter[0];
    p->width = strlen(d->dialect->delimiter);
    p->blanks = d->dialect->blanks;
    p->line_stops = p->width * ((size_t)d->n_columns - 1) + 1;
    p->quote = mixfill_quotes_of(d->dialect->delimiter) != MIXFILL_QUOTES_NONE ? '"' : '\0';
    const int *of = d->columns.of;
    p->plain = (d->n_columns == 3 || d->n_columns == 4) && of[MIXFILL_ROLE_USER] == 0 &&
               of[MIXFILL_ROLE_ITEM] == 1 && of[MIXFILL_ROLE_RATING] == 2 &&
               of[MIXFILL_ROLE_TIME] < 0 && !d->options->int_ids;
}
