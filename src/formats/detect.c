/* Which format a file has, told from its first bytes.
 *
 * The name of a file is not asked: u.data, ratings.txt and (stdin) tell nothing. Signatures come
 * first. Then what is known and cannot be read, so that a spreadsheet in UTF-16 or a Parquet
 * file ends in one line with the way out and not in a complaint about its first number. Then the
 * first lines with something on them, in a sample of 64 KB, which is enough for a long comment. */
#include "formats/detect.h"

#include "formats/delimited.h"
#include "formats/formats.h"
#include "formats/roles.h"
#include "formats/sample.h"

#include <string.h>

/* Signatures may hold a NUL, hence their length. */
static bool starts_with(const char *data, size_t len, const char *magic, size_t magic_len) {
    return len >= magic_len && memcmp(data, magic, magic_len) == 0;
}

/* The format whose reader knows the first bytes; NULL where none does. */
static const mixfill_format_row *told_by_bytes(const char *data, size_t len) {
    const mixfill_format_row *row;
    for (size_t i = 0; (row = mixfill_format_row_at(i)) != NULL; i++)
        if (row->begins != NULL && row->begins(data, len))
            return row;
    return NULL;
}

/* What is known but not read, and a line of Python, R or the shell that writes what is, with %s for
 * the file. */
typedef struct foreign_file {
    const char *magic;
    size_t len, at; /* where the magic stands */
    const char *what, *way;
} foreign_file;

#define PANDAS(READ)                                                                               \
    "python3 -c 'import pandas; pandas." READ "(\"%s\").to_csv(\"ratings.csv\", index=False)' "    \
    "writes csv"

