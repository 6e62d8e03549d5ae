/* SPDX-License-Identifier: Apache-2.0 */
#include "db/anchor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "db/chain.h"
#include "db/db_private.h"
#include "db/out_file.h"
#include "db/sql.h"

#define MESSAGE_SIZE 256

static int refuse(struct failure *f, const char *path, const char *why)
{
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "%s: %s", path, why);
}

static size_t message(const struct anchor *a, char out[static MESSAGE_SIZE])
{
    char hash[SHA256_TEXT_SIZE];

    digest_hex(a->hash, SHA256_SIZE, hash);
    return (size_t)snprintf(out, MESSAGE_SIZE,
                            "flashline anchor 1\nstation %s\nseq %lld\nhash %s\ntime %lld\n", a->station,
                            (long long)a->seq, hash, (long long)a->at_ms);
}

int anchor_take(struct db *db, struct anchor *a, struct failure *f)
{
    memset(a, 0, sizeof *a);
    db_lock(db);
    sqlite3_stmt *s = sql_prepare(db->h, "SELECT uuid FROM station", "");
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    if (rc == SQLITE_ROW)
        sql_copy_text(s, 0, a->station, sizeof a->station);
    sqlite3_finalize(s);
    if (rc == SQLITE_ROW)
        rc = chain_head(db->h, &a->seq, a->hash);
    a->at_ms = db_wall_ms(db);
    if (rc != SQLITE_OK)
        sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the chain's head", f);
    db_unlock(db);
    return rc == SQLITE_OK ? 0 : -1;
}

