/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record - what is known of one attempt on one unit. Plain data, by value; text fields are UTF-8, NUL terminated.
 *
 * The engine fills these, a recorder stores them, neither knows the other. Sizes in bytes, times as named.
 */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/failure.h"
#include "base/mac.h"

enum attempt_kind { ATTEMPT_PRODUCTION, ATTEMPT_REWORK, ATTEMPT_TRAINING };
const char *attempt_kind_name(enum attempt_kind k); /* "PRODUCTION"; static storage */

/* Known before the port is opened. Who works on which lot, and the scanned serial, are the desk's: db/desk/duty.h. */
struct attempt_start {
    enum attempt_kind kind;
    int slot;                /* 1.. as labelled on the fixture */
    char port[96];           /* transport URI: "ftdi:1-4.2:B", "tty:/dev/ttyUSB0", "sim:3" */
    char adapter_serial[64]; /* "" when unknown */
    char job_name[64];
    uint8_t job_sha256[SHA256_SIZE];
    char firmware_version[64];
    char firmware_source[128]; /* file name of the archive or image, without folders */
    uint8_t firmware_sha256[SHA256_SIZE];
};

#define EFUSE_TEXT_SIZE 640

/* Known after IDENTIFY. Revision is major * 100 + minor: 300 is v3.0. */
struct unit_identity {
    struct mac mac;      /* base MAC from eFuse: the unit's name, by which a duplicate is one */
    bool has_custom_mac; /* its owner burnt a MAC of his own beside it */
    struct mac custom_mac;
    bool has_eui64; /* the chip's maker burnt the longer form too, which 802.15.4 uses */
    uint8_t eui64[EUI64_SIZE];
    char chip[32]; /* "ESP32-D0WD-V3" */
    int revision;
    uint32_t flash_id; /* JEDEC: manufacturer in bits 7:0, type 15:8, capacity 23:16, as RDID returns them */
    uint32_t flash_size; /* bytes */
    int crystal_mhz;
    uint32_t security; /* SECURITY_* bits */
    /* Public fields of the eFuses, "NAME=value NAME=value"; never key material. "": not read. */
    char efuse[EFUSE_TEXT_SIZE];
};

#define SECURITY_FLASH_ENCRYPTED   (1u << 0)
#define SECURITY_SECURE_BOOT_V1    (1u << 1)
#define SECURITY_SECURE_BOOT_V2    (1u << 2)
#define SECURITY_DOWNLOAD_DISABLED (1u << 3)
#define SECURITY_JTAG_DISABLED     (1u << 4)

#define BACKUP_SIZE 4096 /* one flash sector */

enum backup_kind { BACKUP_IDENTITY, BACKUP_BOOT_SECTOR }; /* in the records: CONFIG, BOOT_SECTOR */

/* One sector read before anything is erased. Secrets may be inside: never logged, never exported. */
struct backup {
    enum backup_kind kind;
    uint32_t offset; /* in flash */
    uint8_t data[BACKUP_SIZE];
    uint8_t sha256[SHA256_SIZE];
};

#define EVIDENCE_SIZE 256 /* last wire bytes of a failure, per direction, to be looked at */

struct line_counts {
    uint32_t overrun, parity, framing;
};

/* Known at the end. */
struct attempt_result {
    enum result result;
    struct failure failure; /* code FAILURE_NONE when result is PASS */
    int retries;            /* starts over, of a region or the board; > 0 with PASS is "pass after retry" */
    uint32_t baud;          /* rate used for writing, as really made by the adapter; 0: never reached */
    bool used_stub;
    char stub_note[96];               /* why the ROM was used instead of the stub; "" */
    bool has_stub_sha256;             /* a stub of ours was started on this board */
    uint8_t stub_sha256[SHA256_SIZE]; /* of the code and data uploaded: what vouched for the flash */
    int chip_resets;                  /* times the chip was found to have restarted by itself */
    bool has_identity_left; /* the identity sector could not be put back; its MD5 as the board was left */
    uint8_t identity_left_md5[MD5_SIZE];
    bool has_unit_data; /* bytes that are this unit's alone were written and verified, or were to be */
    uint8_t unit_data_sha256[SHA256_SIZE]; /* of all of them */
    uint64_t bytes_written;                /* image bytes, uncompressed */
    uint64_t
        bytes_unchanged; /* of them not written: they stood there already. Not stored: the job's less these */
    uint64_t bytes_wire; /* both directions */
    int64_t duration_us; /* by the slot's clock */
    int64_t stage_us[STAGE_COUNT];
    struct line_counts line;
    uint16_t tx_evidence_len, rx_evidence_len; /* oldest byte first */
    uint8_t tx_evidence[EVIDENCE_SIZE], rx_evidence[EVIDENCE_SIZE];
    /* All of it, of a failure: a block of base/wire_record.h. The engine's, valid during recorder.close(); NULL: none. */
    const uint8_t *wire;
    size_t wire_len;
};

#endif /* BASE_RECORD_H */
