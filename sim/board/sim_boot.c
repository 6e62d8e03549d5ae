/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_boot.h"

#include <stdio.h>
#include <string.h>

#include "sim/board/sim_physics.h"
#include "sim/board/sim_rom.h"
#include "sim/board/sim_stub.h"

#define IMAGE_MAGIC 0xe9
#define GREETING    "flash read err, 631\r\nFalling back to built-in command interpreter.\r\nOK\r\n>"

/* Everything that does not survive a reset of the digital part. */
static void forget(struct sim_board *b)
{
    b->cpu_us = b->now_us;
    b->fifo = 0;
    sim_rom_reset(b);
    sim_spi_reset(&b->spi);
    b->spi.attached = b->config.is_attached;
    sim_mem_clear(&b->mem);
    b->flash.unpowered = b->flash.unpowered || b->needs_power;
    sim_stub_free(b->stub);
    b->stub = NULL;
}

void sim_reset(struct sim_board *b, int64_t now_us)
{
    if (b->mode == SIM_MODE_GONE)
        return;
    b->mode = SIM_MODE_RESET;
    b->event = SIM_EVENT_NONE;
    b->event_us = SIM_NEVER;
    sim_line_cut(&b->out, now_us);
    b->by_software = false;
    forget(b);
}

void sim_release(struct sim_board *b, int64_t now_us)
{
    if (b->mode == SIM_MODE_RESET)
        sim_schedule(b, SIM_EVENT_BOOT, now_us + SIM_EN_RISE_US);
}

/* What wants to be a download: by the straps, whatever the fuses say. */
static bool is_strapped(const struct sim_board *b)
{
    return (b->config.strap > 0 && sim_straps(b) != b->chip->banner.run) ||
           (b->boot_low && !sim_trouble_personality(b->trouble)->runs_app);
}

/* The ESP32 obeys the fuse from revision 3 on, and starts from flash instead. */
static bool is_forbidden(const struct sim_board *b)
{
    bool fused = sim_efuse_field(&b->efuse, b->chip->fuses.no_download) != 0;

    return fused && (b->chip->rom == SIM_ROM_LATER || b->config.revision >= 3);
}

static bool starts_download(const struct sim_board *b)
{
    return is_strapped(b) && !is_forbidden(b);
}

static void noise(struct sim_board *b)
{
    uint8_t junk[96];

    sim_random_fill(&b->random, junk, sizeof junk);
    sim_say(b, junk, sizeof junk, b->now_us);
}

enum reason { REASON_POWER, REASON_WATCHDOG, REASON_BROWNOUT, REASON_SOFTWARE, REASONS };

static const char *reason_text(const struct sim_board *b, enum reason reason)
{
    static const char *const text[2][REASONS] = {
        {"0x1 (POWERON_RESET)", "0x10 (RTCWDT_RTC_RESET)", "0xf (RTCWDT_BROWN_OUT_RESET)",
         "0xc (SW_CPU_RESET)"},
        {"0x1 (POWERON)", "0x7 (TG0WDT_SYS_RST)", "0xf (BROWNOUT_RST)", "0x3 (RTC_SW_SYS_RST)"}};

    return text[b->chip->rom == SIM_ROM_LATER][reason];
}

static void first_banner(struct sim_board *b, bool download, enum reason reason)
{
    const struct sim_banner *w = &b->chip->banner;
    bool low = b->boot_low && !sim_trouble_personality(b->trouble)->runs_app;
    char text[200];

    snprintf(text, sizeof text, "ets %s\r\n\r\nrst:%s,boot:0x%x (%s)\r\n%s",
             b->config.revision >= 3 ? "Jul 29 2019 12:21:46" : "Jun  8 2016 00:22:57",
             reason_text(b, reason), (unsigned)(low ? w->download : w->run),
             download ? w->download_name : "SPI_FAST_FLASH_BOOT", download ? "waiting for download\r\n" : "");
    sim_say_text(b, text, b->now_us);
}

/* The modes that the recorded chip's straps can choose beside those of a board (its values 0 to 3). */
static const struct {
    uint16_t strap;
    const char *name, *line;
} rare_modes[] = {
    {0, "USB_BOOT", "wait usb download\r\n"},
    {1, "SPI_DOWNLOAD_BOOT", "wait spi download\r\n"},
    {2, "UART0_BOOT", "wait uart0 download\r\n"},
};

static void later_banner(struct sim_board *b, bool download, enum reason reason)
{
    const struct sim_banner *w = &b->chip->banner;
    const char *name = is_strapped(b) ? w->download_name : "SPI_FAST_FLASH_BOOT";
    const char *line = download ? "waiting for download\r\n" : "";
    char text[240];

    for (size_t i = 0; b->config.strap > 0 && i < sizeof rare_modes / sizeof rare_modes[0]; i++)
        if (rare_modes[i].strap == sim_straps(b)) {
            name = rare_modes[i].name;
            line = rare_modes[i].line;
        }
    if (is_strapped(b) && sim_efuse_field(&b->efuse, b->chip->fuses.secure_download) != 0)
        line = "wait uart download(secure mode)\r\n";
    if (is_strapped(b) && is_forbidden(b))
        line = "Download boot modes disabled\r\n";
    snprintf(text, sizeof text, "ESP-ROM:%s\r\nBuild:%s\r\nrst:%s,boot:0x%x (%s)\r\n%s", w->rom, w->build,
             reason_text(b, reason), (unsigned)(is_strapped(b) ? sim_straps(b) : w->run), name, line);
    sim_say_text(b, text, b->now_us);
}

