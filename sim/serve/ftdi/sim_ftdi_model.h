/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_ftdi_model - what an FTDI chip is born with: its name and sizes, its descriptors, its EEPROM. Pure, static data; figures
 * of FTDI's data sheets.
 */
#ifndef SIM_SERVE_FTDI_SIM_FTDI_MODEL_H
#define SIM_SERVE_FTDI_SIM_FTDI_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_FTDI_INTERFACES 4 /* at most */

#define SIM_FTDI_EEPROM_SIZE     256u
#define SIM_FTDI_DESCRIPTOR_SIZE 256u /* room for any answer on endpoint 0 */

enum sim_ftdi_model {
    SIM_FT232R,
    SIM_FT230X,
    SIM_FT232H,
    SIM_FT2232H,
    SIM_FT4232H,
};

/* What the model is, for a server's device list. */
struct sim_ftdi_identity {
    const char *name, *product; /* "ft4232h", "Quad RS232-HS" */
    uint16_t vendor_id, product_id, release;
    int interfaces, max_packet;
    bool high_speed;
};

/* Fixed data of a model. */
struct sim_ftdi_born {
    struct sim_ftdi_identity identity;
    uint32_t rx_fifo, tx_fifo; /* bytes, towards the host and towards the wire */
    uint8_t max_packet0;
    bool fast_clock;          /* has the 120 MHz divider besides the 48 MHz one */
    bool index_has_interface; /* wIndex of a baud request carries the interface in its low byte */
};

int sim_ftdi_model_find(const char *name, enum sim_ftdi_model *out); /* "ft4232h", any case. 0 or -EINVAL */
const struct sim_ftdi_identity *
sim_ftdi_model_identity(enum sim_ftdi_model m); /* static storage, as the next */
const struct sim_ftdi_born *sim_ftdi_model_born(enum sim_ftdi_model m);
/* Length of the descriptor put into out, or -1 when the chip has none such. */
int sim_ftdi_model_descriptor(const struct sim_ftdi_born *m, const char *serial, uint8_t type, uint8_t index,
                              uint8_t out[static SIM_FTDI_DESCRIPTOR_SIZE]);
void sim_ftdi_model_eeprom(const struct sim_ftdi_born *m, const char *serial,
                           uint8_t out[static SIM_FTDI_EEPROM_SIZE]);

#endif /* SIM_SERVE_FTDI_SIM_FTDI_MODEL_H */
