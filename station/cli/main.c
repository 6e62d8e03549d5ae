/* SPDX-License-Identifier: Apache-2.0 */
/* main - finds the verb and lets it work. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "station/cli/cmd.h"
#include "station/cli/suggest.h"
#include "station/print/text.h"

static const struct verb verbs[] = {
#define X(name, help) {#name, help, cmd_##name},
    VERBS(X)
#undef X
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static int print_help(FILE *out)
{
    fputs("Flashline " FLASHLINE_VERSION ": flashes and records many boards at once.\n\n"
          "Usage: flashline VERB [OPTION...]      flashline VERB --help tells more\n\n",
          out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
    fputs("\nThe manual is flashline(1).\n", out);
    return EXIT_ALL_PASS;
}

static int refuse_verb(const char *name)
{
    const char *names[VERB_COUNT];

    for (size_t i = 0; i < VERB_COUNT; i++)
        names[i] = verbs[i].name;
    const char *near = suggest_nearest(name, names, VERB_COUNT);
    if (near != NULL)
        fprintf(stderr, "flashline: there is no verb '%s'; did you mean '%s'?\n", name, near);
    else
        fprintf(stderr, "flashline: there is no verb '%s'; 'flashline --help' lists them\n", name);
    return EXIT_USAGE;
}

/*
 * What was said on stdout may not have arrived: a full disk must not look like success to a script. A reader who has
 * seen enough (| head) is no failure.
 */
static int check_output(const char *verb, int code)
{
    struct pollfd p = {.fd = STDOUT_FILENO};

    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    int why = errno;
    if (why == EPIPE || (poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0) || code != EXIT_ALL_PASS)
        return code;
    fprintf(stderr, "flashline %s: the output could not be written%s%s; what it should have said is lost\n",
            verb, why != 0 ? ": " : "", why != 0 ? strerror(why) : "");
    return EXIT_STATION;
}

/*
 * Whoever starts us with one of 0, 1 and 2 closed would have the next file we open get that number, and what is meant
 * for a person written into it. /dev/null takes the place, for reading only: what is written there fails and is told
 * or counted as output that was lost, never as success.
 */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY) != fd)
            _exit(EXIT_STATION); /* nobody could be told */
    }
}

int main(int argc, char **argv)
{
    fill_standard_descriptors(); /* before anything is opened */
    text_init();
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of a write, not the end of a station */

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return check_output(argv[1], print_help(stdout));
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        puts("flashline " FLASHLINE_VERSION);
        return check_output(argv[1], EXIT_ALL_PASS);
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            return check_output(argv[1], verbs[i].run(argc - 1, argv + 1));
    }
    return refuse_verb(argv[1]);
}
