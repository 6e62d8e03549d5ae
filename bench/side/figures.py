# SPDX-License-Identifier: Apache-2.0
"""Medians, spreads and the lines in which they are printed."""
import json
import statistics
import sys

STAGES = ("open", "connect", "identify", "gate", "backup", "stub", "erase", "write", "verify", "finalise", "confirm", "reset",
          "record")


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def spread(values):
    values = [v for v in values if v is not None]
    return max(values) - min(values) if values else None


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def ratio(a, b):
    return a / b if a is not None and b else None


class Table:
    """Rows as they become known: text for people, or JSON lines."""
    COLUMNS = (("case", 24), ("programme", 20), ("runs", 5), ("write", 7), ("floor", 7), ("ratio", 7), ("cycle", 8),
               ("spread", 7), ("floor", 7), ("over", 7), ("x ours", 7), ("CPU s", 7), ("MiB", 6))

    def __init__(self, as_json):
        self.as_json = as_json
        self.stages = []
        self.only_known = False  # of claims, those alone that were measured

    def say(self, event, **values):
        if self.as_json:
            print(json.dumps({"v": 1, "event": event, **{k: round(v, 6) if isinstance(v, float) else v
                                                        for k, v in values.items()}}), flush=True)

    def text(self, line=""):
        if not self.as_json:
            print(line, flush=True)

    def head(self):
        self.text("seconds; floor beside write: of what that stage writes; beside cycle: of the whole image and its digest")
        self.text("".join(f"{name:<{width}}" if i < 2 else f"{name:>{width}}" for i, (name, width) in enumerate(self.COLUMNS)))

    def row(self, case, programme, samples, floors, ours=None):
        cycles = [s.cycle for s in samples]
        writes = [w for s in samples for w in (s.writes or [s.write])]
        write, cycle = median(writes), median(cycles)
        over = cycle - floors["total"]
        cpu, rss = median([s.cpu for s in samples]), max(s.rss for s in samples)
        values = {"write_s": write, "write_floor_s": floors["write"], "write_ratio": ratio(write, floors["write"]),
                  "cycle_s": cycle, "cycle_spread_s": spread(cycles), "floor_s": floors["total"], "overhead_s": over,
                  "cycle_ratio": ratio(cycle, ours), "cpu_s": cpu, "rss_mib": rss}
        cells = [number(v, 3 if k.endswith("ratio") else 1 if k == "rss_mib" else 2) for k, v in values.items()]
        self.text(f"{case.name:<24}{programme:<20}{len(samples):>5}" +
                  "".join(f"{c:>{w}}" for c, (_, w) in zip(cells, self.COLUMNS[3:])))
        stages = {k: median([s.stages.get(k, 0.0) for s in samples]) for k in STAGES} if samples[0].stages else {}
        if stages:
            self.stages.append((case.name, stages))
        self.say("row", case=case.name, programme=programme, baud=case.baud, loader=case.loader, state=case.state,
                 slots=case.slots, runs=len(samples), wall_s=median([s.wall for s in samples]),
                 floor_causes_s=floors["causes"], stages_s={k: round(v, 4) for k, v in stages.items()}, **values)
        return {"write": write, "cycle": cycle, "over": over, "cpu": cpu, "rss": rss, "ratio": values["write_ratio"],
                "wall": median([s.wall for s in samples])}

    def tell_stages(self):
        if not self.stages or self.as_json:
            return
        self.text("\nthe station's stages, ms (medians)")
        self.text(f"{'case':<24}" + "".join(f"{s:>9}" for s in STAGES))
        for name, stages in self.stages:
            self.text(f"{name:<24}" + "".join(f"{stages[s] * 1e3:>9.1f}" for s in STAGES))

    def claim(self, what, value, bound, digits=3):
        """A figure that something is promised of; no value: it was not measured."""
        if value is None and self.only_known:
            return
        if value is None:
            self.text(f"{what}: not measured")
        else:
            self.text(f"{what}: {value:.{digits}f}" + (f", {'within' if value <= bound else 'ABOVE'} {bound}" if bound else ""))
        self.say("claim", what=what, value=value, bound=bound,
                 holds=None if value is None or bound is None else value <= bound)

    def missing(self, what, why):
        self.text(f"not measured: {what}: {why}")
        self.say("missing", what=what, why=why)

    def trouble(self, case, programme, why):
        print(f"bench: {case.name}: {programme}: {why}", file=sys.stderr)
        self.say("trouble", case=case.name, programme=programme, why=str(why))
