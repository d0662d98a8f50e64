/* Columns by name.
 *
 * Published sets call the same thing by some hundred names. What counts is what a name is worth,
 * not where it stands: of "score,user_id,item_id,rating" the rating is "rating". So each role has
 * its names in the order of their worth, ids before what merely names, and the first of them that a
 * header has takes the role. */
#include "formats/roles.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PLAIN = 40, SHOWN = 8 }; /* bytes of a plain name; names that a message lists */

/* Plain names: without blanks, '_', '-' and '.', in any case. */
static const char *const users[] = {
    "userid",       "user",      "uid",        "iduser",     "useridx",
    "userindex",    "username",  "reviewerid", "visitorid",  "customerid",
    "memberid",     "accountid", "profileid",  "personid",   "playerid",
    "clientid",     "raterid",   "authorid",   "listenerid", "subscriberid",
    "cuserid",      "idusuario", "usuarioid",  "usuario",    "utilisateur",
    "nutzerid",     "nutzer",    "benutzer",   "utente",     "reviewer",
    "visitor",      "customer",  "member",     "account",    "profile",
    "person",       "player",    "client",     "rater",      "listener",
    "reviewername", "author",    "sessionid",  "session",    "userno",
    "users",        NULL};
static const char *const items[] = {"itemid",     "movieid",     "iid",         "iditem",
                                    "itemidx",    "itemindex",   "filmid",      "asin",
                                    "parentasin", "isbn",        "bookid",      "animeid",
                                    "artistid",   "placeid",     "gameid",      "appid",
                                    "trackid",    "songid",      "albumid",     "businessid",
                                    "productid",  "articleid",   "newsid",      "restaurantid",
                                    "hotelid",    "recipeid",    "jokeid",      "videoid",
                                    "showid",     "seriesid",    "beerid",      "beerbeerid",
                                    "wineid",     "courseid",    "poiid",       "venueid",
                                    "locationid", "gmapid",      "storeid",     "profileidrated",
                                    "postid",     "streamid",    "adid",        "dishid",
                                    "toyid",      "tmdbid",      "imdbid",      "mid",
                                    "sku",        "stockcode",   "productcode", "item",
                                    "movie",      "film",        "book",        "anime",
                                    "artist",     "place",       "game",        "app",
                                    "track",      "song",        "album",       "business",
                                    "product",    "article",     "news",        "restaurant",
                                    "hotel",      "recipe",      "joke",        "video",
                                    "show",       "series",      "beer",        "wine",
                                    "course",     "venue",       "location",    "store",
                                    "pelicula",   "producto",    "libro",       "articulo",
                                    "itemname",   "moviename",   "movietitle",  "booktitle",
                                    "gametitle",  "productname", "title",       "items",
                                    "itemno",     NULL};
static const char *const ratings[] = {
    "rating",      "ratings",       "userrating",    "starrating",
    "bookrating",  "movierating",   "stars",         "star",
    "overall",     "overallrating", "reviewoverall", "score",
    "userscore",   "reviewscore",   "myscore",       "ratingscore",
    "ratingvalue", "preference",    "label",         "feedback",
    "value",       "weight",        "plays",         "playcount",
    "playcounts",  "listens",       "listencount",   "count",
    "hours",       "hoursplayed",   "playtime",      "playtimeforever",
    "watchratio",  "views",         "clicks",        "quantity",
    "purchases",   "interaction",   "interactions",  "calificacion",
    "puntuacion",  "note",          "bewertung",     "prediction",
    "predicted",   "relevance",     "confidence",    "rui",
    NULL};
static const char *const times[] = {"timestamp",      "unixtimestamp", "time",        "ts",
                                    "unixreviewtime", "unixtime",      "datetime",    "reviewtime",
                                    "date",           "reviewdate",    "ratingdate",  "createdat",
                                    "created",        "eventtime",     "timestamps",  "tstamp",
                                    "reviewedat",     "ratedat",       "dateupdated", "dateadded",
                                    "fecha",          "datum",         NULL};

/* Names of each role, and how a name ends that has the role where it is the only such one. */
static const struct {
    const char *name;
    const char *const *known;
    const char *end;
} roles[MIXFILL_N_ROLES] = {
    [MIXFILL_ROLE_USER] = {"user", users, NULL},
    [MIXFILL_ROLE_ITEM] = {"item", items, "id"},
    [MIXFILL_ROLE_RATING] = {"rating", ratings, "rating"},
    [MIXFILL_ROLE_TIME] = {"time", times, NULL},
};

