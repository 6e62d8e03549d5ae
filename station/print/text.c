/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/text.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_DOMAIN "flashline"

/* The locale people asked for, by the order POSIX gives the variables. "" when none is set. */
static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return value;
    }
    return "";
}

/*
 * A small Debian has no locale but C.UTF-8. Someone who asks for de_DE.UTF-8 there still gets German: the catalogue
 * needs no locale data, only a LANGUAGE and any locale but "C".
 */
static void fall_back(void)
{
    char language[32];
    const char *wanted = wanted_locale();

    if (!strcasestr(wanted, "utf-8") && !strcasestr(wanted, "utf8"))
        return;
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return;
    snprintf(language, sizeof language, "%s", wanted);
    language[strcspn(language, ".@")] = '\0';
    setenv("LANGUAGE", language, 0);
}

/* Installed: PREFIX/bin and PREFIX/share/locale, or what CMake was told. Built: build/X/flashline and build/X/locale. */
static void bind_catalogue(void)
{
    static const char *const places[] = {"/locale", "/../locale", ("/" FLASHLINE_LOCALE_FROM_BIN)};
    char exe[PATH_MAX - 32], path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *slash;

    if (n <= 0)
        return;
    exe[n] = '\0';
    slash = strrchr(exe, '/');
    if (!slash)
        return;
    *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(path, sizeof path, "%s%s", exe, places[i]);
        if (access(path, X_OK) == 0) {
            bindtextdomain(TEXT_DOMAIN, path);
            return;
        }
    }
}

void text_init(void)
{
    if (!setlocale(LC_ALL, ""))
        fall_back();
    /* Figures are written and read the same everywhere. */
    setlocale(LC_NUMERIC, "C");
    bind_catalogue();
    bind_textdomain_codeset(TEXT_DOMAIN, "UTF-8");
    textdomain(TEXT_DOMAIN);
}
