/* SPDX-License-Identifier: Apache-2.0 */
/* suggest - which known word did the user mean. Pure. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/*
 * The one of `words` (count of them, NULL entries skipped) fewest edits away from `word`: a letter changed, added,
 * left out, or two neighbours swapped. NULL when none is near enough to be worth saying.
 */
const char *suggest_nearest(const char *word, const char *const *words, size_t count);

/*
 * How many such edits lead from one to the other; letters of either case are different ones. Words of more than 32 bytes are
 * far from everything: 32.
 */
size_t suggest_edits(const char *a, const char *b);

#endif /* BASE_SUGGEST_H */
