/* Files of ratings: which formats there are, reading and writing them. */
#ifndef MIXFILL_PUBLIC_FILES_H
#define MIXFILL_PUBLIC_FILES_H

#include <mixfill/ratings.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mixfill_format {
    MIXFILL_FORMAT_AUTO = 0, /* told apart by content */
    MIXFILL_FORMAT_CSV,      /* user,item,rating[,timestamp], with or without a header line */
    MIXFILL_FORMAT_DAT,      /* user::item::rating[::timestamp] */
    MIXFILL_FORMAT_TAB,      /* user TAB item TAB rating [TAB timestamp] */
    MIXFILL_FORMAT_TRIPLETS, /* user item rating [timestamp], separated by blanks */
    MIXFILL_FORMAT_DENSE,    /* rows of numbers, as np.loadtxt reads them */
    MIXFILL_FORMAT_NPZ,      /* scipy.sparse.save_npz: csr, csc or coo */
    MIXFILL_FORMAT_MTX,      /* Matrix Market */
    MIXFILL_FORMAT_NPY,      /* numpy.save of a 2-D array */
    MIXFILL_FORMAT_NETFLIX,  /* Netflix Prize: "movie:" and lines of user,rating,date */
    MIXFILL_FORMAT_JSON,     /* objects, a line each or in one array */
    MIXFILL_FORMAT_LIBFM,    /* rating user:1 item:1, of libFM and libsvm */
    MIXFILL_FORMAT_ARFF      /* Weka: attributes and records */
} mixfill_format;

/* What a format is and what it can hold. */
typedef struct mixfill_format_info {
    mixfill_format format;
    const char *name;       /* "csv", "npz": what a format is called everywhere */
    const char *about;      /* a line for people */
    const char *extensions; /* of files to be written so, such as ".tsv .data"; "" for none */
    bool readable, writable;
    bool by_index;    /* users and items are rows and columns, also those without ratings */
    bool keeps_ids;   /* ids come back as they were; else users and items are numbered */
    bool keeps_times; /* timestamps come back too */
} mixfill_format_info;

/* Format i of all there are, in no order to rely on; NULL behind the last. */
MIXFILL_API const mixfill_format_info *mixfill_format_at(size_t i);

/* What there is to say of a format; NULL for AUTO and for what is none. */
MIXFILL_API const mixfill_format_info *mixfill_format_find(mixfill_format format);

/* The format that a file is to be written in, by the extension of its name; NULL where no format
 * has it. Files are read by their content, whatever their name. */
MIXFILL_API const mixfill_format_info *mixfill_format_of_path(const char *path);

/* The name of a format, or "auto". */
MIXFILL_API const char *mixfill_format_name(mixfill_format format);

/* What a second rating of the same pair means. */
typedef enum mixfill_duplicates {
    MIXFILL_DUPLICATES_ERROR = 0,
    MIXFILL_DUPLICATES_FIRST, /* the first one counts */
    MIXFILL_DUPLICATES_LAST,  /* the last one counts */
    MIXFILL_DUPLICATES_MEAN   /* their mean counts */
} mixfill_duplicates;

/* How far reading a delimited file has come, in bytes of its text; size is 0 where it is not known
 * beforehand (packed, standard input). Return non-zero to stop with MIXFILL_ERR_CANCELLED. */
typedef int (*mixfill_read_progress_fn)(int64_t bytes, int64_t size, void *data);

/* How a file is read; each field's comment begins with its default. */
typedef struct mixfill_read_options {
    size_t struct_size;            /* set by mixfill_read_options_init */
    mixfill_format format;         /* AUTO */
    mixfill_duplicates duplicates; /* ERROR */
    double missing;                /* 0: what stands for no rating in a dense matrix; NaN: nan */
    bool int_ids;          /* false: "007" and "7" differ; true: ids are int64 >= 0, also as 7.0 */
    bool skip_bad_lines;   /* false: a bad line is an error; true: counted and left out, but a row
                              of a dense matrix is always an error */
    bool transpose;        /* false; true: rows (or first columns) are items */
    double rating_min;     /* -inf: a smaller rating is a bad line */
    double rating_max;     /* +inf: a larger rating is a bad line */
    int32_t threads;       /* 0 */
    bool keep_times;       /* false; true: timestamps of text files stay with the ratings */
    const char *member;    /* NULL; else which member of a zip or tar archive, by its name
                              with or without folders */
    const char *columns;   /* NULL: told by the header, or by place; else which columns of text hold
                              what: "user=U,item=I,rating=R[,time=T]", each by its name or its number
                              from 1. rating=1, where the first column holds the users or the items,
                              stands for data without ratings: every rating is 1 */
    const char *delimiter; /* NULL: told by the content; else one character, "tab", "blank" (any run
                              of blanks), or "::" */
    bool decimal_comma;    /* false: 3,5 is a number between semicolons only; true: everywhere */
    bool strict;           /* false; true: MIXFILL_ERR_PARSE where there would be a warning */
    mixfill_read_progress_fn progress; /* NULL; called every few MB, by the calling thread */
    void *progress_data;               /* NULL; handed to progress */
} mixfill_read_options;