static const foreign_file foreign[] = {
    {"\x1f\x8b", 2, 0, "gzip data in packed data", "gunzip unpacks the outer one"},
    {"\x28\xb5\x2f\xfd", 4, 0, "zstd data in packed data", "zstd -d unpacks the outer one"},
    {"\xfd\x37zXZ", 6, 0, "xz data in packed data", "xz -d unpacks the outer one"},
    {"BZh91AY&SY", 10, 0, "bzip2 data in packed data", "bunzip2 unpacks the outer one"},
    {"ustar", 5, 257, "a tar archive", "tar -xf %s unpacks its files"},
    {"\xff\xfe", 2, 0, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 %s > ratings.csv writes UTF-8"},
    {"\xfe\xff", 2, 0, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 %s > ratings.csv writes UTF-8"},
    {"\x89HDF", 4, 0, "HDF5", PANDAS("read_hdf")},
    {"PAR1", 4, 0, "Parquet", PANDAS("read_parquet")},
    {"ARROW1", 6, 0, "Feather (Arrow)", PANDAS("read_feather")},
    {"FEA1", 4, 0, "Feather", PANDAS("read_feather")},
    {"ORC", 3, 0, "ORC", PANDAS("read_orc")},
    {"Obj\x01", 4, 0, "Avro",
     "python3 -c 'import fastavro, pandas; pandas.DataFrame(fastavro.reader(open(\"%s\", \"rb\")))"
     ".to_csv(\"ratings.csv\", index=False)' writes csv"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, 0, "an Excel workbook", PANDAS("read_excel")},
    {"MATLAB 5.0 MAT-file", 19, 0, "a MATLAB file",
     "python3 -c 'import scipy.io; scipy.io.mmwrite(\"ratings.mtx\", scipy.io.loadmat(\"%s\")"
     "[\"NAME OF THE MATRIX\"])' writes mtx"},
    {"MATLAB 7.3", 10, 0, "a MATLAB 7.3 file",
     "save('%s', 'NAME', '-v7') in MATLAB writes one that scipy.io.loadmat reads"},
    {"SQLite format 3", 15, 0, "a SQLite database",
     "sqlite3 -header -csv %s 'select user, item, rating from TABLE' > ratings.csv writes csv"},
    {"RDX2\n", 5, 0, "R data",
     "Rscript -e 'load(\"%s\"); write.csv(NAME, \"ratings.csv\")' writes csv"},
    {"RDX3\n", 5, 0, "R data",
     "Rscript -e 'load(\"%s\"); write.csv(NAME, \"ratings.csv\")' writes csv"},
    {"X\n\0\0\0", 5, 0, "R data",
     "Rscript -e 'write.csv(readRDS(\"%s\"), \"ratings.csv\", row.names=FALSE)' writes csv"},
    {"\x80\x02", 2, 0, "a Python pickle", PANDAS("read_pickle")},
    {"\x80\x03", 2, 0, "a Python pickle", PANDAS("read_pickle")},
    {"\x80\x04\x95", 3, 0, "a Python pickle", PANDAS("read_pickle")},
    {"\x80\x05\x95", 3, 0, "a Python pickle", PANDAS("read_pickle")},
};

/* Whether there is a byte that no text has. What begins as text does, "PAR1,i1,3", is none of these
 * files without one. */
static bool is_binary(const char *data, size_t len) {
    enum { LOOKED_AT = 512 };
    for (size_t i = 0; i < len && i < LOOKED_AT; i++)
        if ((unsigned char)data[i] < ' ' &&
            (data[i] == '\0' || strchr("\t\n\r\f", data[i]) == NULL))
            return true;
    return false;
}

/* An empty or odd name of a file stands in the way out as it is; the message is cut where long. */
static mixfill_status refuse_known(const char *path, const char *data, size_t len,
                                   mixfill_error *err) {
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        const foreign_file *f = &foreign[i];
        bool is_text = f->magic[0] >= ' ' && f->magic[0] <= '~';
        if (len < f->at || !starts_with(data + f->at, len - f->at, f->magic, f->len) ||
            (is_text && !is_binary(data, len)))
            continue;
        const char *name = strstr(f->way, "%s");
        int before = name != NULL ? (int)(name - f->way) : (int)strlen(f->way);
        return mixfill_fail(err, MIXFILL_ERR_UNSUPPORTED, 0,
                            "%s: %s is not read, expected text of ratings (%.*s%s%s)", path,
                            f->what, before, f->way, name != NULL ? path : "",
                            name != NULL ? name + 2 : "");
    }
    return MIXFILL_OK;
}

/* ---- by lines ---- */

/* Whether the rows of a header's names would be ratings and not a matrix: it names an item or a
 * rating. */
static bool names_roles(const mixfill_sample *s) {
    mixfill_field fields[MIXFILL_MAX_FIELDS];
    char text[256];
    size_t len = s->line[0].len < sizeof text ? s->line[0].len : sizeof text;
    memcpy(text, s->line[0].text, len);
    int n = mixfill_fields_split(*s->delimiter == ' ' ? "" : s->delimiter, s->quotes, text,
                                 text + len, fields);
    const mixfill_columns named = mixfill_columns_named(fields, n);
    return named.of[MIXFILL_ROLE_RATING] >= 0 ||
           (named.of[MIXFILL_ROLE_ITEM] >= 0 && named.of[MIXFILL_ROLE_USER] >= 0);
}

/* Whether lines that could be records are taken for rows of a matrix all the same: enough columns
 * of one kind, and either nothing but numbers or ids around them. A file of blanks or tabs whose
 * first field is a number is a matrix by the number of its columns alone, as numpy.savetxt writes
 * it. */
static bool is_matrix(const mixfill_matrix_look *look, const mixfill_sample *s) {
    enum { LEAST = 3, LEAST_BARE = 5 };
    bool ids = look->layout.header || look->layout.row_ids;
    if (s->n < 2 + look->layout.header || !look->numbers || !look->alike || look->times ||
        *s->delimiter == ':')
        return false;
    if (!ids)
        return look->columns >= LEAST_BARE && look->holes && !look->row_numbers;
    return look->columns >= LEAST + look->layout.row_ids && look->holes &&
           !(look->layout.header && names_roles(s));
}

/* Records by their first column or by times, though they are many numbers between blanks. */
static bool is_table(const mixfill_matrix_look *look, int lines) {
    return lines > 1 && look->numbers && (look->columns == 2 || look->row_numbers || look->times);
}

/* The format that claims lines; dense where none does. */
static mixfill_format told_by_lines(const mixfill_first_line *line) {
    const mixfill_format_row *row;
    for (size_t i = 0; (row = mixfill_format_row_at(i)) != NULL; i++)
        if (row->claims != NULL && row->claims(line))
            return row->info.format;
    return MIXFILL_FORMAT_DENSE;
}

/* How text is read: its format, unless one is asked for, and what its lines tell of it. */
static mixfill_status look_at_text(mixfill_detected *out, const mixfill_sample *s, bool pairs,
                                   const mixfill_read_options *options, mixfill_error *err) {
    mixfill_matrix_look look;
    mixfill_status st = mixfill_sample_matrix(&look, s, err);
    if (st != MIXFILL_OK)
        return st;
    const mixfill_first_line line = {.text = s->line[0],
                                     .pairs = pairs,
                                     .delimiter = s->delimiter,
                                     .fields = look.fields,
                                     .number = look.number,
                                     .table = is_table(&look, s->n)};
    bool matrix = !pairs && options->columns == NULL && is_matrix(&look, s);
    if (out->detected == MIXFILL_FORMAT_AUTO)
        out->detected = matrix ? MIXFILL_FORMAT_DENSE : told_by_lines(&line);
    out->format = options->format != MIXFILL_FORMAT_AUTO ? options->format : out->detected;
    out->matrix = look.layout;
    out->row_numbers = look.row_numbers;
    out->numbers = look.numbers;
    bool small = look.columns == 4 || (look.columns == 3 && look.zero_third);
    out->small = options->format == MIXFILL_FORMAT_AUTO && options->columns == NULL && !pairs &&
                 s->n > 1 && s->n < MIXFILL_SAMPLE_LINES && !look.layout.header && look.numbers &&
                 look.small && !look.row_numbers && small;
    const mixfill_format_row *row = mixfill_format_row_of(out->format);
    if (row == NULL || row->dialect == NULL)
        return MIXFILL_OK;
    out->dialect = *row->dialect;
    if (options->delimiter != NULL ||
        (out->format == MIXFILL_FORMAT_CSV && mixfill_csv_claims(&line)))
        out->dialect.delimiter = s->delimiter;
    out->dialect.blanks = *out->dialect.delimiter == ' ';
    return MIXFILL_OK;
}

mixfill_status mixfill_detect_format(mixfill_detected *out, mixfill_lines *lines, bool pairs,
                                     const mixfill_read_options *options, mixfill_error *err) {
    const char *data;
    size_t len;
    mixfill_sample sample;
    mixfill_status st = mixfill_lines_peek(lines, &data, &len, MIXFILL_TEXT_SAMPLE, err);
    if (st != MIXFILL_OK)
        return st;
    const mixfill_format_row *row = told_by_bytes(data, len);
    *out = (mixfill_detected){.format = options->format};
    if (row != NULL)
        out->detected = row->info.format;
    if (row != NULL && options->format == MIXFILL_FORMAT_AUTO)
        out->format = out->detected;
    if (row != NULL && (row->load != NULL || out->format == out->detected))
        return MIXFILL_OK;
    st = refuse_known(lines->path, data, len, err);
    if (st != MIXFILL_OK)
        return st;
    size_t mark = mixfill_lines_begin_text(lines, data, len);
    mixfill_sample_take(&sample, data + mark, len - mark, len < MIXFILL_TEXT_SAMPLE,
                        options->delimiter);
    if (sample.n == 0)
        return mixfill_fail(err, MIXFILL_ERR_PARSE, 0, "%s: %s, expected ratings", lines->path,
                            len == 0 ? "empty file" : "nothing but blank or comment lines");
    return look_at_text(out, &sample, pairs, options, err);
}
