/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/or_fail.h"
#include "tests/support/served_tray.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

void served_tray_init(struct served_tray *s, int boards)
{
    const struct sim_tray_config tray = {.count = boards, .revision = 1, .seed = 1};
    int ends[2];

    s->tray = sim_tray_new_or_fail(&tray);
    assert_int_equal(pipe(ends), 0);
    s->stop_fd = ends[0];
    s->stop_writer = ends[1];
}

void served_tray_start(struct served_tray *s, void *(*serve)(void *server), void *server)
{
    assert_int_equal(pthread_create(&s->thread, NULL, serve, server), 0);
}

void served_tray_stop(struct served_tray *s, const void *server)
{
    void *result;

    assert_int_equal(write(s->stop_writer, "", 1), 1);
    assert_int_equal(pthread_join(s->thread, &result), 0);
    assert_ptr_equal(result, server);
}

void served_tray_done(struct served_tray *s)
{
    sim_tray_free(s->tray);
    close(s->stop_fd);
    close(s->stop_writer);
}
