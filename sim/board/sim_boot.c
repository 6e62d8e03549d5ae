/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_boot.h"

#include <stdio.h>
#include <string.h>

#include "sim/board/sim_physics.h"
#include "sim/board/sim_rom.h"
#include "sim/board/sim_stub.h"

#define BOOTLOADER_AT  0x1000u
#define IMAGE_MAGIC    0xe9
#define STRAP_DOWNLOAD 0x03
#define STRAP_FLASH    0x13
#define GREETING       "flash read err, 631\r\nFalling back to built-in command interpreter.\r\nOK\r\n>"

/* Everything that does not survive a reset of the digital part. */
static void forget(struct sim_board *b)
{
    b->cpu_us = b->now_us;
    b->fifo = 0;
    sim_rom_reset(b);
    sim_spi_reset(&b->spi);
    sim_mem_clear(&b->mem);
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
    forget(b);
}

void sim_release(struct sim_board *b, int64_t now_us)
{
    if (b->mode == SIM_MODE_RESET)
        sim_schedule(b, SIM_EVENT_BOOT, now_us + SIM_EN_RISE_US);
}

static bool starts_download(const struct sim_board *b)
{
    const struct sim_personality *p = sim_trouble_personality(b->trouble);
    bool fused = b->config.revision >= 3 && b->efuse.word[0] & SIM_EFUSE_W0_DOWNLOAD_DISABLE;

    return b->boot_low && !p->runs_app && !fused;
}

static void noise(struct sim_board *b)
{
    uint8_t junk[96];

    sim_random_fill(&b->random, junk, sizeof junk);
    sim_say(b, junk, sizeof junk, b->now_us);
}

static void banner(struct sim_board *b, bool download, const char *reason)
{
    bool low = b->boot_low && !sim_trouble_personality(b->trouble)->runs_app;
    char text[200];

    snprintf(text, sizeof text, "ets %s\r\n\r\nrst:%s,boot:0x%x (%s)\r\n%s",
             b->config.revision >= 3 ? "Jul 29 2019 12:21:46" : "Jun  8 2016 00:22:57", reason,
             low ? STRAP_DOWNLOAD : STRAP_FLASH,
             download ? "DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2)" : "SPI_FAST_FLASH_BOOT",
             download ? "waiting for download\r\n" : "");
    sim_say_text(b, text, b->now_us);
}

static void start_from_flash(struct sim_board *b)
{
    b->mode = SIM_MODE_APP;
    if (b->flash.bytes[BOOTLOADER_AT] != IMAGE_MAGIC) {
        sim_say_text(b, "flash read err, 1000\r\nets_main.c 371 \r\n", b->now_us);
        sim_schedule(b, SIM_EVENT_BOOT, b->now_us + SIM_WATCHDOG_US);
        return;
    }
    sim_say_text(
        b,
        "configsip: 0, SPIWP:0xee\r\nclk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00\r\n"
        "mode:DIO, clock div:1\r\nload:0x3fff8020,len:8\r\nload:0x3fff8028,len:2140\r\n"
        "entry 0x400a05bc\r\nMicroPython on a virtual board\r\n>>> ",
        b->now_us);
}

static void say_hello(struct sim_board *b)
{
    const struct sim_personality *p = sim_trouble_personality(b->trouble);
    bool download = starts_download(b);
    bool again = b->mode == SIM_MODE_APP; /* the watchdog got here */

    b->cold = false;
    b->mode = SIM_MODE_BOOT;
    if (p->noise) {
        noise(b);
        b->mode = SIM_MODE_HUNG;
        return;
    }
    if (p->brownout) {
        sim_say_text(b, "\r\nBrownout detector was triggered\r\n\r\n", b->now_us);
        banner(b, download, "0xf (RTCWDT_BROWN_OUT_RESET)");
        sim_schedule(b, SIM_EVENT_BOOT, b->now_us + SIM_BROWNOUT_US);
        return;
    }
    banner(b, download, again ? "0x10 (RTCWDT_RTC_RESET)" : "0x1 (POWERON_RESET)");
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
    sim_set_rate(b, SIM_BANNER_BAUD, SIM_XTAL_HZ, SIM_XTAL_HZ);
    forget(b);
    sim_schedule(b, SIM_EVENT_BANNER, b->now_us + SIM_BOOT_US);
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