static void banner(struct sim_board *b, bool download, enum reason reason)
{
    if (b->chip->rom == SIM_ROM_FIRST)
        first_banner(b, download, reason);
    else
        later_banner(b, download, reason);
}

static void first_start(struct sim_board *b)
{
    sim_say_text(
        b,
        "configsip: 0, SPIWP:0xee\r\nclk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00\r\n"
        "mode:DIO, clock div:1\r\nload:0x3fff8020,len:8\r\nload:0x3fff8028,len:2140\r\n"
        "entry 0x400a05bc\r\nMicroPython on a virtual board\r\n>>> ",
        b->now_us);
}

static void later_start(struct sim_board *b)
{
    sim_say_text(b,
                 "SPIWP:0xee\r\nmode:DIO, clock div:1\r\nload:0x408556b0,len:0x1258\r\n"
                 "entry 0x4084bba0\r\nMicroPython on a virtual board\r\n>>> ",
                 b->now_us);
}

/* The later ROMs look again and again; after some time the watchdog ends it. */
static void no_image(struct sim_board *b)
{
    const uint8_t *at = b->flash.bytes + b->chip->boot_at;
    char text[160], line[40];

    snprintf(line, sizeof line, "invalid header: 0x%08x\r\n",
             b->flash.unpowered ? 0xffffffffu : (unsigned)sim_word(at));
    snprintf(text, sizeof text, "%s%s%s", line, line, line);
    sim_say_text(b, b->chip->rom == SIM_ROM_FIRST ? "flash read err, 1000\r\nets_main.c 371 \r\n" : text,
                 b->now_us);
    sim_schedule(b, SIM_EVENT_BOOT, b->now_us + SIM_WATCHDOG_US);
}

static void start_from_flash(struct sim_board *b)
{
    b->mode = SIM_MODE_APP;
    if (b->flash.unpowered || b->flash.bytes[b->chip->boot_at] != IMAGE_MAGIC)
        no_image(b);
    else if (b->chip->rom == SIM_ROM_FIRST)
        first_start(b);
    else
        later_start(b);
}

/* A later ROM that is strapped for download and must not: it restarts, for ever. */
static void start_over(struct sim_board *b)
{
    b->mode = SIM_MODE_APP;
    b->by_software = true;
    sim_schedule(b, SIM_EVENT_BOOT, b->out.free_us > b->now_us ? b->out.free_us : b->now_us + 1);
}

static void say_hello(struct sim_board *b)
{
    const struct sim_personality *p = sim_trouble_personality(b->trouble);
    bool download = starts_download(b);
    enum reason reason = b->by_software            ? REASON_SOFTWARE
                         : b->mode == SIM_MODE_APP ? REASON_WATCHDOG
                                                   : REASON_POWER;

    b->cold = b->by_software = false;
    b->mode = SIM_MODE_BOOT;
    if (p->noise) {
        noise(b);
        b->mode = SIM_MODE_HUNG;
        return;
    }
    if (p->brownout) {
        sim_say_text(b, "\r\nBrownout detector was triggered\r\n\r\n", b->now_us);
        banner(b, download, REASON_BROWNOUT);
        sim_schedule(b, SIM_EVENT_BOOT, b->now_us + SIM_BROWNOUT_US);
        return;
    }
    banner(b, download, reason);
    if (!download && is_strapped(b) && b->chip->rom == SIM_ROM_LATER) {
        start_over(b);
        return;
    }
    if (!download) {
        start_from_flash(b);
        return;
    }
    b->mode = SIM_MODE_ROM;
    b->cpu_us = b->out.free_us > b->now_us ? b->out.free_us : b->now_us;
}

void sim_boot_event(struct sim_board *b)
{
    enum sim_event event = b->event;

    b->event = SIM_EVENT_NONE;
    b->event_us = SIM_NEVER;
    if (event == SIM_EVENT_BANNER) {
        say_hello(b);
        return;
    }
    /* EN is high now: the straps are sampled. */
    b->boot_low = b->wire || (b->config.reset_wired && b->dtr && !b->rts) ||
                  (b->cold && b->config.starts_in_bootloader);
    sim_set_rate(b, SIM_BANNER_BAUD, b->xtal_hz, b->rom_xtal_hz);
    forget(b);
    sim_schedule(b, SIM_EVENT_BANNER, b->now_us + SIM_BOOT_US);
}

void sim_boot_done(struct sim_board *b, int64_t at_us)
{
    b->mode = SIM_MODE_HUNG;
    sim_say_text(b, "user code done\r\n", at_us);
}

void sim_boot_again(struct sim_board *b, int64_t at_us)
{
    b->mode = SIM_MODE_APP;
    b->boot_low = false;
    b->by_software = true;
    sim_schedule(b, SIM_EVENT_BOOT, at_us);
}

void sim_prompt_start(struct sim_board *b, int64_t at_us)
{
    b->mode = SIM_MODE_APP;
    b->rom.at_prompt = true;
    b->rom.line = 0;
    sim_say_text(b, GREETING, at_us);
}

void sim_prompt_byte(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    size_t *line = &b->rom.line;

    switch (byte) {
    case '\0':
        break;
    case '\b':
        if (*line > 0) {
            (*line)--;
            sim_say_text(b, "\b \b", at_us);
        }
        break;
    case '\n':
        sim_say_text(b, *line > 0 ? "\r\nHow?\r\n>" : "\r\n>", at_us);
        *line = 0;
        break;
    default:
        (*line)++;
        sim_say(b, &byte, 1, at_us);
        break;
    }
}
