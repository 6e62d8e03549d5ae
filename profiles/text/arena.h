/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - memory that lives and dies together: everything a loaded job points into. One owner, no locks; once filled
 * it may be read by every thread.
 */
#ifndef PROFILES_TEXT_ARENA_H
#define PROFILES_TEXT_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);    /* NULL: out of memory. Caller owns: arena_free() */
void arena_free(struct arena *a); /* NULL is fine */
void *arena_alloc(struct arena *a,
                  size_t size); /* zeroed; size 0 gives a valid pointer; NULL: out of memory */
char *arena_text(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif /* PROFILES_TEXT_ARENA_H */
