/* Text, tables and figures of an HTML page, written straight to a stream. Ids, titles and names of
 * files come from anywhere: they pass html_text, and nothing else of theirs reaches the page. What
 * the program itself says is HTML already. Failures are the stream's to remember. */
#include "cli/html.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>

/* Colours are variables with a dark value each, contrast at least 4.5 to 1 for text; "one" and
 * "two" are blue and orange, which the colour-blind tell apart. The page prints without links and
 * folds. */
const char html_style[] =
    ":root{color-scheme:light dark;--bg:#fff;--text:#1c2126;--muted:#59636e;--line:#d9dee3;"
    "--one:#2764a9;--two:#b3541a;--bar:#d3e2f2;--down:#f3ddcc}\n"
    "@media (prefers-color-scheme:dark){:root{--bg:#15181b;--text:#e3e6e9;--muted:#99a3ad;"
    "--line:#363d44;--one:#79b4f0;--two:#eca76c;--bar:#28415c;--down:#533a26}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 3rem;background:var(--bg);"
    "color:var(--text);font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:0;overflow-wrap:anywhere}\n"
    "h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-top:1.25rem;"
    "border-top:1px solid var(--line)}\n"
    "h3{font-size:1rem;margin:2rem 0 .5rem}\n"
    "h3 span{font-weight:normal;color:var(--muted);margin-left:.5rem}\n"
    "p{max-width:44rem;margin:.5rem 0;overflow-wrap:anywhere}\n"
    "a{color:var(--one)}\n"
    ".lead,.note,footer{color:var(--muted)}\n"
    "nav ul,.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;"
    "margin:1rem 0 0}\n"
    "dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.9rem 1.25rem;"
    "margin:1rem 0}\n"
    "dt{color:var(--muted);font-size:.85rem}\n"
    "dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\n"
    ".columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));"
    "gap:1.5rem 2.5rem;align-items:start}\n"
    "figure{margin:1rem 0;max-width:29rem;min-width:0}\n"
    "figcaption{font-weight:600;margin-bottom:.35rem}\n"
    "svg{display:block;width:100%;height:auto}\n"
    "svg text{font:11px system-ui,sans-serif;fill:var(--muted)}\n"
    ".middle{text-anchor:middle}.end{text-anchor:end}\n"
    ".grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--muted);stroke-width:1}\n"
    ".line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n"
    ".line.one{stroke:var(--one)}.line.two{stroke:var(--two)}\n"
    ".line.ideal{stroke:var(--muted);stroke-width:1.25;stroke-dasharray:4 4}\n"
    "rect.one,circle.one{fill:var(--one)}circle.two{fill:var(--two)}circle{stroke:var(--bg)}\n"
    ".legend{margin:.35rem 0 0;font-size:.85rem;color:var(--muted)}\n"
    ".key{display:inline-block;width:.7rem;height:.7rem;border-radius:.15rem;margin-right:.4rem}\n"
    ".key.one{background:var(--one)}.key.two{background:var(--two)}\n"
    ".key.ideal{height:0;width:1.1rem;border-top:2px dashed var(--muted);border-radius:0;"
    "vertical-align:.25rem}\n"
    "details{margin:.4rem 0 0;font-size:.9rem}\n"
    "summary{cursor:pointer;color:var(--muted)}\n"
    ".scroll{overflow:auto;max-height:22rem}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem;"
    "font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;color:var(--muted);padding:.25rem 0;font-size:.85rem}\n"
    "#baselines{max-width:44rem}\n"
    "th,td{padding:.2rem .6rem .2rem 0;text-align:right;vertical-align:top;"
    "border-bottom:1px solid var(--line);font-weight:normal}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    "thead th{color:var(--muted);font-size:.85rem;vertical-align:bottom}\n"
    "th:first-child{text-align:left;overflow-wrap:anywhere}\n"
    "td{white-space:nowrap}\n"
    "td.bar{width:34%;padding-left:.25rem}td.bar span{display:block;height:.8rem;margin:.3rem 0;"
    "border-radius:.15rem;background:var(--bar)}\n"
    "tr.this td.bar span{background:var(--one)}tr.this th,tr.this td{font-weight:600}\n"
    "td i{display:inline-block;height:.7rem;border-radius:.15rem;margin-right:.5rem;"
    "background:var(--bar)}td.down i{background:var(--down)}\n"
    "footer{margin-top:3rem;font-size:.85rem}\n"
    "@media print{nav,summary{display:none}}\n";

/* ---- text ---- */

