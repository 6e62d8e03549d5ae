/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_telnet - the server's side of RFC 2217 (Telnet COM port control) as a parser: bytes in, calls and answers out.
 *
 * No I/O and no allocation, so it can be fuzzed. Every input is legal; what is not understood is answered as the RFC
 * says or skipped. Long subnegotiations are cut off.
 */
#ifndef SIM_SERVE_RFC2217_SIM_TELNET_H
#define SIM_SERVE_RFC2217_SIM_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_TELNET_SUB 32 /* bytes of a subnegotiation that are kept; the longest known one has 5 */

enum sim_telnet_state { TELNET_DATA, TELNET_IAC, TELNET_OPTION, TELNET_SUB, TELNET_SUB_IAC };

struct sim_telnet {
    enum sim_telnet_state state;
    uint8_t verb; /* WILL, WONT, DO, DONT whose option is awaited */
    uint8_t sub[SIM_TELNET_SUB];
    size_t sub_len;
    uint8_t ours, theirs; /* options agreed: one bit each, see sim_telnet.c */
    uint32_t baud;
    bool dtr, rts;
};

/* What the parser calls; any may be called many times for one input. `answer` gets bytes for the client, as they are. */
struct sim_telnet_calls {
    void *ctx;
    void (*data)(void *ctx, const uint8_t *bytes, size_t len); /* for the board */
    void (*baud)(void *ctx, uint32_t baud);
    void (*lines)(void *ctx, bool dtr, bool rts); /* true = asserted */
    void (*purge)(void *ctx, bool from_board, bool to_board);
    void (*answer)(void *ctx, const uint8_t *bytes, size_t len);
};

void sim_telnet_init(struct sim_telnet *t);
void sim_telnet_feed(struct sim_telnet *t, const uint8_t *bytes, size_t len,
                     const struct sim_telnet_calls *calls);
/* Doubles FF. `out` holds 2 * len. Returns the length. */
size_t sim_telnet_escape(const uint8_t *bytes, size_t len, uint8_t *out);

#endif /* SIM_SERVE_RFC2217_SIM_TELNET_H */
