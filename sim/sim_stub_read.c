/* SPDX-License-Identifier: Apache-2.0 */
/*
 * READ_FLASH: bare frames of data, each acknowledged by a bare frame that carries the sum of bytes received, then a
 * bare frame with the MD5. Both versions keep one packet under way, whatever was asked for.
 */
#include <string.h>

#include "sim/sim_physics.h"
#include "sim/sim_stub_core.h"

#define PACKET_MAX 0x1000u

static void send_packets(struct sim_board *b)
{
    struct stub_read *r = &b->stub->read;

    if (r->sent < r->len && r->packets_sent == r->packets_acked) {
        uint32_t n = r->len - r->sent < r->packet ? r->len - r->sent : r->packet;
        b->cpu_us += (int64_t)n * SIM_READ_NS / 1000;
        uint8_t packet[PACKET_MAX];
        memcpy(packet, b->flash.bytes + r->from + r->sent, n);
        sim_mishap_read(b, packet, n);
        sim_say_frame(b, packet, n, b->cpu_us);
        b->cpu_us = b->out.free_us > b->cpu_us ? b->out.free_us : b->cpu_us; /* it sends by hand */
        r->sent += n;
        r->packets_sent++;
    }
    if (r->sent < r->len || r->acked < r->len)
        return;
    uint8_t md5[MD5_SIZE];
    digest_md5(b->flash.bytes + r->from, r->len, md5);
    sim_say_frame(b, md5, sizeof md5, b->cpu_us);
    r->active = false;
}

void stub_read_start(struct sim_board *b, const struct stub_command *c)
{
    struct stub_read *r = &b->stub->read;

    *r = (struct stub_read){.active = true,
                            .from = sim_word(c->body),
                            .len = sim_word(c->body + 4),
                            .packet = sim_word(c->body + 8)};
    if (r->packet == 0 || r->packet > PACKET_MAX || !sim_flash_covers(&b->flash, r->from, r->len)) {
        r->active = false;
        b->stub->flash.error = r->packet == 0 || r->packet > PACKET_MAX ? STUB_BAD_LEN : STUB_BAD_SPI;
        return;
    }
    send_packets(b);
}

void stub_read_ack(struct sim_board *b, const uint8_t *frame, size_t len)
{
    struct stub_read *r = &b->stub->read;

    if (len != 4) { /* the host wants out: the digest of what was read, and back to commands */
        r->len = r->acked = r->sent;
    } else {
        r->acked = sim_word(frame);
        r->packets_acked++;
    }
    send_packets(b);
}
