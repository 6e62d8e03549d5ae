/* SPDX-License-Identifier: Apache-2.0 */
/* c3_log - lines of the recordings of an ESP32-C3 in ../shared/vectors/c3, made into the bytes that they tell of. */
#ifndef TESTS_SUPPORT_C3_LOG_H
#define TESTS_SUPPORT_C3_LOG_H

#include "tests/support/c3_restore.h"
#include "tests/support/probe_reply.h"

/* "c0..c0" or "c0..c0..(92 bytes)" into the bytes that were sent; false: not known. */
bool c3_sent(const char *s, struct c3_frame *out);
/* "8 x c0..c0 + text '...'" into the bytes that came; false: logged in part, and `want` is what is known in front of that. */
bool c3_wanted(const char *s, struct probe_bytes *want, bool *panic);
/* What stands until that quote, behind what is in `out`; returns where the quote is. */
const char *c3_unquote(const char *s, char quote, struct probe_bytes *out);

#endif /* TESTS_SUPPORT_C3_LOG_H */
