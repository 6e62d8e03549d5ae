/* SPDX-License-Identifier: Apache-2.0 */
#include "station/screen/theme.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

/*
 * Symbols after the state set that survives two metres and colour blindness: busy is an arrow, failed a cross; they
 * share no shape, no fill, no motion.
 */
static const struct theme_symbols utf8_symbols = {
    .face = {"·", "○", "▶", "◆", "✔", "✔", "✖", "!", "?", "▲", "–"},
    .edge = {" ", " ", "│", "│", " ", "▒", "╳", "!", "?", "▲", " "},
    .bar_full = "█",
    .bar_rest = "░",
    .bar_part = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"},
    .spark = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
    .line = "─",
    .dot = "·",
    .select = "▐",
    .ellipsis = "…",
    .pixel = {" ", "▀", "▄", "█"},
};

static const struct theme_symbols console_symbols = {
    .face = {"·", "o", "►", "♦", "√", "√", "×", "!", "?", "▲", "-"},
    .edge = {" ", " ", "│", "│", " ", "▒", "×", "!", "?", "▲", " "},
    .bar_full = "█",
    .bar_rest = "░",
    .bar_part = {"", "", "", "", "", "", "", ""},
    .spark = {"_", "_", "▄", "▄", "▄", "▄", "█", "█"},
    .line = "─",
    .dot = "·",
    .select = "▐",
    .ellipsis = ".",
    .pixel = {" ", "▀", "▄", "█"},
};

static const struct theme_symbols ascii_symbols = {
    .face = {".", "o", ">", "+", "*", "*", "X", "!", "?", "^", "-"},
    .edge = {" ", " ", "|", "|", " ", "~", "X", "!", "?", "^", " "},
    .bar_full = "#",
    .bar_rest = ".",
    .bar_part = {"", "", "", "", "", "", "", ""},
    .spark = {"_", "_", ".", ".", "-", "-", "=", "#"},
    .line = "-",
    .dot = "-",
    .select = ">",
    .ellipsis = ".",
    .pixel = {" ", "", "", "#"},
};

struct style {
    short fg8, bg8; /* -1: the terminal's own */
    short fg256, bg256;
    attr_t attr; /* with colours */
    attr_t mono; /* without */
};

/*
 * Completed tiles are solid, running and idle ones the terminal's own grey; blue means "do something", as IEC 60204-1
 * has it. What has no ground of its own is readable on black and on white: middle tones, or the terminal's own colour.
 */
