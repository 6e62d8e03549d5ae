/* SPDX-License-Identifier: Apache-2.0 */
#include "db/care/anchor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/errno_text.h"
#include "base/out_file.h"
#include "db/open/db_inside.h"
#include "db/open/journal.h"
#include "db/open/sql.h"
#include "db/record/chain.h"

#define MESSAGE_SIZE 512

static int refuse(struct failure *f, const char *path, const char *why)
{
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0, "%s: %s", path, why);
}

static size_t message(const struct anchor *a, char out[static MESSAGE_SIZE])
{
    char hash[SHA256_TEXT_SIZE], journal[SHA256_TEXT_SIZE];

    digest_hex(a->hash, SHA256_SIZE, hash);
    digest_hex(a->journal, SHA256_SIZE, journal);
    if (!a->has_journal)
        return (size_t)snprintf(out, MESSAGE_SIZE,
                                "flashline anchor 1\nstation %s\nseq %lld\nhash %s\ntime %lld\n", a->station,
                                (long long)a->seq, hash, (long long)a->at_ms);
    return (size_t)snprintf(
        out, MESSAGE_SIZE,
        "flashline anchor 2\nstation %s\nseq %lld\nhash %s\njournal %lld\njournal_hash %s\nopened %lld\ntime %lld\n",
        a->station, (long long)a->seq, hash, (long long)a->journal_seq, journal, (long long)a->opened,
        (long long)a->at_ms);
}

/* SQLite's own count of attempts ever numbered. */
static int read_opened(sqlite3 *h, int64_t *opened)
{
    int rc = sql_int(h, opened, 0, "SELECT seq FROM sqlite_sequence WHERE name = 'attempt'", "");

    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int read_heads(sqlite3 *h, struct anchor *a)
{
    sqlite3_stmt *s = sql_prepare(h, "SELECT uuid FROM station", "");
    int rc = s == NULL ? sqlite3_errcode(h) : sqlite3_step(s);

    if (rc == SQLITE_ROW)
        sql_copy_text(s, 0, a->station, sizeof a->station);
    sqlite3_finalize(s);
    if (rc == SQLITE_ROW)
        rc = chain_head(h, &a->seq, a->hash);
    if (rc == SQLITE_OK)
        rc = journal_head(h, &a->journal_seq, a->journal);
    a->has_journal = a->journal_seq != 0; /* an archive has none */
    return rc == SQLITE_OK ? read_opened(h, &a->opened) : rc;
}

/* In one read transaction: chain and journal must be of the same moment. */
int anchor_take(struct db *db, struct anchor *a, struct failure *f)
{
    memset(a, 0, sizeof *a);
    db_lock(db);
    int rc = sql_script(db->h, "BEGIN");
    if (rc == SQLITE_OK) {
        rc = read_heads(db->h, a);
        sql_script(db->h, "ROLLBACK");
    }
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
        refuse(f, path, errno_text(errno));
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

/* Signature lines, the last two of either form; false: there are others there. */
static bool read_signature(struct anchor *a, const char *text)
{
    char key[72] = "", signature[136] = "";
    int n = sscanf(text, "public %71s\nsignature %135s", key, signature);

    a->is_signed = n == 2;
    return (n <= 0 && text[0] == '\0') ||
           (n == 2 && from_hex(key, a->public_key, sizeof a->public_key) == 0 &&
            from_hex(signature, a->signature, sizeof a->signature) == 0);
}

static bool read_message(struct anchor *a, const char *text, size_t *end)
{
    char hash[72] = "", journal[72] = "", again[MESSAGE_SIZE];
    long long seq = 0, entries = 0, opened = 0, at_ms = 0;
    int n = sscanf(text, "flashline anchor 1\nstation %39s\nseq %lld\nhash %71s\ntime %lld", a->station, &seq,
                   hash, &at_ms);

    a->has_journal = n != 4;
    if (a->has_journal)
        n = sscanf(text,
                   "flashline anchor 2\nstation %39s\nseq %lld\nhash %71s\njournal %lld\njournal_hash %71s\n"
                   "opened %lld\ntime %lld",
                   a->station, &seq, hash, &entries, journal, &opened, &at_ms);
    if (n != (a->has_journal ? 7 : 4) || from_hex(hash, a->hash, SHA256_SIZE) != 0 ||
        (a->has_journal && from_hex(journal, a->journal, SHA256_SIZE) != 0))
        return false;
    a->seq = seq;
    a->journal_seq = entries;
    a->opened = opened;
    a->at_ms = at_ms;
    /* Read one way only: what was signed is what is checked. */
    *end = message(a, again);
    return strncmp(text, again, *end) == 0;
}

int anchor_read(struct anchor *a, const char *path, struct failure *f)
{
    char text[1024];
    size_t end = 0;
    FILE *in = fopen(path, "rbe");

    memset(a, 0, sizeof *a);
    if (in == NULL)
        return refuse(f, path, errno_text(errno));
    size_t len = fread(text, 1, sizeof text - 1, in);
    fclose(in);
    text[len] = '\0';
    if (!read_message(a, text, &end))
        return refuse(f, path, "not an anchor");
    return read_signature(a, text + end) ? 0 : refuse(f, path, "not an anchor: its signature is cut");
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

/*
 * Is there a row, and does it carry the anchor's hash? `what`: "record" or "journal entry". SQL answers at most one column.
 */
static int check_hash(struct db *db, const char *sql, const char *what, int64_t seq,
                      const uint8_t hash[static SHA256_SIZE], struct failure *f)
{
    char text[128];
    sqlite3_stmt *s = sql_prepare(db->h, sql, "l", seq);
    int rc = s == NULL ? sqlite3_errcode(db->h) : sqlite3_step(s);
    bool same = rc == SQLITE_ROW && sqlite3_column_bytes(s, 0) == SHA256_SIZE &&
                memcmp(sqlite3_column_blob(s, 0), hash, SHA256_SIZE) == 0;

    sqlite3_finalize(s);
    if (same || seq == 0)
        return 0;
    if (rc == SQLITE_ROW)
        snprintf(text, sizeof text, "%s %lld is another one: what was recorded until then was rewritten",
                 what, (long long)seq);
    else
        snprintf(text, sizeof text, "%s %lld is not here: the end was cut off, or it lies inside an archive",
                 what, (long long)seq);
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? refuse(f, "anchor", text)
               : sql_failure(db->h, rc, FAIL_DB_OPEN, STAGE_NONE, "read the chain", f);
}

/* The link of that number here, the end of an archive, or its entry in the journal when an archive took it. */
static int check_links(struct db *db, const struct anchor *a, const struct anchor *here, struct failure *f)
{
    if (check_hash(
            db,
            "SELECT hash FROM chain WHERE seq = ?1 UNION ALL SELECT last_hash FROM archive WHERE last_seq = ?1"
            " UNION ALL SELECT digest FROM journal WHERE tbl = 'chain' AND \"row\" = ?1",
            "record", a->seq, a->hash, f) != 0)
        return -1;
    if (!a->has_journal)
        return 0;
    if (check_hash(db, "SELECT hash FROM journal WHERE seq = ?", "journal entry", a->journal_seq, a->journal,
                   f) != 0)
        return -1;
    return here->opened >= a->opened ? 0 : refuse(f, "anchor", "attempts that were open then are gone");
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
    int rc = check_links(db, a, &here, f);
    db_unlock(db);
    return rc;
}
