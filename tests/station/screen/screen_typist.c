/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screen_typist - a barcode scanner for tmux: screen_typist KEY_US CODE_US < codes | tmux -C attach
 *
 * Every line of the input is a code: its bytes go out one by one, KEY_US apart, then Enter, then CODE_US of rest; the
 * output is tmux's control language. The pace is kept against a clock, so that a slow writer does not add up.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void pause_until(struct timespec *at, int64_t us)
{
    int64_t ns = at->tv_nsec + us * 1000;

    at->tv_sec += ns / 1000000000;
    at->tv_nsec = ns % 1000000000;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL) == EINTR)
        continue;
}

int main(int argc, char **argv)
{
    struct timespec at;
    char code[512];
    int64_t key_us, code_us;

    if (argc != 3) {
        fprintf(stderr, "usage: screen_typist KEY_US CODE_US < codes\n");
        return 2;
    }
    key_us = strtoll(argv[1], NULL, 10);
    code_us = strtoll(argv[2], NULL, 10);
    clock_gettime(CLOCK_MONOTONIC, &at);
    while (fgets(code, sizeof code, stdin)) {
        code[strcspn(code, "\n")] = '\r';
        for (const char *c = code; *c; c++) {
            printf("send-keys -H %02x\n", (unsigned char)*c);
            fflush(stdout);
            pause_until(&at, key_us);
        }
        pause_until(&at, code_us);
    }
    return 0;
}
