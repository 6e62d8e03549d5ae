/* SPDX-License-Identifier: Apache-2.0 */
/*
 * served_tray - a tray of virtual boards and the thread in which a server of foreign clients serves it. Asserts on
 * failure. A test that starts one counts as a test in which threads meet (tests/CMakeLists.txt).
 */
#ifndef TESTS_SUPPORT_SERVED_TRAY_H
#define TESTS_SUPPORT_SERVED_TRAY_H

#include <pthread.h>

#include "sim/board/sim_tray.h"

struct served_tray {
    struct sim_tray *tray;
    int stop_fd; /* the server ends when this can be read: hand it to the server */
    int stop_writer;
    pthread_t thread;
};

/* Boards of revision 1, number 1 to `boards`. Nothing is served yet. */
void served_tray_init(struct served_tray *s, int boards);
/* Runs serve(server) in a thread; it must return when stop_fd can be read, `server` when it ended as it should. */
void served_tray_start(struct served_tray *s, void *(*serve)(void *server), void *server);
void served_tray_stop(struct served_tray *s, const void *server); /* joins the thread */
void served_tray_done(struct served_tray *s);                     /* after the server itself is freed */

#endif /* TESTS_SUPPORT_SERVED_TRAY_H */
