/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest - SHA-256 (our language) and MD5 (the chip's) of bytes in memory, by libcrypto. Thread safe.
 * libcrypto can only fail here when memory is exhausted; the process then aborts rather than go on without a digest.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE      32
#define SHA256_TEXT_SIZE 65
#define MD5_SIZE         16

void digest_sha256(const void *data, size_t len, uint8_t out[static SHA256_SIZE]);
void digest_md5(const void *data, size_t len, uint8_t out[static MD5_SIZE]);
/* Of the data and the bytes FF that fill them up to `padded`, as erased flash does; len 0: of that much blank flash. */
void digest_md5_padded(const void *data, size_t len, size_t padded, uint8_t out[static MD5_SIZE]);
/* Is it that of `size` bytes FF? */
bool digest_md5_is_blank(size_t size, const uint8_t md5[static MD5_SIZE]);
/* Lower-case hex of `len` bytes; `out` holds 2 * len + 1. */
void digest_hex(const uint8_t *bytes, size_t len, char *out);

#endif /* BASE_DIGEST_H */
