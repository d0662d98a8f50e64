/* Members of zip files: the ratings of a MovieLens download, or the one that is asked for. A member
 * is good when its end has been read, where libzip checks its CRC.
 *
 * libzip reads the archive by its directory, at the end of the file: a zip cannot come from a
 * pipe. */
#include "file/members.h"
#include "file/source_packed.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

typedef struct member_source {
    mixfill_source base;
    zip_t *zip;
    zip_file_t *file;
    int64_t limit, n_unpacked; /* bytes: at most, and so far */
} member_source;

static void close_member(mixfill_source *source) {
    member_source *m = (member_source *)source;
    if (m->file != NULL)
        zip_fclose(m->file);
    if (m->zip != NULL)
        zip_discard(m->zip);
    mixfill_free(m->base.name);
    mixfill_free(m);
}

/* Bytes of the member; at its end it is closed, which is where a wrong CRC shows. */
static mixfill_status read_member(mixfill_source *source, void *to, size_t n, size_t *got,
                                  mixfill_error *err) {
    member_source *m = (member_source *)source;
    *got = 0;
    if (m->file == NULL) /* its end was read */
        return MIXFILL_OK;
    zip_int64_t len = zip_fread(m->file, to, n);
    if (len < 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "zip member is damaged (%s)",
                            zip_file_strerror(m->file));
    *got = (size_t)len;
    m->n_unpacked += len;
    if (m->n_unpacked > m->limit)
        return mixfill_fail_bomb(err);
    if (len > 0)
        return MIXFILL_OK;
    int code = zip_fclose(m->file);
    m->file = NULL;
    return code == 0 ? MIXFILL_OK
                     : mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "zip member is damaged");
}

/* ---- which member ---- */

/* What a look at the names of a zip finds. */
typedef struct finding {
    zip_int64_t index;    /* of the first member that fits, -1 */
    const char *names[2]; /* of the first two that fit */
    int n;                /* how many fit */
    bool arrays;          /* a name ends in .npy */
    bool workbook;        /* of a spreadsheet program, which packs its files so */
    bool pytorch;         /* of torch.save */
    const char *other;    /* any file */
    zip_int64_t other_index;
    mixfill_member_list files;
} finding;

/* Look for the wanted member, or for ratings. A full name that is exactly the one wanted wins
 * over all whose last component is; folders count as nothing. */
static finding look(zip_t *zip, const char *wanted) {
    finding f = {.index = -1};
    zip_int64_t n = zip_get_num_entries(zip, 0);
    for (zip_int64_t i = 0; i < n; i++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);
        if (name == NULL || mixfill_ends_with(name, "/"))
            continue;
        f.arrays |= mixfill_ends_with(name, ".npy");
        f.pytorch |= mixfill_ends_with(name, "/data.pkl");
        f.workbook |= strncmp(name, "xl/", 3) == 0 || strcmp(name, "content.xml") == 0;
        f.other = name;
        f.other_index = i;
        mixfill_member_list_add(&f.files, name);
        bool exact = wanted != NULL && strcmp(name, wanted) == 0;
        if (!mixfill_member_fits(name, wanted))
            continue;
        if (exact || f.n == 0)
            f.index = i;
        if (exact)
            f.n = 0;
        if (f.n < 2)
            f.names[f.n] = name;
        f.n++;
        if (exact)
            break;
    }
    return f;
}

/* Make the finding one member. Where nothing fits, a zip of a single file holds what is meant,
 * whatever its name. */
static mixfill_status choose_member(finding *f, const char *path, const char *wanted,
                                    mixfill_error *err) {
    char quoted[2][MIXFILL_QUOTE_BUFFER];
    if (f->n > 1)
        return mixfill_fail_about(
            err, MIXFILL_ERR_PARSE, 0, "member",
            "%s: %d members could be the ratings, '%s' and '%s' among them, expected one", path,
            f->n, mixfill_quote(quoted[0], f->names[0], strlen(f->names[0])),
            mixfill_quote(quoted[1], f->names[1], strlen(f->names[1])));
    if (f->n == 1)
        return MIXFILL_OK;
    if (wanted == NULL && f->workbook)
        return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: a workbook is not read, expected text of ratings (python3 -c "
                            "'import pandas; pandas.read_excel(\"%s\").to_csv(\"ratings.csv\", "
                            "index=False)' writes csv)",
                            path, path);
    if (wanted == NULL && f->pytorch)
        return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: a PyTorch file is not read, expected text of ratings (python3 -c "
                            "'import numpy, torch; numpy.savetxt(\"ratings.txt\", "
                            "torch.load(\"%s\"))' writes a tensor as text)",
                            path, path);
    if (wanted == NULL && f->files.n == 1) {
        f->index = f->other_index;
        f->names[0] = f->other;
        return MIXFILL_OK;
    }
    return mixfill_fail_no_member(&f->files, path, "zip", wanted, err);
}

/* ---- opening ---- */

/* Open the member found and name it PATH:MEMBER. Its limit goes by its own packed size, for an
 * archive may hold much besides; a size that the directory overstates is cut to the file's. */
static mixfill_status open_member(member_source *m, const char *path, const finding *f,
                                  mixfill_error *err) {
    zip_stat_t member;
    struct stat file;
    m->base.name = mixfill_member_path(path, f->names[0]);
    if (m->base.name == NULL)
        return mixfill_fail_nomem(err, "a zip file");
    int64_t packed = stat(path, &file) == 0 ? (int64_t)file.st_size : 0;
    if (zip_stat_index(m->zip, (zip_uint64_t)f->index, 0, &member) == 0 &&
        (member.valid & ZIP_STAT_COMP_SIZE) != 0 && member.comp_size < (zip_uint64_t)packed)
        packed = (int64_t)member.comp_size;
    m->limit = mixfill_unpacked_limit(packed);
    m->file = zip_fopen_index(m->zip, (zip_uint64_t)f->index, 0);
    if (m->file != NULL)
        return MIXFILL_OK;
    int code = zip_error_code_zip(zip_get_error(m->zip));
    bool locked = code == ZIP_ER_NOPASSWD || code == ZIP_ER_ENCRNOTSUPP;
    return mixfill_fail(err, code == ZIP_ER_MEMORY ? MIXFILL_ERR_NOMEM : MIXFILL_ERR_PARSE, 0,
                        "%s: cannot be unpacked: %s", m->base.name,
                        locked ? "encrypted" : zip_error_strerror(zip_get_error(m->zip)));
}

mixfill_status mixfill_source_zip(mixfill_source **out, const char *path, const char *member,
                                  mixfill_error *err) {
    mixfill_status st = MIXFILL_OK;
    member_source *m = mixfill_alloc_zero(1, sizeof *m);
    if (m == NULL)
        return mixfill_fail_nomem(err, "a zip file");
    m->base = (mixfill_source){.read = read_member, .close = close_member, .packing = "zip"};
    m->zip = zip_open(path, ZIP_RDONLY, NULL);
    if (m->zip == NULL) {
        if (member != NULL)
            st = mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: not a zip archive, or a damaged one",
                              path);
        goto done;
    }
    finding f = look(m->zip, member);
    if (member == NULL && f.arrays)
        goto done;
    MIXFILL_TRY(choose_member(&f, path, member, err));
    MIXFILL_TRY(open_member(m, path, &f, err));
    *out = &m->base;
    m = NULL;
done:
    if (m != NULL)
        close_member(&m->base);
    return st;
}
