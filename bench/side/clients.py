# SPDX-License-Identifier: Apache-2.0
"""Programmes that flash boards on terminals: the station, and other people's. Each run gives a Sample, or says what went wrong."""
import base64
import hashlib
import importlib.util
import itertools
import json
import os
import re
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field

STUBS = {  # SHA-256 of the text of an ESP32's stub: its release, and the floor's name for it
    "b2dff40d626d2e83234ba17f79ab968cf5505cf989d15f9954ed477777eeddad": ("v1", "v1"),
    "59c217e201a5910c15a0f202f2852c8ea44b7406bbf227e2cd6e88fd6a2a75af": ("v2 1.0.0", "v2-1.0"),
    "fc5fb606754d152b9b9e4f20c72fdad83d1d99b1b139744bc53cc160b1edd570": ("v2 1.2.2", "v2"),
}

class Failed(Exception):
    """What a client said when it did not flash its board."""


@dataclass
class Sample:
    cycle: float          # seconds: the station's from plug to green, a foreign programme's without its own start
    wall: float           # its process, from start to end
    cpu: float            # user and system, of the process
    rss: float            # MiB
    write: float = None   # the write stage, where the programme tells it
    stages: dict = field(default_factory=dict)
    cycles: list = field(default_factory=list)  # of each board of a run
    writes: list = field(default_factory=list)


class Memory(threading.Thread):
    """The most that a process ever held, asked of the kernel while it lives: wait4() would tell of the parent it was forked of too."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.status, self.mib, self.over = f"/proc/{pid}/status", 0.0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.02):
            try:
                with open(self.status) as f:
                    found = re.search(r"VmHWM:\s+(\d+)", f.read())
            except OSError:
                return
            if found:
                self.mib = int(found.group(1)) / 1024

    def end(self):
        self.over.set()
        self.join()
        return self.mib


def run(command, env=None):
    """(output, wall seconds, CPU seconds, MiB); raises Failed."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                               env={**os.environ, **(env or {})})
    memory = Memory(process.pid)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    held = memory.end()
    text = output.decode(errors="replace")
    if process.returncode != 0:
        raise Failed(f"{' '.join(command[:3])} ..: exit {process.returncode}: {' / '.join(text.split(chr(10))[-4:])[-400:]}")
    return text, wall, usage.ru_utime + usage.ru_stime, held


def stub_release(path):
    """(release, the floor's name) of a stub's file; None: it is none that is known."""
    try:
        with open(path) as f:
            text = base64.b64decode(json.load(f)["text"])
    except (OSError, ValueError, KeyError):
        return None
    return STUBS.get(hashlib.sha256(text).hexdigest())


class Station:
    name, version = "flashline", ""

    def __init__(self, programme, folder):
        self.programme, self.folder = programme, folder
        self.runs = itertools.count()

    def installed_stub(self):
        for line in subprocess.run([self.programme, "stub", "--json"], capture_output=True, text=True).stdout.splitlines():
            row = json.loads(line)
            if row.get("chip") == "esp32" and row.get("found"):
                return row["path"]
        return None

    def job(self, case, image, offset):
        path = os.path.join(self.folder, f"{case.name}.yaml")
        with open(path, "w") as f:
            f.write(f"board: esp32\nchip: esp32\nfirmware:\n  merged:\n    offset: 0x{offset:x}\n    file: {image}\n"
                    f"baud: {case.baud}\nreset: classic\nretries: 0\n")
        return path

    def flash(self, case, boards, image, offset):
        command = [self.programme, "run", "--job", self.job(case, image, offset), "--once", "--json", "--training",
                   "--stub", case.stub or "no", "--db", os.path.join(self.folder, f"{next(self.runs)}.db"),
                   "--slots", ",".join("tty:" + p for p in boards.ports)]
        text, wall, cpu, rss = run(command, boards.environment)
        return self.read(text, wall, cpu, rss, case)

    @staticmethod
    def read(text, wall, cpu, rss, case):
        """From the lines of --json: when each slot reached which stage, and its end."""
        since, spent, ends = {}, {}, {}
        for line in text.splitlines():
            event = json.loads(line) if line.startswith("{") else {}
            slot, kind = event.get("slot"), event.get("event")
            if kind == "result" and event["result"] != "PASS":
                raise Failed(f"slot {slot}: {event['result']} {event.get('code')}: {event.get('detail')}")
            if kind == "result" and event.get("baud", case.baud) != case.baud:
                raise Failed(f"slot {slot} worked at {event['baud']} baud, not at {case.baud}")
            if kind not in ("stage", "result"):
                continue
            if slot in since:
                stage, at = since.pop(slot)
                spent.setdefault(stage, {}).setdefault(slot, 0)
                spent[stage][slot] += (event["t_ms"] - at) / 1e3
            if kind == "stage":
                since[slot] = (event["stage"], event["t_ms"])
            else:
                ends[slot] = event["t_ms"] / 1e3
        if len(ends) != case.slots:
            raise Failed(f"{len(ends)} of {case.slots} boards came to an end")
        stages = {stage: statistics.median(s.values()) for stage, s in spent.items()}
        cycles, writes = list(ends.values()), list(spent.get("write", {}).values())
        return Sample(cycle=max(cycles), wall=wall, cpu=cpu, rss=rss, write=statistics.median(writes) if writes else 0.0,
                      stages=stages, cycles=cycles, writes=writes)


