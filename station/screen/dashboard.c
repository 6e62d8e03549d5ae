/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: wait, collect, draw. The only file that reads keys and refreshes the screen. */
#include "station/screen/dashboard.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "station/screen/dashboard_bell.h"
#include "station/screen/dashboard_keys.h"
#include "station/screen/dashboard_state.h"
#include "station/screen/dashboard_terminal.h"
#include "station/screen/view/view.h"
#include "station/print/text.h"

#define REDRAW_US 100000  /* ten a second at most */
#define BUSY_US   200000  /* progress and seconds left while boards run */
#define IDLE_US   1000000 /* the clock in the header */
#define REVIEW_US 2000000 /* the records are asked again while a view shows them */

static void take_signals(struct dashboard *d)
{
    struct signalfd_siginfo info;

    while (read(d->config->signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM)
            dashboard_stop(d, stop_request_take(&d->stop, (int)info.ssi_signo, clock_monotonic_us()),
                           info.ssi_signo == SIGINT);
        else if (info.ssi_signo == SIGHUP)
            dashboard_end_with(d, DASHBOARD_LOST);
        else if (info.ssi_signo == SIGWINCH)
            d->resized = true;
    }
}

static void take_events(struct dashboard *d)
{
    struct slot_event e;

    while (d->desk->next(d->desk->ctx, &e)) {
        model_event(&d->model, &e);
        if (e.kind != EVENT_PROGRESS)
            d->dirty = true;
        if (e.kind == EVENT_RESULT)
            d->stale = true;
    }
}

/* Everything that waits is read before anything is judged: keys that came together belong together. */
static void take_keys(struct dashboard *d)
{
    struct input_event e;
    wint_t code;
    int kind;

    while ((kind = get_wch(&code)) != ERR) {
        if (kind == KEY_CODE_YES && code == KEY_RESIZE)
            continue;
        if (kind == KEY_CODE_YES && code == KEY_ENTER) {
            kind = OK;
            code = '\r';
        }
        input_feed(&d->input, (int32_t)code, kind == KEY_CODE_YES, clock_monotonic_us());
        while (input_ready(&d->input) && input_next(&d->input, clock_monotonic_us(), &e))
            dashboard_input(d, &e);
    }
    while (input_next(&d->input, clock_monotonic_us(), &e))
        dashboard_input(d, &e);
}

/* The selection follows what is urgent until the operator moves it. */
static void follow(struct dashboard *d)
{
    int urgent = model_urgent(&d->model);

    if (!d->selected_hand && urgent >= 0 && d->view == VIEW_TRAY && !dialog_is_open(d))
        d->selected = urgent;
    if (d->selected >= d->model.count)
        d->selected = d->model.count > 0 ? d->model.count - 1 : 0;
}

static void collect(struct dashboard *d)
{
    int64_t now = clock_monotonic_us();
    const struct view *view = view_of(d->view);
    struct desk_look look;

    d->desk->look(d->desk->ctx, &look, d->model.slots);
    model_seed(&d->model);
    model_serials(&d->model, look.serials);
    model_count(&d->model, &look.run);
    d->wall_ms = dashboard_wall_ms(d);
    d->station = look.station;
    if (look.station.without_run)
        d->station.lot_good += d->model.run.passed;
    d->draining = d->draining || look.draining;
    follow(d);
    if (view->collect && (d->stale || now - d->reviewed_us >= REVIEW_US)) {
        view->collect(d);
        d->reviewed_us = now;
        d->stale = false;
    }
    bell_watch(d);
}

#define LEAST_ROWS 10 /* below this, or LEAST_COLS, there is no room for tiles */
#define LEAST_COLS 40

/* Even on a few cells: how it stands, and that there is more to see. */
static void draw_too_small(struct dashboard *d)
{
    const struct canvas *c = &d->canvas;

    draw_textf(c, 0, 0, c->cols, ROLE_STRONG, _("busy %d  PASS %ld  not passed %ld"),
               model_running(&d->model), d->model.run.passed, d->model.run.not_passed);
    view_tray_hidden(d, (struct box){1, 0, 1, c->cols});
    if (dialog_is_open(d)) { /* a question that nobody sees must not wait for a key */
        draw_text(c, 2, 0, c->cols, ROLE_STRONG, d->dialog.title);
        draw_wrapped(c, (struct box){3, 0, c->rows - 3, c->cols}, ROLE_TEXT, d->dialog.text);
        return;
    }
    draw_wrapped(
        c, (struct box){2, 0, c->rows - 2, c->cols}, ROLE_TEXT,
        _("This window is too small for the tray: make it 80 x 24 or larger. Boards go on as before."));
}