/* Bytes of the UTF-8 sequence that begins here, 0 where none does. */
static size_t sequence_length(const unsigned char *s) {
    /* By length: a code that a shorter sequence could hold is an overlong form, which is refused.
     */
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80             ? 1
               : (s[0] & 0xe0) == 0xc0 ? 2
               : (s[0] & 0xf0) == 0xe0 ? 3
               : (s[0] & 0xf8) == 0xf0 ? 4
                                       : 0;
    unsigned long code = n > 1 ? s[0] & (0x7fu >> n) : s[0];
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    return n == 0 || code < least[n] || code > 0x10ffff || surrogate || control ? 0 : n;
}

/* The entity of what HTML would take for markup, in text and in attributes alike; NULL for the
 * rest. */
static const char *escape_of(char c) {
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Byte by byte where it is no UTF-8, so that one bad byte costs one character and not the rest. */
void html_text(FILE *out, const char *text) {
    while (*text != '\0') {
        size_t n = sequence_length((const unsigned char *)text);
        const char *escape = escape_of(*text);
        if (escape != NULL)
            fputs(escape, out);
        else if (n == 0)
            fputs("\xef\xbf\xbd", out); /* U+FFFD */
        else
            fwrite(text, 1, n, out);
        text += n > 0 ? n : 1;
    }
}

/* ---- numbers ---- */

/* A comma before every group of three digits. */
const char *html_count_text(char out[HTML_COUNT], int64_t n) {
    char digits[HTML_COUNT];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n), used = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}

void html_count(FILE *out, int64_t n) {
    char text[HTML_COUNT];
    fputs(html_count_text(text, n), out);
}

/* Digits after the point only where there are not many before it. */
static void write_size(FILE *out, double x, int digits) {
    const double many = 1e12;
    if (fabs(x) < many)
        fprintf(out, "%.*f", digits, fabs(x));
    else
        fprintf(out, "%.4g", fabs(x));
}

/* U+2212 for minus: a hyphen is narrower than a plus, and columns would not line up. */
void html_signed(FILE *out, double x) {
    fputs(x < 0 ? "\xe2\x88\x92" : "+", out);
    write_size(out, x, 2);
}

/* A number that is not finite stays blank: "nan" says nothing to a reader. */
void html_number_cell(FILE *out, double x, int digits) {
    fputs("<td>", out);
    if (isfinite(x)) {
        fputs(x < 0 ? "\xe2\x88\x92" : "", out);
        write_size(out, x, digits);
    }
    fputs("</td>", out);
}

/* share: 0 to 1, NaN where there is nothing to be a share of. */
void html_percent_cell(FILE *out, double share) {
    fputs("<td>", out);
    if (isfinite(share))
        fprintf(out, "%.1f %%", 100 * share);
    fputs("</td>", out);
}

void html_count_cell(FILE *out, int64_t n) {
    fputs("<td>", out);
    html_count(out, n);
    fputs("</td>", out);
}

/* Cut at HTML_TEXT bytes; callers give numbers and short words. */
void html_fact(FILE *out, const char *name, const char *format, ...) {
    char text[HTML_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(out, "<div><dt>%s</dt><dd>", name);
    html_text(out, text);
    fputs("</dd></div>\n", out);
}

void html_count_fact(FILE *out, const char *name, int64_t n) {
    char text[HTML_COUNT];
    html_fact(out, name, "%s", html_count_text(text, n));
}

/* The caller closes it. */
void html_section(FILE *out, const char *id, const char *title) {
    fprintf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

void html_figure_begin(FILE *out, const char *id, const char *caption) {
    fprintf(out, "<figure id=\"%s\">\n<figcaption>%s</figcaption>\n", id, caption);
}

/* A swatch of each mark's style beside its name. */
void html_legend(FILE *out, const char *const *styles, const char *const *names) {
    fputs("<ul class=\"legend\">", out);
    for (; *styles != NULL; styles++, names++)
        fprintf(out, "<li><span class=\"key %s\"></span>%s</li>", *styles, *names);
    fputs("</ul>\n", out);
}

/* Folded: the plot is for most, the numbers for who asks. The table scrolls within the figure. */
void html_numbers_begin(FILE *out, const char *caption, const char *const *columns) {
    fprintf(out,
            "<details><summary>Numbers</summary><div class=\"scroll\"><table>\n"
            "<caption>%s</caption>\n<thead><tr>",
            caption);
    for (; *columns != NULL; columns++)
        fprintf(out, "<th scope=\"col\">%s</th>", *columns);
    fputs("</tr></thead>\n<tbody>\n", out);
}

void html_numbers_end(FILE *out) {
    fputs("</tbody></table></div></details>\n</figure>\n", out);
}
