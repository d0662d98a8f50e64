/* Members of tar archives, read from front to back as the archive comes, from a pipe too: the first
 * that fits is handed out, and at its end the rest is looked through for another that would fit as
 * well. The format: POSIX.1-2017, pax, "ustar Interchange Format"; GNU's long names. A library
 * for this, of headers of octal numbers, would bring eight more to link. */
#include "file/members.h"
#include "file/source_packed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, NAME = 1024, SCRATCH = 1 << 16 };

/* The fields of a header that are used. */
typedef struct header {
    char name[100], mode_and_owners[24], size[12], time[12], sum[8], type, link[100];
    char magic[6], version[2], names_and_devices[80], prefix[155], unused[12];
} header;

typedef struct tar_source {
    mixfill_source base;
    mixfill_source *archive;
    char *wanted;          /* or NULL */
    int64_t left;          /* bytes of the member that were not read */
    int padding;           /* bytes to a whole block behind them */
    bool in_member, exact; /* whether the member is read; whether it has the very name wanted */
    char name[NAME];
    char scratch[SCRATCH];
} tar_source;

static void close_tar(mixfill_source *source) {
    tar_source *t = (tar_source *)source;
    mixfill_source_close(t->archive);
    mixfill_free(t->wanted);
    mixfill_free(t->base.name);
    mixfill_free(t);
}

bool mixfill_is_tar(const char *data, size_t len) {
    return len >= BLOCK && memcmp(((const header *)(const void *)data)->magic, "ustar", 5) == 0;
}

/* ---- headers ---- */

/* n bytes of the archive, or fewer at its end. */
static mixfill_status read_up_to(tar_source *t, char *to, size_t n, size_t *got,
                                 mixfill_error *err) {
    size_t len = 1;
    mixfill_status st = MIXFILL_OK;
    for (*got = 0; st == MIXFILL_OK && len > 0 && *got < n; *got += len) {
        len = 0;
        st = t->archive->read(t->archive, to + *got, n - *got, &len, err);
    }
    return st;
}

static mixfill_status fail_cut(mixfill_error *err) {
    return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "tar archive is cut short");
}

/* Read past n bytes. */
static mixfill_status skip(tar_source *t, int64_t n, mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    while (st == MIXFILL_OK && n > 0) {
        size_t want = n < SCRATCH ? (size_t)n : SCRATCH, got;
        st = read_up_to(t, t->scratch, want, &got, err);
        if (st == MIXFILL_OK && got < want)
            st = fail_cut(err);
        n -= (int64_t)want;
    }
    return st;
}

/* A number in octal, or, where the first bit is set, in base 256; -1 where it is neither. */
static int64_t number(const char *field, size_t len) {
    int64_t value = (unsigned char)field[0] & 0x3f;
    if (((unsigned char)field[0] & 0x80) != 0) {
        for (size_t i = 1; i < len; i++) {
            if (value > INT64_MAX >> 8)
                return -1;
            value = value << 8 | (unsigned char)field[i];
        }
        return value;
    }
    size_t i = 0;
    for (value = 0; i < len && field[i] == ' ';)
        i++;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        value = value << 3 | (field[i] - '0');
    return i == len || field[i] == '\0' || field[i] == ' ' ? value : -1;
}

/* Whether the sum of a header's bytes is the one in it, for which blanks stand. */
static bool sum_is_right(const header *h) {
    const unsigned char *bytes = (const unsigned char *)h;
    int64_t sum = INT64_C(8) * ' ';
    for (size_t i = 0; i < BLOCK; i++)
        sum += bytes[i];
    for (size_t i = 0; i < sizeof h->sum; i++)
        sum -= (unsigned char)h->sum[i];
    return number(h->sum, sizeof h->sum) == sum;
}

/* What is known of the next member before its own header. */
typedef struct extension {
    bool named, sparse; /* sparse: in pieces, none that can be read */
    int64_t size;       /* -1: as the header says */
} extension;

