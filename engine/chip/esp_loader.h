/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_loader - one chip's serial loader, the mask ROM's or a stub's, over a transport: one function a command.
 *
 * One thread at a time. Every command has its own time limit (Espressif's, by size where it erases, writes or reads)
 * and ends at once on a cancel. Commands return 0 or a negative errno:
 *   -ETIMEDOUT  no answer in time            -EBADMSG   an answer that cannot be used
 *   -EREMOTEIO  the chip refused: esp_loader_flash_refused() and _block_refused() tell what
 *   -ETIME      the limit of esp_loader_set_limit() has passed
 * and the transport's own errors. After anything but 0 or -EREMOTEIO nobody knows where the chip stands: never send the
 * same again, reset the chip (or esp_loader_resync() where that is impossible) and start the region over.
 */
#ifndef ENGINE_CHIP_ESP_LOADER_H
#define ENGINE_CHIP_ESP_LOADER_H

#include "engine/chip/boot_log.h"
#include "engine/chip/esp_wire.h"

struct clock;
struct esp_loader;
struct esp_target;
struct transport;

/* What GET_SECURITY_INFO says. */
struct esp_security {
    uint32_t flags; /* ESP_SECURITY_.. */
    uint8_t crypt_count;
    bool has_chip; /* else the ROM answers in short */
    uint32_t chip_id, rom_version;
};

/* Flags, the same of all chips (measured on the ESP32-C3: bits 0 to 8 and 10). */
#define ESP_SECURITY_BOOT_ON         (1u << 0)
#define ESP_SECURITY_SECURE_DOWNLOAD (1u << 2)
#define ESP_SECURITY_JTAG_SOFT_OFF   (1u << 6)
#define ESP_SECURITY_JTAG_HARD_OFF   (1u << 7)

#define ESP_SYNC_BAUD 115200u /* the ROM measures the rate of SYNC; its boot text has this one */
/*
 * Plain data to the ROM: 0x400 to 0x1800 were measured exact on the ESP32's mask ROM, 0x2000 is refused. One sector keeps
 * the FF that fill up the last block inside a sector the same BEGIN erases.
 */
#define ESP_ROM_BLOCK  0x1000u
#define ESP_STUB_BLOCK 0x4000u
#define ESP_RAM_BLOCK  0x1800u

/* `t` and `clock` are borrowed. NULL: no memory. */
struct esp_loader *esp_loader_new(struct transport *t, struct clock *clock);
void esp_loader_free(struct esp_loader *l); /* NULL is fine */

bool esp_loader_is_stub(const struct esp_loader *l);
void esp_loader_set_stub(struct esp_loader *l, bool is_stub);
/* Which chip it is, once that is known: what its ROM wants follows from it. NULL after a reset: nobody knows. */
const struct esp_target *esp_loader_target(const struct esp_loader *l);
void esp_loader_set_target(struct esp_loader *l, const struct esp_target *target);
/* Of the last -EREMOTEIO: it is the flash that did not do it, not the line that damaged what was asked. */
bool esp_loader_flash_refused(const struct esp_loader *l);
/* Of the last -EREMOTEIO, by the ROM: the block was damaged on the way; it cannot be sent again. */
bool esp_loader_checksum_refused(const struct esp_loader *l);
/* A stub did not take the block: it was damaged on the way. */
bool esp_loader_block_refused(const struct esp_loader *l);
struct boot_log *esp_loader_log(struct esp_loader *l); /* all that came since it was cleared; borrowed */
struct transport *esp_loader_transport(struct esp_loader *l);
struct clock *esp_loader_clock(struct esp_loader *l);

/* No command begins after `until_us`, so that a chip that answers ever so slowly cannot hold a slot. CLOCK_NEVER: none. */
void esp_loader_set_limit(struct esp_loader *l, int64_t until_us);

/* The chip was reset: forgets the stub, the chip and any half frame, not the boot log. */
void esp_loader_restarted(struct esp_loader *l);
/* One SYNC, answered within `wait_us`. Tells ROM from stub. Swallows the repeated answers. */
int esp_loader_sync(struct esp_loader *l, int64_t wait_us);
/* For boards without reset wiring only: one lone delimiter, then SYNC. */
int esp_loader_resync(struct esp_loader *l);
/* Reads and forgets what comes until `until_us` (into the boot log). 0, or a transport error. */
int esp_loader_listen(struct esp_loader *l, int64_t until_us);
/* Returns 1 as soon as anything came (into the boot log), 0 at `until_us`, or a transport error. */
int esp_loader_hear(struct esp_loader *l, int64_t until_us);

/* -ENOTSUP: this ROM or stub does not know the command. */
int esp_loader_security(struct esp_loader *l, struct esp_security *out);
int esp_loader_read_reg(struct esp_loader *l, uint32_t addr, uint32_t *value);
int esp_loader_write_reg(struct esp_loader *l, uint32_t addr, uint32_t value);
/*
 * Up to ESP_REG_WRITES_MAX of them, address and value, in their order: the ROM takes all in one command (measured on the
 * ESP32's and the ESP32-C3's), a stub one by one (the first version refuses more).
 */
int esp_loader_write_regs(struct esp_loader *l, const uint32_t (*writes)[2], size_t count);

/* `told` is the number sent to the chip; `baud` the port's new rate. They differ for the ROM's crystal quirk. */
int esp_loader_change_baud(struct esp_loader *l, uint32_t told, uint32_t baud);

int esp_loader_spi_attach(struct esp_loader *l, uint32_t pads); /* ROM only */
int esp_loader_spi_set_size(struct esp_loader *l, uint32_t flash_size);

int esp_loader_mem_begin(struct esp_loader *l, uint32_t size, uint32_t addr);
int esp_loader_mem_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len);
/* Starts the program at `entry` and waits for a stub's greeting; then esp_loader_is_stub(). */
int esp_loader_mem_run_stub(struct esp_loader *l, uint32_t entry);

