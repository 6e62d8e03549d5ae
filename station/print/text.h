/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - the one catalogue of what people read on the screen: gettext domain "flashline", always UTF-8.
 *
 * The language is the environment's (LANGUAGE, LC_ALL, LC_MESSAGES, LANG); English stands in the source.
 */
#ifndef STATION_PRINT_TEXT_H
#define STATION_PRINT_TEXT_H

#include <libintl.h>

/* Sets the locale and finds the catalogue. Call once, before other threads start; a second call does no harm. */
void text_init(void);

/* NOLINTNEXTLINE(bugprone-reserved-identifier): gettext's own name for it, which every translator's tool knows */
#define _(s)  gettext(s)
#define N_(s) (s) /* marks a text that is translated where it is used */

#endif /* STATION_PRINT_TEXT_H */