/* The records "LENGTH KEY=VALUE\n" of a pax header, which a NUL ends. */
static void read_records(tar_source *t, extension *e, char *at, const char *end) {
    char *key, *value;
    for (long len; at < end; at += len) {
        len = strtol(at, &key, 10);
        if (key == at || *key != ' ' || len <= key - at || len > end - at)
            return;
        at[len - 1] = '\0';
        value = strchr(++key, '=');
        if (value == NULL)
            return;
        *value++ = '\0';
        if (strcmp(key, "path") == 0) {
            snprintf(t->name, sizeof t->name, "%s", value);
            e->named = true;
        }
        if (strcmp(key, "size") == 0)
            e->size = strtoll(value, NULL, 10);
        e->sparse |= strncmp(key, "GNU.sparse.", 11) == 0;
    }
}

/* The name in a header, and in the prefix that POSIX has before it. */
static void take_name(tar_source *t, const header *h) {
    int prefix = memcmp(h->magic, "ustar", 6) == 0 ? (int)strnlen(h->prefix, sizeof h->prefix) : 0;
    snprintf(t->name, sizeof t->name, "%.*s%s%.*s", prefix, h->prefix, prefix > 0 ? "/" : "",
             (int)strnlen(h->name, sizeof h->name), h->name);
}

/* The content of a member that tells of the next: GNU's long name or pax records. */
static mixfill_status read_extension(tar_source *t, extension *e, char type, mixfill_error *err) {
    size_t got = 0;
    if (t->left >= SCRATCH || (type != 'L' && type != 'x'))
        return MIXFILL_OK; /* passed over with the rest of the member */
    mixfill_status st = read_up_to(t, t->scratch, (size_t)t->left, &got, err);
    t->left -= (int64_t)got;
    t->scratch[got] = '\0';
    if (st == MIXFILL_OK && type == 'x')
        read_records(t, e, t->scratch, t->scratch + got);
    if (st == MIXFILL_OK && type == 'L') {
        snprintf(t->name, sizeof t->name, "%.*s", NAME - 1, t->scratch);
        e->named = true;
    }
    return st;
}

static mixfill_status set_size(tar_source *t, int64_t size, mixfill_error *err) {
    if (size < 0 || size > INT64_MAX - BLOCK)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "tar archive is damaged");
    t->left = size;
    t->padding = (int)(-size & (BLOCK - 1));
    return MIXFILL_OK;
}

/* The header behind the member that was read, or the end, which a block of zeros marks. */
static mixfill_status read_header(tar_source *t, header *h, bool *end, mixfill_error *err) {
    size_t got = 0;
    mixfill_status st = skip(t, t->left + t->padding, err);
    if (st == MIXFILL_OK)
        st = read_up_to(t, (char *)h, BLOCK, &got, err);
    *end = got == 0;
    if (st != MIXFILL_OK || *end)
        return st;
    if (got < BLOCK)
        return fail_cut(err);
    *end = h->name[0] == '\0' && h->magic[0] == '\0';
    if (*end)
        return MIXFILL_OK;
    return set_size(t, sum_is_right(h) ? number(h->size, sizeof h->size) : -1, err);
}

/* Go on to the next file, whose name and size are then known; *found is false at the end. */
static mixfill_status next_file(tar_source *t, bool *found, mixfill_error *err) {
    extension e = {.size = -1};
    header h;
    bool end;
    mixfill_status st;
    for (*found = false; (st = read_header(t, &h, &end, err)) == MIXFILL_OK && !end;) {
        if (strchr("LKxg", h.type) != NULL && h.type != '\0') {
            st = read_extension(t, &e, h.type, err);
        } else {
            if (!e.named)
                take_name(t, &h);
            *found = strchr("07", h.type) != NULL && !e.sparse && !mixfill_ends_with(t->name, "/");
            if (e.size >= 0)
                st = set_size(t, e.size, err);
            e = (extension){.size = -1};
        }
        if (st != MIXFILL_OK || *found)
            break;
    }
    return st;
}

