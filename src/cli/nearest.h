/* The name that a mistyped word was meant to be. */
#ifndef MIXFILL_CLI_NEAREST_H
#define MIXFILL_CLI_NEAREST_H

/* Index of the name (of n, none NULL) that the fewest edits make of the word; -1 where none is
 * near: a name that begins with the word, or of which at most a third of the word's letters are
 * edited. The first wins a tie. Words and names of 64 letters or more are near nothing. */
int cli_nearest(const char *word, const char *const *names, int n);

#endif
