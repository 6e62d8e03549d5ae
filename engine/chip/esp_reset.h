/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_reset - what the two modem lines do to a chip, as data: "D0|R1|W0.1|D1|R0|W0.05|D0".
 *
 * D0/D1 sets DTR (asserted pulls GPIO0 low), R0/R1 sets RTS (asserted pulls EN low), U1,0 sets DTR and RTS in one
 * request, W0.05 waits that many seconds, H0.05 waits until the chip has begun to print its boot text, at most that long: by
 * then its pins were read. Steps are joined by '|'. On boards with the usual two transistors both lines asserted at once pull
 * neither pin. Sequences: Espressif's documentation of boot mode selection.
 */
#ifndef ENGINE_CHIP_ESP_RESET_H
#define ENGINE_CHIP_ESP_RESET_H

#include "profiles/job/job.h"

struct clock;
struct esp_loader;
struct transport;
struct waker;

#define RESET_STEPS_MAX 32
/*
 * How long EN is pulled low. Its capacitor is 1 to 10 uF; 10 uF fall below the chip's threshold (a quarter of the supply) in
 * 1 ms through the usual transistor, in 7 ms through a pin that sinks 4 mA. The patient one is that of Espressif's client.
 */
#define RESET_EN_LOW_US     20000
#define RESET_EN_PATIENT_US 100000

struct reset_step {
    enum { RESET_STEP_DTR, RESET_STEP_RTS, RESET_STEP_BOTH, RESET_STEP_WAIT, RESET_STEP_HEAR } kind;
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
 * of EN and GPIO0 in turn, so that boards with a large capacitor at EN come in too. RESET_NONE: NULL. `custom` as in the job.
 */
const char *reset_text(enum reset_method method, const char *custom, int round);
/* How long such a round holds EN low, for a reset that shall end in the program. A custom one says it itself: patient. */
int64_t reset_en_low_us(enum reset_method method, int round);
/* Runs the steps; what is heard goes into the loader's boot log. 0 or a negative errno; -ENOTSUP: the port has no lines. */
int reset_run(struct esp_loader *l, const struct waker *cancel, const struct reset_sequence *s);

/* Presses reset for so long and lets the chip run its program. */
int reset_to_program(struct transport *t, struct clock *clock, const struct waker *cancel, int64_t low_us);
/* Holds EN low: the chip does nothing until someone resets it. Works after a cancel. */
int reset_hold(struct transport *t);

#endif /* ENGINE_CHIP_ESP_RESET_H */
