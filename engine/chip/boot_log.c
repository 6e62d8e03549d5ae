/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/boot_log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/firmware/chip_kind.h"

/* Strap bits in "boot:0xNN" of the ESP32, which does not say who it is; other chips' are others. */
#define STRAP_GPIO2  0x08u
#define STRAP_GPIO0  0x10u
#define STRAP_GPIO12 0x20u

/* Fewer bytes than this prove nothing: a line that is opened gives a stray byte or two. */
#define ENOUGH_BYTES 4

void boot_log_clear(struct boot_log *b)
{
    memset(b, 0, sizeof *b);
}

static void append(struct boot_log *b, char c)
{
    if (b->len == sizeof b->text) {
        memmove(b->text, b->text + sizeof b->text / 2, sizeof b->text / 2);
        b->len = sizeof b->text / 2;
    }
    b->text[b->len++] = c;
}

/* The strap value of the last "boot:0xNN" heard; false when there is none. */
static bool last_straps(const struct boot_log *b, unsigned *straps)
{
    static const char mark[] = "boot:0x";
    bool found = false;

    for (size_t i = 0; i + sizeof mark < b->len; i++) {
        const char *at = b->text + i;
        if (memcmp(at, mark, sizeof mark - 1) != 0)
            continue;
        char hex[3] = {0};
        const char *digits = at + sizeof mark - 1;
        for (int k = 0; k < 2 && digits + k < b->text + b->len && isxdigit((unsigned char)digits[k]); k++)
            hex[k] = digits[k];
        if (hex[0] != '\0') {
            *straps = (unsigned)strtoul(hex, NULL, 16);
            found = true;
        }
    }
    return found;
}

/* A boot line is whole: was it a reset by hand, with the jumper in place? */
static void count_boot(struct boot_log *b)
{
    static const char power_on[] = "POWERON_RESET";
    size_t begin = b->len - 1;
    unsigned straps;

    while (begin > 0 && b->text[begin - 1] != '\n')
        begin--;
    const char *line = b->text + begin;
    size_t len = b->len - begin;
    if (memmem(line, len, "boot:0x", 7) == NULL || memmem(line, len, power_on, sizeof power_on - 1) == NULL)
        return;
    if (last_straps(b, &straps) && (straps & STRAP_GPIO0) == 0)
        b->held_boots++;
}

void boot_log_feed(struct boot_log *b, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool text =
            (bytes[i] >= 0x20 && bytes[i] < 0x7F) || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t';

        if (text)
            b->printable++;
        else
            b->garbage++;
        append(b, (char)(text ? bytes[i] : 0x01));
        if (bytes[i] == '\n')
            count_boot(b);
    }
}

static const char *find_text(const struct boot_log *b, const char *what)
{
    return memmem(b->text, b->len, what, strlen(what));
}

/* The chip that says who it is; NULL: none does, or none that is known. */
static const struct chip_kind *said_chip(const struct boot_log *b)
{
    static const char mark[] = "ESP-ROM:";
    const char *at = find_text(b, mark);
    char name[16];
    size_t n = 0;

    for (at = at != NULL ? at + sizeof mark - 1 : NULL;
         at != NULL && at + n < b->text + b->len && isalnum((unsigned char)at[n]) && n < sizeof name - 1; n++)
        name[n] = at[n];
    name[n] = '\0';
    return n > 0 ? chip_kind_by_name(name) : NULL;
}

static bool is_first_chip(const struct boot_log *b)
{
    return find_text(b, "ESP-ROM:") == NULL;
}

static const char *boot_pin(const struct boot_log *b)
{
    const struct chip_kind *kind = said_chip(b);

    return kind != NULL ? kind->boot_pin : is_first_chip(b) ? chip_kind_first()->boot_pin : "the boot pin";
}

static bool says_brownout(const struct boot_log *b)
{
    return find_text(b, "rownout") != NULL || find_text(b, "BROWN_OUT") != NULL ||
           find_text(b, "rst:0xf ") != NULL;
}