const char *mixfill_role_name(mixfill_role role) {
    return roles[role].name;
}

/* ---- by name ---- */

/* The length of a name without the type that RecBole puts behind it. */
static size_t without_type(mixfill_field f) {
    static const char *const types[] = {":token", ":float", ":token_seq", ":float_seq"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t n = strlen(types[i]);
        if (f.len > n && memcmp(f.text + f.len - n, types[i], n) == 0)
            return f.len - n;
    }
    return f.len;
}

/* What is compared of a name; "" of one that is too long to be known. */
static void plain_name(char out[PLAIN], mixfill_field f) {
    size_t n = 0, len = without_type(f);
    for (size_t i = 0; i < len; i++) {
        if (strchr(" \t_-.\"", f.text[i]) != NULL)
            continue;
        if (n + 1 == PLAIN) {
            n = 0;
            break;
        }
        out[n++] = f.text[i];
    }
    out[n] = '\0';
}

static bool same_name(mixfill_field a, mixfill_field b) {
    char x[PLAIN], y[PLAIN];
    plain_name(x, a);
    plain_name(y, b);
    if (*x == '\0' || *y == '\0')
        return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
    return strcasecmp(x, y) == 0;
}

/* The place of a plain name in a list, -1 where it is not in it. */
static int worth(const char *plain, const char *const *known) {
    for (int i = 0; known[i] != NULL; i++)
        if (strcasecmp(plain, known[i]) == 0)
            return i;
    return -1;
}

static bool is_taken(const mixfill_columns *c, int column) {
    for (int r = 0; r < MIXFILL_N_ROLES; r++)
        if (c->of[r] == column)
            return true;
    return false;
}

/* The one column without a role whose name ends as names of the role do; -1 where none or several
 * do. */
static int only_one_ending(const mixfill_columns *c, const mixfill_field *names, int n,
                           const char *end) {
    int found = -1;
    for (int i = 0; i < n && end != NULL; i++) {
        char plain[PLAIN];
        plain_name(plain, names[i]);
        size_t len = strlen(plain), tail = strlen(end);
        if (is_taken(c, i) || len <= tail || strcasecmp(plain + len - tail, end) != 0)
            continue;
        if (found >= 0)
            return -1;
        found = i;
    }
    return found;
}

int mixfill_column_named(const mixfill_field *names, int n, const char *const *known) {
    int found = -1, best = -1;
    for (int i = 0; i < n && i < MIXFILL_MAX_FIELDS; i++) {
        char plain[PLAIN];
        plain_name(plain, names[i]);
        int rank = worth(plain, known);
        if (rank >= 0 && (best < 0 || rank < best)) {
            best = rank;
            found = i;
        }
    }
    return found;
}

mixfill_columns mixfill_columns_named(const mixfill_field *names, int n) {
    mixfill_columns c = {{-1, -1, -1, -1}, false};
    n = n < MIXFILL_MAX_FIELDS ? n : MIXFILL_MAX_FIELDS;
    for (int r = 0; r < MIXFILL_N_ROLES; r++)
        c.of[r] = mixfill_column_named(names, n, roles[r].known);
    /* Once all known names have their roles, what is left over may be told by its end. */
    for (int r = 0; r < MIXFILL_N_ROLES; r++)
        if (c.of[r] < 0)
            c.of[r] = only_one_ending(&c, names, n, roles[r].end);
    return c;
}

/* ---- as given ---- */

/* The next "role=column" of a text; false at its end. *role is MIXFILL_N_ROLES where the word is no
 * such pair. */
static bool next_pair(const char **at, mixfill_role *role, mixfill_field *column) {
    if (**at == '\0')
        return false;
    size_t len = strcspn(*at, ",");
    const char *equals = memchr(*at, '=', len);
    size_t key = equals != NULL ? (size_t)(equals - *at) : 0;
    int r = 0;
    while (r < MIXFILL_N_ROLES &&
           (strlen(roles[r].name) != key || strncmp(*at, roles[r].name, key) != 0))
        r++;
    *role = key > 0 && key + 1 < len ? (mixfill_role)r : MIXFILL_N_ROLES;
    *column = (mixfill_field){equals != NULL ? equals + 1 : *at, key > 0 ? len - key - 1 : len};
    *at += len;
    *at += **at == ',';
    return true;
}

