# SPDX-License-Identifier: Apache-2.0
"""Virtual boards in a process of their own, on pseudo terminals."""
import os
import select
import subprocess


class Boards:
    """`with Boards(...) as b`: b.ports are the terminals; each board's flash begins as the file `flash`."""

    def __init__(self, programme, count, flash, folder):
        self.command = [programme, "--pty", "--boards", str(count), "--revision", "3", "--flash-size", "4",
                        "--flash", flash]
        self.count = count
        self.log = os.path.join(folder, "boards.err")

    def __enter__(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.ports = []
        while len(self.ports) < self.count:
            line = self.process.stdout.readline() if select.select([self.process.stdout], [], [], 60)[0] else ""
            if not line:
                self.__exit__()
                raise SystemExit("bench: no boards: " + open(self.log).read().strip())
            self.ports.append(line.strip())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
