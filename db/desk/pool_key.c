/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pool_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"

#define HEAD       "flashline pool key 1 "
#define KEY_SIZE   32
#define NONCE_SIZE 12
#define TAG_SIZE   16

static int cannot(const char *path, const char *doing, int error, struct failure *f)
{
    return failure_set(f, FAIL_POOL, STAGE_NONE, error, "cannot %s the key file %.200s: %s", doing, path,
                       errno_text(error));
}

/* Keyed SHA-256 (RFC 2104). libcrypto can only fail here when memory is exhausted. */
static void keyed(const uint8_t key[static KEY_SIZE], const char *what, const char *text,
                  uint8_t out[static SHA256_SIZE])
{
    char data[POOL_NAME_SIZE + POOL_TEXT_SIZE + 2];
    unsigned size = SHA256_SIZE;
    int length = snprintf(data, sizeof data, "%s\n%s", what, text);

    if (HMAC(EVP_sha256(), key, KEY_SIZE, (const unsigned char *)data, (size_t)length, out, &size) == NULL)
        abort();
    OPENSSL_cleanse(data, sizeof data);
}

static void derive(const uint8_t master[static KEY_SIZE], struct pool_key *key)
{
    uint8_t id[SHA256_SIZE];

    keyed(master, "flashline pool", "id", id);
    memcpy(key->id, id, sizeof key->id);
    keyed(master, "flashline pool", "seal", key->seal);
    keyed(master, "flashline pool", "mark", key->mark);
}

int pool_key_new(const char *path, struct failure *f)
{
    uint8_t master[KEY_SIZE];
    char text[sizeof HEAD + 2 * KEY_SIZE + 1] = HEAD;
    size_t head = sizeof HEAD - 1;

    if (RAND_bytes(master, sizeof master) != 1)
        return failure_set(f, FAIL_POOL, STAGE_NONE, 0, "no random numbers can be had");
    int rc = own_folders_make(path);
    int fd = rc == 0 ? own_file_open_path(path, O_EXCL) : rc;
    if (fd < 0)
        return cannot(path, "make", -fd, f);
    digest_hex(master, sizeof master, text + head);
    text[head + 2 * KEY_SIZE] = '\n';
    rc = file_write_all(fd, text, head + 2 * KEY_SIZE + 1);
    if (close(fd) != 0 && rc == 0)
        rc = -errno;
    rc = rc == 0 ? file_sync(path) : rc;
    OPENSSL_cleanse(master, sizeof master);
    OPENSSL_cleanse(text, sizeof text);
    return rc == 0 ? 0 : cannot(path, "make", -rc, f);
}

static int read_line(const char *path, char *text, size_t size, struct failure *f)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return cannot(path, "read", errno, f);
    ssize_t got = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, text, size - 1) : -1;
    close(fd);
    if (got < 0)
        return failure_set(f, FAIL_POOL, STAGE_NONE, 0, "%.200s is no key file", path);
    text[got] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    if ((st.st_mode & 07) != 0)
        return failure_set(f, FAIL_POOL, STAGE_NONE, EACCES,
                           "others may read the key file %.200s: chmod 600 %.200s", path, path);
    return 0;
}

int pool_key_read(const char *path, struct pool_key *key, struct failure *f)
{
    uint8_t master[KEY_SIZE];
    char text[sizeof HEAD + 2 * KEY_SIZE + 16];
    const size_t head = sizeof HEAD - 1;

    memset(key, 0, sizeof *key);
    if (read_line(path, text, sizeof text, f) != 0)
        return -1;
    bool good = strncmp(text, HEAD, head) == 0 && pool_bytes(text + head, master, sizeof master);
    if (good)
        derive(master, key);
    OPENSSL_cleanse(master, sizeof master);
    OPENSSL_cleanse(text, sizeof text);
    return good ? 0
                : failure_set(f, FAIL_POOL, STAGE_NONE, 0,
                              "%.200s is no key file: flashline pool key new makes one", path);
}

void pool_key_wipe(struct pool_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}

void pool_key_mark(const struct pool_key *key, const char *pool, const char *text,
                   uint8_t mark[static SHA256_SIZE])
{
    keyed(key->mark, pool, text, mark);
}

int pool_key_seal(const struct pool_key *key, const char *pool, const char *text,
                  uint8_t out[static POOL_SEALED_MAX], size_t *size, uint8_t mark[static SHA256_SIZE])
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int length = (int)strlen(text), n = 0;
    uint8_t *body = out + NONCE_SIZE;
    bool good = c != NULL && length < POOL_TEXT_SIZE && RAND_bytes(out, NONCE_SIZE) == 1 &&
                EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->seal, out) == 1 &&
                EVP_EncryptUpdate(c, NULL, &n, (const unsigned char *)pool, (int)strlen(pool)) == 1 &&
                EVP_EncryptUpdate(c, body, &n, (const unsigned char *)text, length) == 1 &&
                EVP_EncryptFinal_ex(c, body + length, &n) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, body + length) == 1;

    EVP_CIPHER_CTX_free(c);
    *size = NONCE_SIZE + (size_t)length + TAG_SIZE;
    pool_key_mark(key, pool, text, mark);
    return good ? 0 : -1;
}

int pool_key_open(const struct pool_key *key, const char *pool, const uint8_t *sealed, size_t size,
                  char text[static POOL_TEXT_SIZE])
{
    uint8_t tag[TAG_SIZE];
    int n = 0;

    text[0] = '\0';
    if (sealed == NULL || size < NONCE_SIZE + TAG_SIZE || size > POOL_SEALED_MAX)
        return -1;
    int length = (int)(size - NONCE_SIZE - TAG_SIZE);
    memcpy(tag, sealed + size - TAG_SIZE, sizeof tag);
    if (length >= POOL_TEXT_SIZE)
        return -1;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c != NULL && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->seal, sealed) == 1 &&
                EVP_DecryptUpdate(c, NULL, &n, (const unsigned char *)pool, (int)strlen(pool)) == 1 &&
                EVP_DecryptUpdate(c, (unsigned char *)text, &n, sealed + NONCE_SIZE, length) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1 &&
                EVP_DecryptFinal_ex(c, (unsigned char *)text + length, &n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!good)
        OPENSSL_cleanse(text, POOL_TEXT_SIZE);
    text[good ? length : 0] = '\0';
    return good ? 0 : -1;
}
