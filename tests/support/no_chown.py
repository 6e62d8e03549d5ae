# SPDX-License-Identifier: Apache-2.0
"""no_chown.py COMMAND...: COMMAND as the sandbox of flashline.service lets it: whoever changes an owner or a group gets EPERM."""
import ctypes
import os
import platform
import struct
import sys

CALLS = {"x86_64": (92, 93, 94, 260), "aarch64": (54, 55)}  # chown, fchown, lchown, fchownat; fchownat, fchown
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # of classic BPF
ALLOW, EPERM = 0x7FFF0000, 0x00050001
NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2

calls = CALLS.get(platform.machine())
if calls is None:
    sys.exit(77)
steps = [(LOAD, 0, 0, 0)]
steps += [(EQUAL, len(calls) - i, 0, call) for i, call in enumerate(calls)]
steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, EPERM)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(SECCOMP, FILTER, ctypes.addressof(program), 0, 0) != 0:
    sys.exit(77)
os.execvp(sys.argv[1], sys.argv[1:])
