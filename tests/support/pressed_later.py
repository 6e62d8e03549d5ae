#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A board whose reset is in the operator's hands: pressed_later.py LINK BOARD FIFO.

LINK becomes a pseudo terminal on which nothing answers, as of a board that runs its program, until a line is written to
FIFO: from then on it is BOARD, another terminal, which waits in its bootloader.
"""
import fcntl
import os
import select
import sys
import tty

TCGETS2, TCSETS2, TERMIOS2_SIZE = 0x802C542A, 0x402C542B, 44  # rates of any number: asm-generic/ioctls.h

link, board, fifo = sys.argv[1:4]
master, slave = os.openpty()
tty.setraw(slave)
os.symlink(os.ttyname(slave), link)
pressed = os.open(fifo, os.O_RDWR)  # for writing too: no end of file before the first writer
there = None
print("there", flush=True)
while True:
    ready, _, _ = select.select([master, there if there is not None else pressed], [], [])
    if pressed in ready:
        os.read(pressed, 100)
        there = os.open(board, os.O_RDWR | os.O_NOCTTY)
    if master in ready:
        asked = os.read(master, 65536)
        if there is not None:
            # The rate too: whoever asks has the answer to the last question before it changes.
            fcntl.ioctl(there, TCSETS2, fcntl.ioctl(master, TCGETS2, bytes(TERMIOS2_SIZE)))
            while asked:
                asked = asked[os.write(there, asked):]
    if there in ready:
        answer = os.read(there, 65536)
        while answer:
            answer = answer[os.write(master, answer):]
