/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_chip.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "engine/port/transport.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/esp_image.h"

#define MHZ 1000000u

#define SPI_CMD 0x00

#define USR_COMMAND  (1u << 31)
#define USR_MISO     (1u << 28)
#define CMD_USR      (1u << 18)
#define COMMAND_BITS 8u
#define RDID         0x9Fu
#define RDID_BITS    24u
#define POLLS        10

#define REVISION_3 300

/* One decoding: what was read, and of which chip. */
struct reading {
    const struct esp_target *t;
    const uint32_t *words;
};

static uint32_t field(const struct reading *r, enum fuse f)
{
    return esp_target_fuse(r->t, f, r->words);
}

static void put_mac(uint32_t low, uint32_t high, struct mac *out)
{
    const uint8_t bytes[6] = {(uint8_t)(high >> 8), (uint8_t)high,       (uint8_t)(low >> 24),
                              (uint8_t)(low >> 16), (uint8_t)(low >> 8), (uint8_t)low};

    memcpy(out->bytes, bytes, sizeof bytes);
}

static void decode_mac(const struct reading *r, struct esp_chip *out)
{
    struct mac *mac = &out->unit.mac;
    uint32_t ext = field(r, FUSE_MAC_EXT);

    put_mac(field(r, FUSE_MAC_LOW), field(r, FUSE_MAC_HIGH), mac);
    out->mac_crc_ok = r->t->fuse[FUSE_MAC_CRC].part[0].width == 0 || mac_crc8(mac) == field(r, FUSE_MAC_CRC);
    out->unit.has_eui64 = r->t->fuse[FUSE_MAC_EXT].part[0].width > 0;
    if (!out->unit.has_eui64)
        return;
    memcpy(out->unit.eui64, mac->bytes, 3);
    out->unit.eui64[3] = (uint8_t)(ext >> 8);
    out->unit.eui64[4] = (uint8_t)ext;
    memcpy(out->unit.eui64 + 5, mac->bytes + 3, 3);
}

/* What the owner burnt: without checksum and version anything may stand there, and only what could be a board's is taken. */
static void decode_custom_mac(const struct reading *r, struct unit_identity *u)
{
    uint32_t first = field(r, FUSE_CUSTOM_FIRST), last = field(r, FUSE_CUSTOM_LAST);
    const struct mac mac = {{(uint8_t)first, (uint8_t)(first >> 8), (uint8_t)(first >> 16), (uint8_t)last,
                             (uint8_t)(last >> 8), (uint8_t)(last >> 16)}};
    bool marked = r->t->fuse[FUSE_CUSTOM_VERSION].part[0].width > 0;

    u->has_custom_mac =
        !mac_is_blank(&mac) && !mac_is_multicast(&mac) &&
        (!marked || (field(r, FUSE_CUSTOM_VERSION) == 1 && field(r, FUSE_CUSTOM_CRC) == mac_crc8(&mac)));
    if (u->has_custom_mac)
        u->custom_mac = mac;
}

static int decode_revision(const struct reading *r)
{
    uint32_t major = field(r, FUSE_MAJOR), minor = field(r, FUSE_MINOR);

    if (r->t->early_layout_is_first && minor % 8 == 0 && field(r, FUSE_BLOCK_MAJOR) == 1 &&
        field(r, FUSE_BLOCK_MINOR) == 1)
        return 0;
    if (r->t->major_of_code != NULL)
        major = r->t->major_of_code[major];
    return (int)(major * 100 + minor);
}

static void decode_name(const struct reading *r, int revision, char *out, size_t size)
{
    uint32_t package = field(r, r->t->named_by_psram ? FUSE_PSRAM : FUSE_PACKAGE),
             single = field(r, FUSE_SINGLE_CORE), flash = field(r, FUSE_FLASH);

    snprintf(out, size, "%s (package %u)", esp_target_kind(r->t)->title, package);
    for (size_t i = 0; i < TARGET_PACKAGES && r->t->packages[i].name != NULL; i++) {
        const struct package_name *p = &r->t->packages[i];

        if (p->package == package && revision >= p->from &&
            (p->single_core < 0 || (uint32_t)p->single_core == single) &&
            (p->flash < 0 || (uint32_t)p->flash == flash))
            snprintf(out, size, "%s", p->name);
    }
}

