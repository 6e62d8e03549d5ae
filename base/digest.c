/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

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

void digest_md5_padded(const void *data, size_t len, size_t padded, uint8_t out[static MD5_SIZE])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t blank[1024];
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;

    if (good && len > 0)
        good = EVP_DigestUpdate(ctx, data, len) == 1;
    memset(blank, 0xff, sizeof blank);
    for (size_t left = padded > len ? padded - len : 0; good && left > 0;) {
        size_t n = left < sizeof blank ? left : sizeof blank;

        good = EVP_DigestUpdate(ctx, blank, n) == 1;
        left -= n;
    }
    if (!good || EVP_DigestFinal_ex(ctx, out, NULL) != 1)
        abort();
    EVP_MD_CTX_free(ctx);
}

bool digest_md5_is_blank(size_t size, const uint8_t md5[static MD5_SIZE])
{
    uint8_t blank[MD5_SIZE];

    digest_md5_padded(NULL, 0, size, blank);
    return memcmp(md5, blank, MD5_SIZE) == 0;
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