static void draw(struct dashboard *d)
{
    struct canvas *c = &d->canvas;

    if (d->resized) {
        terminal_measure(&c->rows, &c->cols);
        clearok(stdscr, TRUE);
        d->resized = false;
    }
    /* What a dialog had covered half of, a letter of two columns, ncurses does not draw anew by itself. */
    if (dialog_is_open(d) != d->dialog_before)
        clearok(stdscr, TRUE);
    d->dialog_before = dialog_is_open(d);
    erase();
    if (c->rows < LEAST_ROWS || c->cols < LEAST_COLS) {
        draw_too_small(d);
    } else {
        view_frame_header(d, dashboard_header(d));
        view_of(d->view)->draw(d, dashboard_body(d));
        view_dialog_draw(d, dashboard_body(d));
        view_frame_footer(d, dashboard_footer(d));
    }
    terminal_refresh();
    d->dirty = false;
}

static int poll_timeout(const struct dashboard *d, int64_t drawn_us)
{
    int64_t now = clock_monotonic_us();
    int64_t due = drawn_us + (d->dirty || d->resized         ? REDRAW_US
                              : model_running(&d->model) > 0 ? BUSY_US
                                                             : IDLE_US);
    int64_t key = input_deadline(&d->input);

    if (key < due)
        due = key;
    if (due <= now)
        return 0;
    return (int)((due - now) / 1000 + 1);
}

static bool is_redraw_due(const struct dashboard *d, int64_t drawn_us)
{
    int64_t passed = clock_monotonic_us() - drawn_us;

    if (d->dirty || d->resized)
        return passed >= REDRAW_US;
    return passed >= (model_running(&d->model) > 0 ? BUSY_US : IDLE_US);
}

static bool is_done(const struct dashboard *d)
{
    struct desk_look look;

    d->desk->look(d->desk->ctx, &look, NULL);
    return look.done;
}

static void loop(struct dashboard *d)
{
    int64_t drawn_us = clock_monotonic_us() - IDLE_US;
    struct pollfd fds[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},      {.fd = d->config->signal_fd, .events = POLLIN},
        {.fd = d->desk->event_fd, .events = POLLIN}, {.events = POLLOUT},
        {.fd = d->desk->word_fd, .events = POLLIN},
    };

    while (!d->over) {
        bool done = is_done(d);

        if (is_redraw_due(d, drawn_us) || done) {
            take_events(d); /* what the records noticed has no event of its own that would wake us */
            collect(d);
            /* A terminal that takes nothing holds up nothing: when it does again it gets the newest state. */
            if (!terminal_waits())
                draw(d);
            drawn_us = clock_monotonic_us();
        }
        if (done) {
            take_events(d);
            dashboard_end_with(d, DASHBOARD_DONE);
            break;
        }
        fds[3].fd = terminal_waits() ? terminal_fd() : -1;
        if (poll(fds, sizeof fds / sizeof fds[0], poll_timeout(d, drawn_us)) < 0 && errno != EINTR)
            break;
        if (fds[3].fd >= 0 && fds[3].revents)
            terminal_push();
        if (fds[1].revents)
            take_signals(d);
        if (fds[2].revents || fds[4].revents)
            take_events(d);
        if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
            dashboard_end_with(d, DASHBOARD_LOST);
        else
            take_keys(d);
    }
}

static void prepare(struct dashboard *d, const struct dashboard_config *config)
{
    *d = (struct dashboard){
        .config = config,
        .desk = config->desk,
        .view = VIEW_TRAY,
        .dirty = true,
    };
    d->canvas.theme = &d->theme;
    input_init(&d->input, config->scan_prefix);
}

enum dashboard_end dashboard_run(const struct dashboard_config *config, char why[static DASHBOARD_WHY_SIZE])
{
    struct dashboard d;

    why[0] = '\0';
    prepare(&d, config);
    d.review = calloc(1, sizeof *d.review);
    if (!d.review || model_init(&d.model, config->desk->slot_count) != 0) {
        snprintf(why, DASHBOARD_WHY_SIZE, "%s", _("out of memory"));
        free(d.review);
        return DASHBOARD_UNUSABLE;
    }
    if (terminal_open(why, DASHBOARD_WHY_SIZE) != 0) {
        model_free(&d.model);
        free(d.review);
        return DASHBOARD_UNUSABLE;
    }
    theme_init(&d.theme, config->mono, config->ascii);
    terminal_measure(&d.canvas.rows, &d.canvas.cols);
    loop(&d);
    if (d.end == DASHBOARD_LOST && !config->desk->is_far)
        dashboard_act(&d, DESK_DRAIN, 0);
    terminal_close(d.end == DASHBOARD_LOST);
    dialog_close(&d);
    model_free(&d.model);
    free(d.review);
    return d.end;
}