/* What the eFuses say; GET_SECURITY_INFO, where the chip knows it, says some of it once more. */
static uint32_t decode_security(const struct reading *r, int revision, const struct esp_chip *c)
{
    bool obeyed = !r->t->revised_security || revision >= REVISION_3;
    uint32_t flags = c->has_security ? c->security.flags : 0, s = 0;

    /* Each write of this counter flips encryption: an odd number of bits means on. */
    if (__builtin_parity(field(r, FUSE_CRYPT_COUNT)) ||
        (c->has_security && __builtin_parity(c->security.crypt_count)))
        s |= SECURITY_FLASH_ENCRYPTED;
    if (obeyed && field(r, FUSE_DOWNLOAD_OFF))
        s |= SECURITY_DOWNLOAD_DISABLED;
    if (field(r, FUSE_SECURE_BOOT_V1))
        s |= SECURITY_SECURE_BOOT_V1;
    if ((obeyed && field(r, FUSE_SECURE_BOOT)) || (flags & ESP_SECURITY_BOOT_ON))
        s |= SECURITY_SECURE_BOOT_V2;
    if (field(r, FUSE_JTAG_OFF) || (flags & (ESP_SECURITY_JTAG_SOFT_OFF | ESP_SECURITY_JTAG_HARD_OFF)))
        s |= SECURITY_JTAG_DISABLED;
    return s;
}

/* Order of the pads in SPI_ATTACH's word, 6 bits each. */
static uint32_t decode_pads(const struct reading *r)
{
    return field(r, FUSE_PAD_HD) << 24 | field(r, FUSE_PAD_CS) << 18 | field(r, FUSE_PAD_D) << 12 |
           field(r, FUSE_PAD_Q) << 6 | field(r, FUSE_PAD_CLK);
}

const char *esp_security_text(const struct esp_chip *c, uint32_t bit, char out[static 80])
{
    switch (bit) {
    case SECURITY_DOWNLOAD_DISABLED:
        snprintf(out, 80, "eFuse %s is burnt", esp_efuse_name(c->target, FUSE_DOWNLOAD_OFF));
        break;
    case SECURITY_FLASH_ENCRYPTED:
        snprintf(out, 80, "eFuse %s has an odd number of bits", esp_efuse_name(c->target, FUSE_CRYPT_COUNT));
        break;
    case SECURITY_SECURE_BOOT_V1:
        snprintf(out, 80, "eFuse ABS_DONE_0 is burnt (secure boot v1)");
        break;
    case SECURITY_SECURE_BOOT_V2:
        snprintf(out, 80, "eFuse %s is burnt (secure boot v2)", esp_efuse_name(c->target, FUSE_SECURE_BOOT));
        break;
    default:
        snprintf(out, 80, "an eFuse is burnt");
    }
    return out;
}

bool esp_chip_boots_from(const uint8_t *first)
{
    return first[0] == ESP_IMAGE_MAGIC;
}

/* Of two crystals the one that is nearer. */
static int decode_crystal(const struct esp_target *t, uint32_t uart_divider, uint32_t baud)
{
    uint64_t hz = (uint64_t)baud * (uart_divider & 0xFFFFF);

    return t->crystals[1] != 0 && hz > (t->crystals[0] + t->crystals[1]) * (uint64_t)MHZ / 2 ? t->crystals[1]
                                                                                             : t->crystals[0];
}

static uint8_t megabytes(const uint8_t of[static 8], uint32_t code)
{
    return code < 8 ? of[code] : 0;
}

void esp_chip_decode(const struct esp_target *t, const struct esp_words *w, uint32_t baud,
                     struct esp_chip *out)
{
    const struct reading r = {t, w->fuse};
    struct unit_identity *u = &out->unit;

    decode_mac(&r, out);
    decode_custom_mac(&r, u);
    u->revision = decode_revision(&r);
    decode_name(&r, u->revision, u->chip, sizeof u->chip);
    u->security = decode_security(&r, u->revision, out);
    u->crystal_mhz = decode_crystal(t, w->uart_divider, baud);
    out->spi_pads = decode_pads(&r);
    out->oscillator = (uint8_t)field(&r, FUSE_OSCILLATOR);
    out->flash_powered = field(&r, FUSE_FLASH_POWERED) != 0;
    out->flash_mb = megabytes(t->flash_mb, field(&r, FUSE_FLASH));
    out->psram_mb = megabytes(t->psram_mb, field(&r, FUSE_PSRAM));
    memcpy(out->fuse, w->fuse, sizeof out->fuse);
    const struct efuse_reading fuses = {t, out->fuse, u->revision};
    esp_efuse_text(&fuses, u->efuse);
}

