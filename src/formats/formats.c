/* The table of formats: one row each, in the order in which lines are claimed. Reading, writing,
 * telling files apart, --format, --to, the help, and docs/formats.md all follow it.
 *
 * Two formats may claim the same first line; then the earlier row has it: a line of libFM is three
 * words between blanks too, and "@relation r" are words. */
#include "formats/formats.h"

#include "formats/arff.h"
#include "formats/delimited.h"
#include "formats/delimited_write.h"
#include "formats/dense.h"
#include "formats/dense_npy.h"
#include "formats/json_text.h"
#include "formats/libfm.h"
#include "formats/market.h"
#include "formats/netflix.h"
#include "formats/scipy_npz.h"

#include <string.h>

/* The four kinds of delimited text. What is written without quotes is written without a header
 * too: that is how MovieLens and LIBMF have these files. */
static const mixfill_dialect csv = {
    .delimiter = ",", .quotes = true, .header = "userId,movieId,rating"};
static const mixfill_dialect dat = {.delimiter = "::", .header = ""};
static const mixfill_dialect tab = {.delimiter = "\t", .header = ""};
static const mixfill_dialect triplets = {.delimiter = " ", .blanks = true, .header = ""};

static const mixfill_format_row rows[] = {
    {.info = {.format = MIXFILL_FORMAT_ARFF,
              .name = "arff",
              .about = "Weka: @attribute lines that name the columns, then @data",
              .extensions = "",
              .readable = true,
              .keeps_ids = true,
              .keeps_times = true},
     .claims = mixfill_arff_claims,
     .read = mixfill_read_arff},
    {.info = {.format = MIXFILL_FORMAT_CSV,
              .name = "csv",
              .about =
                  "user,item,rating[,timestamp], with or without a header (MovieLens ratings.csv)",
              .extensions = ".csv",
              .readable = true,
              .writable = true,
              .keeps_ids = true,
              .keeps_times = true},
     .dialect = &csv,
     .claims = mixfill_csv_claims,
     .read = mixfill_read_delimited,
     .write = mixfill_write_delimited},
    {.info = {.format = MIXFILL_FORMAT_DAT,
              .name = "dat",
              .about = "user::item::rating[::timestamp] (MovieLens ratings.dat)",
              .extensions = ".dat",
              .readable = true,
              .writable = true,
              .keeps_ids = true,
              .keeps_times = true},
     .dialect = &dat,
     .claims = mixfill_dat_claims,
     .read = mixfill_read_delimited,
     .write = mixfill_write_delimited},
    {.info = {.format = MIXFILL_FORMAT_TAB,
              .name = "tab",
              .about = "user, item, rating[, timestamp], separated by tabs (MovieLens u.data)",
              .extensions = ".tsv .data",
              .readable = true,
              .writable = true,
              .keeps_ids = true,
              .keeps_times = true},
     .dialect = &tab,
     .claims = mixfill_tab_claims,
     .read = mixfill_read_delimited,
     .write = mixfill_write_delimited},
    {.info = {.format = MIXFILL_FORMAT_LIBFM,
              .name = "libfm",
              .about = "rating user:1 item:1 (libFM, libsvm), two active features a line",
              .extensions = "",
              .readable = true,
              .keeps_ids = true},
     .claims = mixfill_libfm_claims,
     .read = mixfill_read_libfm},
    {.info = {.format = MIXFILL_FORMAT_TRIPLETS,
              .name = "triplets",
              .about = "user item rating [timestamp], separated by blanks (LIBMF)",
              .extensions = ".txt",
              .readable = true,
              .writable = true,
              .keeps_ids = true,
              .keeps_times = true},
     .dialect = &triplets,
     .claims = mixfill_triplets_claims,
     .read = mixfill_read_delimited,
     .write = mixfill_write_delimited},
    {.info = {.format = MIXFILL_FORMAT_DENSE,
              .name = "dense",
              .about = "a matrix as text, a user a line, as numpy.loadtxt reads it",
              .extensions = "",
              .readable = true,
              .writable = true,
              .by_index = true},
     .read = mixfill_read_dense,
     .write = mixfill_write_dense},
    {.info = {.format = MIXFILL_FORMAT_NPZ,
              .name = "npz",
              .about = "a sparse matrix as scipy.sparse.save_npz writes it: csr, csc or coo",
              .extensions = ".npz",
              .readable = true,
              .writable = true,
              .by_index = true},
     .begins = mixfill_npz_begins,
     .load = mixfill_load_npz,
     .write = mixfill_write_npz},
    {.info = {.format = MIXFILL_FORMAT_MTX,
              .name = "mtx",
              .about = "Matrix Market: coordinate or array",
              .extensions = ".mtx",
              .readable = true,
              .writable = true,
              .by_index = true},
     .begins = mixfill_market_begins,
     .read = mixfill_read_market,
     .write = mixfill_write_market},
    {.info = {.format = MIXFILL_FORMAT_NPY,
              .name = "npy",
              .about = "a matrix as numpy.save writes it: 2-D, of any numeric type",
              .extensions = ".npy",
              .readable = true,
              .writable = true,
              .by_index = true},
     .begins = mixfill_npy_begins,
     .read = mixfill_read_npy,
     .write = mixfill_write_npy},
    {.info =
         {.format = MIXFILL_FORMAT_NETFLIX,
          .name = "netflix",
          .about =
              "Netflix Prize: a line 1: for a movie, then its lines user,rating,date; or a folder",
          .extensions = "",
          .readable = true,
          .keeps_ids = true},
     .claims = mixfill_netflix_claims,
     .folders = true,
     .read = mixfill_read_netflix},
    {.info = {.format = MIXFILL_FORMAT_JSON,
              .name = "json",
              .about = "objects with keys for user, item and rating: a line each, or in one array",
              .extensions = "",
              .readable = true,
              .keeps_ids = true,
              .keeps_times = true},
     .begins = mixfill_json_begins,
     .read = mixfill_read_json},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

const mixfill_format_row *mixfill_format_row_at(size_t i) {
    return i < N_ROWS ? &rows[i] : NULL;
}

const mixfill_format_row *mixfill_format_row_of(mixfill_format format) {
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].info.format == format)
            return &rows[i];
    return NULL;
}

const mixfill_format_info *mixfill_format_at(size_t i) {
    return i < N_ROWS ? &rows[i].info : NULL;
}

const mixfill_format_info *mixfill_format_find(mixfill_format format) {
    const mixfill_format_row *row = mixfill_format_row_of(format);
    return row != NULL ? &row->info : NULL;
}

/* Also of what is no format, for messages about it. */
const char *mixfill_format_name(mixfill_format format) {
    const mixfill_format_info *info = mixfill_format_find(format);
    return info != NULL ? info->name : format == MIXFILL_FORMAT_AUTO ? "auto" : "unknown";
}

/* Whether a word is one of a list's, whose words are separated by one blank. */
static bool is_listed(const char *list, const char *word) {
    size_t len = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += len)
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

/* Only extensions of what is written count: one of an input says nothing that its content does
 * not. */
const mixfill_format_info *mixfill_format_of_path(const char *path) {
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < N_ROWS; i++)
        if (rows[i].info.writable && is_listed(rows[i].info.extensions, dot))
            return &rows[i].info;
    return NULL;
}
