/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_state - the inside of a virtual board: its state, and what any of its parts may do to it. The board's bottom.
 *
 * Above it, each calling only downwards: the loaders (sim_rom, sim_stub), what runs without one (sim_boot), what
 * befalls the board (sim_fate) and the board itself (sim_board). What decides without touching a board lies below:
 * sim_trouble, sim_mishap. For these files alone; everybody else has sim_board.h.
 */
#ifndef SIM_BOARD_SIM_STATE_H
#define SIM_BOARD_SIM_STATE_H

#include "sim/board/sim_board.h"
#include "sim/board/sim_chip.h"
#include "sim/board/sim_efuse.h"
#include "sim/board/sim_flash.h"
#include "sim/board/sim_inflate.h"
#include "sim/board/sim_line.h"
#include "sim/board/sim_mem.h"
#include "sim/board/sim_mishap.h"
#include "sim/board/sim_random.h"
#include "sim/board/sim_spi.h"
#include "sim/board/sim_trouble.h"

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
 * nothing else of them. All zero at power-on, so a block of any length is longer than what was agreed.
 */
struct sim_write {
    enum sim_transfer begun; /* looked at by FLASH_END only */
    uint32_t block_size, blocks, seq;
    uint32_t at;    /* next address to program */
    uint32_t total; /* bytes announced */
    uint32_t done;  /* bytes programmed */
    uint8_t error;  /* of the last refused block: stays in the good answers behind it */
    bool encrypted; /* later ROMs: what is sent goes to flash as something else */
};

#define SIM_ROM_BUFFER 0x2000 /* bytes a frame may hold; more is cut off */
#define SIM_ROM_BODY   72

struct sim_rom {
    bool in_frame, escaped;
    size_t len;                    /* of the frame being received */
    uint8_t frame[SIM_ROM_BUFFER]; /* never cleared: short frames execute what is left here */
    uint8_t body[SIM_ROM_BODY];    /* of the reply; never cleared either */
    uint8_t op;                    /* of the last reply */
    uint8_t code;                  /* later ROMs: of the last refusal, until a reply that clears it */
    uint32_t val;
    uint32_t flash_size, erase_block, erase_sector; /* as told by SPI_SET_PARAMS */
    bool has_rate;                                  /* measured from the first bytes after reset */
    bool at_prompt;                                 /* it left: the BASIC interpreter echoes */
    size_t line;                                    /* characters on the prompt's line */
};

/* Asked for by a loader's command as the last thing it does; the board sees to it before anything else happens. */
enum sim_next {
    SIM_NEXT_SAME,
    SIM_NEXT_UPLOAD,
    SIM_NEXT_PROMPT, /* the first ROM's interpreter */
    SIM_NEXT_DONE,   /* later ROMs: "user code done", and nothing more */
    SIM_NEXT_RESET   /* by software, when what it says is out */
};

struct sim_stub;

struct sim_board {
    struct sim_board_config config;
    const struct sim_chip *chip;
    uint32_t xtal_hz, rom_xtal_hz; /* the crystal, and what the ROM takes it for */
    struct sim_trouble *trouble;   /* personality and seeded faults */
    struct sim_random random;      /* noise */
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
    bool needs_power;    /* its flash is off until the chip's registers say otherwise */
    bool by_software;    /* next boot is one that a loader asked for */
    bool deaf_line;      /* host bytes do not reach the board (personality) */
    enum sim_mode mode;
    enum sim_next next;
    uint32_t next_entry; /* SIM_NEXT_UPLOAD: where to jump */
    int64_t next_us;     /* SIM_NEXT_PROMPT, _DONE, _RESET: when */
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
    uint8_t *exchanged_flash; /* what the second board came with; NULL: there was none */
};

/* Raw bytes at the board's rate. */
void sim_say(struct sim_board *b, const uint8_t *bytes, size_t len, int64_t at_us);
void sim_say_text(struct sim_board *b, const char *text, int64_t at_us);
void sim_say_frame(struct sim_board *b, const uint8_t *payload, size_t len, int64_t at_us); /* SLIP-encoded */
void sim_set_rate(struct sim_board *b, uint32_t wanted, uint32_t clock_hz, uint32_t believed_hz);
/* The rate that the ROM makes when it is asked for one. */
void sim_set_rom_rate(struct sim_board *b, uint32_t wanted);
/* Strap value that the board was started with. */
uint16_t sim_straps(const struct sim_board *b);
void sim_schedule(struct sim_board *b, enum sim_event event, int64_t at_us);
/* An exception in the ROM: nothing is said or heard any more until a reset; later chips say so first. */
void sim_panic(struct sim_board *b);
/* `done` of `total` bytes of a region are written: the place where some boards die. */
void sim_progress(struct sim_board *b, uint32_t done, uint32_t total);

/* False: an access is an exception, and the ROM has no handler that goes on. */
bool sim_reg_mapped(const struct sim_board *b, uint32_t address);
uint32_t sim_reg_read(struct sim_board *b, uint32_t address);
void sim_reg_write(struct sim_board *b, uint32_t address, uint32_t value, uint32_t mask);

#endif /* SIM_BOARD_SIM_STATE_H */