mixfill_status mixfill_columns_check(const char *columns, mixfill_error *err) {
    bool seen[MIXFILL_N_ROLES + 1] = {false};
    mixfill_role role;
    mixfill_field column;
    for (const char *at = columns != NULL ? columns : ""; next_pair(&at, &role, &column);) {
        if (role == MIXFILL_N_ROLES || seen[role])
            return mixfill_fail_field(err, MIXFILL_ERR_ARG, "columns",
                                      " '%s': expected user=U,item=I,rating=R[,time=T], each once, "
                                      "by names or numbers of columns",
                                      columns);
        seen[role] = true;
    }
    if (columns == NULL || *columns != '\0')
        return MIXFILL_OK;
    return mixfill_fail_field(err, MIXFILL_ERR_ARG, "columns",
                              " '': expected user=U,item=I,rating=R[,time=T]");
}

/* A number from 1; 0 where a text is none. */
static int column_number(mixfill_field f) {
    int number = 0;
    for (size_t i = 0; i < f.len; i++) {
        if (f.text[i] < '0' || f.text[i] > '9' || number > MIXFILL_MAX_FIELDS)
            return 0;
        number = 10 * number + (f.text[i] - '0');
    }
    return number;
}

bool mixfill_columns_by_name(const char *columns) {
    mixfill_role given;
    mixfill_field column;
    for (const char *at = columns != NULL ? columns : ""; next_pair(&at, &given, &column);)
        if (column_number(column) == 0)
            return true;
    return false;
}

/* A column by its name, else by its number from 1; -1 where there is none. */
static int find_column(mixfill_field wanted, const mixfill_field *names, int n) {
    for (int i = 0; names != NULL && i < n && i < MIXFILL_MAX_FIELDS; i++)
        if (same_name(wanted, names[i]))
            return i;
    int number = column_number(wanted);
    return number <= n && number <= MIXFILL_MAX_FIELDS ? number - 1 : -1;
}

/* A column that is given takes its role, and no other role keeps it unless it is given too. */
bool mixfill_columns_give(mixfill_columns *out, const char *columns, const mixfill_field *names,
                          int n, bool pairs, mixfill_field *absent) {
    bool given[MIXFILL_N_ROLES] = {false};
    mixfill_role role;
    mixfill_field column, rating = {"", 0};
    for (const char *at = columns != NULL ? columns : ""; next_pair(&at, &role, &column);) {
        if (pairs && role > MIXFILL_ROLE_ITEM)
            continue;
        out->of[role] = find_column(column, names, n);
        given[role] = true;
        if (role == MIXFILL_ROLE_RATING)
            rating = column;
        bool one = role == MIXFILL_ROLE_RATING && column.len == 1 && *column.text == '1';
        if (out->of[role] < 0 && !one) {
            *absent = column;
            return false;
        }
    }
    for (int r = 0; r < MIXFILL_N_ROLES; r++)
        for (int g = 0; g < MIXFILL_N_ROLES && !given[r]; g++)
            if (given[g] && out->of[r] == out->of[g])
                out->of[r] = -1;
    int at = out->of[MIXFILL_ROLE_RATING];
    bool ids = at >= 0 && (at == out->of[MIXFILL_ROLE_USER] || at == out->of[MIXFILL_ROLE_ITEM]);
    out->ones = rating.len == 1 && *rating.text == '1' && (ids || at < 0);
    if (out->ones)
        out->of[MIXFILL_ROLE_RATING] = -1;
    return true;
}

/* ---- for people ---- */

/* A text that is added to piece by piece, cut where it is full. */
typedef struct words {
    char *out;
    size_t size, n;
} words;

/* Add to it, as printf does. */
__attribute__((format(printf, 2, 3))) static void say(words *w, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->out + w->n, w->size - w->n, format, args);
    va_end(args);
    if (n > 0)
        w->n = w->n + (size_t)n < w->size ? w->n + (size_t)n : w->size - 1;
}

/* A name, or without a header the number of the column. */
static void say_column(words *w, const mixfill_field *names, int column) {
    char quoted[MIXFILL_QUOTE_BUFFER];
    mixfill_field name = names != NULL ? mixfill_field_trimmed(names[column]) : (mixfill_field){0};
    if (names == NULL)
        say(w, "%d", column + 1);
    else
        say(w, "%.30s", mixfill_quote(quoted, name.text, name.len));
}

/* As --columns can give it: by number where the name would end the value. */
static void say_given(words *w, const mixfill_field *names, int column) {
    bool awkward = names == NULL || names[column].len == 0 || names[column].len > 24;
    for (size_t i = 0; !awkward && i < names[column].len; i++)
        awkward = strchr(" ,='\"\t", names[column].text[i]) != NULL;
    say_column(w, awkward ? NULL : names, column);
}

