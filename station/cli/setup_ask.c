/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/setup_ask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "station/print/prose.h"

/* A line without blanks at its ends; caller frees. NULL: no more input. */
static char *read_line(void)
{
    char *line = NULL, *from, *to;
    size_t room = 0;

    fflush(stdout);
    if (getline(&line, &room, stdin) < 0) {
        free(line);
        putchar('\n');
        return NULL;
    }
    for (from = line; isspace((unsigned char)*from); from++)
        ;
    for (to = from + strlen(from); to > from && isspace((unsigned char)to[-1]); to--)
        ;
    *to = '\0';
    memmove(line, from, (size_t)(to - from) + 1);
    return line;
}

int setup_ask(const char *question, const char *proposed, char *out, size_t size)
{
    for (;;) {
        if (proposed[0] != '\0')
            prose_print(stdout, 2, "%s [%s]: ", question, proposed);
        else
            prose_print(stdout, 2, "%s: ", question);
        char *line = read_line();
        if (line == NULL)
            return -1;
        int len = snprintf(out, size, "%s", line[0] != '\0' ? line : proposed);
        free(line);
        if (len >= 0 && (size_t)len < size)
            return 0;
        printf("  That is too long: at most %zu bytes.\n", size - 1);
    }
}

void setup_ask_enter(void)
{
    free(read_line());
}

/* Which of `words` was said: "yes", or its first letter; Enter: `proposed`. -1: no more input. */
static int ask_word(const char *question, const char *shown, const char *const *words, int proposed)
{
    for (;;) {
        prose_print(stdout, 2, "%s [%s]: ", question, shown);
        char *line = read_line();
        if (line == NULL)
            return -1;
        int answer = line[0] == '\0' ? proposed : -1;
        for (int i = 0; words[i] != NULL && answer < 0; i++)
            if (strcasecmp(line, words[i]) == 0 ||
                (line[1] == '\0' && tolower((unsigned char)line[0]) == words[i][0]))
                answer = i;
        free(line);
        if (answer >= 0)
            return answer;
        printf("  Say y or n%s.\n", words[SETUP_ASK_BACK] != NULL ? ", or b" : "");
    }
}

int setup_ask_yes(const char *question, bool proposed)
{
    static const char *const words[] = {"no", "yes", NULL};

    return ask_word(question, proposed ? "Y/n" : "y/N", words, proposed);
}

int setup_ask_confirm(const char *question)
{
    static const char *const words[] = {[0] = "no", [1] = "yes", [SETUP_ASK_BACK] = "back", [3] = NULL};

    return ask_word(question, "Y/n/b", words, 1);
}
