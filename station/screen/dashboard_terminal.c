/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "base/errno_text.h"
#include "station/print/text.h"
#include "station/screen/dashboard_frame.h"

static const int fatal_signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
#define LAST_MS     1000 /* without a byte taken */
#define FATAL_COUNT (sizeof fatal_signals / sizeof fatal_signals[0])

/*
 * A handler of a fatal signal gets no context, so what it needs stands here: the one exception to "no mutable
 * statics". Written by terminal_open/close only, while no handler is installed.
 */
static struct {
    volatile sig_atomic_t open;
    struct termios saved;
    SCREEN *screen;
    struct frame frame;
    int out; /* the frame's own way to the terminal, which never waits */
    struct sigaction before[FATAL_COUNT];
    char restore[256]; /* leaves the alternate screen, shows the cursor, resets colours */
    size_t restore_length;
} terminal;

static void on_fatal(int number)
{
    if (terminal.open) {
        /* Only calls that are safe in a handler. */
        (void)!write(terminal.out, terminal.restore, terminal.restore_length);
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.saved);
        terminal.open = 0;
    }
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        if (fatal_signals[i] == number)
            sigaction(number, &terminal.before[i], NULL);
    }
    raise(number);
}

static void append_text(const char *text)
{
    size_t n = strlen(text);

    if (terminal.restore_length + n >= sizeof terminal.restore)
        return;
    memcpy(terminal.restore + terminal.restore_length, text, n);
    terminal.restore_length += n;
}

static void append_capability(const char *name)
{
    const char *cap = tigetstr(name);

    if (cap && cap != (char *)-1)
        append_text(cap);
}

/*
 * Ctrl-Z would stop every slot's thread in mid-write, Ctrl-backslash would kill the station, Ctrl-S would freeze the screen:
 * none of them may be within reach of a sleeve. Ctrl-C stays a signal: it drains even when the screen is stuck.
 */
static void tame_keys(void)
{
    struct termios t;

    cbreak();
    if (tcgetattr(STDIN_FILENO, &t) != 0)
        return;
    t.c_cc[VSUSP] = t.c_cc[VQUIT] = _POSIX_VDISABLE;
    t.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
    tcsetattr(STDIN_FILENO, TCSANOW, &t);
    def_prog_mode();
}

static void guard_crashes(void)
{
    struct sigaction action = {.sa_handler = on_fatal};

    terminal.restore_length = 0;
    append_text(terminal.frame.end);
    append_capability("sgr0");
    append_capability("cnorm");
    append_capability("rmkx");
    append_capability("rmcup");
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal_signals[i], &action, &terminal.before[i]);
}

/* True when the terminal can place the cursor and clear: less is a printer. */
static bool check_term(char *why, size_t why_size)
{
    const char *term = getenv("TERM");
    int error = 0;
    bool can_move;
    char *move;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        snprintf(why, why_size, "%s", _("standard input or output is not a terminal"));
        return false;
    }
    if (!term || !*term) {
        snprintf(why, why_size, "%s",
                 _("TERM is not set: set it to your terminal's name, as in TERM=xterm-256color"));
        return false;
    }
    if (setupterm(term, STDOUT_FILENO, &error) != OK) {
        snprintf(why, why_size,
                 _("TERM=%s is not known on this machine: try TERM=xterm-256color or TERM=linux"), term);
        return false;
    }
    move = tigetstr("cup");
    can_move = move && move != (char *)-1;
    del_curterm(cur_term);
    if (!can_move)
        snprintf(why, why_size, _("TERM=%s cannot place its cursor: it cannot show the tray"), term);
    return can_move;
}

/* ncurses on the terminal, through `terminal.frame`. */
static int start_curses(char *why, size_t why_size)
{
    int error = frame_open(&terminal.frame, STDOUT_FILENO);

    if (error != 0) {
        snprintf(why, why_size, _("the terminal cannot be opened: %s"), errno_text(-error));
        return -1;
    }
    terminal.screen = newterm(NULL, terminal.frame.out, stdin);
    if (terminal.screen)
        return 0;
    frame_close(&terminal.frame);
    snprintf(why, why_size, "%s", _("ncurses cannot use this terminal"));
    return -1;
}

int terminal_open(char *why, size_t why_size)
{
    if (!check_term(why, why_size))
        return -1;
    if (tcgetattr(STDIN_FILENO, &terminal.saved) != 0) {
        snprintf(why, why_size, _("the terminal's settings cannot be read: %s"), errno_text(errno));
        return -1;
    }
    if (start_curses(why, why_size) != 0)
        return -1;
    terminal.out = frame_fd(&terminal.frame);
    terminal.open = 1;
    noecho();
    nonl();
    tame_keys();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, TRUE);
    typeahead(-1); /* a key that waits must not leave a frame half drawn */
    set_escdelay(25);
    frame_gather(&terminal.frame);
    curs_set(0);
    guard_crashes();
    return 0;
}

void terminal_refresh(void)
{
    refresh();
    frame_send(&terminal.frame);
}

bool terminal_waits(void)
{
    return frame_waits(&terminal.frame);
}

int terminal_fd(void)
{
    return frame_fd(&terminal.frame);
}

void terminal_push(void)
{
    frame_push(&terminal.frame);
}

/* Until the terminal has taken what waits. False: it takes nothing. */
static bool is_taken(void)
{
    struct pollfd p = {.fd = frame_fd(&terminal.frame), .events = POLLOUT};

    while (frame_waits(&terminal.frame)) {
        if (poll(&p, 1, LAST_MS) <= 0)
            return false;
        frame_push(&terminal.frame);
    }
    return true;
}

void terminal_close(bool lost)
{
    if (!terminal.open)
        return;
    if (lost) {
        /* endwin() would write to a terminal that may now belong to nobody; its settings died with it. */
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null >= 0) {
            dup2(null, STDIN_FILENO);
            dup2(null, STDOUT_FILENO);
            if (isatty(STDERR_FILENO) || errno == EIO)
                dup2(null, STDERR_FILENO);
            close(null);
        }
    }
    curs_set(1);
    endwin();
    if (!lost && is_taken()) { /* who asked for an end does not wait for a stopped terminal */
        frame_send(&terminal.frame);
        is_taken();
    }
    delscreen(terminal.screen);
    frame_close(&terminal.frame);
    terminal.screen = NULL;
    if (!lost)
        tcsetattr(STDIN_FILENO, TCSANOW,
                  &terminal.saved); /* not TCSADRAIN: that waits for a stopped terminal */
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal_signals[i], &terminal.before[i], NULL);
    terminal.open = 0;
}

void terminal_measure(int *rows, int *cols)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
        (size.ws_row != LINES || size.ws_col != COLS))
        resizeterm(size.ws_row, size.ws_col);
    *rows = LINES > 0 ? LINES : 1;
    *cols = COLS > 0 ? COLS : 1;
}
