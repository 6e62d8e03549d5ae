/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

static void digest(const EVP_MD *type, const void *data, size_t len, uint8_t *out)
{
    if (EVP_Digest(data, len, out, NULL, type, NULL) != 1)
        abort();
}

void digest_sha256(const void *data, size_t len, uint8_t out[static SHA256_SIZE])
{
    digest(EVP_sha256(), data, len, out);
}

void digest_md5(const void *data, size_t len, uint8_t out[static MD5_SIZE])
{
    digest(EVP_md5(), data, len, out);
}

void digest_hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}