static bool says_download(const struct boot_log *b, bool has_straps, unsigned straps)
{
    if (find_text(b, "waiting for download") != NULL || find_text(b, "DOWNLOAD_BOOT") != NULL ||
        find_text(b, "UART_BOOT") != NULL || find_text(b, "UART0_BOOT") != NULL ||
        find_text(b, "DOWNLOAD(") != NULL || find_text(b, " download(secure mode)") != NULL)
        return true;
    return is_first_chip(b) && has_straps && find_text(b, "FLASH_BOOT") == NULL &&
           (straps & (STRAP_GPIO0 | STRAP_GPIO2)) == 0;
}

enum boot_sign boot_log_sign(const struct boot_log *b)
{
    unsigned straps = 0;
    bool has_straps = last_straps(b, &straps);

    if (says_brownout(b))
        return BOOT_BROWNOUT;
    /* An erased board says "flash read err" too; only the GPIO12 strap (1.8 V to a 3.3 V flash) makes it the cause. */
    if (is_first_chip(b) && find_text(b, "flash read err") != NULL && has_straps && (straps & STRAP_GPIO12))
        return BOOT_READ_ERR;
    if (says_download(b, has_straps, straps))
        return BOOT_DOWNLOAD;
    if (has_straps || find_text(b, "flash read err") != NULL)
        return BOOT_FLASH;
    if (b->printable + b->garbage < ENOUGH_BYTES)
        return BOOT_SILENT;
    return b->garbage * 4 > b->printable ? BOOT_NOISE : BOOT_TEXT;
}

bool boot_log_has_banner(const struct boot_log *b)
{
    switch (boot_log_sign(b)) {
    case BOOT_SILENT:
    case BOOT_NOISE:
    case BOOT_TEXT:
        return false;
    default:
        return true;
    }
}

uint64_t boot_log_heard(const struct boot_log *b)
{
    return b->printable + b->garbage;
}

static bool has_since(const struct boot_log *b, uint64_t since, const char *what)
{
    uint64_t new = boot_log_heard(b) - since;
    size_t len = new < b->len ? (size_t) new : b->len;

    return memmem(b->text + b->len - len, len, what, strlen(what)) != NULL;
}

bool boot_log_begins(const struct boot_log *b, uint64_t since)
{
    return has_since(b, since, "rst:0x") || has_since(b, since, "ESP-ROM:");
}

/* "waiting for download", "wait uart download(secure mode)", "wait uart0 download". */
bool boot_log_waits(const struct boot_log *b, uint64_t since)
{
    return has_since(b, since, "\nwait");
}

int boot_log_failure(const struct boot_log *b, struct failure *f)
{
    const enum stage stage = STAGE_CONNECT;

    if (find_text(b, "Download boot modes disabled") != NULL)
        return failure_set(f, FAIL_DOWNLOAD_DISABLED, stage, 0,
                           "it says that its download modes are disabled");
    switch (boot_log_sign(b)) {
    case BOOT_SILENT:
        break;
    case BOOT_NOISE:
        return failure_set(f, FAIL_NOISE, stage, 0, "bytes came, but neither text nor an answer to SYNC");
    case BOOT_TEXT:
        return failure_set(f, FAIL_WRONG_BOOT_MODE, stage, 0, "a program talks instead of the bootloader");
    case BOOT_FLASH:
        if (b->held_boots > 0)
            return failure_set(
                f, FAIL_WRONG_BOOT_MODE, stage, 0,
                "it started from flash although GPIO0 was low at reset: another pin of the boot mode is "
                "wrong, or its download mode is burned off (308)");
        return failure_set(f, FAIL_WRONG_BOOT_MODE, stage, 0,
                           "it started from flash%s: %s was not low at reset",
                           find_text(b, "flash read err") != NULL || find_text(b, "invalid header") != NULL
                               ? ", which holds no bootloader"
                               : "",
                           boot_pin(b));
    case BOOT_READ_ERR:
        return failure_set(f, FAIL_FLASH_READ_ERR, stage, 0,
                           "it says 'flash read err' with GPIO12 high at reset");
    case BOOT_DOWNLOAD:
        return failure_set(f, FAIL_TX_PATH, stage, 0,
                           "it says it waits for download, but no SYNC was answered");
    case BOOT_BROWNOUT:
        return failure_set(f, FAIL_BROWNOUT, stage, 0, "it says it was reset by low voltage");
    }
    return failure_set(f, FAIL_NO_SYNC, stage, 0, "not a byte came from the board");
}
