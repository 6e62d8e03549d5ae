/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_personality.h"

#include <string.h>

static const struct sim_personality table[] = {
    {.name = "good", .about = "nothing is wrong"},
    {.name = "silent", .about = "not a byte comes back", .silent = true},
    {.name = "deaf", .about = "its RX wire is open: it waits for download and hears nothing", .deaf = true},
    {.name = "wrong-chip", .about = "another member of the chip family", .other_chip = true},
    {.name = "garbage-banner", .about = "noise where its banner and answers should be", .noise = true},
    {.name = "dies-at-47", .about = "stops for good at 47 % of the first large region", .stops_at = 47},
    {.name = "unplugs",
     .about = "its adapter is pulled at 30 % of the first large region",
     .stops_at = 30,
     .unplugs = true},
    {.name = "bad-flash",
     .about = "a place in its flash does not program; every answer says ok",
     .weak_flash = true},
    {.name = "slow", .about = "flash near the maximum times of its data sheet", .slow_factor = 6},
    {.name = "secure-boot", .about = "secure boot (first version) is burnt", .secure_boot = true},
    {.name = "secure-boot-2",
     .about = "secure boot (second version) is burnt (revision 3 knows it)",
     .secure_boot_2 = true},
    {.name = "encrypted", .about = "flash encryption is burnt", .encrypted = true},
    {.name = "download-disabled",
     .about = "the fuse against serial download is burnt (an ESP32 obeys it from revision 3 on)",
     .no_download = true},
    {.name = "secure-download",
     .about = "Secure Download Mode is burnt: nothing is read, nothing runs (an ESP32 has none: good)",
     .secure_download = true},
    {.name = "blank-mac", .about = "MAC fuses were never written", .blank_mac = true},
    {.name = "bad-mac-crc", .about = "MAC and its checksum disagree", .bad_mac_crc = true},
    {.name = "runs-app", .about = "GPIO0 is not wired: reset always starts the program", .runs_app = true},
    {.name = "no-stub", .about = "uploaded code crashes: only the ROM loader works", .breaks_stub = true},
    {.name = "baud-limit", .about = "a bad cable: garbage above 460800 baud", .baud_limit = 470000},
    {.name = "brownout", .about = "restarts from low voltage again and again", .brownout = true},
    {.name = "flips-bits",
     .about = "a noisy line: one received bit wrong in about 60 KiB",
     .flip_every = 60000},
    {.name = "long-cable",
     .about = "no error up to 921600 baud; above it one received bit wrong in about 3 KiB",
     .flip_every = 3000,
     .flip_above = 940000},
    {.name = "loses-reply", .about = "three of its answers never arrive", .lose_every = 60, .lose_count = 3},
    {.name = "wrong-size", .about = "flash of the other board generation", .wrong_size = true},
    {.name = "no-reset-wire",
     .about = "no DTR and RTS: one bootloader session, then the button",
     .no_reset_wire = true},
    {.name = "jumper", .about = "no DTR and RTS, and its jumper stays in place", .jumper = true},
    {.name = "resets-at-start",
     .about = "as jumper; its chip restarts once, in the first block that is written",
     .jumper = true,
     .mishap = {.kind = SIM_MISHAP_RESET, .after = 100}},
    {.name = "resets-at-30",
     .about = "as jumper; its chip restarts once at 30 % of the first large region",
     .jumper = true,
     .resets_at = 30},
    {.name = "identity-damaged",
     .about = "its identity sector loses bits while it is written",
     .mishap = {.kind = SIM_MISHAP_DAMAGE, .after = 20000, .where = 0x3ff000}},
    {.name = "reads-wrong-once",
     .about = "what is first read back from its flash has one bit wrong",
     .mishap = {.kind = SIM_MISHAP_LYING_READ, .early = true, .after = 1}},
    {.name = "digest-elsewhere",
     .about = "one digest is right, but of the next sector's range",
     .mishap = {.kind = SIM_MISHAP_DIGEST_ELSEWHERE, .after = 1000}},
    {.name = "exchanged",
     .about = "another board is put in its place while it is written",
     .mishap = {.kind = SIM_MISHAP_EXCHANGE, .after = 20000}},
    {.name = "flash-id-bad", .about = "its flash does not identify itself", .flash_id = 0xffffff},
    {.name = "flash-unpowered",
     .about = "its flash has no power: a P4 (v3.1) switches it on by registers, nothing helps the others",
     .unpowered = true},
    {.name = "other-crystal",
     .about = "C2 with 40 MHz, C5 with 40 MHz where its ROM takes it for 48 (others have one: good)",
     .other_crystal = true},
    {.name = "custom-mac", .about = "a MAC of its owner is burnt beside the factory's", .custom_mac = true},
    {.name = "vdd-1v8",
     .about = "its flash's supply is burnt to 1.8 V (ESP32, S2 and S3 can have that: others good)",
     .vdd_1v8 = true},
    {.name = "vdd-3v3",
     .about = "its flash's supply is burnt to 3.3 V (ESP32, S2 and S3 can have that: others good)",
     .vdd_3v3 = true},
    {.name = "jtag-off", .about = "the fuse against JTAG is burnt", .no_jtag = true},
    {.name = "key-burnt",
     .about = "a key for flash encryption is burnt and protected, and encryption not yet on",
     .has_key = true},
};

const struct sim_personality *sim_personality_at(size_t index)
{
    return index < sizeof table / sizeof table[0] ? &table[index] : NULL;
}

const struct sim_personality *sim_personality_find(const char *name)
{
    if (name == NULL || *name == '\0')
        return &table[0];
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}