/* ---- the member ---- */

/* A second member that would do as well is no silent choice. */
static mixfill_status check_alone(tar_source *t, mixfill_error *err) {
    char quoted[MIXFILL_QUOTE_BUFFER];
    bool found = true;
    while (found) {
        mixfill_status st = next_file(t, &found, err);
        if (st != MIXFILL_OK)
            return st;
        if (found && mixfill_member_fits(t->name, t->wanted))
            return mixfill_fail_about(err, MIXFILL_ERR_PARSE, 0, "member",
                                      "'%s' of the same archive could be the ratings too, expected "
                                      "one",
                                      mixfill_quote(quoted, t->name, strlen(t->name)));
    }
    return MIXFILL_OK;
}

static mixfill_status read_tar(mixfill_source *source, void *to, size_t n, size_t *got,
                               mixfill_error *err) {
    tar_source *t = (tar_source *)source;
    *got = 0;
    if (!t->in_member)
        return MIXFILL_OK;
    if (t->left > 0) {
        size_t want = (int64_t)n < t->left ? n : (size_t)t->left;
        mixfill_status st = t->archive->read(t->archive, to, want, got, err);
        t->left -= (int64_t)*got;
        return st == MIXFILL_OK && *got == 0 ? fail_cut(err) : st;
    }
    t->in_member = false;
    return t->exact ? MIXFILL_OK : check_alone(t, err);
}

/* Go to the first member that fits. Where none does, all are listed, and *only is the name of a
 * single one, to be freed, if it may be. */
static mixfill_status find_member(tar_source *t, mixfill_member_list *list, char **only,
                                  mixfill_error *err) {
    bool found = true;
    mixfill_status st;
    while ((st = next_file(t, &found, err)) == MIXFILL_OK && found) {
        mixfill_free(*only);
        *only = NULL;
        t->in_member = mixfill_member_fits(t->name, t->wanted);
        if (t->in_member)
            break;
        mixfill_member_list_add(list, t->name);
        if (list->n == 1 && t->wanted == NULL)
            *only = mixfill_copy_string(t->name);
    }
    t->exact = t->in_member && t->wanted != NULL && strcmp(t->name, t->wanted) == 0;
    return st;
}

/* Messages of what is damaged have no place in them, for a reader of lines says it. */
static mixfill_status begin(tar_source *t, char **only, const char *member, mixfill_error *err) {
    const char *path = t->archive->name;
    mixfill_member_list list = {0};
    mixfill_error fault = {0};
    t->wanted = member != NULL ? mixfill_copy_string(member) : NULL;
    if (member != NULL && t->wanted == NULL)
        return mixfill_fail_nomem(err, "a tar archive");
    mixfill_status st = find_member(t, &list, only, &fault);
    if (st == MIXFILL_ERR_PARSE)
        return mixfill_fail(err, st, 0, "%s: %s", path, fault.message);
    if (st != MIXFILL_OK)
        return mixfill_fail_as(err, &fault);
    if (!t->in_member)
        return *only != NULL ? st : mixfill_fail_no_member(&list, path, "tar", member, err);
    t->base.name = mixfill_member_path(path, t->name);
    return t->base.name != NULL ? st : mixfill_fail_nomem(err, "a tar archive");
}

mixfill_status mixfill_source_tar(mixfill_source **out, char **only, mixfill_source *archive,
                                  const char *member, mixfill_error *err) {
    tar_source *t = mixfill_alloc_zero(1, sizeof *t);
    if (t == NULL)
        return mixfill_fail_nomem(err, "a tar archive");
    t->base = (mixfill_source){
        .read = read_tar, .close = close_tar, .packing = "tar", .is_stdin = archive->is_stdin};
    t->archive = archive;
    mixfill_status st = begin(t, only, member, err);
    if (st == MIXFILL_OK && t->in_member) {
        *out = &t->base;
        return st;
    }
    t->archive = NULL;
    close_tar(&t->base);
    return st;
}