/* Write the defaults of mixfill_read_options into every field. */
MIXFILL_API void mixfill_read_options_init(mixfill_read_options *options);

/* Check that options were initialised, that the range holds something, and that columns and
 * delimiter are as they say. Returns MIXFILL_ERR_ARG and names the field. */
MIXFILL_CHECK mixfill_status mixfill_read_options_validate(const mixfill_read_options *options,
                                                           mixfill_error *err);

/* A time as files of ratings have it: seconds since 1970, or milli-, micro- or nanoseconds by their
 * size, or a date such as 2005-09-06 or 2005-09-06T12:30:00Z. seconds: [out]. Returns false, and
 * leaves it, where a text is none, or a day written as a number. */
MIXFILL_API bool mixfill_parse_time(int64_t *seconds, const char *text);

enum { MIXFILL_REPORTED_LINES = 5, MIXFILL_REPORTED_WARNINGS = 8 };

/* What a load saw. */
typedef struct mixfill_read_report {
    mixfill_format format; /* as detected or forced */
    const char
        *packing; /* what it was unpacked from: "gzip", "zip", "tar" and so on; else NULL. Static */
    char member[256];   /* of a zip or tar archive, with its folders; else "" */
    int64_t lines;      /* text lines read; 0 for npz */
    int64_t skipped;    /* bad lines left out */
    int64_t duplicates; /* ratings dropped or averaged away */
    int32_t n_messages; /* of the first skipped lines */
    char messages[MIXFILL_REPORTED_LINES][256];
    char fields[MIXFILL_REPORTED_LINES][32]; /* of each message, as in mixfill_error */
    char duplicate[256]; /* the first pair that was given twice, and where; "" for none */
    bool ones;           /* the text has no ratings: every one is 1, as asked for */
    char columns[256];   /* which of the text's columns were read as what, for people; else "" */
    int64_t bad_times;   /* of the skipped lines, those of which the time alone was bad */
    int32_t n_warnings;  /* of what looks as if it were meant otherwise */
    char warnings[MIXFILL_REPORTED_WARNINGS][256];
    char warning_fields[MIXFILL_REPORTED_WARNINGS][32];
} mixfill_read_report;

/* Read ratings from a file.
 * out     [out] new object.
 * report  [out] may be NULL.
 * path    [in]  a file, also packed (.gz, .zst, a .zip as MovieLens comes in), a folder of Netflix
 *               Prize files, or "-" for standard input (no zip).
 * options [in]  NULL means defaults.
 * Users and items are numbered by first appearance, by index in dense, npy, npz and mtx files.
 * Returns MIXFILL_ERR_IO, _PARSE, _RANGE (more than 2^31-1 users or items), _UNSUPPORTED, _ARG,
 * _CANCELLED, _NOMEM. Cost: O(file); at most 14 bytes per rating for files of at most 256 distinct
 * values, else 28; 16 more with keep_times. */
MIXFILL_CHECK mixfill_status mixfill_ratings_load(mixfill_ratings **out,
                                                  mixfill_read_report *report, const char *path,
                                                  const mixfill_read_options *options,
                                                  mixfill_error *err);

/* How a file is written; each field's comment begins with its default. */
typedef struct mixfill_save_options {
    size_t struct_size;       /* set by mixfill_save_options_init */
    mixfill_format format;    /* CSV; any that is writable */
    double missing;           /* 0; what a dense file has where there is no rating; NaN: nan */
    mixfill_done_fn progress; /* NULL; called with users by the calling thread; npz does without */
    void *progress_data;      /* NULL; handed to progress */
} mixfill_save_options;

/* Write the defaults of mixfill_save_options into every field. */
MIXFILL_API void mixfill_save_options_init(mixfill_save_options *options);

/* Write ratings to a file, atomically.
 * ratings [in]
 * path    [in] a file, or "-" for standard output.
 * options [in] not NULL.
 * Delimited text (csv, dat, tab, triplets) has the ids and, where the ratings hold them, the
 * timestamps; users and items without ratings are left out of it. The other formats have neither
 * ids nor timestamps, but the whole shape; mtx, npz, dense and npy know users and items by index.
 * Returns MIXFILL_ERR_IO, _ARG (options; a rating of 0 in a dense or npy file where 0 is missing;
 * an id that the format cannot hold), _CANCELLED, _NOMEM. Cost: O(nnz), for dense and npy O(N D).
 */
MIXFILL_CHECK mixfill_status mixfill_ratings_save_as(const mixfill_ratings *ratings,
                                                     const char *path,
                                                     const mixfill_save_options *options,
                                                     mixfill_error *err);

/* Write ratings as mixfill_ratings_save_as does, in a given format and with the other options at
 * their defaults: a dense or npy file has 0 for missing, and an observed 0 is refused.
 * Returns MIXFILL_ERR_IO, _ARG, _NOMEM. */
MIXFILL_CHECK mixfill_status mixfill_ratings_save(const mixfill_ratings *ratings, const char *path,
                                                  mixfill_format format, mixfill_error *err);

#ifdef __cplusplus
}
#endif

#endif
