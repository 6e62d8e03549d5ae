/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/dashboard_bell.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "station/screen/dashboard_state.h"

extern char **environ;

/*
 * Runs the configured command beside us: its output must not reach the screen, and our blocked signals must not be
 * its. Nobody waits for it here; it is reaped at a later redraw.
 */
static void run_command(struct dashboard *d, const char *what)
{
    const char *argv[] = {"sh", "-c", d->config->bell_command, "flashline", what, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t pid;

    if (posix_spawn_file_actions_init(&files) != 0)
        return;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return;
    }
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, "/bin/sh", &files, &attributes, (char *const *)argv, environ) == 0 &&
        d->bell_count < BELLS_MAX)
        d->bells[d->bell_count++] = pid;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
}

static void reap(struct dashboard *d)
{
    int kept = 0;

    for (int i = 0; i < d->bell_count; i++) {
        if (waitpid(d->bells[i], NULL, WNOHANG) == 0)
            d->bells[kept++] = d->bells[i];
    }
    d->bell_count = kept;
}

static void ring(struct dashboard *d, const char *what)
{
    if (d->config->bell_command && d->config->bell_command[0])
        run_command(d, what);
    else
        beep();
}

static bool is_stopped(const struct dashboard *d)
{
    for (int i = 0; i < d->model.count; i++) {
        const struct slot_status *s = &d->model.slots[i];

        if (face_is_stopped(s) || s->failure.code == FAIL_RECORD)
            return true;
    }
    return false;
}

void bell_watch(struct dashboard *d)
{
    int running = model_running(&d->model);
    bool stopped = is_stopped(d);

    if (d->bell_count > 0)
        reap(d);
    if (stopped && !d->stopped_before)
        ring(d, "stop");
    else if (running == 0 && d->running_before > 0)
        ring(d, "batch");
    d->running_before = running;
    d->stopped_before = stopped;
}
