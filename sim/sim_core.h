/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_core - the inside of a virtual board, shared by sim_board.c, sim_boot.c, sim_rom.c and the stubs. Nobody else.
 */
#ifndef SIM_SIM_CORE_H
#define SIM_SIM_CORE_H

#include "sim/sim_board.h"
#include "sim/sim_efuse.h"
#include "sim/sim_flash.h"
#include "sim/sim_inflate.h"
#include "sim/sim_line.h"
#include "sim/sim_mishap.h"
#include "sim/sim_random.h"
#include "sim/sim_spi.h"

enum sim_mode {
    SIM_MODE_RESET, /* EN low, or just rising: nothing runs */
    SIM_MODE_BOOT,  /* banner not out yet */
    SIM_MODE_ROM,   /* loader */
    SIM_MODE_STUB,
    SIM_MODE_APP,  /* runs from flash, or the ROM gave up: hears nothing we say */
    SIM_MODE_HUNG, /* crashed; only reset helps */
    SIM_MODE_GONE  /* unplugged */
};

enum sim_event { SIM_EVENT_NONE, SIM_EVENT_BOOT, SIM_EVENT_BANNER, SIM_EVENT_STUB, SIM_EVENT_WORK };

enum sim_transfer { SIM_TRANSFER_NONE, SIM_TRANSFER_MEMORY, SIM_TRANSFER_PLAIN, SIM_TRANSFER_DEFLATE };

/*
 * The ROM's one transfer: MEM_BEGIN, FLASH_BEGIN and DEFL_BEGIN fill the same variables, and the three DATA commands ask
 * nothing else of them. All zero at reset, so a block of any length is longer than what was agreed.
 */
struct sim_write {
    enum sim_transfer begun; /* looked at by FLASH_END only */
    uint32_t block_size, blocks, seq;
    uint32_t at;    /* next address to program */
    uint32_t total; /* bytes announced */
    uint32_t done;  /* bytes programmed */
    uint8_t error;  /* of the last refused block: stays in the good answers behind it */
};

#define SIM_MEM_SEGMENTS 4
#define SIM_MEM_LIMIT    0x20000u

struct sim_segment {
    uint32_t address, size;
    uint8_t *bytes;
};

struct sim_mem {
    struct sim_segment segment[SIM_MEM_SEGMENTS]; /* uploaded since reset; the last one is being filled */
    int count;
    uint32_t filled; /* bytes of the last one that have come */
    struct {
        uint32_t address, value;
    } word[32]; /* single words written by WRITE_REG, oldest overwritten */
    unsigned words;
};

#define SIM_ROM_BUFFER 0x2000 /* bytes a frame may hold; more is cut off */
#define SIM_ROM_BODY   72

struct sim_rom {
    bool in_frame, escaped;
    size_t len;                    /* of the frame being received */
    uint8_t frame[SIM_ROM_BUFFER]; /* never cleared: short frames execute what is left here */
    uint8_t body[SIM_ROM_BODY];    /* of the reply; never cleared either */
    uint8_t op;                    /* of the last reply */
    uint32_t val;
    uint32_t flash_size, erase_block, erase_sector; /* as told by SPI_SET_PARAMS */
    bool has_rate;                                  /* measured from the first bytes after reset */
    bool at_prompt;                                 /* it left: the BASIC interpreter echoes */
    size_t line;                                    /* characters on the prompt's line */
};

struct sim_stub;
struct sim_trouble;

struct sim_board {
    struct sim_board_config config;
    struct sim_trouble *trouble; /* personality and seeded faults */
    struct sim_random random;    /* noise */
    struct sim_flash flash;
    struct sim_efuse efuse;
    struct sim_spi spi;
    struct sim_line in, out;
    uint8_t *rx; /* arrived at the host, not fetched */
    size_t rx_len, rx_capacity;
    uint32_t host_baud, baud; /* baud: what the board's divisor really makes */
    uint32_t clkdiv;          /* UART_CLKDIV: divisor, fraction in sixteenths at bit 20 */
    uint32_t uart_hz;
    bool dtr, rts, wire; /* wire: the operator holds GPIO0 to ground */
    bool boot_low;       /* GPIO0 */
    bool cold;           /* next boot is a power-on */
    bool deaf_line;      /* host bytes do not reach the board (personality) */
    enum sim_mode mode;
    enum sim_event event;
    int64_t event_us;
    int64_t now_us;
    int64_t cpu_us; /* the processor is busy until then */
    size_t fifo;    /* bytes that wait in the receive FIFO since the processor became busy */
    struct sim_rom rom;
    struct sim_write write;
    struct sim_inflate *inflate;
    struct sim_mem mem;
    struct sim_stub *stub;
    bool gone;
    struct sim_frames frames;
    struct sim_mishaps mishaps;
};

/* sim_board.c */
void sim_say(struct sim_board *b, const uint8_t *bytes, size_t len,
             int64_t at_us); /* raw bytes at the board's rate */
void sim_say_text(struct sim_board *b, const char *text, int64_t at_us);
void sim_say_frame(struct sim_board *b, const uint8_t *payload, size_t len, int64_t at_us); /* SLIP-encoded */
void sim_set_rate(struct sim_board *b, uint32_t wanted, uint32_t clock_hz, uint32_t believed_hz);
void sim_schedule(struct sim_board *b, enum sim_event event, int64_t at_us);
void sim_unplug(struct sim_board *b);

/* sim_boot.c */
void sim_reset(struct sim_board *b, int64_t now_us);   /* EN went low */
void sim_release(struct sim_board *b, int64_t now_us); /* EN rises */
void sim_boot_event(struct sim_board *b);              /* SIM_EVENT_BOOT or _BANNER is due */

/* sim_prompt.c: what the ROM does when the loader has left and there is no program to start. */
void sim_prompt_start(struct sim_board *b, int64_t at_us);
void sim_prompt_byte(struct sim_board *b, uint8_t byte, int64_t at_us);

/* sim_regs.c */
bool sim_reg_mapped(
    uint32_t address); /* false: an access is an exception, and the ROM has no handler that goes on */
uint32_t sim_reg_read(struct sim_board *b, uint32_t address);
void sim_reg_write(struct sim_board *b, uint32_t address, uint32_t value, uint32_t mask);

/* sim_mem.c */
void sim_mem_clear(struct sim_mem *m);
int sim_mem_begin(struct sim_mem *m, uint32_t size, uint32_t address);
/* Behind what has come of the upload begun last, whatever number the block has; more than announced: -EINVAL. */
int sim_mem_data(struct sim_mem *m, const uint8_t *bytes, size_t len);
uint32_t sim_mem_read(const struct sim_mem *m, uint32_t address); /* a word, aligned */
void sim_mem_write(struct sim_mem *m, uint32_t address, uint32_t value);

/* sim_rom.c */
void sim_rom_reset(struct sim_board *b);
void sim_rom_byte(struct sim_board *b, uint8_t byte, int64_t at_us);
uint32_t sim_word(const uint8_t *p);
/* An exception: the chip says nothing more and hears nothing more until it is reset. */
void sim_rom_crash(struct sim_board *b);

/* sim_rom_transfer.c: status byte pair as 0xSSEE (0: ok); after a crash it means nothing */
unsigned sim_rom_begin(struct sim_board *b, const uint8_t *body, size_t size, enum sim_transfer kind);
unsigned sim_rom_data(struct sim_board *b, const uint8_t *body, enum sim_transfer kind, uint32_t checksum);
unsigned sim_rom_flash_end(struct sim_board *b);
unsigned sim_rom_deflate_end(struct sim_board *b);

#endif /* SIM_SIM_CORE_H */