class Esptool:
    name = "esptool"

    def __init__(self, path):
        self.command = ["python3", path] if path and path.endswith(".py") else [path] if path else ["python3", "-m", "esptool"]
        text, *_ = run(self.command + ["version"])
        self.version = re.findall(r"\d+\.\d+[\w.]*", text)[-1]
        self.major = int(self.version.split(".")[0])
        self.start = statistics.median(run(self.command + ["version"])[1] for _ in range(3))
        home = os.path.dirname(os.path.realpath(path)) if path else None
        spec = importlib.util.find_spec("esptool") if not path else None
        package = os.path.dirname(spec.origin) if spec else os.path.join(home, "esptool") if home else ""
        self.stubs = os.environ.get("ESPTOOL_STUBS", os.path.join(package, "targets", "stub_flasher"))

    def stub(self, version):
        """The file it uploads for version 1 or 2; None: not known."""
        path = os.path.join(self.stubs, str(version), "esp32.json")
        return path if os.path.exists(path) else None

    def arguments(self, case, port, image, offset):
        verb = "write-flash" if self.major >= 5 else "write_flash"
        out = self.command + ["--chip", "esp32", "--port", port, "--baud", str(case.baud)]
        out += [] if case.stub else ["--no-stub"]
        return out + [verb, hex(offset), image]

    @staticmethod
    def environment(case, boards):
        return {**boards.environment, "ESPTOOL_STUB_VERSION": "1" if case.loader == "v1" else "2"}

    def flash(self, case, boards, image, offset):
        text, wall, cpu, rss = run(self.arguments(case, boards.ports[0], image, offset), self.environment(case, boards))
        if "Hash of data verified" not in text:
            raise Failed("esptool did not verify what it wrote: " + text[-200:])
        wrote = re.search(r"\bin ([\d.]+) seconds", text)
        return Sample(cycle=wall - self.start, wall=wall, cpu=cpu, rss=rss, write=float(wrote.group(1)) if wrote else None)

    def flash_many(self, case, boards, image, offset):
        """One process a board, all at once: (wall, CPU seconds of all, how many did not get there)."""
        began = time.monotonic()
        processes = [subprocess.Popen(self.arguments(case, p, image, offset), stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                      env={**os.environ, **self.environment(case, boards)}) for p in boards.ports]
        cpu = failed = 0
        for p in processes:
            _, status, usage = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
            failed += p.returncode != 0
            cpu += usage.ru_utime + usage.ru_stime
        return time.monotonic() - began, cpu, failed


class EsptoolJs:
    name = "esptool-js"
    has_lines = False  # Node has no way to set them

    def __init__(self, module, script):
        self.module, self.script = os.path.realpath(module), script
        with open(os.path.join(self.module, "package.json")) as f:
            self.version = json.load(f)["version"]
        self.start = statistics.median(run(["node", "-e", "0"])[1] for _ in range(3))

    def flash(self, case, boards, image, offset):
        text, wall, cpu, rss = run(["node", self.script, self.module, boards.ports[0], str(case.baud), f"{image}@{offset}"])
        return Sample(cycle=wall - self.start, wall=wall, cpu=cpu, rss=rss, write=json.loads(text.splitlines()[-1])["write_s"])


class EspFlasher:
    """A programme built of esp-serial-flasher, given as a command with {port} {baud} {offset} {image} in it."""
    name = "esp-serial-flasher"

    def __init__(self, command):
        self.command = command.split()
        self.start = 0.0
        self.version = ""

    def flash(self, case, boards, image, offset):
        values = {"port": boards.ports[0], "baud": case.baud, "offset": hex(offset), "image": image}
        _, wall, cpu, rss = run([word.format(**values) for word in self.command], boards.environment)
        return Sample(cycle=wall, wall=wall, cpu=cpu, rss=rss)
