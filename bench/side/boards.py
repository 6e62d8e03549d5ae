# SPDX-License-Identifier: Apache-2.0
"""Virtual boards in a process of their own, on pseudo terminals."""
import os
import select
import subprocess

PATIENCE_S = 60


class Boards:
    """
    `with Boards(...) as b`: b.ports are the terminals; each board's flash begins as the file `flash`. What is in b.environment
    makes a client's modem lines reach them; without lines the boards stand in their bootloader.
    """

    def __init__(self, programme, count, flash, folder, lines):
        self.command = [programme, "--pty", "--boards", str(count), "--revision", "3", "--flash-size", "4",
                        "--flash", flash]
        self.environment = {}
        if lines:
            socket = os.path.join(folder, f"lines-{id(self)}")
            self.command += ["--lines", socket]
            self.environment = {"LD_PRELOAD": os.path.join(os.path.dirname(programme), "lines_preload.so"),
                                "FLASHLINE_SIM_LINES": socket}
        self.count = count
        self.log = os.path.join(folder, f"boards-{id(self)}.err")

    def __enter__(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log)
        said = b""
        while said.count(b"\n") < self.count:
            ready = select.select([self.process.stdout], [], [], PATIENCE_S)[0]
            more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not more:
                self.__exit__()
                with open(self.log) as log:
                    raise SystemExit("bench: no boards: " + (log.read().strip() or f"nothing was said for {PATIENCE_S} s"))
            said += more
        self.ports = said.decode().split()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
