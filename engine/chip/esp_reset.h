/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_reset - what the two modem lines do to a chip, as data: "D0|R1|W0.1|D1|R0|W0.05|D0".
 *
 * D0/D1 sets DTR (asserted pulls GPIO0 low), R0/R1 sets RTS (asserted pulls EN low), U1,0 sets DTR and RTS in one
 * request, W0.05 waits that many seconds; steps are joined by '|'. On boards with the usual two transistors both lines
 * asserted at once pull neither pin. Sequences: Espressif's documentation of boot mode selection.
 */
#ifndef ENGINE_CHIP_ESP_RESET_H
#define ENGINE_CHIP_ESP_RESET_H

#include "engine/port/transport.h"
#include "profiles/job/job.h"

#define RESET_STEPS_MAX 32

struct reset_step {
    enum { RESET_STEP_DTR, RESET_STEP_RTS, RESET_STEP_BOTH, RESET_STEP_WAIT } kind;
    bool dtr, rts;
    int64_t wait_us;
};

struct reset_sequence {
    struct reset_step steps[RESET_STEPS_MAX];
    int count;
};

/* 0, or -EINVAL with the position of the first character not understood in *at. Waits longer than 10 s are refused. */
int reset_parse(const char *text, struct reset_sequence *out, size_t *at);
/*
 * The text for the `round`-th try to reach the bootloader (0..): tight and classic, each with a short and a long hold
 * of GPIO0 in turn, so that boards with a large capacitor at EN come in too. RESET_NONE: NULL. `custom` as in the job.
 */
const char *reset_text(enum reset_method method, const char *custom, int round);
/* Runs the steps. 0 or a negative errno; -ENOTSUP: the port has no lines. */
int reset_run(struct transport *t, struct clock *clock, const struct waker *cancel,
              const struct reset_sequence *s);

/* Presses reset and lets the chip run its program. */
int reset_to_program(struct transport *t, struct clock *clock, const struct waker *cancel);
/* Holds EN low: the chip does nothing until someone resets it. Works after a cancel. */
int reset_hold(struct transport *t);

#endif /* ENGINE_CHIP_ESP_RESET_H */