struct efuse_reading esp_chip_fuses(const struct esp_chip *c)
{
    return (struct efuse_reading){c->target, c->fuse, c->unit.revision};
}

const char *esp_chip_supply(const struct esp_chip *c)
{
    const struct efuse_reading r = esp_chip_fuses(c);

    return esp_efuse_supply(&r);
}

static int read_words(struct esp_loader *l, const struct esp_target *t, struct esp_words *w)
{
    uint16_t at[FUSE_WORDS_MAX];
    size_t count = esp_target_words(t, at);
    int rc = 0;

    for (size_t i = 0; i < count && rc == 0; i++)
        rc = esp_loader_read_reg(l, t->fuses + at[i], &w->fuse[i]);
    if (rc == 0 && t->uart_divider != 0)
        rc = esp_loader_read_reg(l, t->uart_divider, &w->uart_divider);
    return rc;
}

static int ask_magic(struct esp_loader *l, struct esp_chip *out)
{
    const struct esp_target *t;
    const char *refused;
    uint32_t again = 0;
    int rc = esp_loader_read_reg(l, ESP_MAGIC_ADDRESS, &out->magic);

    if (rc == 0)
        rc = esp_loader_read_reg(l, ESP_MAGIC_ADDRESS, &again);
    if (rc == 0 && again != out->magic)
        rc = -EBADMSG;
    if (rc < 0)
        return rc;
    t = esp_target_by_magic(out->magic);
    refused = t != NULL ? esp_target_kind(t)->name : esp_target_refused_name(out->magic);
    if (t != NULL && t->magic_alone)
        out->target = t;
    if (refused != NULL)
        snprintf(out->id, sizeof out->id, "%s", refused);
    return 0;
}

static bool same_security(const struct esp_security *a, const struct esp_security *b)
{
    return a->flags == b->flags && a->crypt_count == b->crypt_count && a->has_chip == b->has_chip &&
           a->chip_id == b->chip_id && a->rom_version == b->rom_version;
}

/*
 * By the command that all but the first chips' ROMs have; those refuse it and have a magic word instead, which is not read
 * from others: for some that is no address of theirs.
 */
static int ask_who(struct esp_loader *l, struct esp_chip *out)
{
    struct esp_security again = {0};
    int rc = esp_loader_security(l, &out->security);

    if (rc == -ENOTSUP)
        return ask_magic(l, out);
    if (rc == 0)
        rc = esp_loader_security(l, &again);
    if (rc == -ENOTSUP || (rc == 0 && !same_security(&again, &out->security)))
        return -EBADMSG;
    if (rc < 0)
        return rc;
    out->has_security = true;
    out->has_chip_id = out->security.has_chip;
    out->chip_id = out->security.chip_id;
    out->secure_download = (out->security.flags & ESP_SECURITY_SECURE_DOWNLOAD) != 0;
    out->target = out->has_chip_id ? esp_target_by_image(out->chip_id) : esp_target_of_short_info();
    return 0;
}

/* Tells the loader too. */
static int find_target(struct esp_loader *l, struct esp_chip *out)
{
    int rc = ask_who(l, out);

    if (rc == 0 && out->target != NULL)
        snprintf(out->id, sizeof out->id, "%s", esp_target_kind(out->target)->name);
    if (rc == 0)
        esp_loader_set_target(l, out->target);
    return rc;
}

bool esp_chip_is_known(const struct esp_chip *c)
{
    return c->target != NULL;
}

const char *esp_chip_words(const struct esp_chip *c, char out[static 64])
{
    const char *name = c->id[0] != '\0' ? c->id : "a chip not in the table";

    if (c->has_chip_id)
        snprintf(out, 64, "%s (chip id %u)", name, c->chip_id);
    else
        snprintf(out, 64, "%s (magic word %08x)", name, c->magic);
    return out;
}

int esp_chip_ask(struct esp_loader *l, struct esp_chip *out)
{
    memset(out, 0, sizeof *out);
    return find_target(l, out);
}