static const struct style styles[ROLE_COUNT] = {
    [ROLE_TEXT] = {-1, -1, -1, -1, A_NORMAL, A_NORMAL},
    [ROLE_DIM] = {-1, -1, 244, -1, A_NORMAL, A_DIM},
    [ROLE_STRONG] = {-1, -1, -1, -1, A_BOLD, A_BOLD},
    [ROLE_HEADER] = {COLOR_WHITE, COLOR_BLUE, 255, 236, A_BOLD, A_BOLD},
    [ROLE_HEADER_DIM] = {COLOR_WHITE, COLOR_BLUE, 250, 236, A_NORMAL, A_NORMAL},
    [ROLE_KEYS] = {COLOR_BLACK, COLOR_CYAN, 250, 236, A_NORMAL, A_NORMAL},
    [ROLE_KEY] = {COLOR_BLACK, COLOR_WHITE, 16, 250, A_NORMAL, A_REVERSE},
    [ROLE_ALERT] = {COLOR_YELLOW, -1, 172, -1, A_BOLD, A_BOLD},
    [ROLE_BAR] = {-1, -1, -1, -1, A_NORMAL, A_NORMAL},
    [ROLE_BAR_REST] = {-1, -1, 240, -1, A_NORMAL, A_DIM},
    [ROLE_SELECTED] = {COLOR_YELLOW, -1, 178, -1, A_BOLD, A_BOLD},
    [ROLE_ROW] = {COLOR_BLACK, COLOR_WHITE, 16, 250, A_NORMAL, A_REVERSE},
    [ROLE_DIALOG] = {COLOR_BLACK, COLOR_WHITE, 255, 238, A_NORMAL, A_NORMAL},
    [ROLE_FACE + FACE_EMPTY] = {-1, -1, 240, -1, A_NORMAL, A_DIM},
    [ROLE_FACE + FACE_READY] = {-1, -1, 246, -1, A_NORMAL, A_NORMAL},
    [ROLE_FACE + FACE_BUSY] = {-1, -1, -1, -1, A_NORMAL, A_NORMAL},
    [ROLE_FACE + FACE_SAVING] = {-1, -1, -1, -1, A_BOLD, A_BOLD},
    [ROLE_FACE + FACE_PASS] = {COLOR_BLACK, COLOR_GREEN, 16, 40, A_NORMAL, A_REVERSE},
    [ROLE_FACE + FACE_PASS_RETRY] = {COLOR_BLACK, COLOR_GREEN, 16, 114, A_NORMAL, A_REVERSE},
    [ROLE_FACE + FACE_FAIL] = {COLOR_WHITE, COLOR_RED, 231, 160, A_BOLD, A_REVERSE | A_BOLD},
    [ROLE_FACE + FACE_HOLD] = {COLOR_WHITE, COLOR_MAGENTA, 231, 127, A_BOLD, A_REVERSE | A_BOLD},
    [ROLE_FACE + FACE_ERROR] = {COLOR_BLACK, COLOR_YELLOW, 16, 214, A_NORMAL, A_REVERSE},
    [ROLE_FACE + FACE_ACT] = {COLOR_WHITE, COLOR_BLUE, 231, 27, A_BOLD, A_REVERSE | A_BOLD},
    [ROLE_FACE + FACE_OFF] = {-1, -1, 240, -1, A_NORMAL, A_DIM},
    [ROLE_WORD + FACE_EMPTY] = {-1, -1, 244, -1, A_NORMAL, A_DIM},
    [ROLE_WORD + FACE_READY] = {-1, -1, 244, -1, A_NORMAL, A_NORMAL},
    [ROLE_WORD + FACE_BUSY] = {-1, -1, -1, -1, A_NORMAL, A_NORMAL},
    [ROLE_WORD + FACE_SAVING] = {-1, -1, -1, -1, A_BOLD, A_BOLD},
    [ROLE_WORD + FACE_PASS] = {COLOR_GREEN, -1, 34, -1, A_NORMAL, A_NORMAL},
    [ROLE_WORD + FACE_PASS_RETRY] = {COLOR_GREEN, -1, 71, -1, A_NORMAL, A_NORMAL},
    [ROLE_WORD + FACE_FAIL] = {COLOR_RED, -1, 203, -1, A_BOLD, A_BOLD},
    [ROLE_WORD + FACE_HOLD] = {COLOR_MAGENTA, -1, 170, -1, A_BOLD, A_BOLD},
    [ROLE_WORD + FACE_ERROR] = {COLOR_YELLOW, -1, 172, -1, A_BOLD, A_BOLD},
    [ROLE_WORD + FACE_ACT] = {COLOR_CYAN, -1, 33, -1, A_BOLD, A_BOLD},
    [ROLE_WORD + FACE_OFF] = {-1, -1, 240, -1, A_NORMAL, A_DIM},
};

static enum charset pick_charset(bool ascii)
{
    const char *term = getenv("TERM");

    if (ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return CHARSET_ASCII;
    return term && strncmp(term, "linux", 5) == 0 ? CHARSET_CONSOLE : CHARSET_UTF8;
}

static int pick_colours(bool mono)
{
    const char *no_color = getenv("NO_COLOR");

    if (mono || (no_color && *no_color) || !has_colors())
        return 0;
    start_color();
    if (use_default_colors() == ERR)
        assume_default_colors(COLOR_WHITE, COLOR_BLACK);
    if (COLORS >= 256 && COLOR_PAIRS > ROLE_COUNT)
        return 256;
    return COLORS >= 8 && COLOR_PAIRS > ROLE_COUNT ? 8 : 0;
}

void theme_init(struct theme *t, bool mono, bool ascii)
{
    static const struct theme_symbols *const symbols[] = {
        [CHARSET_ASCII] = &ascii_symbols,
        [CHARSET_CONSOLE] = &console_symbols,
        [CHARSET_UTF8] = &utf8_symbols,
    };

    *t = (struct theme){.charset = pick_charset(ascii), .colours = pick_colours(mono)};
    t->symbols = symbols[t->charset];
    for (int r = 0; r < ROLE_COUNT; r++) {
        const struct style *s = &styles[r];

        if (t->colours == 0) {
            t->attr[r] = s->mono;
            continue;
        }
        short fg = (short)(t->colours == 256 ? s->fg256 : s->fg8);
        short bg = (short)(t->colours == 256 ? s->bg256 : s->bg8);

        t->attr[r] = s->attr;
        /* The terminal's own colours are pair 0: another pair for them would be set and reset at every gap. */
        if (fg >= 0 || bg >= 0)
            init_pair(t->pair[r] = (short)(r + 1), fg, bg);
    }
    /* Eight colours have no grey: dim does it there. */
    if (t->colours == 8)
        t->attr[ROLE_DIM] |= A_DIM;
    /* Motion belongs to ACT alone, until it is done. */
    t->attr[ROLE_FACE + FACE_ACT] |= A_BLINK;
}
