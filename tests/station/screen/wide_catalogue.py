#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a catalogue of no language out of po/flashline.pot: letters two columns wide, some with a mark of none.

  wide_catalogue.py po/flashline.pot >wide.po

Each ASCII letter becomes its fullwidth form, each e with a combining acute. What is still an ASCII letter on a screen in
this catalogue is no text of the catalogue's; what stands out of its place there was measured in bytes or letters.
"""
import re
import subprocess
import sys

CONVERSION = re.compile(r'(%[-+ 0#]*[0-9.*]*[lhz]*[a-z%]|\\.)')


def wide(text):
    if text in ("y", ""):  # a key: one ASCII letter
        return text
    if text == ".":
        return "．"
    parts = CONVERSION.split(text)
    for i in range(0, len(parts), 2):
        parts[i] = "".join(
            chr(ord(c) + 0xFEE0) + ("\u0301" if c == "e" else "") if c.isascii() and c.isalpha() else c for c in parts[i])
    return "".join(parts)


print('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=n!=1;\\n"\n')
for line in subprocess.run(["msgen", "--no-wrap", sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines():
    translated = re.fullmatch(r'(msgstr(?:\[\d\])? )"(.*)"', line)
    if line.startswith('"'):
        continue  # of a header
    print(f'{translated[1]}"{wide(translated[2])}"' if translated else line)
