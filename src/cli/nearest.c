/* Edits are counted by the optimal string alignment: a letter left out, put in, taken for another,
 * or swapped with its neighbour counts one. */
#include "cli/nearest.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_LETTERS = 64 };

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Edits that make b of a, both shorter than MAX_LETTERS. d[i][j] are those of their first i and j
 * letters. */
static int count_edits(const char *a, const char *b) {
    int d[MAX_LETTERS][MAX_LETTERS];
    int n = (int)strlen(a), m = (int)strlen(b);
    for (int i = 0; i <= n; i++)
        d[i][0] = i;
    for (int j = 0; j <= m; j++)
        d[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            d[i][j] = least(d[i - 1][j], d[i][j - 1]) + 1;
            d[i][j] = least(d[i][j], d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

int cli_nearest(const char *word, const char *const *names, int n) {
    int nearest = -1, fewest = MAX_LETTERS;
    size_t length = strlen(word);
    for (int i = 0; length > 0 && length < MAX_LETTERS && i < n; i++) {
        if (strlen(names[i]) >= MAX_LETTERS)
            continue;
        int edits = count_edits(word, names[i]);
        bool near = 3 * edits <= (int)length || strncmp(word, names[i], length) == 0;
        if (near && edits < fewest) {
            nearest = i;
            fewest = edits;
        }
    }
    return nearest;
}
