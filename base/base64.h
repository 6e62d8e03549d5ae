/* SPDX-License-Identifier: Apache-2.0 */
/* base64 - bytes as text of RFC 4648, section 4, and back. Pure. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#define BASE64_TEXT_SIZE(n) (((n) + 2) / 3 * 4 + 1)

void base64_text(const uint8_t *bytes, size_t size,
                 char *out); /* BASE64_TEXT_SIZE(size) bytes with the NUL */
/*
 * How many bytes it is, in `out` of `max`; blanks and ends of lines are passed over. -EINVAL: another letter, or cut off;
 * -EMSGSIZE: more than `max`.
 */
ssize_t base64_bytes(const char *text, size_t len, uint8_t *out, size_t max);

#endif /* BASE_BASE64_H */