/* What others could read, they could sign with. */
static bool is_private(FILE *key)
{
    struct stat st;

    return fstat(fileno(key), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0;
}

static EVP_PKEY *read_key(const char *path, bool private_key, struct failure *f)
{
    FILE *in = fopen(path, "rbe");

    if (in == NULL) {
        refuse(f, path, strerror(errno));
        return NULL;
    }
    if (private_key && !is_private(in)) {
        fclose(in);
        refuse(f, path, "others may read this private key: chmod 600 it, or make a new one");
        return NULL;
    }
    EVP_PKEY *key =
        private_key ? PEM_read_PrivateKey(in, NULL, NULL, NULL) : PEM_read_PUBKEY(in, NULL, NULL, NULL);
    fclose(in);
    if (key == NULL || EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(key);
        refuse(f, path,
               private_key ? "not an Ed25519 private key in PEM form"
                           : "not an Ed25519 public key in PEM form");
        return NULL;
    }
    return key;
}

int anchor_sign(struct anchor *a, const char *path, struct failure *f)
{
    char text[MESSAGE_SIZE];
    size_t len = message(a, text), key_size = sizeof a->public_key, signature_size = sizeof a->signature;
    EVP_PKEY *key = read_key(path, true, f);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (key == NULL) {
        EVP_MD_CTX_free(ctx);
        return -1;
    }
    a->is_signed = ctx != NULL && EVP_PKEY_get_raw_public_key(key, a->public_key, &key_size) == 1 &&
                   EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
                   EVP_DigestSign(ctx, a->signature, &signature_size, (const unsigned char *)text, len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return a->is_signed ? 0 : refuse(f, path, "the key does not sign");
}

int anchor_write(const struct anchor *a, const char *path, struct failure *f)
{
    char text[MESSAGE_SIZE], key[2 * ANCHOR_KEY_SIZE + 1], signature[2 * ANCHOR_SIGNATURE_SIZE + 1];
    uint8_t sha256[SHA256_SIZE];
    uint64_t bytes;
    struct out_file *o = out_file_new(NULL, path, f);

    if (o == NULL)
        return -1;
    message(a, text);
    out_file_text(o, text);
    if (a->is_signed) {
        digest_hex(a->public_key, sizeof a->public_key, key);
        digest_hex(a->signature, sizeof a->signature, signature);
        out_file_format(o, "public %s\nsignature %s\n", key, signature);
    }
    return out_file_commit(o, &bytes, sha256, f);
}

static int from_hex(const char *text, uint8_t *out, size_t len)
{
    unsigned value;

    if (strlen(text) != 2 * len || strspn(text, "0123456789abcdef") != 2 * len)
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        sscanf(text + 2 * i, "%2x", &value);
        out[i] = (uint8_t)value;
    }
    return 0;
}

int anchor_read(struct anchor *a, const char *path, struct failure *f)
{
    char hash[72] = "", key[72] = "", signature[136] = "", text[768];
    long long seq, at_ms;
    FILE *in = fopen(path, "rbe");

    memset(a, 0, sizeof *a);
    if (in == NULL)
        return refuse(f, path, strerror(errno));
    size_t len = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[len] = '\0';
    int n = sscanf(
        text,
        "flashline anchor 1\nstation %39s\nseq %lld\nhash %71s\ntime %lld\npublic %71s\nsignature %135s",
        a->station, &seq, hash, &at_ms, key, signature);
    if ((n != 4 && n != 6) || from_hex(hash, a->hash, SHA256_SIZE) != 0)
        return refuse(f, path, "not an anchor");
    a->seq = seq;
    a->at_ms = at_ms;
    a->is_signed = n == 6;
    if (a->is_signed && (from_hex(key, a->public_key, sizeof a->public_key) != 0 ||
                         from_hex(signature, a->signature, sizeof a->signature) != 0))
        return refuse(f, path, "not an anchor: its signature is cut");
    return 0;
}

static int check_signature(const struct anchor *a, const char *public_key, struct failure *f)
{
    char text[MESSAGE_SIZE];
    size_t len = message(a, text);
    EVP_PKEY *key = public_key != NULL
                        ? read_key(public_key, false, f)
                        : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, a->public_key, ANCHOR_KEY_SIZE);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (key == NULL) {
        EVP_MD_CTX_free(ctx);
        return public_key != NULL ? -1 : refuse(f, "anchor", "its public key is no key");
    }
    bool good =
        ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(ctx, a->signature, sizeof a->signature, (const unsigned char *)text, len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good ? 0
                : refuse(f, "anchor",
                         "the signature does not fit: it was changed, or signed with another key");
}

/* The link of that number here, or the end of an archive that ends there. */
static int check_link(struct db *db, const struct anchor *a, struct failure *f)
{
    char text[96];
    sqlite3_stmt *s = sql_prepare(db->h,
                                  "SELECT hash FROM chain WHERE seq = ?1 UNION ALL"
                                  " SELECT last_hash FROM archive WHERE last_seq = ?1",
                                  "l", a->seq);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    bool same = rc == SQLITE_ROW && sqlite3_column_bytes(s, 0) == SHA256_SIZE &&
                memcmp(sqlite3_column_blob(s, 0), a->hash, SHA256_SIZE) == 0;

    sqlite3_finalize(s);
    if (same || a->seq == 0)
        return 0;
    if (rc == SQLITE_ROW)
        snprintf(text, sizeof text, "record %lld is another one: the chain was rewritten", (long long)a->seq);
    else
        snprintf(text, sizeof text,
                 "record %lld is not here: the end was cut off, or it lies inside an archive",
                 (long long)a->seq);
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? refuse(f, "anchor", text)
               : sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the chain", f);
}

int anchor_check(struct db *db, const struct anchor *a, const char *public_key, struct failure *f)
{
    struct anchor here;

    if (a->is_signed || public_key != NULL) {
        if (!a->is_signed)
            return refuse(f, "anchor", "it is not signed");
        if (check_signature(a, public_key, f) != 0)
            return -1;
    }
    if (anchor_take(db, &here, f) != 0)
        return -1;
    if (strcmp(here.station, a->station) != 0)
        return refuse(f, "anchor", "it belongs to another station's database");
    db_lock(db);
    int rc = check_link(db, a, f);
    db_unlock(db);
    return rc;
}