/* Replies carry no checksum, and a turned bit here would be blamed on the board: all is read twice. */
int esp_chip_read(struct esp_loader *l, struct esp_chip *out)
{
    struct esp_words w = {0}, again = {0};

    if (!esp_chip_is_known(out) || out->secure_download)
        return 0; /* its eFuses stand elsewhere, or are not shown: not read by guess */
    int rc = read_words(l, out->target, &w);
    if (rc == 0)
        rc = read_words(l, out->target, &again);
    if (rc == 0 && memcmp(&w, &again, sizeof w) != 0)
        rc = -EBADMSG;
    if (rc == 0)
        esp_chip_decode(out->target, &w, transport_baud(esp_loader_transport(l)), out);
    return rc;
}

/* The chip that the loader knows of, or asked anew. NULL and 0: one that tells no MAC. */
static int target_of(struct esp_loader *l, const struct esp_target **out)
{
    struct esp_chip chip = {0};
    int rc = 0;

    *out = esp_loader_target(l);
    if (*out == NULL) {
        rc = find_target(l, &chip);
        *out = chip.secure_download ? NULL : chip.target;
    }
    return rc;
}

int esp_chip_read_mac(struct esp_loader *l, struct mac *out)
{
    const struct esp_target *t;
    uint32_t w[4] = {0};
    int rc = target_of(l, &t);

    if (rc == 0 && t == NULL)
        return -ENOTSUP;
    for (uint32_t i = 0; i < 4 && rc == 0; i++)
        rc = esp_loader_read_reg(l, t->fuses + t->fuse[FUSE_MAC_LOW + i % 2].part[0].at, &w[i]);
    if (rc == 0 && (w[0] != w[2] || w[1] != w[3]))
        rc = -EBADMSG;
    if (rc == 0)
        put_mac(w[0], w[1], out);
    return rc;
}

static int do_step(struct esp_loader *l, const struct register_step *s)
{
    uint32_t value = 0;
    int rc = esp_loader_read_reg(l, s->address, &value);

    if (rc == 0)
        rc = esp_loader_write_reg(l, s->address, (value & ~s->clear) | s->set);
    if (rc == 0 && s->wait_us > 0)
        rc = esp_loader_listen(l, clock_after(esp_loader_clock(l), s->wait_us));
    return rc;
}

int esp_chip_power_flash(struct esp_loader *l, const struct esp_chip *chip)
{
    const struct esp_target *t = chip->target;
    int revision = chip->unit.revision, rc = 0;

    if (t->power.to == 0 || revision < t->power.from || revision > t->power.to)
        return 0;
    if (revision >= t->power.ready_from && chip->flash_powered)
        return do_step(l, &t->power.ready);
    for (size_t i = 0; i < TARGET_STEPS && t->power.steps[i].address != 0 && rc == 0; i++)
        rc = do_step(l, &t->power.steps[i]);
    return rc;
}

/* The ROM measures its crystal with the 8 MHz oscillator: cycles * 15625 * calibration / 40. */
static uint32_t measured_rate(const struct esp_chip *chip, uint32_t calibration, uint32_t baud)
{
    const uint8_t *mhz = chip->target->crystals;
    uint64_t hz = (uint64_t)(calibration >> 7 & 0x1FFFFFF) * 15625 * chip->oscillator / 40;
    uint32_t real = (hz > (mhz[0] + mhz[1]) * (uint64_t)MHZ / 2 ? mhz[1] : mhz[0]) * MHZ;
    /* A chip whose calibration was never burnt says nothing usable. */
    bool plausible = hz > real / 2 && hz < (uint64_t)real * 2;

    return plausible ? (uint32_t)(baud * hz / real) : baud;
}

static uint32_t expected_rate(const struct esp_chip *chip, uint32_t reg, uint32_t baud)
{
    const struct esp_target *t = chip->target;
    uint32_t expected = t->rate_register != 0 ? reg >> 24 & 0x7F : t->expected_mhz;
    bool plausible = expected == t->crystals[0] || expected == t->crystals[1];

    return plausible ? (uint32_t)((uint64_t)baud * expected / (uint32_t)chip->unit.crystal_mhz) : baud;
}

int esp_chip_ask_rate(struct esp_loader *l, struct esp_chip *chip)
{
    const struct esp_target *t = chip->target;
    const struct fuse_bits *trim = &t->fuse[FUSE_OSCILLATOR].part[0];
    uint32_t word = 0, divider = 0;
    int rc = 0;

    if (t->rate == RATE_EXACT)
        return 0;
    if (trim->width > 0)
        rc = esp_loader_read_reg(l, t->fuses + trim->at, &word);
    if (rc == 0 && t->uart_divider != 0)
        rc = esp_loader_read_reg(l, t->uart_divider, &divider);
    if (rc < 0)
        return rc;
    chip->oscillator = (uint8_t)(word >> trim->shift & ((1u << trim->width) - 1));
    chip->unit.crystal_mhz = decode_crystal(t, divider, transport_baud(esp_loader_transport(l)));
    return 0;
}