/* Erases sectors; ROM: FLASH_BEGIN without blocks. `size` a multiple of the sector. */
int esp_loader_erase(struct esp_loader *l, uint32_t offset, uint32_t size);

/* Plain data, in blocks of esp_loader_block(l, size); the ROM erases whole sectors in BEGIN, a stub as it writes. */
uint32_t esp_loader_block(const struct esp_loader *l, uint32_t size);
int esp_loader_flash_begin(struct esp_loader *l, uint32_t offset, uint32_t size);
int esp_loader_flash_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len);
/* A zlib stream may be sent: to a stub, and to a ROM whose own inflate writes nothing else (esp_target.h, `rom_inflates`). */
bool esp_loader_takes_streams(const struct esp_loader *l);
uint32_t esp_loader_stream_block(const struct esp_loader *l);
/*
 * A zlib stream of `zsize` bytes that becomes `size` bytes. -ENOTSUP where it takes none: the ESP32's ROM writes whole
 * windows of 32 KiB and so destroys what follows the data (measured on the ROM's own code).
 */
int esp_loader_defl_begin(struct esp_loader *l, uint32_t offset, uint32_t size, uint32_t zsize);
/* `work` is how many bytes the chip may have to write before it answers: the time limit follows from it. */
int esp_loader_defl_block(struct esp_loader *l, uint32_t seq, const uint8_t *data, size_t len, uint32_t work);
/* Returns when everything sent is in flash (stub; nothing to do for the ROM, which answers after writing). */
int esp_loader_write_barrier(struct esp_loader *l, bool deflated, uint32_t work);

int esp_loader_md5(struct esp_loader *l, uint32_t offset, uint32_t size, uint8_t out[static 16]);
int esp_loader_read_flash(struct esp_loader *l, uint32_t offset, uint8_t *out, size_t len);

/*
 * A command's negative errno in words: -EREMOTEIO becomes `refused`, no or a useless answer becomes `lost`, the rest
 * the transport's codes. Returns -1.
 */
int esp_loader_failure(const struct esp_loader *l, struct failure *f, enum stage stage, int rc,
                       enum failure_code lost, enum failure_code refused);

#endif /* ENGINE_CHIP_ESP_LOADER_H */
