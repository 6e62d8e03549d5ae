#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts a run whose output nobody reads, and looks whether it still hears.

reader_stops.py pipe|terminal OUT COMMAND...

Reads until the boards are at work (the word "write"; on a terminal, where words come in pieces, a percentage), then stops reading for good: what the run says from there fills a pipe of
4 KiB, or the terminal. Then does what the lines of its own input say:
  signal NAME    sends it
  resize N       gives the terminal another size N times, at a pace that the screen draws at
  wait           until the run has ended; prints its exit code
  read           reads again, to the end, into OUT
What was read at any time is in OUT.
"""
import fcntl, os, pty, signal, struct, subprocess, sys, termios, time

F_SETPIPE_SZ = 1031
way, out_name, command = sys.argv[1], sys.argv[2], sys.argv[3:]
out = open(out_name, "wb")
if way == "pipe":
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=writer)
    os.close(writer)
else:
    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    child = subprocess.Popen(command, stdin=terminal, stdout=terminal, start_new_session=True)
    os.close(terminal)


def take():
    try:
        data = os.read(reader, 65536)
    except OSError:  # a terminal that is gone
        return False
    out.write(data)
    out.flush()
    return bool(data)


seen = b""
mark = b"write" if way == "pipe" else b"%"
while mark not in seen and take():
    seen = open(out_name, "rb").read()
print("stopped", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "signal":
        child.send_signal(getattr(signal, words[1]))
    elif words[0] == "resize":
        for i in range(int(words[1])):
            fcntl.ioctl(reader, termios.TIOCSWINSZ, struct.pack("HHHH", 50 + i % 2, 160, 0, 0))
            os.kill(child.pid, signal.SIGWINCH)
            time.sleep(0.15)
    elif words[0] == "wait":
        try:
            print("exit", child.wait(timeout=120), flush=True)
        except subprocess.TimeoutExpired:
            print("exit never", flush=True)
            child.kill()
            child.wait()
    elif words[0] == "read":
        while take():
            pass
if child.poll() is None:
    child.kill()
