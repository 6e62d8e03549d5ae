/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/setup_ask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
            printf("%s [%s]: ", question, proposed);
        else
            printf("%s: ", question);
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

int setup_ask_yes(const char *question, bool proposed)
{
    for (;;) {
        printf("%s [%s]: ", question, proposed ? "Y/n" : "y/N");
        char *line = read_line();
        if (line == NULL)
            return -1;
        int answer = line[0] == '\0'                                              ? proposed
                     : strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0 ? 1
                     : strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0  ? 0
                                                                                  : -1;
        free(line);
        if (answer >= 0)
            return answer;
        puts("  Say y or n.");
    }
}
