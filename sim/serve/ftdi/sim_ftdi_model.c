/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/serve/ftdi/sim_ftdi_model.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define VENDOR_FTDI 0x0403

/* Buffer sizes, packet sizes and release numbers from the data sheets DS_FT232R, DS_FT230X, DS_FT232H, DS_FT2232H and
 * DS_FT4232H. */
static const struct sim_ftdi_born models[] = {
    [SIM_FT232R] =
        {{"ft232r", "FT232R USB UART", VENDOR_FTDI, 0x6001, 0x0600, 1, 64, false}, 256, 128, 8, false, false},
    [SIM_FT230X] = {{"ft230x", "FT230X Basic UART", VENDOR_FTDI, 0x6015, 0x1000, 1, 64, false},
                    512,
                    512,
                    8,
                    false,
                    false},
    [SIM_FT232H] = {{"ft232h", "Single RS232-HS", VENDOR_FTDI, 0x6014, 0x0900, 1, 512, true},
                    1024,
                    1024,
                    64,
                    true,
                    true},
    [SIM_FT2232H] =
        {{"ft2232h", "Dual RS232-HS", VENDOR_FTDI, 0x6010, 0x0700, 2, 512, true}, 4096, 4096, 64, true, true},
    [SIM_FT4232H] =
        {{"ft4232h", "Quad RS232-HS", VENDOR_FTDI, 0x6011, 0x0800, 4, 512, true}, 2048, 2048, 64, true, true},
};

int sim_ftdi_model_find(const char *name, enum sim_ftdi_model *out)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        if (strcasecmp(name, models[i].identity.name) == 0) {
            *out = (enum sim_ftdi_model)i;
            return 0;
        }
    }
    return -EINVAL;
}

const struct sim_ftdi_born *sim_ftdi_model_born(enum sim_ftdi_model m)
{
    return &models[m];
}

const struct sim_ftdi_identity *sim_ftdi_model_identity(enum sim_ftdi_model m)
{
    return &models[m].identity;
}

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static int device_descriptor(const struct sim_ftdi_born *m, uint8_t *out)
{
    memset(out, 0, 18);
    out[0] = 18;
    out[1] = 1;
    put16(out + 2, 0x0200);
    out[7] = m->max_packet0;
    put16(out + 8, m->identity.vendor_id);
    put16(out + 10, m->identity.product_id);
    put16(out + 12, m->identity.release);
    out[14] = 1; /* strings: maker, product, serial number */
    out[15] = 2;
    out[16] = 3;
    out[17] = 1; /* configurations */
    return 18;
}

static int qualifier_descriptor(const struct sim_ftdi_born *m, uint8_t *out)
{
    if (!m->identity.high_speed)
        return -1;
    memset(out, 0, 10);
    out[0] = 10;
    out[1] = 6;
    put16(out + 2, 0x0200);
    out[7] = 64;
    out[8] = 1;
    return 10;
}

static uint8_t *endpoint_descriptor(uint8_t *p, uint8_t address, int max_packet)
{
    const uint8_t d[7] = {7, 5, address, 2, (uint8_t)max_packet, (uint8_t)(max_packet >> 8), 0};

    memcpy(p, d, sizeof d);
    return p + sizeof d;
}

static int config_descriptor(const struct sim_ftdi_born *m, uint8_t *out)
{
    uint8_t *p = out + 9;

    for (int i = 0; i < m->identity.interfaces; i++) {
        const uint8_t d[9] = {9, 4, (uint8_t)i, 0, 2, 0xff, 0xff, 0xff, 2};
        memcpy(p, d, sizeof d);
        p = endpoint_descriptor(p + sizeof d, (uint8_t)(0x81 + 2 * i), m->identity.max_packet);
        p = endpoint_descriptor(p, (uint8_t)(0x02 + 2 * i), m->identity.max_packet);
    }
    const uint8_t head[9] = {9, 2, 0, 0, (uint8_t)m->identity.interfaces, 1, 0, 0x80, 45 /* 90 mA */};
    memcpy(out, head, sizeof head);
    put16(out + 2, (uint16_t)(p - out));
    return (int)(p - out);
}

static int string_descriptor(const char *text, uint8_t *out)
{
    size_t n = strlen(text);

    out[0] = (uint8_t)(2 + 2 * n);
    out[1] = 3;
    for (size_t i = 0; i < n; i++)
        put16(out + 2 + 2 * i, (uint8_t)text[i]);
    return out[0];
}

int sim_ftdi_model_descriptor(const struct sim_ftdi_born *m, const char *serial, uint8_t type, uint8_t index,
                              uint8_t out[static SIM_FTDI_DESCRIPTOR_SIZE])
{
    static const uint8_t languages[4] = {4, 3, 0x09, 0x04}; /* English (US) */

    switch (type) {
    case 1:
        return device_descriptor(m, out);
    case 2:
        return config_descriptor(m, out);
    case 6:
        return qualifier_descriptor(m, out);
    case 3:
        if (index == 0) {
            memcpy(out, languages, sizeof languages);
            return sizeof languages;
        }
        if (index > 3)
            return -1;
        return string_descriptor(index == 1 ? "FTDI" : index == 2 ? m->identity.product : serial, out);
    default:
        return -1;
    }
}

/* Strings lie one after another from 0x1a on; three pointer-and-length pairs at 0x0e name them. */
static void eeprom_string(uint8_t *eeprom, int slot, size_t *at, const char *text)
{
    uint8_t d[SIM_FTDI_DESCRIPTOR_SIZE];
    int n = string_descriptor(text, d);

    if (*at + (size_t)n > SIM_FTDI_EEPROM_SIZE - 2)
        return;
    memcpy(eeprom + *at, d, (size_t)n);
    eeprom[0x0e + 2 * slot] = (uint8_t)*at;
    eeprom[0x0f + 2 * slot] = (uint8_t)n;
    *at += (size_t)n;
}

void sim_ftdi_model_eeprom(const struct sim_ftdi_born *m, const char *serial,
                           uint8_t out[static SIM_FTDI_EEPROM_SIZE])
{
    uint8_t *e = out;
    size_t at = 0x1a;
    uint16_t sum = 0xaaaa;

    memset(e, 0, SIM_FTDI_EEPROM_SIZE);
    put16(e + 2, m->identity.vendor_id);
    put16(e + 4, m->identity.product_id);
    put16(e + 6, m->identity.release);
    e[8] = 0x80; /* bus powered */
    e[9] = 45;
    e[0x0a] = 0x08; /* has a serial number */
    eeprom_string(e, 0, &at, "FTDI");
    eeprom_string(e, 1, &at, m->identity.product);
    eeprom_string(e, 2, &at, serial);
    for (size_t i = 0; i + 2 < SIM_FTDI_EEPROM_SIZE; i += 2) {
        sum ^= (uint16_t)(e[i] | e[i + 1] << 8);
        sum = (uint16_t)(sum << 1 | sum >> 15);
    }
    put16(e + SIM_FTDI_EEPROM_SIZE - 2, sum);
}
