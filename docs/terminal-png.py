#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what `tmux capture-pane -e -p` printed as a picture: terminal-png.py COLUMNS ROWS OUT.png < capture

Block elements are drawn as rectangles, so that letters made of them have no seams. Needs Pillow and DejaVu Sans Mono.
"""
import re
import sys

from PIL import Image, ImageDraw, ImageFont

FONTS = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono%s.ttf"
SIZE = 18
GROUND, INK = (24, 26, 30), (208, 211, 216)
BASE = [(0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 114, 200), (188, 63, 188), (17, 168, 205),
        (229, 229, 229), (102, 102, 102), (241, 76, 76), (35, 209, 139), (245, 245, 67), (59, 142, 234),
        (214, 112, 214), (41, 184, 219), (255, 255, 255)]


def palette(n):
    if n < 16:
        return BASE[n]
    if n < 232:
        n -= 16
        return tuple(0 if v == 0 else 55 + 40 * v for v in (n // 36, n // 6 % 6, n % 6))
    return (8 + 10 * (n - 232),) * 3


class Pen:
    def __init__(self):
        self.reset()

    def reset(self):
        self.fg, self.bg, self.bold, self.dim, self.reverse = None, None, False, False, False

    def apply(self, codes):
        codes = [int(c or 0) for c in codes]
        while codes:
            c = codes.pop(0)
            if c == 0:
                self.reset()
            elif c in (1, 2, 7):
                setattr(self, {1: "bold", 2: "dim", 7: "reverse"}[c], True)
            elif c == 22:
                self.bold = self.dim = False
            elif c == 27:
                self.reverse = False
            elif c in (38, 48) and codes and codes[0] == 5:
                setattr(self, "fg" if c == 38 else "bg", palette(codes[1]))
                codes = codes[2:]
            elif 30 <= c <= 37 or 90 <= c <= 97:
                self.fg = palette(c - 30 if c < 90 else c - 82)
            elif 40 <= c <= 47 or 100 <= c <= 107:
                self.bg = palette(c - 40 if c < 100 else c - 92)
            elif c == 39:
                self.fg = None
            elif c == 49:
                self.bg = None

    def colours(self):
        fg, bg = self.fg or INK, self.bg or GROUND
        if self.reverse:
            fg, bg = bg, fg
        if self.dim:
            fg = tuple((f + b) // 2 for f, b in zip(fg, bg))
        return fg, bg


def block(ch, x, y, w, h):
    """The part of a cell that a block element covers, or None for ordinary letters."""
    if ch == "█":
        return (x, y, x + w, y + h)
    if ch == "▀":
        return (x, y, x + w, y + h // 2)
    if ch == "▐":
        return (x + w // 2, y, x + w, y + h)
    if "▁" <= ch <= "▇":
        return (x, y + h - h * (ord(ch) - 0x2580) // 8, x + w, y + h)
    if "▉" <= ch <= "▏":
        return (x, y, x + w * (0x2590 - ord(ch)) // 8, y + h)
    return None


def draw_cell(draw, fonts, ch, pen, x, y, w, h):
    fg, bg = pen.colours()
    draw.rectangle((x, y, x + w - 1, y + h - 1), fill=bg)
    part = block(ch, x, y, w, h)
    if part:
        draw.rectangle((part[0], part[1], part[2] - 1, part[3] - 1), fill=fg)
    elif ch in "░▒▓":
        share = {"░": 0.25, "▒": 0.5, "▓": 0.75}[ch]
        mixed = tuple(int(f * share + b * (1 - share)) for f, b in zip(fg, bg))
        draw.rectangle((x, y, x + w - 1, y + h - 1), fill=mixed)
    elif ch != " ":
        draw.text((x, y + 1), ch, font=fonts[pen.bold], fill=fg)


def main():
    columns, rows, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    fonts = {False: ImageFont.truetype(FONTS % "", SIZE), True: ImageFont.truetype(FONTS % "-Bold", SIZE)}
    w, h = round(fonts[False].getlength("M")), SIZE + 4
    image = Image.new("RGB", (columns * w + 2 * w, rows * h + h), GROUND)
    draw, pen = ImageDraw.Draw(image), Pen()
    for row, line in enumerate(sys.stdin.read().split("\n")[:rows]):
        column = 0
        for part in re.split(r"(\x1b\[[0-9;]*m|\x1b\(B|\x0e|\x0f)", line):
            if part.startswith("\x1b["):
                pen.apply(part[2:-1].split(";"))
                continue
            if part[:1] in ("\x1b", "\x0e", "\x0f"):
                continue
            for ch in part:
                draw_cell(draw, fonts, ch, pen, w + column * w, h // 2 + row * h, w, h)
                column += 1
    image.quantize(64).save(out, optimize=True)


main()
