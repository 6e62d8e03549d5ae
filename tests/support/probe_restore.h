/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_restore - long frames of the probe logs were logged in part: the first bytes, and how many there were. What they
 * carried is known all the same: noise of Python's random.Random(5), whose MD5 the logs name, a zlib stream of it, a
 * pattern, or zeros. A candidate is taken only if the logged bytes and the length on the wire are its own.
 */
#ifndef TESTS_SUPPORT_PROBE_RESTORE_H
#define TESTS_SUPPORT_PROBE_RESTORE_H

#include "tests/support/probe_reply.h"

/* `seen`: the logged bytes, made into the `count` bytes that were sent. `label` as in the log. False: not known. */
bool probe_restore(const char *label, struct probe_bytes *seen, size_t count);

#endif /* TESTS_SUPPORT_PROBE_RESTORE_H */