int esp_chip_rom_baud(struct esp_loader *l, const struct esp_chip *chip, uint32_t baud, uint32_t *told)
{
    uint32_t reg = 0;
    int rc = chip->target->rate_register != 0 ? esp_loader_read_reg(l, chip->target->rate_register, &reg) : 0;

    if (rc < 0)
        return rc;
    *told = baud;
    if (chip->target->rate == RATE_MEASURED)
        *told = measured_rate(chip, reg, baud);
    if (chip->target->rate == RATE_EXPECTED)
        *told = expected_rate(chip, reg, baud);
    return 0;
}

uint32_t esp_flash_size(uint32_t jedec_id)
{
    uint8_t maker = (uint8_t)jedec_id, type = (uint8_t)(jedec_id >> 8), code = (uint8_t)(jedec_id >> 16);

    if (jedec_id == 0 || jedec_id == 0xFFFFFF || jedec_id == 0xFFFF3F)
        return 0;
    if (maker == 0x1F) /* Adesto codes the size in the type byte: 4 is 512 KiB */
        return (type & 0x1F) >= 4 && (type & 0x1F) <= 9 ? 0x80000u << ((type & 0x1F) - 4) : 0;
    if (code >= 0x12 && code <= 0x1C)
        return 1u << code;
    if (code >= 0x20 && code <= 0x22)
        return 1u << (code - 0x20 + 26);
    if (code >= 0x32 && code <= 0x3A)
        return 1u << (code - 0x32 + 18);
    return 0;
}

static int start_rdid(struct esp_loader *l, const struct esp_target *t)
{
    const uint32_t writes[][2] = {
        {t->spi + t->spi_at->miso_length, RDID_BITS - 1},
        {t->spi + t->spi_at->usr, USR_COMMAND | USR_MISO},
        {t->spi + t->spi_at->usr2, (COMMAND_BITS - 1) << 28 | RDID},
        {t->spi + t->spi_at->w0, 0},
        {t->spi + SPI_CMD, CMD_USR},
    };

    return esp_loader_write_regs(l, writes, sizeof writes / sizeof writes[0]);
}

static int wait_done(struct esp_loader *l, const struct esp_target *t)
{
    uint32_t cmd = CMD_USR;
    int rc = 0;

    for (int i = 0; i < POLLS && rc == 0 && (cmd & CMD_USR); i++)
        rc = esp_loader_read_reg(l, t->spi + SPI_CMD, &cmd);
    if (rc == 0 && (cmd & CMD_USR))
        rc = -EBADMSG;
    return rc;
}

static int rdid(struct esp_loader *l, const struct esp_target *t, uint32_t *id)
{
    uint32_t w0 = 0;
    int rc = start_rdid(l, t);

    if (rc == 0)
        rc = wait_done(l, t);
    if (rc == 0)
        rc = esp_loader_read_reg(l, t->spi + t->spi_at->w0, &w0);
    *id = w0 & 0xFFFFFF;
    return rc;
}

/* Neither the commands nor the answers carry a checksum: all of it is done twice, but for what is put back at the end. */
int esp_flash_read_id(struct esp_loader *l, uint32_t *jedec_id)
{
    const struct esp_target *t = esp_loader_target(l);
    uint32_t usr = 0, usr2 = 0, id = 0, again = 0;

    if (t == NULL)
        return -ENOTSUP;
    int rc = esp_loader_read_reg(l, t->spi + t->spi_at->usr, &usr);
    if (rc == 0)
        rc = esp_loader_read_reg(l, t->spi + t->spi_at->usr2, &usr2);
    if (rc == 0)
        rc = rdid(l, t, &id);
    if (rc == 0)
        rc = rdid(l, t, &again);
    if (rc == 0 && again != id)
        rc = -EBADMSG;
    const uint32_t as_it_was[][2] = {{t->spi + t->spi_at->usr, usr}, {t->spi + t->spi_at->usr2, usr2}};
    if (rc == 0)
        rc = esp_loader_write_regs(l, as_it_was, sizeof as_it_was / sizeof as_it_was[0]);
    if (rc == 0)
        *jedec_id = id;
    return rc;
}
