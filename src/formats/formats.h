/* Text formats: delimited records (csv, dat, tab, triplets) and dense matrices. */
#ifndef MIXFILL_IO_TEXT_H
#define MIXFILL_IO_TEXT_H

#include "base/base.h"
#include "file/lines.h"
#include "formats/fields.h"
#include "ratings/builder.h"

#include <stdio.h>

/* A record of a delimited file; ids are checked (1..MIXFILL_ID_MAX bytes, no
 * NUL, canonical with int_ids), the value is finite and in range, or NaN when reading pairs. */
typedef struct mixfill_record {
    mixfill_field user, item;
    double value;
    int64_t time; /* 0 where it is not asked for or not there */
    int64_t line;
} mixfill_record;

typedef mixfill_status (*mixfill_record_fn)(void *data, const mixfill_record *record,
                                            mixfill_error *err);

/* Tell the format of what comes next; pairs: records need no rating, so nothing is dense.
 * MIXFILL_ERR_PARSE (empty), MIXFILL_ERR_UNSUPPORTED (compressed and other files not read), with a
 * message that says what to do. A byte order mark is consumed. */
mixfill_status mixfill_detect_format(mixfill_format *format, mixfill_lines *lines, bool pairs,
                                     mixfill_error *err);

/* Read a csv, dat, tab or triplets file into a builder, on several threads. */
mixfill_status mixfill_read_delimited(mixfill_lines *lines, mixfill_read_report *report,
                                      const mixfill_read_options *options, mixfill_builder *builder,
                                      mixfill_error *err);

/* Hand on the user,item pairs of such a file in file order. */
mixfill_status mixfill_read_delimited_pairs(mixfill_lines *lines, mixfill_read_report *report,
                                            const mixfill_read_options *options,
                                            mixfill_record_fn fn, void *data, mixfill_error *err);

/* Read a dense matrix into a builder, whose ids become indices. */
mixfill_status mixfill_read_dense(mixfill_lines *lines, mixfill_read_report *report,
                                  const mixfill_read_options *options, mixfill_builder *builder,
                                  mixfill_error *err);

/* Read a Matrix Market file into a builder, whose ids become indices. */
mixfill_status mixfill_read_market(mixfill_lines *lines, mixfill_read_report *report,
                                   const mixfill_read_options *options, mixfill_builder *builder,
                                   mixfill_error *err);

/* Read a 2-D .npy array into a builder, whose ids become indices. */
mixfill_status mixfill_read_npy(mixfill_lines *lines, const mixfill_read_options *options,
                                mixfill_builder *builder, mixfill_error *err);

/* Read a Netflix Prize file into a builder. */
mixfill_status mixfill_read_netflix(mixfill_lines *lines, mixfill_read_report *report,
                                    const mixfill_read_options *options, mixfill_builder *builder,
                                    mixfill_error *err);

/* The same for a folder of mv_*.txt or combined_data_*.txt, in the order of their names. */
mixfill_status mixfill_read_netflix_folder(const char *path, mixfill_read_report *report,
                                           const mixfill_read_options *options,
                                           mixfill_builder *builder, mixfill_error *err);

/* Whether a line is a movie's, such as "123:". */
bool mixfill_is_netflix_movie(const char *text, size_t len);

/* Nothing in a sparse file stands for a row or column but the header's claim, and memory follows
 * it: MIXFILL_ERR_RANGE where there are far more of them than ratings. line: of the claim, or 0. */
mixfill_status mixfill_check_claimed_shape(int64_t rows, int64_t cols, int64_t n_ratings,
                                           const char *path, int64_t line, mixfill_error *err);

/* Open a file and read its user,item pairs in file order. *report is all-zero on entry. */
mixfill_status mixfill_read_pairs(mixfill_read_report *report, const char *path,
                                  const mixfill_read_options *options, mixfill_record_fn fn,
                                  void *data, mixfill_error *err);

/* Write text as one csv field, quoted where it must be. */
void mixfill_write_csv_field(FILE *stream, const char *text);

#endif