/* Columns that could have each role: those that have it, and for the others what is left, in
 * order. */
static void say_what_would_do(words *w, const mixfill_columns *columns, const mixfill_field *names,
                              int n, bool pairs, int first) {
    mixfill_columns c = *columns;
    for (int r = 0; r <= (pairs ? MIXFILL_ROLE_ITEM : MIXFILL_ROLE_RATING); r++) {
        for (int i = first; i < n && i < MIXFILL_MAX_FIELDS && c.of[r] < 0; i++)
            if (!is_taken(&c, i))
                c.of[r] = i;
        say(w, "%s%s=", r > 0 ? "," : "", roles[r].name);
        if (c.of[r] >= 0)
            say_given(w, names, c.of[r]);
        else
            say(w, "1");
    }
}

mixfill_status mixfill_fail_columns(mixfill_error *err, const char *where, int64_t line,
                                    const mixfill_columns *columns, const mixfill_field *names,
                                    int n, bool pairs, bool row_numbers, bool matrix) {
    char understood[320] = "", would[200] = "";
    const char *also = matrix ? ", or for a matrix format dense" : "";
    words w = {understood, sizeof understood, 0}, v = {would, sizeof would, 0};
    mixfill_role missing = columns->of[MIXFILL_ROLE_USER] < 0   ? MIXFILL_ROLE_USER
                           : columns->of[MIXFILL_ROLE_ITEM] < 0 ? MIXFILL_ROLE_ITEM
                                                                : MIXFILL_ROLE_RATING;
    for (int i = 0; i < n && i < SHOWN; i++) {
        say(&w, "%s", i > 0 ? ", " : "");
        say_column(&w, names, i);
        for (int r = 0; r < MIXFILL_N_ROLES; r++)
            if (columns->of[r] == i)
                say(&w, " (%s)", roles[r].name);
    }
    if (n > SHOWN)
        say(&w, ", %d more", n - SHOWN);
    say_what_would_do(&v, columns, names, n, pairs, row_numbers && names == NULL ? 1 : 0);
    if (names == NULL && n == 1)
        return mixfill_fail_about(err, MIXFILL_ERR_PARSE, line, "delimiter",
                                  "%s: 1 column, expected user, item%s", where,
                                  pairs ? "" : ", rating");
    if (names == NULL)
        return mixfill_fail_about(
            err, MIXFILL_ERR_PARSE, line, "columns",
            "%s: %d column%s and no header, expected user, item%s, or such as "
            "%s%s",
            where, n, mixfill_s(n), pairs ? "" : ", rating[, timestamp]", would, also);
    int lacking = 0, taken = 0; /* of users and items; of the names */
    for (int r = 0; r < MIXFILL_N_ROLES; r++) {
        lacking += columns->of[r] < 0 && (r == MIXFILL_ROLE_USER || r == MIXFILL_ROLE_ITEM);
        taken += columns->of[r] >= 0;
    }
    if (n - taken < lacking)
        return mixfill_fail_about(err, MIXFILL_ERR_PARSE, line, "delimiter",
                                  "%s: no column for the %s among %s, expected more of them", where,
                                  roles[missing].name, understood);
    return mixfill_fail_about(err, MIXFILL_ERR_PARSE, line, "columns",
                              "%s: no column for the %s among %s, expected such as %s%s", where,
                              roles[missing].name, understood, would, also);
}

void mixfill_columns_describe(char *out, size_t size, const mixfill_columns *columns,
                              const mixfill_field *names, int n, bool pairs) {
    words w = {out, size, 0};
    int unread = 0, last = -1;
    say(&w, "%s", names == NULL ? "columns " : "");
    for (int r = 0; r < MIXFILL_N_ROLES; r++) {
        bool rating = r == MIXFILL_ROLE_RATING && !pairs;
        if (columns->of[r] < 0 && !(rating && columns->ones))
            continue;
        say(&w, "%s", r > 0 ? ", " : "");
        if (rating && columns->ones)
            say(&w, "every rating 1");
        else
            say_column(&w, names, columns->of[r]);
    }
    for (int i = 0; i < n && i < MIXFILL_MAX_FIELDS; i++)
        if (!is_taken(columns, i)) {
            unread++;
            last = i;
        }
    if (unread == 1) {
        say(&w, "; ");
        say_column(&w, names, last);
        say(&w, " unread");
    } else if (unread > 1)
        say(&w, "; %d others unread", unread);
}
